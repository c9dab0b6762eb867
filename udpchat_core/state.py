"""What a client remembers from one run to the next, as a value, and the changes that it asks to be saved.

Session keys are not part of it: a client that starts again makes a new session and says again what was not
acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """A reader's place in a room's chat log: (log id, offset, check at that offset) (UC-LOG-12)."""

    log: int
    offset: int
    check: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message of one's own that the server has not acknowledged."""

    room: str
    id: int
    text: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """What is believed of one server: its public key (32 bytes), and its secret (16 bytes) if it is closed."""

    key: bytes
    secret: bytes | None = None


def _no_places() -> Mapping[str, Place | None]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClientState:
    """Identity, trust, places and unacknowledged messages, for one server.

    `identity` is the member's X25519 private key (32 bytes), `device` the random u32 of this installation. `rooms`
    holds the rooms that the person is in, each with the place up to which the application took its messages.
    """

    identity: bytes = field(repr=False)
    device: int
    pin: Pin | None = None
    nick: str = ""
    rooms: Mapping[str, Place | None] = field(default_factory=_no_places)
    outbox: tuple[Message, ...] = ()


class Change(Protocol):
    """One change of a `ClientState`."""

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """A handshake proved the server's key, under this secret."""

    pin: Pin

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        return replace(state, pin=self.pin)


@dataclass(frozen=True, slots=True)
class NickChosen:
    """The person wants this nick."""

    nick: str

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        return replace(state, nick=self.nick)


@dataclass(frozen=True, slots=True)
class RoomEntered:
    """The person is in the room, and has read up to `place` (None: from the start that the server chooses)."""

    room: str
    place: Place | None

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        return replace(state, rooms=MappingProxyType({**state.rooms, self.room: self.place}))


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """The person left the room."""

    room: str

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        rooms = {name: place for name, place in state.rooms.items() if name != self.room}
        return replace(state, rooms=MappingProxyType(rooms))


@dataclass(frozen=True, slots=True)
class OutboxAdded:
    """A message was said."""

    message: Message

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        return replace(state, outbox=(*state.outbox, self.message))


@dataclass(frozen=True, slots=True)
class OutboxRemoved:
    """The message with this id was stored, or refused for good."""

    id: int

    def apply(self, state: ClientState) -> ClientState:
        """The state after the change."""
        return replace(state, outbox=tuple(message for message in state.outbox if message.id != self.id))


class Memory:
    """A client's state as it is now, and the changes that are yet to be saved."""

    __slots__ = ("_changes", "state")

    def __init__(self, state: ClientState) -> None:
        self.state = state
        self._changes: list[Change] = []

    def __bool__(self) -> bool:
        """Are there changes to be saved?"""
        return bool(self._changes)

    def remember(self, change: Change) -> None:
        """Make a change."""
        self.state = change.apply(self.state)
        self._changes.append(change)

    def drain(self) -> tuple[Change, ...]:
        """The changes since the last call."""
        changes, self._changes = self._changes, []
        return tuple(changes)
