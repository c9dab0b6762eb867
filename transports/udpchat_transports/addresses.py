"""Socket addresses and paths: the one place that looks inside them (SPEC.md 12).

A path, as these transports make it, is a pair of socket addresses: (own, peer's), each a tuple as the
`socket` module has it. The core compares paths and asks `address_of` for the rest.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias, cast

from udpchat_core.path import Address, Path

SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]
"""(host, port) of IPv4, (host, port, flow, scope) of IPv6; `host` is always numeric."""

Candidate: TypeAlias = tuple[socket.AddressFamily, SocketAddress]
"""Where a server may be: a family of sockets that reaches it, and the address."""

V4_PREFIX = 3
"""Bytes of an IPv4 prefix that limits go by: /24, which a provider gives to many but an attacker seldom has
many of.
"""

V6_PREFIX = 6
"""The same for IPv6: /48, what one site is given at most, so that one site is one neighbour."""

_MAPPED = bytes(10) + b"\xff\xff"


def peer_of(path: Path) -> SocketAddress:
    """The peer's end of a path that a transport made."""
    return cast("tuple[SocketAddress, SocketAddress]", path)[1]


def address_of(path: Path) -> Address:
    """The bytes that a cookie is made for (address, port and, if link-local, scope), and the prefix of the
    peer.
    """
    peer = peer_of(path)
    port = peer[1].to_bytes(2, "big")
    if len(peer) == 2:
        octets = socket.inet_pton(socket.AF_INET, peer[0])
        return Address(octets + port, octets[:V4_PREFIX])
    octets = socket.inet_pton(socket.AF_INET6, peer[0].partition("%")[0])
    if octets.startswith(_MAPPED):
        # An IPv4 peer of a dual-stack socket is the peer that it would be on an IPv4 socket.
        octets = octets[len(_MAPPED) :]
        return Address(octets + port, octets[:V4_PREFIX])
    return Address(octets + port + peer[3].to_bytes(4, "big"), octets[:V6_PREFIX])


def is_loopback(address: SocketAddress | tuple[str, int]) -> bool:
    """Is this (numeric) address one that only this very machine can send from?"""
    host = ipaddress.ip_address(address[0].partition("%")[0])
    inner = host.ipv4_mapped if isinstance(host, ipaddress.IPv6Address) else None
    return (inner or host).is_loopback


def mapped(address: SocketAddress) -> SocketAddress:
    """The address as a socket of IPv6 has it: one of IPv4 becomes `::ffff:a.b.c.d`."""
    return address if len(address) == 4 else (f"::ffff:{address[0]}", address[1], 0, 0)


def local_host(family: socket.AddressFamily, peer: SocketAddress) -> str | None:
    """The own address from which this system would send to `peer` now; None: it would not. Nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(peer)
        except OSError:
            return None
        return str(probe.getsockname()[0])


def show(address: SocketAddress | tuple[str, int]) -> str:
    """`HOST:PORT`, with brackets around an IPv6 host."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int, *, numeric: bool = False) -> list[Candidate]:
    """The addresses of a name, in the system's order of preference; blocks, unless `numeric`: names are none then.

    OSError: there are none, or no resolver.
    """
    flags = socket.AI_NUMERICHOST if numeric else 0
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=flags)
    except UnicodeError as error:
        # What IDNA cannot encode; to a caller it is one more name that leads nowhere.
        raise socket.gaierror(socket.EAI_NONAME, f"not a host's name: {error}") from error
    families = (socket.AF_INET, socket.AF_INET6)
    return [
        (family, cast("SocketAddress", address))
        for family, _, _, _, address in dict.fromkeys(found)
        if family in families
    ]


def look_up(host: str, port: int, found: Callable[[list[Candidate] | OSError], None]) -> None:
    """Look a name up without waiting for it; `found` is called with what came, from any thread.

    A number needs no thread, and a name gets one that ends by itself.
    """
    try:
        candidates = resolve(host, port, numeric=True)
    except OSError:
        threading.Thread(target=_resolve, args=(host, port, found), name=f"look-up of {host}", daemon=True).start()
    else:
        found(candidates)


def _resolve(host: str, port: int, found: Callable[[list[Candidate] | OSError], None]) -> None:
    try:
        candidates = resolve(host, port)
    except OSError as error:
        found(error)
    else:
        found(candidates)
