"""The load generators: many clients in one thread, in C (benchmarks/crowd/), which is compiled at the first use.

`Chatters` speak UDPCHAT/1: the handshake is done here, by the real client's, and what is sealed by chat.c. `Crowd` is
everybody else: NATS, IRC and MQTT over TCP, bare datagrams over UDP. Both count and check what comes.
"""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from guests import answered, handshake

from udpchat_core.handshake import Established
from udpchat_core.state import Pin

HERE = Path(__file__).resolve().parent
SOURCES = sorted((HERE / "crowd").glob("*.c"))
TALKERS = 20
"""Of ours. A session may have 8 messages unanswered (UC-SESS-6), and each says 5 at most in one packet."""
TOGETHER = 64
"""Handshakes, or sockets, under way at once."""
BACKLOG = 8
"""Connections at once: what ngircd listens for. What comes beyond that comes a second later."""
BUFFER = 1 << 20
REST = 0.6
"""Seconds after the last delivery in which what is still to be acknowledged is, and costs its server: `seen_delay` is
half a second at most."""
PATIENCE = 60.0
"""Seconds until somebody who does not come in is a failure."""


class CrowdError(Exception):
    """What was to be measured did not work; the message says why."""


class _Outcome(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint64) for name in ("messages", "deliveries", "datagrams", "answers", "repeats")),
        ("seconds", ctypes.c_double),
        ("error", ctypes.c_char * 240),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of bursts came to; all that was said was delivered to each once, or there is no Outcome."""

    messages: int
    deliveries: int
    seconds: float
    datagrams: int
    """That came; 0 over TCP."""
    answers: int
    """Packets or writes that subscribers and talkers sent."""
    repeats: int
    """Times that a talker had to say something again."""


@cache
def library() -> Any:
    """The compiled generators. Raises CrowdError if there is no compiler, or no OpenSSL to compile against."""
    target = HERE.parent / "build" / "benchmarks" / "crowd.so"
    newest = max(each.stat().st_mtime for each in (HERE / "crowd").iterdir())
    if not target.exists() or target.stat().st_mtime < newest:
        if shutil.which("gcc") is None:
            raise CrowdError("gcc is missing; benchmarks/brokers.sh installs it")
        target.parent.mkdir(parents=True, exist_ok=True)
        words = ["gcc", "-O2", "-shared", "-fPIC", "-o", str(target), *map(str, SOURCES), "-lcrypto", "-lm"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CrowdError(f"cannot compile (libssl-dev is in benchmarks/brokers.sh): {done.stderr[:500]}")
    it: Any = ctypes.CDLL(str(target))
    for name in ("chat_new", "others_new"):
        getattr(it, name).restype = ctypes.c_void_p
    for name in ("chat_error", "others_error"):
        getattr(it, name).restype = ctypes.c_char_p
    return it


class Chatters:
    """Clients of ours in one room of one server, each with a socket and a key of its own."""

    def __init__(self, host: str, port: int, key: bytes, text: int) -> None:
        """`key`: the server's. `text`: bytes of a message."""
        self._library = library()
        salt = ctypes.c_uint64(int.from_bytes(os.urandom(8), "big"))
        self._chat = ctypes.c_void_p(self._library.chat_new(ctypes.c_size_t(text), salt))
        self._address = host, port
        self._pin = Pin(key)
        self._sockets: list[socket.socket] = []

    def join(self, count: int) -> None:
        """Handshakes, and into the room; ends when all are in."""
        while len(self._sockets) < count:
            some = [self._socket() for _ in range(min(TOGETHER, count - len(self._sockets)))]
            for own, session in self._handshakes(some):
                nick = f"p{own.fileno()}".encode()
                keys, rtt = session.keys, ctypes.c_double(session.rtt or 0.01)
                session_id = ctypes.c_uint64(session.session)
                self._library.chat_add(self._chat, own.fileno(), session_id, keys.to_server, keys.to_client, rtt, nick)
            joined = self._library.chat_pump(self._chat, ctypes.c_double(PATIENCE), len(self._sockets))
            self._check(joined, len(self._sockets))
        self._warm_up()

    def _socket(self) -> socket.socket:
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        own.connect(self._address)
        own.setblocking(False)
        self._sockets.append(own)
        return own

    def _handshakes(self, sockets: list[socket.socket]) -> Iterable[tuple[socket.socket, Established]]:
        """Each client is a member of its own. The server sees a few at once, as it would."""
        poll = select.epoll()
        open_ = {own.fileno(): (own, handshake(self._pin)) for own in sockets}
        for number in open_:
            poll.register(number, select.EPOLLIN)
        end = monotonic() + PATIENCE
        while open_:
            for own, attempt in open_.values():
                if (hello := attempt.hello(monotonic())) is not None:
                    own.send(hello)
            for number, _ in poll.poll(0.01):
                own, attempt = open_[number]
                session = answered(attempt, own.recv(2048))
                if session is not None:
                    del open_[number]
                    poll.unregister(number)
                    yield own, session
            if monotonic() > end:
                raise CrowdError(f"{len(open_)} handshakes are not answered")
        poll.close()

    def _warm_up(self) -> None:
        """Everybody who will talk has talked, and presence has told of it (UC-PRES-6)."""
        self._pump(0.2)
        for _ in range(TALKERS):
            self.run(1, 0.0, 0.0)
        self._pump(1.3)

    def _pump(self, seconds: float) -> None:
        self._library.chat_pump(self._chat, ctypes.c_double(seconds), len(self._sockets) + 1)

    def run(self, burst: int, seconds: float, rest: float = REST) -> Outcome:
        """Bursts, each when all have the last, until so many seconds are over; and a rest. Raises CrowdError."""
        out = _Outcome()
        times = ctypes.c_double(seconds), ctypes.c_double(rest)
        self._library.chat_run(self._chat, TALKERS, burst, *times, ctypes.byref(out))
        return _checked(out)

    def _check(self, got: int, wanted: int) -> None:
        error = self._library.chat_error(self._chat).decode(errors="replace")
        if error or got < wanted:
            raise CrowdError(error or f"only {got} of {wanted} come in")

    def close(self) -> None:
        """They just vanish."""
        for own in self._sockets:
            own.close()
        self._library.chat_free(self._chat)


