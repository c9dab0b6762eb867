"""A session made anew while people talk, and nobody sees it (SPEC.md 13)."""

from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Desk, entry, join
from net import Net, Person
from proves import proves
from udpchat_core.events import (
    AddressNeeded,
    Attendee,
    ChatReceived,
    Closed,
    Connected,
    Disconnected,
    HandshakeRefused,
    HistoryEnded,
    JoinedRoom,
    KeyDiffers,
    LinkChanged,
    MemberChanged,
    PartedRoom,
    RosterReceived,
    ServerOffered,
    SessionClosed,
    SessionOpened,
    SessionReachable,
)
from udpchat_core.events import Sent as SentEvent
from udpchat_core.limits import Limits
from udpchat_protocol.codes import Code, Presence, Resume, RosterFlag
from udpchat_protocol.constants import HELLO_INTERVAL, RENEWAL, TIMEOUT
from udpchat_protocol.entries import Chat, History, Join, Joined, Member, Nick, Online, Replay, Roster, Say
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Bye
from udpchat_protocol.packets import Hello, Reset
from udpchat_stores.memory import MemoryStore

SHOWN = (
    AddressNeeded,
    Closed,
    Connected,
    Disconnected,
    HandshakeRefused,
    JoinedRoom,
    KeyDiffers,
    LinkChanged,
    PartedRoom,
    RosterReceived,
    ServerOffered,
)
"""What a renewal must not show."""

FAST = 100.0


def renewing(seed: int = 0, **fields: Any) -> Desk:
    """A client in the lobby with nothing to say, whose renewal is due in 75 to 125 seconds."""
    desk = Desk(seed, renewal=FAST, nick="ada", **fields)
    desk.client.join("lobby", desk.now)
    desk.open()
    return desk


def until_hello(desk: Desk, most: float = 200.0) -> float:
    """The server is heard each second until the next HELLO; when that is."""
    count, end = len(desk.hellos()), desk.now + most
    while len(desk.hellos()) == count and desk.now < end:
        desk.settle()
        desk.wait(1)
    assert len(desk.hellos()) > count, "no renewal"
    return desk.hellos()[count][0]


def quietly(desk: Desk, seconds: float) -> int:
    """The server is heard each second for so long; how many HELLOs leave meanwhile."""
    count = len(desk.hellos())
    for _ in range(round(seconds)):
        desk.settle()
        desk.wait(1)
    return len(desk.hellos()) - count


def joined(desk: Desk, *, resume: Resume = Resume.RESUMED, start: int = 0, first_channel: int = 1) -> Joined:
    return Joined(
        room="lobby",
        resume=resume,
        chat_channel=first_channel,
        chat_log=5,
        chat_first=0,
        chat_head=start,
        chat_start=start,
        chat_check=bytes(8),
        presence_channel=first_channel + 1,
        presence_log=6,
        presence_start=0,
    )


def roster(*members: tuple[str, Presence], channel: int = 2) -> Roster:
    return Roster(
        channel=channel,
        offset=0,
        flags=RosterFlag.FIRST | RosterFlag.LAST,
        members=tuple(
            Member(member=name.encode().ljust(8, b"\0"), presence=presence, nick=name) for name, presence in members
        ),
    )


def chat(offset: int, channel: int = 1) -> Any:
    body = Chat(author=b"somebody", nick="bob", id=offset, time=0, flags=0, text=f"m{offset}")
    return entry(offset, body, channel)


def shown(desk: Desk, count: int = 0) -> list[Any]:
    return [event for _, event in desk.events[count:] if isinstance(event, SHOWN)]


def retry(desk: Desk, **kwargs: Any) -> None:
    """RETRY for the quiet handshake; the session in use keeps its keys."""
    desk.give(desk.retry(**kwargs))


# -- when ----------------------------------------------------------------------------------------------------------


