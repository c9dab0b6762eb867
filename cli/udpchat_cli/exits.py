"""How the commands end: one table for --help, for docs/cli.md and for the code."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Exit(IntEnum):
    """The status of a command's process."""

    def __new__(cls, value: int, meaning: str) -> Self:
        """A member with its `meaning`."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    meaning: str
    """For people."""

    OK = 0, "done; in a pipe: every message was acknowledged and read back"
    USAGE = 2, "the command line cannot be understood"
    UNTRUSTED = 3, "the server's key is unknown, or not the one that was trusted before"
    REFUSED = 4, "the server refuses: a wrong secret, no common version, or forged answers"
    NO_ANSWER = 5, "no session within --wait"
    IN_USE = 6, "another process is using the identity"
    STATE = 7, "the state directory, or a file in it, cannot be used"
    ADDRESS = 8, "cannot listen at the address"
    ENDED = 9, "the server ended the session for good"
    UNDELIVERED = 10, "the server refused the room or some of the messages"
    MISSING = 11, "a part of udpchat is not installed"
    INTERRUPTED = 130, "interrupted before all messages were acknowledged"


class CommandError(Exception):
    """Ends a command with a status and a message for people."""

    def __init__(self, exit: Exit, message: str) -> None:  # noqa: A002 - it is what it is called
        super().__init__(message)
        self.exit = exit


def table() -> str:
    """All of them, as text."""
    return "\n".join(f"  {status.value:3}  {status.meaning}" for status in Exit)
