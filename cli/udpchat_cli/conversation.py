"""One run of `udpchat chat` over Trio, whatever it is shown on: questions, signals and patience around a `Course`.

Events of the client come in through `run`; what a person or a pipe says comes from a task of its own (`pipe`,
`terminal`), which uses `say`. Ends when the client is closed, or with a `CommandError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf

import trio

from udpchat_core.events import ClientEvent, ServerOffered
from udpchat_transports.trio_client import ChatClient

from .course import REMINDER, SIGNALS, SILENCE, Course, NewKey
from .exits import CommandError, Exit
from .faces import Face
from .links import Link, LinkError, parse_link


class Conversation(Course):
    """What one client says and hears in this run."""

    chat: ChatClient

    def __init__(self, chat: ChatClient, link: Link, room: str, face: Face, *, accept_new_key: bool) -> None:
        """`room`: the one that this run is about."""
        super().__init__(chat, link, room, face, accept_new_key=accept_new_key)
        self._changed = trio.Event()
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

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until `ready()`, which is asked after each event."""
        while not ready():
            await self._changed.wait()

    async def _on_event(self, event: ClientEvent) -> None:
        if isinstance(event, ServerOffered) and self.face.interactive:
            # A person who thinks is not to be hurried.
            self.connected = True
            self._tell()
            await self._ask(event)
        self.take(event)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _ask(self, offer: ServerOffered) -> None:
        server = self.link.address
        if offer.closed and self.link.secret is None:
            try:
                self.link = parse_link((await self.face.ask(f"{server} is closed: paste its join link")).strip())
            except LinkError as error:
                raise CommandError(Exit.USAGE, str(error)) from error
        elif self.link.key is None and not self.accept_new_key:
            answer = await self.face.ask(
                f"You have not been at {server} before. It shows the key {offer.fingerprint.hex()}.\n"
                "Ask who runs it, by another way, if that is right. Trust it? (yes/no)"
            )
            if answer.strip().lower() not in ("y", "yes"):
                raise CommandError(Exit.UNTRUSTED, f"{server} was not trusted")
            self.accept_new_key = True

    # -- how it may end --------------------------------------------------------------------------------------

    async def _obey_signals(self, scope: trio.CancelScope) -> None:
        with trio.open_signal_receiver(*SIGNALS) as signals:
            async for _ in signals:
                if self.interrupted:
                    scope.cancel()
                self.interrupted = True
                self.chat.quit()

    async def _lose_patience(self, wait: float, scope: trio.CancelScope) -> None:
        with trio.move_on_after(wait):
            pause = SILENCE
            while not self.connected:
                with trio.move_on_after(pause):
                    await self.until(lambda: self.connected)
                    return
                self.face.wait(self.link.address, self.chat.trouble)
                pause = REMINDER
        if not self.connected:
            self._failure = self.no_answer(wait)
            scope.cancel()
