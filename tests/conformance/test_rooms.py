"""Members, rooms and where reading starts (SPEC.md 10)."""

from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Guest, join
from net import Net
from proves import proves
from udpchat_core.events import ChatReceived, CommandFailed, Disconnected
from udpchat_protocol.codes import Code, Resume, RosterFlag
from udpchat_protocol.constants import EXPIRY_ROOMLESS, WINDOW
from udpchat_protocol.entries import Chat, Failed, Gone, Joined, Nick, Part, Parted, Renamed, Roster, Say
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Entry
from udpchat_stores.memory import MemoryStore

FAST: dict[str, Any] = {"chat_rate": 1e6, "chat_burst": 1e6}
NAMELESS = ["@", "@ops", " a", "a ", "a\x00b", "a\nb", "a\tb", "a\x7fb", "a\u00adb", "a\u200bb", "a\u202eb", "\ue000"]


def say(text: str, id_: int, room: str = "lobby", flags: int = 0) -> Say:
    return Say(room=room, id=id_, flags=flags, text=text)


def in_lobby(bench: Bench, name: str, **kwargs: int) -> Guest:
    """A guest with a nick in the lobby, who has SEEN so."""
    guest = bench.guest(name, **kwargs)
    guest.ask(Nick(nick=name), join("lobby"))
    guest.send(BEAT)
    return guest


def fill(guest: Guest, count: int, size: int = 1) -> None:
    batch = 16 if size < 40 else 1
    for n in range(0, count, batch):
        guest.ask(*(say(str(i).rjust(size, "x"), i) for i in range(n, min(n + batch, count))))


def chats(guest: Guest) -> list[Chat]:
    return guest.read(Logs.CHAT, guest.control(Joined)[-1].chat_channel)


def news(guest: Guest) -> list[object]:
    return guest.read(Logs.PRESENCE, guest.control(Joined)[-1].presence_channel)


def failures(guest: Guest) -> list[tuple[int, int]]:
    return [(each.request, each.code) for each in guest.control(Failed)]


# -- members -------------------------------------------------------------------------------------------------------


@proves("UC-MEMB-3", "UC-MEMB-1")
def test_a_nick_belongs_to_the_key_that_took_it_first() -> None:
    bench = Bench()
    ada, bob = bench.guest("ada"), bench.guest("bob")
    ada.ask(Nick(nick="ada"))
    bob.ask(Nick(nick="ada"), Nick(nick="ADA"), Nick(nick="bob"), join("lobby"))
    assert failures(bob) == [(0, Code.NICK_TAKEN), (1, Code.NICK_TAKEN)]
    assert [(each.member, each.nick) for each in bob.control(Roster)[0].members] == [(bob.fingerprint, "bob")]
    second = bench.guest("ada", device=2)
    second.ask(Nick(nick="ada"), Nick(nick="Ada"))
    assert failures(second) == []
    assert second.acked == 2


@proves("UC-MEMB-3")
def test_a_nick_stays_taken_when_its_owner_is_away() -> None:
    bench = Bench()
    ada = bench.guest("ada")
    ada.ask(Nick(nick="ada"))
    bench.wait(EXPIRY_ROOMLESS + 1)
    assert bench.server.tables["members"] == 0
    bob = bench.guest("bob")
    bob.ask(Nick(nick="ada"))
    assert failures(bob) == [(0, Code.NICK_TAKEN)]
    ada.begin()
    ada.ask(join("lobby"))
    assert [each.nick for each in ada.control(Roster)[0].members] == ["ada"]


@proves("UC-MEMB-3")
@pytest.mark.parametrize("nick", [" ada", "ada ", "@ada", "a\x1bda", "a\u202eda", "a\u200bda", "\ue000", "a\nb"])
def test_a_nick_that_is_not_allowed_fails_with_name(nick: str) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(Nick(nick=nick), Nick(nick="fine"))
    assert failures(guest) == [(0, Code.NAME)]
    assert guest.acked == 2


@proves("UC-PRES-1")
def test_a_change_of_nick_is_told_once() -> None:
    bench = Bench()
    ada, bob = in_lobby(bench, "ada"), in_lobby(bench, "bob")
    bench.wait(0.1)
    ada.send(BEAT)
    before = len(news(ada))
    bob.ask(Nick(nick="robert"), Nick(nick="robert"))
    ada.send(BEAT)
    bench.wait(0.1)
    assert news(ada)[before:] == [Renamed(member=bob.fingerprint, nick="robert")]


