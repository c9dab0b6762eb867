"""A line to type on at the bottom of a terminal, below what is printed meanwhile.

The line is prompt_toolkit's, which wants a thread of its own; what was typed comes over to Trio as lines of text. A
paste of several lines is several lines, as if each had been typed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto

import trio
from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.patch_stdout import patch_stdout

_PATIENCE = 3.0
"""Seconds in which a terminal is given back; one that does not answer costs prompt_toolkit a second of them."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class Key(Enum):
    """What is typed beside lines."""

    END = auto()
    """Ctrl-D, or the terminal is gone."""
    INTERRUPT = auto()
    """Ctrl-C."""


Typed = str | Key


class Keyboard:
    """One terminal's line."""

    def __init__(self, prompt: Callable[[], str], status: Callable[[], AnyFormattedText] | None = None) -> None:
        """`prompt` stands before the line, `status` below it; both are asked again and again, from another thread."""
        self._prompt = prompt
        self._status = status
        self._over = False
        self._session: PromptSession[str] = PromptSession(
            erase_when_done=True, refresh_interval=1.0, reserve_space_for_menu=0
        )

    @asynccontextmanager
    async def lines(self) -> AsyncGenerator[trio.MemoryReceiveChannel[Typed]]:
        """What is typed, for as long as the block lasts; the terminal is as before when it ends."""
        # Nothing that was typed may be lost, and no person types more than memory holds.
        sender, receiver = trio.open_memory_channel[Typed](2**20)
        ended = trio.Event()
        with patch_stdout(raw=True):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._type, sender, ended)
                try:
                    yield receiver
                finally:
                    self._stop()
                    with trio.move_on_after(_PATIENCE, shield=True):
                        await ended.wait()
                    nursery.cancel_scope.cancel()

    async def _type(self, sender: trio.MemorySendChannel[Typed], ended: trio.Event) -> None:
        token = trio.lowlevel.current_trio_token()

        def read() -> None:
            try:
                while not self._over and not self._session.app.input.closed:
                    for typed in self._read():
                        token.run_sync_soon(sender.send_nowait, typed)
            finally:
                token.run_sync_soon(ended.set)

        await trio.to_thread.run_sync(read, abandon_on_cancel=True)

    def _read(self) -> list[Typed]:
        try:
            typed = self._session.prompt(
                self._prompt,
                bottom_toolbar=self._status,
                handle_sigint=False,
                set_exception_handler=False,
                pre_run=self._leave_if_over,
            )
        except EOFError:
            return [Key.END]
        except KeyboardInterrupt:
            return [Key.INTERRUPT]
        return list(_LINE_END.split(typed))

    def _stop(self) -> None:
        """Take the line away from the person."""
        self._over = True
        app = self._session.app
        if app.is_running and app.loop is not None:
            app.loop.call_soon_threadsafe(self._leave_if_over)

    def _leave_if_over(self) -> None:
        app = self._session.app
        if self._over and app.is_running and not app.is_done:
            app.exit(exception=EOFError())
