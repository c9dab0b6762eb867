"""The text of the derived parser.

Objects are frozen, so it fills a *draft*: an object of a class with the same slots that can be written to.
The draft then becomes one of the frozen class.
"""

from dataclasses import dataclass, field

from udpchat_protocol.derive_runs import Run, Step, indented, no_case, outside, python_type
from udpchat_protocol.faults import DeclarationError
from udpchat_protocol.kinds import Constant, Fill, Items, Opaque, Rest, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Part, Record
from udpchat_protocol.text import call, condition, listing


@dataclass(slots=True)
class Reader:
    """Collects the statements that read a layout, and the conditions under which it is malformed."""

    layout: Layout
    extensible: bool
    """Whether anything may follow."""
    exact: bool = False
    """Whether it is all one run, which finds out about the length by itself."""
    end: str = ""
    """The variable that says where it ends, if that is not where the buffer does."""
    indent: int = 8
    base: str = ""
    """The variable that the place is counted from, if any."""
    place: int = 0
    lines: list[str] = field(default_factory=list[str])
    checks: list[str] = field(default_factory=list[str])

    @property
    def at(self) -> str:
        """The place as an expression."""
        if self.base and self.place:
            return f"{self.base} + {self.place}"
        return self.base or str(self.place)

    def read(self, steps: list[Step]) -> None:
        """All of it."""
        for step in steps:
            self.step(step)
        last = self.layout.parts[-1].kind if self.layout.parts else None
        if isinstance(last, Zeros | Rest | Fill) or self.exact:
            return
        if not self.extensible:
            self.checks.append(f"{self._limit} != {self.at}")
        elif self.base and not self.place:
            self.checks.append(f"len(buffer) < {self.at}")

    def step(self, step: Step) -> None:
        """A run, or what follows one."""
        if isinstance(step, Run):
            self._run(step)
        else:
            self._part(step)

    def add(self, *lines: str) -> None:
        """Statements."""
        self.lines += indented(self.indent, lines)

    def _run(self, run: Run) -> None:
        targets: list[str] = []
        after: list[str] = []
        for part in run.parts:
            name = part.name
            match part.kind:
                case Unsigned(6):
                    targets += [f"{name}_high", name]
                    after += [f"if {name}_high:", f"    {name} += {name}_high << 32"]
                case Constant(value=value):
                    targets.append(f"{name}_")
                    self.checks.append(f"{name}_ != {value}")
                case Opaque() as kind:
                    targets.append(f"{name}_size")
                    self.checks += outside(f"{name}_size", kind.low, kind.high, 256**kind.prefix - 1)
                case Items() as kind:
                    targets.append(f"{name}_count")
                    self.checks += outside(f"{name}_count", kind.low, kind.high, 255)
                case _:
                    targets.append(name)
        verb = "unpack" if self.exact and not self.base else "unpack_from"
        self.lines += listing(self.indent, "", targets, f" = {run.name}.{verb}(buffer{self._from})")
        self.add(*after)
        self.place += run.size

    def _part(self, part: Part) -> None:
        name = part.name
        match part.kind:
            case Opaque() | Items(item=Unsigned()):
                self._sized(part)
            case Items(item=Record()):
                self.add(
                    f"at = {self.at}",
                    f"{name} = []",
                    f"for _ in range({name}_count):",
                    f"    item, at = read_{name}(buffer, at)",
                    f"    {name}.append(item)",
                    f"{name} = tuple({name})",
                )
                self.base, self.place = "at", 0
            case Zeros():
                self.add(f"{name} = {self._left}")
                self.checks.append(f"buffer.count(0{self._from}{self.end and f', {self.end}'}) != {name}")
            case Fill(size):
                self.checks.append(f"len(buffer) != {size}")
                self.checks.append(f"buffer.count(0{self._from}) != {size} - {self._operand}")
            case Rest(low):
                self.add(f"{name} = buffer[{self._slice}:{self._to(self.end)}]")
                self.checks += [f"len({name}) < {low}"] if low else []
                self.checks += [] if not self.end and (not self.base or self.place) else [f"{self._limit} < {self.at}"]
            case _:
                raise DeclarationError(f"{self.layout.name}.{name}: no way to read {part.kind!r}")

    def _sized(self, part: Part) -> None:
        end, length = f"{part.name}_end", "size" if isinstance(part.kind, Opaque) else "count"
        self.add(f"{end} = {self.at} + {part.name}_{length}")
        content = f"buffer[{self._slice}:{self._to(end)}]"
        if isinstance(part.kind, Text):
            content += ".decode()"
        elif isinstance(part.kind, Items):
            content = f"tuple({content})"
        self.add(f"{part.name} = {content}")
        self.base, self.place = end, 0

    @property
    def _from(self) -> str:
        return "" if self.at == "0" else f", {self.at}"

    @property
    def _left(self) -> str:
        return self._limit if self.at == "0" else f"{self._limit} - {self._operand}"

    @property
    def _limit(self) -> str:
        return self.end or "len(buffer)"

    @property
    def _operand(self) -> str:
        return f"({self.at})" if self.base and self.place else self.at

    @property
    def _slice(self) -> str:
        if self.at == "0":
            return ""
        return f"{self.at} " if self.base and self.place else self.at

    def _to(self, end: str) -> str:
        return f" {end}" if end and self._slice.endswith(" ") else end


