"""Live sessions: frames, the uplink in its order, BYE, liveness (SPEC.md 4.2, 6 and 7)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from conformance.hand import BEAT, NUDGE, Bench, Desk, Guest, entry, join, only
from net import Net
from proves import proves
from udpchat_core.effects import ServerRequest, ServerResult, StoreFailed
from udpchat_core.events import Closed, Command, CommandFailed, Disconnected, SessionClosed, SessionReachable
from udpchat_core.state import ClientState, Message, NickChosen, Pin
from udpchat_core.states import State
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import (
    EXPIRY_ROOMLESS,
    FAREWELL,
    FAREWELLS_MAX,
    SESSION_LIFE,
    TIMEOUT,
    UNANSWERED,
    UPLINK_BYTES,
    UPLINK_ENTRIES,
)
from udpchat_protocol.entries import Failed, History, Join, Joined, Nick, Part, Parted, Quit, Say, Terms
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Bye, Challenge, Entry, Padding, Response, Seen
from udpchat_protocol.packets import Reset, Sealed
from udpchat_stores.memory import MemoryStore


def say(text: str, id_: int, room: str = "lobby") -> Say:
    return Say(room=room, id=id_, flags=0, text=text)


def held(seed: int = 0) -> Bench:
    """A server whose store answers when told to."""
    return Bench(seed, store=MemoryStore(hold=True, clock=lambda: 1))


def settle(bench: Bench) -> None:
    while bench.store.release():
        bench.drain()


# -- frames --------------------------------------------------------------------------------------------------------


@proves("UC-WIRE-11")
@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\x01",
        b"\x01\x00",
        b"\x01\x00\x01",
        b"\x01\x00\x00\x02",
        b"\x01\x00\x01x",
        b"\x02\x00\x0f" + bytes(15),
        b"\x02\x00\x11" + bytes(17),
        b"\x03\x00\x0b" + bytes(11),
        b"\x04\x00\x0c" + bytes(12),
        b"\x05\x00\x07" + bytes(7),
        b"\x06\x00\x09" + bytes(9),
        b"\x07\x00\x00",
        b"\x07\x00\x03\x01\x01\xff",
        b"\x07\x00\xcb\x01\xc9" + b"a" * 201,
        pytest.param(b"\x00\x00\x01\x01", id="padding"),
        b"\x99\x00\x05abcd",
    ],
)
def test_a_malformed_plaintext_closes_the_session_and_none_of_it_is_acted_on(plaintext: bytes) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(Nick(nick="ada"), join("lobby"))
    good = entry(2, say("no", 1)).build_frame() if plaintext else b""
    guest.polite = False
    guest.send(good + plaintext)
    assert guest.farewells == [Code.PROTOCOL]
    assert bench.of(SessionClosed)[-1].code == Code.PROTOCOL
    assert bench.server.sessions == 0
    assert [answer[0] for answer, _ in bench.give(guest.sealed(BEAT), guest.path)] == [Sealed.TYPE]
    bob = bench.guest("bob")
    bob.ask(join("lobby"))
    assert bob.control(Joined)[0].chat_head == 0


@proves("UC-WIRE-10")
@pytest.mark.parametrize("kind", [0x08, 0x7F, 0xFF])
def test_an_unknown_frame_is_skipped_by_its_length(kind: int) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    bench.wait(1)
    guest.send(bytes((kind, 0, 5)) + b"abcde", entry(0, Nick(nick="ada")), bytes((kind, 0, 0)))
    bench.wait(0.03)
    assert guest.acked == 1
    alone = guest.seal.next_number if guest.seal else 0
    guest.send(bytes((kind, 0, 0)))
    bench.wait(0.1)
    assert alone not in guest.listed  # nothing known and eliciting in it
    assert bench.server.sessions == 1


@proves("UC-WIRE-10", "UC-RECV-2")
def test_only_eliciting_packets_are_listed() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    numbers = {}
    for name, frame in {
        "padding": Padding(size=9),
        "ack": Ack(channel=0, next=0),
        "seen": Seen(largest=0, delay=0, bitmap=0),
        "beat": BEAT,
        "challenge": Challenge(data=bytes(8)),
        "response": Response(data=bytes(8)),
        "entry": entry(0, Nick(nick="ada")),
        "last": BEAT,
    }.items():
        assert guest.seal is not None
        numbers[name] = guest.seal.next_number
        guest.send(frame)
    bench.wait(0.1)
    listed = {name for name, number in numbers.items() if number in guest.listed}
    assert listed == {"beat", "challenge", "response", "entry", "last"}


def test_a_challenge_is_answered_with_its_data_on_its_path() -> None:
    bench = Bench()
    guest = bench.guest()
    frames = guest.send(Challenge(data=b"abcdefgh"))
    assert Response(data=b"abcdefgh") in frames


@proves("UC-LOG-6")
@pytest.mark.parametrize(
    "frame",
    [
        Seen(largest=50, delay=0, bitmap=0),
        Seen(largest=2**48 - 1, delay=0, bitmap=0),
        Ack(channel=0, next=2),
        Ack(channel=0, next=2**64 - 1),
    ],
)
def test_a_claim_about_what_was_never_sent_closes_the_session(frame: Seen | Ack) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    assert set(guest.logs[0]) == {0}
    guest.send(frame)
    assert guest.farewells == [Code.PROTOCOL]


@proves("UC-LOG-6")
def test_an_ack_that_moves_back_or_of_an_unknown_channel_is_ignored() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.send(Ack(channel=0, next=1))
    guest.send(Ack(channel=0, next=0), Ack(channel=77, next=5), Ack(channel=2**32 - 1, next=2**64 - 1))
    guest.ask(Nick(nick="ada"))
    assert guest.acked == 1
    assert guest.farewells == []


@proves("UC-SEAL-2")
def test_the_servers_numbers_begin_at_0_and_grow_by_1() -> None:
    bench = Bench()
    guest = bench.guest()
    for n in range(20):
        guest.ask(Nick(nick=f"ada{n}"))
    assert [number for number, _ in guest.packets] == list(range(len(guest.packets)))


@proves("UC-SEAL-2")
def test_the_clients_numbers_begin_at_0_and_grow_by_1_in_each_session() -> None:
    desk = Desk(nick="ada")
    for _ in range(2):
        desk.open()
        desk.wait(30)
        assert [number for _, number, _ in desk.packets] == list(range(len(desk.packets)))
        desk.give(Reset(session=desk.session, reset=desk.reset).build())


# -- TERMS ---------------------------------------------------------------------------------------------------------


@proves("UC-SESS-1")
def test_terms_tells_the_servers_choices() -> None:
    bench = Bench(heartbeat=2, timeout=7, expiry=100, seen_every=4, seen_delay=0.05)
    terms = bench.guest().control(Terms)[0]
    told = (terms.heartbeat, terms.timeout, terms.expiry, terms.seen_every, terms.seen_delay)
    assert told == (2000, 7000, 100_000, 4, 50)


def beat_gap(desk: Desk) -> float:
    """Seconds from one heartbeat to the next, each of them SEEN."""
    times: list[float] = []
    for _ in range(4):
        count = len(desk.packets)
        while len(desk.packets) == count:
            desk.wait(0.05)
        times.append(desk.packets[-1][0])
        desk.send(desk.seen())
    return times[-1] - times[-2]


@proves("UC-SESS-2")
@pytest.mark.parametrize(
    ("told", "meant"),
    [(0, 0.1), (99, 0.1), (100, 0.1), (2000, 2.0), (60_000, 60.0), (60_001, 60.0), (2**32 - 1, 60.0)],
)
def test_heartbeat_is_adopted_within_its_range(told: int, meant: float) -> None:
    desk = Desk()
    desk.open(heartbeat=told, timeout=300_000)
    assert beat_gap(desk) == pytest.approx(meant, abs=1e-6)


@proves("UC-SESS-2")
@pytest.mark.parametrize(("told", "meant"), [(0, 0.3), (4000, 4.0), (300_000, 300.0), (2**32 - 1, 300.0)])
def test_timeout_is_adopted_within_its_range(told: int, meant: float) -> None:
    desk = Desk()
    desk.open(timeout=told)
    desk.send(BEAT)
    heard = desk.now
    desk.wait(400)
    down = [when for when, event in desk.events if getattr(event, "up", None) is False]
    assert down[-1] - heard == pytest.approx(meant)


def seen_after(desk: Desk, count: int) -> list[float]:
    """Seconds after which SEEN leaves for so many eliciting packets at once."""
    begin, before = desk.now, len(desk.packets)
    for _ in range(count):
        desk.send(NUDGE)
    desk.wait(0.6)
    return [
        round(when - begin, 6)
        for when, _, frames in desk.packets[before:]
        if any(isinstance(frame, Seen) for frame in frames)
    ]


@proves("UC-SESS-2", "UC-LOG-5")
@pytest.mark.parametrize(("told", "meant"), [(0, 1), (1, 1), (2, 2), (5, 5), (32, 32), (33, 32), (255, 32)])
def test_seen_every_is_adopted_within_its_range(told: int, meant: int) -> None:
    desk = Desk()
    desk.open(seen_every=told, seen_delay=100)
    if meant > 1:
        assert seen_after(desk, meant - 1)[0] > 0
    assert seen_after(desk, meant)[0] == 0


@proves("UC-SESS-2", "UC-LOG-5")
@pytest.mark.parametrize(("told", "meant"), [(0, 0.0), (10, 0.01), (500, 0.5), (501, 0.5), (65_535, 0.5)])
def test_seen_delay_is_adopted_within_its_range(told: int, meant: float) -> None:
    desk = Desk()
    desk.open(seen_every=16, seen_delay=told)
    assert seen_after(desk, 1)[0] == pytest.approx(meant)


@proves("UC-SESS-2")
def test_terms_that_come_again_hold_from_then_on() -> None:
    desk = Desk()
    desk.open(seen_every=16, seen_delay=10)
    assert seen_after(desk, 1)[0] == pytest.approx(0.01)
    desk.tell(desk.terms(seen_every=16, seen_delay=100))
    desk.wait(0.5)
    assert seen_after(desk, 1)[0] == pytest.approx(0.1)


@proves("UC-LOG-13")
def test_a_busy_server_asks_for_fewer_seens_but_not_of_those_who_lose_packets() -> None:
    bench = Bench(chat_rate=1e6, chat_burst=1e6)
    talker, deaf, *crowd = [bench.guest(f"g{n}") for n in range(50)]
    for guest in (talker, deaf, *crowd):
        guest.ask(join("lobby"))

    def everybody_says_seen() -> None:
        deaf.packets[-8:] = [each for each in deaf.packets[-8:] if each[0] % 4]  # a quarter of them never came
        for guest in (talker, deaf, *crowd):
            guest.send(NUDGE)

    def asked_for(guest: Guest) -> list[tuple[int, int]]:
        return [(terms.seen_every, terms.seen_delay) for terms in guest.control(Terms)]

    for n in range(1, 600):
        talker.send(entry(n, say("hi", n)))
        bench.wait(1 / 250)
        if n % 8 == 0:
            everybody_says_seen()
    assert {tuple(asked_for(guest)) for guest in crowd} == {((2, 25), (32, 500))}
    assert asked_for(deaf) == [(2, 25)]
    for _ in range(6):
        bench.wait(12)
        everybody_says_seen()
    assert {tuple(asked_for(guest)) for guest in crowd} == {((2, 25), (32, 500), (2, 25))}


@proves("UC-LOG-13")
def test_readers_of_a_quiet_room_of_a_busy_server_are_asked_for_nothing() -> None:
    bench = Bench(chat_rate=1e6, chat_burst=1e6)
    talker, quiet, *crowd = [bench.guest(f"g{n}") for n in range(50)]
    quiet.ask(join("study"))
    for guest in (talker, *crowd):
        guest.ask(join("lobby"))
    for n in range(1, 600):
        talker.send(entry(n, say("hi", n)))
        bench.wait(1 / 250)
        if n % 60 == 0:
            quiet.ask(say("well", n, "study"))
        if n % 8 == 0:
            for guest in (talker, *crowd):
                guest.send(NUDGE)
    assert {len(guest.control(Terms)) for guest in crowd} == {2}
    assert len(quiet.control(Terms)) == 1


@proves("UC-LOG-13")
def test_answers_to_heartbeats_do_not_make_a_server_busy() -> None:
    bench = Bench()
    crowd = [bench.guest(f"g{n}") for n in range(25)]
    for _ in range(250):
        for guest in crowd:
            guest.send(BEAT)
        bench.wait(0.01)
    assert {len(guest.control(Terms)) for guest in crowd} == {1}


# -- the uplink of a client ----------------------------------------------------------------------------------------


@proves("UC-SESS-3", "UC-ROOM-9")
def test_a_session_begins_with_nick_rooms_and_what_was_not_acknowledged() -> None:
    key = Desk().key
    outbox = (Message("b", 11, "one"), Message("a", 5, "two", more=True))
    state = ClientState(bytes(range(32)), 1, Pin(key), "ada", {"a": None, "b": None}, outbox)
    desk = Desk(state=state)
    desk.open(seen=False)
    wishes = [Nick(nick="ada"), join("a"), join("b"), say("one", 11, "b"), Say(room="a", id=5, flags=1, text="two")]
    assert desk.asked == wishes
    desk.wait(0.05)
    desk.send(desk.seen())
    desk.client.say("a", "three", desk.now)
    desk.drain()
    third = desk.asked[5]
    desk.settle()
    assert desk.client.unacknowledged == 0
    desk.client.say("b", "four", desk.now)
    fourth = desk.client.state.outbox[0].id
    desk.drain()
    desk.give(Reset(session=desk.session, reset=desk.reset).build())
    desk.open(seen=False)
    assert desk.asked == [*wishes[:3], say("four", fourth, "b")]
    assert third.id not in (11, 5, fourth)


@proves("UC-ROOM-9")
def test_ids_of_messages_are_random_and_not_repeated() -> None:
    ids: set[int] = set()
    for seed in range(5):
        desk = Desk(seed)
        desk.client.join("lobby", desk.now)
        ids |= {desk.client.say("lobby", "x", desk.now) for _ in range(20)}
    assert len(ids) == 100
    assert min(ids) > 2**48  # all 64 bits are drawn: the odds of this failing are 1 in 600
    assert max(ids) > 2**63


@proves("UC-SESS-6")
def test_a_paste_stops_at_the_unanswered_and_holds_up_no_command() -> None:
    desk = Desk(nick="ada", rooms={"lobby": None})
    desk.open()
    before = len(desk.asked)
    for n in range(30):
        desk.client.say("lobby", f"line {n}", desk.now)
    desk.drain()
    assert [type(body) for body in desk.asked[before:]] == [Say] * UNANSWERED
    desk.client.join("other", desk.now)
    desk.client.nick("lovelace", desk.now)
    desk.client.part("lobby", desk.now)
    desk.drain()
    assert [type(body) for body in desk.asked[before:]] == [Say] * UNANSWERED + [Join, Nick]
    for _ in range(10):
        desk.settle()
    asked = desk.asked[before:]
    assert [body.text for body in asked if isinstance(body, Say)] == [f"line {n}" for n in range(30)]
    assert isinstance(asked[-1], Part)


@proves("UC-SESS-6")
def test_the_uplink_holds_so_many_entries_and_no_more() -> None:
    desk = Desk()
    desk.open()
    for n in range(50):
        desk.client.join(f"room {n}", desk.now)
    desk.drain()
    desk.wait(0.5)
    assert len(desk.asked) == UPLINK_ENTRIES
    last = max(desk.logs)
    desk.send(desk.seen(), Ack(channel=0, next=last - UPLINK_ENTRIES + 1 + 5))
    assert len(desk.asked) == UPLINK_ENTRIES + 5
    assert sum(len(body.build()) for body in desk.asked[-UPLINK_ENTRIES:]) <= UPLINK_BYTES


@proves("UC-SESS-7")
def test_quit_is_the_last_entry_whatever_waits() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.open()
    for n in range(30):
        desk.client.say("lobby", f"line {n}", desk.now)
    desk.client.join("other", desk.now)
    desk.client.quit(desk.now)
    desk.drain()
    for _ in range(5):
        desk.wait(0.5)
    assert isinstance(desk.asked[-1], Quit)
    assert len(desk.client.state.outbox) == 30
    desk.settle()
    assert desk.of(Closed) == [Closed(Code.QUIT, "")]
    assert len(desk.client.state.outbox) == 30 - UNANSWERED


@proves("UC-SESS-7")
def test_quit_waits_for_a_full_uplink() -> None:
    desk = Desk()
    desk.open()
    for n in range(40):
        desk.client.join(f"room {n}", desk.now)
    desk.client.quit(desk.now)
    desk.drain()
    assert len(desk.asked) == UPLINK_ENTRIES
    assert not isinstance(desk.asked[-1], Quit)
    desk.wait(1)
    desk.send(desk.seen(), Ack(channel=0, next=max(desk.logs) + 1))
    assert isinstance(desk.asked[-1], Quit)


# -- the uplink at a server ----------------------------------------------------------------------------------------


@proves("UC-SESS-4", "UC-LOG-2")
def test_entries_take_effect_in_the_order_of_their_offsets_however_they_come() -> None:
    bench = Bench()
    guest = bench.guest()
    bodies = [Nick(nick="ada"), join("lobby"), *(say(f"{n}", n) for n in range(6)), Part(room="lobby")]
    for offset in (8, 3, 5, 5, 2, 7, 1, 6, 4):
        guest.send(entry(offset, bodies[offset]))
    bench.wait(0.1)
    assert guest.acked == 0
    assert guest.control(Joined) == []
    guest.send(entry(0, bodies[0]))
    guest.send(entry(0, Nick(nick="late and again")))
    bench.wait(0.1)
    assert guest.acked == 9
    assert len(guest.control(Joined)) == len(guest.control(Parted)) == 1
    assert guest.control(Failed) == []
    bob = bench.guest("bob")
    bob.ask(join("lobby"))
    bob.send(BEAT)
    bench.wait(0.1)
    chats = bob.read(Logs.CHAT, bob.control(Joined)[0].chat_channel)
    assert [(chat.nick, chat.text) for chat in chats] == [("ada", str(n)) for n in range(6)]


@proves("UC-SESS-4", "UC-SESS-5")
def test_an_entry_waits_until_the_one_before_it_was_answered() -> None:
    bench = held()
    guest = bench.guest()
    settle(bench)
    guest.ask(Nick(nick="ada"), join("lobby"), say("a", 1), say("b", 2), Part(room="lobby"), join("lobby"))
    assert guest.acked == 0
    bench.release(1)  # the nick
    bench.wait(0.1)
    assert guest.acked == 1
    bench.release(1)  # the room
    bench.wait(0.1)
    assert guest.acked == 2
    assert len(guest.control(Joined)) == 1
    bench.wait(1)
    assert guest.acked == 2
    assert guest.control(Parted) == []
    assert bench.store.release(2) == 2  # both messages were asked for together
    bench.drain()
    bench.wait(0.1)
    guest.send(BEAT)
    assert len(guest.control(Parted)) == 1
    settle(bench)
    bench.wait(0.1)
    assert guest.acked == 6
    assert len(guest.control(Joined)) == 2


@proves("UC-SESS-5", "UC-LOG-9")
def test_a_say_is_acknowledged_and_read_when_the_store_has_it() -> None:
    bench = held()
    guest = bench.guest()
    settle(bench)
    guest.ask(join("lobby"))
    settle(bench)
    guest.send(BEAT)
    channel = guest.control(Joined)[0].chat_channel
    guest.ask(say("a", 1), say("b", 2))
    bench.wait(5)
    assert guest.acked == 1
    assert guest.entries(channel) == []
    bench.release(1)
    bench.wait(0.1)
    assert guest.acked == 2
    assert [chat.text for chat in guest.read(Logs.CHAT, channel)] == ["a"]
    settle(bench)
    bench.wait(0.1)
    assert guest.acked == 3
    assert [chat.text for chat in guest.read(Logs.CHAT, channel)] == ["a", "b"]


@proves("UC-SESS-5", "UC-WIRE-12")
def test_bad_and_unknown_entries_fail_and_wedge_nothing() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.send(
        Entry(channel=0, offset=0, kind=0x01, body=b""),
        Entry(channel=0, offset=1, kind=0x01, body=b"\x00"),
        Entry(channel=0, offset=2, kind=0x01, body=b"\x02\xff\xff"),
        Entry(channel=0, offset=3, kind=0x7F, body=b"whatever"),
        Entry(channel=0, offset=4, kind=0x21, body=bytes(40)),
        Entry(channel=0, offset=5, kind=0x04, body=b"\x05lobby"),
        Entry(channel=0, offset=6, kind=0x01, body=Nick(nick="ada").build() + b"room to grow"),
    )
    bench.wait(0.1)
    guest.send(BEAT)
    bench.wait(0.1)
    assert guest.acked == 7
    failed = [(each.request, each.code) for each in guest.control(Failed)]
    bad, unknown = Code.MALFORMED, Code.UNKNOWN_KIND
    assert failed == [(0, bad), (1, bad), (2, bad), (3, unknown), (4, unknown), (5, bad)]
    guest.offset = 7
    guest.ask(join("lobby"))
    assert len(guest.control(Joined)) == 1


@proves("UC-SESS-5", "UC-SESS-4")
def test_a_message_that_failed_is_acknowledged_once_its_failed_was_seen() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    guest.ask(say("a", 1), Part(room="nowhere"))
    guest.send(BEAT)
    assert [(each.request, each.code) for each in guest.control(Failed)] == [(0, Code.NOT_JOINED)]
    assert guest.acked == 0
    guest.polite = True
    guest.ask()
    assert guest.acked == 2
    assert [each.request for each in guest.control(Failed)] == [0, 1]


@proves("UC-SESS-5")
def test_the_ack_of_a_failed_entry_never_comes_before_its_failed() -> None:
    bench = Bench()
    guest = bench.guest()
    frames = guest.ask(Part(room="nowhere"))
    packet = next(each for _, each in guest.packets if Ack(channel=0, next=1) in each)
    assert [frame.kind for frame in packet if isinstance(frame, Entry)] == [Failed.KIND]
    assert frames[: len(packet)] == packet


class Failing(MemoryStore):
    """A store whose disk is full."""

    def submit(self, requests: Sequence[ServerRequest], done: Callable[[Sequence[ServerResult]], None]) -> None:
        done([StoreFailed(request, "disk full") for request in requests])


@proves("UC-SESS-5", "UC-SESS-4")
def test_a_store_that_fails_fails_the_entry_and_the_next_one_goes_on() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(Nick(nick="ada"), join("lobby"))
    store, bench.store = bench.store, Failing()
    guest.ask(Nick(nick="other"), join("second"), say("a", 1), say("b", 2), Part(room="lobby"))
    guest.ask()
    assert guest.acked == 7
    failed = [(each.request, each.code) for each in guest.control(Failed)]
    assert failed == [(n, Code.STORAGE) for n in (2, 3, 4, 5)]
    bench.store = store
    guest.ask(Nick(nick="third"), join("lobby"), say("c", 3))
    guest.send(BEAT)
    joined = guest.control(Joined)[-1]
    assert [chat.text for chat in guest.read(Logs.CHAT, joined.chat_channel)] == ["c"]


@proves("UC-SESS-4")
def test_results_for_sessions_that_are_over_are_dropped() -> None:
    bench = held()
    guest = bench.guest()
    settle(bench)
    guest.ask(join("lobby"), say("said before", 1))
    guest.send(Bye(code=Code.QUIT, reason=""))
    assert bench.server.sessions == 0
    settle(bench)
    guest.begin()
    settle(bench)
    guest.ask(join("lobby"), say("a", 2))
    bench.release(1)
    bench.wait(0.1)
    guest.send(Bye(code=Code.QUIT, reason=""))
    settle(bench)  # the message is in the store all the same
    bob = bench.guest("bob")
    settle(bench)
    bob.ask(join("lobby"))
    settle(bench)
    bob.send(BEAT)
    bench.wait(0.1)
    assert [chat.text for chat in bob.read(Logs.CHAT, bob.control(Joined)[0].chat_channel)] == ["a"]


# -- QUIT, BYE, SHUTDOWN -------------------------------------------------------------------------------------------


@proves("UC-SESS-8")
def test_quit_is_answered_with_ack_and_bye_in_one_packet_and_the_session_is_forgotten() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(Nick(nick="ada"), join("lobby"))
    guest.ask(Quit(reason="so long"))
    last = guest.packets[-1][1]
    assert Ack(channel=0, next=3) in last
    assert [frame.code for frame in last if isinstance(frame, Bye)] == [Code.QUIT]
    assert bench.server.sessions == 0
    bench.wait(FAREWELL)
    assert dict(bench.server.tables) == dict.fromkeys(bench.server.tables, 0)
    assert only(Reset, bench.give(guest.sealed(BEAT), guest.path))


def replaced(bench: Bench, *, path: str = "home") -> Guest:
    """One whose program was started twice, and who lost the BYE that said so."""
    first = bench.guest("ada", path=path)
    del bench.guests[path]
    Guest(bench, "ada").begin()
    bench.guests[path] = first
    return first


@proves("UC-SESS-11")
def test_who_lost_a_bye_that_ends_is_sent_it_again_and_not_reset() -> None:
    bench = Bench()
    first = replaced(bench)
    assert first.farewells == []
    for _ in range(2):
        bench.wait(FAREWELL / 3)
        bench.give(first.sealed(BEAT), first.path)
        assert first.farewells == [Code.REPLACED], "the same datagram, whose second copy is a replay"
    bench.wait(FAREWELL / 3)
    assert only(Reset, bench.give(first.sealed(BEAT), first.path))
    assert bench.server.tables["farewells"] == 0


@proves("UC-SESS-11")
def test_a_bye_goes_again_to_its_own_path_alone_and_as_seldom_as_a_reset() -> None:
    bench = Bench(reset_rate=3)
    first = replaced(bench)
    assert only(Reset, bench.give(first.sealed(BEAT), "elsewhere"))
    bench.wait(1)
    answers = [len(bench.give(first.sealed(BEAT), first.path)) for _ in range(9)]
    assert 0 < sum(answers) <= 3


@proves("UC-SESS-11")
def test_so_many_byes_are_kept_and_the_oldest_goes_first() -> None:
    bench = Bench(sessions_per_prefix=2000, handshake_rate=100_000)
    guests = [bench.guest(f"g{n}", path=f"p{n}") for n in range(FAREWELLS_MAX + 1)]
    for guest in guests:
        guest.ask(Quit(reason=""))
    assert bench.server.tables["farewells"] == FAREWELLS_MAX
    kinds = [bench.give(guest.sealed(BEAT), guest.path)[0][0][0] for guest in (guests[0], guests[1], guests[-1])]
    assert kinds == [Reset.TYPE, Sealed.TYPE, Sealed.TYPE]


@proves("UC-SESS-9", "UC-SESS-11")
@pytest.mark.parametrize("loss", [0.0, 0.3, 0.6])
def test_of_two_programs_with_one_key_the_later_one_stays_whatever_is_lost(loss: float) -> None:
    for seed in range(5):
        net = Net(seed)
        first = net.person("ada")
        assert net.run(60, lambda first=first: first.client.status is State.OPEN)
        down = net.down[first.path]
        down.conditions = replace(down.conditions, blackouts=((net.now, net.now + 1),))
        second = net.person("ada", state=first.client.state)
        net.run(1)
        down.conditions = replace(down.conditions, loss=loss)
        net.run(50)
        assert first.events[-1] == Closed(Code.REPLACED, "")
        assert second.client.status is State.OPEN
        assert [each for each in second.events if isinstance(each, Closed | Disconnected)] == []


@proves("UC-SESS-8", "UC-SESS-4")
def test_quit_waits_for_the_messages_before_it() -> None:
    bench = held()
    guest = bench.guest()
    settle(bench)
    guest.ask(join("lobby"))
    settle(bench)
    guest.ask(say("a", 1), Quit(reason=""))
    bench.wait(1)
    assert guest.farewells == []
    settle(bench)
    bench.drain()
    assert guest.farewells == [Code.QUIT]
    assert guest.acked == 3


@proves("UC-SESS-8")
def test_entries_after_quit_do_nothing() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"), Quit(reason=""), say("ghost", 1))
    assert guest.farewells == [Code.QUIT]
    bob = bench.guest("bob")
    bob.ask(join("lobby"))
    assert bob.control(Joined)[0].chat_head == 0


@proves("UC-SESS-8")
def test_a_server_that_stops_says_bye_to_every_live_session() -> None:
    bench = Bench()
    guests = [bench.guest(f"g{n}") for n in range(5)]
    bench.server.close(bench.now)
    bench.drain()
    assert [guest.farewells for guest in guests] == [[Code.SHUTDOWN]] * 5
    assert bench.server.sessions == 0
    assert bench.wait(1000) == []


@proves("UC-SESS-9")
def test_a_bye_is_not_answered_and_the_session_is_forgotten() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"))
    assert guest.send(Bye(code=Code.QUIT, reason="")) == []
    assert bench.server.sessions == 0
    assert bench.wait(1000) == []
    assert dict(bench.server.tables) == dict.fromkeys(bench.server.tables, 0)


@proves("UC-SESS-9")
def test_a_bye_is_sent_once() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.send(b"\x01")
    assert guest.farewells == [Code.PROTOCOL]
    assert bench.wait(1000) == []


# -- liveness at the server ----------------------------------------------------------------------------------------


@proves("UC-LIVE-3")
def test_a_silent_session_is_unreachable_is_sent_nothing_and_comes_back_without_a_handshake() -> None:
    bench = Bench()
    quiet, bob = bench.guest("ada"), bench.guest("bob")
    for guest in (quiet, bob):
        guest.ask(join("lobby"))
        guest.send(BEAT)
    bench.wait(0.1)
    quiet.send(BEAT)
    begin = bench.now
    for _ in range(4):
        bench.wait(TIMEOUT / 4)
        bob.send(BEAT)
    assert bench.of(SessionReachable) == [SessionReachable(quiet.session, quiet.fingerprint, reachable=False)]
    assert bench.now == begin + TIMEOUT
    count = len(quiet.packets)
    for n in range(50):
        bob.ask(say(f"{n}", n))
        bench.wait(5)
    assert len(quiet.packets) == count
    quiet.send(BEAT)
    assert bench.of(SessionReachable)[-1] == SessionReachable(quiet.session, quiet.fingerprint, reachable=True)
    for _ in range(8):
        bench.wait(0.2)
        quiet.send(BEAT)
    assert len(quiet.entries(quiet.control(Joined)[0].chat_channel)) == 50


@proves("UC-LIVE-3")
def test_a_session_whose_acks_were_not_confirmed_is_sent_nothing_either() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    guest.ask(Nick(nick="ada"))
    heard = bench.now - 0.03
    sent = bench.wait(EXPIRY_ROOMLESS)
    late = [when - heard for when, _, path in sent if path == guest.path and when >= heard + TIMEOUT]
    assert [round(each, 3) for each in late] == [EXPIRY_ROOMLESS]  # BYE alone
    assert guest.farewells == [Code.EXPIRED]


@proves("UC-LIVE-3")
def test_noise_does_not_count_as_being_heard() -> None:
    bench = Bench()
    guest = bench.guest()
    replay = guest.sealed(BEAT)
    bench.give(replay, guest.path)
    for _ in range(20):
        bench.wait(1)
        bench.give(replay, guest.path)
        bench.give(replay[:-1] + bytes((replay[-1] ^ 1,)), guest.path)
    assert [event.reachable for event in bench.of(SessionReachable)] == [False]


@proves("UC-LIVE-3")
@pytest.mark.parametrize(("rooms", "life"), [(0, EXPIRY_ROOMLESS), (1, 1000.0)])
def test_a_session_that_stays_silent_expires(rooms: int, life: float) -> None:
    bench = Bench(expiry=1000)
    guest = bench.guest()
    if rooms:
        guest.ask(join("lobby"))
    guest.send(BEAT)
    bench.wait(life - 1)
    assert bench.server.sessions == 1
    bench.wait(1.1)
    assert bench.of(SessionClosed) == [SessionClosed(guest.session, guest.fingerprint, Code.EXPIRED)]
    assert guest.farewells == [Code.EXPIRED]
    assert bench.server.next_timeout() is None or bench.server.tables["half_open"] == 0
    assert bench.server.tables["members"] == bench.server.tables["rooms"] == 0


# -- packets and age -----------------------------------------------------------------------------------------------


@proves("UC-SEAL-5")
def test_a_server_ends_a_session_that_is_too_old_and_sends_nothing_in_it_after() -> None:
    bench = Bench(heartbeat=60, timeout=300)
    guest = bench.guest()
    guest.ask(join("lobby"))
    begin = bench.now - 0.03
    while bench.now < begin + SESSION_LIFE - 300:
        bench.wait(250)
        guest.send(BEAT)
        assert bench.server.sessions == 1
    sent = bench.wait(begin + SESSION_LIFE + 300 - bench.now)
    assert all(when <= begin + SESSION_LIFE for when, _, _ in sent)
    guest.send(BEAT)
    bench.wait(1)
    assert bench.server.sessions == 0
    assert bench.of(SessionClosed)[-1].code in (Code.LIFETIME, Code.EXPIRED)


@proves("UC-SEAL-5")
def test_a_client_makes_a_new_session_when_the_old_one_is_too_old() -> None:
    desk = Desk()
    desk.open(heartbeat=60_000, timeout=300_000)
    begin, token = 1000.0, desk.hello.token
    desk.wait(SESSION_LIFE - 1000)
    assert desk.hello.token == token
    desk.wait(1100)
    assert desk.hello.token != token
    assert desk.packets[-1][0] <= begin + SESSION_LIFE
    assert [event.code for event in desk.of(Disconnected)] == [Code.LIFETIME]


# -- FAILED at the client ------------------------------------------------------------------------------------------


@proves("UC-SESS-5")
def test_failed_is_told_with_what_the_person_had_asked_for() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.open()
    message = desk.client.say("lobby", "x", desk.now)
    desk.drain()
    offset = max(desk.logs)
    desk.tell(Failed(request=offset, code=Code.TEXT, reason="bad \x1b[31m words"))
    (failed,) = desk.of(CommandFailed)
    assert (failed.command, failed.room, failed.id, failed.code) == (Command.SAY, "lobby", message, Code.TEXT)
    assert "\x1b" not in failed.reason
    desk.settle()
    assert desk.client.unacknowledged == 0


@proves("UC-WIRE-12")
def test_control_entries_that_cannot_be_read_wedge_nothing() -> None:
    desk = Desk()
    desk.open()
    desk.send(
        Entry(channel=0, offset=1, kind=0x21, body=b"short"),
        Entry(channel=0, offset=2, kind=0x99, body=b"unknown"),
        Entry(channel=0, offset=3, kind=0x01, body=b"\x01a"),
        Entry(channel=0, offset=4, kind=0x27, body=Failed(request=99, code=250, reason="").build() + b"more"),
    )
    desk.wait(0.1)
    acks = [frame.next for _, _, frames in desk.packets for frame in frames if isinstance(frame, Ack)]
    assert max(acks) == 5


def test_history_is_answered_one_way_or_the_other() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"), History(room="lobby", start=0, count=10))
    assert guest.acked == 2


@proves("UC-LOG-8")
def test_an_ack_that_was_seen_is_not_sent_again() -> None:
    desk = Desk()
    desk.open()
    desk.tell(desk.terms())
    desk.send(BEAT)  # the ACK rides with SEEN
    desk.wait(0.06)  # and once more, with a HEARTBEAT that asks for SEEN
    desk.settle()
    count = len(desk.packets)
    desk.wait(4)
    assert len(desk.packets) == count


@proves("UC-SESS-6")
def test_a_join_stays_behind_a_part_of_its_room_that_waits() -> None:
    desk = Desk()
    desk.open()
    desk.client.join("lobby", desk.now)
    for n in range(UNANSWERED + 2):
        desk.client.say("lobby", str(n), desk.now)
    desk.client.part("lobby", desk.now)
    desk.client.join("lobby", desk.now)
    desk.drain()
    desk.settle()
    desk.wait(0.2)
    desk.settle()
    kinds = [type(body) for body in desk.asked if not isinstance(body, Say)]
    assert kinds == [Join, Part, Join]


@proves("UC-MEMB-3")
def test_after_a_nick_that_was_refused_the_next_session_asks_for_the_one_before() -> None:
    desk = Desk(nick="ada")
    desk.open()
    desk.client.nick("bob", desk.now)
    desk.drain()
    desk.tell(Failed(request=1, code=Code.NICK_TAKEN, reason=""))
    assert desk.client.state.nick == "ada"
    assert desk.changes[-1] == NickChosen("ada")
