"""The receiving side of one channel: entries in, in any order; entries out, in theirs (SPEC.md 8).

`keep` says whether an entry counts as kept, which decides whether its packet may be SEEN. `take` hands entries on
in order. `done` moves the place that ACK tells: it may follow `take` much later, and in any order.
"""

from __future__ import annotations

from typing import NamedTuple

from udpchat_protocol.constants import WINDOW

_LAST_OFFSET = 2**64 - 2
"""The last that an entry can have: the one after it must fit ACK and a saved place."""


class Taken(NamedTuple):
    """One entry, in its turn."""

    offset: int
    kind: int
    body: bytes


class Reassembly:
    """Bytes that may wait out of order, shared by all channels of one side (UC-REPAIR-12)."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = size


class Inbox:
    """One channel as its reader sees it."""

    __slots__ = ("_ahead", "_budget", "_done", "_ready", "acked", "channel", "next", "told", "window")

    def __init__(self, channel: int, start: int, budget: Reassembly, window: int = WINDOW) -> None:
        self.channel = channel
        self.next = start
        """The first offset that has not come in order."""
        self.acked = start
        """All below are done with: what ACK says."""
        self.told = start
        """The last `acked` that the peer surely knows."""
        self.window = window
        self._budget = budget
        self._ahead: dict[int, Taken] | None = None
        self._ready: tuple[Taken, ...] = ()
        self._done: set[int] | None = None

    def keep(self, offset: int, kind: int, body: bytes) -> bool:
        """Take in an entry; False if it cannot be kept (UC-LOG-3)."""
        if offset < self.next:
            return True
        if offset >= self.acked + self.window or offset > _LAST_OFFSET:
            return False
        if offset > self.next:
            return self._keep_ahead(Taken(offset, kind, body))
        self._ready += (Taken(offset, kind, body),)
        self.next += 1
        if self._ahead is not None:
            self._pull()
        return True

    def take(self) -> Taken | None:
        """The next entry in order, once; None if it has not come."""
        if not self._ready:
            return None
        entry, self._ready = self._ready[0], self._ready[1:]
        return entry

    def peek(self) -> Taken | None:
        """What `take` would return."""
        return self._ready[0] if self._ready else None

    def started(self, offset: int) -> bool:
        """Was the entry taken, and is it not done with?"""
        waiting = self._ready[0].offset if self._ready else self.next
        return self.acked <= offset < waiting and not (self._done and offset in self._done)

    def reached(self, first: int) -> bool:
        """Was everything below `first` taken?"""
        return first <= (self._ready[0].offset if self._ready else self.next)

    def done(self, offset: int) -> int:
        """The entry at `offset` is done with; how far that moves the ACK."""
        if offset != self.acked:
            self._done = self._done or set()
            self._done.add(offset)
            return 0
        self.acked += 1
        while self._done is not None and self.acked in self._done:
            self._done.discard(self.acked)
            self.acked += 1
        return self.acked - offset

    def skip(self, first: int) -> None:
        """Go on at `first`: what lies before will not come (SKIP)."""
        if first > self.next:
            self.next = first
            self._pull()
        self._ready = tuple([entry for entry in self._ready if entry.offset >= first])
        if first > self.acked:
            self._done = {n for n in self._done if n > first} if self._done else None
            self.acked = first

    def close(self) -> None:
        """Give the bytes that wait back to the budget; nothing is kept any more."""
        for entry in (self._ahead or {}).values():
            self._budget.left += len(entry.body)
        self._ahead = None
        self._ready = ()

    def _keep_ahead(self, entry: Taken) -> bool:
        ahead = self._ahead = self._ahead if self._ahead is not None else {}
        if entry.offset in ahead:
            return True
        if self._budget.left < len(entry.body):
            return False
        self._budget.left -= len(entry.body)
        ahead[entry.offset] = entry
        return True

    def _pull(self) -> None:
        ahead = self._ahead or {}
        while self.next in ahead:
            entry = ahead.pop(self.next)
            self._budget.left += len(entry.body)
            self._ready += (entry,)
            self.next += 1
        for offset in [n for n in ahead if n < self.next]:
            self._budget.left += len(ahead.pop(offset).body)
        self._ahead = ahead or None
