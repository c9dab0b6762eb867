"""The client's handshake, state by state, against a server made of bytes (SPEC.md 5.3 and 7.2)."""

from itertools import pairwise
from random import Random

import pytest

from conformance.hand import BEAT, Desk
from proves import proves
from udpchat_core.events import (
    Closed,
    Connected,
    Disconnected,
    HandshakeRefused,
    KeyDiffers,
    LinkChanged,
    ServerOffered,
)
from udpchat_core.keys import PrivateKey, fingerprint, public_key
from udpchat_core.state import ClientState, Pin, Pinned
from udpchat_protocol.codes import Code, code_of
from udpchat_protocol.constants import COOKIE_LIFE, HELLO_INTERVAL, HELLO_MAX, HELLO_VERDICT, QUIT_PATIENCE, TIMEOUT
from udpchat_protocol.entries import Nick
from udpchat_protocol.frames import Entry, Heartbeat
from udpchat_protocol.packets import Refused, Reset, Retry, Sealed, Versions, Welcome

SECRET = bytes(range(16))
STRANGER = public_key(PrivateKey(bytes(range(32))))


def greeting(**kwargs: object) -> Desk:
    """A client in GREETING."""
    desk = Desk(**kwargs)  # type: ignore[arg-type]
    desk.connect()
    return desk


def proving(**kwargs: object) -> Desk:
    """A client in PROVING."""
    desk = greeting(**kwargs)
    desk.give(desk.retry())
    assert desk.hello.noise
    return desk


# -- GREETING ------------------------------------------------------------------------------------------------------


@proves("UC-SHAKE-1", "UC-WIRE-5")
def test_a_client_begins_with_a_hello_that_says_nothing() -> None:
    tokens: set[int] = set()
    for seed in range(20):
        desk = Desk(seed)
        assert [len(data) for data in desk.connect()] == [1200]
        assert (desk.hello.version, desk.hello.cookie, desk.hello.noise) == (1, b"", b"")
        tokens.add(desk.hello.token)
    assert len(tokens) == 20


@proves("UC-SHAKE-5")
def test_hello_is_repeated_as_it_is_and_then_ever_later() -> None:
    desk = greeting()
    desk.wait(60)
    assert [round(when - 1000, 6) for when, _ in desk.hellos()] == [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 30, 40, 50, 60]
    assert len({data for _, data in desk.sent}) == 1
    desk.wait(86_400)
    assert desk.of(Closed) == []
    assert desk.sent[-1][0] > desk.now - 11


@proves("UC-SHAKE-5")
def test_the_hello_with_message_1_is_repeated_in_the_same_way() -> None:
    desk = greeting()
    desk.wait(3.5)
    desk.give(desk.retry())
    begin, first = desk.sent[-1]
    desk.wait(25)
    proofs = [(round(when - begin, 6), data) for when, data in desk.sent if when >= begin]
    assert [when for when, _ in proofs] == [0, 1, 2, 3, 4, 5, 6, 8, 12, 20]
    assert {data for _, data in proofs} == {first}


@proves("UC-SHAKE-1")
@pytest.mark.parametrize("begin", [greeting, proving])
def test_answers_with_another_token_are_ignored(begin: object) -> None:
    desk = begin()  # type: ignore[operator]
    assert isinstance(desk, Desk)
    token = desk.hello.token ^ 1
    for packet in (
        Retry(version=1, token=token, flags=0, cookie=bytes(32), key=desk.key),
        Welcome(version=1, token=token, noise=bytes(64)),
        Versions(token=token, versions=(9,)),
        Refused(token=token, code=Code.FULL),
    ):
        assert desk.give(packet.build()) == []
    assert desk.dropped == {"token": 4}
    desk.wait(20)
    assert desk.of(HandshakeRefused) == []
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert desk.of(Connected)


