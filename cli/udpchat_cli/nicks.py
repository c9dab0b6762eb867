"""Which nicks a server allows, and which it takes for the same: PRECIS (RFC 8266) and Unicode's look-alikes.

A nick policy for `udpchat_core.server.Server`. What a nick looks like is its *skeleton*, after UTS #39: each
character replaced by the one that all its look-alikes are replaced by. Every refusal says which rule it was, and
what to leave out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import cast

from confusable_homoglyphs import categories, confusables  # pyright: ignore[reportMissingTypeStubs]
from precis_i18n import get_profile
from precis_i18n.profile import Profile

from udpchat_core.text import nick_fault

ACCENTS = 4
"""Accents above and below one letter, at most; no language that Unicode knows needs more (UTS #39, 5.4)."""

_SET_OFF = re.compile(r"[:,()\[\]<>{}]")
_FINGERPRINT = re.compile("[2-9a-flo]{16}")  # as a skeleton has it: 0 is o, 1 is l

_TOGETHER = (
    frozenset(("LATIN", "HAN", "HIRAGANA", "KATAKANA")),
    frozenset(("LATIN", "HAN", "HANGUL")),
    frozenset(("LATIN", "HAN", "BOPOMOFO")),
)
"""Scripts that languages mix; of others a nick has one ("highly restrictive" in UTS #39, 5.2)."""


def nick_policy(nick: str) -> tuple[str, str]:
    """The nick as it will be shown, and its skeleton. Raises ValueError, with the reason, if it is not
    allowed.
    """
    try:
        nick = _profile().enforce(nick)
    except UnicodeEncodeError as error:
        wrong = " ".join(f"U+{ord(char):04X}" for char in error.object[error.start : error.end])
        fault = f"it has the character {wrong}, which names cannot have" if nick.strip() else "it is empty"
        raise ValueError(f"that cannot be a nick: {fault}") from None
    alike = skeleton(nick)
    fault = nick_fault(nick) or _fault(nick, alike)
    if fault:
        raise ValueError(f"that cannot be a nick: {fault}")
    return nick, alike


def skeleton(text: str) -> str:
    """What `text` looks like, whatever its case."""
    seen = _replaced(_replaced(unicodedata.normalize("NFD", text)).casefold())
    # A capital I is told from a small l in few typefaces, and the case of a nick does not count.
    return unicodedata.normalize("NFD", seen).replace("i", "l")


def _fault(nick: str, alike: str) -> str:
    """What else keeps a name from being a nick here."""
    if found := _SET_OFF.search(alike):
        return f"it has '{found[0]}' or what looks like it, which sets nicks off from other words"
    if _FINGERPRINT.fullmatch(alike):
        return "it looks like a key's fingerprint"
    script = cast("Callable[[str], str]", categories.alias)  # pyright: ignore[reportUnknownMemberType]
    scripts = {script(char).upper() for char in nick} - {"COMMON", "INHERITED", "UNKNOWN"}
    if len(scripts) > 1 and not any(scripts <= each for each in _TOGETHER):
        return f"it mixes letters of scripts that look alike ({', '.join(sorted(scripts)).lower()}); use one"
    return _accents(nick)


def _accents(nick: str) -> str:
    run = 0
    before = ""
    for char in unicodedata.normalize("NFD", nick):
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run and char == before:
            return "it has the same accent twice on one letter"
        if run > ACCENTS:
            return f"it has more than {ACCENTS} accents on one letter"
        before = char
    return ""


def _replaced(text: str) -> str:
    return "".join(map(_prototype, text))


@cache
def _profile() -> Profile:
    return get_profile("NicknameCasePreserved")


def _prototype(char: str) -> str:
    alike = _look_alikes().get(char, ())
    if len(alike) != 1:
        return char
    other = alike[0]
    back = _look_alikes().get(other, ())
    # The package knows no direction. Of two that only look like each other, either will do, if always the
    # same.
    return other if len(back) != 1 else min(char, other)


@cache
def _look_alikes() -> dict[str, tuple[str, ...]]:
    data = cast("dict[str, list[dict[str, str]]]", confusables.confusables_data)
    return {char: tuple(each["c"].strip("\u200e") for each in alike) for char, alike in data.items()}
