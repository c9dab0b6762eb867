"""What a limit forbids is answered by its code, and nobody who talks much is refused (SPEC.md 14)."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from conformance.hand import BEAT, Bench, entry, join
from proves import proves
from udpchat_core.effects import CloseRoom, OpenRoom, ServerRequest
from udpchat_core.events import SessionClosed, SessionReachable
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import CONTROL_BYTES, REASSEMBLY_MAX
from udpchat_protocol.entries import Body, Failed, History, Join, Joined, Nick, Part, Quit, Say
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import Bye, Entry
from udpchat_stores.memory import Done, MemoryStore


def say(id_: int) -> Say:
    return Say(room="lobby", id=id_, flags=0, text=str(id_))


@proves("UC-LIMIT-7")
def test_rooms_of_a_session_are_limited() -> None:
    bench = Bench(rooms_per_session=3)
    guest = bench.guest()
    guest.ask(*(join(f"room {n}") for n in range(4)), join("room 1"))
    assert [each.room for each in guest.control(Joined)] == ["room 0", "room 1", "room 2"]
    assert [(each.request, each.code) for each in guest.control(Failed)] == [(3, Code.LIMIT)]
    guest.ask(Part(room="room 0"), join("room 3"))
    assert [each.room for each in guest.control(Joined)][-1] == "room 3"
    other = bench.guest("ada", device=2)
    other.ask(*(join(f"room {n}") for n in range(3, 6)))  # each session has its own
    assert other.control(Failed) == []


@proves("UC-LIMIT-7")
def test_rooms_in_all_are_limited_and_an_empty_one_makes_place() -> None:
    bench = Bench(rooms=2)
    ada, bob = bench.guest("ada"), bench.guest("bob")
    ada.ask(join("a"), join("b"), join("c"))
    bob.ask(join("a"), join("d"))
    assert [(each.request, each.code) for each in ada.control(Failed)] == [(2, Code.LIMIT)]
    assert [(each.request, each.code) for each in bob.control(Failed)] == [(1, Code.LIMIT)]
    ada.ask(Part(room="b"))
    bob.ask(join("d"))
    assert [each.room for each in bob.control(Joined)] == ["a", "d"]
    assert bench.server.tables["rooms"] == 2


@proves("UC-LIMIT-7")
def test_a_room_that_nobody_came_into_takes_no_place_for_long() -> None:
    store = MemoryStore(hold=True, clock=lambda: 1)
    bench = Bench(rooms=1, store=store)
    gone, ada = bench.guest("gone"), bench.guest("ada")
    bench.release()
    gone.ask(join("theirs"))
    gone.send(Bye(code=0, reason=""))
    bench.release()
    ada.ask(join("hers"))
    bench.release()
    assert [each.room for each in ada.control(Joined)] == ["hers"]
    assert bench.server.tables["rooms"] == 1


@proves("UC-LIMIT-4")
def test_devices_of_a_key_are_limited() -> None:
    bench = Bench(devices=2)
    first, second, third = (bench.guest("ada", device=n) for n in range(3))
    assert [guest.farewells for guest in (first, second, third)] == [[], [], [Code.LIMIT]]
    assert bench.server.sessions == 2
    again = bench.guest("ada", device=1)
    assert again.farewells == []
    assert second.farewells == [Code.REPLACED]
    assert bench.guest("bob").farewells == []
    assert not bench.of(SessionClosed)[1:]
    first.ask(Quit(reason=""))
    assert bench.guest("ada", device=3).farewells == []


@proves("UC-LIMIT-3")
def test_the_device_that_was_silent_for_longest_goes_for_a_new_one() -> None:
    bench = Bench(devices=3, timeout=5)
    phone, laptop, tablet = (bench.guest("ada", device=n) for n in range(3))
    for guest in (phone, laptop, tablet):
        guest.ask(Nick(nick="ada"), join("lobby"))
    bench.wait(1)
    phone.send(BEAT)
    for _ in range(4):
        bench.wait(1.5)
        tablet.send(BEAT)
    bench.wait(5)
    tablet.send(BEAT)
    assert [event.reachable for event in bench.of(SessionReachable)] == [False, False, False, True]
    new = bench.guest("ada", device=3)
    new.ask(Nick(nick="ada"))
    assert [guest.farewells for guest in (phone, laptop, tablet, new)] == [[], [Code.LIMIT], [], []]
    assert new.control(Failed) == []
    assert bench.server.tables["members"] == 1


@proves("UC-LIMIT-3")
def test_a_member_with_one_device_may_come_with_another_when_that_is_silent() -> None:
    bench = Bench(devices=1, timeout=5)
    old = bench.guest("ada", device=1)
    old.ask(join("lobby"))
    bench.wait(6)
    new = bench.guest("ada", device=2)
    assert (old.farewells, new.farewells) == ([Code.LIMIT], [])
    new.ask(Nick(nick="ada"), join("lobby"))
    assert (new.acked, bench.server.tables["members"], bench.server.sessions) == (2, 1, 1)
    assert bench.guest("ada", device=3).farewells == [Code.LIMIT]


@proves("UC-WIRE-1")
@pytest.mark.parametrize(("kind", "size"), [(Nick.KIND, 32), (Join.KIND, 64)], ids=["a nick", "the name of a room"])
def test_a_name_may_be_as_long_as_its_layout_says_and_no_longer(kind: int, size: int) -> None:
    bench = Bench()
    guest = bench.guest()
    rest = bytes(26) if kind == Join.KIND else b""
    for length in (size, size + 1, 0, size):
        body = bytes((length,)) + b"x" * length + rest
        guest.send(Entry(channel=0, offset=guest.offset, kind=kind, body=body))
        guest.offset += 1
    bench.wait(0.1)
    assert guest.acked == 4
    assert [(each.request, each.code) for each in guest.control(Failed)] == [(1, Code.MALFORMED), (2, Code.MALFORMED)]


# -- pace ----------------------------------------------------------------------------------------------------------


@proves("UC-LIMIT-1", "UC-SESS-4")
def test_who_says_much_is_paced_and_never_refused() -> None:
    bench = Bench(chat_rate=10, chat_burst=4)
    guest = bench.guest()
    begin = bench.now
    guest.ask(join("lobby"), *(say(n) for n in range(12)), Part(room="lobby"))
    assert guest.acked == 4
    while guest.acked < 14:
        bench.wait(0.02)
        guest.send(BEAT)
        assert bench.now < begin + 1.2
        assert guest.acked - 4 <= (bench.now - begin) * 10 + 0.01
    assert bench.now >= begin + 0.9
    assert guest.control(Failed) == []


@proves("UC-LIMIT-1")
@pytest.mark.parametrize(
    "bodies",
    [
        [Nick(nick=f"n{n}") for n in range(5)],
        [join(f"r{n}") for n in range(5)],
        [Part(room="nowhere") for _ in range(5)],
        [History(room="nowhere", start=0, count=1) for _ in range(5)],
        [say(n) for n in range(5)],
    ],
    ids=["NICK", "JOIN", "PART", "HISTORY", "SAY"],
)
def test_every_kind_of_entry_costs_the_same_whatever_becomes_of_it(bodies: list[Body]) -> None:
    bench = Bench(chat_rate=1, chat_burst=3)
    guest = bench.guest()
    guest.ask(*bodies)
    guest.ask()
    assert guest.acked == 3
    bench.wait(1)
    guest.ask()
    assert guest.acked == 4
    bench.wait(1)
    guest.ask()
    assert guest.acked == 5


@proves("UC-LIMIT-1")
def test_an_entry_that_the_wire_does_not_know_costs_as_much_and_quit_nothing() -> None:
    bench = Bench(chat_rate=1, chat_burst=3)
    guest = bench.guest()
    for offset in range(5):
        guest.send(Entry(channel=0, offset=offset, kind=0x1F, body=b"?"))
    bench.wait(0.1)
    assert guest.acked == 3
    bench.wait(2)
    assert guest.acked == 5
    guest.offset = 5
    guest.ask(Quit(reason=""))
    assert guest.farewells == [Code.QUIT]


@proves("UC-LIMIT-1")
def test_an_entry_that_waits_for_the_store_pays_once() -> None:
    store = MemoryStore(hold=True, clock=lambda: 1)
    bench = Bench(chat_rate=1, chat_burst=4, store=store)
    bob = bench.guest("bob")
    bench.release()
    bob.ask(join("lobby"))
    bench.release()
    guest = bench.guest()
    bench.release()
    guest.ask(Nick(nick="ada"), join("lobby", newest=7), Nick(nick="lovelace"), join("other"), Part(room="other"))
    for _ in range(9):
        bench.release()
        bench.wait(0.01)
    guest.send(BEAT)
    assert guest.acked == 4
    bench.wait(1)
    assert guest.acked == 5
    assert guest.control(Failed) == []


@proves("UC-LIMIT-1")
def test_a_member_is_paced_over_all_devices_and_nobody_else_is() -> None:
    bench = Bench(chat_rate=1, chat_burst=4)
    one, two, bob = bench.guest("ada", device=1), bench.guest("ada", device=2), bench.guest("bob")
    for guest in (one, two, bob):
        guest.ask(join("lobby"))
    one.ask(say(1), say(2))
    two.ask(say(3))
    bob.ask(say(4))
    assert (one.acked, two.acked, bob.acked) == (3, 1, 2)
    bench.wait(1.1)
    assert two.acked == 2


@proves("UC-LIMIT-1")
@pytest.mark.parametrize("rate", [0.1, 0.3, 7.0, 10.0, 33.3, 1000.0])
@pytest.mark.parametrize("now", [0.0, 1e3, 1e6 + 1 / 3, 1e9 + 1 / 7])
def test_pacing_ends_on_any_clock(rate: float, now: float) -> None:
    bench = Bench(chat_rate=max(rate, 1), chat_burst=1)
    bench.now = now
    guest = bench.guest()
    guest.ask(join("lobby"))
    for n in range(20):
        guest.ask(say(n))
    bench.wait(25)  # raises if the server spins
    guest.send(BEAT)
    bench.wait(1)
    guest.send(BEAT)
    assert guest.acked == 21
    assert len(guest.read(Logs.CHAT, guest.control(Joined)[0].chat_channel)) == 20


# -- bytes ---------------------------------------------------------------------------------------------------------


@proves("UC-LIMIT-6")
def test_what_a_session_does_not_acknowledge_is_bounded_in_bytes_and_goes_on_when_it_does() -> None:
    bench = Bench(chat_rate=1e6, chat_burst=1e6, rooms_per_session=1000)
    crowd = [bench.guest(f"crowd {n}") for n in range(60)]
    for n, one in enumerate(crowd):
        one.ask(Nick(nick=f"{n:02}" + "x" * 30), join("full"))
    guest = bench.guest(polite=False)
    for _ in range(60):
        guest.ask(join("full"), Part(room="full"))  # two or three KB of roster each time
        guest.send(*guest.manners()[:1])  # SEEN, so that the window stays open, and no ACK
    held = sum(len(each.build_frame()) for _, each in guest.entries(0))
    assert CONTROL_BYTES - 4000 < held < CONTROL_BYTES + 4000
    assert 30 < guest.acked < 60
    before = guest.acked
    for _ in range(80):
        guest.send(*guest.manners(), BEAT)
        bench.wait(0.05)
        late = [entry(n, join("full") if n % 2 == 0 else Part(room="full")) for n in range(before, 120)]
        guest.send(*late[:20])
        before = guest.acked
    assert guest.acked == 120
    assert guest.control(Failed) == []


@proves("UC-LIMIT-8")
@pytest.mark.parametrize("slow", [False, True])
def test_a_store_is_told_once_for_each_opening_that_a_room_is_closed(slow: bool) -> None:
    store = Ledger(hold=slow, clock=lambda: 1)
    bench = Bench(rooms=3, store=store, chat_rate=1e6, chat_burst=1e6)
    guests = [bench.guest(f"g{n}") for n in range(4)]
    random = Random(5)
    for turn in range(60):
        for guest in guests:
            room = f"r{random.randrange(5)}"
            guest.ask(random.choice((join(room), join(room), Part(room=room))))
            if slow:
                bench.release(random.randrange(4) or None)
        if turn % 7 == 6:
            guests[turn % 4].send(Bye(code=0, reason=""))
            guests[turn % 4] = bench.guest(f"g{turn % 4}")
    assert max(store.open.values()) > 0
    for guest in guests:
        guest.send(Bye(code=0, reason=""))
    for _ in range(20):
        bench.release()
    late = bench.guest("late")
    bench.release()
    for n in range(4):  # the last one does not fit: whatever nobody came into is closed by then
        late.ask(join(f"last {n}"))
        bench.release()
        bench.release()
    late.send(Bye(code=0, reason=""))
    bench.release()
    assert bench.server.tables["rooms"] == 0
    assert set(store.open.values()) == {0}
    assert store.least == 0


class Ledger(MemoryStore):
    """Notes how often each room was opened and not closed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.open: Counter[str] = Counter()
        self.least = 0

    def submit(self, requests: Sequence[ServerRequest], done: Done) -> None:
        for request in requests:
            if isinstance(request, OpenRoom | CloseRoom):
                self.open[request.room] += 1 if isinstance(request, OpenRoom) else -1
                self.least = min(self.least, self.open[request.room])
        super().submit(requests, done)


@proves("UC-LOG-3", "UC-RECV-1")
def test_what_waits_out_of_order_is_bounded_and_given_back() -> None:
    bench = Bench(reassembly=65_536)
    guests = [bench.guest(f"g{n}") for n in range(4)]
    for guest in guests:
        guest.polite = False
        for offset in range(1, 32):
            guest.send(b"\x04\x04\x0d" + bytes(4) + offset.to_bytes(8, "big") + b"\x77" + bytes(1024))
        assert bench.server.tables["reassembly"] <= 65_536
    bench.wait(0.1)
    assert bench.server.tables["reassembly"] > 60_000
    assert len(guests[3].listed) < 10 < len(guests[0].listed)
    for guest in guests:
        guest.send(b"\x07\x00\x02\x01\x00")
    assert bench.server.tables["reassembly"] == 0
    assert REASSEMBLY_MAX >= 65_536
