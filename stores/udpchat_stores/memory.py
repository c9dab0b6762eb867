"""A store that lives as long as its process: every request of a server, answered at once or when told to.

It takes `ServerRequest`s and gives `ServerResult`s (udpchat_core.effects). By default each `submit` is answered
before it returns; with `hold=True` requests wait until `release` answers some of them, late and in batches, as a slow
disk would.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from os import urandom
from time import time_ns

from udpchat_core.effects import (
    Append,
    Appended,
    ClaimNick,
    CloseRoom,
    LookUpMember,
    MemberFound,
    NickClaimed,
    OpenRoom,
    RangeRead,
    ReadRange,
    RoomClosed,
    RoomOpened,
    ServerRequest,
    ServerResult,
)
from udpchat_core.log import first_check, next_check
from udpchat_protocol.entries import Chat

Done = Callable[[Sequence[ServerResult]], None]
Identity = tuple[bytes, int]
"""What a message is known by in its room: its author's key and its id."""


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time_ns() // 1_000_000


@dataclass(slots=True)
class _Room:
    """One room's log: bodies and checks from offset `first` on; `checks` has one more, for the head."""

    log: int
    opens: int = 0
    first: int = 0
    bodies: deque[bytes] = field(default_factory=deque[bytes])
    checks: deque[bytes] = field(default_factory=deque[bytes])
    offsets: dict[Identity, int] = field(default_factory=dict[Identity, int])
    said: deque[Identity] = field(default_factory=deque[Identity])
    """The keys of `offsets`, oldest first: a dictionary looks for its first key past all that are gone."""

    @property
    def head(self) -> int:
        return self.first + len(self.bodies)


