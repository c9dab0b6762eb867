"""People in one network namespace, each over UDPCHAT/1 or over IRC: run by `link.py`, which tells them what to do.

Standard input is lines of JSON: first the plan, then {"do": ...}: `talk`, `hush`, `move` (to another address), `wait`
(until all was shown, or some seconds), `end`, which writes what was said and shown, and when, into the plan's file. It
answers each line with one. Times are those of CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path
from time import monotonic
from typing import Any

import trio
from link_roads import PORTS, SERVER, be, ip

from udpchat_cli.links import parse_link
from udpchat_core.events import ChatReceived, JoinedRoom
from udpchat_core.keys import new_private_key
from udpchat_core.state import ClientState
from udpchat_transports.trio_client import ChatClient, open_client

PATIENCE = 30.0
"""Seconds to come into the rooms, in good weather."""
AGAIN = 0.5
"""Seconds after which a TCP client that was refused tries again."""
TEXT = "{} {} a line of chat as people write it, and then so on"


class Log:
    """What was said and shown, and when."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, int, float]] = []
        """(program, speaker, number, time)"""
        self.shown: list[tuple[str, str, str, int, float]] = []
        """(program, listener, speaker, number, time)"""
        self.again: list[tuple[str, str]] = []
        """(program, speaker) of each line that had to wait for a connection."""
        self._open: set[tuple[str, str, int]] = set()
        self._news = trio.Event()

    def say(self, program: str, speaker: str, n: int) -> str:
        """The text of a line that is said now."""
        self.said.append((program, speaker, n, monotonic()))
        self._open.add((program, speaker, n))
        return TEXT.format(speaker, n)

    def show(self, program: str, listener: str, text: str) -> None:
        """A line came, perhaps one's own."""
        now = monotonic()
        speaker, n = text.split(" ", 2)[:2]
        if speaker != listener:
            self.shown.append((program, listener, speaker, int(n), now))
            self._open.discard((program, speaker, int(n)))
            if not self._open:
                self._news.set()

    def save(self, path: Path, moves: list[float]) -> None:
        """All of it, and when the address changed, as JSON."""
        document = {"said": self.said, "shown": self.shown, "again": self.again, "moves": moves}
        path.write_text(json.dumps(document), encoding="utf-8")

    async def complete(self, patience: float) -> None:
        """Wait until all that was said was shown here."""
        with trio.move_on_after(patience):
            while self._open:
                self._news = trio.Event()
                await self._news.wait()


class Ours:
    """Somebody with UDPCHAT/1."""

    program = "udpchat"

    def __init__(self, name: str, room: str, url: str, log: Log) -> None:
        self.name = name
        self.joined = trio.Event()
        self._room = room
        self._link = parse_link(url)
        self._log = log
        self._chat: ChatClient | None = None

    async def live(self) -> None:
        """Read whatever comes."""
        at, link = (self._link.host, self._link.port), self._link
        async with open_client(at, ClientState(new_private_key(os.urandom), 1), confirmed=link.pin) as chat:
            self._chat = chat
            chat.join(self._room, newest=65535)  # a log that began anew is read from its start
            async for event in chat:
                if isinstance(event, ChatReceived):
                    self._log.show(self.program, self.name, event.text)
                elif isinstance(event, JoinedRoom):
                    self.joined.set()

    def say(self, n: int) -> None:
        """The line of this number."""
        assert self._chat is not None
        self._chat.say(self._room, self._log.say(self.program, self.name, n))

    def move(self) -> None:
        """The address changed."""
        assert self._chat is not None
        self._chat.moved()


