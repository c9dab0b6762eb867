"""Writes the vectors of the wire, `*.json` beside this file: `python protocol/vectors/generate.py`.

The bytes come from construct, the reference. Each fault is made by hand and states its own error: nothing
here asks a parser what it thinks.
"""
# ruff: noqa: TID251 - a program that writes files, no part of the package

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from udpchat_protocol import limits
from udpchat_protocol.codes import ChatFlag, Code, Presence, Resume, RetryFlag, RosterFlag
from udpchat_protocol.entries import ENTRIES, Body, Log, Member
from udpchat_protocol.faults import Reason
from udpchat_protocol.frames import FRAMES, Frame
from udpchat_protocol.kinds import Constant, Fill, Fixed, Items, Kind, Opaque, Rest, Text, Unsigned, Zeros
from udpchat_protocol.layout import Record
from udpchat_protocol.packets import PACKETS, Answer, Hello, Offer
from udpchat_protocol.wire import Wire

Vector = dict[str, Any]

README: Final = """\
Each vector is one of three: valid bytes that parse to the fields, malformed bytes with exactly one fault, or
unsendable fields with exactly one fault, which a builder refuses. Building the fields of a valid vector gives
its bytes, unless canonical is false.
Bytes are lowercase hex. u64 fields are decimal strings, since many JSON readers round numbers beyond 2^53;
smaller integers are numbers. A zeros field is the number of zeros. A list is an array; a MEMBER is an object.
Fields that always have the same value (type, reserved, the padding of HELLO) are in the bytes alone.
The bytes of a frame are its body without the frame header; those of an entry are the body of ENTRY; PLAINTEXT
is that of SEALED.
An error names the layout and the field (null: the layout as a whole), the reason, and the offset in bytes
where the field starts, or where the whole was judged; it is null when building.
Requirements are ids of SPEC.md.
""".splitlines()
ALICE: Final = bytes.fromhex("a11cea11cea11ce0")
BOB: Final = bytes.fromhex("b0bb0bb0bb0bb0b1")
CHECK: Final = bytes.fromhex("0123456789abcdef")
TIME: Final = 1_795_392_000_000
TOKEN: Final = 0x0102030405060708
SESSION: Final = 0x1112131415161718
BAD_UTF8: Final = {
    "a lone continuation byte": "80",
    "an unfinished sequence": "c3",
    "an overlong form": "c080",
    "a surrogate": "eda080",
    "beyond U+10FFFF": "f4908080",
    "a byte that never occurs": "ff",
}
EXAMPLES: Final[dict[str, tuple[Any, ...]]] = {
    "Hello": (1, TOKEN, bytes(range(32)), bytes(range(100, 200))),
    "Retry": (1, TOKEN, RetryFlag.CLOSED, bytes(range(32)), bytes(range(32, 64))),
    "Welcome": (1, TOKEN, bytes(range(80))),
    "Sealed": (0x010203040506, SESSION, bytes(range(40))),
    "Reset": (SESSION, bytes(range(16))),
    "Versions": (TOKEN, (1, 2)),
    "Refused": (TOKEN, Code.BUSY),
    "Offer": (0xDE71CE, (1,)),
    "Answer": (SESSION, (1,)),
    "Padding": (20,),
    "Heartbeat": (),
    "Seen": (1000, 25, 0b1011),
    "Ack": (7, 4096),
    "Entry": (0, 3, 0x01, b"\x05Alice"),
    "Challenge": (CHECK,),
    "Response": (CHECK,),
    "Bye": (Code.SHUTDOWN, "back at noon"),
    "Nick": ("Zoë",),
    "Join": ("lobby", 50, SESSION, 4096, CHECK),
    "Part": ("lobby",),
    "Say": ("lobby", 0xC0FFEE, ChatFlag.MORE, "hello, world"),
    "History": ("lobby", 1000, 256),
    "Quit": ("good night",),
    "Terms": (bytes(range(16)), 5000, 15_000, 86_400_000, 2, 25),
    "Joined": ("lobby", Resume.RESUMED, 7, SESSION, 0, 4097, 4096, CHECK, 8, TOKEN, 12),
    "Parted": ("lobby", Code.PARTED),
    "Roster": (
        8,
        12,
        RosterFlag.FIRST | RosterFlag.LAST,
        (Member(ALICE, Presence.ONLINE, "Alice"), Member(BOB, Presence.UNREACHABLE, "")),
    ),
    "Skip": (8, 300, CHECK, Code.BEHIND),
    "Replay": (9, 10, SESSION, 1000, 1256, CHECK),
    "Failed": (9, Code.NICK_TAKEN, "looks like Alice"),
    "Notice": (Code.NONE, "The server restarts at noon."),
    "Chat": (ALICE, "Alice", 0xC0FFEE, TIME, 0, "grüß dich \N{WAVING HAND SIGN}"),
    "Online": (ALICE, "Alice"),
    "Unreachable": (ALICE,),
    "Gone": (BOB, Code.QUIT, ""),
    "Renamed": (ALICE, "Alicia"),
    "Count": (300, 4000),
    "Member": (ALICE, Presence.ONLINE, "Alice"),
}


