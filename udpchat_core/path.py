"""Paths: where datagrams come from and go to, as the core sees them (SPEC.md 12)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

Path = Hashable
"""An (own address, peer's address) pair as the transport made it. The core compares it and never looks inside."""

Datagram = tuple[bytes, Path]
"""Bytes to send, and the path to send them on."""


class Address(NamedTuple):
    """What the core may know of a peer's address: bytes for the cookie, and the prefix that limits go by."""

    octets: bytes
    prefix: bytes


AddressOf = Callable[[Path], Address]
"""Given by the transport: the one look into a path."""
