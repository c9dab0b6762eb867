"""When to look at each of very many things again, at the latest: in bunches of GRANULARITY (SPEC.md 15).

Unlike an alarm (`timers`) a look may come too early, and is put off then by whoever looks. So to ask for a later look
costs nothing, which is what almost every packet does, and a look is an entry in a list, not in a heap of thousands.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from udpchat_protocol.constants import GRANULARITY


class Looks:
    """One look a key, in the caller's seconds."""

    __slots__ = ("_bunches", "_earliest", "_mine", "_order")

    def __init__(self) -> None:
        self._mine: dict[int, int] = {}
        """The number of the bunch that each key is in."""
        self._bunches: dict[int, list[int]] = {}
        """The keys of each bunch, and some that have left it for an earlier one."""
        self._earliest: dict[int, float] = {}
        """When each bunch comes up."""
        self._order: list[int] = []
        """The numbers of the bunches, as a heap."""

    def by(self, key: int, when: float) -> None:
        """Look at `key` at that time, or earlier."""
        number = int(when / GRANULARITY)
        if self._mine.get(key, number + 1) < number:
            return
        if number not in self._bunches:
            self._bunches[number] = []
            self._earliest[number] = inf
            heappush(self._order, number)
        if self._mine.get(key) != number:
            self._mine[key] = number
            self._bunches[number].append(key)
        if when < self._earliest[number]:  # noqa: PLR1730 - a call takes four times as long
            self._earliest[number] = when

    def forget(self, key: int) -> None:
        """There is nothing to look at any more."""
        self._mine.pop(key, None)

    @property
    def next(self) -> float:
        """When the next look is due, or inf."""
        return self._earliest[self._order[0]] if self._order else inf

    def due(self, now: float) -> list[int]:
        """The keys to be looked at by `now`; each that should be looked at later is to be given to `put_off`."""
        keys: list[int] = []
        while self.next <= now:
            number = heappop(self._order)
            del self._earliest[number]
            for key in self._bunches.pop(number):
                if self._mine.get(key) == number:
                    del self._mine[key]
                    keys.append(key)
        return keys

    def put_off(self, key: int, when: float, now: float) -> None:
        """It was too early to look at `key` at `now`: at that time, or a millisecond later at most."""
        self.by(key, max(when, (int(now / GRANULARITY) + 1) * GRANULARITY))
