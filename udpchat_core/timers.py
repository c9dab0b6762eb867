"""One alarm a key, over a heap: setting an alarm later costs nothing until the old one comes up.

Of each key the heap has the times at which it has to be looked at, of which the earliest is never after its alarm. A
time that comes up before the alarm is put off, unless another one of the key still comes. So an alarm that is set
earlier for once, and late again after that, leaves nothing behind.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf


class Timers:
    """Alarms of integer keys, in the caller's seconds."""

    __slots__ = ("_heap", "_looks", "_when")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._looks: dict[int, tuple[float, ...]] = {}
        """What the heap has of each key, the earliest first."""
        self._when: dict[int, float] = {}

    def set(self, key: int, when: float) -> None:
        """Set or move the alarm of `key`; inf takes it away."""
        if when == inf:
            self._when.pop(key, None)
            return
        self._when[key] = when
        looks = self._looks.get(key)
        if looks is None:
            self._looks[key] = (when,)
        elif when < looks[0]:
            self._looks[key] = (when, *looks)
        else:
            return
        heappush(self._heap, (when, key))

    @property
    def next(self) -> float:
        """The earliest alarm, or inf."""
        heap, alarms = self._heap, self._when
        while heap:
            when, key = heap[0]
            wanted = alarms.get(key, inf)
            if wanted == when:
                return when
            self._pop()
            self.set(key, wanted)
        return inf

    def due(self, now: float) -> list[int]:
        """The keys whose alarm is at or before `now`; their alarms are gone."""
        keys: list[int] = []
        while self.next <= now:
            key = self._pop()
            del self._when[key]
            keys.append(key)
        return keys

    def _pop(self) -> int:
        _, key = heappop(self._heap)
        left = self._looks[key][1:]
        if left:
            self._looks[key] = left
        else:
            del self._looks[key]
        return key
