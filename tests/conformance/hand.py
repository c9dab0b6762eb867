"""One end of the wire by hand, the other real: so that a test can send any byte at any time.

`Bench` drives the real server core, and each `Guest` is a client made of bytes. `Desk` drives the real client core
and is its server. Nothing happens unless a test does it; time moves in `wait` alone, from deadline to deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from net import entropy
from udpchat_core.client import Client
from udpchat_core.effects import ServerResult, StateSaved
from udpchat_core.events import ClientEvent, ServerEvent
from udpchat_core.gate import Identity
from udpchat_core.keys import PrivateKey, fingerprint, prologue, psk, public_key, reset_key, reset_token
from udpchat_core.limits import Limits
from udpchat_core.noise import Initiator, Responder
from udpchat_core.path import Address, Datagram, Path
from udpchat_core.seal import Seal, SealError
from udpchat_core.server import Server
from udpchat_core.state import ClientState, Pin
from udpchat_core.text import plain_nick
from udpchat_core.uplink import NickPolicy
from udpchat_protocol.codes import RetryFlag
from udpchat_protocol.constants import RENEWAL
from udpchat_protocol.entries import Body, Join, Terms, parse_body_untrusted
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.frames import (
    FRAMES,
    Ack,
    Bye,
    Challenge,
    Entry,
    Frame,
    Heartbeat,
    Response,
    Seen,
    split_untrusted,
)
from udpchat_protocol.packets import Answer, Hello, Offer, Packet, Refused, Retry, Welcome, parse_packet_untrusted
from udpchat_stores.memory import MemoryStore

B = TypeVar("B", bound=Body)
E = TypeVar("E")
P = TypeVar("P", bound=Packet)

Piece = Frame | bytes
BEAT = Heartbeat()
NUDGE = Response(data=bytes(8))
"""Eliciting, and nothing else: it answers no question."""
TURNS, SPINS = 20_000, 100
"""Turns in one `wait`, and turns at one time, after which a core is taken to be spinning."""


def raw(frames: Iterable[Piece]) -> bytes:
    """The plaintext of these frames; bytes go in as they are."""
    return b"".join(frame if isinstance(frame, bytes) else frame.build_frame() for frame in frames)


def frames_of(plaintext: bytes) -> list[Frame]:
    """The frames of a plaintext."""
    return [FRAMES[kind].parse_untrusted(body) for kind, body in split_untrusted(plaintext)]


def entry(offset: int, body: Body, channel: int = 0) -> Entry:
    """A body as an ENTRY frame."""
    return Entry(channel=channel, offset=offset, kind=body.KIND, body=body.build())


def join(room: str, newest: int = 50, log: int = 0, offset: int = 0, check: bytes = bytes(8)) -> Join:
    """JOIN with defaults."""
    return Join(room=room, newest=newest, log=log, offset=offset, check=check)


def only(wanted: type[P], answers: list[Datagram]) -> P:
    """The one answer, which is a packet of this type."""
    assert len(answers) == 1, answers
    packet = parse_packet_untrusted(answers[0][0])
    assert isinstance(packet, wanted), packet
    return packet


class Bench:
    """The real server, a store, and a clock."""

    def __init__(
        self,
        seed: int = 0,
        *,
        secret: bytes | None = None,
        store: MemoryStore | None = None,
        nick_policy: NickPolicy = plain_nick,
        **limits: Any,
    ) -> None:
        self.now = 1000.0
        self.seed = seed
        self.identity = Identity(PrivateKey(entropy(("server", seed))(32)), secret)
        self.limits = Limits(**limits)
        self.nick_policy = nick_policy
        self.store = store or MemoryStore(clock=lambda: round(self.now * 1000), entropy=entropy(("store", seed)))
        self.events: list[ServerEvent] = []
        self.guests: dict[Path, Guest] = {}
        self.lives = 0
        self.server = self.restart()

    def restart(self) -> Server:
        """Another server with the same identity and store."""
        self.lives += 1
        self.server = Server(
            self.identity,
            entropy=entropy(("core", self.seed, self.lives)),
            address_of=lambda path: Address(repr(path).encode(), repr(path).encode()[:4]),
            limits=self.limits,
            nick_policy=self.nick_policy,
        )
        return self.server

    def give(self, data: bytes, path: Path = "p") -> list[Datagram]:
        """One datagram in, and everything that comes out at once."""
        self.server.receive_datagram(data, path, self.now)
        return self.drain()

    def drain(self) -> list[Datagram]:
        """The outputs in the order of the contract; what is for a guest is taken by that guest."""
        out: list[Datagram] = []
        for _ in range(SPINS):
            self.store.submit(self.server.store_requests(), self._stored)
            self.events += self.server.events()
            out += self.server.datagrams_to_send(self.now)
            when = self.server.next_timeout()
            if when is None or when > self.now:
                break
            self.server.handle_timeout(self.now)
        else:
            raise AssertionError("the server spins")
        for data, path in out:
            if path in self.guests:
                self.guests[path].take(data, path)
        return out

    def release(self, most: int | None = None) -> list[Datagram]:
        """A store that holds its answers gives some."""
        self.store.release(most)
        return self.drain()

    def _stored(self, results: Iterable[ServerResult]) -> None:
        for result in results:
            self.server.store_completed(result, self.now)

    def wait(self, seconds: float) -> list[tuple[float, bytes, Path]]:
        """Let time pass; what leaves meanwhile, and when."""
        end = self.now + seconds
        out = [(self.now, *each) for each in self.drain()]
        for _ in range(TURNS):
            when = self.server.next_timeout()
            if when is None or when > end:
                break
            self.now = max(self.now, when)
            self.server.handle_timeout(self.now)
            out += [(self.now, *each) for each in self.drain()]
        else:
            raise AssertionError("the server spins")
        self.now = end
        self.server.handle_timeout(end)
        out += [(self.now, *each) for each in self.drain()]
        return out

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def guest(self, name: str = "ada", **kwargs: Any) -> Guest:
        """A client by hand, with a live session."""
        guest = Guest(self, name, **kwargs)
        guest.begin()
        return guest

    @property
    def dropped(self) -> dict[str, int]:
        """Reasons with drops."""
        return {reason: count for reason, count in self.server.counters.dropped.items() if count}


class Landed(NamedTuple):
    """A packet of the server, on one of a guest's paths."""

    time: float
    path: Path
    size: int
    number: int
    frames: list[Frame]


