"""A server over Trio: `await nursery.start(partial(serve, identity, (host, port), store=…))`.

It runs until it is cancelled; then everyone is sent BYE and the socket is closed. It logs nothing and prints
nothing: what happens comes as events, what was dropped is counted.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

import trio

from udpchat_core.counters import Counters
from udpchat_core.effects import ServerRequest, ServerResult, ServerStore
from udpchat_core.events import ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.keys import Entropy
from udpchat_core.limits import Limits
from udpchat_core.server import Server
from udpchat_core.text import plain_nick
from udpchat_core.uplink import NickPolicy

from .addresses import SocketAddress, address_of, resolve
from .pump import Pump
from .sockets import SERVER_BUFFER, UdpSocket
from .trio_loop import Loop, flush

BYE_PATIENCE = 1.0
"""Seconds that a server may take to say BYE when it is cancelled."""


class Serving:
    """A running server, as `nursery.start` gives it back."""

    def __init__(self, core: Server, sock: UdpSocket, public: bytes) -> None:
        self._core = core
        self._socket = sock
        self.address: SocketAddress = sock.address
        """Where it listens, with the port that it was given."""
        self.public_key = public
        """The server's public key, 32 bytes."""

    @property
    def counters(self) -> Counters:
        """Datagrams received, sent and dropped."""
        return self._core.counters

    @property
    def errors(self) -> Mapping[str, int]:
        """Errors of the socket, by the names of errno."""
        return self._socket.errors

    @property
    def sessions(self) -> int:
        """Live sessions."""
        return self._core.sessions

    @property
    def tables(self) -> Mapping[str, int]:
        """Sizes of everything that strangers can make grow."""
        return self._core.tables


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
    sock = await _listen(*address)
    try:
        core = Server(identity, entropy=entropy, address_of=address_of, limits=limits, nick_policy=nick_policy)

        def on_events() -> None:
            for event in core.events():
                if on_event is not None:
                    on_event(event)

        loop = Loop()
        pump: Pump[ServerRequest, ServerResult] = Pump(core, store, wake=loop.wake_from_any_thread, on_events=on_events)
        pump.socket = sock
        task_status.started(Serving(core, sock, identity.public))
        try:
            await loop.run(pump, pump)
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + BYE_PATIENCE):
                core.close(trio.current_time())
                pump.put_out(trio.current_time())
                await flush(pump)
    finally:
        sock.close()


async def _listen(host: str, port: int) -> UdpSocket:
    candidates = await trio.to_thread.run_sync(resolve, host, port, abandon_on_cancel=True)
    candidates.sort(key=lambda candidate: candidate[0] != socket.AF_INET)
    failure: OSError | None = None
    for family, address in candidates:
        try:
            return UdpSocket(family, address, buffer=SERVER_BUFFER)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(f"{host!r} has no address of IPv4 or IPv6")
