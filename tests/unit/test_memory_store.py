"""The store in memory does what udpchat_core.effects asks of a store."""

from proves import proves
from udpchat_core.effects import (
    Append,
    Appended,
    ClaimNick,
    CloseRoom,
    LookUpMember,
    MemberFound,
    NickClaimed,
    OpenRoom,
    RangeRead,
    ReadRange,
    RoomClosed,
    RoomOpened,
    ServerRequest,
    ServerResult,
    Ticket,
)
from udpchat_core.log import first_check, next_check
from udpchat_protocol.entries import Chat
from udpchat_stores.memory import MemoryStore

T = Ticket(1, 2)
ADA, BOB = b"a" * 32, b"b" * 32


def ask(store: MemoryStore, *requests: ServerRequest) -> list[ServerResult]:
    results: list[ServerResult] = []
    store.submit(requests, results.extend)
    return results


def chat(id_: int, text: str = "x") -> Chat:
    return Chat(author=bytes(8), nick="n", id=id_, time=0, flags=0, text=text)


def append(id_: int, key: bytes = ADA, room: str = "r", text: str = "x") -> Append:
    return Append(T, room, key, chat(id_, text))


def test_offsets_are_dense_times_are_the_stores_and_a_repeat_gets_the_first_offset() -> None:
    store = MemoryStore(clock=lambda: 77)
    results = ask(store, append(5), append(6), append(5, text="other"), append(5, BOB), append(5, room="s"))
    told = [(each.offset, Chat.parse_untrusted(each.body)) for each in results if isinstance(each, Appended)]
    assert [offset for offset, _ in told] == [0, 1, 0, 2, 0]
    assert {message.time for _, message in told} == {77}
    assert told[2] == told[0]


def test_results_bear_their_requests() -> None:
    requests = [OpenRoom(T, "r"), append(1), ReadRange(T, "r", 0, 5), LookUpMember(T, ADA), ClaimNick(T, ADA, "a", "a")]
    results = ask(MemoryStore(), *requests)
    assert [type(each) for each in results] == [RoomOpened, Appended, RangeRead, MemberFound, NickClaimed]
    assert [each.request for each in results] == requests


def test_checks_follow_the_log() -> None:
    store = MemoryStore()
    ask(store, *(append(n) for n in range(5)))
    (opened,) = ask(store, OpenRoom(T, "r"))
    assert isinstance(opened, RoomOpened)
    check = first_check(opened.log)
    for start in range(6):
        (read,) = ask(store, ReadRange(T, "r", start, 1))
        assert isinstance(read, RangeRead)
        assert read.check == check
        assert len(read.bodies) == (start < 5)
        check = next_check(check, Chat.KIND, read.bodies[0]) if read.bodies else check
    assert (opened.first, opened.head, opened.check) == (0, 5, check)


def test_only_so_many_are_kept() -> None:
    store = MemoryStore(entries=10)
    ask(store, *(append(n) for n in range(35)))
    opened, below, beyond, last = ask(
        store, OpenRoom(T, "r"), ReadRange(T, "r", 24, 5), ReadRange(T, "r", 36, 5), ReadRange(T, "r", 25, 99)
    )
    assert isinstance(opened, RoomOpened)
    assert (opened.first, opened.head) == (25, 35)
    assert isinstance(below, RangeRead)
    assert (below.first, below.bodies) == (25, ())
    assert isinstance(beyond, RangeRead)
    assert beyond.bodies == ()
    assert isinstance(last, RangeRead)
    assert len(last.bodies) == 10


def test_a_nick_belongs_to_one_key_and_is_free_when_it_takes_another() -> None:
    store = MemoryStore()

    def claim(key: bytes, nick: str) -> bool:
        (result,) = ask(store, ClaimNick(T, key, nick, nick.lower()))
        assert isinstance(result, NickClaimed)
        return result.granted

    assert claim(ADA, "Ada")
    assert not claim(BOB, "ADA")
    assert claim(ADA, "ada")
    assert claim(ADA, "lovelace")
    assert claim(BOB, "ada")
    found = ask(store, LookUpMember(T, ADA), LookUpMember(T, BOB), LookUpMember(T, bytes(32)))
    assert [each.nick for each in found if isinstance(each, MemberFound)] == ["lovelace", "ada", ""]


def test_a_store_that_holds_answers_when_told_in_batches_and_in_order() -> None:
    store = MemoryStore(hold=True)
    batches: list[list[ServerResult]] = []
    store.submit([append(n) for n in range(5)], lambda results: batches.append(list(results)))
    assert batches == []
    assert store.release(2) == 2
    assert store.release() == 3
    assert store.release() == 0
    assert [len(batch) for batch in batches] == [2, 3]
    assert [each.offset for batch in batches for each in batch if isinstance(each, Appended)] == list(range(5))


def open_room(store: MemoryStore, room: str) -> RoomOpened:
    (opened,) = ask(store, OpenRoom(T, room))
    assert isinstance(opened, RoomOpened)
    return opened


