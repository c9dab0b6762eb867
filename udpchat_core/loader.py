"""Which entries go into a packet (SPEC.md 8 and 9): what is new or lost first, then what may be sent once more.

A loader looks at cursors and at the recovery's allowance. It knows no keys, no hints and no paths.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from udpchat_protocol.limits import HEADER, TAG

from .cursor import Cursor
from .log import Piece, Span
from .recovery import Recovery


class Load:
    """The entries of one packet."""

    __slots__ = ("parts", "room", "spans")

    def __init__(self, room: int) -> None:
        self.room = room
        """Bytes that are left."""
        self.parts: list[bytes] = []
        self.spans: tuple[Span, ...] = ()

    def firsts(self) -> dict[int, int]:
        """The first entry of each channel that is in it."""
        return {channel: first for channel, first, _ in reversed(self.spans)}

    def add(self, piece: Piece | None) -> bool:
        """Put it in, if there is one."""
        if piece is None:
            return False
        self.parts.append(piece.data)
        self.spans = self.spans + piece.spans if self.spans else piece.spans
        self.room -= len(piece.data)
        return True


class Loaded(NamedTuple):
    """The entries of one packet: their frames, which they are, if there may be more, if any is new or wanted."""

    data: bytes
    spans: tuple[Span, ...]
    more: bool
    fresh: bool


NOTHING = Loaded(b"", (), more=False, fresh=False)


class Loader:
    """Loads the packets of one session."""

    __slots__ = ("_cursors", "_recovery", "_turn", "copy_at")

    def __init__(self, cursors: dict[int, Cursor], recovery: Recovery) -> None:
        """`cursors`: by channel; channel 0 is there first, and always."""
        self._cursors = cursors
        self._recovery = recovery
        self._turn = 0
        self.copy_at = inf
        """When a copy of what was not SEEN is due (UC-REPAIR-8)."""

    @property
    def idle(self) -> bool:
        """Is nothing to be sent but what is new or lost?"""
        return self.copy_at == inf and not self._recovery.probes and not self._recovery.lossy

    def load(self, room: int, now: float, *, due: bool) -> Loaded:
        """Entries for one packet with `room` bytes. `due`: it leaves in any case."""
        copies = self.copy_at <= now
        if copies:
            self.copy_at = inf
        elif self.idle and not any(cursor.ready for cursor in self._cursors.values()):
            return NOTHING
        recovery = self._recovery
        if (allowed := recovery.allowance - HEADER - TAG) < room:
            room = allowed
        if room <= 0:
            return NOTHING
        return self._load(Load(room), now, due=due, copies=copies)

    def copies(self, room: int) -> bytes:
        """The oldest entries in flight once more, in at most `room` bytes, of which nothing is kept (UC-PATH-9)."""
        load = Load(room)
        self._add_unseen(load)
        return b"".join(load.parts)

    def _load(self, load: Load, now: float, *, due: bool, copies: bool) -> Loaded:
        recovery, left = self._recovery, False
        for cursor in self._in_turn():
            if cursor.after < 0 or self._told(cursor.after, load.spans):
                while (ready := cursor.ready) and load.add(cursor.piece(load.room)):
                    pass
                left = left or ready
        fresh, probe, remedies = bool(load.parts), recovery.probes > 0, recovery.remedies
        if (probe and not fresh) or copies or (remedies.riders and recovery.lossy and (fresh or due)):
            self._add_unseen(load)
        if (probe or fresh) and remedies.duplicates and recovery.lossy and not copies:
            self.copy_at = min(self.copy_at, now + recovery.srtt / 4)
        if not load.parts:
            recovery.probes = 0
            return NOTHING
        return Loaded(b"".join(load.parts), load.spans, left or probe, fresh)

    def _add_unseen(self, load: Load) -> None:
        """The oldest entries in flight, once more."""
        packed = load.firsts()
        for channel, cursor in self._cursors.items():
            start = cursor.seen
            while (piece := cursor.unseen_piece(start, load.room, packed.get(channel))) is not None and load.add(piece):
                start = piece.end

    def _told(self, after: int, spans: tuple[Span, ...]) -> bool:
        """Was entry `after` of channel 0 SEEN, or does it go along in this packet and lack nothing before it?"""
        seen = self._cursors[0].seen
        return after < seen or any(not channel and first <= seen and after < end for channel, first, end in spans)

    def _in_turn(self) -> list[Cursor]:
        """The cursors in the order of this packet: channel 0, then the others, each time another first."""
        cursors = list(self._cursors.values())
        if len(cursors) > 2:
            self._turn = (self._turn + 1) % (len(cursors) - 1)
            cursors[1:] = cursors[1 + self._turn :] + cursors[1 : 1 + self._turn]
        return cursors
