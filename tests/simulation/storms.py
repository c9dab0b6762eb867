"""What one seed makes of a network, its people and their day, and what must be true in the end.

    crowd(seed)    three people say 200 messages each through 30 % loss, and everyone has all 600
    storm(seed)    a random mix: weather that changes, blackouts, a server and clients that die and begin again, a
                   slow store, readers that sleep, one who comes and goes; then the weather clears

Each raises AssertionError that says what was not true. One seed always gives the same run: the seed is the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from net import Net, Person, entropy
from udpchat_core.effects import RangeRead, ReadRange
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, Closed, CommandFailed, JoinedRoom, Skipped
from udpchat_core.house import NOBODY
from udpchat_core.limits import Limits
from udpchat_core.state import ClientState, Pin
from udpchat_protocol.codes import Presence, Resume
from udpchat_protocol.entries import Chat
from udpchat_stores.memory import MemoryStore

ALL = 65535
TURNS = 200_000
"""Turns of a net after which something is taken to spin."""

BAD: dict[str, Any] = {
    "loss": 0.3,
    "delay": (0.02, 0.08),
    "duplicate": 0.1,
    "reorder": 0.5,
    "corrupt": 0.02,
    "truncate": 0.02,
}
FREE = Limits(chat_rate=1e6, chat_burst=1e6)


def crowd(seed: int, messages: int = 200) -> Net:
    """Three people, each with so much to say."""
    net = Net(seed, limits=FREE, **BAD)
    people = [_enter(net, name) for name in ("ada", "bob", "cyd")]
    for person in people:
        for n in range(messages):
            person.say(f"{person.name} {n}")
    total = messages * len(people)

    def complete() -> bool:
        return all(_place(person, "lobby") == total and not person.client.unacknowledged for person in people)

    assert net.run(120, _guarded(net, complete)), [(_place(person, "lobby"), person.name) for person in people]
    truth = log_of(net, "lobby")
    assert len(truth) == total
    for person in people:
        taken = [(event.offset, event.id, event.text) for event in person.of(ChatReceived)]
        assert taken == [(offset, chat.id, chat.text) for offset, chat in enumerate(truth)], person.name
        mine = [chat.text for chat in truth if chat.author == person.client.fingerprint]
        assert mine == [f"{person.name} {n}" for n in range(messages)], person.name
    return net


def _enter(net: Net, name: str, rooms: tuple[str, ...] = ("lobby",), state: ClientState | None = None) -> Person:
    """A person who knows the server's key: corrupted bytes get through here, which on UDP they do not."""
    person = net.person(name, joins=None, state=state, confirmed=Pin(net.identity.public))
    for room in rooms:
        person.join(room, newest=ALL)
    return person


def _guarded(net: Net, until: Callable[[], bool]) -> Callable[[], bool]:
    most = net.turns + TURNS

    def guarded() -> bool:
        assert net.turns < most, "something spins"
        return until()

    return guarded


def _place(person: Person, room: str) -> int:
    place = person.client.state.rooms.get(room)
    return -1 if place is None else place.offset


def log_of(net: Net, room: str) -> list[Chat]:
    """Everything that the store has of a room."""
    found: list[Chat] = []

    def done(results: Any) -> None:
        for result in results:
            assert isinstance(result, RangeRead)
            found.extend(Chat.parse_untrusted(body) for body in result.bodies)

    net.store.submit([ReadRange(NOBODY, room, 0, ALL)], done)
    net.store.release()
    return found


