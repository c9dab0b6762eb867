"""SPEC.md keeps its own form, so that an id can be quoted for ever."""

import re
from collections import Counter

import pytest

from spec import ID, SPEC, SpecError, parse_spec, read_spec

STRONGER = {"MUST": (), "SHOULD": ("MUST",), "MAY": ("MUST", "SHOULD")}


def test_an_id_is_given_once():
    times = Counter(one.id for one in read_spec())
    assert not [requirement for requirement, count in times.items() if count > 1]


def test_a_number_is_written_in_one_way():
    assert not [one.id for one in read_spec() if one.id.rsplit("-", 1)[1].startswith("0")]


def test_every_mention_is_of_an_id_that_exists():
    known = {one.id for one in read_spec()}
    assert not set(ID.findall(SPEC.read_text(encoding="utf-8"))) - known


def test_the_level_is_the_strongest_word_of_the_text():
    def says(word: str, text: str) -> bool:
        return re.search(rf"\b{word}\b", text) is not None

    assert not [
        f"SPEC.md:{one.line}: {one.id}"
        for one in read_spec()
        if not says(one.level, one.text) or any(says(word, one.text) for word in STRONGER[one.level])
    ]


def test_a_requirement_is_read_with_its_whole_paragraph():
    text = "# Seal\n\n**UC-SEAL-7** (MUST, both) A receiver MUST drop\nwhat is old.\n\nNot this.\n"
    (one,) = parse_spec(text)
    assert (one.id, one.level, one.role, one.line, one.chapter) == ("UC-SEAL-7", "MUST", "both", 3, "Seal")
    assert one.text == "A receiver MUST drop what is old."


def test_an_example_in_a_fence_is_no_requirement():
    assert parse_spec("```\n**UC-SEAL-7** (MUST, both) A receiver MUST …\n# no heading\n```\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "**UC-SEAL-7** A receiver MUST drop it.",
        "**UC-SEAL-7** (must, both) A receiver MUST drop it.",
        "**UC-SEAL-7** (MUST, everyone) A receiver MUST drop it.",
        "**UC-SEAL-x** (MUST, both) A receiver MUST drop it.",
        "**UC-SEAL-7** (MUST, both)",
    ],
)
def test_a_line_that_only_looks_like_a_requirement_is_an_error(line: str):
    with pytest.raises(SpecError) as caught:
        parse_spec(f"\n{line}\n")
    assert (caught.value.line, caught.value.found) == (2, line)
