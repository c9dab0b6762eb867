"""The plaintext dialect: its server and its client, each alone (SPEC.md, appendix B)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.hand import Bench
from conformance.test_tables import number, rows
from proves import proves
from udpchat_core import plaintext
from udpchat_core.errors import LocalProtocolError
from udpchat_core.path import Datagram, Path
from udpchat_core.plaintext import PlainCame, PlainHeard, PlainLeft, PlainSaid
from udpchat_core.plaintext_client import PlaintextClient
from udpchat_core.plaintext_server import PlaintextLimits, PlaintextServer
from udpchat_protocol.codes import Code
from udpchat_protocol.packets import Hello

HELLO = Hello(version=1, token=7, cookie=b"", noise=b"").build()


class Port:
    """The real server, and a clock. Paths that begin with `far` are not on loopback."""

    def __init__(self, **limits: float) -> None:
        self.now = 1000.0
        self.server = PlaintextServer(
            is_loopback=lambda path: not str(path).startswith("far"),
            limits=PlaintextLimits(**limits),  # pyright: ignore[reportArgumentType]
        )
        self.events: list[object] = []

    def give(self, data: bytes, path: Path = "ada") -> list[Datagram]:
        """One datagram in, and everything that comes out at once."""
        self.server.receive_datagram(data, path, self.now)
        return self.drain()

    def drain(self) -> list[Datagram]:
        self.events += self.server.events()
        return self.server.datagrams_to_send(self.now)

    def wait(self, seconds: float) -> None:
        """Let time pass, from deadline to deadline; nothing leaves by itself."""
        end = self.now + seconds
        while (when := self.server.next_timeout()) is not None and when <= end:
            assert when > self.now, "the server spins"
            self.now = when
            self.server.handle_timeout(when)
            assert self.drain() == []
        self.now = end

    @property
    def dropped(self) -> dict[str, int]:
        return {reason: count for reason, count in self.server.counters.dropped.items() if count}


# -- what a datagram does ------------------------------------------------------------------------------------------


@proves("UC-PLAIN-2", "UC-PLAIN-3")
def test_a_text_is_answered_to_everyone_the_sender_included() -> None:
    port = Port()
    assert port.give(b"hello server") == [(b"ack hello server", "ada")]
    assert port.give(b"good morning", "bob") == [(b"ack good morning", "ada"), (b"ack good morning", "bob")]
    assert port.events == [
        PlainCame("ada"),
        PlainSaid("ada", "hello server"),
        PlainCame("bob"),
        PlainSaid("bob", "good morning"),
    ]


@proves("UC-PLAIN-2")
@pytest.mark.parametrize("data", [b"^hb^", b" ^hb^\r\n", b"\t^hb^ ", b"", b"\n", b" \x0b\x0c "])
def test_a_heartbeat_makes_a_client_and_is_answered_with_nothing(data: bytes) -> None:
    port = Port()
    assert port.give(data) == []
    assert port.events == [PlainCame("ada")]
    assert port.give(b"hi", "bob") == [
        (b"ack hi\n" if data.endswith(b"\n") else b"ack hi", "ada"),
        (b"ack hi", "bob"),
    ]


@proves("UC-PLAIN-2")
@pytest.mark.parametrize("data", [b"quit", b" quit\n", b"\r\nquit\t"])
def test_who_quits_gets_nothing_more_until_they_say_something(data: bytes) -> None:
    port = Port()
    port.give(b"hi")
    port.give(b"hi", "bob")
    assert port.give(data) == []
    assert port.events[-1] == PlainLeft("ada", Code.QUIT)
    assert port.give(b"bye, ada", "bob") == [(b"ack bye, ada", "bob")]
    assert port.give(data) == port.give(data, "nobody") == []
    assert port.events[-1] == PlainSaid("bob", "bye, ada")
    assert port.give(b"back") == [(b"ack back", "bob"), (b"ack back", "ada")]
    assert port.dropped == {}


@proves("UC-PLAIN-2")
@pytest.mark.parametrize(
    "data", [b"quit now", b"Quit", b"^hb^^hb^", b"^HB^", b"ack", b"acknowledged", b"bye", b" ack x"]
)
def test_what_only_resembles_a_word_is_text(data: bytes) -> None:
    assert Port().give(data) == [(b"ack " + data, "ada")]


@proves("UC-PLAIN-2", "UC-PLAIN-6")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x" * 1201, "size"),
        (b"ack x" + b"x" * 1200, "size"),
        (b"ack hello", "type"),
        (b"ack ", "type"),
        (b"bye bye", "type"),
        (b"bye bye\n", "type"),
        (b"bye bye, all", "type"),
        (HELLO, "type"),
    ],
)
def test_what_is_dropped_changes_nothing(data: bytes, reason: str) -> None:
    port = Port()
    assert port.give(data) == []
    assert (port.server.clients, port.server.addresses, port.events) == (0, 0, [])
    assert port.dropped == {reason: 1}
    port.give(b"^hb^")
    port.wait(6)
    assert port.give(data) == []
    port.wait(5)
    assert port.events == [PlainCame("ada"), PlainLeft("ada", Code.EXPIRED)], "and nobody is refreshed by it"


@proves("UC-PLAIN-1")
def test_plaintext_means_nothing_to_the_sealed_server() -> None:
    bench = Bench()
    for data in (b"hello server", b"^hb^", b"quit"):
        assert bench.give(data) == []
    assert bench.dropped == {"type": 3}


@proves("UC-PLAIN-3", "UC-TEXT-1")
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("zażółć 🙂".encode(), "zażółć 🙂"),
        (b"two\nlines", "two lines"),
        (b"  blanks stay  ", "  blanks stay  "),
        (b"one\r\n", "one"),
        (b"\x1b[2Jgone\x07", "\ufffd[2Jgone\ufffd"),
        (b"\xff\xfeno text", "\ufffd\ufffdno text"),
        ("\u202eright to left".encode(), "\ufffdright to left"),
        (b"\x00\x9b", "\ufffd\ufffd"),
        (b"x" * 1200, "x" * 1000),
        ("ż".encode() * 600, "ż" * 500),
        (b"x" + "ż".encode() * 599, "x" + "ż" * 499),
        (b"\xff" * 1200, "\ufffd" * 333),
    ],
)
def test_a_text_is_made_harmless_and_cut(data: bytes, text: str) -> None:
    port = Port()
    ((answer, _),) = port.give(data)
    assert answer.rstrip(b"\n").decode() == "ack " + text
    assert port.events[-1] == PlainSaid("ada", text)
    assert len(answer) <= 1004


@proves("UC-PLAIN-7")
def test_who_ends_with_a_line_feed_is_answered_so() -> None:
    port = Port()
    port.give(b"hello server")
    assert port.give(b"hi\n", "nc") == [(b"ack hi", "ada"), (b"ack hi\n", "nc")]
    port.server.tell("ann: hello")
    port.server.close(port.now)
    assert port.drain() == [
        (b"ann: hello", "ada"),
        (b"ann: hello\n", "nc"),
        (b"bye bye", "ada"),
        (b"bye bye\n", "nc"),
    ]


# -- time ----------------------------------------------------------------------------------------------------------


@proves("UC-PLAIN-4")
def test_the_silent_are_dropped_in_time_and_may_come_back() -> None:
    port = Port(interval=5.0)
    port.give(b"hi")
    port.give(b"hi", "bob")
    port.wait(4)
    assert port.give(b"^hb^", "bob") == []
    port.wait(2)
    assert port.events[-1] == PlainLeft("ada", Code.EXPIRED)
    assert port.give(b"who is here?", "bob") == [(b"ack who is here?", "bob")]
    assert [path for _, path in port.give(b"me again")] == ["bob", "ada"]
    port.wait(100)
    assert port.server.next_timeout() is None
    assert port.server.addresses == 0


@proves("UC-PLAIN-4")
def test_the_silent_get_nothing_more_even_if_time_was_not_let_pass() -> None:
    port = Port(interval=5.0)
    port.give(b"hi")
    port.now += 5.5
    assert port.give(b"alone?", "bob") == [(b"ack alone?", "bob")]


@proves("UC-PLAIN-5")
def test_a_server_that_stops_says_so_to_every_client() -> None:
    port = Port()
    for name in ("ada", "bob", "cleo"):
        port.give(b"^hb^", name)
    port.give(b"quit", "bob")
    port.server.close(port.now)
    assert port.drain() == [(b"bye bye", "ada"), (b"bye bye", "cleo")]
    assert port.events[-2:] == [PlainLeft("ada", Code.SHUTDOWN), PlainLeft("cleo", Code.SHUTDOWN)]
    assert port.server.next_timeout() is None


# -- safety --------------------------------------------------------------------------------------------------------


@proves("UC-PLAIN-6")
def test_two_servers_that_take_each_other_for_clients_fall_silent() -> None:
    one, two = Port(), Port()
    two.give(b"^hb^", "one")
    crossing = [data for data, path in one.give(b"forged", "two") if path == "two"]
    assert crossing == [b"ack forged"]
    assert two.give(crossing[0], "one") == []
    one.server.close(one.now)
    assert two.give(one.drain()[0][0], "one") == []


@proves("UC-PLAIN-9")
def test_off_loopback_an_address_gets_so_many_times_what_it_sent() -> None:
    port = Port(budget=2, burst=1000)
    port.give(b"^hb^", "far away")
    assert port.give(b"1234") == [(b"ack 1234", "far away"), (b"ack 1234", "ada")]
    assert port.give(b"1234") == [(b"ack 1234", "ada")]
    assert port.server.withheld == 1
    port.give(b"^hb^", "far away")
    assert (b"ack 1234", "far away") in port.give(b"1234")
    port.server.close(port.now)
    assert port.drain() == [(b"bye bye", "ada")]


@proves("UC-PLAIN-9")
def test_by_default_it_is_sixty_four_times_and_nobody_gains_by_coming_again() -> None:
    port = Port(burst=1e6)
    port.give(b"^hb^", "far away")
    sent = 0
    for _ in range(100):
        sent += sum(len(data) for data, path in port.give(b"x" * 60) if path == "far away")
    assert 4 * 64 - 64 < sent <= 4 * 64
    port.give(b"quit", "far away")
    assert [path for _, path in port.give(b"x" * 60)] == ["ada"]
    port.wait(11)
    port.give(b"^hb^", "far away")
    sent = sum(len(data) for _ in range(100) for data, path in port.give(b"x" * 60) if path == "far away")
    assert sent <= 4 * 64


@proves("UC-PLAIN-9")
def test_a_silent_listener_on_loopback_hears_everything() -> None:
    port = Port(burst=1e6)
    port.give(b"^hb^", "listener")
    assert sum(path == "listener" for _ in range(500) for _, path in port.give(b"x" * 1000)) == 500


@proves("UC-PLAIN-10")
def test_so_many_addresses_and_no_more_are_remembered() -> None:
    port = Port(clients=3)
    for name in ("ada", "bob", "cleo"):
        port.give(b"^hb^", name)
    assert port.give(b"let me in", "dora") == []
    assert port.dropped == {"refused": 1}
    assert len(port.give(b"we go on")) == 3
    port.wait(8)
    port.give(b"^hb^", "ada")
    port.wait(3)
    assert port.give(b"let me in", "dora") == [(b"ack let me in", "ada"), (b"ack let me in", "dora")]


@proves("UC-PLAIN-10")
def test_texts_are_limited_and_heartbeats_are_not() -> None:
    port = Port(rate=10, burst=5)
    assert sum(bool(port.give(b"flood")) for _ in range(50)) == 5
    assert port.dropped == {"refused": 45}
    for _ in range(1000):
        port.give(b"^hb^")
    port.now += 0.1
    assert [bool(port.give(b"patience")) for _ in range(2)] == [True, False]
    assert port.give(b"I am not ada", "bob") != []


@proves("UC-PLAIN-10")
def test_nobody_escapes_the_limit_by_quitting() -> None:
    port = Port(burst=5)
    answered = 0
    for _ in range(50):
        answered += bool(port.give(b"flood"))
        port.give(b"quit")
        port.give(b"^hb^")
        port.give(b"quit")
    assert answered <= 5
    assert port.events.count(PlainCame("ada")) <= 6, "nor may coming and going be a flood"
    port.wait(1)
    assert port.give(b"patience") != []


@proves("UC-RECV-1", "UC-PLAIN-10")
@given(st.lists(st.tuples(st.binary(max_size=1300), st.integers(0, 9), st.floats(0, 4)), max_size=40))
def test_hostile_bytes_change_no_rule(datagrams: list[tuple[bytes, int, float]]) -> None:
    port = Port(clients=4, interval=3.0)
    for data, sender, pause in datagrams:
        out = port.give(data, f"far {sender}")
        assert all(answer.startswith(b"ack ") and len(answer) <= 1005 and answer.decode() for answer, _ in out)
        assert port.server.addresses <= 4
        port.wait(pause)


@pytest.mark.parametrize("wrong", [{"interval": 0}, {"interval": float("inf")}, {"clients": 0}, {"budget": -1}])
def test_limits_that_cannot_be_are_the_operators_mistake(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="limits of a plaintext server"):
        PlaintextLimits(**wrong)  # pyright: ignore[reportArgumentType]


def test_numbers_are_those_of_the_table() -> None:
    table = {row[0]: number(row[1]) for row in rows("| name | default | meaning |", "### B.5 ")}
    assert table == {name: value for name, value in vars(plaintext).items() if name.startswith("PLAIN_")}
    named = ("interval", "clients", "rate", "burst", "budget")
    assert [getattr(PlaintextLimits(), name) for name in named] == [table[f"PLAIN_{name.upper()}"] for name in named]


# -- the client ----------------------------------------------------------------------------------------------------


@proves("UC-PLAIN-11")
def test_a_client_says_hello_beats_while_it_is_silent_and_quits() -> None:
    client = PlaintextClient(beat=3.0)
    client.connect("p", 0.0)
    assert client.datagrams_to_send(0.0) == [(b"hello server", "p")]
    assert client.next_timeout() == 3.0
    client.handle_timeout(2.9)
    assert client.datagrams_to_send(2.9) == []
    client.handle_timeout(3.0)
    assert client.datagrams_to_send(3.0) == [(b"^hb^", "p")]
    client.say("good morning", 5.0)
    assert client.datagrams_to_send(5.0) == [(b"good morning", "p")]
    assert client.next_timeout() == 8.0
    client.quit(6.0)
    client.quit(6.0)
    assert client.datagrams_to_send(6.0) == [(b"quit", "p")]
    assert client.closed
    assert client.next_timeout() is None


@proves("UC-PLAIN-11")
def test_a_client_stays_a_client_of_a_real_server() -> None:
    port, client = Port(interval=10.0), PlaintextClient()
    client.connect("p", port.now)
    end = port.now + 100
    while (when := client.next_timeout()) is not None and when < end:
        port.wait(when - port.now)
        client.handle_timeout(when)
        for data, path in client.datagrams_to_send(when):
            port.give(data, path)
    assert port.events == [PlainCame("p"), PlainSaid("p", "hello server")]


@proves("UC-PLAIN-11", "UC-PLAIN-12")
def test_a_client_shows_what_its_server_sent_made_harmless() -> None:
    client = PlaintextClient()
    client.connect("p", 0.0)
    client.receive_datagram(b"ack b'hello'", "p", 1.0)
    client.receive_datagram(b"ann: \x1b[2J\xff\n", "p", 1.0)
    client.receive_datagram(b"I am the server, too", "q", 1.0)
    client.receive_datagram(b"x" * 1201, "p", 1.0)
    assert client.events() == [
        PlainHeard("ack b'hello'", b"ack b'hello'", farewell=False),
        PlainHeard("ann: \ufffd[2J\ufffd", b"ann: \x1b[2J\xff\n", farewell=False),
    ]
    assert {reason for reason, count in client.counters.dropped.items() if count} == {"state", "size"}


@proves("UC-PLAIN-12")
def test_a_farewell_does_not_end_a_client() -> None:
    client = PlaintextClient(beat=3.0)
    client.connect("p", 0.0)
    client.datagrams_to_send(0.0)
    client.receive_datagram(b"bye bye", "p", 1.0)
    assert client.events() == [PlainHeard("bye bye", b"bye bye", farewell=True)]
    assert not client.closed
    client.handle_timeout(3.0)
    assert client.datagrams_to_send(3.0) == [(b"^hb^", "p")]


@proves("UC-PLAIN-13")
@pytest.mark.parametrize("text", ["ack so", "bye bye, all", "x" * 1001, "ż" * 501])
def test_a_client_does_not_say_what_no_server_answers(text: str) -> None:
    client = PlaintextClient()
    client.connect("p", 0.0)
    client.datagrams_to_send(0.0)
    with pytest.raises(LocalProtocolError):
        client.say(text, 1.0)
    assert client.datagrams_to_send(1.0) == []


def test_typing_quit_is_quitting() -> None:
    client = PlaintextClient()
    with pytest.raises(LocalProtocolError):
        client.say("too early", 0.0)
    client.connect("p", 0.0)
    client.say(" quit", 1.0)
    assert client.closed
    with pytest.raises(LocalProtocolError):
        client.say("too late", 2.0)
    with pytest.raises(LocalProtocolError):
        client.connect("p", 2.0)


def test_what_nobody_takes_does_not_grow_for_ever() -> None:
    client = PlaintextClient()
    client.connect("p", 0.0)
    for i in range(5000):
        client.receive_datagram(b"line %d" % i, "p", 1.0)
    assert len(client.events()) < 5000
    assert client.events() == []
