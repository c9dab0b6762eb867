"""The sans-IO contract: every verb is safe in any state, and the outputs are drained in their order."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, entry, join
from net import Net, entropy
from udpchat_core.client import Client
from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import Closed
from udpchat_core.state import ClientState
from udpchat_protocol.constants import SESSION_LIFE
from udpchat_protocol.entries import Nick, Quit
from udpchat_protocol.packets import Hello, Refused, Reset, Retry, Sealed, Versions, Welcome

VALID = [
    Hello(version=1, token=1, cookie=b"", noise=b"").build(),
    Hello(version=1, token=1, cookie=bytes(32), noise=bytes(96)).build(),
    Retry(version=1, token=1, flags=0, cookie=bytes(32), key=bytes(32)).build(),
    Welcome(version=1, token=1, noise=bytes(80)).build(),
    Sealed(number=0, session=1, ciphertext=bytes(40)).build(),
    Reset(session=1, reset=bytes(16)).build(),
    Versions(token=1, versions=(1, 2)).build(),
    Refused(token=1, code=7).build(),
]
"""Every type of packet."""


def new_client(seed: int = 0) -> Client:
    return Client(ClientState(entropy(("id", seed))(32), 1, nick="ada"), entropy=entropy(seed))


def test_a_client_before_connect_takes_everything_and_sends_nothing() -> None:
    client = new_client()
    for data in (*VALID, b"", bytes(2000)):
        client.receive_datagram(data, "p", 5.0)
    client.handle_timeout(7.0)
    client.handle_timeout(6.0)
    client.store_completed(StateSaved(SaveState(())), 7.0)
    client.moved("q", 7.0)
    assert client.store_requests() == []
    assert client.events() == []
    assert client.datagrams_to_send(7.0) == []
    assert client.next_timeout() is None


def test_a_client_after_close_takes_everything_and_sends_nothing() -> None:
    client = new_client()
    client.connect("p", 0.0)
    client.quit(0.0)
    assert [type(event) for event in client.events()] == [Closed]
    for data in (*VALID, b"", bytes(2000)):
        client.receive_datagram(data, "p", 5.0)
    client.handle_timeout(1e6)
    client.quit(1e6)
    client.moved("q", 1e6)
    assert client.events() == []
    assert client.datagrams_to_send(1e6) == []
    assert client.next_timeout() is None


@pytest.mark.parametrize("state", ["IDLE", "GREETING", "OPEN", "CLOSED"])
def test_a_command_that_cannot_be_is_the_callers_mistake_and_changes_nothing(state: str) -> None:
    desk = Desk(rooms={"lobby": None})
    if state == "GREETING":
        desk.connect()
    elif state == "OPEN":
        desk.open()
    elif state == "CLOSED":
        desk.client.quit(desk.now)
        desk.drain()
    client, now, before = desk.client, desk.now, desk.client.state
    mistakes = [
        lambda: client.say("lobby", "", now),
        lambda: client.say("lobby", "x" * 1001, now),
        lambda: client.say("lobby", "\ud800", now),
        lambda: client.say("elsewhere", "x", now),
        lambda: client.join("@", now),
        lambda: client.join("", now),
        lambda: client.join("x" * 65, now),
        lambda: client.join("\ud800", now),
        lambda: client.join("fine", now, newest=-1),
        lambda: client.join("fine", now, newest=65_536),
        lambda: client.nick("", now),
        lambda: client.nick("x" * 33, now),
        lambda: client.part("elsewhere", now),
        lambda: client.accept_server(bytes(32), None, now),
        lambda: client.quit(now, "x" * 201),
    ]
    for mistake in mistakes:
        with pytest.raises(LocalProtocolError):
            mistake()
        assert client.state == before
    if state != "IDLE":
        with pytest.raises(LocalProtocolError):
            client.connect("p", now)


def test_commands_before_connect_are_wishes() -> None:
    desk = Desk()
    desk.client.nick("ada", desk.now)
    desk.client.join("lobby", desk.now)
    said = desk.client.say("lobby", "early", desk.now)
    desk.open(seen=False)
    assert [type(body).__name__ for body in desk.asked] == ["Nick", "Join", "Say"]
    assert desk.asked[2].id == said


def test_while_output_waits_the_deadline_is_not_after_now() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.client.connect("p", desk.now)

    def due() -> bool:
        when = desk.client.next_timeout()
        return when is not None and when <= desk.now

    assert due()
    desk.drain()
    assert not due()
    desk.client.say("lobby", "x", desk.now)
    assert due()  # the state is to be saved
    desk.open()
    desk.client.say("lobby", "x", desk.now)
    assert due()
    desk.drain()
    assert not due()
    bench = Bench()
    bench.server.receive_datagram(Guest(bench).hello(), "p", bench.now)
    assert bench.server.next_timeout() == bench.now
    bench.server.datagrams_to_send(bench.now)
    assert bench.server.next_timeout() is None


def test_a_drained_output_is_empty() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.open()
    desk.client.say("lobby", "x", desk.now)
    desk.drain()
    assert desk.client.store_requests() == []
    assert desk.client.events() == []
    assert desk.client.datagrams_to_send(desk.now) == []


def test_events_may_be_taken_one_by_one() -> None:
    desk = Desk(pinned=False)
    desk.takes = False
    desk.connect()
    desk.give(desk.retry())
    assert desk.client.events_waiting
    assert len(desk.client.events(1)) == 1
    assert desk.client.events(0) == []
    assert not desk.client.events_waiting


def mutated(random: Random, recorded: list[bytes]) -> bytes:
    """One of the datagrams, with a byte of it changed more often than not."""
    data = bytearray(random.choice(recorded))
    if random.random() < 0.7:
        data[random.randrange(len(data))] ^= random.randrange(1, 256)
    return bytes(data)


def answered(desk: Desk, recorded: list[bytes]) -> None:
    """The server answers the last HELLO, if that is what the client waits for."""
    for answer in (Desk.retry, Desk.welcome):
        if desk.sent and desk.sent[-1][1][0] == Hello.TYPE and (desk.hello.noise or answer is Desk.retry):
            recorded.append(answer(desk))
            desk.give(recorded[-1])


@pytest.mark.parametrize("seed", range(12))
def test_any_verb_at_any_time_on_any_state_of_a_client(seed: int) -> None:
    random = Random(seed)
    desk = Desk(seed, rooms={"lobby": None}, nick="ada", pinned=seed % 3 > 0)
    client, recorded = desk.client, [*VALID]

    def spoken() -> None:
        if desk.seal is not None:
            recorded.append(desk.seal.seal(random.choice((BEAT, entry(0, desk.terms()))).build_frame()))
            desk.give(recorded[-1])

    verbs: list[Callable[[float], object]] = [
        lambda now: client.connect("p", now),
        lambda now: client.receive_datagram(mutated(random, recorded), "p", now),
        client.handle_timeout,
        lambda now: client.say("lobby", "x" * random.choice((0, 1, 1000)), now),
        lambda now: client.join(random.choice(("lobby", "a", "@")), now),
        lambda now: client.part("lobby", now),
        lambda now: client.nick("bob", now),
        lambda now: client.accept_server(desk.key, None, now),
        lambda now: client.moved("q", now),
        lambda now: answered(desk, recorded),
        lambda now: spoken(),
    ]
    for _ in range(150):
        desk.now += random.choice((0, 0, 0.01, 1, 20, 1000))
        with suppress(LocalProtocolError):
            random.choice(verbs)(desk.now + random.choice((0, 0, -3, 3)))
        desk.drain()
        if random.random() < 0.003:
            client.quit(desk.now)
    desk.wait(500)


class Crowd:
    """Guests who do anything at any time."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.bench = Bench(
            seed, half_open=16, sessions=4, devices=2, timeout=3, heartbeat=1, expiry=30, expiry_roomless=10
        )
        names = [(self.random.choice("abcde"), self.random.randrange(3)) for _ in range(8)]
        self.guests = [Guest(self.bench, name, device=device) for name, device in names]
        self.recorded = [*VALID]

    def shake(self, guest: Guest) -> None:
        self.recorded.append(guest.prove())
        for answer, _ in self.bench.give(self.recorded[-1], guest.path):
            if answer[0] == Welcome.TYPE:
                guest.welcomed(Welcome.parse_untrusted(answer))

    def beat(self, guest: Guest) -> None:
        if guest.seal is not None:
            self.recorded.append(guest.sealed(*guest.manners(), BEAT))
            self.bench.give(self.recorded[-1], self.random.choice(self.guests).path)

    def ask(self, guest: Guest) -> None:
        if guest.seal is not None:
            guest.ask(self.random.choice((Nick(nick="x"), join("lobby"), join("@"), Quit(reason=""))))

    def mutate(self, guest: Guest) -> None:
        self.bench.give(mutated(self.random, self.recorded), guest.path)

    def tick(self, guest: Guest) -> None:
        self.bench.server.handle_timeout(self.bench.now + self.random.choice((-5, 0, 5)))
        self.bench.drain()

    def wait(self, guest: Guest) -> None:
        self.bench.wait(self.random.choice((0.1, 4, 40)))

    def close(self, guest: Guest) -> None:
        if self.random.random() < 0.05:
            self.bench.server.close(self.bench.now)
            self.bench.drain()


