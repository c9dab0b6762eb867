"""The rooms that are open, and what their logs want from the store (SPEC.md 10).

The house gives rooms their channels, asks the store on behalf of logs, and takes what the store says of rooms. It
knows no sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from udpchat_protocol.entries import Chat

from .effects import Appended, CloseRoom, RangeRead, ReadRange, RoomOpened, ServerRequest, Ticket
from .keys import Entropy
from .log import PAGE, Log, Replay
from .room import Room
from .timers import Timers

NOBODY = Ticket(0, -1)
"""The ticket of what a log asks for itself."""

_LAST_CHANNEL = 2**32 - 1
_RETRY = 0
"""The alarm of pages that could not be read; all others are those of rooms, by the channels of their logs."""
_RETRY_AFTER = 1.0


class House:
    """All open rooms."""

    __slots__ = (
        "_alarmed",
        "_appended",
        "_channel",
        "_entropy",
        "_failed",
        "_most",
        "_new",
        "_rooms",
        "_wanted",
        "alarms",
        "requests",
        "shifts",
    )

    def __init__(self, entropy: Entropy, most: int, appended: Callable[[Log], None]) -> None:
        """`most`: rooms open at a time; `appended` is told of every append to a room's log."""
        self._entropy = entropy
        self._most = most
        self._appended = appended
        self._rooms: dict[str, Room] = {}
        self._new: dict[str, Room] = {}
        """Rooms that were opened since the last look at whether anybody came in."""
        self._channel = 0
        self._wanted: dict[tuple[str, int], int | None] = {}
        self._failed: set[str] = set()
        self.alarms = Timers()
        """When it wants `on_deadline`."""
        self._alarmed: dict[int, Room] = {}
        self.requests: list[ServerRequest] = []
        """What is to be asked of the store."""
        self.shifts = 0
        """How often a reader of some room may have come to lack what there is no more (`Uplink.tidy`)."""

    def __len__(self) -> int:
        return len(self._rooms)

    def on_deadline(self, now: float) -> None:
        """Let what is due by `now` happen: rooms tell what they gathered, and pages are asked for again."""
        for key in self.alarms.due(now):
            if key == _RETRY:
                self._retry()
            else:
                self._alarmed.pop(key).on_alarm(key, now)

    @property
    def worn(self) -> bool:
        """Is there no channel left? None is ever used again, and this one's number has 32 bits (UC-LOG-1)."""
        return self._channel >= _LAST_CHANNEL - 1

    @property
    def readers(self) -> int:
        """Readers of all logs of all open rooms."""
        return sum(len(room.chat.readers) + len(room.presence.readers) for room in self._rooms.values())

    def get(self, name: str) -> Room | None:
        """The room, if it is open."""
        return self._rooms.get(name)

    def open(self, opened: RoomOpened) -> Room | None:
        """The room that the store found or began; None if too many are open. It is closed once for each call."""
        room = self._rooms.get(opened.request.room)
        if room is None and len(self._rooms) >= self._most:
            new, self._new = self._new, {}
            for each in new.values():
                self.vacate(each)
        if room is not None or len(self._rooms) >= self._most or self.worn:
            self.requests.append(CloseRoom(NOBODY, opened.request.room))
            return room
        chat, presence = self._channels(), self._channels()
        presence_id = int.from_bytes(self._entropy(8), "big") | 1
        room = Room(opened, chat, presence, presence_id, self._appended, self._alarm, self._shifted)
        self._rooms[room.name] = self._new[room.name] = room
        return room

    def vacate(self, room: Room) -> None:
        """Close the room if nobody is in it; what it said is in the store."""
        if room.empty and self._rooms.get(room.name) is room:
            del self._rooms[room.name]
            self._new.pop(room.name, None)
            self.requests.append(CloseRoom(NOBODY, room.name))

    def stored(self, result: Appended, now: float) -> None:
        """Publish a message that the store has."""
        room = self._rooms.get(result.request.room)
        if room is None:
            return
        if result.offset >= room.chat.head:
            room.spoke(result.request.chat.author, now)
        if not room.stored(result.offset, result.body):
            self._fetch(room, room.chat.head)

    def read(self, result: RangeRead) -> None:
        """Entries that a log asked for: a page of the past, or what others appended."""
        start = result.request.start
        page = self._wanted.pop((result.request.room, start), None)
        room = self._rooms.get(result.request.room)
        if room is None:
            return
        if result.first > start:
            room.truncated(result.first, result.check)
            self._appended(room.chat)
        elif start == room.chat.head:
            for i, body in enumerate(result.bodies):
                room.stored(start + i, body)
        elif page is not None:
            room.chat.load(page, [(Chat.KIND, body) for body in result.bodies], lost=start - page)
            self._appended(room.chat)

    def failed(self, request: ReadRange, now: float) -> None:
        """The store did not read what a log asked for: it is asked again a little later."""
        self._wanted.pop((request.room, request.start), None)
        self._failed.add(request.room)
        self.alarms.set(_RETRY, now + _RETRY_AFTER)

    def _retry(self) -> None:
        """Let readers whose pages could not be read ask again."""
        for name in self._failed:
            if (room := self._rooms.get(name)) is not None:
                self._appended(room.chat)
        self._failed.clear()

    def replay(self, room: Room, start: int, end: int) -> Replay:
        """Part of a room's chat log on a channel of its own."""
        return Replay(room.chat, self._channels(), start, end)

    def ask_for_pages(self, room: Room) -> None:
        """Ask the store for the pages that the room's readers want."""
        for page in room.chat.wanted:
            self._fetch(room, min(max(page, room.first), page + PAGE - 1), page)
        room.chat.asked()

    def _fetch(self, room: Room, start: int, page: int | None = None) -> None:
        """Ask for entries from `start` on: those of a page, or what others appended."""
        if (room.name, start) not in self._wanted:
            self._wanted[room.name, start] = page
            self.requests.append(ReadRange(NOBODY, room.name, start, PAGE if page is None else page + PAGE - start))

    def _channels(self) -> int:
        self._channel += 1
        return self._channel

    def _shifted(self) -> None:
        self.shifts += 1

    def _alarm(self, room: Room, channel: int, when: float) -> None:
        self.alarms.set(channel, when)
        if when < inf:
            self._alarmed[channel] = room
        else:
            self._alarmed.pop(channel, None)
