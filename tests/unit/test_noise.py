"""The handshake pattern: against published vectors, against another implementation, and against forgers."""

import hashlib
import hmac
from collections.abc import Iterator
from itertools import cycle

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from noise.connection import Keypair, NoiseConnection

from proves import proves
from udpchat_core.keys import Entropy, PrivateKey, public_key
from udpchat_core.noise import Initiator, Keys, NoiseError, NoiseReason, Responder

NAME = b"Noise_IKpsk1_25519_AESGCM_SHA256"
CLIENT, SERVER, STRANGER = (PrivateKey(bytes([number]) * 32) for number in (0x11, 0x22, 0x33))
CLIENT_EPHEMERAL, SERVER_EPHEMERAL = bytes([0x44]) * 32, bytes([0x55]) * 32
SERVER_KEY = public_key(SERVER)
OPEN, CLOSED = bytes(32), bytes(range(32))
PROLOGUE = b"prologue"

# Coordinates of low order: 0, 1, −1 and two of order 8; the first two also as written beyond the prime.
PRIME = 2**255 - 19
ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
LOW_ORDER = [
    (coordinate | top).to_bytes(32, "little")
    for coordinate in (0, 1, PRIME - 1, PRIME, PRIME + 1, *ORDER_8)
    for top in (0, 1 << 255)
]

# From vectors/cacophony.txt of github.com/haskell-cryptography/cacophony, which is in the public domain.
PUBLISHED = {
    "prologue": "4a6f686e2047616c74",
    "psk": "54686973206973206d7920417573747269616e20706572737065637469766521",
    "init_static": "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
    "init_ephemeral": "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
    "resp_static": "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
    "resp_ephemeral": "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
    "resp_public": "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62",
}
PUBLISHED_MESSAGES = [
    (
        "4c756477696720766f6e204d69736573",
        (
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944cf5aec5a69cc937598c005d3f36940abe1"
            "66f1eab777e15d8958d533d2d5eca2967c66cfc0788d6197989cac53ecb8e9cb04a2ff8bdf3a9d2bf1897b492c84639583"
            "c5486e0205e4012ac81400e569cb"
        ),
    ),
    (
        "4d757272617920526f746862617264",
        (
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843746e1ca9059ed09501f41b1c01dd323783"
            "15c2d754bdc29ced08b435f05259"
        ),
    ),
    ("462e20412e20486179656b", "232fe1ce5018b3cd1e732e72894d61fc242473f6919344e30e569a"),
    ("4361726c204d656e676572", "419f5c6e5b039e67e125bcd7fb1cfbb79720ef97e8a3cb2c5a660a"),
    (
        "4a65616e2d426170746973746520536179",
        "086a04808638c811bb91733c7c6df2a475df82dba1ed7af5251cf4e6e13ccf4376",
    ),
    (
        "457567656e2042f6686d20766f6e2042617765726b",
        "654b5ee2e3d367a1c1dfc242f53471f3e74e108562e66b0ed5d71327f02d08b17b5eb5fa6d",
    ),
]


def giving(*chunks: bytes) -> Entropy:
    """Entropy that is known: these chunks, again and again."""
    source = cycle(chunks)

    def entropy(count: int) -> bytes:
        chunk = next(source)
        assert len(chunk) == count
        return chunk

    return entropy


def initiator(
    static: PrivateKey = CLIENT, remote: bytes = SERVER_KEY, psk: bytes = OPEN, prologue: bytes = PROLOGUE
) -> Initiator:
    return Initiator(static, remote, psk, prologue, giving(CLIENT_EPHEMERAL, bytes([0x66]) * 32))


def responder(static: PrivateKey = SERVER, psk: bytes = OPEN) -> Responder:
    return Responder(static, psk, giving(SERVER_EPHEMERAL, bytes([0x77]) * 32))


def flipped(message: bytes) -> Iterator[bytes]:
    """`message` with each of its bits flipped in turn."""
    for bit in range(len(message) * 8):
        changed = bytearray(message)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


