"""Guests in rooms, and the bridge that makes plaintext clients such guests (SPEC.md B.4)."""

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.hand import BEAT, Bench, Guest, entry, join
from conformance.test_plaintext import Port
from net import Net
from proves import proves
from udpchat_cli.nicks import nick_policy
from udpchat_core.bridge import Bridge
from udpchat_core.effects import Append, ServerRequest, StoreFailed
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, MemberChanged, RosterReceived, StoreTrouble
from udpchat_core.keys import fingerprint
from udpchat_core.path import Datagram
from udpchat_core.text import plain_nick
from udpchat_protocol.codes import Code, Presence
from udpchat_protocol.constants import LARGE_ROOM
from udpchat_protocol.entries import Chat, Failed, Gone, Joined, Nick, Online, Part, Quit, Roster, Say
from udpchat_protocol.entries import Log as Logs
from udpchat_stores.memory import MemoryStore


def chat_of(member: Guest) -> list[Chat]:
    return member.read(Logs.CHAT, member.control(Joined)[0].chat_channel)


def presence_of(member: Guest) -> list[Any]:
    return member.read(Logs.PRESENCE, member.control(Joined)[0].presence_channel)


def enter(bench: Bench, name: str, room: str = "lobby") -> Guest:
    """A member by hand, who has a nick and is in the room."""
    member = bench.guest(name)
    member.ask(Nick(nick=name), join(room))
    member.ask()
    return member


class Bridged:
    """The real server with a plaintext port that is bridged to its lobby, and one clock."""

    def __init__(self, seed: int = 0, **limits: float) -> None:
        self.bench = Bench(seed)
        self.port = Port(**limits)
        self.bridge = Bridge(self.bench.server.keyless, "lobby")

    def give(self, data: bytes, path: str = "pia") -> list[Datagram]:
        """A datagram to the plaintext port, and all that leaves there because of it."""
        self.port.server.receive_datagram(data, path, self.port.now)
        return self.settle()

    def settle(self) -> list[Datagram]:
        out: list[Datagram] = []
        busy = True
        while busy:
            events = self.port.server.events()
            self.port.events += events
            self.bridge.take(events, self.bench.now)
            self.bench.drain()
            lines = self.bridge.lines(self.bench.now)
            for line in lines:
                self.port.server.tell(line)
            busy = bool(events or lines)
            out += self.port.server.datagrams_to_send(self.port.now)
        return out

    def wait(self, seconds: float) -> list[Datagram]:
        """Time passes on both sides."""
        self.bench.wait(seconds)
        self.port.now += seconds
        self.port.server.handle_timeout(self.port.now)
        return self.settle()


class Sulking(MemoryStore):
    """A store that fails at first, as often as it is told to."""

    failures = 1

    def submit(self, requests: Iterable[ServerRequest], done: Any) -> None:
        for request in requests:
            if self.failures:
                self.failures -= 1
                done([StoreFailed(request, "no disk")])
            else:
                super().submit([request], done)


# -- guests, as any application may have them -----------------------------------------------------------------------


@proves("UC-PLAIN-14", "UC-PLAIN-16")
def test_a_guest_is_in_the_room_like_a_member() -> None:
    bench = Bench()
    ann = enter(bench, "ann")
    guests = bench.server.keyless
    pia = guests.enter("lobby", "@pia (unverified)", 0.0)
    guests.say(pia, "hello")
    guests.say(pia, "hello")
    bench.wait(0.1)
    bob = enter(bench, "bob")
    assert [(each.member, each.nick, each.presence) for each in bob.control(Roster)[0].members] == [
        (ann.fingerprint, "ann", Presence.ONLINE),
        (pia, "@pia (unverified)", Presence.ONLINE),
        (bob.fingerprint, "bob", Presence.ONLINE),
    ]
    said = chat_of(ann)
    assert [(each.author, each.nick, each.text) for each in said] == [(pia, "@pia (unverified)", "hello")] * 2
    assert said[0].id != said[1].id
    assert chat_of(bob) == said
    guests.leave(pia, bench.now, Code.EXPIRED)
    bench.wait(0.1)
    assert presence_of(bob) == [Gone(member=pia, code=Code.EXPIRED, reason="")]
    assert guests.enter("lobby", "@pia (unverified)", 0.0) != pia
    assert len(bench.server.keyless) == 1


