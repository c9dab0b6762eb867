"""One declaration a packet, frame, entry or payload, and everything that follows from it.

    @wire
    class Offer(Wire):
        device: int = field(Int32ub)
        versions: tuple[int, ...] = field(List8(Int8ub, 1, 16))

gives a frozen dataclass with slots, a construct `Struct` (`Offer.STRUCT`), and flat code over `struct` that
does the same without construct (`Offer.SOURCE`). The flat code is what runs; construct is the reference it is
tested against, and this is the only module that knows it. A field that no flat code can be derived for
fails at import.
"""

from collections.abc import Callable
from dataclasses import Field, dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, dataclass_transform, overload

import construct
from construct import Bytes, Const, Int8ub, Int16ub, Int32ub, Int64ub

from udpchat_protocol import kinds
from udpchat_protocol.derive import source_of
from udpchat_protocol.faults import DeclarationError, Reason, WireError
from udpchat_protocol.kinds import Kind, Octets
from udpchat_protocol.layout import Layout, Lengths, Part, Record, lengths
from udpchat_protocol.verbs import Wire, install, values_of

__all__ = [
    "Bytes", "Const", "DeclarationError", "Fill", "Int8ub", "Int16ub", "Int32ub", "Int48ub", "Int64ub",
    "List8", "Octets", "Opaque8", "Opaque16", "Reason", "Rest", "Text8", "Text16", "Wire", "WireError",
    "Zeros", "field", "lengths", "wire",
]  # fmt: skip

T = TypeVar("T")
W = TypeVar("W", bound="Wire")

if TYPE_CHECKING:
    from construct.core import Context, PathType, StreamType

    AnyConstruct = construct.Construct[Any, Any]

    class Codec(construct.Construct[T, T]):
        """A construct whose values are of one type both ways."""
else:

    class Codec(construct.Construct):
        """A construct of our own. At run time construct's classes take no type arguments."""

        def __class_getitem__(cls, _):
            return cls


Int48ub = construct.BytesInteger(6)
INTEGERS = ((Int8ub, 1), (Int16ub, 2), (Int32ub, 4), (Int48ub, 6), (Int64ub, 8))


