"""What ACK will say: the channels whose entries are done with, until the peer surely knows (UC-LOG-6, UC-LOG-8)."""

from __future__ import annotations

from math import inf

from udpchat_protocol.constants import ACK_ENTRIES, WINDOW
from udpchat_protocol.frames import Ack

from .inbox import Inbox

Told = tuple[tuple[int, int], ...]
"""(channel, next) of each ACK in a packet."""


class AckList:
    """The ACKs of one side of one session, and when they are to be sent."""

    __slots__ = ("_entries", "_inbox", "_inboxes", "_repeats", "_urgent", "again", "due", "pending")

    def __init__(self, inbox: Inbox, inboxes: dict[int, Inbox], urgent: int) -> None:
        """`inbox`: that of channel 0, and `inboxes`: the others.

        `urgent`: entries of channel 0 whose ACK holds up the peer if it is lost.
        """
        self._inbox = inbox
        self._inboxes = inboxes
        self._urgent = urgent
        self._repeats = 0
        self._entries = 0
        """Entries that ACKs moved by since one left."""
        self.pending = False
        """May there be an ACK that is to go along with the next packet?"""
        self.due = inf
        """When an ACK that moved must leave, in the caller's seconds."""
        self.again = inf
        """When ACKs that may have been lost are to be sent again, with a HEARTBEAT."""

    def moved(self, entries: int, now: float, delay: float) -> None:
        """An ACK moved by so many entries; one must leave `delay` after the first that did."""
        self._entries += entries
        by = now + delay if self._entries < ACK_ENTRIES else now
        if by < self.due:
            self.due = by
        self.pending = True

    def repeat(self) -> None:
        """`again` came: they go along once more."""
        self.pending = True

    def hurry(self, now: float) -> None:
        """The path changed: what the peer may not know is due (UC-LOG-8)."""
        if self._untold():
            self.pending = True
            self.due = now

    def frames(self) -> bytes:
        """Every ACK that the peer may not know."""
        if not self.pending:
            return b""
        frames = [Ack.pack_frame(*each) for each in self._untold()]
        if not frames:  # what was to be acknowledged is known, or read no longer
            self.pending = False
            self.due = self.again = inf
        return b"".join(frames)

    def sent(self, now: float, patience: float, most: float, *, eliciting: bool, lossy: bool) -> Told:
        """`frames` left. `patience`: seconds until they count as lost, twice as many each time up to `most`."""
        if not self.pending:
            return ()
        self.due = self.again = inf
        self._entries = 0
        self.pending = lossy
        if self._matter():
            self._repeats += eliciting
            self.again = now + min(patience * 2 ** min(self._repeats, 16), most)
        return self._untold()

    def known(self, told: Told) -> None:
        """A packet with these ACKs was SEEN."""
        for channel, upto in told:
            box = self._inboxes.get(channel) if channel else self._inbox
            if box is not None and upto > box.told:
                box.told = upto
        if told:
            self._repeats = 0
            if not self._matter():
                self.again = inf

    def _untold(self) -> Told:
        inbox = self._inbox
        first = ((inbox.channel, inbox.acked),) if inbox.acked > inbox.told else ()
        if not self._inboxes:
            return first
        return first + tuple([(box.channel, box.acked) for box in self._inboxes.values() if box.acked > box.told])

    def _matter(self) -> bool:
        """Could an ACK that the peer may not know hold the peer up?"""
        if self._inbox.acked - self._inbox.told >= self._urgent:
            return True
        return any(box.acked - box.told >= WINDOW // 4 for box in self._inboxes.values())
