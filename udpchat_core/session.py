"""One sealed association, the same on both ends: packets in, packets out, cursors moved (SPEC.md 4.2, 6 to 9).

A session knows channels and offsets. It knows no rooms, no people and no store: its owner registers inboxes and
cursors, takes entries out of the former and appends to the logs of the latter.

In:   `receive_untrusted(datagram, now)`, `on_deadline(now)`, `log.append(...)` on a log that it reads
Out:  `pack(now)` gives the datagrams that may leave now, `deadline` when to come back

What leaves in a packet is decided in one place, `_fill`: hints first, then channel 0, then the other channels in
turn, each as far as window and room allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from udpchat_protocol.codes import Code, code_of
from udpchat_protocol.constants import BEAT_REPEAT, PACKETS_MAX, SESSION_LIFE, WINDOW
from udpchat_protocol.frames import Ack, Bye, Challenge, Entry, Heartbeat, Response, Seen, split_untrusted
from udpchat_protocol.limits import MAX_PLAINTEXT
from udpchat_protocol.wire import WireError

from .cursor import Cursor
from .inbox import Inbox, Reassembly
from .log import Log, Span
from .path import Datagram, Path
from .recovery import Recovery, Sent
from .seal import Seal
from .seen import SeenList


@dataclass(frozen=True, slots=True)
class Pace:
    """The timers of a session, in seconds (SPEC.md 15; a client learns them from TERMS)."""

    heartbeat: float = 5.0
    timeout: float = 15.0
    expiry: float = 86400.0
    seen_every: int = 2
    seen_delay: float = 0.025


class Session:
    """Keys, cursors and clocks of one association."""

    __slots__ = (
        "_acks_due",
        "_beat_at",
        "_beat_number",
        "_beats",
        "_bye",
        "_confirm_at",
        "_confirms",
        "_responses",
        "_turn",
        "born",
        "budget",
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
        "spoke",
    )

    def __init__(
        self,
        seal: Seal,
        path: Path,
        now: float,
        *,
        pace: Pace,
        budget: Reassembly,
        beats: bool,
        window: int,
    ) -> None:
        """`beats`: does this side send heartbeats? `window`: entries that the peer may have open on channel 0."""
        self.id = seal.session
        self.seal = seal
        self.path = path
        self.pace = pace
        self.born = self.heard = self.spoke = now
        self.budget = budget
        self.closed: Code | None = None
        """Why the session is over; None while it is not."""
        self.farewell = ""
        """The reason that goes with it, as the side that closed gave it."""
        self.quiet = False
        """Nothing was heard for long: only heartbeats leave (UC-LIVE-1, UC-LIVE-3)."""
        self.recovery = Recovery(pace.seen_delay)
        self.seen = SeenList(pace.seen_every, pace.seen_delay)
        self.private = Log(0)
        """What this side says on channel 0."""
        self.cursors: dict[int, Cursor] = {0: Cursor(self.private, 0)}
        self.inboxes: dict[int, Inbox] = {0: Inbox(0, 0, budget, window)}
        self.retired: set[int] | None = None
        """Channels that are read no longer, whose late entries count as kept."""
        self._acks_due = self._confirm_at = inf
        self._confirms = 0
        self._beats = beats
        self._beat_at = now + pace.heartbeat if beats else inf
        self._beat_number: int | None = None
        self._responses: list[bytes] | None = None
        self._turn = 0
        self._bye: bytes | None = None

    # -- channels -----------------------------------------------------------------------------------------------

    def read(self, channel: int, start: int) -> Inbox:
        """Begin to take entries of `channel` from offset `start`."""
        inbox = self.inboxes[channel] = Inbox(channel, start, self.budget)
        return inbox

    def unread(self, channel: int) -> None:
        """Take no more entries of `channel`; late ones count as kept."""
        inbox = self.inboxes.pop(channel, None)
        if inbox is not None:
            inbox.close()
            self.retired = self.retired or set()
            self.retired.add(channel)

    def feed(self, log: Log, start: int, after: int) -> None:
        """Begin to send the entries of `log` from offset `start`, once entry `after` of channel 0 told of it."""
        self.cursors[log.channel] = Cursor(log, start, after=after)
        log.readers[self.id] = None

    def unfeed(self, channel: int) -> None:
        """Send nothing more of `channel`."""
        cursor = self.cursors.pop(channel, None)
        if cursor is not None:
            cursor.log.readers.pop(self.id, None)

    def done(self, channel: int, offset: int, now: float) -> None:
        """The entry of `channel` at `offset`, taken from its inbox, is done with: ACK may move."""
        inbox = self.inboxes.get(channel)
        if inbox is not None and inbox.done(offset):
            self._acks_due = min(self._acks_due, now + self.pace.seen_delay)

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
                kept = self._keep(*fields) and kept
            else:
                eliciting = eliciting or kind in _ELICITING
                self._act(kind, fields, now)
        if eliciting and kept:
            self.seen.note(number, now)
        return number > newest

    def _keep(self, channel: int, offset: int, kind: int, body: bytes) -> bool:
        inbox = self.inboxes.get(channel)
        if inbox is None:
            return self.retired is not None and channel in self.retired
        return inbox.keep(offset, kind, body)

    def _act(self, kind: int, fields: tuple[object, ...], now: float) -> None:
        match kind, fields:
            case Seen.TYPE, (int(largest), int(delay), int(bitmap)):
                self._on_seen(largest, delay / 1000, bitmap, now)
            case Ack.TYPE, (int(channel), int(upto)):
                self._on_ack(channel, upto)
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
                if (cursor := self.cursors.get(channel)) is not None:
                    cursor.on_seen(first, end)
            for channel, upto in sent.acks:
                if (inbox := self.inboxes.get(channel)) is not None:
                    inbox.told = max(inbox.told, upto)
                    self._confirms = 0
        if self._beat_number is not None and largest >= self._beat_number:
            self._beat_number = None
            self._beat_at = self.spoke + self.pace.heartbeat
        self._on_lost(verdict.lost)

    def _on_lost(self, lost: list[Sent]) -> None:
        for sent in lost:
            for channel, first, end in sent.spans:
                if (cursor := self.cursors.get(channel)) is not None:
                    cursor.on_lost(first, end)

    def _on_ack(self, channel: int, upto: int) -> None:
        cursor = self.cursors.get(channel)
        if cursor is None:
            return
        if not cursor.on_ack(upto):
            self.close(Code.PROTOCOL, "ACK beyond what was sent")
        elif channel == 0:
            self.private.trim(cursor.acked)

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When this session wants `on_deadline`; not the clocks of silence, which its owner keeps."""
        if self.closed is not None:
            return inf
        due = min(self.seen.due, self._acks_due, self._beat_at, self._confirm_at)
        return due if self.quiet else min(due, self.recovery.deadline)

    def on_deadline(self, now: float) -> None:
        """Let what is due by `now` happen; `pack` then sends it."""
        if not self.quiet and self.recovery.deadline <= now:
            self._on_lost(self.recovery.on_deadline(now))

    def hush(self) -> None:
        """Nothing was heard for `timeout`: keep what is to be sent until something is."""
        self.quiet = True
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
        beat = min(self._beat_at, self._confirm_at) <= now
        due = beat or self.seen.due <= now or self._acks_due <= now or self._responses is not None
        head = self._hints(now, beat)
        parts, spans = self._entries(MAX_PLAINTEXT - len(head), beat)
        if not (parts or (due and head)):
            if due:
                self._acks_due = inf  # what was to be acknowledged is read no longer
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
        for inbox in self.inboxes.values():
            if inbox.acked > inbox.told:
                head += Ack.pack_frame(inbox.channel, inbox.acked)
        for data in self._responses or ():
            head += Response.pack_frame(data)
        return head + _BEAT if beat else head

    def _hints_sent(self, now: float, beat: bool) -> tuple[tuple[int, int], ...]:
        """The hints leave; the ACKs among them, and when they are to be repeated (UC-LOG-8)."""
        self.seen.sent()
        self._responses = None
        self._acks_due = self._confirm_at = inf
        untold = [inbox for inbox in self.inboxes.values() if inbox.acked > inbox.told]
        if any(inbox.channel == 0 or inbox.acked - inbox.told >= WINDOW // 4 for inbox in untold):
            self._confirms += beat
            self._confirm_at = now + min(self.recovery.pto * 2 ** min(self._confirms, 8), self.pace.heartbeat)
        return tuple((inbox.channel, inbox.acked) for inbox in untold)

    def _entries(self, room: int, beat: bool) -> tuple[list[bytes], tuple[Span, ...]]:
        """Pieces for one packet, and what they are."""
        if (self.quiet and not beat) or not self.recovery.may_send:
            return [], ()
        parts: list[bytes] = []
        spans: tuple[Span, ...] = ()
        for cursor in self._in_turn():
            if cursor.after >= 0 and not self._told(cursor.after, spans):
                continue
            while cursor.ready and (piece := cursor.piece(room)) is not None:
                parts.append(piece.data)
                spans = spans + piece.spans if spans else piece.spans
                room -= len(piece.data)
        if not parts and self.recovery.probes:
            parts, spans = self._probe(room)
        return parts, spans

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

    def _probe(self, room: int) -> tuple[list[bytes], tuple[Span, ...]]:
        """A PTO passed and nothing new waits: the oldest that is not SEEN, once more."""
        parts: list[bytes] = []
        spans: tuple[Span, ...] = ()
        for cursor in self.cursors.values():
            start = cursor.seen
            while (piece := cursor.unseen_piece(start, room)) is not None:
                parts.append(piece.data)
                spans += piece.spans
                room -= len(piece.data)
                start = piece.end
        if not parts:
            self.recovery.probes = 0
        return parts, spans


_READERS = {frame.TYPE: frame.unpack_untrusted for frame in (Seen, Ack, Entry, Challenge, Response, Bye, Heartbeat)}
_ELICITING = {frame.TYPE for frame in (Heartbeat, Challenge, Response)}
_BEAT = Heartbeat.pack_frame()
