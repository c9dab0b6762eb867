"""Counters of what was dropped, by reason (SPEC.md 4). Noise is counted, never raised."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Drop(Enum):
    """Why a datagram was dropped: the last column of SPEC.md 4."""

    SIZE = "size"
    TYPE = "type"
    DIRECTION = "direction"
    MALFORMED = "malformed"
    SESSION = "session"
    REPLAY = "replay"
    TAG = "tag"
    STATE = "state"
    TOKEN = "token"  # noqa: S105 - a reason, not a secret
    REFUSED = "refused"


class Counters:
    """Datagrams in, out and dropped."""

    __slots__ = ("_dropped", "received", "sent")

    def __init__(self) -> None:
        self.received = 0
        self.sent = 0
        self._dropped = dict.fromkeys(Drop, 0)

    def drop(self, reason: Drop) -> None:
        """Count a dropped datagram."""
        self._dropped[reason] += 1

    @property
    def dropped(self) -> Mapping[str, int]:
        """Datagrams dropped, by the reasons of SPEC.md 4."""
        return {reason.value: count for reason, count in self._dropped.items()}
