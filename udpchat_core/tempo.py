"""What TERMS asks of the clients of one server, and when it asks something else (UC-SESS-2, UC-LOG-13).

A server that sends much to many would spend half its time on their SEENs. So it asks those for fewer who read a log
that grows again and again, but not who lose packets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from udpchat_protocol.entries import Terms

from .limits import Limits
from .session import Session
from .sides import Pace

BUSY = 2_000.0
"""Packets a second from which on a server is busy: a few hundredths of what one core can send."""

PERIOD = 1.0
"""Seconds over which they are counted, at least."""

LOUD = 8.0
"""Times a second that a log grows from which on a later SEEN tells of more packets."""

LULL = 60.0
"""Seconds without that after which nobody is asked for later ones any more: people pause, and TERMS costs a packet."""

THIN_EVERY, THIN_DELAY = 32, 0.5
"""`seen_every` and `seen_delay` for readers of such logs, at least: the most there can be."""


class Tempo:
    """How busy one server is, and the timers that it asks for."""

    __slots__ = ("_count", "_grew", "_loud", "_since", "_thin", "calm")

    def __init__(self, limits: Limits) -> None:
        self.calm = Pace(
            heartbeat=limits.heartbeat,
            timeout=limits.timeout,
            expiry=limits.expiry,
            seen_every=limits.seen_every,
            seen_delay=limits.seen_delay,
        )
        """What is asked for at first."""
        self._thin = replace(
            self.calm,
            seen_every=max(limits.seen_every, THIN_EVERY),
            seen_delay=max(limits.seen_delay, THIN_DELAY),
        )
        self._loud: dict[int, float] = {}
        """Channels of logs that grew again and again while the server was busy, and until when that counts."""
        self._count = 0
        self._grew: dict[int, int] = {}
        """How often each did."""
        self._since = 0.0

    def pushed(self, count: int, channels: Iterable[int], now: float) -> None:
        """So many packets leave, with what is new in the logs of these channels."""
        self._count += count
        for channel in channels:
            self._grew[channel] = self._grew.get(channel, 0) + 1
        spent = now - self._since
        if spent < PERIOD:
            return
        self._loud = {channel: until for channel, until in self._loud.items() if until > now}
        if self._count > BUSY * spent:
            self._loud |= {channel: now + LULL for channel, times in self._grew.items() if times > LOUD * spent}
        self._count = 0
        self._grew = {}
        self._since = now

    def wanted(self, session: Session) -> Pace:
        """What this session should be told."""
        loud = self._loud and not self._loud.keys().isdisjoint(session.feeds.cursors)
        return self._thin if loud and not session.recovery.lossy else self.calm

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
        session.feeds.private.append(Terms.KIND, terms.build())
        session.pace = pace
        session.recovery.max_delay = pace.seen_delay
