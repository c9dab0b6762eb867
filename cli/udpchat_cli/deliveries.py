"""What became of the messages that were said in this run: a tally, fed with ids and events.

A message is done when the server has it and it was read back in its place, or when it was refused. One
that an earlier session had acknowledged is done, too, when the room's log is found to have begun anew: it
went with the old one.
"""

from __future__ import annotations

from collections.abc import Sequence

from udpchat_core.events import ClientEvent, Command, CommandFailed, Connected, JoinedRoom, PartedRoom, Sent, Skipped
from udpchat_core.state import Message
from udpchat_protocol.codes import Resume


class Deliveries:
    """The messages of one room."""

    def __init__(self) -> None:
        self.refused = 0
        """Messages that the server refused for good."""
        self.unread = 0
        """Messages that the server had, but that cannot be read back."""
        self._open: set[int] = set()
        self._earlier: set[int] = set()
        self._connected = False

    def said(self, message: int) -> None:
        """A message with this id was said."""
        self._open.add(message)

    def on_event(self, event: ClientEvent, outbox: Sequence[Message]) -> None:
        """Take an event; `outbox` holds the messages that are not acknowledged."""
        match event:
            case Sent():
                self._open.discard(event.id)
            case CommandFailed(command=Command.SAY, id=message) if message is not None:
                self.refused += 1
                self._open.discard(message)
            case Connected():
                # By the time that this event is taken, the first session may well have acknowledged something itself.
                self._earlier = self._acknowledged(outbox) if self._connected else set()
                self._connected = True
            case JoinedRoom(resume=resume) if resume is not Resume.RESUMED:
                self._forget(self._earlier)
            case Skipped() | PartedRoom():
                self._forget(self._acknowledged(outbox))
            case _:
                pass

    @property
    def settled(self) -> bool:
        """Is every message done?"""
        return not self._open

    def _acknowledged(self, outbox: Sequence[Message]) -> set[int]:
        return self._open.difference(message.id for message in outbox)

    def _forget(self, gone: set[int]) -> None:
        self.unread += len(gone & self._open)
        self._open -= gone
