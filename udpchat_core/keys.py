"""What is derived from keys: names, pre-shared keys, reset tokens, the prologue (SPEC.md 5.1).

Functions from bytes to bytes. What came over the network and is held against a secret value is compared by
`same`, never by `==`.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable
from typing import Final, NewType, TypeAlias

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

__all__ = [
    "Entropy",
    "PrivateKey",
    "fingerprint",
    "new_private_key",
    "prologue",
    "psk",
    "public_key",
    "reset_key",
    "reset_token",
    "same",
]

Entropy: TypeAlias = Callable[[int], bytes]
"""Gives that many unpredictable bytes, fresh at every call."""

PrivateKey = NewType("PrivateKey", bytes)
"""The 32 bytes of an X25519 private key; a type of its own, so that it is never sent as a public one."""

same: Final = hmac.compare_digest
"""Whether two byte strings are equal, in a time that does not tell where they differ."""

_SECRET_LENGTH: Final = 16
_OPEN_PSK: Final = bytes(32)
_PROLOGUE: Final = struct.Struct(">7sBQ")
_SESSION: Final = struct.Struct(">Q")


def new_private_key(entropy: Entropy) -> PrivateKey:
    """A new X25519 private key out of 32 bytes of `entropy`."""
    return PrivateKey(entropy(32))


def public_key(private: PrivateKey) -> bytes:
    """The 32-byte public key of `private`. ValueError if that is not 32 bytes long."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def fingerprint(public: bytes) -> bytes:
    """The 8 bytes that name the owner of a public key in rooms (SPEC.md 5.1)."""
    return hashlib.sha256(public).digest()[:8]


def psk(secret: bytes | None, server_key: bytes) -> bytes:
    """The 32-byte pre-shared key of a server (SPEC.md 5.1).

    `secret` is the 16 bytes of a closed server's join link, or None for an open server; ValueError if it has
    another length. `server_key` is the server's public key.
    """
    if secret is None:
        return _OPEN_PSK
    if len(secret) != _SECRET_LENGTH:
        raise ValueError(f"a secret is {_SECRET_LENGTH} bytes long, not {len(secret)}")
    return _hkdf(secret, salt=server_key, info=b"udpchat/1 psk")


def reset_key(private: PrivateKey) -> bytes:
    """The 32-byte key of a server's reset tokens: the same after a restart (SPEC.md 5.1)."""
    return _hkdf(private, salt=b"", info=b"udpchat/1 reset")


def reset_token(key: bytes, session: int) -> bytes:
    """The 16 bytes by which a server proves that it does not know `session`; `key` is its `reset_key`."""
    return hmac.digest(key, _SESSION.pack(session), "sha256")[:16]


def prologue(version: int, token: int) -> bytes:
    """What both sides must agree on before the first message: `version` u8, `token` u64 (SPEC.md 5.1)."""
    return _PROLOGUE.pack(b"udpchat", version, token)


def _hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """The first 32 bytes of HKDF-SHA256 (RFC 5869), which are its first block."""
    return hmac.digest(hmac.digest(salt, ikm, "sha256"), info + b"\x01", "sha256")