@proves("UC-PLAIN-14")
def test_the_stores_author_is_a_key_of_this_visit() -> None:
    asked: list[Append] = []

    class Watching(MemoryStore):
        def submit(self, requests: Iterable[ServerRequest], done: Any) -> None:
            requests = list(requests)
            asked.extend(request for request in requests if isinstance(request, Append))
            super().submit(requests, done)

    bench = Bench(store=Watching())
    guests = bench.server.keyless
    visits = [guests.enter("lobby", "@pia", 0.0) for _ in range(3)]
    for visit in visits:
        guests.say(visit, "hi")
    bench.drain()
    assert [fingerprint(request.key) for request in asked] == visits
    assert {len(request.key) for request in asked} == {32}
    assert len({*visits}) == 3


@proves("UC-PLAIN-16")
def test_guests_wait_for_a_store_that_is_slow() -> None:
    store = MemoryStore(hold=True)
    bench = Bench(store=store)
    guests = bench.server.keyless
    pia, rob = guests.enter("lobby", "@pia", 0.0), guests.enter("lobby", "@rob", 0.0)
    guests.say(pia, "is anybody here?")
    guests.leave(rob, bench.now)
    for _ in range(3):
        bench.drain()
        store.release()
    bench.drain()
    roster, came, said = guests.overheard(bench.now)
    assert roster == RosterReceived("lobby", ())
    assert isinstance(came, MemberChanged)
    assert (came.member, came.presence) == (pia, Presence.ONLINE)
    assert isinstance(said, ChatReceived)
    assert (said.author, said.text) == (pia, "is anybody here?")


@proves("UC-PLAIN-16")
def test_a_room_that_cannot_be_opened_is_tried_again() -> None:
    bench = Bench(store=Sulking())
    bench.server.keyless.enter("lobby", "@pia", 0.0)
    bench.drain()
    assert bench.of(StoreTrouble) == [StoreTrouble("no disk")]
    assert bench.server.tables["rooms"] == 0
    bench.wait(1.5)
    assert bench.server.tables["rooms"] == 1


@proves("UC-PLAIN-16")
def test_guests_wait_while_too_many_rooms_are_open() -> None:
    bench = Bench(rooms=1)
    ann = enter(bench, "ann", "den")
    guests = bench.server.keyless
    pia = guests.enter("lobby", "@pia", 0.0)
    bench.wait(2)
    assert guests.overheard(bench.now) == []
    ann.ask(Part(room="den"))
    bench.wait(2)
    assert [event.member for event in guests.overheard(bench.now) if isinstance(event, MemberChanged)] == [pia]
    guests.leave(pia, 0.0)
    assert (bench.server.tables["rooms"], len(guests)) == (0, 0)
    bench.wait(5)
    assert bench.server.next_timeout() is None or bench.server.next_timeout() != bench.now


@proves("UC-PLAIN-15")
@pytest.mark.parametrize("nick", ["ann", "", "@", "@ ann", "@ann ", "ann@", "@a\nb", "@" + "x" * 32])
def test_a_guest_has_no_members_nick(nick: str) -> None:
    guests = Bench().server.keyless
    with pytest.raises(LocalProtocolError):
        guests.enter("lobby", nick, 0.0)
    assert len(guests) == 0


def test_what_an_application_may_not_do_is_told() -> None:
    guests = Bench().server.keyless
    for room in ("@lobby", "", "x" * 65):
        with pytest.raises(LocalProtocolError):
            guests.enter(room, "@pia", 0.0)
        with pytest.raises(LocalProtocolError):
            Bridge(guests, room)
    pia = guests.enter("lobby", "@pia", 0.0)
    for text in ("", "x" * 1001):
        with pytest.raises(LocalProtocolError):
            guests.say(pia, text)
    with pytest.raises(LocalProtocolError):
        guests.leave(pia, 0.0, reason="x" * 201)
    guests.leave(pia, 0.0)
    for verb in (lambda: guests.say(pia, "still here"), lambda: guests.leave(pia, 0.0)):
        with pytest.raises(LocalProtocolError):
            verb()


def careless(nick: str) -> tuple[str, str]:
    """A policy that allows everything."""
    return nick, nick


LOOK_ALIKES = [
    "@guest1 (unverified)",
    "@ann",
    "ann@home",
    "ann@",
    "\uff20guest1",
    "\ufe6bguest1",
    "\ufe0f@guest1",
    "\u034f@guest1",
    "\u3164@guest1",
    "a\uff20",
    "\u2007@guest1",
]


@proves("UC-PLAIN-15")
@pytest.mark.parametrize("policy", [plain_nick, nick_policy, careless])
@pytest.mark.parametrize("nick", LOOK_ALIKES, ids=ascii)
def test_no_member_passes_for_a_guest(nick: str, policy: Any) -> None:
    bench = Bench(nick_policy=policy)
    mallory = bench.guest("mallory")
    mallory.ask(Nick(nick=nick), join("lobby"))
    assert [failed.code for failed in mallory.control(Failed)] == [Code.NAME]
    assert mallory.control(Roster)[0].members[0].nick == ""


