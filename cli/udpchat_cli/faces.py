"""How a conversation looks from outside when there is nobody at a terminal: as JSON, or as plain lines."""

from __future__ import annotations

import sys
from typing import Protocol

from udpchat_core.events import ChatReceived, ClientEvent, JoinedRoom

from .json_output import client_object, emit
from .narrator import Narrator, line, trouble


class Face(Protocol):
    """What a conversation is shown on. A face that is `interactive` has a person who can be asked."""

    @property
    def interactive(self) -> bool:
        """Is there a person?"""
        ...

    def show(self, event: ClientEvent) -> None:
        """An event, as it happened."""
        ...

    def wait(self, server: str, why: str | None) -> None:
        """There is still no session with `server`; `why` is what this machine says of the network."""
        ...

    async def ask(self, question: str, /) -> str:
        """The person's answer."""
        ...


class JsonFace:
    """One object an event on standard output."""

    interactive = False

    def show(self, event: ClientEvent) -> None:
        """Print the object."""
        emit(client_object(event))

    def wait(self, server: str, why: str | None) -> None:
        """Print an object `waiting`."""
        emit({"event": "waiting", "server": server, "trouble": why})

    async def ask(self, _: str) -> str:
        """Nobody answers."""
        return ""


class PlainFace:
    """Messages on standard output, troubles on standard error."""

    interactive = False

    def __init__(self) -> None:
        self._narrator = Narrator()

    def show(self, event: ClientEvent) -> None:
        """Print a message, or what is wrong."""
        if isinstance(event, ChatReceived):
            sys.stdout.write(line(event) + "\n")
            sys.stdout.flush()
            return
        told = self._narrator.tell(event) if isinstance(event, JoinedRoom) else trouble(event)
        if told:
            warn(told)

    def wait(self, server: str, why: str | None) -> None:
        """Tell that it takes long."""
        warn(waiting(server, why))

    async def ask(self, _: str) -> str:
        """Nobody answers."""
        return ""


def warn(text: str) -> None:
    """Say something on standard error."""
    print(f"udpchat: {text}", file=sys.stderr, flush=True)


def waiting(server: str, why: str | None) -> str:
    """What to say while there is no session."""
    return f"no answer from {server} yet" + (f" ({why})" if why else "") + "; still trying"