@proves("UC-RENEW-1")
def test_a_session_is_renewed_between_three_and_five_quarters_of_its_time() -> None:
    ages = []
    for seed in range(24):
        desk = Desk(seed, renewal=FAST)
        desk.shake()
        begin = desk.now
        desk.tell(desk.terms())
        ages.append(until_hello(desk) - begin)
    assert all(0.75 * FAST <= age <= 1.25 * FAST for age in ages)
    assert min(ages) < 0.85 * FAST
    assert max(ages) > 1.15 * FAST
    assert len(set(ages)) == len(ages)


@proves("UC-RENEW-1", "UC-RENEW-3")
def test_after_an_hour_and_after_the_next() -> None:
    net = Net(2)
    ada, bob = net.person("ada"), net.person("bob")
    net.run(5)
    before = len(ada.events)
    opened = len(opens(net))
    net.run(0.75 * RENEWAL - 10)
    assert len(opens(net)) == opened
    net.run(0.5 * RENEWAL + 20)
    assert len(opens(net)) == opened + 2
    net.run(2 * RENEWAL)
    assert len(opens(net)) >= opened + 4
    assert ada.events[before:] == []
    assert [event for event in bob.events if isinstance(event, Disconnected)] == []


def opens(net: Net) -> list[SessionOpened]:
    return [event for event in net.server_events if isinstance(event, SessionOpened)]


@proves("UC-RENEW-1", "UC-RENEW-2")
def test_the_session_goes_on_while_the_quiet_handshake_does() -> None:
    desk = renewing()
    desk.tell(joined(desk, resume=Resume.NEWEST), roster(("bob", Presence.ONLINE)))
    until_hello(desk)
    retry(desk)
    assert desk.hello.noise
    desk.send(chat(0))
    assert [event.text for event in desk.of(ChatReceived)] == ["m0"]
    desk.client.say("lobby", "hello", desk.now)
    desk.drain()
    assert desk.asked[-1].text == "hello"


@proves("UC-RENEW-1")
def test_there_is_no_quiet_handshake_while_the_link_is_down() -> None:
    desk = renewing()
    hellos = len(desk.hellos())
    desk.wait(10 * FAST)
    assert len(desk.hellos()) == hellos
    desk.settle()
    assert len(desk.hellos()) == hellos + 1


@proves("UC-RENEW-1")
def test_one_that_is_under_way_ends_when_the_link_goes_down_and_begins_anew_when_it_is_up() -> None:
    desk = renewing()
    until_hello(desk)
    first = desk.hello
    retry(desk)
    old = desk.hello
    desk.wait(TIMEOUT + 1)
    assert desk.of(LinkChanged)[-1].up is False
    count = len(desk.hellos())
    desk.wait(100)
    assert len(desk.hellos()) == count
    seal, session, offset = desk.seal, desk.session, desk.offset
    late = desk.welcome(old)
    desk.give(late)  # nobody waits for it any more
    desk.seal, desk.session, desk.offset = seal, session, offset
    desk.send(BEAT)
    assert desk.of(LinkChanged)[-1].up is True
    assert len(desk.hellos()) == count + 1
    assert desk.hello.token != first.token
    assert desk.hello.cookie == desk.hello.noise == b""


# -- going over ----------------------------------------------------------------------------------------------------


