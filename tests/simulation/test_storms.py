"""A few of the seeds that `make sweep` runs by the thousand."""

import pytest

from proves import proves
from simulation.storms import crowd, storm


@proves("UC-LOG-2", "UC-REPAIR-2", "UC-ROOM-7")
@pytest.mark.parametrize("seed", range(20))
def test_three_people_who_talk_through_heavy_loss_all_read_the_same(seed: int) -> None:
    crowd(seed)


@proves("UC-LOG-2", "UC-SESS-3", "UC-ROOM-7", "UC-PRES-1")
@pytest.mark.parametrize("seed", range(10))
def test_after_a_random_day_everyone_has_everything_once(seed: int) -> None:
    storm(seed)
