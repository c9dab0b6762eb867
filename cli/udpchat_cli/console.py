"""What the operator of `udpchat server` may ask for: who is here, which rooms there are, the end (docs/cli.md).

`answer` is words in, and lines or an object out; what reads the words from a terminal or a pipe is below.
"""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import trio

from udpchat_core.events import LiveSession
from udpchat_core.text import harmless
from udpchat_transports.addresses import peer_of, show
from udpchat_transports.serving import Serving

from . import pipe
from .json_output import Json, emit, hexadecimal
from .narrator import name

COMMANDS = {
    "who": "who is here, from where and for how long",
    "rooms": "the rooms, and who is in each",
    "quit": "say goodbye to everyone, and stop",
    "help": "this list",
}

HINT = "there are who, rooms, quit and help"


class Answer(NamedTuple):
    """What there is to say, for people and for programs."""

    lines: list[str]
    fields: Json
    quit: bool = False
    """Is the server to stop?"""


class Console:
    """The operator's words, acted on."""

    def __init__(self, serving: Serving, quit: Callable[[], None], *, json: bool) -> None:  # noqa: A002
        """`quit` stops the server."""
        self._serving = serving
        self._quit = quit
        self._json = json

    async def run(self) -> None:
        """Obey until cancelled. The end of the input is no wish to stop."""
        if not self._json and on_terminal():
            await self._typed()
        else:
            await pipe.each_line(self._obey)

    async def _typed(self) -> None:
        from .keyboard import Key, Keyboard  # noqa: PLC0415 - brings prompt_toolkit, which a pipe can do without

        async with Keyboard(lambda: "server> ").lines() as lines:
            async for typed in lines:
                if typed is Key.INTERRUPT:
                    self._quit()
                elif isinstance(typed, Key):
                    print("quit ends the server", flush=True)
                else:
                    await self._obey(typed)

    def read(self) -> None:
        """The same in a thread, for a server over the blocking transport; a terminal is read as a pipe is."""
        for line in pipe.lines_read():
            self._answer(line, time.monotonic())

    async def _obey(self, typed: str) -> None:
        self._answer(typed, trio.current_time())

    def _answer(self, typed: str, now: float) -> None:
        if not typed.strip():
            return
        answer = answer_to(typed, self._serving.live, now)
        try:
            if self._json:
                emit(answer.fields)
            else:
                print("\n".join(answer.lines), flush=True)
        except BrokenPipeError:
            pass  # who asked is gone; that is no reason for a server to end
        if answer.quit:
            self._quit()


def on_terminal() -> bool:
    """Is somebody there who reads and types, and is this process the one they type to?"""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def answer_to(typed: str, guests: Sequence[LiveSession], now: float) -> Answer:
    """The answer to a line."""
    match typed.split():
        case ["who"]:
            return _who(guests, now)
        case ["rooms"]:
            return _rooms(guests)
        case ["quit"]:
            return Answer(["stopping"], {"event": "quit"}, quit=True)
        case ["help"]:
            return Answer(
                [f"{word:8}{does}" for word, does in COMMANDS.items()], {"event": "help", "commands": COMMANDS}
            )
        case _:
            what = harmless(typed.strip())
            return Answer([f"{what!r} is no command; {HINT}"], {"event": "unknown", "typed": what, "hint": HINT})


def _who(guests: Sequence[LiveSession], now: float) -> Answer:
    head = ("nick", "key", "address", "rooms", "state", "for", "rtt")
    rows = [
        (
            name(guest.nick, guest.member),
            guest.member.hex(),
            show(peer_of(guest.path)),
            ", ".join(guest.rooms) or "-",
            "here" if guest.reachable else "unreachable",
            _span(now - _since(guest)),
            "-" if guest.rtt is None else f"{guest.rtt * 1000:.0f} ms",
        )
        for guest in guests
    ]
    fields: Json = {"event": "who", "sessions": [_guest(guest, now) for guest in guests]}
    return Answer(_table([head, *rows]) if rows else ["nobody is here"], fields)


def _guest(guest: LiveSession, now: float) -> Json:
    return {
        "session": hexadecimal(guest.session),
        "key": guest.member.hex(),
        "nick": guest.nick,
        "device": guest.device,
        "address": show(peer_of(guest.path)),
        "rooms": list(guest.rooms),
        "reachable": guest.reachable,
        "seconds": round(now - _since(guest), 3),
        "rtt": guest.rtt,
    }


def _since(guest: LiveSession) -> float:
    return guest.opened if guest.reachable else guest.heard


def _rooms(guests: Sequence[LiveSession]) -> Answer:
    rooms: dict[str, dict[bytes, str]] = {}
    for guest in guests:
        for room in guest.rooms:
            rooms.setdefault(room, {})[guest.member] = guest.nick
    rows = [
        (room, ", ".join(name(nick, member) for member, nick in members.items()))
        for room, members in sorted(rooms.items())
    ]
    fields: Json = {
        "event": "rooms",
        "rooms": [
            {"room": room, "members": [{"key": member.hex(), "nick": nick} for member, nick in members.items()]}
            for room, members in sorted(rooms.items())
        ],
    }
    return Answer(_table([("room", "members"), *rows]) if rows else ["nobody is in any room"], fields)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _columns(text: str) -> int:
    """Columns that a text takes in a terminal, as far as its characters tell."""
    marks = sum(unicodedata.category(char) in ("Mn", "Me", "Cf") for char in text)
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text) - marks


def _span(seconds: float) -> str:
    """Seconds as people say them."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
