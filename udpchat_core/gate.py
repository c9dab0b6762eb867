"""The server's gate: who may have a session at all (SPEC.md 5.4).

    HELLO without cookie   ->  RETRY; nothing is kept
    HELLO with a cookie    ->  WELCOME; the session is half open
    the first SEALED       ->  `open`: the session's keys, once

The gate answers datagrams and hands out keys. It knows nothing of live sessions but their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from hashlib import sha256
from math import inf

from udpchat_protocol.codes import Code, RetryFlag
from udpchat_protocol.constants import FAREWELL, FAREWELLS_MAX
from udpchat_protocol.limits import MAX_DATAGRAM, VERSION
from udpchat_protocol.packets import Answer, Hello, Offer, Refused, Reset, Retry, Versions, Welcome
from udpchat_protocol.wire import WireError

from .cookie import CookieJar
from .counters import Counters, Drop
from .keys import Entropy, PrivateKey, prologue, psk, public_key, reset_key, reset_token
from .limiter import FairShare
from .limits import Limits
from .noise import Keys, NoiseError, Responder
from .path import AddressOf, Datagram, Path
from .timers import Timers


@dataclass(frozen=True, slots=True)
class Identity:
    """A server's private key (32 bytes), and its secret (16 bytes) if it is closed."""

    private: PrivateKey
    secret: bytes | None = None

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return public_key(self.private)


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """A session that WELCOME offered and nobody has used yet."""

    session: int
    keys: Keys
    key: bytes
    device: int
    path: Path
    made: float
    """When the first WELCOME was sent, in the caller's seconds."""
    again: int = 0
    """How often it was sent again."""


