"""A client over Trio.

    async with open_client((host, port), state, store=store) as chat:
        chat.join("lobby")
        async for event in chat:
            ...

Commands return at once and take effect in the background; `async for` ends after the event `Closed`. Messages
that the application does not take are not acknowledged, so that a slow application slows the server down
rather than filling memory.

Leaving the block stops everything at once and leaves nothing behind. It is not `quit`: to the others this
member becomes unreachable, and messages that were not acknowledged stay in the state, to be said by the next
client that begins with it. After `quit`, leaving the block waits for the server's answer, QUIT_PATIENCE at
most.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import trio

from udpchat_core.client import Client
from udpchat_core.counters import Counters
from udpchat_core.effects import ClientStore, SaveState, StateSaved
from udpchat_core.events import Attendee, ClientEvent
from udpchat_core.keys import Entropy
from udpchat_core.state import ClientState, Pin

from .addresses import resolve
from .guide import Guide
from .pump import Pump
from .trio_loop import Loop

T = TypeVar("T")

_BATCH = 64  # events taken before the loop has to turn, to acknowledge and save them


class ChatClient:
    """A member's client, as `open_client` gives it. Its commands raise `LocalProtocolError` for what cannot
    be.
    """

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
        self._quitting = False

    # -- commands --------------------------------------------------------------------------------------------

    def join(self, room: str, newest: int = 50) -> None:
        """Enter a room: read on at the place that is saved, or else from the `newest` messages on."""
        self._command(lambda now: self._core.join(room, now, newest))

    def say(self, room: str, text: str, *, more: bool = False) -> int:
        """Say something in a room that was joined; the message's id. `more`: show it together with the next
        one.
        """
        return self._command(lambda now: self._core.say(room, text, now, more=more))

    def nick(self, nick: str) -> None:
        """Ask for a nick, now and in every session to come."""
        self._command(lambda now: self._core.nick(nick, now))

    def history(self, room: str, start: int, count: int) -> None:
        """Read `count` messages from offset `start` on once more: they come with `past` set, then
        `HistoryEnded`.
        """
        self._command(lambda now: self._core.history(room, start, count, now))

    def part(self, room: str) -> None:
        """Leave a room."""
        self._command(lambda now: self._core.part(room, now))

    def moved(self) -> None:
        """The network changed, and this application knows: go on at once, from a new socket.

        A change of this machine's own address is noticed without it, within two seconds.
        """
        self._command(lambda _: self._guide.moved())

    def accept_server(self, key: bytes, secret: bytes | None = None) -> None:
        """Answer `ServerOffered`: the person trusts this key, and gave this secret to a closed server."""
        self._command(lambda now: self._core.accept_server(key, secret, now))

    def quit(self, reason: str = "") -> None:
        """Leave for good; `Closed` will be the last event. Messages that were not acknowledged stay in the
        state.
        """
        self._command(lambda now: self._core.quit(now, reason))
        self._quitting = True

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
        """Wait until at most `most` messages are unacknowledged. Raises `trio.ClosedResourceError` if it is
        over.
        """
        await trio.lowlevel.checkpoint()
        while self._core.unacknowledged > most:
            if self._left or self._core.closed:
                raise trio.ClosedResourceError("the client is closed")
            await self._progress.wait()

    # -- state -----------------------------------------------------------------------------------------------

    @property
    def key(self) -> bytes:
        """The member's public key, 32 bytes."""
        return self._core.key

    @property
    def fingerprint(self) -> bytes:
        """The 8 bytes by which rooms know this member."""
        return self._core.fingerprint

    @property
    def state(self) -> ClientState:
        """As it would be saved now."""
        return self._core.state

    @property
    def closed(self) -> bool:
        """Is it over?"""
        return self._core.closed

    @property
    def rtt(self) -> float | None:
        """The smoothed round-trip time in seconds; None while it was not measured."""
        return self._core.rtt

    @property
    def unacknowledged(self) -> int:
        """Messages that the server has not said it has."""
        return self._core.unacknowledged

    @property
    def counters(self) -> Counters:
        """Datagrams received, sent and dropped."""
        return self._core.counters

    @property
    def errors(self) -> Mapping[str, int]:
        """Errors of sending and receiving, by the names of errno."""
        return self._guide.errors

    @property
    def trouble(self) -> str | None:
        """What this machine says is wrong with the way to the server, for people; None if nothing.

        The client goes on trying by itself. A server that merely does not answer is no trouble here.
        """
        return self._guide.trouble

    def attendees(self, room: str) -> tuple[Attendee, ...]:
        """Who is in a joined room, as far as this client knows; empty if it is not in it."""
        return self._core.attendees(room)

    # -- behind the scenes -----------------------------------------------------------------------------------

    def _command(self, act: Callable[[float], T]) -> T:
        if self._left:
            raise trio.ClosedResourceError("the client was left")
        result = act(trio.current_time())
        self._loop.wake()
        return result

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
    chat = ChatClient(core, store or _Nowhere(), address)
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


class _Nowhere:
    """A store for those who keep the state by themselves."""

    def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
        done([StateSaved(request) for request in requests])

    def close(self) -> None:
        pass
