"""When to look at each of very many sessions again, at the latest: in bunches of GRANULARITY (SPEC.md 15).

Unlike an alarm (`timers`) a look may come too early, and is put off then by whoever looks. So to ask for a later look
costs nothing, which is what almost every packet does, and a look is an entry in a list, not in a heap of thousands.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from udpchat_protocol.constants import GRANULARITY

from .session import Session

FAR_OFF, TOGETHER = 1.0, 0.25
"""Seconds to a look from which on it is taken together with all in so many seconds."""


class Looks:
    """One look a session, which knows when: `Session.look`, in the caller's seconds."""

    __slots__ = ("_bunches", "_earliest", "_order", "next")

    def __init__(self) -> None:
        self._bunches: dict[int, list[Session]] = {}
        """The sessions of each bunch, and some that have left it for an earlier one."""
        self._earliest: dict[int, float] = {}
        """When each bunch comes up."""
        self._order: list[int] = []
        """The numbers of the bunches, as a heap."""
        self.next = inf
        """When the next look is due."""

    def by(self, session: Session, when: float, now: float) -> None:
        """Look at `session` at that time, or earlier.

        What is far off is looked at a little before, together with others: by then most are to be put off again.
        """
        if session.look <= when:  # as it is if there is nothing to look at: then both are inf
            return
        if now + FAR_OFF < when < inf:
            when -= when % TOGETHER
        session.look = when
        if when < self.next:
            self.next = when
        number = int(when / GRANULARITY)
        bunch = self._bunches.get(number)
        if bunch is None:
            self._bunches[number] = [session]
            self._earliest[number] = when
            heappush(self._order, number)
            return
        bunch.append(session)
        if when < self._earliest[number]:
            self._earliest[number] = when

    def due(self, now: float) -> list[Session]:
        """The sessions to be looked at by `now`; each that should be looked at later is to be given to `put_off`."""
        due: list[Session] = []
        while self.next <= now:
            number = heappop(self._order)
            del self._earliest[number]
            for session in self._bunches.pop(number):
                if session.look < inf and int(session.look / GRANULARITY) == number:
                    session.look = inf
                    due.append(session)
            self.next = self._earliest[self._order[0]] if self._order else inf
        return due

    def put_off(self, session: Session, when: float, now: float) -> None:
        """It was too early to look at it at `now`: at that time, or GRANULARITY later at most."""
        self.by(session, max(when, (int(now / GRANULARITY) + 1) * GRANULARITY), now)
