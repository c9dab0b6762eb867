"""The cases of `link.py`: what happens on one road, with everyone talking over both programs at once.

Everybody comes in while the weather is good, so that a case begins with what it is about.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from time import monotonic
from typing import Any

import trio
from link_roads import NETS, PORTS, SERVER, Road, Running, road, running

PATIENCE = 30.0
"""Seconds for a server to begin."""
NGIRCD = f"""[Global]
Name = irc.example.net
Listen = {SERVER}
Ports = {PORTS["ngircd"]}
MotdPhrase = hello
ServerUID = {{}}
ServerGID = {{}}
[Limits]
MaxConnectionsIP = 0
MaxNickLength = 31
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One road, and what happens on it. Times are seconds."""

    kind: str
    """`talk`, `moved`, `blackout` or `restart`."""
    loss: float
    rtt: float
    pairs: int
    """Rooms of two people each."""
    gap: float
    """Between two lines of one talker."""
    seconds: float
    """`talk`: of talking; else from one event to the next, or the length of the blackout."""
    patience: float
    """How long is waited in the end for what was not shown yet."""
    times: int = 1
    """How often the event happens."""
    warm: float = 2.0
    """Talking before that, not counted."""

    @property
    def lasts(self) -> float:
        """Seconds that it takes at most, about."""
        return 5 + self.warm + self.seconds * self.times + self.patience


@dataclass(slots=True)
class Raw:
    """What came of a case: lines said as (program, speaker, number, time), shown as (program, listener, …)."""

    case: Case
    said: list[tuple[str, str, int, float]] = field(default_factory=list[tuple[str, str, int, float]])
    shown: list[tuple[str, str, str, int, float]] = field(default_factory=list[tuple[str, str, str, int, float]])
    again: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(program, speaker) of each line that waited for its client to be back."""
    begin: float = 0.0
    """What was said before is not counted."""
    hushed: float = 0.0
    end: float = 0.0
    events: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """When it happened, by program: the address changed, the blackout ended, the server listened again."""
    road: dict[str, float] = field(default_factory=dict[str, float])


class Together:
    """Cases that begin when people are in on all roads: programs that start would be felt on the others."""

    def __init__(self, cases: int) -> None:
        self._missing = cases
        self._all = trio.Event()

    async def wait(self) -> None:
        """Returns when everybody waits here."""
        self._missing -= 1
        if not self._missing:
            self._all.set()
        await self._all.wait()


@dataclass(slots=True)
class Server:
    """One of the two, in its namespace."""

    program: str
    far: str
    folder: Path
    process: trio.Process

    @property
    def listening(self) -> bool:
        """Does it?"""
        tcp = self.program == "ngircd"
        table = Path(f"/proc/{self.process.pid}/net/{'tcp' if tcp else 'udp'}").read_text(encoding="ascii")
        rows = (row.split() for row in table.splitlines()[1:])
        port = f":{PORTS[self.program]:04X}"
        return any(row[1].endswith(port) and row[3] == ("0A" if tcp else "07") for row in rows)

    async def listens(self) -> float:
        """When it does."""
        with trio.fail_after(PATIENCE):
            while not self.listening:
                assert self.process.returncode is None, f"{self.program} ended: see {self.folder}"
                await trio.sleep(0.005)
        return monotonic()

    async def url(self) -> str:
        """The link to join it by."""
        out = self.folder / "udpchat.out"
        with trio.fail_after(PATIENCE):
            while "\n" not in out.read_text(encoding="utf-8"):  # noqa: ASYNC110 - a file tells nobody
                await trio.sleep(0.02)
        return json.loads(out.read_text(encoding="utf-8").partition("\n")[0])["url"]

    async def kill(self) -> None:
        """As by a crash."""
        self.process.kill()
        await self.process.wait()

    async def start(self) -> None:
        """The same once more."""
        self.process = await _begin(self.program, self.far, self.folder)


async def _begin(program: str, far: str, folder: Path) -> trio.Process:
    if program == "udpchat":
        bounds = [word for name in ("chat_rate", "chat_burst") for word in ("--limit", f"{name}=1000")]
        listen = ("--listen", f"{SERVER}:{PORTS['udpchat']}", "--state", str(folder / "state"), "--json")
        words = [sys.executable, "-m", "udpchat_cli", "server", *listen, *bounds]
    else:
        config = folder / "ngircd.conf"
        config.write_text(NGIRCD.format(os.getuid(), os.getgid()), encoding="utf-8")
        words = ["ngircd", "--nodaemon", "--config", str(config)]
    with (folder / f"{program}.out").open("wb") as out:
        return await trio.lowlevel.open_process(
            ["ip", "netns", "exec", far, *words], stdin=DEVNULL, stdout=out, stderr=out
        )


@dataclass(slots=True)
class Scene:
    """A road with servers and people."""

    road: Road
    servers: dict[str, Server]
    groups: list[Running]

    async def all(self, do: str, **fields: Any) -> None:
        """Everybody does this; returns when they have."""
        for group in self.groups:
            await group.tell(do=do, **fields)
        for group in self.groups:
            await group.line()


