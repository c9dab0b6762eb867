"""Which of a server's sessions are silent, which are over, and when to look at each again (SPEC.md 7.1, 7.3).

It keeps the clock of silence and a look at each session: for what it expects of its peer, which changes with almost
every packet, and for its silence and its age, which are only reckoned anew when they come up: whoever is heard moves
nothing, and is looked at too early. What follows from its findings is the server's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from udpchat_protocol.codes import Code
from udpchat_protocol.constants import GRANULARITY, SESSION_LIFE

from .census import Census
from .hearing import Hearing
from .limits import Limits
from .looks import TOGETHER, Looks
from .session import Session
from .uplink import Peer

FAR = 60.0
"""Seconds to the next look at a session, at most: a session that ends before it is forgotten no later than that."""


class Vigil:
    """Watches over the live sessions of one server."""

    __slots__ = ("_census", "_hearing", "_limits", "_looks", "_standing")

    def __init__(self, limits: Limits, census: Census) -> None:
        self._limits = limits
        self._census = census
        self._hearing = Hearing(max(limits.timeout / 2, 1.5 * limits.heartbeat))
        self._looks = Looks()
        self._standing: dict[int, Peer] = {}
        """Those whose alarms wait for the clock of silence to run again."""

    @property
    def deadline(self) -> float:
        """When the next session is to be looked at."""
        return self._looks.next

    @property
    def several(self) -> bool:
        """Are there two or more sessions that are expected to be heard?"""
        return self._census.online > 1

    def due(self, peers: Mapping[int, Peer], now: float) -> Iterable[int]:
        """Which of these are to be looked at now."""
        due: list[int] = []
        for session in self._looks.due(now):
            peer = peers.get(session.id)
            if peer is None:
                continue
            if peer.alarm <= now + TOGETHER:  # it was heard since, perhaps
                self._reckon(peer, now)
            when = min(session.deadline, peer.alarm)
            if when > now:
                self._looks.put_off(session, when, now)
            else:
                due.append(session.id)
        return due

    def stirred(self, now: float) -> Iterable[int]:
        """Sessions whose alarms are to be set anew, since the clock of silence runs again."""
        if not self._standing or not self._hearing.runs(now, self.several):
            return ()
        stirred, self._standing = self._standing, {}
        for peer in stirred.values():
            peer.alarm = now
        return stirred

    def heard(self, peer: Peer, now: float, several: bool) -> None:
        """A session was heard. `several`: what it was before that."""
        peer.heard = self._hearing.heard(now, several)
        if peer.alarm > now + self._limits.timeout:  # as that of one that was silent for long
            peer.alarm = now

    def over(self, peer: Peer, now: float) -> Code | None:
        """Why a session is over by now; None: it is not."""
        if peer.session.worn(now):
            return Code.LIFETIME
        return Code.EXPIRED if self._silent_for(peer, self._expiry(peer), now) else None

    def silent(self, peer: Peer, now: float) -> bool:
        """Was it silent for `timeout`, while the server could have heard it (UC-LIVE-4)?"""
        return self._silent_for(peer, self._limits.timeout, now)

    def expects(self, session: Session, now: float) -> None:
        """Packets of a session came or left, and nothing else happened."""
        self._looks.by(session, session.deadline, now)

    def set_alarm(self, peer: Peer, now: float) -> None:
        """Look at it again when anything of it is due."""
        session = peer.session
        if peer.alarm <= now:
            self._reckon(peer, now)
        when = session.deadline
        self._looks.by(session, when if when < peer.alarm else peer.alarm, now)

    def _reckon(self, peer: Peer, now: float) -> None:
        """Its alarm came up: say when it really is due."""
        session, limits = peer.session, self._limits
        when = min(now + FAR, session.born + SESSION_LIFE)
        if not session.quiet:
            when = min(when, session.heard + limits.timeout)
        if self._hearing.runs(now, self.several):
            left = (limits.timeout if peer.reachable else self._expiry(peer)) - self._silence(peer, now)
            when = min(when, now + left if left > GRANULARITY else now)
        else:
            self._standing[session.id] = peer
        if peer.left_behind:
            when = min(when, peer.heir_until)
        if peer.resume_at is not None:
            when = min(when, peer.resume_at)
        peer.alarm = when

    def forget(self, session: int) -> None:
        """It is over."""
        self._standing.pop(session, None)

    def _silent_for(self, peer: Peer, patience: float, now: float) -> bool:
        return self._silence(peer, now) + GRANULARITY >= patience

    def _silence(self, peer: Peer, now: float) -> float:
        return self._hearing.at(now, self.several) - peer.heard

    def _expiry(self, peer: Peer) -> float:
        return self._limits.expiry if peer.rooms or peer.left_behind else self._limits.expiry_roomless
