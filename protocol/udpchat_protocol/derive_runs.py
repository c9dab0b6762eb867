"""What the derived parser and the derived builder have in common: runs, and the conditions on sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

from udpchat_protocol.kinds import Constant, Fixed, Items, Kind, Opaque, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Lengths, Part, Record

FORMATS = {1: "B", 2: "H", 4: "I", 6: "HI", 8: "Q"}


@dataclass(frozen=True, slots=True)
class Run:
    """Adjacent fields of fixed size, a length among them; `parts` are what it holds, after `skip` bytes."""

    name: str
    parts: tuple[Part, ...]
    skip: int = 0

    @property
    def format(self) -> str:
        """What `struct` calls it."""
        return "!" + "x" * self.skip + "".join([_format(part.kind) for part in self.parts])

    @property
    def size(self) -> int:
        return self.skip + sum([fixed_size(part.kind) for part in self.parts])


Step = Run | Part
"""A run, or what follows one: a field whose size is not fixed."""


def fixed_size(kind: Kind) -> int:
    """Of the part of a field that belongs to a run."""
    match kind:
        case Unsigned(size) | Constant(size) | Fixed(size):
            return size
        case Opaque(prefix=size):
            return size
        case Items():
            return 1
        case _:
            return 0


def _format(kind: Kind) -> str:
    return f"{kind.size}s" if isinstance(kind, Fixed) else FORMATS[fixed_size(kind)]


def steps_of(layout: Layout) -> list[Step]:
    """The layout as runs and the fields between them."""
    steps: list[Step] = []
    run: list[Part] = []
    count = 0
    for part in layout.parts:
        if fixed_size(part.kind):
            run.append(part)
        if not isinstance(part.kind, Unsigned | Constant | Fixed):
            if run:
                steps.append(Run(f"RUN_{count}", tuple(run)))
                count, run = count + 1, []
            steps.append(part)
    return [*steps, Run(f"RUN_{count}", tuple(run))] if run else steps


def python_type(kind: Kind) -> str:
    """The annotation of a value."""
    match kind:
        case Text():
            return "str"
        case Unsigned() | Zeros():
            return "int"
        case Items(item=Record(owner=owner)):
            return f"tuple[{owner.__name__}, ...]"
        case Items():
            return "tuple[int, ...]"
        case _:
            return "bytes"


def indented(indent: int, lines: Sequence[str]) -> list[str]:
    """The same lines further in."""
    return [" " * indent + line for line in lines]


def outside(expression: str, low: int, high: int, most: int) -> list[str]:
    """The condition that a size is not in its range; none if it cannot be."""
    if low == high:
        return [f"{expression} != {low}"]
    if low == 0:
        return [f"{expression} > {high}"] if high < most else []
    return [f"not {low} <= {expression} <= {high}"] if high < most else [f"{expression} < {low}"]


def no_case(cases: tuple[Lengths, ...]) -> list[str]:
    """The condition that no case holds."""
    texts = [
        " and ".join([
            f"len({name}) == {low}" if low == high else f"{low} <= len({name}) <= {high}"
            for name, (low, high) in case.sizes.items()
        ])
        for case in cases
    ]  # fmt: skip
    return [f"not ({' or '.join(texts)})"] if texts else []
