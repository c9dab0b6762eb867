"""Socket I/O of one datagram a system call, as every system has it, and the tally that all ways of I/O keep.

What does better where it can is `mmsg`; both behave the same.
"""

from __future__ import annotations

import errno
import socket
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from udpchat_core.batch import Batch, Queue
from udpchat_core.path import Datagram, Path

from .addresses import SocketAddress, peer_of

ROOM = 2048
"""Bytes for a datagram: more than any of ours has, so that one that is too long is seen to be."""

Take = Callable[[bytes, Path], None]
"""Gets a datagram and the path that it came on."""


class Tally:
    """What went wrong."""

    def __init__(self, errors: Counter[str]) -> None:
        self.errors = errors
        """Errors of sending and receiving, by the names of errno."""
        self.trouble: str | None = None
        """Why the last datagram could not be sent, for people; None if it could."""

    def count(self, error: OSError) -> None:
        """Something could not be received, or its loss does not matter."""
        self.errors[errno.errorcode.get(error.errno or 0, "EUNKNOWN")] += 1

    def failed(self, error: OSError) -> None:
        """A datagram could not be sent."""
        self.count(error)
        self.trouble = error.strerror or str(error)


class Engine(Protocol):
    """How datagrams come and go."""

    def receive(self, most: int, take: Take) -> int:
        """Hand over at most `most` datagrams; how many there were, or failed. Fewer than `most`: nothing is left."""
        ...

    def send(self, waiting: Queue) -> bool:
        """Send from the front of `waiting`; False if the rest has to wait until the socket is writable."""
        ...


class Plain:
    """One datagram a call."""

    def __init__(self, sock: socket.socket, own: SocketAddress, tally: Tally) -> None:
        self._socket = sock
        self._own = own
        self._tally = tally

    def receive(self, most: int, take: Take) -> int:
        """Hand over at most `most` datagrams."""
        recvfrom, own = self._socket.recvfrom, self._own
        for count in range(most):
            try:
                data, peer = recvfrom(ROOM)
            except BlockingIOError:
                return count
            except OSError as error:
                # Some systems tell here that an earlier datagram was refused. What waits behind is not to be
                # missed.
                self._tally.count(error)
                continue
            take(data, (own, peer))
        return most

    def send(self, waiting: Queue) -> bool:
        """Send from the front of `waiting`."""
        while waiting:
            front = waiting.popleft()
            if isinstance(front, Batch):
                waiting.extendleft(reversed(front.datagrams()))
            elif not self.send_now(front):
                waiting.appendleft(front)
                return False
        return True

    def send_now(self, datagram: Datagram) -> bool:
        """Send one; False if it has to wait until the socket is writable."""
        data, path = datagram
        try:
            self._socket.sendto(data, peer_of(path))
        except BlockingIOError:
            return False
        except OSError as error:
            self._tally.failed(error)
        else:
            self._tally.trouble = None
        return True