class Guest:
    """A client made of bytes. `polite`: says SEEN and ACK of all it has with each packet."""

    def __init__(
        self, bench: Bench, name: str = "ada", *, device: int = 1, path: Path | None = None, polite: bool = True
    ) -> None:
        self.bench = bench
        self.name = name
        self.device = device
        self.polite = polite
        self.path = path if path is not None else f"{name}-{device}-{len(bench.guests)}"
        self.blind: set[Path] = set()
        """Paths on which nothing reaches the guest; what the server sends there shows in `landed` alone."""
        bench.guests[self.path] = self
        self.draw = entropy(("guest", name, device, len(bench.guests)))
        self.identity = PrivateKey(entropy(("identity", name))(32))
        self.fingerprint = fingerprint(public_key(self.identity))
        self.token = int.from_bytes(self.draw(8), "big")
        self.seal: Seal | None = None
        self.forget()

    def forget(self) -> None:
        """Begin with an empty memory, as for a new session."""
        self.packets: list[tuple[int, list[Frame]]] = []
        """(number, frames) of every packet that came, in the order of coming."""
        self.landed: list[Landed] = []
        """Every packet that the server sent, on whatever path."""
        self.offset = 0
        self.logs: dict[int, dict[int, Entry]] = {}

    # -- the handshake ----------------------------------------------------------------------------------------

    def hello(self, cookie: bytes = b"", noise: bytes = b"", version: int = 1) -> bytes:
        return Hello(version=version, token=self.token, cookie=cookie, noise=noise).build()

    def prove(self, retry: Retry | None = None, *, secret: bytes | None = None, key: bytes | None = None) -> bytes:
        """The HELLO with message 1; asks for a cookie if none is given."""
        if retry is None:
            retry = self._answer(Retry, self.hello())
        key = key or retry.key
        secret = secret or self.bench.identity.secret
        self.initiator = Initiator(self.identity, key, psk(secret, key), prologue(1, self.token), self.draw)
        return self.hello(retry.cookie, self.initiator.message1(Offer(device=self.device, versions=(1,)).build()))

    def welcomed(self, welcome: Welcome) -> None:
        """Take the keys."""
        payload, keys = self.initiator.read2_untrusted(welcome.noise)
        answer = Answer.parse_untrusted(payload)
        self.session = answer.session
        self.seal = Seal(answer.session, keys.to_server, keys.to_client)
        self.forget()

    def shake(self) -> None:
        """A handshake up to the keys; the session is half open."""
        self.token = int.from_bytes(self.draw(8), "big")
        self.welcomed(self._answer(Welcome, self.prove()))

    def _answer(self, wanted: type[P], hello: bytes) -> P:
        """The answer to a HELLO, whatever else leaves at that time."""
        answers = [each for each in self.bench.give(hello, self.path) if each[0][0] == wanted.TYPE]
        return only(wanted, answers)

    def begin(self) -> None:
        """A handshake and the first packet."""
        self.shake()
        self.send(BEAT)

    # -- packets ----------------------------------------------------------------------------------------------

    def sealed(self, *frames: Piece) -> bytes:
        """A packet that is not sent yet."""
        assert self.seal is not None
        return self.seal.seal(raw(frames))

    def send(self, *frames: Piece, path: Path | None = None) -> list[Frame]:
        """A packet to the server, on the guest's path or another; the frames that come back at once."""
        return self.give(self.sealed(*(self.manners() if self.polite else ()), *frames), path)

    def give(self, data: bytes, path: Path | None = None) -> list[Frame]:
        """These bytes to the server; the frames that come back at once."""
        before = len(self.packets)
        path = self.path if path is None else path
        self.bench.guests.setdefault(path, self)
        self.bench.give(data, path)
        return [frame for _, frames in self.packets[before:] for frame in frames]

    def on(self, path: Path, kind: type[E] | None = None) -> list[Landed]:
        """What the server sent on a path, or the packets of it with a frame of one type."""
        return [
            each
            for each in self.landed
            if each.path == path and (kind is None or any(isinstance(frame, kind) for frame in each.frames))
        ]

    def challenges(self, path: Path) -> list[bytes]:
        """The bytes of every CHALLENGE that was sent on a path."""
        return [frame.data for each in self.on(path) for frame in each.frames if isinstance(frame, Challenge)]

    def ask(self, *bodies: Body) -> list[Frame]:
        """Uplink entries, in one packet; what comes back until ACK is due at the latest."""
        before = len(self.packets)
        frames = [entry(self.offset + i, body) for i, body in enumerate(bodies)]
        self.offset += len(bodies)
        self.send(*frames)
        self.bench.wait(0.03)
        return [frame for _, frames in self.packets[before:] for frame in frames]

    def take(self, data: bytes, path: Path) -> None:
        """A datagram from the server; what is not for the present session is passed over."""
        if self.seal is None or data[0] != 4:
            return
        try:
            number, plaintext = self.seal.open_untrusted(data)
        except SealError:
            return
        frames = frames_of(plaintext)
        self.landed.append(Landed(self.bench.now, path, len(data), number, frames))
        if path in self.blind:
            return
        self.packets.append((number, frames))
        for frame in frames:
            if isinstance(frame, Entry):
                self.logs.setdefault(frame.channel, {})[frame.offset] = frame

    def manners(self) -> list[Frame]:
        """SEEN of the newest packets and ACK of all entries that came."""
        if not self.packets:
            return []
        numbers = {number for number, _ in self.packets}
        largest = max(numbers)
        bitmap = sum(1 << i for i in range(64) if largest - 1 - i in numbers)
        acks = [Ack(channel=channel, next=max(log) + 1) for channel, log in self.logs.items() if log]
        return [Seen(largest=largest, delay=0, bitmap=bitmap), *acks]

    # -- what came --------------------------------------------------------------------------------------------

    def frames(self, kind: type[E]) -> list[E]:
        """Every frame of one type."""
        return [frame for _, frames in self.packets for frame in frames if isinstance(frame, kind)]

    def control(self, kind: type[B] | None = None) -> list[Any]:
        """The control log, or its entries of one kind."""
        bodies = [parse_body_untrusted(Logs.CONTROL, each.kind, each.body) for _, each in sorted(self.entries(0))]
        return [body for body in bodies if kind is None or isinstance(body, kind)]

    def entries(self, channel: int) -> list[tuple[int, Entry]]:
        """(offset, entry) of a channel."""
        return sorted(self.logs.get(channel, {}).items(), key=lambda item: item[0])

    def read(self, log: Logs, channel: int) -> list[Any]:
        """The bodies of a channel."""
        return [parse_body_untrusted(log, each.kind, each.body) for _, each in self.entries(channel)]

    @property
    def acked(self) -> int:
        """How far the server is done with the uplink."""
        return max((ack.next for ack in self.frames(Ack) if ack.channel == 0), default=0)

    @property
    def listed(self) -> set[int]:
        """The numbers of the packets that the server has listed in SEEN."""
        numbers: set[int] = set()
        for seen in self.frames(Seen):
            numbers.add(seen.largest)
            numbers |= {seen.largest - 1 - i for i in range(64) if seen.bitmap >> i & 1}
        return numbers

    @property
    def farewells(self) -> list[int]:
        """The codes of BYE."""
        return [bye.code for bye in self.frames(Bye)]


