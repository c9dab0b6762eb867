"""A whole network in one process and in virtual time: the real cores, a memory store, links of `link`.

    net = Net(seed=1, loss=0.3, delay=(0.02, 0.08))
    ada = net.person("ada")
    ada.join("lobby")
    net.run(5)
    assert ada.texts("lobby") == [...]

Time jumps to the next announced deadline or arrival and nowhere else, which proves that deadlines are complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from udpchat_core.client import Client
from udpchat_core.effects import ServerResult, StateSaved
from udpchat_core.events import ChatReceived, ClientEvent, ServerEvent, ServerOffered
from udpchat_core.gate import Identity
from udpchat_core.keys import Entropy, PrivateKey
from udpchat_core.limits import Limits
from udpchat_core.path import Address, Path
from udpchat_core.recovery import Remedies
from udpchat_core.server import Server
from udpchat_core.state import ClientState, Pin
from udpchat_protocol.constants import RENEWAL
from udpchat_stores.memory import MemoryStore
from udpchat_transports.link import Conditions, Link

E = TypeVar("E")


def entropy(seed: object) -> Entropy:
    """Bytes that look random and are always the same for a seed."""
    blocks = count()

    def draw(size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += sha256(f"{seed}/{next(blocks)}".encode()).digest()
        return out[:size]

    return draw


class Person:
    """A client and what its application took from it."""

    def __init__(self, net: Net, name: str, client: Client, path: Path, *, takes: bool = True) -> None:
        self.net = net
        self.name = name
        self.client = client
        self.path = path
        self.takes = takes
        """Does the application take events?"""
        self.trusts = True
        """Does the person accept the first key that they are shown?"""
        self.events: list[ClientEvent] = []
        self.times: list[float] = []
        """When the application took each event."""

    def join(self, room: str = "lobby", **kwargs: Any) -> None:
        self.client.join(room, self.net.now, **kwargs)

    def say(self, text: str, room: str = "lobby") -> int:
        return self.client.say(room, text, self.net.now)

    def quit(self) -> None:
        self.client.quit(self.net.now)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind that were taken."""
        return [event for event in self.events if isinstance(event, kind)]

    def texts(self, room: str = "lobby") -> list[str]:
        """The texts of a room in the order they were taken."""
        return [event.text for event in self.of(ChatReceived) if event.room == room]


