"""Who may have a session: HELLO, cookies, half-open sessions, RESET, and what is dropped why (SPEC.md 4 and 5.4)."""

from random import Random
from typing import Any

import pytest

from conformance.hand import BEAT, NUDGE, Bench, Guest, entry, join, only
from proves import proves
from udpchat_core.events import SessionClosed, SessionOpened
from udpchat_core.keys import reset_key, reset_token
from udpchat_protocol.codes import Code, RetryFlag
from udpchat_protocol.constants import COOKIE_LIFE, PACKETS_MAX, REPLAY_WINDOW
from udpchat_protocol.entries import Gone, Joined, Nick, Quit, Say, Terms
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Padding
from udpchat_protocol.packets import Hello, Refused, Reset, Retry, Sealed, Versions, Welcome

# -- steps of chapter 4 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "size"),
        (bytes(1201), "size"),
        (b"\x04" + bytes(1200), "size"),
        (bytes(1200), "type"),
        (b"\x08", "type"),
        (b"\xff" * 40, "type"),
        (b"\x02", "direction"),
        (b"\x03" + bytes(90), "direction"),
        (b"\x05" + bytes(24), "direction"),
        (b"\x06" + bytes(10), "direction"),
        (b"\x07" + bytes(9), "direction"),
        (b"\x01" + bytes(1198), "size"),
        (b"\x01", "size"),
        (b"\x04", "malformed"),
        (b"\x04" + bytes(30), "malformed"),
        (b"\x04\x01" + bytes(40), "malformed"),
        (b"\x04" + bytes(31), "session"),
        (b"\x04" + bytes(1199), "session"),
    ],
)
@proves("UC-RECV-1", "UC-WIRE-4", "UC-WIRE-5", "UC-WIRE-7")
def test_a_datagram_is_dropped_under_the_first_reason_that_fits(data: bytes, reason: str) -> None:
    bench = Bench()
    answers = bench.give(data)
    assert bench.dropped == {reason: 1}
    assert [answer[0] for answer, _ in answers] == ([Reset.TYPE] if reason == "session" else [])
    assert only(Retry, bench.give(Guest(bench).hello()))


def mangled(guest: Guest, flip: int) -> bytes:
    data = bytearray(guest.sealed(BEAT))
    data[flip] ^= 1
    return bytes(data)


@proves("UC-SEAL-4", "UC-RECV-1")
def test_the_steps_of_sealed_are_taken_in_their_order() -> None:
    bench = Bench()
    guest = bench.guest()
    session = guest.session
    far = Sealed(number=PACKETS_MAX, session=session, ciphertext=bytes(20)).build()
    assert far[1] == 0
    bench.give(b"\x04\x01" + far[2:])  # reserved, before the number
    assert bench.dropped == {"malformed": 1}
    bench.give(Sealed(number=PACKETS_MAX, session=session ^ 1, ciphertext=bytes(20)).build())  # session, before it
    assert bench.dropped == {"malformed": 1, "session": 1}
    bench.give(far)  # the number, before the tag
    bench.give(Sealed(number=2**48 - 1, session=session, ciphertext=bytes(20)).build())
    bench.give(Sealed(number=PACKETS_MAX - 1, session=session, ciphertext=bytes(20)).build())
    assert bench.dropped == {"malformed": 1, "session": 1, "replay": 2, "tag": 1}
    assert guest.send(NUDGE) == []
    assert guest.send(BEAT)  # a fence: the window did not move


@proves("UC-SEAL-4")
def test_a_packet_with_any_bit_changed_changes_nothing() -> None:
    bench = Bench()
    guest = bench.guest()
    for flip in range(2, 33):
        bench.give(mangled(guest, flip), guest.path)
    assert set(bench.dropped) <= {"session", "tag", "replay", "malformed"}
    assert sum(bench.dropped.values()) == 31
    assert bench.server.sessions == 1
    guest.ask(Nick(nick="ada"))
    assert guest.acked == 1


@proves("UC-SEAL-3")
def test_the_replay_window_holds_its_numbers_and_no_more() -> None:
    bench = Bench()
    guest = bench.guest()
    early = [guest.sealed(BEAT) for _ in range(REPLAY_WINDOW + 1)]
    bench.give(early[-1], guest.path)
    bench.give(early[0], guest.path)
    assert bench.dropped == {"replay": 1}
    bench.give(early[1], guest.path)
    assert bench.dropped == {"replay": 1}
    bench.give(early[1], guest.path)
    bench.give(early[-1], guest.path)
    assert bench.dropped == {"replay": 3}


