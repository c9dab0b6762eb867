"""The server of the plaintext dialect, sans-IO (SPEC.md, appendix B).

Inputs    `receive_datagram(data, path, now)` · `handle_timeout(now)` · `tell(line)` · `close(now)`
Outputs   after each batch of inputs, in this order: `events()`, `datagrams_to_send(now)`, and then `next_timeout()`

It answers texts and forgets the silent, and knows no rooms: `bridge` joins it to one. One table, in the order in
which addresses were last heard, holds everything, so that whoever quits and comes back finds the same limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from udpchat_protocol.codes import Code
from udpchat_protocol.limits import MAX_DATAGRAM

from .counters import Counters, Drop
from .limiter import Bucket
from .path import Datagram, Path
from .plaintext import (
    ACK,
    BYE,
    PLAIN_BUDGET,
    PLAIN_BURST,
    PLAIN_CLIENTS,
    PLAIN_INTERVAL,
    PLAIN_RATE,
    Kind,
    PlainCame,
    PlainEvent,
    PlainLeft,
    PlainSaid,
    cut,
    read_untrusted,
)

_DROPS = {Kind.TOO_LONG: Drop.SIZE, Kind.FOREIGN: Drop.TYPE}


@dataclass(frozen=True, slots=True)
class PlaintextLimits:
    """What a plaintext server allows, each number its operator's choice."""

    interval: float = PLAIN_INTERVAL
    """Seconds of silence after which a client is dropped."""
    clients: int = PLAIN_CLIENTS
    """Addresses remembered; while there are so many, others are not let in."""
    rate: float = PLAIN_RATE
    """Texts a second that one address may say for long; what is beyond is dropped."""
    burst: float = PLAIN_BURST
    """Texts of one address at once."""
    budget: float = PLAIN_BUDGET
    """Bytes that may go to an address off loopback for each byte that came from it."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value that cannot be."""
        if not 0 < self.interval < inf or min(self.clients, self.rate, self.burst) <= 0 or self.budget < 0:
            raise ValueError("limits of a plaintext server are greater than 0")


class _Caller:
    """One address that was heard within the interval."""

    __slots__ = ("budget", "heard", "lines", "live", "speech")

    def __init__(self, budget: float, speech: Bucket) -> None:
        self.budget = budget
        """Bytes that may still be sent to it."""
        self.speech = speech
        self.heard = -inf
        self.live = False
        """Is it a client? Not after it quit."""
        self.lines = False
        """Does it end what it says with a line feed, as `nc` does? Then it is answered so."""


class PlaintextServer:
    """Text in, the same text out to everyone."""

    def __init__(
        self,
        *,
        is_loopback: Callable[[Path], bool],
        limits: PlaintextLimits = PlaintextLimits(),
    ) -> None:
        """`is_loopback`: is the peer of this path on this very machine? Then it cannot be a forged address."""
        self.limits = limits
        self.counters = Counters()
        self.withheld = 0
        """Datagrams not sent because their receiver has said too little."""
        self._is_loopback = is_loopback
        self._callers: dict[Path, _Caller] = {}
        self._events: list[PlainEvent] = []
        self._out: list[Datagram] = []
        self._now = -inf

    # -- inputs -----------------------------------------------------------------------------------------------

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram that came on `path`."""
        self.handle_timeout(now)
        self.counters.received += 1
        kind, text = read_untrusted(data)
        if kind in _DROPS:
            self.counters.drop(_DROPS[kind])
        elif kind is Kind.QUIT:
            self._quit(path)
        else:
            caller = self._heard(path, data, now)
            if caller is None or (kind is Kind.TEXT and not caller.speech.take(now)):
                self.counters.drop(Drop.REFUSED)
            elif kind is Kind.TEXT:
                self._events.append(PlainSaid(path, text))
                self._tell(ACK + text.encode())

    def handle_timeout(self, now: float) -> None:
        """Let time pass: harmless at any time, needed at `next_timeout()`."""
        self._now = now
        while self._callers:
            path, caller = next(iter(self._callers.items()))
            if now < caller.heard + self.limits.interval:
                return
            del self._callers[path]
            if caller.live:
                self._events.append(PlainLeft(path, Code.EXPIRED))

    def tell(self, line: str) -> None:
        """Send a line to every client, as it stands but never longer than a datagram may be."""
        self._tell(cut(line, MAX_DATAGRAM - 1))

    def close(self, now: float) -> None:
        """Say `bye bye` to every client; what is left to do is to send it."""
        self._now = now
        self._tell(BYE)
        self._events += [PlainLeft(path, Code.SHUTDOWN) for path, caller in self._callers.items() if caller.live]
        self._callers.clear()

    # -- outputs ----------------------------------------------------------------------------------------------

    def events(self) -> list[PlainEvent]:
        """What happened."""
        events, self._events = self._events, []
        return events

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """(datagram, path) pairs, to be sent in this order."""
        self._now = now
        out, self._out = self._out, []
        self.counters.sent += len(out)
        return out

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted; not after the last `now` while datagrams wait. None: never."""
        if self._out:
            return self._now
        for caller in self._callers.values():
            return caller.heard + self.limits.interval
        return None

    # -- state ------------------------------------------------------------------------------------------------

    @property
    def clients(self) -> int:
        """Clients just now."""
        return sum(caller.live for caller in self._callers.values())

    @property
    def addresses(self) -> int:
        """Addresses that are remembered, those that quit among them: what strangers can make grow."""
        return len(self._callers)

    # -- callers ----------------------------------------------------------------------------------------------

    def _heard(self, path: Path, data: bytes, now: float) -> _Caller | None:
        """Whoever sends is a client; None if there are too many, or if this one comes and goes too often."""
        caller = self._callers.get(path)
        if caller is None:
            if len(self._callers) >= self.limits.clients:
                return None
            budget = inf if self._is_loopback(path) else 0.0
            caller = _Caller(budget, Bucket(self.limits.rate, self.limits.burst, now))
        elif not caller.live and not caller.speech.take(now):
            return None
        self._callers.pop(path, None)
        self._callers[path] = caller  # the last one heard is the last in the table
        caller.heard = now
        caller.budget += self.limits.budget * len(data)
        caller.lines = data.endswith(b"\n")
        if not caller.live:
            caller.live = True
            self._events.append(PlainCame(path))
        return caller

    def _quit(self, path: Path) -> None:
        caller = self._callers.get(path)
        if caller is not None and caller.live:
            caller.live = False
            self._events.append(PlainLeft(path, Code.QUIT))

    def _tell(self, line: bytes) -> None:
        for path, caller in self._callers.items():
            if not caller.live:
                continue
            data = line + b"\n" if caller.lines else line
            if caller.budget < len(data):
                self.withheld += 1
                continue
            caller.budget -= len(data)
            self._out.append((data, path))
