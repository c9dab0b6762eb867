"""Loss is repaired, and what is no loss is not: SPEC.md 9, on both ends."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from conformance.hand import Bench, Desk, Guest, entry, join
from net import Net, entropy
from proves import proves
from udpchat_core.effects import ServerRequest
from udpchat_core.events import ChatReceived, CommandFailed, Disconnected, JoinedRoom
from udpchat_core.limits import Limits
from udpchat_core.recovery import Recovery, Remedies
from udpchat_protocol.codes import Resume
from udpchat_protocol.constants import (
    INITIAL_WINDOW,
    LOSSY,
    MINIMUM_WINDOW,
    PTO_EAGER,
    PTO_LEAST,
    PTO_LITTLE,
    PTO_MAX,
    RECORDS_MAX,
    UNANSWERED,
    UPLINK_ENTRIES,
    WINDOW,
)
from udpchat_protocol.entries import Body, Join, Joined, Nick, Say
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Entry, Heartbeat, Seen
from udpchat_stores.memory import Done, MemoryStore

FAST: dict[str, Any] = {"chat_rate": 1e6, "chat_burst": 1e6}


def say(text: str, id_: int, room: str = "lobby") -> Say:
    return Say(room=room, id=id_, flags=0, text=text)


def entries_of(frames: Sequence[object], channel: int = 0) -> list[int]:
    """The offsets of one channel in a packet, in their order."""
    return [frame.offset for frame in frames if isinstance(frame, Entry) and frame.channel == channel]


def twice(packets: Sequence[Sequence[object]]) -> dict[tuple[int, int], int]:
    """The entries, (channel, offset), that came in more than one packet."""
    held = Counter((frame.channel, frame.offset) for frames in packets for frame in frames if isinstance(frame, Entry))
    return {which: count for which, count in held.items() if count > 1}


def speaker(rooms: tuple[str, ...] = ("lobby",)) -> Desk:
    """A client whose uplink is settled, and that may speak in these rooms."""
    desk = Desk(rooms=dict.fromkeys(rooms))
    desk.open()
    return desk


def speak(desk: Desk, *texts: str, room: str = "lobby") -> None:
    """Each in a packet of its own."""
    for text in texts:
        desk.client.say(room, text, desk.now)
        desk.drain()


def worsen(desk: Desk) -> None:
    """Of eight packets the desk lists four: the client learns what kind of link it has."""
    before = len(desk.packets)
    speak(desk, *"abcdefgh")
    numbers = [number for _, number, _ in desk.packets[before:]]
    desk.wait(0.05)
    kept = [number for number in numbers[::2] if number != numbers[-1]] + [numbers[-1]]
    desk.send(Seen(largest=kept[-1], delay=0, bitmap=sum(1 << kept[-1] - 1 - n for n in kept[:-1])))
    for _ in range(4):
        desk.wait(0.05)
        desk.settle()
    assert desk.client.unacknowledged == 0


# -- loss, probes, riders, copies ----------------------------------------------------------------------------------


@proves("UC-REPAIR-2")
def test_the_example_of_9_1_holds() -> None:
    it = Recovery(0.025, Remedies())
    for number in range(10, 17):
        it.on_sent(number, 0.0, 100, ((1, number, number + 1),))
    seen, lost = it.on_seen(15, 0.0, 0b1011, 0.1)
    assert sorted(number for number, *_ in seen) == [11, 13, 14, 15]
    assert [number for number, *_ in lost] == [10, 12]
    assert list(it.records) == [16]


@proves("UC-REPAIR-2")
def test_what_was_lost_goes_into_a_new_packet_before_what_is_new() -> None:
    desk = speaker()
    before = len(desk.packets)
    speak(desk, *"abcdefg")
    sent = desk.packets[before:]
    (first,) = entries_of(sent[0][2])
    assert [entries_of(frames) for _, _, frames in sent] == [[first + n] for n in range(7)]
    desk.wait(0.05)
    again = desk.send(Seen(largest=sent[5][1], delay=0, bitmap=0b1011))
    assert entries_of(again)[:2] == [first, first + 2]


def gaps(it: Recovery, count: int, now: float = 0.0) -> list[float]:
    """Seconds between that many PTOs without news; the probes leave with nothing new."""
    times = [now]
    number = max(it.records) + 1
    for n in range(count):
        times.append(it.deadline)
        assert it.on_deadline(it.deadline) == []
        for _ in range(it.probes):
            it.on_sent(number, times[-1], 10, ((1, n, n + 1),))
            number += 1
    return [b - a for a, b in pairwise(times)]


def measured(rtt: float = 0.1, *, lossy: bool = False) -> Recovery:
    """A sender that knows its link."""
    it = Recovery(0.025, Remedies())
    it.expect(rtt, 0.0)
    for n in range(100):
        it.on_sent(n, n - 1000.0, 10, ((1, n, n + 1),))
        if not lossy or n % 3:
            it.on_seen(n, 0.0, 0, n - 1000.0 + rtt)
    assert (it.loss_rate > LOSSY) is lossy
    return it


@proves("UC-REPAIR-5")
def test_the_first_probes_do_not_double_while_little_is_in_flight() -> None:
    it = measured()
    it.on_sent(100, 0.0, 10, ((1, 100, 101),))
    found = gaps(it, PTO_EAGER + 8)
    assert found[: PTO_EAGER + 1] == [pytest.approx(it.pto)] * (PTO_EAGER + 1)
    assert found[PTO_EAGER + 1] == pytest.approx(2 * it.pto)
    assert found[-1] == pytest.approx(max(it.pto, PTO_LEAST))


@proves("UC-REPAIR-5")
def test_probes_double_while_much_is_in_flight() -> None:
    it = measured()
    for n in range(100, 106):
        it.on_sent(n, 0.0, PTO_LITTLE // 5, ((1, n, n + 1),))
    found = gaps(it, 8)
    assert found[:4] == [pytest.approx(it.pto * 2**n) for n in range(4)]
    assert found[-1] == pytest.approx(PTO_MAX)


@proves("UC-REPAIR-4", "UC-REPAIR-5")
def test_where_much_is_lost_without_a_queue_probes_are_eager_and_later_ones_go_in_pairs() -> None:
    it = measured(lossy=True)
    for n in range(100, 106):
        it.on_sent(n, 0.0, PTO_LITTLE // 5, ((1, n, n + 1),))
    probes = []
    now = 0.0
    for _ in range(PTO_EAGER):
        assert it.deadline - now == pytest.approx(it.pto)
        now = it.deadline
        it.on_deadline(now)
        probes.append(it.probes)
        while it.probes:
            it.on_sent(max(it.records) + 1, now, 10, ((1, 100, 101),))
    assert probes == [1] + [2] * (PTO_EAGER - 1)
    assert it.window == MINIMUM_WINDOW


@proves("UC-REPAIR-7")
def test_on_a_lossy_link_what_was_not_seen_rides_along() -> None:
    for lossy in (False, True):
        desk = speaker()
        if lossy:
            worsen(desk)
        before = len(desk.packets)
        speak(desk, "one", "two", "three")
        sent = [entries_of(frames) for _, _, frames in desk.packets[before:]]
        (first,) = sent[0]
        wanted = (
            [[first], [first + 1, first], [first + 2, first, first + 1]] if lossy else [[first + n] for n in range(3)]
        )
        assert sent == wanted


@proves("UC-REPAIR-8")
def test_on_a_lossy_link_it_is_said_once_more_a_quarter_of_a_round_trip_later() -> None:
    for lossy in (False, True):
        desk = speaker()
        if lossy:
            worsen(desk)
        rtt = desk.client.rtt
        assert rtt is not None
        before = len(desk.packets)
        speak(desk, "one")
        (first,) = entries_of(desk.packets[before][2])
        desk.wait(rtt / 2)
        times = [when - desk.packets[before][0] for when, _, frames in desk.packets[before:] if entries_of(frames)]
        assert times == ([0.0, pytest.approx(rtt / 4)] if lossy else [0.0])
        assert all(entries_of(frames) == [first] for _, _, frames in desk.packets[before:] if entries_of(frames))


@proves("UC-REPAIR-11")
def test_another_path_is_measured_afresh() -> None:
    it = measured()
    for n in range(200, 210):
        it.on_sent(n, 0.0, 1200, ((1, n, n + 1),))
    it.on_seen(209, 0.0, 2**9 - 1, 0.4)
    assert it.window > INITIAL_WINDOW
    it.restart_path(0.3)
    assert (it.srtt, it.rttvar, it.window) == (0.3, 0.15, INITIAL_WINDOW)
    assert it.rtt_at is None


# -- what bounds a receiver ----------------------------------------------------------------------------------------


@proves("UC-REPAIR-12")
def test_what_waits_out_of_order_is_bounded_and_comes_again() -> None:
    bench = Bench(**FAST, reassembly=65536)
    guests = [bench.guest(f"g{n}") for n in range(4)]
    refused: dict[str, list[int]] = {}
    for guest in guests:
        guest.polite = False
        assert guest.seal is not None
        numbers: dict[int, int] = {}
        for offset in range(2, UPLINK_ENTRIES):
            numbers[guest.seal.next_number] = offset
            guest.send(entry(offset, say("x" * 1000, offset)))
            assert bench.server.tables["reassembly"] <= 65536
        bench.wait(0.1)
        refused[guest.name] = [offset for number, offset in numbers.items() if number not in guest.listed]
    assert [bool(missing) for missing in refused.values()] == [False, False, True, True]
    for guest in guests:
        guest.send(entry(0, Nick(nick=guest.name)), entry(1, join("lobby")))
        for offset in refused[guest.name]:
            guest.send(entry(offset, say("x" * 1000, offset)))
        bench.wait(0.1)
        assert guest.acked == UPLINK_ENTRIES
    assert bench.server.tables["reassembly"] == 0


# -- no loss: a slow reader, a slow store, a paste ------------------------------------------------------------------


def attend(desk: Desk, seconds: float) -> None:
    """SEEN of everything, within 10 ms; no ACK."""
    end, before = desk.now + seconds, 0
    while desk.now < end - 1e-9:
        desk.wait(0.01)
        if len(desk.packets) > before:
            before = len(desk.packets)
            desk.send(desk.seen())


def tell(guest: Guest, *bodies: Body) -> None:
    """Uplink entries, and no time passes."""
    guest.send(*(entry(guest.offset + i, body) for i, body in enumerate(bodies)))
    guest.offset += len(bodies)


def listen(guest: Guest, seconds: float, *quiet: int) -> None:
    """SEEN of everything, within 10 ms; ACK of all but some channels."""
    end, before = guest.bench.now + seconds, 0
    while guest.bench.now < end - 1e-9:
        guest.bench.wait(0.01)
        if len(guest.packets) > before:
            before = len(guest.packets)
            frames = [frame for frame in guest.manners() if not isinstance(frame, Ack) or frame.channel not in quiet]
            guest.send(*frames)


def reader_of(bench: Bench, *rooms: str) -> tuple[Guest, dict[str, int]]:
    """Who joined these rooms, and their channels."""
    reader = bench.guest("reader")
    reader.polite = False
    tell(reader, *(join(room, newest=0) for room in rooms))
    listen(reader, 0.3)
    return reader, {joined.room: joined.chat_channel for joined in reader.control(Joined)}


@proves("UC-LOG-7", "UC-REPAIR-2")
def test_a_reader_who_stops_for_30_seconds_gets_nothing_twice_and_other_rooms_go_on() -> None:
    bench = Bench(**FAST)
    writer = bench.guest("writer")
    writer.ask(join("lobby"), join("attic"))
    reader, channel = reader_of(bench, "lobby", "attic")
    for n in range(50):
        tell(writer, *(say("lobby", 100 * n + i) for i in range(15)), say("attic", 100 * n + 50, "attic"))
        listen(reader, 0.1, channel["lobby"])
    listen(reader, 25, channel["lobby"])
    assert len(reader.entries(channel["lobby"])) == WINDOW
    assert len(reader.entries(channel["attic"])) == 50
    quiet = len(reader.packets)
    listen(reader, 5, channel["lobby"])
    assert len(reader.packets) == quiet
    reader.send(*reader.manners())
    listen(reader, 1)
    assert len(reader.entries(channel["lobby"])) == 50 * 15
    assert twice([frames for _, frames in reader.packets]) == {}


class LateStore(MemoryStore):
    """Answers each request so many seconds after it came, when the test lets it."""

    def __init__(self, clock: Callable[[], float], late: float) -> None:
        super().__init__(clock=lambda: round(clock() * 1000), entropy=entropy("late"), hold=True)
        self.clock = clock
        self.late = late
        self.due: list[float] = []

    def submit(self, requests: Sequence[ServerRequest], done: Done) -> None:
        self.due += [self.clock() + self.late] * len(requests)
        super().submit(requests, done)

    def answer(self) -> None:
        ready = sum(when <= self.clock() for when in self.due)
        if ready:
            del self.due[:ready]
            self.release(ready)


@proves("UC-SESS-5", "UC-REPAIR-2")
def test_a_store_that_takes_two_seconds_never_looks_like_loss() -> None:
    desk = speaker()
    before = len(desk.packets)
    for n in range(30):
        desk.client.say("lobby", str(n), desk.now)
    desk.drain()
    for _ in range(30 // UNANSWERED + 1):  # ACK comes two seconds after SEEN
        attend(desk, 2.0)
        desk.settle()
    assert desk.client.unacknowledged == 0
    assert twice([frames for _, _, frames in desk.packets[before:]]) == {}


@proves("UC-SESS-4", "UC-LIMIT-1")
def test_with_a_slow_store_each_waits_for_their_own_messages_alone() -> None:
    net = Net(limits=Limits(**FAST))
    net.store = store = LateStore(lambda: net.now, 2.0)

    def run(seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            net.run(0.05)
            store.answer()
            net.drain()

    ada, bob = net.person("ada"), net.person("bob", joins="attic")
    run(15)
    for n in range(100):
        ada.say(str(n))
    ada.join("attic")
    begin = net.now
    run(0.5)
    bob.say("hello", "attic")
    run(12)
    joined = [when for when, event in zip(ada.times, ada.events, strict=True) if isinstance(event, JoinedRoom)]
    assert joined[-1] - begin < 2.5
    heard = [when for when, event in zip(bob.times, bob.events, strict=True) if isinstance(event, ChatReceived)]
    assert heard[0] - begin < 0.5 + 2.0 + 0.3
    assert ada.client.unacknowledged <= 100 - 5 * UNANSWERED
    assert net.server.tables["reassembly"] == 0
    run(30)
    assert ada.texts() == [str(n) for n in range(100)]
    assert not ada.of(Disconnected)


@proves("UC-LIMIT-1", "UC-SESS-6", "UC-REPAIR-2")
def test_a_paste_of_500_lines_is_sent_once_and_a_join_does_not_wait_for_it() -> None:
    desk = speaker()
    before = len(desk.packets)
    for n in range(500):
        desk.client.say("lobby", f"line {n}", desk.now)
    desk.drain()
    base = max(desk.logs) + 1 - UNANSWERED
    assert len(desk.asked) == base + UNANSWERED
    desk.client.join("attic", desk.now)
    desk.drain()
    assert isinstance(desk.asked[-1], Join)
    done = base
    while desk.client.unacknowledged:
        attend(desk, 0.1)
        done += 1
        desk.send(Ack(channel=0, next=done))
        says = [frame for frame in desk.asked[done:] if isinstance(frame, Say)]
        assert len(says) <= UNANSWERED
    lines = [body.text for body in desk.asked if isinstance(body, Say)]
    assert lines == [f"line {n}" for n in range(500)]
    assert twice([frames for _, _, frames in desk.packets[before:]]) == {}


@proves("UC-LIMIT-1", "UC-SESS-4")
def test_during_a_paste_others_are_not_held_up() -> None:
    net = Net()
    ada, bob, cyd = net.person("ada"), net.person("bob"), net.person("cyd")
    for person in (bob, cyd):
        person.join("attic")
    net.run(5)
    begin = net.now
    for n in range(500):
        ada.say(f"line {n}")
    net.run(12)
    bob.say("meanwhile", "attic")
    bob.say("here too")
    said = net.now
    ada.join("attic")
    net.run(1.5)
    times = {
        event.text: when for when, event in zip(cyd.times, cyd.events, strict=True) if isinstance(event, ChatReceived)
    }
    assert times["meanwhile"] - said < 0.2
    assert times["here too"] - said < 0.2
    assert [event.room for event in ada.of(JoinedRoom)] == ["lobby", "attic"]
    assert net.run(60, lambda: ada.client.unacknowledged == 0)
    assert net.now - begin == pytest.approx(40, abs=3)
    assert [text for text in cyd.texts() if text != "here too"] == [f"line {n}" for n in range(500)]
    assert net.server.tables["reassembly"] == 0


# -- a server that forgot everything -------------------------------------------------------------------------------


@proves("UC-ROOM-4", "UC-LOG-11")
def test_members_of_a_server_that_lost_its_store_are_told_of_a_new_log_and_go_on() -> None:
    net = Net(5, limits=Limits(**FAST), loss=0.2)
    people = [net.person(name) for name in ("ada", "bob")]
    net.run(20, lambda: all(len(person.client.attendees("lobby")) == 2 for person in people))
    for n in range(40):
        people[0].say(f"before {n}")
    assert net.run(60, lambda: all(len(person.texts()) == 40 for person in people))
    for n in range(10):
        people[1].say(f"during {n}")
    net.restart_server(store=MemoryStore(clock=lambda: 0, entropy=entropy("another")))
    for n in range(10):
        people[0].say(f"after {n}")

    def settled() -> bool:
        return all(
            person.of(JoinedRoom)[-1].resume is Resume.NEW_LOG and not person.client.unacknowledged for person in people
        )

    assert net.run(60, settled)
    people[1].say("the last")
    assert net.run(20, lambda: all(person.texts()[-1] == "the last" for person in people))
    for person in people:
        assert [text for text in person.texts() if text.startswith("after")] == [f"after {n}" for n in range(10)]
        assert not person.of(CommandFailed)
    new = [[event.text for event in person.of(ChatReceived)[40:] if event.offset >= 0] for person in people]
    assert new[0][-11:] == new[1][-11:]


@proves("UC-REPAIR-1")
def test_packets_in_flight_are_bounded_and_an_idle_session_asks_for_nothing() -> None:
    bench = Bench(**FAST, timeout=300)
    writer = bench.guest("writer")
    writer.ask(join("lobby"))
    reader = bench.guest("reader")
    reader.ask(join("lobby"))
    reader.polite = False
    before = len(reader.packets)
    for n in range(400):
        writer.ask(say("x", n))
    bench.wait(60)
    channel = reader.control(Joined)[0].chat_channel
    assert len(reader.entries(channel)) <= WINDOW
    assert len(reader.packets) - before <= RECORDS_MAX
    reader.polite = True
    for _ in range(30):
        reader.send(*reader.manners())
        bench.wait(0.1)
    assert len(reader.read(Logs.CHAT, channel)) == 400
    before = len(reader.packets)
    bench.wait(20)
    assert len(reader.packets) == before


@proves("UC-REPAIR-4")
@pytest.mark.parametrize("beats", [0, 1, 2, 3])
def test_a_packet_that_is_lost_is_probed_for_in_time_whatever_heartbeats_come_meanwhile(beats: int) -> None:
    bench = Bench()
    ada, bob = bench.guest("ada"), bench.guest("bob")
    for guest in (ada, bob):
        guest.ask(join("lobby"))
    for n in range(1, 9):
        ada.send(entry(n, say("hi", n)))
        bench.wait(0.3)
        bob.send(*bob.manners())
        bench.wait(0.3)
    bob.blind.add(bob.path)
    begin, before = bench.now, len(bob.landed)
    ada.send(entry(9, say("lost", 9)))
    for _ in range(beats):
        bench.give(bob.sealed(Heartbeat()), bob.path)
        bench.wait(0.01)
    bench.wait(2.0)
    probes = [each.time - begin for each in bob.landed[before:] if any(isinstance(f, Entry) for f in each.frames)]
    assert 0 < min(time for time in probes if time > 0) < 0.5
