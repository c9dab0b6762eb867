"""Standard input that is no terminal: each line is a message; at its end, wait for all of them, then quit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
        await conversation.caught_up.wait()
        await chat.acknowledged()
        await conversation.settled()
        chat.quit()
    except trio.ClosedResourceError:
        # It is over already; whoever reads the events knows why.
        return


async def each_line(act: Callable[[str], Awaitable[None]]) -> None:
    """Act on every line of standard input, until it ends."""
    rest = b""
    # Not through sys.stdin: a thread that is left behind in a buffered read would keep Python from ending.
    while data := await trio.to_thread.run_sync(read, STDIN, 65536, abandon_on_cancel=True):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            await act(_text(line))
    await act(_text(rest))


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")
