"""How long a chat stands still when its server is killed and started again.

    PYTHONPATH=tests python benchmarks/restart.py [--times 20] [--quick] [--json FILE] [--plot FOLDER]

A real server process (`udpchat server`) over loopback, with the same identity and port each time, and three clients.
*Talking*: everyone says something all the time, and it is over when each has read something new of each other one.
*Idle*: nobody says anything, and it is over when all three are in the room again; the next heartbeat finds out. Times
are from the start of the process, and from when it listens, since Python takes a while to begin.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import trio
from report import Progress, draw, parser, save, table

from e2e.restarts import Friends, friends, killed_server


@dataclass(frozen=True, slots=True)
class Result:
    """Of all restarts of one kind: seconds from the start of the process, and from when it listens."""

    case: str
    from_start: list[float]
    from_listening: list[float]
    said_again: int
    """Messages that were not acknowledged when the server died; all came."""


async def measure(times: int, state: Path) -> list[Result]:
    """Kill and start again, so many times."""
    bar = Progress(2 * times)
    async with killed_server(state, "127.0.0.1:0") as (_, link):
        pass
    address = f"{link.host}:{link.port}"
    async with friends(link) as they:
        async with killed_server(state, address):
            await they.chats(trio.current_time())
        found = [await _case(case, times, they, state, address, bar) for case in ("talking", "idle")]
    bar.end()
    return found


async def _case(case: str, times: int, they: Friends, state: Path, address: str, bar: Progress) -> Result:
    totals: list[float] = []
    after: list[float] = []
    again = 0
    they.talk = True
    if case == "idle":
        async with killed_server(state, address):
            await they.chats(trio.current_time())
            await they.quiet()
    for n in range(times):
        bar.step(case)
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
    return Result(case, totals, after, again)


def show(found: list[Result]) -> None:
    """The table."""
    rows: list[list[str]] = []
    for it in found:
        times = [of(some) for some in (it.from_start, it.from_listening) for of in (median, max)]
        rows.append([it.case, *(f"{each:.2f} s" for each in times), str(it.said_again)])
    print(table(("people are", "from start: median", "worst", "from listening: median", "worst", "said again"), rows))


def plot(axes: Any, found: list[Result]) -> None:
    """The share of restarts that are over after so long."""
    for axis, figure in zip(axes, ("from_start", "from_listening"), strict=True):
        for it in found:
            times = sorted(getattr(it, figure))
            axis.step(
                [0.0, *times], [index / len(times) for index in range(len(times) + 1)], where="post", label=it.case
            )
        axis.set(xlabel=f"seconds {figure.replace('_', ' ')}", ylabel="share of restarts that are over")
        axis.legend(fontsize=8)


def main() -> None:
    """Measures, prints a table, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "three times")
    options.add_argument("--times", type=int, default=20)
    given = options.parse_args()
    with TemporaryDirectory() as state:
        found = trio.run(measure, 3 if given.quick else given.times, Path(state))
    show(found)
    save(given.json, {"results": [asdict(it) for it in found]})
    draw(given.plot, "restart", 2, lambda axes: plot(axes, found))


if __name__ == "__main__":
    main()
