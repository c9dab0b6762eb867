"""What must have happened somewhere in a large sweep: a simulation that never gets there proves nothing about it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from simulation.life import Life
from udpchat_core.effects import Append
from udpchat_core.events import (
    Closed,
    CommandFailed,
    Disconnected,
    HistoryEnded,
    JoinedRoom,
    LinkChanged,
    ServerEvent,
    SessionClosed,
    SessionOpened,
    SessionReachable,
    Skipped,
    StoreTrouble,
)
from udpchat_core.path import Path
from udpchat_core.states import State
from udpchat_protocol.codes import Code, Resume
from udpchat_protocol.packets import Hello, Refused, Reset, Sealed

if TYPE_CHECKING:
    from simulation.world import World

RARE = (
    "a HELLO again after a restart",
    "a RESET during a paste",
    "a history was read across two sessions",
    "a later version was tried",
    "a link went down and came up",
    "a log began anew",
    "a member was unreachable and came back",
    "a message of a later version was stored",
    "a message was said again and stored once",
    "a place was saved too late",
    "a quick second move",
    "a quit with messages left",
    "a reader was skipped ahead",
    "a renewal",
    "a renewal during a migration",
    "a replay at the window's edge",
    "a resume after truncation",
    "a session expired",
    "a session replaced another",
    "a store failed",
    "a store rolled back",
    "an attacker was challenged",
    "probes after a blackout",
    "the disk lost what it was given",
    "the disk had it, and nobody was told",
    "the server refused a handshake",
)
"""A sweep of `ENOUGH` seeds that never saw one of these fails."""

RESUMES = {
    Resume.TRUNCATED: "a resume after truncation",
    Resume.ROLLED_BACK: "a store rolled back",
    Resume.NEW_LOG: "a log began anew",
}
ENOUGH = 1000
NEAR = 10.0
"""Seconds after a move that count as migration."""


class Rare:
    """What one run saw."""

    def __init__(self, world: World) -> None:
        self.seen: Counter[str] = Counter()
        self.later: int | None = None
        self._world = world
        self._unreachable: set[int] = set()

    def see(self, what: str) -> None:
        """It happened."""
        self.seen[what] += 1

    def sent(self, way: str, data: bytes, path: Path) -> None:
        """A datagram was sent."""
        if data[0] == Sealed.TYPE:
            if way == "down" and path in self._world.oracles.owed:
                self.see("an attacker was challenged")
            return
        person = self._world.net.people.get(path)
        if person is None:
            return
        if data[0] == Reset.TYPE and person.client.unacknowledged >= 8:
            self.see("a RESET during a paste")
        elif data[0] == Refused.TYPE:
            self.see("the server refused a handshake")
        elif data[0] == Hello.TYPE and person.client.status is State.OPEN:
            self.see("a renewal")
            if self._world.net.now - self._world.lives[person.name].moved < NEAR:
                self.see("a renewal during a migration")

    def server_event(self, event: ServerEvent) -> None:
        """The server told something."""
        match event:
            case SessionOpened(replaced=True):
                self.see("a session replaced another")
            case SessionClosed(code=Code.EXPIRED):
                self.see("a session expired")
            case SessionReachable(session=session, reachable=reachable):
                if not reachable:
                    self._unreachable.add(session)
                elif session in self._unreachable:
                    self.see("a member was unreachable and came back")
            case StoreTrouble():
                self.see("a store failed")
            case _:
                pass

    def moves(self, life: Life) -> None:
        """A host is about to move."""
        if self._world.net.now - life.moved < 1.0:
            self.see("a quick second move")
        life.moved = self._world.net.now

    def dark(self, life: Life | None, seconds: float) -> None:
        """A blackout begins."""
        net = self._world.net
        lives = self._world.lives.values() if life is None else (life,)
        for each in lives:
            if each.person is not None:
                net.call(net.now + seconds, partial(self._bright, each, each.lives))

    def _bright(self, life: Life, lives: int) -> None:
        if life.lives == lives and life.person is not None and life.person.client.unacknowledged:
            self.see("probes after a blackout")

    def crash(self, life: Life) -> None:
        """A client is about to die."""
        if life.unsaved and life.unsaved[-1][0] > self._world.net.now:
            self.see("a place was saved too late")

    def quit(self, life: Life) -> None:
        """Somebody is about to quit."""
        if life.person is not None and life.person.client.unacknowledged:
            self.see("a quit with messages left")

    def server_crash(self, keep: int) -> None:
        """The server is about to die."""
        appends = [isinstance(request, Append) for request in self._world.disk.asked]
        if any(appends[:keep]):
            self.see("the disk had it, and nobody was told")
        if any(appends[keep:]):
            self.see("the disk lost what it was given")
        self._world.attacks.restarts += 1

    def closed(self, life: Life) -> None:
        """A program says that it is over."""
        for event in life.events:
            if isinstance(event, Closed) and event.code is not Code.QUIT:
                self.see(f"closed by {event.code.name}")

    def judged(self, life: Life) -> None:
        """Look at what a client told its application in one life."""
        ended = down = False
        for event in life.events:
            match event:
                case JoinedRoom(resume=resume) if resume in RESUMES:
                    self.see(RESUMES[resume])
                case Skipped():
                    self.see("a reader was skipped ahead")
                case LinkChanged(up=up):
                    if up and down:
                        self.see("a link went down and came up")
                    down = not up
                case Disconnected():
                    ended = True
                case HistoryEnded() if ended:
                    self.see("a history was read across two sessions")
                case CommandFailed(code=code):
                    self.see(f"refused {code.name}")
                case _:
                    pass
        self._disk()

    def _disk(self) -> None:
        if self._world.disk.again:
            self.see("a message was said again and stored once")
        if any(each.chat.id == self.later for each in self._world.disk.stored):
            self.see("a message of a later version was stored")
