"""A flood of HELLOs over loopback, cheap for whoever sends it: built before, many with one call. Linux only.

    python -m e2e.flooder 127.0.0.1 PORT [--sources 1] [--rate 20000] [--seconds 20] [--key HEX]

Prints {"event": "ready"} when all is built, begins at a line on standard input, ends by itself, and prints how much
was sent. With the server's `key` each HELLO has a cookie that holds and a real first message, otherwise neither.
Sources are ports on 127.0.1.x: to a server that counts by /24, one prefix, and not that of the people on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import select
import socket
import sys
from itertools import cycle
from time import monotonic, sleep

from udpchat_core.keys import new_private_key, prologue, psk
from udpchat_core.noise import Initiator
from udpchat_protocol.packets import Hello, Offer, Retry

AT_ONCE = 20
FIRST_MESSAGES = 2000
"""Different ones, more than a server keeps half open, so that none is answered from memory."""
MOST_SECONDS, MOST_RATE = 60.0, 100_000


class IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("size", ctypes.c_size_t))


class MsgHdr(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("parts", ctypes.POINTER(IoVec)),
        ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class MMsgHdr(ctypes.Structure):
    _fields_ = (("header", MsgHdr), ("sent", ctypes.c_uint))


LIBC = ctypes.CDLL(None, use_errno=True)


class Source:
    """A port, and what it sends again and again."""

    def __init__(self, number: int, server: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((f"127.0.1.{1 + number % 200}", 0))
        self.socket.connect(server)

    def cookie(self, token: int) -> bytes:
        """Ask for one."""
        hello = Hello(version=1, token=token, cookie=b"", noise=b"").build()
        for _ in range(10):
            self.socket.send(hello)
            if select.select([self.socket], [], [], 0.5)[0]:
                return Retry.parse_untrusted(self.socket.recv(2048)).cookie
        raise AssertionError("the server does not answer")

    def load(self, datagrams: list[bytes]) -> None:
        """What it sends from now on."""
        self._parts = (IoVec * len(datagrams))(*[IoVec(data, len(data)) for data in datagrams])
        self._messages = (MMsgHdr * len(datagrams))()
        for message, part in zip(self._messages, self._parts, strict=True):
            message.header.parts = ctypes.pointer(part)
            message.header.count = 1
        self._next = 0

    def send(self) -> int:
        """The next few of them; how many left."""
        count = min(AT_ONCE, len(self._messages) - self._next)
        at = ctypes.byref(self._messages, self._next * ctypes.sizeof(MMsgHdr))
        sent = LIBC.sendmmsg(self.socket.fileno(), at, count, socket.MSG_DONTWAIT)
        self._next = (self._next + count) % len(self._messages)
        return max(sent, 0)


def loaded(server: tuple[str, int], sources: int, key: bytes | None) -> list[Source]:
    """Ports with what they will send."""
    found = [Source(number, server) for number in range(sources)]
    plain = [Hello(version=1, token=token, cookie=b"", noise=b"").build() for token in range(1000)]
    identity = new_private_key(os.urandom)
    offer = Offer(device=1, versions=(1,)).build()
    for token, source in enumerate(found):
        if key is None:
            source.load(plain if sources == 1 else plain[:AT_ONCE])
            continue
        cookie = source.cookie(token)
        start = prologue(1, token)
        firsts = (
            Initiator(identity, key, psk(None, key), start, os.urandom).message1(offer)
            for _ in range(FIRST_MESSAGES // sources)
        )
        source.load([Hello(version=1, token=token, cookie=cookie, noise=first).build() for first in firsts])
    return found


def flood(sources: list[Source], rate: float, seconds: float) -> tuple[int, float]:
    """Send; how many datagrams, in how many seconds."""
    begin, sent, turn = monotonic(), 0, cycle(sources)
    while (passed := monotonic() - begin) < seconds:
        missing = min(rate * passed - sent, rate / 50)  # what could not leave in time is not made up for
        calls = 0
        while missing > 0 and calls < rate:
            left = next(turn).send()
            sent += left
            missing -= left or AT_ONCE
            calls += 1
        sleep(0.002)
    return sent, passed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--sources", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--key")
    options = parser.parse_args()
    if not options.host.startswith("127."):
        parser.error("only over loopback")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sources = loaded((options.host, options.port), options.sources, bytes.fromhex(options.key) if options.key else None)
    print(json.dumps({"event": "ready"}), flush=True)
    if sys.stdin.readline():
        sent, seconds = flood(sources, min(options.rate, MOST_RATE), min(options.seconds, MOST_SECONDS))
        print(json.dumps({"event": "sent", "datagrams": sent, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
