"""What a flood of HELLOs does to people who chat, and to newcomers.

    PYTHONPATH=tests python benchmarks/flood.py [--quick] [--rate 20000] [--seconds 20] [--json FILE]

A real server process (`udpchat server`) over loopback. The flood comes from one port or a thousand, in another /24
than the people, without cookies or with cookies and real first messages. Delivery is from one member to another, 20
messages a second. The goals: a newcomer is in within 2 s, p99 is at most twice the quiet one, memory grows by less than
16 MiB. Linux only.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from e2e.floods import RATE, Flood, Withstood, stage


async def measure(flood: Flood) -> Withstood:
    """One flood at a server of its own."""
    with TemporaryDirectory() as state:
        async with stage(Path(state)) as it:
            return await it.withstand(flood)


def main() -> None:
    """Measures, prints a table, and writes JSON if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=RATE, help="HELLOs a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--quick", action="store_true", help="five seconds each")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    seconds = 5.0 if options.quick else options.seconds
    found: list[Withstood] = []
    print("| from | HELLOs/s | dropped | p99 quiet | p50 flooded | p99 flooded | newcomer, worst | memory | CPU |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for cookies in (False, True):
        for sources in (1, 1000):
            it = trio.run(measure, Flood(sources, cookies, options.rate, seconds))
            found.append(it)
            times = " | ".join(f"{each * 1000:.1f} ms" for each in (it.quiet_p99, it.flood_p50, it.flood_p99))
            joins = f"{it.newcomer:.2f} s of {it.newcomers}"
            cells = f"{it.rate:,.0f} | {it.dropped:.0%} | {times} | {joins} | {it.growth:.1f} MiB | {it.cpu:.0%}"
            print(f"| {it.name} | {cells} |", flush=True)
    if options.json:
        document = {"python": sys.version, "results": [asdict(it) for it in found]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
