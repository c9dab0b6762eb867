"""What TERMS asks of the clients of one server, and when it asks something else (UC-SESS-2, UC-LOG-13).

A server that sends much to many would spend half its time on their SEENs. So it asks for fewer while it does, but
not of those who lose packets.
"""

from __future__ import annotations

from dataclasses import replace

from udpchat_protocol.entries import Terms

from .limits import Limits
from .session import Pace, Session

BUSY = 2_000.0
"""Packets a second from which on a server is busy: a few hundredths of what one core can send."""

CALM = 500.0
"""Packets a second below which it is so no longer."""

PERIOD = 1.0
"""Seconds over which they are counted."""

THIN_EVERY, THIN_DELAY = 32, 0.25
"""`seen_every` and `seen_delay` of a busy server, at least: the most there can be."""


class Tempo:
    """How busy one server is, and the timers that it asks for."""

    __slots__ = ("_busy", "_count", "_since", "calm", "pace")

    def __init__(self, limits: Limits) -> None:
        self.calm = Pace(
            heartbeat=limits.heartbeat,
            timeout=limits.timeout,
            expiry=limits.expiry,
            seen_every=limits.seen_every,
            seen_delay=limits.seen_delay,
        )
        """What is asked for as long as it is not busy."""
        self._busy = replace(
            self.calm,
            seen_every=max(limits.seen_every, THIN_EVERY),
            seen_delay=max(limits.seen_delay, THIN_DELAY),
        )
        self._count = 0
        self._since = 0.0
        self.pace = self.calm
        """What most sessions should be told by now."""

    def pushed(self, count: int, now: float) -> None:
        """So many packets with what is new in some log leave."""
        self._count += count
        spent = now - self._since
        if spent < PERIOD:
            return
        if self._count > BUSY * spent:
            self.pace = self._busy
        elif self._count < CALM * spent:
            self.pace = self.calm
        self._count = 0
        self._since = now

    def wanted(self, session: Session) -> Pace:
        """What this session should be told."""
        return self.calm if session.recovery.lossy else self.pace

    def tell(self, session: Session, reset: bytes, pace: Pace) -> None:
        """TERMS: `reset` is the session's token."""
        terms = Terms(
            reset=reset,
            heartbeat=round(pace.heartbeat * 1000),
            timeout=round(pace.timeout * 1000),
            expiry=round(pace.expiry * 1000),
            seen_every=pace.seen_every,
            seen_delay=round(pace.seen_delay * 1000),
        )
        session.private.append(Terms.KIND, terms.build())
        session.pace = pace
        session.recovery.max_delay = pace.seen_delay
