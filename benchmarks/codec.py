"""What the codec costs: construct, compiled construct, derived and hand-written code that do the same.

    python benchmarks/codec.py [--quick] [--rounds 200] [--json FILE] [--plot FOLDER]

Times are medians of interleaved rounds, in ns of CPU a call; a ratio is the median of the ratios of each round.
Derived and hand-written code check the same: ends, ranges, UTF-8, and (building) the types of values. By
hand, an object is made as anyone would, by calling its class.
"""
# ruff: noqa: D103 - their names tell

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import product
from statistics import median
from time import thread_time_ns
from typing import Any

import construct
from report import Goal, Progress, draw, goals, parser, save, table

from udpchat_protocol.entries import Chat
from udpchat_protocol.frames import Ack, Entry, Seen
from udpchat_protocol.packets import Sealed
from udpchat_protocol.wire import Int48ub

Call = Callable[[], Any]
Times = dict[str, float]

OTHERS = ("construct", "compiled", "derived")
"""Ways that are compared with the one by hand."""
VERBS = {"parse": "to an object", "tuple": "to a tuple", "build": "to bytes"}
MOST = 1.3
"""The goal: derived to hand-written."""
CALLS, SLOW_CALLS = 2000, 100
"""In a round, of each way; and of those that construct has."""

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
PLAIN: dict[str, construct.Construct[Any, Any]] = {
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
    start = thread_time_ns()
    for _ in range(number):
        call()
    return (thread_time_ns() - start) / number


def measure(ways: dict[str, Call], rounds: int) -> Times:
    """Medians in ns, what calling costs taken off, and the ratios to hand-written."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        idle = timed(lambda: None, CALLS)
        for way, call in ways.items():
            number = SLOW_CALLS if way.endswith(("construct", "compiled")) else CALLS
            times[way].append(timed(call, number) - idle)
    result = {way: median(found) for way, found in times.items()}
    for verb, way in product(VERBS, OTHERS):
        pairs = zip(times.get(f"{verb} {way}", ()), times[f"{verb} by hand"], strict=False)
        ratios = [other / by_hand for other, by_hand in pairs]
        if ratios:
            result[f"{verb} {way} ratio"] = median(ratios)
    return result


def show(results: dict[str, Times]) -> None:
    """The table, and the goal."""
    rows: list[list[str]] = []
    for (name, found), (verb, label) in product(results.items(), VERBS.items()):
        ratios = [found.get(f"{verb} {way} ratio") for way in OTHERS]
        cells = ["" if ratio is None else f"{ratio:.1f}" if ratio > 2 else f"{ratio:.2f}" for ratio in ratios]
        rows.append([f"{name}, {label}", *cells, f"{found[f'{verb} by hand']:,.0f}"])
    print("To hand-written code:\n\n" + table(("", *OTHERS, "ns by hand"), rows), end="\n\n")
    print(goals(reached(results)))


def reached(results: dict[str, Times]) -> list[Goal]:
    """Each frame at its worst."""
    return [
        Goal(f"{name}, derived ÷ by hand", MOST, max(found[f"{verb} derived ratio"] for verb in VERBS))
        for name, found in results.items()
    ]


def plot(axes: Any, results: dict[str, Times]) -> None:
    """Parsing, building, and how far derived code is from hand-written."""
    *both, right = axes
    for axis, verb in zip(both, ("parse", "build"), strict=True):
        bars(axis, results, {way: (f"{verb} {way} ratio", f"C{index}") for index, way in enumerate(OTHERS)})
        axis.axhline(1.0, color="black")
        axis.set(yscale="log", ylabel="CPU to that of hand-written code", title=VERBS[verb])
    bars(right, results, {VERBS[verb]: (f"{verb} derived ratio", f"C{3 + index}") for index, verb in enumerate(VERBS)})
    right.axhline(MOST, color="black", linestyle=":")
    right.set(title="derived", ylim=(0, 1.6))


def bars(axis: Any, results: dict[str, Times], columns: dict[str, tuple[str, str]]) -> None:
    """Beside each other for each frame: by label, a figure and its colour."""
    width = 0.8 / len(columns)
    for index, (label, (figure, colour)) in enumerate(columns.items()):
        at = [place + (index - len(columns) / 2 + 0.5) * width for place in range(len(results))]
        axis.bar(at, [found[figure] for found in results.values()], width, label=label, color=colour)
    axis.set_xticks(range(len(results)), list(results))
    axis.margins(y=0.15)
    axis.legend(fontsize=7, ncols=len(columns), loc="upper center")


def main() -> None:
    """Measures, prints tables, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "a fifth of the rounds")
    options.add_argument("--rounds", type=int, default=200)
    given = options.parse_args()
    rounds = given.rounds // 5 if given.quick else given.rounds
    bar = Progress(len(SUBJECTS))
    results: dict[str, Times] = {}
    for subject, *by_hand in SUBJECTS:
        name = type(subject).__name__.upper()
        bar.step(name)
        results[name] = measure(calls(subject, tuple(by_hand)), rounds)
    bar.end()
    show(results)
    save(given.json, {"unit": "ns", "rounds": rounds, "results": results})
    draw(given.plot, "codec", 3, lambda axes: plot(axes, results))


if __name__ == "__main__":
    main()
