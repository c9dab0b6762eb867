"""The figures of `link.py` as tables, against the goals, and as curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from link_figures import Talk, Trouble

GOALS = {0.1: 3.5, 0.2: 4.5, 0.3: 6.0}
"""p99 from say to show in round trips, by loss each way, at 100 ms."""
GOAL_MOVED = 2.0
"""The longest silence at a change of address that the client knows of, in round trips."""
TALK_HEAD = ("loss each way, RTT", "over", "p50", "p99", "p99.9", "worst", "longest silence", "lines", "not shown")
TROUBLE_HEAD = ("what happens", "loss", "over", "median", "worst", "worst in RTT", "said", "lost", "waited")
GOAL_HEAD = ("goal", "at most", "found", "ngircd", "")


def number(value: float | None) -> str:
    """With so many digits as mean something."""
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def talk_rows(found: Sequence[Talk]) -> list[list[str]]:
    """Latencies in round trips, silences in seconds."""
    rows: list[list[str]] = []
    for it in sorted(found, key=lambda it: (-it.rtt, it.loss, -ord(it.program[0]))):

        def trips(value: float | None, it: Talk = it) -> str:
            bound = value is not None and it.at_least is not None and value >= it.at_least
            return ("≥ " if bound else "") + number(None if value is None else value / it.rtt)

        cells = [trips(value) for value in (it.p50, it.p99, it.p999, it.worst)]
        where = f"{it.loss:.0%}, {it.rtt * 1000:.0f} ms"
        rows.append([where, it.program, *cells, f"{number(it.silence)} s", str(it.lines), str(it.not_shown)])
    return rows


def trouble_rows(found: Sequence[Trouble]) -> list[list[str]]:
    """Times in seconds."""
    return [
        [
            f"{it.what} × {it.times}",
            f"{it.loss:.0%}",
            it.program,
            f"{number(it.median)} s",
            ("≥ " if it.over else "") + f"{number(it.worst)} s",
            ("≥ " if it.over else "") + number(it.worst / it.rtt),
            str(it.said),
            str(it.lost),
            str(it.again),
        ]
        for it in found
    ]


def goals(found: Sequence[Talk], trouble: Sequence[Trouble]) -> list[dict[str, Any]]:
    """What is wanted, beside what was found, in round trips."""
    out: list[dict[str, Any]] = []
    for loss, most in GOALS.items():
        here = {it.program: it.p99 / it.rtt for it in found if (it.loss, it.rtt) == (loss, 0.1)}
        out.append({"goal": f"p99 from say to show at {loss:.0%} loss each way, 100 ms", "most": most} | here)
    moves = [it for it in trouble if it.what.startswith("moved")]
    for loss in sorted({it.loss for it in moves}):
        for name, figure in (("longest", "worst"), ("median", "median")):
            here: dict[str, float] = {}
            for it in moves:
                if it.loss == loss:
                    here[it.program] = max(here.get(it.program, 0.0), getattr(it, figure) / it.rtt)
            goal = f"{name} silence at a known change of address, {loss:.0%} loss"
            out.append({"goal": goal, "most": GOAL_MOVED} | here)
    return [goal for goal in out if "udpchat" in goal]


def goal_rows(found: Sequence[dict[str, Any]]) -> list[list[str]]:
    """As cells."""
    return [
        [
            it["goal"],
            f"{it['most']:.1f} RTT",
            number(it["udpchat"]),
            number(it.get("ngircd")),
            "met" if it["udpchat"] <= it["most"] else "MISSED",
        ]
        for it in found
    ]


def curves(axes: Any, found: Sequence[Talk]) -> None:
    """p50 and p99 against loss at each round-trip time, then the longest silences."""
    colours = {"udpchat": "C0", "ngircd": "C3"}
    rtts = sorted({it.rtt for it in found}, reverse=True)
    for axis, rtt in zip(axes, rtts, strict=False):
        for program, colour in colours.items():
            here = sorted((it for it in found if (it.program, it.rtt) == (program, rtt)), key=lambda it: it.loss)
            over = "IRC over TCP" if program == "ngircd" else "UDPCHAT/1"
            if here:
                at_loss = [it.loss * 100 for it in here]
                axis.plot(at_loss, [it.p99 / rtt for it in here], f"{colour}-o", label=f"{over}, p99")
                axis.plot(at_loss, [it.p50 / rtt for it in here], f"{colour}--o", label=f"{over}, p50")
                axes[-1].plot(
                    at_loss,
                    [it.silence for it in here],
                    f"{colour}{'-s' if rtt == rtts[0] else '--^'}",
                    label=f"{over}, {rtt * 1000:.0f} ms",
                )
        axis.set(title=f"RTT {rtt * 1000:.0f} ms", ylabel="round trips from say to show")
    axes[-1].set(title="longest silence, a line every 0.5 s", ylabel="seconds")
    for axis in axes:
        axis.set(yscale="log", xlabel="loss each way, %")
        axis.legend(fontsize=8)
