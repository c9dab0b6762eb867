"""Who rides a train is sent, byte for byte, what it would be sent on foot, whatever happens (SPEC.md 8 and 9).

Two ends of servers get the same: the reader of one may ride the trains of its logs, that of the other may not.
"""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from udpchat_core.batch import Outgoing, datagrams_of, one_by_one
from udpchat_core.coach import SEATS
from udpchat_core.fanout import Fanout
from udpchat_core.inbox import Reassembly
from udpchat_core.log import Log
from udpchat_core.path import Datagram
from udpchat_core.seal import Seal
from udpchat_core.session import Session
from udpchat_core.sides import Pace, Side
from udpchat_protocol.frames import Ack, Entry, Heartbeat, Seen, split_untrusted

SESSION, DOWN, UP = 77, b"d" * 32, b"u" * 32
CHAT, PRESENCE = 5, 6


class OnFoot(Log):
    """A log without a train."""

    train = property(lambda self: None, lambda self, train: None)  # pyright: ignore[reportAssignmentType]


def session_of(number: int, path: str) -> Session:
    """A server's, with the keys that all readers here have."""
    side = Side(beats=False, uplink=32, urgent=1, budget=Reassembly(10_000))
    return Session(Seal(number, DOWN, UP), path, 0.0, Pace(seen_every=16, seen_delay=0.25), side)


def fanout_of(sessions: dict[int, Session]) -> Fanout:
    peers: Any = {number: SimpleNamespace(session=session) for number, session in sessions.items()}
    vigil: Any = SimpleNamespace(expects=lambda session, now: None)
    return Fanout(peers, vigil)


class End:
    """One session of a server that reads two logs, and as much of the server as there must be."""

    def __init__(self, log: type[Log]) -> None:
        self.session = session_of(SESSION, "path")
        self.fanout = fanout_of({SESSION: self.session})
        self.logs = {channel: log(channel, appended=self.fanout.grown) for channel in (CHAT, PRESENCE)}
        for each in self.logs.values():
            self.session.feed(each, 0, -1)
        self.rode = False

    @property
    def deadline(self) -> float:
        return min(self.session.deadline, self.fanout.alarms.next)

    def turn(self, now: float) -> list[Datagram]:
        """What a server does in a turn."""
        session, out = self.session, list[Outgoing]()
        for _ in self.fanout.late(now):
            session.alight()
        if session.deadline <= now:
            session.on_deadline(now)
            session.unsettle()
        session.answer(now, out)
        dirty = {SESSION: None} if session.unsettled else dict[int, None]()
        self.fanout.spread(now, out, dirty)
        if dirty:
            session.pack(now, out)
        self.rode = self.rode or any(log.train is not None and log.train.riders for log in self.logs.values())
        return one_by_one(out)

    def state(self) -> tuple[object, ...]:
        """Everything that it would tell at the gate, off its train."""
        session = self.session
        session.alight()
        it = session.recovery
        cursors = [(c.sent, c.seen, c.acked, c.again, c.ahead) for c in session.feeds.cursors.values()]
        rtt = (it.srtt, it.rttvar, it.min_rtt, it.loss_rate, it.largest_seen)
        acks = (
            session.intake.inbox.told,
            session.intake.acks.pending,
            session.intake.acks.due,
            session.intake.acks.again,
        )
        flight = session.seal.next_number, it.records, it.in_flight, it.window, it.waiting, it.deadline
        return cursors, flight, rtt, acks


