"""Standard input that is no terminal: each line is a message; at its end, wait for all of them, then quit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from os import read

import trio

from .conversation import Conversation
from .speech import split

STDIN = 0
"""The descriptor."""

BACKLOG = 64
"""Messages that may be unacknowledged before more of the input is read."""


async def talk(conversation: Conversation) -> None:
    """Say what comes in, and leave when all of it is done."""
    chat, room = conversation.chat, conversation.room

    async def say(line: str) -> None:
        for text, more in split(line):
            await chat.acknowledged(BACKLOG - 1)
            conversation.say(room, text, more=more)

    try:
        await each_line(say)
        await conversation.until(lambda: conversation.caught_up)
        await chat.acknowledged()
        await conversation.until(lambda: conversation.deliveries.settled)
        chat.quit()
    except trio.ClosedResourceError:
        # It is over already; whoever reads the events knows why.
        return


async def each_line(act: Callable[[str], Awaitable[None]]) -> None:
    """Act on every line of standard input, until it ends."""
    lines = Lines()
    # Not through sys.stdin: a thread that is left behind in a buffered read would keep Python from ending.
    while data := await trio.to_thread.run_sync(read, STDIN, 65536, abandon_on_cancel=True):
        for line in lines.take(data):
            await act(line)
    for line in lines.end():
        await act(line)


def lines_read() -> Generator[str]:
    """Every line of standard input, until it ends; waits in between."""
    lines = Lines()
    while data := read(STDIN, 65536):
        yield from lines.take(data)
    yield from lines.end()


class Lines:
    """From bytes as they come to lines of text."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[str]:
        """The lines that are whole now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [_text(line) for line in lines]

    def end(self) -> list[str]:
        """What was left without an end of its own."""
        rest, self._rest = self._rest, b""
        return [_text(rest)]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
