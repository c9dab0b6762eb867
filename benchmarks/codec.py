"""What the codec costs: construct, compiled construct, derived and hand-written code that do the same.

    python benchmarks/codec.py [--rounds 25] [--json FILE]

Times are medians of interleaved rounds, in ns a call; a ratio is the median of the ratios of each round.
Derived and hand-written code check the same: ends, ranges, UTF-8, and (building) the types of values. By
hand, an object is made as anyone would, by calling its class.
"""
# ruff: noqa: D103 - their names tell

import argparse
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

import construct

from udpchat_protocol.entries import Chat
from udpchat_protocol.frames import Ack, Entry, Seen
from udpchat_protocol.packets import Sealed
from udpchat_protocol.wire import Int48ub

Call = Callable[[], Any]

ACK = struct.Struct("!IQ")
SEEN = struct.Struct("!HIHQ")
ENTRY = struct.Struct("!IQB")
SEALED = struct.Struct("!BBHIQ")
CHAT_HEAD = struct.Struct("!8sB")
CHAT_TAIL = struct.Struct("!QQBH")


def ack_tuple(data: bytes) -> tuple[int, int]:
    if len(data) != 12:
        raise ValueError("length")
    return ACK.unpack(data)


def ack_object(data: bytes) -> Ack:
    if len(data) != 12:
        raise ValueError("length")
    channel, following = ACK.unpack(data)
    return Ack(channel, following)


def ack_build(channel: int, following: int) -> bytes:
    if type(channel) is not int or type(following) is not int:
        raise TypeError("integers only")
    return ACK.pack(channel, following)


def seen_tuple(data: bytes) -> tuple[int, int, int]:
    if len(data) != 16:
        raise ValueError("length")
    high, low, delay, bitmap = SEEN.unpack(data)
    return high << 32 | low, delay, bitmap


def seen_object(data: bytes) -> Seen:
    return Seen(*seen_tuple(data))


def seen_build(largest: int, delay: int, bitmap: int) -> bytes:
    if type(largest) is not int or type(delay) is not int or type(bitmap) is not int:
        raise TypeError("integers only")
    return SEEN.pack(largest >> 32, largest & 0xFFFFFFFF, delay, bitmap)


def entry_tuple(data: bytes) -> tuple[int, int, int, bytes]:
    if not 13 <= len(data) <= 1165:
        raise ValueError("length")
    channel, offset, kind = ENTRY.unpack_from(data)
    return channel, offset, kind, data[13:]


def entry_object(data: bytes) -> Entry:
    return Entry(*entry_tuple(data))


def entry_build(channel: int, offset: int, kind: int, body: bytes) -> bytes:
    if type(channel) is not int or type(offset) is not int or type(kind) is not int or type(body) is not bytes:
        raise TypeError("integers and bytes only")
    if len(body) > 1152:
        raise ValueError("length")
    return ENTRY.pack(channel, offset, kind) + body


def sealed_tuple(data: bytes) -> tuple[int, int, bytes]:
    if not 32 <= len(data) <= 1200:
        raise ValueError("length")
    tag, reserved, high, low, session = SEALED.unpack_from(data)
    if tag != 4 or reserved != 0:
        raise ValueError("value")
    return high << 32 | low, session, data[16:]


def sealed_object(data: bytes) -> Sealed:
    return Sealed(*sealed_tuple(data))


def sealed_build(number: int, session: int, ciphertext: bytes) -> bytes:
    if type(number) is not int or type(session) is not int or type(ciphertext) is not bytes:
        raise TypeError("integers and bytes only")
    if not 16 <= len(ciphertext) <= 1184:
        raise ValueError("length")
    return SEALED.pack(4, 0, number >> 32, number & 0xFFFFFFFF, session) + ciphertext


def chat_tuple(data: bytes) -> tuple[bytes, str, int, int, int, str]:
    if not 29 <= len(data) <= 1152:
        raise ValueError("length")
    author, nick_size = CHAT_HEAD.unpack_from(data)
    nick_end = 9 + nick_size
    if nick_size > 32 or len(data) < nick_end + 19:
        raise ValueError("length")
    ident, time, flags, text_size = CHAT_TAIL.unpack_from(data, nick_end)
    text_start = nick_end + 19
    text_end = text_start + text_size
    if not 1 <= text_size <= 1000 or len(data) < text_end:
        raise ValueError("length")
    return author, data[9:nick_end].decode(), ident, time, flags, data[text_start:text_end].decode()


def chat_object(data: bytes) -> Chat:
    return Chat(*chat_tuple(data))


def chat_build(author: bytes, nick: str, ident: int, time: int, flags: int, text: str) -> bytes:
    if type(author) is not bytes or type(nick) is not str or type(text) is not str:
        raise TypeError("bytes and text only")
    if type(ident) is not int or type(time) is not int or type(flags) is not int:
        raise TypeError("integers only")
    nick_utf8 = nick.encode()
    text_utf8 = text.encode()
    if len(author) != 8 or len(nick_utf8) > 32 or not 1 <= len(text_utf8) <= 1000:
        raise ValueError("length")
    head = CHAT_HEAD.pack(author, len(nick_utf8))
    return head + nick_utf8 + CHAT_TAIL.pack(ident, time, flags, len(text_utf8)) + text_utf8


