"""Which nicks a server allows, and which it takes for the same: PRECIS (RFC 8266) and Unicode's look-alikes.

A nick policy for `udpchat_core.server.Server`. What a nick looks like is its *skeleton*, after UTS #39: each
character replaced by the one that all its look-alikes are replaced by.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import cast

from confusable_homoglyphs import confusables  # pyright: ignore[reportMissingTypeStubs]
from precis_i18n import get_profile
from precis_i18n.profile import Profile

from udpchat_core.text import is_name
from udpchat_protocol.limits import NICK_MAX


def nick_policy(nick: str) -> tuple[str, str]:
    """The nick as it will be shown, and its skeleton. Raises ValueError, with the reason, if it is not
    allowed.
    """
    try:
        nick = _profile().enforce(nick)
    except UnicodeEncodeError as error:
        raise ValueError(f"a nick cannot have {error.object[error.start : error.end]!r}") from None
    if not is_name(nick):
        raise ValueError("a nick has letters, digits, marks and inner blanks only, and does not begin with '@'")
    if len(nick.encode()) > NICK_MAX:
        raise ValueError(f"a nick has {NICK_MAX} bytes at most")
    return nick, skeleton(nick)


def skeleton(text: str) -> str:
    """What `text` looks like, whatever its case."""
    seen = _replaced(_replaced(unicodedata.normalize("NFD", text)).casefold())
    # A capital I is told from a small l in few typefaces, and the case of a nick does not count.
    return unicodedata.normalize("NFD", seen).replace("i", "l")


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
