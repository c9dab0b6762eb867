"""Append-only logs, encoded once (SPEC.md 8).

A `Log` holds whole ENTRY frames, ready to be sealed, of the newest entries of one channel. It knows its readers
(cursors) only to tell that something was appended; it knows nothing of sessions or of people. What is older than
its tail is fetched in pages by whoever owns it: `wanted` says which, `load` brings them.

`piece` joins frames for a packet. Readers at the same place get the same `Piece` object, bytes and spans alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from udpchat_protocol.frames import Entry
from udpchat_protocol.limits import FRAME_HEADER, MAX_PLAINTEXT

if TYPE_CHECKING:
    from .cursor import Cursor
    from .train import Train

Span = tuple[int, int, int]
"""(channel, first offset, end offset): entries `first` to `end - 1` of a channel."""

PAGE = 64
"""Entries a page that is read back from the store."""

NOTED_MAX = 256
"""Channels that were in use until lately, which are remembered."""


class Piece(NamedTuple):
    """Consecutive entries of one log, encoded: frames, what they are, the first offset after them."""

    data: bytes
    spans: tuple[Span, ...]
    end: int


def first_check(log_id: int) -> bytes:
    """The check at offset 0 of a log (UC-LOG-12)."""
    return log_id.to_bytes(8, "big")


def next_check(check: bytes, kind: int, body: bytes) -> bytes:
    """The check after an entry, from the one before it (UC-LOG-12)."""
    return sha256(b"%b%c%b" % (check, kind, body)).digest()[:8]


def _nothing(log: Log) -> None:
    """The default for `appended`: nobody waits."""


class _Past:
    """Pages that were read back, and those that are to be. Most logs, those of single sessions, have none."""

    __slots__ = ("pages", "wanted")

    def __init__(self) -> None:
        self.pages: dict[int, list[bytes]] = {}
        self.wanted: set[int] = set()


class Log:
    """The encoded tail of one log, offsets `base` to `head - 1`, and the pages that were read back."""

    __slots__ = (
        "_appended",
        "_frames",
        "_news",
        "_past",
        "_pieces",
        "base",
        "channel",
        "head",
        "readers",
        "size",
        "tail",
        "train",
        "void",
        "walkers",
    )

    def __init__(
        self,
        channel: int,
        *,
        base: int = 0,
        tail: int | None = None,
        appended: Callable[[Log], None] = _nothing,
    ) -> None:
        """`tail`: entries kept in memory (None: all, until `trim`). `appended` is called after each append."""
        self.channel = channel
        self.base = base
        self.head = base
        """The offset that the next entry will get."""
        self.tail = tail
        self.size = 0
        """Bytes of the frames in the tail."""
        self.readers: dict[int, Cursor] = {}
        """Who reads this log, by numbers that mean something to its owner, in the order they came."""
        self.walkers: dict[int, Cursor] = {}
        """Those of them who do not ride its train."""
        self.void = False
        """Is what its readers were told of it before void, so that each of them is to be looked at?"""
        self.train: Train | None = None
        """What those are sent who lack nothing else, if there are any."""
        self._frames: list[bytes] = []
        self._past: _Past | None = None
        self._pieces: dict[int, Piece] | None = None
        self._news: dict[int, list[Piece]] | None = None
        self._appended = appended

    def append(self, kind: int, body: bytes) -> int:
        """Add an entry; return its offset."""
        offset = self.head
        frame = Entry.pack_frame(self.channel, offset, kind, body)
        self._frames.append(frame)
        self.head = offset + 1
        self.size += len(frame)
        self._pieces = self._news = None
        if self.tail is not None and len(self._frames) >= 2 * self.tail:
            self.trim(self.head - self.tail)
        self._appended(self)
        return offset

    def trim(self, first: int) -> None:
        """Forget the frames below `first` (never beyond the head)."""
        gone = min(first - self.base, len(self._frames))
        if gone > 0:
            self.size -= sum(map(len, self._frames[:gone]))
            del self._frames[:gone]
            self.base += gone
            self._pieces = self._news = None

    @property
    def wanted(self) -> frozenset[int]:
        """First offsets of pages to be loaded."""
        return _NONE if self._past is None or not self._past.wanted else frozenset(self._past.wanted)

    def asked(self) -> None:
        """The pages that were wanted are asked for, or nobody has them."""
        if self._past is not None:
            self._past.wanted.clear()

    def load(self, page: int, entries: Sequence[tuple[int, bytes]], lost: int = 0) -> None:
        """Bring the (kind, body) of entries of a page that `wanted` asked for; its first `lost` can not be had."""
        past = self._past = self._past or _Past()
        past.wanted.discard(page)
        past.pages.pop(page, None)
        past.pages[page] = [_LOST] * lost + [
            Entry.pack_frame(self.channel, page + lost + i, kind, body) for i, (kind, body) in enumerate(entries)
        ]
        while len(past.pages) > 16:
            past.pages.pop(next(iter(past.pages)))

    def piece(self, start: int, limit: int, room: int = MAX_PLAINTEXT) -> Piece | None:
        """The entries from `start` to at most `limit - 1` that fit `room` bytes; None if none does, or not yet."""
        piece = self._pieces.get(start) if self._pieces is not None else None
        if piece is not None and piece.end <= limit and len(piece.data) <= room:
            return piece
        piece = _fit(self.channel, start, self.frames(start, limit), room)
        if piece is not None and room == MAX_PLAINTEXT and limit >= self.head:
            if self._pieces is None:
                self._pieces = {}
            self._pieces[start] = piece
        return piece

    def news(self, start: int) -> list[Piece]:
        """The pieces that take a reader from `start` to the head, or as far as they are at hand."""
        if self._news is None:
            self._news = {}
        if (news := self._news.get(start)) is None:
            news = self._news[start] = []
            at = start
            while at < self.head and (piece := self.piece(at, self.head)) is not None:
                news.append(piece)
                at = piece.end
        return news

    def frames(self, start: int, limit: int) -> list[bytes]:
        """Frames from `start` to at most `limit - 1`, as far as they are at hand; a page that is not is `wanted`."""
        at = start - self.base
        if at >= 0:
            return self._frames[at : min(limit - self.base, at + PAGE)]
        first = start - start % PAGE
        past = self._past = self._past or _Past()
        page = past.pages.get(first, [])
        if start - first >= len(page):
            past.wanted.add(first)
            return []
        return [] if page[start - first] is _LOST else page[start - first : limit - first]


_NONE: frozenset[int] = frozenset()
_LOST = b""
"""Stands for the frame of an entry that is no longer kept."""


class Replay:
    """Entries `start` to `end - 1` of a log once more, on a channel of their own (UC-HIST-1)."""

    __slots__ = ("_log", "base", "channel", "head", "readers", "train", "walkers")

    def __init__(self, log: Log, channel: int, start: int, end: int) -> None:
        self._log = log
        self.channel = channel
        self.base = start
        self.head = end
        self.readers: dict[int, Cursor] = {}
        self.walkers = self.readers
        self.train = None
        """It never grows."""

    def piece(self, start: int, limit: int, room: int = MAX_PLAINTEXT) -> Piece | None:
        """As `Log.piece`."""
        channel = self.channel.to_bytes(4, "big")
        frames = [
            frame[:FRAME_HEADER] + channel + frame[FRAME_HEADER + 4 :]
            for frame in self._log.frames(start, min(limit, start + PAGE))
        ]
        return _fit(self.channel, start, frames, room)


def _fit(channel: int, start: int, frames: list[bytes], room: int) -> Piece | None:
    """As many of `frames` as fit into `room` bytes; None if the first does not."""
    used = count = 0
    for frame in frames:
        if used + len(frame) > room:
            break
        used += len(frame)
        count += 1
    if not count:
        return None
    return Piece(b"".join(frames[:count]), ((channel, start, start + count),), start + count)


def noted(channels: dict[int, None] | None, channel: int) -> dict[int, None]:
    """Channels that were in use until lately, with one more, and without the oldest of too many."""
    channels = channels or {}
    channels[channel] = None
    if len(channels) > NOTED_MAX:
        del channels[next(iter(channels))]
    return channels
