"""A client for programs that simply wait.

    with connect((host, port), state, store=store) as chat:
        chat.join("lobby")
        for event in chat:
            ...

The iteration ends after the event `Closed`. One thread moves datagrams from `connect` to `close`, so that heartbeats
and repair go on while the application does something else. Messages that it does not take are not acknowledged, so
that a slow application slows the server down rather than filling memory. Commands may be given from any thread.

Leaving the block closes the client: it is not `quit`, and to the others this member becomes unreachable; messages
that were not acknowledged stay in the state, to be said by the next client that begins with it. After `quit`, leaving
the block waits for the server's answer, QUIT_PATIENCE at most. `close` at once may be called from anywhere, also from
a signal handler, and a client that is still open when the interpreter ends is closed by itself. If the store fails,
so does the client: commands and waits raise `ClosedError` from what the store raised; leaving the block raises that.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

from udpchat_core.client import Client
from udpchat_core.effects import ClientStore, SaveState, StateSaved
from udpchat_core.events import ClientEvent
from udpchat_core.keys import Entropy
from udpchat_core.state import ClientState, Pin

from .addresses import look_up
from .blocking_loop import BlockingLoop, ClosedError
from .chat import Chat, Nowhere
from .guide import Guide
from .pump import Pump

__all__ = ["ChatClient", "ClosedError", "connect"]

T = TypeVar("T")


class ChatClient(Chat):
    """A member's client, as `connect` gives it. What it is asked after `close` raises `ClosedError`."""

    def __init__(self, core: Client, store: ClientStore, address: tuple[str, int]) -> None:
        self._core = core
        self._address = address
        self._loop = BlockingLoop(f"udpchat client of {address[0]}:{address[1]}")
        self._pump: Pump[SaveState, StateSaved] = Pump(core, store, wake=self._loop.wake, on_events=_nothing)
        self._guide = Guide(core, self._pump, look_up=self._look_up, wake=self._loop.wake)
        self._taken: deque[ClientEvent] = deque()
        self._loop.start(self._pump, self._guide, self._at_end)

    # -- events ----------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[ClientEvent]:
        while (event := self.receive()) is not None:
            yield event

    def receive(self, timeout: float | None = None) -> ClientEvent | None:
        """Wait for the next event, at most `timeout` seconds (None: for ever); None: it is over.

        Raises `TimeoutError`, and `ClosedError` if the client was closed or failed meanwhile.
        """
        until = _until(timeout)
        while True:
            with suppress(IndexError):
                return self._taken.popleft()
            if self._loop.call(self._take):
                return None
            if not self._taken:
                self._wait(self._has_news, until)

    def acknowledged(self, most: int = 0, timeout: float | None = None) -> None:
        """Wait until at most `most` messages are unacknowledged. Raises `ClosedError` if it is over, `TimeoutError`."""
        until = _until(timeout)

        def are_few() -> bool:
            return self._core.unacknowledged <= most

        while not self._loop.call(are_few):
            if self._core.closed:
                raise ClosedError("the client is over")
            self._wait(lambda: are_few() or self._core.closed, until)

    # -- the end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop at once, and leave nothing behind; harmless if it was closed."""
        self._loop.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None and self._quitting:
                self._loop.wait(lambda: self._core.closed)
        finally:
            self.close()
        if kind is None and self._loop.failure is not None:
            raise self._loop.failure

    # -- behind the scenes -----------------------------------------------------------------------------------

    def _command(self, act: Callable[[float], T]) -> T:
        return self._loop.call(lambda: act(time.monotonic()))

    def _look(self, read: Callable[[], T]) -> T:
        return self._loop.look(read)

    def _take(self) -> bool:
        """In the loop's thread: the next event shall be in `_taken`. Will there never be one?

        There it is found by whoever waits next, if a signal's handler ends the wait of the one that asked for it.
        """
        if not self._taken:
            self._taken.extend(self._core.events(1))
        return self._core.closed and not self._taken

    def _has_news(self) -> bool:
        return bool(self._taken) or self._core.events_waiting or self._core.closed

    def _wait(self, ready: Callable[[], bool], until: float | None) -> None:
        """Wait until `ready` or the end. Raises `TimeoutError`."""
        if not self._loop.wait(ready, None if until is None else until - time.monotonic()):
            raise TimeoutError("nothing came in time")

    def _at_end(self) -> None:
        try:
            self._pump.put_out(time.monotonic())
        finally:
            self._pump.replace_socket(None)

    def _look_up(self) -> None:
        look_up(*self._address, self._guide.found)


def _until(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _nothing() -> None:
    """Events wait in the core until they are asked for."""


def connect(
    address: tuple[str, int],
    state: ClientState,
    *,
    store: ClientStore | None = None,
    confirmed: Pin | None = None,
    entropy: Entropy = os.urandom,
) -> ChatClient:
    """A client of the server at `address`, (host, port), that goes on from `state`; to be closed, or used in `with`.

    The host may be a name; it is looked up as often as it takes, so there need be no network yet. Changes of
    state go to `store`, which is the caller's, to be closed after the client; without one they are found in
    `chat.state`. `confirmed`: the key (and secret) that the person was given, as by a join link, if no pin is
    stored yet.
    """
    core = Client(state, entropy=entropy, confirmed=confirmed)
    return ChatClient(core, store or Nowhere(), address)
