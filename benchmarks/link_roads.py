"""Bad roads between network namespaces: tun devices in pairs, and between them `udpchat_transports.link`.

    python benchmarks/link_roads.py SEED NEAR FAR [NEAR FAR ...]

As a program it is the emulator: it makes these devices, says `ready`, and carries IP packets between the two of each
pair, whatever is in them. A line of JSON on standard input, {"loss": 0.1, "rtt": 0.1}, is the weather of all of them
from then on. At the end of its input it says what it did, and how late, and ends; the devices go with it.

As a module it makes the namespaces, and starts the emulator for them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from io import FileIO
from math import inf
from pathlib import Path
from select import select
from struct import pack
from time import monotonic
from typing import Any

import trio

from udpchat_transports.link import Conditions, Link

SERVER = "10.9.0.1"
PORTS = {"udpchat": 9999, "ngircd": 6667}
NETS = ("10.8.0", "10.7.0")
"""Of the client namespaces; in each, `.1` is the address that clients begin with."""

_TUNSETIFF = 0x400454CA
_TUN_NO_HEADER = 0x0001 | 0x1000
_PACKET = 65536
_DRAIN = 64  # packets taken from one device before others have their turn


# -- the emulator ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Lane:
    """One direction of a road."""

    source: int
    sink: int
    link: Link


def emulate(seed: int, names: list[str]) -> None:
    """Until the end of standard input."""
    with suppress(PermissionError):
        os.nice(-10)  # the road is not what is measured
    devices = [_tun(name) for name in names]
    lanes: list[Lane] = []
    for near, far in zip(devices[::2], devices[1::2], strict=True):
        for source, sink in ((near, far), (far, near)):
            lanes.append(Lane(source, sink, Link(Conditions(), seed * 1000 + len(lanes))))
    by_source = {lane.source: lane for lane in lanes}
    late: list[float] = []
    orders = FileIO(0)
    print("ready", flush=True)
    obeys = True
    while obeys:
        due = _deliver(lanes, late)
        readable, _, _ = select([orders, *by_source], (), (), None if due == inf else max(due - monotonic(), 0.0))
        for source in readable:
            if isinstance(source, int):
                _take(by_source[source])
            else:
                obeys = _obey(lanes, source)
    late.sort()
    counts = {"packets": sum(lane.link.sent for lane in lanes), "lost": sum(lane.link.lost for lane in lanes)}
    with suppress(BrokenPipeError):
        print(json.dumps({**counts, "late_p99": late[len(late) * 99 // 100] if late else 0.0}), flush=True)


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    ioctl(device, _TUNSETIFF, pack("16sH22x", name.encode(), _TUN_NO_HEADER))
    return device


def _deliver(lanes: list[Lane], late: list[float]) -> float:
    """What is due; when more will be."""
    now, due = monotonic(), inf
    for lane in lanes:
        at = lane.link.next_delivery()
        if at is not None and at <= now:
            late.append(now - at)
            for packet, _ in lane.link.deliver(now):
                with suppress(OSError):  # the device is not up, or full: as on a real road
                    os.write(lane.sink, packet)
            at = lane.link.next_delivery()
        due = min(due, inf if at is None else at)
    return due


def _take(lane: Lane) -> None:
    with suppress(BlockingIOError, OSError):
        for _ in range(_DRAIN):
            lane.link.send(monotonic(), os.read(lane.source, _PACKET), None)


def _obey(lanes: list[Lane], orders: FileIO) -> bool:
    """Change the weather, if there is more input."""
    line = orders.readline()
    if not line:
        return False
    weather = json.loads(line)
    for lane in lanes:
        lane.link.conditions = Conditions(loss=weather["loss"], delay=(weather["rtt"] / 2, weather["rtt"] / 2))
    return True


# -- the namespaces ----------------------------------------------------------------------------------------------------


@dataclass
class Running:
    """A program that obeys lines and answers in lines."""

    process: trio.Process
    _rest: bytes = b""

    async def tell(self, **command: Any) -> None:
        """One line of JSON."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(json.dumps(command).encode() + b"\n")

    async def line(self) -> str:
        """The next line that it says."""
        assert self.process.stdout is not None
        while b"\n" not in self._rest:
            data = await self.process.stdout.receive_some(65536)
            if not data:
                raise RuntimeError(f"{self.process.args} ended early")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


@asynccontextmanager
async def running(*words: object) -> AsyncGenerator[Running]:
    """A program that does not outlive the block."""
    pipe = subprocess.PIPE
    process = await trio.lowlevel.open_process([*map(str, words)], stdin=pipe, stdout=pipe)
    try:
        yield Running(process)
    finally:
        with trio.CancelScope(shield=True):
            process.kill()
            await process.wait()


@dataclass
class Road:
    """Namespaces around one server, each client namespace on a link of its own: the first is `near[0]`."""

    far: str
    near: list[str]
    emulator: Running
    done: dict[str, float] = field(default_factory=dict[str, float])
    """What the emulator did, after the block."""

    async def weather(self, loss: float, rtt: float) -> None:
        """From now on."""
        await self.emulator.tell(loss=loss, rtt=rtt)


@asynccontextmanager
async def road(name: str, seed: int, near: int = 1) -> AsyncGenerator[Road]:
    """A server's namespace and `near` ones for clients."""
    far, nears = f"{name}s", [f"{name}c{n}" for n in range(near)]
    devices = [f"{name}{end}{n}" for n in range(near) for end in "ab"]
    async with running(sys.executable, Path(__file__), seed, *devices) as emulator:
        await emulator.line()
        for each in (far, *nears):
            await ip(f"netns add {each}")
        await ip(f"address add {SERVER}/32 dev lo\nlink set lo up", far)
        for n, each in enumerate(nears):
            a, b = devices[2 * n : 2 * n + 2]
            await ip(f"link set {a} netns {each}\nlink set {b} netns {far}")
            await ip(f"link set {b} up\nroute add {NETS[n]}.0/24 dev {b} src {SERVER}", far)
            await ip(f"link set lo up\nlink set {a} up\n{be(NETS[n] + '.1', a)}", each)
        made = Road(far, nears, emulator)
        try:
            yield made
            assert emulator.process.stdin is not None
            await emulator.process.stdin.aclose()
            made.done = json.loads(await emulator.line())
        finally:
            with trio.CancelScope(shield=True):
                for each in (far, *nears):
                    await ip(f"netns delete {each}")


def be(host: str, device: str) -> str:
    """The lines of `ip` by which a client namespace sends from `host`, and from no other address."""
    flush = f"address flush dev {device} scope global"
    return f"{flush}\naddress add {host}/32 dev {device}\nroute replace {SERVER}/32 dev {device} src {host}"


async def ip(lines: str, namespace: str | None = None) -> None:
    """Run `ip` with these lines, perhaps in a namespace. Raises CalledProcessError."""
    where = () if namespace is None else ("-netns", namespace)
    await trio.run_process(["ip", *where, "-batch", "-"], stdin=lines.encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this will end it
    emulate(int(sys.argv[1]), sys.argv[2:])