class Irc:
    """Somebody with IRC over TCP: a sensible client, which comes back at once and says what waited meanwhile."""

    program = "ngircd"

    def __init__(self, name: str, room: str, log: Log) -> None:
        self.name = name
        self.joined = trio.Event()
        self._room = room
        self._log = log
        self._waiting: deque[str] = deque()
        self._wake = trio.Event()
        self._scope = trio.CancelScope()
        self._times = 0
        self._here = False

    async def live(self) -> None:
        """Connect again and again."""
        while True:
            self._times += 1
            with trio.CancelScope() as self._scope:
                try:
                    async with await trio.open_tcp_stream(SERVER, PORTS["ngircd"]) as stream:
                        await self._converse(stream)
                except* (OSError, trio.BrokenResourceError):
                    pass
            self._here = False
            if not self._scope.cancelled_caught:
                await trio.sleep(AGAIN)

    def say(self, n: int) -> None:
        """The line of this number."""
        text = self._log.say(self.program, self.name, n)
        if not self._here:
            self._log.again.append((self.program, self.name))
        self._waiting.append(f"PRIVMSG #{self._room} :{text}\r\n")
        self._wake.set()

    def move(self) -> None:
        """The address changed."""
        self._scope.cancel()

    async def _converse(self, stream: trio.SocketStream) -> None:
        nick = f"{self.name}-{self._times}"  # the last one is still held by the connection that died
        await stream.send_all(f"NICK {nick}\r\nUSER {self.name} 0 * :{self.name}\r\n".encode())
        try:
            async with trio.open_nursery() as nursery:
                async for words in lines(stream):
                    match words:
                        case ["PING", *token] if self._here:
                            self._waiting.appendleft(f"PONG {' '.join(token)}\r\n")
                            self._wake.set()
                        case ["PING", *token]:
                            await stream.send_all(f"PONG {' '.join(token)}\r\n".encode())
                        case [_, "001", *_]:
                            await stream.send_all(f"JOIN #{self._room}\r\n".encode())
                        case [_, "366", *_]:
                            self.joined.set()
                            self._here = True
                            nursery.start_soon(self._write, stream)
                        case [_, "PRIVMSG", _, text]:
                            self._log.show(self.program, self.name, text)
                        case _:
                            pass
                nursery.cancel_scope.cancel()
        finally:
            self._here = False

    async def _write(self, stream: trio.SocketStream) -> None:
        while True:
            while self._waiting:
                await stream.send_all(self._waiting.popleft().encode())
            self._wake = trio.Event()
            await self._wake.wait()


async def lines(stream: trio.abc.ReceiveStream) -> AsyncGenerator[list[str]]:
    """IRC's lines as words, the text as the last one."""
    rest = b""
    while data := await stream.receive_some(65536):
        *whole, rest = (rest + data).split(b"\r\n")
        for line in whole:
            head, _, text = line.decode().partition(" :")
            yield [*head.split(" "), text]


async def talk(person: Ours | Irc, gap: float, phase: float, numbers: dict[str, int]) -> None:
    """A line every `gap` seconds."""
    begin = trio.current_time() + phase
    n = 0
    while True:
        await trio.sleep_until(begin + n * gap)
        n += 1
        key = f"{person.program} {person.name}"
        numbers[key] = numbers.get(key, 0) + 1
        person.say(numbers[key])


def people(plan: dict[str, Any], log: Log) -> list[tuple[Ours | Irc, bool]]:
    """All who are in the plan, over each program, and whether they talk."""
    out: list[tuple[Ours | Irc, bool]] = []
    for name, room, talks in plan["people"]:
        if plan["url"]:
            out.append((Ours(name, room, plan["url"], log), talks))
        if plan["irc"]:
            out.append((Irc(name, room, log), talks))
    return out


async def main() -> None:
    """Do as told."""
    commands = trio.lowlevel.FdStream(os.dup(0))
    orders = orders_of(commands)
    plan, log = await anext(orders), Log()
    numbers: dict[str, int] = {}
    async with trio.open_nursery() as nursery:
        they = people(plan, log)
        for person, _ in they:
            nursery.start_soon(person.live)
        with trio.fail_after(PATIENCE):
            for person, _ in they:
                await person.joined.wait()
        talking = trio.CancelScope()
        moves: list[float] = []
        print("joined", flush=True)
        async for order in orders:
            match order["do"]:
                case "talk":
                    talking = trio.CancelScope()
                    talkers = [person for person, talks in they if talks]
                    nursery.start_soon(chatter, talkers, plan["gap"], talking, numbers)
                case "hush":
                    talking.cancel()
                case "move":
                    await ip(be(order["host"], plan["device"]))
                    moves.append(monotonic())
                    for person, _ in they:
                        person.move()
                case "wait":
                    await log.complete(order["seconds"])
                case _:
                    log.save(Path(plan["file"]), moves)
                    nursery.cancel_scope.cancel()
            print("done", flush=True)


async def chatter(talkers: list[Ours | Irc], gap: float, scope: trio.CancelScope, numbers: dict[str, int]) -> None:
    """All who talk, one after the other, so that no line waits for another one."""
    with scope:
        async with trio.open_nursery() as nursery:
            for place, person in enumerate(talkers):
                nursery.start_soon(talk, person, gap, gap * place / len(talkers), numbers)


async def orders_of(stream: trio.abc.ReceiveStream) -> AsyncGenerator[dict[str, Any]]:
    """Lines of JSON."""
    rest = b""
    while data := await stream.receive_some(65536):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield json.loads(line)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this will end it
    sys.exit(trio.run(main))
