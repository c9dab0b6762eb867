"""`udpchat chat --plaintext`: say each line of the input, print what comes (SPEC.md, appendix B).

No state, no trust, no rooms: the dialect has none of it. A terminal is treated as a pipe is, as `nc` would.
"""

from __future__ import annotations

import argparse
import signal
import sys
from math import inf

import trio

from udpchat_core.errors import LocalProtocolError
from udpchat_core.plaintext import PLAIN_BEAT, PLAIN_INTERVAL, PlainHeard
from udpchat_transports.trio_plaintext import PlaintextChat, open_plaintext

from .exits import CommandError, Exit
from .faces import waiting, warn
from .json_output import emit
from .links import PLAIN_PORT, LinkError, parse_address
from .pipe import each_line
from .speech import split

LINGER = 1.0
"""Seconds between the end of a pipe and `quit`, in which answers may come."""

SILENCE = 3.0
"""Seconds without an answer after which a person wants to know."""


def run(options: argparse.Namespace) -> Exit:
    """Chat until it is over. Raises `CommandError`."""
    for name in ("server", "room", "nick", "state", "accept_new_key"):
        if getattr(options, name):
            raise CommandError(Exit.USAGE, f"--plaintext knows no {name.replace('_', ' ')}; leave that out")
    if options.transport != "trio":
        raise CommandError(Exit.USAGE, "--plaintext needs --transport trio")
    try:
        address = parse_address(options.plaintext, PLAIN_PORT)
    except LinkError as error:
        raise CommandError(Exit.USAGE, f"--plaintext: {error}") from error
    return trio.run(_chat, address, options)


async def _chat(address: tuple[str, int], options: argparse.Namespace) -> Exit:
    interval = PLAIN_INTERVAL if options.plaintext_interval is None else options.plaintext_interval
    try:
        async with open_plaintext(address, beat=interval * PLAIN_BEAT / PLAIN_INTERVAL) as chat:
            return await Plainly(chat, json=options.json).run(
                options.plaintext, inf if options.wait is None else options.wait
            )
    except OSError as error:
        raise CommandError(Exit.NO_ANSWER, f"{options.plaintext}: {error.strerror or error}") from error


class Plainly:
    """One run."""

    def __init__(self, chat: PlaintextChat, *, json: bool) -> None:
        self._chat = chat
        self._json = json
        self._heard = trio.Event()
        self._failure: CommandError | BrokenPipeError | None = None

    async def run(self, server: str, wait: float) -> Exit:
        """Until the person leaves. `wait`: seconds to wait for a first answer."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._obey_signals)
            nursery.start_soon(self._talk)
            nursery.start_soon(self._lose_patience, server, wait)
            try:
                async for heard in self._chat:
                    self._heard.set()
                    self._show(heard)
            except BrokenPipeError as error:
                self._failure = error
            self._chat.quit()
            nursery.cancel_scope.cancel()
        if isinstance(self._failure, CommandError):
            raise self._failure
        return Exit.OK if self._failure is None else Exit.INTERRUPTED

    def _show(self, heard: PlainHeard) -> None:
        if self._json:
            emit({"event": "line", "text": heard.text, "farewell": heard.farewell})
        else:
            print(heard.text, flush=True)

    async def _talk(self) -> None:
        await each_line(self._say)
        if not sys.stdin.isatty():
            await trio.sleep(LINGER)
        self._chat.quit()

    async def _say(self, line: str) -> None:
        for text, _ in split(line):
            if self._chat.closed:
                return
            try:
                self._chat.say(text)
            except LocalProtocolError as error:
                warn(str(error))

    async def _obey_signals(self) -> None:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                self._chat.quit()

    async def _lose_patience(self, server: str, wait: float) -> None:
        with trio.move_on_after(wait):
            with trio.move_on_after(SILENCE):
                await self._heard.wait()
            if not self._heard.is_set():
                warn(waiting(server, None))
                await self._heard.wait()
        if not self._heard.is_set():
            self._failure = CommandError(Exit.NO_ANSWER, f"no answer from {server} in {wait:g} s")
            self._chat.quit()