@proves("UC-RECV-1")
def test_mutations_of_valid_datagrams_never_raise_and_never_take_memory() -> None:
    random = Random(7)
    bench = Bench()
    guest, half = bench.guest(), Guest(bench, "bob")
    half.shake()
    proof = Guest(bench, "eve").prove()
    live = guest.sealed(BEAT)
    first = half.sealed(BEAT)
    for n in range(600):
        data = bytearray((proof, live, first, guest.hello())[n % 4])
        for _ in range(random.choice((1, 3))):
            data[random.randrange(len(data))] ^= random.randrange(1, 256)
        data = data[: random.randrange(len(data) + 1)] if n % 5 == 0 else data
        for answer, _ in bench.give(bytes(data), ("from", n % 3)):
            assert len(answer) < len(data)
    assert bench.server.tables["sessions"] == 1
    assert bench.server.tables["members"] == 1
    assert bench.server.tables["reassembly"] == 0
    guest.ask(Nick(nick="ada"))
    assert guest.acked == 1


# -- HELLO -------------------------------------------------------------------------------------------------------


@proves("UC-GATE-1")
def test_a_hello_without_a_cookie_leaves_nothing_behind() -> None:
    bench = Bench()
    before = dict(bench.server.tables)
    for n in range(300):
        hello = Hello(version=1, token=n, cookie=b"", noise=b"").build()
        retry = bench.give(hello, ("somebody", n))
        assert only(Retry, retry).token == n
        assert len(retry[0][0]) < len(hello)
    assert dict(bench.server.tables) == before
    assert bench.server.next_timeout() is None


@proves("UC-GATE-1", "UC-WIRE-8")
@pytest.mark.parametrize("secret", [None, bytes(16)])
def test_retry_tells_the_servers_key_and_whether_it_is_closed(secret: bytes | None) -> None:
    bench = Bench(secret=secret)
    retry = only(Retry, bench.give(Guest(bench).hello()))
    assert retry.key == bench.identity.public
    assert retry.flags == (RetryFlag(0) if secret is None else RetryFlag.CLOSED)
    assert retry.version == 1


@proves("UC-GATE-3", "UC-WIRE-9")
@pytest.mark.parametrize("version", [0, 2, 255])
def test_a_version_that_is_not_spoken_is_answered_before_anything_else_is_looked_at(version: int) -> None:
    bench = Bench()
    data = bytes((1, version)) + (77).to_bytes(8, "big") + b"\xff" * 1190
    answer = bench.give(data)
    assert only(Versions, answer) == Versions(token=77, versions=(1,))
    assert len(answer[0][0]) < len(data)


@proves("UC-GATE-3", "UC-WIRE-5", "UC-WIRE-6")
def test_a_malformed_hello_is_dropped() -> None:
    bench = Bench()
    good = Guest(bench).hello()
    assert bench.give(good[:-1] + b"\x01") == []
    assert bench.give(good[:10] + b"\x01" + good[11:]) == []  # a cookie of one byte
    assert bench.dropped == {"malformed": 2}
    assert bench.give(good[:-1]) == []
    assert bench.give(good + b"\x00") == []
    assert bench.dropped == {"malformed": 2, "size": 2}
    assert only(Retry, bench.give(good))


@proves("UC-GATE-2", "UC-GATE-3")
def test_a_cookie_is_good_for_its_token_its_path_and_its_time() -> None:
    bench = Bench()
    guest = Guest(bench)
    proof = guest.prove()
    assert only(Retry, bench.give(proof, "elsewhere"))
    hello = Hello.parse_untrusted(proof)
    other = Hello(version=1, token=hello.token ^ 1, cookie=hello.cookie, noise=hello.noise).build()
    assert only(Retry, bench.give(other, guest.path))
    forged = Hello(version=1, token=hello.token, cookie=bytes(32), noise=hello.noise).build()
    assert only(Retry, bench.give(forged, guest.path))
    assert bench.server.tables["half_open"] == 0
    bench.wait(COOKIE_LIFE)
    assert only(Welcome, bench.give(proof, guest.path))


