"""From the layouts of the frames to the source text of `pack_frame`, and of the reader of a whole plaintext.

The reader is one loop over the bytes where they lie: the length of a body belongs to the first run of its frame,
so a body is neither cut out nor measured again. As elsewhere, derived text only finds out *that* something does
not fit.
"""

from collections.abc import Sequence
from dataclasses import replace

from udpchat_protocol.derive_builder import Writer, plain_types
from udpchat_protocol.derive_parser import Reader
from udpchat_protocol.derive_runs import Run, Step, fixed_size, indented, python_type, steps_of
from udpchat_protocol.faults import DeclarationError
from udpchat_protocol.kinds import Constant, Fill, Items, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Part
from udpchat_protocol.text import call, condition, total

HEADER = 3
TAKEN = frozenset({
    "at", "buffer", "bytes", "end", "error", "fault", "found", "len", "length", "memoryview", "tag", "type",
    "whole",
})  # fmt: skip
"""Names that the reader itself uses."""


def _steps(layout: Layout, name: str, head: tuple[Part, ...]) -> tuple[Run, list[Step]]:
    """The run that a frame starts with: its `head` and what can follow it; and the steps that are left."""
    if layout.cases or layout.extensible or any(isinstance(part.kind, Fill | Items) for part in layout.parts):
        raise DeclarationError(f"{layout.name}: no frame can be derived from it")
    if clash := TAKEN.intersection([part.name for part in layout.values]):
        raise DeclarationError(f"{layout.name}: derived code uses {', '.join(sorted(clash))} itself")
    steps = [replace(step, name=f"{name}_{step.name}") if isinstance(step, Run) else step for step in steps_of(layout)]
    if steps and isinstance(first := steps[0], Run):
        return replace(first, name=name, parts=(*head, *first.parts)), steps[1:]
    return Run(name, head), steps


def reader_source(layouts: Sequence[Layout]) -> str:
    """The whole text. It asks for the types in this order. Raises DeclarationError."""
    runs: list[Run] = []
    cases: list[str] = []
    for layout in layouts:
        run, others = _steps(layout, layout.name.upper(), (Part("length", Unsigned(2)),))
        run = replace(run, skip=1)
        runs += [run, *[step for step in others if isinstance(step, Run)]]
        cases += [f"            {'elif' if cases else 'if'} tag == {layout.frame}:", *_case(layout, run, others)]
    lines = [
        '"""Derived from the declarations of the frames."""',
        "",
        "from __future__ import annotations",
        "",
        "from struct import Struct, error",
        "",
        *[f'{run.name} = Struct("{run.format}")' for run in runs],
        "",
        "",
        "def read_untrusted(buffer: Octets) -> list[tuple[int, tuple[Any, ...]]]:",
        "    if type(buffer) is not bytes:",
        "        buffer = bytes(memoryview(buffer))",
        "    whole = len(buffer)",
        "    found = []",
        "    at = 0",
        "    try:",
        "        while True:",
        "            tag = buffer[at]",
        *cases,
        "            else:",
        f"                at += {HEADER} + (buffer[at + 1] << 8 | buffer[at + 2])",
        "            if at == whole:",
        "                return found",
        "    except (error, IndexError, ValueError):",
        "        raise fault(buffer) from None",
    ]
    return "\n".join(lines) + "\n"


def _case(layout: Layout, run: Run, others: list[Step]) -> list[str]:
    """The statements for one type. A frame that goes beyond the buffer leaves `at` where nothing is."""
    reader = Reader(layout, extensible=False, exact=not others, end="end", indent=16, base="at")
    reader.step(run)
    if others:
        reader.add(f"end = at + {HEADER} + length")
        reader.checks += [] if layout.parse_limit is None else [f"length > {layout.parse_limit}"]
    else:
        reader.checks.insert(0, f"length != {run.size - HEADER}")
    reader.read(others)
    names = [part.name for part in layout.values]
    fields = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
    return [
        *reader.lines,
        *condition(16, "if ", "or", reader.checks, ":"),
        "                    raise ValueError",
        f"                found.append(({layout.frame}, {fields}))",
        "                at = end" if others else f"                at += {run.size}",
    ]


def pack_frame_text(layout: Layout) -> list[str]:
    """The builder of a whole frame from values. What does not fit, or not as it is, is left to `pack`."""
    run, others = _steps(layout, "FRAME", _head(layout))
    writer = Writer()
    writer.write([run, *others])
    if others:
        sizes = [str(run.size - HEADER)] * (run.size > HEADER) + [_size(step) for step in others]
        writer.lines.append(f"length = {' + '.join(sizes)}")
        writer.checks += [] if layout.build_limit is None else [f"length > {layout.build_limit}"]
    names = [part.name for part in layout.values]
    arguments = [f"{part.name}: {python_type(part.kind)}" for part in layout.values]
    head = call(0, "def pack_frame(", arguments, ") -> bytes:")
    if not names:
        return [*head, *total(4, "return ", writer.terms)]
    checks = [*condition(12, "if ", "or", writer.checks, ":"), "                raise ValueError"]
    return [
        *head,
        *condition(4, "if ", "and", plain_types(layout), ":"),
        "        try:",
        *indented(12, writer.lines),
        *(checks if writer.checks else []),
        *total(12, "return ", writer.terms),
        "        except (error, ValueError):",
        "            pass",
        *call(4, "packed = pack(", names),
        f"    return HEADER.pack({layout.frame}, len(packed)) + packed",
    ]


def frame_structs(layout: Layout) -> list[tuple[str, str]]:
    """The names and formats that `pack_frame` uses."""
    run, others = _steps(layout, "FRAME", _head(layout))
    runs = [run, *[step for step in others if isinstance(step, Run)]]
    return [("HEADER", "!BH")] * bool(layout.values) + [(run.name, run.format) for run in runs]


def _head(layout: Layout) -> tuple[Part, Part]:
    """Type and length; the length is known where every field is of fixed size."""
    assert layout.frame is not None
    sizes = [fixed_size(part.kind) for part in layout.parts]
    variable = len(steps_of(layout)) > 1 or not all(sizes)
    return Part("type", Constant(1, layout.frame)), Part("length", Unsigned(2) if variable else Constant(2, sum(sizes)))


def _size(step: Step) -> str:
    """How many bytes it takes, as an expression."""
    if isinstance(step, Run):
        return str(step.size)
    if isinstance(step.kind, Zeros):
        return step.name
    return f"len({step.name}_utf8)" if isinstance(step.kind, Text) else f"len({step.name})"
