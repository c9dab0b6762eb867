"""One room as a client that joined it sees it: its place in the chat log, and who is there (SPEC.md 10, 11).

Entries go in, events come out. It knows channels and offsets, and no session.
"""

from __future__ import annotations

from dataclasses import replace

from udpchat_protocol.codes import ChatFlag, Code, Presence, RosterFlag, code_of
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
from .text import harmless


class Membership:
    """A joined room."""

    __slots__ = (
        "_attendees",
        "_check",
        "_coming",
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
        self._coming: list[Attendee] = []
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
            self._coming = []
        for member in roster.members:
            presence = Presence.ONLINE if member.presence == Presence.ONLINE else Presence.UNREACHABLE
            self._coming.append(Attendee(member.member, harmless(member.nick), presence))
        if not roster.flags & RosterFlag.LAST:
            return []
        before, self._attendees = self._attendees, {attendee.member: attendee for attendee in self._coming}
        self._coming = []
        self.ready = self.told = True
        if not self._former:
            return [RosterReceived(self.name, self.attendees)]
        self._former = False
        gone = [self._changed(each, None) for member, each in before.items() if member not in self._attendees]
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
                return self._there(Attendee(member, harmless(nick), Presence.ONLINE))
            case Unreachable(member=member):
                return self._there(Attendee(member, self._nick(member), Presence.UNREACHABLE))
            case Renamed(member=member, nick=nick):
                before = self._attendees.get(member)
                return self._there(Attendee(member, harmless(nick), before.presence if before else Presence.ONLINE))
            case Gone(member=member, code=code, reason=reason):
                gone = self._attendees.pop(member, None)
                if gone is None:
                    return []
                return [MemberChanged(self.name, member, gone.nick, None, code_of(code), harmless(reason))]
            case Count(online=online, members=members):
                return [CountChanged(self.name, online, members)]
            case _:
                return []

    def _there(self, attendee: Attendee) -> list[ClientEvent]:
        if self._attendees.get(attendee.member) == attendee:
            return []
        self._attendees[attendee.member] = attendee
        return [self._changed(attendee, attendee.presence)]

    def _changed(self, attendee: Attendee, presence: Presence | None) -> MemberChanged:
        return MemberChanged(self.name, attendee.member, attendee.nick, presence, Code.NONE, "")

    def _nick(self, member: bytes) -> str:
        known = self._attendees.get(member)
        return known.nick if known else ""

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
            nick=harmless(chat.nick),
            id=chat.id,
            time=chat.time,
            text=harmless(chat.text),
            raw=chat.text,
            more=bool(chat.flags & ChatFlag.MORE),
        )