@proves("UC-RENEW-2", "UC-RENEW-3", "UC-SESS-3")
def test_the_new_session_begins_with_nick_rooms_and_what_was_not_acknowledged() -> None:
    desk = renewing()
    desk.tell(joined(desk, resume=Resume.NEWEST), roster(("bob", Presence.ONLINE)))
    desk.send(chat(0))
    until_hello(desk)
    desk.client.say("lobby", "hello", desk.now)
    desk.drain()
    (said,) = [body for body in desk.asked if isinstance(body, Say)]
    retry(desk)
    old, session, number = desk.seal, desk.session, len(desk.events)
    desk.give(desk.welcome())
    nick, room, again = desk.asked
    assert (nick, again) == (Nick(nick="ada"), said)
    assert isinstance(room, Join)
    assert (room.room, room.log, room.offset) == ("lobby", 5, 1)
    # What comes of the old session is dropped, BYE REPLACED among it.
    assert old is not None
    before = desk.dropped.get("session", 0)
    for frame in (Bye(code=Code.REPLACED, reason=""), BEAT, chat(1)):
        desk.give(old.seal(frame.build_frame()))
    desk.give(Reset(session=session, reset=bytes(16)).build())
    assert desk.dropped["session"] == before + 4
    desk.tell(desk.terms(), joined(desk, start=1), roster(("bob", Presence.ONLINE)))
    desk.send(chat(1))
    assert [event.text for _, event in desk.events[number:] if isinstance(event, ChatReceived)] == ["m1"]
    assert shown(desk, number) == []
    assert [event for _, event in desk.events[number:] if isinstance(event, MemberChanged)] == []


@proves("UC-RENEW-2")
def test_a_session_that_was_renewed_is_renewed_again() -> None:
    desk = renewing()
    number = len(desk.events)
    for _ in range(4):
        begin = desk.now
        until_hello(desk)
        assert desk.now - begin > 0.7 * FAST
        retry(desk)
        desk.give(desk.welcome())
        desk.tell(desk.terms())
    assert shown(desk, number) == []


@proves("UC-RENEW-3")
def test_only_what_changed_meanwhile_is_told() -> None:
    desk = renewing()
    room = (("bob", Presence.ONLINE), ("cyd", Presence.ONLINE), ("dan", Presence.ONLINE), ("eve", Presence.ONLINE))
    desk.tell(joined(desk, resume=Resume.NEWEST), roster(*room))
    until_hello(desk)
    retry(desk)
    number = len(desk.events)
    desk.give(desk.welcome())
    names = {attendee.nick for attendee in desk.client.attendees("lobby")}
    assert names == {"bob", "cyd", "dan", "eve"}, "who is there is known meanwhile"
    desk.tell(desk.terms(), joined(desk))
    now = (("bob", Presence.ONLINE), ("dan", Presence.UNREACHABLE), ("fay", Presence.ONLINE))
    renamed = Member(member=b"eve".ljust(8, b"\0"), presence=Presence.ONLINE, nick="evelyn")
    told = roster(*now)
    desk.tell(Roster(channel=2, offset=0, flags=told.flags, members=(*told.members, renamed)))
    assert shown(desk, number) == []
    changes = {event.nick: event.presence for _, event in desk.events[number:] if isinstance(event, MemberChanged)}
    assert changes == {"cyd": None, "dan": Presence.UNREACHABLE, "fay": Presence.ONLINE, "evelyn": Presence.ONLINE}
    desk.send(entry(0, Online(member=b"bob".ljust(8, b"\0"), nick="bob"), 2))
    assert len([1 for _, event in desk.events[number:] if isinstance(event, MemberChanged)]) == 4


@proves("UC-RENEW-3")
def test_a_roster_that_never_came_is_told_when_it_does() -> None:
    """The session was renewed between JOINED and the end of the roster."""
    desk = renewing()
    desk.tell(joined(desk, resume=Resume.NEWEST))
    number = len(desk.events)
    for _ in range(2):
        until_hello(desk)
        retry(desk)
        desk.give(desk.welcome())
        desk.tell(desk.terms(), joined(desk))
    desk.tell(roster(("bob", Presence.ONLINE)))
    news = [event for _, event in desk.events[number:]]
    bob = Attendee(b"bob".ljust(8, b"\0"), "bob", Presence.ONLINE)
    assert news == [RosterReceived("lobby", (bob,))]