def jsonable(kind: Kind, value: Any) -> Any:
    """A value as JSON."""
    match kind:
        case Unsigned(8):
            return str(int(value))
        case Unsigned() | Zeros():
            return int(value)
        case Items(item=Record(layout=layout)):
            return [
                {part.name: jsonable(part.kind, getattr(one, part.name)) for part in layout.values} for one in value
            ]
        case Items():
            return list(value)
        case Text():
            return value
        case _:
            return value.hex()


def fields_of(value: Wire) -> dict[str, Any]:
    """All fields as JSON."""
    return {part.name: jsonable(part.kind, getattr(value, part.name)) for part in value.LAYOUT.values}


def layout_of(cls: type[Wire]) -> str:
    """What SPEC.md calls it."""
    return cls.__name__.upper()


def least(kind: Kind) -> Any:
    """The least value of a field."""
    match kind:
        case Text(low=low):
            return "a" * low
        case Opaque(low=low):
            return bytes(low)
        case Items(low=low):
            return (0,) * low
        case Fixed(size):
            return bytes(size)
        case Rest(low):
            return bytes(low)
        case _:
            return 0


def most(cls: type[Wire], kind: Kind) -> Any:
    """The greatest value of a field."""
    match kind:
        case Unsigned(size):
            return 256**size - 1
        case Text(high=high):
            return "é" * (high // 2)
        case Opaque(high=high):
            return b"\xff" * high
        case Items(item=Record()):
            return (Member(b"\xff" * 8, 255, "é" * 16),) * 27  # as many as an entry can hold
        case Items(high=high):
            return (255,) * high
        case Fixed(size):
            return b"\xff" * size
        case Rest():
            return b"\xff" * (limits.MAX_ENTRY_BODY if issubclass(cls, Frame) else 1200 - limits.HEADER)
        case _:
            return limits.MAX_FRAME_BODY


def valid(cls: type[Wire], name: str, value: Wire, *requirements: str) -> Vector:
    """Bytes that parse to `value`, and the other way round."""
    return {
        "name": f"{layout_of(cls)}: {name}",
        "layout": layout_of(cls),
        "is": "valid",
        "bytes": value.build_by_construct().hex(),
        "fields": fields_of(value),
        "requirements": ["UC-WIRE-3", *requirements],
    }


def malformed(
    cls: type[Wire],
    name: str,
    octets: bytes,
    fault: tuple[str | None, Reason, int],
    *requirements: str,
    where: str = "",
) -> Vector:
    """Bytes with one fault."""
    field, reason, offset = fault
    return {
        "name": f"{layout_of(cls)}: {name}",
        "layout": layout_of(cls),
        "is": "malformed",
        "bytes": octets.hex(),
        "error": {
            "layout": where or layout_of(cls),
            "field": field,
            "reason": reason.value,
            "offset": offset,
        },
        "requirements": list(requirements),
    }


def unsendable(cls: type[Wire], name: str, fields: dict[str, Any], field: str | None, reason: Reason) -> Vector:
    """Fields with one fault."""
    return {
        "name": f"{layout_of(cls)}: cannot send {name}",
        "layout": layout_of(cls),
        "is": "unsendable",
        "fields": fields,
        "error": {"layout": layout_of(cls), "field": field, "reason": reason.value, "offset": None},
        "requirements": ["UC-WIRE-3"],
    }


def valid_vectors(cls: type[Wire]) -> Iterator[Vector]:
    """The least, an example, the greatest."""
    example = cls(*EXAMPLES[cls.__name__])
    yield valid(cls, "an example", example)
    if not cls.LAYOUT.values:
        return
    if cls is Hello:
        yield valid(cls, "without a cookie", Hello(1, 0, b"", b""), "UC-WIRE-5", "UC-WIRE-6")
        yield valid(cls, "the shortest noise", Hello(0, 0, bytes(32), bytes(96)), "UC-WIRE-5", "UC-WIRE-6")
    else:
        yield valid(cls, "the least", cls(*[least(part.kind) for part in cls.LAYOUT.values]))
    yield valid(cls, "the greatest", cls(*[most(cls, part.kind) for part in cls.LAYOUT.values]))
    if cls.LAYOUT.extensible:
        octets = example.build_by_construct() + b"later"
        longer = {**valid(cls, "bytes after the last field are ignored", example), "bytes": octets.hex()}
        yield {**longer, "canonical": False, "requirements": ["UC-WIRE-2"]}


def end_faults(cls: type[Wire], octets: bytes) -> Iterator[Vector]:
    """Bytes that end too early or too late."""
    for part in cls.LAYOUT.parts:
        start, end = cls.LAYOUT.walk(octets, 0)[part.name]
        fault = part.name, Reason.TRUNCATED, start
        if not isinstance(part.kind, Rest | Zeros):  # which may end anywhere
            requirement = "UC-WIRE-5" if isinstance(part.kind, Fill) else "UC-WIRE-1"
            yield malformed(cls, f"ends before {part.name}", octets[:start], fault, requirement)
            if end - start > 1 and part.name != "members":  # there it is an item's field that ends early
                yield malformed(cls, f"ends inside {part.name}", octets[: end - 1], fault, requirement)
    if cls.LAYOUT.parse_limit is not None:
        limit = cls.LAYOUT.parse_limit
        requirement = "UC-WIRE-13" if issubclass(cls, Body) else "UC-WIRE-4"
        long = octets.ljust(limit + 1, b"\0")
        yield malformed(cls, "one byte too long", long, (None, Reason.TOO_LONG, limit), requirement)
    elif not cls.LAYOUT.extensible:
        requirement = "UC-WIRE-5" if cls is Hello else "UC-WIRE-2"
        fault = None, Reason.TRAILING, len(octets)
        yield malformed(cls, "a byte after the last field", octets + b"\0", fault, requirement)


def replaced(cls: type[Wire], octets: bytes, name: str, content: bytes) -> bytes:
    """The bytes with other ones for a field, its length included."""
    start, end = cls.LAYOUT.walk(octets, 0)[name]
    longer = octets[:start] + content + octets[end:]
    return longer[:1200].ljust(1200, b"\0") if cls is Hello else longer


def wrong_sizes(kind: Opaque | Items) -> list[int]:
    """The sizes just outside the range, if there are any."""
    prefix = kind.prefix if isinstance(kind, Opaque) else 1
    return [size for size in (kind.high + 1, kind.low - 1) if 0 <= size < 256**prefix]


def field_faults(cls: type[Wire], octets: bytes) -> Iterator[Vector]:
    """A field that is wrong in itself."""
    spans = cls.LAYOUT.walk(octets, 0)
    for part in cls.LAYOUT.parts:
        name, (start, end) = part.name, spans[part.name]
        match part.kind:
            case Constant(size, value):
                wrong = replaced(cls, octets, name, (value ^ 0x80).to_bytes(size, "big"))
                requirement = "UC-WIRE-7" if name == "reserved" else "UC-WIRE-1"
                yield malformed(cls, f"another {name}", wrong, (name, Reason.VALUE, start), requirement)
            case Opaque() | Items() as kind:
                prefix = kind.prefix if isinstance(kind, Opaque) else 1
                for size in wrong_sizes(kind):
                    wrong = replaced(cls, octets, name, size.to_bytes(prefix, "big") + b"a" * size)
                    yield malformed(cls, f"{name} of {size}", wrong, (name, Reason.LENGTH, start), "UC-WIRE-1")
            case Zeros() | Fill():
                fault = name, Reason.NOT_ZERO, start
                for place, which in [(start, "first"), (end - 1, "last")]:
                    wrong = octets[:place] + b"\1" + octets[place + 1 :]
                    yield malformed(cls, f"the {which} byte of {name} is not 0", wrong, fault, "UC-WIRE-1")
            case Rest(low) if low:
                wrong = octets[: start + low - 1]
                yield malformed(cls, f"{name} of {low - 1}", wrong, (name, Reason.LENGTH, start), "UC-WIRE-7")
            case _:
                pass


def text_faults(cls: type[Wire], octets: bytes) -> Iterator[Vector]:
    """Text that is not UTF-8: one fault for each field, and every fault for CHAT."""
    for part in cls.LAYOUT.parts:
        if isinstance(part.kind, Text):
            faults = BAD_UTF8 if cls.__name__ == "Chat" else {"a lone continuation byte": "80"}
            for what, bad in faults.items():
                content = bytes.fromhex(bad)
                wrong = replaced(cls, octets, part.name, len(content).to_bytes(part.kind.prefix, "big") + content)
                fault = part.name, Reason.TEXT, cls.LAYOUT.walk(octets, 0)[part.name][0]
                yield malformed(cls, f"{part.name} with {what}", wrong, fault, "UC-WIRE-1")


def wrong_values(kind: Kind) -> Iterator[tuple[str, Any, Reason]]:
    """What a field cannot hold: told, as JSON, and why."""
    match kind:
        case Unsigned(size):
            for number in (256**size, -1):
                yield str(number), str(number) if size == 8 else number, Reason.RANGE
        case Fixed(size):
            for wrong in (size - 1, size + 1):
                yield f"{wrong} bytes", "00" * wrong, Reason.LENGTH
        case Text() as kind:
            yield from [(f"{wrong} bytes", "a" * wrong, Reason.LENGTH) for wrong in wrong_sizes(kind)]
            yield "too many bytes, not characters", "é" * (kind.high // 2 + 1), Reason.LENGTH
        case Opaque() as kind:
            yield from [(f"{wrong} bytes", "00" * wrong, Reason.LENGTH) for wrong in wrong_sizes(kind)]
        case Items(item=Unsigned()) as kind:
            yield from [(f"{wrong} items", [0] * wrong, Reason.LENGTH) for wrong in wrong_sizes(kind)]
        case Rest(low) if low:
            yield f"{low - 1} bytes", "00" * (low - 1), Reason.LENGTH
        case _:
            pass


def unsendable_vectors(cls: type[Wire]) -> Iterator[Vector]:
    """Values that a field, or the whole, cannot hold."""
    fields = fields_of(cls(*EXAMPLES[cls.__name__]))
    for part in cls.LAYOUT.values:
        for what, wrong, reason in wrong_values(part.kind):
            yield unsendable(cls, f"{part.name}: {what}", {**fields, part.name: wrong}, part.name, reason)
        if isinstance(part.kind, Rest | Zeros):
            greatest = most(cls, part.kind)
            longer = greatest + 1 if isinstance(greatest, int) else "00" * (len(greatest) + 1)
            fault = None, Reason.TOO_LONG
            yield unsendable(cls, f"{part.name}: one too many", {**fields, part.name: longer}, *fault)


def vectors_of(cls: type[Wire]) -> Iterator[Vector]:
    """All vectors of a layout."""
    octets = cls(*EXAMPLES[cls.__name__]).build_by_construct()
    yield from valid_vectors(cls)
    yield from end_faults(cls, octets)
    yield from field_faults(cls, octets)
    yield from text_faults(cls, octets)
    yield from unsendable_vectors(cls)


def hello_rules() -> Iterator[Vector]:
    """Cookie and noise that do not belong together."""
    fault = None, Reason.RULE, 1200
    cases = {
        "a cookie of 31 bytes": (31, 96),
        "a cookie of 1 byte, no noise": (1, 0),
        "noise without a cookie": (0, 96),
        "a cookie without noise": (32, 0),
        "a cookie and 95 bytes of noise": (32, 95),
    }
    for name, (cookie, noise) in cases.items():
        head = bytes([1, 1]) + TOKEN.to_bytes(8, "big") + bytes([cookie]) + b"c" * cookie
        octets = (head + noise.to_bytes(2, "big") + b"n" * noise).ljust(1200, b"\0")
        yield malformed(Hello, name, octets, fault, "UC-WIRE-6")
        fields = {"version": 1, "token": str(TOKEN), "cookie": "63" * cookie, "noise": "6e" * noise}
        yield unsendable(Hello, name, fields, None, Reason.RULE)


def roster_faults() -> Iterator[Vector]:
    """Faults of an item."""
    roster = ENTRIES[Log.CONTROL][0x24]
    head = bytes.fromhex("00000008000000000000000c03")
    alice = Member(ALICE, Presence.ONLINE, "Alice").build_by_construct()
    first = 14 + len(alice)
    missing = head + b"\2" + alice
    fault = "member", Reason.TRUNCATED, first
    yield malformed(roster, "a member too few", missing, fault, "UC-WIRE-1", where="MEMBER")
    long = head + b"\2" + alice + BOB + b"\1\x21" + b"a" * 33
    fault = "nick", Reason.LENGTH, first + 9
    yield malformed(roster, "the second member's nick is too long", long, fault, "UC-WIRE-1", where="MEMBER")
    bad = head + b"\1" + BOB + b"\1\1\xff"
    fault = "nick", Reason.TEXT, 14 + 9
    yield malformed(roster, "a member's nick is not UTF-8", bad, fault, "UC-WIRE-1", where="MEMBER")
    members = [{"member": BOB.hex(), "presence": 1, "nick": "a" * 32}] * 28
    fields = {"channel": 8, "offset": "12", "flags": 3, "members": members}
    vector = unsendable(roster, "more members than an entry can hold", fields, None, Reason.TOO_LONG)
    yield {**vector, "requirements": ["UC-WIRE-3", "UC-WIRE-13"]}


def plaintexts() -> Iterator[Vector]:
    """The plaintext of SEALED: what its frames are, and how they may fail to fill it."""
    heartbeat, ack, unknown = "010000", "03000c000000070000000000001000", "ee0003aabbcc"
    for name, octets, found in [
        ("one frame", heartbeat, [(1, "")]),
        ("three frames", ack + heartbeat + ack, [(3, ack[6:]), (1, ""), (3, ack[6:])]),
        ("a frame of an unknown type is skipped", unknown + heartbeat, [(0xEE, "aabbcc"), (1, "")]),
        ("padding after a frame", heartbeat + "00000400000000", [(1, ""), (0, "00000000")]),
    ]:
        yield {
            "name": f"PLAINTEXT: {name}",
            "layout": "PLAINTEXT",
            "is": "valid",
            "bytes": octets,
            "fields": {"frames": [{"type": kind, "body": body} for kind, body in found]},
            "requirements": ["UC-WIRE-10"],
        }
    for name, octets, (field, reason, offset) in [
        ("no frame", "", (None, Reason.EMPTY, 0)),
        ("ends in a frame's type", heartbeat + "03", ("length", Reason.TRUNCATED, 4)),
        ("ends in a frame's length", heartbeat + "0300", ("length", Reason.TRUNCATED, 4)),
        ("ends in a frame's body", heartbeat + ack[:-2], ("body", Reason.TRUNCATED, 6)),
        ("bytes that are no frame", ack + "0000", ("length", Reason.TRUNCATED, 16)),
        ("an unknown frame longer than the rest", "ee0004aabbcc", ("body", Reason.TRUNCATED, 3)),
    ]:
        yield {
            "name": f"PLAINTEXT: {name}",
            "layout": "PLAINTEXT",
            "is": "malformed",
            "bytes": octets,
            "error": {"layout": "PLAINTEXT", "field": field, "reason": reason.value, "offset": offset},
            "requirements": ["UC-WIRE-11"],
        }


def documents() -> dict[str, str]:
    """The text of every file by its name."""
    groups: dict[str, list[Vector]] = {
        "packets": [*[one for cls in PACKETS.values() for one in vectors_of(cls)], *hello_rules()],
        "payloads": [one for cls in (Offer, Answer) for one in vectors_of(cls)],
        "frames": [*[one for cls in FRAMES.values() for one in vectors_of(cls)], *plaintexts()],
    }
    for log, kinds in ENTRIES.items():
        groups[f"entries-{log.value}"] = [one for cls in kinds.values() for one in vectors_of(cls)]
    groups["entries-control"] += [*vectors_of(Member), *roster_faults()]
    return {
        f"{group}.json": json.dumps(
            {"$schema": "./schema.json", "protocol": "UDPCHAT/1", "readme": README, "vectors": vectors},
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
        for group, vectors in groups.items()
    }


if __name__ == "__main__":
    for filename, text in documents().items():
        Path(__file__).with_name(filename).write_text(text, encoding="utf-8")
