"""A server and people, each over a transport, for the tests of this folder."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from contract.transports import Address, Client, OnEvent, Server, Transport
from ports import a_port
from udpchat_core.effects import ClientStore, ServerStore
from udpchat_core.events import ChatReceived, ClientEvent, JoinedRoom
from udpchat_core.gate import Identity
from udpchat_core.keys import new_private_key
from udpchat_core.limits import Limits
from udpchat_core.state import ClientState, Pin
from udpchat_stores.memory import MemoryStore

E = TypeVar("E", bound=ClientEvent)

LOOPBACK = ("127.0.0.1", 0)
PATIENCE = 20.0
"""Seconds after which whatever is waited for will not come."""

GENEROUS = Limits(chat_rate=1e6, chat_burst=1e6)
"""So that a test need not wait for its own messages."""


def new_identity() -> Identity:
    return Identity(new_private_key(os.urandom))


def new_state() -> ClientState:
    return ClientState(new_private_key(os.urandom), 1)


def event(client: Client, kind: type[E]) -> E:
    """The next event of this kind; those before it are taken, too."""
    while (each := client.receive(PATIENCE)) is not None:
        if isinstance(each, kind):
            return each
    raise AssertionError(f"the client closed without {kind.__name__}")


def drain(client: Client, seconds: float = PATIENCE) -> None:
    """Take all events. Raises `TimeoutError` when none comes for so long, and what `receive` raises."""
    while client.receive(seconds) is not None:
        pass


def texts(client: Client, count: int) -> list[str]:
    """The next `count` messages."""
    return [event(client, ChatReceived).text for _ in range(count)]


def join(client: Client, room: str = "lobby", newest: int = 50) -> None:
    client.do(lambda chat: chat.join(room, newest))
    event(client, JoinedRoom)


def say(client: Client, text: str, room: str = "lobby") -> int:
    return client.do(lambda chat: chat.say(room, text))


class Scene:
    """One test's server and people."""

    def __init__(self, clients: Transport, servers: Transport) -> None:
        self.clients = clients
        self.servers = servers
        self.everything = ExitStack()
        """Ends with the test."""

    def server(
        self,
        identity: Identity | None = None,
        address: Address | None = None,
        store: ServerStore | None = None,
        on_event: OnEvent | None = None,
    ) -> Server:
        """A server, on a port that can be had again after it."""
        address = address or ("127.0.0.1", a_port())
        server = self.servers.serve(identity or new_identity(), address, store or MemoryStore(), GENEROUS, on_event)
        self.everything.callback(server.stop)
        return server

    @contextmanager
    def block(
        self, server: Server | None, at: Address | None = None, store: ClientStore | None = None
    ) -> Generator[Client]:
        """A client's block. `at`: where the server is found, if not at its address."""
        pin = None if server is None else Pin(server.public_key)
        address = at or (server.address if server is not None else LOOPBACK)
        with self.clients.client(address, new_state(), store, pin) as client:
            yield client

    def client(self, server: Server | None, at: Address | None = None, store: ClientStore | None = None) -> Client:
        """A client until the end of the test."""
        return self.everything.enter_context(self.block(server, at, store))


def descriptors() -> list[str]:
    """What this process has open, as far as it is a socket or waits for one."""
    found: list[str] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that reads this directory is gone by now
            found.append(str(descriptor.readlink()))
    return sorted(each for each in found if each.startswith(("socket:", "anon_inode:[eventpoll]")))


def threads() -> list[str]:
    """Threads of this process, but for those that Trio keeps for a while to use them again."""
    return sorted(each.name for each in threading.enumerate() if not each.name.startswith("Trio thread"))


def in_threads(count: int, act: Callable[[int], None]) -> None:
    """Do something in many threads at once, and raise what one of them raised."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            act(number)
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]
