"""Packets in flight: round-trip time, loss, probes and the congestion window (SPEC.md 9, after RFC 9002).

It sees packet numbers, times and sizes, never frames: what a packet carried is an opaque tuple of spans that comes
back in `on_seen` when the packet was SEEN or lost. Time comes in with each call; `deadline` says when to call
`on_deadline`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from udpchat_protocol.constants import (
    GENTLE,
    GRANULARITY,
    INITIAL_RTT,
    INITIAL_WINDOW,
    LOSS_MEMORY,
    LOSSY,
    MINIMUM_WINDOW,
    PACKET_THRESHOLD,
    PTO_EAGER,
    PTO_LEAST,
    PTO_LITTLE,
    PTO_MAX,
    QUEUE_FREE,
    RECORDS_MAX,
    TIME_THRESHOLD,
)
from udpchat_protocol.limits import MAX_DATAGRAM

from .acks import Told
from .log import Span

Sent = tuple[int, float, int, tuple[Span, ...], Told]
"""An eliciting packet in flight: its number, when it left, its bytes, its entries, the ACKs that went along."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """What is done against loss beyond RFC 9002; each can be left out, to see what it is worth."""

    eager: bool = True
    """The first probes do not double while little is in flight, and later ones go in pairs (UC-REPAIR-4, 5)."""
    riders: bool = True
    """Entries that were not SEEN ride along in packets with room (UC-REPAIR-7)."""
    duplicates: bool = True
    """What was sent is sent once more a quarter of an RTT later (UC-REPAIR-8)."""
    gentle: bool = True
    """Loss without growing RTT takes little from the window (UC-REPAIR-10)."""


_INITIAL_WINDOW, _NEVER = float(INITIAL_WINDOW), -inf  # objects that many share

HINTS_MAX = 8
"""Packets without entries that are remembered; they only measure, so the oldest may go."""


class Recovery:
    """One direction of one session."""

    __slots__ = (
        "_fresh",
        "_loss_at",
        "_max_delay",
        "_recovery_start",
        "_ssthresh",
        "_started",
        "_told",
        "in_flight",
        "largest_seen",
        "loss_rate",
        "min_rtt",
        "probes",
        "pto",
        "records",
        "remedies",
        "rtt_at",
        "rttvar",
        "srtt",
        "tries",
        "waiting",
        "window",
    )

    def __init__(self, max_delay: float, remedies: Remedies) -> None:
        """`max_delay`: how long the peer may hold back a SEEN, in seconds."""
        self._max_delay = max_delay
        self.remedies = remedies
        self.records: dict[int, Sent] = {}
        self.in_flight = 0
        self.largest_seen = -1
        self.loss_rate = 0.0
        """Share of packets lost, over about the last LOSS_MEMORY."""
        self._told = 0
        """Packets that it was measured with, at most LOSS_MEMORY."""
        self.probes = 0
        """Packets that may leave regardless of the window, since a PTO passed."""
        self.tries = 0
        """PTOs in a row with nothing SEEN."""
        self.waiting = False
        """Was an entry sent that was not SEEN?"""
        self._fresh = 0
        """Of them, those before the last packet that was no probe."""
        self.restart_path(INITIAL_RTT)

    def restart_path(self, rtt: float) -> None:
        """Forget what was measured: another path, with perhaps this round-trip time in seconds (UC-REPAIR-11)."""
        self._guess(rtt)
        self.min_rtt = inf
        self.rtt_at: float | None = None
        self.window = _INITIAL_WINDOW
        self._ssthresh = inf
        self._recovery_start = self._started = _NEVER
        self._loss_at = inf

    def expect(self, rtt: float | None, loss: float) -> None:
        """Begin with the round-trip time, if there is one, and the loss that the handshake met (UC-REPAIR-3)."""
        if rtt is not None:
            self._guess(rtt)
        self.loss_rate = loss
        self._told = 2

    @property
    def max_delay(self) -> float:
        """How long the peer may hold back a SEEN, in seconds."""
        return self._max_delay

    @max_delay.setter
    def max_delay(self, seconds: float) -> None:
        self._max_delay = seconds
        self._set_pto()

    def _guess(self, rtt: float) -> None:
        self.srtt, self.rttvar = rtt, rtt / 2
        self._set_pto()

    def _set_pto(self) -> None:
        spread = 4 * self.rttvar
        self.pto = self.srtt + (spread if spread > GRANULARITY else GRANULARITY) + self._max_delay
        """Seconds without SEEN after which a packet is probably lost, before any back-off."""

    @property
    def allowance(self) -> int:
        """Bytes that the next eliciting packet may have: what the window has left, or any for a probe."""
        if len(self.records) >= RECORDS_MAX:
            return 0
        room = self.window - self.in_flight
        return MAX_DATAGRAM if room >= MAX_DATAGRAM or self.probes else int(room)

    def on_sent(
        self,
        number: int,
        now: float,
        size: int,
        spans: tuple[Span, ...],
        acks: Told = (),
        *,
        fresh: bool = True,
    ) -> None:
        """An eliciting packet leaves. `fresh`: it has entries that are new or wanted."""
        self.records[number] = (number, now, size, spans, acks)
        self.in_flight += size
        if spans or not self.waiting:  # a heartbeat puts no probe off
            self._started = now
        if spans:
            self.waiting = True
            if self.probes:
                self.probes -= 1
            elif fresh:
                self._fresh = self.tries
        else:
            self._forget_old_hints()

    def on_seen(self, largest: int, delay: float, bitmap: int, now: float) -> tuple[list[Sent], list[Sent]]:
        """The peer lists packets: those of them that were in flight, and those that are lost.

        `delay`: seconds it held the largest back.
        """
        records = self.records
        if largest in records:
            self._measure(now - records[largest][1], delay, now)
        self.largest_seen = max(self.largest_seen, largest)
        used = self.in_flight >= self.window / 2
        seen = self._listed(largest, bitmap << 1 | 1)
        if seen:
            self.tries = self._fresh = self.probes = 0
        self._loss_at = inf
        lost = self._detect(now) if records else []
        if self.loss_rate or self._told < LOSS_MEMORY:
            self._weigh(0.0, len(seen))
        if used or lost:
            self._adjust(seen if used else [], lost, now)
        return seen, lost

    def on_run_seen(self, largest: int, count: int, sample: float, delay: float, now: float) -> None:
        """As `on_seen` for who keeps no records: all `count` packets up to `largest` are listed, and none is missing.

        `sample`: seconds since that one was sent.
        """
        self._measure(sample, delay, now)
        self.largest_seen = largest
        if self.loss_rate or self._told < LOSS_MEMORY:
            self._weigh(0.0, count)

    def grow(self, seen: list[Sent]) -> None:
        """These were SEEN while the window was in use."""
        self._adjust(seen, [], seen[-1][1])

    @property
    def calm(self) -> bool:
        """Is nothing probed for, and nothing nearly lost?"""
        return not self.tries and not self.probes and self._loss_at == inf

    def set_aside(self) -> None:
        """What is in flight is written down elsewhere, until it comes back by `resume`."""
        self.records.clear()
        self.in_flight = 0
        self.waiting = False

    def resume(self, sent: list[Sent]) -> None:
        """These are in flight."""
        for each in sent:
            self.records[each[0]] = each
            self.in_flight += each[2]
            self._started = each[1]
        self.waiting = bool(sent)

    def _listed(self, largest: int, listed: int) -> list[Sent]:
        """Take out what SEEN lists: `largest`, and of those before it the ones with their bit in `listed`."""
        records = self.records
        if largest == next(reversed(records), -1) and listed + 1 & (2 << largest - next(iter(records))) - 1 == 0:
            seen = list(records.values())  # all that is in flight, as mostly
            records.clear()
            self.in_flight = 0
            return seen
        seen = [sent for n, sent in records.items() if 0 <= largest - n <= 64 and listed >> largest - n & 1]
        for sent in seen:
            del records[sent[0]]
            self.in_flight -= sent[2]
        if not records:
            records.clear()  # gives back the memory of a dictionary that was emptied one by one
        return seen

    @property
    def deadline(self) -> float:
        """When `on_deadline` wants to be called."""
        if self._loss_at < inf:
            return self._loss_at
        if not self.records:
            return inf
        return self._started + (self._patience if self.tries else self.pto)

    def on_deadline(self, now: float) -> list[Sent]:
        """The deadline passed: what is lost by time, or else a probe may leave (`probes`)."""
        if self._loss_at < inf:
            lost = self._detect(now)
            self._adjust([], lost, now)
            return lost
        self._started = now
        if not self.waiting:
            self._forget()
            return []
        self.tries += 1
        self.probes = 2 if self.tries > 1 and self.lossy and self.remedies.eager else 1
        if self.tries == PTO_EAGER:
            self.window = float(MINIMUM_WINDOW)
        return []

    def give_up(self) -> list[Sent]:
        """Nothing was heard for long: all in flight counts as lost, and the window is the smallest."""
        lost = [self._settle(n) for n in list(self.records)]
        self.window = float(MINIMUM_WINDOW)
        self._loss_at = inf
        self.settled()  # what is still wanted is sent anew, if anything
        return lost

    def settled(self) -> None:
        """Every entry that was sent was SEEN: there is nothing to probe for."""
        self.waiting = False
        self.tries = self._fresh = self.probes = 0

    @property
    def lossy(self) -> bool:
        """Is so much lost that it is worth sending things before they are known to be lost?"""
        return self.loss_rate > LOSSY

    @property
    def _queue_free(self) -> bool:
        """Is the round trip so short that what is lost cannot be lost to a queue?"""
        return self.srtt < QUEUE_FREE * self.min_rtt

    @property
    def _patience(self) -> float:
        """Seconds from the last packet with entries to the next probe (UC-REPAIR-5)."""
        patient = self.in_flight > PTO_LITTLE and not (self.lossy and self._queue_free)
        if patient or not self.remedies.eager:
            return min(self.pto * 2 ** min(self.tries, 16), max(self.pto, PTO_MAX))
        doublings = max(0, self.tries - self._fresh - PTO_EAGER)
        return min(self.pto * 2 ** min(doublings, 16), max(self.pto, PTO_LEAST))

    def _measure(self, sample: float, delay: float, now: float) -> None:
        late = delay > self._max_delay + GRANULARITY
        if late and self.rtt_at is None:
            return  # the SEEN before was lost, and there is nothing to hold its delay against
        if sample < self.min_rtt:
            self.min_rtt = sample
        if self.rtt_at is None:
            self.srtt, self.rttvar = sample, sample / 2
        else:
            adjusted = sample - delay
            if adjusted < self.min_rtt:
                adjusted = self.min_rtt if late else sample
            error = adjusted - self.srtt
            self.rttvar += ((error if error > 0 else -error) - self.rttvar) / 4
            self.srtt += error / 8
        self.rtt_at = now
        self._set_pto()

    def _weigh(self, lost: float, count: int) -> None:
        """So many more packets are known to have arrived (0) or to be lost (1)."""
        for _ in range(count):
            self._told = min(self._told + 1, LOSS_MEMORY)
            self.loss_rate += (lost - self.loss_rate) / self._told

    def _settle(self, number: int) -> Sent:
        sent = self.records.pop(number)
        self.in_flight -= sent[2]
        return sent

    def _forget(self) -> None:
        """What is in flight carries nothing that is still wanted, and nobody will tell of it any more."""
        self.records.clear()
        self.in_flight = 0

    def _detect(self, now: float) -> list[Sent]:
        """Take out what is lost by now; note when the next one will be."""
        self._loss_at = inf
        lost: list[int] = []
        for number, time, *_ in self.records.values():
            if number > self.largest_seen:
                break
            overdue = time + max(TIME_THRESHOLD * self.srtt, GRANULARITY)
            if number <= self.largest_seen - PACKET_THRESHOLD or overdue <= now:
                lost.append(number)
            else:
                self._loss_at = min(self._loss_at, overdue)
        self._weigh(1.0, len(lost))
        return [self._settle(n) for n in lost]

    def _adjust(self, seen: list[Sent], lost: list[Sent], now: float) -> None:
        """The congestion window, RFC 9002 section 7."""
        if lost and max(time for _, time, *_ in lost) > self._recovery_start:
            self._recovery_start = now
            if self.remedies.gentle and self._queue_free:
                self.window = max(self.window * GENTLE, min(self.window, float(INITIAL_WINDOW)))
            else:
                self.window = max(self.window / 2, float(MINIMUM_WINDOW))
            self._ssthresh = self.window
        for _, time, size, *_ in seen:
            if time > self._recovery_start:
                self.window += size if self.window < self._ssthresh else MAX_DATAGRAM * size / self.window

    def _forget_old_hints(self) -> None:
        hints = [n for n, _, _, spans, _ in self.records.values() if not spans]
        if len(hints) > HINTS_MAX:
            self._settle(hints[0])
