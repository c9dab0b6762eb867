"""What a message to everybody in a room costs a server, beside what else a user could pick.

    PYTHONPATH=tests python benchmarks/fanout.py [--quick] [--runs 3] [--seconds 2] [--text 52] [--only NAME]
                                                 [--count N] [--json FILE] [--plot FOLDER]

A *delivery* is one message reaching one subscriber. Its text has `--text` bytes with all systems: 52 is a line as
people write it, and makes 95 bytes with what ours adds (an author, a nick, an id and a time; IRC adds a prefix). A
*burst* of b is b messages said together. The next one is said when everybody has the last, for `--seconds`: one burst
at a time is under way, with every system alike, and a server sends together only what was said together. Every delivery
is counted and checked: each subscriber gets each message once, in one order, with its text. Anything else is a failure
and no figure. (What comes from the C loop is not opened; there the sizes count.) The first seconds of talk do not
count, so that who adapts to it has done so.

The server is a process on one core; the clients are one thread on another, which polls and does not sleep. CPU is that
of the server's process, user and kernel, all threads, from /proc, until 0.6 s after the last delivery, so that all
acknowledgements are paid. Over loopback who sends does the receiver's half of the kernel's work,
too, with all alike. *Busy* is that CPU by the time to the last delivery, and above 100 % where much was left to
do after it; where it is far below, deliveries/s say as much of the clients as of the server.

Ours is `udpchat server` with higher limits, and clients that open, acknowledge and check as SPEC.md says
(crowd/session.c). A burst of ours is said by several talkers, five messages each, since a session may have 8
unanswered; what the others publish is one write (UDP: a datagram each). The brokers are told to keep nobody waiting
(systems.py).

A machine that others use is fast in one minute and slow in the next. So all servers are up together, with everybody
in, and take turns at each burst, a few seconds after each other; who does not have the turn does nothing. A ratio is
that of two such neighbours, and what is told is the median of the runs. Linux, with gcc and libssl-dev;
`benchmarks/brokers.sh` installs these and the brokers, and the dependency group `bench` aioquic.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from crowd import CrowdError, library
from report import Progress, draw, parser, save, table
from systems import IRC, MQTT, NAIVE, NATS_SERVER, OURS, OWN, SEAL, SYSTEMS, System, Up

BURSTS = (1, 10, 50)
GOAL_AT = 1000
WARM = 1.5
"""Seconds of talk in each burst that do not count: what adapts to it has done so by then."""
SPARE = 1000
"""Files that may be open beside the sockets of clients."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many subscribers, and the bursts that they get."""

    count: int
    bursts: tuple[int, ...]


FULL = tuple(Plan(count, BURSTS) for count in (10, 100, 1000, 5000))
QUICK = (Plan(1000, (10,)),)


@dataclass(frozen=True, slots=True)
class Found:
    """One system in one run at one point."""

    system: str
    run: int
    count: int
    burst: int
    deliveries: int
    per_second: float
    cpu: float
    """Seconds of the server for a million deliveries."""
    busy: float
    """The server's share of its core."""
    datagrams: float
    """That came, for each delivery; 0 over TCP."""
    answers: float
    """Packets or writes of the clients, for each delivery."""

    @property
    def per_cpu(self) -> float:
        """Deliveries for a second of the server's CPU."""
        return 1e6 / max(self.cpu, 1e-9)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: a figure of ours by another's."""

    what: str
    other: str
    figure: str
    burst: int
    least: float = 0.0
    most: float = float("inf")
    strictly: bool = False

    @property
    def wanted(self) -> str:
        """For people."""
        return f"≥ {self.least}" if self.least else f"{'<' if self.strictly else '≤'} {self.most}"

    def met(self, ratio: float) -> bool:
        """Is it?"""
        return self.least <= ratio and (ratio < self.most if self.strictly else ratio <= self.most)


CPU, RATE = "CPU per delivery", "deliveries/s"
GOALS = (
    *(Goal(CPU, NATS_SERVER, "cpu", burst, most=most) for burst, most in zip(BURSTS, (0.7, 1.0, 1.2), strict=True)),
    *(Goal(CPU, IRC, "cpu", burst, most=1.0, strictly=True) for burst in BURSTS),
    *(Goal(CPU, MQTT, "cpu", burst, most=0.6, strictly=True) for burst in BURSTS),
    Goal(RATE, NAIVE, "per_second", 1, least=0.75),
    Goal(RATE, NAIVE, "per_second", 10, least=5.0),
    Goal(RATE, SEAL, "per_second", 10, least=0.65),
)


