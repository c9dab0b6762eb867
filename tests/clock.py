"""A host's clock on the virtual network: it was set to something, and runs a little fast or slow.

clock.local(t)     # what it shows at the time t of the network
clock.at(when)     # the first time of the network at which it shows `when` or more
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter


@dataclass(frozen=True, slots=True)
class Clock:
    """It shows `offset` + `rate` × the network's time."""

    offset: float = 0.0
    rate: float = 1.0

    def local(self, t: float) -> float:
        return self.offset + self.rate * t

    def at(self, when: float) -> float:
        t = (when - self.offset) / self.rate
        while self.local(t) < when:
            t = nextafter(t, inf)
        return t
