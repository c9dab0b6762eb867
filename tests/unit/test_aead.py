"""AEAD_AES_256_GCM for packets: every library gives the same bytes, one by one and all at once (SPEC.md 6)."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.aead import OPENSSL, Aead
from udpchat_core.batch import stride_of
from udpchat_core.seal import Seal
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, MAX_PLAINTEXT, TAG
from udpchat_transports.sodium import Sodium, best


def libraries() -> list[Aead]:
    try:
        return [OPENSSL, Sodium()]
    except ImportError:
        return [OPENSSL]


EACH = pytest.mark.parametrize("aead", libraries(), ids=lambda aead: aead.name)
NUMBERS = st.integers(0, 2**32 - 1)


def key_of(number: int) -> bytes:
    return number.to_bytes(32, "little")


def header_of(number: int, session: int) -> bytes:
    return struct.pack(">IIQ", 0x0400_0000, number, session)


def by_hand(key: bytes, header: bytes, frames: bytes) -> bytes:
    """The datagram as SPEC.md 6 says."""
    number = int.from_bytes(header[2:8], "big")
    return header + AESGCM(key).encrypt(bytes(4) + number.to_bytes(8, "big"), frames, header)


@EACH
@proves("UC-SEAL-1")
@given(number=NUMBERS, session=st.integers(0, 2**64 - 1), frames=st.binary(max_size=MAX_PLAINTEXT))
def test_a_datagram_is_what_the_specification_says(aead: Aead, number: int, session: int, frames: bytes) -> None:
    header = header_of(number, session)
    datagram = aead.encrypt(aead.cipher(key_of(number)), header, frames)
    assert datagram == by_hand(key_of(number), header, frames)
    assert aead.decrypt(key_of(number), datagram) == frames


@EACH
@proves("UC-SEAL-1")
@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300])
@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 500, MAX_PLAINTEXT])
def test_all_at_once_are_what_they_are_one_by_one(aead: Aead, count: int, size: int) -> None:
    keys = [key_of(each + 1) for each in range(count)]
    headers = [header_of(2**32 - 1 - each * 77, each << 40 | 5) for each in range(count)]
    column = aead.column([aead.cipher(key) for key in keys])
    length, stride = size + HEADER + TAG, stride_of(size + HEADER + TAG)
    for frames in (bytes(size), (bytes(range(256)) * 5)[:size]):
        for first in (0, count // 3):
            block = bytearray((count - first) * stride)
            aead.encrypt_into(memoryview(block), stride, column, first, b"".join(headers), frames)
            found = [bytes(block[at : at + length]) for at in range(0, len(block), stride)]
            assert found == [by_hand(*each, frames) for each in zip(keys[first:], headers[first:], strict=True)]


@EACH
@given(flip=st.integers(0, (HEADER + 20 + TAG) * 8 - 1))
def test_what_was_changed_is_not_decrypted(aead: Aead, flip: int) -> None:
    datagram = bytearray(by_hand(key_of(7), header_of(5, 6), bytes(20)))
    datagram[flip // 8] ^= 1 << flip % 8
    assert aead.decrypt(key_of(7), bytes(datagram)) is None


@EACH
@pytest.mark.parametrize("length", [HEADER + TAG, MAX_DATAGRAM, MAX_DATAGRAM + 1, 60_000])
def test_rubbish_of_any_length_is_not_decrypted(aead: Aead, length: int) -> None:
    assert aead.decrypt(key_of(7), bytes(length)) is None


@EACH
def test_whoever_seals_with_one_library_is_heard_by_another(aead: Aead) -> None:
    here, there = Seal(1, key_of(1), key_of(2), aead), Seal(1, key_of(2), key_of(1))
    for number in range(5):
        assert there.open_untrusted(here.seal(b"to you")) == (number, b"to you")
        assert here.open_untrusted(there.seal(b"to me")) == (number, b"to me")


def test_what_has_no_room_is_refused_before_c_sees_it() -> None:
    for aead in libraries()[1:]:
        with pytest.raises(ValueError, match="1169 bytes of frames; a packet has room for 1168"):
            aead.encrypt(key_of(1), header_of(1, 1), bytes(MAX_PLAINTEXT + 1))
        with pytest.raises(ValueError, match="has room for"):
            aead.encrypt_into(
                memoryview(bytearray(1280)), 1280, key_of(1), 0, header_of(1, 1), bytes(MAX_PLAINTEXT + 1)
            )
        for stride in (63, 64, 100):
            with pytest.raises(ValueError, match=f"datagrams of 65 bytes, one every {stride}"):
                aead.encrypt_into(memoryview(bytearray(1280)), stride, key_of(1), 0, header_of(1, 1), bytes(33))


def test_the_best_is_the_last_that_is_here() -> None:
    assert best().name == libraries()[-1].name


@pytest.mark.parametrize(
    "bound",
    [
        "raise ImportError",
        "ffi = lib = None  # without the functions",
        """
class lib:
    crypto_aead_aes256gcm_encrypt = crypto_aead_aes256gcm_decrypt = None
    sodium_init = staticmethod(lambda: 0)
    crypto_aead_aes256gcm_is_available = staticmethod(lambda: 0)
ffi = None
""",
    ],
    ids=["no PyNaCl", "another PyNaCl", "no AES in hardware"],
)
def test_without_libsodium_it_is_openssl(bound: str, tmp_path: Path) -> None:
    """In a process that finds another PyNaCl than ours."""
    folder = tmp_path / "nacl"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "_sodium.py").write_text(bound)
    program = "from udpchat_transports.sodium import best; print(best().name)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "openssl"
