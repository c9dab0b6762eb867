"""What a person's client remembers, in one SQLite file: a `ClientState` for each server, saved as it changes.

    file = ClientFile(path)
    server = file.server("chat.example.org:9999")
    state = server.load(identity)           # then give `state` and `server` to a transport: it is its
    ClientStore ... file.close()

Each `submit` becomes part of one transaction on a thread of the file's own, so that a slow disk never holds
up a conversation; what the disk refuses is tried again with the next. The identity is not in here: it is a
file of its own, so that this one may be thrown away.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import MappingProxyType
from typing import NamedTuple

from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.state import (
    Change,
    ClientState,
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

SCHEMA = 1
"""What this version reads and writes; in the file it is `user_version`."""

APPLICATION = 0x75646370
"""Says that the file is ours; in the file it is `application_id`."""

PATIENCE = 5.0
"""Seconds to wait for another program that has the file locked."""

# Numbers of the wire are u64 and SQLite's are signed: what a server chose, or may choose, is 8 bytes.
_TABLES = """
CREATE TABLE installation (device INTEGER NOT NULL);
CREATE TABLE server (id INTEGER PRIMARY KEY, key BLOB, secret BLOB, nick TEXT NOT NULL DEFAULT '');
CREATE TABLE address (address TEXT PRIMARY KEY, server INTEGER NOT NULL REFERENCES server);
CREATE TABLE room (
    server INTEGER NOT NULL REFERENCES server, name TEXT NOT NULL,
    log BLOB, place BLOB, mark BLOB,
    UNIQUE (server, name)
);
CREATE TABLE outbox (
    turn INTEGER PRIMARY KEY AUTOINCREMENT,
    server INTEGER NOT NULL REFERENCES server, room TEXT NOT NULL, id BLOB NOT NULL,
    text TEXT NOT NULL, more INTEGER NOT NULL
);
"""

Done = Callable[[Sequence[StateSaved]], None]


def _unheard(results: Sequence[StateSaved]) -> None:
    """Nobody waits for these."""


class ClientFileError(Exception):
    """The file cannot be used. The message names it, says what is wrong, and what to do."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path} {problem}; {remedy}")
        self.path = path
        self.problem = problem
        self.remedy = remedy


class _Job(NamedTuple):
    server: int
    requests: Sequence[SaveState]
    done: Done


