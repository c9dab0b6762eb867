"""Shares of a second: SPEC.md 14.2."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.limiter import FairShare

RATE = 500


def flood(share: FairShare, names: list[bytes], now: float, random: Random | None = None) -> dict[bytes, int]:
    """Each name takes what it gets: one after the other or, with `random`, in any order."""
    granted = dict.fromkeys(names, 0)
    tries: Iterator[bytes] = (name for name in names for _ in range(2 * RATE))
    if random is not None:
        tries = iter(random.choices(names, k=2 * RATE * len(names)))
    for name in tries:
        granted[name] += share.take(name, now)
    return granted


@proves("UC-LIMIT-2")
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("floods", range(1, 9))
def test_who_took_nothing_is_granted_while_others_flood(floods: int, mixed: bool) -> None:
    share = FairShare(RATE)
    names = [b"flood %d" % n for n in range(floods)]
    for second in range(3):
        granted = flood(share, names, 1000.0 + second, Random(floods) if mixed else None)
        assert max(granted.values()) <= RATE // 3 + 1
        others = [b"honest %d" % n for n in range(12)]
        assert all(share.take(name, 1000.5 + second) for name in others)
        assert sum(granted.values()) + len(others) <= RATE
        assert not any(share.take(name, 1000.9 + second) for name in names)
        assert len(share) == floods + len(others)


@proves("UC-LIMIT-2")
def test_one_that_floods_gets_a_third_and_a_second_one_a_third_of_the_rest() -> None:
    share = FairShare(900)
    granted = flood(share, [b"a", b"b", b"c"], 0.0)
    assert list(granted.values()) == [301, 200, 134]


@proves("UC-LIMIT-2")
def test_a_second_later_everything_is_there_again_and_nothing_is_remembered() -> None:
    share = FairShare(6)
    assert [share.take(b"a", 10.0) for _ in range(4)] == [True, True, True, False]
    assert not share.take(b"a", 10.999)
    assert [share.take(b"a", 11.0) for _ in range(4)] == [True, True, True, False]
    assert share.take(b"b", 11.5)
    assert share.take(b"b", 99.0)
    assert len(share) == 1


@proves("UC-LIMIT-2")
@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 0.3)), max_size=200),
)
def test_every_grant_follows_the_rule(rate: int, calls: list[tuple[int, float]]) -> None:
    share = FairShare(rate)
    now, until, taken = 0.0, 0.0, dict[int, int]()
    for name, pause in calls:
        now += pause
        if now >= until:
            until, taken = now + 1.0, {}
        left = rate - sum(taken.values())
        may = left > 0 and 2 * taken.get(name, 0) <= left
        assert share.take(bytes((name,)), now) is may
        taken[name] = taken.get(name, 0) + may
        assert len(share) == sum(map(bool, taken.values())) <= rate
