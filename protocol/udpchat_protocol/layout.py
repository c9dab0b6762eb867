"""What a declaration says, as values: the list of fields that flat code is derived from.

This is also the slow judge. Derived code only finds out *that* bytes or values do not fit; `Layout.explain`
and `Layout.plain` go through them field by field, in the order of the specification, to tell what and where.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from udpchat_protocol.faults import Reason, WireError
from udpchat_protocol.kinds import Kind, Misfit, Octets, Opaque, require


@dataclass(frozen=True, slots=True)
class Lengths:
    """One permitted combination of lengths: each field's least and most bytes."""

    sizes: Mapping[str, tuple[int, int]]

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether fields of these sizes are such a combination."""
        return all(low <= sizes[name] <= high for name, (low, high) in self.sizes.items())


def lengths(**sizes: int | tuple[int, int]) -> Lengths:
    """Lengths that fields may have together: `lengths(cookie=32, noise=(96, 1024))`."""
    return Lengths({name: size if isinstance(size, tuple) else (size, size) for name, size in sizes.items()})


@dataclass(frozen=True, slots=True)
class Part:
    """A named field."""

    name: str
    kind: Kind

    @property
    def is_value(self) -> bool:
        """Whether objects have this field, or only the bytes."""
        return self.kind.python is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that a declaration says about the bytes."""

    name: str
    parts: tuple[Part, ...]
    limit: int | None = None
    """The most bytes in all."""
    extensible: bool = False
    """Whether bytes after the last field are ignored."""
    cases: tuple[Lengths, ...] = ()
    """If there are any, the lengths must be one of them."""
    frame: int | None = None
    """The type, if it is the body of a frame."""

    @property
    def largest(self) -> float:
        """How many bytes the fields take at most."""
        return sum(part.kind.largest for part in self.parts)

    @property
    def values(self) -> tuple[Part, ...]:
        """The fields that objects have."""
        return tuple([part for part in self.parts if part.is_value])

    @property
    def build_limit(self) -> int | None:
        """The limit, if the fields alone do not keep it."""
        return self.limit if self.limit is not None and self.largest > self.limit else None

    @property
    def parse_limit(self) -> int | None:
        """The limit, if neither the fields nor the ban on trailing bytes keep it."""
        return self.limit if self.extensible else self.build_limit

    def walk(self, octets: bytes, at: int) -> dict[str, tuple[int, int]]:
        """Where each field starts and ends. Raises WireError."""
        spans: dict[str, tuple[int, int]] = {}
        for part in self.parts:
            try:
                end = part.kind.skip(octets, at)
            except Misfit as misfit:
                raise WireError(self.name, part.name, misfit.reason, at) from None
            spans[part.name] = at, end
            at = end
        return spans

    def explain(self, data: Octets) -> WireError:
        """What is wrong with bytes that derived code rejected."""
        octets = bytes(memoryview(data))
        if self.parse_limit is not None and len(octets) > self.parse_limit:
            return WireError(self.name, None, Reason.TOO_LONG, self.parse_limit)
        try:
            spans = self.walk(octets, 0)
        except WireError as error:
            return error
        end = max((end for _, end in spans.values()), default=0)
        sizes = {
            part.name: spans[part.name][1] - spans[part.name][0] - part.kind.prefix
            for part in self.parts
            if isinstance(part.kind, Opaque)
        }
        if self.cases and not any(case.holds(sizes) for case in self.cases):
            return WireError(self.name, None, Reason.RULE, end)
        assert end < len(octets), f"the derived parser of {self.name} rejects what its layout allows"
        return WireError(self.name, None, Reason.TRAILING, end)

    def plain(self, *values: object) -> tuple[object, ...]:
        """The values, free of subclasses. Raises WireError."""
        plain: list[object] = []
        for part, value in zip(self.values, values, strict=True):
            try:
                plain.append(part.kind.plain(value))
            except Misfit as misfit:
                raise WireError(self.name, part.name, misfit.reason, None) from None
        return tuple(plain)

    def unfit(self, *values: object) -> WireError:
        """What is wrong with values that derived code could not build."""
        try:
            self.plain(*values)
        except WireError as error:
            return error
        raise AssertionError(f"the derived builder of {self.name} rejects what its layout allows")


@dataclass(frozen=True, slots=True)
class Record:
    """An object with a layout of its own, as an item of a list."""

    python: ClassVar[type | None] = None

    owner: type
    layout: Layout

    @property
    def largest(self) -> float:
        return self.layout.largest

    def skip(self, octets: bytes, at: int) -> int:
        return max((end for _, end in self.layout.walk(octets, at).values()), default=at)

    def plain(self, value: object) -> object:
        require(isinstance(value, self.owner), Reason.TYPE)
        self.layout.plain(*[getattr(value, part.name) for part in self.layout.values])
        return value
