"""People who say nothing on a bad network: is anybody ever told a change of presence, which would be false?

    python -m simulation.presence [--first 0] [--seeds 20] [--hours 10] [--members 10] [--loss 0.3] [--jobs N]

Nobody leaves, so that every `MemberChanged` that anyone is told is false, and every `Disconnected` too; the status is 1
if there was any. A `LinkChanged` is true (nothing was heard for `timeout`), and is counted beside them. The timers are
those of chapter 15.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from time import monotonic

from net import Net
from udpchat_core.events import Disconnected, LinkChanged, MemberChanged, SessionReachable

DELAY = (0.02, 0.08)
WHILE = 30.0
"""Seconds in which everyone was told of what happened before."""


@dataclass(frozen=True, slots=True)
class Idle:
    """What one run gave."""

    seed: int
    hours: float
    silences: int
    """How often the server took somebody for unreachable."""
    changes: int
    """Changes of presence that were told, by all who were told together."""
    links: int
    """How often a client told its person that the server is not heard, or is again."""
    lost: int
    """Sessions that ended."""
    datagrams: int
    wall: float

    @property
    def wrong(self) -> int:
        """What was told and is not true."""
        return self.changes + self.lost


def idle(seed: int, hours: float, members: int = 10, loss: float = 0.3) -> Idle:
    """So many people sit in a room."""
    begin = monotonic()
    net = Net(seed, loss=loss, delay=DELAY)
    people = [net.person(f"p{n}") for n in range(members)]

    def here() -> bool:
        return all(len(person.client.attendees("lobby")) == members for person in people)

    assert net.run(300, here), "the people do not meet"
    net.run(WHILE)
    for person in people:
        person.events.clear()
        person.times.clear()
    net.server_events.clear()
    before = net.sent
    net.run(hours * 3600 + WHILE)
    assert here(), "somebody does not know everybody"
    silences = [event for event in net.server_events if isinstance(event, SessionReachable) and not event.reachable]
    changes, links, lost = (
        sum(len(person.of(kind)) for person in people) for kind in (MemberChanged, LinkChanged, Disconnected)
    )
    return Idle(seed, hours, len(silences), changes, links, lost, net.sent - before, monotonic() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description="let people sit on a bad network and say nothing")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds")
    parser.add_argument("--hours", type=float, default=10.0, help="virtual hours of each")
    parser.add_argument("--members", type=int, default=10)
    parser.add_argument("--loss", type=float, default=0.3, help="each way")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    args = parser.parse_args()
    run = partial(idle, hours=args.hours, members=args.members, loss=args.loss)
    begin, found = monotonic(), list[Idle]()
    with ProcessPoolExecutor(args.jobs) as pool:
        runs = [pool.submit(run, seed) for seed in range(args.first, args.first + args.seeds)]
        for future in as_completed(runs):
            it = future.result()
            found.append(it)
            if it.wrong:
                print(
                    f"idle({it.seed}): {it.silences} silences, {it.changes} changes of presence, {it.links} of links, "
                    f"{it.lost} sessions lost",
                    flush=True,
                )
            line = f"{len(found)} of {args.seeds} seeds, {sum(each.wrong for each in found)} false, "
            print(f"{line}{monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    hours, wall = sum(it.hours for it in found), sum(it.wall for it in found)
    wrong = sum(it.wrong for it in found)
    print(
        f"{args.members} people, {args.loss:.0%} loss each way, {hours:g} virtual hours: "
        f"{sum(it.changes for it in found)} false changes of presence were told, from "
        f"{sum(it.silences for it in found)} silences; {sum(it.lost for it in found)} sessions were lost; "
        f"{sum(it.links for it in found)} changes of links"
    )
    rate = sum(it.datagrams for it in found) / (hours * 3600 * args.members)
    print(f"{rate:.2f} datagrams a second and member; {hours * 3600 / wall:.0f} virtual seconds a second of one core")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
