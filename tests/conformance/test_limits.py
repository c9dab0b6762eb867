"""What a limit forbids is answered by its code, and nobody who talks much is refused (SPEC.md 14)."""

import pytest

from conformance.hand import BEAT, Bench, join
from proves import proves
from udpchat_core.events import SessionClosed
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import REASSEMBLY_MAX
from udpchat_protocol.entries import Failed, Joined, Part, Say
from udpchat_protocol.entries import Log as Logs


def say(id_: int) -> Say:
    return Say(room="lobby", id=id_, flags=0, text=str(id_))


def test_rooms_of_a_session_are_limited() -> None:
    bench = Bench(rooms_per_session=3)
    guest = bench.guest()
    guest.ask(*(join(f"room {n}") for n in range(4)), join("room 1"))
    assert [each.room for each in guest.control(Joined)] == ["room 0", "room 1", "room 2"]
    assert [(each.request, each.code) for each in guest.control(Failed)] == [(3, Code.LIMIT)]
    guest.ask(Part(room="room 0"), join("room 3"))
    assert [each.room for each in guest.control(Joined)][-1] == "room 3"


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


@proves("UC-LIMIT-1", "UC-SESS-4")
def test_who_says_much_is_paced_and_never_refused() -> None:
    bench = Bench(chat_rate=10, chat_burst=3)
    guest = bench.guest()
    guest.ask(join("lobby"))
    begin = bench.now
    guest.ask(*(say(n) for n in range(12)), Part(room="lobby"))
    assert guest.acked == 4
    while guest.acked < 14:
        bench.wait(0.02)
        guest.send(BEAT)
        assert bench.now < begin + 1.2
        assert guest.acked - 5 <= (bench.now - begin) * 10  # JOIN, three at once, PART
    assert bench.now >= begin + 0.9
    assert guest.control(Failed) == []


@proves("UC-LIMIT-1")
def test_a_member_is_paced_over_all_devices_and_nobody_else_is() -> None:
    bench = Bench(chat_rate=1, chat_burst=2)
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