class Net:
    """One server, any number of people, a link each way for each."""

    def __init__(
        self,
        seed: int = 0,
        *,
        limits: Limits | None = None,
        store: MemoryStore | None = None,
        secret: bytes | None = None,
        remedies: Remedies = Remedies(),  # noqa: B008 - a frozen value
        **conditions: Any,
    ) -> None:
        self.seed = seed
        self.now = 1000.0
        given: dict[str, Any] = {"delay": (0.05, 0.05), **conditions}
        self.conditions = Conditions(**given)
        self.identity = Identity(PrivateKey(entropy(("server", seed))(32)), secret)
        self.store = store or MemoryStore(clock=lambda: round(self.now * 1000), entropy=entropy(("store", seed)))
        self.limits = limits or Limits()
        self.remedies = remedies
        self.people: dict[Path, Person] = {}
        self.up: dict[Path, Link] = {}
        self.down: dict[Path, Link] = {}
        self.server_events: list[ServerEvent] = []
        self.tap: Callable[[str, bytes, Path], None] | None = None
        """Called with ("up" or "down", data, path) for each datagram that is sent."""
        self._lives = count()
        self.turns = 0
        self.server = self._server()

    def _server(self) -> Server:
        return Server(
            self.identity,
            entropy=entropy(("core", self.seed, next(self._lives))),
            address_of=lambda path: Address(repr(path).encode(), repr(path).encode()[:4]),
            limits=self.limits,
            remedies=self.remedies,
        )

    def restart_server(self, *, store: MemoryStore | None = None) -> None:
        """The server dies without a word and another begins with the same identity."""
        self.store = store or self.store
        self.server = self._server()

    def person(
        self, name: str, *, state: ClientState | None = None, joins: str | None = "lobby", **kwargs: Any
    ) -> Person:
        """A new client that connects now."""
        seed = (self.seed, name, len(self.people))
        if state is None:
            state = ClientState(entropy(("identity", *seed))(32), len(self.people) + 1, nick=name)
        confirmed: Pin | None = kwargs.pop("confirmed", None)
        renewal: float = kwargs.pop("renewal", RENEWAL)
        client = Client(state, entropy=entropy(seed), confirmed=confirmed, renewal=renewal, remedies=self.remedies)
        path = f"{name}-{len(self.people)}"
        person = self.people[path] = Person(self, name, client, path, **kwargs)
        self.up[path] = Link(self.conditions, hash_of("up", *seed))
        self.down[path] = Link(self.conditions, hash_of("down", *seed))
        if joins is not None:
            person.join(joins)
        client.connect(path, self.now)
        return person

    def rebind(self, person: Person, path: Path) -> None:
        """The person's datagrams travel on another path from now on; their client is not told."""
        for links, name in ((self.up, "up"), (self.down, "down")):
            links.setdefault(path, Link(self.conditions, hash_of(name, path, self.seed)))
        self.people[path] = person
        person.path = path

    def change(self, **conditions: Any) -> None:
        """Another weather for everyone."""
        self.conditions = replace(self.conditions, **conditions)
        for link in (*self.up.values(), *self.down.values()):
            link.conditions = self.conditions

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass; with `until`, at most so long until it holds. Does it hold (True without `until`)?"""
        end = self.now + seconds
        self.drain()
        while until is None or not until():
            when = self._next()
            if when is None or when > end:
                self.now = end
                return until is None or until()
            assert when >= self.now or when <= self.now, "deadlines are numbers"
            self.now = max(self.now, when)
            self.turn()
        return True

    def turn(self) -> None:
        """Everything that is due now, once."""
        self.turns += 1
        for path in list(self.people):
            for data, _ in self.up[path].deliver(self.now):
                self.server.receive_datagram(data, path, self.now)
            for data, _ in self.down[path].deliver(self.now):
                self.people[path].client.receive_datagram(data, path, self.now)
        self.server.handle_timeout(self.now)
        for person in self.people.values():
            person.client.handle_timeout(self.now)
        self.drain()

    def drain(self) -> None:
        """Every output of every core, in the order of the contract."""
        self._drain_server()
        for person in self.people.values():
            self._drain_person(person)

    def _drain_server(self) -> None:
        server = self.server
        self.store.submit(server.store_requests(), self._stored)
        self.server_events += server.events()
        for data, path in server.datagrams_to_send(self.now):
            if self.tap is not None:
                self.tap("down", data, path)
            if path in self.down:
                self.down[path].send(self.now, data, path)

    def _stored(self, results: Iterable[ServerResult]) -> None:
        for result in results:
            self.server.store_completed(result, self.now)

    def _drain_person(self, person: Person) -> None:
        client = person.client
        if person.takes:
            for event in client.events():
                person.events.append(event)
                person.times.append(self.now)
                if isinstance(event, ServerOffered) and person.trusts:
                    client.accept_server(event.key, None, self.now)
        for request in client.store_requests():
            client.store_completed(StateSaved(request), self.now)
        for data, path in client.datagrams_to_send(self.now):
            if self.tap is not None:
                self.tap("up", data, path)
            self.up[person.path].send(self.now, data, path)

    def _next(self) -> float | None:
        times = [self.server.next_timeout()]
        times += [person.client.next_timeout() for person in self.people.values()]
        times += [link.next_delivery() for link in (*self.up.values(), *self.down.values())]
        return min((when for when in times if when is not None), default=None)


def hash_of(*parts: object) -> int:
    """A seed out of anything, the same in every process."""
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")
