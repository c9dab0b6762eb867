"""What every transport needs to speak the plaintext dialect (SPEC.md, appendix B), whatever it waits with.

The dialect has no store; `pump_of` makes a pump for a core that asks none. `PlaintextServing` is a server up to the
waiting, which a transport adds.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from udpchat_core.bridge import Bridge
from udpchat_core.counters import Counters
from udpchat_core.path import Datagram, Path
from udpchat_core.plaintext import PlainEvent, PlainSaid
from udpchat_core.plaintext_server import PlaintextLimits, PlaintextServer

from . import serving
from .addresses import Candidate, SocketAddress, is_loopback, peer_of
from .pump import Pump
from .serving import Serving
from .sockets import UdpSocket

WARNING = """\
it listens for plaintext beyond this machine. There anybody can read along, and speak under anybody's address: a
datagram with a forged sender makes this server send to a victim who never asked for it"""
"""What an operator is told who lets plaintext out (UC-PLAIN-8)."""


class NotLoopbackError(ValueError):
    """Plaintext was to be spoken beyond this machine, and nobody said that this is meant."""


def listen(host: str, candidates: Sequence[Candidate], *, anywhere: bool) -> UdpSocket:
    """A plaintext server's socket. Raises OSError if it cannot be had, and `NotLoopbackError`."""
    if not anywhere:
        for _, address in candidates:
            if not is_loopback(address):
                raise NotLoopbackError(f"{address[0]} is not on the loopback interface")
    return serving.listen(host, candidates)


def reach(host: str, candidates: Sequence[Candidate]) -> tuple[UdpSocket, Path]:
    """A client's socket, and the path to the server: IPv4 if it has that. Raises OSError if there is no way."""
    if not candidates:
        raise OSError(f"{host!r} has no address of IPv4 or IPv6")
    family, address = min(candidates, key=lambda candidate: candidate[0] != socket.AF_INET)
    sock = UdpSocket(family, ("", 0))
    return sock, sock.path_to(address)


def from_loopback(path: Path) -> bool:
    """Is the peer of a path on this machine?"""
    return is_loopback(peer_of(path))


class StorelessCore(Protocol):
    """A core that asks no store."""

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram."""
        ...

    def handle_timeout(self, now: float) -> None:
        """Let time pass."""
        ...

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """What is to be sent."""
        ...

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted."""
        ...


class _Storeless:
    """A core that asks no store, as a pump wants it."""

    def __init__(self, core: StorelessCore) -> None:
        self.receive_datagram = core.receive_datagram
        self.handle_timeout = core.handle_timeout
        self.datagrams_to_send = core.datagrams_to_send
        self.next_timeout = core.next_timeout

    def store_requests(self) -> list[None]:
        """None, ever."""
        return []

    def store_completed(self, result: None, now: float) -> None:
        """Never called: nothing is asked."""


AnyPump = Pump[None, None]


class _NoStore:
    """A store that is asked nothing."""

    def submit(self, requests: Sequence[None], done: Callable[[Sequence[None]], None]) -> None:
        pass


def pump_of(core: StorelessCore, sock: UdpSocket, wake: Callable[[], None], on_events: Callable[[], None]) -> AnyPump:
    """A pump for a core that asks no store."""
    pump: AnyPump = Pump(_Storeless(core), _NoStore(), wake=wake, on_events=on_events)
    pump.socket = sock
    return pump


class Crossing:
    """The way between a plaintext server and a chat server, whose loops may be in two threads.

    Each loop only puts in at its own end and takes out what the other put in.
    """

    def __init__(self, server: Serving, room: str, wake: Callable[[], None]) -> None:
        """`wake`: the plaintext server's loop, from any thread. Raises `LocalProtocolError`."""
        self._bridge = Bridge(server.keyless, room)
        self._wake_server = server.wake
        self._wake = wake
        self._events: deque[PlainEvent] = deque()
        self._lines: deque[str] = deque(maxlen=_CROSSING)
        server.on_turn = self._turn

    def put(self, events: Sequence[PlainEvent]) -> None:
        """In the plaintext server's loop: what happened there."""
        kept = [event for event in events if not isinstance(event, PlainSaid) or len(self._events) < _CROSSING]
        self._events.extend(kept)
        if kept:
            self._wake_server()

    def lines(self) -> list[str]:
        """In the plaintext server's loop: what its clients are to be told."""
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def _turn(self, now: float) -> None:
        self._bridge.take([self._events.popleft() for _ in range(len(self._events))], now)
        lines = self._bridge.lines(now)
        self._lines.extend(lines)
        if lines:
            self._wake()


_CROSSING = 1024
"""Texts that wait for the other loop; more are lost, as they might be on the way here."""


class PlaintextServing:
    """A running plaintext server, whatever transport it runs on."""

    def __init__(
        self,
        sock: UdpSocket,
        limits: PlaintextLimits,
        bridge_to: tuple[Serving, str] | None,
        on_event: Callable[[PlainEvent], None] | None,
        wake: Callable[[], None],
    ) -> None:
        """`wake`: its loop, from any thread."""
        self._core = PlaintextServer(is_loopback=from_loopback, limits=limits)
        self._crossing = None if bridge_to is None else Crossing(*bridge_to, wake)
        self._on_event = on_event
        self.address: SocketAddress = sock.address
        """Where it listens, with the port that it was given."""
        self.pump = pump_of(self._core, sock, wake, self._on_events)

    @property
    def counters(self) -> Counters:
        """Datagrams received, sent and dropped."""
        return self._core.counters

    @property
    def clients(self) -> int:
        """Clients just now."""
        return self._core.clients

    def close(self, now: float) -> None:
        """In its own loop: say `bye bye` to every client."""
        self._core.close(now)
        self.pump.put_out(now)

    def _on_events(self) -> None:
        events = self._core.events()
        if self._crossing is not None:
            self._crossing.put(events)
            for line in self._crossing.lines():
                self._core.tell(line)
        if self._on_event is not None:
            for event in events:
                self._on_event(event)
