"""Changing addresses: what moves a session, what a path may cost, several addresses of a server (SPEC.md 12)."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, Landed, join
from net import Net, Person
from proves import proves
from udpchat_core.events import AddressNeeded, Disconnected, JoinedRoom, LinkChanged, SessionReachable
from udpchat_core.limits import Limits
from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.constants import (
    HEARTBEAT,
    INITIAL_WINDOW,
    PATH_BUDGET,
    PATH_SIZE,
    PATH_TRIES,
    SEEN_DELAY,
    TIMEOUT,
)
from udpchat_protocol.entries import Joined, Say
from udpchat_protocol.frames import Ack, Challenge, Entry, Heartbeat, Padding, Response, Seen
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, TAG

A, B, V = "a", "b", "v"
"""Where a guest is at first, where it moves to, and an address that is not its own."""

FRAME, CHALLENGE = 3, HEADER + 3 + 8 + TAG
FEW = CHALLENGE
"""Bytes of a packet that pays for its CHALLENGEs, and for nothing else."""


def at_home(bench: Bench, name: str = "ada", *, polite: bool = True, rtt: float = 0.0) -> Guest:
    """A guest on path A; `rtt`: between its WELCOME and its first packet."""
    guest = Guest(bench, name, path=A, polite=polite)
    guest.shake()
    bench.wait(rtt)
    guest.send(BEAT)
    return guest


def sized(guest: Guest, size: int) -> bytes:
    """A packet with HEARTBEAT that has this many bytes."""
    data = guest.sealed(BEAT, Padding(size=size - HEADER - TAG - 2 * FRAME))
    assert len(data) == size
    return data


def answer(guest: Guest, path: str, data: bytes | None = None) -> None:
    """RESPONSE on a path, with the newest bytes for it or others."""
    guest.send(Response(data=data or guest.challenges(path)[-1]), path=path)


def talk(bench: Bench, guest: Guest, *, to: str) -> None:
    """Somebody says something: it goes to this path, and copies alone to another that is asked (UC-PATH-9)."""
    before = len(guest.landed)
    speaker = bench.guest(f"speaker {len(bench.guests)}")
    speaker.ask(join("lobby"), Say(room="lobby", id=len(bench.guests), flags=0, text="hello"))
    bench.wait(0.2)
    assert {each.path for each in guest.landed[before:] if any_entry(each.frames) and not copies(each)} == {to}


def copies(each: Landed) -> bool:
    """Is it a packet with CHALLENGE, and nothing but ENTRYs behind it?"""
    first, *others = each.frames
    return isinstance(first, Challenge) and all(isinstance(frame, Entry) for frame in others)


def entries(landed: Sequence[Landed]) -> list[tuple[int, int]]:
    """(channel, offset) of each ENTRY, in the order of coming."""
    return [(f.channel, f.offset) for each in landed for f in each.frames if isinstance(f, Entry)]


# -- the server moves a session only to where it was answered ------------------------------------------------------


@proves("UC-PATH-1", "UC-PATH-2")
def test_a_packet_from_elsewhere_is_asked_there_and_all_else_stays_where_it_was() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    guest.send(BEAT)
    before = len(guest.landed)
    guest.send(BEAT, path=B)
    (asked,) = guest.on(B)
    assert [type(frame) for frame in asked.frames] == [Challenge]
    assert asked.size == CHALLENGE
    talk(bench, guest, to=A)
    assert all(isinstance(each.frames[0], Challenge) for each in guest.on(B))
    assert {each.path for each in guest.landed[before:] if any(isinstance(f, Seen) for f in each.frames)} == {A}


@proves("UC-PATH-5")
def test_a_session_moves_when_the_question_is_answered_on_the_path_it_was_asked_on() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    guest.send(BEAT, path=B)
    answer(guest, B)
    before = len(guest.on(A))
    talk(bench, guest, to=B)
    guest.send(BEAT, path=B)
    bench.wait(3)
    assert len(guest.on(A)) == before
    assert len(guest.challenges(B)) == 1


@proves("UC-PATH-5", "UC-REPAIR-11")
def test_what_was_in_flight_goes_to_the_new_path_at_once() -> None:
    bench = Bench()
    guest = at_home(bench, polite=False)
    guest.ask(join("lobby"))
    begun = [each for each in guest.on(A) if any_entry(each.frames)]
    assert {f.offset for each in guest.on(A) for f in each.frames if isinstance(f, Entry)} >= {0, 1, 2}
    guest.send(BEAT, path=B)
    answer(guest, B)
    again = {f.offset for each in guest.on(B) for f in each.frames if isinstance(f, Entry) and f.channel == 0}
    assert again == {0, 1, 2}
    assert [each for each in guest.on(A) if any_entry(each.frames)] == begun


@proves("UC-LOG-8")
@pytest.mark.parametrize("known", [False, True])
def test_an_ack_that_went_to_the_old_path_goes_to_the_new_one_at_once(known: bool) -> None:
    bench = Bench()
    guest = at_home(bench, polite=False)
    guest.ask(join("lobby"), Say(room="lobby", id=1, flags=0, text="hello"))
    bench.wait(0.2)
    told = max(f.next for each in guest.on(A) for f in each.frames if isinstance(f, Ack) and f.channel == 0)
    if known:
        guest.send(Seen(largest=max(each.number for each in guest.landed), delay=0, bitmap=0))
    guest.send(BEAT, path=B)
    answer(guest, B)
    acks = [f.next for each in guest.on(B) for f in each.frames if isinstance(f, Ack) and f.channel == 0]
    assert acks == ([] if known else [told])


@proves("UC-PATH-5")
def test_the_time_of_a_question_that_was_asked_once_is_the_first_round_trip() -> None:
    """It shows in the probe timeout: nothing of what was sent on the new path is SEEN."""
    for wait, rtt in ((0.3, 0.3), (5.0, 0.5)):
        bench = Bench()
        guest = at_home(bench, polite=False, rtt=0.5)
        guest.ask(join("lobby"))
        guest.give(sized(guest, 600), B)
        bench.wait(wait)
        assert (len(guest.challenges(B)) == 1) is (wait < 1)
        answer(guest, B)
        moved = bench.now
        bench.wait(5)
        (probe, *_) = [each.time for each in guest.on(B) if each.time > moved and any_entry(each.frames)]
        assert probe - moved == pytest.approx(rtt + 4 * rtt / 2 + SEEN_DELAY)


def any_entry(frames: Sequence[object]) -> bool:
    return any(isinstance(frame, Entry) for frame in frames)


@proves("UC-PATH-2")
def test_only_the_highest_number_makes_a_path_the_candidate() -> None:
    bench = Bench()
    guest = at_home(bench)
    late = guest.sealed(BEAT)
    guest.send(BEAT)
    guest.give(late, B)
    bench.wait(3)
    assert guest.on(B) == []
    assert bench.dropped == {}


@proves("UC-PATH-2", "UC-PATH-5")
def test_older_packets_from_the_old_path_do_not_move_it_back() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    late = [guest.sealed(BEAT) for _ in range(5)]
    guest.send(BEAT, path=B)
    guest.give(late[0], A)
    answer(guest, B)
    for data in late[1:]:
        guest.give(data, A)
    bench.wait(1)
    assert guest.challenges(A) == []
    talk(bench, guest, to=B)


@proves("UC-PATH-2")
def test_a_question_is_asked_again_one_probe_timeout_after_the_last_and_three_times_in_all() -> None:
    bench = Bench()
    guest = at_home(bench, polite=False, rtt=0.2)
    pto = 0.2 + 4 * 0.1 + SEEN_DELAY
    guest.give(sized(guest, 1000), B)
    bench.wait(5)
    times = [each.time for each in guest.on(B)]
    assert len(times) == PATH_TRIES
    assert [b - a for a, b in pairwise(times)] == [pytest.approx(pto)] * (PATH_TRIES - 1)
    assert len(set(guest.challenges(B))) == 1
    # At once for each packet that comes on it, be it the newest or not, and as often again since the last.
    older = sized(guest, 200)
    for data in (sized(guest, 200), older, sized(guest, 200)):
        guest.give(data, B)
        bench.wait(0.1)
    bench.wait(TIMEOUT - 1)
    times = [each.time for each in guest.on(B)]
    later = [b - a for a, b in pairwise(times[PATH_TRIES:])]
    assert later == [pytest.approx(0.1)] * 2 + [pytest.approx(pto)] * (PATH_TRIES - 1)
    assert len(set(guest.challenges(B))) == 1


@proves("UC-PATH-2")
@pytest.mark.parametrize("where", [A, V])
def test_a_candidate_is_ended_by_the_path_in_use_and_replaced_by_a_third(where: str) -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    guest.send(BEAT, path=B)
    old = guest.challenges(B)[-1]
    guest.send(BEAT, path=where)
    assert len(guest.challenges(V)) == (where == V)
    for data in (old, *guest.challenges(V)):
        late = guest.sealed(Response(data=data))
        guest.send(BEAT, path=where)
        guest.give(late, B)
    bench.wait(5)
    assert len(guest.challenges(B)) == 1
    guest.send(BEAT, path=A)
    talk(bench, guest, to=A)
    # The next packet there tries again, with other bytes.
    guest.send(BEAT, path=B)
    assert guest.challenges(B)[-1] != old
    answer(guest, B)
    talk(bench, guest, to=B)


@proves("UC-PATH-5")
@pytest.mark.parametrize("how", ["wrong path", "old bytes", "wrong bytes", "unasked", "replayed"])
def test_any_other_answer_is_ignored(how: str) -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    first = bytes(8)
    if how != "unasked":
        guest.send(BEAT, path=B)
        first = guest.challenges(B)[-1]
    match how:
        case "wrong path":
            guest.send(Response(data=first), path=A)
            guest.send(Response(data=first), path=V)
        case "old bytes":
            guest.send(BEAT, path=A)
            guest.send(BEAT, path=B)
            assert guest.challenges(B)[-1] != first
            answer(guest, B, first)
        case "wrong bytes":
            answer(guest, B, bytes(8))
        case "unasked":
            guest.send(Response(data=bytes(8)), path=B)
            guest.send(Response(data=bytes(8)), path=A)
        case _:
            data = guest.sealed(Response(data=first))
            guest.give(data, B)
            guest.send(BEAT, path=A)
            answer(guest, A)
            guest.give(data, B)
            assert bench.dropped["replay"] == 1
    guest.send(BEAT, path=A)
    talk(bench, guest, to=A)
    assert guest.farewells == []


@proves("UC-PATH-2", "UC-PATH-5")
def test_a_nat_that_changes_its_mind_twice_is_followed_each_time() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    seen: set[bytes] = set()
    for path in (B, A, B, A):
        guest.send(BEAT, path=path)
        assert guest.challenges(path)[-1] not in seen
        seen.add(guest.challenges(path)[-1])
        answer(guest, path)
        guest.path = path
        talk(bench, guest, to=path)
        guest.send(BEAT)


@proves("UC-PATH-2", "UC-LIVE-3")
def test_a_sleeper_who_wakes_elsewhere_is_asked_there_and_comes_back_without_a_handshake() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    guest.send(BEAT)
    bench.wait(2 * TIMEOUT)
    assert [event.reachable for event in bench.of(SessionReachable)] == [False]
    guest.blind = {A}
    guest.send(BEAT, path=B)
    assert [event.reachable for event in bench.of(SessionReachable)] == [False, True]
    assert len(guest.challenges(B)) == 1
    answer(guest, B)
    talk(bench, guest, to=B)


@proves("UC-PATH-2", "UC-LIVE-3")
def test_a_session_that_falls_silent_is_not_asked_any_more() -> None:
    bench = Bench(timeout=0.3, heartbeat=0.1)
    guest = at_home(bench, polite=False, rtt=0.5)
    guest.give(sized(guest, 1000), B)
    bench.wait(30)
    assert [each.time for each in guest.landed if each.time > guest.on(B)[0].time + 0.301] == []


@proves("UC-PATH-1")
def test_a_farewell_goes_to_the_path_in_use_whoever_caused_it() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.send(b"\x01", path=B)
    assert guest.farewells == [Code.PROTOCOL]
    assert guest.on(B) == []


# -- what a path may cost ------------------------------------------------------------------------------------------


@proves("UC-PATH-3")
@pytest.mark.parametrize(("size", "asked"), [(38, 2), (42, 2), (CHALLENGE, PATH_TRIES), (1200, PATH_TRIES)])
def test_a_path_gets_three_times_what_it_paid_and_not_a_byte_more(size: int, asked: int) -> None:
    bench = Bench()
    guest = at_home(bench, polite=False)
    guest.give(sized(guest, size), B)
    bench.wait(10)
    assert len(guest.on(B)) == asked
    assert sum(each.size for each in guest.on(B)) <= PATH_BUDGET * size
    if size == CHALLENGE:
        assert sum(each.size for each in guest.on(B)) == PATH_BUDGET * size


@proves("UC-PATH-3", "UC-PATH-4")
def test_questions_of_a_client_are_answered_from_the_budget_of_the_path_too() -> None:
    bench = Bench()
    guest = at_home(bench, polite=False)
    questions = [Challenge(data=bytes([n]) * 8) for n in range(60)]
    for count in (1, 2, 3, 4, 60):
        paid = guest.sealed(*questions[:count])
        before = len(guest.landed)
        guest.give(paid, path := f"path {count}")
        bench.wait(10)
        got = [each for each in guest.landed[before:] if each.path == path]
        assert sum(each.size for each in got) <= PATH_BUDGET * len(paid)
        answers = [frame.data for each in got for frame in each.frames if isinstance(frame, Response)]
        assert answers == [each.data for each in questions[:count][-4:]]


def lagging(bench: Bench, count: int, text: str = "hello", *, polite: bool = True) -> tuple[Guest, int]:
    """A guest on path A who has not SEEN the last `count` messages; the channel that they are on."""
    guest = at_home(bench, polite=polite, rtt=0.1)
    guest.ask(join("lobby"))
    guest.send(BEAT)
    speaker = bench.guest("speaker")
    speaker.ask(join("lobby"))
    for n in range(count):
        speaker.ask(Say(room="lobby", id=n, flags=0, text=text))
    return guest, guest.control(Joined)[0].chat_channel


def bare(guest: Guest, size: int, *frames: Seen | Ack) -> bytes:
    """A packet with HEARTBEAT that has this many bytes, and says nothing of what came."""
    data = guest.sealed(*frames, BEAT, Padding(size=size - HEADER - TAG - 2 * FRAME))
    assert len(data) == size
    return data


@proves("UC-PATH-9", "UC-PATH-10")
def test_copies_of_what_was_lost_come_with_the_question_and_a_client_that_moved_pays_for_them() -> None:
    bench = Bench()
    guest, chat = lagging(bench, 4)
    guest.give(bare(guest, PATH_SIZE), B)
    (asked,) = guest.on(B)
    assert copies(asked)
    assert [each for each in entries([asked]) if each[0] == chat] == [(chat, n) for n in range(4)]
    assert asked.size <= PATH_BUDGET * PATH_SIZE


@proves("UC-PATH-5", "UC-PATH-8", "UC-PATH-9")
def test_a_copy_changes_nothing_where_the_entries_were_sent() -> None:
    """With copies to B or without, and whether SEEN tells of those or not, A gets the same at the same times."""
    got: list[list[tuple[float, list[tuple[int, int]]]]] = []
    for size, seen in ((FEW, False), (PATH_SIZE, False), (PATH_SIZE, True)):
        bench = Bench()
        guest, chat = lagging(bench, 4)
        before = len(guest.on(A))
        guest.give(bare(guest, size), B)
        assert (len(entries(guest.on(B))) > 0) is (size == PATH_SIZE)
        if seen:
            number = guest.on(B)[-1].number
            guest.give(guest.sealed(Seen(largest=number, delay=0, bitmap=0)), B)
        bench.wait(5)
        assert {(chat, n) for n in range(4)} <= set(entries(guest.on(A)[before:]))
        if not seen:
            got.append([(each.time, entries([each])) for each in guest.on(A)[before:]])
    assert got[0] == got[1]


@proves("UC-PATH-5", "UC-PATH-9")
@pytest.mark.parametrize("acknowledged", [False, True])
def test_what_was_copied_is_sent_again_when_the_session_moves_unless_an_ack_came(acknowledged: bool) -> None:
    bench = Bench()
    guest, chat = lagging(bench, 4)
    guest.give(bare(guest, PATH_SIZE), B)
    guest.polite = False
    if acknowledged:
        guest.give(guest.sealed(Ack(channel=chat, next=4)), B)
    before = len(guest.on(B))
    answer(guest, B)
    again = [each for each in entries(guest.on(B)[before:]) if each[0] == chat]
    assert again == ([] if acknowledged else [(chat, n) for n in range(4)])
    guest.polite = True
    guest.send(BEAT, path=B)
    talk(bench, guest, to=B)


@proves("UC-PATH-2", "UC-PATH-3", "UC-PATH-9")
@pytest.mark.parametrize("size", [FEW, 60, 80, 150, 399, 400, 600, 1200])
def test_copies_leave_enough_to_ask_as_often_as_without_them(size: int) -> None:
    bench = Bench()
    guest, _ = lagging(bench, 20, "x" * 40)
    guest.give(bare(guest, size), B)
    bench.wait(10)
    assert len(guest.on(B)) == PATH_TRIES
    assert sum(each.size for each in guest.on(B)) <= PATH_BUDGET * size
    assert all(each.size <= MAX_DATAGRAM and copies(each) for each in guest.on(B))


@proves("UC-PATH-9")
def test_a_path_that_never_answers_gets_no_more_copies_than_a_window_at_its_beginning() -> None:
    bench = Bench()
    guest, _ = lagging(bench, 40, "x" * 400)
    for _ in range(100):
        guest.give(bare(guest, 1200), B)
        bench.wait(0.01)
    assert len(guest.on(B)) == 100
    octets = sum(each.size - CHALLENGE for each in guest.on(B))
    assert INITIAL_WINDOW - 500 < octets <= INITIAL_WINDOW


@proves("UC-PATH-4")
def test_a_server_answers_a_question_on_the_path_in_use() -> None:
    bench = Bench()
    guest = at_home(bench)
    got = guest.send(Challenge(data=b"question"))
    assert Response(data=b"question") in got
    assert guest.challenges(A) == []


@proves("UC-PATH-3", "UC-PATH-5", "UC-RECV-1")
def test_whoever_copies_all_packets_from_elsewhere_draws_nothing_away_and_floods_nobody() -> None:
    """For ten minutes a copy of each packet comes first, from V, whom nothing reaches but what the server sends."""
    bench = Bench()
    guest = at_home(bench)
    guest.blind = {V}
    speaker = bench.guest("speaker")
    guest.ask(join("lobby"))
    speaker.ask(join("lobby"))
    paid, said = 0, 0
    for turn in range(600):
        data = guest.sealed(*guest.manners(), BEAT)
        guest.give(data, V)
        guest.give(data, A)
        paid += len(data)
        speaker.ask(Say(room="lobby", id=turn, flags=0, text=f"{turn}"))
        said += 1
        bench.wait(1)
        assert sum(each.size for each in guest.on(V)) <= PATH_BUDGET * paid
    assert all(copies(each) for each in guest.on(V))
    assert set(entries(guest.on(V))) < set(entries(guest.on(A)))
    chat = guest.control(Joined)[0].chat_channel
    assert len(guest.entries(chat)) == said
    assert [event for event in bench.of(SessionReachable) if not event.reachable] == []


@proves("UC-PATH-2", "UC-PATH-5")
def test_a_genuine_move_succeeds_as_soon_as_a_racer_loses_two_races() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    guest.send(BEAT)
    guest.blind = {A, V}
    for turn in range(30):
        data = guest.sealed(BEAT)
        for path in (V, B) if turn % 3 else (B, V):
            guest.give(data, path)
        if guest.challenges(B):
            late = guest.sealed(Response(data=guest.challenges(B)[-1]))
            guest.give(late, V)
            guest.give(late, B)
        bench.wait(0.5)
    assert all(copies(each) for each in guest.on(V))
    talk(bench, guest, to=A)  # the racer wins where it matters: the session stays where it was
    guest.send(BEAT, path=B)
    answer(guest, B)
    talk(bench, guest, to=B)


@proves("UC-PATH-5")
def test_a_racer_who_also_passes_questions_on_is_a_part_of_the_path_until_a_packet_overtakes_its_copies() -> None:
    bench = Bench()
    guest = at_home(bench)
    guest.ask(join("lobby"))
    data = guest.sealed(BEAT)
    guest.give(data, V)
    answer(guest, V)  # it passed CHALLENGE on, and RESPONSE back
    talk(bench, guest, to=V)
    guest.send(BEAT, path=A)
    answer(guest, A)
    talk(bench, guest, to=A)


# -- the client's part ---------------------------------------------------------------------------------------------


def responses(desk: Desk) -> list[tuple[object, bytes]]:
    """(path, bytes) of each RESPONSE."""
    sent = [(path, data) for _, path, data in desk.ways if data[0] == 4]
    assert len(sent) == len(desk.packets)
    return [
        (path, frame.data)
        for (path, _), (_, _, frames) in zip(sent, desk.packets, strict=True)
        for frame in frames
        if isinstance(frame, Response)
    ]


@proves("UC-PATH-4", "UC-PATH-6")
def test_a_client_answers_where_it_was_asked_and_goes_on_sending_where_it_did() -> None:
    desk = Desk()
    desk.open()
    before = len(desk.ways)
    desk.send(Challenge(data=b"question"), path="q")
    assert responses(desk) == [("q", b"question")]
    desk.send(BEAT, path="q")
    desk.wait(20)
    others = [path for _, path, data in desk.ways[before:] if path != "q"]
    assert others
    assert set(others) == {"p"}
    assert [path for _, path, _ in desk.ways[before:]].count("q") == 1


@proves("UC-PATH-4")
def test_at_most_four_questions_wait_for_their_answer() -> None:
    for count in (1, 4, 5, 50):
        desk = Desk()
        desk.open()
        desk.send(*[Challenge(data=bytes([n]) * 8) for n in range(count)])
        assert [data for _, data in responses(desk)] == [bytes([n]) * 8 for n in range(count)][-4:]


@proves("UC-PATH-5")
def test_a_client_ignores_an_answer() -> None:
    desk = Desk()
    desk.open()
    desk.send(Response(data=bytes(8)), path="q")
    desk.wait(10)
    assert {path for _, path, _ in desk.ways} == {"p"}


def in_lobby(desk: Desk) -> None:
    """A session, and a room."""
    desk.client.join("lobby", desk.now)
    desk.open()
    desk.tell(
        Joined(
            room="lobby",
            resume=Resume.NEWEST,
            chat_channel=1,
            chat_log=5,
            chat_first=0,
            chat_head=0,
            chat_start=0,
            chat_check=bytes(8),
            presence_channel=2,
            presence_log=6,
            presence_start=0,
        )
    )
    desk.wait(0.1)
    desk.settle()


@proves("UC-PATH-6", "UC-REPAIR-11")
def test_a_client_whose_network_changed_says_so_at_once_on_the_new_path_and_repeats_what_was_in_flight() -> None:
    desk = Desk()
    in_lobby(desk)
    desk.client.say("lobby", "hello", desk.now)
    desk.drain()
    offset = max(desk.logs)
    before, packets = len(desk.ways), len(desk.packets)
    desk.client.moved("q", desk.now)
    desk.drain()
    assert [(when, path) for when, path, _ in desk.ways[before:]] == [(desk.now, "q")] * (len(desk.ways) - before)
    frames = [frame for _, _, frames in desk.packets[packets:] for frame in frames]
    assert any(isinstance(frame, Heartbeat) for frame in frames)
    assert offset in {frame.offset for frame in frames if isinstance(frame, Entry)}
    desk.wait(20)
    assert {path for _, path, _ in desk.ways[before:]} == {"q"}


@proves("UC-PATH-10")
def test_the_heartbeat_of_a_client_that_moved_is_large_until_one_is_seen() -> None:
    desk = Desk()
    desk.open()
    before = len(desk.ways)
    desk.client.moved("q", desk.now)
    desk.drain()
    desk.wait(3)
    sizes = [len(data) for _, _, data in desk.ways[before:]]
    assert len(sizes) > 3
    assert set(sizes) == {PATH_SIZE}
    for _ in range(3):
        desk.settle()
        before = len(desk.ways)
        desk.wait(6)
        assert max(len(data) for _, _, data in desk.ways[before:]) < PATH_SIZE / 2


@proves("UC-PATH-10")
def test_a_client_that_has_much_to_say_when_it_moves_needs_no_padding() -> None:
    for length in range(250, 300):
        desk = Desk()
        in_lobby(desk)
        desk.client.say("lobby", "x" * length, desk.now)
        desk.drain()
        before, packets = len(desk.ways), len(desk.packets)
        desk.client.moved("q", desk.now)
        desk.drain()
        ((_, _, data),) = desk.ways[before:]
        frames = desk.packets[packets][2]
        without = len(data) - sum(FRAME + frame.size for frame in frames if isinstance(frame, Padding))
        assert len(data) == max(without, PATH_SIZE) or without < PATH_SIZE < len(data) < PATH_SIZE + FRAME


@proves("UC-PATH-6")
def test_a_client_that_sleeps_says_so_at_once_too() -> None:
    desk = Desk()
    desk.open()
    desk.wait(200)
    count = len(desk.ways)
    desk.client.moved("q", desk.now)
    desk.drain()
    assert [path for _, path, _ in desk.ways[count:]] == ["q"]
    assert desk.of(Disconnected) == []


# -- several addresses ---------------------------------------------------------------------------------------------


@proves("UC-PATH-7")
def test_a_client_without_a_session_goes_on_after_every_two_hellos_and_tells_once_a_round() -> None:
    desk = Desk()
    desk.connect("p", "q", "r")
    desk.wait(300)
    paths = [path for _, path, _ in desk.ways]
    assert len(paths) > 12
    assert paths == [("p", "q", "r")[n // 2 % 3] for n in range(len(paths))]
    needed = [when for when, event in desk.events if isinstance(event, AddressNeeded)]
    again = [when for n, (when, _, _) in enumerate(desk.ways) if n and n % 6 == 0]
    assert needed == again
    assert len({data[2:10] for _, _, data in desk.ways}) == 1  # one handshake, one token


@proves("UC-PATH-7")
def test_a_client_with_one_address_keeps_it_and_tells_that_it_needs_another() -> None:
    desk = Desk()
    desk.connect()
    desk.wait(60)
    assert {path for _, path, _ in desk.ways} == {"p"}
    assert len(desk.of(AddressNeeded)) == (len(desk.ways) - 1) // 2


@proves("UC-PATH-7")
def test_a_client_stays_with_the_address_that_answered() -> None:
    desk = Desk()
    desk.connect("p", "q")
    desk.wait(2.5)
    assert [path for _, path, _ in desk.ways] == ["p", "p", "q"]
    desk.give(desk.retry(), "q")
    desk.give(desk.welcome(), "q")
    desk.tell(desk.terms())
    for _ in range(20):
        desk.wait(2)
        desk.send(desk.seen(), path="q")
    assert {path for _, path, _ in desk.ways[2:]} == {"q"}
    assert desk.of(AddressNeeded) == []


@proves("UC-PATH-7")
def test_a_handshake_that_was_answered_goes_on_after_two_more_hellos() -> None:
    desk = Desk()
    desk.connect("p", "q")
    desk.give(desk.retry())
    desk.wait(4)
    assert [path for _, path, _ in desk.ways][:6] == ["p", "p", "p", "q", "q", "p"]
    hellos = desk.hellos()[1:]
    assert len({hello.noise for _, hello in hellos}) == 1


@proves("UC-PATH-7")
def test_a_client_with_a_session_goes_on_after_two_heartbeats_of_silence() -> None:
    desk = Desk()
    desk.connect("p", "q", "r")
    desk.open()
    heard = desk.now
    count = len(desk.ways)
    desk.wait(61)
    switches: list[tuple[float, object]] = []
    for when, path, _ in desk.ways[count:]:
        if not switches or switches[-1][1] != path:
            switches.append((round(when - heard, 3), path))
    turns = [(2 * HEARTBEAT * (n + 1), ("q", "r", "p")[n % 3]) for n in range(6)]
    assert switches[1:] == [(pytest.approx(when), path) for when, path in turns]
    needed = [when - heard for when, event in desk.events if isinstance(event, AddressNeeded)]
    assert needed == [pytest.approx(6 * HEARTBEAT), pytest.approx(12 * HEARTBEAT)]
    assert desk.of(Disconnected) == []
    # It stays where it is heard.
    path = desk.ways[-1][1]
    count = len(desk.ways)
    for _ in range(20):
        desk.send(desk.seen(), path=path)
        desk.wait(2)
    assert {path for _, path, _ in desk.ways[count:]} == {path}


@proves("UC-PATH-7")
def test_a_client_that_is_heard_in_time_stays() -> None:
    desk = Desk()
    desk.connect("p", "q")
    desk.open()
    for _ in range(10):
        desk.wait(2 * HEARTBEAT - 0.01)
        desk.send(desk.seen())
    assert {path for _, path, _ in desk.ways} == {"p"}


@proves("UC-PATH-7")
def test_other_addresses_are_the_answer_to_the_event() -> None:
    desk = Desk()
    desk.connect()
    desk.wait(2.5)
    assert desk.of(AddressNeeded) == [AddressNeeded()]
    count = len(desk.ways)
    desk.client.moved("x", desk.now, ("y",))
    desk.drain()
    assert [(when, path) for when, path, _ in desk.ways[count:]] == [(desk.now, "x")]
    desk.wait(60)
    assert {path for _, path, _ in desk.ways[count:]} == {"x", "y"}
    assert len({data[2:10] for _, _, data in desk.ways}) == 1


# -- a whole network -----------------------------------------------------------------------------------------------


def two(net: Net) -> tuple[Person, Person]:
    ada, bob = net.person("ada"), net.person("bob")
    assert net.run(30, lambda: all(bool(person.of(JoinedRoom)) for person in (ada, bob)))
    net.run(2)
    return ada, bob


@proves("UC-PATH-5", "UC-PATH-6")
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_people_who_change_networks_lose_nothing_and_nobody_sees_it(loss: float, *, told: bool) -> None:
    net = Net(3, loss=loss, reorder=0.3, delay=(0.02, 0.08), limits=Limits(timeout=30.0))
    ada, bob = two(net)
    before = len(bob.of(LinkChanged))
    for turn in range(12):
        ada.move(silent=not told)
        ada.say(f"a{turn}")
        bob.say(f"b{turn}")
        net.run(12)
    said = {f"{name}{turn}" for name in "ab" for turn in range(12)}
    assert net.run(60, lambda: set(ada.texts()) == set(bob.texts()) == said)
    for person in (ada, bob):
        assert len(person.texts()) == len(said)
        assert person.of(Disconnected) == []
    assert len(bob.of(LinkChanged)) == before
    assert [event for event in net.server_events if isinstance(event, SessionReachable)] == []


@proves("UC-PATH-8")
def test_what_proves_a_path_travels_alone_and_is_not_waited_for() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"))
    guest.send(Challenge(data=bytes(8)), BEAT, path=B)
    bench.wait(1)
    proofs = [each.frames for each in guest.on(B)] + [
        frames for _, frames in guest.packets if any(isinstance(frame, Response) for frame in frames)
    ]
    assert proofs
    assert all(len(frames) == 1 for frames in proofs)
    before = len(guest.packets)
    guest.polite = False
    bench.wait(5)  # no SEEN of them comes, and nothing is sent for it
    kinds = {type(frame) for _, frames in guest.packets[before:] for frame in frames}
    assert kinds <= {Challenge, Seen, Ack}
