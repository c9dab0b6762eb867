"""What must arrive arrives once, in order: logs, SEEN, ACK, windows (SPEC.md 8 and the server's side of 9)."""

from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from conformance.hand import BEAT, NUDGE, Bench, Desk, Guest, entry, join
from net import Net
from proves import proves
from udpchat_core.events import ChatReceived, Disconnected
from udpchat_core.limits import Limits
from udpchat_core.state import Pin, RoomEntered
from udpchat_protocol.codes import Presence, RosterFlag
from udpchat_protocol.constants import ACK_ENTRIES, SEEN_DELAY, WINDOW
from udpchat_protocol.entries import (
    Chat,
    Failed,
    History,
    Joined,
    Member,
    Nick,
    Notice,
    Part,
    Parted,
    Replay,
    Roster,
    Say,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Entry, Frame, Heartbeat, Seen

FAST: dict[str, Any] = {"chat_rate": 1e6, "chat_burst": 1e6}


def say(text: str, id_: int, room: str = "lobby") -> Say:
    return Say(room=room, id=id_, flags=0, text=text)


def fill(guest: Guest, count: int, *, text: str = "x", first: int = 1000) -> None:
    """So many messages in the lobby, which the guest has joined."""
    for n in range(0, count, 16):
        guest.ask(*(say(f"{text}{first + i}", first + i) for i in range(n, min(n + 16, count))))


def room_of(count: int, text: str = "x") -> tuple[Bench, Guest]:
    """A lobby with so many messages, and who said them."""
    bench = Bench(**FAST)
    writer = bench.guest("writer")
    writer.ask(Nick(nick="writer"), join("lobby"))
    fill(writer, count, text=text)
    return bench, writer


# -- SEEN ----------------------------------------------------------------------------------------------------------


@proves("UC-LOG-3", "UC-LOG-4", "UC-RECV-2")
def test_a_packet_is_listed_if_every_entry_in_it_was_kept() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    assert guest.seal is not None
    numbers: dict[str, int] = {}

    def send(name: str, *frames: Frame) -> None:
        assert guest.seal is not None
        numbers[name] = guest.seal.next_number
        guest.send(*frames)

    send("first", entry(0, Nick(nick="ada")))
    send("again", entry(0, Nick(nick="ada")))
    send("ahead", entry(20, Nick(nick="ada")))
    send("ahead again", entry(20, Nick(nick="other")))
    send("beyond", entry(WINDOW + 1, Nick(nick="ada")))
    send("far beyond", entry(2**64 - 1, Nick(nick="ada")))
    send("never read", entry(0, Nick(nick="ada"), channel=7))
    send("half", entry(1, Nick(nick="ada")), entry(WINDOW + 2, Nick(nick="ada")))
    send("beat", BEAT)
    send("last", BEAT)
    bench.wait(0.1)
    listed = {name for name, number in numbers.items() if number in guest.listed}
    assert listed == {"first", "again", "ahead", "ahead again", "beat", "last"}
    assert guest.acked == 2


@proves("UC-LOG-5")
@pytest.mark.parametrize("every", [1, 2, 3, 16])
def test_seen_leaves_at_the_nth_eliciting_packet(every: int) -> None:
    bench = Bench(seen_every=every, seen_delay=0.1)
    guest = bench.guest()
    guest.polite = False
    bench.wait(0.2)
    for _ in range(every - 1):
        assert guest.send(NUDGE) == []
    (frame,) = guest.send(NUDGE)
    assert isinstance(frame, Seen)
    assert frame.delay == 0


@proves("UC-LOG-5")
@pytest.mark.parametrize("delay", [0.0, 0.025, 0.1])
def test_seen_leaves_soon_after_the_first_eliciting_packet(delay: float) -> None:
    bench = Bench(seen_every=16, seen_delay=delay)
    guest = bench.guest()
    guest.polite = False
    guest.send(*guest.manners())
    bench.wait(0.2)
    begin = bench.now
    guest.send(NUDGE)
    bench.wait(delay / 2)
    guest.send(NUDGE)
    sent = bench.wait(0.2)
    times = [when for when, _, _ in sent] or [begin]
    assert times[0] - begin == pytest.approx(delay)
    (seen,) = guest.frames(Seen)[-1:]
    assert seen.delay == pytest.approx(delay * 500, abs=1.01)


@proves("UC-LOG-5")
def test_a_heartbeat_is_answered_at_once() -> None:
    bench = Bench(seen_every=16, seen_delay=0.1)
    guest = bench.guest()
    guest.polite = False
    bench.wait(0.2)
    assert guest.send(NUDGE) == []
    (frame,) = guest.send(BEAT)
    assert isinstance(frame, Seen)
    assert (frame.bitmap & 1, frame.delay) == (1, 0)


@proves("UC-LOG-5")
def test_a_packet_that_tells_of_a_missing_one_is_answered_at_once_and_so_is_the_missing_one() -> None:
    bench = Bench(seen_every=16, seen_delay=0.1)
    guest = bench.guest()
    guest.polite = False
    bench.wait(0.2)
    assert guest.send(NUDGE) == []
    bench.wait(0.2)
    late, after = guest.sealed(NUDGE), guest.sealed(NUDGE)
    (seen,) = guest.give(after)
    assert isinstance(seen, Seen)
    assert (seen.bitmap & 0b111, seen.delay) == (0b110, 0)
    (seen,) = guest.give(late)
    assert isinstance(seen, Seen)
    assert seen.bitmap & 0b111 == 0b111
    assert guest.send(NUDGE) == []


@proves("UC-LOG-5")
def test_no_packet_is_missing_where_there_was_one_that_is_not_listed() -> None:
    bench = Bench(seen_every=16, seen_delay=0.1)
    guest = bench.guest()
    guest.polite = False
    bench.wait(0.2)
    assert guest.send(*guest.manners()) == []
    assert guest.send(NUDGE) == []


@proves("UC-LOG-5")
def test_a_client_tells_of_a_missing_packet_at_once() -> None:
    desk = Desk()
    desk.open(seen_every=32, seen_delay=500)
    notice = Notice(code=0, text="x")
    assert desk.tell(notice) == []
    desk.sealed(NUDGE)
    (seen, ack) = desk.tell(notice)
    assert isinstance(seen, Seen)
    assert seen.bitmap & 0b11 == 0b10
    assert ack == Ack(channel=0, next=desk.offset)


@proves("UC-LOG-8")
def test_a_client_acknowledges_many_entries_before_seen_is_due() -> None:
    desk = Desk()
    desk.open(seen_every=32, seen_delay=500)
    some = [Notice(code=0, text="x")] * (ACK_ENTRIES // 16)
    while not desk.tell(*some):
        pass  # until SEEN_BYTES came: from then on it waits for twice as many
    for _ in range(15):
        assert desk.tell(*some) == []
    (_, ack) = desk.tell(*some)
    assert ack == Ack(channel=0, next=desk.offset)


@proves("UC-LOG-5", "UC-LOG-10")
def test_seen_and_ack_go_along_first_whenever_a_packet_leaves() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.ask(join("lobby"))
    guest.send(BEAT)
    bench.wait(1)
    before = len(guest.packets)
    guest.send(entry(1, say("a", 1)), entry(2, Part(room="elsewhere")))
    ((_, frames),) = guest.packets[before:]
    kinds = [(type(frame), getattr(frame, "channel", 0)) for frame in frames]
    channel = guest.control(Joined)[0].chat_channel
    assert kinds == [(Seen, 0), (Ack, 0), (Entry, 0), (Entry, channel)]


@proves("UC-LOG-4")
def test_seen_lists_what_came_and_nothing_else() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    bench.wait(0.1)
    came = {guest.seal.next_number - 1} if guest.seal else set()
    for n in range(100):
        packet = guest.sealed(BEAT)
        if n % 3:
            assert guest.seal is not None
            came.add(guest.seal.next_number - 1)
            guest.give(packet)
    bench.wait(0.1)
    assert guest.listed - {0} == came - {0}


@proves("UC-LOG-4")
def test_seen_of_the_client_lists_what_came_and_nothing_else() -> None:
    desk = Desk()
    desk.open()
    assert desk.seal is not None
    came: set[int] = set()
    for n in range(150):
        packet = desk.seal.seal(BEAT.build_frame())
        if n % 4 and n not in range(40, 110):
            came.add(desk.seal.next_number - 1)
            desk.give(packet)
    desk.wait(0.1)
    first = min(came)
    told: set[int] = set()
    for _, _, frames in desk.packets:
        for seen in frames:
            if isinstance(seen, Seen):
                told |= {seen.largest} | {seen.largest - 1 - i for i in range(64) if seen.bitmap >> i & 1}
    assert {number for number in told if number >= first} == came


# -- ACK -----------------------------------------------------------------------------------------------------------


@proves("UC-LOG-8")
def test_an_ack_that_moved_leaves_within_seen_delay() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.send(BEAT)
    bench.wait(1)
    begin = bench.now
    guest.send(entry(0, Nick(nick="ada")))
    sent = bench.wait(0.1)
    assert guest.acked == 1
    assert all(when <= begin + SEEN_DELAY + 1e-9 for when, _, _ in sent[:1])


@proves("UC-LOG-8")
def test_an_ack_that_was_not_seen_is_repeated_with_a_heartbeat_ever_later() -> None:
    bench = Bench(timeout=300)
    guest = bench.guest()
    guest.polite = False
    for _ in range(3):
        bench.wait(0.5)
        guest.send(*guest.manners())
    guest.send(entry(0, Nick(nick="ada")))
    before = len(guest.packets)
    sent = bench.wait(30)
    packets = guest.packets[before:]
    assert all(Ack(channel=0, next=1) in frames for _, frames in packets)
    assert all(any(isinstance(frame, Heartbeat) for frame in frames) for _, frames in packets[1:])
    times = [when for when, _, _ in sent]
    gaps = [b - a for a, b in pairwise(times)]
    assert all(b > a - 1e-6 for a, b in pairwise(gaps[1:]))
    for gap, following in pairwise(gaps[1:]):
        assert following == pytest.approx(min(2 * gap, 5.0), rel=1e-6)
    assert gaps[-1] == pytest.approx(5.0)


@proves("UC-LOG-8")
def test_an_ack_goes_along_until_a_packet_that_carried_it_was_seen() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.polite = False
    guest.send(entry(0, Nick(nick="ada")))
    bench.wait(0.03)
    for n in range(5):
        frames = guest.send(entry(1 + n, Part(room="nowhere")))
        assert [frame.next for frame in frames if isinstance(frame, Ack)] == [2 + n]
    guest.send(*guest.manners())
    bench.wait(0.1)
    guest.send(*guest.manners())
    frames = guest.send(BEAT, BEAT)
    frames += guest.send(BEAT)
    assert any(isinstance(frame, Seen) for frame in frames)
    assert [frame for frame in frames if isinstance(frame, Ack)] == []


# -- windows -------------------------------------------------------------------------------------------------------


@proves("UC-LOG-7", "UC-LOG-6")
def test_nothing_is_sent_beyond_the_window_of_the_last_ack() -> None:
    bench, _ = room_of(WINDOW + 100)
    reader = bench.guest("reader")
    reader.polite = False
    reader.ask(join("lobby", newest=1000))
    channel = reader.control(Joined)[0].chat_channel

    def listen() -> int:
        for _ in range(30):
            reader.send(*[frame for frame in reader.manners() if isinstance(frame, Seen)], Ack(channel=0, next=1))
            bench.wait(0.05)
        return max(reader.logs[channel])

    assert listen() == WINDOW - 1
    bench.wait(10)
    assert listen() == WINDOW - 1
    reader.send(Ack(channel=channel, next=1))
    assert listen() == WINDOW
    reader.send(Ack(channel=channel, next=WINDOW))
    assert listen() == WINDOW + 99
    assert len(reader.entries(channel)) == WINDOW + 100


@proves("UC-LOG-7", "UC-LOG-6")
def test_an_application_that_takes_no_events_stops_the_server_and_can_go_on() -> None:
    net = Net(limits=Limits(chat_rate=1e6, chat_burst=1e6), delay=(0.002, 0.002))
    ada, bob = net.person("ada"), net.person("bob")
    net.run(2)
    bob.takes = False
    last = net.server.counters.sent
    for n in range(WINDOW + 60):
        ada.say(str(n))
    net.run(20)
    assert ada.client.unacknowledged == 0
    assert len(ada.texts()) == WINDOW + 60
    taken = bob.client.events()
    got = [event.text for event in taken if isinstance(event, ChatReceived)]
    assert got == [str(n) for n in range(WINDOW)]
    bob.takes = True
    net.run(10)
    assert got + bob.texts() == [str(n) for n in range(WINDOW + 60)]
    assert net.server.counters.sent > last


# -- order, once, no gaps ------------------------------------------------------------------------------------------


@proves("UC-LOG-2", "UC-REPAIR-2")
@pytest.mark.parametrize(
    "weather",
    [
        {"loss": 0.3},
        {"delay": (0.0, 0.3), "reorder": 1.0},
        {"duplicate": 0.5, "corrupt": 0.1, "truncate": 0.1},
    ],
    ids=str,
)
def test_every_message_arrives_once_and_in_order(weather: dict[str, Any]) -> None:
    net = Net(3, **weather)
    known = Pin(net.identity.public)  # on UDP a key does not come through with a flipped bit
    people = [net.person(name, confirmed=known) for name in ("ada", "bob")]
    net.run(20, lambda: all(len(person.client.attendees("lobby")) == 2 for person in people))
    for n in range(10):
        for person in people:
            person.say(f"{person.name} {n}")
        net.run(0.5)
    net.run(60, lambda: all(len(person.texts()) == 20 for person in people))
    first, second = (person.texts() for person in people)
    assert first == second
    assert sorted(first) == sorted(f"{name} {n}" for n in range(10) for name in ("ada", "bob"))
    for person in people:
        assert [text for text in first if text.startswith(person.name)] == [f"{person.name} {n}" for n in range(10)]
        offsets = [event.offset for event in person.of(ChatReceived)]
        assert offsets == list(range(20))
        assert person.of(Disconnected) == []


@proves("UC-LOG-2")
def test_a_client_hands_on_entries_in_their_order_however_they_come() -> None:
    desk = joined_desk()
    bodies = [Chat(author=bytes(8), nick="b", id=n, time=0, flags=0, text=str(n)) for n in range(6)]
    for n in (3, 1, 5, 1, 4, 2):
        desk.send(entry(n, bodies[n], channel=3))
    assert desk.of(ChatReceived) == []
    desk.send(entry(0, bodies[0], channel=3), entry(0, bodies[5], channel=3))
    desk.send(entry(2, bodies[5], channel=3))
    assert [event.text for event in desk.of(ChatReceived)] == [str(n) for n in range(6)]


def joined_desk() -> Desk:
    """A client in the lobby: chat on channel 3, presence on 4."""
    desk = Desk(rooms={"lobby": None})
    desk.open()
    desk.tell(
        Joined(
            room="lobby",
            resume=0,
            chat_channel=3,
            chat_log=99,
            chat_first=0,
            chat_head=0,
            chat_start=0,
            chat_check=(99).to_bytes(8, "big"),
            presence_channel=4,
            presence_log=5,
            presence_start=0,
        ),
        Roster(
            channel=4,
            offset=0,
            flags=RosterFlag.FIRST | RosterFlag.LAST,
            members=(Member(member=b"somebody", presence=Presence.ONLINE, nick="b"),),
        ),
    )
    return desk


@proves("UC-LOG-6", "UC-LOG-8")
def test_a_client_acknowledges_messages_when_the_application_took_them() -> None:
    desk = joined_desk()
    desk.takes = False
    for n in range(4):
        chat = Chat(author=bytes(8), nick="b", id=n, time=0, flags=0, text=str(n))
        desk.send(entry(n, chat, channel=3))
    desk.wait(5)
    assert not any(Ack(channel=3, next=4) in frames for _, _, frames in desk.packets)
    desk.takes = True
    desk.drain()
    desk.wait(0.03)
    assert Ack(channel=3, next=4) in desk.packets[-1][2]


@proves("UC-LOG-3")
def test_late_entries_of_a_room_that_was_left_count_as_kept() -> None:
    desk = joined_desk()
    chat = Chat(author=bytes(8), nick="b", id=1, time=0, flags=0, text="x")
    desk.send(entry(0, chat, channel=3))
    desk.tell(Parted(room="lobby", code=21))
    assert desk.seal is not None
    late, never = desk.seal.next_number, desk.seal.next_number + 1
    desk.send(entry(1, chat, channel=3))
    desk.send(entry(1, chat, channel=9))
    desk.send(BEAT)
    desk.wait(0.1)
    seen = [frame for _, _, frames in desk.packets for frame in frames if isinstance(frame, Seen)][-1]
    listed = {seen.largest} | {seen.largest - 1 - i for i in range(64) if seen.bitmap >> i & 1}
    assert late in listed
    assert never not in listed
    assert len(desk.of(ChatReceived)) == 1


# -- ids and checks ------------------------------------------------------------------------------------------------


@proves("UC-LOG-12", "UC-LOG-11")
def test_the_check_is_the_running_hash_of_the_log() -> None:
    bench, writer = room_of(5)
    writer.send(BEAT)
    joined = writer.control(Joined)[0]
    assert joined.chat_log != 0
    check = joined.chat_log.to_bytes(8, "big")
    assert joined.chat_check == check
    for _, frame in writer.entries(joined.chat_channel):
        check = sha256(check + bytes((frame.kind,)) + frame.body).digest()[:8]
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=0))
    assert (reader.control(Joined)[0].chat_start, reader.control(Joined)[0].chat_check) == (5, check)


