"""The clock of silence."""

import pytest

from proves import proves
from udpchat_core.hearing import Hearing


@proves("UC-LIVE-4")
def test_it_runs_on_while_somebody_is_heard() -> None:
    hearing = Hearing(7.5)
    begin = hearing.heard(100.0, several=True)
    for n in range(1, 20):
        assert hearing.heard(100.0 + 7.5 * n, several=True) - begin == 7.5 * n


@proves("UC-LIVE-4")
def test_it_stands_still_while_nobody_is_heard_who_might_be() -> None:
    hearing = Hearing(7.5)
    begin = hearing.heard(100.0, several=True)
    for silence, counted in ((0.0, 0.0), (7.0, 7.0), (7.5, 7.5), (7.6, 0.0), (1e6, 0.0)):
        assert hearing.at(100.0 + silence, several=True) - begin == pytest.approx(counted)
        assert hearing.at(100.0 + silence, several=False) - begin == pytest.approx(silence)
    assert hearing.heard(1e6, several=True) == begin


@proves("UC-LIVE-4")
@pytest.mark.parametrize("several", [True, False])
@pytest.mark.parametrize("wanted", [0.1, 5.0, 7.5, 15.0, 60.0])
def test_whoever_looks_when_it_says_so_is_in_time_and_looks_seldom(wanted: float, *, several: bool) -> None:
    hearing = Hearing(7.5)
    begin = hearing.heard(100.0, several=several)
    now, looks = 100.0, 0
    while looks < 20 and hearing.at(now, several) - begin < wanted - 0.001:
        then = hearing.after(wanted - (hearing.at(now, several) - begin), now, several)
        while several and now + 5 <= then:  # somebody is heard now and then
            now += 5
            hearing.heard(now, several)
        now, looks = then, looks + 1
    assert looks <= 2 + wanted / 7.5
