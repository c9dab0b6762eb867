"""People who chat, newcomers, and a flood of HELLOs at their server, which is a process of its own. Linux only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import trio

from e2e.inside import event, new_state
from e2e.linux import cpu_seconds, overrun, resident
from e2e.processes import PATIENCE, Process, udpchat
from udpchat_cli.links import Link, parse_link
from udpchat_core.events import ChatReceived, JoinedRoom
from udpchat_core.state import Pin
from udpchat_transports.trio_client import ChatClient, open_client

ROOM = "lobby"
GAP = 0.05
"""Seconds between two messages of the one who talks."""
NEWCOMERS = 2.0
"""Seconds between newcomers."""
RATE = 20_000


@dataclass(frozen=True, slots=True)
class Flood:
    """What is sent."""

    sources: int = 1
    cookies: bool = False
    rate: float = RATE
    seconds: float = 20.0

    @property
    def name(self) -> str:
        """For people."""
        ports = f"{self.sources} port{'s' if self.sources > 1 else ''}"
        return f"{ports}, {'first messages' if self.cookies else 'no cookies'}"


@dataclass(frozen=True, slots=True)
class Withstood:
    """What it did. Times are seconds, `growth` MiB."""

    name: str
    rate: float
    """HELLOs a second that were really sent."""
    dropped: float
    """Share of all datagrams that found no room in the server's socket."""
    quiet_p99: float
    """Of delivery from one member to another."""
    flood_p50: float
    flood_p99: float
    newcomer: float
    """The longest that one of the newcomers needed to be in the room, or waited in vain."""
    newcomers: int
    growth: float
    """Of the server's memory."""
    cpu: float
    """The server's share of a core while the flood came."""


class Stage:
    """A server process and two people in it."""

    def __init__(self, host: Process, link: Link, talker: ChatClient, listener: ChatClient) -> None:
        self.host = host
        self.link = link
        self.talker = talker
        self.listener = listener
        self._said: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._news = trio.Event()

    async def listen(self) -> None:
        """Note when each message comes."""
        async for each in self.listener:
            if isinstance(each, ChatReceived) and each.text in self._said:
                self._waits[each.text] = trio.current_time() - self._said[each.text]
                self._news.set()
                self._news = trio.Event()

    async def deliveries(self, seconds: float) -> tuple[float, float]:
        """Talk; p50 and p99 of delivery."""
        first = len(self._said)
        end = trio.current_time() + seconds
        while trio.current_time() < end:
            text = str(len(self._said))
            self._said[text] = trio.current_time()
            self.talker.say(ROOM, text)
            await trio.sleep(GAP)
        texts = list(self._said)[first:]
        with trio.fail_after(60):
            while not all(text in self._waits for text in texts):
                await self._news.wait()
        cuts = quantiles([self._waits[text] for text in texts], n=100, method="inclusive")
        return cuts[49], cuts[98]

    async def newcomer(self) -> float:
        """Seconds until somebody new is in the room."""
        begin = trio.current_time()
        async with _client(self.link) as chat:
            async for each in chat:
                if isinstance(each, JoinedRoom):
                    break
            return trio.current_time() - begin

    async def withstand(self, flood: Flood) -> Withstood:
        """Let the flood come."""
        pid, port = self.host.running.pid, self.link.port
        times: list[float] = []
        async with _flooder(self.link, flood) as flooder:
            await flooder.object("ready")
            _, quiet = await self.deliveries(max(2.0, flood.seconds / 2))
            memory, lost, cpu = resident(pid), overrun(port), cpu_seconds(pid)
            end, most, used = trio.current_time() + flood.seconds, [memory], [0.0]
            await flooder.say("go")

            async def watch() -> None:
                while True:
                    await trio.sleep(0.25)
                    most.append(resident(pid))
                    if trio.current_time() <= end:
                        used.append(cpu_seconds(pid) - cpu)

            async def come() -> None:
                while True:
                    await trio.sleep(min(NEWCOMERS, flood.seconds / 4))
                    since = trio.current_time()
                    try:
                        await self.newcomer()
                    finally:  # whoever waits in vain counts too
                        times.append(trio.current_time() - since)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(watch)
                async with trio.open_nursery() as newcomers:
                    newcomers.start_soon(come)
                    p50, p99 = await self.deliveries(flood.seconds)
                    newcomers.cancel_scope.cancel()
                nursery.cancel_scope.cancel()
            sent = await flooder.object("sent")
        return Withstood(
            name=flood.name,
            rate=sent["datagrams"] / sent["seconds"],
            dropped=(overrun(port) - lost) / max(sent["datagrams"], 1),
            quiet_p99=quiet,
            flood_p50=p50,
            flood_p99=p99,
            newcomer=max(times),
            newcomers=len(times),
            growth=(max(most) - memory) / 1024,
            cpu=used[-1] / flood.seconds,
        )


@asynccontextmanager
async def _client(link: Link) -> AsyncGenerator[ChatClient]:
    """Somebody who comes in, and just vanishes in the end."""
    assert link.key is not None
    async with open_client((link.host, link.port), new_state(), confirmed=Pin(link.key)) as chat:
        chat.join(ROOM, newest=0)
        yield chat


@asynccontextmanager
async def _flooder(link: Link, flood: Flood) -> AsyncGenerator[Process]:
    assert link.key is not None
    words = [sys.executable, "-m", "e2e.flooder", link.host, link.port, "--sources", flood.sources]
    words += ["--rate", flood.rate, "--seconds", flood.seconds, *(["--key", link.key.hex()] if flood.cookies else [])]
    running = await trio.lowlevel.open_process(
        [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process = Process(running)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(process.read)
            yield process
            with trio.fail_after(PATIENCE):
                await running.wait()
    finally:
        if running.returncode is None:
            running.kill()
            with trio.CancelScope(shield=True):
                await running.wait()
        for pipe in (running.stdin, running.stdout):
            assert pipe is not None
            await trio.aclose_forcefully(pipe)


@asynccontextmanager
async def stage(state: Path) -> AsyncGenerator[Stage]:
    """A server and two people in it, each in its lobby."""
    fast = ("--limit", "chat_rate=1000", "--limit", "chat_burst=1000")
    async with udpchat("server", "--listen", "127.0.0.1:0", "--json", *fast, state=state) as host:
        link = parse_link((await host.object("listening"))["url"])
        async with _client(link) as talker, _client(link) as listener, trio.open_nursery() as nursery:
            await event(talker, JoinedRoom)
            await event(listener, JoinedRoom)
            it = Stage(host, link, talker, listener)
            nursery.start_soon(it.listen)
            nursery.start_soon(_drain, talker)
            yield it
            nursery.cancel_scope.cancel()


async def _drain(chat: ChatClient) -> None:
    async for _ in chat:
        pass
