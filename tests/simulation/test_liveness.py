"""Who falls silent, sleeps or leaves, and what the others are told of it: each change once, within its bound."""

from dataclasses import replace

import pytest

from net import Net, Person
from proves import proves
from udpchat_core.events import Connected, Disconnected, LinkChanged, MemberChanged
from udpchat_protocol.codes import Code, Presence
from udpchat_protocol.constants import HEARTBEAT, TIMEOUT
from udpchat_protocol.packets import Hello

RTT = 0.1
HOUR = 3600.0
UNREACHABLE, ONLINE = Presence.UNREACHABLE, Presence.ONLINE


def meet(net: Net, *names: str) -> list[Person]:
    """They are in the lobby, and know each other."""
    people = [net.person(name) for name in names]
    assert net.run(60, lambda: all(len(one.client.attendees("lobby")) == len(names) for one in people))
    net.run(20)
    for one in people:
        one.events.clear()
        one.times.clear()
    return people


def told(who: Person) -> list[tuple[float, str, Presence | None]]:
    """Every change of presence that somebody was told, and when."""
    changes = zip(who.when(MemberChanged), who.of(MemberChanged), strict=True)
    return [(when, event.nick, event.presence) for when, event in changes]


@proves("UC-LIVE-3", "UC-PRES-1")
@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_who_falls_silent_is_unreachable_once_in_time_and_online_once_on_return(loss: float) -> None:
    net = Net(2, loss=loss)
    ada, bob = meet(net, "ada", "bob")
    begin = net.now
    ada.sleep(300)
    net.run(299)
    ((when, nick, presence),) = told(bob)
    assert (nick, presence) == ("ada", UNREACHABLE)
    assert when - begin <= TIMEOUT + HEARTBEAT
    net.run(31)
    assert [each[1:] for each in told(bob)] == [("ada", UNREACHABLE), ("ada", ONLINE)]
    assert told(bob)[1][0] - begin <= 300 + (3 * HEARTBEAT if loss else RTT)
    assert [each[1] for each in told(ada)] == ["ada", "ada"], "she may read what was told of her, and nothing else"
    net.run(300)
    assert len(told(bob)) == 2
    assert not ada.of(Disconnected)
    assert not ada.of(Connected)


@proves("UC-SESS-8", "UC-PRES-1")
def test_who_quits_is_gone_at_once() -> None:
    net = Net()
    ada, bob = meet(net, "ada", "bob")
    begin = net.now
    ada.quit()
    net.run(60)
    ((when, nick, presence),) = told(bob)
    assert (nick, presence) == ("ada", None)
    assert [event.code for event in bob.of(MemberChanged)] == [Code.QUIT]
    assert when - begin == pytest.approx(RTT)


@proves("UC-PRES-1")
def test_a_member_with_two_devices_is_unreachable_once_both_are() -> None:
    net = Net()
    bob, one = meet(net, "bob", "ada")
    two = net.person("ada", state=replace(one.client.state, device=7, rooms={}))
    net.run(30)
    assert told(bob) == []
    one.sleep(200)
    net.run(60)
    assert told(bob) == []
    begin = net.now
    two.sleep(60)
    net.run(59)
    ((when, nick, presence),) = told(bob)
    assert (nick, presence) == ("ada", UNREACHABLE)
    assert when - begin <= TIMEOUT + HEARTBEAT
    net.run(10)
    assert [each[2] for each in told(bob)] == [UNREACHABLE, ONLINE]
    net.run(120)
    two.quit()
    net.run(60)
    assert [each[2] for each in told(bob)] == [UNREACHABLE, ONLINE]
    one.quit()
    net.run(60)
    assert [each[2] for each in told(bob)] == [UNREACHABLE, ONLINE, None]


@proves("UC-LIVE-2", "UC-LIVE-3")
@pytest.mark.parametrize("tells", [True, False], ids=["the client is told", "the client is not told"])
def test_a_laptop_that_slept_for_hours_and_wakes_elsewhere_reads_on_without_a_handshake(tells: bool) -> None:
    net = Net()
    ada, bob = meet(net, "ada", "bob")
    texts = [f"{n}" for n in range(300)]
    begin = net.now
    ada.sleep(8 * HOUR)
    for n in range(0, 300, 60):
        net.run(HOUR)
        for text in texts[n : n + 60]:
            bob.say(text)
    if not tells:
        ada.move(silent=True)
    net.run(begin + 8 * HOUR - net.now - 1e-6)
    assert [each[1:] for each in told(bob)] == [("ada", UNREACHABLE)]
    hellos: list[float] = []
    net.tap = lambda way, data, _: hellos.append(net.now) if data[0] == Hello.TYPE else None
    net.run(2e-6)
    woke = net.now
    if tells:
        ada.move()
    assert net.run(10, lambda: len(ada.texts()) == 300)
    assert ada.texts() == texts
    assert net.now - woke < 20 * RTT
    net.run(1)
    assert [each[1:] for each in told(bob)] == [("ada", UNREACHABLE), ("ada", ONLINE)]
    assert told(bob)[1][0] - woke < 2 * RTT, "a handshake would have taken longer"
    assert not ada.of(Connected)
    assert not ada.of(Disconnected)
    assert [event.up for event in ada.of(LinkChanged)] in ([False, True], [])
    assert not [when for when in hellos if when < told(bob)[1][0]]


@proves("UC-RECV-3")
def test_a_server_that_stalled_for_longer_than_the_timeout_takes_nobody_for_unreachable() -> None:
    net = Net()
    ada, bob = meet(net, "ada", "bob")
    net.pause_server(2 * TIMEOUT)
    net.run(TIMEOUT)
    ada.say("during")
    net.run(2 * TIMEOUT)
    assert bob.texts() == ["during"]
    assert told(ada) == told(bob) == []
    assert not ada.of(Disconnected)
