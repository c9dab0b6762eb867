"""Sealed packets: layout, the replay window, and what forgers cannot do (SPEC.md 6)."""

import random
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.seal import Seal, SealError, SealReason
from udpchat_protocol.constants import PACKETS_MAX, REPLAY_WINDOW

SESSION = 0xF1F2F3F4F5F6F7F8
TO_SERVER, TO_CLIENT = bytes([1]) * 32, bytes([2]) * 32


def client() -> Seal:
    return Seal(SESSION, TO_SERVER, TO_CLIENT)


def server() -> Seal:
    return Seal(SESSION, TO_CLIENT, TO_SERVER)


def packet(number: int, frames: bytes = b"\x01\0\0", session: int = SESSION, reserved: int = 0) -> bytes:
    """What a client sends, made by hand."""
    header = struct.pack(">BBHIQ", 4, reserved, number >> 32, number & 0xFFFFFFFF, session)
    return header + AESGCM(TO_SERVER).encrypt(bytes(4) + struct.pack(">Q", number), frames, header)


def verdict(seal: Seal, datagram: bytes) -> SealReason | None:
    """Why it is refused; None if it is not."""
    try:
        seal.open_untrusted(datagram)
    except SealError as error:
        return error.reason
    return None


@proves("UC-SEAL-1", "UC-SEAL-2")
def test_a_packet_is_laid_out_as_specified():
    sender = client()
    for number, frames in enumerate([b"\x01\0\0", b"", bytes(1168)]):
        assert sender.next_number == number
        assert sender.seal(frames) == packet(number, frames)
    assert sender.next_number == 3


@proves("UC-SEAL-1")
def test_what_one_side_seals_the_other_opens():
    one, other = client(), server()
    assert other.open_untrusted(one.seal(b"frames")) == (0, b"frames")
    assert one.open_untrusted(other.seal(b"answer")) == (0, b"answer")
    assert other.open_untrusted(one.seal(b"")) == (1, b"")


def test_nothing_has_verified_at_first():
    receiver = server()
    assert receiver.largest == -1
    receiver.open_untrusted(packet(7))
    assert receiver.largest == 7


@proves("UC-SEAL-3")
def test_the_edges_of_the_window():
    receiver = server()
    receiver.open_untrusted(packet(5000))
    assert verdict(receiver, packet(2952)) is SealReason.TOO_OLD
    assert verdict(receiver, packet(2953)) is None
    assert verdict(receiver, packet(2953)) is SealReason.REPLAY
    assert verdict(receiver, packet(5000)) is SealReason.REPLAY
    assert verdict(receiver, packet(4999)) is None
    receiver.open_untrusted(packet(5001))
    assert verdict(receiver, packet(2953)) is SealReason.TOO_OLD
    assert verdict(receiver, packet(2954)) is None
    assert receiver.largest == 5001


@proves("UC-SEAL-3")
@pytest.mark.parametrize("largest", [0, 1, 2046, 2047, 2048, 2049, 4095, 4096, 6143, 6144, PACKETS_MAX - 1])
def test_all_that_is_in_the_window_may_still_come_once(largest: int):
    receiver = server()
    receiver.open_untrusted(packet(largest))
    lowest = max(0, largest - REPLAY_WINDOW + 1)
    numbers = list(range(lowest, largest))
    random.Random(largest).shuffle(numbers)
    assert {verdict(receiver, packet(number)) for number in numbers} <= {None}
    assert {verdict(receiver, packet(number)) for number in numbers} <= {SealReason.REPLAY}
    if lowest:
        assert verdict(receiver, packet(lowest - 1)) is SealReason.TOO_OLD
    assert receiver.largest == largest


def expected(largest: int, verified: set[int], number: int) -> SealReason | None:
    """UC-SEAL-3, as it is written."""
    if number <= largest - REPLAY_WINDOW:
        return SealReason.TOO_OLD
    return SealReason.REPLAY if number in verified else None


def assert_as_written(numbers: list[int]) -> None:
    receiver, largest, verified = server(), -1, set[int]()
    for number in numbers:
        reason = verdict(receiver, packet(number))
        assert reason is expected(largest, verified, number)
        if reason is None:
            verified.add(number)
            largest = max(largest, number)
        assert receiver.largest == largest


steps = st.one_of(
    st.integers(1, 3),
    st.integers(-10, 10),
    st.integers(-2100, 2100),
    st.sampled_from([-2049, -2048, -2047, 2047, 2048, 2049, 4095, 4096, 4097]),
    st.integers(0, PACKETS_MAX),
)


@proves("UC-SEAL-3")
@given(steps=st.lists(steps, max_size=60))
def test_the_window_is_as_written(steps: list[int]):
    numbers, at = [0], 0
    for step in steps:
        at = min(max(at + step, 0), PACKETS_MAX - 1)
        numbers.append(at)
    assert_as_written(numbers)


