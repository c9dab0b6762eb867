# ruff: noqa: RUF001 - look-alikes are what is tested
"""The rules of the command line that need no process: trust, cutting, counting, nicks, the words for statuses."""

from pathlib import Path

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
from udpchat_protocol.codes import Code, Resume

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
        ("alice", "аlісе"),
        ("paypal", "раураl"),
        ("modern", "rnodern"),
        ("bob", "ｂｏｂ"),
        ("o0o", "000"),
        ("Zoë", "zoe\u0308"),
    ],
)
def test_nicks_that_look_alike_are_the_same(one: str, other: str):
    assert skeleton(nick_policy(one)[0]) == nick_policy(other)[1]


@pytest.mark.parametrize(("one", "other"), [("hat", "nat"), ("ann", "anna"), ("bob", "rob"), ("岡田", "岡本")])
def test_nicks_that_differ_are_not_the_same(one: str, other: str):
    assert nick_policy(one)[1] != nick_policy(other)[1]


def test_a_nick_is_normalised_and_keeps_its_case():
    assert nick_policy("  Ann   Lee ")[0] == "Ann Lee"


@pytest.mark.parametrize("nick", ["", " ", "@ann", "a\u202eb", "a\x1b[2J", "a\nb", "x" * 33, "é" * 17])
def test_a_nick_that_is_none_is_refused_with_a_reason(nick: str):
    with pytest.raises(ValueError, match="nick"):
        nick_policy(nick)


# -- statuses ------------------------------------------------------------------------------------------------------


def test_every_status_is_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    for status in Exit:
        assert f"| {status.value} | {status.meaning} |" in page
