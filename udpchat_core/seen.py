"""What SEEN will say: the eliciting packets that came and whose entries were all kept (UC-LOG-4, UC-LOG-5)."""

from __future__ import annotations

from math import inf

from udpchat_protocol.constants import MINIMUM_WINDOW, SEEN_BYTES, SEEN_BYTES_MORE
from udpchat_protocol.frames import Seen
from udpchat_protocol.limits import MAX_DATAGRAM

_BITS = (1 << 64) - 1
_LONGEST = 0xFFFF  # milliseconds that a SEEN can tell it was held back


class SeenList:
    """Collects packet numbers; `frame` tells the newest 65 of them."""

    __slots__ = ("_bitmap", "_bytes", "_came", "_enough", "_largest", "_missed", "_waiting", "delay", "due", "every")

    def __init__(self, every: int, delay: float) -> None:
        """`every`: packets after which SEEN is due at once; `delay`: seconds after which it is due anyway."""
        self.every = every
        self.delay = delay
        self.due = inf
        """When SEEN must leave, in the caller's seconds."""
        self._largest = -1
        self._bitmap = 0
        self._came = 0.0
        self._waiting = self._bytes = 0
        self._enough = SEEN_BYTES
        """Bytes at which it is due at once."""
        self._missed = False
        """Was a packet ever missing, or late?"""

    def note(self, number: int, size: int, now: float, *, beats: bool = False, missed: bool = False) -> None:
        """An eliciting packet of `size` bytes came and all of it was kept.

        `beats`: it has a HEARTBEAT. `missed`: one before it is missing, or it is one that was.
        """
        ahead = number - self._largest
        if missed:
            self._missed = True
            self._enough = MINIMUM_WINDOW
        if ahead > 0:
            self._bitmap = ((self._bitmap << 1 | (self._largest >= 0)) << (ahead - 1)) & _BITS if ahead <= 65 else 0
            self._largest = number
            self._came = now
        else:
            self._bitmap |= (1 << (-ahead - 1)) & _BITS
        self._waiting += 1
        self._bytes += size
        if beats or missed or self._waiting >= self.every or self._bytes >= self._enough:
            self.due = now
        elif now + self.delay < self.due:
            self.due = now + self.delay

    @property
    def waiting(self) -> bool:
        """Is there a packet that no SEEN listed yet?"""
        return self._waiting > 0

    @property
    def any(self) -> bool:
        """Was there ever a packet to list?"""
        return self._largest >= 0

    def frame(self, now: float) -> bytes:
        """The SEEN frame that would be sent now."""
        delay = int((now - self._came) * 1000)
        if not 0 <= delay <= _LONGEST:
            delay = _LONGEST if delay > 0 else 0
        return Seen.pack_frame(self._largest, delay, self._bitmap)

    def sent(self) -> None:
        """The frame left: nothing waits any more."""
        if self._bytes >= self._enough:
            self._enough = min(self._enough + (MAX_DATAGRAM if self._missed else self._enough), SEEN_BYTES_MORE)
        self._waiting = self._bytes = 0
        self.due = inf
