"""How fast a reader catches up: 10 000 missed messages at 100 ms round-trip time, with and without loss.

    PYTHONPATH=tests python benchmarks/catchup.py [--quick] [--json FILE]

The real cores in virtual time, from JOINED to the last message taken; the median of the seeds. *Share* compares with
a full window every round trip: 256 entries, or the most bytes that the server had sent within one round trip of this
run (what the congestion window allowed at its best), whichever is fewer entries.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

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


def measure(loss: float, seed: int, messages: int = MESSAGES) -> Result:
    """One reader comes back."""
    net = Net(seed, loss=loss, delay=(RTT / 2, RTT / 2))
    net.store.submit(
        [
            Append(Ticket(0, -1), "lobby", bytes(32), Chat(bytes(8), "writer", n, 0, 0, TEXT.format(n)))
            for n in range(messages)
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
        return place is not None and place.offset == messages

    net.tap = tap
    assert net.run(1200, complete), "the reader never has all"
    seconds = net.now - begin
    ideal = messages / min(WINDOW, peak / ENTRY) * RTT
    return Result(seconds, ideal / seconds, sent[1] / (messages * ENTRY), sent[0] / messages)


def main() -> None:
    """Measures, prints a table, and writes JSON if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    seeds = range(1 if options.quick else options.seeds)
    found: dict[float, Result] = {}
    print("| loss each way | seconds | messages a second | share | bytes sent / needed |\n|--:|--:|--:|--:|--:|")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for loss in LOSSES:
            results = [asdict(result) for result in pool.map(measure, [loss] * len(seeds), seeds)]
            it = found[loss] = Result(**{name: median([result[name] for result in results]) for name in results[0]})
            rate = MESSAGES / it.seconds
            print(f"| {loss:.0%} | {it.seconds:.1f} | {rate:.0f} | {it.share:.0%} | {it.waste:.2f} |", flush=True)
    if options.json:
        rows = [{"loss": loss} | asdict(result) for loss, result in found.items()]
        document = {"rtt": RTT, "messages": MESSAGES, "python": sys.version, "results": rows}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
