"""A server in a thread of its own, for programs that simply wait.

    with serve(identity, (host, port), store=store) as serving:
        ...

It runs until `stop`, or until the block is left; then everyone is sent BYE and the socket is closed. It logs nothing
and prints nothing: what happens comes as events, what was dropped is counted. If its store or `on_event` raises, it
ends: `wait` raises that, and so does leaving the block.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from udpchat_core.effects import ServerRequest, ServerResult, ServerStore
from udpchat_core.events import ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.keys import Entropy
from udpchat_core.limits import Limits
from udpchat_core.server import Server
from udpchat_core.text import plain_nick
from udpchat_core.uplink import NickPolicy

from .addresses import address_of, resolve
from .blocking_loop import BlockingLoop, flush
from .pump import Pump
from .serving import Serving, listen
from .sockets import UdpSocket
from .sodium import best

T = TypeVar("T")

BYE_PATIENCE = 1.0
"""Seconds that a server may take to say BYE when it is stopped."""


class BlockingServing(Serving):
    """A running server, as `serve` gives it."""

    def __init__(self, core: Server, store: ServerStore, sock: UdpSocket, public: bytes, on_events: Callable[[], None]):
        super().__init__(core, sock, public)
        self._loop = BlockingLoop(f"udpchat server at {sock.address[1]}")
        self.wake = self._loop.wake

        def on_turn() -> None:
            on_events()
            self.on_turn(time.monotonic())

        self._pump: Pump[ServerRequest, ServerResult] = Pump(
            core, store, wake=self.wake, on_events=on_turn, to_send=core.batches_to_send
        )
        self._pump.socket = sock
        self._loop.start(self._pump, self._pump, self._at_end)

    def stop(self) -> None:
        """Say BYE to everyone and end; from any thread or signal handler, and harmless if it was stopped."""
        self._loop.stop()

    def wait(self) -> None:
        """Wait until it was stopped. Raises what ended it otherwise."""
        self._loop.join()
        if self._loop.failure is not None:
            raise self._loop.failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        if kind is None and self._loop.failure is not None:
            raise self._loop.failure

    def _look(self, read: Callable[[], T]) -> T:
        return self._loop.look(read)

    def _at_end(self) -> None:
        try:
            self._core.close(time.monotonic())
            self._pump.put_out(time.monotonic())
            flush(self._pump, time.monotonic() + BYE_PATIENCE)
        finally:
            self._socket.close()


def serve(
    identity: Identity,
    address: tuple[str, int],
    *,
    store: ServerStore,
    limits: Limits | None = None,
    nick_policy: NickPolicy = plain_nick,
    on_event: Callable[[ServerEvent], None] | None = None,
    entropy: Entropy = os.urandom,
) -> BlockingServing:
    """Run a server at `address`, (host, port), until `stop`.

    The `store` is the caller's, to be closed after `stop`. A host of `::` takes IPv6 and IPv4; of a name that
    has several addresses one is used, IPv4 first; port 0 is any free one. `on_event` is called with every event, in
    the server's thread, and must not block. Raises OSError if the address cannot be had.
    """
    core = Server(identity, entropy=entropy, address_of=address_of, limits=limits, nick_policy=nick_policy, aead=best())
    sock = listen(address[0], resolve(*address))

    def on_events() -> None:
        for event in core.events():
            if on_event is not None:
                on_event(event)

    try:
        return BlockingServing(core, store, sock, identity.public, on_events)
    except BaseException:
        sock.close()
        raise
