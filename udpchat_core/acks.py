"""What ACK will say: the channels whose entries are done with, until the peer surely knows (UC-LOG-6, UC-LOG-8)."""

from __future__ import annotations

from math import inf

from udpchat_protocol.constants import WINDOW
from udpchat_protocol.frames import Ack

from .inbox import Inbox

Told = tuple[tuple[int, int], ...]
"""(channel, next) of each ACK in a packet."""


class AckList:
    """The ACKs of one side of one session, and when they are to be sent."""

    __slots__ = ("_inboxes", "_repeats", "_urgent", "again", "due", "pending")

    def __init__(self, inboxes: dict[int, Inbox], urgent: int) -> None:
        """`inboxes`: by channel. `urgent`: entries of channel 0 whose ACK holds up the peer if it is lost."""
        self._inboxes = inboxes
        self._urgent = urgent
        self._repeats = 0
        self.pending = False
        """May there be an ACK that the peer does not know?"""
        self.due = inf
        """When an ACK that moved must leave, in the caller's seconds."""
        self.again = inf
        """When ACKs that may have been lost are to be sent again, with a HEARTBEAT."""

    def moved(self, by: float) -> None:
        """An ACK moved, and must leave by then."""
        self.due = min(self.due, by)
        self.pending = True

    def frames(self) -> bytes:
        """Every ACK that the peer may not know."""
        frames = [Ack.pack_frame(box.channel, box.acked) for box in self._inboxes.values() if box.acked > box.told]
        if not frames:  # what was to be acknowledged is known, or read no longer
            self.pending = False
            self.due = inf
        return b"".join(frames)

    def sent(self, now: float, patience: float, most: float, *, eliciting: bool) -> Told:
        """`frames` left. `patience`: seconds until they count as lost, twice as many each time up to `most`."""
        self.due = self.again = inf
        if self._matter():
            self._repeats += eliciting
            self.again = now + min(patience * 2 ** min(self._repeats, 16), most)
        return tuple([(box.channel, box.acked) for box in self._inboxes.values() if box.acked > box.told])

    def known(self, told: Told) -> None:
        """A packet with these ACKs was SEEN."""
        for channel, upto in told:
            if (box := self._inboxes.get(channel)) is not None:
                box.told = max(box.told, upto)
        if told:
            self._repeats = 0
            if not self._matter():
                self.again = inf

    def _matter(self) -> bool:
        """Could an ACK that the peer may not know hold the peer up?"""
        boxes = self._inboxes.values()
        return any(box.acked - box.told >= (WINDOW // 4 if box.channel else self._urgent) for box in boxes)
