"""One run of a schedule: the real cores on the virtual network, and what is done to them.

    result = run(draw(7))
    assert result.failure is None

First comes the time of the schedule, in which only safety is asked for. Then faults stop for its core of hosts, and
these must converge within `patience`. The network jumps from one announced deadline or arrival to the next.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from math import inf
from time import perf_counter
from typing import NamedTuple

from clock import Clock
from net import Net
from simulation.attacks import Attacks
from simulation.deeds import Deeds
from simulation.disk import Disk
from simulation.life import Life, first_state
from simulation.oracles import Oracles, Wrong, check
from simulation.rare import Rare
from simulation.schedule import Deed, Schedule
from udpchat_core.events import Command, CommandFailed, ServerEvent
from udpchat_core.limits import Limits
from udpchat_core.path import Path
from udpchat_core.states import State
from udpchat_protocol.codes import Code, Presence
from udpchat_protocol.constants import COOKIE_LIFE, HELLO_MAX, UNANSWERED

BEGIN = 1000.0
"""Time of the network at which a schedule begins."""

SILENCES = frozenset({"nap", "crash", "quit", "blackout", "partition", "clog", "narrow", "move", "later", "race"})
"""Deeds after which somebody may not be heard for a while."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What was wrong with a run."""

    oracle: str
    text: str
    at: float
    """Seconds since the schedule began."""

    @property
    def kind(self) -> str:
        return {"all converges": "liveness", "nothing is raised": "crash", "the same again": "chance"}.get(
            self.oracle, "safety"
        )


class TooLong(Exception):  # noqa: N818 - nothing is wrong but that nobody waits for it
    """A run sends more datagrams than it may."""


class Result(NamedTuple):
    """What came of a run."""

    failure: Failure | None
    trace: str
    """A hash over every datagram and event, with its time."""
    seconds: float
    """Simulated."""
    wall: float
    datagrams: int
    faults: Counter[str]
    rare: Counter[str]


def run(schedule: Schedule, watch: Callable[[World], None] | None = None, most: float = inf) -> Result:
    """Run it, and say what was wrong; `watch` may look in before it begins. After `most` datagrams it is given up."""
    begin = perf_counter()
    failure = world = None
    try:
        world = World(schedule)
        world.most = most
        if watch is not None:
            watch(world)
        world.live()
    except TooLong:
        pass
    except Wrong as wrong:
        failure = Failure(wrong.oracle, wrong.text, world.t if world else 0.0)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this schedule's
        spins = isinstance(error, AssertionError) and "again and again" in str(error)
        where = traceback.format_exc(limit=-3)
        failure = Failure(
            "nobody spins" if spins else "nothing is raised", f"{error!r}\n{where}", world.t if world else 0
        )
    if world is None:
        return Result(failure, "", 0.0, perf_counter() - begin, 0, Counter(), Counter())
    return Result(
        failure, world.trace(), world.t, perf_counter() - begin, world.datagrams, world.faults, world.rare.seen
    )


