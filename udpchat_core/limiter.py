"""Token buckets: how often something may happen (SPEC.md 14). Time comes in; nothing is ever awaited here."""

from __future__ import annotations

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
            self._level = min(self.burst, self._level + (now - self._at) * self.rate)
            self._at = now
