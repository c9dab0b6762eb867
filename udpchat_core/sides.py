"""What all sessions of one end have in common, and the timers that a server gives to each."""

from __future__ import annotations

from dataclasses import dataclass, field

from .inbox import Reassembly
from .keys import Entropy
from .recovery import Remedies


@dataclass(frozen=True, slots=True)
class Pace:
    """The timers of a session, in seconds (SPEC.md 15; a client learns them from TERMS)."""

    heartbeat: float = 5.0
    timeout: float = 15.0
    expiry: float = 86400.0
    seen_every: int = 2
    seen_delay: float = 0.025


@dataclass(frozen=True, slots=True)
class Side:
    """What all sessions of one end have in common."""

    beats: bool
    """Does this end send heartbeats of its own accord?"""
    uplink: int
    """Entries that the peer may have unacknowledged on channel 0."""
    urgent: int
    """Entries of channel 0 whose ACK holds up the peer if it is lost (UC-LOG-8)."""
    budget: Reassembly
    """What may wait out of order."""
    remedies: Remedies = field(default_factory=Remedies)
    challenges: Entropy | None = None
    """Gives the bytes of CHALLENGE; None: this end does not follow its peer to other paths, as a client."""
