"""Lays statements out on lines of at most 120 characters, the way the project's formatter does."""

from collections.abc import Sequence

WIDTH = 120


def call(indent: int, head: str, items: Sequence[str], tail: str = ")") -> list[str]:
    """`head` (which ends in a bracket), the items, `tail`: on one line, three lines, or one item a line."""
    space = " " * indent
    flat = ", ".join(items)
    if len(line := f"{space}{head}{flat}{tail}") <= WIDTH:
        return [line]
    if len(line := f"{space}    {flat}") <= WIDTH:
        return [space + head, line, space + tail]
    return [space + head, *[f"{space}    {item}," for item in items], space + tail]


def listing(indent: int, head: str, items: Sequence[str], tail: str = "") -> list[str]:
    """A tuple without brackets, as in `return a, b` or `a, b = tail`; with brackets where it needs them."""
    space = " " * indent
    bare = f"({items[0]},)" if len(items) == 1 else ", ".join(items) or "()"
    if len(line := f"{space}{head}{bare}{tail}") <= WIDTH:
        return [line]
    return [f"{space}{head}(", *[f"{space}    {item}," for item in items], f"{space}){tail}"]


def condition(indent: int, head: str, operator: str, operands: Sequence[str], tail: str) -> list[str]:
    """`head a or b tail`, or one operand a line in brackets. A `head` may bring its own opening bracket."""
    space = " " * indent
    bare = f" {operator} ".join(operands)
    if len(line := f"{space}{head}{bare}{tail}") <= WIDTH:
        return [line]
    opening, closing = ("", "") if head.endswith("(") else ("(", ")")
    first, *others = operands
    if len(line := f"{space}    {bare}") <= WIDTH:
        return [f"{space}{head}{opening}", line, f"{space}{closing}{tail}"]
    return [
        f"{space}{head}{opening}",
        f"{space}    {first}",
        *[f"{space}    {operator} {operand}" for operand in others],
        f"{space}{closing}{tail}",
    ]


def total(indent: int, head: str, terms: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """`head a + b + …`; a term is a name with no arguments, or a call that ends in an opening bracket."""
    flat = [f"{term}{', '.join(items)})" if items else term for term, items in terms]
    space = " " * indent
    if len(line := f"{space}{head}{' + '.join(flat)}") <= WIDTH:
        return [line]
    if len(terms) == 1:
        return call(indent, head + terms[0][0], terms[0][1])
    lines = [f"{space}{head}("]
    for number, (term, items) in enumerate(terms):
        plus = "+ " if number else ""
        lines += call(indent + 4, plus + term, items) if items else [f"{space}    {plus}{term}"]
    return [*lines, f"{space})"]
