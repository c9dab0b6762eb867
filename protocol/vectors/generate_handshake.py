"""Makes handshake.json: two whole handshakes, byte for byte, with every value on the way (SPEC.md 5 and 6).

It shares no code with the packages, so that the two can be held against each other: layouts are plain
`struct`, and Noise is run by its tokens, as chapter 5 of the Noise Protocol Framework tells it. Run it to
write the file anew:

    python protocol/vectors/generate_handshake.py
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from pathlib import Path  # noqa: TID251  # a tool beside the package, not a part of it
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Json = dict[str, "Json"] | list["Json"] | str | int | None

FILE: Final = Path(__file__).with_name("handshake.json")

NAME: Final = b"Noise_IKpsk1_25519_AESGCM_SHA256"
MESSAGES: Final = (("e", "es", "s", "ss", "psk"), ("e", "ee", "se"))
FIELD_PRIME: Final = 2**255 - 19

VERSION: Final = 1
TOKEN: Final = 0x0102030405060708
SESSION: Final = 0x1112131415161718
DEVICE: Final = 0x21222324
SECRET: Final = bytes(range(0xA0, 0xB0))
PATH: Final = b"192.0.2.7:50000 198.51.100.1:4242"
ISSUED: Final = 61_000


def some_bytes(label: str) -> bytes:
    """32 bytes without a pattern, the same each time."""
    return hashlib.sha256(f"udpchat vector, {label}".encode()).digest()


def public_of(private: bytes) -> bytes:
    """The X25519 public key of a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def dh(private: bytes, public: bytes) -> bytes:
    """X25519."""
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """32 bytes of HKDF-SHA256, RFC 5869."""
    return hmac_sha256(hmac_sha256(salt or bytes(32), ikm), info + b"\x01")


class Noise:
    """Noise's SymmetricState, with a record of each step."""

    def __init__(self) -> None:
        self.h = self.ck = NAME
        self.k = b""
        self.n = 0
        self.steps: list[Json] = []
        self.note("name", input=NAME)

    def note(self, step: str, **values: bytes | int) -> None:
        """Record a step, with the state after it."""
        told: dict[str, Json] = {
            name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()
        }
        state: dict[str, Json] = {"ck": self.ck.hex(), "h": self.h.hex(), "k": self.k.hex() or None}
        self.steps.append({"step": step, **told, **state})

    def take(self) -> list[Json]:
        """The steps since the last call."""
        steps, self.steps = self.steps, []
        return steps

    def mix_hash(self, data: bytes) -> None:
        """MixHash."""
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, material: bytes) -> bytes:
        """MixKey; gives temp_key."""
        temp_key = hmac_sha256(self.ck, material)
        self.ck = hmac_sha256(temp_key, b"\x01")
        self.k = hmac_sha256(temp_key, self.ck + b"\x02")
        self.n = 0
        return temp_key

    def mix_key_and_hash(self, material: bytes) -> tuple[bytes, bytes]:
        """MixKeyAndHash; gives temp_key and temp_h."""
        temp_key = hmac_sha256(self.ck, material)
        self.ck = hmac_sha256(temp_key, b"\x01")
        temp_h = hmac_sha256(temp_key, self.ck + b"\x02")
        self.k = hmac_sha256(temp_key, temp_h + b"\x03")
        self.n = 0
        self.mix_hash(temp_h)
        return temp_key, temp_h

    def encrypt_and_hash(self, step: str, plaintext: bytes) -> bytes:
        """EncryptAndHash."""
        nonce, ad = bytes(4) + struct.pack(">Q", self.n), self.h
        ciphertext = AESGCM(self.k).encrypt(nonce, plaintext, ad)
        self.n += 1
        self.mix_hash(ciphertext)
        self.note(step, nonce=nonce, ad=ad, plaintext=plaintext, ciphertext=ciphertext)
        return ciphertext

    def split(self) -> tuple[bytes, bytes, bytes]:
        """Split; gives temp_key and the two keys."""
        temp_key = hmac_sha256(self.ck, b"")
        first = hmac_sha256(temp_key, b"\x01")
        return temp_key, first, hmac_sha256(temp_key, first + b"\x02")


