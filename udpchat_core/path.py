"""Paths: where datagrams come from and go to, as the core sees them (SPEC.md 12).

A server moves a session only to a path on which it was answered: `Candidate` is one that was not answered on yet. A
client may know several ways to its server: `Ways` says which one has its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import inf
from typing import NamedTuple, Protocol

from udpchat_protocol.constants import INITIAL_WINDOW, PATH_BUDGET, PATH_TRIES
from udpchat_protocol.limits import CHALLENGE, FRAME_HEADER, HEADER, TAG

Path = Hashable
"""An (own address, peer's address) pair as the transport made it. The core compares it and never looks inside."""

Datagram = tuple[bytes, Path]
"""Bytes to send, and the path to send them on."""


class Sink(Protocol):
    """Where what leaves is put, in its order: a list of datagrams, or of more than that."""

    def append(self, datagram: Datagram, /) -> None:
        """Behind all others."""
        ...


class Address(NamedTuple):
    """What the core may know of a peer's address: bytes for the cookie, and the prefix that limits go by."""

    octets: bytes
    prefix: bytes


ASKING = HEADER + FRAME_HEADER + CHALLENGE + TAG
"""Bytes of a packet with CHALLENGE and no copies."""

AddressOf = Callable[[Path], Address]
"""Given by the transport: the one look into a path."""


class Candidate:
    """A path that a session's packets came on, until it is proved (UC-PATH-2, UC-PATH-3, UC-PATH-9)."""

    __slots__ = ("_asked_at", "_copies", "_credit", "_once", "_tries", "data", "due", "path")

    def __init__(self, path: Path, data: bytes, now: float) -> None:
        """`data`: 8 unpredictable bytes."""
        self.path = path
        self.data = data
        self.due = now
        """When the next CHALLENGE is to leave, in the caller's seconds; inf: when a packet comes."""
        self._credit = 0
        self._copies = INITIAL_WINDOW
        self._tries = 0
        self._asked_at: float | None = None
        self._once = True

    def heard(self, size: int, now: float) -> None:
        """A valid packet of `size` bytes came on it."""
        self._credit += PATH_BUDGET * size
        self._tries = 0
        self.due = now

    def spend(self, size: int) -> bool:
        """May a datagram of `size` bytes be sent on it? It counts as sent."""
        if self._credit < size:
            return False
        self._credit -= size
        return True

    def asked(self, now: float, patience: float) -> None:
        """CHALLENGE leaves; the next one would `patience` seconds later."""
        self._once = self._asked_at is None
        self._asked_at = now
        self._tries += 1
        self.due = now + patience if self._tries < PATH_TRIES else inf

    @property
    def room(self) -> int:
        """Bytes of copies that may go along with the CHALLENGE that leaves, so that the others may leave too."""
        return min(self._credit - (PATH_TRIES - self._tries) * ASKING, self._copies)

    def copied(self, size: int) -> None:
        """They go along, and have `size` bytes, at most `room`."""
        self._credit -= size
        self._copies -= size

    def rtt(self, now: float) -> float | None:
        """The round-trip time that its RESPONSE tells, if it can be told."""
        return now - self._asked_at if self._asked_at is not None and self._once else None


class Ways:
    """The paths by which a client may reach its server, and the one that it uses (UC-PATH-7)."""

    __slots__ = ("_index", "_paths")

    def __init__(self, paths: Sequence[Path]) -> None:
        """`paths`: at least one, the best first."""
        self._paths = tuple(paths)
        self._index = 0

    @property
    def path(self) -> Path:
        """The one in use."""
        return self._paths[self._index]

    def advance(self) -> bool:
        """Go on to the next; True if every one has had its turn and the first has it again."""
        self._index = (self._index + 1) % len(self._paths)
        return self._index == 0
