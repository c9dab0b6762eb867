"""What one session sends: a cursor in each log that its peer reads, and a log of its own (SPEC.md 8).

In:   `feed` and `unfeed` by the owner of the logs; what became of packets, and what the peer acknowledged
Out:  the cursors, which say what is to be sent next
"""

from __future__ import annotations

from udpchat_protocol.constants import CONTROL_BYTES, WINDOW

from .cursor import Cursor
from .log import Log, Replay, Span, noted


class Feeds:
    """The sending half of one session: what is to be sent, and not yet how."""

    __slots__ = ("_left", "_session", "cursors", "private")

    def __init__(self, session: int) -> None:
        """`session`: its id, by which logs know their readers."""
        self._session = session
        self.private = Log(0)
        """What this side says on channel 0."""
        self.cursors: dict[int, Cursor] = {0: Cursor(self.private, 0)}
        """By channel; channel 0 is there first, and always."""
        self._left: dict[int, None] | None = None
        """Channels that were sent until lately: what is acknowledged of them may be about an earlier cursor."""

    def feed(self, log: Log | Replay, start: int, after: int, packet: int) -> None:
        """Begin to send the entries of `log`, as `Session.feed`; `packet`: the first that may have any."""
        again = self._left is not None and log.channel in self._left
        cursor = Cursor(log, start, after=after, packet=packet, again=again)
        self.cursors[log.channel] = log.readers[self._session] = log.walkers[self._session] = cursor

    def unfeed(self, channel: int) -> None:
        """Send nothing more of `channel`."""
        cursor = self.cursors.pop(channel, None)
        if cursor is not None:
            cursor.log.readers.pop(self._session, None)
            cursor.log.walkers.pop(self._session, None)
            if isinstance(cursor.log, Log):  # the channel of a replay is never another's
                self._left = noted(self._left, channel)

    def unfeed_all(self) -> None:
        """The session is over: no log is to keep it as a reader."""
        for channel in [channel for channel in self.cursors if channel]:
            self.unfeed(channel)

    @property
    def clogged(self) -> bool:
        """Is so much unacknowledged on channel 0 that nothing should be added to it?"""
        return self.private.head - self.cursors[0].acked >= WINDOW or self.private.size >= CONTROL_BYTES

    @property
    def unseen(self) -> bool:
        """Was any entry sent that was not SEEN?"""
        return any(cursor.unseen for cursor in self.cursors.values())

    @property
    def idle(self) -> bool:
        """Is nothing to be sent, and does no log wait for the peer to be told of it?"""
        return all(cursor.after < 0 and not cursor.ready for cursor in self.cursors.values())

    def on_seen(self, packet: int, spans: tuple[Span, ...]) -> None:
        """A packet with these entries arrived."""
        for channel, first, end in spans:
            if (cursor := self.cursors.get(channel)) is not None and packet >= cursor.packet:
                cursor.on_seen(first, end)

    def on_lost(self, packet: int, spans: tuple[Span, ...]) -> None:
        """A packet with these entries was lost."""
        for channel, first, end in spans:
            if (cursor := self.cursors.get(channel)) is not None and packet >= cursor.packet:
                cursor.on_lost(first, end)

    def began(self, packet: int) -> None:
        """After SEEN in the peer's `packet`: which cursors count ACKs now, and may be sent (UC-ROOM-5)?"""
        seen = self.cursors[0].seen
        for cursor in self.cursors.values():
            if 0 <= cursor.after < seen:
                cursor.after = -1
                cursor.since = min(cursor.since, packet)