# -- JOIN, PART ----------------------------------------------------------------------------------------------------


@proves("UC-ROOM-1")
@pytest.mark.parametrize("room", [*NAMELESS, "a\u0378b", "a\u00a0b", "a\u2003b", "a\u2028b", "\u3000a", "\U000e0001"])
def test_a_room_whose_name_is_not_allowed_is_refused(room: str) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join(room))
    assert failures(guest) == [(0, Code.NAME)]
    assert bench.server.tables["rooms"] == 0


@proves("UC-ROOM-1")
@pytest.mark.parametrize("room", ["a", "lobby", "a b", "a@b", "#x", "Kaffee & Kuchen", "日本語", "é" * 32, "x" * 64])
def test_a_room_with_a_proper_name_begins_when_somebody_joins(room: str) -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join(room))
    (joined,) = guest.control(Joined)
    assert (joined.room, joined.chat_head, joined.chat_first) == (room, 0, 0)


@proves("UC-ROOM-2")
def test_join_is_answered_with_joined_and_then_the_roster() -> None:
    bench = Bench()
    in_lobby(bench, "bob")
    ada = in_lobby(bench, "ada")
    joined, roster = ada.control()[1:3]
    assert isinstance(joined, Joined)
    assert isinstance(roster, Roster)
    assert (roster.channel, roster.offset) == (joined.presence_channel, joined.presence_start)
    assert roster.flags == RosterFlag.FIRST | RosterFlag.LAST
    assert {each.nick for each in roster.members} == {"ada", "bob"}


@proves("UC-ROOM-2")
def test_a_long_roster_comes_in_chunks_that_are_true_at_the_same_offset() -> None:
    bench = Bench(handshake_rate=1000)
    guests = [bench.guest(f"guest {n:02} with a long name") for n in range(60)]
    for guest in guests:
        guest.ask(Nick(nick=guest.name), join("lobby"))
    last = guests[-1]
    for _ in range(3):
        last.send(BEAT)
        bench.wait(0.1)
    chunks = last.control(Roster)
    flags = [int(chunk.flags) for chunk in chunks]
    assert len(chunks) > 1
    assert flags == [RosterFlag.FIRST, *[0] * (len(chunks) - 2), RosterFlag.LAST]
    assert {(chunk.channel, chunk.offset) for chunk in chunks} == {
        (last.control(Joined)[0].presence_channel, last.control(Joined)[0].presence_start)
    }
    told = [each.member for chunk in chunks for each in chunk.members]
    assert sorted(told) == sorted(guest.fingerprint for guest in guests)


@proves("UC-ROOM-3")
@pytest.mark.parametrize("size", [1, 900])
def test_no_entry_of_a_room_comes_before_its_joined_was_seen_except_beside_it(size: int) -> None:
    bench = Bench(**FAST)
    fill(in_lobby(bench, "writer"), 20, size)
    reader = bench.guest("reader")
    reader.polite = False
    reader.send(*reader.manners())
    bench.wait(1)
    reader.ask(Nick(nick="reader"), join("lobby"))
    bench.wait(3)
    channel = reader.control(Joined)[0].chat_channel
    offset = next(at for at, frame in reader.entries(0) if frame.kind == Joined.KIND)
    seen = 1  # TERMS
    early = 0
    for _, frames in reader.packets:
        entries = [frame for frame in frames if isinstance(frame, Entry)]
        if any(each.channel == channel for each in entries):
            early += 1
            assert {each.offset for each in entries if each.channel == 0} >= set(range(seen, offset + 1))
    assert early or size > 1
    reader.send(*reader.manners())
    for _ in range(10):
        bench.wait(0.2)
        reader.send(*reader.manners())
    assert len(chats(reader)) == 20


