"""Commands of `udpchat` with a person at a terminal: what is typed, and what is seen."""

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from e2e.processes import PATIENCE, UDPCHAT

_STEERING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")


class Screen:
    """A terminal, from the person's side."""

    def __init__(self, descriptor: int, running: trio.Process) -> None:
        self.running = running
        self.shown = ""
        """All that was printed, without what steers the terminal."""
        self._descriptor = descriptor
        self._looked_at = 0
        self._rest = ""

    async def sees(self, *texts: str) -> None:
        """Wait until each of these appears, after the one before."""
        for text in texts:
            with trio.move_on_after(PATIENCE):
                while text not in self.shown[self._looked_at :]:
                    await self._read()
            at = self.shown.find(text, self._looked_at)
            assert at >= 0, f"{text!r} is not in {self.shown[self._looked_at :]!r}"
            self._looked_at = at + len(text)

    def types(self, *lines: str) -> None:
        """Type lines, each with Enter."""
        for line in lines:
            self.presses(line + "\r")

    def presses(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    async def status(self) -> int:
        """Its status, when it has ended."""
        with trio.fail_after(PATIENCE):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._keep_reading)
                status = await self.running.wait()
                nursery.cancel_scope.cancel()
        return status

    @property
    def cooked(self) -> bool:
        """Is the terminal as a shell wants it, with echo and whole lines?"""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)

    async def _keep_reading(self) -> None:
        """A terminal answers for as long as it is asked."""
        while True:
            await self._read()

    async def _read(self) -> None:
        await trio.lowlevel.wait_readable(self._descriptor)
        data = os.read(self._descriptor, 65536)
        if b"\x1b[6n" in data:  # the terminal is asked where its cursor is
            os.write(self._descriptor, b"\x1b[1;1R")
        self._rest += data.decode(errors="replace")
        end = self._rest.rfind("\x1b") if "\x1b" in self._rest[-12:] else len(self._rest)
        if _STEERING.match(self._rest[end:]):
            end = len(self._rest)
        self.shown += _STEERING.sub("", self._rest[:end])
        self._rest = self._rest[end:]


@asynccontextmanager
async def on_terminal(*words: object) -> AsyncGenerator[Screen]:
    """A command on a terminal of its own that does not outlive the block."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 200, 0, 0))
    # The first to open it in a session of its own has it as its terminal, as a shell's foreground command has.
    begin = "import fcntl, os, runpy, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); sys.argv[0] = 'udpchat'; "
    begin += "runpy.run_module('udpchat_cli', run_name='__main__')"
    running = await trio.lowlevel.open_process(
        [*UDPCHAT[:-2], "-c", begin, *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONSAFEPATH": "1", "TERM": "xterm", "NO_COLOR": "1"},
        start_new_session=True,
    )
    try:
        yield Screen(own, running)
    finally:
        if running.returncode is None:
            running.kill()
        with trio.CancelScope(shield=True):
            await running.wait()
        os.close(theirs)
        os.close(own)
