"""A client's handshakes, one after the other, until one works, and the trust they go by (SPEC.md 5.3).

In:   `begin(at)`, `take(packet, now)`, `on_timeout(now)`; the person's answer to `ServerOffered` as `trust(pin)`
Out:  what a packet led to, `hello(now)` to be sent, `deadline`, and events by `tell`

A *quiet* handshake runs beside a session that is still good (SPEC.md 13): it asks nobody and tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from udpchat_protocol.limits import VERSION
from udpchat_protocol.packets import Packet, Refused, Retry, Versions, Welcome

from .counters import Drop
from .events import ClientEvent, HandshakeRefused, KeyDiffers, ServerOffered
from .handshake import Established, Handshake, Reply
from .keys import Entropy, PrivateKey, fingerprint
from .state import Pin
from .states import Happening

Outcome = Happening | Established | Drop | None
"""What became of a packet: a step of the client's states, a session, a drop, or nothing to speak of."""


class Greeter:
    """Makes handshakes for one client."""

    __slots__ = ("_asking", "_device", "_differs", "_entropy", "_handshake", "_identity", "_pin", "_quiet", "_tell")

    def __init__(
        self,
        identity: PrivateKey,
        device: int,
        pin: Pin | None,
        entropy: Entropy,
        tell: Callable[[ClientEvent], None],
    ) -> None:
        """`pin`: the server's key (and secret), if it is known or confirmed."""
        self._identity = identity
        self._device = device
        self._pin = pin
        self._entropy = entropy
        self._tell = tell
        self._handshake: Handshake | None = None
        self._asking = self._differs = self._quiet = False

    @property
    def active(self) -> bool:
        """Is a handshake under way?"""
        return self._handshake is not None

    @property
    def deadline(self) -> float:
        """When `on_timeout` or `hello` has something to do."""
        return self._handshake.deadline if self._handshake is not None else inf

    def begin(self, at: float, *, quiet: bool = False) -> None:
        """Begin a handshake, with the first HELLO at `at`."""
        self._asking = False
        self._quiet = quiet
        self._handshake = Handshake(self._identity, self._device, self._pin, self._entropy, at)

    def trust(self, pin: Pin) -> None:
        """The person confirmed this key, and gave this secret."""
        self._pin = pin

    def stop(self) -> None:
        """No handshake any more."""
        self._handshake = None

    def hurry(self, now: float) -> None:
        """There is another way to the server: try it at once."""
        if self._handshake is not None and not self._asking:
            self._handshake.hurry(now)

    def turn(self, now: float) -> bool:
        """Is a HELLO due that is to go to the next address (UC-PATH-7)? True once for it."""
        return self._handshake is not None and self._handshake.turn(now)

    def hello(self, now: float) -> bytes | None:
        """The HELLO to send now, if one is due."""
        return self._handshake.hello(now) if self._handshake is not None else None

    def on_timeout(self, now: float) -> bool:
        """Let time pass; True if the handshake was given up for a new one (UC-SHAKE-11)."""
        handshake = self._handshake
        if handshake is None:
            return False
        verdict = handshake.verdict(now)
        if verdict is not None and not self._quiet:
            self._tell(HandshakeRefused(verdict))
        if not handshake.stale(now):
            return False
        self.begin(now, quiet=self._quiet)
        return True

    def take(self, packet: Packet, now: float) -> Outcome:
        """Act on a packet of a handshake."""
        handshake = self._handshake
        if handshake is None or self._asking:
            return Drop.STATE
        if isinstance(packet, Retry | Welcome | Refused | Versions) and packet.token != handshake.token:
            return Drop.TOKEN
        if isinstance(packet, Retry | Welcome) and packet.version != VERSION:
            return Drop.MALFORMED
        match packet:
            case Retry():
                return self._retry(handshake, packet, now)
            case Welcome() if handshake.proving:
                return self._welcome(handshake, packet, now)
            case Refused():
                handshake.refused(packet, now)
            case Versions():
                handshake.versions(now)
            case _:
                return Drop.STATE
        return None

    def _retry(self, handshake: Handshake, packet: Retry, now: float) -> Happening | None:
        if self._pin is not None and packet.key != self._pin.key and not self._differs and not self._quiet:
            self._differs = True
            self._tell(KeyDiffers(packet.key, self._pin.key))
        reply = handshake.retry(packet, now, asks=not self._quiet)
        if reply is Reply.IGNORED:
            return None
        if reply is Reply.PROVING:
            return Happening.RETRY_KNOWN
        self._asking = True
        key = packet.key if self._pin is None else self._pin.key
        closed = reply is Reply.SECRET_MISSING or bool(packet.flags & 1)
        self._tell(ServerOffered(key, fingerprint(key), closed))
        return Happening.RETRY_UNKNOWN

    def _welcome(self, handshake: Handshake, packet: Welcome, now: float) -> Outcome:
        established = handshake.welcome(packet, now)
        if established is None:
            return Drop.TAG
        self._handshake = None
        return established if isinstance(established, Established) else Happening.ENDED
