"""What leaves: datagrams, and batches of them for many alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from .aead import Block
from .path import Datagram, Path


@dataclass(slots=True, eq=False)
class Batch:
    """What many are sent alike: each of `paths` gets one datagram of each block, in the order of the blocks."""

    paths: tuple[Path, ...]
    """The same object as the last time, if nobody of them came or went."""
    blocks: list[Block]
    """As many datagrams in each as there are paths."""

    def __len__(self) -> int:
        """How many datagrams it is."""
        return len(self.paths) * len(self.blocks)

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