@proves("UC-SEAL-3")
@pytest.mark.parametrize("loss", [0.0, 0.01, 0.3, 0.9])
def test_the_window_is_as_written_on_a_long_bad_link(loss: float):
    chance = random.Random(7)
    sent = [number for number in range(12_000) if chance.random() >= loss]
    late = [(number + chance.choice([0, 0, 0, 5, 300, 2040, 2060]), number) for number in sent]
    late += [(number + 100, number) for number in chance.sample(sent, 200)]
    assert_as_written([number for _, number in sorted(late)])


@proves("UC-SEAL-4")
def test_a_forged_packet_moves_nothing():
    receiver = server()
    for number in (0, 1, 3):
        receiver.open_untrusted(packet(number))
    for number in (2, 4, 2051, 5000, PACKETS_MAX - 1):
        assert verdict(receiver, packet(number)[:-1] + b"\0") is SealReason.TAG
    assert receiver.largest == 3
    assert verdict(receiver, packet(2)) is None
    assert verdict(receiver, packet(4)) is None


@proves("UC-SEAL-4")
def test_every_changed_bit_is_refused_and_the_right_one_opens_after_it():
    sender, receiver = client(), server()
    receiver.open_untrusted(sender.seal(b"first"))
    datagram = sender.seal(b"second")
    for bit in range(len(datagram) * 8):
        forged = bytearray(datagram)
        forged[bit // 8] ^= 1 << bit % 8
        assert verdict(receiver, bytes(forged)) is not None
    assert receiver.open_untrusted(datagram) == (1, b"second")


def test_a_packet_of_another_session_does_not_verify():
    datagram = client().seal(b"frames")
    elsewhere = Seal(SESSION ^ 1, TO_SERVER, TO_CLIENT).seal(b"frames")
    assert verdict(server(), datagram[:8] + elsewhere[8:16] + datagram[16:]) is SealReason.TAG
    assert verdict(server(), elsewhere[:8] + datagram[8:16] + elsewhere[16:]) is SealReason.TAG


def test_a_packet_does_not_verify_where_it_came_from():
    sender = client()
    assert verdict(sender, sender.seal(b"frames")) is SealReason.TAG


@proves("UC-WIRE-7")
def test_a_packet_has_room_for_header_and_tag():
    receiver = server()
    shortest = packet(0, b"")
    assert len(shortest) == 32
    for length in range(32):
        assert verdict(receiver, shortest[:length]) is SealReason.SHORT
    assert verdict(receiver, shortest) is None


@proves("UC-WIRE-7")
@pytest.mark.parametrize("reserved", [1, 0x80, 0xFF])
def test_reserved_is_zero(reserved: int):
    receiver = server()
    assert verdict(receiver, packet(0, reserved=reserved)) is SealReason.RESERVED
    assert verdict(receiver, packet(0)) is None


@pytest.mark.parametrize("kind", [0, 1, 3, 5, 0xFF])
def test_the_type_is_that_of_sealed(kind: int):
    assert verdict(server(), bytes([kind]) + packet(0)[1:]) is SealReason.RESERVED


@proves("UC-SEAL-5")
@pytest.mark.parametrize("number", [PACKETS_MAX, PACKETS_MAX + 1, 2**31, 2**32, 2**40, 2**48 - 1])
def test_a_receiver_drops_numbers_that_nobody_may_send(number: int):
    receiver = server()
    assert verdict(receiver, packet(number)) is SealReason.LIFETIME
    assert receiver.largest == -1
    assert verdict(receiver, packet(PACKETS_MAX - 1)) is None


@proves("UC-SEAL-5")
def test_a_sender_stops_at_the_last_number():
    sender = client()
    sender.next_number = PACKETS_MAX - 1  # as after all the others
    assert sender.seal(b"last") == packet(PACKETS_MAX - 1, b"last")
    for _ in range(2):
        with pytest.raises(SealError) as caught:
            sender.seal(b"one more")
        assert caught.value.reason is SealReason.LIFETIME
    assert sender.next_number == PACKETS_MAX


@pytest.mark.parametrize(
    ("reason", "drop"),
    [
        (SealReason.SHORT, "malformed"),
        (SealReason.RESERVED, "malformed"),
        (SealReason.LIFETIME, "replay"),
        (SealReason.TOO_OLD, "replay"),
        (SealReason.REPLAY, "replay"),
        (SealReason.TAG, "tag"),
    ],
)
def test_a_drop_is_counted_under_a_reason_of_the_specification(reason: SealReason, drop: str):
    assert reason.drop == drop


@given(datagram=st.binary(max_size=100))
def test_noise_from_the_network_raises_nothing_but_seal_errors(datagram: bytes):
    receiver = server()
    assert verdict(receiver, datagram) is not None
    assert verdict(receiver, b"\x04\0\0\0" + datagram) is not None
    assert receiver.largest == -1


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_the_wrong_length_is_the_callers_mistake(length: int):
    with pytest.raises(ValueError, match="key"):
        Seal(SESSION, bytes(length), TO_CLIENT)
