"""The worked trace of SPEC.md appendix D: each packet is sealed again, and each frame read, with the vectors' keys."""

import json
import re
from pathlib import Path

import pytest

from spec import SPEC
from udpchat_core.log import next_check
from udpchat_core.seal import Seal
from udpchat_protocol.entries import Chat, parse_body_untrusted
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import FRAMES, Entry, split_untrusted

TRACE = SPEC.read_text(encoding="utf-8").split("## Appendix D")[1]
HANDSHAKE = json.loads((Path(SPEC).parent / "protocol/vectors/handshake.json").read_text(encoding="utf-8"))
PACKET = re.compile(
    r"(C → S|S → C)   SEALED (\d+), (\d+) bytes, header ([0-9a-f]+), tag ([0-9a-f]+)\n((?:        .*\n)+)"
)
HEX = re.compile(r"^ {12}([0-9a-f]+)$", re.MULTILINE)
PACKETS = [
    (way, int(number), int(size), bytes.fromhex(header), bytes.fromhex(tag), HEX.findall(rest))
    for way, number, size, header, tag, rest in PACKET.findall(TRACE)
]


def plaintext(lines: list[str]) -> bytes:
    return bytes.fromhex("".join(lines))


SPLIT = HANDSHAKE["handshakes"][0]["noise"]["split"]
KEYS = {"C → S": bytes.fromhex(SPLIT["to_server"]), "S → C": bytes.fromhex(SPLIT["to_client"])}


def test_there_are_packets_both_ways() -> None:
    assert [(way, number) for way, number, *_ in PACKETS] == [
        ("C → S", 0),
        ("S → C", 0),
        ("C → S", 1),
        ("S → C", 1),
        ("C → S", 2),
    ]


@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: f"{packet[0]} {packet[1]}")
def test_a_packet_is_sealed_as_it_is_shown(packet: tuple[str, int, int, bytes, bytes, list[str]]) -> None:
    way, number, size, header, tag, lines = packet
    seal = Seal(int.from_bytes(header[8:], "big"), KEYS[way], bytes(32))
    seal.next_number = number
    sealed = seal.seal(plaintext(lines))
    assert (sealed[:16], sealed[-16:], len(sealed)) == (header, tag, size)


@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: f"{packet[0]} {packet[1]}")
def test_its_frames_and_entries_are_what_they_are_called(packet: tuple[str, int, int, bytes, bytes, list[str]]) -> None:
    shown = next(match[5] for match in PACKET.findall(TRACE) if match[4] == packet[4].hex())
    names = re.findall(r"^ {8}([A-Z]+) ?(\d+/\d+)? ?([A-Z]+)?", shown, re.MULTILINE)
    frames = [FRAMES[kind].parse_untrusted(body) for kind, body in split_untrusted(plaintext(packet[5]))]
    assert [type(frame).__name__.upper() for frame in frames] == [name for name, *_ in names]
    for frame, (_, place, kind) in zip(frames, names, strict=True):
        if isinstance(frame, Entry):
            assert f"{frame.channel}/{frame.offset}" == place
            log = Logs.CHAT if frame.channel else Logs.UPLINK if packet[0] == "C → S" else Logs.CONTROL
            assert type(parse_body_untrusted(log, frame.kind, frame.body)).__name__.upper() == kind


def test_the_check_after_the_message_is_the_one_that_is_told() -> None:
    (entry,) = [
        frame
        for kind, body in split_untrusted(plaintext(PACKETS[3][5]))
        if isinstance(frame := FRAMES[kind].parse_untrusted(body), Entry)
    ]
    assert entry.kind == Chat.KIND
    told = re.search(r"`check\(1\)` is ([0-9a-f]{16})", TRACE)
    log = re.search(r"next JOIN of ann is \(([0-9a-f]{16}), 1", TRACE)
    assert told is not None
    assert log is not None
    assert next_check(bytes.fromhex(log[1]), entry.kind, entry.body).hex() == told[1]
