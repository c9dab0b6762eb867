"""Riders of a train who are sent its cars together, in columns: one that nothing happens to is not looked at when
something new leaves (SPEC.md 6 and 9).

In:   `seat` and `rise` for who comes and goes, `skip` for a packet between two cars
Out:  `behind` tells who may not be sent something, `depart` a batch for all others

The headers of all are one number, in which each has 128 bits: that all packet numbers grow is one addition.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any

from udpchat_protocol.limits import HEADER

from .batch import Batch
from .path import Path

if TYPE_CHECKING:
    from .train import Rider

SEATS = 128
"""Riders of a coach, as many as a transport sends to in one step."""

_NUMBER_AT = 64
"""Where the packet number is in a header, in bits from its end."""


class Coach:
    """Up to SEATS riders of one server."""

    __slots__ = (
        "_column",
        "_headers",
        "_most_bytes",
        "_most_cars",
        "_most_entries",
        "_paths",
        "_stale",
        "restless",
        "riders",
    )

    def __init__(self, *, restless: bool = False) -> None:
        """`restless`: for those who get off and on again."""
        self.restless = restless
        self.riders: list[Rider] = []
        self._stale = True
        """Are the columns of others than these riders?"""
        self._headers = 0
        self._paths: tuple[Path, ...] = ()
        self._column: Any = None
        self._most_bytes = self._most_entries = self._most_cars = inf
        """The least of what each of them may be sent, or less."""

    @property
    def full(self) -> bool:
        """Is there no room for another?"""
        return len(self.riders) >= SEATS

    def seat(self, rider: Rider) -> None:
        """Take one on."""
        rider.coach, rider.place = self, len(self.riders)
        self.riders.append(rider)
        self._stale = True
        self._limit([rider])

    def rise(self, rider: Rider) -> None:
        """Let one go; the last takes the seat."""
        last = self.riders.pop()
        if last is not rider:
            self.riders[rider.place] = last
            last.place = rider.place
        self._stale = True

    def skip(self, rider: Rider) -> None:
        """The packet number that was next for this one is taken."""
        self._headers += 1 << 8 * HEADER * (len(self.riders) - 1 - rider.place) + _NUMBER_AT
        self._most_cars -= 1

    def behind(self, total: int, end: int, cars: int) -> list[Rider]:
        """Who may not be sent cars up to a sum of bytes, an offset and a car."""
        if total <= self._most_bytes and end <= self._most_entries and cars <= self._most_cars:
            return []
        behind: list[Rider] = []
        along: list[Rider] = []
        for rider in self.riders:
            late = total > rider.most_bytes or end > rider.most_entries or cars > rider.most_cars
            (behind if late else along).append(rider)
        self._most_bytes = self._most_entries = self._most_cars = inf
        self._limit(along)
        return behind

    def _limit(self, riders: list[Rider]) -> None:
        for rider in riders:
            self._most_bytes = min(self._most_bytes, rider.most_bytes)
            self._most_entries = min(self._most_entries, rider.most_entries)
            self._most_cars = min(self._most_cars, rider.most_cars)

    def depart(self, car: int, datas: list[bytes]) -> Batch:
        """The frames of the cars from `car` on, for all."""
        riders = self.riders
        aead, count = riders[0].seal.aead, len(riders)
        if self._stale:
            self._stale = False
            self._paths = tuple([rider.path for rider in riders])
            self._column = aead.column([rider.seal.cipher for rider in riders])
            headers = b"".join([rider.seal.header(car + rider.ahead) for rider in riders])
            self._headers = int.from_bytes(headers, "big")
        headers, step = self._headers, _one_for_each(count)
        each: list[bytes] = []
        for _ in datas:
            each.append(headers.to_bytes(HEADER * count, "big"))
            headers += step
        self._headers = headers
        return Batch(self._paths, aead, self._column, each, datas)


@lru_cache(SEATS)
def _one_for_each(count: int) -> int:
    """What adds one to the packet numbers of so many headers."""
    return int.from_bytes((1 << _NUMBER_AT).to_bytes(HEADER, "big") * count, "big")