@proves("UC-RECV-1", "UC-WIRE-4")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "size"),
        (b"\x02" + bytes(1200), "size"),
        (b"\x00", "type"),
        (b"\x08" + bytes(100), "type"),
        (b"\x01" + bytes(1199), "direction"),
        (b"\x01", "direction"),
        (b"\x02", "malformed"),
        (b"\x02" + bytes(75), "malformed"),
        (b"\x03" + bytes(20), "malformed"),
        (b"\x05" + bytes(23), "malformed"),
        (b"\x06" + bytes(9), "malformed"),
        (b"\x07" + bytes(10), "malformed"),
        (b"\x04" + bytes(30), "malformed"),
        (b"\x04\x01" + bytes(40), "malformed"),
        (b"\x04" + bytes(31), "session"),
    ],
)
def test_a_datagram_is_dropped_under_the_first_reason_that_fits(data: bytes, reason: str) -> None:
    for desk in (greeting(), proving()):
        assert desk.give(data) == []
        assert desk.dropped == {reason: 1}


def test_a_packet_that_the_state_does_not_name_is_dropped() -> None:
    desk = greeting()
    desk.give(desk.forged_welcome())
    assert desk.dropped == {"state": 1}
    desk.wait(20)
    assert desk.of(HandshakeRefused) == []
    desk = Desk()
    desk.client.receive_datagram(Refused(token=0, code=1).build(), "p", desk.now)
    assert desk.dropped == {"state": 1}
    desk.open()
    for packet in (desk.retry(), desk.forged_welcome(), desk.refused(Code.FULL)):
        assert desk.give(packet) == []
    assert desk.dropped == {"state": 4}


# -- trust -----------------------------------------------------------------------------------------------------------


@proves("UC-SHAKE-2")
def test_without_a_pin_the_person_is_asked_and_message_1_waits() -> None:
    desk = greeting(pinned=False)
    assert desk.give(desk.retry()) == []
    assert desk.of(ServerOffered) == [ServerOffered(desk.key, fingerprint(desk.key), closed=False)]
    assert desk.wait(100) == []
    first = desk.hello.token
    desk.client.accept_server(desk.key, None, desk.now)
    desk.drain()
    assert desk.hello.token != first
    assert desk.hello.noise == b""
    desk.give(desk.retry())
    assert desk.hello.noise
    desk.give(desk.welcome())
    assert desk.of(Connected) == [Connected(desk.key)]


@proves("UC-SHAKE-2")
def test_the_key_that_the_person_accepted_is_used_whatever_retry_shows_then() -> None:
    desk = greeting(pinned=False)
    desk.give(desk.retry(key=STRANGER))
    desk.client.accept_server(desk.key, None, desk.now)
    desk.drain()
    desk.give(desk.retry(key=STRANGER))
    desk.give(desk.welcome())  # message 1 opens with desk.key alone
    assert desk.of(Connected) == [Connected(desk.key)]


@proves("UC-SHAKE-2")
def test_a_pin_wins_over_the_key_that_retry_shows_and_the_person_is_told() -> None:
    desk = greeting()
    desk.give(desk.retry(key=STRANGER))
    assert desk.of(KeyDiffers) == [KeyDiffers(STRANGER, desk.key)]
    assert desk.of(ServerOffered) == []
    desk.give(desk.welcome())
    assert desk.of(Connected) == [Connected(desk.key)]
    assert desk.client.state.pin == Pin(desk.key)


@proves("UC-SHAKE-2", "UC-SHAKE-4")
def test_a_key_that_came_with_the_link_needs_no_question() -> None:
    key = Desk().key
    desk = greeting(pinned=False, secret=SECRET, confirmed=Pin(key, SECRET))
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert desk.of(ServerOffered) == []
    assert desk.of(Connected)


@proves("UC-SHAKE-3")
def test_a_pin_is_stored_only_after_a_welcome_that_verified() -> None:
    desk = greeting(pinned=False)
    desk.give(desk.retry())
    desk.client.accept_server(desk.key, None, desk.now)
    desk.drain()
    desk.give(desk.retry())
    desk.give(desk.forged_welcome())
    desk.wait(10)
    assert desk.client.state.pin is None
    assert desk.changes == []
    desk.give(desk.welcome())
    assert desk.changes == [Pinned(Pin(desk.key))]


@proves("UC-SHAKE-4")
def test_a_closed_server_asks_a_client_with_a_pin_and_no_secret() -> None:
    key = Desk().key
    state = ClientState(bytes(range(32)), 1, pin=Pin(key))
    desk = greeting(state=state, secret=SECRET)
    assert desk.give(desk.retry(key=STRANGER)) == []
    assert desk.of(ServerOffered) == [ServerOffered(key, fingerprint(key), closed=True)]
    assert desk.wait(50) == []
    desk.client.accept_server(key, SECRET, desk.now)
    desk.drain()
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert desk.changes == [Pinned(Pin(key, SECRET))]


