"""When a heartbeat is due."""

from math import inf

import pytest

from proves import proves
from udpchat_core.pulse import Pulse
from udpchat_protocol.constants import BEAT_REPEAT


def sent(pulse: Pulse, number: int, now: float, *, beat: bool, deaf: bool = False, **others: float) -> float:
    """A packet leaves at `now`; how much later a heartbeat is due."""
    given = {"gap": 5.0, "pto": 0.1, "timeout": 15.0, **others}
    pulse.sent(number, now, beat=beat, deaf=deaf, **given)
    return pulse.due - now


@proves("UC-LIVE-1")
def test_whatever_is_sent_puts_the_next_one_off() -> None:
    pulse = Pulse(5.0)
    assert pulse.due == 5.0
    assert sent(pulse, 0, 3.0, beat=False) == 5.0
    assert sent(pulse, 1, 7.0, beat=False) == 5.0
    assert pulse.unseen is None


@proves("UC-LIVE-1")
@pytest.mark.parametrize(
    ("pto", "timeout", "gap", "again"),
    [
        (0.1, 15.0, 5.0, BEAT_REPEAT),
        (0.5, 15.0, 5.0, 0.5),
        (0.7, 15.0, 5.0, 0.7),
        (3.0, 15.0, 5.0, 15 / 16),
        (0.1, 8.0, 5.0, 0.5),
        (0.1, 0.32, 5.0, 0.02),
        (3.0, 300.0, 0.1, 0.1),
    ],
)
def test_one_that_is_not_seen_is_repeated(pto: float, timeout: float, gap: float, again: float) -> None:
    pulse = Pulse(5.0)
    for n in range(5):
        assert sent(pulse, n, 10.0 + n, beat=n in (0, 2), pto=pto, timeout=timeout, gap=gap) == pytest.approx(again)
    assert pulse.unseen == 0
    assert sent(pulse, 9, 100.0, beat=True, deaf=True, pto=pto, timeout=timeout, gap=gap) == pytest.approx(gap)


@proves("UC-LIVE-1")
def test_the_oldest_one_that_was_not_seen_is_what_counts() -> None:
    pulse = Pulse(5.0)
    sent(pulse, 7, 10.0, beat=True)
    sent(pulse, 8, 10.5, beat=True)
    pulse.seen(6, 10.5, 5.0)
    assert (pulse.unseen, pulse.due) == (7, 11.0)
    pulse.seen(7, 10.5, 5.0)
    assert (pulse.unseen, pulse.due) == (None, 15.5)


def test_a_side_without_a_pulse_gets_one_when_it_is_told_to() -> None:
    pulse = Pulse(inf)
    assert (pulse.on, pulse.due) == (False, inf)
    pulse.now(2.0)
    assert (pulse.on, pulse.due) == (True, 2.0)
