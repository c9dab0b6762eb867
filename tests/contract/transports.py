"""What the contract suite needs to know of a transport, and the two that there are (docs/transports.md).

A transport of somebody else runs the suite with an adapter of its own: a `Transport` that can be made without
arguments, named in the environment as `UDPCHAT_TRANSPORT=module:Class`. Everything here is called from plain threads,
whatever the transport waits with.
"""

from __future__ import annotations

import os
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, ClassVar, Generic, TypeVar

import trio

from udpchat_core.effects import ClientStore, ServerStore
from udpchat_core.events import ClientEvent, ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.limits import Limits
from udpchat_core.state import ClientState, Pin
from udpchat_transports import blocking_client, blocking_server, trio_client, trio_relay, trio_server
from udpchat_transports.chat import Chat
from udpchat_transports.serving import Serving

T = TypeVar("T")
Address = tuple[str, int]


class Client(ABC):
    """One client, inside of its block."""

    @abstractmethod
    def do(self, command: Callable[[Chat], T]) -> T:
        """Do this with the chat, where the transport wants commands to be given; from any thread."""

    @abstractmethod
    def receive(self, timeout: float) -> ClientEvent | None:
        """The next event; None: it is over. Raises TimeoutError, and `Transport.closed` if it was closed meanwhile."""

    @abstractmethod
    def close(self) -> None:
        """Stop at once, in whatever state; from any thread and from a signal handler."""


@dataclass
class Server:
    """A running server."""

    address: Address
    public_key: bytes
    look: Callable[[Callable[[Serving], Any]], Any]
    """Read something of it."""
    stop: Callable[[], None]
    """Say BYE and wait until it has ended; harmless if it has."""


class Transport(ABC):
    """How to begin and end."""

    name: ClassVar[str]
    closed: ClassVar[type[Exception]]
    """What a command raises after the end."""
    outlives_blocks: ClassVar[bool] = False
    """May a client be left open until the interpreter ends?"""

    @abstractmethod
    def serve(
        self, identity: Identity, address: Address, store: ServerStore, limits: Limits, on_event: OnEvent | None
    ) -> Server:
        """Start a server."""

    @abstractmethod
    def client(
        self, address: Address, state: ClientState, store: ClientStore | None, confirmed: Pin | None
    ) -> AbstractContextManager[Client]:
        """A client's block. What is raised in it shall come out of it, and out of the transport's own, as it is."""

    def end(self) -> None:  # noqa: B027 - most have nothing to do
        """After the last test."""


OnEvent = Callable[[ServerEvent], None]


# -- blocking --------------------------------------------------------------------------------------------------------


class BlockingTransport(Transport):
    """The adapter has nothing to adapt."""

    name = "blocking"
    closed = blocking_client.ClosedError
    outlives_blocks = True

    def serve(
        self, identity: Identity, address: Address, store: ServerStore, limits: Limits, on_event: OnEvent | None
    ) -> Server:
        serving = blocking_server.serve(identity, address, store=store, limits=limits, on_event=on_event)
        return Server(serving.address[:2], serving.public_key, lambda read: read(serving), serving.stop)

    @contextmanager
    def client(
        self, address: Address, state: ClientState, store: ClientStore | None, confirmed: Pin | None
    ) -> Generator[Client]:
        with blocking_client.connect(address, state, store=store, confirmed=confirmed) as chat:
            yield BlockingClient(chat)


class BlockingClient(Client):
    def __init__(self, chat: blocking_client.ChatClient) -> None:
        self._chat = chat
        self.receive = chat.receive
        self.close = chat.close

    def do(self, command: Callable[[Chat], T]) -> T:
        return command(self._chat)

    def receive(self, timeout: float) -> ClientEvent | None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


# -- Trio ------------------------------------------------------------------------------------------------------------


