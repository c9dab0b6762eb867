"""The server's store in the simulation: a `MemoryStore` under a disk that is late, answers in batches, fails, forgets.

What the disk was given last may be lost when the server crashes: it is carried out request by request, each only when
it is answered. `stored` and `heads` are what the oracles hold against what clients say; whatever was on the disk once
stands there, even if the disk was rolled back since.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from net import Net, entropy
from udpchat_core.effects import (
    Append,
    Appended,
    RangeRead,
    ReadRange,
    RoomOpened,
    ServerRequest,
    ServerResult,
    StoreFailed,
)
from udpchat_core.house import NOBODY
from udpchat_protocol.entries import Chat
from udpchat_stores.memory import Done, MemoryStore

ALL = 65_535


@dataclass(frozen=True, slots=True)
class Stored:
    """One message on the disk."""

    room: str
    log: int
    offset: int
    chat: Chat


class Disk:
    """The store, and what is known of it."""

    def __init__(
        self,
        net: Net,
        *,
        least: float = 0.0,
        most: float = 0.0,
        batch: int | None = None,
        forgetful: bool = False,
        **bounds: Any,
    ) -> None:
        """`forgetful`: a known bug, which the simulator must find: a message that is said again is stored again."""
        self.memory = MemoryStore(clock=lambda: round(net.now * 1000), entropy=entropy(("store", net.seed)), **bounds)
        self.least, self.most, self.batch = least, most, batch
        self.usual = least, most, batch
        self.failing = 0.0
        """Share of requests that fail."""
        self.stored: list[Stored] = []
        self.heads: dict[str, int] = {}
        self.again = 0
        """Messages that were said again and not stored again."""
        self._net = net
        self._random = Random(f"disk/{net.seed}")
        self._forgetful = forgetful
        self._asked: set[tuple[str, bytes, int]] = set()
        self._waiting: deque[tuple[ServerRequest, Done]] = deque()
        self._logs: dict[str, int] = {}
        self._busy = False
        self._life = 0
        self._backup: MemoryStore | None = None

    def submit(self, requests: Sequence[ServerRequest], done: Done) -> None:
        """Carry them out, some time."""
        self._waiting.extend((request, done) for request in requests)
        if self.most == 0 and not self._busy:
            self._work(None)
        else:
            self._plan()

    def close(self) -> None:
        """Nothing to close."""

    @property
    def asked(self) -> list[ServerRequest]:
        """Requests that wait."""
        return [request for request, _ in self._waiting]

    def crash(self, keep: int) -> None:
        """The server is gone: the oldest `keep` of what waits were carried out, and nobody will hear of any."""
        for request, _ in [self._waiting.popleft() for _ in range(min(keep, len(self._waiting)))]:
            self._carry_out(request)
        self._waiting.clear()
        self._life += 1
        self._busy = False
        self.memory = self.memory.copy()

    def backup(self) -> None:
        """Somebody makes a copy."""
        self._backup = self.memory.copy()

    def rollback(self) -> bool:
        """The copy takes the place of what there is; False: there is no copy."""
        if self._backup is None:
            return False
        self.memory = self._backup.copy()
        for room in self.heads:
            self.heads[room] = self._read_head(room)
        self._asked.clear()
        return True

    def tell(self, room: str) -> list[Chat]:
        """What is on the disk of a room now."""
        found: list[ServerResult] = []
        self.memory.submit([ReadRange(NOBODY, room, 0, ALL)], found.extend)
        (result,) = found
        assert isinstance(result, RangeRead)
        if result.first:
            self.memory.submit([ReadRange(NOBODY, room, result.first, ALL)], found.extend)
        last = found[-1]
        assert isinstance(last, RangeRead)
        return [Chat.parse_untrusted(body) for body in last.bodies]

    # -- how it works -------------------------------------------------------------------------------------------

    def _read_head(self, room: str) -> int:
        found: list[ServerResult] = []
        self.memory.submit([ReadRange(NOBODY, room, 0, ALL)], found.extend)
        (result,) = found
        assert isinstance(result, RangeRead)
        return result.first + len(result.bodies if not result.first else self.tell(room))

    def _plan(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy = True
        life = self._life
        self._net.call(self._net.now + self._random.uniform(self.least, self.most), lambda: self._wake(life))

    def _wake(self, life: int) -> None:
        if life == self._life:
            self._busy = False
            self._work(self.batch)
            self._plan()

    def _work(self, most: int | None) -> None:
        count = min(most or len(self._waiting), len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(count)]
        for done, results in _by_done([(self._answer(request), done) for request, done in batch]):
            done(results)

    def _answer(self, request: ServerRequest) -> ServerResult:
        if self.failing and self._random.random() < self.failing:
            return StoreFailed(request, "the disk is full")
        return self._carry_out(request)

    def _carry_out(self, request: ServerRequest) -> ServerResult:
        found: list[ServerResult] = []
        asked = request
        if isinstance(request, Append):
            identity = request.room, request.key, request.chat.id
            if identity in self._asked:
                self.again += 1
                if self._forgetful:
                    asked = request._replace(key=bytes(reversed(request.key)))
            self._asked.add(identity)
        self.memory.submit([asked], found.extend)
        result = found[0]
        if isinstance(result, RoomOpened):
            self._logs[result.request.room] = result.log
            self.heads[result.request.room] = result.head
        if isinstance(result, Appended):
            result = result._replace(request=request)
            room = result.request.room
            if result.offset >= self.heads.get(room, 0):
                self.heads[room] = result.offset + 1
                chat = Chat.parse_untrusted(result.body)
                self.stored.append(Stored(room, self._logs.get(room, 0), result.offset, chat))
        return result


def _by_done(results: Sequence[tuple[ServerResult, Done]]) -> list[tuple[Callable[..., None], list[ServerResult]]]:
    grouped: list[tuple[Callable[..., None], list[ServerResult]]] = []
    for result, done in results:
        if grouped and grouped[-1][0] == done:
            grouped[-1][1].append(result)
        else:
            grouped.append((done, [result]))
    return grouped
