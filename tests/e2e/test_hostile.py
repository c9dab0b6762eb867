"""A real server is given a hundred thousand hostile datagrams, and people chat on."""

import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from itertools import chain, count, islice
from pathlib import Path
from random import Random
from time import monotonic

import pytest
import trio

from e2e.linux import overrun, resident
from e2e.processes import PATIENCE, udpchat
from proves import proves
from udpchat_cli.links import parse_link
from udpchat_core.keys import new_private_key, prologue, psk
from udpchat_core.noise import Initiator
from udpchat_core.seal import Seal
from udpchat_protocol.frames import Heartbeat
from udpchat_protocol.packets import PACKETS, Answer, Hello, Offer, Retry, Sealed, Welcome

WARM, BULK, SAMPLE = 20_000, 78_000, 2_000
BATCH = 48
GROWTH = 16 * 1024

Address = tuple[str, int]


class Stranger:
    """A source port, and what went through it."""

    def __init__(self, server: Address) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.connect(server)
        self.sent = self.received = 0

    def send(self, data: bytes) -> None:
        """One datagram."""
        self.sent += self.socket.send(data)

    def answers(self) -> list[bytes]:
        """What has come."""
        found: list[bytes] = []
        while True:
            try:
                found.append(self.socket.recv(2048, socket.MSG_DONTWAIT))
            except BlockingIOError:
                break
        self.received += sum(map(len, found))
        return found

    def ask(self, question: bytes, answers: Callable[[bytes], bool]) -> bytes:
        """The first answer of that kind; asked again every second, as a datagram may be lost."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            self.send(question)
            while select.select([self.socket], [], [], 1.0)[0]:
                for answer in self.answers():
                    if answers(answer):
                        return answer
        raise AssertionError("the server does not answer")


class Assault:
    """What is thrown at a server, and what comes back."""

    def __init__(self, server: Address, key: bytes) -> None:
        self.random = Random(1)
        self.key = key
        self.clock = Stranger(server)
        self.strangers = [Stranger(server) for _ in range(8)]
        self.member, self.half = Stranger(server), Stranger(server)
        self._tokens = count(1)
        seal, hello = self.shake(self.member, 101)
        self.live = [seal.seal(Heartbeat().build_frame()) for _ in range(4)]
        for each in self.live:
            self.member.ask(each, lambda data: data[0] == Sealed.TYPE)
        unsent, _ = self.shake(self.half, 102)
        self.half_open = unsent.seal(Heartbeat().build_frame())
        self.recorded = [*self.live, self.half_open, hello]
        prover = self.strangers[0]
        self.cookie = Retry.parse_untrusted(prover.ask(self.hello(103), lambda data: data[0] == Retry.TYPE)).cookie

    def close(self) -> None:
        """Give the ports back."""
        for each in (self.clock, self.member, self.half, *self.strangers):
            each.socket.close()

    def hello(self, token: int, cookie: bytes = b"", noise: bytes = b"", version: int = 1) -> bytes:
        return Hello(version=version, token=token, cookie=cookie, noise=noise).build()

    def shake(self, stranger: Stranger, token: int) -> tuple[Seal, bytes]:
        """An honest handshake up to the keys, and the HELLO that proved it."""
        retry = Retry.parse_untrusted(stranger.ask(self.hello(token), lambda data: data[0] == Retry.TYPE))
        draw = self.random.randbytes
        initiator = Initiator(new_private_key(draw), self.key, psk(None, self.key), prologue(1, token), draw)
        proof = self.hello(token, retry.cookie, initiator.message1(Offer(device=1, versions=(1,)).build()))
        welcome = Welcome.parse_untrusted(stranger.ask(proof, lambda data: data[0] == Welcome.TYPE))
        payload, keys = initiator.read2_untrusted(welcome.noise)
        return Seal(Answer.parse_untrusted(payload).session, keys.to_server, keys.to_client), proof

    def synchronize(self) -> None:
        """All that was sent before is dealt with: the server takes datagrams in their order."""
        token = (1 << 32) + next(self._tokens)
        self.clock.ask(self.hello(token), lambda data: data[2:10] == token.to_bytes(8, "big"))

    def everything(self) -> Iterator[tuple[Stranger, bytes]]:
        """Each type once at each length, and then anything, for ever."""
        random = self.random
        lengths = (bytes((random.choice((*PACKETS, 0, 255)),)) + random.randbytes(1500) for _ in range(1501))
        by_length = (data[:size] for size, data in enumerate(lengths))
        by_type = (bytes((kind,)) + random.randbytes(size) for kind in range(256) for size in (0, 31, 199, 1199, 1200))
        for data in chain(by_length, by_type, (self.anything() for _ in count())):
            yield random.choice(self.strangers), data
            if random.randrange(12) == 0:  # a cookie that holds, and noise that is none
                yield self.strangers[0], self.hello(103, self.cookie, random.randbytes(random.randint(96, 1024)))

    def anything(self) -> bytes:  # noqa: PLR0911 - one a kind
        """A hostile datagram."""
        random = self.random
        data = random.choice(self.recorded)
        match random.randrange(9):
            case 0:
                return random.randbytes(random.randrange(1501))
            case 1:
                return bytes((random.choice((*PACKETS,)),)) + random.randbytes(random.randrange(1500))
            case 2:
                return self.hello(random.getrandbits(64))
            case 3:
                return self.hello(random.choice((102, 103)), random.randbytes(32), random.randbytes(200))
            case 4:
                return self.hello(103, random.choice((bytes(8), b"\xff" * 8)) + self.cookie[8:], random.randbytes(200))
            case 5:
                return self.hello(random.getrandbits(64), version=random.choice((0, 2, 255)))
            case 6:
                session = random.choice((data[8:16], data[8:16], random.randbytes(8)))
                number = random.choice((bytes(6), random.randbytes(6), b"\0\0\0" + random.randbytes(3)))
                return b"\x04\0" + number + session + random.randbytes(random.randrange(8, 1300))
            case 7:
                at = random.randrange(8 * len(data))
                return (int.from_bytes(data, "big") ^ 1 << at).to_bytes(len(data), "big")
            case _:
                return random.choice((data[: random.randrange(len(data))], *self.live))

    def run(self, datagrams: Iterator[tuple[Stranger, bytes]], amount: int) -> None:
        """Send so many of them, no faster than the server takes them."""
        for _ in range(0, amount, BATCH):
            for stranger, data in islice(datagrams, BATCH):
                stranger.send(data)
            self.synchronize()
            for stranger in self.strangers:
                stranger.answers()

    def question(self, datagrams: Iterator[tuple[Stranger, bytes]], amount: int) -> None:
        """Send so many, one at a time: each answer is smaller than its question."""
        for stranger, data in islice(datagrams, amount):
            stranger.send(data)
            self.synchronize()
            assert sum(map(len, stranger.answers())) < max(len(data), 1), data


@pytest.mark.skipif(sys.platform != "linux", reason="memory and drops are read from /proc")
@proves("UC-RECV-1", "UC-GATE-1", "UC-GATE-7", "UC-SEAL-3", "UC-SEAL-4")
async def test_a_hundred_thousand_hostile_datagrams(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--json", state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        link = parse_link(url)
        assert link.key is not None
        async with udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann:
            await ann.object("joined")
            said = ["before"]
            await ann.say("before")
            await ann.texts("before")

            to_thread = trio.to_thread.run_sync
            assault = await to_thread(Assault, (link.host, link.port), link.key)
            everything = assault.everything()
            with trio.fail_after(60):
                await to_thread(assault.run, everything, WARM)
                before = resident(host.running.pid)
                over = trio.Event()

                async def attack() -> None:
                    await to_thread(assault.run, everything, BULK)
                    await to_thread(assault.question, everything, SAMPLE)
                    over.set()

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(attack)
                    while not over.is_set():
                        said.append(f"during {len(said)}")
                        await ann.say(said[-1])
                        await ann.texts(said[-1])
            growth = resident(host.running.pid) - before
            assault.close()

            await ann.say("after")
            await ann.texts("after")
            assert ann.all("disconnected") == []
            assert len(said) > 20
            assert [each["text"] for each in ann.all("chat")] == [*said, "after"]
        assert growth < GROWTH
        assert overrun(link.port) < 10_000
        for stranger in (*assault.strangers, assault.clock):
            assert 0 < stranger.received <= stranger.sent
        assert sum(stranger.sent for stranger in assault.strangers) > 30_000_000
        host.running.send_signal(signal.SIGTERM)
        assert await host.status() == 0
        assert (host.err, ann.err) == ("", "")
