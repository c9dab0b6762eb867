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

from udpchat_core.aead import LINE, NONCE_START, NUMBER, OPENSSL, Aead
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, MAX_PLAINTEXT, TAG

_ROWS = 128
"""Datagrams encrypted in a row."""
_PLACES = 256
"""Where they were written to lately, for which there are pointers."""
_KEY, _NONCE = 32, 16  # a nonce has 12 bytes, and a place of 16
_HEADER, _CIPHERTEXT = slice(HEADER), slice(HEADER, None)


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
        self._null = self._ffi.NULL
        self._one = self._ffi.new("unsigned char[]", MAX_DATAGRAM)
        self._one_bytes = self._ffi.buffer(self._one)
        self._places: dict[tuple[int, int], tuple[list[Any], list[Any]]] = {}
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
        null, length = self._null, _checked(frames)
        nonce = NONCE_START + header[NUMBER]
        self._encrypt(self._one, null, frames, length, header, HEADER, null, nonce, cipher)
        return header + self._one_bytes[: length + TAG]

    def decrypt(self, key: bytes, datagram: bytes) -> bytes | None:
        """The frames."""
        null, length = self._null, len(datagram) - HEADER
        if not TAG <= length <= MAX_DATAGRAM - HEADER:
            return None
        header = datagram[_HEADER]
        nonce = NONCE_START + header[NUMBER]
        if self._decrypt(self._one, null, null, datagram[_CIPHERTEXT], length, header, HEADER, nonce, key) < 0:
            return None
        return self._one_bytes[: length - TAG]

    def column(self, ciphers: Sequence[bytes]) -> bytes:
        """The keys, one behind the other."""
        return b"".join(ciphers)

    def encrypt_into(
        self, memory: memoryview, stride: int, column: bytes, first: int, headers: bytes, frames: bytes
    ) -> None:
        """Write a datagram for each."""
        length, count = _checked(frames), len(memory) // stride
        if stride % LINE or not length + HEADER + TAG <= stride:
            raise ValueError(f"datagrams of {length + HEADER + TAG} bytes, one every {stride}")
        for at in range(0, count, _ROWS):
            rows, begin = min(_ROWS, count - at), first + at
            keys = column[begin * _KEY : (begin + rows) * _KEY]
            some = memoryview(headers)[begin * HEADER : (begin + rows) * HEADER]
            self._write(memory[at * stride : (at + rows) * stride], stride, keys, some, frames)

    def _write(self, memory: memoryview, stride: int, keys: bytes, headers: memoryview, frames: bytes) -> None:
        """The same for as many as there are nonces and keys at once."""
        count, null = len(keys) // _KEY, self._null
        words, own = memory.cast("Q"), headers.cast("Q")
        words[0 :: stride // 8] = own[0::2]
        words[1 :: stride // 8] = own[1::2]
        self._numbers[:count] = headers.cast("I")[1::4]  # all of a number below PACKETS_MAX
        self._key_bytes[: len(keys)] = keys
        heads, ciphertexts = self._pointers(memory, stride, count)
        each = map(
            self._encrypt,
            ciphertexts,
            repeat(null),
            repeat(frames),
            repeat(len(frames)),
            heads,
            repeat(HEADER),
            repeat(null),
            self._nonces,
            self._keys[:count],
        )
        deque(each, 0)

    def _pointers(self, memory: memoryview, stride: int, count: int) -> tuple[list[Any], list[Any]]:
        """To where at least `count` datagrams begin, and to their ciphertexts."""
        first = self._ffi.cast("unsigned char *", self._ffi.from_buffer(memory))
        place = int(self._ffi.cast("unsigned long", first)), stride
        pointers = self._places.get(place)
        if pointers is None or len(pointers[0]) < count:
            if len(self._places) >= _PLACES:
                self._places.clear()
            headers = [first + at for at in range(0, count * stride, stride)]
            pointers = self._places[place] = headers, [header + HEADER for header in headers]
        return pointers


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
