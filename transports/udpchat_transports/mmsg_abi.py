"""recvmmsg and sendmmsg, as cffi's backend calls them: in ABI mode, so that nothing is compiled, and declared ahead, so
that no C parser is loaded at start.

`DECLARATIONS` is what a person reads, `TYPES` and `GLOBALS` are what `cffi.FFI.emit_python_code` makes of it; a test
holds them together.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

DECLARATIONS = """
int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout);
int sendmmsg(int fd, void *messages, unsigned int count, int flags);
"""

VERSION = 0x2601
TYPES = (
    b"\x00\x00\x01\x0d\x00\x00\x07\x01\x00\x00\x0d\x03\x00\x00\x08\x01\x00\x00\x07\x01\x00\x00\x00\x0f"
    b"\x00\x00\x01\x0d\x00\x00\x07\x01\x00\x00\x02\x11\x00\x00\x08\x01\x00\x00\x07\x01\x00\x00\x02\x11\x00\x00\x00\x0f"
    b"\x00\x00\x00\x01"
)
GLOBALS = (b"\x00\x00\x06\x23recvmmsg", 0, b"\x00\x00\x00\x23sendmmsg", 0)


def load() -> tuple[Any, Any] | None:
    """cffi's `ffi`, and the C library; None: this system has none of it.

    Only little-endian Linux: there every member of a `struct mmsghdr` can be written as one word (`mmsg`).
    """
    if sys.platform != "linux" or sys.byteorder != "little":
        return None
    try:
        backend: Any = import_module("_cffi_backend")
        ffi = backend.FFI("udpchat_transports.mmsg_abi", _version=VERSION, _types=TYPES, _globals=GLOBALS)
        library = ffi.dlopen(None)
        if not (library.recvmmsg and library.sendmmsg):  # looked up by name: AttributeError, if they are not there
            return None
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    return ffi, library
