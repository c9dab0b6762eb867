"""Text that strangers wrote, made harmless for people (SPEC.md 10.2 and 10.3).

Control characters move cursors and change colours, bidi controls turn sentences around, invisible characters make two
names look alike, and marks without end cover the lines around them. `harmless` takes that out of texts and keeps
everything that is language; `harmless_name` is stricter, since names are compared by eye. `name_fault` and
`nick_fault` say what keeps a name from being one.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from udpchat_protocol.limits import NICK_MAX

MARKS = 8
"""Combining marks that may follow each other; Tibetan and Hebrew need the most, and need no more."""

_LINES = "\t\n\v\f\r\u0085\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK = "\u2800\U0001d159"

_LINE = re.compile(f"[{_LINES}]")
_HARMFUL = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_BIDI}]")
_JOINER = re.compile(f"[{_JOINERS}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_NAMELESS = re.compile(f"[{_UNSEEN}{_BLANK}]")
_TAG = re.compile("[\U000e0000-\U000e007f]")
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_REPLACEMENT = "\ufffd"
_UNSHOWABLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))
_UNNAMEABLE = _UNSHOWABLE | {"Co", "Cn"}


# -- texts ---------------------------------------------------------------------------------------------------------

GUEST_MARK = "@"
"""What the nick of a guest begins with, and no member's nick holds anywhere (UC-PLAIN-15)."""


def harmless(text: str) -> str:
    """`text` on one line, without what disturbs a terminal or its reader (UC-TEXT-1 to UC-TEXT-3)."""
    if text.isascii() and text.isprintable():
        return text
    text = _HARMFUL.sub(_REPLACEMENT, _LINE.sub(" ", text))
    return text if text.isascii() else _visible(text)


def _visible(text: str) -> str:
    """`text` without invisible characters outside of their uses, and without marks that follow MARKS others."""
    flags = {at for flag in _FLAG.finditer(text) for at in range(*flag.span())}
    kept: list[str] = []
    last, marks = " ", 0
    for at, char in enumerate(text):
        if _TAG.match(char):
            keep = at in flags
        elif _JOINER.match(char):
            keep = not last.isascii() and category(last)[0] in "LMNS"
        elif _SELECTOR.match(char):
            keep = marks < MARKS and not last.isspace() and not _NAMELESS.match(last)
            marks += keep
        elif _INVISIBLE.match(char):
            keep = False
        elif category(char)[0] == "M":
            keep = marks < MARKS
            marks += keep
        else:
            keep, marks = True, 0
        if keep:
            kept.append(char)
            last = char
    return "".join(kept)


# -- names ---------------------------------------------------------------------------------------------------------


def harmless_name(name: str) -> str:
    """A nick or a room's name as it may be shown, from a server that may not have checked it (UC-TEXT-4)."""
    if name.isascii() and name.isprintable():
        return name.strip(" ")
    shown = _visible("".join(map(_named, name)).strip(" "))
    return _REPLACEMENT + shown if shown and category(shown[0])[0] == "M" else shown


def _named(char: str) -> str:
    return char if char == " " or (category(char) not in _UNSHOWABLE and not _NAMELESS.match(char)) else _REPLACEMENT


def is_name(name: str) -> bool:
    """May this be a room's name, whatever its length (UC-ROOM-1)?"""
    return not name_fault(name)


def is_marked(nick: str) -> bool:
    """Does it hold the mark of guests, or what is only another form of it?"""
    return GUEST_MARK in normalize("NFKC", nick)


def name_fault(name: str) -> str:
    """What keeps `name` from being a room's name (UC-ROOM-1), in words that fit a FAILED; empty: nothing."""
    if not name:
        return "it is empty"
    if name[0] == " " or name[-1] == " ":
        return "it begins or ends with a blank"
    if name[0] == "@":
        return "it begins with '@'"
    wrong = next(
        (char for char in name if char != " " and (category(char) in _UNNAMEABLE or _NAMELESS.match(char))), ""
    )
    if wrong:
        return f"it has the character U+{ord(wrong):04X}, which cannot be seen or is no letter"
    if category(name[0])[0] == "M":
        return "it begins with an accent that has no letter to stand on"
    if _visible(name) != name:
        return f"it has more than {MARKS} accents on one letter"
    return ""


def nick_fault(nick: str) -> str:
    """What keeps `nick` from being a nick (UC-TEXT-5), in words that fit a FAILED; empty: nothing."""
    fault = name_fault(nick)
    if fault:
        return fault
    if nick[0] != "_" and category(nick[0])[0] not in "LN" and category(nick[0]) != "So":
        return f"it begins with '{nick[0]}', not with a letter, a digit, an emoji or '_'"
    if ":" in nick:
        return "it has a ':', which stands between a nick and what was said"
    if len(nick.encode()) > NICK_MAX:
        return f"it has more than {NICK_MAX} bytes"
    return ""


def plain_nick(nick: str) -> tuple[str, str]:
    """The nick policy of the core: the nick in NFKC, and what it looks like, its NFKC case-folded form.

    Raises ValueError for what may not be a nick. Stricter policies (PRECIS, confusables) are handed to the server.
    """
    nick = normalize("NFKC", nick)  # which can make one character eighteen
    if fault := nick_fault(nick):
        raise ValueError(f"that cannot be a nick: {fault}")
    return nick, normalize("NFKC", nick.casefold())