class Side:
    """The private keys of one side."""

    def __init__(self, label: str) -> None:
        self.static = some_bytes(f"{label} static")
        self.ephemeral = some_bytes(f"{label} ephemeral")

    def told(self) -> dict[str, Json]:
        """For the file."""
        static = public_of(self.static)
        return {
            "static_private": self.static.hex(),
            "static_public": static.hex(),
            "fingerprint": hashlib.sha256(static).digest()[:8].hex(),
            "ephemeral_private": self.ephemeral.hex(),
            "ephemeral_public": public_of(self.ephemeral).hex(),
        }


def noise_message(noise: Noise, tokens: tuple[str, ...], sender: Side, peers: dict[str, Side], psk: bytes) -> bytes:
    """What the tokens put into a message, in front of its payload."""
    client, server = peers["client"], peers["server"]
    secrets = {
        "es": (client.ephemeral, server.static),
        "ss": (client.static, server.static),
        "ee": (client.ephemeral, server.ephemeral),
        "se": (client.static, server.ephemeral),
    }
    message = b""
    for step in tokens:
        match step:
            case "e":
                public = public_of(sender.ephemeral)
                message += public
                noise.mix_hash(public)
                noise.note("e", input=public, temp_key=noise.mix_key(public))
            case "s":
                message += noise.encrypt_and_hash("s", public_of(sender.static))
            case "psk":
                temp_key, temp_h = noise.mix_key_and_hash(psk)
                noise.note("psk", input=psk, temp_key=temp_key, temp_h=temp_h)
            case _:
                private, other = secrets[step]
                shared = dh(private, public_of(other))
                noise.note(step, input=shared, temp_key=noise.mix_key(shared))
    return message


def sealed(name: str, sender: str, key: bytes, number: int, frames: bytes) -> dict[str, Json]:
    """A SEALED packet with what it is made of."""
    header = struct.pack(">BBHIQ", 0x04, 0, number >> 32, number & 0xFFFFFFFF, SESSION)
    nonce = bytes(4) + struct.pack(">Q", number)
    ciphertext = AESGCM(key).encrypt(nonce, frames, header)
    return {
        "name": name,
        "from": sender,
        "fields": {
            "reserved": 0,
            "number": number,
            "session": f"{SESSION:016x}",
            "ciphertext": ciphertext.hex(),
        },
        "key": key.hex(),
        "nonce": nonce.hex(),
        "ad": header.hex(),
        "plaintext": frames.hex(),
        "datagram": (header + ciphertext).hex(),
    }


def frame(kind: int, body: bytes) -> bytes:
    """A frame."""
    return struct.pack(">BH", kind, len(body)) + body


def hello(name: str, cookie: bytes, noise: bytes) -> dict[str, Json]:
    """A HELLO packet."""
    start = struct.pack(">BBQB", 0x01, VERSION, TOKEN, len(cookie)) + cookie
    start += struct.pack(">H", len(noise)) + noise
    return {
        "name": name,
        "from": "client",
        "fields": {
            "version": VERSION,
            "token": f"{TOKEN:016x}",
            "cookie": cookie.hex(),
            "noise": noise.hex(),
        },
        "datagram": start.ljust(1200, b"\0").hex(),
    }