@proves("UC-SHAKE-4")
def test_a_closed_server_is_asked_about_again_if_no_secret_was_given() -> None:
    desk = greeting(pinned=False, secret=SECRET)
    for times in (1, 2):
        desk.give(desk.retry())
        assert [offer.closed for offer in desk.of(ServerOffered)] == [True] * times
        desk.client.accept_server(desk.key, None, desk.now)
        desk.drain()
    assert not any(hello.noise for _, hello in desk.hellos())


@proves("UC-SHAKE-2")
def test_while_the_person_is_asked_every_answer_is_dropped() -> None:
    desk = greeting(pinned=False)
    desk.give(desk.retry())
    for packet in (
        desk.retry(key=STRANGER),
        desk.forged_welcome(),
        desk.refused(Code.FULL),
        Versions(token=desk.hello.token, versions=(9,)).build(),
    ):
        assert desk.give(packet) == []
    assert desk.dropped == {"state": 4}
    assert len(desk.of(ServerOffered)) == 1


# -- PROVING ---------------------------------------------------------------------------------------------------------


@proves("UC-SHAKE-6")
def test_a_retry_after_message_1_replaces_the_cookie_alone_and_at_most_once_an_interval() -> None:
    desk = proving()
    first = desk.hello
    retry = desk.retry()
    assert desk.give(retry) == []
    desk.wait(0.9)
    for _ in range(20):
        assert desk.give(desk.retry()) == []
    sent = desk.wait(0.15)
    assert [round(when - 1000, 6) for when, _ in sent] == [HELLO_INTERVAL]
    assert desk.hello.cookie != first.cookie
    assert (desk.hello.noise, desk.hello.token) == (first.noise, first.token)
    desk.give(desk.welcome())
    assert desk.of(Connected)


@proves("UC-SHAKE-6")
def test_a_retry_that_comes_long_after_the_last_hello_is_followed_at_once() -> None:
    desk = proving()
    desk.wait(10)  # HELLOs at 6, 8 and 12
    assert [data[0] for data in desk.give(desk.retry())] == [1]


@proves("UC-SHAKE-7", "UC-NOISE-3")
def test_a_forged_welcome_before_the_real_one_does_no_harm() -> None:
    random = Random(1)
    desk = proving()
    real = desk.welcome()
    for _ in range(50):
        forged = bytearray(real)
        forged[random.randrange(12, len(real))] ^= random.randrange(1, 256)
        assert desk.give(bytes(forged)) == []
    assert desk.of(Connected) == []
    assert desk.give(real)
    assert desk.of(Connected)
    desk.wait(HELLO_VERDICT + 1)
    assert desk.of(HandshakeRefused) == []


@proves("UC-SHAKE-7")
def test_a_welcome_of_another_handshake_does_no_harm() -> None:
    other = proving(pinned=True)
    late = other.welcome()
    desk = proving()
    assert desk.hello.token == other.hello.token  # the same seed: all but the ephemeral key of the server
    desk.give(desk.welcome())
    assert desk.give(late) == []
    assert desk.dropped == {"state": 1}


@proves("UC-SHAKE-7")
@pytest.mark.parametrize("code", [Code.BUSY, Code.FULL, Code.SECRET, Code.KEY])
def test_a_refusal_is_told_once_if_there_is_no_session_after_a_while(code: Code) -> None:
    for desk in (greeting(), proving()):
        desk.wait(0.5)
        desk.give(desk.refused(code))
        desk.wait(HELLO_VERDICT - 0.1)
        assert desk.of(HandshakeRefused) == []
        desk.wait(0.2)
        desk.give(desk.refused(code))
        desk.wait(20)
        assert desk.of(HandshakeRefused) == [HandshakeRefused(code)]
        assert desk.hellos()[-1][0] > desk.now - 11  # it goes on trying


@proves("UC-SHAKE-7")
def test_an_answer_that_does_not_verify_is_told_once_if_there_is_no_session_after_a_while() -> None:
    desk = proving()
    desk.give(desk.forged_welcome())
    desk.wait(HELLO_VERDICT + 0.1)
    assert desk.of(HandshakeRefused) == [HandshakeRefused(Code.NONE)]
    desk.give(desk.forged_welcome())
    desk.wait(HELLO_VERDICT + 0.1)
    assert desk.of(HandshakeRefused) == [HandshakeRefused(Code.NONE)]
    desk.give(desk.welcome())
    assert desk.of(Connected)


