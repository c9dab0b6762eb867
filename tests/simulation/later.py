"""A member whose client is of a later version: it tries that first, and says things that this version does not know.

It is made of bytes and forgets everything that it hears but what its handshake needs; after its few words it falls
silent, and its session expires.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from net import entropy
from udpchat_core.keys import PrivateKey, fingerprint, prologue, psk, public_key
from udpchat_core.noise import Initiator, NoiseError
from udpchat_core.path import Path
from udpchat_core.seal import Seal
from udpchat_protocol.entries import Join, Nick, Say
from udpchat_protocol.frames import Entry, Heartbeat
from udpchat_protocol.packets import Answer, Hello, Offer, Retry, Versions, Welcome, parse_packet_untrusted
from udpchat_protocol.wire import WireError

if TYPE_CHECKING:
    from simulation.world import World

LATER = 2
UNKNOWN_FRAME = bytes((0x70, 0, 3)) + b"new"
UNKNOWN_KIND = 0x19
TEXT = "from the future"
RTT = 0.05


class Later:
    """One of them."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        self._draw = entropy((path, world.net.seed))
        self._identity = PrivateKey(self._draw(32))
        self._token = int.from_bytes(self._draw(8), "big")
        self._initiator: Initiator | None = None
        self._done = False
        self._send(Hello(version=LATER, token=self._token, cookie=b"", noise=b"").build())

    def _send(self, data: bytes) -> None:
        net = self._world.net
        if self._world.net.tap is not None:
            self._world.net.tap("up", data, self._path)
        net.inject(data, self._path, net.now + RTT)

    def take(self, data: bytes) -> None:
        """The server sent something."""
        self._world.net.call(self._world.net.now + RTT, partial(self._take, data))

    def _take(self, data: bytes) -> None:
        if self._done:
            return
        try:
            packet = parse_packet_untrusted(data)
        except WireError:
            return
        if isinstance(packet, Versions):
            self._world.rare.see("a later version was tried")
            self._send(Hello(version=1, token=self._token, cookie=b"", noise=b"").build())
        elif isinstance(packet, Retry):
            self._initiator = Initiator(
                self._identity, packet.key, psk(None, packet.key), prologue(1, self._token), self._draw
            )
            noise = self._initiator.message1(Offer(device=1, versions=(1,)).build())
            self._send(Hello(version=1, token=self._token, cookie=packet.cookie, noise=noise).build())
        elif isinstance(packet, Welcome) and self._initiator is not None:
            self._speak(packet)

    def _speak(self, welcome: Welcome) -> None:
        assert self._initiator is not None
        try:
            payload, keys = self._initiator.read2_untrusted(welcome.noise)
        except NoiseError:
            return
        self._done = True
        seal = Seal(Answer.parse_untrusted(payload).session, keys.to_server, keys.to_client)
        message = int.from_bytes(self._draw(8), "big")
        author = fingerprint(public_key(self._identity))
        self._world.oracles.said[author, message] = "lobby", TEXT
        self._world.rare.later = message
        said = Say.pack("lobby", message, 0xF0, TEXT) + b"more fields"
        bodies = [
            (Nick.KIND, Nick.pack(str(self._path).partition("-")[0])),
            (UNKNOWN_KIND, b"whatever"),
            (Join.KIND, Join.pack("lobby", 5, 0, 0, bytes(8)) + b"more fields"),
            (Say.KIND, b"\xff"),
            (Say.KIND, said),
        ]
        self._send(seal.seal(Heartbeat().build_frame() + UNKNOWN_FRAME))
        for offset, (kind, body) in enumerate(bodies):
            entry = Entry(channel=0, offset=offset, kind=kind, body=body)
            self._send(seal.seal(UNKNOWN_FRAME + entry.build_frame()))
