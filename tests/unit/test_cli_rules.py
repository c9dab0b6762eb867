# ruff: noqa: RUF001 - look-alikes are what is tested
"""The rules of the command line that need no process: trust, cutting, counting, nicks, the words for statuses."""

from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udpchat_cli import trust
from udpchat_cli.deliveries import Deliveries
from udpchat_cli.exits import CommandError, Exit
from udpchat_cli.links import Link
from udpchat_cli.nicks import nick_policy, skeleton
from udpchat_cli.speech import split
from udpchat_core.events import (
    Command,
    CommandFailed,
    Connected,
    JoinedRoom,
    KeyDiffers,
    PartedRoom,
    Sent,
    ServerOffered,
)
from udpchat_core.keys import fingerprint
from udpchat_core.state import Message, Pin
from udpchat_core.text import harmless, nick_fault
from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.limits import REASON_MAX

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = b"s" * 16


# -- trust ---------------------------------------------------------------------------------------------------------


def test_a_first_visit_by_link_confirms_its_key():
    assert trust.begin(None, Link("h", key=NEW, secret=SECRET), accept_new_key=False) == (None, Pin(NEW, SECRET))
    assert trust.begin(None, Link("h"), accept_new_key=True) == (None, None)


def test_a_link_brings_the_secret_for_a_key_that_is_pinned():
    assert trust.begin(Pin(OLD), Link("h", key=OLD, secret=SECRET), accept_new_key=False).pin == Pin(OLD, SECRET)
    assert trust.begin(Pin(OLD, SECRET), Link("h"), accept_new_key=False).pin == Pin(OLD, SECRET)


def test_a_link_with_another_key_needs_consent():
    link = Link("h", key=NEW)
    with pytest.raises(CommandError, match="has changed") as failed:
        trust.begin(Pin(OLD), link, accept_new_key=False)
    assert failed.value.exit is Exit.UNTRUSTED
    assert trust.begin(Pin(OLD), link, accept_new_key=True) == (None, Pin(NEW))


def test_a_key_that_is_only_shown_needs_consent():
    offer = ServerOffered(NEW, fingerprint(NEW), closed=False)
    with pytest.raises(CommandError, match="never seen before") as failed:
        trust.answer(offer, Link("h"), accept_new_key=False)
    assert failed.value.exit is Exit.UNTRUSTED
    assert trust.answer(offer, Link("h"), accept_new_key=True) == Pin(NEW)


def test_a_closed_server_needs_its_link_and_the_key_in_it_counts():
    offer = ServerOffered(OLD, fingerprint(OLD), closed=True)
    with pytest.raises(CommandError, match="is closed") as failed:
        trust.answer(offer, Link("h"), accept_new_key=True)
    assert failed.value.exit is Exit.REFUSED
    link = Link("h", key=NEW, secret=SECRET)
    assert trust.answer(offer, link, accept_new_key=False) == Pin(NEW, SECRET)


def test_a_changed_key_says_what_it_may_mean():
    with pytest.raises(CommandError, match="installed anew, or somebody between") as failed:
        trust.refused(KeyDiffers(NEW, OLD), Link("h"), accept_new_key=False)
    assert trust.shown(OLD) in str(failed.value)
    assert trust.shown(NEW) in str(failed.value)
    assert trust.refused(KeyDiffers(NEW, OLD), Link("h"), accept_new_key=True) == Pin(NEW)


# -- cutting long lines --------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.integers(4, 40))
def test_a_long_line_is_cut_without_loss(line: str, most: int):
    pieces = split(line, most)
    assert "".join(text for text, _ in pieces) == line
    assert all(0 < len(text.encode()) <= most for text, _ in pieces)
    assert [more for _, more in pieces] == [True] * (len(pieces) - 1) + [False] * bool(pieces)


def test_a_long_line_is_cut_between_words():
    assert [text for text, _ in split("one two three four", 10)] == ["one two ", "three four"]


# -- counting deliveries -------------------------------------------------------------------------------------------


def test_a_message_is_settled_when_it_was_read_back_or_refused():
    deliveries = Deliveries()
    deliveries.said(1)
    deliveries.said(2)
    deliveries.on_event(Sent("lobby", 1, 0), ())
    assert not deliveries.settled
    deliveries.on_event(CommandFailed(Command.SAY, "lobby", 2, Code.STORAGE, ""), ())
    assert deliveries.settled
    assert deliveries.refused == 1


def joined(resume: Resume) -> JoinedRoom:
    return JoinedRoom("lobby", resume, 0, 0, 0)


def test_a_message_that_went_with_an_old_log_is_not_waited_for():
    deliveries = Deliveries()
    deliveries.said(1)
    deliveries.said(2)
    deliveries.on_event(Connected(OLD), ())
    deliveries.on_event(joined(Resume.NEWEST), ())
    deliveries.on_event(Connected(OLD), (Message("lobby", 2, "two"),))
    deliveries.on_event(joined(Resume.NEW_LOG), ())
    assert deliveries.unread == 1
    assert not deliveries.settled
    deliveries.on_event(Sent("lobby", 2, 0), ())
    assert deliveries.settled


