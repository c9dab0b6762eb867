"""A person on the virtual network of `net`: a client, what its application took from it, and what may happen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from udpchat_core.client import Client
from udpchat_core.events import ChatReceived, ClientEvent
from udpchat_core.path import Path

if TYPE_CHECKING:
    from net import Net

E = TypeVar("E")


class Person:
    """A client and what its application took from it."""

    def __init__(self, net: Net, name: str, client: Client, path: Path, *, takes: bool = True) -> None:
        self.net = net
        self.name = name
        self.client = client
        self.path = path
        """Where the server sees the client."""
        self.local = path
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

    def join(self, room: str = "lobby", **kwargs: Any) -> None:
        self.client.join(room, self.net.now, **kwargs)
        self.net.touch(self)

    def say(self, text: str, room: str = "lobby") -> int:
        message = self.client.say(room, text, self.net.now)
        self.net.touch(self)
        return message

    def quit(self) -> None:
        self.client.quit(self.net.now)
        self.net.touch(self)

    def move(self, *, silent: bool = False) -> None:
        """Be somewhere else from now on. `silent`: a NAT rebinds, and the client is not told."""
        self.net.rebind(self)
        if not silent:
            self.left.add(self.local)
            self.local = self.path
            self.client.moved(self.path, self.net.now)
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
