"""The client's side of a handshake: one attempt, from HELLO to WELCOME (SPEC.md 5.3).

    HELLO without cookie  ->  RETRY: whose key is it?  ->  HELLO with message 1  ->  WELCOME

Answers come in by `retry`, `welcome`, `refused` and `versions`, time by `on_deadline`; `hello` is what to send when
`wants_to_send`. Trust is decided elsewhere: the attempt is told by which `pin` to go, or asks for one.
"""

from __future__ import annotations

from enum import Enum, auto
from math import inf
from typing import NamedTuple

from udpchat_protocol.codes import Code, RetryFlag, code_of
from udpchat_protocol.constants import COOKIE_LIFE, HELLO_EAGER, HELLO_INTERVAL, HELLO_LEAST, HELLO_MAX, HELLO_VERDICT
from udpchat_protocol.limits import VERSION
from udpchat_protocol.packets import Answer, Hello, Offer, Refused, Retry, Welcome
from udpchat_protocol.wire import WireError

from .keys import Entropy, PrivateKey, prologue, psk
from .noise import Initiator, Keys, NoiseError
from .state import Pin

_EXCHANGES = 2
"""HELLOs that a handshake takes if none is lost."""

_PATIENCE = 2
"""HELLOs without an answer after which the next address has its turn (UC-PATH-7)."""


class Established(NamedTuple):
    """A handshake that worked: the session's id, its keys, the pin that it proved, and how the network looked.

    `rtt`: a round-trip time in seconds, if one was measured; `loss`: the share of HELLOs that had no answer.
    """

    session: int
    keys: Keys
    pin: Pin
    rtt: float | None
    loss: float


class Reply(Enum):
    """What a RETRY led to."""

    IGNORED = auto()
    PROVING = auto()
    KEY_UNKNOWN = auto()
    SECRET_MISSING = auto()


class Handshake:
    """One attempt, with one token."""

    __slots__ = (
        "_cookie",
        "_device",
        "_entropy",
        "_hellos",
        "_identity",
        "_initiator",
        "_last",
        "_next",
        "_noise",
        "_pin",
        "_proving_since",
        "_refusal",
        "_tries",
        "_unanswered",
        "_verdict_at",
        "rtt",
        "token",
    )

    def __init__(self, identity: PrivateKey, device: int, pin: Pin | None, entropy: Entropy, at: float) -> None:
        """`pin`: the server's key if it is known or confirmed. The first HELLO leaves at `at`."""
        self.token = int.from_bytes(entropy(8), "big")
        self.rtt: float | None = None
        self._identity = identity
        self._device = device
        self._pin = pin
        self._entropy = entropy
        self._cookie = b""
        self._noise = b""
        self._initiator: Initiator | None = None
        self._proving_since = inf
        self._tries = 0
        self._unanswered = 0
        self._hellos = 0
        self._last = -inf
        self._next = at
        self._refusal: Code | None = None
        self._verdict_at = inf

    @property
    def deadline(self) -> float:
        """When the next HELLO, a verdict, or the end of the attempt is due."""
        return min(self._next, self._verdict_at, self._proving_since + COOKIE_LIFE / 2)

    @property
    def proving(self) -> bool:
        """Was message 1 made?"""
        return self._initiator is not None

    def hurry(self, now: float) -> None:
        """There is another way to the server: send the next HELLO at once."""
        self._next = now
        self._unanswered = 0

    def turn(self, now: float) -> bool:
        """Is a HELLO due after so many without an answer that it is to go to the next address? True once for it."""
        if self._next > now or self._unanswered < _PATIENCE:
            return False
        self._unanswered = 0
        return True

    def stale(self, now: float) -> bool:
        """Has message 1 gone unanswered for so long that it is better to begin again (UC-SHAKE-11)?"""
        return now >= self._proving_since + COOKIE_LIFE / 2

    def hello(self, now: float) -> bytes | None:
        """The HELLO to send now, if one is due."""
        if self._next > now:
            return None
        self._tries += 1
        self._hellos += 1
        self._unanswered += 1
        self._last = now
        first = HELLO_INTERVAL if self.rtt is None else min(HELLO_INTERVAL, max(HELLO_LEAST, 3 * self.rtt))
        gap = first * 2.0 ** min(max(0, self._tries - HELLO_EAGER), 16)
        self._next = now + min(gap, HELLO_MAX)
        return Hello(version=VERSION, token=self.token, cookie=self._cookie, noise=self._noise).build()

    def retry(self, packet: Retry, now: float, *, asks: bool) -> Reply:
        """The server asks for its cookie back. `asks`: may the person be asked for a secret?"""
        self._unanswered = 0
        if self._initiator is not None:
            self._cookie = packet.cookie
            self._next = max(now, self._last + HELLO_INTERVAL)
            return Reply.IGNORED
        if self._pin is None:
            self._next = inf
            return Reply.KEY_UNKNOWN
        if asks and packet.flags & RetryFlag.CLOSED and self._pin.secret is None:
            self._next = inf
            return Reply.SECRET_MISSING
        initiator = Initiator(
            self._identity,
            self._pin.key,
            psk(self._pin.secret, self._pin.key),
            prologue(VERSION, self.token),
            self._entropy,
        )
        try:
            self._noise = initiator.message1(Offer(device=self._device, versions=(VERSION,)).build())
        except NoiseError:  # no such key can be used, whoever confirmed it (UC-NOISE-2)
            self._refused(Code.KEY, now)
            return Reply.IGNORED
        if self._tries == 1:
            self.rtt = now - self._last
        self._cookie = packet.cookie
        self._initiator = initiator
        self._tries = 0
        self._proving_since = self._next = now
        return Reply.PROVING

    def welcome(self, packet: Welcome, now: float) -> Established | Code | None:
        """The session, if the answer verifies; a code that forbids it (UC-SHAKE-9); None: not verified, ignored."""
        if self._initiator is None or self._pin is None:
            return None
        try:
            payload, keys = self._initiator.read2_untrusted(packet.noise)
            answer = Answer.parse_untrusted(payload)
        except (NoiseError, WireError):
            self._refused(Code.NONE, now)
            return None
        if max({VERSION}.intersection(answer.versions), default=0) > VERSION:
            return Code.VERSION
        if self._tries == 1:
            self.rtt = now - self._last
        loss = (self._hellos - _EXCHANGES) / self._hellos if self._hellos > _EXCHANGES else 0.0
        return Established(answer.session, keys, self._pin, self.rtt, loss)

    def refused(self, packet: Refused, now: float) -> None:
        """The server, or somebody in its name, refuses."""
        self._refused(code_of(packet.code), now)

    def versions(self, now: float) -> None:
        """The server, or somebody in its name, speaks no version that was not tried (UC-SHAKE-10)."""
        self._refused(Code.VERSION, now)

    def verdict(self, now: float) -> Code | None:
        """What to tell the person, once, when the attempt was refused and nothing better came (UC-SHAKE-7)."""
        if self._verdict_at > now:
            return None
        self._verdict_at = inf
        return self._refusal

    def _refused(self, code: Code, now: float) -> None:
        self._unanswered = 0
        if self._refusal is None:
            self._verdict_at = now + HELLO_VERDICT
        if not self._refusal:
            self._refusal = code