class Portal:
    """A thread that runs Trio, for others to let things run in."""

    def __init__(self) -> None:
        began: queue.SimpleQueue[tuple[trio.lowlevel.TrioToken, trio.Nursery]] = queue.SimpleQueue()

        async def main() -> None:
            async with trio.open_nursery() as nursery:
                began.put((trio.lowlevel.current_trio_token(), nursery))
                await trio.sleep_forever()

        self._thread = threading.Thread(target=trio.run, args=(main,), name="Trio portal", daemon=True)
        self._thread.start()
        self._token, self._nursery = began.get()

    def run(self, act: Callable[[], Awaitable[T]]) -> T:
        return trio.from_thread.run(act, trio_token=self._token)

    def run_sync(self, act: Callable[[], T]) -> T:
        return trio.from_thread.run_sync(act, trio_token=self._token)

    def end(self) -> None:
        self.run_sync(self._nursery.cancel_scope.cancel)
        self._thread.join()

    def start(self, task: Callable[..., Awaitable[None]]) -> Task[Any]:
        """Run a task that says `task_status.started(value)`. Raises what it raises before."""
        running: Task[Any] = Task(self)
        self.run(partial(self._nursery.start, running.run, task))
        if running.failure is not None and not running.begun:
            raise running.failure
        return running


class Task(Generic[T]):
    """What runs in a portal."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.value: T
        self.begun = False
        self.failure: BaseException | None = None
        self.scope = trio.CancelScope()
        self.over = trio.Event()

    async def run(self, task: Callable[..., Awaitable[None]], *, task_status: trio.TaskStatus[None]) -> None:
        class Status:
            @staticmethod
            def started(value: T) -> None:
                self.value, self.begun = value, True
                task_status.started()

        try:
            with self.scope:
                await task(task_status=Status)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self.failure = error
        self.over.set()
        if not self.begun:
            task_status.started()

    def cancel(self) -> None:
        """Cancel it, and wait until it has ended."""
        self.portal.run_sync(self.scope.cancel)
        self.portal.run(self.over.wait)


class TrioTransport(Transport):
    """All of it in one thread, as in a program that is written over Trio."""

    name = "trio"
    closed = trio.ClosedResourceError

    def __init__(self) -> None:
        self._portal = Portal()

    def serve(
        self, identity: Identity, address: Address, store: ServerStore, limits: Limits, on_event: OnEvent | None
    ) -> Server:
        serve = partial(trio_server.serve, identity, address, store=store, limits=limits, on_event=on_event)
        task: Task[Serving] = self._portal.start(serve)
        serving, run_sync = task.value, self._portal.run_sync
        return Server(
            serving.address[:2], serving.public_key, lambda read: run_sync(lambda: read(serving)), task.cancel
        )

    @contextmanager
    def client(
        self, address: Address, state: ClientState, store: ClientStore | None, confirmed: Pin | None
    ) -> Generator[Client]:
        leaving = trio.Event()
        errors: list[BaseException] = []

        async def block(*, task_status: trio.TaskStatus[trio_client.ChatClient]) -> None:
            async with trio_client.open_client(address, state, store=store, confirmed=confirmed) as chat:
                task_status.started(chat)
                await leaving.wait()
                if errors:
                    raise errors[0]

        task: Task[trio_client.ChatClient] = self._portal.start(block)
        try:
            yield TrioClient(task)
        except BaseException as error:  # noqa: BLE001 - it goes through the transport's own block
            errors.append(error)
        self._portal.run_sync(leaving.set)
        self._portal.run(task.over.wait)
        failure = task.failure or next(iter(errors), None)
        if failure is not None:
            raise failure

    def end(self) -> None:
        self._portal.end()


class TrioClient(Client):
    def __init__(self, task: Task[trio_client.ChatClient]) -> None:
        self._task = task
        self._portal = task.portal

    def do(self, command: Callable[[Chat], T]) -> T:
        return self._portal.run_sync(lambda: command(self._task.value))

    def receive(self, timeout: float) -> ClientEvent | None:
        async def receive() -> ClientEvent | None:
            with trio.move_on_after(timeout):
                return await anext(self._task.value, None)
            raise TimeoutError("nothing came in time")

        return self._portal.run(receive)

    def close(self) -> None:
        self._task.cancel()


# -- a bad network ---------------------------------------------------------------------------------------------------


@contextmanager
def bad_network(to: Address, weather: trio_relay.Weather) -> Generator[Address]:
    """Where clients find a relay to `to`."""
    portal = Portal()
    try:
        task: Task[trio_relay.Relaying] = portal.start(partial(trio_relay.relay, ("127.0.0.1", 0), to, weather))
        yield task.value.address[:2]
    finally:
        portal.end()


def known() -> list[type[Transport]]:
    """Every transport that the suite runs over."""
    given = os.environ.get("UDPCHAT_TRANSPORT")
    if given is None:
        return [TrioTransport, BlockingTransport]
    module, _, name = given.partition(":")
    return [getattr(import_module(module), name), TrioTransport]
