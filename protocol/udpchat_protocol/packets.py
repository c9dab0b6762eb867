"""The packets, one a datagram, and the payloads inside their Noise messages (SPEC.md 3.2)."""

from collections.abc import Callable
from enum import Enum
from typing import ClassVar, TypeVar, dataclass_transform

from udpchat_protocol import limits
from udpchat_protocol.faults import Reason
from udpchat_protocol.layout import Lengths
from udpchat_protocol.wire import (
    Bytes,
    Const,
    Fill,
    Int8ub,
    Int32ub,
    Int48ub,
    Int64ub,
    List8,
    Octets,
    Opaque8,
    Opaque16,
    Rest,
    Wire,
    WireError,
    field,
    lengths,
    wire,
)

P = TypeVar("P", bound="Packet")


class Direction(Enum):
    """Who sends it."""

    TO_SERVER = "c→s"
    TO_CLIENT = "s→c"
    BOTH = "both"


class Packet(Wire):
    """A datagram."""

    __slots__ = ()

    TYPE: ClassVar[int]
    """Its first byte."""
    DIRECTION: ClassVar[Direction]


PACKETS: dict[int, type[Packet]] = {}
"""Every packet by its type."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def packet(type_: int, direction: Direction, *, cases: tuple[Lengths, ...] = ()) -> Callable[[type[P]], type[P]]:
    """Declares a packet."""

    def decorate(cls: type[P]) -> type[P]:
        made = wire(tag=type_, limit=limits.MAX_DATAGRAM, cases=cases)(cls)
        made.TYPE, made.DIRECTION = type_, direction
        PACKETS[type_] = made
        return made

    return decorate


@packet(
    0x01,
    Direction.TO_SERVER,
    cases=(
        lengths(cookie=0, noise=0),
        lengths(cookie=limits.COOKIE, noise=(limits.NOISE_OFFER_MIN, limits.NOISE_MAX)),
    ),
)
class Hello(Packet):
    """Asks for a cookie (without one), then opens the handshake (with it)."""

    version: int = field(Int8ub)
    token: int = field(Int64ub)
    cookie: bytes = field(Opaque8(0, limits.COOKIE))
    noise: bytes = field(Opaque16(0, limits.NOISE_MAX))
    padding: ClassVar = Fill(limits.MAX_DATAGRAM)


@packet(0x02, Direction.TO_CLIENT)
class Retry(Packet):
    """Gives a cookie to a HELLO that had none. `flags` are `RetryFlag`."""

    version: int = field(Int8ub)
    token: int = field(Int64ub)
    flags: int = field(Int8ub)
    cookie: bytes = field(Bytes(limits.COOKIE))
    key: bytes = field(Bytes(limits.KEY))


@packet(0x03, Direction.TO_CLIENT)
class Welcome(Packet):
    """Ends the handshake."""

    version: int = field(Int8ub)
    token: int = field(Int64ub)
    noise: bytes = field(Opaque16(limits.NOISE_ANSWER_MIN, limits.NOISE_MAX))


@packet(0x04, Direction.BOTH)
class Sealed(Packet):
    """Frames under a session's key. The first 16 bytes are the associated data."""

    reserved: ClassVar = Const(0, Int8ub)
    number: int = field(Int48ub)
    session: int = field(Int64ub)
    ciphertext: bytes = field(Rest(limits.TAG))


@packet(0x05, Direction.TO_CLIENT)
class Reset(Packet):
    """The server does not know this session any more."""

    session: int = field(Int64ub)
    reset: bytes = field(Bytes(limits.RESET))


@packet(0x06, Direction.TO_CLIENT)
class Versions(Packet):
    """The server speaks these versions, and not the one that HELLO asked for."""

    token: int = field(Int64ub)
    versions: tuple[int, ...] = field(List8(Int8ub, 1, limits.VERSIONS_MAX))


@packet(0x07, Direction.TO_CLIENT)
class Refused(Packet):
    """No session just now. A hint: nobody has signed it. `code` is a `Code`."""

    token: int = field(Int64ub)
    code: int = field(Int8ub)


@wire
class Offer(Wire):
    """Inside the Noise message of HELLO."""

    device: int = field(Int32ub)
    versions: tuple[int, ...] = field(List8(Int8ub, 1, limits.VERSIONS_MAX))


@wire
class Answer(Wire):
    """Inside the Noise message of WELCOME."""

    session: int = field(Int64ub)
    versions: tuple[int, ...] = field(List8(Int8ub, 1, limits.VERSIONS_MAX))


def parse_packet_untrusted(datagram: Octets) -> Packet:
    """Any packet. Raises WireError."""
    first = bytes(datagram[:1])
    if not first:
        raise WireError("Packet", "type", Reason.TRUNCATED, 0)
    known = PACKETS.get(first[0])
    if known is None:
        raise WireError("Packet", "type", Reason.UNKNOWN, 0)
    return known.parse_untrusted(datagram)
