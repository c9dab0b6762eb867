"""Real processes of `udpchat`, and what they print, with deadlines instead of sleeps."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

UDPCHAT = (sys.executable, "-W", "error", "-m", "udpchat_cli")

PATIENCE = 20.0
"""Seconds after which whatever is waited for will not come."""

Object = dict[str, Any]


class Process:
    """A running command."""

    def __init__(self, running: trio.Process) -> None:
        self.running = running
        self.out: list[str] = []
        self.err = ""
        self._news = trio.Event()
        self.err_read = trio.Event()

    @property
    def objects(self) -> list[Object]:
        """What it printed as JSON."""
        return [json.loads(line) for line in self.out]

    def all(self, event: str) -> list[Object]:
        """Every object of this event so far."""
        return [each for each in self.objects if each["event"] == event]

    async def line(self, found: Callable[[str], bool] = lambda _: True) -> str:
        """The first line for which `found` is true, when it comes."""
        with trio.fail_after(PATIENCE):
            while (one := next(filter(found, self.out), None)) is None:
                await self._news.wait()
        return one

    async def object(self, event: str, **fields: object) -> Object:
        """The first such object, when it comes."""
        wanted = {"event": event, **fields}
        return json.loads(await self.line(lambda line: wanted.items() <= json.loads(line).items()))

    async def texts(self, *texts: str) -> None:
        """Wait until it has read these messages."""
        for text in texts:
            await self.object("chat", text=text)

    async def say(self, *texts: str) -> None:
        """Give it lines of input."""
        assert self.running.stdin is not None
        await self.running.stdin.send_all("".join(text + "\n" for text in texts).encode())

    async def end_input(self) -> None:
        """There is no more input."""
        assert self.running.stdin is not None
        await self.running.stdin.aclose()

    async def status(self) -> int:
        """Its status, when it has ended."""
        with trio.fail_after(PATIENCE):
            await self.err_read.wait()
            return await self.running.wait()

    async def read(self) -> None:
        assert self.running.stdout is not None
        rest = b""
        async for data in self.running.stdout:
            *lines, rest = (rest + data).split(b"\n")
            self.out += [line.decode() for line in lines]
            self._news.set()
            self._news = trio.Event()

    async def read_errors(self) -> None:
        assert self.running.stderr is not None
        async for data in self.running.stderr:
            self.err += data.decode()

        self.err_read.set()


@asynccontextmanager
async def udpchat(*words: object, state: Path | None = None) -> AsyncGenerator[Process]:
    """A command that does not outlive the block."""
    at = () if state is None else ("--state", str(state))
    async with program(*UDPCHAT, *words, *at) as process:
        yield process


@asynccontextmanager
async def program(*words: object) -> AsyncGenerator[Process]:
    """Any program that does not outlive the block."""
    running = await trio.lowlevel.open_process(
        [*map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
    )
    process = Process(running)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(process.read)
            nursery.start_soon(process.read_errors)
            yield process
            if running.returncode is None:
                running.kill()
    finally:
        if running.returncode is None:
            running.kill()
        with trio.CancelScope(shield=True):
            await running.wait()
        for pipe in (running.stdin, running.stdout, running.stderr):
            assert pipe is not None
            await trio.aclose_forcefully(pipe)