# Without the checks of ranges, of types and for the one error, which construct could not compile.
PLAIN: dict[str, "construct.Construct[Any, Any]"] = {
    "Ack": construct.Struct("channel" / construct.Int32ub, "next" / construct.Int64ub, construct.Terminated),
    "Seen": construct.Struct("largest" / Int48ub, "delay" / construct.Int16ub, "bitmap" / construct.Int64ub),
    "Entry": construct.Struct(
        "channel" / construct.Int32ub,
        "offset" / construct.Int64ub,
        "kind" / construct.Int8ub,
        "body" / construct.GreedyBytes,
    ),
    "Sealed": construct.Struct(
        construct.Const(b"\4\0"),
        "number" / Int48ub,
        "session" / construct.Int64ub,
        "ciphertext" / construct.GreedyBytes,
    ),
    "Chat": construct.Struct(
        "author" / construct.Bytes(8),
        "nick" / construct.PascalString(construct.Int8ub, "utf8"),
        "id" / construct.Int64ub,
        "time" / construct.Int64ub,
        "flags" / construct.Int8ub,
        "text" / construct.PascalString(construct.Int16ub, "utf8"),
    ),
}
CHAT = Chat(
    bytes(range(8)),
    "Alice",
    0xC0FFEE,
    1_795_392_000_000,
    0,
    "a line of chat as people write it, and then so on",
)
SUBJECTS: list[tuple[Any, Callable[[bytes], Any], Callable[[bytes], Any], Callable[..., bytes]]] = [
    (Entry(7, 4096, 0x41, CHAT.build()), entry_object, entry_tuple, entry_build),
    (CHAT, chat_object, chat_tuple, chat_build),
    (Ack(7, 4096), ack_object, ack_tuple, ack_build),
    (Seen(1 << 33, 25, 0b1011), seen_object, seen_tuple, seen_build),
    (Sealed(1 << 33, 1 << 60, bytes(120)), sealed_object, sealed_tuple, sealed_build),
]


def calls(subject: Any, by_hand: tuple[Callable[..., Any], ...]) -> dict[str, Call]:
    """Every way of doing it, checked to do the same."""
    cls, data = type(subject), subject.build()
    names = [part.name for part in cls.LAYOUT.values]
    values = tuple([getattr(subject, name) for name in names])
    fields = dict(zip(names, values, strict=True))
    hand_object, hand_tuple, hand_build = by_hand
    compiled = PLAIN[cls.__name__].compile()
    ways: dict[str, Call] = {
        "parse construct": lambda: cls.parse_by_construct(data),
        "parse compiled": lambda: compiled.parse(data),
        "parse derived": lambda: cls.parse_untrusted(data),
        "parse by hand": lambda: hand_object(data),
        "tuple derived": lambda: cls.unpack_untrusted(data),
        "tuple by hand": lambda: hand_tuple(data),
        "build construct": subject.build_by_construct,
        "build compiled": lambda: compiled.build(fields),
        "build derived": lambda: cls.pack(*values),
        "build by hand": lambda: hand_build(*values),
    }
    for way, call in ways.items():
        result = call()
        wanted = data if way.startswith("build") else values if way.startswith("tuple") else subject
        assert way == "parse compiled" or result == wanted, way
    return ways


def timed(call: Call, number: int) -> float:
    """ns a call."""
    start = perf_counter_ns()
    for _ in range(number):
        call()
    return (perf_counter_ns() - start) / number


def measure(ways: dict[str, Call], rounds: int) -> dict[str, float]:
    """Medians in ns, what calling costs taken off, and the ratios of derived to hand-written."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        idle = timed(lambda: None, 20_000)
        for way, call in ways.items():
            number = 1_000 if way.endswith(("construct", "compiled")) else 20_000
            times[way].append(timed(call, number) - idle)
    result = {way: median(found) for way, found in times.items()}
    for verb in ("parse", "tuple", "build"):
        pairs = zip(times[f"{verb} derived"], times[f"{verb} by hand"], strict=True)
        result[f"{verb} ratio"] = median([derived / by_hand for derived, by_hand in pairs])
    return result


def main() -> None:
    """Measures, prints a table, and writes it as JSON if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    print(f"ns a call, medians of {options.rounds} interleaved rounds, Python {sys.version.split()[0]}\n")
    print("| | construct | compiled | derived | by hand | derived / by hand |\n|---|---|---|---|---|---|")
    for subject, *by_hand in SUBJECTS:
        name = type(subject).__name__
        found = results[name] = measure(calls(subject, tuple(by_hand)), options.rounds)
        for verb, label in [("parse", "to an object"), ("tuple", "to a tuple"), ("build", "build")]:
            cells = [f"{found.get(f'{verb} {way}', 0):,.0f}" for way in ("construct", "compiled", "derived", "by hand")]
            row = " | ".join(cell if cell != "0" else "" for cell in cells)
            print(f"| {name.upper()} {label} | {row} | {found[f'{verb} ratio']:.2f} |")
    if options.json:
        document = {"unit": "ns", "rounds": options.rounds, "python": sys.version, "results": results}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
