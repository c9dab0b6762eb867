"""Many cheap clients: the real handshake, then bytes: rooms, SEEN and ACK of whatever comes, a heartbeat now and then.

A `Guest` is sans-IO: datagrams in, datagrams out. A `Crowd` is many of them over loopback. Each sends from an address
of its own (127.x.y.z), so that the server sees as many paths as there are guests. Linux only.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from time import monotonic

from udpchat_core.handshake import Established, Handshake
from udpchat_core.keys import new_private_key
from udpchat_core.seal import Seal, SealError
from udpchat_core.state import Pin
from udpchat_protocol.entries import Join, Joined, Say, Skip
from udpchat_protocol.frames import Ack, Bye, Challenge, Entry, Heartbeat, Response, Seen, split_untrusted
from udpchat_protocol.packets import Retry, Sealed, Welcome

BEAT = Heartbeat.pack_frame()
AT_ONCE = 64
"""Guests that come in at the same time, and datagrams that are sent before the server has its turn."""
AGAIN = 1.0
"""Seconds without an answer to anybody until they ask again."""
PATIENCE = 30.0

_BITS = (1 << 64) - 1
_SEALED = bytes([Sealed.TYPE])
_A_SOCKET = 500  # guests on one: its buffer has room for a datagram to each, with the usual rmem_max
_PKTINFO = struct.Struct("@i4s4x")  # in_pktinfo: interface, own address, destination
_BUFFER = 4 << 20


def handshake(pin: Pin) -> Handshake:
    """Of somebody new, who begins at once."""
    return Handshake(new_private_key(os.urandom), 1, pin, os.urandom, monotonic())


def answered(attempt: Handshake, data: bytes) -> Established | None:
    """The session, if this is what ends the handshake; it may have something to send if not."""
    if data[0] == Welcome.TYPE:
        session = attempt.welcome(Welcome.parse_untrusted(data), monotonic())
        return session if isinstance(session, Established) else None
    if data[0] == Retry.TYPE:
        attempt.retry(Retry.parse_untrusted(data), monotonic(), asks=False)
    return None


class Guest:
    """One client. It says SEEN and ACK at once, and leaves what comes out of order to be sent again."""

    __slots__ = ("_asked", "_bitmap", "_handshake", "_largest", "_offset", "heard", "nexts", "rooms", "seal")

    def __init__(self, server: bytes) -> None:
        """`server`: its public key."""
        self._handshake: Handshake | None = handshake(Pin(server))
        self.seal: Seal | None = None
        self.heard = False
        """Did the server say anything since the last heartbeat?"""
        self.nexts = {0: 0}
        """By channel, the entry that comes next."""
        self.rooms: dict[str, int] = {}
        """The chat channels of the rooms that it is in."""
        self._asked = b""
        self._offset = 0
        self._largest = -1
        self._bitmap = 0

    @property
    def token(self) -> int:
        """By which the server names it until there is a session."""
        assert self._handshake is not None
        return self._handshake.token

    def begin(self) -> bytes:
        """A HELLO, whatever was sent before."""
        assert self._handshake is not None
        now = monotonic()
        self._handshake.hurry(now)
        hello = self._handshake.hello(now)
        assert hello is not None
        return hello

    def again(self) -> bytes:
        """What it asked for last, once more: it may have been lost."""
        return self.begin() if self.seal is None else self._sealed(self._asked + BEAT)

    def beat(self) -> bytes:
        """A heartbeat."""
        self.heard = False
        return self._sealed(BEAT)

    def join(self, room: str) -> bytes:
        """Asks to be let into a room, from its newest entry on."""
        return self._ask(Join.KIND, Join.pack(room, 0, 0, 0, bytes(8)))

    def say(self, room: str, text: str) -> bytes:
        """Says something."""
        return self._ask(Say.KIND, Say.pack(room, self._offset, 0, text))

    def take(self, data: bytes) -> bytes | None:
        """What it answers to a datagram."""
        if data[0] == Sealed.TYPE:
            return self._take_sealed(data)
        if self._handshake is None:
            return None
        session = answered(self._handshake, data)
        if session is None:
            return self._handshake.hello(monotonic())
        self.seal = Seal(session.session, session.keys.to_server, session.keys.to_client)
        self._handshake = None
        return self.beat()

    def _take_sealed(self, data: bytes) -> bytes | None:
        assert self.seal is not None
        try:
            number, plaintext = self.seal.open_untrusted(data)
        except SealError:
            return None
        self.heard = True
        eliciting, kept, moved = False, True, set[int]()
        proof = b""
        for kind, body in split_untrusted(plaintext):
            if kind == Entry.TYPE:
                eliciting = True
                channel, offset, kind_of_entry, text = Entry.unpack_untrusted(body)
                kept = self._keep(channel, offset, kind_of_entry, text, moved) and kept
            elif kind == Challenge.TYPE:
                proof += Response.pack_frame(*Challenge.unpack_untrusted(body))
            assert kind != Bye.TYPE, "the server takes its leave"
        if not eliciting or not kept:
            return self._sealed(proof) if proof else None
        self._note(number)
        acks = b"".join(Ack.pack_frame(channel, self.nexts[channel]) for channel in moved)
        return self._sealed(Seen.pack_frame(self._largest, 0, self._bitmap) + acks + proof)

    def _keep(self, channel: int, offset: int, kind: int, body: bytes, moved: set[int]) -> bool:
        after = self.nexts.get(channel)
        if after is None or offset > after:
            return False
        if offset == after:
            self.nexts[channel] = offset + 1
            moved.add(channel)
            if channel == 0 and kind == Joined.KIND:
                joined = Joined.parse_untrusted(body)
                self.rooms[joined.room] = joined.chat_channel
                self.nexts[joined.chat_channel] = joined.chat_start
                self.nexts[joined.presence_channel] = joined.presence_start
            elif channel == 0 and kind == Skip.KIND:
                skip = Skip.parse_untrusted(body)
                self.nexts[skip.channel] = skip.first
        return True

    def _note(self, number: int) -> None:
        ahead = number - self._largest
        if ahead > 0:
            self._bitmap = ((self._bitmap << 1 | (self._largest >= 0)) << (ahead - 1)) & _BITS
            self._largest = number
        else:
            self._bitmap |= (1 << (-ahead - 1)) & _BITS

    def _ask(self, kind: int, body: bytes) -> bytes:
        self._asked = Entry.pack_frame(0, self._offset, kind, body)
        self._offset += 1
        return self._sealed(self._asked)

    def _sealed(self, frames: bytes) -> bytes:
        assert self.seal is not None
        return self.seal.seal(frames)


class Crowd:
    """Guests of one server.

    `serve(waiting)`, called again and again, lets the server work until it did what it can, or for a moment if it is a
    process of its own.
    """

    def __init__(self, server: tuple[str, int], key: bytes, serve: Callable[[Sequence[socket.socket]], None]) -> None:
        self.guests: list[Guest] = []
        self._server = server
        self._key = key
        self._serve = serve
        self._sockets: list[socket.socket] = []
        self._ways: dict[Guest, tuple[socket.socket, list[tuple[int, int, bytes]]]] = {}
        self._by_token: dict[bytes, Guest] = {}
        self._by_session: dict[bytes, Guest] = {}
        self._answers: deque[tuple[Guest, bytes]] = deque()

    def add(self, count: int) -> list[Guest]:
        """So many more, who have not begun yet."""
        new = [Guest(self._key) for _ in range(count)]
        for guest in new:
            number = len(self.guests)
            if number % _A_SOCKET == 0:
                self._sockets.append(_socket())
            own = bytes((127, 1 + number // 40_000, number // 200 % 200, 1 + number % 200))
            ancillary = [(socket.IPPROTO_IP, 8, _PKTINFO.pack(0, own))]  # IP_PKTINFO
            self._ways[guest] = self._sockets[-1], ancillary
            self._by_token[guest.token.to_bytes(8, "big")] = guest
            self.guests.append(guest)
        return new

    def close(self) -> None:
        """Gives the sockets back; the server hears nothing of it."""
        for each in self._sockets:
            each.close()

    def send(self, guest: Guest, data: bytes) -> None:
        """One datagram, at once."""
        sock, ancillary = self._ways[guest]
        sock.sendmsg((data,), ancillary, 0, self._server)

    def turn(self) -> None:
        """Let the server work, take what it sent, and answer as much as is sent at once."""
        self._serve(self._sockets)
        for sock in self._sockets:
            with suppress(BlockingIOError):
                while True:
                    self._take(sock.recv(2048))
        for _ in range(min(len(self._answers), AT_ONCE)):
            self.send(*self._answers.popleft())

    def settle(self) -> None:
        """Answer all that came, until nothing comes in answer."""
        self.turn()
        while self._answers:
            self.turn()

    def shake(self, guests: Iterable[Guest]) -> None:
        """Begin their sessions."""
        self._each(guests, Guest.begin, lambda guest: guest.nexts[0] > 0)

    def join(self, guests: Iterable[Guest], room: str) -> None:
        """Let them into a room."""
        self._each(guests, lambda guest: guest.join(room), lambda guest: room in guest.rooms)

    def beat(self) -> None:
        """A heartbeat of everyone who has a session, as fast as the server answers."""
        self._each(self._by_session.values(), Guest.beat, lambda guest: guest.heard)

    def idle(self, seconds: float, gap: float) -> None:
        """Do nothing for so long but heartbeats, spread evenly: one of each guest in `gap` seconds."""
        begin, sent, guests = monotonic(), 0, list(self._by_session.values())
        while (now := monotonic()) < begin + seconds:
            while sent < (now - begin) * len(guests) / gap:
                guest = guests[sent % len(guests)]
                self.send(guest, guest.beat())
                sent += 1
            self.turn()

    def _each(self, guests: Iterable[Guest], ask: Callable[[Guest], bytes], done: Callable[[Guest], bool]) -> None:
        """Let each ask, AT_ONCE at a time, until it is `done`."""
        waiting, pending = deque(guests), list[Guest]()
        progress = asked = monotonic()
        while waiting or pending:
            while waiting and len(pending) < AT_ONCE:
                guest = waiting.popleft()
                pending.append(guest)
                self.send(guest, ask(guest))
            self.turn()
            left = [guest for guest in pending if not done(guest)]
            now = monotonic()
            if len(left) < len(pending):
                progress = asked = now
            elif now > asked + AGAIN:
                asked = now
                for guest in left:
                    self.send(guest, guest.again())
            assert now < progress + PATIENCE, f"{len(left)} guests wait in vain"
            pending = left

    def _take(self, data: bytes) -> None:
        sealed = data[:1] == _SEALED
        guest = self._by_session.get(data[8:16]) if sealed else self._by_token.get(data[2:10])
        if guest is None:
            return
        answer = guest.take(data)
        if answer is None:
            return
        if sealed:
            self._answers.append((guest, answer))
            return
        if guest.seal is not None:
            self._by_session[guest.seal.session.to_bytes(8, "big")] = guest
        self.send(guest, answer)  # at once: it took a while to make, and the next one will


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
    made.bind(("", 0))
    return made


def moment(waiting: Sequence[socket.socket]) -> None:
    """How a server that is a process of its own gets to work: wait until something came, 2 ms at most."""
    select.select(waiting, [], [], 0.002)
