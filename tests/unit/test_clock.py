"""A host's clock: when it shows a time is the first time at which it does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import Clock


def test_a_clock_that_was_not_set_shows_the_networks_time() -> None:
    assert Clock().local(12.3) == 12.3
    assert Clock().at(12.3) == 12.3


@given(
    offset=st.floats(-1e6, 1e6),
    rate=st.floats(0.9, 1.1),
    when=st.floats(0, 1e6),
)
def test_it_is_never_called_too_early(offset: float, rate: float, when: float) -> None:
    clock = Clock(offset, rate)
    t = clock.at(when)
    assert clock.local(t) >= when
    assert clock.local(t) == pytest.approx(when, abs=1e-6)
