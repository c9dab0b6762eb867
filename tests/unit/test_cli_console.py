"""What the operator of a server is answered."""

import json
from pathlib import Path

import pytest

from udpchat_cli.console import COMMANDS, answer_to
from udpchat_core.events import LiveSession

OWN = ("127.0.0.1", 9999)


def guest(nick: str, member: int, *rooms: str, reachable: bool = True, rtt: float | None = None) -> LiveSession:
    path = OWN, ("192.0.2.1", member)
    return LiveSession(
        member, bytes([member] * 8), nick, 7, path, rooms, reachable, opened=100.0, heard=4000.0, rtt=rtt
    )


GUESTS = (
    guest("岡田", 1, "lobby", "den", rtt=0.0123),
    guest("", 2, "lobby", reachable=False),
    guest("ann", 3),
    guest("ann", 3, "lobby"),
)


def test_who_is_a_table_of_sessions():
    assert answer_to("who", GUESTS, 4015.0).lines == [
        "nick     key               address      rooms       state        for     rtt",
        "岡田     0101010101010101  192.0.2.1:1  lobby, den  here         65 min  12 ms",
        "~020202  0202020202020202  192.0.2.1:2  lobby       unreachable  15 s    -",
        "ann      0303030303030303  192.0.2.1:3  -           here         65 min  -",
        "ann      0303030303030303  192.0.2.1:3  lobby       here         65 min  -",
    ]


def test_rooms_are_a_table_of_members_each_told_once():
    assert answer_to(" rooms ", GUESTS, 4015.0).lines == [
        "room   members",
        "den    岡田",
        "lobby  岡田, ~020202, ann",
    ]


@pytest.mark.parametrize(("typed", "said"), [("who", "nobody is here"), ("rooms", "nobody is in any room")])
def test_an_empty_server_says_so(typed: str, said: str):
    assert answer_to(typed, (), 0.0).lines == [said]


@pytest.mark.parametrize("typed", ["whom", "quit now", "who lobby", "QUIT", "\x1b[2J"])
def test_anything_else_gets_a_hint_and_does_nothing(typed: str):
    answer = answer_to(typed, GUESTS, 4015.0)
    assert not answer.quit
    (said,) = answer.lines
    assert "is no command; there are who, rooms, quit and help" in said
    assert said.isprintable()


@pytest.mark.parametrize("typed", [*COMMANDS, "nonsense"])
def test_every_answer_is_an_object_that_is_documented(typed: str):
    page = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    fields = answer_to(typed, GUESTS, 4015.0).fields
    assert json.loads(json.dumps(fields)) == fields
    assert f"| `{fields['event']}` | " in page
    assert all(f"`{name}`" in page for name in fields)


def test_only_quit_quits():
    assert [typed for typed in COMMANDS if answer_to(typed, (), 0.0).quit] == ["quit"]