@proves("UC-RENEW-3")
def test_a_room_whose_log_did_change_is_told() -> None:
    desk = renewing()
    desk.tell(joined(desk, resume=Resume.NEWEST), roster(("bob", Presence.ONLINE)))
    until_hello(desk)
    retry(desk)
    number = len(desk.events)
    desk.give(desk.welcome())
    desk.tell(desk.terms(), joined(desk, resume=Resume.TRUNCATED, start=9))
    assert [event.resume for event in shown(desk, number)] == [Resume.TRUNCATED]


@proves("UC-RENEW-3", "UC-HIST-3")
def test_a_history_that_was_under_way_is_asked_for_from_where_it_stood() -> None:
    desk = renewing()
    desk.tell(joined(desk, resume=Resume.NEWEST, start=50), roster())
    until_hello(desk)
    desk.client.history("lobby", 10, 20, desk.now)
    desk.drain()
    (offset,) = [offset for offset, each in desk.logs.items() if each.kind == History.KIND]
    desk.tell(Replay(request=offset, channel=9, log=5, start=10, end=30, check=bytes(8)))
    desk.send(*[chat(n, 9) for n in (10, 11, 12, 14)])
    retry(desk)
    desk.give(desk.welcome())
    asked = [body for body in desk.asked if isinstance(body, History)]
    assert asked == [History(room="lobby", start=13, count=17)]
    desk.tell(desk.terms(), joined(desk, start=50), roster())
    (offset,) = [offset for offset, each in desk.logs.items() if each.kind == History.KIND]
    desk.tell(Replay(request=offset, channel=11, log=5, start=13, end=30, check=bytes(8)))
    desk.send(*[chat(n, 11) for n in range(13, 30)])
    past = [each.offset for each in desk.of(ChatReceived) if each.past]
    assert past == list(range(10, 30))
    assert desk.of(HistoryEnded) == [HistoryEnded("lobby", 10, 30)]


# -- in the way ----------------------------------------------------------------------------------------------------


@proves("UC-RENEW-2", "UC-RENEW-3", "UC-SHAKE-5", "UC-SHAKE-7")
@pytest.mark.parametrize("code", [Code.BUSY, Code.FULL, Code.SECRET])
def test_one_that_is_refused_goes_on_and_is_not_told(code: Code) -> None:
    desk = renewing()
    until_hello(desk)
    retry(desk)
    number, count = len(desk.events), len(desk.hellos())
    for _ in range(40):
        desk.give(desk.refused(code))
        desk.settle()
        desk.wait(1)
    assert len(desk.hellos()) > count + 5
    assert desk.events[number:] == []
    desk.give(desk.welcome())
    desk.tell(desk.terms())
    assert desk.events[number:] == []
    assert quietly(desk, 0.7 * FAST) == 0


@proves("UC-RENEW-2", "UC-SHAKE-11")
def test_one_that_is_not_answered_begins_again_with_another_token() -> None:
    desk = renewing()
    until_hello(desk)
    retry(desk)
    token, number = desk.hello.token, len(desk.events)
    assert quietly(desk, 61) > 5
    assert desk.hello.token != token
    assert desk.events[number:] == []


@proves("UC-RENEW-2", "UC-SHAKE-2", "UC-SHAKE-4", "UC-NOISE-3")
@pytest.mark.parametrize("forged", ["key", "closed", "both", "welcome"])
def test_what_is_forged_neither_shows_nor_stops_it(forged: str) -> None:
    """The flag in RETRY is signed by nobody: who had no secret till now goes on without one."""
    desk = renewing()
    until_hello(desk)
    number = len(desk.events)
    retry(
        desk,
        key=bytes(range(32)) if forged in ("key", "both") else None,
        closed=True if forged in ("closed", "both") else None,
    )
    assert desk.hello.noise
    if forged == "welcome":
        desk.give(desk.forged_welcome())
        quietly(desk, 10)
    desk.give(desk.welcome())
    desk.tell(desk.terms())
    assert desk.events[number:] == []
    assert quietly(desk, 0.7 * FAST) == 0


