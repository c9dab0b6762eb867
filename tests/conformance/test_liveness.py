"""Who counts as silent, and when (SPEC.md 7.1)."""

from itertools import pairwise
from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, join
from net import Net
from proves import proves
from udpchat_core.events import LinkChanged, SessionClosed, SessionReachable
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import BEAT_REPEAT, EXPIRY_ROOMLESS, HEARTBEAT, SESSION_LIFE, TIMEOUT
from udpchat_protocol.frames import Heartbeat

# -- heartbeats ----------------------------------------------------------------------------------------------------


def beats(desk: Desk, count: int) -> list[float]:
    """When HEARTBEAT left, from packet `count` on."""
    return [when for when, _, frames in desk.packets[count:] if any(isinstance(each, Heartbeat) for each in frames)]


@proves("UC-LIVE-1")
@pytest.mark.parametrize(
    ("timeout", "rtt", "gap"),
    [
        (15.0, 0.0, BEAT_REPEAT),
        (15.0, 0.9, 15 / 16),
        (8.0, 0.0, 0.5),
        (3.2, 0.0, 0.2),
        (300.0, 0.0, BEAT_REPEAT),
    ],
)
def test_a_heartbeat_is_repeated_without_doubling_until_the_server_is_lost(
    timeout: float, rtt: float, gap: float
) -> None:
    desk = Desk()
    desk.connect()
    desk.wait(rtt)
    desk.give(desk.retry())
    desk.wait(rtt)
    desk.give(desk.welcome())
    desk.wait(rtt)
    desk.tell(desk.terms(timeout=round(timeout * 1000), heartbeat=1000))
    for _ in range(3):
        seen = desk.seen()
        desk.wait(max(rtt, 0.1))
        desk.send(seen)
    heard = desk.now
    count = len(desk.packets)
    desk.wait(timeout + 10)
    times = beats(desk, count)
    early = [when for when in times if when < heard + timeout]
    late = [when for when in times if when >= heard + timeout]
    assert len(early) > 5
    assert [b - a for a, b in pairwise(early[1:])] == [pytest.approx(gap)] * (len(early) - 2)
    assert [b - a for a, b in pairwise(late)] == [pytest.approx(1)] * (len(late) - 1)


@proves("UC-LIVE-1")
def test_who_has_spoken_lately_sends_no_heartbeat() -> None:
    desk = Desk()
    desk.open()
    count = len(desk.packets)
    for n in range(10):
        desk.client.nick(f"ada{n}", desk.now)
        desk.drain()
        desk.wait(0.1)
        desk.settle()
        desk.wait(HEARTBEAT - 0.2)
    assert beats(desk, count) == []


@proves("UC-LIVE-2")
def test_the_link_is_up_when_the_first_packet_of_the_session_was_heard() -> None:
    desk = Desk()
    desk.shake()
    assert desk.of(LinkChanged) == []
    desk.tell(desk.terms())
    assert [event.up for event in desk.of(LinkChanged)] == [True]


# -- a server that hears nobody ------------------------------------------------------------------------------------


def crowd(count: int, **limits: Any) -> tuple[Bench, list[Guest]]:
    """Guests in a room, all heard just now."""
    bench = Bench(**limits)
    guests = [bench.guest(f"g{n}") for n in range(count)]
    for guest in guests:
        guest.ask(join("lobby"))
        guest.send(BEAT)
    bench.wait(0.1)
    for guest in guests:
        guest.send(BEAT)
    bench.events.clear()
    return bench, guests


def told(bench: Bench) -> list[tuple[int, bool]]:
    return [(event.session, event.reachable) for event in bench.of(SessionReachable)]


def go_on(bench: Bench, seconds: float, *guests: Guest) -> None:
    """These guests speak each second."""
    for _ in range(round(seconds)):
        for guest in guests:
            guest.send(BEAT)
        bench.wait(1)


@proves("UC-LIVE-3", "UC-LIVE-4")
def test_the_only_member_is_unreachable_when_it_was_silent_for_the_timeout() -> None:
    bench, (ada,) = crowd(1)
    bench.wait(TIMEOUT - 0.01)
    assert told(bench) == []
    bench.wait(0.02)
    assert told(bench) == [(ada.session, False)]


@proves("UC-LIVE-4")
def test_the_only_one_left_of_two_is_unreachable_after_the_timeout_too() -> None:
    bench, (ada, bob) = crowd(2)
    go_on(bench, 30, bob)
    assert told(bench) == [(ada.session, False)]
    bench.wait(TIMEOUT - 1.01)
    assert told(bench) == [(ada.session, False)]
    bench.wait(0.02)
    assert told(bench) == [(ada.session, False), (bob.session, False)]


