"""One turn of a pump: the order of things, answers from other threads, and a socket that cannot take more."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import inf

import pytest
import trio

from proves import proves
from udpchat_core.batch import Outgoing, Queue
from udpchat_core.path import Datagram, Path
from udpchat_transports.blocking_loop import BlockingLoop
from udpchat_transports.pump import BREATH, DOZE, HELLOS, REST, SILENCE, TURN, Pump
from udpchat_transports.sockets import UdpSocket
from udpchat_transports.trio_loop import Loop

LOOPBACK = ("127.0.0.1", 0)
HELLO = b"\x01"
"""What a HELLO begins with."""
PORTION = 8
WAVE = 100


def slow() -> Callable[[], float]:
    """A clock by which fewer than PORTION HELLOs fill a turn."""
    return count(0.0, HELLOS / PORTION).__next__


class Recorder:
    """A core that writes down what happens to it, in its order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.requests: list[str] = []
        self.out: list[Datagram] = []
        self.due: float | None = None

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        self.happened.append(f"datagram {data.strip(HELLO).decode()}")

    def handle_timeout(self, now: float) -> None:
        self.happened.append("timeout")
        self.due = None

    def store_completed(self, result: str, now: float) -> None:
        self.happened.append(f"result {result}")

    def store_requests(self) -> list[str]:
        requests, self.requests = self.requests, []
        return requests

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        self.happened.append("send")
        out, self.out = self.out, []
        return out

    def next_timeout(self) -> float | None:
        return self.due


class Obedient:
    """A store that answers at once."""

    def submit(self, requests: Sequence[str], done: Callable[[Sequence[str]], None]) -> None:
        done([request.upper() for request in requests])


class Later:
    """A store that answers when it is told to."""

    def __init__(self) -> None:
        self.done: Callable[[Sequence[str]], None] = lambda _: None

    def submit(self, requests: Sequence[str], done: Callable[[Sequence[str]], None]) -> None:
        self.done = done


class Reluctant(UdpSocket):
    """A socket whose buffer is full at every second datagram."""

    full = False

    def send(self, waiting: Queue) -> bool:
        while waiting:
            self.full = not self.full
            if self.full:
                return False
            super().send(first := deque[Outgoing]([waiting.popleft()]))
            assert not first
        return True


@pytest.fixture
def own() -> Iterator[UdpSocket]:
    own = UdpSocket(socket.AF_INET, LOOPBACK)
    yield own
    own.close()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(LOOPBACK)
        peer.settimeout(10)
        yield peer


def pump_of(
    core: Recorder, store: Obedient | Later, sock: UdpSocket, wake: Callable[[], None] = lambda: None
) -> Pump[str, str]:
    pump = Pump(core, store, wake=wake, on_events=lambda: core.happened.append("events"))
    pump.socket = sock
    return pump


