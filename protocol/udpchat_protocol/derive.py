"""From a layout to the source text of its flat parser and builder.

The text is plain code over `struct`, as a person would write it: adjacent fields of fixed size are one
`struct.Struct` (a *run*), and a length belongs to the run before its bytes. The text finds out in few steps
whether everything fits, and leaves it to the layout to tell what does not.

For one class it defines `unpack_untrusted`, `parse_untrusted`, `pack`, `build`; for an item `read`, and for a
frame `pack_frame`.
"""

from udpchat_protocol.derive_builder import build_text, pack_text
from udpchat_protocol.derive_frames import frame_structs, pack_frame_text
from udpchat_protocol.derive_parser import parse_text, read_text, unpack_text
from udpchat_protocol.derive_runs import Run, steps_of
from udpchat_protocol.faults import DeclarationError
from udpchat_protocol.kinds import Fill, Rest, Zeros
from udpchat_protocol.layout import Layout

TAKEN = frozenset({
    "LAYOUT", "SOURCE", "STRUCT", "at", "buffer", "build", "bytes", "draft", "error", "explain", "item",
    "len", "memoryview", "pack", "pack_frame", "packed", "parse_untrusted", "plain", "range", "read", "self", "tuple",
    "type", "unfit", "unpack_untrusted",
})  # fmt: skip
SUFFIXES = ("_", "_count", "_end", "_high", "_packed", "_size", "_utf8")
"""TAKEN, and a field's name with a suffix, are names that the text itself uses or that the class has."""


def source_of(layout: Layout, *, item: bool) -> str:
    """The whole text. `item` says whether to write `read`, too.

    Raises DeclarationError where the text would not mean what the declaration says.
    """
    names = [part.name for part in layout.values]
    taken = {*TAKEN, *[part.name + suffix for part in layout.parts for suffix in SUFFIXES]}
    if clash := taken.intersection(names):
        raise DeclarationError(f"{layout.name}: derived code uses {', '.join(sorted(clash))} itself")
    if any(isinstance(part.kind, Zeros | Rest | Fill) for part in layout.parts[:-1]):
        raise DeclarationError(f"{layout.name}: only the last field can take every byte that is left")
    steps = steps_of(layout)
    head = [
        f'"""Derived from the declaration of {layout.name}."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    structs = [(step.name, step.format) for step in steps if isinstance(step, Run)]
    structs += [] if layout.frame is None else frame_structs(layout)
    if structs:
        head += [
            "from struct import Struct, error",
            "",
            *[f'{name} = Struct("{form}")' for name, form in structs],
        ]
    functions = [unpack_text(layout, steps), parse_text(layout), pack_text(layout, steps), build_text(layout)]
    functions += [read_text(layout, steps)] if item else []
    functions += [] if layout.frame is None else [pack_frame_text(layout)]
    texts = ["\n".join(lines) for lines in [head, *functions]]
    return "\n\n\n".join(texts).replace("\n\n\n\n", "\n\n\n") + "\n"