@proves("UC-LOG-12")
def test_a_client_remembers_the_check_of_its_place() -> None:
    desk = joined_desk()
    check = (99).to_bytes(8, "big")
    assert desk.client.state.rooms["lobby"] == (99, 0, check)
    chat = Chat(author=bytes(8), nick="b", id=1, time=0, flags=0, text="x")
    desk.send(entry(0, chat, channel=3))
    check = sha256(check + b"\x41" + chat.build()).digest()[:8]
    desk.send(Entry(channel=3, offset=1, kind=0x7E, body=b"from the future"))
    check = sha256(check + b"\x7e" + b"from the future").digest()[:8]
    assert desk.client.state.rooms["lobby"] == (99, 2, check)
    assert isinstance(desk.changes[-1], RoomEntered)


@proves("UC-LOG-1", "UC-LOG-11")
def test_channels_are_the_same_for_all_and_are_never_used_again() -> None:
    bench = Bench()
    seen: set[int] = set()
    ids: set[int] = set()
    for n in range(4):
        one, two = bench.guest(f"one{n}"), bench.guest(f"two{n}")
        for guest in (one, two):
            guest.ask(join("lobby"), join("other"))
        told = [(each.chat_channel, each.presence_channel) for each in one.control(Joined)]
        assert told == [(each.chat_channel, each.presence_channel) for each in two.control(Joined)]
        channels = {channel for pair in told for channel in pair}
        assert len(channels) == 4
        assert 0 not in channels
        assert not channels & seen
        seen |= channels
        fresh = {each.presence_log for each in one.control(Joined)}
        assert 0 not in fresh
        assert not fresh & ids
        ids |= fresh
        for guest in (one, two):
            guest.ask(Part(room="lobby"), Part(room="other"))
        assert len({each.chat_log for each in one.control(Joined)}) == 2


