"""The client's file: what was saved is there again, and a file that cannot be used says what to do."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from udpchat_core.effects import SaveState
from udpchat_core.state import (
    Change,
    Message,
    NickChosen,
    OutboxAdded,
    OutboxRemoved,
    Pin,
    Pinned,
    Place,
    RoomEntered,
    RoomLeft,
)
from udpchat_stores.clientfile import SCHEMA, ClientFile, ClientFileError, SavedServer

IDENTITY = bytes(range(32))
U64 = 2**64 - 1
PIN = Pin(b"k" * 32, b"s" * 16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.sqlite3"


@pytest.fixture
def file(path: Path) -> Iterator[ClientFile]:
    file = ClientFile(path)
    yield file
    file.close()


def save(server: SavedServer, *changes: Change) -> None:
    """Save, and wait until it was."""
    saved = Event()
    server.submit([SaveState(changes)], lambda _: saved.set())
    assert saved.wait(10)


CHANGES = (
    Pinned(PIN),
    NickChosen("zoë"),
    RoomEntered("lobby", None),
    RoomEntered("den", Place(U64, U64, b"c" * 8)),
    RoomEntered("attic", Place(1, 0, b"d" * 8)),
    RoomEntered("lobby", Place(7, 8, b"e" * 8)),
    RoomLeft("attic"),
    OutboxAdded(Message("lobby", U64, "first")),
    OutboxAdded(Message("lobby", 1, "second", more=True)),
    OutboxAdded(Message("den", 2, "third")),
    OutboxRemoved(1),
)


def test_what_was_saved_is_there_again(path: Path):
    with_file = ClientFile(path)
    server = with_file.server("h:1")
    expected = server.load(IDENTITY)
    for change in CHANGES:
        expected = change.apply(expected)
    server.submit([SaveState(CHANGES[:5]), SaveState(CHANGES[5:])], lambda _: None)
    with_file.close()
    again = ClientFile(path)
    state = again.server("h:1").load(IDENTITY)
    again.close()
    assert state == expected
    assert list(state.rooms) == list(expected.rooms)
    assert state.pin == PIN
    assert "zoë" in state.nick


def test_servers_do_not_mix(file: ClientFile):
    one, other = file.server("h:1"), file.server("h:2")
    save(one, *CHANGES)
    state = other.load(IDENTITY)
    assert (state.pin, state.nick, state.outbox, dict(state.rooms)) == (None, "", (), {})
    assert state.device == one.load(IDENTITY).device


def test_a_server_is_known_by_its_key_at_a_new_address(file: ClientFile):
    save(file.server("h:1"), *CHANGES)
    assert file.server("elsewhere:9", PIN.key).load(IDENTITY).nick == "zoë"
    assert file.server("elsewhere:9").load(IDENTITY).nick == "zoë"
    assert file.server("third:9", b"x" * 32).load(IDENTITY).nick == ""


def test_a_file_is_for_its_owner_alone(file: ClientFile, path: Path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_broken_file_is_named(path: Path):
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(ClientFileError, match="is broken") as failed:
        ClientFile(path)
    assert str(path) in str(failed.value)
    assert "move it away" in failed.value.remedy


def test_broken_values_are_named(path: Path, file: ClientFile):
    server = file.server("h:1")
    with sqlite3.connect(path) as other:
        other.execute("INSERT INTO room VALUES (1, 'lobby', x'01', x'02', x'03')")
    other.close()
    with pytest.raises(ClientFileError, match="is broken"):
        server.load(IDENTITY)


def test_a_newer_file_is_left_alone(path: Path):
    ClientFile(path).close()
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    other.close()
    with pytest.raises(ClientFileError, match="newer udpchat"):
        ClientFile(path)


def test_another_programs_file_is_left_alone(path: Path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE things (name TEXT)")
    other.close()
    with pytest.raises(ClientFileError, match="another program's"):
        ClientFile(path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path):
    with pytest.raises(ClientFileError, match="cannot be opened"):
        ClientFile(tmp_path)
    with pytest.raises(ClientFileError, match="cannot be opened"):
        ClientFile(tmp_path / "no" / "such" / "directory")


def test_what_could_not_be_saved_is_told_at_the_end(path: Path):
    file = ClientFile(path)
    server = file.server("h:1")
    other = sqlite3.connect(path)
    other.execute("DROP TABLE outbox")
    other.commit()
    other.close()
    answers: list[object] = []
    server.submit([SaveState((OutboxAdded(Message("lobby", 1, "text")),))], answers.append)
    with pytest.raises(ClientFileError, match="did not take the last changes"):
        file.close()
    assert not answers


def test_what_was_refused_is_saved_with_what_comes_next(path: Path, file: ClientFile):
    server = file.server("h:1")
    other = sqlite3.connect(path)
    other.execute("ALTER TABLE outbox RENAME TO away")
    other.commit()
    server.submit([SaveState((OutboxAdded(Message("lobby", 1, "text")),))], lambda _: None)
    while file.trouble is None:
        os.sched_yield()
    other.execute("ALTER TABLE away RENAME TO outbox")
    other.commit()
    other.close()
    save(server, NickChosen("ann"))
    state = server.load(IDENTITY)
    assert [message.text for message in state.outbox] == ["text"]
    assert state.nick == "ann"
    assert file.trouble is None
