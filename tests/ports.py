"""Ports of loopback that stay free for those who come back to them: outside of the range that systems give away."""

import socket
from itertools import count
from os import getpid

_FIRST, _LAST = 11_000, 32_000
_next = count(getpid() * 61)  # other processes of the tests look elsewhere


def a_port() -> int:
    """A port that nobody has, and that no system gives to somebody who asks for any."""
    while True:
        port = _FIRST + next(_next) % (_LAST - _FIRST)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