# -- the bridge -----------------------------------------------------------------------------------------------------


@proves("UC-PLAIN-18", "UC-PLAIN-19")
def test_two_plaintext_clients_and_a_member_talk() -> None:
    both = Bridged()
    ann = enter(both.bench, "ann")
    assert both.give(b"hello server", "pia") == [(b"ack hello server", "pia")]
    assert both.give(b"hello\n", "rob") == [(b"ack hello", "pia"), (b"ack hello\n", "rob")]
    ann.ask(Say(room="lobby", id=1, flags=0, text="good morning"))
    assert both.settle() == [(b"ann: good morning", "pia"), (b"ann: good morning\n", "rob")]
    assert [(each.nick, each.text) for each in chat_of(ann)] == [
        ("@guest1 (unverified)", "hello server"),
        ("@guest2 (unverified)", "hello"),
        ("ann", "good morning"),
    ]
    both.give(b"quit", "pia")
    both.bench.wait(0.1)
    pia, rob = (each.author for each in chat_of(ann)[:2])
    assert presence_of(ann) == [
        Online(member=pia, nick="@guest1 (unverified)"),
        Online(member=rob, nick="@guest2 (unverified)"),
        Gone(member=pia, code=Code.QUIT, reason=""),
    ]
    ann.ask(Say(room="lobby", id=2, flags=0, text="so long, pia"))
    assert both.settle() == [(b"ann: so long, pia\n", "rob")]


@proves("UC-PLAIN-18")
def test_who_is_dropped_is_gone_and_comes_back_as_another() -> None:
    both = Bridged(interval=3.0)
    ann = enter(both.bench, "ann")
    both.give(b"hello")
    both.wait(4)
    both.give(b"hello again")
    both.bench.wait(0.1)
    assert [(each.nick, each.text) for each in chat_of(ann)] == [
        ("@guest1 (unverified)", "hello"),
        ("@guest2 (unverified)", "hello again"),
    ]
    assert [each.code for each in presence_of(ann) if isinstance(each, Gone)] == [Code.EXPIRED]
    both.port.server.close(both.port.now)
    assert both.settle() == [(b"bye bye", "pia")]
    ann.send(BEAT)
    both.bench.wait(0.1)
    assert [each.code for each in presence_of(ann) if isinstance(each, Gone)] == [Code.EXPIRED, Code.SHUTDOWN]
    assert len(both.bench.server.keyless) == 0


@proves("UC-PLAIN-19")
def test_who_comes_goes_and_is_renamed_is_told_once() -> None:
    both = Bridged()
    ann = enter(both.bench, "ann")
    both.give(b"^hb^")
    assert both.settle() == []
    bob = enter(both.bench, "bob")
    assert both.settle() == [(b"* bob came", "pia")]
    bob.ask(Nick(nick="rob"))
    assert both.settle() == [(b"* bob is now rob", "pia")]
    bob.ask(Part(room="lobby"))
    assert both.settle() == [(b"* rob left", "pia")]
    for _ in range(6):
        both.wait(4)
        both.give(b"^hb^")
    ann.ask()
    assert both.settle() == [], "ann fell silent and was heard again: she neither left nor came"
    ann.ask(Quit(reason=""))
    assert both.settle() == [(b"* ann left", "pia")]


@proves("UC-PLAIN-19", "UC-TEXT-1")
def test_lines_are_harmless_and_fit_a_datagram() -> None:
    both = Bridged()
    both.give(b"^hb^\n")
    nobody = both.bench.guest("nobody")
    nobody.ask(join("lobby"))
    nobody.ask(Say(room="lobby", id=1, flags=0, text="\x1b[2Jfirst\nsecond"))
    nobody.ask(Say(room="lobby", id=2, flags=0, text="\x01" * 1000))
    name = "~" + nobody.fingerprint.hex()[:6]
    came, said, long = (data.decode() for data, _ in both.settle())
    assert (came, said) == (f"* {name} came\n", f"{name}: \ufffd[2Jfirst second\n")
    assert len(long.encode()) <= 1200
    assert long == f"{name}: " + "\ufffd" * 396 + "\n"