@proves("UC-GATE-2")
def test_a_cookie_is_worth_nothing_after_its_life_nor_at_another_server() -> None:
    bench = Bench()
    guest = Guest(bench)
    proof = guest.prove()
    bench.wait(COOKIE_LIFE + 0.01)
    assert only(Retry, bench.give(proof, guest.path))
    proof = guest.prove()
    bench.restart()
    assert only(Retry, bench.give(proof, guest.path))


@proves("UC-GATE-2")
def test_a_cookie_lives_on_when_the_secret_changes() -> None:
    bench = Bench()
    first, guest = Guest(bench, "early"), Guest(bench)
    bench.give(first.hello())
    bench.wait(COOKIE_LIFE - 1)
    proof = guest.prove()
    bench.wait(2)
    bench.give(first.hello())
    assert only(Welcome, bench.give(proof, guest.path))


@proves("UC-GATE-3")
def test_the_same_hello_gets_the_same_welcome_while_its_cookie_verifies() -> None:
    bench = Bench()
    guest = Guest(bench)
    proof = guest.prove()
    first = bench.give(proof, guest.path)
    assert bench.server.tables["half_open"] == 1
    bench.wait(1)
    assert bench.give(proof, guest.path) == first
    guest.welcomed(only(Welcome, first))
    guest.send(BEAT)
    assert bench.server.sessions == 1
    assert bench.give(proof, guest.path) == first  # live as well
    assert bench.server.tables["half_open"] == 0
    bench.wait(COOKIE_LIFE + 1)
    assert only(Retry, bench.give(proof, guest.path))


@proves("UC-GATE-3")
def test_only_a_verified_cookie_draws_on_the_budget_and_a_repeated_hello_does_not() -> None:
    bench = Bench(handshake_rate=2)
    guests = [Guest(bench, f"g{n}") for n in range(3)]
    for n in range(50):
        bench.give(Hello(version=1, token=n, cookie=bytes(32), noise=bytes(96)).build())
    proofs = [guest.prove() for guest in guests]
    first = bench.give(proofs[0], guests[0].path)
    for _ in range(5):
        assert bench.give(proofs[0], guests[0].path) == first
    assert only(Welcome, bench.give(proofs[1], guests[1].path))
    refused = bench.give(proofs[2], guests[2].path)
    assert only(Refused, refused) == Refused(token=guests[2].token, code=Code.BUSY)
    assert len(refused[0][0]) < 1200
    assert bench.give(proofs[0], guests[0].path) == first  # (e) before (f)
    bench.wait(1)
    assert only(Welcome, bench.give(proofs[2], guests[2].path))


@proves("UC-GATE-3")
def test_the_budget_is_asked_before_message_1_is_read() -> None:
    bench = Bench(handshake_rate=1)
    guest = Guest(bench)
    retry = only(Retry, bench.give(guest.hello(), guest.path))
    wrong = guest.hello(retry.cookie, bytes(range(96)))
    assert only(Refused, bench.give(wrong, guest.path)).code == Code.KEY
    assert only(Refused, bench.give(wrong, guest.path)).code == Code.BUSY


@proves("UC-GATE-3", "UC-NOISE-1")
def test_message_1_that_does_not_verify_is_refused_with_the_servers_kind_of_reason() -> None:
    closed = Bench(secret=bytes(range(16)))
    assert only(Refused, closed.give(Guest(closed).prove(secret=bytes(16)), "ada-1-0")).code == Code.SECRET
    bench = Bench()
    guest = Guest(bench)
    other = Bench(seed=9).identity.public
    assert only(Refused, bench.give(guest.prove(key=other), guest.path)).code == Code.KEY
    assert bench.server.tables["half_open"] == 0
    guest.begin()
    assert bench.server.sessions == 1


@proves("UC-NOISE-2", "UC-GATE-3")
@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), bytes.fromhex("ec" + "ff" * 30 + "7f")])
def test_an_ephemeral_key_of_low_order_is_refused(point: bytes) -> None:
    bench = Bench()
    guest = Guest(bench)
    hello = Hello.parse_untrusted(guest.prove())
    low = guest.hello(hello.cookie, point + hello.noise[32:])
    assert only(Refused, bench.give(low, guest.path)).code == Code.KEY
    assert bench.server.tables["half_open"] == 0