class Results:
    """All that was found, and what could not be."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.faults: dict[tuple[str, int], str] = {}

    def of(self, system: str, count: int, burst: int, figure: str) -> dict[int, float]:
        """By run."""
        return {
            it.run: getattr(it, figure)
            for it in self.found
            if (it.system, it.count, it.burst) == (system, count, burst)
        }

    def middle(self, system: str, count: int, burst: int, figure: str) -> float | None:
        """The median of the runs."""
        values = self.of(system, count, burst, figure)
        return median(values.values()) if values else None

    def ratio(self, goal: Goal) -> float | None:
        """Ours to the other's: the median of the runs' ratios."""
        ours, others = (self.of(name, GOAL_AT, goal.burst, goal.figure) for name in (OURS, goal.other))
        ratios = [ours[run] / others[run] for run in ours if others.get(run)]
        return median(ratios) if ratios else None


def measured(system: System, it: Up, count: int, run: int, burst: int, seconds: float) -> Found:
    """One turn of one server."""
    before = it.cpu()
    out = it.clients.run(burst, seconds)
    used = it.cpu() - before
    return Found(
        system=system.name,
        run=run,
        count=count,
        burst=burst,
        deliveries=out.deliveries,
        per_second=out.deliveries / out.seconds,
        cpu=1e6 * used / out.deliveries,
        busy=used / out.seconds,
        datagrams=out.datagrams / out.deliveries,
        answers=out.answers / out.deliveries,
    )


class Measuring:
    """All that is measured: the servers of a plan are up together, as many as there may be sockets, and take turns."""

    def __init__(self, plans: Sequence[Plan], systems: Sequence[System], runs: int, seconds: float, text: int) -> None:
        self._runs = runs
        self._seconds = seconds
        self._text = text
        self._progress = Progress(sum(len(systems) * (2 + runs * len(plan.bursts)) for plan in plans))
        self.results = Results()
        for plan in plans:
            together = max((resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE) // plan.count, 1)
            for first in range(0, len(systems), together):
                with ExitStack() as stack:
                    self._measure(plan, systems[first : first + together], stack)
        self._progress.end()

    def _measure(self, plan: Plan, systems: Sequence[System], stack: ExitStack) -> None:
        up: dict[System, Up] = {}
        for system in systems:
            if system.missing or plan.count > system.most:
                fault = system.missing or f"not measured beyond {system.most} subscribers"
                self.results.faults[system.name, plan.count] = fault
                continue
            with self._step(system, plan, "come in"):
                it = stack.enter_context(system.up(self._text))
                it.clients.join(plan.count)
                up[system] = it
        for system, it in list(up.items()):
            with self._step(system, plan, "warm up"):
                del up[system]
                for burst in plan.bursts:
                    it.clients.run(burst, WARM)
                up[system] = it
        for run in range(self._runs):
            for burst in plan.bursts:
                for system in list(up):
                    with self._step(system, plan, f"bursts of {burst}, run {run + 1}"):
                        it = up.pop(system)
                        self.results.found.append(measured(system, it, plan.count, run, burst, self._seconds))
                        up[system] = it

    @contextmanager
    def _step(self, system: System, plan: Plan, what: str) -> Iterator[None]:
        """Of the bar; a failure ends the part of this system, and no other's."""
        self._progress.step(f"{system.name}, {plan.count} subscribers: {what}")
        try:
            yield
        except (CrowdError, OSError) as error:
            self.results.faults[system.name, plan.count] = f"FAILED: {what}: {error}"


