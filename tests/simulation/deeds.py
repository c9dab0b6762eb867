"""What can be done in a run: the deeds of a schedule, each a method `do_…` of the world.

A deed that cannot be done, since a host is not there or a client says no, is not done: so that a schedule from which
something was cut away still makes sense.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from clock import Clock
from net import Net
from simulation.disk import Disk
from simulation.life import Life
from simulation.oracles import Oracles
from simulation.schedule import Deed, Schedule
from udpchat_core.errors import LocalProtocolError
from udpchat_core.path import Path
from udpchat_transports.link import Conditions, Link

if TYPE_CHECKING:
    from simulation.attacks import Attacks
    from simulation.rare import Rare

FINE = Conditions(delay=(0.02, 0.05))

_ANY_TIME = frozenset({"crash", "nap", "weather", "blackout", "partition", "clog", "narrow", "replay", "forge"})
"""What can be done to a host that sleeps."""


class Deeds:
    """The part of a world that acts."""

    schedule: Schedule
    net: Net
    disk: Disk
    oracles: Oracles
    rare: Rare
    attacks: Attacks
    faults: Counter[str]
    calm: bool
    lives: dict[str, Life]
    pause_end: float
    """Until when the server does nothing."""

    @property
    def t(self) -> float:
        """Seconds since the schedule began."""
        raise NotImplementedError

    @property
    def core(self) -> list[Life]:
        """Those for whom faults stop."""
        raise NotImplementedError

    def look(self) -> None:
        """Hold what can be held against the oracles at any time."""
        raise NotImplementedError

    def ended(self, life: Life) -> None:
        """A program is about to end: judge what it told."""
        raise NotImplementedError

    def do(self, deed: Deed) -> None:
        """One deed, if it can be done; what cannot be, is not."""
        life = self.lives.get(deed.host)
        if deed.host and (life is None or not (life.awake or deed.what in _ANY_TIME)):
            return
        how: dict[str, Any] = dict(deed.how)
        with suppress(LocalProtocolError):
            getattr(self, f"do_{deed.what}")(*(() if life is None else (life,)), **how)
            self.faults[deed.what] += 1
        self.net.drain()

    def begin(self, life: Life) -> None:
        if life.in_bed_until > self.net.now and not (self.calm and life in self.core):
            self.net.call(life.in_bed_until, partial(self.begin, life))
        elif life.person is None:
            person = life.begin(self.net.identity.public, Clock(life.host.offset, life.host.rate))
            if self.calm and life.name in self.schedule.core:
                self.fine(person.path)

    def stop(self, life: Life) -> None:
        """The program ends, as it is."""
        self.ended(life)
        life.end()

    def do_talk(self, life: Life, room: str, count: int, size: int) -> None:
        assert life.person is not None
        for _ in range(count):
            text = f"{life.name} {life.said}" + "." * size
            message = life.person.say(text, room)
            life.said += 1
            self.oracles.said[life.fingerprint, message] = room, text

    def do_hammer(self, life: Life, room: str, bursts: int, count: int, size: int) -> None:
        """Talk, again and again."""
        self.do_talk(life, room, count, size)
        if bursts > 1:
            again = partial(Deed, what="hammer", host=life.name)
            how = {"room": room, "bursts": bursts - 1, "count": count, "size": size}
            self.net.call(self.net.now + 1, lambda: self.do(again(self.t, how=how)))

    def do_join(self, life: Life, room: str) -> None:
        assert life.person is not None
        life.person.join(room)

    def do_part(self, life: Life, room: str) -> None:
        assert life.person is not None
        life.person.client.part(room, life.person.now)

    def do_nick(self, life: Life, nick: str) -> None:
        assert life.person is not None
        life.person.client.nick(nick, life.person.now)

    def do_history(self, life: Life, room: str, start: int, count: int) -> None:
        assert life.person is not None
        life.person.client.history(room, start, count, life.person.now)

    def do_quit(self, life: Life, down: float) -> None:
        """They quit, and come back `down` after it is over."""
        assert life.person is not None
        life.away = down
        self.rare.quit(life)
        life.person.quit()

    def do_doze(self, life: Life, seconds: float) -> None:
        """The application takes nothing for a while."""
        person = life.person
        assert person is not None
        person.takes = False

        def wake() -> None:
            person.takes = True
            if life.person is person:
                self.net.touch(person)

        self.net.call(self.net.now + seconds, wake)

    def do_nap(self, life: Life, seconds: float) -> None:
        """They close the laptop; whoever is not there does not come before that time either."""
        life.in_bed_until = max(life.in_bed_until, self.net.now + seconds)
        if life.person is not None:
            life.person.sleep(life.in_bed_until - self.net.now)

    def do_move(self, life: Life, silent: bool) -> None:
        assert life.person is not None
        self.rare.moves(life)
        life.person.move(silent=silent)

    def do_crash(self, life: Life, down: float) -> None:
        if life.person is not None:
            self.rare.crash(life)
            self.stop(life)
            self.net.call(self.net.now + down, partial(self.begin, life))

    # -- weather

    def _change(self, life: Life | None, way: str, seconds: float, **changes: Any) -> None:
        """Another weather for some links, for a while; of two at a time the one that ends first ends both."""
        for each in self.lives.values() if life is None else (life,):
            if each.person is not None and not self._spared(each):
                for one in ("up", "down") if way == "both" else (way,):
                    link, path = self._link(one, each.person.path), each.person.path
                    link.conditions = replace(link.conditions, **changes)
                    self.net.call(self.net.now + seconds, partial(self._restore, each, one, link, path, [*changes]))

    def _restore(self, life: Life, way: str, link: Link, path: Path, names: list[str]) -> None:
        """The usual weather again, wherever the host is by now."""
        before = {name: getattr(self.net.conditions, name) for name in names}
        here = (
            [] if life.person is None or self._spared(life) else [(self._link(way, life.person.path), life.person.path)]
        )
        for each, where in [(link, path), *here]:
            if not self._spared(life) or path not in self.net.people:
                each.conditions = replace(each.conditions, **before)
            if not each.conditions.clogged:
                self.net.unclog(each, where)

    def _link(self, way: str, path: Path) -> Link:
        return (self.net.up if way == "up" else self.net.down)[path]

    def _spared(self, life: Life) -> bool:
        """Have faults stopped for it?"""
        return self.calm and life.name in self.schedule.core

    def do_weather(self, life: Life | None = None, *, way: str, seconds: float, conditions: dict[str, Any]) -> None:
        self._change(life, way, seconds, **conditions)

    def do_blackout(self, life: Life | None = None, *, seconds: float) -> None:
        self.rare.dark(life, seconds)
        self._change(life, "both", seconds, loss=1.0)

    def do_partition(self, life: Life, way: str, seconds: float) -> None:
        self._change(life, way, seconds, loss=1.0)

    def do_clog(self, life: Life, way: str, seconds: float) -> None:
        self._change(life, way, seconds, clogged=True)

    def do_narrow(self, life: Life, way: str, seconds: float, mtu: int) -> None:
        self._change(life, way, seconds, mtu=mtu)

    # -- the server

    def do_server_crash(self, down: float, keep: int) -> None:
        self.look()
        self.rare.server_crash(keep)
        self.disk.crash(keep)
        self.oracles.look_at_disk()
        self._restart()
        if down:
            self.pause_end = max(self.pause_end, self.net.now + down)
            self.net.pause_server(down)
            self.net.call(self.net.now + down, self._restart)

    def _restart(self) -> None:
        self.oracles.server_forgot()
        self.net.restart_server()
        if self.net.now < self.pause_end:
            self.net.pause_server(self.pause_end - self.net.now)

    def do_server_pause(self, seconds: float) -> None:
        self.pause_end = max(self.pause_end, self.net.now + seconds)
        self.net.pause_server(self.pause_end - self.net.now)

    def do_backup(self) -> None:
        self.disk.backup()

    def do_rollback(self) -> None:
        """The server dies, and begins again with an older copy of its disk."""
        self.look()
        self.disk.crash(0)
        self.oracles.look_at_disk()
        if self.disk.rollback():
            self.oracles.rolled_back += 1
        self._restart()

    def do_slow_store(self, seconds: float, least: float, most: float, batch: int | None) -> None:
        disk = self.disk
        disk.least, disk.most, disk.batch = least, most, batch

        def after() -> None:
            disk.least, disk.most, disk.batch = disk.usual

        self.net.call(self.net.now + seconds, after)

    def do_store_fails(self, seconds: float, share: float) -> None:
        disk = self.disk
        disk.failing = share

        def after() -> None:
            disk.failing = 0.0

        self.net.call(self.net.now + seconds, after)

    # -- attackers

    def do_race(self, life: Life, seconds: float) -> None:
        self.attacks.race(life, seconds)

    def do_edge(self, life: Life, seconds: float) -> None:
        self.attacks.edge(life, seconds)

    def do_replay(self, life: Life, count: int, way: str, elsewhere: bool) -> None:
        self.attacks.replay(life, count, way, elsewhere=elsewhere)

    def do_forge(self, life: Life, count: int) -> None:
        self.attacks.forge(life, count)

    def do_flood(self, count: int, cookies: bool) -> None:
        self.attacks.flood(count, cookies=cookies)

    def do_later(self) -> None:
        self.attacks.later()

    def fine(self, path: Path) -> None:
        for link in (self.net.up[path], self.net.down[path]):
            link.conditions = FINE
            self.net.unclog(link, path)