@proves("UC-RENEW-2", "UC-SESS-10")
@pytest.mark.parametrize("how", ["reset", "shutdown", "lifetime", "replaced", "quit"])
@pytest.mark.parametrize("proving", [False, True])
def test_the_end_of_the_session_ends_the_quiet_handshake(how: str, *, proving: bool) -> None:
    desk = renewing()
    until_hello(desk)
    if proving:
        retry(desk)
    quiet = desk.hello
    count = len(desk.hellos())
    code = {"shutdown": Code.SHUTDOWN, "lifetime": Code.LIFETIME, "replaced": Code.REPLACED, "quit": Code.QUIT}
    if how == "reset":
        desk.give(Reset(session=desk.session, reset=desk.reset).build())
    elif how == "quit":
        desk.client.quit(desk.now)
        desk.drain()
    else:
        desk.send(Bye(code=code[how], reason=""))
    desk.wait(HELLO_INTERVAL)
    if how in ("replaced", "quit"):
        desk.wait(30)
        assert len(desk.hellos()) == count
        assert desk.of(Closed)[0].code == code[how]
        return
    assert [event.code for event in desk.of(Disconnected)] == [code.get(how, Code.NONE)]
    assert desk.hello.token != quiet.token
    assert len(desk.hellos()) > count
    if proving:
        desk.give(desk.welcome(quiet))
        assert len(desk.of(Connected)) == 1
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert len(desk.of(Connected)) == 2


@proves("UC-RENEW-2", "UC-PATH-6")
def test_a_change_of_network_in_the_midst_of_it_moves_both() -> None:
    desk = renewing()
    until_hello(desk)
    retry(desk)
    count, number = len(desk.ways), len(desk.events)
    desk.client.moved("q", desk.now)
    desk.drain()
    assert {(path, data[0]) for _, path, data in desk.ways[count:]} == {("q", Hello.TYPE), ("q", 4)}
    desk.give(desk.retry(), "q")
    desk.wait(HELLO_INTERVAL)
    desk.give(desk.welcome(), "q")
    desk.tell(desk.terms())
    assert {path for _, path, _ in desk.ways[count:]} == {"q"}
    assert desk.events[number:] == []


# -- a server ------------------------------------------------------------------------------------------------------


@proves("UC-RENEW-4", "UC-GATE-5", "UC-ROOM-8")
def test_to_a_server_it_is_a_handshake_and_members_see_nothing() -> None:
    bench = Bench()
    ada, bob = bench.guest("ada"), bench.guest("bob")
    for guest in (ada, bob):
        guest.ask(Nick(nick=guest.name), join("lobby"))
        guest.send(BEAT)
    bench.wait(0.1)
    bob.send(BEAT)
    (told,) = bob.control(Joined)
    before = len(bob.entries(told.presence_channel))
    old = ada.session
    bench.events.clear()
    ada.begin()
    assert bench.of(SessionOpened)[0].replaced
    assert [(event.session, event.code) for event in bench.of(SessionClosed)] == [(old, Code.REPLACED)]
    ada.ask(Nick(nick="ada"), join("lobby"))
    for _ in range(70):
        ada.send(BEAT)
        bob.send(BEAT)
        bench.wait(1)
    assert len(bob.entries(told.presence_channel)) == before
    assert bench.of(SessionReachable) == []
    (again,) = ada.control(Joined)
    assert len(ada.read(Logs.PRESENCE, again.presence_channel)) == 0


# -- a whole network -----------------------------------------------------------------------------------------------


def crowd(net: Net, *names: str) -> list[Person]:
    people = [net.person(name, renewal=60.0) for name in names]
    assert net.run(60, lambda: all(bool(person.of(JoinedRoom)) for person in people))
    assert net.run(60, lambda: all(len(person.client.attendees("lobby")) == len(people) for person in people))
    net.run(5)
    return people


