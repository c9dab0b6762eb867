"""The past once more, on a channel of its own: SPEC.md 9.8."""

from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Guest, join
from net import Net, Person
from proves import proves
from udpchat_core.events import ChatReceived, Command, CommandFailed, HistoryEnded, JoinedRoom
from udpchat_core.limits import Limits
from udpchat_core.log import first_check, next_check
from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.constants import HISTORY_MAX
from udpchat_protocol.entries import Failed, History, Joined, Part, Replay, Say, Skip
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Ack, Entry
from udpchat_stores.memory import MemoryStore

FAST: dict[str, Any] = {"chat_rate": 1e6, "chat_burst": 1e6}


def room_of(count: int, *, kept: int = 100_000) -> tuple[Bench, Guest]:
    """A lobby with so many messages, of which so many are kept, and who said them and reads no more."""
    bench = Bench(**FAST, store=MemoryStore(entries=kept))
    guest = bench.guest()
    guest.ask(join("lobby"))
    for first in range(0, count, 16):
        guest.ask(*(Say(room="lobby", id=n, flags=0, text=f"m{n}") for n in range(first, min(first + 16, count))))
    return bench, guest


def ask(guest: Guest, start: int, count: int, room: str = "lobby") -> Replay | Failed:
    """HISTORY, all that it brings, and the answer."""
    before = len(guest.control())
    guest.ask(History(room=room, start=start, count=count))
    for _ in range(60):
        guest.bench.wait(0.05)
        guest.send(*guest.manners()[:1])
    (answer,) = guest.control()[before:]
    return answer


@proves("UC-HIST-1")
def test_a_history_is_the_entries_asked_for_at_their_offsets_with_the_check_at_its_start() -> None:
    _, guest = room_of(200)
    (joined,) = guest.control(Joined)
    answer = ask(guest, 20, 100)
    assert isinstance(answer, Replay)
    assert (answer.start, answer.end, answer.log, answer.request) == (20, 120, joined.chat_log, guest.offset - 1)
    live, replayed = guest.logs[joined.chat_channel], guest.entries(answer.channel)
    assert [offset for offset, _ in replayed] == list(range(20, 120))
    assert all((each.kind, each.body) == (live[offset].kind, live[offset].body) for offset, each in replayed)
    check = first_check(joined.chat_log)
    for offset in range(20):
        check = next_check(check, live[offset].kind, live[offset].body)
    assert answer.check == check


@proves("UC-HIST-1")
@pytest.mark.parametrize(
    ("start", "count", "found"),
    [(0, 100, (50, 100)), (49, 2, (50, 51)), (60, 1, (60, 61)), (140, 100, (140, 150)), (149, HISTORY_MAX, (149, 150))],
)
def test_the_start_is_moved_to_the_oldest_kept_and_the_end_to_the_head(
    start: int, count: int, found: tuple[int, int]
) -> None:
    bench, _ = room_of(150, kept=100)
    bench.restart()
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=0))
    answer = ask(reader, start, count)
    assert isinstance(answer, Replay)
    assert (answer.start, answer.end) == found
    assert [offset for offset, _ in reader.entries(answer.channel)] == list(range(*found))


@proves("UC-HIST-1")
@pytest.mark.parametrize(("start", "count"), [(150, 10), (2**63, 1), (0, 10)])
def test_a_history_of_nothing_is_out_of_range(start: int, count: int) -> None:
    bench, _ = room_of(150, kept=100)
    bench.restart()
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=0))
    answer = ask(reader, start, count)
    assert isinstance(answer, Failed)
    assert answer.code == Code.RANGE


@proves("UC-HIST-1")
def test_a_history_is_for_those_in_the_room() -> None:
    _, guest = room_of(10)
    answer = ask(guest, 0, 10, "attic")
    assert isinstance(answer, Failed)
    assert answer.code == Code.NOT_JOINED


@proves("UC-HIST-2")
def test_one_history_of_a_room_at_a_time() -> None:
    bench, guest = room_of(50)
    guest.polite = False
    first = ask(guest, 0, 50)
    assert isinstance(first, Replay)
    second = ask(guest, 0, 50)
    assert isinstance(second, Failed)
    assert second.code == Code.LIMIT
    guest.send(*guest.manners(), Ack(channel=first.channel, next=50))
    bench.wait(0.1)
    third = ask(guest, 0, 50)
    assert isinstance(third, Replay)
    assert third.channel != first.channel


@proves("UC-HIST-2")
def test_a_history_ends_when_its_reader_leaves_the_room() -> None:
    bench, guest = room_of(600)
    guest.polite = False
    before = len(guest.control())
    guest.ask(History(room="lobby", start=0, count=600))
    guest.ask(Part(room="lobby"))
    (answer,) = guest.control(Replay)
    sent = len(guest.entries(answer.channel))
    for _ in range(20):
        bench.wait(0.05)
        guest.send(*guest.manners())
    assert len(guest.entries(answer.channel)) == sent < 600
    assert len(guest.control()) == before + 2
    guest.ask(join("lobby", newest=0))
    guest.polite = True
    assert isinstance(ask(guest, 0, 10), Replay)


