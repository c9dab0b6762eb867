"""Who is there: the presence log of a room, and what a client makes of it (SPEC.md 11)."""

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, entry, join
from net import Net
from proves import proves
from udpchat_core.events import CountChanged, MemberChanged, NoticeReceived, RosterReceived
from udpchat_core.limits import Limits
from udpchat_protocol.codes import Code, Presence, RosterFlag
from udpchat_protocol.constants import ATTENDEES_MAX, ROSTER_CHUNK, WINDOW
from udpchat_protocol.entries import (
    Body,
    Count,
    Gone,
    Joined,
    Member,
    Nick,
    Notice,
    Online,
    Part,
    Quit,
    Renamed,
    Roster,
    Unreachable,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Bye
from udpchat_stores.memory import MemoryStore


class Watched:
    """A lobby, and a guest who watches it and is never silent."""

    def __init__(self, expiry_roomless: float = 5.0) -> None:
        self.bench = Bench(timeout=3.0, expiry=20.0, expiry_roomless=expiry_roomless)
        self.watcher = self.enter("watcher")
        self.wait(0.2)
        self.taken = len(self.log())

    def enter(self, name: str, device: int = 1) -> Guest:
        guest = self.bench.guest(name, device=device)
        guest.ask(Nick(nick=name), join("lobby"))
        guest.send(BEAT)
        return guest

    def wait(self, seconds: float, *awake: Guest) -> None:
        end = self.bench.now + seconds
        while self.bench.now < end - 1e-9:
            for guest in (self.watcher, *awake):
                guest.send(BEAT)
            self.bench.wait(min(1.0, end - self.bench.now))
        self.watcher.send(BEAT)
        self.bench.wait(0.05)
        self.watcher.send(BEAT)

    def log(self) -> list[Body]:
        return self.watcher.read(Logs.PRESENCE, self.watcher.control(Joined)[0].presence_channel)

    def news(self) -> list[Body]:
        """What was told since the last call."""
        log = self.log()
        self.taken, first = len(log), self.taken
        return log[first:]


@proves("UC-PRES-1")
def test_coming_falling_silent_coming_back_and_expiring_are_each_told_once() -> None:
    room = Watched()
    ada = room.enter("ada")
    room.wait(1, ada)
    assert room.news() == [Online(member=ada.fingerprint, nick="ada")]
    room.wait(10)
    assert room.news() == [Unreachable(member=ada.fingerprint)]
    ada.send(BEAT)
    ada.send(BEAT)
    room.wait(1)
    assert room.news() == [Online(member=ada.fingerprint, nick="ada")]
    room.wait(30)
    assert room.news() == [
        Unreachable(member=ada.fingerprint),
        Gone(member=ada.fingerprint, code=Code.EXPIRED, reason=""),
    ]


@proves("UC-PRES-1")
@pytest.mark.parametrize("how", ["quit", "part", "bye", "malformed"])
def test_who_goes_is_gone_with_the_reason(how: str) -> None:
    room = Watched()
    ada = room.enter("ada")
    room.wait(0.2, ada)
    room.news()
    code, reason = Code.QUIT, ""
    if how == "quit":
        ada.ask(Quit(reason="so long"))
        reason = "so long"
    elif how == "part":
        ada.ask(Part(room="lobby"))
        code = Code.PARTED
    elif how == "bye":
        ada.send(Bye(code=Code.QUIT, reason=""))
    else:
        ada.send(b"\x01")
        code = Code.PROTOCOL
    room.wait(1)
    assert room.news() == [Gone(member=ada.fingerprint, code=code, reason=reason)]


@proves("UC-PRES-1")
def test_a_member_is_there_while_any_device_is() -> None:
    room = Watched()
    one, two = room.enter("ada", 1), room.enter("ada", 2)
    room.wait(1, one, two)
    assert room.news() == [Online(member=one.fingerprint, nick="ada")]
    room.wait(10, two)
    assert room.news() == []
    room.wait(4)
    assert room.news() == [Unreachable(member=one.fingerprint)]
    one.send(BEAT)
    room.wait(1, one)
    assert room.news() == [Online(member=one.fingerprint, nick="ada")]
    one.ask(Quit(reason=""))
    room.wait(0.5)
    assert room.news() == [Unreachable(member=one.fingerprint)]
    two.send(BEAT)
    two.ask(Part(room="lobby"))
    room.wait(0.5)
    assert room.news() == [
        Online(member=one.fingerprint, nick="ada"),
        Gone(member=one.fingerprint, code=Code.PARTED, reason=""),
    ]


@proves("UC-PRES-1", "UC-GATE-5")
def test_an_unreachable_member_who_begins_a_new_session_is_online_again() -> None:
    room = Watched(expiry_roomless=30.0)
    ada = room.enter("ada")
    room.wait(5)
    room.news()
    again = room.enter("ada")
    room.wait(1, again)
    assert room.news() == [Online(member=ada.fingerprint, nick="ada")]


@proves("UC-PRES-1")
def test_the_roster_tells_who_cannot_be_heard() -> None:
    room = Watched()
    ada = room.enter("ada")
    room.wait(5)
    late = room.enter("late")
    (roster,) = late.control(Roster)
    told = {each.member: each.presence for each in roster.members}
    assert told[ada.fingerprint] == Presence.UNREACHABLE
    assert told[late.fingerprint] == told[room.watcher.fingerprint] == Presence.ONLINE


@proves("UC-PRES-3", "UC-GATE-5")
def test_a_new_session_makes_one_who_could_not_be_heard_online_before_it_joins_anything() -> None:
    room = Watched(expiry_roomless=30.0)
    ada = room.enter("ada")
    room.wait(5)
    room.news()
    again = room.bench.guest("ada")
    room.wait(0.2, again)
    assert room.news() == [Online(member=ada.fingerprint, nick="ada")]
    again.ask(join("lobby"))
    room.wait(1, again)
    assert room.news() == []


@proves("UC-PRES-3")
def test_a_new_session_of_a_device_that_was_heard_changes_nothing() -> None:
    room = Watched(expiry_roomless=30.0)
    room.enter("ada")
    room.wait(0.2)
    room.news()
    again = room.enter("ada")
    room.wait(1, again)
    assert room.news() == []


@proves("UC-PRES-3")
def test_a_new_nick_is_told_once_in_every_room_that_any_device_is_in() -> None:
    room = Watched(expiry_roomless=30.0)
    one, two = room.enter("ada", 1), room.enter("ada", 2)
    room.wait(0.2, one, two)
    room.news()
    three = room.bench.guest("ada", device=3)
    three.ask(Nick(nick="ann"))
    room.wait(0.2, one, two, three)
    assert room.news() == [Renamed(member=one.fingerprint, nick="ann")]
    late = room.enter("late")
    (roster,) = late.control(Roster)
    assert {each.member: each.nick for each in roster.members}[one.fingerprint] == "ann"


@proves("UC-PRES-3")
def test_a_new_nick_is_told_in_rooms_that_a_replaced_session_left_behind() -> None:
    room = Watched(expiry_roomless=30.0)
    ada = room.enter("ada")
    room.wait(0.2, ada)
    room.news()
    again = room.bench.guest("ada")
    again.ask(Nick(nick="ann"))
    room.wait(0.2, again)
    assert room.news() == [Renamed(member=ada.fingerprint, nick="ann")]


@proves("UC-PRES-3")
def test_who_comes_in_when_they_cannot_be_heard_any_more_is_told_so() -> None:
    bench = Bench(timeout=3.0, store=MemoryStore(hold=True))
    watcher = bench.guest("watcher")
    watcher.ask(join("lobby"))
    while not watcher.control(Joined):
        bench.release()
        bench.wait(0.05)
    slow = bench.guest("slow")
    slow.ask(Nick(nick="slow"), join("lobby"))

    def told(seconds: float) -> list[Body]:
        for _ in range(round(seconds / 0.5)):
            bench.wait(0.5)
            watcher.send(BEAT)
        watcher.send(BEAT)
        return watcher.read(Logs.PRESENCE, watcher.control(Joined)[0].presence_channel)

    assert told(4) == []
    for _ in range(3):
        bench.release()
    news: list[Body] = [Online(member=slow.fingerprint, nick="slow"), Unreachable(member=slow.fingerprint)]
    assert told(0.5) == news
    slow.send(BEAT)
    assert told(0.5) == [*news, Online(member=slow.fingerprint, nick="slow")]


# -- the client ----------------------------------------------------------------------------------------------------

ADA, BOB, EVE = b"ada adaa", b"bob bobb", b"eve evee"


def desk_in_lobby(start: int = 0) -> Desk:
    """JOINED came, the roster did not: chat on channel 3, presence on 4."""
    desk = Desk(rooms={"lobby": None})
    desk.open()
    desk.tell(
        Joined(
            room="lobby",
            resume=0,
            chat_channel=3,
            chat_log=99,
            chat_first=0,
            chat_head=0,
            chat_start=0,
            chat_check=bytes(8),
            presence_channel=4,
            presence_log=5,
            presence_start=start,
        )
    )
    return desk


def roster(flags: int, *members: tuple[bytes, int, str]) -> Roster:
    listed = tuple(Member(member=member, presence=presence, nick=nick) for member, presence, nick in members)
    return Roster(channel=4, offset=0, flags=flags, members=listed)


def changes(desk: Desk) -> list[tuple[bytes, str, Presence | None]]:
    return [(event.member, event.nick, event.presence) for event in desk.of(MemberChanged)]


@proves("UC-PRES-2")
def test_presence_is_applied_only_once_the_roster_is_complete() -> None:
    desk = desk_in_lobby(7)
    desk.send(entry(7, Unreachable(member=ADA), channel=4), entry(8, Online(member=EVE, nick="eve"), channel=4))
    desk.tell(roster(RosterFlag.FIRST, (ADA, 1, "ada")))
    assert desk.of(RosterReceived) == []
    assert changes(desk) == []
    assert desk.client.attendees("lobby") == ()
    desk.tell(roster(RosterFlag.LAST, (BOB, 2, "bob")))
    (told,) = desk.of(RosterReceived)
    assert [(each.nick, each.presence) for each in told.attendees] == [("ada", 1), ("bob", 2)]
    assert changes(desk) == [(ADA, "ada", Presence.UNREACHABLE), (EVE, "eve", Presence.ONLINE)]


@proves("UC-PRES-2")
def test_a_change_that_is_none_is_not_shown() -> None:
    desk = desk_in_lobby()
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada"), (BOB, 2, "bob")))
    for offset, body in enumerate(
        [
            Online(member=ADA, nick="ada"),
            Unreachable(member=BOB),
            Renamed(member=ADA, nick="ada"),
            Gone(member=EVE, code=Code.QUIT, reason=""),
        ]
    ):
        desk.send(entry(offset, body, channel=4))
    assert changes(desk) == []
    desk.send(entry(4, Gone(member=ADA, code=Code.QUIT, reason="bye"), channel=4))
    assert changes(desk) == [(ADA, "ada", None)]
    assert [each.member for each in desk.client.attendees("lobby")] == [BOB]


@proves("UC-PRES-2")
def test_news_of_somebody_who_is_not_listed_and_a_count_that_is_the_same_are_none() -> None:
    desk = desk_in_lobby()
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada")))
    count = Count(online=300, members=301)
    for offset, body in enumerate([Unreachable(member=EVE), Renamed(member=EVE, nick="eve"), count, count]):
        desk.send(entry(offset, body, channel=4))
    assert changes(desk) == []
    assert desk.of(CountChanged) == [CountChanged("lobby", 300, 301)]
    assert [each.member for each in desk.client.attendees("lobby")] == [ADA]


@proves("UC-PRES-9")
def test_a_room_is_large_from_a_count_to_the_next_roster() -> None:
    desk = desk_in_lobby()
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada")))
    online = Online(member=EVE, nick="eve")
    for offset, body in enumerate(
        [
            online,
            Gone(member=EVE, code=Code.QUIT, reason=""),
            Count(online=300, members=301),
            online,
            Unreachable(member=EVE),
            online,
            Gone(member=EVE, code=Code.COUNTED, reason=""),
        ]
    ):
        desk.send(entry(offset, body, channel=4))
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada")))
    desk.send(entry(7, online, channel=4))
    assert [(event.presence, event.code) for event in desk.of(MemberChanged)] == [
        (Presence.ONLINE, Code.NONE),
        (None, Code.QUIT),
        (Presence.ONLINE, Code.COUNTED),
        (Presence.UNREACHABLE, Code.NONE),
        (Presence.ONLINE, Code.NONE),
        (None, Code.COUNTED),
        (Presence.ONLINE, Code.NONE),
    ]


@proves("UC-PRES-10")
def test_no_more_members_are_kept_than_a_client_lists() -> None:
    desk = desk_in_lobby()
    for first in range(0, ATTENDEES_MAX + ROSTER_CHUNK, ROSTER_CHUNK):
        named = range(first, first + ROSTER_CHUNK)
        flags = RosterFlag.FIRST if first == 0 else RosterFlag(0)
        desk.tell(roster(flags, *((n.to_bytes(8, "big"), 1, "") for n in named)))
    desk.tell(roster(RosterFlag.LAST))
    assert len(desk.client.attendees("lobby")) == ATTENDEES_MAX
    desk.send(entry(0, Online(member=EVE, nick="eve"), channel=4))
    assert changes(desk) == []
    desk.send(entry(1, Gone(member=bytes(8), code=Code.QUIT, reason=""), channel=4))
    desk.send(entry(2, Online(member=EVE, nick="eve"), channel=4))
    assert [event[0] for event in changes(desk)] == [bytes(8), EVE]
    assert len(desk.client.attendees("lobby")) == ATTENDEES_MAX


@proves("UC-LOG-6")
def test_what_the_application_did_not_take_is_not_acknowledged_and_so_ends() -> None:
    desk = desk_in_lobby()
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada")))
    desk.settle()
    desk.takes = False
    for offset in range(2 * WINDOW):
        body = Unreachable(member=ADA) if offset % 2 == 0 else Online(member=ADA, nick="ada")
        desk.send(entry(offset, body, channel=4))
        desk.tell(Notice(code=0, text="tea"))
    desk.wait(1)
    acked = [
        frame.next for _, _, frames in desk.packets for frame in frames if isinstance(frame, Ack) and frame.channel == 4
    ]
    assert acked == []
    desk.takes = True
    desk.wait(1)
    assert len(changes(desk)) == WINDOW
    assert len(desk.of(NoticeReceived)) == WINDOW
    acked = [
        frame.next for _, _, frames in desk.packets for frame in frames if isinstance(frame, Ack) and frame.channel == 4
    ]
    assert acked[-1] == WINDOW


@proves("UC-PRES-2")
def test_a_second_joined_makes_what_was_known_void() -> None:
    desk = desk_in_lobby()
    desk.tell(roster(RosterFlag.FIRST | RosterFlag.LAST, (ADA, 1, "ada")))
    desk.tell(
        Joined(
            room="lobby",
            resume=0,
            chat_channel=3,
            chat_log=99,
            chat_first=0,
            chat_head=0,
            chat_start=0,
            chat_check=bytes(8),
            presence_channel=4,
            presence_log=5,
            presence_start=9,
        ),
        roster(RosterFlag.FIRST | RosterFlag.LAST, (BOB, 1, "bob")),
    )
    assert [each.member for each in desk.client.attendees("lobby")] == [BOB]
    desk.send(entry(8, Online(member=EVE, nick="eve"), channel=4), entry(9, Unreachable(member=BOB), channel=4))
    assert changes(desk) == [(BOB, "bob", Presence.UNREACHABLE)]


@proves("UC-PRES-1", "UC-PRES-2")
def test_everybody_agrees_on_who_is_there_after_bad_weather() -> None:
    net = Net(6, limits=Limits(timeout=3, heartbeat=1, expiry=30), loss=0.2, delay=(0.01, 0.2))
    people = [net.person(name) for name in ("ada", "bob", "cleo", "dan")]
    net.run(15)
    people[3].quit()
    net.run(15)
    net.change(loss=1.0)
    net.run(10)
    net.change(loss=0.1)
    net.run(15)
    for person in people[:3]:
        told = {each.nick: each.presence for each in person.client.attendees("lobby")}
        assert told == dict.fromkeys(("ada", "bob", "cleo"), Presence.ONLINE), person.name
        mine = [(each.member, each.nick, each.presence) for each in person.of(MemberChanged)]
        last: dict[bytes, object] = {}
        for member, *rest in mine:
            assert last.get(member) != rest
            last[member] = rest