@proves("UC-LOG-1")
def test_every_reader_gets_the_same_bytes() -> None:
    bench = Bench()
    guests = [bench.guest(f"g{n}") for n in range(3)]
    for guest in guests:
        guest.ask(join("lobby"))
        guest.send(BEAT)
    guests[0].ask(say("hello", 1), say("there", 2))
    for guest in guests:
        guest.send(BEAT)
    bench.wait(0.1)
    channel = guests[0].control(Joined)[0].chat_channel
    assert len(guests[0].entries(channel)) == 2
    assert guests[0].entries(channel) == guests[1].entries(channel) == guests[2].entries(channel)
    assert guests[0].read(Logs.CHAT, channel)[1].text == "there"


# -- coalescing ----------------------------------------------------------------------------------------------------


@proves("UC-LOG-10")
def test_what_is_ready_together_leaves_together() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.open()
    before = len(desk.sent)
    for n in range(5):
        desk.client.say("lobby", f"line {n}", desk.now)
    desk.client.join("other", desk.now)
    desk.drain()
    assert len(desk.sent) == before + 1
    bench, _ = room_of(40)
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=40))
    reader.send(BEAT)
    sizes = [sum(16 + len(each.body) for each in frames if isinstance(each, Entry)) for _, frames in reader.packets]
    full = [size for size in sizes if size > 900]
    assert len([size for size in sizes if size]) <= len(full) + 3


