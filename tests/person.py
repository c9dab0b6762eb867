"""A person on the virtual network of `net`: a client, what its application took from it, and what may happen to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from clock import Clock
from udpchat_core.client import Client
from udpchat_core.effects import SaveState
from udpchat_core.events import ChatReceived, ClientEvent
from udpchat_core.path import Path

if TYPE_CHECKING:
    from net import Net

E = TypeVar("E")


class Person:
    """A client and what its application took from it."""

    def __init__(
        self,
        net: Net,
        name: str,
        client: Client,
        *,
        takes: bool = True,
        clock: Clock = Clock(),  # noqa: B008 - a frozen value
        saves: Callable[[SaveState], None] | None = None,
    ) -> None:
        self.net = net
        self.name = name
        self.client = client
        self.clock = clock
        self.saves = saves
        """Called with each change of the client's state that is to be saved."""
        self.path: Path = None
        """Where the server sees the client."""
        self.local: Path = None
        """Where the client believes to be."""
        self.left: set[Path] = set()
        """What it believed before: nothing leaves that way any more."""
        self.asleep_until = -1.0
        self.takes = takes
        """Does the application take events?"""
        self.trusts = True
        """Does the person accept the first key that they are shown?"""
        self.events: list[ClientEvent] = []
        self.times: list[float] = []
        """When the application took each event."""

    @property
    def now(self) -> float:
        """What this person's clock shows."""
        return self.clock.local(self.net.now)

    def join(self, room: str = "lobby", **kwargs: Any) -> None:
        self.client.join(room, self.now, **kwargs)
        self.net.touch(self)

    def say(self, text: str, room: str = "lobby") -> int:
        message = self.client.say(room, text, self.now)
        self.net.touch(self)
        return message

    def quit(self) -> None:
        self.client.quit(self.now)
        self.net.touch(self)

    def move(self, *, silent: bool = False) -> None:
        """Be somewhere else from now on. `silent`: a NAT rebinds, and the client is not told."""
        self.net.rebind(self)
        if not silent:
            self.left.add(self.local)
            self.local = self.path
            self.client.moved(self.path, self.now)
            self.net.touch(self)

    def sleep(self, seconds: float) -> None:
        """Close the laptop: no call, no datagram, until `handle_timeout` with the time that it is then."""
        self.asleep_until = self.net.now + seconds
        self.net.touch(self)

    def die(self) -> None:
        """The process is killed. What it sent is under way still."""
        self.net.remove(self)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind that were taken."""
        return [event for event in self.events if isinstance(event, kind)]

    def when(self, kind: type[ClientEvent]) -> list[float]:
        """The times at which they were."""
        return [when for when, event in zip(self.times, self.events, strict=True) if isinstance(event, kind)]

    def texts(self, room: str = "lobby") -> list[str]:
        """The texts of a room in the order they were taken."""
        return [event.text for event in self.of(ChatReceived) if event.room == room]
