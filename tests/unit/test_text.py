# ruff: noqa: RUF001 - look-alikes are what is tested
"""Texts of strangers, made harmless (SPEC.md 10.2 and 10.3)."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from spec import SPEC
from udpchat_core.text import harmless, harmless_name, is_name, name_fault, nick_fault, plain_nick

BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
LINES = [*range(0x09, 0x0E), 0x85, 0x2028, 0x2029]
CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]


def invisible() -> dict[str, set[int]]:
    """The table of 10.3: the code points of each row, by what they are."""
    rows: dict[str, set[int]] = {}
    for line in SPEC.read_text(encoding="utf-8").splitlines():
        if line.startswith("| U+"):
            points, what = line.split("|")[1:3]
            found = re.findall(r"U\+([0-9A-F]+)(?: to U\+([0-9A-F]+))?", points)
            rows[what.strip()] = {
                point for first, last in found for point in range(int(first, 16), int(last or first, 16) + 1)
            }
    return rows


ROWS = invisible()
JOINERS, SELECTORS, TAGS, BLANKS, NONE = ROWS.values()
EVERY = set().union(*ROWS.values())
tricky = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(sorted(map(chr, {*EVERY, *BIDI, *LINES}))),
        st.sampled_from("a ש🏴👩❤1\u0301\u0323\u0e49\u200d\u200c\ufe0f\U000e0067\U000e0062\U000e0065\U000e007f"),
    ),
    max_size=30,
)


def category(char: str) -> str:
    return unicodedata.category(char)


# -- texts ---------------------------------------------------------------------------------------------------------


@proves("UC-TEXT-1")
@pytest.mark.parametrize("point", BIDI + CONTROLS)
def test_control_characters_and_bidi_controls_are_replaced(point: int) -> None:
    assert harmless(f"a{chr(point)}b") == ("a b" if point in LINES else "a\ufffdb")


@proves("UC-TEXT-1")
def test_line_breaks_and_tabs_become_blanks() -> None:
    assert harmless("a\nb\rc\td\u2028e\u2029f") == "a b c d e f"


@proves("UC-TEXT-2")
def test_the_invisible_are_all_that_unicode_says_may_be_ignored() -> None:
    """So that none was forgotten: every format character is in the table, a bidi control, or is seen."""
    seen = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    hieroglyphs = set(range(0x13430, 0x13440))
    formats = {point for point in range(0x110000) if category(chr(point)) == "Cf"}
    assert formats - EVERY - set(BIDI) <= seen | hieroglyphs
    assert len(EVERY) == sum(map(len, ROWS.values()))


@proves("UC-TEXT-1", "UC-TEXT-2", "UC-TEXT-3")
@given(tricky)
def test_no_text_is_harmful_when_shown(text: str) -> None:
    shown = harmless(text)
    points = set(map(ord, shown))
    assert not points & {*BIDI, *CONTROLS, *NONE, 0x2028, 0x2029}
    for before, char in zip(" " + shown, shown, strict=False):
        if ord(char) in JOINERS:
            assert category(before)[0] in "LMNS"
            assert not before.isascii()
        if ord(char) in SELECTORS:
            assert before != " "
            assert ord(before) not in EVERY
    without_flags = re.sub("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f", "", shown)
    assert not TAGS & set(map(ord, without_flags))
    kinds = "".join("" if ord(char) in JOINERS | TAGS else category(char)[0] for char in shown)
    assert "M" * 9 not in kinds
    assert harmless(shown) == shown


@proves("UC-TEXT-2")
@given(st.text(st.characters(categories=["L", "N", "P", "S"]).filter(lambda char: ord(char) not in EVERY)))
def test_language_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@proves("UC-TEXT-2", "UC-TEXT-3")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "日本語、한국어",
        "e\u0301 zażółć",
        "नमस्ते, क्\u200dष",
        "می\u200cخواهم",
        "ශ්\u200dරී ලංකාව",
        "ക്\u200d",
        "བཀྲ་ཤིས་ ཧྐྵྨླྺྼྻྂ",
        "בְּרֵאשִׁ֖ית",
        "ที่นี่ น้ำ",
        "မြန်မာ",
        "ᠮᠣᠩᠭᠣᠯ\u180b",
        "👩\u200d👩\u200d👧 👍🏽 🧑🏿\u200d🚀",
        "❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈",
        "1\ufe0f\u20e3 #\ufe0f\u20e3",
        "🇩🇪 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙",
        "葛\U000e0100城",
        "؀١٢٣",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@proves("UC-TEXT-2", "UC-TEXT-3")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay\u200bpal", "paypal"),
        ("pay\u200dpal", "paypal"),
        ("\u200d\ufe0fa", "a"),
        ("ש\u200d\u200d\u200d", "ש\u200d"),
        ("❤\ufe0f\ufe0f\ufe0e", "❤\ufe0f"),
        ("a\U000e0068\U000e0069b", "ab"),
        ("🏴\U000e0067\u200b\U000e0062\U000e0065\U000e007f", "🏴"),
        ("\ufff9a\ufffab\ufffb", "ab"),
        ("\u3164\u115fx\ufeff\u00ad", "x"),
        ("z" + "\u0301" * 100 + "!", "z" + "\u0301" * 8 + "!"),
        ("z" + "\u0301\u200d" * 50, "z" + "\u0301\u200d" * 8),
        ("ភាសា\u200bខ្មែរ", "ភាសាខ្មែរ"),
    ],
)
def test_what_hides_or_sprawls_is_taken_away(text: str, shown: str) -> None:
    assert harmless(text) == shown


# -- names ---------------------------------------------------------------------------------------------------------


@proves("UC-ROOM-1")
@given(tricky)
def test_a_name_is_what_the_rule_says(name: str) -> None:
    kinds = "".join(category(char)[0] for char in name)
    fits = bool(name) and name[0] not in "@ " and name[-1] != " " and not kinds.startswith("M") and "M" * 9 not in kinds
    forbidden = any(
        category(char) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Zs") or ord(char) in EVERY
        for char in name
        if char != " "
    )
    assert is_name(name) == (fits and not forbidden)


@proves("UC-ROOM-1")
@pytest.mark.parametrize("point", sorted(EVERY - TAGS - set(range(0xE01F0, 0xE1000))))
def test_nothing_invisible_is_in_a_name(point: int) -> None:
    assert f"U+{point:04X}" in name_fault(f"a{chr(point)}b")


@proves("UC-TEXT-4")
@given(tricky)
def test_a_name_that_a_server_did_not_check_is_shown_without_tricks(name: str) -> None:
    shown = harmless_name(name)
    assert harmless_name(shown) == shown
    assert not EVERY & set(map(ord, shown))
    assert all(char == " " or category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs") for char in shown)
    assert "M" * 9 not in "".join(category(char)[0] for char in shown)
    assert shown == shown.strip(" ")
    assert not shown or category(shown[0])[0] != "M"


@proves("UC-TEXT-4")
@given(tricky)
def test_a_name_that_a_server_checked_is_shown_as_it_is(name: str) -> None:
    if is_name(name):
        assert harmless_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (" ada ", "ada"),
        ("   ", ""),
        ("\u200bada", "\ufffdada"),
        ("a\u2800\u2003b", "a\ufffd\ufffdb"),
        ("\u0301a", "\ufffd\u0301a"),
    ],
)
def test_what_is_shown_of_a_bad_name(name: str, shown: str) -> None:
    assert harmless_name(name) == shown


# -- nicks ---------------------------------------------------------------------------------------------------------


@proves("UC-TEXT-5")
@pytest.mark.parametrize("nick", ["~abc123", "* ada", "-ada", "[den] ada", "(ada)", "@ada", ".", "ada:", "a: b", "+1"])
def test_a_nick_is_not_taken_for_something_else_on_the_screen(nick: str) -> None:
    assert nick_fault(nick)
    with pytest.raises(ValueError, match="cannot be a nick"):
        plain_nick(nick)


@proves("UC-TEXT-5")
@pytest.mark.parametrize("nick", ["ada", "_ada_", "7of9", "🙂", "名前", "O'Neil", "d'Arc-en-ciel", "x~y"])
def test_what_may_be_a_nick(nick: str) -> None:
    assert nick_fault(nick) == ""
    assert plain_nick(nick)[0] == nick


def test_nicks_that_look_alike_have_one_skeleton() -> None:
    skeletons = {plain_nick(nick)[1] for nick in ("ada", "ADA", "Ada", "\uff21da")}
    assert len(skeletons) == 1
    assert plain_nick("\uff21da")[0] == "Ada"


@given(tricky)
def test_a_nick_that_the_policy_gives_is_a_name(nick: str) -> None:
    try:
        given_nick, _ = plain_nick(nick)
    except ValueError:
        return
    assert is_name(given_nick)
    assert plain_nick(given_nick)[0] == given_nick


@given(tricky)
def test_a_reason_can_be_sent_whole_and_shown(name: str) -> None:
    assert len(nick_fault(name).encode()) <= 160
    assert harmless(nick_fault(name)) == nick_fault(name)
