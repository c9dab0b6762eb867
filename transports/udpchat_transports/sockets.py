"""A UDP socket as a transport needs it: non-blocking, many datagrams a wake-up, and errors that are only
counted.

The network may be absent, refuse, or come back at any time: no error of sending or receiving is ever raised.
What waits for a full send buffer stays, in its order, in the caller's queue.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from udpchat_core.batch import Queue
from udpchat_core.path import Path

from .addresses import Candidate, SocketAddress, local_host, mapped
from .mmsg import Io, Mmsg, best
from .plain import Engine, Plain, Take, Tally

SERVER_BUFFER = 4 * 1024 * 1024
"""Bytes asked for each of a server's kernel buffers; the system gives what it allows."""

# A client hears on all its networks, and its system chooses by which one it sends. One socket reaches both families.
_ANY: tuple[Candidate, ...] = ((socket.AF_INET6, ("::", 0, 0, 0)), (socket.AF_INET, ("0.0.0.0", 0)))  # noqa: S104

# Linux; the socket module does not name them before Python 3.13.
_IP_MTU_DISCOVER = getattr(socket, "IP_MTU_DISCOVER", 10)
_IP_PMTUDISC_DONT = getattr(socket, "IP_PMTUDISC_DONT", 0)


class UdpSocket:
    """One bound socket."""

    def __init__(
        self,
        family: socket.AddressFamily,
        address: SocketAddress,
        *,
        buffer: int = 0,
        errors: Counter[str] | None = None,
        io: Io | None = None,
    ) -> None:
        """Bind to `address`; an IPv6 socket on `::` takes IPv4 too. `buffer`: bytes, 0 for the system's
        choice.

        `errors` goes on counting what another socket began to. `io`: not the best that this system has, but this,
        which it has to have. Raises OSError if the address cannot be had.
        """
        self._tally = Tally(Counter() if errors is None else errors)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            _tune(self._socket, family, buffer)
            self._socket.bind(address)
            self.address: SocketAddress = self._socket.getsockname()
            """Its own address, with the port that it was given."""
        except BaseException:
            self._socket.close()
            raise
        self.family = family
        self.shed = 0
        """Datagrams that came here and were given up unread, because there were too many: its owner counts them."""
        self.io: Io = best(self._socket, family) if io is None else io
        """How it moves datagrams."""
        self._engine: Engine = (
            Plain(self._socket, self.address, self._tally)
            if self.io == "plain"
            else Mmsg(self._socket, family, self.address, self._tally, segments=self.io == "gso")
        )

    @property
    def errors(self) -> Counter[str]:
        """Errors of sending and receiving, by the names of errno."""
        return self._tally.errors

    @property
    def trouble(self) -> str | None:
        """Why the last datagram could not be sent, for people; None if it could."""
        return self._tally.trouble

    def fileno(self) -> int:
        """For waiting until it is readable or writable."""
        return self._socket.fileno()

    def path_to(self, peer: SocketAddress) -> Path:
        """The path from here to `peer`."""
        return self.address, peer

    def paths_to(self, candidates: Sequence[Candidate]) -> list[Path]:
        """Paths to a server's addresses (`addresses.resolve`) for `Client.connect` and `Client.moved`, the best first.

        Those that this machine has no way to now come last. Raises OSError: this socket reaches none of them.
        """
        six = self.family == socket.AF_INET6
        peers = [mapped(peer) if six else peer for family, peer in candidates if six or family == socket.AF_INET]
        if not peers:
            raise OSError("this machine has no IPv6, and the server nothing else")
        return [self.path_to(peer) for peer in sorted(peers, key=lambda peer: local_host(self.family, peer) is None)]

    @property
    def raw(self) -> socket.socket:
        """The system's socket, for a framework that waits, receives and sends by itself."""
        return self._socket

    def receive(self, most: int, take: Take) -> int:
        """Hand every datagram that waits, but at most `most`, to `take(data, path)`; how many there were, or failed.

        Fewer than `most`: nothing waits any more.
        """
        return self._engine.receive(most, take)

    def send(self, waiting: Queue) -> bool:
        """Send from the front of `waiting`; False if the rest has to wait until the socket is writable."""
        return self._engine.send(waiting)

    def send_one(self, data: bytes, peer: SocketAddress) -> None:
        """Send one datagram now or, as any network may, lose it."""
        try:
            self._socket.sendto(data, peer)
        except OSError as error:
            self._tally.count(error)

    def close(self) -> None:
        """Give the socket back; harmless if it was."""
        self._socket.close()


def open_udp(errors: Counter[str] | None = None) -> UdpSocket:
    """A client's socket: at any port, reaching IPv6 and IPv4 if this machine has both. Raises OSError."""
    failure: OSError | None = None
    for family, address in _ANY:
        try:
            return UdpSocket(family, address, errors=errors)
        except OSError as error:
            failure = error
    raise failure or OSError("no family of addresses")


def _tune(sock: socket.socket, family: socket.AddressFamily, buffer: int) -> None:
    if family == socket.AF_INET6:
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    # A path with a small MTU shall cut our datagrams up rather than drop them: DF clear (SPEC.md 3). An IPv6
    # socket may carry IPv4. Systems without this option leave DF clear by themselves.
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_DONT)
    if buffer:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, option, buffer)
