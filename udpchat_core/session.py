"""One sealed association, the same on both ends: packets in, packets out, cursors moved (SPEC.md 4.2, 6 to 9).

A session knows channels and offsets. It knows no rooms, no people and no store: its owner takes entries out of the
inboxes of its `intake`, and appends to the logs that its `feeds` read.

In:   `receive_untrusted(datagram, path, now)`, `on_deadline(now)`, `log.append(...)` on a log that it reads
Out:  `pack(now)` gives the datagrams that may leave now, `deadline` when to come back

What leaves in a packet is decided in one place, `_fill`: hints first, then the entries that `loader` finds. Where
it leaves to is decided in another: everything on the path in use, but for what proves a path (`proving`).

Most sessions of a server lack nothing most of the time, until a log that they read grows. Such a session is *settled*:
`push` sends it what is new, without a look at anything else, and whom nothing else happens to for a while rides the
log's `train`. What unsettles a session says so by `unsettle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from udpchat_protocol.codes import Code, code_of
from udpchat_protocol.constants import PACKETS_MAX, SESSION_LIFE, WINDOW
from udpchat_protocol.frames import Ack, Bye, Challenge, Entry, Heartbeat, Padding, Response, Seen, read_untrusted
from udpchat_protocol.limits import FRAME_HEADER, HEADER, MAX_PLAINTEXT, TAG
from udpchat_protocol.wire import WireError

from .acks import Told
from .cursor import Cursor
from .feeds import Feeds
from .intake import Intake
from .loader import Loader
from .log import Log, Replay
from .path import Path, Sink
from .proving import Proving
from .pulse import Pulse
from .recovery import Recovery, Sent
from .seal import Seal
from .seen import SeenList
from .sides import Pace, Side
from .train import Rider


class Session:
    """Keys, cursors and clocks of one association."""

    __slots__ = (
        "_bye",
        "_loader",
        "_proving",
        "_pulse",
        "_rider",
        "born",
        "closed",
        "farewell",
        "feeds",
        "heard",
        "id",
        "intake",
        "look",
        "pace",
        "path",
        "quiet",
        "recovery",
        "seal",
        "side",
        "spoke",
        "unsettled",
    )

    def __init__(self, seal: Seal, path: Path, now: float, pace: Pace, side: Side) -> None:
        """A session that is `seal`'s; `path` is proved."""
        self.id = seal.session
        self.seal = seal
        self.path = path
        self.pace = pace
        self.born = self.heard = self.spoke = now
        self.side = side
        self.closed: Code | None = None
        """Why the session is over; None while it is not."""
        self.farewell = ""
        """The reason that goes with it, as the side that closed gave it."""
        self.quiet = False
        """Nothing was heard for long: only heartbeats leave (UC-LIVE-1, UC-LIVE-3)."""
        self.look = inf
        """When its owner will look at it again, at the latest."""
        self.unsettled = True
        """May there be more to do than to `push` what is new?"""
        self.recovery = Recovery(pace.seen_delay, side.remedies)
        self.intake = Intake(SeenList(pace.seen_every, pace.seen_delay), side.budget, side.uplink, side.urgent)
        self.feeds = Feeds(self.id)
        self._loader = Loader(self.feeds.cursors, self.recovery)
        self._pulse = Pulse(now + pace.heartbeat) if side.beats else _NO_PULSE
        self._proving: Proving | None = None
        self._rider: Rider | None = None
        self._bye: bytes | None = None

    # -- riding -------------------------------------------------------------------------------------------------

    def board(self, cursor: Cursor) -> bool:
        """Ride the train of a log that grew, if hardly anything else is in flight: it sends what is new from now on."""
        train = cursor.log.train
        if train is not None:
            self._rider = train.board(cursor, self.seal, self.recovery, self.path)
        return self._rider is not None

    def alight(self) -> Log | None:
        """Ride no more, and be as if it never had; the log that it rode, if it did."""
        rider = self._rider
        if rider is None:
            return None
        self._rider = None
        return rider.leave()

    def unsettle(self) -> None:
        """There may be more to do than to send what is new in a log."""
        self.alight()
        self.unsettled = True

    # -- channels -----------------------------------------------------------------------------------------------

    def feed(self, log: Log | Replay, start: int, after: int) -> None:
        """Begin to send the entries of `log` from offset `start`, once entry `after` of channel 0 told of it."""
        self.unsettle()
        self.feeds.feed(log, start, after, self.seal.next_number)

    def unfeed(self, channel: int) -> None:
        """Send nothing more of `channel`."""
        self.alight()
        self.feeds.unfeed(channel)

    def unfeed_all(self) -> None:
        """The session is over: no log is to keep it as a reader."""
        self.alight()
        self.feeds.unfeed_all()

    def done(self, channel: int, offset: int, now: float) -> None:
        """The entry of `channel` at `offset`, taken from its inbox, is done with: ACK may move."""
        if self.intake.done(channel, offset, now):
            self.unsettle()

    def beat(self, now: float, size: int = 0) -> None:
        """Send a heartbeat with the next packet, whether one is due or not; `size`: bytes of it at least."""
        if not self._pulse.on:
            self._pulse = Pulse(now)
        self._pulse.now(now, size)
        self.unsettle()

    @property
    def unanswered(self) -> bool:
        """Was a heartbeat sent that was not SEEN?"""
        return self._pulse.unseen is not None

    def move(self, path: Path, now: float, rtt: float | None = None) -> None:
        """Send on another path from now on: what was measured is void, and what is in flight is sent anew."""
        self.unsettle()
        self.path = path
        if self._proving is not None:
            self._proving.candidate = None
        recovery = self.recovery
        self._on_lost(recovery.give_up())
        recovery.restart_path(recovery.srtt if rtt is None else rtt)
        self.intake.acks.hurry(now)

    @property
    def clogged(self) -> bool:
        """Is the session over, or so much unacknowledged on channel 0 that nothing should be added to it?"""
        return self.closed is not None or self.feeds.clogged

    # -- in -----------------------------------------------------------------------------------------------------

    def receive_untrusted(self, datagram: bytes, path: Path, now: float) -> None:
        """Take a SEALED packet that came on `path`.

        Raises `SealError`, and then nothing changed, for what is not a fresh packet of this session (steps 3 and
        4 of SPEC.md 4.2). A fault in what was sealed closes the session instead.
        """
        newest = self.seal.largest
        number, plaintext = self.seal.open_untrusted(datagram)
        self.heard = now
        self.quiet = False
        if self._proving is not None or path != self.path:
            self._came_on(path, len(datagram), now, newest=number > newest)
        try:
            acted = read_untrusted(plaintext)
        except WireError as error:
            self.close(Code.PROTOCOL, str(error)[:100])
            return
        eliciting, kept, beaten = False, True, False
        for kind, fields in acted:
            if kind == _SEEN:
                self._on_seen(fields, number, now)
            elif kind == _ACK:
                self._on_ack(fields, number)
            elif kind == _ENTRY:
                eliciting = True
                kept = self.intake.keep(fields, now) and kept
            elif kind == _BEAT_TYPE:
                beaten = True
            else:
                eliciting = self._act(kind, fields, path, now) or eliciting
        if eliciting:
            self.unsettle()
        if (eliciting or beaten) and kept:
            self.intake.seen.note(number, len(datagram), now, beats=beaten, missed=number != newest + 1)

    def _came_on(self, path: Path, size: int, now: float, *, newest: bool) -> None:
        """A valid packet of `size` bytes came on `path` (UC-PATH-2)."""
        if self.side.challenges is not None:
            self._proving = self._proving or Proving()
            self._proving.came_on(path, size, now, self.side.challenges if newest else None, self.path)
            self.unsettle()

    def _act(self, kind: int, fields: tuple[Any, ...], path: Path, now: float) -> bool:
        """Act on a frame that few packets have; does it want SEEN?"""
        if kind == Challenge.TYPE:
            self._proving = self._proving or Proving()
            self._proving.asked(fields[0], path)
        elif kind == Response.TYPE:
            if self._proving is not None and (candidate := self._proving.answered(fields[0], path)) is not None:
                self.move(path, now, candidate.rtt(now))
        elif kind == _BYE and self.closed is None:
            code, self.farewell = fields
            self.closed = code_of(code)
            self.unsettle()
        return kind not in (_BYE, _PADDING)

    def _on_seen(self, seen: tuple[Any, ...], number: int, now: float) -> None:
        """SEEN, in the peer's packet `number`."""
        largest, delay, bitmap = seen
        if (rider := self._rider) is not None:
            own = rider.own
            if rider.passed(largest, bitmap, delay / 1000, now):
                if own and not rider.own:
                    self._on_arrived(own)
                return
            self.alight()
        if largest >= self.seal.next_number:
            self.close(Code.PROTOCOL, "SEEN of a packet that was never sent")
            return
        recovery = self.recovery
        arrived, lost = recovery.on_seen(largest, delay / 1000, bitmap, now)
        self._on_arrived(arrived)
        if lost:
            self._on_lost(lost)
        if self.unsettled:
            self._look_round(largest, number, now)
            self._stop_probing()
        elif not recovery.records:  # what was lost would have unsettled it
            recovery.waiting = False

    def _look_round(self, largest: int, number: int, now: float) -> None:
        """After SEEN: the pulse, which cursors count ACKs now (UC-ROOM-5), and what that failed is done with?"""
        if self._pulse.on:
            self._pulse.seen(largest, self.spoke, self.pace.heartbeat)
        self.feeds.began(number)
        if self.intake.refusing:
            for offset in self.intake.excused(self.feeds.cursors[0].seen):
                self.done(0, offset, now)

    def _on_arrived(self, arrived: Iterable[Sent]) -> None:
        for number, _, _, spans, acks in arrived:
            if spans:
                self.feeds.on_seen(number, spans)
            if acks:
                self.intake.acks.known(acks)

    def _stop_probing(self) -> None:
        """Every entry that was sent may have been SEEN, in another packet than those that are in flight."""
        if self.recovery.waiting and not self.feeds.unseen:
            self.recovery.settled()

    def _on_lost(self, lost: list[Sent]) -> None:
        self.unsettle()
        for number, _, _, spans, _ in lost:
            self.feeds.on_lost(number, spans)

    def _on_ack(self, ack: tuple[int, ...], number: int) -> None:
        channel, upto = ack
        cursor = self.feeds.cursors.get(channel)
        if cursor is None or number < cursor.since:
            return
        rider = self._rider
        if rider is not None and rider.cursor is cursor:
            if rider.acked(upto):
                return
            self.alight()
        if cursor.sent >= cursor.acked + WINDOW:
            self.unsettle()
        if not cursor.on_ack(upto):
            self.close(Code.PROTOCOL, "ACK beyond the head of the log")
        elif channel == 0 and cursor.acked > self.feeds.private.base:
            if self.clogged:  # what was not added to it may be added now
                self.unsettle()
            self.feeds.private.trim(cursor.acked)

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When this session wants `on_deadline`; not the clocks of silence, which its owner keeps."""
        if self.closed is not None:
            return inf
        if self.quiet:
            return self._pulse.due
        if not self.unsettled:
            return min(self.recovery.deadline, self.intake.acks.again)
        hints = min(self.intake.due, self.intake.acks.again, self._pulse.due)
        proof = self._proving.due if self._proving is not None else inf
        return min(hints, proof, self._loader.copy_at, self.recovery.deadline)

    def on_deadline(self, now: float) -> None:
        """Let what is due by `now` happen; `pack` then sends it."""
        if not self.quiet and self.recovery.deadline <= now:
            self._stop_probing()
            self._on_lost(self.recovery.on_deadline(now))

    def hush(self) -> None:
        """Nothing was heard for `timeout`: keep what is to be sent until something is."""
        self.alight()
        self.quiet = True
        self._proving = None
        self._loader.copy_at = inf
        self._on_lost(self.recovery.give_up())

    def worn(self, now: float) -> bool:
        """Has the session sent or lived as much as it may (UC-SEAL-5)?"""
        return self.seal.next_number >= PACKETS_MAX or now >= self.born + SESSION_LIFE

    def close(self, code: Code, reason: str = "") -> None:
        """End the session: the next `pack` sends BYE and nothing else ever leaves."""
        if self.closed is None:
            self.closed = code
            self.farewell = reason
            self.unsettle()
            self._bye = Bye.pack_frame(code, reason)

    # -- out ----------------------------------------------------------------------------------------------------

    def pack(self, now: float, out: Sink) -> None:
        """Append to `out` what may leave now."""
        self.alight()
        if self.closed is not None:
            if self._bye is not None and not self.worn(now):
                out.append((self.seal.seal(self._hints(now, beat=False) + self._bye), self.path))
            self._bye = None
            return
        if self.worn(now):
            return
        while self._fill(now, out) and not self.worn(now):
            pass
        if self._proving is not None:
            self._prove(self._proving, now, out)
        self.unsettled = not self._settled()

    def push(self, cursor: Cursor, now: float, out: Sink) -> None:
        """Append to `out` what is new for `cursor`, in a session that lacks nothing else.

        `unsettled` afterwards: not all of it might leave; `pack` does what there is to do.
        """
        log, recovery, seal = cursor.log, self.recovery, self.seal
        limit = cursor.acked + WINDOW
        if cursor.sent >= limit:
            return  # until ACK comes, which unsettles the session
        assert isinstance(log, Log)
        news = log.news(cursor.sent)
        if now >= self.born + SESSION_LIFE or seal.next_number + len(news) > PACKETS_MAX:
            self.unsettle()
            return
        for data, spans, end in news:
            size = len(data) + HEADER + TAG
            if end > limit or size > recovery.allowance:
                break
            recovery.on_sent(seal.next_number, now, size, spans)
            out.append((seal.seal(data), self.path))
            cursor.sent = end
        self.unsettled = cursor.sent < log.head

    def answer(self, now: float, out: Sink) -> None:
        """Append to `out` the SEEN that is due to a HEARTBEAT, in a session that lacks nothing else."""
        seen = self.intake.seen
        if self.unsettled or not seen.waiting or self.worn(now):
            return
        number = None if self._rider is None else self._rider.step_aside()
        if number is None:
            self.alight()
            datagram = self.seal.seal(seen.frame(now))
        else:
            datagram = self.seal.seal_as(number, seen.frame(now))
        out.append((datagram, self.path))
        seen.sent()
        self.spoke = now

    def _settled(self) -> bool:
        """Is there nothing to do until a log grows, the peer speaks, or the recovery wants a probe?"""
        intake = self.intake
        if self.quiet or self._pulse.on or self._proving is not None or intake.refusing or intake.waiting:
            return False
        return self._loader.idle and self.feeds.idle

    def _fill(self, now: float, out: Sink) -> bool:
        """Send one packet if there is reason to; True if there may be another."""
        intake, acks = self.intake, self.intake.acks
        beat = (self._pulse.due if self.quiet else min(self._pulse.due, acks.again)) <= now
        if self.quiet and not beat:
            return False
        due = beat or intake.due <= now
        if acks.again <= now:
            acks.repeat()
        head = self._hints(now, beat) if beat or intake.waiting else b""
        data, spans, more, fresh = self._loader.load(MAX_PLAINTEXT - len(head), now, due=due)
        if not (data or (due and head)):
            return False
        told = self._hints_sent(now, beat) if head else ()
        number = self.seal.next_number
        plaintext = head + data if head else data
        datagram = self.seal.seal(_padded(plaintext, self._pulse.size) if beat and self._pulse.size else plaintext)
        if spans or beat:
            self.recovery.on_sent(number, now, len(datagram), spans, told, fresh=fresh)
        self.spoke = now
        if self._pulse.on:
            pace, deaf = self.pace, now >= self.heard + self.pace.timeout
            self._pulse.sent(
                number, now, beat=beat, gap=pace.heartbeat, pto=self.recovery.pto, timeout=pace.timeout, deaf=deaf
            )
        out.append((datagram, self.path))
        return more

    def _prove(self, proving: Proving, now: float, out: Sink) -> None:
        """Send what proves a path, each on its own (UC-PATH-2, UC-PATH-4), and what may go along (UC-PATH-9)."""
        free = None if self.side.challenges is None else self.path
        packets = proving.packets(now, self.recovery.pto, free, self._loader.copies)
        for plaintext, path in packets:
            out.append((self.seal.seal(plaintext), path))
        if proving.done:
            self._proving = None

    def _hints(self, now: float, beat: bool) -> bytes:
        """The frames that are no entries and would go along in a packet that leaves now."""
        head = self.intake.frames(now)
        return head + _BEAT if beat else head

    def _hints_sent(self, now: float, beat: bool) -> Told:
        """The hints leave; the ACKs among them, and when they are to be repeated (UC-LOG-8)."""
        recovery = self.recovery
        return self.intake.sent(now, recovery.pto, self.pace.heartbeat, eliciting=beat, lossy=recovery.lossy)


def _padded(plaintext: bytes, size: int) -> bytes:
    """With PADDING, if the packet would have less than `size` bytes."""
    lacks = size - HEADER - TAG - len(plaintext)
    return plaintext + Padding.pack_frame(max(lacks - FRAME_HEADER, 0)) if lacks > 0 else plaintext


_NO_PULSE = Pulse(inf)
_PADDING, _SEEN, _ACK, _ENTRY, _BYE = Padding.TYPE, Seen.TYPE, Ack.TYPE, Entry.TYPE, Bye.TYPE
_BEAT, _BEAT_TYPE = Heartbeat.pack_frame(), Heartbeat.TYPE
