"""What a flood of HELLOs does to people who chat, and to newcomers.

    PYTHONPATH=tests python benchmarks/flood.py [--quick] [--rate 20000] [--seconds 20] [--json FILE]
                                              [--plot FOLDER]

A real server process (`udpchat server`) over loopback. The flood comes from one port or a thousand, in another /24
than the people, without cookies or with cookies and real first messages. Delivery is from one member to another, 20
messages a second. The goals: a newcomer is in within 2 s, p99 is at most twice the quiet one, memory grows by less than
16 MiB. Linux only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trio
from report import Goal, Progress, draw, goals, parser, save, table

from e2e.floods import RATE, Flood, Withstood, stage

FLOODS = [(sources, cookies) for cookies in (False, True) for sources in (1, 1000)]
NEWCOMER, P99, GROWTH = 2.0, 2.0, 16.0
"""The goals: seconds, to the quiet one, MiB."""


async def measure(flood: Flood) -> Withstood:
    """One flood at a server of its own."""
    with TemporaryDirectory() as state:
        async with stage(Path(state)) as it:
            return await it.withstand(flood)


def reached(found: Sequence[Withstood]) -> list[Goal]:
    """The worst of all floods."""
    return [
        Goal("seconds until a newcomer is in", NEWCOMER, max(it.newcomer for it in found)),
        Goal("p99 flooded ÷ p99 quiet", P99, max(it.flood_p99 / it.quiet_p99 for it in found)),
        Goal("MiB that memory grows by", GROWTH, max(it.growth for it in found)),
    ]


def show(found: Sequence[Withstood]) -> None:
    """The tables."""
    rows: list[list[str]] = []
    for it in found:
        times = [f"{each * 1000:.1f} ms" for each in (it.quiet_p99, it.flood_p50, it.flood_p99)]
        others = [f"{it.newcomer:.2f} s of {it.newcomers}", f"{it.growth:.1f} MiB", f"{it.cpu:.0%}"]
        rows.append([it.name, f"{it.rate:,.0f}", f"{it.dropped:.0%}", *times, *others])
    times = ("p99 quiet", "p50 flooded", "p99 flooded", "newcomer, worst")
    print(table(("from", "HELLOs/s", "dropped", *times, "memory", "CPU"), rows), end="\n\n")
    print(goals(reached(found)))


def plot(axes: Any, found: Sequence[Withstood]) -> None:
    """Delivery with and without, and the longest that a newcomer waited."""
    left, right = axes
    places = range(len(found))
    for index, figure in enumerate(("quiet_p99", "flood_p50", "flood_p99")):
        at = [place + (index - 1) * 0.27 for place in places]
        left.bar(at, [getattr(it, figure) * 1000 for it in found], 0.27, label=figure.replace("_", ", "))
    left.set(ylabel="ms from say to taken")
    left.legend(fontsize=8)
    right.bar(places, [it.newcomer * 1000 for it in found])
    right.set(ylabel="ms until the slowest newcomer is in")
    for axis in axes:
        axis.set_xticks(places, [it.name.replace(", ", ",\n") for it in found], fontsize=8)


def main() -> None:
    """Measures, prints tables, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "five seconds each")
    options.add_argument("--rate", type=float, default=RATE, help="HELLOs a second")
    options.add_argument("--seconds", type=float, default=20.0, help="of each flood")
    given = options.parse_args()
    seconds = 5.0 if given.quick else given.seconds
    bar = Progress(len(FLOODS))
    found: list[Withstood] = []
    for sources, cookies in FLOODS:
        flood = Flood(sources, cookies, given.rate, seconds)
        bar.step(flood.name)
        found.append(trio.run(measure, flood))
    bar.end()
    show(found)
    save(given.json, {"results": [asdict(it) for it in found], "goals": [asdict(it) for it in reached(found)]})
    draw(given.plot, "flood", 2, lambda axes: plot(axes, found))


if __name__ == "__main__":
    main()
