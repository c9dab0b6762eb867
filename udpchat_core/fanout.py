"""Who is sent what when logs grow: of their readers those who ride (`train`), those who only need what is new in one
log (`Session.push`), and those who need a whole look.

In:   `grown(log)` when something was appended, `spread(...)` once in every turn, `late(now)` at `alarms.next`
Out:  datagrams, and the sessions that lack more than what is new
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from .batch import Outgoing
from .cursor import Cursor
from .log import Log
from .timers import Timers
from .train import Train
from .uplink import Peer
from .vigil import Vigil


class Fanout:
    """The logs of one server, as they grow."""

    __slots__ = ("_awaited", "_grown", "_peers", "_vigil", "alarms")

    def __init__(self, peers: Mapping[int, Peer], vigil: Vigil) -> None:
        """`peers`: the live sessions, by their ids; `vigil` looks at those who do not ride."""
        self._peers = peers
        self._vigil = vigil
        self._grown: dict[int, Log] = {}
        self._awaited: dict[int, Train] = {}
        """Trains with an alarm, by channel."""
        self.alarms = Timers()
        """When `late` is to be asked."""

    def grown(self, log: Log) -> None:
        """Something was appended to a log."""
        self._grown[log.channel] = log

    @property
    def waiting(self) -> bool:
        """Did a log grow?"""
        return bool(self._grown)

    def late(self, now: float) -> list[int]:
        """Sessions that ride, and did not tell of what they were sent for too long."""
        late: list[int] = []
        for channel in self.alarms.due(now):
            late += self._awaited.pop(channel).late(now)
        return late

    def _await(self, train: Train) -> None:
        self._awaited[train.log.channel] = train
        self.alarms.set(train.log.channel, train.due)

    def spread(self, now: float, out: list[Outgoing], dirty: dict[int, None]) -> Iterable[int]:
        """Append to `out` what is new for all readers, and add to `dirty` who needs more; channels of what is new.

        Who is in `dirty` before gets nothing here.
        """
        grown, self._grown = self._grown, {}
        for key in dirty:
            if key in self._peers:
                self._peers[key].session.alight()
        for key, cursor in _walkers(grown.values()).items():
            session = self._peers[key].session
            left = session.alight()
            if cursor is None or (left is not None and left.channel in grown) or session.unsettled or key in dirty:
                dirty[key] = None
            elif not session.board(cursor):
                self._push(cursor, now, out, dirty, key)
        for log in grown.values():
            train = log.train = log.train or Train(log, self._await)
            train.depart(now, out, partial(self._stop, log, now, out, dirty))
        return grown

    def _stop(self, log: Log, now: float, out: list[Outgoing], dirty: dict[int, None], key: int) -> None:
        self._peers[key].session.alight()
        self._push(log.readers[key], now, out, dirty, key)

    def _push(self, cursor: Cursor, now: float, out: list[Outgoing], dirty: dict[int, None], key: int) -> None:
        session = self._peers[key].session
        session.push(cursor, now, out)
        if session.unsettled:
            dirty[key] = None
        elif session.look > now + session.recovery.pto:
            self._vigil.expects(session, now)


def _walkers(grown: Iterable[Log]) -> dict[int, Cursor | None]:
    """The readers of these logs that do not ride them, and their cursors; None where one is not all they need."""
    walkers: dict[int, Cursor | None] = {}
    for log in grown:
        if log.void:
            log.void = False
            walkers.update(dict.fromkeys(log.readers))
        else:
            for key, cursor in log.walkers.items():
                walkers[key] = None if key in walkers else cursor
    return walkers