def unpack_text(layout: Layout, steps: list[Step]) -> list[str]:
    """The parser of hostile bytes into a tuple."""
    exact = len(steps) == 1 and isinstance(steps[0], Run) and not layout.extensible
    risky = any(isinstance(step, Run) for step in steps)
    reader = Reader(layout, layout.extensible, exact, indent=8 if risky else 4)
    reader.read(steps)
    checks = [] if layout.parse_limit is None else [f"len(buffer) > {layout.parse_limit}"]
    checks += [*reader.checks, *no_case(layout.cases)]
    names = [part.name for part in layout.values]
    types = ", ".join([python_type(part.kind) for part in layout.values]) or "()"
    lines = call(0, "def unpack_untrusted(", ["buffer: Octets"], f") -> tuple[{types}]:")
    if reader.lines == listing(8, "", names, " = RUN_0.unpack(buffer)"):
        lines += ["    try:", "        return RUN_0.unpack(buffer)", "    except error:"]
        return [*lines, "        raise explain(buffer) from None"]
    if not exact:
        lines += ["    if type(buffer) is not bytes:", "        buffer = bytes(memoryview(buffer))"]
    if risky:
        lines += ["    try:", *reader.lines, f"    except {'error' if exact else '(error, ValueError)'}:"]
        lines += ["        raise explain(buffer) from None"]
    else:
        lines += reader.lines
    if checks:
        lines += [*condition(4, "if ", "or", checks, ":"), "        raise explain(buffer)"]
    return [*lines, *listing(4, "return ", names)]


def read_text(layout: Layout, steps: list[Step]) -> list[str]:
    """The parser of an item in a list: gives it and where it ends. Raises struct's error or ValueError."""
    reader = Reader(layout, extensible=True, indent=4, base="at")
    reader.read(steps)
    lines = [f"def read(buffer: bytes, at: int) -> tuple[{layout.name}, int]:", *reader.lines]
    if reader.checks:
        lines += [*condition(4, "if ", "or", reader.checks, ":"), "        raise ValueError"]
    assignments = [f"    draft.{part.name} = {part.name}" for part in layout.values]
    return [
        *lines,
        "    draft = Draft()",
        *assignments,
        f"    draft.__class__ = {layout.name}",
        f"    return draft, {reader.at}",
    ]


def parse_text(layout: Layout) -> list[str]:
    """The parser of hostile bytes into an object."""
    head = f"def parse_untrusted(buffer: Octets) -> {layout.name}:"
    if not layout.values:
        return [head, "    unpack_untrusted(buffer)", f"    return {layout.name}()"]
    targets = [f"draft.{part.name}" for part in layout.values]
    return [
        head,
        "    draft = Draft()",
        *listing(4, "", targets, " = unpack_untrusted(buffer)"),
        f"    draft.__class__ = {layout.name}",
        "    return draft",
    ]