@proves("UC-ROOM-4")
def test_reading_starts_where_the_cursor_says() -> None:
    bench = Bench(store=MemoryStore(entries=40, clock=lambda: 1), **FAST)
    writer = in_lobby(bench, "writer")
    fill(writer, 20)
    writer.send(BEAT)
    log = writer.control(Joined)[0].chat_log
    checks = {}
    for n in range(21):
        probe = bench.guest(f"probe {n}")
        probe.ask(join("lobby", newest=20 - n))
        checks[n] = probe.control(Joined)[0].chat_check
        assert probe.control(Joined)[0].chat_start == n
    bad = bytes(8)
    cases = [
        (join("lobby", 7), 13, Resume.NEWEST),
        (join("lobby", 0), 20, Resume.NEWEST),
        (join("lobby", 20), 0, Resume.NEWEST),
        (join("lobby", 65_535), 0, Resume.NEWEST),
        (join("lobby", 7, 0, 5, checks[5]), 13, Resume.NEWEST),
        (join("lobby", 7, log ^ 2, 5, checks[5]), 13, Resume.NEW_LOG),
        (join("lobby", 7, log, 5, checks[5]), 5, Resume.RESUMED),
        (join("lobby", 7, log, 0, checks[0]), 0, Resume.RESUMED),
        (join("lobby", 7, log, 20, checks[20]), 20, Resume.RESUMED),
        (join("lobby", 7, log, 21, checks[20]), 13, Resume.ROLLED_BACK),
        (join("lobby", 7, log, 2**64 - 1, bad), 13, Resume.ROLLED_BACK),
        (join("lobby", 7, log, 5, checks[6]), 13, Resume.ROLLED_BACK),
        (join("lobby", 7, log, 20, bad), 13, Resume.ROLLED_BACK),
        (join("lobby", 0, log, 3, bad), 20, Resume.ROLLED_BACK),
    ]
    for n, (wish, start, resume) in enumerate(cases):
        guest = bench.guest(f"guest {n}")
        guest.ask(wish)
        (joined,) = guest.control(Joined)
        assert (joined.chat_start, joined.resume) == (start, resume), wish
        assert (joined.chat_log, joined.chat_first, joined.chat_head) == (log, 0, 20)
        assert joined.chat_check == checks[start]
        guest.send(BEAT)
        bench.wait(0.1)
        assert [chat.text for chat in chats(guest)] == [str(n) for n in range(start, 20)]


@proves("UC-ROOM-4")
@pytest.mark.parametrize("closed_before", [True, False])
def test_reading_never_starts_below_what_is_kept(closed_before: bool) -> None:
    bench = Bench(store=MemoryStore(entries=1000, clock=lambda: 1), **FAST)
    writer = in_lobby(bench, "writer")
    log, check = writer.control(Joined)[0].chat_log, writer.control(Joined)[0].chat_check
    fill(writer, 2300)
    if closed_before:
        writer.ask(Part(room="lobby"))
    cases = [
        (join("lobby", 5, log, 0, check), 1300, Resume.TRUNCATED),
        (join("lobby", 5, log, 1299, check), 1300, Resume.TRUNCATED),
        (join("lobby", 65_535), 1300, Resume.NEWEST),
    ]
    for n, (wish, start, resume) in enumerate(cases):
        guest = bench.guest(f"guest {n}")
        guest.ask(wish)
        (joined,) = guest.control(Joined)
        assert (joined.chat_start, joined.chat_first, joined.resume) == (start, 1300, resume)
        for _ in range(12):
            bench.wait(0.05)
            guest.send(BEAT)
        assert len(chats(guest)) >= WINDOW
        assert chats(guest)[0].text == "1300"


@proves("UC-ROOM-4", "UC-LOG-2")
def test_a_reader_far_behind_reads_the_whole_log_from_the_store() -> None:
    bench = Bench(**FAST)
    fill(in_lobby(bench, "writer"), 1200)
    reader = bench.guest("reader")
    reader.ask(join("lobby", 65_535))
    for _ in range(80):
        bench.wait(0.05)
        reader.send(BEAT)
    assert [chat.text for chat in chats(reader)] == [str(n) for n in range(1200)]


@proves("UC-ROOM-5")
def test_a_second_join_is_acknowledged_and_changes_nothing() -> None:
    bench = Bench()
    ada, bob = in_lobby(bench, "ada"), in_lobby(bench, "bob")
    fill(bob, 5)
    for guest in (ada, bob):
        guest.send(BEAT)
    bench.wait(0.1)
    before = len(news(bob)), len(ada.control())
    ada.ask(join("lobby", 3), join("lobby", 0, 1, 2, bytes(8)))
    assert ada.acked == 4
    bob.ask(say("on", 99))
    for guest in (ada, bob):
        guest.send(BEAT)
    bench.wait(0.1)
    assert (len(news(bob)), len(ada.control())) == before
    assert [chat.text for chat in chats(ada)] == ["0", "1", "2", "3", "4", "on"]


