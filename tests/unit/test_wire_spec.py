"""The declarations are the tables of SPEC.md, line by line."""

import re

from proves import proves
from spec import SPEC
from udpchat_protocol.codes import ChatFlag, Code, Presence, Resume, RetryFlag, RosterFlag
from udpchat_protocol.entries import ENTRIES, Member
from udpchat_protocol.frames import FRAMES
from udpchat_protocol.kinds import Constant, Fill, Fixed, Items, Kind, Opaque, Rest, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Record
from udpchat_protocol.packets import PACKETS, Answer, Offer

TEXT = SPEC.read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the table that begins with this line."""
    lines = TEXT[TEXT.index(heading) :].splitlines()[2:]
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def notation(kind: Kind) -> str:
    """A field as SPEC.md writes it."""
    match kind:
        case Unsigned(size) | Constant(size):
            return f"u{8 * size}"
        case Fixed(size):
            return f"bytes[{size}]"
        case Opaque(prefix, low, high):
            return f"{'text' if isinstance(kind, Text) else 'opaque'}{8 * prefix}<{low}..{high}>"
        case Items(low, high, item):
            name = item.owner.__name__.upper() if isinstance(item, Record) else notation(item)
            return f"list8<{name}, {low}..{high}>"
        case Zeros() | Fill():
            return "zeros"
        case Rest():
            return "rest"
        case _:
            raise AssertionError(kind)


def fields(layout: Layout) -> str:
    """All fields after the type, as SPEC.md writes them."""
    return ", ".join(f"{part.name} {notation(part.kind)}" for part in layout.parts if part.name != "type")


@proves("UC-WIRE-7")
def test_packets_are_those_of_the_table() -> None:
    assert table("| type | packet |") == [
        [f"{number:#04x}", cls.__name__.upper(), cls.DIRECTION.value, fields(cls.LAYOUT)]
        for number, cls in PACKETS.items()
    ]
    for number, cls in PACKETS.items():
        assert cls.LAYOUT.parts[0].kind == Constant(1, number)


def test_payloads_are_those_of_the_table() -> None:
    rows = {row[0]: row[2] for row in table("| payload | inside |")}
    assert rows == {"OFFER": fields(Offer.LAYOUT), "ANSWER": fields(Answer.LAYOUT)}


@proves("UC-WIRE-10")
def test_frames_are_those_of_the_table() -> None:
    rows = [
        [number, name, "yes" if cls.ELICITING else "no", body]
        for number, cls in FRAMES.items()
        for name, body in [(cls.__name__.upper(), fields(cls.LAYOUT))]
    ]
    found = [[int(row[0], 16), row[1], row[3], row[4]] for row in table("| type | frame |")]
    special = {"zeros": "size zeros", "empty": ""}
    assert [[*row[:3], special.get(str(row[3]), row[3])] for row in found] == rows


def test_entries_are_those_of_the_table() -> None:
    rows = [
        [f"{kind:#04x}", cls.__name__.upper(), log.value, fields(cls.LAYOUT)]
        for log, bodies in ENTRIES.items()
        for kind, cls in bodies.items()
    ]
    assert table("| kind | entry |") == rows
    member = re.search(r"MEMBER, an item of ROSTER, is `(.*)`", TEXT)
    assert member is not None
    assert member[1] == fields(Member.LAYOUT)


def test_names_are_those_of_the_tables() -> None:
    assert [(row[0], row[1]) for row in table("| code | name |")] == [(str(code.value), code.name) for code in Code]
    assert [(row[0], int(row[1])) for row in table("| resume in JOINED |")] == [(one.name, one.value) for one in Resume]
    assert [(row[0], int(row[1])) for row in table("| presence in MEMBER |")] == [
        (one.name, one.value) for one in Presence
    ]
    bits = [(row[0], 1 << int(row[1].removeprefix("bit "))) for row in table("| name | value | in | meaning |")]
    assert bits == [(flag.name, flag.value) for flag in (*ChatFlag, *RosterFlag)]


@proves("UC-WIRE-8")
def test_closed_is_bit_0_of_retry() -> None:
    assert RetryFlag.CLOSED == 1
