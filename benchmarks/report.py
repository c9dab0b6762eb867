"""How every benchmark here talks: its options, a bar while it runs, a table, JSON, and plots as PNG and SVG."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

Case = TypeVar("Case")
Result = TypeVar("Result")


def parser(doc: str | None, quick: str) -> argparse.ArgumentParser:
    """The options that all have. `quick`: what `--quick` leaves out."""
    options = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help=f"under 50 s: {quick}")
    options.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    options.add_argument("--plot", type=Path, metavar="FOLDER", help="draw there, as PNG and SVG (needs matplotlib)")
    return options


class Progress:
    """A bar on the terminal, or a line a step where there is none."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0
        self._begin = monotonic()

    def step(self, what: str) -> None:
        """One more step begins."""
        spent = monotonic() - self._begin
        if sys.stderr.isatty():
            filled = 30 * self._done // self._steps
            line = f"\r\x1b[K[{'#' * filled}{'.' * (30 - filled)}] {self._done}/{self._steps}  {spent:.0f} s  {what}"
        else:
            line = f"{self._done}/{self._steps}  {spent:.0f} s  {what}\n"
        print(line, end="", file=sys.stderr, flush=True)
        self._done += 1

    def end(self) -> None:
        """All are done."""
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def spread(measure: Callable[[Case], Result], cases: Sequence[Case], jobs: int | None = None) -> dict[Case, Result]:
    """Each case measured in some process, as many at once as there are cores, with a bar."""
    jobs = jobs or os.cpu_count() or 1
    bar = Progress(len(cases))
    with ProcessPoolExecutor(jobs) as pool:
        runs = {pool.submit(measure, case): case for case in cases}
        bar.step(f"{jobs} at once")
        found: dict[Case, Result] = {}
        for run in as_completed(runs):
            found[runs[run]] = run.result()
            bar.step(f"{jobs} at once")
    bar.end()
    return {case: found[case] for case in cases}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach: a figure that is to be small."""

    what: str
    most: float
    found: float


def goals(some: Sequence[Goal]) -> str:
    """As a table."""
    rows = [(it.what, f"≤ {it.most:g}", f"{it.found:.2f}", "yes" if it.found <= it.most else "NO") for it in some]
    return table(("goal", "wanted", "found", "met"), rows)


def save(path: Path | None, document: dict[str, Any]) -> None:
    """As JSON, with what it was measured on, if there is a file to write to."""
    if path is not None:
        machine = {"python": platform.python_version(), "system": platform.system(), "release": platform.release()}
        path.write_text(json.dumps({"machine": machine, **document}, indent=1) + "\n", encoding="utf-8")


def draw(folder: Path | None, name: str, columns: int, fill: Callable[[Any], None]) -> None:
    """NAME.svg and NAME.png, if there is a folder to write to. `fill` gets a row of so many axes."""
    if folder is None:
        return
    mpl: Any = import_module("matplotlib")  # a dependency of this alone
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "udpchat"
    plt: Any = import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(1, columns, figsize=(5 * columns, 4), layout="constrained", squeeze=False)
    fill(axes[0])
    for each in axes[0]:
        each.grid(visible=True, alpha=0.3)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{name}.png", dpi=110)
    plt.close(figure)
