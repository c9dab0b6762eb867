"""What `--json` prints: an object for every event, named as docs/cli.md has it."""

import json
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from udpchat_cli.json_output import client_object, server_object
from udpchat_core.events import Attendee, ChatReceived, ClientEvent, ServerEvent
from udpchat_protocol.codes import Code, Presence, Resume

SAMPLES: dict[str, object] = {
    "bool": True,
    "bytes": b"\xfe" * 8,
    "int": 2**63 + 1,
    "str": "text",
    "float | None": 0.01,
    "int | None": 1,
    "str | None": "lobby",
    "Code": Code.NONE,
    "Resume": Resume.NEWEST,
    "Presence | None": Presence.ONLINE,
    "tuple[Attendee, ...]": (Attendee(b"\x01" * 8, "ann", Presence.UNREACHABLE),),
}


def sample(kind: type) -> object:
    """An event of this kind, with something in each field."""
    values = {field.name: SAMPLES.get(str(field.type)) for field in fields(kind)}
    if "command" in values:
        from udpchat_core.events import Command  # noqa: PLC0415

        values["command"] = Command.SAY
    return kind(**values)


def documented() -> str:
    return (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", get_args(ClientEvent))
def test_every_client_event_is_an_object_that_is_documented(kind: type):
    each = client_object(sample(kind))  # pyright: ignore[reportArgumentType]
    assert json.loads(json.dumps(each)) == each
    for name in each:
        assert f"`{name}`" in documented()
    assert f"| `{each['event']}` |" in documented()


@pytest.mark.parametrize("kind", get_args(ServerEvent))
def test_every_server_event_is_an_object_that_is_documented(kind: type):
    each = server_object(sample(kind))  # pyright: ignore[reportArgumentType]
    assert json.loads(json.dumps(each)) == each
    assert f"| `{each['event']}` |" in documented()


def test_ids_and_fingerprints_are_sixteen_digits():
    event = ChatReceived("lobby", 3, b"\x01" * 8, "ann", 255, 1_700_000_000_000, "hi", "hi", more=False)
    each = client_object(event)
    assert each["id"] == "00000000000000ff"
    assert each["key"] == "0101010101010101"
    assert each["time"] == 1_700_000_000_000
