"""What leaves: datagrams, and batches of them for many alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from udpchat_protocol.limits import HEADER, TAG

from .aead import LINE, Aead
from .path import Datagram, Path


def stride_of(size: int) -> int:
    """Bytes from the start of a datagram of this size to that of the next, where many are written."""
    return -(-size // LINE) * LINE


class Batch:
    """What many are sent alike: each of `paths` gets a datagram with each of some `frames`, in their order.

    It is sealed where the one who sends it wants it, and when: what is sent at once is still in the cache.
    """

    __slots__ = ("_aead", "_column", "_frames", "_headers", "paths", "sizes")

    def __init__(
        self, paths: tuple[Path, ...], aead: Aead, column: Any, headers: list[bytes], frames: list[bytes]
    ) -> None:
        """`headers`: for each of the frames those of all, as `aead` takes them beside its `column`."""
        self.paths = paths
        """The same object as the last time, if nobody of them came or went."""
        self.sizes = tuple([len(each) + HEADER + TAG for each in frames])
        """Bytes of the datagrams that each path gets."""
        self._aead = aead
        self._column = column
        self._headers = headers
        self._frames = frames

    def __len__(self) -> int:
        """How many datagrams it is."""
        return len(self.paths) * len(self.sizes)

    def seal(self, number: int, first: int, memory: memoryview, stride: int) -> None:
        """Write datagram `number` of each path from `first` on, one every `stride` bytes, while there is room."""
        self._aead.encrypt_into(memory, stride, self._column, first, self._headers[number], self._frames[number])

    def datagrams(self, first: int = 0) -> list[Datagram]:
        """One by one, for the paths from `first` on."""
        paths, blocks = self.paths[first:], list[tuple[bytes, int, int]]()
        for number, size in enumerate(self.sizes):
            stride = stride_of(size)
            block = bytearray(len(paths) * stride)
            self.seal(number, first, memoryview(block), stride)
            blocks.append((bytes(block), stride, size))
        return [
            (block[each * stride : each * stride + size], path)
            for each, path in enumerate(paths)
            for block, stride, size in blocks
        ]


Outgoing = Datagram | Batch
Queue = deque[Datagram] | deque[Outgoing]
"""What waits to be sent."""


def one_by_one(outgoing: Iterable[Outgoing]) -> list[Datagram]:
    """All datagrams, in their order."""
    datagrams: list[Datagram] = []
    for each in outgoing:
        if isinstance(each, Batch):
            datagrams += each.datagrams()
        else:
            datagrams.append(each)
    return datagrams


def datagrams_of(outgoing: Iterable[Outgoing]) -> int:
    """How many datagrams these are."""
    return sum([len(each) if isinstance(each, Batch) else 1 for each in outgoing])