@proves("UC-RENEW-3", "UC-RENEW-2")
@pytest.mark.parametrize("loss", [0.0, 0.3])
@pytest.mark.parametrize("slow", [False, True])
def test_people_who_talk_through_renewals_see_nothing_of_them_and_every_message_once(
    loss: float, *, slow: bool
) -> None:
    delay = (0.3, 0.6) if slow else (0.02, 0.08)
    net = Net(4, loss=loss, delay=delay, reorder=0.3, limits=Limits(timeout=30.0))
    people = crowd(net, "ada", "bob", "cyd")
    begun = [len(person.events) for person in people]
    opened, count = len(opens(net)), 0
    for turn in range(200):
        for person in people:
            person.say(f"{person.name}{turn}")
            count += 1
        net.run(1)
    assert net.run(120, lambda: all(len(person.texts()) >= count for person in people))
    assert len(opens(net)) >= opened + 6
    for person, start in zip(people, begun, strict=True):
        assert len(person.texts()) == len(set(person.texts())) == count
        assert person.texts() == people[0].texts()
        assert len(person.of(SentEvent)) == 200
        shown = [each for each in person.events[start:] if isinstance(each, (*SHOWN, MemberChanged))]
        # Where a third is lost, ten seconds of silence may come by themselves, and are no renewal's doing.
        assert [each for each in shown if not isinstance(each, AddressNeeded)] == []
    assert [event for event in net.server_events if isinstance(event, SessionReachable)] == []


@proves("UC-RENEW-3", "UC-HIST-3")
def test_a_history_through_many_renewals_comes_once() -> None:
    net = Net(6, loss=0.3, delay=(0.3, 0.6), limits=Limits(timeout=30.0))
    (ada,) = crowd(net, "ada")
    for n in range(400):
        ada.say(f"m{n}")
    assert net.run(400, lambda: ada.client.unacknowledged == 0)
    for _ in range(8):
        number = len(ada.events)
        ada.client.history("lobby", 0, 400, net.now)
        assert net.run(200, lambda start=number: any(isinstance(each, HistoryEnded) for each in ada.events[start:]))
        past = [each.offset for each in ada.events[number:] if isinstance(each, ChatReceived) and each.past]
        assert past == list(range(400))
        net.run(11)


@proves("UC-RENEW-3")
def test_what_changes_during_a_renewal_is_told_once() -> None:
    net = Net(8, loss=0.3, limits=Limits(timeout=30.0))
    ada, bob = crowd(net, "ada", "bob")
    for turn in range(60):
        bob.client.nick(f"bob{turn}", net.now)
        net.run(3)
    net.run(30)
    nicks = [event.nick for event in ada.of(MemberChanged) if event.member == bob.client.fingerprint]
    told = [nick for nick in nicks if nick not in ("bob", "")]
    assert told[-1] == "bob59"
    assert sorted(told, key=lambda nick: int(nick[3:])) == told
    assert len(set(told)) == len(told)


@proves("UC-RENEW-2")
def test_an_application_that_does_not_take_its_events_loses_none_to_a_renewal() -> None:
    net = Net(9, store=MemoryStore(clock=lambda: 1))
    ada, bob = crowd(net, "ada", "bob")
    ada.takes = False
    for n in range(100):
        bob.say(f"m{n}")
        net.run(2)
    ada.takes = True
    net.run(30)
    assert ada.texts() == [f"m{n}" for n in range(100)]
    assert ada.of(Disconnected) == []


@proves("UC-RENEW-4")
def test_an_ack_of_the_old_session_is_nothing_to_the_new_one() -> None:
    bench = Bench()
    ada = bench.guest("ada")
    ada.ask(join("lobby"))
    late = ada.sealed(Ack(channel=0, next=10**6))
    ada.begin()
    bench.give(late, ada.path)
    assert ada.farewells == []
    assert bench.server.sessions == 1
