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
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress, islice
from operator import is_, is_not
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
_ONES = bytes([1]) * BATCH

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
        self._apart: set[int] = set()  # where the addresses are that take no segmented messages

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
                count = BATCH
                if len(left) > count:  # what goes to one peer is not parted
                    following = left[-count - 1][1]
                    while count and left[-count][1] is following:
                        count -= 1
                    count = count or BATCH
                batch = left[: -count - 1 : -1]
                del left[-count:]
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
        sizes = arrays.fill([data for data, _ in batch])
        names, spans = self._messages([path for _, path in batch], sizes)
        arrays.address(names, spans)
        done, room = self._call(arrays, names, spans)
        return (len(batch) if done == len(spans) else sum(spans[:done])), room

    def _call(self, arrays: Outward, names: array[int], spans: bytes) -> tuple[int, bool]:
        """How many messages, each to one of `names`, are done with, and whether more may be tried at once."""
        send, number, tally = self._library.sendmmsg, self._socket.fileno(), self._tally
        at, count = 0, len(spans)
        while at < count:
            sent: int = send(number, arrays.messages[at], count - at, 0)
            if sent > 0:
                tally.trouble = None
                at += sent
                continue
            code: int = self._ffi.errno
            if code in (errno.EAGAIN, errno.EWOULDBLOCK):
                return at, False
            if spans[at] > 1:
                # It may be longer than the path's MTU, or the interface cannot cut it up. One by one it will tell.
                if len(self._apart) >= KNOWN:
                    self._apart.clear()
                self._apart.add(names[at])
                break
            tally.failed(OSError(code, os.strerror(code)))
            at += 1
        return at, True

    def _messages(self, paths: list[Path], sizes: array[int]) -> tuple[array[int], bytes]:
        """Where each message goes to, and how many of the datagrams, of these paths and sizes, it has."""
        count = len(paths)
        run = _stride(paths) if self._segments else 1
        heads, firsts = paths[::run] if run > 1 else paths, range(0, count, run)
        names = self._names.pointers_alike(heads)
        if names is None:
            if run == 1 and self._segments and any(map(is_, paths, islice(paths, 1, None))):
                begins = [True, *map(is_not, paths[1:], paths)]
                heads, firsts = list(compress(paths, begins)), list(compress(firsts, begins))
            names = self._names.pointers_along(heads)
        return (names, _ONES[:count]) if len(names) == count else self._joined(names, firsts, sizes)

    def _joined(self, names: array[int], firsts: Sequence[int], sizes: array[int]) -> tuple[array[int], bytes]:
        """The same for runs of datagrams, each to one of `names`. A crowd gets runs of the same sizes mostly."""
        count, run = len(sizes), len(sizes) // len(firsts)
        joins = not self._apart or self._apart.isdisjoint(names)
        if joins and firsts == range(0, count, run) and sizes == sizes[:run] * len(firsts):
            cuts = [_cut(tuple(sizes[:run]))] * len(firsts)
        else:
            each = tuple(sizes.tolist())
            cuts = [
                _ONES[first:end] if name in self._apart else _cut(each[first:end])
                for name, first, end in zip(names, firsts, [*firsts[1:], count], strict=True)
            ]
        spans = b"".join(cuts)
        if len(spans) > len(names):
            names = array("L", [name for name, cut in zip(names, cuts, strict=True) for _ in cut])
        return names, spans


def _stride(paths: list[Path]) -> int:
    """How many follow each other to every peer alike; 1 if it is not the same number for all."""
    count, run = len(paths), 1
    while run < count and paths[run] is paths[0]:
        run += 1
    if run > 1:
        heads = paths[::run]
        for at in range(1, run):
            if paths[at::run] != heads:
                return 1
    return run


@lru_cache
def _cut(sizes: tuple[int, ...]) -> bytes:
    """Datagrams of these sizes, all to one peer, in as few messages as may be: how many are in each."""
    spans = bytearray()
    at, count = 0, len(sizes)
    while at < count:
        size, end = sizes[at], at + 1
        most = min(count, at + _SEGMENTS, at + _SEGMENTED // size) if size else end
        while end < most and sizes[end] == size:
            end += 1
        if end < most and 0 < sizes[end] < size:
            end += 1  # only the last may be shorter, but not empty
        spans.append(end - at)
        at = end
    return bytes(spans)
