"""What a run of `udpchat chat` makes of its events: whom it trusts, what it caught up with, and when it is over.

It waits for nothing: events go in with `take`, over whatever transport they came, and a `CommandError` or `NewKey` that
comes out ends the run. Who waits for the state to change, looks after each event.
"""

from __future__ import annotations

import signal
import sys
from math import inf

from udpchat_core.events import (
    ChatReceived,
    ClientEvent,
    Closed,
    Command,
    CommandFailed,
    Connected,
    HandshakeRefused,
    JoinedRoom,
    KeyDiffers,
    ServerOffered,
    Skipped,
    Unreadable,
)
from udpchat_core.state import Pin
from udpchat_protocol.codes import Code
from udpchat_transports.chat import Chat

from . import trust
from .deliveries import Deliveries
from .exits import CommandError, Exit
from .faces import Face, warn
from .links import Link
from .words import CLOSED, FAILED, REFUSED, TEMPORARY, reason

SILENCE = 3.0
"""Seconds without a session after which a person wants to know."""

REMINDER = 30.0
"""Seconds until they are told again."""

SIGNALS = [signal.SIGINT, signal.SIGTERM] + ([signal.SIGHUP] if sys.platform != "win32" else [])
"""Those that end it."""


class NewKey(Exception):  # noqa: N818 - it is a decision, not an error
    """The person accepts another key than the pinned one: begin again, confirming it."""

    def __init__(self, pin: Pin) -> None:
        super().__init__()
        self.pin = pin


class Course:
    """What one client says and hears in this run."""

    def __init__(self, chat: Chat, link: Link, room: str, face: Face, *, accept_new_key: bool) -> None:
        """`room`: the one that this run is about."""
        self.chat = chat
        self.room = room
        self.face = face
        self.link = link
        self.accept_new_key = accept_new_key
        self.deliveries = Deliveries()
        self.interrupted = False
        """Did a signal end it?"""
        self.connected = False
        """Was there a session, or somebody who can be asked?"""
        self.caught_up = False
        """Was the room joined, and everything read that had been said there before?"""
        self._differs: KeyDiffers | None = None
        self._head: float = inf

    def say(self, room: str, text: str, *, more: bool = False) -> int:
        """Say something; the message's id."""
        message = self.chat.say(room, text, more=more)
        self.deliveries.said(message)
        return message

    def take(self, event: ClientEvent) -> None:
        """An event came. Raises `CommandError`, `NewKey`."""
        self.deliveries.on_event(event, self.chat.state.outbox)
        match event:
            case ServerOffered():
                pin = trust.answer(event, self.link, accept_new_key=self.accept_new_key)
                self.chat.accept_server(pin.key, pin.secret)
            case KeyDiffers():
                self._differs = event
            case HandshakeRefused(code=code):
                self._refused(code)
            case Connected():
                self._differs = None
                self.connected = True
            case CommandFailed(command=Command.JOIN, room=self.room, code=code) if not self.face.interactive:
                raise CommandError(
                    Exit.UNDELIVERED, f"{self.room} cannot be joined: {reason(FAILED, code, event.reason)}"
                )
            case Closed(code=code) if code is not Code.QUIT:
                raise CommandError(Exit.ENDED, reason(CLOSED, code, event.reason))
            case _:
                self._follow(event)

    def no_answer(self, wait: float) -> CommandError:
        """There was no session in `wait` seconds."""
        why = f" ({self.chat.trouble})" if self.chat.trouble else ""
        return CommandError(Exit.NO_ANSWER, f"no session with {self.link.address} in {wait:g} s{why}")

    def status(self) -> Exit:
        """How it ended, of a run without a person."""
        deliveries = self.deliveries
        if deliveries.unread:
            warn(f"{deliveries.unread} messages were acknowledged, but could not be read back")
        if deliveries.refused:
            warn(f"{deliveries.refused} messages were refused")
            return Exit.UNDELIVERED
        if self.interrupted and not (deliveries.settled and not self.chat.unacknowledged):
            return Exit.INTERRUPTED
        return Exit.OK

    def _follow(self, event: ClientEvent) -> None:
        """Notice when what was said before is read."""
        match event:
            case JoinedRoom(room=self.room, head=head, start=start):
                self._head = head
                upto = start
            case ChatReceived(room=self.room, offset=offset, past=False) | Unreadable(room=self.room, offset=offset):
                upto = offset + 1
            case Skipped(room=self.room, first=first):
                upto = first
            case _:
                return
        if upto >= self._head:
            self.caught_up = True

    def _refused(self, code: Code) -> None:
        if self._differs is not None:
            raise NewKey(trust.refused(self._differs, self.link, accept_new_key=self.accept_new_key))
        if not self.face.interactive and code not in TEMPORARY:
            raise CommandError(Exit.REFUSED, reason(REFUSED, code))
