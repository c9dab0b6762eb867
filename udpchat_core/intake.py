"""What one session takes from its peer: the channels that it reads, and what SEEN and ACK will say (SPEC.md 8).

In:   `keep(entry)` for each ENTRY that comes, `done(channel, offset)` for each that was taken and acted on
Out:  the inboxes, and the frames that tell the peer, when they are due
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .acks import AckList, Told
from .inbox import Inbox, Reassembly
from .log import noted
from .seen import SeenList


class Intake:
    """The reading half of one session."""

    __slots__ = ("_budget", "_refused", "_retired", "acks", "catch_up", "inbox", "inboxes", "seen")

    def __init__(self, seen: SeenList, budget: Reassembly, uplink: int, urgent: int) -> None:
        """`budget`: what may wait out of order. `uplink`, `urgent`: as in `Side`."""
        self.seen = seen
        self.inbox = Inbox(0, 0, budget, uplink)
        """What the peer says on channel 0."""
        self.inboxes: dict[int, Inbox] = {}
        """What it says on other channels."""
        self.acks = AckList(self.inbox, self.inboxes, urgent)
        self.catch_up: Callable[[float], None] | None = None
        """Called when an entry of another channel comes after one of channel 0: it may say how the other is read."""
        self._budget = budget
        self._refused: dict[int, int] | None = None
        """SAYs that failed: the entry of channel 0 that says so, until that was SEEN."""
        self._retired: dict[int, None] | None = None
        """Channels that were read until lately, whose late entries count as kept."""

    # -- channels -----------------------------------------------------------------------------------------------

    def read(self, channel: int, start: int) -> None:
        """Begin to take entries of `channel` from offset `start`."""
        self.inboxes[channel] = Inbox(channel, start, self._budget)

    def reads(self, inbox: Inbox) -> bool:
        """Is it what is read now, and no earlier one of its channel?"""
        return inbox is self.inbox or inbox is self.inboxes.get(inbox.channel)

    def unread(self, channel: int) -> None:
        """Take no more entries of `channel`; late ones count as kept."""
        inbox = self.inboxes.pop(channel, None)
        if inbox is not None:
            inbox.close()
            self._retired = noted(self._retired, channel)

    # -- entries ------------------------------------------------------------------------------------------------

    def keep(self, entry: tuple[Any, ...], now: float) -> bool:
        """Take the fields of an ENTRY; False if it cannot be kept, so that its packet is not to be SEEN (UC-LOG-4)."""
        channel, offset, kind, body = entry
        if channel and self.catch_up is not None and self.inbox.peek() is not None:
            self.catch_up(now)
        inbox = self.inboxes.get(channel) if channel else self.inbox
        if inbox is None:
            return self._retired is not None and channel in self._retired
        return inbox.keep(offset, kind, body)

    def done(self, channel: int, offset: int, now: float) -> bool:
        """The entry of `channel` at `offset`, taken from its inbox, is done with; does that move ACK?"""
        if channel == 0 and self._refused and offset in self._refused:
            return False
        inbox = self.inboxes.get(channel) if channel else self.inbox
        if inbox is None or not (moved := inbox.done(offset)):
            return False
        self.acks.moved(moved, now, self.seen.delay)
        return True

    def refuse(self, offset: int, told: int) -> None:
        """The SAY at `offset` of the uplink failed, and is not done with before entry `told` of channel 0 was SEEN."""
        self._refused = self._refused or {}
        self._refused[offset] = told

    @property
    def refusing(self) -> bool:
        """Is there one that was not?"""
        return bool(self._refused)

    def excused(self, told: int) -> list[int]:
        """Those that failed of which all below `told` tells now: they are yet to be done with."""
        refused = self._refused or {}
        offsets = [offset for offset, answer in refused.items() if answer < told]
        for offset in offsets:
            del refused[offset]
        return offsets

    # -- what the peer is told -------------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Is there anything to tell?"""
        return self.seen.waiting or self.acks.pending

    @property
    def due(self) -> float:
        """When it must be."""
        return min(self.seen.due, self.acks.due)

    def frames(self, now: float) -> bytes:
        """SEEN and ACKs, for a packet that leaves now."""
        acks = self.acks.frames()
        return self.seen.frame(now) + acks if self.seen.waiting or (acks and self.seen.any) else acks

    def sent(self, now: float, patience: float, most: float, *, eliciting: bool, lossy: bool) -> Told:
        """They left; the ACKs among them, and `patience` and `most` until they are repeated (`AckList.sent`)."""
        self.seen.sent()
        return self.acks.sent(now, patience, most, eliciting=eliciting, lossy=lossy)