class Desk:
    """The real client and, by hand, its server."""

    def __init__(
        self,
        seed: int = 0,
        *,
        state: ClientState | None = None,
        pinned: bool = True,
        secret: bytes | None = None,
        confirmed: Pin | None = None,
        nick: str = "",
        renewal: float = RENEWAL,
        **fields: Any,
    ) -> None:
        self.now = 1000.0
        self.draw = entropy(("desk", seed))
        self.identity = PrivateKey(entropy(("server", seed))(32))
        self.key = public_key(self.identity)
        self.secret = secret
        pin = Pin(self.key, secret) if pinned else None
        self.state = state or ClientState(entropy(("ada", seed))(32), 7, pin=pin, nick=nick, **fields)
        self.client = Client(self.state, entropy=entropy(("client", seed)), confirmed=confirmed, renewal=renewal)
        self.takes = True
        """Does the application take its events?"""
        self.events: list[tuple[float, ClientEvent]] = []
        self.changes: list[Any] = []
        self.sent: list[tuple[float, bytes]] = []
        """Every datagram of the client, and when it left."""
        self.ways: list[tuple[float, Path, bytes]] = []
        """The same, with the path that it left on."""
        self.seal: Seal | None = None
        self.offset = 0
        self.packets: list[tuple[float, int, list[Frame]]] = []
        """(time, number, frames) of every packet of the session in use."""
        self.logs: dict[int, Entry] = {}

    def connect(self, path: Path = "p", *others: Path) -> list[bytes]:
        self.client.connect(path, self.now, others)
        return self.drain()

    def drain(self) -> list[bytes]:
        """The outputs in the order of the contract."""
        out: list[bytes] = []
        for _ in range(SPINS):
            for request in self.client.store_requests():
                self.changes += request.changes
                self.client.store_completed(StateSaved(request), self.now)
            if self.takes:
                self.events += [(self.now, event) for event in self.client.events()]
            leaving = self.client.datagrams_to_send(self.now)
            self.ways += [(self.now, path, data) for data, path in leaving]
            out += [data for data, _ in leaving]
            when = self.client.next_timeout()
            if when is None or when > self.now:
                break
            self.client.handle_timeout(self.now)
        else:
            raise AssertionError("the client spins")
        for data in out:
            self.sent.append((self.now, data))
            self._open(data)
        return out

    def _open(self, data: bytes) -> None:
        if self.seal is None or data[0] != 4:
            return
        try:
            number, plaintext = self.seal.open_untrusted(data)
        except SealError:
            return
        frames = frames_of(plaintext)
        self.packets.append((self.now, number, frames))
        self.logs.update({each.offset: each for each in frames if isinstance(each, Entry)})

    def give(self, data: bytes, path: Path = "p") -> list[bytes]:
        """One datagram in, what leaves at once out."""
        self.client.receive_datagram(data, path, self.now)
        return self.drain()

    def wait(self, seconds: float) -> list[tuple[float, bytes]]:
        """Let time pass; what leaves meanwhile, and when."""
        before = len(self.sent)
        end = self.now + seconds
        self.drain()
        for _ in range(TURNS):
            when = self.client.next_timeout()
            if when is None or when > end:
                break
            self.now = max(self.now, when)
            self.client.handle_timeout(self.now)
            self.drain()
        else:
            raise AssertionError("the client spins")
        self.now = end
        return self.sent[before:]

    # -- the handshake ----------------------------------------------------------------------------------------

    def hellos(self) -> list[tuple[float, Hello]]:
        """Every HELLO that was sent."""
        return [(when, Hello.parse_untrusted(data)) for when, data in self.sent if data[0] == Hello.TYPE]

    @property
    def hello(self) -> Hello:
        """The last HELLO that was sent."""
        return self.hellos()[-1][1]

    def retry(self, *, key: bytes | None = None, closed: bool | None = None, token: int | None = None) -> bytes:
        flags = RetryFlag.CLOSED if (self.secret is not None if closed is None else closed) else RetryFlag(0)
        return Retry(
            version=1,
            token=self.hello.token if token is None else token,
            flags=flags,
            cookie=self.draw(32),
            key=key or self.key,
        ).build()

    def welcome(self, hello: Hello | None = None, versions: tuple[int, ...] = (1,)) -> bytes:
        """WELCOME for a HELLO with message 1, and our own keys."""
        hello = hello or self.hello
        responder = Responder(self.identity, psk(self.secret, self.key), self.draw)
        offered = responder.read1_untrusted(hello.noise, prologue(1, hello.token))
        self.session = int.from_bytes(self.draw(8), "big")
        message, keys = offered.message2(Answer(session=self.session, versions=versions).build())
        self.seal = Seal(self.session, keys.to_client, keys.to_server)
        self.offset = 0
        self.packets, self.logs = [], {}
        return Welcome(version=1, token=hello.token, noise=message).build()

    def forged_welcome(self) -> bytes:
        return Welcome(version=1, token=self.hello.token, noise=self.draw(80)).build()

    def refused(self, code: int) -> bytes:
        return Refused(token=self.hello.token, code=code).build()

    @property
    def reset(self) -> bytes:
        """The token of RESET for the session in use."""
        return reset_token(reset_key(self.identity), self.session)

    def terms(self, **fields: int) -> Terms:
        told = {"heartbeat": 5000, "timeout": 15000, "expiry": 86_400_000, "seen_every": 2, "seen_delay": 25}
        return Terms(**{"reset": self.reset, **told, **fields})

    def shake(self) -> None:
        """From HELLO to WELCOME."""
        if not self.sent:
            self.connect()
        self.give(self.retry())
        self.give(self.welcome())

    def open(self, *, seen: bool = True, **terms: int) -> None:
        """A session with TERMS; `seen`: all that the client sent so far was SEEN and is acknowledged."""
        self.shake()
        self.tell(self.terms(**terms))
        for _ in range(3 * seen):
            self.wait(0.2)
            self.settle()

    # -- the session ------------------------------------------------------------------------------------------

    def sealed(self, *frames: Piece) -> bytes:
        """A packet that is not sent yet."""
        assert self.seal is not None
        return self.seal.seal(raw(frames))

    def send(self, *frames: Piece, path: Path = "p") -> list[Frame]:
        """A packet to the client; the frames that come back at once."""
        before = len(self.packets)
        self.give(self.sealed(*frames), path)
        return [frame for _, _, frames in self.packets[before:] for frame in frames]

    def tell(self, *bodies: Body) -> list[Frame]:
        """Control entries in one packet."""
        frames = [entry(self.offset + i, body) for i, body in enumerate(bodies)]
        self.offset += len(bodies)
        return self.send(*frames)

    def seen(self) -> Seen:
        """SEEN of the newest packets."""
        numbers = {number for _, number, _ in self.packets}
        largest = max(numbers)
        return Seen(largest=largest, delay=0, bitmap=sum(1 << i for i in range(64) if largest - 1 - i in numbers))

    def settle(self) -> None:
        """SEEN and ACK of all that came."""
        self.send(self.seen(), Ack(channel=0, next=max(self.logs, default=-1) + 1))

    @property
    def asked(self) -> list[Any]:
        """The uplink of the session in use."""
        return [parse_body_untrusted(Logs.UPLINK, each.kind, each.body) for _, each in sorted(self.logs.items())]

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    @property
    def dropped(self) -> dict[str, int]:
        """Reasons with drops."""
        return {reason: count for reason, count in self.client.counters.dropped.items() if count}
