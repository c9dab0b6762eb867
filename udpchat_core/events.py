"""What the cores tell their application: values with fields, never text to be parsed.

Client events come out of `Client.events()`, server events out of `Server.events()`. Text meant for people is free of
terminal control characters and bidi overrides; the raw form stands beside it where it may differ.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

from udpchat_protocol.codes import Code, Presence, Resume


class Command(Enum):
    """What the person had asked for when it failed."""

    NICK = "nick"
    JOIN = "join"
    PART = "part"
    SAY = "say"
    HISTORY = "history"
    QUIT = "quit"


# -- client: the server and the link -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServerOffered:
    """A server that is not trusted yet, or asks for a secret: answer with `accept_server(key, secret, now)`.

    `key` is the server's public key (32 bytes): the pinned one, or else what an unauthenticated answer showed;
    `fingerprint` is its 8 bytes. `closed`: a secret is needed.
    """

    key: bytes
    fingerprint: bytes
    closed: bool


@dataclass(frozen=True, slots=True)
class KeyDiffers:
    """Somebody answers under another key than the pinned one, which stays in use (UC-SHAKE-2)."""

    key: bytes
    expected: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    """There is a session. `key` is the server's public key, proved."""

    key: bytes


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session ended, and a new one is being made."""

    code: Code


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """No session yet, and not for want of answers: `code` is the server's (unauthenticated) word.

    Code NONE: an answer came that did not verify: the secret or the key is wrong, or somebody forges answers.
    """

    code: Code


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The server is heard (`up`), or was not for `timeout`. `rtt`: smoothed round-trip time in seconds."""

    up: bool
    rtt: float | None


@dataclass(frozen=True, slots=True)
class AddressNeeded:
    """Nobody answers at any of the server's addresses: look for others, and give them to `moved`.

    The client goes on trying those that it has; the event comes again each time all of them were silent.
    """


@dataclass(frozen=True, slots=True)
class Closed:
    """It is over. Code QUIT: as asked for."""

    code: Code
    reason: str


# -- client: rooms -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JoinedRoom:
    """In the room. Messages follow from offset `start`; the log holds `first` to `head - 1`."""

    room: str
    resume: Resume
    first: int
    head: int
    start: int


@dataclass(frozen=True, slots=True)
class PartedRoom:
    """No longer in the room."""

    room: str
    code: Code


@dataclass(frozen=True, slots=True)
class ChatReceived:
    """A message, in its turn. `author`: fingerprint (8 bytes). `time`: ms since 1970, the server's clock."""

    room: str
    offset: int
    author: bytes
    nick: str
    id: int
    time: int
    text: str
    raw: str
    more: bool
    past: bool = False
    """Is it history that was asked for, and no news?"""


@dataclass(frozen=True, slots=True)
class HistoryEnded:
    """All of a history that was asked for was told: offsets `start` to `end - 1`."""

    room: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The entry at `offset` of a room's chat log is of a kind or form that this client does not know."""

    room: str
    offset: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of one's own has its place in the room."""

    room: str
    id: int
    offset: int


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """The server refused a command for good. `id`: the message, if it was `say`."""

    command: Command
    room: str | None
    id: int | None
    code: Code
    reason: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """A member of a room as its roster knows them."""

    member: bytes
    nick: str
    presence: Presence


@dataclass(frozen=True, slots=True)
class RosterReceived:
    """Who is in the room, in a large one who spoke last; what was known before is void."""

    room: str
    attendees: tuple[Attendee, ...]


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A member came, went, became unreachable, or has another nick. `presence` None: gone, and `code` says why.

    Code COUNTED: the room is large, and the member neither came nor went, but is listed from now on, or no longer.
    """

    room: str
    member: bytes
    nick: str
    presence: Presence | None
    code: Code
    reason: str


@dataclass(frozen=True, slots=True)
class CountChanged:
    """The room is large: of its `members`, listed or not, `online` can be reached."""

    room: str
    online: int
    members: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Reading goes on at offset `first`: what lies before can not be had."""

    room: str
    first: int
    code: Code


@dataclass(frozen=True, slots=True)
class NoticeReceived:
    """The server has something to say to the person."""

    code: Code
    text: str


ClientEvent = (
    ServerOffered
    | KeyDiffers
    | Connected
    | Disconnected
    | HandshakeRefused
    | LinkChanged
    | AddressNeeded
    | Closed
    | JoinedRoom
    | PartedRoom
    | ChatReceived
    | HistoryEnded
    | Unreadable
    | Sent
    | CommandFailed
    | RosterReceived
    | MemberChanged
    | CountChanged
    | Skipped
    | NoticeReceived
)

# -- server ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A session became live. `member`: fingerprint of its key; `replaced`: it took over from another."""

    session: int
    member: bytes
    device: int
    replaced: bool


@dataclass(frozen=True, slots=True)
class SessionReachable:
    """A session fell silent for `timeout`, or was heard again."""

    session: int
    member: bytes
    reachable: bool


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """A session is over."""

    session: int
    member: bytes
    code: Code


@dataclass(frozen=True, slots=True)
class StoreTrouble:
    """The store refused a request; whoever asked was told."""

    reason: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live session as its server's operator sees it: no event, but what `Server.live` shows.

    `member`: fingerprint of its key; `nick` is empty if it has none. `opened` and `heard` are seconds of the server's
    `now`: since when there is the session, and when it was last heard. `rtt`: smoothed round-trip time in seconds, None
    while it was not measured.
    """

    session: int
    member: bytes
    nick: str
    device: int
    path: Hashable
    rooms: tuple[str, ...]
    reachable: bool
    opened: float
    heard: float
    rtt: float | None


ServerEvent = SessionOpened | SessionReachable | SessionClosed | StoreTrouble
