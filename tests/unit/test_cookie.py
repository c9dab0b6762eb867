"""Cookies: what checks, for how long, and what never does (SPEC.md 5.4, UC-GATE-2)."""

import hmac
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.cookie import CookieJar

LIFE = 120.0
TOKEN, PATH = 0x0102030405060708, b"198.51.100.7 4242"

milliseconds = st.integers(0, 10**15)


class Counting:
    """Entropy that differs each time, and remembers what it gave."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.given: list[bytes] = []

    def __call__(self, count: int) -> bytes:
        self.given.append(sha256(b"%d %d" % (self.seed, len(self.given))).digest()[:count])
        return self.given[-1]


def jar(seed: int = 0) -> CookieJar:
    return CookieJar(Counting(seed))


@proves("UC-GATE-2")
def test_a_cookie_checks_until_its_life_is_over():
    ours = jar()
    cookie = ours.bake(TOKEN, PATH, 1000.0)
    for now in (1000.0, 1000.5, 1119.999, 1120.0):
        assert ours.check(cookie, TOKEN, PATH, now)
    for now in (1120.001, 1121.0, 1240.0, 1e9):
        assert not ours.check(cookie, TOKEN, PATH, now)


@proves("UC-GATE-2")
def test_a_cookie_is_bound_to_token_path_and_server():
    ours = jar()
    cookie = ours.bake(TOKEN, PATH, 5.0)
    assert not ours.check(cookie, TOKEN + 1, PATH, 5.0)
    assert not ours.check(cookie, TOKEN, PATH + b"1", 5.0)
    assert not ours.check(cookie, TOKEN, b"", 5.0)
    another = jar(seed=1)
    another.bake(TOKEN, PATH, 5.0)
    assert not another.check(cookie, TOKEN, PATH, 5.0)


def test_a_server_that_began_anew_knows_no_cookie_of_before():
    assert not jar(seed=1).check(jar().bake(TOKEN, PATH, 5.0), TOKEN, PATH, 6.0)


@proves("UC-GATE-2")
@pytest.mark.parametrize("secret", [b"", bytes(32)], ids=["empty", "zeros"])
def test_no_secret_is_known_before_the_first_cookie(secret: bytes):
    bound = (150_000).to_bytes(8, "big") + TOKEN.to_bytes(8, "big") + PATH
    forged = bound[:8] + hmac.digest(secret, bound, "sha256")[:24]
    assert not jar().check(forged, TOKEN, PATH, 200.0)


def test_every_changed_bit_is_refused():
    ours = jar()
    cookie = ours.bake(TOKEN, PATH, 130.0)
    for bit in range(len(cookie) * 8):
        forged = bytearray(cookie)
        forged[bit // 8] ^= 1 << bit % 8
        assert not ours.check(bytes(forged), TOKEN, PATH, 130.0)
    assert ours.check(cookie, TOKEN, PATH, 130.0)


@pytest.mark.parametrize("change", [lambda cookie: b"", lambda cookie: cookie[:-1], lambda cookie: cookie + b"\0"])
def test_a_cookie_of_another_length_is_refused(change: Callable[[bytes], bytes]):
    ours = jar()
    assert not ours.check(change(ours.bake(TOKEN, PATH, 0.0)), TOKEN, PATH, 0.0)


def test_a_cookie_from_the_future_is_refused():
    ours = jar()
    cookie = ours.bake(TOKEN, PATH, 50.0)
    assert not ours.check(cookie, TOKEN, PATH, 49.999)
    assert ours.check(cookie, TOKEN, PATH, 50.0)


def test_a_cookie_is_what_the_specification_suggests():
    entropy = Counting()
    cookie = CookieJar(entropy).bake(TOKEN, PATH, 61.5)
    issued = (61_500).to_bytes(8, "big")
    mac = hmac.digest(entropy.given[-1], issued + TOKEN.to_bytes(8, "big") + PATH, "sha256")
    assert cookie == issued + mac[:24]


@proves("UC-GATE-2")
def test_the_secret_is_replaced_and_the_last_one_kept_as_long_again():
    entropy = Counting()
    ours = CookieJar(entropy)
    first = ours.bake(TOKEN, PATH, 0.0)
    before = len(entropy.given)
    late = ours.bake(TOKEN, PATH, 119.999)
    assert len(entropy.given) == before
    assert first != late
    assert ours.check(late, TOKEN, PATH, 120.0)
    assert len(entropy.given) == before + 1
    assert ours.check(first, TOKEN, PATH, 120.0)
    assert ours.check(late, TOKEN, PATH, 239.999)
    assert not ours.check(late, TOKEN, PATH, 240.0)


@proves("UC-GATE-2")
def test_no_secret_makes_cookies_for_longer_than_a_life():
    entropy = Counting()
    ours = CookieJar(entropy)
    used: dict[bytes, list[float]] = {}
    for now in (0.0, 60.0, 119.0, 120.0, 121.0, 500.0, 500.0, 619.9, 620.0, 1e6):
        cookie = ours.bake(TOKEN, PATH, now)
        bound = cookie[:8] + TOKEN.to_bytes(8, "big") + PATH
        (secret,) = [one for one in entropy.given if hmac.digest(one, bound, "sha256")[:24] == cookie[8:]]
        used.setdefault(secret, []).append(now)
    assert list(used.values()) == [[0.0, 60.0, 119.0], [120.0, 121.0], [500.0, 500.0, 619.9], [620.0], [1e6]]


def test_an_idle_server_draws_no_secrets_however_far_the_clock_jumps():
    entropy = Counting()
    ours = CookieJar(entropy)
    ours.bake(TOKEN, PATH, 0.0)
    before = len(entropy.given)
    cookie = ours.bake(TOKEN, PATH, 1e12)
    assert len(entropy.given) == before + 1
    assert ours.check(cookie, TOKEN, PATH, 1e12)


def test_a_cookie_tells_when_it_expires():
    ours = jar()
    cookie = ours.bake(TOKEN, PATH, 7.25)
    assert ours.expires(cookie) == 7.25 + LIFE
    assert ours.check(cookie, TOKEN, PATH, ours.expires(cookie))
    assert not ours.check(cookie, TOKEN, PATH, ours.expires(cookie) + 0.001)


def test_a_life_can_be_shorter():
    ours = CookieJar(Counting(), life=10.0)
    cookie = ours.bake(TOKEN, PATH, 3.0)
    assert ours.check(cookie, TOKEN, PATH, 13.0)
    assert not ours.check(cookie, TOKEN, PATH, 13.001)


@proves("UC-GATE-2")
@given(
    start=milliseconds,
    steps=st.lists(st.integers(0, 400_000), min_size=1, max_size=12),
    life=st.integers(10_000, 120_000),
)
def test_a_cookie_checks_exactly_as_long_as_it_lives(start: int, steps: list[int], life: int):
    """Whatever else is asked of the jar, and whenever."""
    ours = CookieJar(Counting(), life=life / 1000)
    baked: list[tuple[int, bytes]] = []
    clock = start
    for step in steps:
        clock += step
        now = (clock + 0.5) / 1000  # in the middle of a millisecond, where no rounding matters
        for issued, cookie in baked:
            assert ours.check(cookie, TOKEN, PATH, now) is (clock - issued <= life)
        baked.append((clock, ours.bake(TOKEN, PATH, now)))
        assert ours.check(baked[-1][1], TOKEN, PATH, now)


@given(cookie=st.binary(min_size=32, max_size=32), now=st.floats(0, 1e12))
def test_noise_is_no_cookie(cookie: bytes, now: float):
    assert not jar().check(cookie, TOKEN, PATH, now)
