"""When a side sends HEARTBEAT (UC-LIVE-1, UC-LOG-8): a clock that is wound by everything that is sent."""

from __future__ import annotations

from math import inf

from udpchat_protocol.constants import BEAT_REPEAT

REPEATS = 16
"""How often a heartbeat would be repeated in a whole `timeout`, at least."""


class Pulse:
    """The heartbeats of one side of one session."""

    __slots__ = ("due", "on", "size", "unseen")

    def __init__(self, first: float) -> None:
        """`first`: when the first one is due, in the caller's seconds; inf: this side has no pulse of its own."""
        self.on = first < inf
        """Does this side send heartbeats of its own accord?"""
        self.due = first
        """When the next one is due."""
        self.unseen: int | None = None
        """The number of the packet with the oldest one that was not SEEN."""
        self.size = 0
        """Bytes that a packet with one is to have at least (UC-PATH-10)."""

    def now(self, now: float, size: int = 0) -> None:
        """One is due at once, in a packet of at least `size` bytes until one is SEEN."""
        self.due = now
        self.on = True
        self.size = size

    def sent(self, number: int, now: float, *, beat: bool, gap: float, pto: float, timeout: float, deaf: bool) -> None:
        """A packet leaves on a side that is `on`, with a HEARTBEAT or without.

        `gap`, `timeout`: of TERMS. `deaf`: nothing was heard for `timeout`.
        """
        if beat and self.unseen is None:
            self.unseen = number
        again = min(max(pto, BEAT_REPEAT), timeout / REPEATS, gap)
        self.due = now + (gap if self.unseen is None or deaf else again)

    def seen(self, largest: int, spoke: float, gap: float) -> None:
        """Packets up to `largest` were SEEN; the last packet was sent at `spoke`."""
        if self.unseen is not None and largest >= self.unseen:
            self.unseen = None
            self.size = 0
            self.due = spoke + gap