# -- a random day --------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """One device of one person, through all its restarts."""

    name: str
    rooms: tuple[str, ...]
    person: Person
    lives: int = 1
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Texts by room, in the order they were said."""
    past: list[ChatReceived] = field(default_factory=list[ChatReceived])
    """What earlier lives took."""
    asleep_until: float = 0.0

    def taken(self, room: str) -> list[ChatReceived]:
        """News from a room, in the order they were taken in all lives."""
        events = [*self.past, *self.person.of(ChatReceived)]
        return [event for event in events if event.room == room and not event.past]


class Storm:
    """The mix of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(f"storm/{seed}")
        self.rooms = ("lobby", "attic") if random.random() < 0.5 else ("lobby",)
        self.slow = random.random() < 0.4
        self.net = net = Net(seed, limits=FREE, **self._weather())
        net.store = MemoryStore(clock=lambda: round(net.now * 1000), entropy=entropy(("store", seed)), hold=self.slow)
        self.release_at = 0.0
        self.lives = [Life(name, self.rooms, _enter(net, name, self.rooms)) for name in ("ada", "bob", "cyd")]
        self.guest = _enter(net, "gus")
        """Comes and goes, and reads history."""
        self.day: list[str] = []
        """What happened, for whoever reads a report."""

    def _weather(self) -> dict[str, Any]:
        random = self.random
        least = random.choice((0.001, 0.02, 0.1, 0.3))
        return {
            "loss": random.choice((0.0, 0.05, 0.15, 0.3, 0.5)),
            "delay": (least, least * random.choice((1, 2, 4))),
            "duplicate": random.choice((0.0, 0.1, 0.5)),
            "reorder": random.choice((0.0, 0.3, 1.0)),
            "corrupt": random.choice((0.0, 0.02)),
            "truncate": random.choice((0.0, 0.02)),
            "rate": random.choice((None, None, 20_000.0)),
        }

    # -- time

    def step(self, seconds: float) -> None:
        """Let time pass; a slow store answers once in a while."""
        net = self.net
        end = net.now + seconds
        while net.now < end:
            if self.slow and self.release_at <= net.now:
                net.store.release(self.random.choice((None, 1, 5)))
                net.drain()
                self.release_at = net.now + self.random.choice((0.01, 0.1, 0.5, 2.0))
            for life in self.lives:
                life.person.takes = net.now >= life.asleep_until
            pause = min(0.5, end - net.now, self.release_at - net.now if self.slow else 0.5)
            net.run(max(pause, 1e-6), _guarded(net, lambda: False))

    # -- what may happen

    def happen(self) -> None:
        """One thing."""
        what = self.random.choices(
            (self.talk, self.change, self.blackout, self.restart_server, self.restart_client, self.sleep, self.wander),
            (12, 2, 1, 1, 2, 2, 2),
        )[0]
        self.day.append(f"{self.net.now - 1000:.1f} {what.__name__}")
        what()

    def talk(self) -> None:
        life, room = self.random.choice(self.lives), self.random.choice(self.rooms)
        for _ in range(self.random.choice((1, 1, 2, 5, 30))):
            texts = life.said.setdefault(room, [])
            texts.append(f"{life.name} {len(texts)}" + "." * self.random.choice((0, 0, 50, 900)))
            life.person.say(texts[-1], room)

    def change(self) -> None:
        self.net.change(**self._weather())

    def blackout(self) -> None:
        begin = self.net.now
        dark = ((begin, begin + self.random.uniform(0.5, 60)),)
        if self.random.random() < 0.5:
            self.net.change(blackouts=dark)
        else:
            path = self.random.choice(self.lives).person.path
            for link in (self.net.up[path], self.net.down[path]):
                link.conditions = replace(link.conditions, blackouts=dark)

    def restart_server(self) -> None:
        if self.random.random() < 0.5:
            self.net.store.release()  # the store had it, and the server could not tell any more
        self.net.restart_server()

    def restart_client(self) -> None:
        life = self.random.choice(self.lives)
        old = life.person
        life.past += old.of(ChatReceived)
        state = old.client.state
        old.die()
        life.lives += 1
        life.asleep_until = 0.0
        begun = tuple(room for room, place in state.rooms.items() if place is None)
        life.person = _enter(self.net, f"{life.name}/{life.lives}", begun, state)

    def sleep(self) -> None:
        self.random.choice(self.lives).asleep_until = self.net.now + self.random.uniform(1, 40)

    def wander(self) -> None:
        guest, rooms = self.guest, self.guest.client.state.rooms
        what = self.random.random()
        if "lobby" not in rooms:
            guest.join("lobby", newest=self.random.choice((0, 5, 50)))
        elif what < 0.5:
            guest.client.part("lobby", self.net.now)
        elif what < 0.8:
            with suppress(LocalProtocolError):  # one is being read still
                guest.client.history(
                    "lobby", self.random.randrange(40), self.random.choice((1, 50, 1024)), self.net.now
                )
        else:
            guest.client.nick(f"gus{self.random.randrange(100)}", self.net.now)

    # -- the end

    def clear(self) -> None:
        """The weather clears, everyone wakes; all must be well before long."""
        net = self.net
        net.change(loss=0.1, delay=(0.02, 0.08), corrupt=0.0, truncate=0.0, rate=None, blackouts=())
        for life in self.lives:
            life.asleep_until = 0.0
        if "lobby" not in self.guest.client.state.rooms:
            self.guest.join("lobby")
        end = net.now + 400
        while net.now < end and not self.settled():
            self.step(1.0)
        assert self.settled(), "\n".join(["does not settle:", *self.state(), *self.day])

    def settled(self) -> bool:
        return all(
            not life.person.client.unacknowledged
            and all(_place(life.person, room) == self.count(room) for room in self.rooms)
            for life in self.lives
        )

    def count(self, room: str) -> int:
        return sum(len(life.said.get(room, ())) for life in self.lives)

    def state(self) -> list[str]:
        return [
            f"{life.name}: {life.person.client.unacknowledged} unacknowledged, "
            + ", ".join(f"{room} {_place(life.person, room)} of {self.count(room)}" for room in self.rooms)
            for life in self.lives
        ]

    def judge(self) -> None:
        """Is everything true that must be?"""
        for room in self.rooms:
            truth = log_of(self.net, room)
            said = Counter(text for life in self.lives for text in life.said.get(room, ()))
            assert Counter(chat.text for chat in truth) == said, room
            for life in self.lives:
                mine = [chat.text for chat in truth if chat.author == life.person.client.fingerprint]
                assert mine == life.said.get(room, []), f"{life.name} said it in another order"
                taken = [(event.offset, event.id, event.text) for event in life.taken(room)]
                assert taken == [(n, chat.id, chat.text) for n, chat in enumerate(truth)], f"{life.name} in {room}"
            for event in self.guest.of(ChatReceived):
                assert event.room != room or truth[event.offset].id == event.id
        for person in [life.person for life in self.lives]:
            assert not person.of(CommandFailed), person.of(CommandFailed)
            assert not person.of(Skipped)
            assert not person.of(Closed), person.of(Closed)
            assert {event.resume for event in person.of(JoinedRoom)} <= {Resume.NEWEST, Resume.RESUMED}
        assert not self.guest.of(Closed), self.guest.of(Closed)

    def rest(self) -> None:
        """Nobody says anything: everyone sees everyone, little is sent, nothing is kept for later."""
        end = self.net.now + 90
        while self.unseen() and self.net.now < end:
            self.step(1.0)
        assert not self.unseen(), self.unseen()
        before = self.net.sent
        self.step(60)
        assert self.net.sent - before <= 4 * 60 / 5 * 2 * 2, (
            f"{self.net.sent - before} datagrams in a minute of silence"
        )
        assert self.net.server.tables["reassembly"] == 0, self.net.server.tables
        assert self.net.server.sessions == self.net.server.tables["members"] == 4, self.net.server.tables

    def unseen(self) -> list[str]:
        """Where the roster that somebody knows is not the truth."""
        here = {life.person.client.fingerprint for life in self.lives}
        wrong: list[str] = []
        for person in [life.person for life in self.lives]:
            for room in self.rooms:
                seen = {each.member: each.presence for each in person.client.attendees(room)}
                want = here | ({self.guest.client.fingerprint} if room == "lobby" else set())
                if seen != dict.fromkeys(want, Presence.ONLINE):
                    wrong.append(f"{person.name} in {room}: {seen}")
        return wrong


def storm(seed: int, things: int = 40) -> Storm:
    """A random day and its end."""
    it = Storm(seed)
    for _ in range(things):
        it.happen()
        it.step(it.random.choice((0.01, 0.1, 0.5, 2.0, 10.0)))
    it.clear()
    it.judge()
    it.rest()
    return it
