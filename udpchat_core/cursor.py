"""Cursors: where a reader stands in a log, seen from the side that sends (SPEC.md 8 and 9).

A cursor never looks at packets. `piece` gives it what to send next, `seen` and `lost` tell what became of it, and
`acked` moves the window. The numbers always stand like this:

    acked <= seen <= sent <= head        sent <= acked + WINDOW
"""

from __future__ import annotations

from udpchat_protocol.constants import PACKETS_MAX, WINDOW

from .log import Log, Piece, Replay


class Cursor:
    """One reader's place in one log."""

    __slots__ = ("acked", "after", "again", "ahead", "log", "packet", "seen", "sent", "since")

    def __init__(
        self,
        log: Log | Replay,
        start: int,
        *,
        after: int = -1,
        packet: int = 0,
        again: bool = False,
    ) -> None:
        """`after`: the entry of channel 0 that must have told the reader of this log first (-1: none).

        `packet`: the first packet that may carry entries for this cursor and not for one before it.
        """
        self.log = log
        self.after = after
        self.packet = packet
        self.since = PACKETS_MAX if again else 0
        """The peer's packet from which on its ACKs are about this cursor and not about one before it."""
        self.acked = start
        """The reader is done with everything below (ACK)."""
        self.seen = start
        """Everything below was SEEN."""
        self.sent = start
        """The first offset that was never sent."""
        self.ahead: set[int] | None = None
        """Offsets above `seen` that were SEEN."""
        self.again: set[int] | None = None
        """Offsets below `sent` that were lost and are still wanted."""

    @property
    def ready(self) -> bool:
        """Is there anything to send now?"""
        sent = self.sent
        return (sent < self.log.head and sent < self.acked + WINDOW) or self.again is not None

    @property
    def plain(self) -> bool:
        """Was the reader told of the log, and is nothing lost or SEEN out of order?"""
        return self.after < 0 and self.again is None and self.ahead is None

    @property
    def unseen(self) -> bool:
        """Was anything sent that was not SEEN?"""
        return self.seen < self.sent

    def piece(self, room: int) -> Piece | None:
        """What to send next, at most `room` bytes: what was lost first, then what is new."""
        if self.again is not None:
            return self._lost_piece(room)
        log, limit = self.log, self.acked + WINDOW
        piece = log.piece(self.sent, min(log.head, limit), room)
        if piece is not None:
            self.sent = piece.end
        return piece

    def unseen_piece(self, start: int, room: int, end: int | None = None) -> Piece | None:
        """Entries from `start` to before `end` (None: `sent`) that were sent and not SEEN, to be sent once more."""
        start = max(start, self.seen)
        while self.ahead is not None and start in self.ahead:
            start += 1
        end = self._gap_end(start) if end is None else min(end, self._gap_end(start))
        return self.log.piece(start, end, room) if start < end else None

    def on_seen(self, first: int, end: int) -> None:
        """Entries `first` to `end - 1` reached the reader."""
        if first > self.seen:
            self.ahead = self.ahead or set()
            self.ahead.update(range(first, end))
        elif end > self.seen:
            self.seen = end
            if self.ahead is not None:
                self._advance(end)
        if self.again is not None:
            self._want(self.again.difference(range(first, end)))

    def on_lost(self, first: int, end: int) -> None:
        """A packet with entries `first` to `end - 1` was lost: send again what is still wanted."""
        wanted = set(range(max(first, self.seen), end))
        if self.ahead is not None:
            wanted -= self.ahead
        self._want(wanted | self.again if self.again is not None else wanted)

    def on_ack(self, upto: int) -> bool:
        """The reader is done with all below `upto`; False if it cannot be (UC-LOG-6).

        It may be beyond `sent`: what was sent to a reading before this one, and came late, is as good.
        """
        if upto > self.log.head:
            return False
        if upto > self.acked:
            if upto > self.sent:
                self.sent = upto
            self.acked = upto
            if upto > self.seen:
                self._advance(upto)
                if self.again is not None:
                    self._want({n for n in self.again if n >= upto})
        return True

    def skip(self, first: int, *, after: int = -1) -> None:
        """Go on at `first`: what lies before is not sent any more (SKIP).

        `after`: the entry of channel 0 that must have told the reader so first (-1: none).
        """
        self.after = max(self.after, after)
        self.sent = max(self.sent, first)
        self.on_ack(first)

    def _advance(self, seen: int) -> None:
        if self.ahead is not None:
            while seen in self.ahead:
                seen += 1
            self.ahead = {n for n in self.ahead if n > seen} or None
        self.seen = seen

    def _want(self, offsets: set[int]) -> None:
        self.again = offsets or None

    def _gap_end(self, start: int) -> int:
        """The end of the run of unseen entries that begins at `start`."""
        if self.ahead is None:
            return self.sent
        return min((n for n in self.ahead if n > start), default=self.sent)

    def _lost_piece(self, room: int) -> Piece | None:
        assert self.again is not None
        start = end = min(self.again)
        while end in self.again:
            end += 1
        piece = self.log.piece(start, end, room)
        if piece is not None:
            self._want(self.again.difference(range(start, piece.end)))
        return piece
