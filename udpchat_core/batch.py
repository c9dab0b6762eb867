"""What leaves: datagrams, and batches of them for many alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from udpchat_protocol.limits import HEADER, TAG

from .aead import Aead, Block
from .path import Datagram, Path


class Batch:
    """What many are sent alike: each of `paths` gets a datagram with each of some `frames`, in their order.

    It is sealed when its blocks are asked for, so that what is sent at once is still in the cache.
    """

    __slots__ = ("_aead", "_blocks", "_column", "_frames", "_headers", "paths")

    def __init__(
        self, paths: tuple[Path, ...], aead: Aead, column: Any, headers: list[bytes], frames: list[bytes]
    ) -> None:
        """`headers`: for each of the frames those of all, as `aead` takes them beside its `column`."""
        self.paths = paths
        """The same object as the last time, if nobody of them came or went."""
        self._aead = aead
        self._column = column
        self._headers = headers
        self._frames = frames
        self._blocks: list[Block] | None = None

    def __len__(self) -> int:
        """How many datagrams it is."""
        return len(self.paths) * len(self._frames)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of the datagrams that each path gets."""
        return tuple([len(frames) + HEADER + TAG for frames in self._frames])

    @property
    def blocks(self) -> list[Block]:
        """A block for each of the frames, with a datagram for each path."""
        if self._blocks is None:
            seal = self._aead.encrypt_all
            each = zip(self._headers, self._frames, strict=True)
            self._blocks = [seal(self._column, headers, frames) for headers, frames in each]
        return self._blocks

    def datagrams(self, first: int = 0) -> list[Datagram]:
        """One by one, for the paths from `first` on."""
        return [
            (data[each * stride : each * stride + size], self.paths[each])
            for each in range(first, len(self.paths))
            for data, stride, size in self.blocks
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
