"""Socket I/O of many datagrams a system call: recvmmsg and sendmmsg of Linux, and with UDP_SEGMENT several datagrams
to one peer as one message, which the kernel cuts up.

It behaves as `plain` does: the same datagrams in the same order, an error for each that has one, and nothing lost when
the socket's buffer is full. What it saves is Python's and the kernel's work for each: arrays are filled a column at a
time (`mmsg_arrays`), and no address is parsed or formatted twice.
"""

from __future__ import annotations

import errno
import os
import socket
from collections import deque
from itertools import accumulate, islice
from operator import is_
from typing import Literal

from udpchat_core.path import Datagram, Path

from .addresses import SocketAddress
from .mmsg_abi import load
from .mmsg_arrays import BATCH, SOL_UDP, UDP_SEGMENT, Arrays, Outward
from .mmsg_names import KNOWN, Names
from .plain import ROOM, Plain, Take, Tally
from .sockaddr import SIZES

Io = Literal["plain", "mmsg", "gso"]
"""How a socket moves datagrams: one a call, many a call, many a call with UDP_SEGMENT."""

_SEGMENTS = 64  # at most, in one message
_SEGMENTED = 65_000  # bytes at most, in one message

_SYSTEM = load()


def best(sock: socket.socket, family: socket.AddressFamily) -> Io:
    """What this system can do for this socket."""
    if _SYSTEM is None or family not in SIZES:
        return "plain"
    ffi, library = _SYSTEM
    none, number = ffi.NULL, sock.fileno()
    if library.recvmmsg(number, none, 0, 0, none) != 0 or library.sendmmsg(number, none, 0, 0) != 0:
        return "plain"  # ENOSYS, or forbidden
    try:
        sock.getsockopt(SOL_UDP, UDP_SEGMENT)
    except OSError:
        return "mmsg"
    return "gso"


_arrays = Arrays()


class Mmsg(Plain):
    """Many datagrams a call."""

    def __init__(
        self, sock: socket.socket, family: socket.AddressFamily, own: SocketAddress, tally: Tally, *, segments: bool
    ) -> None:
        """`segments`: use UDP_SEGMENT too. Only for what `best` found."""
        super().__init__(sock, own, tally)
        assert _SYSTEM is not None
        self._ffi, self._library = _SYSTEM
        self._size = SIZES[family]
        self._names = Names(self._ffi, family, own)
        self._segments = segments
        self._apart: set[Path] = set()  # paths that take no segmented messages

    def receive(self, most: int, take: Take) -> int:
        """Hand over at most `most` datagrams."""
        left = most
        arrays = _arrays.inward(self._ffi, self._size)
        null, number = self._ffi.NULL, self._socket.fileno()
        while left > 0:
            wanted = min(left, BATCH)
            count: int = self._library.recvmmsg(number, arrays.messages, wanted, 0, null)
            if count < 0:
                if self._ffi.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                    break
                self._tally.count(OSError(self._ffi.errno, ""))
                left -= 1
                continue
            data, names = arrays.data.view, arrays.names.view
            lengths = arrays.lengths[:count].tolist()
            datas = [data[at : at + length] for at, length in zip(range(0, BATCH * ROOM, ROOM), lengths, strict=False)]
            paths = self._names.paths([names[each] for each in arrays.name_slices[:count]])
            for each, path in zip(datas, paths, strict=True):
                take(each, path)
            left -= count
            if count < wanted:
                break
        return most - left

    def send(self, waiting: deque[Datagram]) -> bool:
        """Send from the front of `waiting`."""
        if len(waiting) > 1:
            # From the end of a list any number goes in one step, and at once is forgotten while it is in the cache.
            left = list(waiting)
            waiting.clear()
            left.reverse()
            room = True
            while room and len(left) > 1:
                batch = left[: -BATCH - 1 : -1]
                del left[-BATCH:]
                done, room = self._send_some(batch)
                left += reversed(batch[done:])
            left.reverse()
            waiting.extend(left)
            if not room:
                return False
        return super().send(waiting)

    def _send_some(self, batch: list[Datagram]) -> tuple[int, bool]:
        """Send these, as many as one call takes: how many are done with, and whether more may be tried at once."""
        arrays = _arrays.outward(self._ffi, self._size)
        datas, (*paths,) = zip(*batch, strict=True)
        sizes = arrays.fill(datas)
        names = self._names.pointers_alike(paths)
        if names is not None:
            arrays.part(names)
            return self._call(arrays, None, paths)
        spans = self._spans(paths, sizes)
        if spans is None:
            arrays.part(self._names.pointers_along(paths))
            return self._call(arrays, None, paths)
        firsts = list(accumulate(spans, initial=0))
        paths = [paths[first] for first in firsts[:-1]]
        arrays.join(self._names.pointers(paths), spans, sizes)
        done, room = self._call(arrays, spans, paths)
        return firsts[done], room

    def _call(self, arrays: Outward, spans: list[int] | None, paths: list[Path]) -> tuple[int, bool]:
        """How many messages, each to one of `paths`, are done with, and whether more may be tried at once."""
        send, number, tally = self._library.sendmmsg, self._socket.fileno(), self._tally
        at, count = 0, len(paths)
        while at < count:
            sent: int = send(number, arrays.messages[at], count - at, 0)
            if sent > 0:
                tally.trouble = None
                at += sent
                continue
            code: int = self._ffi.errno
            if code in (errno.EAGAIN, errno.EWOULDBLOCK):
                return at, False
            if spans is not None and spans[at] > 1:
                # It may be longer than the path's MTU, or the interface cannot cut it up. One by one it will tell.
                if len(self._apart) >= KNOWN:
                    self._apart.clear()
                self._apart.add(paths[at])
                break
            tally.failed(OSError(code, os.strerror(code)))
            at += 1
        return at, True

    def _spans(self, paths: list[Path], sizes: list[int]) -> list[int] | None:
        """How many datagrams each message has; None: one each."""
        if not self._segments or not any(map(is_, paths, islice(paths, 1, None))):
            return None
        spans: list[int] = []
        first = 0
        same = map(is_, paths, islice(paths, 1, None))
        for end in [*(at for at, alike in enumerate(same, 1) if not alike), len(paths)]:
            if end == first + 1 or (self._apart and paths[first] in self._apart):
                spans += [1] * (end - first)
            else:
                _cut(sizes[first:end], spans)
            first = end
        return spans


def _cut(sizes: list[int], spans: list[int]) -> None:
    """Put datagrams of these sizes, all to one peer, into as few messages as may be."""
    at, count = 0, len(sizes)
    while at < count:
        # All but the last have one size; the last may be shorter, but not empty.
        size = sizes[at]
        end = min(count, at + _SEGMENTS, at + max(1, _SEGMENTED // size)) if size else at + 1
        if sizes[at : end - 1].count(size) < end - 1 - at or (end > at + 1 and not 0 < sizes[end - 1] <= size):
            end = next(each for each in range(at + 1, count) if sizes[each] != size)
            end += 0 < sizes[end] < size
        spans.append(end - at)
        at = end
