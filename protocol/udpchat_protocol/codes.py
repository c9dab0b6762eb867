"""The numbers that have names: codes (SPEC.md 16), enumerations and flags (SPEC.md 3)."""

from enum import IntEnum, IntFlag, unique


@unique
class Code(IntEnum):
    """Why something ended, was refused or failed."""

    NONE = 0
    QUIT = 1
    SHUTDOWN = 2
    REPLACED = 3
    EXPIRED = 4
    PROTOCOL = 5
    VERSION = 6
    FULL = 7
    LIMIT = 8
    BUSY = 9
    SECRET = 10
    KEY = 11
    LIFETIME = 12
    MALFORMED = 13
    UNKNOWN_KIND = 14
    NOT_JOINED = 15
    NAME = 16
    NICK_TAKEN = 17
    TEXT = 18
    STORAGE = 19
    RANGE = 20
    PARTED = 21
    TRUNCATED = 22
    BEHIND = 23
    COUNTED = 24


@unique
class Resume(IntEnum):
    """`resume` of JOINED: what became of the cursor that JOIN brought."""

    NEWEST = 0
    RESUMED = 1
    NEW_LOG = 2
    TRUNCATED = 3
    ROLLED_BACK = 4


@unique
class Presence(IntEnum):
    """`presence` of a MEMBER in ROSTER."""

    ONLINE = 1
    UNREACHABLE = 2


class RetryFlag(IntFlag):
    """`flags` of RETRY."""

    CLOSED = 1


class ChatFlag(IntFlag):
    """`flags` of SAY and CHAT."""

    MORE = 1


class RosterFlag(IntFlag):
    """`flags` of ROSTER."""

    FIRST = 1
    LAST = 2
    LARGE = 4


def code_of(number: int) -> Code:
    """The code with this number; NONE for one that this version does not know."""
    return Code(number) if number in _CODES else Code.NONE


def resume_of(number: int) -> Resume:
    """What became of a cursor; NEWEST for a value that this version does not know."""
    return Resume(number) if number in _RESUMES else Resume.NEWEST


ENDS = frozenset((Code.QUIT, Code.REPLACED, Code.PROTOCOL, Code.VERSION, Code.KEY))
"""Codes of BYE after which a client does not come back by itself (UC-SESS-10)."""

_CODES = frozenset(Code)
_RESUMES = frozenset(Resume)
