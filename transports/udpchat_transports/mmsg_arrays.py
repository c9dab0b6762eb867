"""Memory that recvmmsg fills and sendmmsg reads, as Python can write it: a column at a time.

A `struct mmsghdr` is eight words (on little-endian machines, where a short member and its padding make a word):
name · its length · iovec · how many · control · its length · flags · the length received.
"""

from __future__ import annotations

import threading
from array import array
from itertools import accumulate
from struct import calcsize, pack
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
_CONTROL_MESSAGE = pack("LiiL", calcsize("Lii") + 2, SOL_UDP, UDP_SEGMENT, 0)
"""A struct cmsghdr (its length, level and type), and the size of segments: 16 bits, the low ones of a word."""
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
    """What sendmmsg reads. It is as it was for the last batch, and only what differs in this one is written."""

    def __init__(self, ffi: Any, name_size: int) -> None:
        self._ffi = ffi
        self._data = Bytes(ffi, _DATA)
        self._long: object = None  # what has no room there, kept alive
        self._sizes = array("L")  # of the datagrams that iovecs and control messages are for
        self._spans = b""  # of the messages: how many datagrams each has
        control = len(_CONTROL_MESSAGE) // _WORD
        self._iovecs, self._messages = Words(ffi, 2 * BATCH), Words(ffi, _WORDS * BATCH)
        self._controls = Words(ffi, control * BATCH)
        self.messages = [ffi.cast("void *", self._messages.address + _WORDS * _WORD * at) for at in range(BATCH)]
        self._bases, self._lengths = self._iovecs.view[0::2], self._iovecs.view[1::2]
        self._segments = self._controls.view[control - 1 :: control]
        self._columns = [self._messages.view[column::_WORDS] for column in range(_WORDS)]
        self._columns[_NAME_SIZE][:] = array("L", [name_size]) * BATCH
        self._controls.view[:] = array("L", _CONTROL_MESSAGE * BATCH)

    def fill(self, datas: list[bytes]) -> array[int]:
        """Take what is to be sent; the sizes."""
        joined, sizes = b"".join(datas), array("L", list(map(len, datas)))
        count = len(sizes)
        if len(joined) <= _DATA:
            start = self._data.address
            self._data.view[: len(joined)] = joined
            if sizes == self._sizes[:count]:  # what is for everybody has the same sizes
                return sizes
            self._sizes = sizes
        else:
            self._long = self._ffi.from_buffer(joined)
            start = int(self._ffi.cast("unsigned long", self._long))
            self._sizes = array("L")
        self._bases[:count] = array("L", list(accumulate(sizes, initial=start))[:count])
        self._lengths[:count] = self._segments[:count] = sizes
        return sizes

    def address(self, names: array[int], spans: bytes) -> None:
        """Make messages to these, of so many of the datagrams each."""
        count, columns = len(spans), self._columns
        columns[_NAME][:count] = names
        if self._spans.startswith(spans):
            return
        self._spans = spans
        firsts = list(accumulate(spans, initial=0))[:count]
        iovec, control = 2 * _WORD, len(_CONTROL_MESSAGE)
        iovecs, controls = self._iovecs.address, self._controls.address
        columns[_IOVEC][:count] = array("L", [iovecs + iovec * first for first in firsts])
        columns[_PARTS][:count] = array("L", list(spans))
        columns[_CONTROL][:count] = array("L", [controls + control * first for first in firsts])
        columns[_CONTROL_SIZE][:count] = array("L", [control if span > 1 else 0 for span in spans])


class Arrays(threading.local):
    """The memory of one thread, which all its sockets share: what stays is only what need not be written again."""

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
