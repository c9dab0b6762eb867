"""Writes `seen.json`, `checks.json` and `window.json` beside this file: `python protocol/vectors/generate_loss.py`.

Everything follows from the words of SPEC.md 3.3, 8 and 8.1 and is computed here, not asked of the implementation.
"""
# ruff: noqa: TID251 - a program that writes files, no part of the package

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

Vector = dict[str, Any]

WINDOW: Final = 512
UPLINK_ENTRIES: Final = 32
BIG: Final = 2**63 + 12345
READMES: Final[dict[str, list[str]]] = {
    "seen": [
        "The eliciting packets of a peer that came and were kept, in the order they came, and the SEEN that tells of",
        "them: its fields, and the bytes of its body for a delay of 7 ms. u64 fields are decimal strings, bytes hex.",
    ],
    "checks": [
        "A log: its id, its entries (kind and body), and the check at each offset from 0 to the head.",
        "The id is a decimal string, bodies and checks are hex.",
    ],
    "window": [
        "May an entry be sent, and is it kept, when `acked` is what the last ACK of its channel said?",
        "`uplink`: of a client, at a server. Nothing waits out of order. Numbers are decimal strings.",
    ],
}
RECEIVED: Final[dict[str, list[int]]] = {
    "the first packet": [0],
    "the example of SPEC.md 9.1": [11, 13, 14, 15],
    "in order": list(range(5)),
    "the same in another order": [3, 0, 4, 2, 1],
    "every other one": list(range(1, 40, 2)),
    "a packet 64 below the largest is the last that a bit stands for": [936, 1000],
    "a packet 65 below the largest is not told any more": [935, 1000],
    "a full bitmap": list(range(100, 165)),
    "a full bitmap and what lies below it": list(range(90, 165)),
    "a jump beyond the bitmap": [*range(10), 500],
    "a late packet": [7, 9, 10, 8],
    "a late packet below the bitmap": [*range(200, 270), 3],
    "the greatest number of a session": [8388606, 8388607],
}
LOGS: Final[dict[str, tuple[int, list[tuple[int, bytes]]]]] = {
    "an empty log": (1, []),
    "three entries": (0x0123456789ABCDEF, [(0x41, b"one"), (0x41, b"two"), (0x62, bytes(8))]),
    "the kind counts": (0x0123456789ABCDEF, [(0x42, b"one")]),
    "empty and greatest bodies": (2**64 - 1, [(0x41, b""), (0x41, bytes(range(256)) * 4 + bytes(128))]),
    "a kind that nobody knows": (7, [(0xFF, b"\xff\xfe")]),
}


def seen() -> list[Vector]:
    """Received packet numbers and the fields of SEEN."""
    vectors: list[Vector] = []
    for name, received in RECEIVED.items():
        largest = max(received)
        bitmap = sum(2**i for i in range(64) if largest - 1 - i in received)
        body = largest.to_bytes(6, "big") + (7).to_bytes(2, "big") + bitmap.to_bytes(8, "big")
        vectors.append(
            {
                "name": name,
                "received": received,
                "largest": largest,
                "bitmap": str(bitmap),
                "body": body.hex(),
                "requirements": ["UC-LOG-4"],
            }
        )
    return vectors


def checks() -> list[Vector]:
    """Logs and their checks."""
    vectors: list[Vector] = []
    for name, (log, entries) in LOGS.items():
        values = [log.to_bytes(8, "big")]
        for kind, body in entries:
            values.append(sha256(values[-1] + bytes([kind]) + body).digest()[:8])
        vectors.append(
            {
                "name": name,
                "log": str(log),
                "entries": [{"kind": kind, "body": body.hex()} for kind, body in entries],
                "checks": [value.hex() for value in values],
                "requirements": ["UC-LOG-12"],
            }
        )
    return vectors


def window() -> list[Vector]:
    """Offsets at the edges of the windows."""
    return [
        {
            "name": f"{'uplink' if uplink else 'other'}: acked {acked}, offset {offset}",
            "uplink": uplink,
            "acked": str(acked),
            "offset": str(offset),
            "sent": acked <= offset < acked + WINDOW,
            "kept": offset < acked + size,
            "requirements": ["UC-LOG-3", "UC-LOG-7"],
        }
        for uplink, size in ((False, WINDOW), (True, UPLINK_ENTRIES))
        for acked in (0, 1, 1000, BIG)
        for offset in sorted(
            {max(acked - 1, 0), acked, acked + size - 1, acked + size, acked + WINDOW - 1, acked + WINDOW}
        )
    ]


def documents() -> dict[str, str]:
    """The text of every file by its name."""
    return {
        f"{name}.json": json.dumps(
            {"$schema": "./loss.schema.json", "protocol": "UDPCHAT/1", "readme": READMES[name], "vectors": vectors},
            indent=1,
        )
        + "\n"
        for name, vectors in (("seen", seen()), ("checks", checks()), ("window", window()))
    }


if __name__ == "__main__":
    for filename, text in documents().items():
        Path(__file__).with_name(filename).write_text(text, encoding="utf-8")
