"""One room: its chat log, its presence log and who is in it (SPEC.md 10).

A room only appends to logs. Which sessions read them is not its business: members come in as fingerprints and
devices. The chat log is the store's; the room mirrors its newest entries and the check at its head. It has no clock:
it asks for alarms by the channels of its logs, and is called back at `on_alarm`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.constants import CHAT_TAIL, GATHER, PRESENCE_TAIL, SPEAKER_LIFE
from udpchat_protocol.entries import Chat

from .effects import RangeRead, RoomOpened
from .log import Log, next_check
from .presence import Register
from .telling import Telling

Alarm = Callable[["Room", int, float], None]
"""Wants `on_alarm(channel, now)` of a room to be called at a time (inf: no more)."""


def _nothing() -> None:
    """The default for `shifted`: nobody reads."""


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

    __slots__ = (
        "_alarm",
        "_appended",
        "_checks",
        "_gathering",
        "_register",
        "_shifted",
        "_telling",
        "_watching",
        "chat",
        "chat_id",
        "first",
        "name",
        "presence",
        "presence_id",
        "stale",
    )

    def __init__(
        self,
        opened: RoomOpened,
        chat: int,
        presence: int,
        presence_id: int,
        appended: Callable[[Log], None],
        alarm: Alarm,
        shifted: Callable[[], None] = _nothing,
    ) -> None:
        """`chat`, `presence`: channels of its own; `appended` is told of every append to either log.

        `shifted` is told when a reader may have come to lack what there is no more: entries that are gone, a roster.
        """
        self.name = opened.request.room
        self.chat = Log(chat, base=opened.head, tail=CHAT_TAIL, appended=appended)
        self.chat_id = opened.log
        self.first = opened.first
        self.presence = Log(presence, tail=PRESENCE_TAIL, appended=appended)
        self.presence_id = presence_id
        self.stale: set[int] = set()
        """Readers of the presence log whose rosters are void, since the room turned; some may be gone."""
        self._appended = appended
        self._alarm = alarm
        self._shifted = shifted
        self._register = Register()
        self._telling = Telling(self._register)
        self._gathering = False
        """Are changes gathered, to be told at the alarm of the presence log?"""
        self._watching = False
        """Is there an alarm of the chat log, for who spoke too long ago?"""
        self._checks: dict[int, bytes] = {opened.head: opened.check}

    def __contains__(self, member: bytes) -> bool:
        return member in self._register

    @property
    def empty(self) -> bool:
        """Is nobody in it?"""
        return len(self._register) == 0

    @property
    def turns(self) -> int:
        """How often it became large or small: a roster that was given before is void (UC-PRES-8)."""
        return self._telling.turns

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
            self._begin(first)
            self._checks = {first: check, **self._checks}

    def check_at(self, offset: int) -> bytes | None:
        """The check at `offset`, if it is at hand."""
        return self._checks.get(offset)

    def place(self, wanted: Wanted, read: RangeRead | None) -> Start:
        """Where a reader begins (UC-ROOM-4). `read`: what the store said of the place that lacked a check."""
        if read is not None and read.first > self.first:
            self._begin(read.first)
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

    def _begin(self, first: int) -> None:
        self.first = first
        self._shifted()

    def _at(self, offset: int, resume: Resume, read: RangeRead | None) -> Start:
        check = self._checks.get(offset)
        if check is None and read is not None and read.request.start == offset:
            check = read.check
        return Start(offset, resume, check)

    # -- people ---------------------------------------------------------------------------------------------

    def enter(self, member: bytes, device: int, nick: str, now: float, *, reachable: bool = True) -> None:
        """A device of a member came in."""
        if self._register.enter(member, device, nick, reachable=reachable):
            self._changed(member, now)

    def reach(self, member: bytes, device: int, now: float, *, reachable: bool) -> None:
        """A device of a member fell silent or was heard again."""
        if self._register.reach(member, device, reachable=reachable):
            self._changed(member, now)

    def leave(self, member: bytes, device: int, now: float, code: Code, reason: str = "") -> None:
        """A device of a member left."""
        if self._register.leave(member, device):
            self._changed(member, now, code, reason)

    def rename(self, member: bytes, nick: str, now: float) -> None:
        """A member has another nick."""
        if self._register.rename(member, nick):
            self._changed(member, now)

    def spoke(self, member: bytes, now: float) -> None:
        """A member said something."""
        if self._telling.spoke(member, now):
            self._gather(now)
        self._watch()

    def roster(self, now: float) -> list[bytes]:
        """The bodies of ROSTER, for a reader who begins at the head of the presence log."""
        if self._telling.large:
            self._gather(now)
        return self._telling.roster(self.presence.channel, self.presence.head)

    def on_alarm(self, channel: int, now: float) -> None:
        """It is as late as the room asked for with this channel."""
        if channel == self.presence.channel:
            self._gathering = False
            self._tell()
            return
        self._watching = False
        if self._telling.forget(now):
            self._gather(now)
        self._watch()

    def _changed(self, member: bytes, now: float, code: Code = Code.NONE, reason: str = "") -> None:
        self._telling.note(member, code, reason)
        if self._telling.turn(now):
            self._turned()
        elif self._telling.large:
            self._gather(now)
        else:
            self._tell()

    def _turned(self) -> None:
        """The room became large or small: there is nothing to wait for, and everyone who reads is to be told."""
        self._gathering = self._watching = False
        self._alarm(self, self.presence.channel, inf)
        self._alarm(self, self.chat.channel, inf)
        self._watch()
        self.stale = set(self.presence.readers)
        self._shifted()
        self.presence.void = True
        self._appended(self.presence)

    def _gather(self, now: float) -> None:
        if not self._gathering:
            self._gathering = True
            self._alarm(self, self.presence.channel, now + GATHER)

    def _watch(self) -> None:
        telling = self._telling
        if telling.large and not self._watching and (oldest := telling.oldest) is not None:
            self._watching = True
            self._alarm(self, self.chat.channel, oldest + SPEAKER_LIFE)

    def _tell(self) -> None:
        base = self.presence.base
        for kind, body in self._telling.news():
            self.presence.append(kind, body)
        if self.presence.base > base:
            self._shifted()
