"""Declarations: what follows from one, and what is refused at import."""

import copy
import dataclasses
import enum
import linecache
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import construct
import pytest

from proves import proves
from udpchat_protocol import limits
from udpchat_protocol.codes import Code
from udpchat_protocol.entries import ENTRIES, Chat, Log, Member, Notice, Roster, Say, parse_body_untrusted
from udpchat_protocol.faults import Reason, WireError
from udpchat_protocol.frames import (
    FRAMES,
    READER_SOURCE,
    Ack,
    Bye,
    Challenge,
    Entry,
    Heartbeat,
    Padding,
    Seen,
    read_untrusted,
    split_untrusted,
)
from udpchat_protocol.packets import (
    PACKETS,
    Answer,
    Hello,
    Offer,
    Refused,
    Retry,
    Sealed,
    Versions,
    parse_packet_untrusted,
)
from udpchat_protocol.wire import (
    Bytes,
    Const,
    DeclarationError,
    Fill,
    Int8ub,
    List8,
    Rest,
    Text8,
    Wire,
    Zeros,
    field,
    wire,
)

ROOT = Path(__file__).parents[2]
CLASSES: list[type[Wire]] = [
    *PACKETS.values(),
    Offer,
    Answer,
    *FRAMES.values(),
    *[body for log in ENTRIES.values() for body in log.values()],
    Member,
]
CHAT = Chat(bytes(8), "Zoë", 1, 2, 0, "hello")


def test_a_declaration_makes_a_frozen_dataclass_with_slots() -> None:
    ack = Ack(channel=7, next=9)
    assert dataclasses.is_dataclass(ack)
    assert ack == Ack(7, 9)
    assert hash(ack) == hash(Ack(7, 9))
    assert repr(ack) == "Ack(channel=7, next=9)"
    assert dataclasses.replace(ack, next=10) == Ack(7, 10)


@pytest.mark.parametrize("value", [Ack(7, 9), CHAT, Seen(1, 2, 3), Heartbeat(), Member(bytes(8), 1, "a")])
def test_what_is_parsed_is_no_different_from_what_is_made(value: Wire) -> None:
    parsed = type(value).parse_untrusted(value.build())
    assert type(parsed) is type(value)
    assert parsed == value
    assert hash(parsed) == hash(value)
    assert not hasattr(parsed, "__dict__")
    assert copy.copy(parsed) == pickle.loads(pickle.dumps(parsed)) == value
    for part in value.LAYOUT.values:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(parsed, part.name, 0)


def test_the_items_of_a_list_are_objects() -> None:
    members = (Member(bytes(8), 1, "a"), Member(bytes(range(8)), 2, ""))
    roster = Roster.parse_untrusted(Roster(1, 2, 3, members).build())
    assert roster.members == members
    assert [type(member) for member in roster.members] == [Member, Member]


def test_values_go_in_and_out_without_an_object() -> None:
    assert Ack.pack(7, 9) == Ack.pack(next=9, channel=7) == Ack(7, 9).build()
    assert Ack.unpack_untrusted(Ack.pack(7, 9)) == (7, 9)
    assert Ack.pack_frame(7, 9) == Ack(7, 9).build_frame() == b"\3\0\x0c" + Ack.pack(7, 9)
    assert split_untrusted(Heartbeat().build_frame() + Ack.pack_frame(7, 9)) == [
        (1, b""),
        (3, Ack.pack(7, 9)),
    ]


@proves("UC-WIRE-10")
def test_a_plaintext_is_read_without_its_unknown_frames() -> None:
    unknown = b"\x77\0\2hi"
    assert read_untrusted(unknown + Ack.pack_frame(7, 9) + unknown + Heartbeat.pack_frame()) == [(3, (7, 9)), (1, ())]
    assert read_untrusted(unknown) == []


@proves("UC-WIRE-11")
@pytest.mark.parametrize(
    ("plaintext", "error"),
    [
        (b"", ("Plaintext", None, Reason.EMPTY, 0)),
        (b"\3", ("Plaintext", "length", Reason.TRUNCATED, 1)),
        (b"\x77\0\3hi", ("Plaintext", "body", Reason.TRUNCATED, 3)),
        (Ack.pack_frame(7, 9)[:-1], ("Plaintext", "body", Reason.TRUNCATED, 3)),
        (Entry.pack_frame(7, 9, 1, b"hi")[:-1], ("Plaintext", "body", Reason.TRUNCATED, 3)),
        (b"\3\0\x0b" + bytes(12), ("Plaintext", "length", Reason.TRUNCATED, 15)),
        (b"\3\0\x0b" + bytes(11) + b"\1\0\0", ("Ack", "next", Reason.TRUNCATED, 4)),
        (b"\3\0\x0d" + bytes(13), ("Ack", None, Reason.TRAILING, 12)),
        (b"\4\0\x0c" + bytes(12), ("Entry", "kind", Reason.TRUNCATED, 12)),
        (b"\4\0\x0c" + bytes(12) + b"\1\0\0", ("Entry", "kind", Reason.TRUNCATED, 12)),
        (b"\4\4\x8e" + bytes(1166), ("Entry", None, Reason.TOO_LONG, 1165)),
        (b"\0\0\2\0\1\1\0\0", ("Padding", "size", Reason.NOT_ZERO, 0)),
        (b"\7\0\3\0\2a\1\0\0", ("Bye", "reason", Reason.TRUNCATED, 1)),
        (b"\7\0\xcb\0\xc9" + bytes(201), ("Bye", "reason", Reason.LENGTH, 1)),
        (b"\7\0\3\0\1\xff", ("Bye", "reason", Reason.TEXT, 1)),
        (b"\3\0\0\1\0", ("Plaintext", "length", Reason.TRUNCATED, 4)),  # before the fault in ACK
    ],
)
def test_a_plaintext_that_cannot_be_read_tells_why(plaintext: bytes, error: tuple[Any, ...]) -> None:
    with pytest.raises(WireError) as caught:
        read_untrusted(plaintext)
    assert caught.value.args == error


