"""A client of the plaintext dialect, sans-IO (SPEC.md, appendix B).

Inputs    `connect` · `receive_datagram` · `handle_timeout`, and the commands `say` and `quit`; all take `now`
Outputs   after each batch of inputs, in this order: `events()`, `datagrams_to_send(now)`, and then `next_timeout()`

What is lost is lost: the dialect repairs nothing. A server that said `bye bye` may come back, and heartbeats make
this a client of it again.
"""

from __future__ import annotations

from collections import deque
from math import inf

from udpchat_protocol.codes import Code
from udpchat_protocol.limits import MAX_DATAGRAM, TEXT_MAX

from .counters import Counters, Drop
from .errors import LocalProtocolError
from .path import Datagram, Path
from .plaintext import BEAT, BYE, HELLO, PLAIN_BEAT, QUIT, Kind, PlainHeard, plain, read_untrusted

_EVENTS = 1024
"""Events that wait at most; the oldest go first, as if the network had lost them."""


class PlaintextClient:
    """One client of one server."""

    def __init__(self, *, beat: float = PLAIN_BEAT) -> None:
        """`beat`: seconds without a datagram of ours after which a heartbeat is sent."""
        self.counters = Counters()
        self._beat = beat
        self._path: Path = None
        self._beat_at = inf
        self._closed = False
        self._events: deque[PlainHeard] = deque(maxlen=_EVENTS)
        self._out: list[Datagram] = []
        self._now = -inf

    # -- inputs -----------------------------------------------------------------------------------------------

    def connect(self, path: Path, now: float) -> None:
        """Begin, on this path. May be called once."""
        if self._path is not None:
            raise LocalProtocolError("connect was called before; make another PlaintextClient", what="connect")
        self._path = path
        self._send(HELLO, now)

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram that came on `path`; only what the server sent counts."""
        self._now = now
        self.counters.received += 1
        if len(data) > MAX_DATAGRAM:
            self.counters.drop(Drop.SIZE)
        elif path != self._path or self._closed:
            self.counters.drop(Drop.STATE)
        else:
            self._events.append(PlainHeard(plain(data), data, data.strip() == BYE))

    def handle_timeout(self, now: float) -> None:
        """Let time pass: harmless at any time, needed at `next_timeout()`."""
        self._now = now
        if self._beat_at <= now:
            self._send(BEAT, now)

    def say(self, text: str, now: float) -> None:
        """Say something; `quit` leaves. Raises `LocalProtocolError` for what no server would answer."""
        if self._closed or self._path is None:
            raise LocalProtocolError("say: there is no server to say it to", what="say")
        data = text.encode(errors="replace")
        kind = read_untrusted(data).kind
        if len(data) > TEXT_MAX:
            raise LocalProtocolError(f"a text has {TEXT_MAX} bytes at most", what="say", code=Code.TEXT)
        if kind is Kind.FOREIGN:
            raise LocalProtocolError(
                "no server answers what begins with 'ack ' or 'bye bye'", what="say", code=Code.TEXT
            )
        self._send(data, now)
        if kind is Kind.QUIT:
            self._close()

    def quit(self, now: float) -> None:
        """Leave; harmless if that was done."""
        if not self._closed and self._path is not None:
            self._send(QUIT, now)
        self._close()

    # -- outputs ----------------------------------------------------------------------------------------------

    def events(self, most: int | None = None) -> list[PlainHeard]:
        """The oldest `most` of what came (None: all)."""
        return [self._events.popleft() for _ in range(min(most or len(self._events), len(self._events)))]

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """(datagram, path) pairs, to be sent in this order."""
        self._now = now
        out, self._out = self._out, []
        self.counters.sent += len(out)
        return out

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted; not after the last `now` while datagrams wait. None: never."""
        if self._out:
            return self._now
        return None if self._beat_at == inf else self._beat_at

    @property
    def closed(self) -> bool:
        """Is it over?"""
        return self._closed

    # ---------------------------------------------------------------------------------------------------------

    def _send(self, data: bytes, now: float) -> None:
        self._now = now
        self._beat_at = now + self._beat
        self._out.append((data, self._path))

    def _close(self) -> None:
        self._closed = True
        self._beat_at = inf