class Reader:
    """The other end, which acknowledges what came."""

    def __init__(self, session: int = SESSION) -> None:
        self.seal = Seal(session, UP, DOWN)
        self.came: set[int] = set()
        self.entries: dict[int, set[int]] = {CHAT: set(), PRESENCE: set()}

    def take(self, datagram: bytes) -> None:
        number, plaintext = self.seal.open_untrusted(datagram)
        for kind, body in split_untrusted(plaintext):
            if kind == Entry.TYPE:
                self.came.add(number)
                channel, offset, _, _ = Entry.unpack_untrusted(body)
                self.entries[channel].add(offset)

    def frames(self, *, beat: bool) -> bytes:
        largest = max(self.came, default=-1)
        bitmap = sum(1 << largest - 1 - n for n in self.came if 0 < largest - n <= 64)
        frames = Seen.pack_frame(largest, 0, bitmap) if self.came else b""
        for channel, entries in self.entries.items():
            if upto := next((n for n in range(len(entries) + 1) if n not in entries), 0):
                frames += Ack.pack_frame(channel, upto)
        return frames + Heartbeat.pack_frame() * (beat or not frames)


class Pair:
    """Both ends and their reader; a method for everything that may happen."""

    def __init__(self) -> None:
        self.rider, self.walker, self.reader = End(Log), End(OnFoot), Reader()
        self.now = 0.0
        self.losing = 0
        self.spoken = 0
        self.held = b""

    def turn(self) -> None:
        sent = self.rider.turn(self.now)
        assert sent == self.walker.turn(self.now)
        for datagram, _ in sent:
            if self.losing:
                self.losing -= 1
            else:
                self.reader.take(datagram)

    def say(self, size: int, *channels: int) -> None:
        for channel in channels or (CHAT,):
            for end in (self.rider, self.walker):
                end.logs[channel].append(0x41, bytes(size))

    def talk(self, count: int) -> None:
        for _ in range(count):
            self.wait(20)
            self.burst(8 * count - 7)
            self.turn()
            self.seen(0)
            self.turn()

    def presence(self, size: int) -> None:
        self.say(size, PRESENCE)

    def both(self, size: int) -> None:
        self.say(size, CHAT, PRESENCE)

    def burst(self, count: int) -> None:
        for _ in range(count):
            self.say(60)

    def storm(self, count: int) -> None:
        for _ in range(count):
            self.say(1100)
            self.turn()

    def lose(self, count: int) -> None:
        self.losing += count

    def tell(self, frames: bytes) -> None:
        datagram = self.reader.seal.seal(frames)
        for end in (self.rider, self.walker):
            end.session.receive_untrusted(datagram, "path", self.now)

    def seen(self, _: int) -> None:
        self.tell(self.reader.frames(beat=False))

    def beat(self, _: int) -> None:
        self.tell(self.reader.frames(beat=True))

    def beat_alone(self, _: int) -> None:
        self.say(60)
        self.turn()
        self.tell(Heartbeat.pack_frame())

    def speak(self, _: int) -> None:
        self.tell(Entry.pack_frame(0, self.spoken, 0x05, b"something"))
        self.turn()
        for end in (self.rider, self.walker):
            entry = end.session.intake.inbox.take()
            assert entry is not None
            end.session.done(0, entry.offset, self.now)
        self.spoken += 1
        self.say(60)

    def seen_late(self, _: int) -> None:
        self.held, frames = self.reader.frames(beat=False), self.held
        if frames:
            self.tell(frames)

    def wait(self, ms: int) -> None:
        until = self.now + ms / 1000
        while (due := self.walker.session.deadline) <= until:
            self.now = max(self.now, due)
            assert self.rider.deadline <= self.now
            self.turn()
        self.now = until


def acts() -> st.SearchStrategy[list[tuple[str, int]]]:
    size = st.sampled_from([1, 1, 20, 60, 400, 1100])
    often = {"say": size, "burst": st.integers(2, 200), "seen": st.just(0), "wait": st.sampled_from([1, 10, 50])}
    often |= {"talk": st.integers(1, 12), "storm": st.integers(5, 30)}
    rare = {
        "lose": st.integers(1, 3),
        "seen_late": st.just(0),
        "beat": st.just(0),
        "beat_alone": st.just(0),
        "speak": st.just(0),
        "presence": size,
        "both": size,
        "wait": st.sampled_from([300, 2000]),
    }
    kinds = [st.tuples(st.just(name), value) for name, value in (*often.items(), *often.items(), *rare.items())]
    return st.lists(st.one_of(kinds), min_size=1, max_size=120)


