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
from array import array
from collections import deque
from itertools import accumulate, islice
from operator import is_
from typing import Any, Literal

from udpchat_core.path import Datagram, Path

from .addresses import SocketAddress, peer_of
from .mmsg_abi import load
from .mmsg_arrays import BATCH, SOL_UDP, UDP_SEGMENT, Arrays, Bytes, Outward
from .plain import ROOM, Plain, Take, Tally
from .sockaddr import SIZES, packed, unpacked

Io = Literal["plain", "mmsg", "gso"]
"""How a socket moves datagrams: one a call, many a call, many a call with UDP_SEGMENT."""

KNOWN = 16384
"""Peers whose addresses are remembered each way."""

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


class _Names:
    """The kernel's addresses of peers, and the paths that the core knows; forgotten all at once when they are many."""

    def __init__(self, ffi: Any, family: socket.AddressFamily, own: SocketAddress) -> None:
        self._family = family
        self._own = own
        self._size = SIZES[family]
        self._memory = Bytes(ffi, KNOWN * self._size)
        self._pointers: dict[Path, int] = {}
        self._paths: dict[bytes, Path] = {}

    def paths(self, names: list[bytes]) -> list[Path]:
        """The paths from these."""
        known = self._paths
        try:
            return [known[name] for name in names]
        except KeyError:
            return [known.get(name) or self._met(name) for name in names]

    def pointers(self, paths: list[Path]) -> list[int]:
        """Where the peers' addresses are in memory, until the next call; 0: it is no address of this family."""
        known = self._pointers
        try:
            return [known[path] for path in paths]
        except KeyError:
            if len(known) + len(paths) > KNOWN:
                known.clear()
            return [known[path] if path in known else self._place(path) for path in paths]

    def _met(self, name: bytes) -> Path:
        if len(self._paths) >= KNOWN:
            self._paths.clear()
        path = self._paths[name] = (self._own, unpacked(self._family, name))
        return path

    def _place(self, path: Path) -> int:
        at = len(self._pointers) * self._size
        try:
            self._memory.view[at : at + self._size] = packed(self._family, peer_of(path))
        except (OSError, ValueError):
            self._pointers[path] = 0
        else:
            self._pointers[path] = self._memory.address + at
        return self._pointers[path]


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
        self._names = _Names(self._ffi, family, own)
        self._segments = segments
        self._apart: set[Path] = set()  # paths that take no segmented messages

    def receive(self, most: int, take: Take) -> int:
        """Hand over at most `most` datagrams."""
        # One that comes alone, which is most of them on a quiet day, is cheapest by itself.
        left = most - super().receive(min(most, 1), take)
        if left == most:
            return 0
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
        while len(waiting) > 1:
            if not self._send_some(waiting):
                return False
        return super().send(waiting)

    def _send_some(self, waiting: deque[Datagram]) -> bool:
        """Send the first of `waiting`, as many as a call takes; False if the socket can take no more."""
        arrays = _arrays.outward(self._ffi, self._size)
        batch = list(islice(waiting, BATCH))
        datas, paths = [data for data, _ in batch], [path for _, path in batch]
        sizes = list(map(len, datas))
        joined = self._ffi.from_buffer(b"".join(datas))
        count = len(batch)
        arrays.sizes[:count] = array("L", sizes)
        start = int(self._ffi.cast("unsigned long", joined))
        arrays.bases[:count] = array("L", list(accumulate(sizes, initial=start))[:count])
        names = array("L", self._names.pointers(paths))
        spans = self._spans(paths, sizes)
        if spans is None:
            arrays.part()
            arrays.names[:count] = names
        else:
            arrays.join(spans)
            count = len(spans)
            arrays.names[:count] = array("L", [names[at] for at in list(accumulate(spans, initial=0))[:count]])
        sent, room = self._call(arrays, spans, count, paths)
        _drop(waiting, sent if spans is None else sum(spans[:sent]))
        return room

    def _call(self, arrays: Outward, spans: list[int] | None, count: int, paths: list[Path]) -> tuple[int, bool]:
        """How many of `count` messages are done with, and whether more may be tried at once."""
        send, number, tally = self._library.sendmmsg, self._socket.fileno(), self._tally
        at = 0
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
                self._apart.add(paths[sum(spans[:at])])
                break
            tally.failed(OSError(code, os.strerror(code)))
            at += 1
        return at, True

    def _spans(self, paths: list[Path], sizes: list[int]) -> list[int] | None:
        """How many datagrams each message has; None: one each."""
        if not self._segments or not any(map(is_, paths, islice(paths, 1, None))):
            return None
        spans: list[int] = []
        at, count = 0, len(paths)
        while at < count:
            path, size = paths[at], sizes[at]
            end, left = at + 1, _SEGMENTED - size
            if path not in self._apart:
                # All but the last have one size; the last may be shorter, but not empty.
                while (
                    end < count
                    and sizes[end - 1] == size
                    and paths[end] is path
                    and 0 < sizes[end] <= min(size, left)
                    and end - at < _SEGMENTS
                ):
                    left -= sizes[end]
                    end += 1
            spans.append(end - at)
            at = end
        return spans


def _drop(waiting: deque[Datagram], count: int) -> None:
    if count == len(waiting):
        waiting.clear()
        return
    for _ in range(count):
        waiting.popleft()
