"""Finding the address at which a client's server answers, and another one when it no longer does.

The host may be a name of several addresses, of both families, and the network may come later than the client.
So names are looked up as often as it takes, and each address gets its turn until one is heard from. The
session does not notice: it moves with the path.
"""

from __future__ import annotations

import socket
from collections import Counter
from functools import partial

import trio

from udpchat_core.client import Client
from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.path import Path

from .addresses import Candidate, SocketAddress, resolve
from .sockets import UdpSocket
from .trio_loop import Loop

FIRST_PATIENCE = 1.5
"""Seconds that the first address may be silent before the next has its turn; doubled each time …"""

PATIENCE = 24.0
"""… up to this, which is longer than a session whose link is up is ever silent."""

PAUSE = 1.0
"""Seconds before a name that was not found is looked up again; doubled each time …"""

PAUSE_MAX = 30.0
"""… up to this."""

# A client hears on all its networks, and its system chooses by which one it sends.
_ANY: dict[socket.AddressFamily, SocketAddress] = {
    socket.AF_INET: ("0.0.0.0", 0),  # noqa: S104
    socket.AF_INET6: ("::", 0, 0, 0),
}


class Seeker:
    """Directs one client."""

    def __init__(self, core: Client, loop: Loop[SaveState, StateSaved], address: tuple[str, int]) -> None:
        self.errors: Counter[str] = Counter()
        """Errors of sending and receiving, by the names of errno."""
        self._core = core
        self._loop = loop
        self._address = address
        self._path: Path = None
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """What this machine says is wrong with the way to the server, for people; None if nothing."""
        sock = self._loop.pump.socket
        return self._trouble or (sock.trouble if sock is not None else None)

    async def run(self) -> None:
        """Seek until cancelled."""
        patience = FIRST_PATIENCE
        while True:
            for candidate in await self._look_up():
                self._loop.before_next_turn(partial(self._head_for, candidate))
                while await self._answers(patience):
                    patience = PATIENCE
                patience = min(2 * patience, PATIENCE)

    async def _look_up(self) -> list[Candidate]:
        pause = PAUSE
        while True:
            try:
                found = await trio.to_thread.run_sync(resolve, *self._address, abandon_on_cancel=True)
            except OSError as error:
                self._trouble = error.strerror or str(error)
            else:
                self._trouble = None if found else "no address of IPv4 or IPv6"
                if found:
                    return found
            await trio.sleep(pause)
            pause = min(2 * pause, PAUSE_MAX)

    async def _answers(self, patience: float) -> bool:
        """False if something was sent in the next `patience` seconds, and nothing came."""
        counters = self._core.counters
        sent, received = counters.sent, counters.received
        await trio.sleep(patience)
        return counters.received > received or counters.sent == sent

    def _head_for(self, candidate: Candidate) -> None:
        """Send to this address from now on."""
        family, peer = candidate
        pump, now = self._loop.pump, trio.current_time()
        if self._core.closed:
            return
        sock = pump.socket
        if sock is None or sock.family != family:
            try:
                sock = UdpSocket(family, _ANY[family], errors=self.errors)
            except OSError as error:
                # This machine does not have the family; the next address may do.
                self._trouble = error.strerror or str(error)
                return
            pump.replace_socket(sock)
        path = sock.path_to(peer)
        if self._path is None:
            self._core.connect(path, now)
        elif self._path != path:
            self._core.moved(path, now)
        self._path = path