@proves("UC-ROOM-5", "UC-LOG-6")
def test_an_ack_from_before_a_new_reading_does_not_count_for_it() -> None:
    bench = Bench(**FAST)
    fill(in_lobby(bench, "writer"), 60, 900)
    reader = in_lobby(bench, "reader")
    for _ in range(10):
        bench.wait(0.05)
        reader.send(BEAT)
    assert len(chats(reader)) == 50
    channel = reader.control(Joined)[0].chat_channel
    late = reader.sealed(Ack(channel=channel, next=60))
    reader.polite = False
    reader.logs[channel].clear()
    reader.ask(Part(room="lobby"), join("lobby", 50))
    reader.give(late)
    reader.send(Ack(channel=channel, next=60))
    assert reader.farewells == []
    first, second = reader.control(Joined)
    assert (second.chat_channel, second.presence_channel) == (first.chat_channel, first.presence_channel)
    for _ in range(10):
        reader.send(*reader.manners())
        bench.wait(0.05)
    assert [chat.text.strip("x") for chat in chats(reader)] == [str(n) for n in range(second.chat_start, 60)]


@proves("UC-ROOM-5")
@pytest.mark.parametrize("leaves", [False, True])
def test_joining_again_while_people_talk_loses_nothing(leaves: bool) -> None:
    net = Net(2, loss=0.2, delay=(0.05, 0.2))
    ada, bob = net.person("ada"), net.person("bob")
    net.run(20, lambda: all(len(each.client.attendees("lobby")) == 2 for each in (ada, bob)))
    for n in range(60):
        ada.say(str(n))
        if n % 7 == 3:
            if leaves:
                bob.client.part("lobby", net.now)
            bob.join(newest=1000)
        net.run(0.1)
    net.run(60, lambda: bob.texts()[-1:] == ["59"])
    assert bob.of(Disconnected) == []
    assert not bob.client.closed
    again = [event.offset for event in bob.of(ChatReceived)]
    assert set(again) == set(range(60))
    if not leaves:
        assert again == list(range(60))


@proves("UC-ROOM-6")
def test_who_has_not_joined_may_not_say_or_part() -> None:
    bench = Bench()
    in_lobby(bench, "ada")
    bob = bench.guest("bob")
    bob.ask(say("hi", 1), Part(room="lobby"), Part(room="nowhere"), join("lobby"), Part(room="lobby"), say("hi", 2))
    bob.ask()
    bob.ask()
    assert failures(bob) == [(n, Code.NOT_JOINED) for n in (0, 1, 2, 5)]
    assert [(each.room, each.code) for each in bob.control(Parted)] == [("lobby", Code.PARTED)]
    assert bob.acked == 6


@proves("UC-ROOM-6")
def test_who_left_a_room_hears_no_more_of_it() -> None:
    bench = Bench()
    ada, bob = in_lobby(bench, "ada"), in_lobby(bench, "bob")
    bob.ask(Part(room="lobby"))
    bob.send(BEAT)
    bench.wait(0.1)
    before = len(chats(bob))
    ada.ask(say("secret", 1))
    bob.send(BEAT)
    bench.wait(1)
    assert len(chats(bob)) == before
    ada.send(BEAT)
    assert news(ada)[-1] == Gone(member=bob.fingerprint, code=Code.PARTED, reason="")


@proves("UC-ROOM-7")
def test_a_say_becomes_one_chat_with_its_author() -> None:
    bench = Bench()
    ada = in_lobby(bench, "ada")
    bench.now = 1234.5
    ada.ask(say("hello", 7, flags=0xFF), say("x" * 1000, 2**64 - 1))
    ada.send(BEAT)
    first, second = chats(ada)
    assert first == Chat(author=ada.fingerprint, nick="ada", id=7, time=first.time, flags=1, text="hello")
    assert 1_234_500 <= first.time < 1_235_000
    assert (second.id, second.text, second.flags) == (2**64 - 1, "x" * 1000, 0)


