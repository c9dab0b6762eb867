"""How fast a reader catches up: 10 000 missed messages at 100 ms round-trip time, with and without loss.

    PYTHONPATH=tests python benchmarks/catchup.py [--quick] [--seeds 7] [--json FILE] [--plot FOLDER]

The real cores in virtual time, from JOINED to the last message taken; the median of the seeds. *Share* compares with
a full window every round trip: 256 entries, or the most bytes that the server had sent within one round trip of this
run (what the congestion window allowed at its best), whichever is fewer entries.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from report import draw, parser, save, spread, table

from net import Net
from udpchat_core.effects import Append, Ticket
from udpchat_core.events import JoinedRoom
from udpchat_protocol.constants import WINDOW
from udpchat_protocol.entries import Chat

RTT = 0.1
MESSAGES = 10_000
LOSSES = (0.0, 0.05, 0.3)
TEXT = "a line of chat as people write it, {:>6}, and then so on"
ENTRY = 16 + len(Chat(bytes(8), "writer", 0, 0, 0, TEXT.format(0)).build())
"""Bytes that a message takes in a packet."""


@dataclass(frozen=True, slots=True)
class Result:
    """Of one run. `share`: of the rate that full windows would give; `waste`: bytes sent for each byte needed."""

    seconds: float
    share: float
    waste: float
    datagrams: float


def measure(case: tuple[float, int]) -> Result:
    """One reader comes back, at some loss and with some seed."""
    loss, seed = case
    net = Net(seed, loss=loss, delay=(RTT / 2, RTT / 2))
    net.store.submit(
        [
            Append(Ticket(0, -1), "lobby", bytes(32), Chat(bytes(8), "writer", n, 0, 0, TEXT.format(n)))
            for n in range(MESSAGES)
        ],
        lambda _: None,
    )
    reader = net.person("reader", joins=None)
    reader.join(newest=65535)
    assert net.run(120, lambda: bool(reader.of(JoinedRoom))), "the reader does not come in"
    begin, sent, recent = net.now, [0, 0], deque[tuple[float, int]]()
    within, peak = 0, 0

    def tap(way: str, data: bytes, _: object) -> None:
        nonlocal within, peak
        if way == "up":
            return
        sent[0] += 1
        sent[1] += len(data)
        recent.append((net.now, len(data)))
        within += len(data)
        while recent[0][0] <= net.now - RTT:
            within -= recent.popleft()[1]
        peak = max(peak, within)

    def complete() -> bool:
        place = reader.client.state.rooms["lobby"]
        return place is not None and place.offset == MESSAGES

    net.tap = tap
    assert net.run(1200, complete), "the reader never has all"
    seconds = net.now - begin
    ideal = MESSAGES / min(WINDOW, peak / ENTRY) * RTT
    return Result(seconds, ideal / seconds, sent[1] / (MESSAGES * ENTRY), sent[0] / MESSAGES)


def show(found: dict[float, Result]) -> None:
    """The table."""
    rows = [
        (f"{loss:.0%}", f"{it.seconds:.1f}", f"{MESSAGES / it.seconds:.0f}", f"{it.share:.0%}", f"{it.waste:.2f}")
        for loss, it in found.items()
    ]
    print(table(("loss each way", "seconds", "messages a second", "share", "bytes sent / needed"), rows))


def plot(axes: Any, found: dict[float, Result]) -> None:
    """How fast, and what it costs."""
    left, right = axes
    at = [loss * 100 for loss in found]
    left.plot(at, [MESSAGES / it.seconds for it in found.values()], "C0-o", label="found")
    left.plot(at, [MESSAGES / it.seconds / it.share for it in found.values()], "C7:^", label="full windows")
    left.set(xlabel="loss each way, %", ylabel="messages a second")
    left.legend(fontsize=8)
    right.plot(at, [it.waste for it in found.values()], "C0-o")
    right.set(xlabel="loss each way, %", ylabel="bytes sent for each needed")
    for axis in axes:
        axis.set_ylim(bottom=0)


def main() -> None:
    """Measures, prints a table, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "one seed")
    options.add_argument("--seeds", type=int, default=7)
    given = options.parse_args()
    cases = [(loss, seed) for seed in range(1 if given.quick else given.seeds) for loss in reversed(LOSSES)]
    results = spread(measure, cases)
    found: dict[float, Result] = {}
    for loss in LOSSES:
        columns = [asdict(result) for (of, _), result in results.items() if of == loss]
        found[loss] = Result(**{name: median([column[name] for column in columns]) for name in columns[0]})
    show(found)
    rows = [{"loss": loss} | asdict(result) for loss, result in found.items()]
    save(given.json, {"rtt": RTT, "messages": MESSAGES, "results": rows})
    draw(given.plot, "catchup", 2, lambda axes: plot(axes, found))


if __name__ == "__main__":
    main()
