"""What every transport does between two waits, whatever it waits with: one turn of a core
(docs/embedding.md).

In:   `turn(now)` when the socket is readable or writable, at `deadline`, and when `wake` was called
Out:  the core is up to date, its store requests are submitted, its datagrams are sent

Within a turn: every datagram that waits goes in, HELLOs last, then what the store answered, then time; after that
the outputs in the order of the core's contract. Events are the owner's: `on_events` is called when they may be
taken.

A turn is bounded, so that nobody can keep timers and answers waiting: by what is handled in it, and by what is taken
from the socket in it. All HELLOs are taken, to get at what is behind them, but few are handled in a turn (`arrivals`).

A wake-up costs more than what it is mostly for. So turns are made by the clock, a little later, while HELLOs wait, and
while turns follow each other quickly that tell nobody anything, as those in which acknowledgements trickle in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter
from typing import Generic, Protocol, TypeVar

from udpchat_core.batch import Outgoing
from udpchat_core.path import Datagram, Path
from udpchat_protocol.packets import Hello

from .arrivals import Arrivals
from .sockets import UdpSocket

TURN = 512
"""Datagrams handled in one turn, HELLOs aside; a portion more at most."""

HELLOS = 0.00025
"""Seconds for the HELLOs of one turn: some ten RETRYs, or one handshake, which takes longer than that."""

REST = 0.0005
"""Seconds from a turn that left HELLOs waiting to the next: so a flood comes as a few batches, not as many wake-ups."""

BREATH, DOZE = 0.001, 0.020
"""Seconds of rest after a turn in which little came, if turns come twice as quickly or the last rest paid: least, while
people talk, and most, when nobody did for a second. Whoever speaks first then waits so long at most."""

SILENCE = 50
"""A rest is so small a part of the time since the store was asked for anything, as it is for all that is said."""

_HELLO = bytes([Hello.TYPE])
_PORTION = 64  # datagrams taken at once
_TAKEN = 8192  # in one turn, whatever they are: more than a server's buffer holds of what is as long as a HELLO

Request = TypeVar("Request")
Result = TypeVar("Result")
_Asked_contra = TypeVar("_Asked_contra", contravariant=True)
_Answer_contra = TypeVar("_Answer_contra", contravariant=True)
_Given_co = TypeVar("_Given_co", covariant=True)


class Core(Protocol[Request, _Answer_contra]):
    """What a pump needs of `udpchat_core.client.Client` and `udpchat_core.server.Server`."""

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram."""
        ...

    def handle_timeout(self, now: float) -> None:
        """Let time pass."""
        ...

    def store_completed(self, result: _Answer_contra, now: float) -> None:
        """Take the answer to a store request."""
        ...

    def store_requests(self) -> list[Request]:
        """What the store is to do."""
        ...

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """What is to be sent."""
        ...

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted."""
        ...


class Store(Protocol[_Asked_contra, _Given_co]):
    """What a pump needs of a store (udpchat_core.effects)."""

    def submit(self, requests: Sequence[_Asked_contra], done: Callable[[Sequence[_Given_co]], None]) -> None:
        """Begin; `done` gets the results at once or later, from any thread."""
        ...


class Turner(Protocol):
    """What a loop turns: a pump, or what turns one."""

    @property
    def deadline(self) -> float:
        """When the next turn is due, whatever happens before."""
        ...

    def turn(self, now: float) -> None:
        """Everything that can be done without waiting."""
        ...


class Pump(Generic[Request, Result]):
    """One core, its store and its socket."""

    def __init__(
        self,
        core: Core[Request, Result],
        store: Store[Request, Result],
        *,
        wake: Callable[[], None],
        on_events: Callable[[], None],
        to_send: Callable[[float], Sequence[Outgoing]] | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """`wake` asks for a turn soon and may be called from any thread; `on_events` is called once in every
        turn; `to_send` is asked instead of the core's `datagrams_to_send`, by a server's that has batches; `clock`
        tells how long HELLOs took, in seconds.
        """
        self.socket: UdpSocket | None = None
        """None until there is one; may be replaced between turns."""
        self._core = core
        self._store = store
        self._wake = wake
        self._on_events = on_events
        self._to_send = to_send or core.datagrams_to_send
        self._clock = clock
        self._results: deque[Result] = deque()
        self._submitting = False
        self._waiting: deque[Outgoing] = deque()
        self._arrivals = Arrivals()
        self._handled = 0
        self._rested = -inf
        self._turned = -inf
        self._asked = -inf
        self._now = -inf

    @property
    def blocked(self) -> bool:
        """Do datagrams wait for the socket to be writable? Until then nothing more is received."""
        return bool(self._waiting)

    @property
    def resting(self) -> bool:
        """Does the next turn wait for its deadline, until which nothing more is received?"""
        return self._rested > self._turned and not self.blocked

    @property
    def deadline(self) -> float:
        """When the next turn is due, whatever happens before."""
        when = self._core.next_timeout()
        return min(inf if when is None else when, self._rested if self.resting else inf)

    def turn(self, now: float) -> None:
        """Everything that can be done without waiting."""
        self._handled = 0
        if self.socket is not None and not self.blocked:
            self._receive(self.socket, now)
        self._complete(now)
        when = self._core.next_timeout()
        if when is not None and when <= now:
            self._core.handle_timeout(now)
        self.put_out(now)
        self._rest(now)
        self._turned = now

    def _rest(self, now: float) -> None:
        """Shall the next turn wait a little?"""
        paid = self._handled > 1 and self._rested > self._turned
        if self._arrivals:
            self._rested = now + REST
        elif 0 < self._handled < _PORTION and self._asked < now:
            rest = min(max(BREATH, (now - self._asked) / SILENCE), DOZE)
            if paid or now - self._turned < rest / 2:
                self._rested = now + rest

    def put_out(self, now: float) -> None:
        """The second half of a turn: what the core has for the store, the application and the network."""
        while requests := self._core.store_requests():
            self._asked, self._submitting = now, True
            self._store.submit(requests, self._done)
            self._submitting = False
            self._complete(now)
        self._on_events()
        self._waiting.extend(self._to_send(now))
        if self.socket is not None:
            self.socket.send(self._waiting)

    def replace_socket(self, socket: UdpSocket | None) -> None:
        """Use another socket; what waited for the old one is lost, as any datagram may be."""
        if self.socket is not None:
            self.socket.close()
        self._waiting.clear()
        self._arrivals.clear()
        self.socket = socket

    def _receive(self, socket: UdpSocket, now: float) -> None:
        self._now = now
        for _ in range(_TAKEN // _PORTION):
            if socket.receive(_PORTION, self._take) < _PORTION or self._handled >= TURN:
                break
        until = self._clock() + HELLOS
        while self._arrivals and self._clock() < until:
            data, path = self._arrivals.take()
            self._core.receive_datagram(data, path, now)

    def _take(self, data: bytes, path: Path) -> None:
        if data[:1] != _HELLO:
            self._handled += 1
            self._core.receive_datagram(data, path, self._now)
        elif not self._arrivals.add(data, path) and self.socket is not None:
            self.socket.shed += 1

    def _done(self, results: Sequence[Result]) -> None:
        self._results.extend(results)
        # First the results, then this look: whoever finds the flag set is before the end of `submit`, after
        # which the results are looked for anyway.
        if not self._submitting:
            self._wake()

    def _complete(self, now: float) -> None:
        while self._results:
            self._core.store_completed(self._results.popleft(), now)
