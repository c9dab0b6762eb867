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
from functools import lru_cache
from itertools import accumulate, compress, islice
from operator import is_, is_not
from typing import Literal

from udpchat_core.batch import Batch, Queue
from udpchat_core.path import Datagram, Path

from .addresses import SocketAddress
from .mmsg_abi import load
from .mmsg_arrays import BATCH, PARTS, SOL_UDP, UDP_SEGMENT, Arrays, Outward
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

    def send(self, waiting: Queue) -> bool:
        """Send from the front of `waiting`."""
        room = True
        while waiting and room:
            front = waiting.popleft()
            if isinstance(front, Batch):
                left, room = self._send_alike(front)
            else:
                left, room = self._send_some(_following(front, waiting))
            waiting.extendleft(reversed(left))
        return room

    def _send_some(self, some: list[Datagram]) -> tuple[list[Datagram], bool]:
        """Send these, as many as one call takes: what is left, and whether more may be tried at once."""
        if len(some) == 1:
            sent = self.send_now(some[0])
            return [] if sent else some, sent
        arrays = _arrays.outward(self._ffi, self._size)
        sizes = arrays.fill([data for data, _ in some])
        names, spans, segments = self._messages([path for _, path in some], sizes)
        arrays.address(names, spans, segments)
        done, room = self._call(arrays, names, spans)
        return some[sum(spans[:done]) :], room

    def _send_alike(self, batch: Batch) -> tuple[list[Datagram], bool]:
        """The same for a batch."""
        sizes, count = batch.sizes, len(batch.paths)
        each = len(sizes)
        cut = _cut(sizes) if self._segments else _ONES[:each]
        most = min(BATCH // len(cut), PARTS // each)  # paths in a call
        names = self._names.pointers_of(batch.paths)
        if not most or (len(cut) < each and self._apart and not self._apart.isdisjoint(names)):
            return batch.datagrams(), True
        segments = array("L", [sizes[at] for at in accumulate(cut[:-1], initial=0)])
        arrays = _arrays.outward(self._ffi, self._size)
        for first in range(0, count, most):
            some = names[first : first + most]
            paths, spans = len(some), cut * len(some)
            if len(cut) > 1:
                some = array("L", [name for name in some for _ in cut])
            arrays.fill_alike(batch, first, paths, most)
            arrays.address(some, spans, segments * paths)
            done, room = self._call(arrays, some, spans)
            if done < len(spans):
                done = sum(spans[:done])
                return batch.datagrams(first + done // each)[done % each :], room
        return [], True

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

    def _messages(self, paths: list[Path], sizes: tuple[int, ...]) -> tuple[array[int], bytes, array[int]]:
        """Where each message goes to, how many of the datagrams it has, and the size of the first."""
        if not self._segments or not any(map(is_, paths, islice(paths, 1, None))):
            return self._names.pointers(paths), _ONES[: len(paths)], array("L", sizes)
        begins = [True, *map(is_not, paths[1:], paths)]
        heads, firsts = self._names.pointers(list(compress(paths, begins))), list(compress(range(len(paths)), begins))
        runs = list(zip(heads, firsts, [*firsts[1:], len(paths)], strict=True))
        cuts = [_ONES[at:end] if name in self._apart else _cut(sizes[at:end]) for name, at, end in runs]
        spans = b"".join(cuts)
        names = array("L", [name for name, cut in zip(heads, cuts, strict=True) for _ in cut])
        return names, spans, array("L", [sizes[at] for at in accumulate(spans[:-1], initial=0)])


def _following(first: Datagram, waiting: Queue) -> list[Datagram]:
    """This datagram and those behind it, as many as one call takes; what goes to one peer is not parted."""
    some = [first]
    while waiting and not isinstance(following := waiting[0], Batch):
        if len(some) == BATCH:
            while some[0][1] is not following[1] is some[-1][1]:
                waiting.appendleft(some.pop())
            break
        some.append(following)
        waiting.popleft()
    return some


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
