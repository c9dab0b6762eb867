"""Readers for whom entries are gone: SPEC.md 9.7."""

from typing import Any

from conformance.hand import BEAT, Bench, Desk, Guest, entry, join
from net import Net
from proves import proves
from udpchat_core.events import ChatReceived, JoinedRoom, MemberChanged, RosterReceived, Skipped
from udpchat_core.limits import Limits
from udpchat_core.log import first_check, next_check
from udpchat_core.state import Place
from udpchat_protocol.codes import Code, Presence, Resume, RosterFlag
from udpchat_protocol.constants import CHAT_TAIL, PRESENCE_TAIL, WINDOW
from udpchat_protocol.entries import Chat, Gone, Joined, Member, Online, Part, Roster, Say, Skip, parse_body_untrusted
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack
from udpchat_stores.memory import MemoryStore

FAST: dict[str, Any] = {"chat_rate": 1e6, "chat_burst": 1e6}
KEPT = 100


def talk(guest: Guest, first: int, end: int) -> None:
    for n in range(first, end, 16):
        guest.ask(*(Say(room="lobby", id=i, flags=0, text=f"m{i}") for i in range(n, min(n + 16, end))))


# -- the server ----------------------------------------------------------------------------------------------------


@proves("UC-SKIP-1")
def test_a_reader_goes_on_at_the_oldest_message_that_is_kept() -> None:
    bench = Bench(**FAST, store=MemoryStore(entries=KEPT))
    writer = bench.guest("writer")
    writer.ask(join("lobby"))
    reader = bench.guest("reader")
    reader.ask(join("lobby"))
    reader.polite = False
    head = WINDOW + 2 * CHAT_TAIL + 200
    for n in range(0, head, 16):
        talk(writer, n, min(n + 16, head))
        reader.send(*[frame for frame in reader.manners() if not isinstance(frame, Ack)])
    (joined,) = reader.control(Joined)
    assert max(reader.logs[joined.chat_channel]) == WINDOW - 1
    assert reader.control(Skip) == []
    for _ in range(40):
        reader.send(*reader.manners())
        bench.wait(0.05)
    (skip,) = reader.control(Skip)
    assert (skip.channel, skip.first, skip.code) == (joined.chat_channel, head - KEPT, Code.TRUNCATED)
    live = writer.logs[joined.chat_channel]
    check = first_check(joined.chat_log)
    for offset in range(skip.first):
        check = next_check(check, live[offset].kind, live[offset].body)
    assert skip.check == check
    offsets = [offset for offset, _ in reader.entries(joined.chat_channel)]
    assert offsets == [*range(WINDOW), *range(skip.first, head)]


@proves("UC-SKIP-1")
def test_what_is_only_in_the_store_is_read_back_at_the_pace_of_the_reader() -> None:
    bench = Bench(**FAST)
    writer = bench.guest("writer")
    writer.ask(join("lobby"))
    head = 3 * CHAT_TAIL
    talk(writer, 0, head)
    reader = bench.guest("reader")
    reader.polite = False
    reader.ask(join("lobby", newest=head))
    (joined,) = reader.control(Joined)
    for _ in range(20):
        reader.send(*[frame for frame in reader.manners() if not isinstance(frame, Ack)])
        bench.wait(0.05)
    assert max(reader.logs[joined.chat_channel]) == WINDOW - 1
    for _ in range(80):
        reader.send(*reader.manners())
        bench.wait(0.05)
    assert [offset for offset, _ in reader.entries(joined.chat_channel)] == list(range(head))
    assert reader.control(Skip) == []


