"""How long a chat stands still when its server is killed and started again.

    PYTHONPATH=tests python benchmarks/restart.py [--times 20] [--quick] [--json FILE]

A real server process (`udpchat server`) over loopback, with the same identity and port each time, and three clients.
*Talking*: everyone says something all the time, and it is over when each has read something new of each other one.
*Idle*: nobody says anything, and it is over when all three are in the room again; the next heartbeat finds out. Times
are from the start of the process, and from when it listens, since Python takes a while to begin.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import trio

from e2e.restarts import Friends, friends, killed_server


@dataclass(frozen=True, slots=True)
class Result:
    """Of all restarts of one kind: seconds from the start of the process, and from when it listens."""

    case: str
    times: int
    median: float
    worst: float
    median_listening: float
    worst_listening: float
    said_again: int
    """Messages that were not acknowledged when the server died; all came."""


async def measure(times: int, state: Path) -> list[Result]:
    """Kill and start again, so many times."""
    async with killed_server(state, "127.0.0.1:0") as (_, link):
        pass
    address = f"{link.host}:{link.port}"
    async with friends(link) as they:
        async with killed_server(state, address):
            await they.chats(trio.current_time())
        found = [await _case("talking", times, they, state, address)]
        found.append(await _case("idle", times, they, state, address))
    return found


async def _case(case: str, times: int, they: Friends, state: Path, address: str) -> Result:
    totals: list[float] = []
    after: list[float] = []
    again = 0
    they.talk = True
    if case == "idle":
        async with killed_server(state, address):
            await they.chats(trio.current_time())
            await they.quiet()
    for n in range(times):
        pending = [text for one in they.all for text in one.pending()]
        begin = trio.current_time()
        async with killed_server(state, address):
            listens = trio.current_time()
            done = await (they.chats(begin) if case == "talking" else they.back(begin))
            await they.heard(pending)
            await trio.sleep(0.5 + 0.37 * n % 1)  # so that it dies at any point of whatever goes on
        totals.append(done - begin)
        after.append(done - listens)
        again += len(pending)
        print(f"{case} {n + 1}: {done - begin:.2f} s", file=sys.stderr, flush=True)
    return Result(case, times, median(totals), max(totals), median(after), max(after), again)


def main() -> None:
    """Measures, prints a table, and writes JSON if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="three times")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with TemporaryDirectory() as state:
        found = trio.run(measure, 3 if options.quick else options.times, Path(state))
    print("| people are | from start: median | worst | from listening: median | worst | said again |")
    print("|---|--:|--:|--:|--:|--:|")
    for it in found:
        times = (it.median, it.worst, it.median_listening, it.worst_listening)
        print(f"| {it.case} | " + " | ".join(f"{each:.2f} s" for each in times) + f" | {it.said_again} |")
    if options.json:
        document = {"python": sys.version, "results": [asdict(it) for it in found]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