@proves("UC-NOISE-1", "UC-NOISE-4")
def test_published_vectors():
    known = {name: bytes.fromhex(value) for name, value in PUBLISHED.items()}
    messages = [(bytes.fromhex(payload), bytes.fromhex(sealed)) for payload, sealed in PUBLISHED_MESSAGES]
    (payload1, message1), (payload2, message2), *transport = messages

    client = Initiator(
        PrivateKey(known["init_static"]),
        known["resp_public"],
        known["psk"],
        known["prologue"],
        giving(known["init_ephemeral"]),
    )
    server = Responder(PrivateKey(known["resp_static"]), known["psk"], giving(known["resp_ephemeral"]))
    assert client.message1(payload1) == message1
    offered = server.read1_untrusted(message1, known["prologue"])
    assert (offered.public, offered.payload) == (public_key(PrivateKey(known["init_static"])), payload1)
    answer, keys = offered.message2(payload2)
    assert answer == message2
    assert client.read2_untrusted(message2) == (payload2, keys)
    for index, (plaintext, sealed) in enumerate(transport):
        key = keys.to_client if index % 2 else keys.to_server
        assert AESGCM(key).encrypt(nonce(index // 2), plaintext, None) == sealed


def second_opinion(psk: bytes, *, initiates: bool) -> NoiseConnection:
    """The same side of the same handshake, as `noiseprotocol` plays it."""
    static, ephemeral = (CLIENT, CLIENT_EPHEMERAL) if initiates else (SERVER, SERVER_EPHEMERAL)
    connection = NoiseConnection.from_name(NAME)
    connection.set_psks(psk)
    connection.set_prologue(PROLOGUE)
    connection.set_keypair_from_private_bytes(Keypair.STATIC, static)
    connection.set_keypair_from_private_bytes(Keypair.EPHEMERAL, ephemeral)
    if initiates:
        connection.set_as_initiator()
        connection.set_keypair_from_public_bytes(Keypair.REMOTE_STATIC, SERVER_KEY)
    else:
        connection.set_as_responder()
    connection.start_handshake()
    return connection


def assert_same_keys(keys: Keys, other: NoiseConnection, *, initiates: bool) -> None:
    sends, receives = (keys.to_server, keys.to_client) if initiates else (keys.to_client, keys.to_server)
    assert other.encrypt(b"from there") == AESGCM(sends).encrypt(nonce(0), b"from there", None)
    assert other.decrypt(AESGCM(receives).encrypt(nonce(0), b"from here", None)) == b"from here"


@proves("UC-NOISE-1", "UC-NOISE-4")
@pytest.mark.filterwarnings("ignore:One of ephemeral keypairs is already set")
@pytest.mark.parametrize("psk", [OPEN, CLOSED], ids=["open", "closed"])
@given(payload1=st.binary(max_size=900), payload2=st.binary(max_size=900))
def test_another_implementation_agrees_in_both_roles(psk: bytes, payload1: bytes, payload2: bytes):
    our_client, our_server = initiator(psk=psk), responder(psk=psk)
    client, server = second_opinion(psk, initiates=True), second_opinion(psk, initiates=False)

    message1 = our_client.message1(payload1)
    assert client.write_message(payload1) == message1
    assert server.read_message(message1) == payload1
    offered = our_server.read1_untrusted(message1, PROLOGUE)
    assert (offered.public, offered.payload) == (public_key(CLIENT), payload1)

    message2, keys = offered.message2(payload2)
    assert server.write_message(payload2) == message2
    assert client.read_message(message2) == payload2
    assert our_client.read2_untrusted(message2) == (payload2, keys)

    assert_same_keys(keys, client, initiates=True)
    assert_same_keys(keys, server, initiates=False)


@proves("UC-NOISE-3")
def test_every_changed_bit_of_message_1_is_refused():
    message, server = initiator().message1(b"offer"), responder()
    for forged in flipped(message):
        with pytest.raises(NoiseError) as caught:
            server.read1_untrusted(forged, PROLOGUE)
        assert caught.value.reason is NoiseReason.TAG
    assert server.read1_untrusted(message, PROLOGUE).payload == b"offer"


@proves("UC-NOISE-3")
def test_every_changed_bit_of_message_2_is_refused_and_the_right_one_succeeds_after_it():
    client = initiator()
    message, keys = responder().read1_untrusted(client.message1(b""), PROLOGUE).message2(b"answer")
    for forged in flipped(message):
        with pytest.raises(NoiseError) as caught:
            client.read2_untrusted(forged)
        assert caught.value.reason is NoiseReason.TAG
    assert client.read2_untrusted(message) == (b"answer", keys)


@proves("UC-NOISE-3")
def test_a_message_cut_anywhere_or_drawn_out_is_refused():
    client, server = initiator(), responder()
    message1 = client.message1(b"offer")
    message2, keys = server.read1_untrusted(message1, PROLOGUE).message2(b"answer")
    for message, shortest, read in (
        (message1, 96, lambda message: server.read1_untrusted(message, PROLOGUE)),
        (message2, 48, client.read2_untrusted),
    ):
        for wrong in [*(message[:length] for length in range(len(message))), message + b"\0"]:
            with pytest.raises(NoiseError) as caught:
                read(wrong)
            assert caught.value.reason is (NoiseReason.SHORT if len(wrong) < shortest else NoiseReason.TAG)
    assert client.read2_untrusted(message2) == (b"answer", keys)


@given(message=st.binary(max_size=300))
def test_noise_from_the_network_raises_nothing_but_noise_errors(message: bytes):
    client = initiator()
    client.message1(b"")
    with pytest.raises(NoiseError):
        responder().read1_untrusted(message, PROLOGUE)
    with pytest.raises(NoiseError):
        client.read2_untrusted(message)


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(initiator(psk=CLOSED), id="another PSK"),
        pytest.param(initiator(prologue=b"another"), id="another prologue"),
        pytest.param(initiator(remote=public_key(STRANGER)), id="another server"),
    ],
)
def test_a_message_1_under_other_terms_is_refused(client: Initiator):
    with pytest.raises(NoiseError) as caught:
        responder().read1_untrusted(client.message1(b""), PROLOGUE)
    assert caught.value.reason is NoiseReason.TAG