def handshake(name: str, secret: bytes | None) -> Json:
    """One whole handshake, on a server with this secret."""
    peers = {"client": Side("client"), "server": Side("server")}
    client, server = peers["client"], peers["server"]
    server_key = public_of(server.static)
    psk = hkdf(secret, server_key, b"udpchat/1 psk") if secret else bytes(32)
    reset_key = hkdf(server.static, b"", b"udpchat/1 reset")
    reset_token = hmac_sha256(reset_key, struct.pack(">Q", SESSION))[:16]
    prologue = b"udpchat" + struct.pack(">BQ", VERSION, TOKEN)

    cookie_secret = some_bytes("cookie secret")
    issued = struct.pack(">Q", ISSUED)
    cookie = issued + hmac_sha256(cookie_secret, issued + struct.pack(">Q", TOKEN) + PATH)[:24]

    noise = Noise()
    noise.mix_hash(prologue)
    noise.note("prologue", input=prologue)
    noise.mix_hash(server_key)
    noise.note("rs", input=server_key)
    before = noise.take()
    offer = struct.pack(">IBB", DEVICE, 1, VERSION)
    message1 = noise_message(noise, MESSAGES[0], client, peers, psk)
    message1 += noise.encrypt_and_hash("payload", offer)
    first = noise.take()
    answer = struct.pack(">QBB", SESSION, 1, VERSION)
    message2 = noise_message(noise, MESSAGES[1], server, peers, psk)
    message2 += noise.encrypt_and_hash("payload", answer)
    second = noise.take()
    temp_key, to_server, to_client = noise.split()

    flags = 1 if secret else 0
    terms = reset_token + struct.pack(">IIIBH", 5000, 15_000, 86_400_000, 2, 25)
    return {
        "name": name,
        "secret": secret.hex() if secret else None,
        "client": client.told(),
        "server": {**server.told(), "reset_key": reset_key.hex()},
        "version": VERSION,
        "token": f"{TOKEN:016x}",
        "device": DEVICE,
        "session": f"{SESSION:016x}",
        "psk": psk.hex(),
        "prologue": prologue.hex(),
        "reset_token": reset_token.hex(),
        "cookie": {
            "secret": cookie_secret.hex(),
            "path": PATH.hex(),
            "issued": ISSUED,
            "value": cookie.hex(),
        },
        "noise": {
            "before": before,
            "message1": {"payload": offer.hex(), "steps": first, "bytes": message1.hex()},
            "message2": {"payload": answer.hex(), "steps": second, "bytes": message2.hex()},
            "split": {
                "temp_key": temp_key.hex(),
                "to_server": to_server.hex(),
                "to_client": to_client.hex(),
            },
        },
        "packets": [
            hello("HELLO", b"", b""),
            {
                "name": "RETRY",
                "from": "server",
                "fields": {
                    "version": VERSION,
                    "token": f"{TOKEN:016x}",
                    "flags": flags,
                    "cookie": cookie.hex(),
                    "key": server_key.hex(),
                },
                "datagram": (struct.pack(">BBQB", 0x02, VERSION, TOKEN, flags) + cookie + server_key).hex(),
            },
            hello("HELLO", cookie, message1),
            {
                "name": "WELCOME",
                "from": "server",
                "fields": {"version": VERSION, "token": f"{TOKEN:016x}", "noise": message2.hex()},
                "datagram": (struct.pack(">BBQH", 0x03, VERSION, TOKEN, len(message2)) + message2).hex(),
            },
            sealed("SEALED", "client", to_server, 0, frame(0x01, b"")),
            sealed("SEALED", "server", to_client, 0, frame(0x04, struct.pack(">IQB", 0, 0, 0x21) + terms)),
        ],
    }


def low_order_keys() -> list[Json]:
    """Every 32 bytes that X25519 reads as a point of low order, on the curve or on its twist.

    Their coordinates are 0, 1, −1 and the two of order 8; each is also written unreduced where 255 bits
    allow, and with the top bit set, which X25519 ignores.
    """
    order_8 = (
        0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
        0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
    )
    reduced = (0, 1, FIELD_PRIME - 1, *order_8)
    unreduced = (u + FIELD_PRIME for u in reduced if u + FIELD_PRIME < 2**255)
    return [(u | top).to_bytes(32, "little").hex() for u in (*reduced, *unreduced) for top in (0, 1 << 255)]


def vectors() -> dict[str, Json]:
    """All that the file holds."""
    return {
        "$schema": "handshake.schema.json",
        "title": "udpchat/1: handshakes, byte for byte (SPEC.md 5 and 6)",
        "notation": [
            "Bytes, and integers of 64 bits, are in hexadecimal, as they stand on the wire.",
            "Noise: each step tells what goes in and the state after it, in the names of revision 34.",
            "Only the server reads a cookie: how it is made here is an example.",
        ],
        "low_order_keys": low_order_keys(),
        "handshakes": [handshake("open server", None), handshake("closed server", SECRET)],
    }


def text() -> str:
    """The file, as text."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="ascii")
