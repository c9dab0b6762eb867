"""A run as a sequence diagram in text: who sent which packet with which frames, and what was lost.

The eavesdropper here has what nobody else has, the server's private key and the seeds of its randomness, and so can
read along; the oracles cannot.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from net import entropy
from simulation.schedule import Deed, Schedule
from simulation.world import BEGIN, Result, World, run
from udpchat_core.keys import PrivateKey, prologue, psk, public_key
from udpchat_core.noise import Keys, NoiseError, Responder
from udpchat_core.path import Path
from udpchat_core.seal import Seal, SealError
from udpchat_protocol.entries import Log, parse_body_untrusted
from udpchat_protocol.frames import FRAMES, Ack, Entry, Seen, split_untrusted
from udpchat_protocol.packets import Hello, Sealed, Welcome, parse_packet_untrusted
from udpchat_protocol.wire import WireError

DRAWS = 4000
"""Draws of the server among which an ephemeral key is looked for."""

MOST = 4000
"""Lines of a diagram; of a longer one the end is shown."""


@dataclass(slots=True)
class _Line:
    at: float
    text: str
    waits: bool = False
    """Is it a datagram that has not arrived?"""
    arrived: float | None = None

    def __str__(self) -> str:
        fate = "" if self.arrived is None else f"   +{(self.arrived - self.at) * 1000:.0f} ms"
        return f"{self.at - BEGIN:10.3f}  {self.text}{'   LOST' if self.waits else fate}"


class Recorder:
    """Watches a world."""

    def __init__(self, world: World) -> None:
        self.lines: list[_Line] = []
        self._world = world
        self._net = world.net
        self._under_way: dict[tuple[str, bytes], list[_Line]] = defaultdict(list)
        self._hellos: dict[bytes, Hello] = {}
        self._keys: list[Keys] = []
        self._seals: dict[tuple[str, bytes], Seal] = {}
        self._lives = 0
        self._ephemerals: dict[bytes, bytes] = {}
        self._events: dict[str, int] = {}
        tap, ear, told, do = self._net.tap, self._net.ear, self._net.told, world.do

        def sent(way: str, data: bytes, path: Path) -> None:
            self._sent(way, data, path)
            assert tap is not None
            tap(way, data, path)

        def arrived(way: str, data: bytes, path: Path) -> None:
            self._arrived(way, data, path)
            assert ear is not None
            ear(way, data, path)

        def tell(event: Any) -> None:
            self.note(f"    server: {_short(event)}")
            assert told is not None
            told(event)

        def done(deed: Deed) -> None:
            self.note(f"==  {str(deed).strip().partition('  ')[2]}")
            do(deed)

        self._net.tap, self._net.ear, self._net.told, world.do = sent, arrived, tell, done

    def note(self, text: str) -> None:
        """A line of its own."""
        self._applications()
        self.lines.append(_Line(self._net.now, text))

    def text(self) -> str:
        """All of it."""
        self._applications()
        lines = sorted(self.lines, key=lambda line: line.at)
        shown = [str(line)[:240] for line in lines[-MOST:]]
        return "\n".join([f"({len(lines) - MOST} lines before)"] * (len(lines) > MOST) + shown)

    def _applications(self) -> None:
        """What applications were told since the last time."""
        for name, life in self._world.lives.items():
            person = life.last
            if person is not None:
                key = f"{name}/{life.lives}"
                seen = self._events.get(key, 0)
                for when, event in list(zip(person.times, person.events, strict=True))[seen:]:
                    self.lines.append(_Line(when, f"    {name}: {_short(event)}"))
                self._events[key] = len(person.events)

    def _sent(self, way: str, data: bytes, path: Path) -> None:
        arrow = f"{path} -> server" if way == "up" else f"server -> {path}"
        line = _Line(self._net.now, f"{arrow:<22} {self._what(way, data)}", waits=True)
        self.lines.append(line)
        self._under_way[way, data].append(line)

    def _arrived(self, way: str, data: bytes, path: Path) -> None:
        lines = self._under_way.get((way, data), [])
        line = next((line for line in lines if line.waits), None)
        if line is not None:
            line.waits, line.arrived = False, self._net.now
        else:
            self.note(f"{way} {path}: {len(data)} bytes come {'again' if lines else 'that nobody sent so'}")

    # -- reading along -----------------------------------------------------------------------------------------------

    def _what(self, way: str, data: bytes) -> str:
        try:
            packet = parse_packet_untrusted(data)
        except WireError:
            return f"{data[:1].hex()} {len(data)} bytes"
        if isinstance(packet, Sealed):
            return self._frames(way, data)
        if isinstance(packet, Hello):
            self._hellos[packet.token.to_bytes(8, "big")] = packet
            return f"HELLO {'with message 1' if packet.noise else ''}"
        if isinstance(packet, Welcome):
            self._read_handshake(packet)
        return type(packet).__name__.upper()

    def _read_handshake(self, welcome: Welcome) -> None:
        hello = self._hellos.get(welcome.token.to_bytes(8, "big"))
        ephemeral = self._ephemeral(welcome.noise[:32])
        if hello is None or ephemeral is None:
            return
        identity = self._net.identity
        responder = Responder(identity.private, psk(identity.secret, identity.public), lambda _: ephemeral)
        try:
            offered = responder.read1_untrusted(hello.noise, prologue(1, welcome.token))
        except NoiseError:
            return
        self._keys.append(offered.message2(b"")[1])

    def _ephemeral(self, public: bytes) -> bytes | None:
        while public not in self._ephemerals and self._lives <= self._world.attacks.restarts + 20:
            draw = entropy(("core", self._net.seed, self._lives))
            self._lives += 1
            for _ in range(DRAWS if self._lives <= 2 else DRAWS // 10):
                block = draw(32)
                self._ephemerals[public_key(PrivateKey(block))] = block
        return self._ephemerals.get(public)

    def _frames(self, way: str, data: bytes) -> str:
        number, session = int.from_bytes(data[2:8], "big"), data[8:16]
        plain = self._open(way, session, data)
        if plain is None:
            return f"SEALED {session.hex()[:4]} #{number}, {len(data)} bytes"
        told: list[str] = []
        for kind, body in split_untrusted(plain):
            frame = FRAMES[kind].parse_untrusted(body) if kind in FRAMES else None
            told.append(f"frame 0x{kind:02x}" if frame is None else _describe(way, frame))
        return f"SEALED {session.hex()[:4]} #{number}  {' · '.join(told)}"

    def _open(self, way: str, session: bytes, data: bytes) -> bytes | None:
        if (seal := self._seals.get((way, session))) is not None:
            try:
                return seal.open_untrusted(data)[1]
            except SealError:
                return None
        for keys in reversed(self._keys):
            key = keys.to_server if way == "up" else keys.to_client
            seal = Seal(int.from_bytes(session, "big"), key, key)
            try:
                plain = seal.open_untrusted(data)[1]
            except SealError:
                continue
            self._seals[way, session] = seal
            return plain
        return None


def _describe(way: str, frame: Any) -> str:
    if isinstance(frame, Ack):
        return f"ACK {frame.channel}:{frame.next}"
    if isinstance(frame, Seen):
        return f"SEEN {frame.largest} {frame.bitmap:b}"
    if not isinstance(frame, Entry):
        return type(frame).__name__.upper()
    log = (Log.UPLINK if way == "up" else Log.CONTROL) if frame.channel == 0 else Log.CHAT
    for each in (log, Log.PRESENCE):
        try:
            body = parse_body_untrusted(each, frame.kind, frame.body)
        except WireError:
            continue
        if body is not None:
            return f"ENTRY {frame.channel}/{frame.offset} {_short(body)}"
    return f"ENTRY {frame.channel}/{frame.offset} kind 0x{frame.kind:02x}"


def _short(value: Any) -> str:
    """A dataclass without the names of its fields, and bytes as the beginning of their hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()[:4]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return f"[{', '.join(_short(each) for each in value)}]"
    if is_dataclass(value):
        return " ".join([type(value).__name__, *(_short(getattr(value, field.name)) for field in fields(value))])
    return repr(value) if not isinstance(value, str) else f"{value[:30]!r}"


def drawn(schedule: Schedule) -> tuple[Result, str]:
    """Run a schedule, and draw it."""
    recorders: list[Recorder] = []
    result = run(schedule, lambda world: recorders.append(Recorder(world)))
    return result, recorders[0].text() if recorders else ""
