"""What the cores ask of a store, and what a store answers (SPEC.md 8 and 10; docs/embedding.md).

Requests come out of `store_requests()`; each is answered once, late, in batches, in any order across rooms but in
order within one, through `store_completed(result, now)`. A request's `ticket` says for whom it was made; a store
copies the request into its result and never looks inside a ticket.

The server asks the first group, a client the second. `ServerStore` and `ClientStore` are what a transport is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from udpchat_protocol.entries import Chat

from .state import Change


class Ticket(NamedTuple):
    """Whose request it is: a session, and the uplink entry that wants it (-1: none, a log wants a page)."""

    session: int
    offset: int


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Find a room, or begin it. Answered by `RoomOpened`."""

    ticket: Ticket
    room: str


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Nobody is in a room any more. Answered by `RoomClosed`.

    Each `RoomOpened` is followed by one of these, sooner or later, and by nothing about the room unless it was opened
    again. While more were opened than closed the server goes on where the log's head is, and the log must not begin
    anew; otherwise the store may let go of what it holds for the room.
    """

    ticket: Ticket
    room: str


class Append(NamedTuple):
    """Store a message once: (author key, `chat.id`) is its identity in the room. Answered by `Appended`.

    `key` is the author's public key, 32 bytes. `chat.time` is 0: the store sets it, in ms since 1970.
    """

    ticket: Ticket
    room: str
    key: bytes
    chat: Chat


@dataclass(frozen=True, slots=True)
class ReadRange:
    """Read `count` entries from offset `start` on (fewer if the log ends). Answered by `RangeRead`."""

    ticket: Ticket
    room: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class LookUpMember:
    """What is known of a public key (32 bytes)? Answered by `MemberFound`."""

    ticket: Ticket
    key: bytes


@dataclass(frozen=True, slots=True)
class ClaimNick:
    """Give `nick` to a key unless its `skeleton` (what it looks like) belongs to another. Answered by `NickClaimed`."""

    ticket: Ticket
    key: bytes
    nick: str
    skeleton: str


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """The room's log: its id, the oldest offset kept, the offset that comes next, and the check there."""

    request: OpenRoom
    log: int
    first: int
    head: int
    check: bytes


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The store knows."""

    request: CloseRoom


class Appended(NamedTuple):
    """The message is stored at `offset`; `body` is its CHAT entry as everybody will read it.

    A message that was stored before has the offset that it had then.
    """

    request: Append
    offset: int
    body: bytes


@dataclass(frozen=True, slots=True)
class RangeRead:
    """The bodies of CHAT entries from `request.start` on, and the check at `request.start`.

    `first` is the oldest offset kept; if that is beyond `request.start`, `bodies` is empty and `check` that at `first`.
    """

    request: ReadRange
    first: int
    check: bytes
    bodies: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class MemberFound:
    """The nick that belongs to the key, or an empty one."""

    request: LookUpMember
    nick: str


@dataclass(frozen=True, slots=True)
class NickClaimed:
    """Is the nick now the key's? If not, another key has it or one that looks like it."""

    request: ClaimNick
    granted: bool


ServerRequest = OpenRoom | CloseRoom | Append | ReadRange | LookUpMember | ClaimNick


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The request was not carried out; `reason` is for people."""

    request: ServerRequest
    reason: str


ServerResult = RoomOpened | RoomClosed | Appended | RangeRead | MemberFound | NickClaimed | StoreFailed


@dataclass(frozen=True, slots=True)
class SaveState:
    """Changes of the client's `ClientState`, to be saved together, in this order. Answered by `StateSaved`."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class StateSaved:
    """The changes will survive a crash."""

    request: SaveState


class ServerStore(Protocol):
    """Carries out a server's requests."""

    def submit(self, requests: Sequence[ServerRequest], done: Callable[[Sequence[ServerResult]], None]) -> None:
        """Begin; `done` gets results in batches, at once or later, from any thread, each request answered once."""
        ...

    def close(self) -> None:
        """Finish what was begun and give back what is held."""
        ...


class ClientStore(Protocol):
    """Saves a client's state."""

    def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
        """Begin; `done` gets results in batches, at once or later, from any thread, each request answered once."""
        ...

    def close(self) -> None:
        """Finish what was begun and give back what is held."""
        ...
