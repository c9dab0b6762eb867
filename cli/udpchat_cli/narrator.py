"""Events in words: what a person reads in a terminal, and what a pipe says on standard error."""

from __future__ import annotations

from udpchat_core.events import (
    ChatReceived,
    ClientEvent,
    Command,
    CommandFailed,
    CountChanged,
    Disconnected,
    HandshakeRefused,
    JoinedRoom,
    KeyDiffers,
    LinkChanged,
    MemberChanged,
    NoticeReceived,
    PartedRoom,
    RosterReceived,
    Skipped,
    Unreadable,
)
from udpchat_protocol.codes import Code, Presence, Resume

from .trust import shown
from .words import FAILED, REFUSED, reason

_RESUMED = {
    Resume.NEW_LOG: "the server began {room} anew since you were here last",
    Resume.TRUNCATED: "the server no longer has all that was said in {room} since you were here last",
    Resume.ROLLED_BACK: "the server put {room} back to an earlier state; some of it may come again",
}


class Narrator:
    """Remembers who is where, so that each change is told once and as what it is."""

    def __init__(self) -> None:
        self._people: dict[tuple[str, bytes], tuple[str, Presence]] = {}
        self._members: dict[str, int] = {}
        """How many were last said to be in a large room."""
        self.counts: dict[str, tuple[int, int]] = {}
        """Of large rooms: how many can be heard, of how many members."""
        self._link = True

    def tell(self, event: ClientEvent) -> str | None:
        """One line about an event that is not a message; None if there is nothing to say."""
        match event:
            case JoinedRoom(room=room, resume=resume):
                return _RESUMED[resume].format(room=room) if resume in _RESUMED else None
            case RosterReceived():
                return self._roster(event)
            case MemberChanged():
                return self._member(event)
            case CountChanged(room=room, online=online, members=members):
                return self._count(room, online, members)
            case LinkChanged(up=up, rtt=rtt):
                return self._link_changed(rtt, up=up)
            case _:
                return trouble(event)

    def _count(self, room: str, online: int, members: int) -> str | None:
        """The count of a large room, which may change every second: a tenth more or less is worth a line."""
        self.counts[room] = online, members
        said = self._members.get(room, 0)
        if abs(members - said) * 10 < said:
            return None
        self._members[room] = members
        return f"{online} of {members} members of {room} are here"

    def _link_changed(self, rtt: float | None, *, up: bool) -> str | None:
        before, self._link = self._link, up
        if up and before:
            return None
        if up:
            return "the server is there again" + ("" if rtt is None else f", {rtt * 1000:.0f} ms away")
        return "the server does not answer; what you say is kept until it does"

    def _roster(self, event: RosterReceived) -> str:
        self.counts.pop(event.room, None)
        self._people = {key: value for key, value in self._people.items() if key[0] != event.room}
        self._members.pop(event.room, None)
        for one in event.attendees:
            self._people[event.room, one.member] = one.nick, one.presence
        here = ", ".join(name(one.nick, one.member) for one in event.attendees)
        return f"in {event.room}: {here}"

    def _member(self, event: MemberChanged) -> str | None:
        known = self._people.pop((event.room, event.member), None)
        who, room = name(event.nick, event.member), event.room
        if event.code is Code.COUNTED:
            if event.presence is not None:
                self._people[room, event.member] = event.nick, event.presence
            return None
        if event.presence is None:
            why = event.reason or ("" if event.code in (Code.NONE, Code.QUIT, Code.PARTED) else event.code.name.lower())
            return f"{who} left {room}" + (f" ({why})" if why else "")
        self._people[room, event.member] = event.nick, event.presence
        if known is not None and known[0] != event.nick:
            return f"{name(known[0], event.member)} is now called {who}"
        if event.presence is Presence.UNREACHABLE:
            return f"{who} cannot be reached"
        return f"{who} came to {room}" if known is None else f"{who} is back in {room}"


def trouble(event: ClientEvent) -> str | None:  # noqa: PLR0911 - one case an event
    """One line about an event that means that something is not as it should be; None for all others."""
    match event:
        case CommandFailed(command=Command.PART, room=room, code=Code.NOT_JOINED):
            return f"no longer in {room}"
        case CommandFailed(command=command, room=room, code=code):
            what = command.value if room is None or command is Command.SAY else f"{command.value} of {room}"
            return f"{what} failed: {reason(FAILED, code, event.reason)}"
        case PartedRoom(room=room, code=code):
            return f"no longer in {room}" + ("" if code is Code.PARTED else f": {reason(FAILED, code)}")
        case Skipped(room=room, first=first):
            return f"some of what was said in {room}, before message {first}, cannot be had any more"
        case Unreadable(room=room, offset=offset):
            return f"message {offset} in {room} is of a kind that this version cannot read"
        case Disconnected():
            return "the server ended the session; making another"
        case KeyDiffers(key=key, expected=expected):
            return f"somebody answers with the key {shown(key)} instead of {shown(expected)}, which stays in use"
        case HandshakeRefused(code=code):
            return reason(REFUSED, code)
        case NoticeReceived(text=text):
            return f"the server says: {text}"
        case _:
            return None


def line(event: ChatReceived) -> str:
    """A message, as it is shown."""
    return f"{name(event.nick, event.author)}: {event.text}"


def name(nick: str, member: bytes) -> str:
    """Whom to call a member: the nick, or the beginning of the fingerprint of who has none."""
    return nick or "~" + member.hex()[:6]
