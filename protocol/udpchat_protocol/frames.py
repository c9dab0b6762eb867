"""The frames inside SEALED (SPEC.md 3.3)."""

from collections.abc import Callable
from struct import Struct
from typing import Any, ClassVar, TypeVar, dataclass_transform

from udpchat_protocol import limits
from udpchat_protocol.derive_frames import reader_source
from udpchat_protocol.faults import Reason
from udpchat_protocol.verbs import run
from udpchat_protocol.wire import (
    Bytes,
    Int8ub,
    Int16ub,
    Int32ub,
    Int48ub,
    Int64ub,
    Octets,
    Rest,
    Text8,
    Wire,
    WireError,
    Zeros,
    field,
    wire,
)

F = TypeVar("F", bound="Frame")

HEADER = Struct("!BH")  # type, length of the body


class Frame(Wire):
    """A frame. `parse_untrusted`, `build` and the like are of the body; `…_frame` put the header in front."""

    __slots__ = ()

    TYPE: ClassVar[int]
    ELICITING: ClassVar[bool]
    """Whether the packet is to be acknowledged by SEEN."""

    def build_frame(self) -> bytes:
        """The whole frame. Raises WireError."""
        body = self.build()
        return HEADER.pack(self.TYPE, len(body)) + body

    @staticmethod
    def pack_frame(*values: Any, **named: Any) -> bytes:
        """The whole frame from the values of the body, in the order of the declaration or by name. Raises WireError."""
        raise NotImplementedError(values, named)


FRAMES: dict[int, type[Frame]] = {}
"""Every frame by its type."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frame(type_: int, *, eliciting: bool) -> Callable[[type[F]], type[F]]:
    """Declares a frame."""

    def decorate(cls: type[F]) -> type[F]:
        made = wire(limit=limits.MAX_FRAME_BODY, frame=type_)(cls)
        made.TYPE, made.ELICITING = type_, eliciting
        FRAMES[type_] = made
        return made

    return decorate


@frame(0x00, eliciting=False)
class Padding(Frame):
    """`size` zeros that mean nothing."""

    size: int = field(Zeros())


@frame(0x01, eliciting=True)
class Heartbeat(Frame):
    """Still here."""


@frame(0x02, eliciting=False)
class Seen(Frame):
    """The network brought packet `largest`, `delay` ms ago, and those of the 64 before it in `bitmap`."""

    largest: int = field(Int48ub)
    delay: int = field(Int16ub)
    bitmap: int = field(Int64ub)


@frame(0x03, eliciting=False)
class Ack(Frame):
    """All entries of `channel` below `next` are done with."""

    channel: int = field(Int32ub)
    next: int = field(Int64ub)


@frame(0x04, eliciting=True)
class Entry(Frame):
    """An entry of a log. `body` is read by the class that `ENTRIES` names for `kind`."""

    channel: int = field(Int32ub)
    offset: int = field(Int64ub)
    kind: int = field(Int8ub)
    body: bytes = field(Rest())


@frame(0x05, eliciting=True)
class Challenge(Frame):
    """Asks a path to prove that it can be heard."""

    data: bytes = field(Bytes(limits.CHALLENGE))


@frame(0x06, eliciting=True)
class Response(Frame):
    """The data of a CHALLENGE, on the path that it came from."""

    data: bytes = field(Bytes(limits.CHALLENGE))


@frame(0x07, eliciting=False)
class Bye(Frame):
    """The session is over. `code` is a `Code`."""

    code: int = field(Int8ub)
    reason: str = field(Text8(0, limits.REASON_MAX))


def split_untrusted(plaintext: Octets) -> list[tuple[int, bytes]]:
    """The frames of a SEALED packet as (type, body), unknown ones too. Raises WireError."""
    if type(plaintext) is not bytes:
        plaintext = bytes(plaintext)
    size = len(plaintext)
    if size == 0:
        raise WireError("Plaintext", None, Reason.EMPTY, 0)
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < size:
        start = at + 3
        if start > size:
            raise WireError("Plaintext", "length", Reason.TRUNCATED, at + 1)
        end = start + (plaintext[at + 1] << 8 | plaintext[at + 2])
        if end > size:
            raise WireError("Plaintext", "body", Reason.TRUNCATED, start)
        found.append((plaintext[at], plaintext[start:end]))
        at = end
    return found


def fault_of(plaintext: Octets) -> WireError:
    """What is wrong with bytes that `read_untrusted` rejected: a length, or else the first body."""
    try:
        for type_, body in split_untrusted(plaintext):
            if type_ in FRAMES:
                FRAMES[type_].unpack_untrusted(body)
    except WireError as error:
        return error
    raise AssertionError("the derived reader of frames rejects what their layouts allow")


OFTEN = (Seen, Ack, Entry)
"""What nearly every packet is made of: the reader asks for these types first."""

READER_SOURCE = reader_source([one.LAYOUT for one in dict.fromkeys([*OFTEN, *FRAMES.values()])])
"""The text of `read_untrusted`."""

read_untrusted: Callable[[Octets], list[tuple[int, tuple[Any, ...]]]] = run(
    READER_SOURCE, {"__name__": f"{__name__}.read_untrusted", "fault": fault_of}
)["read_untrusted"]
"""The frames of a SEALED packet as (type, values of the body), without unknown ones. Raises WireError.

The same as `split_untrusted` and then `unpack_untrusted` for each, in a third to a half of the time.
"""
