"""What all up-to-date readers of one log are sent, as a train of packets that they share (SPEC.md 8 and 9).

Most sessions lack nothing but what is new in one log, again and again. Such a session *rides*: each of its packets is
one *car* of the log's train, in order and without a gap, so that of what is in flight nothing needs to be written
down for it. Its next packet number is the train's next car plus a number that stays the same; what it has in flight
are the cars from the first that it has not SEEN; when they left, and how long they are, the train knows. Packets of
its own it may have in flight before them, as one with the ACK for what it said. What is to be sealed for all riders
alike is in columns (`coach`).

In:   `board` with what is in flight, `depart` when the log grew, `passed` for SEEN
Out:  batches of datagrams; `late`, whose PTO passed; `leave` tells what is in flight for whom anything else happens to

A train knows no sessions: riders have the keys that their owner gave them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import inf
from typing import NamedTuple

from udpchat_protocol.constants import PACKETS_MAX, PTO_MAX, RECORDS_MAX, WINDOW
from udpchat_protocol.limits import HEADER, TAG

from .batch import Outgoing
from .coach import Coach
from .cursor import Cursor
from .log import Log, Span
from .path import Path
from .recovery import Recovery, Sent
from .seal import Seal

_LISTED = 65
"""Packets that one SEEN lists."""

_LATELY = 64
"""Who got off last, so many are remembered."""

_OWN = 8
"""Packets of its own that one who boards may have in flight."""

_NUMBERS = PACKETS_MAX - 4 * RECORDS_MAX
"""The greatest packet number that one may ride with: what is new at once is less than the rest."""


class Car(NamedTuple):
    """One packet of a train: when it left, its bytes, its entries, and the sum of bytes and the offset after it."""

    time: float
    size: int
    spans: tuple[Span, ...]
    total: int
    end: int


class Rider:
    """One session on a train."""

    __slots__ = (
        "ahead",
        "aside",
        "coach",
        "cursor",
        "most_bytes",
        "most_entries",
        "own",
        "path",
        "place",
        "recovery",
        "seal",
        "train",
        "unseen",
    )

    def __init__(
        self, train: Train, cursor: Cursor, seal: Seal, recovery: Recovery, path: Path, own: tuple[Sent, ...], cars: int
    ) -> None:
        """In flight are packets of its `own`, and behind them the last so many `cars`."""
        self.train = train
        self.coach: Coach
        self.place = -1
        """Where it sits there."""
        self.cursor = cursor
        self.seal = seal
        self.recovery = recovery
        self.path = path
        self.ahead = seal.next_number - train.next
        """A car's packet number less the car's, from `aside` on; before that it is one less."""
        self.aside = -1
        """The number of the last packet that was no car."""
        self.own = own
        """What it has in flight that is no car, and left before those that it has not SEEN."""
        self.unseen = train.next - cars
        """The first car that was not SEEN."""
        seen = train.total if not cars else train.cars[-cars].total - train.cars[-cars].size
        self.most_bytes = seen - sum(size for _, _, size, _, _ in own) + int(recovery.window)
        """The sum of bytes up to which the window has room."""
        self.most_entries = cursor.acked + WINDOW
        """The offset up to which the reader takes entries."""

    @property
    def most_cars(self) -> int:
        """The car up to which it may have what leaves: of what it has not SEEN, and by its packet numbers."""
        return min(self.unseen + RECORDS_MAX - len(self.own), _NUMBERS - self.ahead)

    def acked(self, upto: int) -> bool:
        """Take ACK; False: it is of what this train never had, and nothing happened."""
        cursor = self.cursor
        if upto > self.train.at:
            return False
        if upto > cursor.acked:
            cursor.acked = upto
            self.most_entries = upto + WINDOW
            if upto > cursor.seen:
                cursor.seen = upto
        return True

    def passed(self, largest: int, bitmap: int, delay: float, now: float) -> bool:
        """Take SEEN, if it lists all that is in flight up to a car; False: it does not, and nothing happened."""
        train, unseen, own = self.train, self.unseen, self.own
        car = largest - self.ahead
        if unseen + self.ahead <= self.aside:
            car, bitmap = self._without_aside(largest, bitmap)
        before = car - unseen
        if own:
            if before < 0:
                return largest < own[0][0]
            before += len(own)
        elif before < 0:
            return True  # it was overtaken
        if before >= _LISTED or car >= train.next or bitmap + 1 & (1 << before) - 1:
            return False
        sent_at, _, _, total, end = train.cars[car - train.first]
        recovery = self.recovery
        recovery.on_run_seen(largest, before + 1, now - sent_at, delay, now)
        if train.total - self.most_bytes + int(recovery.window) >= recovery.window / 2:
            recovery.grow([*own, *self._sent(unseen, car + 1)])
        self.own = ()
        self.unseen = car + 1
        self.most_bytes = total + int(recovery.window)
        cursor = self.cursor
        if end > cursor.seen:
            cursor.seen = end
        if recovery.pto < train.patience:
            train.patience = recovery.pto
        if self.unseen < train.next:
            train.ask_by(train.cars[-1].time + recovery.pto)
        return True

    def _without_aside(self, largest: int, bitmap: int) -> tuple[int, int]:
        """Which car SEEN's largest is, and its bitmap, when cars before `aside` are in flight."""
        after = largest - self.aside - 1
        if after < 0:  # `aside` itself is no car, and nobody lists it
            return (self.train.next, 0) if after == -1 else (largest - self.ahead + 1, bitmap)
        after = min(after, _LISTED)
        return largest - self.ahead, bitmap >> after + 1 << after | bitmap & (1 << after) - 1

    def step_aside(self) -> int | None:
        """The number for a packet of its own between two cars, which is not to be SEEN; None: it is to leave."""
        if self.own or self.unseen + self.ahead <= self.aside or self.train.next + self.ahead > _NUMBERS:
            return None
        self.aside = self.train.next + self.ahead
        self.ahead += 1
        self.coach.skip(self)
        return self.aside

    def leave(self) -> Log:
        """Get off, and tell cursor, seal and recovery what they would know if it had never been on; the log."""
        train = self.train
        train.left(self)
        self.seal.next_number = train.next + self.ahead
        self.cursor.sent = max(self.cursor.sent, train.at)
        self.recovery.resume([*self.own, *self._sent(self.unseen, train.next)])
        return train.log

    def _sent(self, first: int, end: int) -> list[Sent]:
        train, ahead = self.train, self.ahead
        cars = train.cars[first - train.first : end - train.first]
        numbers = [n if n > self.aside else n - 1 for n in range(first + ahead, end + ahead)]
        return [(n, car.time, car.size, car.spans, ()) for n, car in zip(numbers, cars, strict=True)]


