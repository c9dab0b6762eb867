"""One device of one member in the simulation, through all its lives: what it said, took, saved and lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from clock import Clock
from net import Net, Person, entropy
from simulation.schedule import Host
from udpchat_core.effects import SaveState
from udpchat_core.events import ClientEvent
from udpchat_core.state import Change, ClientState, Pin


@dataclass
class Life:
    """The device; `person` is its program while it runs."""

    net: Net
    host: Host
    state: ClientState
    """What a program finds that begins now."""
    began: ClientState
    """What the present one, or the last, found."""
    watch: Callable[[Life, SaveState], None]
    """Sees what is to be saved."""
    person: Person | None = None
    fingerprint: bytes = b""
    gone_from_outbox: list[int] = field(default_factory=list[int])
    """Messages that the present program took as acknowledged."""
    left_unread: bool = False
    """Did the last program die with events that nobody took?"""
    said: int = 0
    away: float = 1.0
    """Seconds until the person starts the program again when it is over."""
    read: int = 0
    """Events of the present program that the person has acted on."""
    moved: float = -1e9
    in_bed_until: float = -1e9
    lives: int = 0
    unsaved: deque[tuple[float, tuple[Change, ...]]] = field(default_factory=deque[tuple[float, tuple[Change, ...]]])
    last: Person | None = None

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def events(self) -> list[ClientEvent]:
        """What the present program, or the last, told its application."""
        return self.last.events if self.last is not None else []

    @property
    def awake(self) -> bool:
        return self.person is not None and self.person.asleep_until <= self.net.now and not self.person.client.closed

    def begin(self, server: bytes, clock: Clock) -> Person:
        """Start the program on what was saved."""
        self.began = self.state
        self.gone_from_outbox = []
        self.left_unread = False
        self.lives += 1
        self.read = 0
        self.person = self.last = self.net.person(
            self.name,
            state=self.state,
            joins=None,
            confirmed=Pin(server),
            renewal=self.host.renewal,
            clock=clock,
            saves=self._save,
        )
        self.fingerprint = self.person.client.fingerprint
        return self.person

    def end(self) -> Person | None:
        """The program dies; what was saved in time is what the next one finds. The program that was."""
        person, self.person = self.person, None
        if person is not None:
            self.left_unread = person.client.events_waiting
            person.die()
            self.settle()
            self.unsaved.clear()
        return person

    def settle(self, *, all_of_it: bool = False) -> None:
        """Time has passed: see what has been saved by now."""
        while self.unsaved and (all_of_it or self.unsaved[0][0] <= self.net.now):
            for change in self.unsaved.popleft()[1]:
                self.state = change.apply(self.state)

    def _save(self, request: SaveState) -> None:
        self.watch(self, request)
        self.unsaved.append((self.net.now + self.host.lag, request.changes))
        if not self.host.lag:
            self.settle()


def first_state(seed: int, host: Host) -> ClientState:
    """What a device is given."""
    identity = entropy(("identity", seed, host.member))(32)
    state = ClientState(identity, host.device, nick=host.member)
    return replace(state, rooms=dict.fromkeys(host.rooms))