class Fault(construct.ConstructError):
    """What the constructs of this module raise."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def demand(fits: bool, reason: Reason) -> None:
    """Raises Fault unless it `fits`."""
    if not fits:
        raise Fault(reason)


class Own(Codec[T]):
    """A construct of our own, and the kind of field that flat code knows it as."""

    kind: Kind

    def _parse(self, stream: "StreamType", context: "Context", path: "PathType") -> T:  # noqa: ARG002
        return self.read(stream)

    def _build(self, obj: T, stream: "StreamType", context: "Context", path: "PathType") -> Any:  # noqa: ARG002
        self.write(obj, stream)
        return obj

    def read(self, stream: "StreamType") -> T:
        """The value. Raises construct.ConstructError."""
        raise NotImplementedError

    def write(self, value: T, stream: "StreamType") -> None:
        """Writes the value, which is of the right Python type. Raises construct.ConstructError."""
        raise NotImplementedError


class Opaque8(Own[bytes]):
    """A length, `low` to `high`, and that many bytes: `opaque8<low..high>`."""

    prefix: ClassVar[Any] = Int8ub

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.kind = kinds.Opaque(self.prefix.sizeof(), low, high)

    def read(self, stream: "StreamType") -> bytes:
        size = self.prefix.parse_stream(stream)
        demand(self.low <= size <= self.high, Reason.LENGTH)
        return construct.stream_read(stream, size, None)

    def write(self, value: bytes, stream: "StreamType") -> None:
        demand(self.low <= len(value) <= self.high, Reason.LENGTH)
        self.prefix.build_stream(len(value), stream)
        construct.stream_write(stream, value, len(value), None)


class Opaque16(Opaque8):
    """`opaque16<low..high>`."""

    prefix = Int16ub


class Text8(Own[str]):
    """A length in bytes, `low` to `high`, and that much UTF-8: `text8<low..high>`."""

    opaque: ClassVar[type[Opaque8]] = Opaque8

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self.content = self.opaque(low, high)
        self.kind = kinds.Text(self.content.prefix.sizeof(), low, high)

    def read(self, stream: "StreamType") -> str:
        content = self.content.parse_stream(stream)
        try:
            return content.decode("utf-8", "strict")
        except UnicodeDecodeError as error:
            raise Fault(Reason.TEXT) from error

    def write(self, value: str, stream: "StreamType") -> None:
        try:
            content = value.encode("utf-8", "strict")
        except UnicodeEncodeError as error:
            raise Fault(Reason.TEXT) from error
        self.content.build_stream(content, stream)


class Text16(Text8):
    """`text16<low..high>`."""

    opaque = Opaque16


class Item(Codec[W]):
    """An object of a class under `@wire(item=True)`."""

    def __init__(self, owner: type[W]) -> None:
        super().__init__()
        self.owner = owner
        self.struct = construct.Struct(*cast(construct.Struct, owner.STRUCT).subcons[:-1])  # without its end

    def _parse(self, stream: "StreamType", context: "Context", path: "PathType") -> W:  # noqa: ARG002
        parsed = self.struct.parse_stream(stream)
        return self.owner(**{part.name: parsed[part.name] for part in self.owner.LAYOUT.values})

    def _build(self, obj: W, stream: "StreamType", context: "Context", path: "PathType") -> Any:  # noqa: ARG002
        self.struct.build_stream(values_of(obj), stream)
        return obj


class List8(Own[tuple[T, ...]]):
    """A count of `low` to `high`, and that many u8 or objects: `list8<item, low..high>`."""

    @overload
    def __init__(self: "List8[int]", item: "construct.Construct[int, int]", low: int, high: int) -> None: ...
    @overload
    def __init__(self: "List8[W]", item: type[W], low: int, high: int) -> None: ...
    def __init__(self, item: "AnyConstruct | type[Wire]", low: int, high: int) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.item: AnyConstruct
        if isinstance(item, type):
            self.item, self.python = Item(item), item
            self.kind = kinds.Items(low, high, Record(item, item.LAYOUT))
        elif item is Int8ub:
            self.item, self.python = item, int
            self.kind = kinds.Items(low, high, kinds.Unsigned(1))
        else:
            raise DeclarationError(f"a list of {item!r}: no flat code can be derived")

    def read(self, stream: "StreamType") -> tuple[T, ...]:
        count = Int8ub.parse_stream(stream)
        demand(self.low <= count <= self.high, Reason.LENGTH)
        return tuple([self.item.parse_stream(stream) for _ in range(count)])

    def write(self, value: tuple[T, ...], stream: "StreamType") -> None:
        demand(self.low <= len(value) <= self.high, Reason.LENGTH)
        Int8ub.build_stream(len(value), stream)
        for one in value:
            demand(isinstance(one, self.python) and not isinstance(one, bool), Reason.TYPE)
            self.item.build_stream(one, stream)


class Zeros(Own[int]):
    """Every byte that is left, each 0; the value is how many: `zeros`."""

    kind = kinds.Zeros()

    def read(self, stream: "StreamType") -> int:
        content = construct.GreedyBytes.parse_stream(stream)
        demand(content == bytes(len(content)), Reason.NOT_ZERO)
        return len(content)

    def write(self, value: int, stream: "StreamType") -> None:
        demand(0 <= value < 65536, Reason.RANGE)
        construct.stream_write(stream, bytes(value), value, None)


class Fill(Own[None]):
    """Zeros up to `size` bytes in all; no value of the object."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.kind = kinds.Fill(size)
        self.flagbuildnone = True

    def read(self, stream: "StreamType") -> None:
        left = self.size - construct.stream_tell(stream, None)
        demand(construct.stream_read(stream, left, None) == bytes(left), Reason.NOT_ZERO)

    def write(self, value: None, stream: "StreamType") -> None:  # noqa: ARG002
        left = self.size - construct.stream_tell(stream, None)
        construct.stream_write(stream, bytes(left), left, None)


class Rest(Own[bytes]):
    """Every byte that is left, at least `low`: `rest`."""

    def __init__(self, low: int = 0) -> None:
        super().__init__()
        self.low = low
        self.kind = kinds.Rest(low)

    def read(self, stream: "StreamType") -> bytes:
        content = construct.GreedyBytes.parse_stream(stream)
        demand(len(content) >= self.low, Reason.LENGTH)
        return content

    def write(self, value: bytes, stream: "StreamType") -> None:
        demand(len(value) >= self.low, Reason.LENGTH)
        construct.GreedyBytes.build_stream(value, stream)


class Cases(Codec[None]):
    """Lengths that fields may have together; takes no bytes."""

    def __init__(self, where: str, cases: tuple[Lengths, ...]) -> None:
        super().__init__()
        self.where, self.cases = where, cases
        self.flagbuildnone = True

    def _check(self, context: "Context", offset: int | None) -> None:
        names = {name for case in self.cases for name in case.sizes}
        sizes = {name: len(context[name]) for name in names}
        if not any(case.holds(sizes) for case in self.cases):
            raise WireError(self.where, None, Reason.RULE, offset)

    def _parse(self, stream: "StreamType", context: "Context", path: "PathType") -> None:
        self._check(context, construct.stream_tell(stream, path))

    def _build(self, obj: None, stream: "StreamType", context: "Context", path: "PathType") -> Any:  # noqa: ARG002
        self._check(context, None)


class Located(Codec[Any]):
    """A field of a class, or its end (`name` None). Knows the field's Python type; raises WireError alone."""

    def __init__(self, where: str, name: str | None, inner: "AnyConstruct", python: type | None) -> None:
        super().__init__()
        self.where, self.field, self.inner, self.python = where, name, inner, python
        self.flagbuildnone = inner.flagbuildnone

    def _parse(self, stream: "StreamType", context: "Context", path: "PathType") -> Any:  # noqa: ARG002
        at = construct.stream_tell(stream, path)
        try:
            return self.inner.parse_stream(stream)
        except construct.ConstructError as error:
            raise WireError(self.where, self.field, self._reason(error, Reason.TRUNCATED), at) from error

    def _build(self, obj: Any, stream: "StreamType", context: "Context", path: "PathType") -> Any:  # noqa: ARG002
        if self.python is not None and (not isinstance(obj, self.python) or isinstance(obj, bool)):
            raise WireError(self.where, self.field, Reason.TYPE, None)
        try:
            self.inner.build_stream(obj, stream)
        except construct.ConstructError as error:
            raise WireError(self.where, self.field, self._reason(error, Reason.LENGTH), None) from error
        return obj

    @staticmethod
    def _reason(error: construct.ConstructError, short: Reason) -> Reason:
        match error:
            case Fault():
                return error.reason
            case construct.StreamError():
                return short
            case construct.ConstError():
                return Reason.VALUE
            case construct.TerminatedError():
                return Reason.TRAILING
            case _:
                return Reason.RANGE


def kind_of(declared: "AnyConstruct") -> Kind | None:
    """The kind of field that flat code knows a construct as."""
    for known, size in INTEGERS:
        if declared is known:
            return kinds.Unsigned(size)
        if isinstance(declared, Const) and declared.subcon is known and isinstance(declared.value, int):
            return kinds.Constant(size, declared.value)
    if isinstance(declared, Bytes) and isinstance(declared.length, int):
        return kinds.Fixed(declared.length)
    return declared.kind if isinstance(declared, Own) else None


def field(declared: "construct.Construct[T, Any]") -> T:
    """A field of a class under `@wire`, by its construct.

    A class variable that holds a construct (`reserved: ClassVar = Const(0, Int8ub)`) is a field of the bytes
    alone.
    """
    return cast(T, dataclass_field(metadata={"construct": declared}))


def declared_fields(cls: type) -> "dict[str, AnyConstruct]":
    """The constructs of a class body in order. Raises DeclarationError for a field that has none."""
    found: dict[str, AnyConstruct] = {}
    for name, value in vars(cls).items():
        if isinstance(value, Field):
            found[name] = cast(Any, value).metadata.get("construct")
        elif isinstance(value, construct.Construct):
            found[name] = value
    for name in vars(cls).get("__annotations__", {}):
        if not isinstance(found.get(name), construct.Construct):
            raise DeclarationError(f"{cls.__name__}.{name}: not declared by a construct")
    return found


def layout_of(name: str, declared: "dict[str, AnyConstruct]", **rules: Any) -> Layout:
    """The declaration as values. Raises DeclarationError."""
    parts: list[Part] = []
    for part, one in declared.items():
        kind = kind_of(one)
        if kind is None:
            raise DeclarationError(f"{name}.{part}: no flat code can be derived from {one!r}")
        parts.append(Part(part, kind))
    return Layout(name, tuple(parts), **rules)


def struct_of(layout: Layout, declared: "dict[str, AnyConstruct]") -> "AnyConstruct":
    """The reference."""
    fields: list[AnyConstruct] = [
        part.name / Located(layout.name, part.name, declared[part.name], part.kind.python) for part in layout.parts
    ]
    if layout.cases:
        fields.append(Cases(layout.name, layout.cases))
    if not layout.extensible:
        fields.append(Located(layout.name, None, construct.Terminated, None))
    return construct.Struct(*fields)


@overload
def wire(cls: type[W], /) -> type[W]: ...
@overload
def wire(
    *,
    tag: int | None = None,
    limit: int | None = None,
    extensible: bool = False,
    cases: tuple[Lengths, ...] = (),
    frame: int | None = None,
    item: bool = False,
) -> Callable[[type[W]], type[W]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def wire(cls: type[W] | None = None, /, *, tag: int | None = None, item: bool = False, **rules: Any) -> Any:
    """Makes a class of fields what the head of this module says.

    `tag` is a fixed first byte. `limit` is the most bytes in all. In an `extensible` layout bytes after the
    last field are ignored. The lengths must be one of `cases`, if any. `frame` is the type, for the body of a
    frame. An `item` can stand in a `List8`.
    """

    def decorate(cls: type[W]) -> type[W]:
        declared = declared_fields(cls)
        if tag is not None:
            declared = {"type": Const(tag, Int8ub), **declared}
        layout = layout_of(cls.__name__, declared, **rules)
        source = source_of(layout, item=item)
        frozen = dataclass(frozen=True, slots=True)(cls)
        frozen.LAYOUT, frozen.SOURCE = layout, source
        frozen.STRUCT = struct_of(layout, declared)
        install(frozen, source)
        return frozen

    return decorate if cls is None else decorate(cls)
