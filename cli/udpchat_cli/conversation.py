"""One run of `udpchat chat`, whatever it is shown on: trust, signals, patience, and when it is over.

Events of the client come in through `run`; what a person or a pipe says comes from a task of its own (`pipe`,
`terminal`), which uses `say`. Ends when the client is closed, or with a `CommandError`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable
from math import inf

import trio

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
from udpchat_transports.trio_client import ChatClient

from . import trust
from .deliveries import Deliveries
from .exits import CommandError, Exit
from .faces import Face
from .links import Link, LinkError, parse_link
from .words import CLOSED, FAILED, REFUSED, TEMPORARY, reason

SILENCE = 3.0
"""Seconds without a session after which a person wants to know."""

REMINDER = 30.0
"""Seconds until they are told again."""

_SIGNALS = [signal.SIGINT, signal.SIGTERM] + ([signal.SIGHUP] if sys.platform != "win32" else [])


class NewKey(Exception):  # noqa: N818 - it is a decision, not an error
    """The person accepts another key than the pinned one: begin again, confirming it."""

    def __init__(self, pin: Pin) -> None:
        super().__init__()
        self.pin = pin


class Conversation:
    """What one client says and hears in this run."""

    def __init__(self, chat: ChatClient, link: Link, room: str, face: Face, *, accept_new_key: bool) -> None:
        """`room`: the one that this run is about."""
        self.chat = chat
        self.room = room
        self.face = face
        self.deliveries = Deliveries()
        self.interrupted = False
        """Did a signal end it?"""
        self.caught_up = trio.Event()
        """The room was joined, and everything said there before was read."""
        self._link = link
        self._accept_new_key = accept_new_key
        self._connected = trio.Event()
        self._changed = trio.Event()
        self._differs: KeyDiffers | None = None
        self._head: float = inf
        self._failure: Exception | None = None

    async def run(self, talk: Callable[[Conversation], Awaitable[None]], wait: float = inf) -> None:
        """Until it is over. `wait`: seconds to try for a session. Raises `CommandError`, `NewKey`."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._obey_signals, nursery.cancel_scope)
            nursery.start_soon(self._lose_patience, wait, nursery.cancel_scope)
            nursery.start_soon(talk, self)
            try:
                async for event in self.chat:
                    self.face.show(event)
                    await self._on_event(event)
            except (CommandError, NewKey, BrokenPipeError) as error:
                self._failure = self._failure or error
            nursery.cancel_scope.cancel()
        if self._failure is not None:
            raise self._failure

    def say(self, room: str, text: str, *, more: bool = False) -> int:
        """Say something; the message's id."""
        message = self.chat.say(room, text, more=more)
        self.deliveries.said(message)
        return message

    async def settled(self) -> None:
        """Wait until everything said in this run is done."""
        while not self.deliveries.settled:
            await self._changed.wait()

    async def _on_event(self, event: ClientEvent) -> None:
        self.deliveries.on_event(event, self.chat.state.outbox)
        self._changed.set()
        self._changed = trio.Event()
        match event:
            case ServerOffered():
                await self._offered(event)
            case KeyDiffers():
                self._differs = event
            case HandshakeRefused(code=code):
                self._refused(code)
            case Connected():
                self._differs = None
                self._connected.set()
            case CommandFailed(command=Command.JOIN, room=self.room, code=code) if not self.face.interactive:
                raise CommandError(
                    Exit.UNDELIVERED, f"{self.room} cannot be joined: {reason(FAILED, code, event.reason)}"
                )
            case Closed(code=code) if code is not Code.QUIT:
                raise CommandError(Exit.ENDED, reason(CLOSED, code, event.reason))
            case _:
                self._follow(event)

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
            self.caught_up.set()

    # -- trust -----------------------------------------------------------------------------------------------

    async def _offered(self, offer: ServerOffered) -> None:
        if self.face.interactive:
            # A person who thinks is not to be hurried.
            self._connected.set()
            await self._ask(offer)
        pin = trust.answer(offer, self._link, accept_new_key=self._accept_new_key)
        self.chat.accept_server(pin.key, pin.secret)

    async def _ask(self, offer: ServerOffered) -> None:
        server = self._link.address
        if offer.closed and self._link.secret is None:
            try:
                self._link = parse_link((await self.face.ask(f"{server} is closed: paste its join link")).strip())
            except LinkError as error:
                raise CommandError(Exit.USAGE, str(error)) from error
        elif self._link.key is None and not self._accept_new_key:
            answer = await self.face.ask(
                f"You have not been at {server} before. It shows the key {offer.fingerprint.hex()}.\n"
                "Ask who runs it, by another way, if that is right. Trust it? (yes/no)"
            )
            if answer.strip().lower() not in ("y", "yes"):
                raise CommandError(Exit.UNTRUSTED, f"{server} was not trusted")
            self._accept_new_key = True

    def _refused(self, code: Code) -> None:
        if self._differs is not None:
            raise NewKey(trust.refused(self._differs, self._link, accept_new_key=self._accept_new_key))
        if not self.face.interactive and code not in TEMPORARY:
            raise CommandError(Exit.REFUSED, reason(REFUSED, code))

    # -- how it may end --------------------------------------------------------------------------------------

    async def _obey_signals(self, scope: trio.CancelScope) -> None:
        with trio.open_signal_receiver(*_SIGNALS) as signals:
            async for _ in signals:
                if self.interrupted:
                    scope.cancel()
                self.interrupted = True
                self.chat.quit()

    async def _lose_patience(self, wait: float, scope: trio.CancelScope) -> None:
        with trio.move_on_after(wait):
            pause = SILENCE
            while not self._connected.is_set():
                with trio.move_on_after(pause):
                    await self._connected.wait()
                    return
                self.face.wait(self._link.address, self.chat.trouble)
                pause = REMINDER
        if not self._connected.is_set():
            why = f" ({self.chat.trouble})" if self.chat.trouble else ""
            self._failure = CommandError(Exit.NO_ANSWER, f"no session with {self._link.address} in {wait:g} s{why}")
            scope.cancel()