def test_names_for_numbers_can_be_sent() -> None:
    assert Bye.pack(Code.SHUTDOWN, "") == b"\2\0"
    assert Bye(Code.SHUTDOWN, "").build_by_construct() == b"\2\0"
    assert type(Bye.parse_untrusted(b"\2\0").code) is int


@proves("UC-WIRE-3")
@pytest.mark.parametrize(
    ("value", "name", "reason"),
    [
        (Ack(True, 0), "channel", Reason.TYPE),
        (Ack(1.0, 0), "channel", Reason.TYPE),  # type: ignore[arg-type]
        (Ack("1", 0), "channel", Reason.TYPE),  # type: ignore[arg-type]
        (Ack(0, None), "next", Reason.TYPE),  # type: ignore[arg-type]
        (Ack(2**32, 0), "channel", Reason.RANGE),
        (Ack(0, -1), "next", Reason.RANGE),
        (Seen(2**48, 0, 0), "largest", Reason.RANGE),
        (Seen(-1, 0, 0), "largest", Reason.RANGE),
        (Challenge(bytes(7)), "data", Reason.LENGTH),  # struct would pad it
        (Challenge(bytes(9)), "data", Reason.LENGTH),  # struct would cut it
        (Challenge(5), "data", Reason.TYPE),  # construct would build it  # type: ignore[arg-type]
        (Challenge("12345678"), "data", Reason.TYPE),  # type: ignore[arg-type]
        (Challenge(bytearray(8)), "data", Reason.TYPE),  # type: ignore[arg-type]
        (Entry(0, 0, 0, 7), "body", Reason.TYPE),  # type: ignore[arg-type]
        (Entry(0, 0, 0, bytes(1153)), None, Reason.TOO_LONG),
        (Padding(10**12), "size", Reason.RANGE),
        (Bye(0, "\ud800"), "reason", Reason.TEXT),
        (Bye(0, b"bytes"), "reason", Reason.TYPE),  # type: ignore[arg-type]
        (Bye(0, "é" * 101), "reason", Reason.LENGTH),
        (Versions(0, ()), "versions", Reason.LENGTH),
        (Versions(0, [1]), "versions", Reason.TYPE),  # type: ignore[arg-type]
        (Versions(0, (1, 256)), "versions", Reason.RANGE),
        (Versions(0, (True,)), "versions", Reason.TYPE),
        (Roster(0, 0, 0, (Ack(0, 0),)), "members", Reason.TYPE),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_a_layout_cannot_hold_is_the_senders_mistake(value: Wire, name: str | None, reason: Reason) -> None:
    for build in (value.build, value.build_by_construct):
        with pytest.raises(WireError) as caught:
            build()
        assert caught.value.args == (type(value).__name__, name, reason, None)


class Word(str, enum.Enum):  # noqa: UP042 - StrEnum does not
    """A string that does not look like one: str() gives its name."""

    BYE = "so long"


def test_values_of_subclasses_are_sent_as_what_they_are() -> None:
    bye = Bye(Code.QUIT, Word.BYE)
    assert bye.build() == bye.build_by_construct() == b"\1\7so long"


def test_an_error_has_fields_and_a_text() -> None:
    with pytest.raises(WireError) as caught:
        Bye.parse_untrusted(b"\0\1\xff")
    error = caught.value
    assert (error.where, error.field, error.reason, error.offset) == ("Bye", "reason", Reason.TEXT, 1)
    assert str(error) == "Bye.reason: text at byte 1"
    assert str(WireError("Roster", None, Reason.TOO_LONG, None)) == "Roster: too-long"
    assert pickle.loads(pickle.dumps(error)).args == error.args


def test_any_packet_and_any_body_can_be_parsed() -> None:
    refused = Refused(1, Code.BUSY)
    assert parse_packet_untrusted(memoryview(refused.build())) == refused
    assert parse_body_untrusted(Log.CHAT, 0x41, CHAT.build()) == CHAT
    wrong: list[tuple[Callable[[], Any], tuple[Any, ...]]] = [
        (lambda: parse_packet_untrusted(b""), ("Packet", "type", Reason.TRUNCATED, 0)),
        (lambda: parse_packet_untrusted(b"^hb^"), ("Packet", "type", Reason.UNKNOWN, 0)),
        (
            lambda: parse_body_untrusted(Log.UPLINK, 0x41, CHAT.build()),
            ("Entry", "kind", Reason.UNKNOWN, None),
        ),
    ]
    for parse, error in wrong:
        with pytest.raises(WireError) as caught:
            parse()
        assert caught.value.args == error


@proves("UC-WIRE-4", "UC-WIRE-13")
def test_whatever_can_be_built_fits_a_datagram() -> None:
    for cls in CLASSES:
        limit = cls.LAYOUT.limit
        if limit is not None:
            assert cls.LAYOUT.build_limit == limit or cls.LAYOUT.largest <= limit
    assert limits.MAX_ENTRY_BODY == 1152
    frame = Entry.pack_frame(2**32 - 1, 2**64 - 1, 255, bytes(limits.MAX_ENTRY_BODY))
    assert len(Sealed.pack(0, 0, frame + bytes(limits.TAG))) == limits.MAX_DATAGRAM == 1200
    for longest in (
        Say("é" * 32, 0, 0, "é" * 500),
        Notice(0, "é" * 500),
        Chat(bytes(8), "é" * 16, 0, 0, 0, "é" * 500),
    ):
        assert len(longest.build()) <= limits.MAX_ENTRY_BODY


@proves("UC-WIRE-5", "UC-WIRE-9")
def test_what_every_version_has_in_common_stands_where_it_must() -> None:
    hello = Hello.pack(9, 0x0102030405060708, b"", b"")
    assert hello[:10] == bytes([1, 9, 1, 2, 3, 4, 5, 6, 7, 8])
    assert len(hello) == 1200
    assert Versions.pack(0x0102030405060708, (1, 5)) == bytes([6, 1, 2, 3, 4, 5, 6, 7, 8, 2, 1, 5])


@proves("UC-WIRE-8")
def test_unnamed_flags_of_retry_are_ignored() -> None:
    for flags in (0x00, 0x01, 0xFE, 0xFF):
        assert Retry.parse_untrusted(Retry.pack(1, 2, flags, bytes(32), bytes(32))).flags == flags


def declare(*, frame: int | None = None, **body: Any) -> type[Wire]:
    """A class under `@wire` with these fields and class variables."""
    annotations = {name: ClassVar if isinstance(value, construct.Construct) else int for name, value in body.items()}
    return wire(frame=frame)(type("Wrong", (Wire,), {"__annotations__": annotations, "__slots__": (), **body}))


@pytest.mark.parametrize(
    "body",
    [
        {"size": field(construct.VarInt)},
        {"size": field(construct.Int16ul)},
        {"size": field(construct.Int16sb)},
        {"data": field(construct.GreedyRange(Int8ub))},
        {"data": field(construct.Prefixed(Int8ub, construct.Struct("a" / Int8ub)))},
        {"size": field(Int8ub), "data": field(Bytes(lambda context: context.size))},
        {"data": field(construct.Computed(5))},
        {"data": field(construct.Int8ub * "documented")},
        {"data": field(Rest()), "more": field(Int8ub)},
        {"zeros": field(Zeros()), "more": field(Int8ub)},
        {"buffer": field(Int8ub)},
        {"text": field(Text8(0, 9)), "text_size": field(Int8ub)},
        {"magic": Const(b"magic")},
        {"data": 5},
        {"data": dataclasses.field(default=5)},
    ],
    ids=" ".join,
)
def test_a_field_that_cannot_be_derived_fails_at_import(body: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="Wrong"):
        declare(**body)


def test_a_list_that_cannot_be_derived_fails_at_import() -> None:
    with pytest.raises(DeclarationError):
        List8(construct.Int16ub, 0, 1)


@pytest.mark.parametrize(
    "body",
    [{"sizes": field(List8(Int8ub, 0, 9))}, {"padding": Fill(9)}, {"length": field(Int8ub)}],
    ids=" ".join,
)
def test_a_frame_that_cannot_be_derived_fails_at_import(body: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="Wrong"):
        declare(frame=9, **body)


def test_the_derived_text_is_what_runs() -> None:
    assert "construct" not in "".join(cls.SOURCE for cls in CLASSES)
    for cls in CLASSES:
        code = cls.unpack_untrusted.__code__
        assert "".join(linecache.getlines(code.co_filename)) == cls.SOURCE
    assert "".join(linecache.getlines(read_untrusted.__code__.co_filename)) == READER_SOURCE


def test_the_derived_text_is_formatted_like_ours(tmp_path: Path) -> None:
    for cls in CLASSES:
        (tmp_path / f"{cls.__name__}.py").write_text(cls.SOURCE, encoding="utf-8")
    (tmp_path / "read_untrusted.py").write_text(READER_SOURCE, encoding="utf-8")
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--diff",
        "--no-cache",
        "--config",
        ROOT / "pyproject.toml",
    ]
    done = subprocess.run([*ruff, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