@proves("UC-SHAKE-7")
def test_a_refusal_is_forgotten_when_there_is_a_session_in_time() -> None:
    desk = proving()
    desk.give(desk.refused(Code.SECRET))
    desk.wait(HELLO_VERDICT - 1)
    desk.give(desk.welcome())
    desk.wait(10)
    assert desk.of(HandshakeRefused) == []


@proves("UC-SHAKE-10")
@pytest.mark.parametrize("versions", [(2,), (2, 3, 255), (1,), (1, 2)])
def test_versions_is_told_if_there_is_no_session_after_a_while_and_ends_nothing(versions: tuple[int, ...]) -> None:
    desk = greeting()
    desk.give(Versions(token=desk.hello.token, versions=versions).build())
    desk.wait(HELLO_VERDICT + 0.1)
    assert desk.of(HandshakeRefused) == [HandshakeRefused(Code.VERSION)]
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert desk.of(Connected)


@proves("UC-SHAKE-8")
def test_the_first_sealed_packet_leaves_right_after_welcome() -> None:
    desk = proving(nick="ada")
    out = desk.give(desk.welcome())
    assert [data[0] for data in out] == [Sealed.TYPE]
    ((_, number, frames),) = desk.packets
    assert number == 0
    assert any(isinstance(frame, Heartbeat | Entry) for frame in frames)
    assert desk.asked == [Nick(nick="ada")]


@proves("UC-SHAKE-8")
def test_the_first_sealed_packet_is_eliciting_with_nothing_to_say() -> None:
    desk = proving()
    desk.give(desk.welcome())
    assert any(isinstance(frame, Heartbeat | Entry) for frame in desk.packets[0][2])


@proves("UC-SHAKE-9")
@pytest.mark.parametrize("versions", [(1,), (1, 9), (9,)])
def test_a_version_that_only_one_side_knows_is_no_downgrade(versions: tuple[int, ...]) -> None:
    desk = proving()
    desk.give(desk.welcome(versions=versions))
    assert desk.of(Connected)
    assert desk.of(Closed) == []


@proves("UC-SHAKE-11")
def test_a_handshake_without_an_answer_to_message_1_begins_again() -> None:
    desk = proving()
    first = desk.hello
    desk.wait(COOKIE_LIFE / 2 - 0.1)
    assert desk.hello == first
    desk.wait(0.2)
    assert desk.hello.token != first.token
    assert (desk.hello.cookie, desk.hello.noise) == (b"", b"")
    assert round(desk.hellos()[-1][0], 6) == 1000 + COOKIE_LIFE / 2
    desk.give(desk.retry())
    assert desk.hello.noise != first.noise
    desk.give(desk.welcome())
    assert desk.of(Connected)


@proves("UC-SHAKE-11")
def test_forged_answers_do_not_keep_a_stale_handshake_alive() -> None:
    desk = proving()
    first = desk.hello.token
    for _ in range(int(COOKIE_LIFE / 2)):
        desk.give(desk.retry())
        desk.give(desk.forged_welcome())
        desk.wait(1)
    assert desk.hello.token != first


# -- OPEN ------------------------------------------------------------------------------------------------------------


@proves("UC-SHAKE-12")
def test_a_session_without_terms_is_given_up() -> None:
    desk = Desk()
    desk.shake()
    first = desk.hello.token
    desk.wait(TIMEOUT - 0.1)
    assert desk.of(Disconnected) == []
    desk.wait(0.2)
    assert len(desk.of(Disconnected)) == 1
    assert desk.hello.token != first
    assert desk.hello.cookie == b""


@proves("UC-SHAKE-12")
def test_a_session_without_terms_is_given_up_however_much_else_the_server_says() -> None:
    desk = Desk()
    desk.shake()
    first = desk.hello.token
    for _ in range(int(TIMEOUT) + 1):
        desk.wait(1)
        if desk.hello.token == first:
            desk.send(BEAT)
    assert len(desk.of(Disconnected)) == 1
    assert desk.hello.token != first
    assert round(desk.hellos()[-1][0], 6) <= 1000 + TIMEOUT + 1