@proves("UC-RECV-3")
def test_datagrams_come_before_timers_and_both_before_anything_is_sent(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    core.due, core.requests = 5.0, ["open"]
    for text in (b"one", b"two"):
        peer.sendto(text, own.address)
    pump_of(core, Obedient(), own).turn(5.0)
    assert core.happened == ["datagram one", "datagram two", "timeout", "result OPEN", "events", "send"]


def test_a_timer_that_is_not_due_waits(own: UdpSocket):
    core = Recorder()
    core.due = 5.0
    pump = pump_of(core, Obedient(), own)
    pump.turn(4.9)
    assert core.happened == ["events", "send"]
    assert pump.deadline == 5.0


def test_a_flood_is_taken_in_portions(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    pump = pump_of(core, Obedient(), own)
    for number in range(10):
        peer.sendto(str(number).encode(), own.address)
    taken: list[str] = []
    own.receive(3, lambda data, _: taken.append(data.decode()))
    assert taken == ["0", "1", "2"]
    pump.turn(0.0)
    assert core.happened.count("send") == 1
    assert len(core.happened) == 7 + 2
    assert TURN < 1000


def test_newcomers_come_after_those_who_are_in(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    for data in (HELLO + b"new", b"in", HELLO + b"newer", b"too"):
        peer.sendto(data, own.address)
    pump_of(core, Obedient(), own).turn(0.0)
    assert core.happened[:4] == ["datagram in", "datagram too", "datagram new", "datagram newer"]


def test_a_flood_of_newcomers_is_taken_at_once_and_handled_in_portions(peer: socket.socket):
    core, own = Recorder(), UdpSocket(socket.AF_INET, LOOPBACK, buffer=1 << 20)
    core.due = 5.0
    pump = Pump(core, Obedient(), wake=lambda: None, on_events=lambda: None, clock=slow())
    pump.socket = own
    for number in range(2 * PORTION - 1):
        peer.sendto(HELLO + str(number).encode(), own.address)
    peer.sendto(b"in", own.address)
    pump.turn(1.0)
    assert core.happened == ["datagram in", *(f"datagram {each}" for each in range(PORTION - 1)), "send"]
    assert pump.resting
    assert pump.deadline == 1.0 + REST
    pump.turn(5.0)
    assert core.happened.count("timeout") == 1
    pump.turn(5.1)
    assert not pump.resting
    assert pump.deadline == inf
    assert [each for each in core.happened if each.startswith("datagram")][1:] == [
        f"datagram {each}" for each in range(2 * PORTION - 1)
    ]
    assert own.shed == 0
    own.close()


def test_turns_that_tell_nobody_anything_are_put_together_while_they_come_quickly(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    pump = pump_of(core, Obedient(), own)

    def turn(now: float, *came: bytes) -> bool:
        for data in came:
            peer.sendto(data, own.address)
        pump.turn(now)
        return pump.resting

    assert not turn(1.0, b"one")
    assert turn(1.001, b"quickly after it")
    assert pump.deadline == 1.001 + DOZE
    assert turn(1.001 + DOZE, b"two in", b"one rest")
    assert not turn(1.001 + 2 * DOZE, b"one: it does not pay")
    assert not turn(1.5)
    assert not turn(1.501)  # nothing came, so nothing is waited for


def test_a_rest_is_short_after_somebody_spoke_and_grows_with_the_silence(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    pump = pump_of(core, Obedient(), own)

    def rest(now: float) -> float:
        for when in (now - BREATH / 4, now):
            peer.sendto(b"heartbeat", own.address)
            pump.turn(when)
        return pump.deadline - now if pump.resting else 0.0

    assert rest(1.0) == pytest.approx(DOZE)
    core.requests = ["append"]
    pump.turn(2.0)
    assert not pump.resting
    assert rest(2.0 + BREATH / 2) == pytest.approx(BREATH)
    assert rest(2.0 + SILENCE * DOZE / 2) == pytest.approx(DOZE / 2)
    assert rest(2.0 + SILENCE * DOZE) == pytest.approx(DOZE)
    assert rest(9.0) == pytest.approx(DOZE)


async def test_a_loop_that_rests_goes_on_by_itself(own: UdpSocket, peer: socket.socket):
    core = Recorder()
    loop = Loop()
    pump = Pump(core, Obedient(), wake=loop.wake_from_any_thread, on_events=lambda: None, clock=slow())
    pump.socket = own
    for number in range(WAVE):
        peer.sendto(HELLO + str(number).encode(), own.address)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(loop.run, pump, pump)
        with trio.fail_after(10):
            while f"datagram {WAVE - 1}" not in core.happened:
                await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()


def test_a_blocking_loop_that_rests_goes_on_by_itself(own: UdpSocket, peer: socket.socket):
    core, done = Recorder(), threading.Event()
    loop = BlockingLoop("resting")

    def look() -> None:
        if f"datagram {WAVE - 1}" in core.happened:
            done.set()

    pump = Pump(core, Obedient(), wake=loop.wake, on_events=look, clock=slow())
    pump.socket = own
    for number in range(WAVE):
        peer.sendto(HELLO + str(number).encode(), own.address)
    loop.start(pump, pump, lambda: None)
    assert done.wait(10)
    loop.stop()


def test_an_answer_from_another_thread_wakes_the_loop_and_waits_for_its_turn(own: UdpSocket):
    core, store, woken = Recorder(), Later(), threading.Event()
    core.requests = ["append"]
    pump = pump_of(core, store, own, woken.set)
    pump.turn(0.0)
    assert not woken.is_set()
    thread = threading.Thread(target=store.done, args=(["APPEND"],))
    thread.start()
    thread.join()
    assert woken.is_set()
    assert "result APPEND" not in core.happened
    pump.turn(1.0)
    assert "result APPEND" in core.happened


def test_an_answer_at_once_needs_no_waking(own: UdpSocket):
    core, woken = Recorder(), threading.Event()
    core.requests = ["append"]
    pump_of(core, Obedient(), own, woken.set).turn(0.0)
    assert not woken.is_set()


def test_a_full_buffer_keeps_the_order_and_stops_the_reading(peer: socket.socket):
    core, sock = Recorder(), Reluctant(socket.AF_INET, LOOPBACK)
    pump = pump_of(core, Obedient(), sock)
    path = sock.path_to(peer.getsockname())
    core.out = [(str(number).encode(), path) for number in range(3)]
    peer.sendto(b"hello", sock.address)
    sock.full = True
    pump.turn(0.0)
    assert pump.blocked
    assert core.happened == ["datagram hello", "events", "send"]
    peer.sendto(b"again", sock.address)
    pump.turn(1.0)
    assert "datagram again" not in core.happened
    while pump.blocked:
        pump.put_out(2.0)
    pump.turn(3.0)
    assert "datagram again" in core.happened
    assert [peer.recv(100) for _ in range(3)] == [b"0", b"1", b"2"]
    pump.replace_socket(None)


async def test_a_loop_sends_on_when_it_may(peer: socket.socket):
    core, sock = Recorder(), Reluctant(socket.AF_INET, LOOPBACK)
    path = sock.path_to(peer.getsockname())
    core.out = [(str(number).encode(), path) for number in range(5)]
    loop = Loop()
    pump = Pump(core, Obedient(), wake=loop.wake_from_any_thread, on_events=lambda: None)
    pump.socket = sock
    async with trio.open_nursery() as nursery:
        nursery.start_soon(loop.run, pump, pump)
        received = [await trio.to_thread.run_sync(peer.recv, 100) for _ in range(5)]
        assert received == [b"0", b"1", b"2", b"3", b"4"]
        nursery.cancel_scope.cancel()
    sock.close()


async def test_a_loop_is_woken_from_other_threads_and_needs_no_socket():
    core, store = Recorder(), Later()
    core.requests = ["append"]
    turned = trio.Event()
    loop = Loop()
    pump = Pump(core, store, wake=loop.wake_from_any_thread, on_events=turned.set)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(loop.run, pump, pump)
        await turned.wait()
        await trio.to_thread.run_sync(lambda: store.done(["APPEND"]))
        with trio.fail_after(10):
            while "result APPEND" not in core.happened:
                await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()


def test_what_was_waiting_for_a_socket_goes_with_it(own: UdpSocket, peer: socket.socket):
    core, sock = Recorder(), Reluctant(socket.AF_INET, LOOPBACK)
    pump = pump_of(core, Obedient(), sock)
    core.out = [(b"lost", sock.path_to(peer.getsockname()))]
    pump.turn(0.0)
    assert pump.blocked
    pump.replace_socket(own)
    assert not pump.blocked
