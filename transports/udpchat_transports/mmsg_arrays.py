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

from udpchat_core.batch import Batch, stride_of
from udpchat_protocol.limits import MAX_DATAGRAM

from .plain import ROOM

BATCH = 128
"""Messages in a call."""

PARTS = 1024
"""Datagrams in the messages of a call."""

_STRIDE = stride_of(MAX_DATAGRAM)

SOL_UDP = 17
UDP_SEGMENT = 103
"""Linux's numbers, which the socket module does not name."""

_WORDS = 8  # of a struct mmsghdr
_NAME, _NAME_SIZE, _IOVEC, _PARTS, _CONTROL, _CONTROL_SIZE, _FLAGS, _LENGTH = range(_WORDS)
_WORD = array("L").itemsize
_CONTROL_MESSAGE = pack("LiiL", calcsize("Lii") + 2, SOL_UDP, UDP_SEGMENT, 0)
"""A struct cmsghdr (its length, level and type), and the size of segments: 16 bits, the low ones of a word."""


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
    """What sendmmsg reads: datagrams, and the messages that they make."""

    def __init__(self, ffi: Any, name_size: int) -> None:
        self._ffi = ffi
        self._sealed = Bytes(ffi, PARTS * _STRIDE)
        self._memory = memoryview(self._sealed.view)
        self._kept: object = None  # what iovecs point into where it is no batch
        self._shape: tuple[int, tuple[int, ...]] = 0, ()  # of the batch that they are for: most paths, and sizes
        self._places: list[tuple[int, int]] = []  # where it is sealed to: starts and strides
        self._spans = b""  # of the messages: how many datagrams each has
        control = len(_CONTROL_MESSAGE) // _WORD
        self._iovecs, self._messages = Words(ffi, 2 * PARTS), Words(ffi, _WORDS * BATCH)
        self._controls = Words(ffi, control * BATCH)
        self.messages = [ffi.cast("void *", self._messages.address + _WORDS * _WORD * at) for at in range(BATCH)]
        self._bases, self._lengths = self._iovecs.view[0::2], self._iovecs.view[1::2]
        self._segments = self._controls.view[control - 1 :: control]
        self._columns = [self._messages.view[column::_WORDS] for column in range(_WORDS)]
        self._columns[_NAME_SIZE][:] = array("L", [name_size]) * BATCH
        size, first = len(_CONTROL_MESSAGE), self._controls.address
        self._columns[_CONTROL][:] = array("L", range(first, first + size * BATCH, size))
        self._controls.view[:] = array("L", _CONTROL_MESSAGE * BATCH)

    def fill(self, datas: list[bytes]) -> tuple[int, ...]:
        """Take datagrams, at most BATCH; their sizes."""
        sizes = tuple(map(len, datas))
        self._shape = 0, ()
        self._kept = self._ffi.from_buffer(b"".join(datas))
        starts = accumulate(sizes[:-1], initial=int(self._ffi.cast("unsigned long", self._kept)))
        self._bases[: len(sizes)] = array("L", list(starts))
        self._lengths[: len(sizes)] = array("L", sizes)
        return sizes

    def fill_alike(self, batch: Batch, first: int, count: int, most: int) -> None:
        """Seal what `count` paths of a batch from `first` on get, of at most `most`, and PARTS in all.

        Where it is sealed to depends on its sizes, and what points there is written when they are others.
        """
        if self._shape != (most, batch.sizes):
            self._point(most, batch.sizes)
        for number, (start, stride) in enumerate(self._places):
            batch.seal(number, first, self._memory[start : start + count * stride], stride)

    def _point(self, most: int, sizes: tuple[int, ...]) -> None:
        """To `most` datagrams of each size; those of a size follow each other."""
        self._shape, self._places, start = (most, sizes), [], 0
        each, end = len(sizes), most * len(sizes)
        for at, size in enumerate(sizes):
            stride = stride_of(size)
            self._places.append((start, stride))
            begin = self._sealed.address + start
            self._bases[at:end:each] = array("L", range(begin, begin + most * stride, stride))
            self._lengths[at:end:each] = array("L", [size]) * most
            start += most * stride

    def address(self, names: array[int], spans: bytes, segments: array[int]) -> None:
        """Make messages to these, of so many of the datagrams each, of which the first has so many bytes."""
        count, columns = len(spans), self._columns
        columns[_NAME][:count] = names
        if spans.count(1) < count:
            self._segments[:count] = segments
        if self._spans.startswith(spans):
            return
        self._spans = spans
        step, first = 2 * _WORD, self._iovecs.address
        columns[_IOVEC][:count] = array("L", [first + step * at for at in accumulate(spans[:-1], initial=0)])
        columns[_PARTS][:count] = array("L", list(spans))
        control = len(_CONTROL_MESSAGE)
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
