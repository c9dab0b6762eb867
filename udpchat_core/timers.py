"""One alarm a key, over a heap: setting an alarm later costs nothing until the old one comes up."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf


class Timers:
    """Alarms of integer keys, in the caller's seconds."""

    __slots__ = ("_heap", "_when", "next")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._when: dict[int, float] = {}
        self.next = inf
        """The earliest alarm, or inf."""

    def set(self, key: int, when: float) -> None:
        """Set or move the alarm of `key`; inf takes it away."""
        before = self._when.get(key, inf)
        if when < inf:
            self._when[key] = when
        else:
            self._when.pop(key, None)
        if when < before:
            heappush(self._heap, (when, key))
        if when < self.next:
            self.next = when
        elif before == self.next:
            self._advance()

    def due(self, now: float) -> list[int]:
        """The keys whose alarm is at or before `now`; their alarms are gone."""
        keys: list[int] = []
        while self.next <= now:
            _, key = heappop(self._heap)
            del self._when[key]
            keys.append(key)
            self._advance()
        return keys

    def _advance(self) -> None:
        """Find the next alarm: the first of the heap was taken out, moved, or taken away."""
        heap, alarms = self._heap, self._when
        while heap:
            when, key = heap[0]
            wanted = alarms.get(key, inf)
            if wanted == when:
                self.next = when
                return
            heappop(heap)
            if when < wanted < inf:
                heappush(heap, (wanted, key))
        self.next = inf
