"""The handshake `Noise_IKpsk1_25519_AESGCM_SHA256`, that pattern and no other (SPEC.md 5.2).

    <- s
    ...
    -> e, es, s, ss, psk     message 1: what the initiator offers
    <- e, ee, se             message 2: what the responder answers

Written from revision 34 of the Noise Protocol Framework, whose names the code keeps: `s` and `e` are the
own static and ephemeral key pair, `rs` and `re` the peer's public keys, `ck` the chaining key, `h` the hash
of all that was said. Both sides run down the pattern in a straight line over a `_Symmetric`, a value: each
step gives a new one, so that a message that fails to verify leaves nothing behind. Every key of this
pattern seals at most once, which is why no nonce is counted.

This is not a session: no retries, no cookies, no clock. Bytes go in and out, and what is wrong with bytes
from the network is told by `NoiseError` alone. A key or PSK of the wrong length is the caller's mistake, a
ValueError.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from udpchat_core.keys import Entropy, PrivateKey, new_private_key
from udpchat_protocol.limits import KEY, NOISE_ANSWER_MIN, NOISE_OFFER_MIN, TAG

__all__ = ["Initiator", "Keys", "NoiseError", "NoiseReason", "Offered", "Responder"]

_NAME: Final = b"Noise_IKpsk1_25519_AESGCM_SHA256"  # as long as a hash, so it is the first h as it stands
_NONCE: Final = bytes(12)
_STATIC: Final = slice(KEY, KEY + KEY + TAG)  # in message 1


class NoiseReason(enum.Enum):
    """Why a message was refused."""

    SHORT = "short"
    """Fewer bytes than the message has with an empty payload."""
    LOW_ORDER = "low order"
    """A public key with which X25519 gives zeros (UC-NOISE-2)."""
    TAG = "tag"
    """Not made by the expected key under the expected PSK and prologue, or changed on the way."""
    UNASKED = "unasked"
    """Message 2 where no message 1 is open."""


class NoiseError(Exception):
    """The one error that bytes from the network may cause here; the state is as it was before."""

    def __init__(self, reason: NoiseReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Keys:
    """The two 32-byte keys of Noise's Split(), one a direction (UC-NOISE-4)."""

    to_server: bytes = field(repr=False)
    """Seals what the client, the initiator, sends."""
    to_client: bytes = field(repr=False)
    """Seals what the server, the responder, sends."""


class Initiator:
    """The client's side of one handshake.

    `static` is its private key, `remote` the 32 bytes of the server's public key, `psk` 32 bytes. `message1`
    draws one ephemeral key from `entropy`.
    """

    __slots__ = ("_entropy", "_open", "_prologue", "_psk", "_remote", "_static")

    def __init__(self, static: PrivateKey, remote: bytes, psk: bytes, prologue: bytes, entropy: Entropy) -> None:
        self._static = X25519PrivateKey.from_private_bytes(static)
        self._remote = X25519PublicKey.from_public_bytes(remote)
        self._psk = _checked(psk)
        self._prologue = prologue
        self._entropy = entropy
        self._open: tuple[_Symmetric, X25519PrivateKey] | None = None

    def message1(self, payload: bytes) -> bytes:
        """Message 1: 96 bytes and the sealed `payload`. NoiseError if `remote` is of low order.

        Keep the bytes to send them again (UC-SHAKE-6). Another call begins anew: only the last message 1
        can be answered.
        """
        s, rs = self._static, self._remote
        e = X25519PrivateKey.from_private_bytes(new_private_key(self._entropy))
        ephemeral = _public(e)
        state = _begin(self._prologue, rs.public_bytes_raw()).mix_ephemeral(ephemeral)
        state = state.mix_key(_dh(e, rs))
        state, static = state.encrypt(_public(s))
        state = state.mix_key(_dh(s, rs)).mix_psk(self._psk)
        state, sealed = state.encrypt(payload)
        self._open = state, e
        return ephemeral + static + sealed

    def read2_untrusted(self, message: bytes) -> tuple[bytes, Keys]:
        """The payload of message 2 and the keys, which are handed out once: later messages are UNASKED.

        NoiseError for any other bytes, after which the right message still succeeds (UC-NOISE-3).
        """
        if self._open is None:
            raise NoiseError(NoiseReason.UNASKED)
        if len(message) < NOISE_ANSWER_MIN:
            raise NoiseError(NoiseReason.SHORT)
        state, e = self._open
        ephemeral = message[:KEY]
        re = X25519PublicKey.from_public_bytes(ephemeral)
        state = state.mix_ephemeral(ephemeral).mix_key(_dh(e, re)).mix_key(_dh(self._static, re))
        state, payload = state.decrypt(message[KEY:])
        self._open = None
        return payload, state.split()


