"""What is derived from keys (SPEC.md 5.1), against the primitives of `cryptography` put together anew."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from udpchat_core import keys
from udpchat_core.keys import PrivateKey

PRIVATE = PrivateKey(bytes(range(32)))
PUBLIC = bytes.fromhex("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f")
SECRET = bytes(range(16))


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=32, salt=salt, info=info).derive(ikm)


def test_a_public_key_is_that_of_x25519():
    assert keys.public_key(PRIVATE) == PUBLIC
    assert X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw() == PUBLIC


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_has_32_bytes(length: int):
    with pytest.raises(ValueError, match="32"):
        keys.public_key(PrivateKey(bytes(length)))


def test_a_new_private_key_is_32_bytes_of_entropy():
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    assert keys.new_private_key(entropy) == bytes(32)
    assert asked == [32]


def test_a_fingerprint_is_8_bytes_of_the_hash_of_the_public_key():
    assert keys.fingerprint(PUBLIC) == hashlib.sha256(PUBLIC).digest()[:8]


def test_the_psk_of_an_open_server_is_zeros():
    assert keys.psk(None, PUBLIC) == bytes(32)


def test_the_psk_of_a_closed_server_is_bound_to_its_key():
    assert keys.psk(SECRET, PUBLIC) == hkdf(SECRET, PUBLIC, b"udpchat/1 psk")
    assert keys.psk(SECRET, PUBLIC) != keys.psk(SECRET, bytes(32))


@pytest.mark.parametrize("secret", [b"", bytes(15), bytes(17), bytes(32)])
def test_a_secret_has_16_bytes(secret: bytes):
    with pytest.raises(ValueError, match="16 bytes"):
        keys.psk(secret, PUBLIC)


def test_the_reset_key_comes_from_the_private_key_alone():
    assert keys.reset_key(PRIVATE) == hkdf(PRIVATE, b"", b"udpchat/1 reset")


def test_a_reset_token_is_a_mac_of_the_session_id():
    mac = hmac.HMAC(keys.reset_key(PRIVATE), hashes.SHA256())
    mac.update(bytes.fromhex("fedcba9876543210"))
    token = keys.reset_token(keys.reset_key(PRIVATE), 0xFEDCBA9876543210)
    assert token == mac.finalize()[:16]
    assert keys.same(token, bytes(bytearray(token)))
    assert not keys.same(token, keys.reset_token(keys.reset_key(PRIVATE), 0xFEDCBA9876543211))


def test_the_prologue_binds_version_and_token():
    assert keys.prologue(1, 0x0102030405060708) == b"udpchat\x01\x01\x02\x03\x04\x05\x06\x07\x08"
