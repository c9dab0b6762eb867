"""A server process that is killed and started again, and people who are in its room all the time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from e2e.inside import new_state
from e2e.processes import PATIENCE, Process, udpchat
from udpchat_cli.links import Link, parse_link
from udpchat_core.events import ChatReceived, JoinedRoom
from udpchat_core.state import Pin
from udpchat_transports.trio_client import ChatClient, open_client

GAP = 0.12
"""Seconds between the messages of each."""
ROOM = "lobby"


@dataclass
class Friend:
    """Somebody in the room."""

    name: str
    chat: ChatClient
    said: dict[str, float] = field(default_factory=dict[str, float])
    """When they said what."""
    heard: dict[str, float] = field(default_factory=dict[str, float])
    """When they first read what."""
    joined: list[float] = field(default_factory=list[float])
    """When they came into the room."""

    def say(self) -> None:
        """The next message."""
        text = f"{self.name} {len(self.said)}"
        self.said[text] = trio.current_time()
        self.chat.say(ROOM, text)

    def pending(self) -> list[str]:
        """What the server has not acknowledged."""
        return [message.text for message in self.chat.state.outbox]

    def has_news_of(self, other: Friend, since: float) -> bool:
        """Did they read something that the other said since then?"""
        return any(other.said.get(text, 0.0) >= since for text in reversed(self.heard))


class Friends:
    """Three of them."""

    def __init__(self) -> None:
        self.all: list[Friend] = []
        self.talk = True
        self._news = trio.Event()

    async def live(self, friend: Friend) -> None:
        """Read whatever comes."""
        async for event in friend.chat:
            now = trio.current_time()
            if isinstance(event, ChatReceived):
                friend.heard.setdefault(event.text, now)
            elif isinstance(event, JoinedRoom):
                friend.joined.append(now)
            self._news.set()
            self._news = trio.Event()

    async def chatter(self) -> None:
        """Everyone talks all the time, unless told to be still."""
        while True:
            await trio.sleep(GAP)
            for friend in self.all if self.talk else ():
                friend.say()

    async def chats(self, since: float) -> float:
        """When all have read something that each other one said since then."""
        with trio.fail_after(PATIENCE):
            while not all(one.has_news_of(other, since) for one in self.all for other in self.all):
                await self._news.wait()
        return trio.current_time()

    async def back(self, since: float) -> float:
        """When all have come in since then."""
        with trio.fail_after(PATIENCE):
            while not all(one.joined and one.joined[-1] >= since for one in self.all):
                await self._news.wait()
        return trio.current_time()

    async def heard(self, texts: list[str]) -> None:
        """When all have read these."""
        with trio.fail_after(PATIENCE):
            while not all(text in one.heard for one in self.all for text in texts):
                await self._news.wait()

    async def quiet(self) -> None:
        """Say nothing more, and wait until all is acknowledged."""
        self.talk = False
        with trio.fail_after(PATIENCE):
            for one in self.all:
                await one.chat.acknowledged()


@asynccontextmanager
async def killed_server(state: Path, address: str) -> AsyncGenerator[tuple[Process, Link]]:
    """A server that is killed when the block ends."""
    async with udpchat("server", "--listen", address, "--json", state=state) as host:
        yield host, parse_link((await host.object("listening"))["url"])
        host.running.kill()
        await host.running.wait()


@asynccontextmanager
async def friends(link: Link) -> AsyncGenerator[Friends]:
    """Three people who are in the room, or try to be."""
    assert link.key is not None
    they, at, pin = Friends(), (link.host, link.port), Pin(link.key)
    async with (
        open_client(at, new_state(), confirmed=pin) as ann,
        open_client(at, new_state(), confirmed=pin) as bob,
        open_client(at, new_state(), confirmed=pin) as cyd,
        trio.open_nursery() as nursery,
    ):
        for name, chat in (("ann", ann), ("bob", bob), ("cyd", cyd)):
            chat.join(ROOM, newest=65535)  # a log that began anew is read from its start
            they.all.append(Friend(name, chat))
            nursery.start_soon(they.live, they.all[-1])
        nursery.start_soon(they.chatter)
        yield they
        nursery.cancel_scope.cancel()
