"""A whole network in one process and in virtual time: the real cores, a memory store, links of `link`.

    net = Net(seed=1, loss=0.3, delay=(0.02, 0.08))
    ada = net.person("ada")
    ada.join("lobby")
    net.run(5)
    assert ada.texts("lobby") == [...]

Time jumps to the next announced deadline or arrival and nowhere else, and nobody is called before: which proves that
deadlines are complete. Only who is due, or was sent something, costs anything, so that a thousand people are no
trouble. A core that wants to be called again and again at one instant is found out.

People change paths (`Person.move`) and sleep (`Person.sleep`), the server stalls (`Net.pause_server`) or dies
(`Net.restart_server`), and everybody has a clock of their own. An attacker sees all (`Net.tap`, `Net.ear`), sends from
where they like (`Net.inject`, `Net.inject_down`), and what the server sends to paths that nobody owns is counted
(`Net.strays`). Whatever else is to happen at a certain time is given to `Net.call`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from typing import Any, Literal

from agenda import Agenda
from clock import Clock
from person import Person
from udpchat_core.client import Client
from udpchat_core.effects import ServerResult, StateSaved
from udpchat_core.events import ServerEvent, ServerOffered
from udpchat_core.gate import Identity
from udpchat_core.keys import Entropy, PrivateKey
from udpchat_core.limits import Limits
from udpchat_core.path import Address, AddressOf, Path
from udpchat_core.recovery import Remedies
from udpchat_core.server import Server
from udpchat_core.state import ClientState, Pin
from udpchat_core.states import State
from udpchat_protocol.constants import RENEWAL
from udpchat_stores.memory import MemoryStore
from udpchat_transports.link import Conditions, Link

BUFFER = 4 * 1024 * 1024
"""Bytes that wait for a server that stalls; what comes on top is lost, as in a kernel."""

IDLE_TURNS = 100
"""Turns within a microsecond, in which nothing arrives, after which somebody spins."""


def entropy(seed: object) -> Entropy:
    """Bytes that look random and are always the same for a seed."""
    blocks = count()

    def draw(size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += sha256(f"{seed}/{next(blocks)}".encode()).digest()
        return out[:size]

    return draw


@dataclass(slots=True)
class Stray:
    """What went between the server and a path that nobody owns."""

    injected: int = 0
    """Bytes that came from there."""
    datagrams: int = 0
    """What the server sent there."""
    octets: int = 0
    """Its bytes."""


@dataclass(eq=False, slots=True)
class _Call:
    """Something that is to happen."""

    what: Callable[[], None]


_Way = tuple[Literal["up", "down"], Path]
_Key = _Way | Person | Link | _Call | None
"""Who stands in the agenda: an end of a path, a client, the attacker's link, a call, or (None) the server."""


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
        address_of: AddressOf = lambda path: Address(repr(path).encode(), repr(path).encode()[:4]),
        clock: Clock = Clock(),  # noqa: B008 - a frozen value
        **conditions: Any,
    ) -> None:
        """`clock`: that of the server."""
        self.seed = seed
        self.clock = clock
        self.now = 1000.0
        given: dict[str, Any] = {"delay": (0.05, 0.05), **conditions}
        self.conditions = Conditions(**given)
        self.identity = Identity(PrivateKey(entropy(("server", seed))(32)), secret)
        self.store = store or MemoryStore(clock=lambda: round(self.now * 1000), entropy=entropy(("store", seed)))
        self.limits = limits or Limits()
        self.remedies = remedies
        self.address_of = address_of
        self.people: dict[Path, Person] = {}
        """By the path where the server sees them now."""
        self.up: dict[Path, Link] = {}
        self.down: dict[Path, Link] = {}
        """All links there ever were, those of paths that were left too."""
        self.strays: dict[Path, Stray] = {}
        """By path."""
        self.server_events: list[ServerEvent] = []
        self.tap: Callable[[str, bytes, Path], None] | None = None
        """Called with ("up" or "down", data, path as the server sees it) for each datagram that is sent."""
        self.ear: Callable[[str, bytes, Path], None] | None = None
        """The same for each that arrives, before anybody takes it."""
        self.told: Callable[[ServerEvent], None] | None = None
        """Called with each event of the server, when it is told."""
        self.overrun = 0
        """Datagrams that found no room while the server stalled."""
        self.turns = 0
        self._lives, self._births = count(), Counter[str]()
        self._agenda: Agenda[_Key] = Agenda()
        self._touched: dict[Person, None] = {}
        self._attack, self._attack_down = Link(Conditions(reorder=1.0), 0), Link(Conditions(reorder=1.0), 0)
        self._paused_until = -1.0
        self._buffer: deque[tuple[bytes, Path]] = deque()
        self._room = BUFFER
        self._results: list[ServerResult] = []
        self._arrived = self._idle = 0
        self._instant = self.now
        self.server = self._server()

    def _server(self) -> Server:
        return Server(
            self.identity,
            entropy=entropy(("core", self.seed, next(self._lives))),
            address_of=self.address_of,
            limits=self.limits,
            remedies=self.remedies,
        )

    # -- what may happen

    def person(
        self, name: str, *, state: ClientState | None = None, joins: str | None = "lobby", **kwargs: Any
    ) -> Person:
        """A new client that connects now."""
        number = self._births[name]
        seed = (self.seed, name, number)
        if state is None:
            state = ClientState(entropy(("identity", *seed))(32), number + 1, nick=name)
        confirmed: Pin | None = kwargs.pop("confirmed", None)
        renewal: float = kwargs.pop("renewal", RENEWAL)
        client = Client(state, entropy=entropy(seed), confirmed=confirmed, renewal=renewal, remedies=self.remedies)
        person = Person(self, name, client, **kwargs)
        path = person.local = self._settle(person)
        if joins is not None:
            person.join(joins)
        client.connect(path, person.now)
        self.touch(person)
        return person

    def _settle(self, person: Person) -> Path:
        """Give a person a path where nobody was before; its links are the same whoever else there is."""
        name = person.name
        number = self._births[name]
        self._births[name] += 1
        path = person.path = f"{name}-{number}"
        self.people[path] = person
        self.up[path] = Link(self.conditions, hash_of("up", self.seed, name, number))
        self.down[path] = Link(self.conditions, hash_of("down", self.seed, name, number))
        return path

    def rebind(self, person: Person) -> None:
        """Give a person another path, in the same weather. What is sent to the old one is lost."""
        old = person.path
        del self.people[old]
        new = self._settle(person)
        self.up[new].conditions = self.up[old].conditions
        self.down[new].conditions = self.down[old].conditions

    def remove(self, person: Person) -> None:
        """Take somebody away."""
        del self.people[person.path]
        self._agenda.set(person, None)
        self._touched.pop(person, None)

    def restart_server(self, *, store: MemoryStore | None = None) -> None:
        """The server dies without a word and another begins with the same identity."""
        self.store = store or self.store
        self.server = self._server()
        self._paused_until = -1.0
        self._results.clear()
        self._buffer.clear()
        self._room = BUFFER

    def pause_server(self, seconds: float) -> None:
        """The server stalls: what arrives waits in a buffer, and is handled before its timers."""
        self._paused_until = self.now + seconds
        self._agenda.set(None, self._paused_until)

    def inject(self, data: bytes, path: Path, at: float | None = None) -> None:
        """Somebody sends the server a datagram from a path of their choice: it arrives now, or at `at`."""
        if path not in self.people:
            self.strays.setdefault(path, Stray()).injected += len(data)
        self._attack.send(self.now if at is None else at, data, path)
        self._agenda.set(self._attack, self._attack.next_delivery())

    def inject_down(self, data: bytes, path: Path) -> None:
        """Somebody sends a datagram in the name of the server to whoever is on a path: it arrives now."""
        self._attack_down.send(self.now, data, path)
        self._agenda.set(self._attack_down, self._attack_down.next_delivery())

    def unclog(self, link: Link, path: Path) -> None:
        """Let go of what a link kept."""
        link.unclog(self.now)
        way: Literal["up", "down"] = "up" if self.up.get(path) is link else "down"
        self._agenda.set((way, path), link.next_delivery())

    def call(self, when: float, what: Callable[[], None]) -> None:
        """Do something at a certain time."""
        self._agenda.set(_Call(what), when)

    def change(self, **conditions: Any) -> None:
        """Another weather for everyone."""
        self.conditions = replace(self.conditions, **conditions)
        for link in (*self.up.values(), *self.down.values()):
            link.conditions = self.conditions

    @property
    def sent(self) -> int:
        """Datagrams that went into the links so far."""
        return sum(link.sent for link in (*self.up.values(), *self.down.values()))

    # -- time

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass; with `until`, at most so long until it holds. Does it hold (True without `until`)?

        `until` only looks; what a client is told to do there is to be told by the verbs of `Person`.
        """
        end = self.now + seconds
        self.drain()
        while until is None or not until():
            if self._touched:
                self._drain_touched()
            when = self._agenda.next()
            if when is None or when > end:
                self.now = end
                return until is None or until()
            self.now = max(self.now, when)
            self.turn()
        return True

    def turn(self) -> None:
        """Everything that is due now, once: arrivals, then timers, then what follows."""
        self.turns += 1
        before = self._arrived
        serves = False
        for key in self._agenda.due(self.now):
            serves = self._call(key) or serves
        if serves:
            self._serve()
        for person in self._touched:
            if self._wakes(person) and _is_due(person.client.next_timeout(), person.now):
                person.client.handle_timeout(person.now)
        self._drain_touched()
        self._look_for_spin(self._arrived > before)

    def _call(self, key: _Key) -> bool:
        """Whose time has come; is the server to be looked after?"""
        if key is None:
            return True
        if isinstance(key, Person):
            self.touch(key)
            return False
        if isinstance(key, _Call):
            key.what()
            return True
        if key is self._attack_down or (isinstance(key, tuple) and key[0] == "down"):
            self._to_client(key, key if isinstance(key, Link) else self.down[key[1]])
            return False
        self._to_server(key, key if isinstance(key, Link) else self.up[key[1]])
        return True

    def _to_server(self, key: _Way | Link, link: Link) -> None:
        for data, path in link.deliver(self.now):
            self._arrived += 1
            if self.now >= self._paused_until:
                self._give(data, path)
            elif len(data) <= self._room:
                self._room -= len(data)
                self._buffer.append((data, path))
            else:
                self.overrun += 1
        self._agenda.set(key, link.next_delivery())

    def _give(self, data: bytes, path: Path) -> None:
        if self.ear is not None:
            self.ear("up", data, path)
        self.server.receive_datagram(data, path, self.clock.local(self.now))

    def _to_client(self, key: _Way | Link, link: Link) -> None:
        for data, path in link.deliver(self.now):
            self._arrived += 1
            person = self.people.get(path)
            if person is not None and self._wakes(person):
                if self.ear is not None:
                    self.ear("down", data, path)
                person.client.receive_datagram(data, person.local, person.now)
                self.touch(person)
        self._agenda.set(key, link.next_delivery())

    def _look_for_spin(self, arrived: bool) -> None:
        if arrived or self.now > self._instant + 1e-6:
            self._idle, self._instant = 0, self.now
        self._idle += 1
        if self._idle > IDLE_TURNS:
            who = "server" if _is_due(self.server.next_timeout(), self.clock.local(self.now)) else ""
            names = [
                person.name for person in self.people.values() if _is_due(person.client.next_timeout(), person.now)
            ]
            raise AssertionError(f"deadlines that were met are announced again and again: {who} {names}")

    # -- outputs

    def touch(self, person: Person) -> None:
        """Something was done to a client: see to what it has to say."""
        self._touched[person] = None

    def drain(self) -> None:
        """Every output of every core, in the order of the contract."""
        self._serve()
        for person in self.people.values():
            self.touch(person)
        self._drain_touched()

    def _drain_touched(self) -> None:
        touched, self._touched = self._touched, {}
        for person in touched:
            if self._wakes(person):
                self._drain_person(person)
                self._agenda.set(person, _at(person.clock, person.client.next_timeout()))
            else:
                self._agenda.set(person, person.asleep_until)

    def _wakes(self, person: Person) -> bool:
        return person.asleep_until <= self.now

    def _serve(self) -> None:
        """The server takes what waits for it and says what it has to say."""
        if self.now < self._paused_until:
            self._agenda.set(None, self._paused_until)
            return
        server, now = self.server, self.clock.local(self.now)
        while self._buffer:
            data, path = self._buffer.popleft()
            self._room += len(data)
            self._give(data, path)
        self._complete()
        if _is_due(server.next_timeout(), now):
            server.handle_timeout(now)
        while requests := server.store_requests():
            self.store.submit(requests, self._stored)
            self._complete()
        for event in server.events():
            self.server_events.append(event)
            if self.told is not None:
                self.told(event)
        for data, path in server.datagrams_to_send(now):
            self._send_down(data, path)
        self._agenda.set(None, _at(self.clock, server.next_timeout()))

    def _send_down(self, data: bytes, path: Path) -> None:
        if self.tap is not None:
            self.tap("down", data, path)
        if path in self.people:
            link = self.down[path]
            link.send(self.now, data, path)
            self._agenda.set(("down", path), link.next_delivery())
        else:
            stray = self.strays.setdefault(path, Stray())
            stray.datagrams += 1
            stray.octets += len(data)

    def _stored(self, results: Iterable[ServerResult]) -> None:
        self._results += results
        self._agenda.set(None, max(self.now, self._paused_until))

    def _complete(self) -> None:
        results, self._results = self._results, []
        for result in results:
            self.server.store_completed(result, self.clock.local(self.now))

    def _drain_person(self, person: Person) -> None:
        client = person.client
        if person.takes:
            for event in client.events():
                person.events.append(event)
                person.times.append(self.now)
                if isinstance(event, ServerOffered) and person.trusts and client.status is State.ASKING:
                    client.accept_server(event.key, None, person.now)
        for request in client.store_requests():
            if person.saves is not None:
                person.saves(request)
            client.store_completed(StateSaved(request), person.now)
        for data, path in client.datagrams_to_send(person.now):
            if path in person.left:
                continue
            if self.tap is not None:
                self.tap("up", data, person.path)
            link = self.up[person.path]
            link.send(self.now, data, person.path)
            self._agenda.set(("up", person.path), link.next_delivery())


def _at(clock: Clock, when: float | None) -> float | None:
    return None if when is None else clock.at(when)


def _is_due(when: float | None, now: float) -> bool:
    return when is not None and when <= now


def hash_of(*parts: object) -> int:
    """A seed out of anything, the same in every process."""
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")
