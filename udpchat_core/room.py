"""One room: its chat log, its presence log and who is in it (SPEC.md 10).

A room only appends to logs. Which sessions read them is not its business: members come in as fingerprints and
devices. The chat log is the store's; the room mirrors its newest entries and the check at its head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.constants import CHAT_TAIL, PRESENCE_TAIL, ROSTER_CHUNK
from udpchat_protocol.entries import Chat, Member

from .effects import RangeRead, RoomOpened
from .log import Log, next_check
from .presence import Entries, Register


class Start(NamedTuple):
    """Where a reader begins, and how that came about. `check` None: it has to be read from the store first."""

    offset: int
    resume: Resume
    check: bytes | None


class Wanted(NamedTuple):
    """Where a reader would like to begin: its cursor (log 0: none), or else the newest so many."""

    newest: int
    log: int
    offset: int
    check: bytes


class Room:
    """A room that was opened."""

    __slots__ = ("_checks", "_register", "chat", "chat_id", "first", "name", "presence", "presence_id")

    def __init__(
        self, opened: RoomOpened, chat: int, presence: int, presence_id: int, appended: Callable[[Log], None]
    ) -> None:
        """`chat`, `presence`: channels of its own; `appended` is told of every append to either log."""
        self.name = opened.request.room
        self.chat = Log(chat, base=opened.head, tail=CHAT_TAIL, appended=appended)
        self.chat_id = opened.log
        self.first = opened.first
        self.presence = Log(presence, tail=PRESENCE_TAIL, appended=appended)
        self.presence_id = presence_id
        self._register = Register()
        self._checks: dict[int, bytes] = {opened.head: opened.check}

    def __contains__(self, member: bytes) -> bool:
        return member in self._register

    @property
    def empty(self) -> bool:
        """Is nobody in it?"""
        return len(self._register) == 0

    # -- chat -----------------------------------------------------------------------------------------------

    def stored(self, offset: int, body: bytes) -> bool:
        """Publish the message that the store has at `offset`; False if entries before it are missing here."""
        head = self.chat.head
        if offset > head:
            return False
        if offset == head:
            self._checks[head + 1] = next_check(self._checks[head], Chat.KIND, body)
            self.chat.append(Chat.KIND, body)
            while len(self._checks) > CHAT_TAIL:
                del self._checks[next(iter(self._checks))]
        return True

    def truncated(self, first: int, check: bytes) -> None:
        """The store keeps nothing below `first` any more, where the check is `check`."""
        if first > self.first:
            self.first = first
            self._checks = {first: check, **self._checks}

    def check_at(self, offset: int) -> bytes | None:
        """The check at `offset`, if it is at hand."""
        return self._checks.get(offset)

    def place(self, wanted: Wanted, read: RangeRead | None) -> Start:
        """Where a reader begins (UC-ROOM-4). `read`: what the store said of the place that lacked a check."""
        if read is not None:
            self.first = max(self.first, read.first)
        newest = max(self.chat.head - wanted.newest, self.first)
        if wanted.log == 0:
            return self._at(newest, Resume.NEWEST, read)
        if wanted.log != self.chat_id:
            return self._at(newest, Resume.NEW_LOG, read)
        if wanted.offset < self.first:
            return self._at(self.first, Resume.TRUNCATED, read)
        if wanted.offset > self.chat.head:
            return self._at(newest, Resume.ROLLED_BACK, read)
        start = self._at(wanted.offset, Resume.RESUMED, read)
        moved_on = read is not None and read.request.start == newest != wanted.offset
        if moved_on or (start.check is not None and start.check != wanted.check):
            return self._at(newest, Resume.ROLLED_BACK, read)
        return start

    def _at(self, offset: int, resume: Resume, read: RangeRead | None) -> Start:
        check = self._checks.get(offset)
        if check is None and read is not None and read.request.start == offset:
            check = read.check
        return Start(offset, resume, check)

    # -- people ---------------------------------------------------------------------------------------------

    def enter(self, member: bytes, device: int, nick: str) -> None:
        """A device of a member came in."""
        self._tell(self._register.enter(member, device, nick))

    def reach(self, member: bytes, device: int, *, reachable: bool) -> None:
        """A device of a member fell silent or was heard again."""
        self._tell(self._register.reach(member, device, reachable=reachable))

    def leave(self, member: bytes, device: int, code: Code, reason: str = "") -> None:
        """A device of a member left."""
        self._tell(self._register.leave(member, device, code, reason))

    def rename(self, member: bytes, nick: str) -> None:
        """A member has another nick."""
        self._tell(self._register.rename(member, nick))

    def roster(self) -> Iterator[tuple[Member, ...]]:
        """Everyone, in chunks that fit an entry each; one empty chunk if there is nobody."""
        members = list(self._register.roster())
        for first in range(0, max(len(members), 1), ROSTER_CHUNK):
            yield tuple(members[first : first + ROSTER_CHUNK])

    def _tell(self, entries: Entries) -> None:
        for kind, body in entries:
            self.presence.append(kind, body)
