"""How often something may happen (SPEC.md 14). Time comes in; nothing is ever awaited here."""

from __future__ import annotations

from math import inf

_ONE = 0.999
"""What counts as one: after `wait(now)` seconds one may happen, whatever floats lost on the way. It evens out."""


class Bucket:
    """`burst` at once, then `rate` a second."""

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._level = burst
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until one more may happen; 0.0: now."""
        self._refill(now)
        return 0.0 if self._level >= _ONE else (1 - self._level) / self.rate

    def take(self, now: float) -> bool:
        """Let one happen, if it may."""
        self._refill(now)
        if self._level < _ONE:
            return False
        self._level -= 1
        return True

    def _refill(self, now: float) -> None:
        if now > self._at:
            level = self._level + (now - self._at) * self.rate
            self._level = level if level < self.burst else self.burst
            self._at = now


class FairShare:
    """So many in each second, shared among names that nobody has to be told of before.

    A name is granted one more while twice what it took in this second is at most what is left (the dynamic threshold
    of Choudhury and Hahne): alone it gets a third, a second one a third of the rest, and whoever took nothing is
    granted while anything is left. No share lies idle for names that may never come, and no name is ever looked for.
    """

    __slots__ = ("_left", "_taken", "_until", "rate")

    def __init__(self, rate: float) -> None:
        """`rate`: how many in a second; 1 at least."""
        self.rate = rate
        self._left = rate
        self._until = -inf
        self._taken: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Names that were granted something in this second: never more than `rate`."""
        return len(self._taken)

    def take(self, name: bytes, now: float) -> bool:
        """Let one happen for `name`, if it may."""
        if now >= self._until:
            self._until = now + 1.0
            self._left = self.rate
            self._taken = {}
        taken = self._taken.get(name, 0)
        if self._left < max(1, 2 * taken):
            return False
        self._left -= 1
        self._taken[name] = taken + 1
        return True