@proves("UC-LOG-10", "UC-RECV-3")
def test_a_burst_is_answered_once() -> None:
    bench = Bench()
    guest = bench.guest()
    guest.send(BEAT)
    bench.wait(1)
    packets = [guest.sealed(BEAT) for _ in range(40)]
    for data in packets:
        bench.server.receive_datagram(data, guest.path, bench.now)
    bench.server.handle_timeout(bench.now)
    assert len(bench.drain()) == 1
    (seen,) = guest.frames(Seen)[-1:]
    assert seen.bitmap.bit_count() >= 39


# -- no busy loop --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [0.0, 0.3, 1.0])
def test_deadlines_are_not_announced_again_and_again(loss: float) -> None:
    net = Net(5)
    people = [net.person(name) for name in ("ada", "bob")]
    net.run(5)
    net.change(loss=loss)
    people[0].say("hello")
    before = net.turns
    net.run(60)
    assert net.turns - before < 60 * 20
    net.change(loss=0.0)
    assert net.run(30, lambda: people[1].texts() == ["hello"])
    net.run(5)
    before = net.turns
    net.run(100)
    assert net.turns - before < 100 * 4  # two heartbeats in 5 s, each sent, heard, answered and heard


@proves("UC-LOG-8")
def test_seen_goes_along_with_every_ack() -> None:
    """An ACK may count only with the SEEN that tells of its log, and that SEEN may have been lost."""
    desk = Desk()
    desk.open(seen=False)
    desk.wait(1)
    desk.send(desk.seen())
    before = len(desk.packets)
    desk.tell(Notice(code=0, text="news"))
    desk.wait(7)
    packets = [frames for _, _, frames in desk.packets[before:]]
    assert any(isinstance(frame, Ack) for frames in packets for frame in frames)
    for frames in packets:
        kinds = [type(frame) for frame in frames]
        assert (Ack in kinds) <= (Seen in kinds)


@proves("UC-ROOM-5", "UC-HIST-2")
def test_the_ack_of_a_log_that_is_new_to_the_session_counts_whatever_was_seen() -> None:
    bench = Bench()
    guest = bench.guest(polite=False)
    guest.send(*guest.manners())
    guest.ask(join("lobby"), Say(room="lobby", id=1, flags=0, text="one"))
    guest.send(*guest.manners())
    guest.ask(History(room="lobby", start=0, count=1))
    guest.send(*guest.manners()[:1])  # SEEN of REPLAY comes, and its entry does
    (replay,) = guest.control(Replay)
    assert guest.entries(replay.channel)
    # In one packet: the last ACK of the replay, and the next HISTORY.
    guest.send(Ack(channel=replay.channel, next=1), entry(guest.offset, History(room="lobby", start=0, count=1)))
    bench.wait(0.1)
    guest.send(*guest.manners()[:1])
    assert guest.control(Failed) == []
    assert len(guest.control(Replay)) == 2