@proves("UC-PLAIN-19")
def test_in_a_large_room_who_is_listed_has_not_come() -> None:
    both = Bridged()
    both.give(b"^hb^")
    guests, now = both.bench.server.keyless, both.bench.now
    crowd = [guests.enter("lobby", f"@bot{i}", now) for i in range(LARGE_ROOM)]
    assert both.settle() == []
    ann = enter(both.bench, "ann")
    both.wait(1.5)
    both.give(b"^hb^")
    ann.ask(Say(room="lobby", id=1, flags=0, text="in a crowd"))
    told = [data for data, _ in both.settle() + both.wait(1.5)]
    assert b"ann: in a crowd" in told
    assert not [line for line in told if line.startswith(b"* ann")]
    for bot in crowd:
        guests.leave(bot, both.bench.now)
    both.settle()
    ann.ask(Part(room="lobby"))
    assert (b"* ann left", "pia") in both.settle()


@proves("UC-PLAIN-6", "UC-PLAIN-19")
def test_what_a_datagram_causes_at_clients_is_only_ever_an_ack() -> None:
    both = Bridged(clients=100)
    enter(both.bench, "ann")
    both.give(b"^hb^", "watcher")
    for i in range(30):
        caused = both.give(b"hello", f"pia {i}") + both.give(b"ann: quit", f"pia {i}") + both.give(b"quit", f"pia {i}")
        assert all(data.startswith(b"ack ") for data, _ in caused)
    caused = both.wait(11)
    assert caused == []


@proves("UC-PLAIN-6")
def test_two_bridged_servers_that_are_each_others_clients_fall_silent() -> None:
    one, two = Bridged(1), Bridged(2)
    ann, bob = enter(one.bench, "ann"), enter(two.bench, "bob")
    one.give(b"^hb^", "two")
    two.give(b"^hb^", "one")
    ann.ask(Say(room="lobby", id=1, flags=0, text="does this echo?"))
    bob.ask(Say(room="lobby", id=1, flags=0, text="I hope not"))
    crossed: list[bytes] = []
    for _ in range(20):
        for here, there, name in ((one, two, "one"), (two, one, "two")):
            crossing = [data for data, _ in here.settle()]
            while crossing:
                crossed += crossing
                crossing = [data for each in crossing for data, _ in there.give(each, name)]
                here, there, name = there, here, "two" if name == "one" else "one"  # noqa: PLW2901 - and back again
    assert sorted(crossed) == [
        b"ack ann: does this echo?",
        b"ack bob: I hope not",
        b"ann: does this echo?",
        b"bob: I hope not",
    ]
    assert [each.text for each in chat_of(ann)] == ["does this echo?", "bob: I hope not"]
    assert [each.text for each in chat_of(bob)] == ["I hope not", "ann: does this echo?"]


@proves("UC-PLAIN-18")
def test_a_sealed_client_on_a_bad_network_reads_every_guest_once_and_in_order() -> None:
    net = Net(seed=3, loss=0.3, duplicate=0.1, delay=(0.02, 0.08))
    ann = net.person("ann")
    assert net.run(30, lambda: bool(ann.of(RosterReceived)))
    port = Port(burst=1000)
    bridge = Bridge(net.server.keyless, "lobby")
    said = [f"line {i}" for i in range(100)]
    heard: list[str] = []
    for text in said:
        port.server.receive_datagram(text.encode(), "pia", port.now)
        bridge.take(port.server.events(), net.now)
        net.run(0.05)
        ann.say("re: " + text)
        heard += bridge.lines(net.now)
    assert net.run(60, lambda: len(ann.texts()) >= 200)
    heard += bridge.lines(net.now)
    assert [text for text in ann.texts() if not text.startswith("re: ")] == said
    assert heard == [f"ann: re: {text}" for text in said]
    (guest,) = [each for each in ann.client.attendees("lobby") if each.nick != "ann"]
    assert guest.nick == "@guest1 (unverified)"


def test_a_guest_who_leaves_before_the_store_answers_has_said_it_all_the_same() -> None:
    bench = Bench(store=MemoryStore(hold=True))
    ann = bench.guest("ann")
    ann.send(entry(0, Nick(nick="ann")), entry(1, join("lobby")))
    for _ in range(4):
        bench.release()
    port = Port()
    bridge = Bridge(bench.server.keyless, "lobby")
    for data, path in ((b"hello", "pia"), (b"quit", "pia"), (b"^hb^", "rob")):
        port.server.receive_datagram(data, path, port.now)
    bridge.take(port.server.events(), bench.now)
    port.drain()
    bench.drain()
    bench.release()
    bench.wait(0.2)
    assert bridge.lines(bench.now) == []
    ann.send()
    bench.wait(0.1)
    assert [each.text for each in chat_of(ann)] == ["hello"]
