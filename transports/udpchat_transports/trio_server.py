"""A server over Trio: `await nursery.start(partial(serve, identity, (host, port), store=…))`.

It runs until it is cancelled; then everyone is sent BYE and the socket is closed. It logs nothing and prints
nothing: what happens comes as events, what was dropped is counted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

import trio

from udpchat_core.effects import ServerRequest, ServerResult, ServerStore
from udpchat_core.events import ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.keys import Entropy
from udpchat_core.limits import Limits
from udpchat_core.server import Server
from udpchat_core.text import plain_nick
from udpchat_core.uplink import NickPolicy

from .addresses import address_of, resolve
from .pump import Pump
from .serving import Serving, listen
from .sodium import best
from .trio_loop import Loop, flush

BYE_PATIENCE = 1.0
"""Seconds that a server may take to say BYE when it is cancelled."""


class TaskStatus(Protocol):
    """What `nursery.start` hands over."""

    def started(self, value: Serving, /) -> None:
        """The server listens."""
        ...


class _Ignored:
    def started(self, value: Serving, /) -> None:
        """Nobody waits."""


async def serve(  # noqa: PLR0913 - what a server may be given
    identity: Identity,
    address: tuple[str, int],
    *,
    store: ServerStore,
    limits: Limits | None = None,
    nick_policy: NickPolicy = plain_nick,
    on_event: Callable[[ServerEvent], None] | None = None,
    entropy: Entropy = os.urandom,
    task_status: TaskStatus = _Ignored(),  # noqa: B008 - it has no state
) -> None:
    """Run a server at `address`, (host, port), until cancelled.

    The `store` is the caller's, to be closed after this has returned. A host of `::` takes IPv6 and IPv4; of
    a name that has several addresses one is used, IPv4 first; port 0 is any free one. `on_event` is called
    with every event and must not block. Raises OSError if the address cannot be had.
    """
    sock = listen(address[0], await trio.to_thread.run_sync(resolve, *address, abandon_on_cancel=True))
    try:
        core = Server(
            identity, entropy=entropy, address_of=address_of, limits=limits, nick_policy=nick_policy, aead=best()
        )

        def on_events() -> None:
            for event in core.events():
                if on_event is not None:
                    on_event(event)
            serving.on_turn(trio.current_time())

        serving = Serving(core, sock, identity.public)
        loop = Loop()
        pump: Pump[ServerRequest, ServerResult] = Pump(
            core, store, wake=loop.wake_from_any_thread, on_events=on_events, to_send=core.batches_to_send
        )
        pump.socket = sock
        serving.wake = loop.wake_from_any_thread
        task_status.started(serving)
        try:
            await loop.run(pump, pump)
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + BYE_PATIENCE):
                core.close(trio.current_time())
                pump.put_out(trio.current_time())
                await flush(pump)
    finally:
        sock.close()