class World(Deeds):
    """What a schedule is done to."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.limits = Limits(**schedule.limits)
        self.net = net = Net(schedule.seed, limits=self.limits, clock=Clock(*schedule.drift), **schedule.weather)
        self.disk = Disk(net, **schedule.store)
        net.store = self.disk  # pyright: ignore[reportAttributeAccessIssue] - it does what a store does
        self.oracles = Oracles(self.limits, self.disk)
        self.rare = Rare(self)
        self.attacks = Attacks(self)
        self.faults: Counter[str] = Counter()
        self.datagrams = 0
        self.most = inf
        self.calm = False
        self.lives = {
            host.name: Life(net, host, state, state, self.oracles.saved)
            for host in schedule.hosts
            for state in (first_state(schedule.seed, host),)
        }
        self._hash = sha256()
        self._looked = BEGIN
        self.pause_end = -inf
        net.tap, net.ear, net.told = self._sent, self._arrived, self._told
        for life in self.lives.values():
            net.call(BEGIN + life.host.born, partial(self.begin, life))

    @property
    def t(self) -> float:
        """Seconds since the schedule began."""
        return self.net.now - BEGIN

    # -- what is seen ------------------------------------------------------------------------------------------------

    def _sent(self, way: str, data: bytes, path: Path) -> None:
        self.datagrams += 1
        if self.datagrams > self.most:
            raise TooLong
        self._hash.update(f"{self.net.now!r} {way} {path} {len(data)} ".encode())
        self._hash.update(data)
        self.oracles.sent(way, data, path)
        self.rare.sent(way, data, path)
        self.attacks.sent(way, data, path)

    def _arrived(self, way: str, data: bytes, path: Path) -> None:
        self.oracles.arrived(way, data, self.net.clock.local(self.net.now))

    def _told(self, event: ServerEvent) -> None:
        self.oracles.server_event(event, self.net.clock.local(self.net.now))
        self.rare.server_event(event)
        self._hash.update(f"{self.net.now!r} {event!r}".encode())

    def trace(self) -> str:
        """The hash of all that happened."""
        for life in self.lives.values():
            if life.last is not None:
                self._hash.update(repr((life.name, life.last.times, life.events)).encode())
        return self._hash.hexdigest()[:16]

    # -- time --------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """All of it."""
        for deed in self.schedule.deeds:
            self._until(deed.at)
            self.do(deed)
        self._until(self.schedule.calm)
        self.clear()
        self.converge()
        for life in self.lives.values():
            self.ended(life)
        losses = [self.schedule.weather.get("loss", 0.0)]
        losses += [deed.how["conditions"].get("loss", 0.0) for deed in self.schedule.deeds if deed.what == "weather"]
        silent = [deed for deed in self.schedule.deeds if deed.what in SILENCES]
        moves = sum(deed.what == "move" for deed in self.schedule.deeds)
        self.oracles.price(max(losses), sum(1 if deed.host else len(self.lives) for deed in silent), moves)

    def _until(self, at: float) -> None:
        self.net.run(max(BEGIN + at - self.net.now, 0.0))
        self.look()

    def look(self) -> None:
        """Hold what can be held against the oracles at any time."""
        net = self.net
        for life in self.lives.values():
            if life.last is not None:
                self.oracles.awake += max(net.now - max(self._looked, life.last.asleep_until), 0.0)
        self._looked = net.now
        now = net.clock.local(net.now)
        self.oracles.look_at_disk()
        if net.now >= self.pause_end:
            self.oracles.look_at_server(net.server, now, net.turns, len(self.lives), self.t)
        for life in self.lives.values():
            self._take_up(life)

    def _take_up(self, life: Life) -> None:
        """A person whose program says that it is over, though they did not ask, starts it again."""
        life.settle()
        person = life.person
        for event in life.events[life.read :]:
            if isinstance(event, CommandFailed) and event.command is Command.JOIN and event.code is Code.STORAGE:
                self.net.call(self.net.now + 5, partial(self.do, Deed(self.t, "join", life.name, {"room": event.room})))
        life.read = len(life.events)
        if person is not None and person.client.closed and life.awake is False and person.asleep_until <= self.net.now:
            person.takes = True
            self.net.touch(person)
            self.net.run(0)
            self.rare.closed(life)
            self.stop(life)
            self.net.call(self.net.now + life.away, partial(self.begin, life))

    def ended(self, life: Life) -> None:
        if life.person is not None:
            self.net.drain()
            life.left_unread = life.person.client.events_waiting
            self.oracles.judge(life)
            self.rare.judged(life)
            self._hash.update(repr((life.name, life.person.times, life.events)).encode())

    # -- the end -----------------------------------------------------------------------------------------------------

    @property
    def core(self) -> list[Life]:
        return [self.lives[name] for name in self.schedule.core if name in self.lives]

    @property
    def patience(self) -> float:
        """Seconds within which the core must converge: what the timers of SPEC.md may add up to, and the backlog."""
        limits = self.limits
        backlog = sum(life.person.client.unacknowledged for life in self.lives.values() if life.person is not None)
        return (
            2 * limits.timeout
            + 6 * limits.heartbeat
            + 2 * HELLO_MAX
            + COOKIE_LIFE / 2
            + limits.expiry_roomless
            + 2 * backlog / limits.chat_rate
            + backlog * self.disk.most / min(self.disk.batch or UNANSWERED, UNANSWERED)
            + 60
        )

    def clear(self) -> None:
        """Faults stop for the core: links are fine, the server and the disk work, who sleeps wakes."""
        self.calm = True
        self.attacks.stop()
        net, disk = self.net, self.disk
        disk.least, disk.most, disk.batch = disk.usual
        disk.failing = 0.0
        if net.now < self.pause_end:
            self._until(self.pause_end - BEGIN)
        for life in self.core:
            person = life.person
            if person is None:
                self.begin(life)
                continue
            person.takes = True
            person.asleep_until = min(person.asleep_until, net.now)
            self.fine(person.path)
            net.touch(person)
        net.drain()

    def converge(self) -> None:
        """All of the core have everything within `patience`, or it is said who has not, and what."""
        net = self.net
        begin, patience = net.now, self.patience
        while pending := self.pending():
            check(
                "all converges",
                net.now - begin < patience,
                lambda pending=pending: f"after {patience:.0f} s:\n  " + "\n  ".join(pending),
            )
            net.run(0.5 if net.now - begin < 5 else 5.0)
            self.look()
        if len(self.core) == len(self.lives):
            net.run(5 * self.limits.heartbeat)
            self.look()
            left = net.server.tables["reassembly"]
            check("an idle session remembers nothing", left == 0, f"{left} bytes wait out of order")

    def pending(self) -> list[str]:
        """What the core still waits for, where."""
        core = self.core
        wrong = [text for life in core for text in self._unfinished(life)]
        return wrong or [text for life in core for text in self._unseen(life)]

    def _unfinished(self, life: Life) -> list[str]:
        person = life.person
        if person is None:
            return [f"{life.name} is not there"]
        client = person.client
        wrong: list[str] = []
        if client.status is not State.OPEN:
            wrong.append(f"{life.name} is {client.status.name}")
        if client.unacknowledged:
            wrong.append(f"{life.name} has {client.unacknowledged} messages that were not acknowledged")
        if client.events_waiting:
            wrong.append(f"{life.name} has events that nobody took")
        for room, place in client.state.rooms.items():
            head = self.disk.heads.get(room, 0)
            if place is None or place.offset != head:
                wrong.append(f"{life.name} is at {place and place.offset} of {head} in {room}")
        return wrong

    def _unseen(self, life: Life) -> list[str]:
        assert life.person is not None
        client = life.person.client
        mine = {other.fingerprint: other for other in self.core}
        wrong: list[str] = []
        for room in client.state.rooms:
            here: dict[bytes, str] = {}
            for guest in self.net.server.live:
                if room in guest.rooms:
                    here[guest.member] = guest.nick
            known = {each.member: each for each in client.attendees(room)}
            if known.keys() != here.keys():
                wrong.append(f"{life.name} sees {len(known)} in {room}, and there are {len(here)}")
                continue
            for member, nick in here.items():
                each = known[member]
                if member in mine and (each.presence is not Presence.ONLINE or each.nick != nick):
                    wrong.append(f"{life.name} sees {mine[member].name} in {room} as {each}, who is {nick}")
        return wrong