class MemoryStore:
    """Rooms and nicks, in memory, and no more of them than it was told to keep.

    A room that somebody is in is never forgotten. Beyond `rooms` rooms the one that was closed longest ago is, with
    all that was said in it: it begins anew, with another log id. Rooms in which nothing was said go before all others,
    so that nobody can push out what others said by joining rooms. Beyond `nicks` nicks the one that was looked up or
    claimed longest ago is free again. So give it more of both than the server has rooms and sessions.
    """

    def __init__(
        self,
        *,
        entries: int = 100_000,
        rooms: int = 20_000,
        nicks: int = 100_000,
        clock: Callable[[], int] = wall_clock,
        entropy: Callable[[int], bytes] = urandom,
        hold: bool = False,
        identities: int = 200_000,
    ) -> None:
        """`entries`: kept per room, the oldest go first. `clock`: ms since 1970. `hold`: wait for `release`.

        `identities`: messages of a room that are known again when they are said again, be they kept or not (UC-ROOM-7).
        """
        self._entries = entries
        self._most_rooms = rooms
        self._most_nicks = nicks
        self._clock = clock
        self._entropy = entropy
        self._hold = hold
        self._identities = max(identities, entries)
        self._waiting: deque[tuple[ServerRequest, Done]] = deque()
        self._rooms: dict[str, _Room] = {}
        self._mute: dict[str, None] = {}
        """Rooms that nobody has open and in which nothing was ever said, in the order they were closed."""
        self._closed: dict[str, None] = {}
        """The other rooms that nobody has open."""
        self._nicks: dict[bytes, tuple[str, str]] = {}
        """By key, in the order they were asked for: (nick, skeleton)."""
        self._owners: dict[str, bytes] = {}

    def submit(self, requests: Sequence[ServerRequest], done: Done) -> None:
        """Carry out `requests` in their order; `done` gets the results, perhaps later."""
        self._waiting.extend([(request, done) for request in requests])
        if not self._hold:
            self.release()

    def release(self, most: int | None = None) -> int:
        """Answer the oldest `most` requests that wait (None: all); how many that were."""
        batch = [self._waiting.popleft() for _ in range(min(most or len(self._waiting), len(self._waiting)))]
        answers: dict[int, tuple[Done, list[ServerResult]]] = {}
        for request, done in batch:
            answers.setdefault(id(done), (done, []))[1].append(self._answer(request))
        for done, results in answers.values():
            done(results)
        return len(batch)

    def copy(self) -> MemoryStore:
        """What is stored now, in a store of its own, as a new process finds it: nobody has a room open."""
        other = MemoryStore(
            entries=self._entries,
            rooms=self._most_rooms,
            nicks=self._most_nicks,
            clock=self._clock,
            entropy=self._entropy,
            hold=self._hold,
            identities=self._identities,
        )
        for name, room in self._rooms.items():
            other._rooms[name] = replace(
                room,
                opens=0,
                bodies=room.bodies.copy(),
                checks=room.checks.copy(),
                offsets=room.offsets.copy(),
                said=room.said.copy(),
            )
            (other._closed if room.head else other._mute)[name] = None
        other._nicks.update(self._nicks)
        other._owners.update(self._owners)
        return other

    @property
    def rooms(self) -> int:
        """Rooms that it holds."""
        return len(self._rooms)

    def close(self) -> None:
        """Nothing to close; for the sake of stores that have."""

    def _answer(self, request: ServerRequest) -> ServerResult:
        match request:
            case Append():
                return self._append(request)
            case OpenRoom(room=name):
                room = self._room(name)
                room.opens += 1
                self._mute.pop(name, None)
                self._closed.pop(name, None)
                return RoomOpened(request, room.log, room.first, room.head, room.checks[-1])
            case CloseRoom(room=name):
                self._close(name)
                return RoomClosed(request)
            case ReadRange():
                return self._read(request)
            case LookUpMember(key=key):
                return MemberFound(request, self._nick(key))
            case ClaimNick():
                return NickClaimed(request, self._claim(request))

    def _room(self, name: str) -> _Room:
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = _Room(int.from_bytes(self._entropy(8), "big") | 1)
            room.checks.append(first_check(room.log))
            self._forget_rooms()
            self._closed[name] = None
        return room

    def _close(self, name: str) -> None:
        room = self._rooms.get(name)
        if room is not None and room.opens > 0:
            room.opens -= 1
            if not room.opens:
                (self._closed if room.head else self._mute)[name] = None
                self._forget_rooms()

    def _forget_rooms(self) -> None:
        while len(self._rooms) > self._most_rooms and (line := self._mute or self._closed):
            name = next(iter(line))
            del line[name], self._rooms[name]

    def _nick(self, key: bytes) -> str:
        """The nick of a key, which was asked for now."""
        if key not in self._nicks:
            return ""
        self._nicks[key] = self._nicks.pop(key)
        return self._nicks[key][0]

    def _append(self, request: Append) -> Appended:
        room, chat = self._room(request.room), request.chat
        identity = request.key, chat.id
        offset = room.offsets.get(identity)
        if offset is not None and offset >= room.first:
            return Appended(request, offset, room.bodies[offset - room.first])
        body = Chat.pack(chat.author, chat.nick, chat.id, self._clock(), chat.flags, chat.text)
        if offset is not None:
            return Appended(request, offset, body)  # nobody reads it there any more
        offset = room.offsets[identity] = room.head
        room.said.append(identity)
        room.bodies.append(body)
        room.checks.append(next_check(room.checks[-1], Chat.KIND, body))
        if len(room.bodies) > self._entries:
            room.bodies.popleft()
            room.checks.popleft()
            room.first += 1
        if len(room.offsets) > self._identities:
            del room.offsets[room.said.popleft()]
        return Appended(request, offset, body)

    def _read(self, request: ReadRange) -> RangeRead:
        room = self._room(request.room)
        start = request.start - room.first
        if start < 0:
            return RangeRead(request, room.first, room.checks[0], ())
        if start > len(room.bodies):
            return RangeRead(request, room.first, bytes(8), ())
        end = min(start + request.count, len(room.bodies))
        bodies = tuple(room.bodies[i] for i in range(start, end))
        return RangeRead(request, room.first, room.checks[start], bodies)

    def _claim(self, request: ClaimNick) -> bool:
        owner = self._owners.get(request.skeleton)
        if owner is not None and owner != request.key:
            return False
        _, before = self._nicks.pop(request.key, ("", ""))
        if before and before != request.skeleton:
            del self._owners[before]
        self._nicks[request.key] = request.nick, request.skeleton
        self._owners[request.skeleton] = request.key
        while len(self._nicks) > self._most_nicks:
            _, skeleton = self._nicks.pop(next(iter(self._nicks)))
            del self._owners[skeleton]
        return True
