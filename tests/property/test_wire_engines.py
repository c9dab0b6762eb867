"""Derived code and construct agree on every input: on what they accept, on the value, on the rejection."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proves import proves
from udpchat_protocol.codes import Code
from udpchat_protocol.entries import ENTRIES, Member
from udpchat_protocol.faults import WireError
from udpchat_protocol.frames import FRAMES, HEADER, Frame, read_untrusted, split_untrusted
from udpchat_protocol.kinds import Fixed, Items, Kind, Opaque, Rest, Text, Unsigned, Zeros
from udpchat_protocol.layout import Layout, Record
from udpchat_protocol.packets import PACKETS, Answer, Hello, Offer
from udpchat_protocol.wire import Wire

CLASSES: list[type[Wire]] = [
    *PACKETS.values(),
    Offer,
    Answer,
    *FRAMES.values(),
    *[body for log in ENTRIES.values() for body in log.values()],
    Member,
]

Outcome = Any

each_class = pytest.mark.parametrize("cls", CLASSES, ids=[cls.__name__ for cls in CLASSES])


def text_of(low: int, high: int) -> st.SearchStrategy[str]:
    """Text of `low` to `high` bytes."""
    texts = st.text(st.characters(codec="utf-8"), min_size=low, max_size=min(high, 300))
    ends = st.sampled_from(["a" * low, "a" * high, "é" * (high // 2) + "a" * (high % 2)])
    return (texts | ends).filter(lambda text: low <= len(text.encode()) <= high)


def good_value(kind: Kind) -> st.SearchStrategy[Any]:
    """What this field can hold."""
    match kind:
        case Unsigned(size):
            return st.integers(0, 256**size - 1) | st.sampled_from([0, 256**size - 1])
        case Fixed(size):
            return st.binary(min_size=size, max_size=size)
        case Text(low=low, high=high):
            return text_of(low, high)
        case Opaque(low=low, high=high):
            return st.binary(min_size=low, max_size=min(high, 200)) | st.just(bytes(high))
        case Items(low=low, high=high, item=Unsigned()):
            return st.lists(st.integers(0, 255), min_size=low, max_size=high).map(tuple)
        case Items(low=low, item=Record(layout=layout)):
            return st.lists(st.builds(Member, **good_values(layout)), min_size=low, max_size=20).map(tuple)
        case Zeros():
            return st.integers(0, 1165)
        case Rest(low):
            return st.binary(min_size=low, max_size=200) | st.just(bytes(low))
        case _:
            raise AssertionError(kind)


def good_values(layout: Layout) -> dict[str, st.SearchStrategy[Any]]:
    """What the fields can hold, by name."""
    return {part.name: good_value(part.kind) for part in layout.values}


def good_object(cls: type[Wire]) -> st.SearchStrategy[Any]:
    """Objects that can be built."""
    values = good_values(cls.LAYOUT)
    if cls is not Hello:
        return st.builds(cls, **values)
    first = {**values, "cookie": st.just(b""), "noise": st.just(b"")}
    second = {"cookie": st.binary(min_size=32, max_size=32), "noise": st.binary(min_size=96, max_size=300)}
    return st.builds(cls, **first) | st.builds(cls, **{**values, **second})


BAD_VALUES = st.one_of(
    st.sampled_from([None, True, False, 1.0, float("nan"), -1, 2**8, 2**16, 2**32, 2**48, 2**64, 10**30]),
    st.sampled_from(["", "a", "\ud800", "a" * 65, "é" * 16 + "a", "a" * 1001, "\x00", b"", bytes(7), bytes(8)]),
    st.sampled_from([bytearray(8), memoryview(bytes(8)), bytes(31), bytes(96), bytes(1025), bytes(1200)]),
    st.sampled_from([(), [1], (1, 2), (256,), (-1,), (True,), ("a",), (None,), (1,) * 17, (1,) * 256, {}, object]),
    st.sampled_from([(Member(bytes(8), 1, "a"),), (Member(bytes(7), 1, "a"),), (Member(bytes(8), 1, "\udfff"),)]),
    st.sampled_from([(Member(bytes(8), 1, "a" * 32),) * 28, Code.QUIT, (Code.QUIT,), (Member(b"", 256, ""),)]),
    st.integers(),
    st.binary(max_size=40),
    st.text(max_size=40),
)


def outcome(do: Callable[[], Outcome]) -> tuple[str, Outcome]:
    """What came of it: a value, or the fields of the one error that may be raised."""
    try:
        return "value", do()
    except WireError as error:
        return "error", error.args


def parsed(cls: type[Wire], data: bytes) -> tuple[str, Outcome]:
    """What every way of parsing makes of these bytes."""
    reference = outcome(lambda: cls.parse_by_construct(data))
    assert outcome(lambda: cls.parse_untrusted(data)) == reference
    unpacked = outcome(lambda: cls.unpack_untrusted(data))
    if reference[0] == "error":
        assert unpacked == reference
    else:
        names = [part.name for part in cls.LAYOUT.values]
        assert unpacked == ("value", tuple([getattr(reference[1], name) for name in names]))
        assert [type(value) for value in unpacked[1]] == [part.kind.python for part in cls.LAYOUT.values]
    return reference


def built(value: Wire) -> tuple[str, Outcome]:
    """What every way of building makes of these values."""
    reference = outcome(value.build_by_construct)
    assert outcome(value.build) == reference
    values = {part.name: getattr(value, part.name) for part in value.LAYOUT.values}
    assert outcome(lambda: value.pack(*values.values())) == reference
    assert outcome(lambda: value.pack(**values)) == reference
    assert reference[0] == "error" or type(reference[1]) is bytes
    if isinstance(value, Frame):
        kind, body = reference
        framed = (kind, HEADER.pack(value.TYPE, len(body)) + body) if kind == "value" else reference
        assert outcome(value.build_frame) == framed
        assert outcome(lambda: value.pack_frame(*values.values())) == framed
        assert outcome(lambda: value.pack_frame(**values)) == framed
    return reference


@proves("UC-WIRE-3")
@each_class
@given(data=st.data())
@settings(max_examples=12)
def test_what_is_built_parses_to_the_same_value(cls: type[Wire], data: st.DataObject) -> None:
    value = data.draw(good_object(cls))
    kind, octets = built(value)
    assert kind == "value"
    assert parsed(cls, octets) == ("value", value)
    assert parsed(cls, octets)[1].build() == octets


def mutate(octets: bytearray, place: int, how: int, data: st.DataObject) -> None:
    """Change a byte, put some in, cut off the end, or take some out."""
    match how:
        case 0:
            octets[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
        case 1:
            octets[place:place] = data.draw(st.binary(max_size=8) | st.just(bytes(1200)))
        case 2:
            del octets[place:]
        case _:
            del octets[place : place + data.draw(st.integers(1, 8))]


@proves("UC-WIRE-1", "UC-WIRE-2")
@each_class
@given(data=st.data())
@settings(max_examples=25)
def test_engines_agree_on_mutated_bytes(cls: type[Wire], data: st.DataObject) -> None:
    octets = bytearray(data.draw(good_object(cls)).build())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, min(len(octets), 60)) | st.integers(0, len(octets)))
        mutate(octets, place, data.draw(st.integers(0, 3)), data)
    parsed(cls, bytes(octets))


@proves("UC-WIRE-1", "UC-WIRE-2")
@each_class
@given(octets=st.binary(max_size=60) | st.binary(min_size=1, max_size=1).map(lambda one: one * 1200))
@settings(max_examples=25)
def test_engines_agree_on_arbitrary_bytes(cls: type[Wire], octets: bytes) -> None:
    parsed(cls, octets)
    tag = getattr(cls, "TYPE", None)
    if tag is not None and octets:
        parsed(cls, bytes([tag]) + octets[1:])


@proves("UC-WIRE-3")
@each_class
@given(data=st.data())
@settings(max_examples=25)
def test_engines_agree_on_values_that_do_not_fit(cls: type[Wire], data: st.DataObject) -> None:
    good = good_values(cls.LAYOUT)
    values = {name: data.draw(BAD_VALUES | strategy) for name, strategy in good.items()}
    built(cls(**values))


@each_class
@given(data=st.data())
@settings(max_examples=4)
def test_any_bytes_like_object_will_do(cls: type[Wire], data: st.DataObject) -> None:
    value = data.draw(good_object(cls))
    octets = value.build()
    for other in (bytearray(octets), memoryview(octets), memoryview(bytearray(b"<" + octets + b">"))[1:-1]):
        assert cls.parse_untrusted(other) == cls.parse_by_construct(other) == value
        assert [type(one) for one in cls.unpack_untrusted(other)] == [type(one) for one in cls.unpack_untrusted(octets)]


@proves("UC-WIRE-11")
@given(st.binary(max_size=80))
def test_frames_fill_their_packet_or_are_refused(plaintext: bytes) -> None:
    kind, found = outcome(lambda: split_untrusted(plaintext))
    if kind == "value":
        assert found
        assert b"".join([bytes([type_]) + len(body).to_bytes(2, "big") + body for type_, body in found]) == plaintext


def read_one_by_one(plaintext: bytes) -> list[tuple[int, tuple[Any, ...]]]:
    """What `read_untrusted` must do, slowly."""
    return [(kind, FRAMES[kind].unpack_untrusted(body)) for kind, body in split_untrusted(plaintext) if kind in FRAMES]


def good_frame() -> st.SearchStrategy[bytes]:
    """Any frame that can be built, or one of an unknown type."""
    known = [good_object(cls).map(lambda value: value.build_frame()) for cls in FRAMES.values()]
    unknown = st.tuples(st.integers(max(FRAMES) + 1, 255), st.binary(max_size=20))
    return st.one_of(*known, unknown.map(lambda one: HEADER.pack(one[0], len(one[1])) + one[1]))


@proves("UC-WIRE-10", "UC-WIRE-11")
@given(frames=st.lists(good_frame(), min_size=1, max_size=5))
def test_frames_are_read_as_one_by_one(frames: list[bytes]) -> None:
    plaintext = b"".join(frames)
    found = read_untrusted(plaintext)
    assert found == read_one_by_one(plaintext)
    for other in (bytearray(plaintext), memoryview(plaintext), memoryview(b"<" + plaintext + b">")[1:-1]):
        again = read_untrusted(other)
        assert again == found
        assert [[type(value) for value in values] for _, values in again] == [
            [part.kind.python for part in FRAMES[kind].LAYOUT.values] for kind, _ in found
        ]


@proves("UC-WIRE-1", "UC-WIRE-11")
@given(data=st.data())
@settings(max_examples=500)
def test_frames_are_refused_as_one_by_one(data: st.DataObject) -> None:
    frames = [bytearray(frame) for frame in data.draw(st.lists(good_frame(), min_size=1, max_size=4))]
    for _ in range(data.draw(st.integers(1, 2))):
        frame = data.draw(st.sampled_from(frames))
        place = data.draw(st.integers(0, min(len(frame), 25)) | st.integers(0, len(frame)))
        if (how := data.draw(st.integers(0, 4))) < 4:
            mutate(frame, place, how, data)
        else:  # another size that the header agrees with
            body = bytes(frame[3:])[:place] + data.draw(st.binary(max_size=20) | st.just(bytes(1200)))
            frame[:] = HEADER.pack((*frame, 0)[0], len(body)) + body
    plaintext = b"".join(frames)
    assert outcome(lambda: read_untrusted(plaintext)) == outcome(lambda: read_one_by_one(plaintext))


@proves("UC-WIRE-1", "UC-WIRE-11")
@given(
    st.lists(st.tuples(st.integers(0, max(FRAMES) + 1), st.binary(max_size=25)), max_size=4),
    st.binary(max_size=4),
)
@settings(max_examples=300)
def test_arbitrary_bodies_are_judged_as_one_by_one(frames: list[tuple[int, bytes]], more: bytes) -> None:
    plaintext = b"".join([HEADER.pack(kind, len(body)) + body for kind, body in frames]) + more
    assert outcome(lambda: read_untrusted(plaintext)) == outcome(lambda: read_one_by_one(plaintext))
