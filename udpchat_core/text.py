"""Text that strangers wrote, made harmless for people (SPEC.md 10.3).

Control characters move cursors and change colours, bidi overrides turn sentences around, and invisible characters
make two names look alike. `harmless` takes away what does that and keeps everything that is language.
"""

from __future__ import annotations

import unicodedata

from udpchat_protocol.limits import NICK_MAX

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REPLACEMENT = "\ufffd"


def harmless(text: str) -> str:
    """`text` with every control character, line break, bidi control and unassigned or private format replaced.

    Line feeds become spaces and tabs stay one blank wide, so that what is shown is one line of print.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_harmless, text))


def _harmless(char: str) -> str:
    if char in "\n\t\r":
        return " "
    category = unicodedata.category(char)
    if char in _BIDI or category in ("Cc", "Cs", "Zl", "Zp"):
        return _REPLACEMENT
    return char


def is_name(name: str) -> bool:
    """May this be a nick or a room's name? No controls, no format characters, no blanks at its ends, not `@…`."""
    if not name or name != name.strip() or name.startswith("@"):
        return False
    return all(char == " " or unicodedata.category(char) not in _UNNAMEABLE for char in name)


_UNNAMEABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"))


def plain_nick(nick: str) -> tuple[str, str]:
    """The nick policy of the core: the nick in NFKC, and what it looks like, its NFKC case-folded form.

    Raises ValueError for what may not be a nick. Stricter policies (PRECIS, confusables) are handed to the server.
    """
    nick = unicodedata.normalize("NFKC", nick)
    if not is_name(nick):
        raise ValueError("a nick has letters, digits, marks and inner blanks only, and does not begin with '@'")
    if len(nick.encode()) > NICK_MAX:  # NFKC can make one character eighteen
        raise ValueError(f"a nick has {NICK_MAX} bytes at most")
    return nick, unicodedata.normalize("NFKC", nick.casefold())
