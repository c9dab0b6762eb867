"""Texts of strangers, made harmless (SPEC.md 10.2 and 10.3)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.text import harmless, is_name, plain_nick

BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]


@proves("UC-TEXT-1")
@pytest.mark.parametrize("point", BIDI + CONTROLS)
def test_control_characters_and_bidi_controls_are_replaced(point: int) -> None:
    shown = harmless(f"a{chr(point)}b")
    assert chr(point) not in shown
    assert (shown[0], shown[-1], len(shown)) == ("a", "b", 3)


@proves("UC-TEXT-1")
def test_line_breaks_and_tabs_become_blanks() -> None:
    assert harmless("a\nb\rc\td") == "a b c d"


@proves("UC-TEXT-1")
@given(st.text())
def test_no_text_is_harmful_when_shown(text: str) -> None:
    shown = harmless(text)
    assert not any(unicodedata.category(char) == "Cc" or ord(char) in BIDI for char in shown)
    assert harmless(shown) == shown


@proves("UC-TEXT-1")
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"])))
def test_language_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["", "plain", "日本語", "👩\u200d👩\u200d👧", "e\u0301", "नमस्ते"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@proves("UC-ROOM-1")
@given(st.text(max_size=20))
def test_a_name_is_what_the_rule_says(name: str) -> None:
    categories = {unicodedata.category(char) for char in name if char != " "}
    fits = bool(name) and not name.startswith(("@", " ")) and not name.endswith(" ")
    assert is_name(name) == (fits and not categories & {"Cc", "Cf", "Co", "Cn", "Cs", "Zs", "Zl", "Zp"})


def test_nicks_that_look_alike_have_one_skeleton() -> None:
    skeletons = {plain_nick(nick)[1] for nick in ("ada", "ADA", "Ada", "\uff21da")}
    assert len(skeletons) == 1
    assert plain_nick("\uff21da")[0] == "Ada"


@given(st.text(max_size=20))
def test_a_nick_that_the_policy_gives_is_a_name(nick: str) -> None:
    try:
        given_nick, _ = plain_nick(nick)
    except ValueError:
        return
    assert is_name(given_nick)
    assert plain_nick(given_nick)[0] == given_nick
