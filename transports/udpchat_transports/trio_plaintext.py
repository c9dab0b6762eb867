"""The plaintext dialect over Trio: a server beside the sealed one, and a client (SPEC.md, appendix B).

    serving = await nursery.start(partial(serve, identity, ("127.0.0.1", 9999), store=…))
    await nursery.start(partial(serve_plaintext, ("127.0.0.1", 9998), bridge_to=(serving, "lobby")))

Each runs until it is cancelled; then every client is sent `bye bye`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import trio

from udpchat_core.plaintext import PLAIN_BEAT, PlainEvent, PlainHeard
from udpchat_core.plaintext_client import PlaintextClient
from udpchat_core.plaintext_server import PlaintextLimits

from .addresses import resolve
from .plaintext import PlaintextServing, listen, pump_of, reach
from .serving import Serving
from .sockets import UdpSocket
from .trio_loop import Loop, flush
from .trio_server import BYE_PATIENCE


class TaskStatus(Protocol):
    """What `nursery.start` hands over."""

    def started(self, value: PlaintextServing, /) -> None:
        """The server listens."""
        ...


class _Ignored:
    def started(self, value: PlaintextServing, /) -> None:
        """Nobody waits."""


async def serve_plaintext(
    address: tuple[str, int],
    *,
    limits: PlaintextLimits = PlaintextLimits(),  # noqa: B008 - a frozen value
    anywhere: bool = False,
    bridge_to: tuple[Serving, str] | None = None,
    on_event: Callable[[PlainEvent], None] | None = None,
    task_status: TaskStatus = _Ignored(),  # noqa: B008 - it has no state
) -> None:
    """Run a plaintext server at `address`, (host, port), until cancelled.

    `anywhere`: it may listen beyond the loopback interface; otherwise `NotLoopbackError` is raised for such an
    address. `bridge_to`: a server of this process, which has no other bridge, and the room of it where clients
    appear as guests. `on_event` is called with every event and must not block. Raises OSError if the address
    cannot be had, and `LocalProtocolError` if the room cannot be one.
    """
    candidates = await trio.to_thread.run_sync(resolve, *address, abandon_on_cancel=True)
    sock = listen(address[0], candidates, anywhere=anywhere)
    try:
        loop = Loop()
        serving = PlaintextServing(sock, limits, bridge_to, on_event, loop.wake_from_any_thread)
        task_status.started(serving)
        try:
            await loop.run(serving.pump, serving.pump)
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + BYE_PATIENCE):
                serving.close(trio.current_time())
                await flush(serving.pump)
    finally:
        sock.close()


class PlaintextChat:
    """A client, as `open_plaintext` gives it. Its commands raise `LocalProtocolError` for what cannot be."""

    def __init__(self, core: PlaintextClient, sock: UdpSocket) -> None:
        self._core = core
        self._loop = Loop()
        self._pump = pump_of(core, sock, self._loop.wake_from_any_thread, self._tell)
        self._news = trio.Event()

    def say(self, text: str) -> None:
        """Say something, at most 1000 bytes of UTF-8; `quit` leaves."""
        self._core.say(text, trio.current_time())
        self._loop.wake()

    def quit(self) -> None:
        """Leave; iteration ends."""
        self._core.quit(trio.current_time())
        self._loop.wake()

    @property
    def closed(self) -> bool:
        """Is it over?"""
        return self._core.closed

    def __aiter__(self) -> PlaintextChat:
        return self

    async def __anext__(self) -> PlainHeard:
        await trio.lowlevel.checkpoint()
        # What the application has not taken stays in the core, which keeps only so much of it.
        while not (events := self._core.events(1)):
            if self._core.closed:
                raise StopAsyncIteration
            await self._news.wait()
        return events[0]

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()

    async def run(self) -> None:
        """Move datagrams until cancelled; what is left to be sent is."""
        try:
            await self._loop.run(self._pump, self._pump)
        finally:
            self._pump.put_out(trio.current_time())
            self._pump.replace_socket(None)


@asynccontextmanager
async def open_plaintext(address: tuple[str, int], *, beat: float = PLAIN_BEAT) -> AsyncGenerator[PlaintextChat]:
    """A client of the plaintext server at `address`, (host, port). Raises OSError if the host has no address.

    `beat`: seconds without a datagram of ours after which a heartbeat is sent. Leaving the block is not `quit`:
    the server drops a client that falls silent.
    """
    candidates = await trio.to_thread.run_sync(resolve, *address, abandon_on_cancel=True)
    sock, path = reach(address[0], candidates)
    core = PlaintextClient(beat=beat)
    core.connect(path, trio.current_time())
    chat = PlaintextChat(core, sock)
    failure: BaseException | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(chat.run)
        try:
            yield chat
        except BaseException as error:  # noqa: BLE001 - raised again below, outside of the nursery
            # The application's exception shall reach it as it is, not wrapped into a group.
            failure = error
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure
