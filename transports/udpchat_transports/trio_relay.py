"""A relay over Trio that makes a good network bad: `await nursery.start(partial(relay, listen, to, weather))`.

Every client address gets a socket of its own towards the server, so that the server sees as many addresses as there
are clients, and a pair of links (`udpchat_transports.link`), one a direction. The relay looks into no datagram.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Protocol

import trio
from trio.lowlevel import wait_readable

from udpchat_core.path import Path

from .addresses import SocketAddress, peer_of, resolve
from .link import Conditions, Link
from .sockets import SERVER_BUFFER, UdpSocket

CLIENTS = 1024
"""Client addresses at a time; the one that was silent longest goes first."""

_ONE_TURN = 512


@dataclass(frozen=True, slots=True)
class Weather:
    """What the relay does to datagrams each way, and the seed of its chances."""

    up: Conditions
    down: Conditions
    seed: int = 0


class _Client:
    """One client address: its way to the server and back."""

    def __init__(self, path: Path, server: UdpSocket, weather: Weather, number: int, now: float) -> None:
        self.path = path
        self.server = server
        self.up = Link(weather.up, 2 * (weather.seed * CLIENTS + number))
        self.down = Link(weather.down, 2 * (weather.seed * CLIENTS + number) + 1)
        self.began = now
        self.scope = trio.CancelScope()


class Relaying:
    """A running relay, as `nursery.start` gives it back."""

    def __init__(self, listening: UdpSocket, server: SocketAddress, weather: Weather, nursery: trio.Nursery) -> None:
        self.address: SocketAddress = listening.address
        """Where it listens."""
        self._listening = listening
        self._server = server
        self._weather = weather
        self._nursery = nursery
        self._clients: dict[Path, _Client] = {}
        self._count = 0
        self._totals: dict[str, dict[str, int]] = {way: dict.fromkeys(_COUNTED, 0) for way in ("up", "down")}
        self._wake = trio.Event()

    @property
    def totals(self) -> Mapping[str, Mapping[str, int]]:
        """Per direction: datagrams `sent` into the links, `lost` in them, `delivered` by them; `octets` sent."""
        totals = {way: dict(counts) for way, counts in self._totals.items()}
        for client in self._clients.values():
            _add(totals, client)
        return totals

    async def read_clients(self) -> None:
        """Put what clients send into their links."""
        while True:
            await wait_readable(self._listening)
            self._listening.receive(_ONE_TURN, self._from_client)

    async def read_server(self, client: _Client) -> None:
        """Put what the server sends to one client into its link."""
        with client.scope:
            while True:
                await wait_readable(client.server)
                client.server.receive(_ONE_TURN, lambda data, _: self._enter(client.down, data, client))

    async def deliver(self) -> None:
        """Let out what has been under way for long enough."""
        while True:
            self._wake = trio.Event()
            now = trio.current_time()
            due = inf
            for client in list(self._clients.values()):
                due = min(due, self._deliver(client, now))
            with trio.move_on_at(due):
                await self._wake.wait()

    def close(self) -> None:
        """Close all sockets."""
        for client in self._clients.values():
            client.server.close()
        self._listening.close()

    def _from_client(self, data: bytes, path: Path) -> None:
        client = self._clients.pop(path, None) or self._new(path)
        self._clients[path] = client
        self._enter(client.up, data, client)

    def _new(self, path: Path) -> _Client:
        if len(self._clients) >= CLIENTS:
            oldest = self._clients.pop(next(iter(self._clients)))
            _add(self._totals, oldest)
            oldest.scope.cancel()
            oldest.server.close()
        server = UdpSocket(self._listening.family, _anywhere(self._listening.address))
        client = _Client(path, server, self._weather, self._count, trio.current_time())
        self._count += 1
        self._nursery.start_soon(self.read_server, client)
        return client

    def _enter(self, link: Link, data: bytes, client: _Client) -> None:
        link.send(trio.current_time() - client.began, data, client.path)
        self._wake.set()

    def _deliver(self, client: _Client, now: float) -> float:
        """Send what is due; when more will be."""
        for data, _ in client.up.deliver(now - client.began):
            client.server.send_one(data, self._server)
        for data, _ in client.down.deliver(now - client.began):
            self._listening.send_one(data, peer_of(client.path))
        times = [link.next_delivery() for link in (client.up, client.down)]
        return min((client.began + when for when in times if when is not None), default=inf)


_COUNTED: tuple[str, ...] = ("sent", "lost", "delivered", "octets")


def _add(totals: dict[str, dict[str, int]], client: _Client) -> None:
    for way, link in (("up", client.up), ("down", client.down)):
        for name, count in zip(_COUNTED, (link.sent, link.lost, link.delivered, link.octets), strict=True):
            totals[way][name] += count


def _anywhere(address: SocketAddress) -> SocketAddress:
    """The same host, any free port."""
    return (address[0], 0, address[2], address[3]) if len(address) == 4 else (address[0], 0)


class TaskStatus(Protocol):
    """What `nursery.start` hands over."""

    def started(self, value: Relaying, /) -> None:
        """The relay listens."""
        ...


async def relay(listen: tuple[str, int], to: tuple[str, int], weather: Weather, *, task_status: TaskStatus) -> None:
    """Relay between `listen` and `to`, (host, port) each, until cancelled. Raises OSError if it cannot listen."""
    candidates = await trio.to_thread.run_sync(resolve, *to, abandon_on_cancel=True)
    family, server = candidates[0]
    own = [address for each, address in await trio.to_thread.run_sync(resolve, *listen) if each == family]
    if not own:
        raise OSError(f"{listen[0]!r} has no address of the family of {to[0]!r}")
    listening = UdpSocket(family, own[0], buffer=SERVER_BUFFER)
    relaying: Relaying | None = None
    try:
        async with trio.open_nursery() as nursery:
            relaying = Relaying(listening, server, weather, nursery)
            nursery.start_soon(relaying.read_clients)
            nursery.start_soon(relaying.deliver)
            task_status.started(relaying)
    finally:
        with suppress(OSError):
            (relaying or listening).close()
