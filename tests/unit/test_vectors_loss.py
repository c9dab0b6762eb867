"""The vectors of SEEN, checks and windows: against the core, and against the words of SPEC.md once more."""

import json
from hashlib import sha256
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from proves import proves
from udpchat_core.cursor import Cursor
from udpchat_core.inbox import Inbox, Reassembly
from udpchat_core.log import Log, first_check, next_check
from udpchat_core.seen import SeenList
from udpchat_protocol.constants import UPLINK_ENTRIES, WINDOW
from udpchat_protocol.frames import Seen, split_untrusted
from udpchat_protocol.limits import MAX_PLAINTEXT

Vector = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"
FILES = ["seen", "checks", "window"]
DOCUMENTS = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}


def of(file: str) -> list[Any]:
    """The vectors of a file, each with the requirements that it proves."""
    return [
        pytest.param(vector, id=vector["name"], marks=proves(*vector["requirements"]))
        for vector in DOCUMENTS[file]["vectors"]
    ]


@pytest.mark.parametrize("vector", of("seen"))
def test_seen_tells_what_was_received(vector: Vector) -> None:
    told = SeenList(2, 0.025)
    for number in vector["received"]:
        told.note(number, 60, 1000.0)
    ((_, body),) = split_untrusted(told.frame(1000.0075))
    assert body == bytes.fromhex(vector["body"])
    seen = Seen.parse_untrusted(body)
    assert (seen.largest, seen.delay, seen.bitmap) == (vector["largest"], 7, int(vector["bitmap"]))
    bits = f"{int(vector['bitmap']):064b}"
    listed = {seen.largest} | {seen.largest - 64 + at for at, bit in enumerate(bits) if bit == "1"}
    assert listed == {number for number in vector["received"] if number >= seen.largest - 64}


@pytest.mark.parametrize("vector", of("checks"))
def test_a_check_follows_from_the_one_before(vector: Vector) -> None:
    check = first_check(int(vector["log"]))
    again = f"{int(vector['log']):016x}"
    found, recomputed = [check.hex()], [again]
    for one in vector["entries"]:
        check = next_check(check, one["kind"], bytes.fromhex(one["body"]))
        again = sha256(bytes.fromhex(f"{again}{one['kind']:02x}{one['body']}")).hexdigest()[:16]
        found.append(check.hex())
        recomputed.append(again)
    assert found == recomputed == vector["checks"]


@pytest.mark.parametrize("vector", of("window"))
def test_the_window_ends_where_the_vectors_say(vector: Vector) -> None:
    acked, offset = int(vector["acked"]), int(vector["offset"])
    inbox = Inbox(0, acked, Reassembly(1000), UPLINK_ENTRIES if vector["uplink"] else WINDOW)
    assert inbox.keep(offset, 0x41, b"x") is vector["kept"]
    log = Log(1, base=acked)
    for _ in range(WINDOW + 10):
        log.append(0x41, b"x")
    cursor = Cursor(log, acked)
    while cursor.ready:
        cursor.piece(MAX_PLAINTEXT)
    assert (acked <= offset < cursor.sent) is vector["sent"]


@pytest.mark.parametrize("name", FILES)
def test_files_keep_their_schema_and_their_generator(name: str) -> None:
    schema = json.loads((FOLDER / "loss.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(DOCUMENTS[name])] == []
    names = [vector["name"] for vector in DOCUMENTS[name]["vectors"]]
    assert len(set(names)) == len(names)
    written = run_path(str(FOLDER / "generate_loss.py"))["documents"]()
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == written[f"{name}.json"]
