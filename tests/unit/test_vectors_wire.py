"""The wire's vectors, against both engines; and the files themselves."""

import json
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from proves import proves
from spec import ID
from udpchat_protocol.entries import ENTRIES, Member
from udpchat_protocol.faults import WireError
from udpchat_protocol.frames import FRAMES, read_untrusted, split_untrusted
from udpchat_protocol.kinds import Items, Kind, Text, Unsigned, Zeros
from udpchat_protocol.layout import Record
from udpchat_protocol.packets import PACKETS, Answer, Offer
from udpchat_protocol.wire import Wire

Vector = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"
FILES = [
    *("packets", "payloads", "frames"),
    *("entries-uplink", "entries-control", "entries-chat", "entries-presence"),
]
DOCUMENTS = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
LAYOUTS: dict[str, type[Wire]] = {
    cls.__name__.upper(): cls
    for cls in [
        *PACKETS.values(),
        Offer,
        Answer,
        *FRAMES.values(),
        *[body for log in ENTRIES.values() for body in log.values()],
        Member,
    ]
}


def of(what: str) -> list[Any]:
    """The vectors of this sort, each with the requirements that it proves."""
    return [
        pytest.param(vector, id=vector["name"], marks=proves(*vector["requirements"]))
        for document in DOCUMENTS.values()
        for vector in document["vectors"]
        if vector["is"] == what and vector["layout"] != "PLAINTEXT"
    ]


def value(kind: Kind, field: Any) -> Any:
    """A value from JSON."""
    match kind:
        case Unsigned(8):
            assert isinstance(field, str)
            return int(field)
        case Unsigned() | Zeros() | Text():
            return field
        case Items(item=Record(layout=layout)):
            return tuple([Member(*[value(part.kind, one[part.name]) for part in layout.values]) for one in field])
        case Items():
            return tuple(field)
        case _:
            return bytes.fromhex(field)


def made(vector: Vector) -> Wire:
    """The object with the fields of a vector."""
    cls = LAYOUTS[vector["layout"]]
    names = [part.name for part in cls.LAYOUT.values]
    assert list(vector["fields"]) == names
    return cls(*[value(part.kind, vector["fields"][part.name]) for part in cls.LAYOUT.values])


def told(error: WireError) -> Vector:
    """An error as the vectors write it."""
    return {
        "layout": error.where.upper(),
        "field": error.field,
        "reason": str(error.reason),
        "offset": error.offset,
    }


@pytest.mark.parametrize("vector", of("valid"))
def test_valid_bytes_are_their_fields(vector: Vector) -> None:
    cls, octets, expected = LAYOUTS[vector["layout"]], bytes.fromhex(vector["bytes"]), made(vector)
    assert cls.parse_untrusted(octets) == expected
    assert cls.parse_by_construct(octets) == expected
    if vector.get("canonical", True):
        assert expected.build() == expected.build_by_construct() == octets


@pytest.mark.parametrize("vector", of("malformed"))
def test_malformed_bytes_are_refused(vector: Vector) -> None:
    cls, octets = LAYOUTS[vector["layout"]], bytes.fromhex(vector["bytes"])
    for parse in (cls.unpack_untrusted, cls.parse_untrusted, cls.parse_by_construct):
        with pytest.raises(WireError) as caught:
            parse(octets)
        assert told(caught.value) == vector["error"]


@pytest.mark.parametrize("vector", of("unsendable"))
def test_unsendable_fields_are_refused(vector: Vector) -> None:
    wrong = made(vector)
    for build in (wrong.build, wrong.build_by_construct):
        with pytest.raises(WireError) as caught:
            build()
        assert told(caught.value) == vector["error"]


@proves("UC-WIRE-10", "UC-WIRE-11")
@pytest.mark.parametrize(
    "vector",
    [vector for vector in DOCUMENTS["frames"]["vectors"] if vector["layout"] == "PLAINTEXT"],
    ids=lambda vector: vector["name"],
)
def test_plaintexts_split_into_frames(vector: Vector) -> None:
    octets = bytes.fromhex(vector["bytes"])
    if vector["is"] == "valid":
        frames = [(frame["type"], bytes.fromhex(frame["body"])) for frame in vector["fields"]["frames"]]
        assert split_untrusted(octets) == split_untrusted(memoryview(octets)) == frames
    else:
        for read in (split_untrusted, read_untrusted):
            with pytest.raises(WireError) as caught:
                read(octets)
            assert told(caught.value) == vector["error"]


@pytest.mark.parametrize("name", FILES)
def test_files_keep_their_schema(name: str) -> None:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(DOCUMENTS[name])] == []
    names = [vector["name"] for vector in DOCUMENTS[name]["vectors"]]
    assert len(set(names)) == len(names)


def test_files_are_what_the_generator_writes() -> None:
    written = run_path(str(FOLDER / "generate.py"))["documents"]()
    assert sorted(written) == sorted(f"{name}.json" for name in FILES)
    for name, text in written.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run protocol/vectors/generate.py"


def test_every_layout_has_vectors_of_each_sort() -> None:
    sorts = {(vector["layout"], vector["is"]) for document in DOCUMENTS.values() for vector in document["vectors"]}
    for name, cls in LAYOUTS.items():
        assert (name, "valid") in sorts
        assert (name, "malformed") in sorts
        assert (name, "unsendable") in sorts or not cls.LAYOUT.values


def test_requirements_of_vectors_are_ids() -> None:
    ids = {one for document in DOCUMENTS.values() for vector in document["vectors"] for one in vector["requirements"]}
    assert all(ID.fullmatch(one) for one in ids)
    assert {f"UC-WIRE-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 10, 11, 13)} == ids
