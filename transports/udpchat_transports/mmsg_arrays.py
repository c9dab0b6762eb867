"""Memory that recvmmsg fills and sendmmsg reads, as Python can write it: a column at a time.

A `struct mmsghdr` is eight words (on little-endian machines, where a short member and its padding make a word):
name · its length · iovec · how many · control · its length · flags · the length received.
"""

from __future__ import annotations

import threading
from array import array
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
        self._iovecs, self._messages = Words(ffi, 2 * BATCH), Words(ffi, _WORDS * BATCH)
        self._controls = Words(ffi, 3 * BATCH)
        self.messages = [ffi.cast("void *", self._messages.address + _WORDS * _WORD * at) for at in range(BATCH)]
        self.bases, self.sizes = self._iovecs.view[0::2], self._iovecs.view[1::2]
        view = self._messages.view
        self.names, self.iovecs, self.parts = view[_NAME::_WORDS], view[_IOVEC::_WORDS], view[_PARTS::_WORDS]
        self.controls, self.control_sizes = view[_CONTROL::_WORDS], view[_CONTROL_SIZE::_WORDS]
        # struct cmsghdr: its length (a word), level and type (an int each), and the size of segments (16 bits).
        self.segment_sizes = memoryview(ffi.buffer(ffi.cast("char *", self._controls.address), 3 * BATCH * _WORD))
        header = _WORD + 8
        self._control_size = header + _WORD
        for each in range(BATCH):
            at = each * self._control_size
            words = self.segment_sizes[at : at + self._control_size]
            words[:_WORD].cast("L")[0] = header + 2
            words[_WORD:header].cast("I")[:] = array("I", (SOL_UDP, UDP_SEGMENT))
        self.segments = self.segment_sizes.cast("H")[header // 2 :: self._control_size // 2]
        view[_NAME_SIZE::_WORDS] = array("L", [name_size]) * BATCH
        self._all_iovecs = array("L", [self._iovecs.address + 2 * _WORD * each for each in range(BATCH)])
        self._all_controls = array("L", [self._controls.address + self._control_size * each for each in range(BATCH)])
        self._joined = True
        self.part()

    def part(self) -> None:
        """One datagram a message."""
        if self._joined:
            self.iovecs[:], self.parts[:] = self._all_iovecs, array("L", [1]) * BATCH
            self.controls[:] = self.control_sizes[:] = array("L", [0]) * BATCH
            self._joined = False

    def join(self, spans: list[int]) -> None:
        """So many datagrams in each message."""
        self._joined = True
        count = len(spans)
        for at, (first, span) in enumerate(zip(accumulate(spans, initial=0), spans, strict=False)):
            self.iovecs[at] = self._all_iovecs[first]
            if span > 1:
                self.segments[at] = self.sizes[first]
        self.parts[:count] = array("L", spans)
        self.controls[:count] = array("L", [c if s > 1 else 0 for c, s in zip(self._all_controls, spans, strict=False)])
        self.control_sizes[:count] = array("L", [self._control_size if span > 1 else 0 for span in spans])


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