@proves("UC-LIVE-4", "UC-RECV-3")
@pytest.mark.parametrize("together", [True, False])
def test_a_server_that_was_suspended_tells_nothing_false_if_packets_wait(*, together: bool) -> None:
    bench, guests = crowd(5)
    for _ in range(5):
        bench.now += 60
        for guest in guests:
            data = guest.sealed(*guest.manners(), BEAT)
            if together:
                bench.server.receive_datagram(data, guest.path, bench.now)
            else:
                bench.give(data, guest.path)
        bench.wait(1)
        for guest in guests:
            guest.send(BEAT)
    assert told(bench) == []


@proves("UC-LIVE-4")
@pytest.mark.parametrize("pause", [16.0, 60.0, 36_000.0])
def test_a_server_that_was_suspended_tells_nothing_false_if_no_packets_wait(pause: float) -> None:
    bench, guests = crowd(3)
    bench.now += pause
    bench.wait(0)
    assert told(bench) == []
    for guest in guests:
        bench.wait(TIMEOUT / 6 - 0.1)
        assert told(bench) == []
        guest.send(BEAT)
    go_on(bench, 20, *guests)
    assert told(bench) == []


@proves("UC-LIVE-4")
def test_a_server_that_is_deaf_tells_nothing_but_runs_on() -> None:
    bench, guests = crowd(3)
    bench.wait(3600)
    assert told(bench) == []
    go_on(bench, 1, guests[0])
    assert told(bench) == []
    go_on(bench, TIMEOUT, guests[0])
    assert sorted(told(bench)) == sorted((guest.session, False) for guest in guests[1:])


@proves("UC-LIVE-4")
def test_who_are_all_silent_for_ever_go_when_their_session_is_too_old() -> None:
    bench, _ = crowd(2, heartbeat=60, timeout=300)
    bench.wait(SESSION_LIFE + 1)
    assert bench.of(SessionClosed)[0].code == Code.LIFETIME
    assert bench.server.sessions == 0


@proves("UC-LIVE-3", "UC-LIVE-4")
@pytest.mark.parametrize("pace", [1.0, HEARTBEAT])
def test_two_who_fall_silent_together_are_told_while_a_third_is_heard(pace: float) -> None:
    bench, (ada, bob, cyd) = crowd(3)
    begin = bench.now
    when: float | None = None
    while bench.now < begin + 2 * TIMEOUT:
        cyd.send(BEAT)
        bench.wait(pace / 2)
        if when is None and len(told(bench)) == 2:
            when = bench.now - begin
        bench.wait(pace / 2)
    assert sorted(told(bench)) == sorted([(ada.session, False), (bob.session, False)])
    assert when is not None
    assert TIMEOUT <= when <= 1.5 * TIMEOUT


@proves("UC-LIVE-4")
def test_of_a_stretch_in_which_nobody_was_heard_the_first_half_of_the_timeout_counts() -> None:
    for stretch, counted in ((7.0, 7.0), (7.5, 7.5), (8.0, 7.5), (100.0, 7.5)):
        bench, (ada, _, cyd) = crowd(3)
        bench.wait(stretch)
        cyd.send(BEAT)
        left = TIMEOUT - counted
        while bench.now < 1000 + stretch + left - 1.05:
            bench.wait(1)
            cyd.send(BEAT)
            assert told(bench) == []
        go_on(bench, TIMEOUT / 2 + 2, cyd)
        assert (ada.session, False) in told(bench)


@proves("UC-LIVE-4", "UC-LIVE-3")
def test_nobody_expires_while_the_server_is_deaf() -> None:
    bench, (ada, _) = crowd(2)
    ada.send(BEAT)
    roomless = bench.guest("roomless")
    bench.wait(EXPIRY_ROOMLESS + 30)
    assert bench.of(SessionClosed) == []
    go_on(bench, 2, ada)
    assert bench.of(SessionClosed) == []
    go_on(bench, EXPIRY_ROOMLESS + 10, ada)
    assert [event.session for event in bench.of(SessionClosed)] == [roomless.session]


@proves("UC-LIVE-4", "UC-RECV-1")
def test_noise_is_nobody() -> None:
    """What does not verify does not make the clock go on: forged and replayed packets each second."""
    bench, guests = crowd(2)
    old = [guest.sealed(BEAT) for guest in guests]
    for data, guest in zip(old, guests, strict=True):
        bench.give(data, guest.path)
    for _ in range(120):
        bench.wait(1)
        for data, guest in zip(old, guests, strict=True):
            bench.give(data, guest.path)
            bench.give(data[:4] + bytes((1,)) + data[5:], guest.path)
    assert told(bench) == []


@proves("UC-LIVE-1", "UC-LIVE-3")
def test_in_a_network_that_loses_a_third_nobody_seems_unreachable_for_an_hour() -> None:
    net = Net(5, loss=0.3, delay=(0.02, 0.3), reorder=0.3)
    for name in ("ada", "bob", "cyd"):
        net.person(name)
    net.run(3600)
    assert [event for event in net.server_events if isinstance(event, SessionReachable)] == []