@proves("UC-GATE-8")
def test_a_reset_that_verifies_begins_a_new_handshake_at_once() -> None:
    desk = Desk()
    desk.open()
    first = desk.hello.token
    out = desk.give(Reset(session=desk.session, reset=desk.reset).build())
    assert [data[0] for data in out] == [1]
    assert desk.hello.token != first
    assert (desk.hello.cookie, desk.hello.noise) == (b"", b"")
    assert len(desk.of(Disconnected)) == 1
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert len(desk.of(Connected)) == 2


@proves("UC-GATE-8")
def test_any_other_reset_is_dropped() -> None:
    desk = Desk()
    desk.open()
    for session, token in (
        (desk.session, bytes(16)),
        (desk.session, desk.reset[:-1] + bytes((desk.reset[-1] ^ 1,))),
        (desk.session ^ 1, desk.reset),
    ):
        assert desk.give(Reset(session=session, reset=token).build()) == []
    assert sum(desk.dropped.values()) == 3
    assert desk.of(Disconnected) == []
    desk.send(BEAT)
    assert desk.send(BEAT)  # a fence


@proves("UC-GATE-8")
def test_a_reset_before_terms_is_dropped() -> None:
    desk = Desk()
    desk.shake()
    assert desk.give(Reset(session=desk.session, reset=desk.reset).build()) == []
    assert desk.give(Reset(session=desk.session, reset=bytes(16)).build()) == []
    assert desk.of(Disconnected) == []
    desk.tell(desk.terms())
    desk.give(Reset(session=desk.session, reset=desk.reset).build())
    assert len(desk.of(Disconnected)) == 1


@proves("UC-GATE-8")
def test_the_token_of_an_earlier_session_ends_nothing() -> None:
    desk = Desk()
    desk.open()
    old = Reset(session=desk.session, reset=desk.reset).build()
    desk.give(old)
    desk.give(desk.retry())
    desk.give(desk.welcome())
    desk.tell(desk.terms())
    assert desk.give(old) == []
    assert len(desk.of(Disconnected)) == 1


# -- BYE, QUIT -------------------------------------------------------------------------------------------------------

FATAL = (Code.REPLACED, Code.PROTOCOL, Code.VERSION, Code.KEY)


def bye(code: int) -> bytes:
    return bytes((7, 0, 5, code, 3)) + b"why"


@proves("UC-SESS-10", "UC-SESS-9")
@pytest.mark.parametrize("code", [Code.QUIT, *FATAL])
def test_a_bye_that_ends_it_ends_it(code: Code) -> None:
    desk = Desk()
    desk.open()
    assert desk.send(bye(code)) == []
    assert desk.of(Closed) == [Closed(code, "why")]
    assert desk.client.closed
    assert desk.wait(1000) == []
    assert desk.client.next_timeout() is None


@proves("UC-SESS-10", "UC-SESS-9")
@pytest.mark.parametrize("code", [code for code in Code if code not in (*FATAL, Code.QUIT)] + [99, 255])
def test_after_any_other_bye_the_client_comes_back(code: int) -> None:
    desk = Desk()
    desk.open()
    begin, token = desk.now, desk.hello.token
    desk.send(bye(code))
    desk.wait(HELLO_MAX + 1)
    again = [when for when, hello in desk.hellos() if hello.token != token]
    pause = {Code.LIFETIME: 0.0, Code.FULL: HELLO_MAX, Code.LIMIT: HELLO_MAX}.get(code_of(code), HELLO_INTERVAL)
    assert round(again[0] - begin, 6) == pause
    assert len(desk.of(Disconnected)) == 1
    assert desk.of(Closed) == []
    desk.give(desk.retry())
    desk.give(desk.welcome())
    assert len(desk.of(Connected)) == 2


@proves("UC-SESS-9")
def test_after_bye_the_session_is_forgotten() -> None:
    desk = Desk()
    desk.open()
    assert desk.seal is not None
    late = desk.seal.seal(BEAT.build_frame())
    desk.send(bye(Code.FULL))
    assert desk.give(late) == []
    assert desk.dropped == {"session": 1}