class Responder:
    """The server's side, for any number of handshakes: it keeps nothing of any of them.

    `static` is its private key, `psk` 32 bytes. Each message 2 draws one ephemeral key from `entropy`.
    """

    __slots__ = ("_entropy", "_psk", "_public", "_static")

    def __init__(self, static: PrivateKey, psk: bytes, entropy: Entropy) -> None:
        self._static = X25519PrivateKey.from_private_bytes(static)
        self._public = _public(self._static)
        self._psk = _checked(psk)
        self._entropy = entropy

    def read1_untrusted(self, message: bytes, prologue: bytes) -> Offered:
        """What message 1 says, once it verified. NoiseError for any other bytes."""
        if len(message) < NOISE_OFFER_MIN:
            raise NoiseError(NoiseReason.SHORT)
        s = self._static
        ephemeral, static, sealed = message[:KEY], message[_STATIC], message[_STATIC.stop :]
        re = X25519PublicKey.from_public_bytes(ephemeral)
        state = _begin(prologue, self._public).mix_ephemeral(ephemeral).mix_key(_dh(s, re))
        state, public = state.decrypt(static)
        rs = X25519PublicKey.from_public_bytes(public)
        state = state.mix_key(_dh(s, rs)).mix_psk(self._psk)
        state, payload = state.decrypt(sealed)
        return Offered(public, payload, state, re, rs, self._entropy)


@dataclass(frozen=True, slots=True)
class Offered:
    """A message 1 that verified; nothing is known yet of how fresh it is (UC-GATE-4)."""

    public: bytes
    """The initiator's static public key, 32 bytes."""
    payload: bytes
    _state: _Symmetric = field(repr=False)
    _re: X25519PublicKey = field(repr=False)
    _rs: X25519PublicKey = field(repr=False)
    _entropy: Entropy = field(repr=False)

    def message2(self, payload: bytes) -> tuple[bytes, Keys]:
        """Message 2, 48 bytes and the sealed `payload`, and the keys of the session, new at each call."""
        e = X25519PrivateKey.from_private_bytes(new_private_key(self._entropy))
        ephemeral = _public(e)
        state = self._state.mix_ephemeral(ephemeral).mix_key(_dh(e, self._re)).mix_key(_dh(e, self._rs))
        state, sealed = state.encrypt(payload)
        return ephemeral + sealed, state.split()


@dataclass(frozen=True, slots=True, repr=False)
class _Symmetric:
    """Noise's SymmetricState as a value; `k` is the key that the last mixing gave."""

    ck: bytes
    h: bytes
    k: bytes = b""

    def mix_hash(self, data: bytes) -> _Symmetric:
        return _Symmetric(self.ck, hashlib.sha256(self.h + data).digest(), self.k)

    def mix_key(self, material: bytes) -> _Symmetric:
        ck, k = _hkdf(self.ck, material, 2)
        return _Symmetric(ck, self.h, k)

    def mix_ephemeral(self, public: bytes) -> _Symmetric:
        """The token `e`, which in a pattern with a PSK is mixed into the key as well."""
        return self.mix_hash(public).mix_key(public)

    def mix_psk(self, psk: bytes) -> _Symmetric:
        ck, h, k = _hkdf(self.ck, psk, 3)
        return _Symmetric(ck, self.h, k).mix_hash(h)

    def encrypt(self, plaintext: bytes) -> tuple[_Symmetric, bytes]:
        ciphertext = AESGCM(self.k).encrypt(_NONCE, plaintext, self.h)
        return self.mix_hash(ciphertext), ciphertext

    def decrypt(self, ciphertext: bytes) -> tuple[_Symmetric, bytes]:
        try:
            plaintext = AESGCM(self.k).decrypt(_NONCE, ciphertext, self.h)
        except InvalidTag:
            raise NoiseError(NoiseReason.TAG) from None
        return self.mix_hash(ciphertext), plaintext

    def split(self) -> Keys:
        to_server, to_client = _hkdf(self.ck, b"", 2)
        return Keys(to_server, to_client)


def _begin(prologue: bytes, responder: bytes) -> _Symmetric:
    return _Symmetric(_NAME, _NAME).mix_hash(prologue).mix_hash(responder)


def _hkdf(ck: bytes, material: bytes, outputs: int) -> list[bytes]:
    temporary = hmac.digest(ck, material, "sha256")
    output = b""
    return [output := hmac.digest(temporary, output + bytes((i,)), "sha256") for i in range(1, outputs + 1)]


def _dh(private: X25519PrivateKey, public: X25519PublicKey) -> bytes:
    try:
        return private.exchange(public)
    except ValueError:
        raise NoiseError(NoiseReason.LOW_ORDER) from None


def _public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def _checked(psk: bytes) -> bytes:
    if len(psk) != KEY:
        raise ValueError(f"a PSK is {KEY} bytes long, not {len(psk)}")
    return psk