def test_an_answer_by_another_server_is_refused():
    client, stranger = initiator(), initiator(remote=public_key(STRANGER))
    client.message1(b"")
    elsewhere = responder(STRANGER).read1_untrusted(stranger.message1(b""), PROLOGUE)
    with pytest.raises(NoiseError) as caught:
        client.read2_untrusted(elsewhere.message2(b"")[0])
    assert caught.value.reason is NoiseReason.TAG


def test_the_low_order_keys_are_14():
    assert len(set(LOW_ORDER)) == 14


@proves("UC-NOISE-2")
@pytest.mark.parametrize("key", LOW_ORDER, ids=bytes.hex)
class TestLowOrder:
    def test_as_the_key_of_a_server(self, key: bytes):
        with pytest.raises(NoiseError) as caught:
            initiator(remote=key).message1(b"")
        assert caught.value.reason is NoiseReason.LOW_ORDER

    def test_as_the_ephemeral_key_of_a_client(self, key: bytes):
        with pytest.raises(NoiseError) as caught:
            responder().read1_untrusted(key + bytes(64), PROLOGUE)
        assert caught.value.reason is NoiseReason.LOW_ORDER

    def test_as_the_static_key_of_a_client(self, key: bytes):
        # As `message1` does it up to the token s, which needs no private key to lie about.
        def mix(ck: bytes, material: bytes) -> tuple[bytes, bytes]:
            temporary = hmac.digest(ck, material, "sha256")
            ck = hmac.digest(temporary, b"\x01", "sha256")
            return ck, hmac.digest(temporary, ck + b"\x02", "sha256")

        honest = initiator().message1(b"")
        ephemeral = honest[:32]
        h = NAME
        for said in (PROLOGUE, SERVER_KEY, ephemeral):
            h = hashlib.sha256(h + said).digest()
        private = X25519PrivateKey.from_private_bytes(CLIENT_EPHEMERAL)
        shared = private.exchange(X25519PublicKey.from_public_bytes(SERVER_KEY))
        _, k = mix(mix(NAME, ephemeral)[0], shared)
        assert AESGCM(k).decrypt(nonce(0), honest[32:80], h) == public_key(CLIENT)
        with pytest.raises(NoiseError) as caught:
            responder().read1_untrusted(ephemeral + AESGCM(k).encrypt(nonce(0), key, h) + bytes(16), PROLOGUE)
        assert caught.value.reason is NoiseReason.LOW_ORDER

    @proves("UC-NOISE-3")
    def test_as_the_ephemeral_key_of_a_server(self, key: bytes):
        client = initiator()
        message, keys = responder().read1_untrusted(client.message1(b""), PROLOGUE).message2(b"answer")
        with pytest.raises(NoiseError) as caught:
            client.read2_untrusted(key + message[32:])
        assert caught.value.reason is NoiseReason.LOW_ORDER
        assert client.read2_untrusted(message) == (b"answer", keys)