@settings(max_examples=200, deadline=None)
@given(acts())
def test_a_rider_is_sent_what_it_would_be_sent_on_foot(todo: list[tuple[str, int]]) -> None:
    pair = Pair()
    pair.turn()
    for act, value in todo:
        getattr(pair, act)(value)
        pair.turn()
    event(f"rode: {pair.rider.rode}")
    assert pair.rider.state() == pair.walker.state()


def test_who_lacks_nothing_rides_and_heartbeats_between_two_cars_do_not_unseat_it() -> None:
    end, reader = End(Log), Reader()
    for n in range(60):
        now = n / 10
        end.logs[CHAT].append(0x41, b"hello")
        for datagram, _ in end.turn(now):
            reader.take(datagram)
        frames = Heartbeat.pack_frame() if n % 10 == 4 else reader.frames(beat=n % 10 == 6) if n % 3 == 0 else b""
        if frames:
            end.session.receive_untrusted(reader.seal.seal(frames), "path", now)
            for datagram, _ in end.turn(now):
                reader.take(datagram)
        train = end.logs[CHAT].train
        assert train is not None
        assert len(train.riders) == (n > 0)
    assert reader.entries[CHAT] == set(range(60))


class Crowd:
    """More sessions than a coach has seats for, who read one log."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now = 0.0
        self.sessions = {n: session_of(n, f"path {n}") for n in range(1, SEATS + 20)}
        self.readers = {session.path: Reader(n) for n, session in self.sessions.items()}
        self.fanout = fanout_of(self.sessions)
        self.log = Log(CHAT, appended=self.fanout.grown)
        for session in self.sessions.values():
            session.feed(self.log, 0, -1)

    @property
    def riders(self) -> int:
        return len(self.log.train.riders) if self.log.train is not None else 0

    def turn(self) -> None:
        """What a server does in a turn; `take` raises, if something is not sealed for who gets it."""
        self.now += 0.01
        out = list[Outgoing]()
        for key in self.fanout.late(self.now):
            self.sessions[key].unsettle()
        dirty: dict[int, None] = {}
        for key, session in self.sessions.items():
            session.answer(self.now, out)
            if session.deadline <= self.now:
                session.on_deadline(self.now)
                session.unsettle()
            if session.unsettled:
                dirty[key] = None
        self.fanout.spread(self.now, out, dirty)
        for key in dirty:
            self.sessions[key].pack(self.now, out)
        assert datagrams_of(out) == len(one_by_one(out))
        for datagram, path in one_by_one(out):
            self.readers[path].take(datagram)

    def tell(self, key: int, frames: bytes) -> None:
        session = self.sessions[key]
        session.receive_untrusted(self.readers[session.path].seal.seal(frames), session.path, self.now)

    def happen(self) -> None:
        """Something, to somebody."""
        for key in self.chance.sample([*self.sessions], self.chance.choice([0, 1, 20, len(self.sessions)])):
            reader = self.readers[self.sessions[key].path]
            match self.chance.randrange(20):
                case 0:
                    self.tell(key, Heartbeat.pack_frame())
                case 1:
                    self.sessions[key].unsettle()
                case _:
                    self.tell(key, reader.frames(beat=False))
        for _ in range(self.chance.choice([0, 1, 1, 2, 12])):
            self.log.append(0x41, self.chance.randbytes(self.chance.choice([10, 10, 500])))


@pytest.mark.parametrize("seed", range(6))
def test_a_crowd_is_sent_everything_each_with_its_own_seal_and_numbers(seed: int) -> None:
    crowd = Crowd(seed)
    most = 0
    for _ in range(100):
        crowd.happen()
        crowd.turn()
        most = max(most, crowd.riders)
    for _ in range(20):
        for key, session in crowd.sessions.items():
            crowd.tell(key, crowd.readers[session.path].frames(beat=False))
        crowd.turn()
    assert most > SEATS
    assert {frozenset(reader.entries[CHAT]) for reader in crowd.readers.values()} == {frozenset(range(crowd.log.head))}
