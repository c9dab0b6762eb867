"""Who roams loses nothing and shakes no hands; who races packets wins nothing (SPEC.md 12)."""

import pytest

from simulation.roaming import race, walk

PATIENCE = {0.0: 1.0, 0.1: 12.0}
"""Round trips of silence that a change of network may cost, by loss."""


@pytest.mark.parametrize("loss", [0.0, 0.1])
@pytest.mark.parametrize("silent", [False, True], ids=["told", "a NAT that rebinds"])
def test_who_changes_paths_ten_times_while_they_talk_loses_nothing(silent: bool, loss: float) -> None:
    it = walk(1, silent=silent, loss=loss)
    assert (it.missing, it.hellos, it.sessions) == (0, 0, 0)
    assert it.heard <= PATIENCE[loss], f"{it.heard:.1f} round trips of silence"
    assert it.spoke <= PATIENCE[loss], f"{it.spoke:.1f} round trips of silence"


@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_a_session_is_not_stolen_by_copies_that_come_first(loss: float) -> None:
    it = race(1, loss=loss)
    assert it.victim.injected > 0
    assert it.victim.octets <= it.victim.injected  # and thrice as much in any case (UC-PATH-3)
    assert (it.missing, it.sessions) == (0, 0)
