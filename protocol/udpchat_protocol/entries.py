"""The bodies of entries, kind by kind, for each of the four kinds of log (SPEC.md 3.4)."""

from collections.abc import Callable
from enum import Enum
from typing import ClassVar, TypeVar, dataclass_transform

from udpchat_protocol import limits
from udpchat_protocol.faults import Reason
from udpchat_protocol.wire import (
    Bytes,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64ub,
    List8,
    Octets,
    Text8,
    Text16,
    Wire,
    WireError,
    field,
    wire,
)

B = TypeVar("B", bound="Body")


class Log(Enum):
    """The kinds of log."""

    UPLINK = "uplink"
    CONTROL = "control"
    CHAT = "chat"
    PRESENCE = "presence"

    __hash__ = object.__hash__
    """Enum's own is Python code, and every entry that comes is looked up by its log."""


class Body(Wire):
    """The body of an entry. Bytes after the last field are ignored."""

    __slots__ = ()

    KIND: ClassVar[int]
    LOG: ClassVar[Log]


ENTRIES: dict[Log, dict[int, type[Body]]] = {log: {} for log in Log}
"""Every body by its log and kind."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def entry(kind: int, log: Log) -> Callable[[type[B]], type[B]]:
    """Declares the body of an entry."""

    def decorate(cls: type[B]) -> type[B]:
        made = wire(limit=limits.MAX_ENTRY_BODY, extensible=True)(cls)
        made.KIND, made.LOG = kind, log
        ENTRIES[log][kind] = made
        return made

    return decorate


def parse_body_untrusted(log: Log, kind: int, body: Octets) -> Body:
    """Any entry of this log. Raises WireError."""
    known = ENTRIES[log].get(kind)
    if known is None:
        raise WireError("Entry", "kind", Reason.UNKNOWN, None)
    return known.parse_untrusted(body)


# ------------------------------------------------------------------------------------------------ uplink


@entry(0x01, Log.UPLINK)
class Nick(Body):
    """Takes a nick."""

    nick: str = field(Text8(1, limits.NICK_MAX))


@entry(0x02, Log.UPLINK)
class Join(Body):
    """Joins a room, to read on at the cursor (`log`, `offset`, `check`) or else from its `newest` entries."""

    room: str = field(Text8(1, limits.ROOM_MAX))
    newest: int = field(Int16ub)
    log: int = field(Int64ub)
    offset: int = field(Int64ub)
    check: bytes = field(Bytes(limits.CHECK))


@entry(0x03, Log.UPLINK)
class Part(Body):
    """Leaves a room."""

    room: str = field(Text8(1, limits.ROOM_MAX))


@entry(0x04, Log.UPLINK)
class Say(Body):
    """Says something in a room. `flags` are `ChatFlag`."""

    room: str = field(Text8(1, limits.ROOM_MAX))
    id: int = field(Int64ub)
    flags: int = field(Int8ub)
    text: str = field(Text16(1, limits.TEXT_MAX))


@entry(0x05, Log.UPLINK)
class History(Body):
    """Asks for `count` entries from `start` on."""

    room: str = field(Text8(1, limits.ROOM_MAX))
    start: int = field(Int64ub)
    count: int = field(Int16ub)


@entry(0x06, Log.UPLINK)
class Quit(Body):
    """Leaves for good; always the last."""

    reason: str = field(Text8(0, limits.REASON_MAX))


# ----------------------------------------------------------------------------------------------- control


@entry(0x21, Log.CONTROL)
class Terms(Body):
    """What the server tells first: its clock (ms since 1970), its timers (ms), how often it wants a SEEN."""

    reset: bytes = field(Bytes(limits.RESET))
    heartbeat: int = field(Int32ub)
    timeout: int = field(Int32ub)
    expiry: int = field(Int32ub)
    seen_every: int = field(Int8ub)
    seen_delay: int = field(Int16ub)


@entry(0x22, Log.CONTROL)
class Joined(Body):
    """Answers JOIN: the room's two logs and where reading starts. `resume` is a `Resume`."""

    room: str = field(Text8(1, limits.ROOM_MAX))
    resume: int = field(Int8ub)
    chat_channel: int = field(Int32ub)
    chat_log: int = field(Int64ub)
    chat_first: int = field(Int64ub)
    chat_head: int = field(Int64ub)
    chat_start: int = field(Int64ub)
    chat_check: bytes = field(Bytes(limits.CHECK))
    presence_channel: int = field(Int32ub)
    presence_log: int = field(Int64ub)
    presence_start: int = field(Int64ub)


