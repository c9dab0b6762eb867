"""Chat on bad roads: UDPCHAT/1 beside IRC over TCP (ngircd), on the same links, in the same conversation.

    python benchmarks/link.py [--quick] [--json FILE] [--plot FOLDER]   # about nine minutes on two cores

Real programs over an emulated network: `udpchat server` and `ngircd` in one network namespace, their clients in
another, and between them two tun devices with `udpchat_transports.link`, which loses and delays IP packets of both
alike, each way. In each room one talks, a line every 0.5 s, and one reads. Latency is from say to show, in round
trips; a line that was not shown when the run ended has waited at least that long.

Then what goes wrong with roads: everyone in one namespace gets another address while they talk, a line every 25 ms
each way (the clients know: a TCP client comes back at once), everything is lost for 60 s, the servers are killed and
begin again a second later. *waited*: lines that had to wait for their TCP client to be back, and were said then.

Needs Linux, `ip`, `unshare`, /dev/net/tun and root, and ngircd for what is compared with: benchmarks/brokers.sh
asks Debian for them. Everything happens in namespaces of the run's own, which end with it, whatever happens to it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from argparse import SUPPRESS, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from math import ceil
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import link_figures as figures
import link_tables as tables
import trio
from link_cases import Case, Raw, Together, play
from report import Progress, draw, parser, save, table

TICK = 5.0
GRACE = 2.0
"""Seconds in which a run that was interrupted can end by itself."""
BUSY = 0.025
"""Seconds that p99 without loss may be above the round-trip time: more of it was not the road."""
UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
LOSSES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
RTTS = (0.1, 0.02)
QUICK = (0.0, 0.1, 0.2, 0.3)

TALK = Case("talk", loss=0.0, rtt=0.1, pairs=10, gap=0.5, seconds=110.0, patience=30.0, warm=15.0)
MOVED = Case("moved", loss=0.0, rtt=0.1, pairs=1, gap=0.025, seconds=3.0, patience=5.0, times=20)
BLACKOUT = Case("blackout", loss=0.0, rtt=0.1, pairs=10, gap=0.5, seconds=60.0, patience=60.0)
RESTART = Case("restart", loss=0.0, rtt=0.1, pairs=10, gap=0.5, seconds=6.0, patience=5.0, times=5)


def batches(*, quick: bool) -> list[list[Case]]:
    """What is to be measured; the cases of a batch at the same time, each on a road of its own.

    A server that begins again takes a second of a core: not while others change their address.
    """
    if quick:
        few = replace(TALK, pairs=8, seconds=13.0, patience=2.0, warm=12.0)
        return [
            [
                *[replace(few, loss=loss) for loss in QUICK],
                replace(MOVED, seconds=2.5, patience=2.0, times=6),
                replace(BLACKOUT, pairs=4, seconds=6.0, patience=10.0),
                replace(RESTART, pairs=4, seconds=5.0, patience=2.0, times=2, warm=15.0),
            ]
        ]
    return [
        *[[replace(TALK, loss=loss, rtt=rtt) for loss in LOSSES] for rtt in RTTS],
        [replace(MOVED, loss=loss) for loss in (0.0, 0.1, 0.3)],
        [BLACKOUT, RESTART],
    ]


def missing() -> list[str]:
    """What this machine does not have, by name."""
    out = [name for name in ("ip", "unshare", "ngircd") if which(name, path=_path()) is None]
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        out.append("/dev/net/tun")
    if "unshare" not in out and subprocess.run([*_unshare(), "true"], capture_output=True, check=False).returncode:
        out.append("network namespaces")
    return out


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def _unshare() -> tuple[str, ...]:
    return UNSHARE if os.geteuid() == 0 else (*UNSHARE, "--map-root-user")


@contextmanager
def haste() -> Iterator[None]:
    """Go before whatever else runs on this machine, as far as one may: it is the road that is measured."""
    with suppress(PermissionError):
        os.nice(-10)
    group = Path("/proc/self/autogroup")  # a nice value counts within one, and a session is one
    with suppress(OSError):
        group.write_text("-10", encoding="ascii")
    try:
        yield
    finally:
        with suppress(OSError):
            group.write_text("0", encoding="ascii")


def go_inside() -> int:
    """Run this command in namespaces of its own; its exit status. What is left in there dies with it."""
    words = [*_unshare(), sys.executable, __file__, *sys.argv[1:], "--inside"]
    with haste(), subprocess.Popen(words) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)  # a terminal has told it, too
            process.kill()
            return 130


async def measure(wanted: list[list[Case]], programs: list[str]) -> list[Raw]:
    """All of it."""
    ticks = [ceil(max(case.lasts for case in batch) / TICK) for batch in wanted]
    progress = Progress(sum(ticks))
    found: list[Raw] = []
    for place, (batch, count) in enumerate(zip(wanted, ticks, strict=True)):
        what = ", ".join(f"{case.kind} {case.loss:.0%} {case.rtt * 1000:.0f} ms" for case in batch)
        ready = Together(len(batch))
        async with trio.open_nursery() as nursery:
            clock = trio.CancelScope()
            nursery.start_soon(_tick, progress, count, what, clock)
            async with trio.open_nursery() as roads:
                for n, case in enumerate(batch):
                    roads.start_soon(_one, f"r{place}{n}", case, programs, ready, found)
            clock.cancel()
    progress.end()
    return found


async def _one(name: str, case: Case, programs: list[str], ready: Together, found: list[Raw]) -> None:
    with TemporaryDirectory(dir="/run") as folder:  # this run's own
        found.append(await play(name, case, programs, ready, Path(folder)))


async def _tick(progress: Progress, count: int, what: str, scope: trio.CancelScope) -> None:
    done = 0
    with scope:
        while done < count:
            progress.step(what)
            done += 1
            await trio.sleep(TICK)
    while done < count:
        progress.step(what)
        done += 1


def tell(found: list[Raw], absent: list[str], options: Namespace) -> None:
    """Print the tables, write the JSON, draw the plot."""
    talks = [it for raw in found if raw.case.kind == "talk" for it in figures.talks(raw)]
    order = {"moved": 0, "blackout": 1, "restart": 2}
    others = sorted(
        (raw for raw in found if raw.case.kind in order), key=lambda raw: (order[raw.case.kind], raw.case.loss)
    )
    trouble = [it for raw in others for it in figures.troubles(raw)]
    print("From say to show, in round trips; a line every 0.5 s\n")
    print(table(tables.TALK_HEAD, tables.talk_rows(talks)))
    print("\nHow long it was felt: silence at a change of address, then until all is read, then until lines come\n")
    print(table(tables.TROUBLE_HEAD, tables.trouble_rows(trouble)))
    goals = tables.goals(talks, trouble)
    print("\n" + table(tables.GOAL_HEAD, tables.goal_rows(goals)))
    late = max(raw.road["late_p99"] for raw in found)
    clear = [it for it in talks if not it.loss]
    print(f"\nThe emulator delivered 99 % of packets within {late * 1000:.1f} ms of their time on each road;")
    print(f"p99 without loss, in RTT: {', '.join(f'{it.p99 / it.rtt:.2f}' for it in clear)}")
    if any(it.p99 - it.rtt > BUSY for it in clear):
        print("That is too much: this machine was busy with something else, and every figure here is too large.")
    if absent:
        print(f"Missing on this machine, and so in these tables: {', '.join(absent)}")
    document = {
        "quick": options.quick,
        "missing": absent,
        "talks": [asdict(it) for it in talks],
        "troubles": [asdict(it) for it in trouble],
        "goals": goals,
        "roads": [asdict(raw.case) | raw.road for raw in found],
    }
    save(options.json, document)
    draw(options.plot, "link", 3, partial(tables.curves, found=talks))


def main() -> None:
    """Goes into namespaces of its own, measures there, and tells."""
    options = parser(__doc__, "all at once, with fewer lines, roads and changes, and a blackout of 6 s")
    options.add_argument("--inside", action="store_true", help=SUPPRESS)
    chosen = options.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also for the first process of a namespace
    os.environ["PATH"] = _path()
    absent = missing() if not chosen.inside else [name for name in ("ngircd",) if which(name) is None]
    if set(absent) - {"ngircd"}:
        sys.exit(f"missing on this machine: {', '.join(absent)}")
    if not chosen.inside:
        sys.exit(go_inside())
    here = str(Path(__file__).parent)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)  # where `ip` keeps the names
    programs = ["udpchat"] if absent else ["udpchat", "ngircd"]
    found: list[Raw] = []
    try:
        found = trio.run(measure, batches(quick=chosen.quick), programs)
    except* KeyboardInterrupt:
        sys.exit(130)
    tell(found, absent, chosen)


if __name__ == "__main__":
    main()
