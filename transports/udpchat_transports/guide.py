"""Where a client's datagrams go: addresses that were looked up, a socket that reaches them, a network that changes.

It waits for nothing itself. A transport turns it, starts a look-up when asked to, and brings the result:

In:   `turn(now)` as for a pump, `found(candidates or error)` from any thread, `moved()` by the application
Out:  `deadline`, and `look_up()` called when a name is to be looked up; the core is told of paths

The host may be a name of several addresses, of both families, and the network may come later than the client. So a
name is looked up as often as it takes, and again when nobody answers; which address has its turn is the core's
business (SPEC.md 12.1).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from math import inf

from udpchat_core.client import Client
from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.path import Path

from .addresses import Candidate, SocketAddress, local_host, peer_of
from .pump import Pump
from .sockets import UdpSocket, open_udp

PAUSE = 1.0
"""Seconds before a name is looked up again; doubled each time …"""

PAUSE_MAX = 30.0
"""… up to this, until the server was heard."""

WATCH = 2.0
"""Seconds between two looks at this machine's own address: when it changes, so did the network."""


class Guide:
    """Directs one client."""

    def __init__(
        self,
        core: Client,
        pump: Pump[SaveState, StateSaved],
        look_up: Callable[[], None],
        wake: Callable[[], None],
    ) -> None:
        """`look_up` begins a look-up of the server's name; `wake` asks for a turn soon, from any thread."""
        self.pump = pump
        self.errors: Counter[str] = Counter()
        """Errors of sending and receiving, by the names of errno."""
        self._core = core
        self._look_up = look_up
        self._wake = wake
        self._results: deque[list[Candidate] | OSError] = deque()
        self._candidates: list[Candidate] = []
        self._paths: list[Path] = []
        self._looking = False
        self._look_at = -inf
        self._pause = PAUSE
        self._watch_at = inf
        self._locals: dict[SocketAddress, str | None] = {}
        self._moved = False
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """What this machine says is wrong with the way to the server, for people; None if nothing."""
        return self._trouble or (self.pump.socket.trouble if self.pump.socket is not None else None)

    @property
    def deadline(self) -> float:
        """When the next turn is due, whatever happens before."""
        look_at = self._look_at if self._wants_addresses else inf
        return min(self.pump.deadline, self._watch_at, look_at)

    def found(self, found: list[Candidate] | OSError) -> None:
        """What a look-up brought; from any thread."""
        self._results.append(found)
        self._wake()

    def moved(self) -> None:
        """The application knows that the network changed: with the next turn, begin with a new socket."""
        self._moved = True
        self._wake()

    def turn(self, now: float) -> None:
        """Everything that can be done without waiting."""
        while self._results:
            self._arrived(self._results.popleft(), now)
        if self._watch_at <= now:
            self._watch(now)
        if self._moved:
            self._moved = False
            self.pump.replace_socket(None)
            self._head_for(self._candidates, now)
        self.pump.turn(now)
        if self._paths and not self._core.addresses_needed:
            self._pause = PAUSE
        if self._wants_addresses and self._look_at <= now:
            self._looking = True
            self._look_at = now + self._pause
            self._pause = min(2 * self._pause, PAUSE_MAX)
            self._look_up()

    @property
    def _wants_addresses(self) -> bool:
        return not self._looking and not self._core.closed and (not self._paths or self._core.addresses_needed)

    def _arrived(self, found: list[Candidate] | OSError, now: float) -> None:
        self._looking = False
        if isinstance(found, OSError):
            self._trouble = found.strerror or str(found)
        elif found:
            self._trouble = None
            self._head_for(found, now)
        else:
            self._trouble = "no address of IPv4 or IPv6"

    def _head_for(self, candidates: list[Candidate], now: float) -> None:
        """Use these addresses from now on: in this order, but those that this machine has no way to come last."""
        sock = self.pump.socket or self._open()
        if sock is None or not candidates or self._core.closed:
            return
        try:
            paths = sock.paths_to(candidates)
        except OSError as error:
            self._trouble = error.strerror or str(error)
            return
        started = bool(self._paths)
        self._candidates = candidates
        self._locals = {peer_of(path): local_host(sock.family, peer_of(path)) for path in paths}
        self._paths = paths
        self._watch_at = now + WATCH
        tell = self._core.moved if started else self._core.connect
        tell(self._paths[0], now, self._paths[1:])

    def _open(self) -> UdpSocket | None:
        try:
            sock = open_udp(self.errors)
        except OSError as error:
            self._trouble = error.strerror or str(error)
            return None
        self.pump.replace_socket(sock)
        return sock

    def _watch(self, now: float) -> None:
        """Notice that this machine has other addresses than before."""
        self._watch_at = now + WATCH
        sock = self.pump.socket
        if sock is None:
            return
        before, self._locals = self._locals, {peer: local_host(sock.family, peer) for peer in self._locals}
        if any(host is not None and host != before[peer] for peer, host in self._locals.items()):
            self._head_for(self._candidates, now)