def talk(net: Net, ada: Person, count: int) -> None:
    for n in range(count):
        ada.say(f"m{n}")
    assert net.run(120, lambda: ada.client.unacknowledged == 0)


@proves("UC-HIST-3", "UC-HIST-1")
@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_history_through_loss_comes_once_as_history_and_moves_no_place(loss: float) -> None:
    net = Net(7, limits=Limits(**FAST), loss=loss, reorder=0.5, delay=(0.02, 0.08))
    ada = net.person("ada")
    assert net.run(20, lambda: bool(ada.of(JoinedRoom)))
    talk(net, ada, 300)
    bob = net.person("bob", joins=None)
    bob.join(newest=5)
    assert net.run(30, lambda: len(bob.texts()) == 5)
    place = bob.client.state.rooms["lobby"]
    bob.client.history("lobby", 0, 290, net.now)
    ada.say("news")
    assert net.run(60, lambda: bool(bob.of(HistoryEnded)) and "news" in bob.texts())
    past = [event for event in bob.of(ChatReceived) if event.past]
    assert [(event.offset, event.text) for event in past] == [(n, f"m{n}") for n in range(290)]
    assert bob.of(HistoryEnded) == [HistoryEnded("lobby", 0, 290)]
    news = [event.offset for event in bob.of(ChatReceived) if not event.past]
    assert news == list(range(295, 301))
    after = bob.client.state.rooms["lobby"]
    assert place is not None
    assert after is not None
    assert (place.offset, after.offset) == (300, 301)
    again = net.person("bob again", state=bob.client.state, joins=None)
    assert net.run(30, lambda: bool(again.of(JoinedRoom)))
    assert again.of(JoinedRoom)[0].resume is Resume.RESUMED


@proves("UC-HIST-1")
def test_a_person_is_told_that_there_is_no_such_history() -> None:
    net = Net()
    ada = net.person("ada")
    net.run(2)
    ada.client.history("lobby", 10, 10, net.now)
    net.run(1)
    (failed,) = ada.of(CommandFailed)
    assert (failed.command, failed.room, failed.code) == (Command.HISTORY, "lobby", Code.RANGE)


@proves("UC-HIST-1")
def test_a_long_history_is_read_back_from_the_store_while_the_room_goes_on() -> None:
    bench, guest = room_of(1500)
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=0))
    reader.ask(History(room="lobby", start=0, count=HISTORY_MAX))
    for n in range(40):
        guest.ask(Say(room="lobby", id=5000 + n, flags=0, text="meanwhile"))
        reader.send(*reader.manners())
    for _ in range(20):
        bench.wait(0.05)
        reader.send(*reader.manners())
    (answer,) = reader.control(Replay)
    assert [chat.text for chat in reader.read(Logs.CHAT, answer.channel)] == [f"m{n}" for n in range(HISTORY_MAX)]
    (joined,) = reader.control(Joined)
    assert [chat.text for chat in reader.read(Logs.CHAT, joined.chat_channel)] == ["meanwhile"] * 40


@proves("UC-HIST-2")
@pytest.mark.parametrize("far", [False, True])
def test_a_history_that_the_store_forgets_is_ended_by_a_skip_and_another_may_follow(*, far: bool) -> None:
    """`far`: what is forgotten reaches beyond the end of the history, or only into it."""
    bench, guest = room_of(700, kept=700)
    reader = bench.guest("reader")
    reader.ask(join("lobby", newest=0))
    reader.send(BEAT)
    reader.polite = False
    reader.ask(History(room="lobby", start=0, count=600))
    (answer,) = reader.control(Replay)
    assert (answer.start, answer.end) == (0, 600)
    for n in range(690 if far else 500):
        guest.ask(Say(room="lobby", id=5000 + n, flags=0, text="meanwhile"))
    reader.polite = True
    for _ in range(400):
        reader.send(BEAT)
        bench.wait(0.05)
    (skip,) = [each for each in reader.control(Skip) if each.channel == answer.channel]
    assert (skip.first, skip.check, skip.code) == (answer.end, bytes(8), Code.TRUNCATED)
    assert max(offset for offset, _ in reader.entries(answer.channel)) < 600
    count = len(reader.packets)
    bench.wait(2)
    assert answer.channel not in {
        frame.channel for _, frames in reader.packets[count:] for frame in frames if isinstance(frame, Entry)
    }
    head = reader.control(Joined)[0].chat_head
    again = ask(reader, head + 400, 10)
    assert isinstance(again, Replay)
    assert again.channel != answer.channel
