"""Who is there: the presence log of a room, and what a client makes of it (SPEC.md 11)."""

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, entry, join
from net import Net
from proves import proves
from udpchat_core.events import MemberChanged, RosterReceived
from udpchat_core.limits import Limits
from udpchat_protocol.codes import Code, Presence, RosterFlag
from udpchat_protocol.entries import (
    Body,
    Gone,
    Joined,
    Member,
    Nick,
    Online,
    Part,
    Quit,
    Renamed,
    Roster,
    Unreachable,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Bye


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
