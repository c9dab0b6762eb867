"""Memory that recvmmsg fills and sendmmsg reads, as Python can write it: a column at a time.

A `struct mmsghdr` is eight words (on little-endian machines, where a short member and its padding make a word):
name · its length · iovec · how many · control · its length · flags · the length received.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from .plain import ROOM

BATCH = 128
"""Datagrams in a call."""

SOL_UDP = 17
UDP_SEGMENT = 103
"""Linux's numbers, which the socket module does not name."""

_WORDS = 8  # of a struct mmsghdr
_NAME, _NAME_SIZE, _IOVEC, _PARTS, _CONTROL, _CONTROL_SIZE, _FLAGS, _LENGTH = range(_WORDS)
_WORD = array("L").itemsize
_DATA = 1280 * BATCH  # bytes of a batch that have a place; more than any of ours has


class Words:
    """Memory of so many words that C may see."""

    def __init__(self, ffi: Any, count: int) -> None:
        self._memory = ffi.new("unsigned long[]", count)
        self.address = int(ffi.cast("unsigned long", self._memory))
        self.view = memoryview(ffi.buffer(self._memory)).cast("L")


class Bytes:
    """Memory of so many bytes that C may see; the system gives it only when it is used."""

    def __init__(self, ffi: Any, count: int) -> None:
        self._memory = ffi.new_allocator(should_clear_after_alloc=False)("char[]", count)
        self.address = int(ffi.cast("unsigned long", self._memory))
        self.view = ffi.buffer(self._memory)


class Inward:
    """What recvmmsg fills."""

    def __init__(self, ffi: Any, name_size: int) -> None:
        self.data, self.names = Bytes(ffi, BATCH * ROOM), Bytes(ffi, BATCH * name_size)
        self._iovecs, self._messages = Words(ffi, 2 * BATCH), Words(ffi, _WORDS * BATCH)
        self.messages = ffi.cast("void *", self._messages.address)
        self.name_slices = [slice(at, at + name_size) for at in range(0, BATCH * name_size, name_size)]
        self.lengths = self._messages.view[_LENGTH::_WORDS]
        for each in range(BATCH):
            self._iovecs.view[2 * each] = self.data.address + each * ROOM
            self._iovecs.view[2 * each + 1] = ROOM
            at = _WORDS * each
            self._messages.view[at + _NAME] = self.names.address + each * name_size
            self._messages.view[at + _NAME_SIZE] = name_size
            self._messages.view[at + _IOVEC] = self._iovecs.address + 2 * _WORD * each
            self._messages.view[at + _PARTS] = 1


class Outward:
    """What sendmmsg reads."""

    def __init__(self, ffi: Any, name_size: int) -> None:
        self._ffi = ffi
        self._data = Bytes(ffi, _DATA)
        self._long: object = None  # what has no room there, kept alive
        self._size = -1  # that of all datagrams, if iovecs are as for this one; -1: they are not
        self._iovecs, self._messages = Words(ffi, 2 * BATCH), Words(ffi, _WORDS * BATCH)
        self._controls = Words(ffi, 3 * BATCH)
        self.messages = [ffi.cast("void *", self._messages.address + _WORDS * _WORD * at) for at in range(BATCH)]
        self._bases, self._sizes = self._iovecs.view[0::2], self._iovecs.view[1::2]
        view = self._messages.view
        self._names, self._starts, self._parts = view[_NAME::_WORDS], view[_IOVEC::_WORDS], view[_PARTS::_WORDS]
        self._control_sizes = view[_CONTROL_SIZE::_WORDS]
        # struct cmsghdr: its length (a word), level and type (an int each), and the size of segments (16 bits).
        segment_sizes = memoryview(ffi.buffer(ffi.cast("char *", self._controls.address), 3 * BATCH * _WORD))
        header = _WORD + 8
        self._control_size = header + _WORD
        for each in range(BATCH):
            at = each * self._control_size
            words = segment_sizes[at : at + self._control_size]
            words[:_WORD].cast("L")[0] = header + 2
            words[_WORD:header].cast("I")[:] = array("I", (SOL_UDP, UDP_SEGMENT))
        self._segments = segment_sizes.cast("H")[header // 2 :: self._control_size // 2]
        view[_NAME_SIZE::_WORDS] = array("L", [name_size]) * BATCH
        view[_CONTROL::_WORDS] = array("L", range(self._controls.address, 1 << 64, self._control_size)[:BATCH])
        self._all_iovecs = array("L", [self._iovecs.address + 2 * _WORD * each for each in range(BATCH)])
        self._joined = True

    def fill(self, datas: Sequence[bytes]) -> list[int]:
        """Take what is to be sent; the sizes."""
        joined, sizes = b"".join(datas), list(map(len, datas))
        count, size = len(sizes), sizes[0]
        start = self._data.address
        if len(joined) <= _DATA:
            self._data.view[: len(joined)] = joined
            if sizes.count(size) == count:  # what is for everybody has one size
                if size != self._size:
                    self._size = size
                    self._sizes[:] = array("L", [size]) * BATCH
                    self._bases[:] = array("L", [start + at * size for at in range(BATCH)])
                return sizes
        else:
            self._long = self._ffi.from_buffer(joined)
            start = int(self._ffi.cast("unsigned long", self._long))
        self._size = -1
        self._sizes[:count] = array("L", sizes)
        self._bases[:count] = array("L", list(accumulate(sizes, initial=start))[:count])
        return sizes

    def part(self, names: array[int]) -> None:
        """One datagram a message, to these addresses."""
        self._names[: len(names)] = names
        if self._joined:
            self._starts[:], self._parts[:] = self._all_iovecs, array("L", [1]) * BATCH
            self._control_sizes[:] = array("L", [0]) * BATCH
            self._joined = False

    def join(self, names: array[int], spans: list[int], sizes: list[int]) -> None:
        """So many datagrams of these sizes in each message."""
        self._joined = True
        count, iovecs, control = len(spans), self._all_iovecs, self._control_size
        firsts = list(accumulate(spans, initial=0))[:count]
        self._names[:count] = names
        self._starts[:count] = array("L", [iovecs[first] for first in firsts])
        self._parts[:count] = array("L", spans)
        self._control_sizes[:count] = array("L", [control if span > 1 else 0 for span in spans])
        self._segments[:count] = array("H", [sizes[first] & 0xFFFF for first in firsts])


class Arrays(threading.local):
    """The memory of one thread, which all its sockets share: nothing stays in it from one call to the next."""

    def __init__(self) -> None:
        self._inward: dict[int, Inward] = {}
        self._outward: dict[int, Outward] = {}

    def inward(self, ffi: Any, size: int) -> Inward:
        """For receiving."""
        found = self._inward.get(size)
        if found is None:
            found = self._inward[size] = Inward(ffi, size)
        return found

    def outward(self, ffi: Any, size: int) -> Outward:
        """For sending."""
        found = self._outward.get(size)
        if found is None:
            found = self._outward[size] = Outward(ffi, size)
        return found