@asynccontextmanager
async def scene(name: str, case: Case, programs: list[str], folder: Path) -> AsyncGenerator[tuple[Scene, Raw]]:
    """Everybody is in their rooms, the weather is good, and nobody says anything yet. After it, `Raw` is whole."""
    groups = 2 if case.kind == "moved" else 1
    raw = Raw(case)
    seed = round(case.loss * 1000) + round(case.rtt * 10000)
    async with road(name, seed, groups) as way:
        await way.weather(0.0, case.rtt)
        servers: dict[str, Server] = {}
        try:
            for program in programs:
                servers[program] = Server(program, way.far, folder, await _begin(program, way.far, folder))
            for server in servers.values():
                await server.listens()
            url = await servers["udpchat"].url()
            async with _crowd(name, way, case, folder, url=url, irc="ngircd" in programs) as crowd:
                yield Scene(way, servers, crowd), raw
                raw.hushed = monotonic()
                for group in crowd:
                    await group.tell(do="hush")
                    await group.line()
                for group in crowd:
                    await group.tell(do="wait", seconds=case.patience if groups == 1 else 0)
                    await group.line()
                if groups > 1:
                    await trio.sleep(case.patience)
                await _collect(crowd, raw, name, folder)
        finally:
            with trio.CancelScope(shield=True):
                for server in servers.values():
                    await server.kill()
    raw.road = way.done


@asynccontextmanager
async def _crowd(
    name: str, way: Road, case: Case, folder: Path, *, url: str, irc: bool
) -> AsyncGenerator[list[Running]]:
    """The people, all in one namespace, or of each room one in each."""
    both = len(way.near) > 1
    crowd: list[Running] = []
    async with trio.open_nursery() as nursery:
        for n, near in enumerate(way.near):
            script = Path(__file__).with_name("link_people.py")
            group = await _enter(nursery, "ip", "netns", "exec", near, sys.executable, script)
            crowd.append(group)
            rooms = range(case.pairs)
            here = [(f"{'ab'[n]}{room}", f"r{room}", True) for room in rooms]
            if not both:
                here += [(f"b{room}", f"r{room}", case.kind != "talk" and room % 2 == 0) for room in rooms]
            await group.tell(
                people=here, url=url, irc=irc, gap=case.gap, device=f"{name}a{n}", file=str(folder / f"{n}.json")
            )
        for group in crowd:
            assert await group.line() == "joined"
        yield crowd
        nursery.cancel_scope.cancel()


async def _enter(nursery: trio.Nursery, *words: object) -> Running:
    """A program that does not outlive the nursery."""

    async def live(task_status: trio.TaskStatus[Running]) -> None:
        async with running(*words) as program:
            task_status.started(program)
            await trio.sleep_forever()

    return await nursery.start(live)


async def _collect(crowd: list[Running], raw: Raw, name: str, folder: Path) -> None:
    raw.end = monotonic()
    for n, group in enumerate(crowd):
        await group.tell(do="end")
        assert await group.line() == "done", name
        found = json.loads((folder / f"{n}.json").read_text(encoding="utf-8"))
        raw.said += [tuple(each) for each in found["said"]]
        raw.shown += [tuple(each) for each in found["shown"]]
        raw.again += [tuple(each) for each in found["again"]]
        if found["moves"]:
            raw.events = {program: [*found["moves"]] for program in PORTS}


async def play(name: str, case: Case, programs: list[str], ready: Together, folder: Path) -> Raw:
    """One case from its begin to its end."""
    async with scene(name, case, programs, folder) as (on, raw):
        await ready.wait()
        await on.road.weather(case.loss, case.rtt)
        await on.all("talk")
        await trio.sleep(case.warm)
        raw.begin = monotonic()
        await KINDS[case.kind](on, case, raw)
    return raw


async def _talk(on: Scene, case: Case, raw: Raw) -> None:
    del on, raw
    await trio.sleep(case.seconds)


async def _moved(on: Scene, case: Case, raw: Raw) -> None:
    """Everyone in one of the namespaces gets another address, again and again."""
    del raw
    for n in range(case.times):
        await on.groups[1].tell(do="move", host=f"{NETS[1]}.{2 + n}")
        await on.groups[1].line()
        await trio.sleep(case.seconds)


async def _blackout(on: Scene, case: Case, raw: Raw) -> None:
    await on.road.weather(1.0, case.rtt)
    await trio.sleep(case.seconds)
    await on.road.weather(case.loss, case.rtt)
    raw.events = {program: [monotonic()] for program in PORTS}


async def _restart(on: Scene, case: Case, raw: Raw) -> None:
    """Both servers die, and begin again a second later."""
    raw.events = {program: [] for program in on.servers}

    async def one(server: Server) -> None:
        await server.kill()
        await trio.sleep(1.0)
        await server.start()
        raw.events[server.program].append(await server.listens())

    for n in range(case.times):
        async with trio.open_nursery() as nursery:
            for server in on.servers.values():
                nursery.start_soon(one, server)
        await trio.sleep(case.seconds + 0.37 * n % 0.5)


KINDS = {"talk": _talk, "moved": _moved, "blackout": _blackout, "restart": _restart}
