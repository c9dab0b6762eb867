"""A few of the seeds that `make simulate` runs by the thousand, and that the simulator finds what it is there for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proves import proves
from simulation.canary import hunt, shrunk
from simulation.diagram import drawn
from simulation.oracles import ORACLES
from simulation.schedule import Host, Schedule, do, draw, source
from simulation.shrink import as_test
from simulation.world import Result, run
from spec import read_spec

SEEDS = 60
MANY = 25
"""Events below which a shrunk canary has to come."""

SMALL = Schedule(
    seed=1,
    hosts=(Host("ada", "ada"), Host("bob", "bob")),
    deeds=(do(2.0, "talk", "ada", room="lobby", count=2, size=0), do(2.5, "blackout", "bob", seconds=2.0)),
    calm=4.0,
    core=("ada", "bob"),
    weather={"loss": 0.2, "delay": (0.05, 0.05)},
)


@proves(*sorted({requirement for ids in ORACLES.values() for requirement in ids}))
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_seed_breaks_no_oracle_and_is_the_same_again(seed: int) -> None:
    first, again = run(draw(seed)), run(draw(seed))
    assert first.failure is None
    assert first.trace == again.trace
    assert (first.datagrams, first.rare) == (again.datagrams, again.rare)


def test_a_seed_gives_the_same_trace_in_a_process_with_another_hash_seed() -> None:
    program = "import sys; from simulation.world import run; from simulation.schedule import draw\n"
    program += "print(*[run(draw(seed)).trace for seed in range(3)])"
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert seen.pop().split() == [run(draw(seed)).trace for seed in range(3)]


def test_another_network_seed_gives_another_trace() -> None:
    assert run(draw(0)).trace != run(draw(1)).trace


def test_the_canary_is_found_and_shrunk() -> None:
    found = hunt(0, 20)
    assert found
    seed, failure = next(iter(found.items()))
    assert failure.oracle == "nothing twice"
    small = shrunk(seed, failure, 15.0)
    assert small.events < MANY
    result, diagram = drawn(small)
    assert result.failure is not None
    assert result.failure.oracle == "nothing twice"
    test = as_test(small, result.failure, diagram)
    compile(test, "canary", "exec")
    assert "UC-ROOM-7" in test


def test_a_schedule_is_python() -> None:
    for seed in range(20):
        assert eval(source(draw(seed)), {"Schedule": Schedule, "Host": Host, "do": do}) == draw(seed)


def test_a_diagram_tells_who_sent_what_and_what_was_lost() -> None:
    result, diagram = drawn(SMALL)
    assert result.failure is None
    assert "ada-0 -> server" in diagram
    assert "Say 'lobby'" in diagram
    assert "LOST" in diagram
    assert "== " in diagram


def test_watching_a_run_changes_nothing() -> None:
    watched: Result = drawn(SMALL)[0]
    assert watched.trace == run(SMALL).trace


def test_oracles_name_requirements_that_there_are() -> None:
    known = {requirement.id for requirement in read_spec(Path(__file__).parents[2] / "SPEC.md")}
    assert {requirement for ids in ORACLES.values() for requirement in ids} <= known
