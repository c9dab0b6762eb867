"""Runs many seeds of both simulations; a seed that fails is the bug report.

    python -m simulation.sweep [--first 0] [--seeds 1000] [--jobs N] [--only crowd|storm]

Exits with 1 if a seed failed. A seed that runs for two minutes ends the sweep with a traceback.
"""

import argparse
import faulthandler
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from time import monotonic

from simulation.storms import crowd, storm

SIMULATIONS = {"crowd": crowd, "storm": storm}


def run(name: str, seed: int) -> str | None:
    """What was wrong with one seed; None if nothing was."""
    faulthandler.dump_traceback_later(120, exit=True)
    try:
        SIMULATIONS[name](seed)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this seed's
        return f"{type(error).__name__}: {error}"
    finally:
        faulthandler.cancel_dump_traceback_later()
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="run many seeds of the simulated network")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--only", choices=sorted(SIMULATIONS), help="one simulation instead of both")
    args = parser.parse_args()
    names = [args.only] if args.only else sorted(SIMULATIONS)
    begin, failed, shows = monotonic(), 0, sys.stderr.isatty()
    with ProcessPoolExecutor(args.jobs) as pool:
        seeds = range(args.first, args.first + args.seeds)
        runs = {pool.submit(run, name, seed): (name, seed) for seed in seeds for name in names}
        for done, future in enumerate(as_completed(runs), 1):
            wrong = future.result()
            if wrong is not None:
                failed += 1
                name, seed = runs[future]
                print(f"\r{name}({seed}) failed: {wrong}", flush=True)
            if shows or done % 200 == 0 or done == len(runs):
                took = monotonic() - begin
                line = f"{done} of {len(runs)} runs, {failed} failed, {took:.0f} s"
                print(f"\r{line}", end="" if shows else "\n", file=sys.stderr, flush=True)
    if shows:
        print(file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