class Gate:
    """Address validation, handshakes, and what is said to those whose session is over."""

    def __init__(
        self,
        identity: Identity,
        entropy: Entropy,
        address_of: AddressOf,
        limits: Limits,
        counters: Counters,
        live: Container[int],
        full: Callable[[bytes, int, Path], bool],
    ) -> None:
        """`live`: the ids of live sessions; `full`: may no session of this key, device and path become live?"""
        self._key = identity.public
        self._flags = int(RetryFlag.CLOSED) if identity.secret is not None else 0
        self._refusal = Code.SECRET if identity.secret is not None else Code.KEY
        self._reset_key = reset_key(identity.private)
        self._responder = Responder(identity.private, psk(identity.secret, self._key), entropy)
        self._entropy = entropy
        self._address_of = address_of
        self._limits = limits
        self._counters = counters
        self._live = live
        self._full = full
        self._jar = CookieJar(entropy)
        self._half_open: dict[int, HalfOpen] = {}
        self._welcomes: dict[bytes, tuple[int, bytes]] = {}
        """The sessions that HELLOs were answered with, and the answers, by digests of the former."""
        self._digests: dict[int, bytes] = {}
        self._farewells: dict[int, Datagram] = {}
        """The last datagrams of sessions that are over, and where they went, the oldest first."""
        self.expiries = Timers()
        """When the next answered HELLO is to be forgotten, as cookies expire in another order than they are used, or
        the next farewell.
        """
        self._handshakes = FairShare(limits.handshake_rate)
        self._resets = FairShare(limits.reset_rate)

    def __len__(self) -> int:
        return len(self._half_open)

    def __contains__(self, session: int) -> bool:
        return session in self._half_open

    def on_deadline(self, now: float) -> None:
        """Forget what has expired."""
        for session in self.expiries.due(now):
            self.ended(session)
            self._farewells.pop(session, None)

    def reset_token(self, session: int) -> bytes:
        """What TERMS tells, and RESET proves."""
        return reset_token(self._reset_key, session)

    def hello_untrusted(self, data: bytes, path: Path, now: float) -> bytes | None:
        """The answer to a HELLO, in the order of UC-GATE-3; None: it was dropped."""
        if len(data) != MAX_DATAGRAM:
            return self._counters.drop(Drop.SIZE)
        if data[1] != VERSION:
            return Versions(token=int.from_bytes(data[2:10], "big"), versions=(VERSION,)).build()
        try:
            hello = Hello.parse_untrusted(data)
        except WireError:
            return self._counters.drop(Drop.MALFORMED)
        address = self._address_of(path).octets
        if not (hello.cookie and self._jar.check(hello.cookie, hello.token, address, now)):
            cookie = self._jar.bake(hello.token, address, now)
            return Retry(version=VERSION, token=hello.token, flags=self._flags, cookie=cookie, key=self._key).build()
        digest = sha256(data).digest()
        if (answered := self._welcomes.get(digest)) is not None:
            session, welcome = answered
            if (offer := self._half_open.get(session)) is not None:
                self._half_open[session] = replace(offer, again=offer.again + 1)
            return welcome
        return self._welcome(hello, digest, path, now)

    def open(self, session: int) -> HalfOpen | None:
        """Look at a half-open session."""
        return self._half_open.get(session)

    def opened(self, session: int) -> None:
        """The session is live now; its WELCOME stays until the cookie expires."""
        self._half_open.pop(session, None)

    def ended(self, session: int) -> None:
        """The session is over, or will not begin: the HELLO that made it shall not be answered by its WELCOME again."""
        if (digest := self._digests.pop(session, None)) is not None:
            self._half_open.pop(session, None)
            del self._welcomes[digest]
            self.expiries.set(session, inf)

    def parted(self, session: int, farewell: Datagram, now: float) -> None:
        """The session is over, with a BYE after which its client is not to come back (UC-SESS-11)."""
        self.ended(session)
        self._farewells[session] = farewell
        self.expiries.set(session, now + FAREWELL)
        if len(self._farewells) > FAREWELLS_MAX:
            oldest = next(iter(self._farewells))
            del self._farewells[oldest]
            self.expiries.set(oldest, inf)

    @property
    def farewells(self) -> int:
        """How many are kept."""
        return len(self._farewells)

    def answer_to(self, session: int, path: Path, now: float) -> bytes | None:
        """The last BYE of a session that is neither live nor half open, or else RESET; None: too many of late."""
        if not self._resets.take(self._address_of(path).prefix, now):
            return None
        bye, at = self._farewells.get(session, (b"", None))
        return bye if bye and at == path else Reset(session=session, reset=self.reset_token(session)).build()

    def _welcome(self, hello: Hello, digest: bytes, path: Path, now: float) -> bytes:
        if not self._handshakes.take(self._address_of(path).prefix, now):
            return self._refuse(hello, Code.BUSY)
        try:
            offered = self._responder.read1_untrusted(hello.noise, prologue(VERSION, hello.token))
            offer = Offer.parse_untrusted(offered.payload)
        except (NoiseError, WireError):
            return self._refuse(hello, self._refusal)
        if self._full(offered.public, offer.device, path):
            return self._refuse(hello, Code.FULL)
        session = self._new_session()
        message, keys = offered.message2(Answer(session=session, versions=(VERSION,)).build())
        welcome = Welcome(version=VERSION, token=hello.token, noise=message).build()
        self._half_open[session] = HalfOpen(
            session=session, keys=keys, key=offered.public, device=offer.device, path=path, made=now
        )
        self._welcomes[digest] = session, welcome
        self._digests[session] = digest
        self.expiries.set(session, self._jar.expires(hello.cookie))
        self._evict()
        return welcome

    def _refuse(self, hello: Hello, code: Code) -> bytes:
        self._counters.drop(Drop.REFUSED)
        return Refused(token=hello.token, code=code).build()

    def _new_session(self) -> int:
        while True:
            session = int.from_bytes(self._entropy(8), "big")
            if session not in self._live and session not in self._half_open:
                return session

    def _evict(self) -> None:
        while len(self._half_open) > self._limits.half_open:
            self.ended(next(iter(self._half_open)))
        while len(self._welcomes) > 2 * self._limits.half_open:
            self.ended(next(iter(self._welcomes.values()))[0])
