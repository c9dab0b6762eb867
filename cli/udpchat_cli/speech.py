"""From lines of text to messages: what is longer than a message may be is said in several (SPEC.md 10)."""

from __future__ import annotations

from udpchat_protocol.limits import TEXT_MAX


def split(line: str, most: int = TEXT_MAX) -> list[tuple[str, bool]]:
    """The messages, of at most `most` bytes each, that say `line`; with each, whether more of it follows.

    Cut after a blank where there is one, and never inside a character. Put together, they are the line again.
    An empty line says nothing.
    """
    pieces: list[str] = []
    rest = line.encode(errors="replace")
    while len(rest) > most:
        end = rest.rfind(b" ", 0, most) + 1
        if end <= most // 2:
            end = most
            while rest[end] & 0xC0 == 0x80:
                end -= 1
        pieces.append(rest[:end].decode())
        rest = rest[end:]
    if rest:
        pieces.append(rest.decode())
    return [(piece, number < len(pieces)) for number, piece in enumerate(pieces, 1)]
