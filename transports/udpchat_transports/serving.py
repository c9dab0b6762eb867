"""What a running server shows of itself, whatever transport it runs on, and the socket that it listens at."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from udpchat_core.counters import Counters
from udpchat_core.events import LiveSession
from udpchat_core.guests import Guests
from udpchat_core.server import Server

from .addresses import Candidate, SocketAddress
from .mmsg import Io
from .sockets import SERVER_BUFFER, UdpSocket

T = TypeVar("T")


class Serving:
    """A running server."""

    def __init__(self, core: Server, sock: UdpSocket, public: bytes) -> None:
        self._core = core
        self._socket = sock
        self.address: SocketAddress = sock.address
        """Where it listens, with the port that it was given."""
        self.public_key = public
        """The server's public key, 32 bytes."""
        self.io: Io = sock.io
        """How its socket moves datagrams: one a system call, many, or many with UDP_SEGMENT."""
        self.aead = core.aead.name
        """The library that seals: `libsodium` or `openssl`."""
        self.wake: Callable[[], None] = _nothing
        """Turn soon; from any thread."""
        self.on_turn: Callable[[float], None] = _no_turn
        """Called with the time, once in every turn, in the server's own loop: the place to use `keyless`."""

    @property
    def keyless(self) -> Guests:
        """People without keys whom the application lets into rooms (SPEC.md B.4); to be used in `on_turn` alone."""
        return self._core.keyless

    def _look(self, read: Callable[[], T]) -> T:
        """Read this where nothing is being done to the core, also after the end."""
        return read()

    @property
    def counters(self) -> Counters:
        """Datagrams received, sent and dropped."""
        return self._core.counters

    @property
    def errors(self) -> Mapping[str, int]:
        """Errors of the socket, by the names of errno."""
        return dict(self._socket.errors)

    @property
    def shed(self) -> int:
        """HELLOs that were given up unread because too many came."""
        return self._socket.shed

    @property
    def sessions(self) -> int:
        """Live sessions."""
        return self._core.sessions

    @property
    def live(self) -> tuple[LiveSession, ...]:
        """Every live session; their times are the transport's, and `addresses.peer_of` their addresses."""
        return self._look(lambda: self._core.live)

    @property
    def tables(self) -> Mapping[str, int]:
        """Sizes of everything that strangers can make grow."""
        return self._look(lambda: self._core.tables)


def _nothing() -> None:
    pass


def _no_turn(_: float) -> None:
    pass


def listen(host: str, candidates: Sequence[Candidate]) -> UdpSocket:
    """A socket at the first of the addresses of `host` that can be had, IPv4 first. Raises OSError: none can."""
    failure: OSError | None = None
    for family, address in sorted(candidates, key=lambda candidate: candidate[0] != socket.AF_INET):
        try:
            return UdpSocket(family, address, buffer=SERVER_BUFFER)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(f"{host!r} has no address of IPv4 or IPv6")
