"""What a client's person wants, on its way into an uplink (SPEC.md 7).

Wishes are checked, remembered in the client's state, and wait here until the uplink has room. NICK, JOIN and HISTORY
go ahead of messages, so that a paste holds up nothing else; PART goes behind the messages said before it, and what is
asked about the room afterwards behind that. What was put into the uplink is remembered until it is acknowledged, so
that FAILED can be understood. A new session begins with everything that still matters.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from udpchat_protocol.codes import Code
from udpchat_protocol.constants import HISTORY_MAX, UNANSWERED, UPLINK_BYTES, UPLINK_ENTRIES
from udpchat_protocol.entries import History, Join, Nick, Part, Quit, Say
from udpchat_protocol.limits import REASON_MAX, ROOM_MAX, TEXT_MAX

from .errors import LocalProtocolError
from .events import Command
from .keys import Entropy
from .log import Log
from .state import Memory, Message, NickChosen, OutboxAdded, OutboxRemoved, Place, RoomEntered, RoomLeft
from .text import name_fault, nick_fault

NEWEST = 50
"""Messages from the past that a person who joins anew is shown, unless they ask for another number."""

ANSWERED_MAX = 1024
"""Acknowledged entries whose meaning is remembered, for a FAILED or REPLAY that comes late."""

_ENTRY_SPACE = 16
"""Bytes that an entry takes beside its body."""


class Wish(NamedTuple):
    """One entry of the uplink, and what the person meant by it."""

    command: Command
    kind: int
    body: bytes
    room: str | None = None
    id: int | None = None


class Reading(NamedTuple):
    """A history that was asked for: offsets `next` to `end - 1` are yet to come."""

    next: int
    end: int
    began: int | None = None
    """Where the first answer to it began."""


class Wishes:
    """The queue before one uplink."""

    __slots__ = (
        "_answered",
        "_asked",
        "_entropy",
        "_joins",
        "_later",
        "_memory",
        "_mine",
        "_newest",
        "_nick_before",
        "_quit",
        "_reading",
        "_soon",
        "_unanswered",
        "unacknowledged",
    )

    def __init__(self, memory: Memory, entropy: Entropy) -> None:
        self.unacknowledged: dict[int, Message] = {message.id: message for message in memory.state.outbox}
        """Every message that the server has not acknowledged, by id, in the order of the person."""
        self._memory = memory
        self._entropy = entropy
        self._newest: dict[str, int] = {}
        self._nick_before = ""
        self._mine = set(self.unacknowledged)
        self._soon: deque[Wish] = deque()
        self._later: deque[Wish] = deque()
        self._quit: Wish | None = None
        self._reading: dict[str, Reading] = {}
        self._asked: dict[int, Wish] = {}
        self._answered: dict[int, Wish] = {}
        self._joins: set[str] = set()
        self._unanswered = 0

    # -- commands; each raises LocalProtocolError, and then nothing changed --------------------------------------

    def join(self, room: str, newest: int) -> None:
        """Enter a room, or stay in it."""
        fault = name_fault(room) or (f"it has more than {ROOM_MAX} bytes" if len(room.encode()) > ROOM_MAX else "")
        if fault:
            raise LocalProtocolError(f"{room!r} cannot be a room's name: {fault}", what="room", code=Code.NAME)
        if not 0 <= newest <= 0xFFFF:
            raise LocalProtocolError(f"newest goes from 0 to 65535, and {newest} does not", what="newest")
        self._newest[room] = newest
        if room not in self._memory.state.rooms:
            self._memory.remember(RoomEntered(room, None))
        self._queue(room).append(self._join(room))

    def nick(self, nick: str) -> None:
        """Ask for a nick."""
        if fault := nick_fault(nick):
            raise LocalProtocolError(f"{nick!r} cannot be a nick: {fault}", what="nick", code=Code.NAME)
        if nick != self._memory.state.nick:
            self._nick_before = self._memory.state.nick
        self._memory.remember(NickChosen(nick))
        self._soon.append(_nick(nick))

    def nick_refused(self) -> None:
        """The nick that was asked for last cannot be had: the next session asks for the one before."""
        self._memory.remember(NickChosen(self._nick_before))
        self._nick_before = ""

    def say(self, room: str, text: str, *, more: bool) -> int:
        """Say something in a room; the message's id."""
        self._check_joined(room)
        if not 0 < len(_encoded(text, "text")) <= TEXT_MAX:
            raise LocalProtocolError(
                f"a message has 1 to {TEXT_MAX} bytes of UTF-8; split a longer one", what="text", code=Code.TEXT
            )
        message = Message(room, int.from_bytes(self._entropy(8), "big"), text, more)
        self._memory.remember(OutboxAdded(message))
        self.unacknowledged[message.id] = message
        self._mine.add(message.id)
        self._later.append(_say(message))
        return message.id

    def history(self, room: str, start: int, count: int) -> None:
        """Read messages of the past once more."""
        self._check_joined(room)
        if not (0 <= start < 2**64 and 1 <= count <= HISTORY_MAX):
            raise LocalProtocolError(f"a history has 1 to {HISTORY_MAX} entries from offset 0 or later", what="count")
        if room in self._reading:
            raise LocalProtocolError(
                f"a history of {room!r} is still being read; ask when it has ended", what="history", code=Code.LIMIT
            )
        self._reading[room] = Reading(start, min(start + count, 2**64 - 1))
        self._queue(room).append(_history(room, self._reading[room]))

    def part(self, room: str) -> None:
        """Leave a room, after what was said before."""
        self._check_joined(room)
        self._memory.remember(RoomLeft(room))
        self._later.append(_part(room))

    def quit(self, reason: str) -> None:
        """Nothing else after this: QUIT goes before everything that still waits here."""
        self._quit = Wish(Command.QUIT, Quit.KIND, Quit.pack(reason))

    # -- the uplink ----------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """A new session: begin with nick and rooms, then all messages that are not acknowledged (UC-SESS-3)."""
        state = self._memory.state
        self._asked.clear()
        self._answered.clear()
        self._joins.clear()
        self._unanswered = 0
        self._soon = deque([_nick(state.nick)] if state.nick else [])
        left = dict.fromkeys(
            message.room for message in self.unacknowledged.values() if message.room not in state.rooms
        )
        self._soon.extend(self._join(room) for room in (*state.rooms, *left))
        self._reading = {room: reading for room, reading in self._reading.items() if room in state.rooms}
        self._soon.extend(_history(room, reading) for room, reading in self._reading.items())
        self._later = deque(_say(message) for message in self.unacknowledged.values())
        self._later.extend(_part(room) for room in left)

    def fill(self, uplink: Log) -> bool:
        """Put into the uplink what it has room for (UC-SESS-6); True if anything."""
        before = uplink.head
        size = uplink.size
        while len(self._asked) < UPLINK_ENTRIES and (wish := self._next(size)) is not None:
            self._asked[uplink.append(wish.kind, wish.body)] = wish
            self._unanswered += wish.kind == Say.KIND
            if wish.kind == Join.KIND and wish.room is not None:
                self._joins.add(wish.room)
            size += len(wish.body) + _ENTRY_SPACE
        return uplink.head > before

    def acknowledged(self, upto: int) -> list[Wish]:
        """The server is done with all uplink entries below `upto`; those that this is news of."""
        done = [self._settle(offset) for offset in [offset for offset in self._asked if offset < upto]]
        for wish in done:
            if wish.id is not None:
                self.unacknowledged.pop(wish.id, None)
                self._memory.remember(OutboxRemoved(wish.id))
        return done

    def placed(self, message: int) -> bool:
        """A message of this key was read back: is it one of ours, and is it the first time?"""
        if message not in self._mine:
            return False
        self._mine.discard(message)
        return True

    def joined(self, room: str) -> bool:
        """Was JOIN of this room put into the uplink?"""
        return room in self._joins

    def asked(self, offset: int) -> Wish | None:
        """What the uplink entry at `offset` was about; its ACK may well overtake what the server says of it."""
        return self._asked.get(offset) or self._answered.get(offset)

    def reading(self, room: str) -> int | None:
        """Where the history of a room that is being read began; None: no answer to it has come before."""
        reading = self._reading.get(room)
        return reading.began if reading is not None else None

    def read_up_to(self, room: str, began: int, upto: int) -> None:
        """Of the history of a room, all below `upto` has come, in a session that is over."""
        if room in self._reading:
            self._reading[room] = Reading(upto, self._reading[room].end, began)

    def was_read(self, room: str | None) -> None:
        """The history of a room has ended, one way or the other."""
        if room is not None:
            self._reading.pop(room, None)

    def _queue(self, room: str) -> deque[Wish]:
        """Where a command about a room waits: ahead of messages, but never ahead of a PART of the room."""
        leaves = any(wish.command is Command.PART and wish.room == room for wish in self._later)
        return self._later if leaves else self._soon

    def _next(self, size: int) -> Wish | None:
        if self._quit is not None:
            wish, self._quit = self._quit, None
            self._soon.clear()
            self._later.clear()
            return wish
        if size + 1200 > UPLINK_BYTES:
            return None
        if self._soon:
            return self._soon.popleft()
        if self._later and (self._later[0].kind != Say.KIND or self._unanswered < UNANSWERED):
            return self._later.popleft()
        return None

    def _settle(self, offset: int) -> Wish:
        wish = self._asked.pop(offset)
        self._answered[offset] = wish._replace(body=b"")
        if len(self._answered) > ANSWERED_MAX:
            del self._answered[next(iter(self._answered))]
        self._unanswered -= wish.kind == Say.KIND
        return wish

    def _join(self, room: str) -> Wish:
        log, offset, check = self._memory.state.rooms.get(room) or _NO_PLACE
        body = Join.pack(room, self._newest.get(room, NEWEST), log, offset, check)
        return Wish(Command.JOIN, Join.KIND, body, room)

    def _check_joined(self, room: str) -> None:
        if room not in self._memory.state.rooms:
            raise LocalProtocolError(f"{room!r} was not joined", what="room", code=Code.NOT_JOINED)


def checked_reason(reason: str) -> str:
    """A reason to give with QUIT. Raises LocalProtocolError."""
    if len(_encoded(reason, "reason")) > REASON_MAX:
        raise LocalProtocolError(f"a reason has at most {REASON_MAX} bytes", what="reason", code=Code.TEXT)
    return reason


_NO_PLACE = Place(0, 0, bytes(8))


def _part(room: str) -> Wish:
    return Wish(Command.PART, Part.KIND, Part.pack(room), room)


def _history(room: str, reading: Reading) -> Wish:
    body = History.pack(room, reading.next, reading.end - reading.next)
    return Wish(Command.HISTORY, History.KIND, body, room)


def _nick(nick: str) -> Wish:
    return Wish(Command.NICK, Nick.KIND, Nick.pack(nick))


def _say(message: Message) -> Wish:
    body = Say.pack(message.room, message.id, int(message.more), message.text)
    return Wish(Command.SAY, Say.KIND, body, message.room, message.id)


def _encoded(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{what} holds half a surrogate pair", what=what, code=Code.TEXT) from None
