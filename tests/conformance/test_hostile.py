"""Hostile peers: whatever they send, nothing raises, nothing grows without bound, nothing spins, others chat on."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, Piece, entry, join
from net import entropy
from proves import proves
from udpchat_core.effects import OpenRoom, RangeRead, ReadRange, RoomOpened, Ticket
from udpchat_core.events import (
    Closed,
    HandshakeRefused,
    HistoryEnded,
    JoinedRoom,
    NoticeReceived,
    RosterReceived,
    ServerOffered,
)
from udpchat_core.house import House
from udpchat_core.state import Pin
from udpchat_protocol import frames
from udpchat_protocol.codes import Code, RosterFlag
from udpchat_protocol.constants import PATH_BUDGET, WINDOW
from udpchat_protocol.entries import (
    Body,
    Failed,
    History,
    Joined,
    Nick,
    Notice,
    Online,
    Part,
    Parted,
    Quit,
    Replay,
    Roster,
    Say,
    Skip,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.entries import Member as RosterMember
from udpchat_protocol.packets import PACKETS
from udpchat_stores.memory import MemoryStore

U64, U48, U32, U16 = (2**bits - 1 for bits in (64, 48, 32, 16))
EXTREMES = (0, 1, 2, 255, 256, 2**31, U32 - 1, U32, 2**48, 2**63, U64 - 256, U64 - 1, U64)
TRICKY = (
    "lobby", "LOBBY", "lobby\u200b", "\u202eybbol", "a\u0301", "\u00e1", "\ufdfa" * 10, "\ufdfa" * 21, "\ufb03" * 10,
    "\u1d400", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0344" * 16, "@ada", " x", "x ", "\x00", "\x1b[2J",
    "\u2028", "\ufeff", "\uffff", "\U0010ffff", "\u0130" * 16, "\u00df" * 16, "\u1e9e" * 10, "\u3164",
    "Z" + "\u0335" * 15,
)  # fmt: skip


def hostile(bench: Bench, name: str = "mallory", **kwargs: Any) -> Guest:
    """A member who tells nothing of what it got."""
    return bench.guest(name, polite=False, **kwargs)


def chats(bench: Bench, ada: Guest, bob: Guest, text: str) -> None:
    """Two honest people, who are in the room since before, talk."""
    for _ in range(3):
        for one in (ada, bob):
            one.send(BEAT)
        bench.wait(0.1)
    ada.ask(Say(room="lobby", id=len(ada.packets), flags=0, text=text))
    bench.wait(1)
    for one in (ada, bob):
        (joined,) = one.control(Joined)
        assert one.read(Logs.CHAT, joined.chat_channel)[-1].text == text
    assert ada.farewells == bob.farewells == []


def honest(bench: Bench) -> tuple[Guest, Guest]:
    """Two people in the room."""
    people = bench.guest("ada"), bench.guest("bob")
    for one in people:
        one.ask(join("lobby"))
    return people


def some_frame(  # noqa: PLR0911 - one a kind
    random: Random, bodies: Callable[[Random], Body], channels: tuple[int, ...], offset: int
) -> Piece:
    """A frame, most of them well-formed, with numbers that nobody should say."""
    number = random.choice(EXTREMES)
    near = max(0, offset + random.randint(-3, 40))
    at = random.choice((offset, near, near, number))
    channel = random.choice((*channels, 0, 0, number & U32))
    match random.randrange(12):
        case 0:
            return frames.Ack(channel=channel, next=random.choice((0, 1, 2, near, number)))
        case 1:
            return frames.Seen(largest=random.choice((0, 1, 5, number & U48)), delay=U16, bitmap=number)
        case 2:
            return frames.Challenge(data=random.randbytes(8)).build_frame() * random.randint(1, 100)
        case 3:
            return frames.Response(data=random.randbytes(8))
        case 4:
            return frames.Entry(channel=channel, offset=at, kind=random.randrange(256), body=random.randbytes(40))
        case 5:
            return frames.Padding(size=random.randrange(300))
        case 6 if random.random() < 0.1:
            return random.randbytes(random.randrange(60))
        case 7:
            return bytes((random.randrange(8, 256), 0, 5)) + random.randbytes(5)
        case _:
            return entry(at, bodies(random), channel)


def some_frames(random: Random, *args: Any) -> list[Piece]:
    """What fits a packet."""
    found: list[Piece] = []
    room = 1168
    for _ in range(random.randint(1, 8)):
        piece = some_frame(random, *args)
        room -= len(piece if isinstance(piece, bytes) else piece.build_frame())
        if room >= 0:
            found.append(piece)
    return found or [BEAT]


def asked(random: Random) -> Body:
    """Something for an uplink."""
    name, number = random.choice(TRICKY), random.choice(EXTREMES)
    room = name.encode()[:64].decode(errors="ignore") or "x"
    match random.randrange(9):
        case 0 | 1:
            return join(room, number & U16, random.choice(EXTREMES), random.choice(EXTREMES), random.randbytes(8))
        case 2:
            return Part(room=room)
        case 3 | 4:
            return Nick(nick=name.encode()[:32].decode(errors="ignore") or "x")
        case 5 | 6:
            return History(room=room, start=random.choice(EXTREMES), count=number & U16)
        case 7 if random.random() < 0.1:
            return Quit(reason=name)
        case _:
            return Say(room=room, id=number, flags=number & 255, text=name)


@proves("UC-RECV-1", "UC-REPAIR-12", "UC-LOG-3")
@pytest.mark.parametrize("seed", range(4))
def test_members_who_say_anything_at_all_disturb_nobody(seed: int) -> None:
    random = Random(seed)
    bench = Bench(seed, chat_rate=1e6, chat_burst=1e6)
    ada, bob = honest(bench)
    gang = [hostile(bench, f"mallory {n}") for n in range(4)]
    for number in range(1200):
        one = random.choice(gang)
        one.polite = random.random() < 0.3
        one.send(*some_frames(random, asked, tuple(range(1, 8)), max(one.offset, one.acked)))
        if one.farewells:
            one.begin()
        if number % 10 == 0:
            bench.wait(random.random() / 10)
        if number % 400 == 0:
            chats(bench, ada, bob, f"we do not mind {number}")
    tables = bench.server.tables
    assert tables["sessions"] <= 6
    assert tables["half_open"] == 0
    assert tables["members"] <= 6
    assert tables["rooms"] <= 4 * 16 + 1
    assert tables["readers"] <= 2 * (4 * 16 + 2)
    assert tables["reassembly"] <= 4 * 32 * 1152
    chats(bench, ada, bob, "still here")


@proves("UC-RECV-1", "UC-MEMB-3", "UC-ROOM-1")
@pytest.mark.parametrize("name", TRICKY, ids=ascii)
def test_a_name_that_unicode_makes_longer_or_stranger_is_refused_or_fits(name: str) -> None:
    bench = Bench()
    mallory = bench.guest("mallory")
    nick, room = name.encode()[:32].decode(errors="ignore"), name.encode()[:64].decode(errors="ignore")
    mallory.ask(join("lobby"), Nick(nick=nick), join(room), Nick(nick="m"))
    assert mallory.acked == 4
    assert {each.code for each in mallory.control(Failed)} <= {Code.NAME}
    assert bench.guest("bob").ask(join("lobby"))


@proves("UC-RECV-1", "UC-LOG-7")
def test_a_control_log_that_nobody_acknowledges_stops_its_uplink() -> None:
    bench = Bench()
    ada, bob = honest(bench)
    mallory = hostile(bench)
    sent = 0
    for offset in range(2000):
        sent += len(mallory.send(entry(offset, Part(room="nowhere")), BEAT))
    bench.wait(20)
    assert len(mallory.entries(0)) <= WINDOW
    assert mallory.acked <= WINDOW
    assert sent < 4000
    chats(bench, ada, bob, "and we?")


@proves("UC-RECV-1", "UC-SKIP-1")
def test_a_silent_reader_is_told_once_where_to_go_on_however_much_passed() -> None:
    bench = Bench(chat_rate=1e6, chat_burst=1e6)
    rooms = [f"room {n}" for n in range(16)]
    silent, noisy = hostile(bench, "silent"), bench.guest("noisy")
    for one in (silent, noisy):
        one.ask(*map(join, rooms))
    silent.send(*silent.manners())
    for _ in range(3):
        bench.wait(6)
        noisy.send(BEAT)
    for n in range(0, 2800, 25):
        noisy.ask(*(Nick(nick=f"nick {n + i}") for i in range(25)))
    assert noisy.control(Failed) == []
    silent.polite = True
    for _ in range(30):
        silent.send(BEAT)
        bench.wait(0.1)
    skips = silent.control(Skip)
    assert sorted(each.channel for each in skips) == [each.presence_channel for each in silent.control(Joined)]
    assert [body.KIND for body in silent.control()[33:]] == [Skip.KIND, Roster.KIND] * 16


@proves("UC-RECV-1")
def test_a_history_whose_entries_go_while_it_is_read_ends_and_nothing_spins() -> None:
    store = MemoryStore(entries=600, clock=lambda: 1, entropy=entropy("store"))
    bench = Bench(store=store, chat_rate=1e6, chat_burst=1e6)
    bob, mallory = bench.guest("bob"), hostile(bench)
    bob.ask(join("lobby"))
    mallory.ask(join("lobby", newest=0))

    def says(count: int) -> None:
        for _ in range(0, count, 5):
            for _ in range(5):
                bob.send(entry(bob.offset, Say(room="lobby", id=bob.offset, flags=0, text="x" * 900)))
                bob.offset += 1
            bench.wait(0.03)

    says(1200)
    mallory.send(*mallory.manners())
    mallory.ask(History(room="lobby", start=600, count=300))
    (replay,) = mallory.control(Replay)
    mallory.send(*mallory.manners()[:1])
    assert 0 < len(mallory.entries(replay.channel)) < 100
    says(600)
    for _ in range(20):
        mallory.send(*mallory.manners()[:1])
        bench.wait(0.1)
    assert len(mallory.entries(replay.channel)) < 300
    mallory.send(*mallory.manners())
    mallory.ask(History(room="lobby", start=1500, count=5))
    assert [each.start for each in mallory.control(Replay)] == [600, 1500]
    assert bob.farewells == mallory.farewells == []


@proves("UC-RECV-1")
def test_a_page_that_comes_when_everybody_left_can_be_asked_for_again() -> None:
    house = House(entropy("house"), 10, lambda _: None)
    opened = RoomOpened(OpenRoom(Ticket(1, 0), "lobby"), log=1, first=0, head=128, check=bytes(8))
    for _ in range(3):
        room = house.open(opened)
        assert room is not None
        assert room.chat.piece(0, 128) is None
        house.ask_for_pages(room)
        (request,) = house.requests
        assert isinstance(request, ReadRange)
        house.vacate(room)
        house.requests.clear()
        house.read(RangeRead(request, 0, bytes(8), (b"",) * request.count))


@proves("UC-RECV-1", "UC-GATE-5")
def test_sessions_that_are_replaced_again_and_again_leave_nothing() -> None:
    bench = Bench()
    ada, bob = honest(bench)
    for _ in range(20):
        bench.guest("mallory").ask(join("lobby"), join("mine"))
    assert dict(bench.server.tables) == {
        "sessions": 3, "half_open": 0, "farewells": 19, "members": 3, "rooms": 2, "readers": 8, "reassembly": 0,
    }  # fmt: skip
    chats(bench, ada, bob, "once")


@proves("UC-RECV-1", "UC-REPAIR-12")
def test_who_fills_the_reassembly_holds_up_nobody_who_speaks_in_order() -> None:
    bench = Bench(reassembly=65_536)
    ada, bob = honest(bench)
    gang = [hostile(bench, f"mallory {n}") for n in range(4)]
    for one in gang:
        for offset in (*range(31, 0, -1), *range(1, 2000, 97)):
            one.send(frames.Entry(channel=0, offset=offset, kind=4, body=bytes(1150)))
    assert 65_536 - 1150 < bench.server.tables["reassembly"] <= 65_536
    chats(bench, ada, bob, "in order")
    for one in gang:
        one.send(frames.Bye(code=0, reason=""))
    assert bench.server.tables["reassembly"] == 0


@proves("UC-RECV-1", "UC-SESS-5")
def test_thousands_of_commands_are_answered_one_by_one() -> None:
    bench = Bench(rooms=20, chat_rate=1e6, chat_burst=1e6)
    ada, bob = honest(bench)
    mallory = bench.guest("mallory")
    for number in range(0, 3000, 15):
        each = [
            (join(f"room {n % 40}", newest=U16), Nick(nick=f"m{n}"), Part(room=f"room {n * 7 % 40}"),
             History(room=f"room {n % 40}", start=0, count=U16), join("lobby", log=U64, offset=U64))[n % 5]
            for n in range(number, number + 15)
        ]  # fmt: skip
        mallory.ask(*each)
    mallory.ask(Nick(nick="done"))
    assert mallory.acked == 3001
    assert {each.code for each in mallory.control(Failed)} <= {Code.LIMIT, Code.NOT_JOINED, Code.RANGE}
    assert bench.server.tables["rooms"] <= 17
    chats(bench, ada, bob, "thousands?")


@proves("UC-RECV-1", "UC-GATE-1")
def test_strangers_get_less_than_they_send_and_leave_nothing() -> None:
    random = Random(1)
    bench = Bench(handshake_rate=100, half_open=16)
    ada, bob = honest(bench)
    half_open = Guest(bench, "eve")
    half_open.shake()
    real = [ada.sealed(BEAT), half_open.sealed(BEAT), half_open.prove()]
    before = dict(bench.server.tables)
    for number in range(6000):
        path = f"stranger {number % 50}"
        data = random.choice(real)
        match number % 6:
            case 0:
                data = random.randbytes(random.randrange(1501))
            case 1:
                data = bytes((number // 6 % 256,)) + random.randbytes(random.choice((1199, 31, 24, 15)))
            case 2:
                at = random.randrange(len(data) * 8)
                data = (int.from_bytes(data, "big") ^ 1 << at).to_bytes(len(data), "big")
            case 3:
                data = data[: random.randrange(len(data))]
            case 4:
                proof = random.choice(((b"", b""), (random.randbytes(32), random.randbytes(200))))
                data = half_open.hello(*proof, version=number // 6 & 255)
            case _:
                pass
        out = sum(len(answer) for answer, where in bench.give(data, path) if where == path)
        paid = PATH_BUDGET * len(data) + 1 if data == real[0] else max(len(data), 1)
        assert out < paid
    bench.wait(1)
    after = dict(bench.server.tables)
    assert {**after, "half_open": 0} == {**before, "half_open": 0}
    assert after["half_open"] <= 16
    chats(bench, ada, bob, "nothing happened")


# ---------------------------------------------------------------------------------------- a client and its server


def joined(room: str = "lobby", **fields: Any) -> Joined:
    """JOINED with defaults."""
    told = {
        "resume": 0, "chat_channel": 1, "chat_log": 7, "chat_first": 0, "chat_head": 0, "chat_start": 0,
        "chat_check": bytes(8), "presence_channel": 2, "presence_log": 9, "presence_start": 0,
    }  # fmt: skip
    return Joined(room=room, **{**told, **fields})


def desk(seed: int = 0, rooms: tuple[str, ...] = ("lobby", "den"), **kwargs: Any) -> Desk:
    """A client that wants to be in some rooms."""
    one = Desk(seed, rooms=dict.fromkeys(rooms), **kwargs)
    one.open()
    return one


def told(random: Random) -> Body:  # noqa: PLR0911 - one a kind
    """Something for a control log, or for one that is read wherever it comes."""
    name, number, other = random.choice(TRICKY).encode()[:32].decode(errors="ignore"), *random.choices(EXTREMES, k=2)
    channel = random.choice((0, 1, 2, 3, 4, 4, number & U32))
    room = random.choice(("lobby", "den", "lobby", "den", name or "x"))
    match random.randrange(14):
        case 0 if random.random() < 0.1:
            return joined(random.choice(TRICKY), chat_channel=channel, chat_start=number)
        case 1 | 2:
            pair = {"lobby": 1, "den": 3}.get(room, channel)
            start = {"chat_start": other, "presence_start": number, "chat_head": number, "resume": number & 255}
            return joined(room if pair < 4 else "lobby", chat_channel=pair, presence_channel=pair + 1 & U32, **start)
        case 3:
            return Parted(room=room, code=number & 255)
        case 4 | 5:
            member = RosterMember(member=random.randbytes(8), presence=number & 255, nick=name)
            chunk = (member,) * random.randrange(20)
            return Roster(channel=channel, offset=number, flags=random.randrange(256), members=chunk)
        case 6 | 7:
            return Skip(channel=channel, first=number, check=bytes(8), code=number & 255)
        case 8 | 9:
            request = random.randrange(4)
            return Replay(request=request, channel=channel + 4 & U32, log=7, start=number, end=other, check=bytes(8))
        case 10:
            return Failed(request=random.choice((0, 1, 2, number)), code=number & 255, reason=name)
        case 11:
            return Notice(code=number & 255, text=name or "x")
        case 12:
            return Online(member=random.randbytes(8), nick=name)
        case _:
            return Parted(room=room, code=0)


@proves("UC-RECV-1", "UC-WIRE-12")
@pytest.mark.parametrize("seed", range(4))
def test_a_client_outlives_whatever_its_server_says(seed: int) -> None:
    random = Random(seed)
    for life in range(12):
        one = desk(100 * seed + life)
        one.client.say("lobby", "is it you?", one.now)
        one.client.history("den", 0, 100, one.now)
        one.client.part("den", one.now)
        one.drain()
        given = 0
        for _ in range(60):
            if one.client.closed:
                break
            one.takes = random.random() < 0.8
            if random.random() < 0.3:
                one.settle()
            offset = one.offset if random.random() < 0.9 else random.choice(EXTREMES)
            pieces = [entry(offset, told(random))]
            one.offset += offset == one.offset
            one.send(*pieces)
            one.send(*some_frames(random, told, (1, 2, 3, 4, 5), 3))
            given += 1
            one.wait(random.random() / 5)
        one.takes = True
        one.wait(5)
        assert len(one.sent) < 40 * given + 200
        Desk(100 * seed + life, state=one.client.state).open()


@proves("UC-RECV-1", "UC-LOG-1")
@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([joined(chat_channel=0)], id="that of the control log"),
        pytest.param([joined(presence_channel=0)], id="that of the control log, for presence"),
        pytest.param([joined(chat_channel=5, presence_channel=5)], id="one for both logs"),
        pytest.param([joined(), joined("den")], id="those of another room"),
        pytest.param([joined(), joined("den", chat_channel=2, presence_channel=3)], id="crossed"),
        pytest.param([joined("elsewhere")], id="a room that nobody asked for"),
        pytest.param(
            [joined(), Replay(request=2, channel=0, log=7, start=0, end=9, check=bytes(8))], id="history on 0"
        ),
        pytest.param(
            [joined(), Replay(request=2, channel=2, log=7, start=0, end=9, check=bytes(8))], id="history on another"
        ),
    ],
)
def test_a_server_that_uses_a_channel_twice_is_left(bodies: list[Body]) -> None:
    one = desk()
    one.client.history("lobby", 0, 9, one.now)
    one.drain()
    one.tell(*bodies)
    one.tell(Parted(room="lobby", code=0))
    assert [each.code for each in one.of(Closed)] == [Code.PROTOCOL]


@proves("UC-RECV-1", "UC-LOG-6")
@pytest.mark.parametrize(("start", "skips"), [(U64 - 1, True), (U64 - 1, False), (U64 - 2, True), (U64, False)])
def test_the_end_of_all_offsets_is_no_trouble(start: int, skips: bool) -> None:
    one = desk()
    one.tell(joined() if skips else joined(chat_start=start, presence_start=start))
    one.tell(Roster(channel=2, offset=start, flags=RosterFlag.FIRST | RosterFlag.LAST, members=()))
    if skips:
        one.tell(*(Skip(channel=n, first=start, check=bytes(8), code=0) for n in (1, 2)))
        one.tell(Roster(channel=2, offset=start, flags=RosterFlag.FIRST | RosterFlag.LAST, members=()))
    for offset in range(start, U64 + 1):
        one.send(frames.Entry(channel=1, offset=offset, kind=0, body=b""))
        one.send(entry(offset, Online(member=bytes(8), nick="x"), 2))
    one.wait(5)
    place = one.client.state.rooms["lobby"]
    assert place is not None
    assert place.offset == U64
    again = Desk(state=one.client.state)
    again.open()
    assert [each.offset for each in again.asked if each.KIND == 2 and each.room == "lobby"] == [U64]


@proves("UC-RECV-1", "UC-HIST-2")
def test_a_history_follows_another_and_its_end_is_told_once() -> None:
    one = desk()
    one.tell(joined())
    for turn in range(3):
        one.settle()
        one.client.history("lobby", 0, 2, one.now)
        one.drain()
        request = max(one.logs)
        one.tell(Replay(request=request, channel=10 + turn, log=7, start=0, end=2, check=bytes(8)))
        for offset in range(2):
            one.send(frames.Entry(channel=10 + turn, offset=offset, kind=0, body=b""))
    one.wait(1)
    assert one.of(HistoryEnded) == [HistoryEnded("lobby", 0, 2)] * 3
    acks = {(frame.channel, frame.next) for _, _, got in one.packets for frame in got if isinstance(frame, frames.Ack)}
    assert {(10, 2), (11, 2), (12, 2)} <= acks


@proves("UC-RECV-1", "UC-NOISE-2", "UC-SHAKE-7")
@pytest.mark.parametrize("confirmed", [True, False])
def test_a_key_of_low_order_is_refused_whoever_confirmed_it(confirmed: bool) -> None:
    weak = bytes(32)
    one = Desk(pinned=False, confirmed=Pin(weak) if confirmed else None)
    one.connect()
    one.give(one.retry(key=weak))
    if not confirmed:
        (offered,) = one.of(ServerOffered)
        one.client.accept_server(offered.key, None, one.now)
        one.drain()
        one.give(one.retry(key=weak))
    one.wait(20)
    assert [each.code for each in one.of(HandshakeRefused)] == [Code.KEY]


@proves("UC-TEXT-1")
def test_the_reason_of_a_farewell_is_harmless() -> None:
    one = desk()
    one.send(frames.Bye(code=Code.KEY, reason="\x1b[2J\u202eno"))
    assert [each.reason for each in one.of(Closed)] == ["\ufffd[2J\ufffdno"]


@proves("UC-RECV-1")
def test_strangers_cannot_move_a_client() -> None:
    random = Random(2)
    one = desk()
    recorded = one.seal.seal(BEAT.build_frame()) if one.seal is not None else b""
    one.give(recorded)
    one.wait(1)
    sent = len(one.sent)
    for number in range(4000):
        data = random.choice((recorded, random.randbytes(random.randrange(1501)), one.hello.build()))
        match number % 3:
            case 0:
                data = bytes((random.choice((*PACKETS, 0, 8, 255)),)) + data[1 : random.randrange(1, len(data) + 2)]
            case 1 if data:
                at = random.randrange(len(data) * 8)
                data = (int.from_bytes(data, "big") ^ 1 << at).to_bytes(len(data), "big")
            case _:
                pass
        one.give(data)
    assert len(one.sent) == sent
    assert not one.client.closed
    one.tell(joined())
    assert one.of(JoinedRoom)


@proves("UC-RECV-1", "UC-LOG-6")
def test_a_flood_of_news_is_taken_and_answered_sparingly() -> None:
    one = desk()
    one.tell(joined())
    one.settle()
    sent, packets = len(one.sent), 600
    one.takes = False
    for _ in range(packets):
        one.tell(Notice(code=255, text="n" * 300), Roster(channel=2, offset=0, flags=3, members=()))
    assert len(one.sent) - sent <= packets
    one.takes = True
    one.wait(30)
    one.settle()
    assert WINDOW - 8 < len(one.of(RosterReceived)) + len(one.of(NoticeReceived)) <= WINDOW
    assert len(one.sent) - sent < packets + 100
