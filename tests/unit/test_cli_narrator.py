"""Events in words: each change is told once, and as what it is."""

import re

import pytest

from udpchat_cli.narrator import Narrator, line, name
from udpchat_core.events import (
    Attendee,
    ChatReceived,
    ClientEvent,
    Command,
    CommandFailed,
    CountChanged,
    Disconnected,
    HandshakeRefused,
    JoinedRoom,
    KeyDiffers,
    LinkChanged,
    MemberChanged,
    NoticeReceived,
    PartedRoom,
    RosterReceived,
    Sent,
    Skipped,
    Unreadable,
)
from udpchat_core.keys import fingerprint
from udpchat_protocol.codes import Code, Presence, Resume

ANN, BOB = b"\xaa" * 8, b"\xbb" * 8


def member(nick: str, presence: Presence | None, code: Code = Code.NONE, reason: str = "") -> MemberChanged:
    return MemberChanged("lobby", BOB, nick, presence, code, reason)


def test_people_come_go_and_change_their_names():
    narrator = Narrator()
    roster = RosterReceived("lobby", (Attendee(ANN, "ann", Presence.ONLINE), Attendee(BOB, "", Presence.ONLINE)))
    assert narrator.tell(roster) == "in lobby: ann, ~bbbbbb"
    assert narrator.tell(member("bob", Presence.ONLINE)) == "~bbbbbb is now called bob"
    assert narrator.tell(member("bob", Presence.UNREACHABLE)) == "bob cannot be reached"
    assert narrator.tell(member("bob", Presence.ONLINE)) == "bob is back in lobby"
    assert narrator.tell(member("bob", None, Code.QUIT, "lunch")) == "bob left lobby (lunch)"
    assert narrator.tell(member("bob", Presence.ONLINE)) == "bob came to lobby"
    assert narrator.tell(member("bob", None, Code.EXPIRED)) == "bob left lobby (expired)"
    assert narrator.tell(member("bob", Presence.ONLINE)) == "bob came to lobby"
    assert narrator.tell(member("bob", None, Code.PARTED)) == "bob left lobby"


def test_who_is_listed_in_a_large_room_neither_came_nor_went():
    narrator = Narrator()
    assert narrator.tell(member("bob", Presence.ONLINE, Code.COUNTED)) is None
    assert narrator.tell(member("bob", Presence.UNREACHABLE)) == "bob cannot be reached"
    assert narrator.tell(member("bob", Presence.ONLINE)) == "bob is back in lobby"
    assert narrator.tell(member("bob", None, Code.COUNTED)) is None
    assert narrator.tell(member("bob", Presence.ONLINE)) == "bob came to lobby"


def test_the_count_of_a_large_room_is_told_when_it_is_another_by_a_tenth():
    narrator = Narrator()
    counts = [(300, 300), (299, 300), (301, 329), (310, 330), (310, 331), (290, 298)]
    told = [narrator.tell(CountChanged("lobby", online, members)) for online, members in counts]
    assert [line and line.split(" members")[0] for line in told] == ["300 of 300", None, None, "310 of 330", None, None]
    narrator.tell(RosterReceived("lobby", ()))
    assert narrator.tell(CountChanged("lobby", 290, 297)) == "290 of 297 members of lobby are here"


def test_the_link_is_told_when_it_changes():
    narrator = Narrator()
    assert narrator.tell(LinkChanged(True, 0.1)) is None
    assert narrator.tell(LinkChanged(False, 0.1)) == "the server does not answer; what you say is kept until it does"
    assert narrator.tell(LinkChanged(True, 0.123)) == "the server is there again, 123 ms away"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (JoinedRoom("lobby", Resume.RESUMED, 0, 0, 0), None),
        (JoinedRoom("lobby", Resume.NEW_LOG, 0, 0, 0), "began lobby anew"),
        (JoinedRoom("lobby", Resume.TRUNCATED, 0, 0, 0), "no longer has all"),
        (JoinedRoom("lobby", Resume.ROLLED_BACK, 0, 0, 0), "earlier state"),
        (CountChanged("lobby", 3, 300), "3 of 300 members of lobby are here"),
        (CommandFailed(Command.NICK, None, None, Code.NICK_TAKEN, ""), "nick failed: that nick belongs to"),
        (CommandFailed(Command.SAY, "lobby", 1, Code.STORAGE, "disk full"), r"could not store it \(disk full\)"),
        (PartedRoom("lobby", Code.PARTED), "^no longer in lobby$"),
        (PartedRoom("lobby", Code.STORAGE), "no longer in lobby: the server could not store it"),
        (Skipped("lobby", 7, Code.BEHIND), "before message 7"),
        (Unreadable("lobby", 7), "message 7"),
        (Disconnected(Code.SHUTDOWN), "making another"),
        (HandshakeRefused(Code.FULL), "the server is full"),
        (HandshakeRefused(Code.NONE), "a wrong secret or key, or answers forged"),
        (KeyDiffers(b"n" * 32, b"o" * 32), fingerprint(b"n" * 32).hex()),
        (NoticeReceived(Code.NONE, "tea at four"), "the server says: tea at four"),
        (Sent("lobby", 1, 1), None),
    ],
)
def test_what_is_said_of_an_event(event: ClientEvent, said: str | None):
    told = Narrator().tell(event)
    if said is None:
        assert told is None
    else:
        assert told is not None
        assert re.search(said, told)


def test_a_message_is_one_line_with_its_author():
    message = ChatReceived("lobby", 0, BOB, "", 1, 0, "hello", "hello", more=False)
    assert line(message) == "~bbbbbb: hello"
    assert name("bob", BOB) == "bob"


def test_the_last_count_of_a_large_room_is_at_hand_until_it_is_small():
    narrator = Narrator()
    narrator.tell(CountChanged("lobby", 299, 300))
    narrator.tell(CountChanged("lobby", 298, 300))
    assert narrator.counts == {"lobby": (298, 300)}
    narrator.tell(RosterReceived("lobby", ()))
    assert narrator.counts == {}
