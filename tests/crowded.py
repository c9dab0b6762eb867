"""A send buffer that is full, for real: run in a network namespace of its own, as `unshare -Urn python -m crowded`.

Over loopback it never is, because a datagram leaves the sender's buffer at once. On a link whose neighbour does not
answer yet, datagrams wait there until its address is known; then all of them leave, and are seen at the other end.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import deque

from udpchat_core.aead import OpenSsl
from udpchat_core.batch import Batch, Outgoing, one_by_one
from udpchat_protocol.limits import HEADER, TAG
from udpchat_transports.sockets import UdpSocket

COUNT = 300
SIZE = 100
HERE, NEIGHBOUR = "10.9.9.1", "10.9.9.2"
_IPV4 = 0x0800
_BEFORE = 14 + 20 + 8  # the headers of Ethernet, IPv4 and UDP


class Clear(OpenSsl):
    """Seals nothing: what is to be sent is given as headers."""

    def encrypt_into(
        self, memory: memoryview, stride: int, column: object, first: int, headers: bytes, frames: bytes
    ) -> None:
        """These datagrams."""
        for at in range(0, len(memory), stride):
            memory[at : at + SIZE] = headers[(first + at // stride) * SIZE :][:SIZE]


NOTHING = bytes(SIZE - HEADER - TAG)
"""As long as what a datagram of SIZE seals."""


def ip(words: str) -> None:
    """A command of iproute2."""
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


def main() -> None:
    """Prints what it saw."""
    ip("link add here type veth peer name there")
    ip(f"addr add {HERE}/24 dev here")
    ip("link set here up")
    ip("link set there up")
    own = UdpSocket(socket.AF_INET, (HERE, 0), io=sys.argv[1])  # pyright: ignore[reportArgumentType]
    with socket.fromfd(own.fileno(), socket.AF_INET, socket.SOCK_DGRAM) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20_000)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_IPV4))
    wire.bind(("there", _IPV4))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    wire.settimeout(5)
    paths = [own.path_to((NEIGHBOUR, 1000 + each)) for each in range(2)]
    # Runs of three, so that the buffer is full within messages and between them.
    waiting: deque[Outgoing] = deque()
    for first in range(0, COUNT, 6):
        datas = [each.to_bytes(4, "big") + bytes(SIZE - 4) for each in range(first, first + 6)]
        batch = Batch((paths[0], paths[1]), Clear(), None, [b"".join(datas[at::3]) for at in range(3)], [NOTHING] * 3)
        waiting.extend([batch] if sys.argv[2] == "batches" else batch.datagrams())
    blocked = not own.send(waiting)
    left = len(one_by_one(waiting))
    ip(f"neigh replace {NEIGHBOUR} lladdr 02:00:00:00:00:01 dev here nud permanent")
    seen: list[int] = []
    while not own.send(waiting):
        pass
    while len(seen) < COUNT:
        try:
            data = wire.recv(70_000)[_BEFORE:]
        except TimeoutError:
            break
        # This link leaves it to the receiver to cut a message of several up.
        seen.extend(int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), SIZE))
    print(json.dumps({"blocked": blocked, "left": left, "seen": seen, "errors": own.errors}))


if __name__ == "__main__":
    main()
