"""Whatever happens in a room, a reader who is told of it by the rules has the truth after each telling."""

from math import inf
from random import Random

import pytest

from proves import proves
from udpchat_core.effects import OpenRoom, RoomOpened, Ticket
from udpchat_core.events import MemberChanged
from udpchat_core.inbox import Taken
from udpchat_core.membership import Membership
from udpchat_core.room import Room
from udpchat_protocol.codes import Code, Presence
from udpchat_protocol.constants import LARGE_ROOM, SMALL_ROOM, SPEAKER_LIFE
from udpchat_protocol.entries import Joined, Roster, parse_body_untrusted
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Entry, split_untrusted

PEOPLE = [n.to_bytes(8, "big") for n in range(1, LARGE_ROOM + 80)]


class Watched:
    """A room, a reader of it, and who is in it as somebody knows who saw all of it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.alarms: dict[int, float] = {}
        opened = RoomOpened(OpenRoom(Ticket(1, 0), "lobby"), 9, 0, 0, bytes(8))
        self.room = Room(opened, 1, 2, 5, lambda _: None, self._alarm)
        self.devices: dict[bytes, dict[int, bool]] = {}
        self.nicks: dict[bytes, str] = {}
        self.spoken: dict[bytes, float] = {}
        self.reader = Membership(
            Joined(
                room="lobby",
                resume=0,
                chat_channel=1,
                chat_log=9,
                chat_first=0,
                chat_head=0,
                chat_start=0,
                chat_check=bytes(8),
                presence_channel=2,
                presence_log=5,
                presence_start=0,
            )
        )
        self.turns = -1
        self.read = 0
        self.rosters = 0
        self.follow()

    def _alarm(self, room: Room, channel: int, when: float) -> None:
        assert room is self.room
        self.alarms[channel] = when

    def happen(self, growing: bool) -> None:
        """Something happens to somebody."""
        random = self.random
        member, device = random.choice(PEOPLE), random.choice((1, 2))
        mine = self.devices.get(member, {})
        weights = (6, 1, 2, 1, 1) if growing else (1, 6, 2, 1, 1)
        (what,) = random.choices(("enter", "leave", "reach", "rename", "speak"), weights)
        if what == "enter":
            reachable = random.random() < 0.9
            self.nicks.setdefault(member, f"n{random.randrange(99)}")
            self.devices.setdefault(member, {})[device] = reachable
            self.room.enter(member, device, self.nicks[member], self.now, reachable=reachable)
        elif what == "leave":
            mine.pop(device, None)
            if not mine:
                self.devices.pop(member, None)
                self.nicks.pop(member, None)
            self.room.leave(member, device, self.now, Code.PARTED)
        elif what == "reach":
            reachable = random.random() < 0.5
            if device in mine:
                mine[device] = reachable
            self.room.reach(member, device, self.now, reachable=reachable)
        elif what == "rename" and member in self.nicks:
            self.nicks[member] = f"n{random.randrange(99)}"
            self.room.rename(member, self.nicks[member], self.now)
        elif what == "speak" and mine:
            self.spoken[member] = self.now
            self.room.spoke(member, self.now)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while min(self.alarms.values(), default=inf) <= end:
            channel = min(self.alarms, key=lambda each: self.alarms[each])
            self.now = self.alarms.pop(channel)
            self.room.on_alarm(channel, self.now)
            self.follow()
        self.now = end

    def follow(self) -> None:
        """Give the reader what is new, with SKIP and ROSTER where the room changed its size."""
        head = self.room.presence.head
        if self.turns != self.room.turns:
            self.turns, self.read = self.room.turns, head
            self.rosters += 1
            self.reader.skip(2, bytes(8))
            for body in self.room.roster(self.now):
                roster = parse_body_untrusted(Logs.CONTROL, Roster.KIND, body)
                assert isinstance(roster, Roster)
                assert roster.offset == head
                self.reader.roster(roster)
        for frame in self.room.presence.frames(self.read, head):
            ((_, body),) = split_untrusted(frame)
            entry = Entry.parse_untrusted(body)
            before = {each.member: each for each in self.reader.attendees}
            events = self.reader.presence(Taken(entry.offset, entry.kind, entry.body))
            for event in events:
                if isinstance(event, MemberChanged):
                    was = before.get(event.member)
                    assert (was and (was.nick, was.presence)) != (event.nick, event.presence), "a change that is none"
        self.read = min(head, self.read + len(self.room.presence.frames(self.read, head)))
        if self.read < head:
            self.follow()

    @property
    def truth(self) -> dict[bytes, tuple[str, Presence]]:
        return {
            member: (self.nicks[member], Presence.ONLINE if any(devices.values()) else Presence.UNREACHABLE)
            for member, devices in self.devices.items()
        }


@proves("UC-PRES-1", "UC-PRES-4", "UC-PRES-5", "UC-PRES-6", "UC-PRES-8")
@pytest.mark.parametrize("seed", range(4))
def test_a_reader_has_the_truth_whatever_happens(seed: int) -> None:
    it = Watched(seed)
    growing, sizes = True, set[bool]()
    for _ in range(6000):
        growing = growing if it.random.random() < 0.999 else not growing
        it.happen(growing)
        it.follow()
        large = it.room.turns % 2 == 1
        assert large == (len(it.truth) >= SMALL_ROOM) if large else len(it.truth) <= LARGE_ROOM
        if it.random.random() < 0.1:
            it.wait(it.random.choice((0.01, 0.3, 2.0)))
        told = {each.member: (each.nick, each.presence) for each in it.reader.attendees}
        sizes.add(large)
        if not large:
            assert told == it.truth
    it.wait(2.0)
    told = {each.member: (each.nick, each.presence) for each in it.reader.attendees}
    assert {member: it.truth[member] for member in told} == told
    assert it.rosters == 1 + it.room.turns
    it.wait(SPEAKER_LIFE + 2)
    large = it.room.turns % 2 == 1
    assert {each.member for each in it.reader.attendees} == (set() if large else set(it.truth))
    assert sizes == {False, True}