@proves("UC-GATE-3")
def test_a_full_server_refuses_once_message_1_verified() -> None:
    bench = Bench(sessions=1)
    bench.guest("ada")
    bob = Guest(bench, "bob")
    retry = only(Retry, bench.give(bob.hello(), bob.path))
    assert only(Refused, bench.give(bob.hello(retry.cookie, bytes(96)), bob.path)).code == Code.KEY
    refused = bench.give(bob.prove(), bob.path)
    assert only(Refused, refused) == Refused(token=bob.token, code=Code.FULL)
    assert bench.server.tables["half_open"] == 0


# -- half open ---------------------------------------------------------------------------------------------------


@proves("UC-GATE-4")
def test_message_1_does_nothing_before_the_first_sealed_packet() -> None:
    bench = Bench()
    old = bench.guest("ada")
    again = Guest(bench, "ada")
    again.shake()
    bench.wait(1)
    assert bench.server.sessions == 1
    assert len(bench.of(SessionOpened)) == 1
    old.ask(Nick(nick="ada"))
    assert old.acked == 1
    assert old.farewells == []


@proves("UC-GATE-4")
def test_a_forged_first_packet_leaves_a_session_half_open() -> None:
    bench = Bench()
    guest = Guest(bench)
    guest.shake()
    first = guest.sealed(BEAT)
    assert bench.give(first[:-1] + bytes((first[-1] ^ 1,)), guest.path) == []
    assert bench.dropped == {"tag": 1}
    assert (bench.server.sessions, bench.server.tables["half_open"]) == (0, 1)
    bench.give(first, guest.path)
    assert (bench.server.sessions, bench.server.tables["half_open"]) == (1, 0)


@proves("UC-GATE-4")
def test_half_open_sessions_are_bounded_and_the_oldest_goes_first() -> None:
    bench = Bench(half_open=16)
    guests = [Guest(bench, f"g{n}") for n in range(18)]
    for guest in guests:
        guest.shake()
        assert bench.server.tables["half_open"] <= 16
    for guest in guests[:2]:
        assert only(Reset, bench.give(guest.sealed(BEAT), guest.path)).session == guest.session
    for guest in guests[2:]:
        assert guest.send(BEAT)
    assert bench.server.sessions == 16


@proves("UC-GATE-4")
def test_a_half_open_session_goes_when_its_cookie_expires() -> None:
    bench = Bench()
    guest, late = Guest(bench), Guest(bench, "bob")
    first = guest.prove()
    bench.wait(50)
    second = late.prove()
    late.welcomed(only(Welcome, bench.give(second, late.path)))  # the younger cookie is used first
    bench.wait(30)
    guest.welcomed(only(Welcome, bench.give(first, guest.path)))
    bench.wait(40.01)  # 120.01 s after the first cookie, 70.01 s after the second
    assert bench.server.tables["half_open"] == 1
    assert only(Reset, bench.give(guest.sealed(BEAT), guest.path))
    bench.wait(49)
    late.send(BEAT)
    assert bench.server.sessions == 1
    bench.wait(2)
    assert bench.server.tables["half_open"] == 0


@proves("UC-GATE-5", "UC-SESS-1")
def test_the_first_sealed_packet_makes_the_session_live_and_terms_comes_first() -> None:
    bench = Bench()
    guest = Guest(bench)
    guest.shake()
    guest.send(BEAT)
    assert bench.of(SessionOpened) == [SessionOpened(guest.session, guest.fingerprint, 1, replaced=False)]
    assert isinstance(guest.control()[0], Terms)
    assert guest.packets[0][0] == 0
    assert guest.control(Terms)[0].reset == reset_token(reset_key(bench.identity.private), guest.session)


@proves("UC-GATE-5", "UC-SESS-1")
def test_a_first_packet_that_is_not_number_0_and_is_not_eliciting_will_do_as_well() -> None:
    bench = Bench()
    guest = Guest(bench)
    guest.shake()
    guest.sealed(BEAT)  # lost on the way
    guest.send(Padding(size=3))
    assert bench.server.sessions == 1
    assert isinstance(guest.control()[0], Terms)


