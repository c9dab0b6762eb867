"""How packets are encrypted and authenticated (UC-SEAL-1), by one library or another.

A packet's header tells its nonce, and is its associated data; so a key, a header and frames are a datagram. Whoever
sends the same frames to many encrypts them for all at once, which spares some libraries what a call costs.

`OpenSsl` is what the core has. Other libraries are given to a server by whoever depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from udpchat_protocol.limits import HEADER

NUMBER = slice(2, 8)
"""Where a packet's number is in its header, u48."""

NONCE_START = bytes(6)
"""What a nonce has before it."""


LINE = 64
"""Datagrams that are written beside each other begin at multiples of this, which is a line of most caches."""


class Aead(Protocol):
    """AEAD_AES_256_GCM (RFC 5116) for packets."""

    name: str
    """The library's."""

    def cipher(self, key: bytes) -> Any:
        """What a session keeps to encrypt with `key`, 32 bytes."""
        ...

    def encrypt(self, cipher: Any, header: bytes, frames: bytes) -> bytes:
        """The datagram: `header`, 16 bytes; ciphertext; tag."""
        ...

    def decrypt(self, key: bytes, datagram: bytes) -> bytes | None:
        """The frames of a datagram of 32 bytes at least; None: it is not what the owner of `key` sent."""
        ...

    def column(self, ciphers: Sequence[Any]) -> Any:
        """These ciphers, as `encrypt_into` takes them."""
        ...

    def encrypt_into(
        self, memory: memoryview, stride: int, column: Any, first: int, headers: bytes, frames: bytes
    ) -> None:
        """Write a datagram with the same frames for each cipher of a column from `first` on, while `memory` has room.

        One every `stride` bytes, a multiple of LINE. `headers`: those of the whole column, 16 bytes each.
        """
        ...


class OpenSsl:
    """OpenSSL, by `cryptography`.

    A cipher takes 2.7 KiB, and no longer to make than to use. Packets leave in crowds and come one by one: the one that
    opens them is made for each.
    """

    name = "openssl"

    def cipher(self, key: bytes) -> AESGCM:
        """What a session keeps."""
        return AESGCM(key)

    def encrypt(self, cipher: AESGCM, header: bytes, frames: bytes) -> bytes:
        """The datagram."""
        return header + cipher.encrypt(NONCE_START + header[NUMBER], frames, header)

    def decrypt(self, key: bytes, datagram: bytes) -> bytes | None:
        """The frames."""
        header = datagram[:HEADER]
        try:
            return AESGCM(key).decrypt(NONCE_START + header[NUMBER], datagram[HEADER:], header)
        except InvalidTag:
            return None

    def column(self, ciphers: Sequence[AESGCM]) -> list[AESGCM]:
        """These ciphers."""
        return list(ciphers)

    def encrypt_into(
        self, memory: memoryview, stride: int, column: list[AESGCM], first: int, headers: bytes, frames: bytes
    ) -> None:
        """Write a datagram for each."""
        for at, number in zip(range(0, len(memory), stride), count(first)):
            datagram = self.encrypt(column[number], headers[number * HEADER : (number + 1) * HEADER], frames)
            memory[at : at + len(datagram)] = datagram


OPENSSL = OpenSsl()
