"""The tables of SPEC.md 7, 14, 15 and 16 and those of the code are the same.

The fields of chapter 3 are held against their declarations in tests/unit/test_wire_spec.py.
"""

import re

import pytest

from spec import SPEC
from udpchat_core.counters import Drop
from udpchat_core.limits import Limits
from udpchat_core.states import TRANSITIONS, State
from udpchat_protocol import constants, limits
from udpchat_protocol.codes import Code
from udpchat_protocol.entries import ENTRIES
from udpchat_protocol.frames import FRAMES
from udpchat_protocol.packets import PACKETS

TEXT = SPEC.read_text(encoding="utf-8")
WHO = {"fixed", "server", "client"}


def rows(heading: str, within: str = "") -> list[list[str]]:
    """The cells of the table whose first line begins so."""
    text = TEXT[TEXT.index(within) :]
    lines = text[text.index(heading) :].splitlines()[2:]
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    assert found
    return found


TIMERS = ("heartbeat", "timeout", "expiry", "expiry_roomless", "seen_every", "seen_delay")
"""Limits that chapter 15 tells, not chapter 14."""

CONSTANTS = rows("| name | default | minimum |", "## 15 ")


def number(text: str) -> float:
    return float(text) if "." in text else int(text)


@pytest.mark.parametrize("row", CONSTANTS, ids=lambda row: row[0])
def test_a_constant_is_that_of_the_table(row: list[str]) -> None:
    name, default, least, greatest, who, meaning = row
    value = getattr(constants, name)
    assert (value, type(value)) == (number(default), type(number(default)))
    assert constants.RANGES[name] == (number(least), number(greatest))
    assert number(least) <= value <= number(greatest)
    assert who in WHO
    assert (who == "fixed") <= (least == greatest == default or name == "RECORDS_MAX")
    assert meaning


def test_there_is_no_constant_that_the_table_does_not_have() -> None:
    names = [row[0] for row in CONSTANTS]
    assert list(constants.RANGES) == names
    own = {"CHAT_TAIL", "PRESENCE_TAIL", "ROSTER_CHUNK"}
    assert {name for name in vars(constants) if name.isupper()} - {"RANGES"} == set(names) | own


def test_codes_are_those_of_the_registry() -> None:
    table = rows("| code | name | in | meaning |", "## 16 ")
    assert [(int(row[0]), row[1]) for row in table] == [(code.value, code.name) for code in Code]
    assert all(row[2] and set(row[2]) <= set("BRFGPSN") for row in table)


def test_every_code_that_the_text_names_is_in_the_registry() -> None:
    names = {code.name for code in Code}
    assert set(re.findall(r"\bcode ([A-Z_]{2,})\b", TEXT)) - set(constants.RANGES) <= names
    assert set(re.findall(r"\bBYE ([A-Z_]{2,})\b", TEXT)) <= names
    assert set(re.findall(r"\bREFUSED ([A-Z_]{2,})\b", TEXT)) <= names


def test_limits_are_those_of_the_table() -> None:
    table = {row[0]: row[1] for row in rows("| limit | default | over it |")}
    assert set(table) == {name for name in Limits.names() if name not in TIMERS}
    defaults = Limits()
    for name, default in table.items():
        assert getattr(defaults, name) == number(default), name


def test_a_servers_choices_default_to_the_table_of_constants() -> None:
    told = {row[0].lower(): number(row[1]) for row in CONSTANTS if row[4] == "server"}
    defaults = Limits()
    for name, default in told.items():
        field = {"half_open_max": "half_open", "reassembly_max": "reassembly"}.get(name, name)
        if field != "cookie_life":
            assert getattr(defaults, field) == default, name


@pytest.mark.parametrize("name", TIMERS)
def test_a_limit_outside_its_range_is_the_operators_mistake(name: str) -> None:
    least, greatest = constants.RANGES[name.upper()]
    kind = type(getattr(Limits(), name))
    for value in (least, greatest):
        assert getattr(Limits().with_text(name, str(kind(value))), name) == value
    for value in (least - 1, greatest + 1):
        with pytest.raises(ValueError, match=name):
            Limits().with_text(name, str(kind(value)))


# -- wire ----------------------------------------------------------------------------------------------------------


def test_types_and_kinds_are_those_of_the_tables() -> None:
    packets = {int(row[0], 16): (row[1], row[2]) for row in rows("| type | packet | direction |")}
    assert packets == {kind: (cls.__name__.upper(), cls.DIRECTION.value) for kind, cls in PACKETS.items()}
    frames = {int(row[0], 16): (row[1], row[3] == "yes") for row in rows("| type | frame | direction |")}
    assert frames == {kind: (cls.__name__.upper(), cls.ELICITING) for kind, cls in FRAMES.items()}
    entries = {int(row[0], 16): (row[1], row[2]) for row in rows("| kind | entry | log |")}
    declared = {
        kind: (cls.__name__.upper(), log.value) for log, kinds in ENTRIES.items() for kind, cls in kinds.items()
    }
    assert entries == declared


def test_sizes_add_up() -> None:
    assert limits.MAX_ENTRY_BODY == 1200 - 16 - 16 - 3 - 13 == 1152


# -- states --------------------------------------------------------------------------------------------------------

CLIENT = rows("| state | event | action | next |", "### 7.2 ")


def moves() -> set[tuple[str, str]]:
    """Every (state, next) of SPEC.md 7.2 that is a change."""
    return {(state.strip(), row[3]) for row in CLIENT for state in row[0].split(",") if state.strip() != row[3]}


def test_states_are_those_of_the_table() -> None:
    assert [row[0] for row in rows("| state | meaning |", "### 7.2 ")] == [state.value for state in State]
    assert {name.strip() for row in CLIENT for name in (*row[0].split(","), row[3])} == {state.value for state in State}


def test_transitions_are_those_of_the_table() -> None:
    coded = {
        (state.value, after.value)
        for state, happenings in TRANSITIONS.items()
        for after in happenings.values()
        if after is not state
    }
    assert coded - moves() == set()
    assert moves() - coded == set()


def test_reasons_of_drops_are_those_of_the_tables() -> None:
    named = {reason for row in rows("| step | check | else |", "### 4.1 ") for reason in re.findall(r"`(\w+)`", row[2])}
    named |= {
        reason for row in rows("| step | check | else |", "### 4.2 ") for reason in re.findall(r"`(\w+)`", row[2])
    }
    assert named <= {drop.value for drop in Drop}
