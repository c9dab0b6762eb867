"""A client over Trio.

    async with open_client((host, port), state, store=store) as chat:
        chat.join("lobby")
        async for event in chat:
            ...

`async for` ends after the event `Closed`. Messages that the application does not take are not acknowledged, so that
a slow application slows the server down rather than filling memory.

Leaving the block stops everything at once and leaves nothing behind. It is not `quit`: to the others this member
becomes unreachable, and messages that were not acknowledged stay in the state, to be said by the next client that
begins with it. After `quit`, leaving the block waits for the server's answer, QUIT_PATIENCE at most.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import trio

from udpchat_core.client import Client
from udpchat_core.effects import ClientStore, SaveState, StateSaved
from udpchat_core.events import ClientEvent
from udpchat_core.keys import Entropy
from udpchat_core.state import ClientState, Pin

from .addresses import resolve
from .chat import Chat, Nowhere
from .guide import Guide
from .pump import Pump
from .trio_loop import Loop

T = TypeVar("T")

_BATCH = 64  # events taken before the loop has to turn, to acknowledge and save them


class ChatClient(Chat):
    """A member's client, as `open_client` gives it."""

    def __init__(self, core: Client, store: ClientStore, address: tuple[str, int]) -> None:
        self._core = core
        self._address = address
        self._look_ups = trio.Semaphore(0)
        self._loop = Loop()
        wake = self._loop.wake_from_any_thread
        self._pump: Pump[SaveState, StateSaved] = Pump(core, store, wake=wake, on_events=self._tell)
        self._guide = Guide(core, self._pump, look_up=self._look_ups.release, wake=wake)
        self._news = trio.Event()
        self._over = trio.Event()
        self._progress = trio.Event()
        self._unacknowledged = core.unacknowledged
        self._taken = 0
        self._left = False

    # -- events ----------------------------------------------------------------------------------------------

    def __aiter__(self) -> ChatClient:
        return self

    async def __anext__(self) -> ClientEvent:
        # The checkpoint comes first: an event that was taken is never lost to a cancellation.
        await trio.lowlevel.checkpoint()
        while not (events := self._core.events(1)):
            if self._core.closed:
                raise StopAsyncIteration
            if self._left:
                raise trio.ClosedResourceError("the client was left")
            await self._news.wait()
        self._taken += 1
        if self._taken % _BATCH == 0 or not self._core.events_waiting:
            self._loop.wake()
        return events[0]

    async def acknowledged(self, most: int = 0) -> None:
        """Wait until at most `most` messages are unacknowledged. Raises `trio.ClosedResourceError` if it is over."""
        await trio.lowlevel.checkpoint()
        while self._core.unacknowledged > most:
            if self._left or self._core.closed:
                raise trio.ClosedResourceError("the client is closed")
            await self._progress.wait()

    # -- behind the scenes -----------------------------------------------------------------------------------

    def _command(self, act: Callable[[float], T]) -> T:
        if self._left:
            raise trio.ClosedResourceError("the client was left")
        result = act(trio.current_time())
        self._loop.wake()
        return result

    def _look(self, read: Callable[[], T]) -> T:
        return read()

    def _tell(self) -> None:
        """Let whoever waits for events, or for the end, look again."""
        if self._core.events_waiting or self._core.closed:
            self._news.set()
            self._news = trio.Event()
        if self._unacknowledged != self._core.unacknowledged or self._core.closed:
            self._unacknowledged = self._core.unacknowledged
            self._progress.set()
            self._progress = trio.Event()
        if self._core.closed:
            self._over.set()

    async def run(self) -> None:
        """Move datagrams until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._resolve)
            await self._run_loop()

    async def _resolve(self) -> None:
        """Look the server's name up whenever the guide wants it."""
        while True:
            await self._look_ups.acquire()
            try:
                self._guide.found(await trio.to_thread.run_sync(resolve, *self._address, abandon_on_cancel=True))
            except OSError as error:
                self._guide.found(error)

    async def _run_loop(self) -> None:
        try:
            await self._loop.run(self._pump, self._guide)
        finally:
            self._left = True
            self._pump.put_out(trio.current_time())
            self._pump.replace_socket(None)
            self._news.set()

    async def finish(self) -> None:
        """After `quit`: wait until it is over."""
        if self._quitting:
            await self._over.wait()


@asynccontextmanager
async def open_client(
    address: tuple[str, int],
    state: ClientState,
    *,
    store: ClientStore | None = None,
    confirmed: Pin | None = None,
    entropy: Entropy = os.urandom,
) -> AsyncGenerator[ChatClient, None]:
    """A client of the server at `address`, (host, port), that goes on from `state`.

    The host may be a name; it is looked up as often as it takes, so there need be no network yet. Changes of
    state go to `store`, which is the caller's, to be closed after the block; without one they are found in
    `chat.state`. `confirmed`: the key (and secret) that the person was given, as by a join link, if no pin is
    stored yet.
    """
    core = Client(state, entropy=entropy, confirmed=confirmed)
    chat = ChatClient(core, store or Nowhere(), address)
    failure: BaseException | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.run)
        try:
            yield chat
            await chat.finish()
        except BaseException as error:  # noqa: BLE001 - raised again below, outside of the nursery
            # The application's exception shall reach it as it is, not wrapped into a group.
            failure = error
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure
