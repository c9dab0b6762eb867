"""What every declared class can do, and how derived code gets into it."""

import linecache
from typing import Any, ClassVar, Protocol, Self

from udpchat_protocol.faults import Reason, WireError
from udpchat_protocol.kinds import Items, Octets
from udpchat_protocol.layout import Layout, Record


class Reference(Protocol):
    """The construct that a class is tested against."""

    def parse(self, data: Octets, /) -> Any: ...

    def build(self, obj: dict[str, Any], /) -> bytes: ...


class Wire:
    """What every class under `@wire` can do; the decorator puts the derived code in place of these bodies."""

    __slots__ = ()

    LAYOUT: ClassVar[Layout]
    """The declaration as values."""
    SOURCE: ClassVar[str]
    """The text of the flat code."""
    STRUCT: ClassVar[Reference]
    """The reference."""

    @staticmethod
    def unpack_untrusted(data: Octets, /) -> tuple[Any, ...]:
        """The values, in the order of the declaration, of any contiguous bytes. Raises WireError."""
        raise NotImplementedError(data)

    @classmethod
    def parse_untrusted(cls, data: Octets, /) -> Self:
        """The object. Raises WireError."""
        raise NotImplementedError(data)

    @staticmethod
    def pack(*values: Any, **named: Any) -> bytes:
        """The bytes for these values, in the order of the declaration or by name. Raises WireError."""
        raise NotImplementedError(values, named)

    def build(self) -> bytes:
        """The bytes. Raises WireError."""
        raise NotImplementedError

    @classmethod
    def parse_by_construct(cls, data: Octets) -> Self:
        """What `parse_untrusted` must do, slowly."""
        limit = cls.LAYOUT.parse_limit
        if limit is not None and memoryview(data).nbytes > limit:
            raise WireError(cls.__name__, None, Reason.TOO_LONG, limit)
        parsed = cls.STRUCT.parse(data)
        return cls(**{part.name: parsed[part.name] for part in cls.LAYOUT.values})

    def build_by_construct(self) -> bytes:
        """What `build` must do, slowly."""
        packed = self.STRUCT.build(values_of(self))
        limit = self.LAYOUT.build_limit
        if limit is not None and len(packed) > limit:
            raise WireError(type(self).__name__, None, Reason.TOO_LONG, None)
        return packed


def values_of(value: Wire) -> dict[str, Any]:
    """The fields of an object by name."""
    return {part.name: getattr(value, part.name) for part in value.LAYOUT.values}


def run(source: str, names: dict[str, Any]) -> dict[str, Any]:
    """Runs derived text with these names; `__name__` is what to call it. Returns them and those that it defines."""
    filename = f"<derived {names['__name__']}>"
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - text of our own, made from our own declarations
    return names


def install(cls: type[Wire], source: str) -> None:
    """Runs the derived text and puts what it defines into the class."""
    layout = cls.LAYOUT
    slots = tuple([part.name for part in layout.values])
    names: dict[str, Any] = {
        "__name__": f"{cls.__module__}.{cls.__name__}",
        cls.__name__: cls,
        "Draft": type("Draft", cls.__bases__, {"__slots__": slots}),
        "explain": layout.explain,
        "plain": layout.plain,
        "unfit": layout.unfit,
        "Reason": Reason,
        "WireError": WireError,
    }
    for part in layout.parts:
        if isinstance(part.kind, Items) and isinstance(part.kind.item, Record):
            names[f"read_{part.name}"] = vars(part.kind.item.owner)["read"].__func__
    given = set(names)
    run(source, names)
    for name in ("unpack_untrusted", "parse_untrusted", "pack", "pack_frame", "read"):
        if name in names.keys() - given:
            setattr(cls, name, staticmethod(names[name]))
    cls.build = names["build"]
