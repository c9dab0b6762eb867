"""The plaintext dialect: what a datagram of it means, and what the two ends tell (SPEC.md, appendix B).

Bare text over UDP, with no handshake, no keys and no repair. This module reads and writes single datagrams;
`plaintext_server` and `plaintext_client` keep what has to be kept between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

from udpchat_protocol.codes import Code
from udpchat_protocol.limits import MAX_DATAGRAM, TEXT_MAX
from udpchat_protocol.packets import Hello

from .path import Path
from .text import harmless

PLAIN_INTERVAL: Final = 10.0  # seconds of silence after which a server drops a client
PLAIN_BEAT: Final = 3.0  # seconds of silence after which a client sends a heartbeat
PLAIN_CLIENTS: Final = 256  # addresses that a server remembers
PLAIN_RATE: Final = 10.0  # texts a second of one address
PLAIN_BURST: Final = 100.0  # texts of one address at once
PLAIN_BUDGET: Final = 64  # bytes to an address off loopback for each byte from it

HELLO: Final = b"hello server"
BEAT: Final = b"^hb^"
QUIT: Final = b"quit"
ACK: Final = b"ack "
BYE: Final = b"bye bye"


class Kind(Enum):
    """What a datagram means to a server."""

    TOO_LONG = auto()
    FOREIGN = auto()
    """Not for a plaintext server: another server's words, or a HELLO of the sealed protocol."""
    QUIT = auto()
    BEAT = auto()
    TEXT = auto()


class Meaning(NamedTuple):
    """A datagram as a server reads it. `text` is harmless and at most TEXT_MAX bytes of UTF-8."""

    kind: Kind
    text: str = ""


def read_untrusted(data: bytes) -> Meaning:
    """What a client's datagram means (UC-PLAIN-2)."""
    if len(data) > MAX_DATAGRAM:
        return Meaning(Kind.TOO_LONG)
    if data.startswith((ACK, BYE)) or (len(data) == MAX_DATAGRAM and data[0] == Hello.TYPE):
        return Meaning(Kind.FOREIGN)
    word = data.strip()
    if word == QUIT:
        return Meaning(Kind.QUIT)
    if word in (BEAT, b""):
        return Meaning(Kind.BEAT)
    return Meaning(Kind.TEXT, cut(plain(data), TEXT_MAX).decode())


def plain(data: bytes) -> str:
    """The text of a datagram, harmless, without the line break at its end."""
    return harmless(data.rstrip(b"\r\n").decode(errors="replace"))


def cut(text: str, most: int) -> bytes:
    """The UTF-8 of `text`, at most `most` bytes, with no character broken."""
    data = text.encode(errors="replace")
    return data if len(data) <= most else data[:most].decode(errors="ignore").encode()


@dataclass(frozen=True, slots=True)
class PlainCame:
    """Server: an address became a client."""

    path: Path


@dataclass(frozen=True, slots=True)
class PlainSaid:
    """Server: a client said something."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class PlainLeft:
    """Server: a client is gone. Code QUIT: it said so; EXPIRED: it fell silent; SHUTDOWN: the server stops."""

    path: Path
    code: Code


PlainEvent = PlainCame | PlainSaid | PlainLeft


@dataclass(frozen=True, slots=True)
class PlainHeard:
    """Client: something came. `text` is harmless; `farewell`: the server says that it stops."""

    text: str
    raw: bytes
    farewell: bool
