"""HELLOs that wait until those who are in have had their turn.

A HELLO costs its sender nothing, so a flood of them must not delay anybody who has a session, nor keep out a newcomer
from elsewhere. They wait in a queue for each address prefix; one is taken from each in turn. A prefix may fill a third
of what room there is, a second one a third of the rest, and so on: so there is always room for one that nothing came
from of late. What finds no room is shed, as if the network had lost it: its sender says it again.
"""

from __future__ import annotations

from collections import deque

from udpchat_core.path import Datagram, Path

from .addresses import address_of

ROOM = 1024
"""HELLOs that may wait."""


class Arrivals:
    """HELLOs that wait."""

    def __init__(self) -> None:
        self._queues: dict[bytes, deque[Datagram]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, data: bytes, path: Path) -> bool:
        """Let one wait; False: there is no room for it."""
        prefix = address_of(path).prefix
        queue = self._queues.get(prefix)
        if ROOM - self._count < (2 * len(queue) if queue else 1):
            return False
        if queue is None:
            queue = self._queues[prefix] = deque()
        queue.append((data, path))
        self._count += 1
        return True

    def take(self) -> Datagram:
        """The next one, of the prefix that waited longest for its turn. There has to be one."""
        prefix = next(iter(self._queues))
        queue = self._queues.pop(prefix)
        self._count -= 1
        first = queue.popleft()
        if queue:
            self._queues[prefix] = queue
        return first

    def clear(self) -> None:
        """Forget all."""
        self._queues.clear()
        self._count = 0
