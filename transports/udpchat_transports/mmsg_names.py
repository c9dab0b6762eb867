"""The kernel's addresses of peers and the paths that the core knows: each is parsed or formatted once.

To look up each of thousands of paths by itself is a walk through as many cold objects. But those who get a message
are those who got the last one, in the same order but for a few. So there is a *trail*, which is the paths as they were
sent to, and beside it where the address of each is; of paths that follow each other as they do in the trail only the
first is looked up, and the others are compared, by identity.
"""

from __future__ import annotations

import socket
from array import array
from typing import Any

from udpchat_core.path import Path

from .addresses import SocketAddress, peer_of
from .mmsg_arrays import Bytes
from .sockaddr import SIZES, packed, unpacked

KNOWN = 16384
"""Peers whose addresses are remembered each way."""

_TRAIL = 2 * KNOWN  # paths, some of them more than once
_STRIDE = 16  # paths that are compared at once where not all are as in the trail


class Names:
    """Addresses in memory that C may see; forgotten all at once when they are many."""

    def __init__(self, ffi: Any, family: socket.AddressFamily, own: SocketAddress) -> None:
        self._family = family
        self._own = own
        self._size = SIZES[family]
        self._memory = Bytes(ffi, KNOWN * self._size)
        self._paths: dict[bytes, Path] = {}
        self._places: dict[Path, int] = {}  # 0: it is no address of this family
        self._trail: list[Path] = []
        self._pointers = array("L")
        self._at: dict[int, int] = {}  # where a path is in the trail, by its id: there it is kept alive

    def paths(self, names: list[bytes]) -> list[Path]:
        """The paths from these."""
        known = self._paths
        try:
            return [known[name] for name in names]
        except KeyError:
            return [known.get(name) or self._met(name) for name in names]

    def pointers(self, paths: list[Path]) -> array[int]:
        """Where the peers' addresses are in memory, until another call has to forget; 0: it is none of this family."""
        known = self._places
        try:
            return array("L", [known[path] for path in paths])
        except KeyError:
            if len(known) + len(paths) > KNOWN:
                known.clear()
                self._forget()
            return array("L", [known[path] if path in known else self._place(path) for path in paths])

    def pointers_alike(self, paths: list[Path]) -> array[int] | None:
        """The same, if all of them follow each other in the trail; else None."""
        start, count = self._at.get(id(paths[0]), 0), len(paths)
        return self._pointers[start : start + count] if self._trail[start : start + count] == paths else None

    def pointers_along(self, paths: list[Path]) -> array[int]:
        """The same for paths of which some follow each other in the trail, or will the next time."""
        known, found, strayed = self._places, array("L"), 0
        try:
            for first in range(0, len(paths), _STRIDE):
                stride = paths[first : first + _STRIDE]
                pointers = self.pointers_alike(stride)
                if pointers is None:
                    strayed += _STRIDE
                    pointers = array("L", [known[path] for path in stride])
                found += pointers
        except KeyError:  # somebody is new, and to give room to them all may be forgotten
            found, strayed = self.pointers(paths), len(paths)
        if strayed > max(_STRIDE, len(paths) // 2):
            self._lay(paths, found)
        return found

    def _lay(self, paths: list[Path], pointers: array[int]) -> None:
        """Let the trail go along these."""
        if len(self._trail) + len(paths) > _TRAIL:
            self._forget()
        start = len(self._trail)
        self._trail += paths
        self._pointers += pointers
        self._at.update(zip(map(id, paths), range(start, start + len(paths)), strict=True))

    def _forget(self) -> None:
        self._trail.clear()
        self._at.clear()
        self._pointers = array("L")

    def _met(self, name: bytes) -> Path:
        if len(self._paths) >= KNOWN:
            self._paths.clear()
        path = self._paths[name] = (self._own, unpacked(self._family, name))
        return path

    def _place(self, path: Path) -> int:
        at = len(self._places) * self._size
        try:
            self._memory.view[at : at + self._size] = packed(self._family, peer_of(path))
        except (OSError, ValueError):
            self._places[path] = 0
        else:
            self._places[path] = self._memory.address + at
        return self._places[path]
