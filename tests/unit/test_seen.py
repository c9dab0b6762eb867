"""What SEEN lists, and when it is due (SPEC.md 8)."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.seen import SeenList
from udpchat_protocol.frames import Seen, split_untrusted


def told(seen: SeenList, now: float = 0.0) -> Seen:
    ((_, body),) = split_untrusted(seen.frame(now))
    return Seen.parse_untrusted(body)


def numbers(frame: Seen) -> set[int]:
    return {frame.largest} | {frame.largest - 1 - i for i in range(64) if frame.bitmap >> i & 1}


@proves("UC-LOG-4")
@given(st.lists(st.integers(0, 300), min_size=1, unique=True))
def test_it_lists_what_was_noted_among_the_newest_65(noted: list[int]) -> None:
    seen = SeenList(2, 0.025)
    representable: set[int] = set()
    for number in noted:
        seen.note(number, 60, 0.0)
        representable = {n for n in representable | {number} if n >= max(representable | {number}) - 64}
        assert numbers(told(seen)) == representable


@proves("UC-LOG-4")
@pytest.mark.parametrize("gap", [1, 2, 63, 64, 65, 66, 1000])
def test_a_jump_keeps_what_still_fits(gap: int) -> None:
    seen = SeenList(2, 0.025)
    seen.note(0, 60, 0.0)
    seen.note(gap, 60, 0.0)
    assert numbers(told(seen)) == ({0, gap} if gap <= 64 else {gap})


@proves("UC-LOG-5")
def test_it_is_due_at_the_nth_packet_or_after_the_delay_of_the_first() -> None:
    seen = SeenList(3, 0.5)
    assert seen.due == inf
    seen.note(0, 60, 1.0)
    assert seen.due == 1.5
    seen.note(1, 60, 1.2)
    assert seen.due == 1.5
    seen.note(2, 60, 1.3)
    assert seen.due == 1.3
    seen.sent()
    assert seen.due == inf
    assert not seen.waiting
    seen.note(3, 60, 2.0)
    assert seen.due == 2.5


@proves("UC-LOG-5")
def test_it_is_due_at_once_when_large_packets_fill_what_a_window_is_at_first() -> None:
    seen = SeenList(16, 0.5)
    for number in range(4):
        seen.note(number, 1200, 1.0)
    seen.note(4, 1199, 1.0)
    assert seen.due == 1.5
    seen.note(5, 1, 1.0)
    assert seen.due == 1.0
    seen.sent()
    seen.note(6, 1200, 2.0)
    assert seen.due == 2.5


@proves("UC-LOG-5")
def test_who_was_sent_much_without_a_gap_may_be_sent_more_before_it_is_due() -> None:
    seen, number = SeenList(40, 0.5), 0

    def until_due() -> int:
        nonlocal number
        count = 0
        while seen.due != 1.0:
            seen.note(number, 1200, 1.0)
            number, count = number + 1, count + 1
        seen.sent()
        return count

    assert [until_due() for _ in range(5)] == [5, 10, 20, 32, 32]
    seen.note(number, 1200, 1.0)
    number += 1
    seen.sent()  # with less than before, after the delay
    assert until_due() == 32
    number += 1
    seen.note(number, 1200, 1.0, missed=True)
    assert seen.due == 1.0
    seen.sent()
    number += 1
    assert [until_due() for _ in range(32)] == [*range(2, 33), 32]


@proves("UC-LOG-5")
def test_delay_counts_from_the_largest_and_is_capped() -> None:
    seen = SeenList(3, 0.5)
    seen.note(5, 60, 1.0)
    seen.note(4, 60, 1.25)
    assert told(seen, 1.5).delay == 500
    assert told(seen, 1000.0).delay == 65_535
    assert told(seen, 0.5).delay == 0
