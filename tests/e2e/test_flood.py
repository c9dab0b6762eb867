"""A real server under a flood of HELLOs, for three seconds: people chat on, and newcomers come in."""

import sys
from pathlib import Path

import pytest

from e2e.floods import Flood, stage
from proves import proves

PATIENCE = 2.0
GROWTH = 16.0


@pytest.mark.skipif(sys.platform != "linux", reason="the flood needs sendmmsg, and memory is read from /proc")
@proves("UC-GATE-1", "UC-GATE-4")
@pytest.mark.parametrize("cookies", [False, True], ids=["no cookies", "first messages"])
async def test_a_flood_of_hellos_keeps_nobody_out(tmp_path: Path, cookies: bool):
    async with stage(tmp_path) as it:
        found = await it.withstand(Flood(sources=1000, cookies=cookies, rate=4000, seconds=3))
    assert found.rate > 2000, "the flood was none"
    assert found.growth < GROWTH, found
    assert found.newcomers > 0, found
    assert found.newcomer < PATIENCE, found
    assert found.flood_p99 < PATIENCE, found
