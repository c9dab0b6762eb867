"""The bridge: clients of a plaintext server as guests in one room, and the room as lines to them (SPEC.md, B.4).

In:   `take(events, now)`: what happened at a plaintext server
Out:  `lines(now)`: what its clients are to be told, once in every turn of the chat server

It lives with the chat server, whose guests it speaks for, and has no clock of its own. What goes to and fro between
it and the plaintext server is values, since the two may run in two threads.
"""

from __future__ import annotations

from collections.abc import Iterable

from udpchat_protocol.codes import Code

from .events import ChatReceived, ClientEvent, MemberChanged, RosterReceived
from .guests import Guests
from .path import Path
from .plaintext import PlainCame, PlainEvent, PlainLeft, PlainSaid
from .text import GUEST_MARK


class Bridge:
    """Between one plaintext server and one room."""

    def __init__(self, guests: Guests, room: str) -> None:
        """Raises `LocalProtocolError` if the room's name cannot be one. All of `guests.overheard()` comes here."""
        self._guests = guests
        self._room = guests.checked(room)
        self._here: dict[Path, bytes] = {}
        self._nicks: dict[bytes, str] = {}
        self._count = 0

    def take(self, events: Iterable[PlainEvent], now: float) -> None:
        """What happened at the plaintext server goes into the room."""
        for event in events:
            match event:
                case PlainCame(path=path):
                    self._count += 1
                    nick = f"{GUEST_MARK}guest{self._count} (unverified)"
                    self._here[path] = self._guests.enter(self._room, nick, now)
                case PlainSaid(path=path, text=text):
                    self._guests.say(self._here[path], text)
                case PlainLeft(path=path, code=code):
                    self._guests.leave(self._here.pop(path), now, code)

    def lines(self, now: float) -> list[str]:
        """What happened in the room, for the plaintext clients, but nothing that guests did: what one datagram causes
        at others begins with `ack `, or two bridges would echo for ever (UC-PLAIN-6).
        """
        return [line for event in self._guests.overheard(now) if (line := self._line(event))]

    def _line(self, event: ClientEvent) -> str | None:
        match event:
            case RosterReceived(room=self._room, attendees=attendees):
                self._nicks = {each.member: _name(each.nick, each.member) for each in attendees}
                return None
            case ChatReceived(room=self._room, author=author) if author not in self._guests:
                return f"{_name(event.nick, author)}: {event.text}"
            case MemberChanged(room=self._room, member=member) if member not in self._guests:
                return self._presence(event)
            case _:
                return None

    def _presence(self, event: MemberChanged) -> str | None:
        """Who came, left or has another nick; whether somebody can be reached just now is not told, and who is only
        listed or no longer listed in a large room neither came nor left (UC-PRES-9).
        """
        nick = _name(event.nick, event.member)
        before = self._nicks.pop(event.member, None)
        if event.presence is not None:
            self._nicks[event.member] = nick
        if event.code is Code.COUNTED:
            return None
        if event.presence is None:
            return f"* {nick} left"
        if before is None:
            return f"* {nick} came"
        return None if before == nick else f"* {before} is now {nick}"


def _name(nick: str, member: bytes) -> str:
    """Whom to call a member: the nick, or the beginning of the fingerprint of who has none."""
    return nick or "~" + member.hex()[:6]
