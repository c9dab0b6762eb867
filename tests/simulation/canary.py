"""A bug that is known, to see that the simulator finds what it is there for: a store that forgets who said what.

A message that is said again, after an ACK that was lost with its session, is stored a second time. The bug is a
switch of the simulated disk; nothing of the product is touched.
"""

from __future__ import annotations

from dataclasses import replace

from simulation.schedule import Schedule, draw
from simulation.shrink import shrink
from simulation.world import Failure, run


def with_canary(seed: int) -> Schedule:
    """The schedule of a seed, on a disk with the bug."""
    schedule = draw(seed)
    return replace(schedule, store={**schedule.store, "forgetful": True})


def hunt(first: int, seeds: int) -> dict[int, Failure]:
    """The seeds that find it, and how it shows; those that have the least in them first."""
    found = {seed: run(with_canary(seed)).failure for seed in range(first, first + seeds)}
    failed = {seed: failure for seed, failure in found.items() if failure is not None}
    return {seed: failed[seed] for seed in sorted(failed, key=lambda seed: with_canary(seed).events)}


def shrunk(seed: int, failure: Failure, seconds: float) -> Schedule:
    """What is left of the schedule that found it."""
    return shrink(with_canary(seed), failure, seconds)
