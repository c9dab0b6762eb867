"""Runs many seeds, each twice, and says what was found; or one seed, with its diagram.

    python -m simulation.sweep [--first 0] [--seeds 1000] [--jobs N]     # what `make simulate SEEDS=1000` does
    python -m simulation.sweep --seed 7                                  # what `make simulate SEED=7` does

The two runs of a seed are made in processes with different hash seeds, and must give the same trace. A seed that fails
is shrunk, and written as a test into tests/simulation/corpus. The exit status says what was found, the worst of it:
0 nothing, 1 something unsafe, 2 something that does not converge, 3 something raised, 4 a run that was not the same
again, 5 a rare event that a large sweep never saw. A seed that runs for five minutes ends the sweep with a traceback.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from simulation.diagram import drawn
from simulation.rare import ENOUGH, RARE
from simulation.schedule import draw, source
from simulation.shrink import as_test, shrink
from simulation.world import Failure, Result, run

CORPUS = Path(__file__).parent / "corpus"
STATUS = {"safety": 1, "liveness": 2, "crash": 3, "chance": 4}
NEVER = 5
SLOWEST = 5
WATCHDOG = 300


def once(seed: int) -> Result:
    """One run of a seed."""
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    try:
        return run(draw(seed))
    finally:
        faulthandler.cancel_dump_traceback_later()


def reduced(seed: int, failure: Failure, seconds: float) -> tuple[str, int]:
    """A test file for a seed that fails, and how many hosts and deeds it has."""
    faulthandler.dump_traceback_later(WATCHDOG + seconds, exit=True)
    schedule = shrink(draw(seed), failure, seconds)
    result, diagram = drawn(schedule)
    faulthandler.cancel_dump_traceback_later()
    return as_test(schedule, result.failure or failure, diagram), schedule.events


@dataclass
class Found:
    """What a sweep found so far."""

    seeds: int = 0
    seconds: float = 0.0
    """Simulated, each seed once."""
    wall: float = 0.0
    """Of one core, both runs."""
    datagrams: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    rare: Counter[str] = field(default_factory=Counter[str])
    """Seeds that saw each rare event."""
    failures: dict[int, Failure] = field(default_factory=dict[int, Failure])
    slowest: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def add(self, seed: int, one: Result, other: Result) -> Failure | None:
        """Both runs of a seed; what was wrong."""
        self.seeds += 1
        self.seconds += one.seconds
        self.wall += one.wall + other.wall
        self.datagrams += one.datagrams
        self.faults += one.faults
        self.rare += Counter(one.rare.keys())
        self.slowest = sorted([*self.slowest, (max(one.wall, other.wall), seed)], reverse=True)[:SLOWEST]
        failure = one.failure
        if (one.trace, one.failure) != (other.trace, other.failure):
            failure = Failure("the same again", f"{one.trace} {one.failure}, then {other.trace} {other.failure}", 0.0)
        if failure is not None:
            self.failures[seed] = failure
        return failure

    @property
    def never(self) -> list[str]:
        """Rare events that a sweep of this size must have seen, and did not."""
        return [] if self.seeds < ENOUGH else [what for what in RARE if not self.rare[what]]

    @property
    def status(self) -> int:
        """For the shell."""
        kinds = {failure.kind for failure in self.failures.values()}
        return next((STATUS[kind] for kind in ("crash", "safety", "chance", "liveness") if kind in kinds), 0) or (
            NEVER if self.never else 0
        )

    def summary(self) -> Iterator[str]:
        """In lines."""
        hours = self.seconds / 3600
        yield f"{self.seeds} seeds, each run twice: {hours:.1f} simulated hours, {self.datagrams} datagrams"
        yield f"{2 * self.seconds / max(self.wall, 1e-9):.0f} simulated seconds a second of one core, both runs counted"
        yield "faults and work: " + ", ".join(f"{what} {count}" for what, count in self.faults.most_common())
        yield "rare events, by the seeds that saw them:"
        for what in RARE:
            yield f"  {self.rare[what]:6}  {what}"
        others = {what: count for what, count in self.rare.items() if what not in RARE}
        yield "  also: " + ", ".join(f"{what} {count}" for what, count in sorted(others.items()))
        yield "slowest: " + ", ".join(f"seed {seed} {wall:.1f} s" for wall, seed in self.slowest)
        kinds = Counter(failure.oracle for failure in self.failures.values())
        yield f"failures: {sum(kinds.values())}" + "".join(f", {oracle}: {count}" for oracle, count in kinds.items())
        if self.never:
            yield f"never seen: {', '.join(self.never)}"


def executors(count: int) -> list[ProcessPoolExecutor]:
    """Processes with hash seeds of their own."""
    made: list[ProcessPoolExecutor] = []
    before = os.environ.get("PYTHONHASHSEED")
    for n in range(count):
        os.environ["PYTHONHASHSEED"] = str(n + 1)
        executor = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        executor.submit(os.getpid).result()
        made.append(executor)
    os.environ.pop("PYTHONHASHSEED")
    if before is not None:
        os.environ["PYTHONHASHSEED"] = before
    return made


def sweep(first: int, seeds: int, jobs: int, patience: float, into: Path) -> Found:
    """All of it."""
    found, begin, shows = Found(), monotonic(), sys.stderr.isatty()
    pool = executors(max(jobs, 2))
    left = [(seed, turn) for seed in range(first, first + seeds) for turn in (0, 1)][::-1]
    idle = list(range(len(pool)))
    running: dict[Future[Result], tuple[int, int]] = {}
    results: dict[int, tuple[int, Result]] = {}
    waiting: list[int] = []
    """Seeds whose second run wants another process than the first."""
    while left or running or waiting:
        while idle and len(running) < jobs and (left or waiting):
            at = idle.pop(0)
            seed = next((seed for seed in waiting if results[seed][0] != at), None)
            if seed is not None:
                waiting.remove(seed)
            elif left:
                seed, _ = left.pop()
                left.pop()
            else:
                idle.append(at)
                if not running and len(idle) == len(pool):
                    continue
                break
            running[pool[at].submit(once, seed)] = seed, at
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            seed, at = running.pop(future)
            idle.append(at)
            if seed not in results:
                results[seed] = at, future.result()
                waiting.append(seed)
                continue
            failure = found.add(seed, results.pop(seed)[1], future.result())
            if failure is not None:
                _tell(seed, failure, pool[at], patience, into)
            _progress(found, seeds, monotonic() - begin, shows=shows)
    for executor in pool:
        executor.shutdown()
    return found


def _tell(seed: int, failure: Failure, executor: ProcessPoolExecutor, patience: float, into: Path) -> None:
    print(f"\rseed {seed}, {failure.at:.1f} s, {failure.oracle}: {failure.text[:600]}", flush=True)
    if patience > 0 and failure.kind != "chance":
        text, events = executor.submit(reduced, seed, failure, patience).result()
        into.mkdir(parents=True, exist_ok=True)
        path = into / f"test_seed_{seed}.py"
        path.write_text(text)
        print(f"  {events} hosts and deeds are left of it: {path}", flush=True)


def _progress(found: Found, seeds: int, took: float, *, shows: bool) -> None:
    if shows or found.seeds % 200 == 0 or found.seeds == seeds:
        done = 30 * found.seeds // seeds
        bar = "#" * done + "." * (30 - done)
        hours, failed = found.seconds / 3600, len(found.failures)
        line = f"[{bar}] {found.seeds} of {seeds} seeds, {hours:.0f} h, {failed} failed, {took:.0f} s"
        print(f"\r{line}", end="" if shows and found.seeds < seeds else "\n", file=sys.stderr, flush=True)


def replay(seed: int) -> int:
    """One seed, with its schedule and its diagram."""
    print(source(draw(seed)))
    result, diagram = drawn(draw(seed))
    again = run(draw(seed))
    print(diagram)
    print(f"trace {result.trace}, again {again.trace}; {result.seconds:.1f} s, {result.datagrams} datagrams")
    if result.failure is None:
        return 0 if result.trace == again.trace else STATUS["chance"]
    print(f"{result.failure.at:.3f} {result.failure.oracle}: {result.failure.text}")
    return STATUS[result.failure.kind]


def main() -> int:
    parser = argparse.ArgumentParser(description="simulate a bad network, deterministically")
    parser.add_argument("--seed", type=int, help="run this one, and draw it")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--shrink", type=float, default=60.0, help="seconds to shrink a failure for; 0: do not")
    parser.add_argument("--into", type=Path, default=CORPUS, help="where tests of failures are written")
    args = parser.parse_args()
    if args.seed is not None:
        return replay(args.seed)
    found = sweep(args.first, args.seeds, args.jobs, args.shrink, args.into)
    print("\n".join(found.summary()))
    return found.status


if __name__ == "__main__":
    sys.exit(main())
