"""The kinds of fields. Each tells, slowly, what is wrong with bytes or with a value; layout.py says when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar, Protocol, TypeVar, cast

from udpchat_protocol.faults import Reason

T = TypeVar("T")
Octets = bytes | bytearray | memoryview


class Misfit(Exception):  # noqa: N818 - becomes a WireError where the name of the field is known
    """A field does not fit."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def require(fits: bool, reason: Reason) -> None:
    """Raises Misfit unless it `fits`."""
    if not fits:
        raise Misfit(reason)


PLAIN: Mapping[type, Callable[[Any], object]] = {
    int: int.__index__,
    str: str.__str__,
    bytes: bytes.__bytes__,
    tuple: tuple,
}
"""How a value of a subclass (an IntEnum, say) becomes one of the class itself."""


def exactly(wanted: type[T], value: object) -> T:
    """The value, as one of `wanted` itself. A bool is no integer here."""
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise Misfit(Reason.TYPE)
    return value if type(value) is wanted else cast(T, PLAIN[wanted](value))


def span(octets: bytes, at: int, size: int) -> int:
    """Where `size` bytes that start at `at` end."""
    require(at + size <= len(octets), Reason.TRUNCATED)
    return at + size


class Kind(Protocol):
    """A kind of field."""

    python: ClassVar[type | None]
    """What its values are instances of; None if objects have no such value."""

    @property
    def largest(self) -> float:
        """How many bytes it takes at most."""
        ...

    def skip(self, octets: bytes, at: int) -> int:
        """Where the field that starts at `at` ends. Raises Misfit, or WireError for an item in a list."""
        ...

    def plain(self, value: object) -> object:
        """`value`, free of subclasses. Raises Misfit, or WireError for an item in a list."""
        ...


@dataclass(frozen=True, slots=True)
class Unsigned:
    """An integer of so many bytes."""

    python: ClassVar[type | None] = int

    size: int

    @property
    def largest(self) -> float:
        return self.size

    def skip(self, octets: bytes, at: int) -> int:
        return span(octets, at, self.size)

    def plain(self, value: object) -> int:
        number = exactly(int, value)
        require(0 <= number < 1 << 8 * self.size, Reason.RANGE)
        return number


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer that is always the same. It is no value of the object."""

    python: ClassVar[type | None] = None

    size: int
    value: int

    @property
    def largest(self) -> float:
        return self.size

    def skip(self, octets: bytes, at: int) -> int:
        end = span(octets, at, self.size)
        require(int.from_bytes(octets[at:end], "big") == self.value, Reason.VALUE)
        return end

    def plain(self, value: object) -> object:
        return value


@dataclass(frozen=True, slots=True)
class Fixed:
    """Exactly so many bytes."""

    python: ClassVar[type | None] = bytes

    size: int

    @property
    def largest(self) -> float:
        return self.size

    def skip(self, octets: bytes, at: int) -> int:
        return span(octets, at, self.size)

    def plain(self, value: object) -> bytes:
        content = exactly(bytes, value)
        require(len(content) == self.size, Reason.LENGTH)
        return content


@dataclass(frozen=True, slots=True)
class Opaque:
    """A length of `prefix` bytes, `low` to `high`, and that many bytes."""

    python: ClassVar[type | None] = bytes

    prefix: int
    low: int
    high: int

    @property
    def largest(self) -> float:
        return self.prefix + self.high

    def skip(self, octets: bytes, at: int) -> int:
        start = span(octets, at, self.prefix)
        size = int.from_bytes(octets[at:start], "big")
        require(self.low <= size <= self.high, Reason.LENGTH)
        return span(octets, start, size)

    def plain(self, value: object) -> bytes | str:
        content = exactly(bytes, value)
        require(self.low <= len(content) <= self.high, Reason.LENGTH)
        return content


class Text(Opaque):
    """The same, and the bytes are well-formed UTF-8. The limits count bytes."""

    __slots__ = ()
    python: ClassVar[type | None] = str

    def skip(self, octets: bytes, at: int) -> int:
        end = Opaque.skip(self, octets, at)
        try:
            octets[at + self.prefix : end].decode()
        except UnicodeDecodeError:
            raise Misfit(Reason.TEXT) from None
        return end

    def plain(self, value: object) -> str:
        text = exactly(str, value)
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise Misfit(Reason.TEXT) from None
        require(self.low <= len(content) <= self.high, Reason.LENGTH)
        return text


@dataclass(frozen=True, slots=True)
class Items:
    """A count of one byte, `low` to `high`, and that many bytes or objects with a layout of their own."""

    python: ClassVar[type | None] = tuple

    low: int
    high: int
    item: Kind

    @property
    def largest(self) -> float:
        return 1 + self.high * self.item.largest

    def skip(self, octets: bytes, at: int) -> int:
        at = span(octets, at, 1)
        count = octets[at - 1]
        require(self.low <= count <= self.high, Reason.LENGTH)
        for _ in range(count):
            at = self.item.skip(octets, at)
        return at

    def plain(self, value: object) -> tuple[object, ...]:
        items = cast(tuple[object, ...], exactly(tuple, value))
        require(self.low <= len(items) <= self.high, Reason.LENGTH)
        return tuple([self.item.plain(item) for item in items])


@dataclass(frozen=True, slots=True)
class Zeros:
    """Every byte that is left, each 0; the value is how many."""

    python: ClassVar[type | None] = int

    @property
    def largest(self) -> float:
        return inf

    def skip(self, octets: bytes, at: int) -> int:
        require(not any(octets[at:]), Reason.NOT_ZERO)
        return len(octets)

    def plain(self, value: object) -> int:
        return Unsigned(2).plain(value)


@dataclass(frozen=True, slots=True)
class Fill:
    """Zeros up to `size` bytes in all. It is no value of the object."""

    python: ClassVar[type | None] = None

    size: int

    @property
    def largest(self) -> float:
        return 0  # beyond the fields before it, which never reach `size`

    def skip(self, octets: bytes, at: int) -> int:
        end = span(octets, at, self.size - at)
        require(not any(octets[at:end]), Reason.NOT_ZERO)
        return end

    def plain(self, value: object) -> object:
        return value


@dataclass(frozen=True, slots=True)
class Rest:
    """Every byte that is left, at least `low`."""

    python: ClassVar[type | None] = bytes

    low: int

    @property
    def largest(self) -> float:
        return inf

    def skip(self, octets: bytes, at: int) -> int:
        require(len(octets) - at >= self.low, Reason.LENGTH)
        return len(octets)

    def plain(self, value: object) -> bytes:
        content = exactly(bytes, value)
        require(len(content) >= self.low, Reason.LENGTH)
        return content
