"""Sealed packets: the one pair of keys of a session, its packet numbers and its replay window (SPEC.md 6).

`Seal` turns frames into a SEALED datagram and back. It knows no clock and no addresses, and looks into no
frame: how old a session may get is its owner's business, how many packets it may send is not.

The window is one int of the numbers that are *missing* below the largest that verified, bit i for `_base` +
i. A packet that comes in order does not touch it, a jump in the numbers, however far, sets its bits at
once, and it never grows beyond 2 × REPLAY_WINDOW bits.
"""

from __future__ import annotations

import enum
import struct
from typing import Final

from udpchat_protocol.constants import PACKETS_MAX, REPLAY_WINDOW
from udpchat_protocol.limits import HEADER, TAG

from .aead import OPENSSL, Aead

__all__ = ["Seal", "SealError", "SealReason"]

_SEALED: Final = 0x0400_0000
"""The first 4 bytes of a packet: type, reserved, and the high part of a number below PACKETS_MAX."""
_SHORTEST: Final = HEADER + TAG

_unpack_start: Final = struct.Struct(">II").unpack_from
_pack_header: Final = struct.Struct(">IIQ").pack


class SealReason(enum.Enum):
    """Why a packet was not opened, or not sealed."""

    SHORT = "short"
    """No room for header and tag."""
    RESERVED = "reserved"
    """The type is not SEALED, or the reserved byte is not 0."""
    LIFETIME = "lifetime"
    """A number of PACKETS_MAX or above (UC-SEAL-5)."""
    TOO_OLD = "too old"
    """A number below the window (UC-SEAL-3)."""
    REPLAY = "replay"
    """A number that verified before (UC-SEAL-3)."""
    TAG = "tag"
    """Not sealed by the peer for this session, or changed on the way."""

    @property
    def drop(self) -> str:
        """The reason under which SPEC.md 4.2 counts it."""
        return _DROP[self]


_DROP: Final = {
    SealReason.SHORT: "malformed",
    SealReason.RESERVED: "malformed",
    SealReason.LIFETIME: "replay",
    SealReason.TOO_OLD: "replay",
    SealReason.REPLAY: "replay",
    SealReason.TAG: "tag",
}


class SealError(Exception):
    """The one error of this module; nothing was changed."""

    def __init__(self, reason: SealReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Seal:
    """Both directions of one session (SPEC.md 6).

    `session` is the session id u64; `send_key` and `receive_key` are 32 bytes each, for this `Seal` and no
    other, since its numbers begin at 0. ValueError: they are not.
    """

    __slots__ = ("_base", "_missing", "_receive_key", "aead", "cipher", "largest", "next_number", "session")

    def __init__(self, session: int, send_key: bytes, receive_key: bytes, aead: Aead = OPENSSL) -> None:
        if not len(send_key) == len(receive_key) == 32:
            raise ValueError("a key of AES-256-GCM has 32 bytes")
        self.aead = aead
        self._receive_key = receive_key
        self.cipher = aead.cipher(send_key)
        """What seals, for who does it by itself."""
        self._missing = self._base = 0
        self.session: Final = session
        self.next_number = 0
        """The number of the packet that is sealed next."""
        self.largest = -1
        """The largest number that verified, −1 at first."""

    def seal(self, frames: bytes) -> bytes:
        """The datagram, 32 bytes longer than `frames`. SealError LIFETIME after PACKETS_MAX packets."""
        number = self.next_number
        if number >= PACKETS_MAX:
            raise SealError(SealReason.LIFETIME)
        self.next_number = number + 1
        return self.seal_as(number, frames)

    def seal_as(self, number: int, frames: bytes) -> bytes:
        """The datagram with this number; for who counts them, and sets `next_number` when it ceases to."""
        return self.aead.encrypt(self.cipher, self.header(number), frames)

    def header(self, number: int) -> bytes:
        """The header of the packet with this number."""
        return _pack_header(_SEALED, number, self.session)

    def open_untrusted(self, datagram: bytes) -> tuple[int, bytes]:
        """The packet's number and its frames; SealError if it is not a fresh packet of the peer's."""
        if len(datagram) < _SHORTEST:
            raise SealError(SealReason.SHORT)
        start, number = _unpack_start(datagram)
        if start != _SEALED or number >= PACKETS_MAX:
            raise SealError(SealReason.LIFETIME if start >> 16 == _SEALED >> 16 else SealReason.RESERVED)
        ahead = number - self.largest
        if ahead <= 0:
            self._check_late(number)
        # The session id is not compared: it is part of the associated data.
        plaintext = self.aead.decrypt(self._receive_key, datagram)
        if plaintext is None:
            raise SealError(SealReason.TAG)
        if ahead == 1:
            self.largest = number
        elif ahead > 1:
            self._skip_to(number)
        else:
            self._missing ^= 1 << number - self._base
        return number, plaintext

    def _check_late(self, number: int) -> None:
        if number <= self.largest - REPLAY_WINDOW:
            raise SealError(SealReason.TOO_OLD)
        if not self._missing >> number - self._base & 1:
            raise SealError(SealReason.REPLAY)

    def _skip_to(self, number: int) -> None:
        """Make `number` the largest; those between are missing, as far as the window reaches."""
        lowest = number - REPLAY_WINDOW + 1
        if number - self._base >= 2 * REPLAY_WINDOW:
            self._missing >>= lowest - self._base
            self._base = lowest
        first = self.largest + 1 if self.largest >= lowest else lowest
        self._missing |= (1 << number - first) - 1 << first - self._base
        self.largest = number