class Kind(IntEnum):
    """What a Crowd speaks."""

    NATS = 0
    IRC = 1
    MQTT = 2
    PLAIN = 3
    SEALED = 4

    @property
    def stream(self) -> bool:
        """Over TCP?"""
        return self < Kind.PLAIN


class Crowd:
    """Subscribers of another system, and one who talks."""

    def __init__(self, kind: Kind, port: int, text: int, packed: int = 1) -> None:
        """`packed`: bytes that a message takes in a SEALED datagram."""
        self._library = library()
        self._kind = kind
        self._port = port
        self._others = ctypes.c_void_p(self._library.others_new(kind, ctypes.c_size_t(text), packed))
        self._sockets: list[socket.socket] = []

    def join(self, count: int) -> None:
        """Connect all and subscribe; ends when all are in."""
        while len(self._sockets) < count:
            together = BACKLOG if self._kind.stream else TOGETHER
            for _ in range(min(together, count - len(self._sockets))):
                self._add(subscribes=True)
            if self._kind.stream:
                self._wait()
        if self._kind.stream:
            self._add(subscribes=False)
            self._wait()
        self.run(1, 0.0)

    def _add(self, *, subscribes: bool) -> None:
        kind = socket.SOCK_STREAM if self._kind.stream else socket.SOCK_DGRAM
        own = socket.socket(socket.AF_INET, kind)
        own.settimeout(PATIENCE)
        own.connect(("127.0.0.1", self._port))
        if self._kind.stream:
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        own.sendall(_first_words(self._kind, len(self._sockets), subscribes=subscribes))
        if not self._kind.stream:
            own.recv(16)
        own.settimeout(None)
        self._library.others_add(self._others, own.fileno(), int(subscribes))
        self._sockets.append(own)

    def _wait(self) -> None:
        wanted = len(self._sockets)
        got = self._library.others_pump(self._others, ctypes.c_double(PATIENCE), wanted)
        error = self._library.others_error(self._others).decode(errors="replace")
        if error or got < wanted:
            raise CrowdError(error or f"only {got} of {wanted} come in")

    def run(self, burst: int, seconds: float) -> Outcome:
        """As Chatters.run."""
        out = _Outcome()
        times = ctypes.c_double(seconds), ctypes.c_double(REST)
        self._library.others_run(self._others, burst, *times, ctypes.byref(out))
        return _checked(out)

    def close(self) -> None:
        """They just vanish."""
        for own in self._sockets:
            own.close()
        self._library.others_free(self._others)


def _first_words(kind: Kind, number: int, *, subscribes: bool) -> bytes:
    match kind:
        case Kind.NATS:
            subscribe = b"SUB lobby 1\r\n" if subscribes else b""
            return b'CONNECT {"verbose":false,"pedantic":false}\r\n' + subscribe + b"PING\r\n"
        case Kind.IRC:
            return b"NICK p%d\r\nUSER p 0 * :p\r\n" % number
        case Kind.MQTT:
            name = b"p%d" % number
            hello = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
            hello = b"\x10" + bytes((len(hello),)) + hello
            return hello + (b"\x82\x0a\x00\x01\x00\x05lobby\x01" if subscribes else b"")
        case _:
            return b"^hb^"


def _checked(out: _Outcome) -> Outcome:
    if out.error:
        raise CrowdError(out.error.decode(errors="replace"))
    return Outcome(out.messages, out.deliveries, out.seconds, out.datagrams, out.answers, out.repeats)
