"""Who means harm in the simulation: races, replays, forgeries, floods. None of them has a key.

An attacker sees every datagram, sends whatever they like from whatever address, and cannot be stopped from being
first. What a server may send to their addresses is written down for the oracle that holds it to that.
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TYPE_CHECKING

from simulation.later import Later
from simulation.life import Life
from simulation.oracles import Allowance
from udpchat_core.path import Path
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import PATH_BUDGET, REPLAY_WINDOW
from udpchat_protocol.packets import Hello, Refused, Reset, Retry, Sealed, Versions, Welcome

if TYPE_CHECKING:
    from simulation.world import World

HEADSTART = 1e-4
"""Seconds after which a copy arrives that races its original."""


class Attacks:
    """What was recorded, and what is done with it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._recorded: dict[str, deque[tuple[bytes, Path]]] = {"up": deque(maxlen=300), "down": deque(maxlen=300)}
        self._hellos: deque[tuple[bytes, Path, int]] = deque(maxlen=20)
        """HELLOs with message 1, and the restarts of the server before."""
        self._races: dict[str, float] = {}
        self._edges: dict[str, tuple[float, dict[bytes, dict[int, bytes]]]] = {}
        self._later: dict[Path, Later] = {}
        self._count = 0
        self.restarts = 0

    def stop(self) -> None:
        """They lose interest."""
        self._races.clear()
        self._edges.clear()

    def sent(self, way: str, data: bytes, path: Path) -> None:
        """See a datagram."""
        self._recorded[way].append((data, path))
        if way == "down":
            if (later := self._later.get(path)) is not None:
                later.take(data)
            return
        if data[0] == Hello.TYPE and data[10]:
            self._hellos.append((data, path, self.restarts))
        if self._races or self._edges:
            self._follow(data, str(path).rpartition("-")[0])

    def _follow(self, data: bytes, name: str) -> None:
        net = self._world.net
        if self._races.get(name, 0.0) > net.now:
            self.owed(f"thief of {name}", data, genuine=True)
            net.inject(data, f"thief of {name}", net.now + HEADSTART)
        if name in self._edges and data[0] == Sealed.TYPE and self._edges[name][0] > net.now:
            seen = self._edges[name][1].setdefault(data[8:16], {})
            number = int.from_bytes(data[2:8], "big")
            seen[number] = data
            if number > REPLAY_WINDOW and number % 50 == 0:
                self._world.rare.see("a replay at the window's edge")
                for old in range(number - REPLAY_WINDOW - 1, number - REPLAY_WINDOW + 3):
                    if old in seen:
                        net.inject(seen[old], f"{name}-0", net.now + HEADSTART)

    def owed(self, path: Path, data: bytes, *, genuine: bool) -> None:
        """Write down what may be answered to something that is sent from an attacker's address."""
        allowance = self._world.oracles.owed.setdefault(path, Allowance())
        allowance.allowed += PATH_BUDGET * len(data) if genuine and data[0] == Sealed.TYPE else max(len(data) - 1, 0)

    # -- what they do ------------------------------------------------------------------------------------------------

    def race(self, life: Life, seconds: float) -> None:
        """For a while, a copy of each datagram of a host comes first, from elsewhere."""
        self._races[life.name] = self._world.net.now + seconds

    def edge(self, life: Life, seconds: float) -> None:
        """For a while, packets come again when they are about to leave the window."""
        self._edges[life.name] = self._world.net.now + seconds, {}

    def replay(self, life: Life, count: int, way: str, *, elsewhere: bool) -> None:
        """What a host sent or was sent, again."""
        net = self._world.net
        found = [each for each in self._recorded[way] if str(each[1]).rpartition("-")[0] == life.name][-count:]
        for n, (data, path) in enumerate(found):
            if way == "down":
                if life.person is not None:
                    net.inject_down(data, life.person.path)
            elif elsewhere:
                self.owed(f"parrot of {life.name}", data, genuine=True)
                net.inject(data, f"parrot of {life.name}", net.now + n * HEADSTART)
            else:
                net.inject(data, path, net.now + n * HEADSTART)

    def forge(self, life: Life, count: int) -> None:
        """Packets that nobody sealed, in the name of a host and of its server."""
        if life.person is None:
            return
        net, path = self._world.net, life.person.path
        self._count += 1
        random = Random(f"forge/{net.seed}/{life.name}/{net.now}")
        for data, _ in [each for each in self._recorded["up"] if each[1] == path][-count:]:
            if data[0] == Sealed.TYPE:
                number = int.from_bytes(data[2:8], "big") + random.randrange(5000)
                fake = data[:2] + number.to_bytes(6, "big") + data[8:16] + random.randbytes(random.randrange(16, 99))
                net.inject(fake, path)
                net.inject_down(fake, path)
                net.inject_down(
                    Reset(session=int.from_bytes(data[8:16], "big"), reset=random.randbytes(16)).build(), path
                )
            elif data[0] == Hello.TYPE:
                token = int.from_bytes(data[2:10], "big")
                for packet in (
                    Refused(token=token, code=Code.FULL),
                    Versions(token=token, versions=(1, 9)),
                    Welcome(version=1, token=token, noise=random.randbytes(99)),
                    Retry(version=1, token=token, flags=1, cookie=random.randbytes(32), key=random.randbytes(32)),
                ):
                    net.inject_down(packet.build(), path)
            net.inject_down(random.randbytes(random.randrange(1, 1300)), path)

    def flood(self, count: int, *, cookies: bool) -> None:
        """HELLOs from everywhere; with `cookies`, those that others sent, from there and from elsewhere."""
        net = self._world.net
        self._count += 1
        random = Random(f"flood/{net.seed}/{net.now}")
        for n in range(count):
            path = f"flood {random.randrange(8)}-{n}"
            at = net.now + n * 0.002
            if cookies and self._hellos:
                data, own, restarts = random.choice(self._hellos)
                if restarts < self.restarts:
                    self._world.rare.see("a HELLO again after a restart")
                self.owed(path, data, genuine=False)
                net.inject(data, path, at)
                net.inject(data, own, at)
            else:
                version = random.choice((1, 1, 1, 2, 200))
                data = Hello(version=version, token=random.getrandbits(64), cookie=b"", noise=b"").build()
                self.owed(path, data, genuine=False)
                net.inject(data, path, at)

    def later(self) -> None:
        """No attacker: a member whose program is of a later version."""
        self._count += 1
        path = f"later{self._count}-0"
        self._later[path] = Later(self._world, path)