@pytest.mark.parametrize("seed", range(8))
def test_any_verb_at_any_time_on_any_state_of_a_server(seed: int) -> None:
    crowd = Crowd(seed)
    bench, random = crowd.bench, crowd.random
    verbs = [crowd.shake, crowd.beat, crowd.ask, crowd.mutate, crowd.mutate, crowd.tick, crowd.wait, crowd.close]
    for _ in range(200):
        bench.now += random.choice((0, 0, 0.01, 0.5, 5))
        random.choice(verbs)(random.choice(crowd.guests))
        assert bench.server.sessions <= 4
        assert bench.server.tables["half_open"] <= 16
    bench.wait(SESSION_LIFE)  # those who fell silent all together are over by then (UC-LIVE-4)
    assert dict(bench.server.tables) == dict.fromkeys(bench.server.tables, 0)
    assert bench.server.next_timeout() is None


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_gives_the_same_history(seed: int) -> None:
    def history() -> list[object]:
        net = Net(seed, loss=0.2)
        sent: list[object] = []
        net.tap = lambda way, data, path: sent.append((way, data, path))
        ada, bob = net.person("ada"), net.person("bob")
        net.run(5)
        ada.say("x")
        net.run(10)
        return [*sent, *ada.events, *bob.events]

    assert history() == history()
