"""What loss costs: latency from say to taken, datagrams and bytes, with every remedy and without.

    PYTHONPATH=tests python benchmarks/loss.py [--quick] [--json FILE] [--plot FOLDER] [--jobs N]

One talker and one listener, 100 ms round-trip time, loss each way on both links; the real cores in virtual time.
*idle* is a message a second, *busy* twenty. Latency is the listener's, in round trips; the talker reads its messages
too, so that a message is delivered twice. Wire bytes include 28 for IP and UDP. Percentiles are those of one seed;
the table shows the median of the seeds, and the worst of all for "max".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import median, quantiles
from typing import Any

from report import draw, parser, save, spread, table

from net import Net
from udpchat_core.events import ChatReceived
from udpchat_core.limits import Limits
from udpchat_core.recovery import Remedies

RTT = 0.1
HEADERS = 28
TEXT = "a line of chat as people write it, {:>6}, and then so on"
LOSSES = (0.0, 0.1, 0.2, 0.3, 0.5)
FEW = (0.1, 0.3, 0.5)
"""Where each remedy is left out."""
PACES = {"idle": 1.0, "busy": 0.05}
ALL = Remedies()
REMEDIES = {
    "all": ALL,
    "no eager": replace(ALL, eager=False),
    "no riders": replace(ALL, riders=False),
    "no duplicates": replace(ALL, duplicates=False),
    "no gentle": replace(ALL, gentle=False),
    "none": Remedies(eager=False, riders=False, duplicates=False, gentle=False),
}
TCP = {0.0: 1.0, 0.1: 9.7, 0.2: 23.0, 0.3: 358.0}
"""p99 of IRC over TCP in round trips, a line every 0.5 s (ngircd 26)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One point of the measurement, for one seed."""

    pace: str
    loss: float
    remedies: str
    seed: int
    messages: int

    @property
    def point(self) -> tuple[str, float, str]:
        return self.pace, self.loss, self.remedies


@dataclass(frozen=True, slots=True)
class Result:
    """Latency in round trips; datagrams and bytes for each delivery and each delivered byte of text."""

    p50: float
    p90: float
    p99: float
    most: float
    datagrams: float
    octets: float
    per_byte: float


def measure(case: Case) -> Result:
    """Let them talk."""
    net = Net(
        case.seed,
        limits=Limits(chat_rate=1e6, chat_burst=1e6),
        remedies=REMEDIES[case.remedies],
        loss=case.loss,
        delay=(RTT / 2, RTT / 2),
    )
    sent = [0, 0]

    def tap(_: str, data: bytes, __: object) -> None:
        sent[0] += 1
        sent[1] += len(data) + HEADERS

    talker, listener = net.person("talker"), net.person("listener")
    ready = net.run(1200, lambda: len(talker.client.attendees("lobby")) == len(listener.client.attendees("lobby")) == 2)
    assert ready, "the people do not meet"
    net.run(5)
    net.tap = tap
    gap = PACES[case.pace]
    said: list[float] = []
    for n in range(case.messages):
        said.append(net.now)
        talker.say(TEXT.format(n))
        net.run(gap)
    end = len(said)
    assert net.run(600, lambda: len(listener.texts()) == end), "a message does not arrive"
    taken = [
        when for when, event in zip(listener.times, listener.events, strict=True) if isinstance(event, ChatReceived)
    ]
    waits = [(b - a) / RTT for a, b in zip(said, taken, strict=True)]
    cuts = quantiles(waits, n=100, method="inclusive")
    deliveries = 2 * end
    return Result(
        p50=cuts[49],
        p90=cuts[89],
        p99=cuts[98],
        most=max(waits),
        datagrams=sent[0] / deliveries,
        octets=sent[1] / deliveries,
        per_byte=sent[1] / deliveries / len(TEXT.format(0)),
    )


def cases(*, quick: bool) -> list[Case]:
    """What is to be measured, the longest first."""
    if quick:
        few = [Case(pace, loss, "all", 1, 400) for pace in PACES for loss in LOSSES]
        return [*few, *[Case("idle", 0.3, remedies, 1, 400) for remedies in REMEDIES if remedies != "all"]]
    wanted = [
        Case(pace, loss, remedies, seed, 2000)
        for pace in PACES
        for remedies in REMEDIES
        for loss in (LOSSES if remedies == "all" else FEW)
        for seed in range(3 if remedies == "all" else 2)
    ]
    return sorted(wanted, key=lambda case: -case.loss)


def joined(found: dict[Case, Result]) -> dict[tuple[str, float, str], Result]:
    """The median of the seeds, and the worst of all."""
    points: dict[tuple[str, float, str], list[Result]] = {}
    for case, result in found.items():
        points.setdefault(case.point, []).append(result)
    out: dict[tuple[str, float, str], Result] = {}
    for point, results in points.items():
        columns = [asdict(result) for result in results]
        middle = {name: median([column[name] for column in columns]) for name in columns[0]}
        out[point] = Result(**middle | {"most": max(result.most for result in results)})
    return out


def show(points: dict[tuple[str, float, str], Result]) -> None:
    """The table."""
    order = {name: index for index, name in enumerate(REMEDIES)}
    rows: list[list[str]] = []
    for pace, loss, remedies in sorted(points, key=lambda point: (point[0] != "idle", order[point[2]], point[1])):
        it = points[pace, loss, remedies]
        times = [f"{value:.1f}" for value in (it.p50, it.p90, it.p99, it.most)]
        cost = [f"{it.datagrams:.1f}", f"{it.octets:.0f}", f"{it.per_byte:.1f}"]
        rows.append([pace, remedies, f"{loss:.0%}", *times, *cost])
    head = ("pace", "remedies", "loss each way", "p50", "p90", "p99", "max", "datagrams", "wire bytes", "a text byte")
    print(table(head, rows))


def plot(axes: Any, points: dict[tuple[str, float, str], Result]) -> None:
    """Latency, and what it costs."""
    left, right = axes
    lines = [
        ("idle", "all", "p99", "idle, p99", "C0-o"),
        ("idle", "all", "p50", "idle, p50", "C0--o"),
        ("busy", "all", "p99", "busy, p99", "C1-s"),
        ("idle", "none", "p99", "idle, p99, no remedies", "C7-^"),
    ]
    for pace, remedies, column, label, style in lines:
        at = [loss for loss in LOSSES if (pace, loss, remedies) in points]
        left.plot([x * 100 for x in at], [getattr(points[pace, x, remedies], column) for x in at], style, label=label)
    left.plot([x * 100 for x in TCP], list(TCP.values()), "C3-x", label="IRC over TCP, p99")
    left.set(yscale="log", xlabel="loss each way, %", ylabel="round trips from say to taken")
    left.set_yticks([1, 2, 5, 10, 20, 50, 100, 300], ["1", "2", "5", "10", "20", "50", "100", "300"])
    for pace, style in (("idle", "C0-o"), ("busy", "C1-s")):
        at = [loss for loss in LOSSES if (pace, loss, "all") in points]
        right.plot([x * 100 for x in at], [points[pace, x, "all"].octets for x in at], style, label=pace)
    right.set(xlabel="loss each way, %", ylabel="wire bytes a delivered message")
    right.set_ylim(bottom=0)
    for axis in axes:
        axis.legend(fontsize=8)


def main() -> None:
    """Measures, prints a table, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "one seed, a fifth of the messages, each remedy at one point")
    options.add_argument("--jobs", type=int, help="runs at once; as many as there are cores if not given")
    given = options.parse_args()
    wanted = cases(quick=given.quick)
    points = joined(spread(measure, wanted, given.jobs))
    show(points)
    rows = [
        {"pace": pace, "loss": loss, "remedies": remedies} | asdict(result)
        for (pace, loss, remedies), result in points.items()
    ]
    save(given.json, {"rtt": RTT, "messages": wanted[0].messages, "results": rows})
    draw(given.plot, "loss", 2, lambda axes: plot(axes, points))


if __name__ == "__main__":
    main()