def number(value: float | None) -> str:
    """With three digits that count."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percent(value: float | None) -> str:
    """Of one."""
    return "–" if value is None else f"{value:.0%}"


def tables(results: Results, plans: Sequence[Plan], systems: Sequence[System]) -> str:
    """One for each number of subscribers."""
    parts: list[str] = []
    for plan in plans:
        figures = [("CPU", "cpu", number), ("/s", "per_second", number), ("busy", "busy", percent)]
        head = ["burst of", *(f"{burst} {name}" for name, _, _ in figures for burst in plan.bursts)]
        rows: list[list[str]] = []
        for system in systems:
            fault = results.faults.get((system.name, plan.count), "")
            fault = "missing" if fault == system.missing else "FAILED" if fault.startswith("FAILED") else ""
            cells = [
                form(results.middle(system.name, plan.count, burst, figure))
                for _, figure, form in figures
                for burst in plan.bursts
            ]
            rows.append([system.name, *((fault or cell) if cell == "–" else cell for cell in cells)])
        parts.append(
            f"{plan.count} subscribers. CPU: server CPU seconds per million deliveries; /s: deliveries a second;"
            " busy: the server's share of its core\n"
        )
        parts.append(table(head, rows))
        sent, answered = (
            ", ".join(number(results.middle(OURS, plan.count, burst, figure)) for burst in plan.bursts)
            for figure in ("datagrams", "answers")
        )
        if OURS in {system.name for system in systems}:
            parts.append(f"- {OURS}'s datagrams a delivery: {sent}; of its clients: {answered}")
        faults = [f"- {name}: {fault}" for (name, count), fault in results.faults.items() if count == plan.count]
        parts.append("\n".join(faults) + "\n" if faults else "")
    parts.append("\n".join(f"- {system.name}: {system.about}" for system in systems))
    return "\n".join(parts)


def share(value: float | None) -> str:
    """A ratio."""
    return "–" if value is None else f"{value:.2f}"


def goals(results: Results) -> str:
    """What is to be reached, beside what was found."""
    rows: list[list[str]] = []
    for goal in GOALS:
        ratio = results.ratio(goal)
        verdict = "not measured" if ratio is None else "met" if goal.met(ratio) else "NOT met"
        what = f"{goal.what} ÷ {goal.other}, {goal.burst} together"
        by_cpu = results.ratio(replace(goal, figure="per_cpu")) if goal.what == RATE else None
        rows.append([what, goal.wanted, share(ratio), verdict, share(by_cpu)])
    head = [f"{OURS}'s", "wanted", "found", "", "by CPU"]
    return f"Goals, {GOAL_AT} subscribers. By CPU: deliveries a CPU second instead\n\n" + table(head, rows)


def plot(axes: Any, results: Results, plans: Sequence[Plan], systems: Sequence[System]) -> None:
    """CPU by burst, and deliveries/s by subscribers."""
    left, right = axes
    width = 0.8 / len(systems)
    for index, system in enumerate(systems):
        count = min(GOAL_AT, system.most)
        heights = [results.middle(system.name, count, burst, "cpu") for burst in BURSTS]
        at = [place + (index - len(systems) / 2 + 0.5) * width for place in range(len(BURSTS))]
        label = system.name if count == GOAL_AT else f"{system.name} ({count})"
        pairs = [(x, height) for x, height in zip(at, heights, strict=True) if height]
        left.bar([x for x, _ in pairs], [height for _, height in pairs], width, label=label, color=f"C{index}")
        points = [(plan.count, results.middle(system.name, plan.count, 10, "per_second")) for plan in plans]
        points = [(x, y) for x, y in points if y]
        right.plot([x for x, _ in points], [y for _, y in points], f"C{index}-o", label=system.name)
    left.set_xticks(range(len(BURSTS)), [str(burst) for burst in BURSTS])
    left.set(yscale="log", xlabel="messages said together", ylabel="server CPU seconds a million deliveries")
    left.set_title(f"{GOAL_AT} subscribers", fontsize=9)
    left.legend(fontsize=7)
    right.set(xscale="log", yscale="log", xlabel="subscribers", ylabel="deliveries/s")
    right.set_title("10 messages said together", fontsize=9)


def versions(systems: Sequence[System]) -> dict[str, str]:
    """What Debian says that the brokers are."""
    words = ["dpkg-query", "-W", "-f", "${Version}"]
    needed = [system.needs for system in systems if system.needs and not system.missing]
    try:
        return {
            name: subprocess.run([*words, name], capture_output=True, text=True, check=False).stdout for name in needed
        }
    except FileNotFoundError:
        return {}


def main() -> None:
    """Measures, prints tables, writes JSON and draws if asked to."""
    options = parser(__doc__, "one short run, fewer points")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--seconds", type=float, default=2.0, help="for each point of a run")
    options.add_argument("--text", type=int, default=52, help="bytes of a message, 20 to 150")
    options.add_argument("--only", action="append", metavar="NAME", help="a system; may be given again")
    options.add_argument("--count", type=int, metavar="N", help="with so many subscribers alone")
    given = options.parse_args()
    systems = [it for it in SYSTEMS if not given.only or it.name in given.only]
    if not systems or not 20 <= given.text <= 150:
        options.error(f"the systems are {', '.join(it.name for it in SYSTEMS)}; a text has 20 to 150 bytes")
    plans, runs, seconds = (QUICK, 1, 0.5) if given.quick else (FULL, given.runs, given.seconds)
    plans = (Plan(given.count, BURSTS),) if given.count else plans
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        library()
    except CrowdError as error:
        raise SystemExit(str(error)) from error
    os.sched_setaffinity(0, {OWN})
    results = Measuring(plans, systems, runs, seconds, given.text).results
    print(tables(results, plans, systems))
    print("\n" + goals(results))
    found = [{"what": f"{it.what} ÷ {it.other}", "burst": it.burst, "wanted": it.wanted, "found": results.ratio(it)}
             for it in GOALS]  # fmt: skip
    faults = [{"system": name, "count": count, "fault": fault} for (name, count), fault in results.faults.items()]
    settings = {"text": given.text, "runs": runs, "seconds": seconds, "versions": versions(systems)}
    save(given.json, settings | {"results": [asdict(it) for it in results.found], "goals": found, "faults": faults})
    draw(given.plot, "fanout", 2, lambda axes: plot(axes, results, plans, systems))
    if any(fault.startswith("FAILED") for fault in results.faults.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