@proves("UC-GATE-5")
def test_a_new_session_replaces_that_of_the_same_key_and_device_with_no_change_of_presence() -> None:
    bench = Bench()
    watcher, old = bench.guest("bob"), bench.guest("ada")
    for guest in (watcher, old):
        guest.ask(Nick(nick=guest.name), join("lobby"))
    watcher.send(BEAT)
    channel = watcher.control(Joined)[0].presence_channel
    bench.wait(1)
    before = len(watcher.entries(channel))
    again = Guest(bench, "ada")
    again.begin()
    assert old.farewells == [Code.REPLACED]
    assert bench.of(SessionOpened)[-1].replaced
    assert bench.of(SessionClosed)[-1] == SessionClosed(old.session, old.fingerprint, Code.REPLACED)
    assert bench.server.sessions == 2
    again.ask(Nick(nick="ada"), join("lobby"))
    watcher.send(BEAT)
    bench.wait(1)
    assert len(watcher.entries(channel)) == before
    again.ask(Say(room="lobby", id=1, flags=0, text="still here"))  # a fence
    assert again.acked == 3


@proves("UC-GATE-5")
def test_another_device_or_another_key_replaces_nobody() -> None:
    bench = Bench()
    bench.guest("ada", device=1)
    bench.guest("ada", device=2)
    bench.guest("bob", device=1)
    assert bench.server.sessions == 3
    assert not any(event.replaced for event in bench.of(SessionOpened))


@proves("UC-GATE-5")
def test_two_half_open_sessions_of_one_device_replace_each_other_in_the_order_of_their_packets() -> None:
    bench = Bench()
    first, second = Guest(bench, "ada"), Guest(bench, "ada")
    first.shake()
    second.shake()
    second.send(BEAT)
    first.send(BEAT)
    assert second.farewells == [Code.REPLACED]
    assert bench.server.sessions == 1
    first.ask(Nick(nick="ada"))
    assert first.acked == 1


@proves("UC-GATE-6")
def test_session_ids_do_not_repeat() -> None:
    bench = Bench(handshake_rate=1000)
    guests = [Guest(bench, f"g{n}") for n in range(40)]
    for guest in guests:
        guest.shake()
    assert len({guest.session for guest in guests}) == 40


# -- RESET -------------------------------------------------------------------------------------------------------


@proves("UC-GATE-7", "UC-RECV-1")
def test_an_unknown_session_is_answered_with_a_shorter_reset_that_proves_the_servers_key() -> None:
    bench = Bench()
    question = Sealed(number=3, session=99, ciphertext=bytes(16)).build()
    answer = bench.give(question, "anywhere")
    token = reset_token(reset_key(bench.identity.private), 99)
    assert only(Reset, answer) == Reset(session=99, reset=token)
    assert answer[0][1] == "anywhere"
    assert len(answer[0][0]) < len(question)
    assert bench.dropped == {"session": 1}


def stray(bench: Bench, path: str) -> int:
    """A packet of no session; how many answers it gets."""
    return len(bench.give(Sealed(number=0, session=99, ciphertext=bytes(16)).build(), path))


@proves("UC-GATE-7", "UC-LIMIT-2")
def test_resets_are_limited_in_all() -> None:
    bench = Bench(reset_rate=5)
    answers = [stray(bench, f"{n:03}") for n in range(100)]
    assert answers == [1] * 5 + [0] * 95
    assert bench.dropped == {"session": 100}
    bench.wait(1)
    assert stray(bench, "099") == 1


@proves("UC-GATE-7", "UC-LIMIT-2")
def test_who_asks_for_many_resets_leaves_some_to_others() -> None:
    bench = Bench(reset_rate=30)
    assert sum(stray(bench, f"bad{n}") for n in range(100)) == 11
    assert sum(stray(bench, f"bed{n}") for n in range(100)) == 7
    assert [stray(bench, path) for path in ("one", "two", "six")] == [1, 1, 1]


@proves("UC-GATE-7")
def test_a_live_or_half_open_id_never_gets_reset() -> None:
    bench = Bench()
    live, half = bench.guest("ada"), Guest(bench, "bob")
    half.shake()
    for guest in (live, half):
        for number in (0, 1, 5, PACKETS_MAX, 2**48 - 1):
            data = Sealed(number=number, session=guest.session, ciphertext=bytes(16)).build()
            assert bench.give(data, "a stranger") == []
    assert half.send(BEAT)
    live.ask(Nick(nick="ada"))
    assert live.acked == 1


@proves("UC-GATE-7", "UC-GATE-8")
def test_the_token_of_a_session_is_the_same_after_a_restart() -> None:
    bench = Bench()
    guest = bench.guest()
    told = guest.control(Terms)[0].reset
    bench.restart()
    assert only(Reset, bench.give(guest.sealed(BEAT), guest.path)).reset == told


