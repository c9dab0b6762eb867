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
def test_it_says_whether_it_runs() -> None:
    hearing = Hearing(7.5)
    hearing.heard(100.0, several=True)
    assert [hearing.runs(100.0 + n, several=True) for n in (0, 7.5, 7.6, 1e6)] == [True, True, False, False]
    assert hearing.runs(1e6, several=False)
    hearing.heard(200.0, several=True)
    assert hearing.runs(205.0, several=True)