class Train:
    """The cars of one log, and who rides."""

    __slots__ = (
        "_coaches",
        "_due_moved",
        "_lately",
        "at",
        "cars",
        "due",
        "first",
        "log",
        "next",
        "patience",
        "riders",
        "total",
    )

    def __init__(self, log: Log, due_moved: Callable[[Train], None]) -> None:
        """`due_moved` is called whenever `due` becomes earlier."""
        self._due_moved = due_moved
        self.log = log
        self.cars: list[Car] = []
        """Those that are remembered."""
        self.first = self.next = 0
        """The numbers of the first of them, and of the next one that departs."""
        self.at = log.head
        """The offset that the next car begins at."""
        self.total = 0
        """Bytes of all cars."""
        self.riders: dict[int, Rider] = {}
        """Who rides, by session."""
        self._coaches: list[Coach] = []
        self._lately: dict[int, None] = {}
        """Who got off lately. They sit together, so that few columns are written anew when they come and go."""
        self.patience = PTO_MAX
        """The shortest PTO of a rider, or less."""
        self.due = inf
        """When riders may have waited for SEEN too long: `late` tells."""

    def board(self, cursor: Cursor, seal: Seal, recovery: Recovery, path: Path) -> Rider | None:
        """Take on who has all that left until now, and has but the last cars in flight, behind few others.

        None: it is not so.
        """
        if cursor.sent != self.at or not (cursor.plain and recovery.calm) or seal.next_number > _NUMBERS:
            return None
        records = recovery.records
        if records and seal.next_number - next(iter(records)) != len(records):
            return None  # there was a packet between them that is not to be SEEN
        cars = self._last_cars(records)
        if len(records) - cars > _OWN:
            return None
        own = tuple(islice(records.values(), len(records) - cars))
        rider = self.riders[seal.session] = Rider(self, cursor, seal, recovery, path, own, cars)
        self._coach_for(seal.session).seat(rider)
        del self.log.walkers[seal.session]
        recovery.set_aside()
        self.patience = min(self.patience, recovery.pto)
        return rider

    def _coach_for(self, session: int) -> Coach:
        restless = session in self._lately
        for coach in self._coaches:
            if coach.restless is restless and not coach.full:
                return coach
        coach = Coach(restless=restless)
        self._coaches.append(coach)
        return coach

    def left(self, rider: Rider) -> None:
        """One gets off."""
        session, coach = rider.seal.session, rider.coach
        del self.riders[session]
        self._lately.pop(session, None)
        self._lately[session] = None
        if len(self._lately) > _LATELY:
            del self._lately[next(iter(self._lately))]
        self.log.walkers[session] = rider.cursor
        coach.rise(rider)
        if not coach.riders:
            self._coaches.remove(coach)

    def _last_cars(self, records: dict[int, Sent]) -> int:
        """How many of the last of these packets in flight are the last cars."""
        count = 0
        for sent, car in zip(reversed(records.values()), reversed(self.cars), strict=False):
            if sent[3] is not car.spans or sent[1] != car.time or sent[2] != car.size:
                break
            count += 1
        return count

    def depart(self, now: float, out: list[Outgoing], stop: Callable[[int], None]) -> None:
        """Append to `out` what is new, for every rider; `stop` is called for each who is to leave."""
        self.ask_by(now + self.patience)
        pieces = self.log.news(self.at)
        total, cars = self.total, list[Car]()
        for piece in pieces:
            size = len(piece.data) + HEADER + TAG
            total += size
            cars.append(Car(now, size, piece.spans, total, piece.end))
        if not cars or self.log.head > cars[-1].end:  # what is new is in memory no longer
            for key in list(self.riders):
                stop(key)
            self._begin_at(self.log.head)
            return
        for coach in list(self._coaches):
            for rider in coach.behind(total, cars[-1].end, self.next + len(cars)):
                stop(rider.seal.session)
        datas = [piece.data for piece in pieces]
        out += [coach.depart(self.next, datas) for coach in self._coaches]
        self.cars += cars
        self.next += len(cars)
        self.total = total
        self.at = cars[-1].end
        if len(self.cars) >= 2 * RECORDS_MAX:  # nobody has so many in flight
            del self.cars[:-RECORDS_MAX]
            self.first = self.next - RECORDS_MAX

    def _begin_at(self, offset: int) -> None:
        self.first = self.next
        self.cars.clear()
        self.at = offset

    def late(self, now: float) -> list[int]:
        """Whose PTO passed without SEEN; `due` says when to ask again."""
        self.due = inf
        if not self.cars:
            return []
        last = self.cars[-1].time
        if now < last + self.patience:
            self.ask_by(last + self.patience)
            return []
        self.patience = PTO_MAX
        waiting = [(key, rider.recovery.pto) for key, rider in self.riders.items() if rider.unseen < self.next]
        for rider in self.riders.values():
            self.patience = min(self.patience, rider.recovery.pto)
        if not waiting:
            self._begin_at(self.at)
        self.ask_by(min((last + pto for _, pto in waiting if last + pto > now), default=inf))
        return [key for key, pto in waiting if last + pto <= now]

    def ask_by(self, when: float) -> None:
        """Somebody's PTO passes then, or later."""
        if when < self.due:
            self.due = when
            self._due_moved(self)