def test_an_answer_nobody_asked_for_is_refused():
    with pytest.raises(NoiseError) as caught:
        initiator().read2_untrusted(bytes(48))
    assert caught.value.reason is NoiseReason.UNASKED


def test_keys_are_handed_out_once():
    client = initiator()
    message, _ = responder().read1_untrusted(client.message1(b""), PROLOGUE).message2(b"")
    client.read2_untrusted(message)
    with pytest.raises(NoiseError) as caught:
        client.read2_untrusted(message)
    assert caught.value.reason is NoiseReason.UNASKED


@proves("UC-NOISE-5")
def test_a_second_message_1_begins_anew_with_another_ephemeral_key():
    client = initiator()
    first, second = client.message1(b"first"), client.message1(b"second")
    assert first[:32] != second[:32]
    stale, _ = responder().read1_untrusted(first, PROLOGUE).message2(b"")
    answer, keys = responder().read1_untrusted(second, PROLOGUE).message2(b"")
    with pytest.raises(NoiseError):
        client.read2_untrusted(stale)
    assert client.read2_untrusted(answer) == (b"", keys)


@proves("UC-NOISE-5")
def test_each_answer_has_an_ephemeral_key_of_its_own():
    server, message1 = responder(), initiator().message1(b"")
    first = server.read1_untrusted(message1, PROLOGUE)
    again = server.read1_untrusted(message1, PROLOGUE)
    assert (first.public, first.payload) == (again.public, again.payload)
    (message2, keys), (other_message2, other_keys) = first.message2(b""), again.message2(b"")
    assert message2[:32] != other_message2[:32]
    assert keys != other_keys


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_the_wrong_length_is_the_callers_mistake(length: int):
    wrong = bytes(length)
    for make in (
        lambda: initiator(static=PrivateKey(wrong)),
        lambda: initiator(remote=wrong),
        lambda: initiator(psk=wrong),
        lambda: responder(static=PrivateKey(wrong)),
        lambda: responder(psk=wrong),
    ):
        with pytest.raises(ValueError, match="32"):
            make()


def test_no_key_is_shown():
    client = initiator()
    offered = responder().read1_untrusted(client.message1(b""), PROLOGUE)
    _, keys = offered.message2(b"")
    shown = repr((client, offered, keys))
    for secret in (keys.to_server, keys.to_client, CLIENT, SERVER, CLIENT_EPHEMERAL, SERVER_EPHEMERAL):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