@proves("UC-ROOM-7")
def test_a_message_said_again_is_not_stored_again_and_is_acknowledged() -> None:
    bench = Bench()
    ada, bob = in_lobby(bench, "ada"), in_lobby(bench, "bob")
    ada.ask(say("one", 1), say("one", 1), say("two", 2))
    ada.ask(say("one, changed", 1))
    assert ada.acked == 6
    again = in_lobby(bench, "ada")
    again.ask(say("two", 2), say("one", 1))
    assert again.acked == 4
    other = in_lobby(bench, "ada", device=2)
    other.ask(say("one", 1))
    bob.ask(say("another's one", 1))  # another key's id is another message
    bench.restart()
    late = in_lobby(bench, "ada")
    late.ask(say("one", 1), say("three", 3))
    assert late.acked == 4
    late.send(BEAT)
    bench.wait(0.1)
    assert [chat.text for chat in chats(late)] == ["one", "two", "another's one", "three"]


@proves("UC-ROOM-8")
def test_a_session_that_replaced_another_leaves_the_rooms_that_it_does_not_join() -> None:
    bench = Bench()
    ada, bob = in_lobby(bench, "ada"), in_lobby(bench, "bob")
    for guest in (ada, bob):
        guest.ask(join("kept"), join("left"))
    again = Guest(bench, "ada")
    again.begin()
    begin = bench.now
    again.ask(join("kept"))

    def told() -> list[object]:
        bob.send(BEAT)
        bench.wait(0.05)
        bob.send(BEAT)
        return [each for joined in bob.control(Joined) for each in bob.read(Logs.PRESENCE, joined.presence_channel)]

    before = told()
    while bench.now < begin + EXPIRY_ROOMLESS - 2:
        again.send(BEAT)
        bench.wait(1)
        assert told() == before
    again.send(BEAT)
    bench.wait(3)
    gone = told()[len(before) :] if len(told()) > len(before) else []
    assert sum(isinstance(each, Gone) for each in told()) == 2  # lobby and left
    assert gone
    again.ask(say("still in kept", 5, "kept"))
    assert failures(again) == []


@proves("UC-ROOM-9", "UC-ROOM-7")
def test_a_message_survives_a_restart_of_the_server_once() -> None:
    net = Net(4, loss=0.1)
    ada, bob = net.person("ada"), net.person("bob")
    net.run(20, lambda: all(len(each.client.attendees("lobby")) == 2 for each in (ada, bob)))
    for n in range(12):
        ada.say(str(n))
        if n % 4 == 1:
            net.restart_server()
        net.run(0.3)
    net.run(60, lambda: len(bob.texts()) == 12 and ada.client.unacknowledged == 0)
    assert bob.texts() == [str(n) for n in range(12)] == ada.texts()
    assert bob.of(CommandFailed) == ada.of(CommandFailed) == []


def test_an_entry_of_another_node_is_fetched_before_it_is_shown() -> None:
    """The store gives offset 1 while offset 0 came from elsewhere: readers see both, in order (UC-LOG-9)."""
    store = MemoryStore(clock=lambda: 1)
    here, there = Bench(1, store=store), Bench(2, store=store)
    ada, bob = in_lobby(here, "ada"), in_lobby(there, "bob")
    bob.ask(say("from elsewhere", 1))
    ada.ask(say("from here", 2))
    ada.send(BEAT)
    here.wait(0.1)
    assert [chat.text for chat in chats(ada)] == ["from elsewhere", "from here"]


def test_what_people_see_is_what_was_said() -> None:
    net = Net()
    ada, bob = net.person("ada"), net.person("bob")
    net.run(3)
    ada.say("plain")
    ada.say("\x1b[2Jclear\u202e\r\n\tit")
    net.run(3)
    evil = bob.of(ChatReceived)[-1]
    assert evil.raw == "\x1b[2Jclear\u202e\r\n\tit"
    assert not any(ord(char) < 32 or char == "\u202e" for char in evil.text)


@proves("UC-ROOM-10")
def test_part_is_answered_by_parted_in_the_order_of_what_was_asked() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"), Part(room="lobby"), join("lobby"), Part(room="lobby"))
    told = [body for body in guest.control() if isinstance(body, Joined | Parted)]
    assert [type(body) for body in told] == [Joined, Parted, Joined, Parted]
    assert [body.code for body in told if isinstance(body, Parted)] == [Code.PARTED] * 2