def test_what_the_first_session_acknowledged_before_its_events_were_taken_is_waited_for():
    deliveries = Deliveries()
    deliveries.said(1)
    deliveries.on_event(Connected(OLD), ())
    deliveries.on_event(joined(Resume.NEWEST), ())
    assert not deliveries.settled
    deliveries.on_event(Sent("lobby", 1, 0), ())
    assert (deliveries.settled, deliveries.unread) == (True, 0)


def test_a_resumed_room_is_waited_for():
    deliveries = Deliveries()
    deliveries.said(1)
    deliveries.on_event(Connected(OLD), ())
    deliveries.on_event(joined(Resume.RESUMED), ())
    assert not deliveries.settled


def test_a_room_that_was_left_is_not_waited_for():
    deliveries = Deliveries()
    deliveries.said(1)
    deliveries.on_event(PartedRoom("lobby", Code.STORAGE), ())
    assert deliveries.settled


# -- nicks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("alice", "AIice"),
        ("alice", "alіce".replace("l", "ӏ")),
        ("paypal", "раураl"),
        ("caxap", "сахар"),
        ("ada", "Ꭺda"),
        ("ada", "αda"),
        ("ada", "𝐚ⓓａ"),
        ("modern", "rnodern"),
        ("bob", "ｂｏｂ"),
        ("o0o", "000"),
        ("l1I", "Il1"),
        ("fine", "ﬁne"),
        ("straße", "STRASSE"),
        ("Zoë", "zoe\u0308"),
    ],
)
def test_nicks_that_look_alike_are_the_same(one: str, other: str):
    assert skeleton(normalize("NFKC", one)) == skeleton(normalize("NFKC", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hat", "nat"),
        ("ann", "anna"),
        ("bob", "rob"),
        ("岡田", "岡本"),
        ("ada", "àda"),
        ("ada", "a-da"),
        ("ann lee", "annlee"),
    ],
)
def test_nicks_that_differ_are_not_the_same(one: str, other: str):
    assert nick_policy(one)[1] != nick_policy(other)[1]


def test_a_nick_is_normalised_and_keeps_its_case():
    assert nick_policy("  Ann   Lee ")[0] == "Ann Lee"
    assert nick_policy("ｂｏｂ\u3000ⅷ")[0] == "bob viii"
    assert nick_policy("zoe\u0308")[0] == "zoë"


@pytest.mark.parametrize(
    "nick",
    [
        "ada",
        "àda",
        "O'Neil",
        "Jean-Luc",
        "сахар",
        "Ωμέγα",
        "Nguyễn",
        "名前",
        "ひろカ名x",
        "김철수",
        "שָׁלוֹם",
        "นํ้า",
        "🙂",
        "abc123",
        "7of9",
    ],
)
def test_who_may_be_called_so(nick: str):
    given_nick, alike = nick_policy(nick)
    assert (given_nick, alike) == nick_policy(given_nick)


@pytest.mark.parametrize(
    ("nick", "why"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("x" * 33, "more than 32 bytes"),
        ("é" * 17, "more than 32 bytes"),
        ("@ann", "begins with '@'"),
        ("~abc123", "begins with '~'"),
        ("* the server says", r"begins with '\*'"),
        ("[den] ada", r"begins with '\['"),
        ("-ada", "begins with '-'"),
        ("a\u202eb", r"U\+202E"),
        ("a\x1b[2J", r"U\+001B"),
        ("a\nb", r"U\+000A"),
        ("a\u200db", r"U\+200D"),
        ("❤\ufe0f", r"U\+FE0F"),
        ("\u3164", r"U\+1160"),
        ("a\u2800b", r"U\+2800"),
        ("ada: hi", "has a ':'"),
        ("ada∶ hi", "has ':' or what looks like it"),
        ("ada (cannot be reached)", r"has '\('"),
        ("ann, bob", "has ','"),
        ("a1b2c3d4e5f60718", "a key's fingerprint"),
        ("A1B2C3D4E5F6O7I8", "a key's fingerprint"),
        ("pаypal", "mixes letters of scripts that look alike .cyrillic, latin."),
        ("αda", "greek, latin"),
        ("Ꭺda", "cherokee, latin"),
        ("\u0301a", "no letter to stand on"),
        ("a\u0301\u0301", "the same accent twice"),
        ("a\u0323\u0301\u0302\u0300\u0308\u0306", "more than 4 accents"),
    ],
)
def test_a_nick_that_is_none_is_refused_with_a_reason(nick: str, why: str):
    with pytest.raises(ValueError, match=why) as refused:
        nick_policy(nick)
    assert len(str(refused.value).encode()) <= REASON_MAX


@given(st.text(max_size=12))
def test_every_nick_is_given_or_refused_with_a_reason_that_can_be_shown(nick: str):
    given_nick, why = "", ""
    try:
        given_nick, _ = nick_policy(nick)
    except ValueError as refused:
        why = str(refused)
    assert bool(why) == bool(nick_fault(given_nick))
    assert harmless(why) == why
    assert len(why.encode()) <= REASON_MAX


# -- statuses ------------------------------------------------------------------------------------------------------


def test_every_status_is_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    for status in Exit:
        assert f"| {status.value} | {status.meaning} |" in page
