"""A short piece of what `make presence` runs for hours."""

from proves import proves
from simulation.presence import idle


@proves("UC-PRES-1", "UC-PRES-2", "UC-LIVE-3")
def test_nobody_who_sits_on_a_bad_network_is_ever_shown_as_unreachable() -> None:
    it = idle(seed=1, hours=1 / 3)
    assert (it.silences, it.wrong) == (0, 0)
