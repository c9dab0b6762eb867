"""What a client over any transport can be told and asked; how it waits is the transport's business.

Commands return at once and take effect in the background. They raise `LocalProtocolError` for what cannot be, and
then nothing changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from udpchat_core.client import Client
from udpchat_core.counters import Counters
from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.events import Attendee
from udpchat_core.state import ClientState
from udpchat_core.states import State

from .guide import Guide

T = TypeVar("T")


class Chat(ABC):
    """A member's client: its commands and its state."""

    _core: Client
    _guide: Guide

    @abstractmethod
    def _command(self, act: Callable[[float], T]) -> T:
        """Do this to the core now, where nothing else is being done to it, and let the loop turn."""

    @abstractmethod
    def _look(self, read: Callable[[], T]) -> T:
        """Read this where nothing is being done to the core, also after the end."""

    # -- commands --------------------------------------------------------------------------------------------

    def join(self, room: str, newest: int = 50) -> None:
        """Enter a room: read on at the place that is saved, or else from the `newest` messages on."""
        self._command(lambda now: self._core.join(room, now, newest))

    def say(self, room: str, text: str, *, more: bool = False) -> int:
        """Say something in a room that was joined; the message's id. `more`: show it together with the next one."""
        return self._command(lambda now: self._core.say(room, text, now, more=more))

    def nick(self, nick: str) -> None:
        """Ask for a nick, now and in every session to come."""
        self._command(lambda now: self._core.nick(nick, now))

    def history(self, room: str, start: int, count: int) -> None:
        """Read `count` messages from offset `start` on once more: they come with `past` set, then `HistoryEnded`."""
        self._command(lambda now: self._core.history(room, start, count, now))

    def part(self, room: str) -> None:
        """Leave a room."""
        self._command(lambda now: self._core.part(room, now))

    def accept_server(self, key: bytes, secret: bytes | None = None) -> None:
        """Answer `ServerOffered`: the person trusts this key, and gave this secret to a closed server."""
        self._command(lambda now: self._core.accept_server(key, secret, now))

    def moved(self) -> None:
        """The network changed, and this application knows: go on at once, from a new socket.

        A change of this machine's own address is noticed without it, within two seconds.
        """
        self._command(lambda _: self._guide.moved())

    def quit(self, reason: str = "") -> None:
        """Leave for good; `Closed` will be the last event. Messages that were not acknowledged stay in the state."""
        self._command(lambda now: self._core.quit(now, reason))

    # -- state -----------------------------------------------------------------------------------------------

    @property
    def key(self) -> bytes:
        """The member's public key, 32 bytes."""
        return self._core.key

    @property
    def fingerprint(self) -> bytes:
        """The 8 bytes by which rooms know this member."""
        return self._core.fingerprint

    @property
    def state(self) -> ClientState:
        """As it would be saved now."""
        return self._core.state

    @property
    def closed(self) -> bool:
        """Is it over?"""
        return self._core.closed

    @property
    def rtt(self) -> float | None:
        """The smoothed round-trip time in seconds; None while it was not measured."""
        return self._core.rtt

    @property
    def unacknowledged(self) -> int:
        """Messages that the server has not said it has."""
        return self._look(lambda: self._core.unacknowledged)

    @property
    def counters(self) -> Counters:
        """Datagrams received, sent and dropped."""
        return self._core.counters

    @property
    def errors(self) -> Mapping[str, int]:
        """Errors of sending and receiving, by the names of errno."""
        return dict(self._guide.errors)

    @property
    def trouble(self) -> str | None:
        """What this machine says is wrong with the way to the server, for people; None if nothing.

        The client goes on trying by itself. A server that merely does not answer is no trouble here.
        """
        return self._guide.trouble

    @property
    def _quitting(self) -> bool:
        return self._core.status is State.QUITTING

    def attendees(self, room: str) -> tuple[Attendee, ...]:
        """Who is in a joined room, as far as this client knows; empty if it is not in it."""
        return self._look(lambda: self._core.attendees(room))


class Nowhere:
    """A store for those who keep the state by themselves."""

    def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
        """Save nothing."""
        done([StateSaved(request) for request in requests])

    def close(self) -> None:
        """Nothing to close."""