@proves("UC-SKIP-1")
def test_a_presence_reader_far_behind_gets_skip_and_a_new_roster() -> None:
    bench = Bench(**FAST)
    reader = bench.guest("reader")
    reader.ask(join("lobby"))
    (joined,) = reader.control(Joined)
    before = len(reader.control(Roster))
    comer = bench.guest("comer")
    for _ in range(PRESENCE_TAIL // 8 + 10):
        comer.ask(*[join("lobby"), Part(room="lobby")] * 8)
    comer.ask(join("lobby"))
    for _ in range(40):
        reader.send(*reader.manners(), BEAT)
        bench.wait(0.05)
    (skip,) = reader.control(Skip)
    assert (skip.channel, skip.code) == (joined.presence_channel, Code.BEHIND)
    (roster,) = reader.control(Roster)[before:]
    assert (roster.channel, roster.offset, roster.flags) == (
        skip.channel,
        skip.first,
        RosterFlag.FIRST | RosterFlag.LAST,
    )
    assert [offset for offset, _ in reader.entries(joined.presence_channel)][-1] >= skip.first
    here = {member.member for member in roster.members}
    comer.ask(Part(room="lobby"))
    comer.ask(join("lobby"))
    for _ in range(4):
        reader.send(*reader.manners(), BEAT)
        bench.wait(0.05)
    news = [each for offset, each in reader.entries(joined.presence_channel) if offset >= skip.first]
    assert [each.offset for each in news] == list(range(skip.first, skip.first + len(news)))
    for each in news:
        body = parse_body_untrusted(Logs.PRESENCE, each.kind, each.body)
        assert isinstance(body, Online | Gone)
        assert (body.member in here) is isinstance(body, Gone)
        here ^= {body.member}
    assert here == {reader.fingerprint, comer.fingerprint}


# -- the client ----------------------------------------------------------------------------------------------------


def desk_in_lobby() -> Desk:
    """A client in the lobby, alone with bob: chat on channel 3, presence on 4."""
    desk = Desk(rooms={"lobby": None})
    desk.open()
    desk.tell(
        Joined(
            room="lobby",
            resume=Resume.NEWEST,
            chat_channel=3,
            chat_log=99,
            chat_first=0,
            chat_head=0,
            chat_start=0,
            chat_check=first_check(99),
            presence_channel=4,
            presence_log=5,
            presence_start=0,
        ),
        roster(0, b"bob"),
    )
    return desk


def roster(offset: int, *names: bytes, flags: int = RosterFlag.FIRST | RosterFlag.LAST) -> Roster:
    members = tuple(Member(member=name * 2 + b"##", presence=Presence.ONLINE, nick=name.decode()) for name in names)
    return Roster(channel=4, offset=offset, flags=flags, members=members)


def chat(n: int) -> Chat:
    return Chat(author=bytes(8), nick="bob", id=n, time=0, flags=0, text=f"m{n}")


@proves("UC-SKIP-2", "UC-LOG-12")
def test_a_client_goes_on_where_skip_says_tells_of_the_gap_and_forgets_what_lay_before() -> None:
    desk = desk_in_lobby()
    desk.send(*(entry(n, chat(n), channel=3) for n in (0, 1, 3, 12)))
    check = bytes(range(8))
    desk.tell(Skip(channel=3, first=10, check=check, code=Code.TRUNCATED))
    desk.send(*(entry(n, chat(n), channel=3) for n in (2, 10, 11)))
    told = [event for _, event in desk.events if isinstance(event, ChatReceived | Skipped)]
    assert [event.text if isinstance(event, ChatReceived) else event for event in told] == [
        "m0",
        "m1",
        Skipped("lobby", 10, Code.TRUNCATED),
        "m10",
        "m11",
        "m12",
    ]
    for n in range(10, 13):
        check = next_check(check, Chat.KIND, chat(n).build())
    assert desk.client.state.rooms["lobby"] == Place(99, 13, check)
    desk.wait(0.1)
    acks = [frame for _, _, frames in desk.packets for frame in frames if isinstance(frame, Ack) and frame.channel == 3]
    assert acks[-1].next == 13


@proves("UC-SKIP-2")
def test_a_skip_to_where_the_client_has_come_already_changes_nothing() -> None:
    desk = desk_in_lobby()
    desk.send(*(entry(n, chat(n), channel=3) for n in range(5)))
    place = desk.client.state.rooms["lobby"]
    for first in (3, 5):
        desk.tell(Skip(channel=3, first=first, check=bytes(8), code=Code.TRUNCATED))
    assert desk.of(Skipped) == []
    assert desk.client.state.rooms["lobby"] == place
    desk.send(entry(5, chat(5), channel=3))
    assert place is not None
    after = Place(99, 6, next_check(place.check, Chat.KIND, chat(5).build()))
    assert desk.client.state.rooms["lobby"] == after


@proves("UC-SKIP-2")
def test_after_skip_presence_waits_for_the_new_roster() -> None:
    desk = desk_in_lobby()
    bob, cyd = (name * 2 + b"##" for name in (b"bob", b"cyd"))
    desk.send(entry(0, Gone(member=bob, code=Code.QUIT, reason=""), channel=4))
    desk.tell(Skip(channel=4, first=50, check=bytes(8), code=Code.BEHIND))
    desk.send(entry(50, Gone(member=cyd, code=Code.QUIT, reason=""), channel=4))
    assert [event.member for event in desk.of(MemberChanged)] == [bob]
    desk.tell(roster(50, b"cyd", b"dan"))
    assert [attendee.nick for attendee in desk.of(RosterReceived)[-1].attendees] == ["cyd", "dan"]
    assert [event.member for event in desk.of(MemberChanged)] == [bob, cyd]
    desk.send(entry(51, Online(member=cyd, nick="cyd"), channel=4))
    assert {attendee.nick for attendee in desk.client.attendees("lobby")} == {"cyd", "dan"}
    assert desk.of(Skipped) == []


# -- both ----------------------------------------------------------------------------------------------------------


@proves("UC-SKIP-1", "UC-SKIP-2")
def test_a_sleeper_whose_messages_are_gone_is_told_and_resumes_later_without_another_gap() -> None:
    net = Net(3, limits=Limits(**FAST), loss=0.2)
    net.store = MemoryStore(entries=KEPT, clock=lambda: round(net.now * 1000))
    ada, bob = net.person("ada"), net.person("bob")
    assert net.run(20, lambda: len(bob.client.attendees("lobby")) == len(ada.client.attendees("lobby")) == 2)
    bob.takes = False
    head = WINDOW + 2 * CHAT_TAIL + 100
    for n in range(head):
        ada.say(f"m{n}")
    assert net.run(200, lambda: ada.client.unacknowledged == 0)
    bob.takes = True
    assert net.run(60, lambda: bob.texts()[-1:] == [f"m{head - 1}"])
    (skipped,) = bob.of(Skipped)
    assert [event.offset for event in bob.of(ChatReceived)] == [*range(WINDOW), *range(skipped.first, head)]
    again = net.person("bob again", state=bob.client.state, joins=None)
    assert net.run(30, lambda: bool(again.of(JoinedRoom)))
    (joined,) = again.of(JoinedRoom)
    assert (joined.resume, joined.start) == (Resume.RESUMED, head)
