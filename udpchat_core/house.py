"""The rooms that are open, and what their logs want from the store (SPEC.md 10).

The house gives rooms their channels, asks the store on behalf of logs, and takes what the store says of rooms. It
knows no sessions.
"""

from __future__ import annotations

from collections.abc import Callable

from udpchat_protocol.entries import Chat

from .effects import Appended, RangeRead, ReadRange, RoomOpened, ServerRequest, Ticket
from .keys import Entropy
from .log import PAGE, Log
from .room import Room

NOBODY = Ticket(0, -1)
"""The ticket of what a log asks for itself."""


class House:
    """All open rooms."""

    __slots__ = ("_appended", "_channel", "_entropy", "_most", "_rooms", "_wanted", "requests")

    def __init__(self, entropy: Entropy, most: int, appended: Callable[[Log], None]) -> None:
        """`most`: rooms open at a time; `appended` is told of every append to a room's log."""
        self._entropy = entropy
        self._most = most
        self._appended = appended
        self._rooms: dict[str, Room] = {}
        self._channel = 0
        self._wanted: set[tuple[str, int]] = set()
        self.requests: list[ServerRequest] = []
        """What is to be asked of the store."""

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, name: str) -> Room | None:
        """The room, if it is open."""
        return self._rooms.get(name)

    def open(self, opened: RoomOpened) -> Room | None:
        """The room that the store found or began; None if too many are open."""
        room = self._rooms.get(opened.request.room)
        if len(self._rooms) >= self._most:
            self._rooms = {name: each for name, each in self._rooms.items() if not each.empty}
        if room is None and len(self._rooms) < self._most:
            chat, presence = self._channels(), self._channels()
            presence_id = int.from_bytes(self._entropy(8), "big") | 1
            room = Room(opened, chat, presence, presence_id, self._appended)
            self._rooms[room.name] = room
        return room

    def vacate(self, room: Room) -> None:
        """Close the room if nobody is in it; what it said is in the store."""
        if room.empty and self._rooms.get(room.name) is room:
            del self._rooms[room.name]

    def stored(self, result: Appended) -> None:
        """Publish a message that the store has."""
        room = self._rooms.get(result.request.room)
        if room is not None and not room.stored(result.offset, result.body):
            self._fetch(room, room.chat.head)

    def read(self, result: RangeRead) -> None:
        """Entries that a log asked for: a page of the past, or what others appended."""
        room = self._rooms.get(result.request.room)
        if room is None:
            return
        start = result.request.start
        self._wanted.discard((room.name, start))
        if start == room.chat.head:
            for i, body in enumerate(result.bodies):
                room.stored(start + i, body)
        else:
            room.chat.load(start, [(Chat.KIND, body) for body in result.bodies])
            self._appended(room.chat)

    def ask_for_pages(self, room: Room) -> None:
        """Ask the store for the pages that the room's readers want."""
        for start in room.chat.wanted:
            self._fetch(room, start)
        room.chat.wanted.clear()

    def _fetch(self, room: Room, start: int) -> None:
        if (room.name, start) not in self._wanted:
            self._wanted.add((room.name, start))
            self.requests.append(ReadRange(NOBODY, room.name, start, PAGE))

    def _channels(self) -> int:
        self._channel += 1
        return self._channel
