"""The text of the derived builder."""

from dataclasses import dataclass, field

from udpchat_protocol.derive_runs import Run, Step, indented, no_case, outside, python_type
from udpchat_protocol.faults import DeclarationError
from udpchat_protocol.kinds import Constant, Fill, Fixed, Items, Opaque, Rest, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Part
from udpchat_protocol.text import WIDTH, call, condition, total


def plain_types(layout: Layout) -> list[str]:
    """The condition that each value is of exactly its type; empty if that takes more than a condition."""
    names: dict[str, list[str]] = {}
    for part in layout.values:
        names.setdefault(python_type(part.kind), []).append(f"type({part.name})")
    if any(kind.startswith("tuple") for kind in names):
        return []
    return [" is ".join([*group[at : at + 3], kind]) for kind, group in names.items() for at in range(0, len(group), 3)]


@dataclass(slots=True)
class Writer:
    """Collects the statements that build a layout, the conditions that forbid it, and the terms to add up."""

    lines: list[str] = field(default_factory=list[str])
    checks: list[str] = field(default_factory=list[str])
    terms: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])
    fill: int | None = None

    def write(self, steps: list[Step]) -> None:
        """All of it."""
        for step in steps:
            if isinstance(step, Run):
                packed = [text for part in step.parts for text in self._packed(part)]
                self.terms.append((f"{step.name}.pack(", packed))
            else:
                self._part(step)

    def _packed(self, part: Part) -> list[str]:
        """What a field gives to its run."""
        name = part.name
        match part.kind:
            case Unsigned(6):
                return [f"{name} >> 32", f"{name} & 0xFFFFFFFF"]
            case Constant(value=value):
                return [str(value)]
            case Fixed(size):
                self.checks.append(f"len({name}) != {size}")
            case Text():
                return [f"len({name}_utf8)"]
            case Opaque() | Items():
                return [f"len({name})"]
            case _:
                pass
        return [name]

    def _part(self, part: Part) -> None:
        name = part.name
        match part.kind:
            case Text() as kind:
                self.lines.append(f"{name}_utf8 = {name}.encode()")
                self.checks += outside(f"len({name}_utf8)", kind.low, kind.high, 256**kind.prefix - 1)
                self.terms.append((f"{name}_utf8", []))
            case Opaque() as kind:
                self.checks += outside(f"len({name})", kind.low, kind.high, 256**kind.prefix - 1)
                self.terms.append((name, []))
            case Items(item=Unsigned()):
                self.terms.append(("bytes(", [name]))
            case Items():
                self.lines.append(f'{name}_packed = b"".join([item.build() for item in {name}])')
                self.terms.append((f"{name}_packed", []))
            case Zeros():
                self.checks.append(f"not 0 <= {name} <= 65535")
                self.terms.append(("bytes(", [name]))
            case Fill(size):
                self.fill = size
            case Rest(low):
                self.checks += [f"len({name}) < {low}"] if low else []
                self.terms.append((name, []))
            case _:
                raise DeclarationError(f"{name}: no way to build {part.kind!r}")


def pack_text(layout: Layout, steps: list[Step]) -> list[str]:
    """The builder from values."""
    writer = Writer()
    writer.write(steps)
    names = [part.name for part in layout.values]
    arguments = [f"{part.name}: {python_type(part.kind)}" for part in layout.values]
    lines = call(0, "def pack(", arguments, ") -> bytes:")
    if not names:
        return [*lines, '    return b""']
    conditions = plain_types(layout)
    if conditions and len(names) == 1:
        lines += [f"    if {conditions[0].replace(' is ', ' is not ')}:", *_made_plain(8, names)]
    elif conditions:
        lines += [*condition(4, "if not (", "and", conditions, "):"), *_made_plain(8, names)]
    else:
        lines += _made_plain(4, names)
    lines += ["    try:", *indented(8, writer.lines)]
    if writer.checks:
        lines += [*condition(8, "if ", "or", writer.checks, ":"), "            raise ValueError"]
    after = _final_checks(layout)
    result = "packed" if writer.fill is None else f'packed.ljust({writer.fill}, b"\\0")'
    direct = not after and writer.fill is None
    lines += total(8, "return " if direct else "packed = ", writer.terms)
    risks = "(error, ValueError)" if any(isinstance(step, Run) for step in steps) else "ValueError"
    lines += [f"    except {risks}:", *call(8, "raise unfit(", names, ") from None")]
    return lines if direct else [*lines, *after, f"    return {result}"]


def _made_plain(indent: int, names: list[str]) -> list[str]:
    """The values, made plain in place."""
    head = f"({names[0]},) = plain(" if len(names) == 1 else f"{', '.join(names)} = plain("
    if indent + len(head) <= WIDTH:
        return call(indent, head, names)
    space = " " * indent
    return [f"{space}(", *[f"{space}    {name}," for name in names], *call(indent, ") = plain(", names)]


def _final_checks(layout: Layout) -> list[str]:
    """What no single field can tell."""
    lines: list[str] = []
    if cases := no_case(layout.cases):
        lines += [f"    if {cases[0]}:", f'        raise WireError("{layout.name}", None, Reason.RULE, None)']
    if layout.build_limit is not None:
        lines += [f"    if len(packed) > {layout.build_limit}:"]
        lines += [f'        raise WireError("{layout.name}", None, Reason.TOO_LONG, None)']
    return lines


def build_text(layout: Layout) -> list[str]:
    """The builder of an object."""
    arguments = [f"self.{part.name}" for part in layout.values]
    return [f"def build(self: {layout.name}) -> bytes:", *call(4, "return pack(", arguments)]
