"""AES-256-GCM of libsodium, as PyNaCl brings it: calls that keep nothing of a key, and write where they are told to.

PyNaCl's own functions make and check objects, which costs more than the work. So this calls the C functions that it
has compiled, which is not its public interface: where they are not as they should be, there is no `Sodium`, and
OpenSSL does it (`best`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from importlib import import_module
from itertools import repeat
from typing import Any

from udpchat_core.aead import OPENSSL, Aead, Block
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, MAX_PLAINTEXT, TAG

_ROWS = 128
"""Datagrams encrypted in a row."""
_LINE = 64
"""They begin at multiples of this, which is a line of the cache."""
_KEY, _NONCE, _WORD = 32, 16, 8  # a nonce has 12 bytes, and a place of 16
_NUMBER, _NONCE_START = slice(2, 8), bytes(6)  # where the number is in a header, and what a nonce has before it


class _Rows:
    """Memory for datagrams, and pointers into it."""

    def __init__(self, ffi: Any, stride: int) -> None:
        memory = ffi.new("unsigned char[]", _ROWS * stride)
        self.bytes = ffi.buffer(memory)
        self.words = memoryview(self.bytes).cast("Q")
        self.headers = [memory + at for at in range(0, _ROWS * stride, stride)]
        self.ciphertexts = [header + HEADER for header in self.headers]


class Sodium:
    """libsodium, for one thread at a time. ImportError: there is none, or it cannot do it on this machine."""

    name = "libsodium"

    def __init__(self) -> None:
        bound: Any = import_module("nacl._sodium")
        self._ffi, library = bound.ffi, bound.lib
        try:
            self._encrypt = library.crypto_aead_aes256gcm_encrypt
            self._decrypt = library.crypto_aead_aes256gcm_decrypt
            if library.sodium_init() < 0 or not library.crypto_aead_aes256gcm_is_available():
                raise ImportError("libsodium knows no AES in this machine's hardware")
        except AttributeError as error:
            raise ImportError("PyNaCl has another libsodium than it had") from error
        self._one = self._ffi.new("unsigned char[]", MAX_DATAGRAM)
        self._one_bytes = self._ffi.buffer(self._one)
        self._rows: dict[int, _Rows] = {}
        keys = self._ffi.new("unsigned char[]", _ROWS * _KEY)
        self._key_bytes = self._ffi.buffer(keys)
        self._keys = [keys + at for at in range(0, _ROWS * _KEY, _KEY)]
        nonces = self._ffi.new("unsigned char[]", _ROWS * _NONCE)
        self._nonces = [nonces + at for at in range(0, _ROWS * _NONCE, _NONCE)]
        self._numbers = memoryview(self._ffi.buffer(nonces)).cast("I")[2 :: _NONCE // 4]

    def cipher(self, key: bytes) -> bytes:
        """The key: what follows from it is made in less time than it takes to get that from memory."""
        return key

    def encrypt(self, cipher: bytes, header: bytes, frames: bytes) -> bytes:
        """The datagram."""
        null, count = self._ffi.NULL, _checked(frames)
        nonce = _NONCE_START + header[_NUMBER]
        self._encrypt(self._one, null, frames, count, header, HEADER, null, nonce, cipher)
        return header + self._one_bytes[: count + TAG]

    def decrypt(self, key: bytes, datagram: bytes) -> bytes | None:
        """The frames."""
        null, count = self._ffi.NULL, len(datagram) - HEADER
        if not TAG <= count <= MAX_DATAGRAM - HEADER:
            return None
        header = datagram[:HEADER]
        nonce = _NONCE_START + header[_NUMBER]
        if self._decrypt(self._one, null, null, datagram[HEADER:], count, header, HEADER, nonce, key) < 0:
            return None
        return self._one_bytes[: count - TAG]

    def column(self, ciphers: Sequence[bytes]) -> bytes:
        """The keys, one behind the other."""
        return b"".join(ciphers)

    def encrypt_all(self, column: bytes, headers: bytes, frames: bytes) -> Block:
        """A datagram for each; columns longer than the memory are cut."""
        size = _checked(frames) + HEADER + TAG
        stride = -(-size // _LINE) * _LINE
        rows = self._rows.get(stride)
        if rows is None:
            rows = self._rows[stride] = _Rows(self._ffi, stride)
        parts = [
            self._encrypt_rows(rows, stride, column[at * _KEY :][: _ROWS * _KEY], headers[at * HEADER :], frames)
            for at in range(0, len(column) // _KEY, _ROWS)
        ]
        return Block(b"".join(parts), stride, size)

    def _encrypt_rows(self, rows: _Rows, stride: int, keys: bytes, headers: bytes, frames: bytes) -> bytes:
        count, step, null = len(keys) // _KEY, stride // _WORD, self._ffi.NULL
        words = memoryview(headers)[: count * HEADER].cast("Q")
        rows.words[0 : count * step : step] = words[0::2]
        rows.words[1 : count * step : step] = words[1::2]
        self._numbers[:count] = words.cast("B").cast("I")[1::4]  # all of a number below PACKETS_MAX
        self._key_bytes[: len(keys)] = keys
        each = map(
            self._encrypt,
            rows.ciphertexts,
            repeat(null),
            repeat(frames),
            repeat(len(frames)),
            rows.headers,
            repeat(HEADER),
            repeat(null),
            self._nonces,
            self._keys[:count],
        )
        deque(each, 0)
        return rows.bytes[: count * stride]


def _checked(frames: bytes) -> int:
    """Their length, which there must be room for."""
    if len(frames) > MAX_PLAINTEXT:
        raise ValueError(f"{len(frames)} bytes of frames; a packet has room for {MAX_PLAINTEXT}")
    return len(frames)


def best() -> Aead:
    """The quickest that is here. A server has one of its own."""
    try:
        return Sodium()
    except ImportError:
        return OPENSSL
