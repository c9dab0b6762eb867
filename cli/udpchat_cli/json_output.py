"""Events as JSON, one object a line, each flushed at once (docs/cli.md).

Keys of members are fingerprints, ids are u64: both are 16 hexadecimal digits, since many readers of JSON
cannot hold a u64. Whole keys are base64url without padding.
"""

from __future__ import annotations

import json
import sys

from udpchat_core.events import (
    AddressNeeded,
    Attendee,
    ChatReceived,
    ClientEvent,
    Closed,
    CommandFailed,
    Connected,
    CountChanged,
    Disconnected,
    HandshakeRefused,
    HistoryEnded,
    JoinedRoom,
    KeyDiffers,
    LinkChanged,
    MemberChanged,
    NoticeReceived,
    PartedRoom,
    RosterReceived,
    Sent,
    ServerEvent,
    ServerOffered,
    SessionClosed,
    SessionOpened,
    SessionReachable,
    Skipped,
    StoreTrouble,
    Unreadable,
)
from udpchat_protocol.codes import Presence

from .links import encoded

Json = dict[str, object]


def emit(fields: Json) -> None:
    """Print one object, at once."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def client_object(event: ClientEvent) -> Json:  # noqa: C901, PLR0911, PLR0912 - one case an event
    """An event of a client; `event` is its name, the other fields as in docs/cli.md."""
    match event:
        case ChatReceived():
            return {
                "event": "chat",
                "room": event.room,
                "offset": event.offset,
                "nick": event.nick,
                "key": event.author.hex(),
                "text": event.text,
                "time": event.time,
                "id": hexadecimal(event.id),
                "more": event.more,
                "past": event.past,
            }
        case HistoryEnded():
            return {"event": "history", "room": event.room, "start": event.start, "end": event.end}
        case Sent():
            return {"event": "sent", "id": hexadecimal(event.id), "room": event.room, "offset": event.offset}
        case JoinedRoom():
            return {
                "event": "joined",
                "room": event.room,
                "resume": event.resume.name.lower(),
                "first": event.first,
                "head": event.head,
                "start": event.start,
            }
        case RosterReceived():
            return {"event": "roster", "room": event.room, "members": [_attendee(one) for one in event.attendees]}
        case MemberChanged():
            return {
                "event": "member",
                "room": event.room,
                "key": event.member.hex(),
                "nick": event.nick,
                "presence": _presence(event.presence),
                "code": event.code.name,
                "reason": event.reason,
            }
        case CountChanged():
            return {"event": "count", "room": event.room, "online": event.online, "members": event.members}
        case PartedRoom():
            return {"event": "parted", "room": event.room, "code": event.code.name}
        case Unreadable():
            return {"event": "unreadable", "room": event.room, "offset": event.offset}
        case Skipped():
            return {"event": "skipped", "room": event.room, "first": event.first, "code": event.code.name}
        case CommandFailed():
            return {
                "event": "failed",
                "command": event.command.value,
                "room": event.room,
                "id": None if event.id is None else hexadecimal(event.id),
                "code": event.code.name,
                "reason": event.reason,
            }
        case LinkChanged():
            return {"event": "link", "up": event.up, "rtt": event.rtt}
        case AddressNeeded():
            return {"event": "addresses"}
        case Connected():
            return {"event": "connected", "key": encoded(event.key)}
        case Disconnected():
            return {"event": "disconnected", "code": event.code.name}
        case ServerOffered():
            return {
                "event": "offered",
                "key": encoded(event.key),
                "fingerprint": event.fingerprint.hex(),
                "closed": event.closed,
            }
        case KeyDiffers():
            return {"event": "key", "key": encoded(event.key), "expected": encoded(event.expected)}
        case HandshakeRefused():
            return {"event": "refused", "code": event.code.name}
        case NoticeReceived():
            return {"event": "notice", "code": event.code.name, "text": event.text}
        case Closed():
            return {"event": "closed", "code": event.code.name, "reason": event.reason}


def server_object(event: ServerEvent) -> Json:
    """An event of a server."""
    match event:
        case SessionOpened():
            return {
                "event": "opened",
                "session": hexadecimal(event.session),
                "key": event.member.hex(),
                "device": event.device,
                "replaced": event.replaced,
            }
        case SessionReachable():
            return {
                "event": "reachable" if event.reachable else "unreachable",
                "session": hexadecimal(event.session),
                "key": event.member.hex(),
            }
        case SessionClosed():
            return {
                "event": "closed",
                "session": hexadecimal(event.session),
                "key": event.member.hex(),
                "code": event.code.name,
            }
        case StoreTrouble():
            return {"event": "trouble", "reason": event.reason}


def hexadecimal(number: int) -> str:
    """A u64 as 16 digits."""
    return f"{number:016x}"


def _attendee(attendee: Attendee) -> Json:
    return {"key": attendee.member.hex(), "nick": attendee.nick, "presence": _presence(attendee.presence)}


def _presence(presence: Presence | None) -> str:
    return "gone" if presence is None else presence.name.lower()
