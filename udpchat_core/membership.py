"""One room as a client that joined it sees it: its place in the chat log, and who is there (SPEC.md 10, 11).

Entries go in, events come out. It knows channels and offsets, and no session.
"""

from __future__ import annotations

from dataclasses import replace

from udpchat_protocol.codes import ChatFlag, Code, Presence, RosterFlag, code_of
from udpchat_protocol.constants import ATTENDEES_MAX
from udpchat_protocol.entries import (
    Chat,
    Count,
    Gone,
    Joined,
    Online,
    Renamed,
    Roster,
    Unreachable,
    parse_body_untrusted,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.wire import WireError

from .events import (
    Attendee,
    ChatReceived,
    ClientEvent,
    CountChanged,
    MemberChanged,
    RosterReceived,
)
from .events import Unreadable as UnreadableEntry
from .inbox import Taken
from .log import next_check
from .state import Place
from .text import harmless, harmless_name


class Membership:
    """A joined room."""

    __slots__ = (
        "_attendees",
        "_check",
        "_coming",
        "_count",
        "_former",
        "chat_channel",
        "log",
        "name",
        "presence_channel",
        "ready",
        "told",
    )

    def __init__(self, joined: Joined, former: tuple[Attendee, ...] | None = None) -> None:
        """`former`: who was told to be there in the session that this one renews; only what changed is news."""
        self.name = joined.room
        self.chat_channel = joined.chat_channel
        self.presence_channel = joined.presence_channel
        self.log = joined.chat_log
        self._check = joined.chat_check
        self._attendees: dict[bytes, Attendee] = {attendee.member: attendee for attendee in former or ()}
        self.told = former is not None
        """Has the application got a roster of this room?"""
        self._former = self.told
        self._coming: dict[bytes, Attendee] = {}
        self._count: tuple[int, int] | None = None
        """The last COUNT since the roster: only large rooms have one."""
        self.ready = False
        """Is the roster complete, so that presence entries mean something?"""

    @property
    def attendees(self) -> tuple[Attendee, ...]:
        """Who is in the room, as far as this client was told."""
        return tuple(self._attendees.values())

    def skip(self, channel: int, check: bytes) -> None:
        """Reading goes on elsewhere: in the chat log with this check, in the presence log after another roster."""
        if channel == self.chat_channel:
            self._check = check
        else:
            self.ready = False

    def chat(self, entry: Taken) -> tuple[ClientEvent, Place]:
        """An entry of the chat log, in its turn, and the place after it."""
        self._check = next_check(self._check, entry.kind, entry.body)
        place = Place(self.log, entry.offset + 1, self._check)
        return self._read(entry), place

    def past(self, entry: Taken) -> ClientEvent:
        """An entry of a history that was asked for: it moves nothing (UC-HIST-3)."""
        event = self._read(entry)
        return replace(event, past=True) if isinstance(event, ChatReceived) else event

    def roster(self, roster: Roster) -> list[ClientEvent]:
        """A chunk of the roster."""
        if roster.flags & RosterFlag.FIRST:
            self._coming = {}
        for member in roster.members:
            presence = Presence.ONLINE if member.presence == Presence.ONLINE else Presence.UNREACHABLE
            if member.member in self._coming or len(self._coming) < ATTENDEES_MAX:
                self._coming[member.member] = Attendee(member.member, harmless_name(member.nick), presence)
        if not roster.flags & RosterFlag.LAST:
            return []
        before, self._attendees = self._attendees, self._coming
        self._coming, self._count = {}, None
        self.ready = self.told = True
        if not self._former:
            return [RosterReceived(self.name, self.attendees)]
        self._former = False
        code = Code.COUNTED if roster.flags & RosterFlag.LARGE else Code.NONE
        gone = [self._changed(each, None, code) for member, each in before.items() if member not in self._attendees]
        new = [self._changed(each, each.presence) for each in self.attendees if before.get(each.member) != each]
        return [*gone, *new]

    def presence(self, entry: Taken) -> list[ClientEvent]:
        """An entry of the presence log, in its turn."""
        try:
            news = parse_body_untrusted(Logs.PRESENCE, entry.kind, entry.body)
        except WireError:
            return []
        match news:
            case Online(member=member, nick=nick):
                return self._there(Attendee(member, harmless_name(nick), Presence.ONLINE))
            case Count(online=online, members=members):
                return self._counted(online, members)
            case Unreachable(member=member) | Renamed(member=member) | Gone(member=member):
                known = self._attendees.get(member)
                return self._of(known, news) if known is not None else []
            case _:
                return []

    def _of(self, known: Attendee, news: Unreachable | Renamed | Gone) -> list[ClientEvent]:
        """News of somebody who is listed."""
        match news:
            case Unreachable():
                return self._there(replace(known, presence=Presence.UNREACHABLE))
            case Renamed(nick=nick):
                return self._there(replace(known, nick=harmless_name(nick)))
            case Gone(member=member, code=code, reason=reason):
                del self._attendees[member]
                return [MemberChanged(self.name, member, known.nick, None, code_of(code), harmless(reason))]

    def _there(self, attendee: Attendee) -> list[ClientEvent]:
        before = self._attendees.get(attendee.member)
        if before == attendee or (before is None and len(self._attendees) >= ATTENDEES_MAX):
            return []
        self._attendees[attendee.member] = attendee
        code = Code.COUNTED if before is None and self._count is not None else Code.NONE
        return [self._changed(attendee, attendee.presence, code)]

    def _changed(self, attendee: Attendee, presence: Presence | None, code: Code = Code.NONE) -> MemberChanged:
        return MemberChanged(self.name, attendee.member, attendee.nick, presence, code, "")

    def _counted(self, online: int, members: int) -> list[ClientEvent]:
        if self._count == (online, members):
            return []
        self._count = online, members
        return [CountChanged(self.name, online, members)]

    def _read(self, entry: Taken) -> ClientEvent:
        try:
            chat = parse_body_untrusted(Logs.CHAT, entry.kind, entry.body)
        except WireError:
            return UnreadableEntry(self.name, entry.offset)
        assert isinstance(chat, Chat), "the chat log has this kind only"
        return self._received(chat, entry.offset)

    def _received(self, chat: Chat, offset: int) -> ChatReceived:
        return ChatReceived(
            room=self.name,
            offset=offset,
            author=chat.author,
            nick=harmless_name(chat.nick),
            id=chat.id,
            time=chat.time,
            text=harmless(chat.text),
            raw=chat.text,
            more=bool(chat.flags & ChatFlag.MORE),
        )