@proves("UC-WIRE-11", "UC-SESS-10")
@pytest.mark.parametrize(
    "plaintext",
    [b"", b"\x01", b"\x01\x00", b"\x01\x00\x01", b"\x01\x00\x01x", b"\x02\x00\x00", b"\x03\x00\x0b" + bytes(11)],
)
def test_a_malformed_packet_from_the_server_closes_the_session_with_protocol(plaintext: bytes) -> None:
    desk = Desk()
    desk.open()
    frames = desk.send(plaintext)
    assert [(frame.code) for frame in frames if frame.TYPE == 7] == [Code.PROTOCOL]  # type: ignore[attr-defined]
    assert [event.code for event in desk.of(Closed)] == [Code.PROTOCOL]


@proves("UC-SESS-7")
@pytest.mark.parametrize("how", ["ack", "bye", "reset", "patience"])
def test_quit_is_over_in_any_of_four_ways(how: str) -> None:
    desk = Desk(nick="ada")
    desk.open()
    desk.client.quit(desk.now, "so long")
    desk.drain()
    assert desk.asked[-1].reason == "so long"
    assert desk.of(Closed) == []
    if how == "ack":
        desk.settle()
    elif how == "bye":
        desk.send(bye(Code.SHUTDOWN))
    elif how == "reset":
        desk.give(Reset(session=desk.session, reset=desk.reset).build())
    else:
        desk.wait(QUIT_PATIENCE - 0.1)
        assert desk.of(Closed) == []
        desk.wait(0.2)
    assert [event.code for event in desk.of(Closed)] == [Code.QUIT]
    assert desk.of(Disconnected) == []
    assert desk.wait(100) == []


@proves("UC-SESS-7")
@pytest.mark.parametrize("state", ["IDLE", "GREETING", "ASKING", "PROVING"])
def test_quit_before_there_is_a_session_ends_it_at_once(state: str) -> None:
    desk = Desk(pinned=state != "ASKING")
    if state != "IDLE":
        desk.connect()
    if state in ("ASKING", "PROVING"):
        desk.give(desk.retry())
    count = len(desk.sent)
    desk.client.quit(desk.now)
    desk.drain()
    assert [event.code for event in desk.of(Closed)] == [Code.QUIT]
    desk.wait(200)
    assert len(desk.sent) == count
    assert desk.client.next_timeout() is None


# -- the link, down and up ---------------------------------------------------------------------------------------------


@proves("UC-LIVE-2")
def test_the_link_is_told_down_and_up_once_each() -> None:
    desk = Desk()
    desk.open()
    assert [event.up for event in desk.of(LinkChanged)] == [True]
    desk.wait(TIMEOUT - 0.1)
    assert [event.up for event in desk.of(LinkChanged)] == [True]
    desk.wait(0.2)
    assert [event.up for event in desk.of(LinkChanged)] == [True, False]
    desk.wait(300)
    desk.give(Sealed(number=50, session=desk.session, ciphertext=bytes(40)).build())  # not the server
    assert [event.up for event in desk.of(LinkChanged)] == [True, False]
    desk.send(BEAT)
    desk.send(BEAT)
    assert [event.up for event in desk.of(LinkChanged)] == [True, False, True]
    assert desk.of(Disconnected) == []


@proves("UC-LIVE-1")
def test_an_idle_client_sends_a_heartbeat_and_repeats_one_that_is_not_seen() -> None:
    desk = Desk()
    desk.open()
    desk.wait(0.1)
    begin, heard = desk.packets[-1][0], desk.now - 0.1
    count = len(desk.packets)
    desk.wait(40)
    beats = [(when, frames) for when, _, frames in desk.packets[count:]]
    assert all(any(isinstance(frame, Heartbeat) for frame in frames) for _, frames in beats)
    times = [round(when - begin, 3) for when, _ in beats]
    assert times[:20] == [5 + n / 2 for n in range(20)]
    late = [when for when, _ in beats if when >= heard + TIMEOUT]
    assert [round(b - a, 6) for a, b in pairwise(late)] == [5] * (len(late) - 1)


@proves("UC-LIVE-1")
def test_a_heartbeat_that_was_seen_is_not_repeated() -> None:
    desk = Desk()
    desk.open()
    for pause in (4.6, 5, 5, 5, 5):
        count = len(desk.packets)
        desk.wait(pause)
        assert len(desk.packets) == count + 1
        desk.send(desk.seen())
