"""Socket addresses as Linux has them, `struct sockaddr_in` and `sockaddr_in6`, from and to those of Python."""

from __future__ import annotations

import socket
import struct

from .addresses import SocketAddress

SIZES = {socket.AF_INET: 16, socket.AF_INET6: 28}
"""Bytes of an address, by family."""

_V4 = struct.Struct("=H2s4s8x")  # family, port, address
_V6 = struct.Struct("=H2s4s16sI")  # family, port, flow, address, scope
_PORT = struct.Struct(">H")
_FLOW = struct.Struct(">I")


def packed(family: socket.AddressFamily, address: SocketAddress) -> bytes:
    """The bytes of an address. Raises OSError if it is none of this family."""
    port = _PORT.pack(address[1])
    if family == socket.AF_INET:
        return _V4.pack(family, port, socket.inet_pton(family, address[0]))
    host, _, zone = address[0].partition("%")
    flow, scope = (address[2], address[3]) if len(address) == 4 else (0, 0)
    if zone and not scope:
        scope = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)
    return _V6.pack(family, port, _FLOW.pack(flow), socket.inet_pton(family, host), scope)


def unpacked(family: socket.AddressFamily, data: bytes) -> SocketAddress:
    """The address that these bytes are."""
    if family == socket.AF_INET:
        _, port, host = _V4.unpack(data)
        return socket.inet_ntop(family, host), _PORT.unpack(port)[0]
    _, port, flow, host, scope = _V6.unpack(data)
    return socket.inet_ntop(family, host), _PORT.unpack(port)[0], _FLOW.unpack(flow)[0], scope
