"""Guests: people without a key, whom the application lets into rooms (SPEC.md, B.4).

In:   `enter`, `say` and `leave`, by the application that vouches for them; they take effect in rooms like anybody's
Out:  `overheard(now)`: what is said and who comes and goes in the rooms that guests are in, theirs included

A guest has a key that nobody can use: random bytes that no private key is known for. So whatever works with keys
and fingerprints works for guests too, and no member can be one. What shows that nobody proved anything is the nick:
it holds an `@`, which a member's nick never does.
"""

from __future__ import annotations

from collections import deque
from math import inf

from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.entries import Chat, Joined, Roster
from udpchat_protocol.frames import Entry
from udpchat_protocol.limits import FRAME_HEADER, NICK_MAX, REASON_MAX, ROOM_MAX, TEXT_MAX

from .effects import Append, OpenRoom, Ticket
from .errors import LocalProtocolError
from .events import ClientEvent
from .house import House
from .inbox import Taken
from .keys import Entropy, fingerprint
from .log import Log
from .membership import Membership
from .room import Room
from .text import GUEST_MARK, is_name

GUESTS = Ticket(0, -2)
"""The ticket of what guests ask for."""

_DEVICE = 0

_GONE = 1024
"""Guests who left that are still known to be guests: what they said may come from the store after they went."""


_AGAIN = 1.0
"""Seconds until a room that could not be opened is asked for again."""

_UNSAID = 64
"""Messages of a guest that wait for the room to be opened; the oldest go first."""


class _Guest:
    __slots__ = ("id", "key", "nick", "room", "seated", "unsaid")

    def __init__(self, key: bytes, nick: str, room: str) -> None:
        self.key = key
        self.id = fingerprint(key)
        self.nick = nick
        self.room = room
        self.seated = False
        """Is the room open, and the guest in it?"""
        self.unsaid: deque[str] = deque(maxlen=_UNSAID)


class _Ear:
    """An open room as its guests hear it: from where on, and who is there."""

    __slots__ = ("_chat", "_heard", "_membership", "_presence", "_room", "_turns")

    def __init__(self, room: Room, now: float) -> None:
        self._room = room
        self._chat = room.chat.head
        self._presence = room.presence.head
        self._membership = Membership(
            Joined(
                room=room.name,
                resume=Resume.NEWEST,
                chat_channel=room.chat.channel,
                chat_log=room.chat_id,
                chat_first=room.first,
                chat_head=room.chat.head,
                chat_start=room.chat.head,
                chat_check=bytes(8),
                presence_channel=room.presence.channel,
                presence_log=room.presence_id,
                presence_start=room.presence.head,
            )
        )

        self._heard: list[ClientEvent] = []
        self._begin(now)

    def listen(self, now: float) -> list[ClientEvent]:
        """What is new."""
        room = self._room
        if self._turns != room.turns or self._presence < room.presence.base:
            self._begin(now)
        heard, self._heard = self._heard, []
        for entry in _since(room.presence, self._presence):
            heard += self._membership.presence(entry)
        for entry in _since(room.chat, self._chat):
            heard.append(self._membership.chat(entry)[0])
        self._presence, self._chat = room.presence.head, room.chat.head
        return heard

    def _begin(self, now: float) -> None:
        """Read the presence log from here on, after a roster: what was known before is void."""
        self._turns, self._presence = self._room.turns, self._room.presence.head
        for body in self._room.roster(now):
            self._heard += self._membership.roster(Roster.parse_untrusted(body))


