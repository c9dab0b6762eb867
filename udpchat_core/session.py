"""One sealed association, the same on both ends: packets in, packets out, cursors moved (SPEC.md 4.2, 6 to 9).

A session knows channels and offsets. It knows no rooms, no people and no store: its owner registers inboxes and
cursors, takes entries out of the former and appends to the logs of the latter.

In:   `receive_untrusted(datagram, now)`, `on_deadline(now)`, `log.append(...)` on a log that it reads
Out:  `pack(now)` gives the datagrams that may leave now, `deadline` when to come back

What leaves in a packet is decided in one place, `_fill`: hints first, then channel 0, then the other channels in
turn, each as far as window and room allow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from udpchat_protocol.codes import Code, code_of
from udpchat_protocol.constants import BEAT_REPEAT, PACKETS_MAX, SESSION_LIFE, WINDOW
from udpchat_protocol.frames import Ack, Bye, Challenge, Entry, Heartbeat, Padding, Response, Seen, split_untrusted
from udpchat_protocol.limits import HEADER, MAX_PLAINTEXT, TAG
from udpchat_protocol.wire import WireError

from .acks import AckList
from .cursor import Cursor
from .inbox import Inbox, Reassembly
from .log import Log, Piece, Replay, Span
from .path import Datagram, Path
from .recovery import Recovery, Remedies, Sent
from .seal import Seal
from .seen import SeenList

RETIRED_MAX = 256
"""Channels that were read until lately, which are remembered."""


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


class _Load:
    """What goes into one packet."""

    __slots__ = ("parts", "room", "spans")

    def __init__(self, room: int) -> None:
        self.room = room
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


class Session:
    """Keys, cursors and clocks of one association."""

    __slots__ = (
        "_beat_at",
        "_beat_number",
        "_beats",
        "_bye",
        "_copy_at",
        "_responses",
        "_turn",
        "acks",
        "born",
        "catch_up",
        "closed",
        "cursors",
        "farewell",
        "heard",
        "id",
        "inboxes",
        "pace",
        "path",
        "private",
        "quiet",
        "recovery",
        "retired",
        "seal",
        "seen",
        "side",
        "spoke",
    )

    def __init__(self, seal: Seal, path: Path, now: float, pace: Pace, side: Side) -> None:
        """A session that is `seal`'s, on `path` for now."""
        self.id = seal.session
        self.seal = seal
        self.path = path
        self.pace = pace
        self.born = self.heard = self.spoke = now
        self.side = side
        self.catch_up: Callable[[float], None] | None = None
        """Called when an entry comes on a channel that is not known: JOINED may stand before it in the same packet."""
        self.closed: Code | None = None
        """Why the session is over; None while it is not."""
        self.farewell = ""
        """The reason that goes with it, as the side that closed gave it."""
        self.quiet = False
        """Nothing was heard for long: only heartbeats leave (UC-LIVE-1, UC-LIVE-3)."""
        self.recovery = Recovery(pace.seen_delay, side.remedies)
        self.seen = SeenList(pace.seen_every, pace.seen_delay)
        self.private = Log(0)
        """What this side says on channel 0."""
        self.cursors: dict[int, Cursor] = {0: Cursor(self.private, 0)}
        self.inboxes: dict[int, Inbox] = {0: Inbox(0, 0, side.budget, side.uplink)}
        self.acks = AckList(self.inboxes, side.urgent)
        self.retired: dict[int, None] | None = None
        """Channels that are read no longer, whose late entries count as kept."""
        self._copy_at = inf
        self._beats = side.beats
        self._beat_at = now + pace.heartbeat if side.beats else inf
        self._beat_number: int | None = None
        self._responses: list[bytes] | None = None
        self._turn = 0
        self._bye: bytes | None = None

    # -- channels -----------------------------------------------------------------------------------------------

    def read(self, channel: int, start: int) -> Inbox:
        """Begin to take entries of `channel` from offset `start`."""
        inbox = self.inboxes[channel] = Inbox(channel, start, self.side.budget)
        return inbox

    def unread(self, channel: int) -> None:
        """Take no more entries of `channel`; late ones count as kept."""
        inbox = self.inboxes.pop(channel, None)
        if inbox is not None:
            inbox.close()
            self.retired = self.retired or {}
            self.retired[channel] = None
            if len(self.retired) > RETIRED_MAX:
                del self.retired[next(iter(self.retired))]

    def feed(self, log: Log | Replay, start: int, after: int) -> None:
        """Begin to send the entries of `log` from offset `start`, once entry `after` of channel 0 told of it."""
        self.cursors[log.channel] = Cursor(log, start, after=after, packet=self.seal.next_number)
        log.readers[self.id] = None

    def unfeed(self, channel: int) -> None:
        """Send nothing more of `channel`."""
        cursor = self.cursors.pop(channel, None)
        if cursor is not None:
            cursor.log.readers.pop(self.id, None)

    def unfeed_all(self) -> None:
        """The session is over: no log is to keep it as a reader."""
        for channel in [channel for channel in self.cursors if channel]:
            self.unfeed(channel)

    def done(self, channel: int, offset: int, now: float) -> None:
        """The entry of `channel` at `offset`, taken from its inbox, is done with: ACK may move."""
        inbox = self.inboxes.get(channel)
        if inbox is not None and inbox.done(offset):
            self.acks.moved(now + self.pace.seen_delay)

    def beat(self, now: float) -> None:
        """Send a heartbeat with the next packet, whether one is due or not."""
        self._beat_at = now
        self._beats = True

    @property
    def clogged(self) -> bool:
        """Is the session over, or so much unacknowledged on channel 0 that nothing should be added to it?"""
        return self.closed is not None or self.private.head - self.cursors[0].acked >= WINDOW

    # -- in -----------------------------------------------------------------------------------------------------

    def receive_untrusted(self, datagram: bytes, now: float) -> bool:
        """Take a SEALED packet; True if it was the newest yet.

        Raises `SealError`, and then nothing changed, for what is not a fresh packet of this session (steps 3 and
        4 of SPEC.md 4.2). A fault in what was sealed closes the session instead.
        """
        newest = self.seal.largest
        number, plaintext = self.seal.open_untrusted(datagram)
        self.heard = now
        self.quiet = False
        try:
            frames = split_untrusted(plaintext)
            acted = [(kind, _READERS[kind](body)) for kind, body in frames if kind in _READERS]
        except WireError as error:
            self.close(Code.PROTOCOL, str(error)[:100])
            return number > newest
        eliciting, kept = False, True
        for kind, fields in acted:
            if kind == Entry.TYPE:
                eliciting = True
                channel, offset, entry, body = fields
                kept = self._keep(channel, offset, entry, body, now) and kept
            else:
                eliciting = eliciting or kind in _ELICITING
                self._act(kind, fields, number, now)
        if eliciting and kept:
            self.seen.note(number, now)
        return number > newest

    def _keep(self, channel: int, offset: int, kind: int, body: bytes, now: float) -> bool:
        inbox = self.inboxes.get(channel)
        if inbox is None and self.catch_up is not None:
            self.catch_up(now)
            inbox = self.inboxes.get(channel)
        if inbox is None:
            return self.retired is not None and channel in self.retired
        return inbox.keep(offset, kind, body)

    def _act(self, kind: int, fields: tuple[object, ...], number: int, now: float) -> None:
        match kind, fields:
            case Seen.TYPE, (int(largest), int(delay), int(bitmap)):
                self._on_seen(largest, delay / 1000, bitmap, now)
                self._note_told(number)
            case Ack.TYPE, (int(channel), int(upto)):
                self._on_ack(channel, upto, number)
            case Challenge.TYPE, (bytes(data),):
                self._responses = [*(self._responses or ())[-3:], data]
            case Bye.TYPE, (int(code), str(reason)) if self.closed is None:
                self.closed = code_of(code)
                self.farewell = reason
            case _:
                pass

    def _on_seen(self, largest: int, delay: float, bitmap: int, now: float) -> None:
        if largest >= self.seal.next_number:
            self.close(Code.PROTOCOL, "SEEN of a packet that was never sent")
            return
        verdict = self.recovery.on_seen(largest, delay, bitmap, now)
        for sent in verdict.seen:
            for channel, first, end in sent.spans:
                if (cursor := self.cursors.get(channel)) is not None and sent.number >= cursor.packet:
                    cursor.on_seen(first, end)
            self.acks.known(sent.acks)
        if self._beat_number is not None and largest >= self._beat_number:
            self._beat_number = None
            self._beat_at = self.spoke + self.pace.heartbeat
        self._on_lost(verdict.lost)
        if self.recovery.waiting and not any(cursor.unseen for cursor in self.cursors.values()):
            self.recovery.settled()

    def _note_told(self, number: int) -> None:
        """Cursors whose log the peer has been told of by now: its ACKs count from packet `number` on (UC-ROOM-5)."""
        told = self.cursors[0].seen
        for cursor in self.cursors.values():
            if 0 <= cursor.after < told:
                cursor.after = -1
                cursor.since = number

    def _on_lost(self, lost: list[Sent]) -> None:
        for sent in lost:
            for channel, first, end in sent.spans:
                if (cursor := self.cursors.get(channel)) is not None and sent.number >= cursor.packet:
                    cursor.on_lost(first, end)

    def _on_ack(self, channel: int, upto: int, number: int) -> None:
        cursor = self.cursors.get(channel)
        if cursor is None or cursor.after >= 0 or number < cursor.since:
            return
        if not cursor.on_ack(upto):
            self.close(Code.PROTOCOL, "ACK beyond the head of the log")
        elif channel == 0:
            self.private.trim(cursor.acked)

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When this session wants `on_deadline`; not the clocks of silence, which its owner keeps."""
        if self.closed is not None:
            return inf
        if self.quiet:
            return self._beat_at
        hints = min(self.seen.due, self.acks.due, self.acks.again)
        return min(hints, self._beat_at, self._copy_at, self.recovery.deadline)

    def on_deadline(self, now: float) -> None:
        """Let what is due by `now` happen; `pack` then sends it."""
        if not self.quiet and self.recovery.deadline <= now:
            self._on_lost(self.recovery.on_deadline(now))

    def hush(self) -> None:
        """Nothing was heard for `timeout`: keep what is to be sent until something is."""
        self.quiet = True
        self._copy_at = inf
        self._on_lost(self.recovery.give_up())

    def worn(self, now: float) -> bool:
        """Has the session sent or lived as much as it may (UC-SEAL-5)?"""
        return self.seal.next_number >= PACKETS_MAX or now >= self.born + SESSION_LIFE

    def close(self, code: Code, reason: str = "") -> None:
        """End the session: the next `pack` sends BYE and nothing else ever leaves."""
        if self.closed is None:
            self.closed = code
            self.farewell = reason
            self._bye = Bye.pack_frame(code, reason)

    # -- out ----------------------------------------------------------------------------------------------------

    def pack(self, now: float, out: list[Datagram]) -> None:
        """Append to `out` what may leave now."""
        if self.closed is not None:
            if self._bye is not None and not self.worn(now):
                out.append((self.seal.seal(self._hints(now, beat=False) + self._bye), self.path))
            self._bye = None
            return
        while not self.worn(now) and self._fill(now, out):
            pass

    def _fill(self, now: float, out: list[Datagram]) -> bool:
        """Send one packet if there is reason to; True if there may be another."""
        beat = (self._beat_at if self.quiet else min(self._beat_at, self.acks.again)) <= now
        if self.quiet and not beat:
            return False
        due = beat or self.seen.due <= now or self.acks.due <= now or self._responses is not None
        head = self._hints(now, beat)
        parts, spans = self._entries(MAX_PLAINTEXT - len(head), now, due=due)
        if not (parts or (due and head)):
            if due:
                self.acks.due = inf  # what was to be acknowledged is read no longer
            return False
        acks = self._hints_sent(now, beat)
        plaintext = parts[0] if len(parts) == 1 and not head else head + b"".join(parts)
        number = self.seal.next_number
        datagram = self.seal.seal(plaintext)
        if spans or beat:
            self.recovery.on_sent(number, now, len(datagram), spans, acks)
        self.spoke = now
        if self._beats:
            if beat and self._beat_number is None:
                self._beat_number = number
            self._beat_at = now + self._beat_gap(now)
        out.append((datagram, self.path))
        return bool(parts)

    def _beat_gap(self, now: float) -> float:
        """Seconds until the next heartbeat, if nothing else is sent (UC-LIVE-1)."""
        if self._beat_number is None or now >= self.heard + self.pace.timeout:
            return self.pace.heartbeat
        return min(max(self.recovery.pto, BEAT_REPEAT), self.pace.heartbeat)

    def _hints(self, now: float, beat: bool) -> bytes:
        """The frames that are no entries and would go along in a packet that leaves now."""
        head = self.seen.frame(now) if self.seen.waiting else b""
        head += self.acks.frames()
        for data in self._responses or ():
            head += Response.pack_frame(data)
        return head + _BEAT if beat else head

    def _hints_sent(self, now: float, beat: bool) -> tuple[tuple[int, int], ...]:
        """The hints leave; the ACKs among them, and when they are to be repeated (UC-LOG-8)."""
        self.seen.sent()
        self._responses = None
        return self.acks.sent(now, self.recovery.pto, self.pace.heartbeat, eliciting=beat)

    def _entries(self, room: int, now: float, *, due: bool) -> tuple[list[bytes], tuple[Span, ...]]:
        """Pieces for one packet, and what they are: what is new or lost, and then what may be sent once more."""
        copies, self._copy_at = self._copy_at <= now, self._copy_at if self._copy_at > now else inf
        room = min(room, self.recovery.allowance - HEADER - TAG)
        if room <= 0:
            return [], ()
        load = _Load(room)
        for cursor in self._in_turn():
            if cursor.after < 0 or self._told(cursor.after, load.spans):
                while cursor.ready and load.add(cursor.piece(load.room)):
                    pass
        fresh, probe, remedies = bool(load.parts), self.recovery.probes > 0, self.recovery.remedies
        if (probe and not fresh) or copies or (remedies.riders and self.recovery.lossy and (fresh or due)):
            self._add_unseen(load)
        if (probe or fresh) and remedies.duplicates and self.recovery.lossy and not copies:
            self._copy_at = min(self._copy_at, now + self.recovery.srtt / 4)
        if not load.parts:
            self.recovery.probes = 0
        return load.parts, load.spans

    def _add_unseen(self, load: _Load) -> None:
        """The oldest entries in flight, once more."""
        packed = load.firsts()
        for channel, cursor in self.cursors.items():
            start = cursor.seen
            while (piece := cursor.unseen_piece(start, load.room, packed.get(channel))) is not None and load.add(piece):
                start = piece.end

    def _told(self, after: int, spans: tuple[Span, ...]) -> bool:
        """Was entry `after` of channel 0 SEEN, or does it go along in this packet and lack nothing before it?"""
        seen = self.cursors[0].seen
        return after < seen or any(not channel and first <= seen and after < end for channel, first, end in spans)

    def _in_turn(self) -> list[Cursor]:
        """The cursors in the order of this packet: channel 0, then the others, each time another first."""
        cursors = list(self.cursors.values())
        if len(cursors) > 2:
            self._turn = (self._turn + 1) % (len(cursors) - 1)
            cursors[1:] = cursors[1 + self._turn :] + cursors[1 : 1 + self._turn]
        return cursors


_READERS = {
    frame.TYPE: frame.unpack_untrusted for frame in (Padding, Heartbeat, Seen, Ack, Entry, Challenge, Response, Bye)
}
_ELICITING = {frame.TYPE for frame in (Heartbeat, Challenge, Response)}
_BEAT = Heartbeat.pack_frame()