class ClientFile:
    """One open file. At most one process should have it open at a time."""

    def __init__(self, path: Path, *, entropy: Callable[[int], bytes] = os.urandom) -> None:
        """Open the file, or begin it with mode 0600. Raises `ClientFileError`."""
        self.path = path
        self.trouble: str | None = None
        """Why the last changes could not be saved, for people; None if they were. They are tried again."""
        self._lock = Lock()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._unsaved: list[_Job] = []
        with self._readable():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._readable():
                self._prepare(entropy)
        except BaseException:
            self._db.close()
            raise
        self._worker = Thread(target=self._work, name=f"saves {path.name}", daemon=True)
        self._worker.start()

    def server(self, address: str, key: bytes | None = None) -> SavedServer:
        """What is known of the server at `address`, or of the one with the public key `key` if that is new.

        An address that leads to another key than before is still the same server: whether to trust the new
        key is not decided here. Raises `ClientFileError`.
        """
        with self._readable(), self._lock, self._transaction():
            number = self._find(address, key)
            if number is None:
                number = self._db.execute("INSERT INTO server DEFAULT VALUES").lastrowid or 0
            self._db.execute("INSERT OR IGNORE INTO address VALUES (?, ?)", (address, number))
            return SavedServer(self, number)

    def load(self, server: int, identity: bytes) -> ClientState:
        """The state for a server by its number in this file."""
        with self._readable(), self._lock:
            (device,) = self._db.execute("SELECT device FROM installation").fetchone()
            key, secret, nick = self._db.execute(
                "SELECT key, secret, nick FROM server WHERE id = ?", (server,)
            ).fetchone()
            rooms = self._db.execute(
                "SELECT name, log, place, mark FROM room WHERE server = ? ORDER BY rowid", (server,)
            ).fetchall()
            outbox = self._db.execute(
                "SELECT room, id, text, more FROM outbox WHERE server = ? ORDER BY turn", (server,)
            ).fetchall()
            return ClientState(
                identity=identity,
                device=device,
                pin=None if key is None else Pin(key, secret),
                nick=nick,
                rooms=MappingProxyType({name: _place(log, place, mark) for name, log, place, mark in rooms}),
                outbox=tuple(Message(room, _number(number), text, bool(more)) for room, number, text, more in outbox),
            )

    def submit(self, server: int, requests: Sequence[SaveState], done: Done) -> None:
        """Save changes of one server's state soon; `done` is called from another thread."""
        self._jobs.put(_Job(server, requests, done))

    def close(self) -> None:
        """Save what waits, and close. Raises `ClientFileError` if it could not be saved."""
        self._jobs.put(None)
        self._worker.join()
        self._db.close()
        if self._unsaved:
            raise ClientFileError(
                self.path, f"did not take the last changes: {self.trouble}", "messages may show up twice"
            )

    # -- the thread that saves -------------------------------------------------------------------------------

    def _work(self) -> None:
        going = True
        while going:
            job = self._jobs.get()
            while job is not None:
                self._unsaved.append(job)
                try:
                    job = self._jobs.get_nowait()
                except Empty:
                    break
            going = job is not None
            self._save()

    def _save(self) -> None:
        jobs = self._unsaved
        try:
            with self._lock, self._transaction():
                for job in jobs:
                    for request in job.requests:
                        for change in request.changes:
                            self._db.execute(*_statement(job.server, change))
        except sqlite3.Error as error:
            self.trouble = str(error)
            return
        self._unsaved = []
        self.trouble = None
        for job in jobs:
            job.done([StateSaved(request) for request in job.requests])

    # -- the file --------------------------------------------------------------------------------------------

    def _find(self, address: str, key: bytes | None) -> int | None:
        by_address = "SELECT server FROM address WHERE address = ?", (address,)
        by_key = "SELECT id FROM server WHERE key = ? ORDER BY id DESC", (key,)
        row = self._db.execute(*by_address).fetchone() or self._db.execute(*by_key).fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _prepare(self, entropy: Callable[[int], bytes]) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            (schema,) = self._db.execute("PRAGMA user_version").fetchone()
            (application,) = self._db.execute("PRAGMA application_id").fetchone()
            (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if tables and application != APPLICATION:
                raise ClientFileError(self.path, "is another program's file", _ELSEWHERE)
            if schema > SCHEMA:
                raise ClientFileError(
                    self.path,
                    f"was written by a newer udpchat (schema {schema}; this one knows {SCHEMA})",
                    "use that one, or another state directory",
                )
            if not tables:
                self._begin(entropy)

    def _begin(self, entropy: Callable[[int], bytes]) -> None:
        for statement in _TABLES.split(";"):
            self._db.execute(statement)
        self._db.execute("INSERT INTO installation VALUES (?)", (int.from_bytes(entropy(4), "big"),))
        self._db.execute(f"PRAGMA user_version = {SCHEMA}")
        self._db.execute(f"PRAGMA application_id = {APPLICATION}")

    @contextmanager
    def _readable(self) -> Generator[None]:
        """Turn what SQLite and the system say into what a person can act on."""
        try:
            yield
        except OSError as error:
            raise ClientFileError(self.path, f"cannot be opened: {error.strerror}", _ELSEWHERE) from error
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise ClientFileError(self.path, "is locked by another program", "close that one first") from error
            raise ClientFileError(self.path, f"cannot be used: {error}", _ELSEWHERE) from error
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise ClientFileError(
                self.path,
                f"is broken: {error}",
                "move it away to begin anew: places and unsent messages are lost, the identity is not",
            ) from error


class SavedServer:
    """The part of a `ClientFile` that is about one server: a `ClientStore`."""

    def __init__(self, file: ClientFile, number: int) -> None:
        self._file = file
        self._number = number

    def load(self, identity: bytes) -> ClientState:
        """The state that was saved, with this identity (a private key). Raises `ClientFileError`."""
        return self._file.load(self._number, identity)

    def submit(self, requests: Sequence[SaveState], done: Done = _unheard) -> None:
        """Save soon; `done` is called from another thread, and may be left out: a client waits for no answer."""
        if requests:
            self._file.submit(self._number, requests, done)

    def close(self) -> None:
        """Nothing to do: the file is closed by whoever opened it."""


_ELSEWHERE = "give another state directory"


def _statement(server: int, change: Change) -> tuple[str, tuple[object, ...]]:
    """The change in SQL."""
    match change:
        case Pinned(pin=pin):
            return "UPDATE server SET key = ?, secret = ? WHERE id = ?", (pin.key, pin.secret, server)
        case NickChosen(nick=nick):
            return "UPDATE server SET nick = ? WHERE id = ?", (nick, server)
        case RoomEntered(room=room, place=place):
            return _ENTER, (server, room, *_columns(place))
        case RoomLeft(room=room):
            return "DELETE FROM room WHERE server = ? AND name = ?", (server, room)
        case OutboxAdded(message=message):
            columns = (message.room, _bytes(message.id), message.text, message.more)
            return "INSERT INTO outbox (server, room, id, text, more) VALUES (?, ?, ?, ?, ?)", (
                server,
                *columns,
            )
        case OutboxRemoved(id=id):
            return "DELETE FROM outbox WHERE server = ? AND id = ?", (server, _bytes(id))
        case _:
            raise NotImplementedError(f"a change that this store does not know: {change!r}")


_ENTER = (
    "INSERT INTO room (server, name, log, place, mark) VALUES (?, ?, ?, ?, ?) ON CONFLICT (server, name)"
    " DO UPDATE SET log = excluded.log, place = excluded.place, mark = excluded.mark"
)


def _columns(place: Place | None) -> tuple[bytes, bytes, bytes] | tuple[None, None, None]:
    if place is None:
        return None, None, None
    return _bytes(place.log), _bytes(place.offset), place.check


def _place(log: bytes | None, place: bytes, mark: bytes) -> Place | None:
    return None if log is None else Place(_number(log), _number(place), mark)


def _bytes(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _number(data: bytes) -> int:
    if len(data) != 8:
        raise ValueError("a number that has not 8 bytes")
    return int.from_bytes(data, "big")
