"""The kernel's addresses of peers and the paths that the core knows: each is parsed or formatted once, and those of a
batch are looked up when its paths are others than the last time.
"""

from __future__ import annotations

import socket
from array import array
from collections.abc import Sequence
from typing import Any

from udpchat_core.path import Path

from .addresses import SocketAddress, peer_of
from .mmsg_arrays import Bytes
from .sockaddr import SIZES, packed, unpacked

KNOWN = 16384
"""Peers whose addresses are remembered each way."""

_BATCHES = 256  # twice as many as KNOWN peers make, since most others are of those whom somebody left


class Names:
    """Addresses in memory that C may see; forgotten all at once when they are many."""

    def __init__(self, ffi: Any, family: socket.AddressFamily, own: SocketAddress) -> None:
        self._family = family
        self._own = own
        self._size = SIZES[family]
        self._memory = Bytes(ffi, KNOWN * self._size)
        self._paths: dict[bytes, Path] = {}
        self._places: dict[Path, int] = {}  # 0: it is no address of this family
        self._by_id: dict[int, int] = {}  # the same, of the very objects that are keys there
        self._batches: dict[int, tuple[tuple[Path, ...], array[int]]] = {}  # by the ids of their paths

    def paths(self, names: list[bytes]) -> list[Path]:
        """The paths from these."""
        known = self._paths
        try:
            return [known[name] for name in names]
        except KeyError:
            return [known.get(name) or self._met(name) for name in names]

    def pointers(self, paths: Sequence[Path]) -> array[int]:
        """Where the peers' addresses are in memory, until another call has to forget; 0: it is none of this family."""
        try:
            return array("L", list(map(self._by_id.__getitem__, map(id, paths))))
        except KeyError:
            known = self._places
            if len(known) + len(paths) > KNOWN:
                known.clear()
                self._by_id.clear()
                self._batches.clear()
            return array("L", [known[path] if path in known else self._place(path) for path in paths])

    def pointers_of(self, paths: tuple[Path, ...]) -> array[int]:
        """The same for a batch."""
        found = self._batches.get(id(paths))
        if found is not None:
            return found[1]
        pointers = self.pointers(paths)
        if len(self._batches) >= _BATCHES:
            del self._batches[next(iter(self._batches))]
        self._batches[id(paths)] = paths, pointers
        return pointers

    def _met(self, name: bytes) -> Path:
        if len(self._paths) >= KNOWN:
            self._paths.clear()
        path = self._paths[name] = (self._own, unpacked(self._family, name))
        return path

    def _place(self, path: Path) -> int:
        place = len(self._places) * self._size
        try:
            self._memory.view[place : place + self._size] = packed(self._family, peer_of(path))
        except (OSError, ValueError):
            found = 0
        else:
            found = self._memory.address + place
        self._places[path] = self._by_id[id(path)] = found
        return found