class Guests:
    """All guests of a server."""

    __slots__ = ("_ears", "_entropy", "_gone", "_guests", "_house", "_unopened", "deadline")

    def __init__(self, house: House, entropy: Entropy) -> None:
        self._house = house
        self._entropy = entropy
        self._guests: dict[bytes, _Guest] = {}
        self._ears: dict[str, _Ear] = {}
        self._unopened: set[str] = set()
        self._gone: deque[bytes] = deque(maxlen=_GONE)
        self.deadline = inf
        """When rooms that could not be opened are asked for again."""

    def __contains__(self, member: bytes) -> bool:
        """Is this, or was it lately, a guest?"""
        return member in self._guests or member in self._gone

    def __len__(self) -> int:
        return len(self._guests)

    # -- for the application ----------------------------------------------------------------------------------

    @staticmethod
    def checked(room: str) -> str:
        """The name of a room, if it can be one. Raises `LocalProtocolError`."""
        if not is_name(room) or len(room.encode(errors="replace")) > ROOM_MAX:
            raise LocalProtocolError(f"{room!r} cannot be a room's name", what="room", code=Code.NAME)
        return room

    def enter(self, room: str, nick: str, now: float) -> bytes:
        """A guest comes into a room; by the 8 bytes that are returned the room knows them.

        `nick` begins with `@`. Raises `LocalProtocolError` for a nick or a room that cannot be.
        """
        if nick[:1] != GUEST_MARK or not is_name(nick[1:]) or len(nick.encode()) > NICK_MAX:
            raise LocalProtocolError(
                f"{nick!r} cannot be a guest's nick: those begin with '@'", what="nick", code=Code.NAME
            )
        guest = _Guest(self._entropy(32), nick, self.checked(room))
        self._guests[guest.id] = guest
        opened = self._house.get(room)
        if opened is not None:
            self._seat(opened, guest, now)
        elif room not in self._unopened:
            self._unopened.add(room)
            self._house.requests.append(OpenRoom(GUESTS, room))
        return guest.id

    def say(self, guest: bytes, text: str) -> None:
        """A guest says something, 1 to TEXT_MAX bytes of UTF-8."""
        one = self._known(guest, "say")
        if not 0 < len(text.encode(errors="replace")) <= TEXT_MAX:
            raise LocalProtocolError(f"a message has 1 to {TEXT_MAX} bytes", what="text", code=Code.TEXT)
        one.unsaid.append(text)
        if one.seated:
            self._say(one)

    def leave(self, guest: bytes, now: float, code: Code = Code.QUIT, reason: str = "") -> None:
        """A guest is gone, for good: whoever comes back is another guest."""
        one = self._known(guest, "leave")
        if len(reason.encode(errors="replace")) > REASON_MAX:
            raise LocalProtocolError(f"a reason has {REASON_MAX} bytes at most", what="reason", code=Code.TEXT)
        del self._guests[guest]
        self._gone.append(guest)
        room = self._house.get(one.room)
        if room is not None:
            room.leave(one.id, _DEVICE, now, code, reason)
            self._house.vacate(room)
        if all(other.room != one.room for other in self._guests.values()):
            self._ears.pop(one.room, None)

    def overheard(self, now: float) -> list[ClientEvent]:
        """What happened in the rooms of guests since the last call, as a client would be told: first the roster, then
        `ChatReceived`, `MemberChanged` and so on.
        """
        return [event for ear in self._ears.values() for event in ear.listen(now)]

    # -- for the server ---------------------------------------------------------------------------------------

    def opened(self, name: str, now: float) -> None:
        """The store answered that it opened a room, or did not; it may be that too many rooms are open."""
        room = self._house.get(name)
        if room is None:
            self.deadline = min(self.deadline, now + _AGAIN)
            return
        self._unopened.discard(name)
        for guest in [guest for guest in self._guests.values() if guest.room == name and not guest.seated]:
            self._seat(room, guest, now)
        self._house.vacate(room)

    def on_deadline(self, now: float) -> None:
        """Ask again for rooms that could not be opened."""
        if now < self.deadline:
            return
        self.deadline = inf
        self._unopened &= {guest.room for guest in self._guests.values()}
        for name in self._unopened:
            self._house.requests.append(OpenRoom(GUESTS, name))

    # ---------------------------------------------------------------------------------------------------------

    def _seat(self, room: Room, guest: _Guest, now: float) -> None:
        if room.name not in self._ears:
            self._ears[room.name] = _Ear(room, now)
        room.enter(guest.id, _DEVICE, guest.nick, now)
        guest.seated = True
        self._say(guest)

    def _say(self, guest: _Guest) -> None:
        while guest.unsaid:
            number = int.from_bytes(self._entropy(8), "big")
            chat = Chat(author=guest.id, nick=guest.nick, id=number, time=0, flags=0, text=guest.unsaid.popleft())
            self._house.requests.append(Append(GUESTS, guest.room, guest.key, chat))

    def _known(self, guest: bytes, what: str) -> _Guest:
        one = self._guests.get(guest)
        if one is None:
            raise LocalProtocolError("there is no such guest", what=what)
        return one


def _since(log: Log, start: int) -> list[Taken]:
    """The entries from `start` on that the log still holds in memory."""
    found: list[Taken] = []
    start = max(start, log.base)
    while frames := log.frames(start, log.head):
        entries = [Entry.parse_untrusted(frame[FRAME_HEADER:]) for frame in frames]
        found += [Taken(entry.offset, entry.kind, entry.body) for entry in entries]
        start += len(frames)
    return found
