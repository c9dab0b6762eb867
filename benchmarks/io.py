"""What moving many datagrams in a system call gives by itself.

    python benchmarks/io.py [--quick] [--runs 7] [--json FILE] [--plot FOLDER]

Loopback, one process, nothing but `UdpSocket`: no protocol, no seal. *Sending*: a burst of datagrams to each of N
recipients, who read nothing (what they have no room for is dropped by the kernel, after the same work). *Receiving*: a
backlog that another socket left. *Alone*: a datagram comes and one goes, again and again. CPU of the process, user and
system, from `getrusage`; medians of the runs, in which all ways take turns; ratios within a run.
"""

from __future__ import annotations

import resource
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, get_args

from report import Progress, draw, parser, save, table

from udpchat_core.path import Datagram
from udpchat_transports.mmsg import Io
from udpchat_transports.sockets import UdpSocket

HERE = ("127.0.0.1", 0)


@dataclass(frozen=True, slots=True)
class Load:
    """What is moved."""

    name: str
    peers: int
    burst: int
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """Medians for one load and one way. `ratio`: of CPU, to the plain way in the same run."""

    load: Load
    io: str
    per_second: float
    cpu: float
    """Microseconds for each datagram."""
    ratio: float


LOADS = [
    *(Load("send", peers, burst, size) for peers in (10, 200, 1000) for burst in (1, 10) for size in (100, 1000)),
    *(Load("receive", 1, 500, size) for size in (100, 1000)),
    Load("alone", 1, 1, 100),
]


def cpu() -> float:
    """Seconds that this process used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Clock:
    """Sums up wall and CPU time of what is called."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def time(self, act: Callable[[], object]) -> None:
        """Call it."""
        wall, used = time.perf_counter(), cpu()
        act()
        self.cpu += cpu() - used
        self.wall += time.perf_counter() - wall


def run(load: Load, io: Io, count: int) -> tuple[float, float]:
    """Seconds of wall and of CPU for a datagram."""
    with ExitStack() as stack:
        own = UdpSocket(socket.AF_INET, HERE, buffer=4 << 20, io=io)
        stack.callback(own.close)
        peers = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(load.peers)]
        for peer in peers:
            peer.bind(HERE)
        paths = [own.path_to(peer.getsockname()) for peer in peers]
        data, clock, done = bytes(load.size), Clock(), 0
        backlog: list[Datagram] = [(data, path) for path in paths for _ in range(load.burst)]

        def answer() -> None:
            own.receive(512, lambda data, path: waiting.append((data, path)))
            own.send(waiting)

        while done < count:
            waiting = deque(backlog)
            match load.name:
                case "send":
                    clock.time(lambda: own.send(waiting))  # noqa: B023 - called at once
                case "receive":
                    for _ in range(load.burst):
                        peers[0].sendto(data, own.address)
                    clock.time(lambda: own.receive(load.burst, lambda *_: None))
                case _:
                    waiting.clear()
                    peers[0].sendto(data, own.address)
                    clock.time(answer)
            done += len(backlog)
        assert not own.errors
    return clock.wall / done, clock.cpu / done


def ways() -> tuple[Io, ...]:
    """Those that this system has."""
    own = UdpSocket(socket.AF_INET, HERE)
    own.close()
    return get_args(Io)[: get_args(Io).index(own.io) + 1]


def measure(load: Load, runs: int, count: int) -> list[Found]:
    """All ways, in turns."""
    each: dict[Io, list[tuple[float, float]]] = {io: [] for io in ways()}
    for _ in range(runs):
        for io, times in each.items():
            times.append(run(load, io, count))
    return [
        Found(
            load=load,
            io=io,
            per_second=1 / median(wall for wall, _ in times),
            cpu=1e6 * median(used for _, used in times),
            ratio=median(used / plain for (_, used), (_, plain) in zip(times, each["plain"], strict=True)),
        )
        for io, times in each.items()
    ]


def show(found: list[Found]) -> None:
    """The table."""
    rows: list[list[str]] = []
    for it in found:
        what = [it.load.name, str(it.load.peers), str(it.load.burst), f"{it.load.size:,}", it.io]
        rows.append([*what, f"{it.per_second:,.0f}", f"{it.cpu:.2f}", f"{it.ratio:.2f}"])
    print(table(("", "to", "burst", "bytes", "by", "datagrams/s", "µs of CPU", "to plain"), rows))


def plot(axes: Any, found: list[Found]) -> None:
    """CPU to that of the plain way, for small datagrams and for large ones."""
    for axis, size in zip(axes, (100, 1000), strict=True):
        loads = [load for load in LOADS if load.size == size]
        for index, io in enumerate(("mmsg", "gso")):
            some = [(loads.index(it.load), it.ratio) for it in found if it.io == io and it.load.size == size]
            axis.barh([place + (index - 0.5) * 0.4 for place, _ in some], [ratio for _, ratio in some], 0.4, label=io)
        axis.axvline(1.0, color="black", linestyle=":")
        axis.set_yticks(range(len(loads)), [f"{it.name} {it.burst} × {it.peers}" for it in loads], fontsize=8)
        axis.invert_yaxis()
        axis.set(xlabel=f"CPU to that of the plain way, {size} bytes")
        axis.legend(fontsize=8)


def main() -> None:
    """Measures, prints a table, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "three runs with fewer datagrams")
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    runs, count = (3, 5_000) if given.quick else (given.runs, 50_000)
    if "gso" not in ways():
        print(f"this system has no more than: {', '.join(ways())}")
    bar = Progress(len(LOADS))
    found: list[Found] = []
    for load in LOADS:
        bar.step(f"{load.name} {load.burst} × {load.size} bytes, {load.peers} peers")
        found.extend(measure(load, runs, count))
    bar.end()
    show(found)
    save(given.json, {"results": [asdict(it) for it in found]})
    draw(given.plot, "io", 2, lambda axes: plot(axes, found))


if __name__ == "__main__":
    main()