@entry(0x23, Log.CONTROL)
class Parted(Body):
    """The session is no longer in the room. `code` is a `Code`."""

    room: str = field(Text8(1, limits.ROOM_MAX))
    code: int = field(Int8ub)


@wire(item=True)
class Member(Wire):
    """A member, as an item of ROSTER. `presence` is a `Presence`."""

    member: bytes = field(Bytes(limits.FINGERPRINT))
    presence: int = field(Int8ub)
    nick: str = field(Text8(0, limits.NICK_MAX))


@entry(0x24, Log.CONTROL)
class Roster(Body):
    """Who is in the room, true at `offset` of its presence log `channel`. `flags` are `RosterFlag`."""

    channel: int = field(Int32ub)
    offset: int = field(Int64ub)
    flags: int = field(Int8ub)
    members: tuple[Member, ...] = field(List8(Member, 0, limits.ROSTER_MAX))


@entry(0x25, Log.CONTROL)
class Skip(Body):
    """The reader's cursor of `channel` moves to `first`. `code` is a `Code`."""

    channel: int = field(Int32ub)
    first: int = field(Int64ub)
    check: bytes = field(Bytes(limits.CHECK))
    code: int = field(Int8ub)


@entry(0x26, Log.CONTROL)
class Replay(Body):
    """Answers HISTORY, the uplink entry `request`: a channel that brings `start` up to before `end`."""

    request: int = field(Int64ub)
    channel: int = field(Int32ub)
    log: int = field(Int64ub)
    start: int = field(Int64ub)
    end: int = field(Int64ub)
    check: bytes = field(Bytes(limits.CHECK))


@entry(0x27, Log.CONTROL)
class Failed(Body):
    """The uplink entry `request` was not done. `code` is a `Code`."""

    request: int = field(Int64ub)
    code: int = field(Int8ub)
    reason: str = field(Text8(0, limits.REASON_MAX))


@entry(0x28, Log.CONTROL)
class Notice(Body):
    """The server has something to say to the person. `code` is a `Code`."""

    code: int = field(Int8ub)
    text: str = field(Text16(1, limits.TEXT_MAX))


# -------------------------------------------------------------------------------------------------- chat


@entry(0x41, Log.CHAT)
class Chat(Body):
    """What somebody said, at `time` (ms since 1970). `flags` are `ChatFlag`."""

    author: bytes = field(Bytes(limits.FINGERPRINT))
    nick: str = field(Text8(0, limits.NICK_MAX))
    id: int = field(Int64ub)
    time: int = field(Int64ub)
    flags: int = field(Int8ub)
    text: str = field(Text16(1, limits.TEXT_MAX))


# ---------------------------------------------------------------------------------------------- presence


@entry(0x61, Log.PRESENCE)
class Online(Body):
    """A member came, or came back."""

    member: bytes = field(Bytes(limits.FINGERPRINT))
    nick: str = field(Text8(0, limits.NICK_MAX))


@entry(0x62, Log.PRESENCE)
class Unreachable(Body):
    """A member has not been heard for a while."""

    member: bytes = field(Bytes(limits.FINGERPRINT))


@entry(0x63, Log.PRESENCE)
class Gone(Body):
    """A member left. `code` is a `Code`."""

    member: bytes = field(Bytes(limits.FINGERPRINT))
    code: int = field(Int8ub)
    reason: str = field(Text8(0, limits.REASON_MAX))


@entry(0x64, Log.PRESENCE)
class Renamed(Body):
    """A member took another nick."""

    member: bytes = field(Bytes(limits.FINGERPRINT))
    nick: str = field(Text8(1, limits.NICK_MAX))


@entry(0x65, Log.PRESENCE)
class Count(Body):
    """How many there are in a large room."""

    online: int = field(Int32ub)
    members: int = field(Int32ub)