# -- limits of the gate --------------------------------------------------------------------------------------------


def shaken(bench: Bench, name: str, path: str) -> Guest:
    """A guest that has its WELCOME; the prefix of its address is the first three letters of `path`."""
    guest = Guest(bench, name, path=path)
    guest.shake()
    return guest


@proves("UC-LIMIT-2", "UC-GATE-3")
def test_a_prefix_that_floods_the_gate_leaves_handshakes_to_others() -> None:
    bench = Bench(handshake_rate=30)
    for flood, least in (("bad", 11), ("bed", 7)):
        guests = [Guest(bench, f"{flood} {n}", path=f"{flood}{n}") for n in range(20)]
        codes = [bench.give(guest.prove(), guest.path)[0][0][0] for guest in guests]
        assert codes == [Welcome.TYPE] * least + [Refused.TYPE] * (20 - least)
    busy = Guest(bench, "late", path="bad late")
    assert only(Refused, bench.give(busy.prove(), busy.path)).code == Code.BUSY
    honest = [shaken(bench, f"honest {n}", f"{n:03}") for n in range(12)]
    assert len({guest.session for guest in honest}) == 12
    last = Guest(bench, "last", path="xyz")
    assert only(Refused, bench.give(last.prove(), last.path)).code == Code.BUSY  # 30 in all
    bench.wait(1)
    assert only(Welcome, bench.give(last.prove(), last.path))


@proves("UC-LIMIT-2", "UC-GATE-1")
def test_a_flood_without_cookies_takes_no_share_of_handshakes() -> None:
    bench = Bench(handshake_rate=3)
    for n in range(50):
        bench.give(Hello(version=1, token=n, cookie=bytes(32), noise=bytes(96)).build(), "abc-1")
        bench.give(Hello(version=1, token=n, cookie=b"", noise=b"").build(), "abc-1")
    assert shaken(bench, "ada", "abc-1").session
    assert shaken(bench, "bob", "abc-2").session


@proves("UC-RECV-1", "UC-LIMIT-4")
def test_sessions_stay_bounded_when_many_handshakes_run_at_once() -> None:
    bench = Bench(sessions=2)
    guests = [Guest(bench, f"g{n}") for n in range(4)]
    for guest in guests:
        guest.shake()
    for guest in guests:
        guest.send(BEAT)
    assert bench.server.sessions == 2
    assert [guest.farewells for guest in guests] == [[], [], [Code.FULL], [Code.FULL]]
    assert bench.server.tables["members"] == 2
    guests[0].ask(Quit(reason=""))
    assert bench.guest("late").farewells == []
    assert bench.server.sessions == 2


@proves("UC-LIMIT-4", "UC-REPAIR-12")
def test_who_is_refused_by_bye_leaves_nothing_behind() -> None:
    bench = Bench(sessions=1)
    late = shaken(bench, "late", "p-late")
    bench.guest("ada")
    before = dict(bench.server.tables)
    late.send(*(entry(n, Say(room="x", id=n, flags=0, text="x" * 90)) for n in range(3, 9)))
    assert late.farewells == [Code.FULL]
    assert dict(bench.server.tables) == {**before, "half_open": 0}
    assert only(Reset, bench.give(late.sealed(BEAT), late.path))
    assert len(bench.of(SessionOpened)) == 1


def sleepers(bench: Bench, *paths: str) -> list[Guest]:
    """Members of the lobby who fell silent in this order, a second after each other."""
    guests = [bench.guest(f"sleeper {path}", path=path) for path in paths]
    for guest in guests:
        guest.ask(join("lobby"))
        bench.wait(1)
    for _ in range(3):  # a server that hears nobody while it should hear several counts no silence (UC-LIVE-4)
        bench.wait(bench.limits.timeout / 3)
        guests[-1].send(BEAT)
    bench.wait(bench.limits.timeout)
    return guests