def visit(store: MemoryStore, room: str, says: int = 1) -> int:
    """Somebody comes in, says something and leaves; the room's log id."""
    opened = open_room(store, room)
    ask(store, *(append(opened.head + n, room=room) for n in range(says)), CloseRoom(T, room))
    return opened.log


@proves("UC-LIMIT-8")
def test_the_room_that_was_closed_longest_ago_is_forgotten_first_and_an_open_one_never() -> None:
    store = MemoryStore(rooms=3)
    held = open_room(store, "held")
    ask(store, append(1, room="held"))
    logs = {name: visit(store, name) for name in ("a", "b")}
    assert visit(store, "a") == logs["a"]  # b is the oldest now
    visit(store, "c")
    assert store.rooms == 3
    again = open_room(store, "a")
    assert (again.log, again.head) == (logs["a"], 2)
    anew = open_room(store, "b")
    assert anew.log != logs["b"]
    assert anew.head == 0
    still = open_room(store, "held")
    assert (still.log, still.head) == (held.log, 1)


@proves("UC-LIMIT-8")
def test_open_rooms_are_kept_even_if_they_are_too_many_and_go_when_they_are_closed() -> None:
    store = MemoryStore(rooms=2)
    logs = [open_room(store, f"r{n}").log for n in range(5)]
    assert [open_room(store, f"r{n}").log for n in range(5)] == logs  # open twice now
    for n in range(5):
        ask(store, CloseRoom(T, f"r{n}"))
    assert store.rooms == 5
    for n in range(5):
        ask(store, CloseRoom(T, f"r{n}"))
    assert store.rooms == 2


def test_rooms_in_which_nothing_was_said_push_nobody_out() -> None:
    store = MemoryStore(rooms=3)
    said = [visit(store, name) for name in ("a", "b")]
    for n in range(20):
        visit(store, f"nothing {n}", says=0)
    assert [visit(store, name) for name in ("a", "b")] == said
    assert store.rooms == 3


def test_a_room_that_is_closed_too_often_does_no_harm() -> None:
    store = MemoryStore()
    request = CloseRoom(T, "r")
    assert ask(store, request) == [RoomClosed(request)]
    log = open_room(store, "r").log
    assert ask(store, request, request) == [RoomClosed(request)] * 2
    assert open_room(store, "r").log == log


def test_the_nick_that_was_asked_for_longest_ago_is_free_again() -> None:
    store = MemoryStore(nicks=2)
    keys = [bytes((n,)) * 32 for n in range(4)]

    def claim(n: int, nick: str) -> bool:
        (result,) = ask(store, ClaimNick(T, keys[n], nick, nick))
        return isinstance(result, NickClaimed) and result.granted

    def nick(n: int) -> str:
        (result,) = ask(store, LookUpMember(T, keys[n]))
        assert isinstance(result, MemberFound)
        return result.nick

    assert claim(0, "a")
    assert claim(1, "b")
    assert nick(0) == "a"  # b is the oldest now
    assert not claim(2, "a")
    assert claim(2, "c")
    assert [nick(n) for n in range(3)] == ["a", "", "c"]
    assert claim(3, "b")
    assert [nick(n) for n in range(4)] == ["", "", "c", "b"]
    for n in range(100):
        assert claim(n % 2 + 2, f"n{n}")  # who changes a nick takes no further place
    assert [nick(2), nick(3)] == ["n98", "n99"]


@proves("UC-ROOM-7")
def test_a_message_that_is_no_longer_kept_is_not_stored_again() -> None:
    store = MemoryStore(entries=2)
    first = ask(store, *(append(n) for n in range(5)))
    again = ask(store, append(0), append(4))
    assert [each.offset for each in again if isinstance(each, Appended)] == [0, 4]
    assert len(first) == 5
    (opened,) = ask(store, OpenRoom(T, "r"))
    assert isinstance(opened, RoomOpened)
    assert (opened.first, opened.head) == (3, 5)


def test_no_more_identities_are_remembered_than_was_said() -> None:
    store = MemoryStore(entries=2, identities=3)
    ask(store, *(append(n) for n in range(5)))
    again = ask(store, append(2), append(1))
    assert [each.offset for each in again if isinstance(each, Appended)] == [2, 5]


def test_a_copy_goes_its_own_way_and_nobody_has_its_rooms_open() -> None:
    store = MemoryStore(rooms=1)
    ask(store, OpenRoom(T, "r"), append(1), ClaimNick(T, ADA, "ada", "ada"))
    copy = store.copy()
    ask(store, append(2))
    (opened,) = ask(copy, OpenRoom(T, "r"))
    assert isinstance(opened, RoomOpened)
    assert opened.head == 1
    assert ask(copy, append(1))[0] == ask(store, append(1))[0]
    assert ask(copy, ClaimNick(T, BOB, "ada", "ada")) == [NickClaimed(ClaimNick(T, BOB, "ada", "ada"), False)]
    ask(copy, CloseRoom(T, "r"), OpenRoom(T, "s"))
    assert copy.rooms == 1
    ask(store.copy(), OpenRoom(T, "s"))
