"""The one model of a bad network: seeded, sans-IO, the same in tests, in the demo and in `udpchat relay`.

A `Link` is one direction of a path. Datagrams go in with `send(now, data, path)`; `next_delivery()` says when
something comes out, `deliver(now)` gives it. `conditions` may be exchanged at any time: what is under way stays
under way. One seed and the same calls give the same deliveries.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

Path = Hashable


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a network does to datagrams. Probabilities are 0 to 1, times seconds, sizes bytes."""

    loss: float = 0.0
    delay: tuple[float, float] = (0.0, 0.0)
    """One way, drawn evenly between the two for each datagram."""
    tail: float = 0.0
    """Mean of what comes on top of `delay`, drawn exponentially: most datagrams a little, a few a lot."""
    duplicate: float = 0.0
    """Probability that a second copy comes, with a delay of its own."""
    reorder: float = 0.0
    """Probability that a datagram may overtake those before it; the others keep their order."""
    corrupt: float = 0.0
    """Probability that one bit is flipped."""
    truncate: float = 0.0
    """Probability that the end is cut off."""
    rate: float | None = None
    """Bytes a second that the link carries; None: any."""
    queue: int = 64 * 1024
    """Bytes that wait before a link with a `rate`; what comes on top is lost."""
    blackouts: tuple[tuple[float, float], ...] = ()
    """(begin, end): nothing that is sent in between arrives."""
    mtu: int | None = None
    """Datagrams of more bytes do not arrive; None: all fit."""
    clogged: bool = False
    """Does what is sent stay in the link, `queue` bytes at most, until `unclog`?"""

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder", "corrupt", "truncate"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a probability from 0 to 1, not {getattr(self, name)}")
        if not 0 <= self.delay[0] <= self.delay[1]:
            raise ValueError(f"delay goes from a smaller to a greater number of seconds, not {self.delay}")
        if self.tail < 0:
            raise ValueError(f"tail is a number of seconds, not {self.tail}")
        if self.rate is not None and self.rate <= 0:
            raise ValueError(f"rate is a number of bytes a second above 0, not {self.rate}")


class Link:
    """One direction of a path, with a memory of what is under way."""

    __slots__ = (
        "_busy_until",
        "_clogged",
        "_count",
        "_last",
        "_random",
        "_under_way",
        "conditions",
        "delivered",
        "lost",
        "octets",
        "sent",
    )

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self.conditions = conditions
        self.sent = 0
        """Datagrams that went in."""
        self.octets = 0
        """Their bytes, without headers of IP and UDP."""
        self.lost = 0
        """Of them, those that will not come out."""
        self.delivered = 0
        """Datagrams that came out, duplicates included."""
        self._random = Random(seed)  # noqa: S311 - weather, not secrets
        self._under_way: list[tuple[float, int, bytes, Path]] = []
        self._clogged: list[tuple[bytes, Path]] = []
        self._count = 0
        self._last = 0.0
        self._busy_until = 0.0

    def send(self, now: float, data: bytes, path: Path) -> None:
        """A datagram enters the link."""
        self.sent += 1
        self.octets += len(data)
        conditions, random = self.conditions, self._random
        blacked_out = any(begin <= now < end for begin, end in conditions.blackouts)
        departs = self._departure(now, len(data))
        fits = conditions.mtu is None or len(data) <= conditions.mtu
        if blacked_out or departs is None or random.random() < conditions.loss or not fits:
            self.lost += 1
            return
        copies = 2 if random.random() < conditions.duplicate else 1
        for _ in range(copies):
            if conditions.clogged:
                self._stow(self._damaged(data), path)
            else:
                self._carry(departs, self._damaged(data), path)

    def unclog(self, now: float) -> None:
        """Let go of what the link kept while it was clogged, each datagram with a delay of its own, in any order."""
        clogged, self._clogged = self._clogged, []
        self._random.shuffle(clogged)
        for data, path in clogged:
            self._carry(now, data, path)

    def next_delivery(self) -> float | None:
        """When the next datagram comes out; None while nothing is under way."""
        return self._under_way[0][0] if self._under_way else None

    def deliver(self, now: float) -> list[tuple[bytes, Path]]:
        """The datagrams that come out by `now`, in their order."""
        out: list[tuple[bytes, Path]] = []
        while self._under_way and self._under_way[0][0] <= now:
            _, _, data, path = heappop(self._under_way)
            out.append((data, path))
        self.delivered += len(out)
        return out

    def _departure(self, now: float, size: int) -> float | None:
        """When the last byte has left a link with a rate; None if its queue is full."""
        rate = self.conditions.rate
        if rate is None:
            return now
        waiting = max(self._busy_until - now, 0.0)
        if waiting * rate > self.conditions.queue:
            return None
        self._busy_until = now + waiting + size / rate
        return self._busy_until

    def _stow(self, data: bytes, path: Path) -> None:
        if sum(len(each) for each, _ in self._clogged) + len(data) > self.conditions.queue:
            self.lost += 1
        else:
            self._clogged.append((data, path))

    def _carry(self, departs: float, data: bytes, path: Path) -> None:
        arrives = departs + self._random.uniform(*self.conditions.delay)
        if self.conditions.tail:
            arrives += self._random.expovariate(1 / self.conditions.tail)
        if self._random.random() >= self.conditions.reorder:
            arrives = self._last = max(arrives, self._last)
        self._count += 1
        heappush(self._under_way, (arrives, self._count, data, path))

    def _damaged(self, data: bytes) -> bytes:
        conditions, random = self.conditions, self._random
        if data and random.random() < conditions.corrupt:
            at = random.randrange(len(data))
            data = data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]
        if data and random.random() < conditions.truncate:
            data = data[: random.randrange(len(data))]
        return data