@proves("UC-LIMIT-3")
def test_at_the_limit_of_sessions_the_one_silent_for_longest_goes_and_its_room_is_told() -> None:
    bench = Bench(sessions=4, timeout=5)
    first, second, third = sleepers(bench, "aaa", "bbb", "ccc")
    first.send(BEAT)  # heard again, and silent again after the others
    watcher = bench.guest("watcher", path="www")
    watcher.ask(join("lobby"))
    for _ in range(6):
        bench.wait(1)
        watcher.send(BEAT)
    opened = [bench.guest(f"new {n}", path=f"n{n}n") for n in range(3)]
    assert [guest.farewells for guest in (second, third, first)] == [[Code.FULL]] * 3
    closed = [(each.session, each.code) for each in bench.of(SessionClosed)]
    assert closed == [(each.session, Code.FULL) for each in (second, third, first)]
    assert [guest.farewells for guest in (watcher, *opened)] == [[]] * 4
    assert bench.server.sessions == 4
    bench.wait(0.1)
    watcher.send(BEAT)
    told = watcher.read(Logs.PRESENCE, watcher.control(Joined)[0].presence_channel)
    gone = [(each.member, each.code) for each in told if isinstance(each, Gone)]
    assert gone == [(each.fingerprint, Code.FULL) for each in (second, third, first)]
    assert only(Reset, bench.give(second.sealed(BEAT), second.path))


@proves("UC-LIMIT-3", "UC-LIMIT-4")
def test_at_the_limit_of_a_prefix_somebody_of_the_prefix_goes_and_others_are_not_looked_at() -> None:
    bench = Bench(sessions=10, sessions_per_prefix=2, timeout=5)
    other, one, two = sleepers(bench, "bbb", "aaa 1", "aaa 2")
    assert bench.guest("new 1", path="aaa 3").farewells == []
    assert (other.farewells, one.farewells, two.farewells) == ([], [Code.FULL], [])
    two.send(BEAT)
    refused = Guest(bench, "new 2", path="aaa 4")
    assert only(Refused, bench.give(refused.prove(), refused.path)).code == Code.FULL
    assert bench.guest("new 2", path="ccc").farewells == []
    two.ask(Quit(reason=""))
    assert bench.guest("new 3", path="aaa 5").farewells == []
    assert other.farewells == []


@proves("UC-LIMIT-4")
def test_a_prefix_that_filled_up_after_welcome_gets_bye() -> None:
    bench = Bench(sessions_per_prefix=2)
    guests = [shaken(bench, f"g{n}", f"aaa {n}") for n in range(3)]
    for guest in guests:
        guest.send(BEAT)
    assert [guest.farewells for guest in guests] == [[], [], [Code.FULL]]
    assert bench.server.sessions == 2


@proves("UC-LIMIT-3", "UC-GATE-4")
def test_nobody_goes_for_a_message_1() -> None:
    bench = Bench(sessions=1, timeout=5)
    (sleeper,) = sleepers(bench, "aaa")
    new = shaken(bench, "new", "bbb")
    bench.wait(1)
    assert sleeper.send(BEAT)
    new.send(BEAT)
    assert (sleeper.farewells, new.farewells) == ([], [Code.FULL])


@proves("UC-LIMIT-5")
@pytest.mark.parametrize("limits", [{"sessions": 2}, {"sessions_per_prefix": 2}, {"devices": 1}], ids=str)
def test_who_comes_back_takes_its_own_place_however_full_it_is(limits: dict[str, Any]) -> None:
    bench = Bench(**limits)
    ada, bob = bench.guest("ada", path="aaa 1"), bench.guest("bob", path="aaa 2")
    again = bench.guest("ada", path="aaa 3")
    assert (ada.farewells, bob.farewells, again.farewells) == ([Code.REPLACED], [], [])
    away = bench.guest("cyd" if "devices" in limits else "ada", path="bbb 1")
    back = bench.guest("ada", path="aaa 4")
    assert (bob.farewells, back.farewells) == ([], [])
    assert away.farewells == ([] if "devices" in limits else [Code.REPLACED])
    stranger = Guest(bench, "ada", device=2, path="aaa 5")
    answer = bench.give(stranger.prove(), stranger.path)
    if "devices" not in limits:  # another device is another session
        assert only(Refused, answer).code == Code.FULL


@proves("UC-LIMIT-5")
def test_who_comes_back_to_a_full_prefix_takes_nobodys_place() -> None:
    bench = Bench(sessions_per_prefix=1, timeout=5)
    (sleeper,) = sleepers(bench, "aaa 1")
    ada = bench.guest("ada", path="bbb")
    again = bench.guest("ada", path="aaa 2")
    assert (ada.farewells, again.farewells, sleeper.farewells) == ([Code.REPLACED], [], [])
    assert bench.server.sessions == 2
