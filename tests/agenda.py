"""Who wants to be called when: a heap in which a time that moves back and forth costs nothing.

agenda.set(key, 12.5)    # instead of any time that was set for this key before; None: never
agenda.next()            # the earliest time of all
agenda.due(now)          # the keys whose time has come, in the order of their times; their times are over then
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K")


class Agenda(Generic[K]):
    """Times by key."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._wanted: dict[K, float] = {}
        self._queued: dict[K, float] = {}
        """The time under which a key stands in the heap: never after the one that is wanted."""
        self._serial = count()

    def set(self, key: K, when: float | None) -> None:
        """Call `key` at `when`."""
        if when is None:
            self._wanted.pop(key, None)
            return
        self._wanted[key] = when
        queued = self._queued.get(key)
        if queued is None or when < queued:
            self._queued[key] = when
            heappush(self._heap, (when, next(self._serial), key))

    def next(self) -> float | None:
        """The earliest time; None if nobody wants to be called."""
        heap, queued = self._heap, self._queued
        while heap:
            when, _, key = heap[0]
            wanted = self._wanted.get(key)
            if queued.get(key) == when and wanted == when:
                return when
            heappop(heap)
            if queued.get(key) == when:  # nothing earlier stands there for this key
                del queued[key]
                self.set(key, wanted)
        return None

    def due(self, now: float) -> list[K]:
        """The keys that are to be called by `now`, each once."""
        found: list[K] = []
        while (when := self.next()) is not None and when <= now:
            _, _, key = heappop(self._heap)
            del self._queued[key], self._wanted[key]
            found.append(key)
        return found
