"""A server and clients inside the test's own process, over real sockets."""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import trio

from ports import a_port
from udpchat_cli.links import Link
from udpchat_core.effects import ServerStore
from udpchat_core.events import ChatReceived, ClientEvent, ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.keys import new_private_key
from udpchat_core.limits import Limits
from udpchat_core.state import ClientState
from udpchat_stores.memory import MemoryStore
from udpchat_transports.serving import Serving
from udpchat_transports.trio_client import ChatClient
from udpchat_transports.trio_server import serve

E = TypeVar("E", bound=ClientEvent)

GENEROUS = Limits(chat_rate=1e6, chat_burst=1e6)
"""So that a test need not wait for its own messages."""


def new_identity(secret: bytes | None = None) -> Identity:
    """A server's."""
    return Identity(new_private_key(os.urandom), secret)


def new_state() -> ClientState:
    """A person who was never anywhere."""
    return ClientState(new_private_key(os.urandom), 1)


@asynccontextmanager
async def server(
    identity: Identity | None = None,
    address: tuple[str, int] | None = None,
    store: ServerStore | None = None,
    on_event: Callable[[ServerEvent], None] | None = None,
) -> AsyncGenerator[Serving]:
    """A server that runs as long as the block, on a port that can be had again after it."""
    address = address or ("127.0.0.1", a_port())
    async with trio.open_nursery() as nursery:
        start = partial(serve, identity or new_identity(), address, store=store or MemoryStore(), limits=GENEROUS)
        yield await nursery.start(partial(start, on_event=on_event))
        nursery.cancel_scope.cancel()


def link_to(serving: Serving, room: str = "lobby", secret: bytes | None = None) -> Link:
    """How to join it."""
    return Link(*serving.address[:2], room, serving.public_key, secret)


async def event(chat: ChatClient, kind: type[E]) -> E:
    """The next event of this kind; those before it are taken, too."""
    with trio.fail_after(20):
        async for each in chat:
            if isinstance(each, kind):
                return each
    raise AssertionError(f"the client closed without {kind.__name__}")


async def texts(chat: ChatClient, count: int) -> list[str]:
    """The next `count` messages."""
    return [(await event(chat, ChatReceived)).text for _ in range(count)]
