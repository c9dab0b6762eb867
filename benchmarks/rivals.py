"""Servers to be held against ours that are programs of this folder. Each prints its port, and serves until it is ended.

    python benchmarks/rivals.py naive|seal|quic [--packed BYTES]

*naive* is the tutorial's loop, in plaintext: whoever sends `^hb^` is a client, and everything else goes to each client.
*seal* is the loop in crowd/seal.c. *quic* is the tutorial's loop again, over the datagrams of aioquic.
"""

from __future__ import annotations

import argparse
import socket

from crowd import library

BUFFER = 4 << 20


def bound() -> socket.socket:
    """A socket with room for what comes at once, on any port."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for each in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        own.setsockopt(socket.SOL_SOCKET, each, BUFFER)
    own.bind(("127.0.0.1", 0))
    print(own.getsockname()[1], flush=True)
    return own


def naive() -> None:
    """The tutorial's, with its slips mended and nothing printed."""
    sock = bound()
    clients: dict[tuple[str, int], None] = {}
    while True:
        data, raddr = sock.recvfrom(1024)
        if data.strip() == b"^hb^":
            clients[raddr] = None
            sock.sendto(b"", raddr)  # so that whoever measures knows
            continue
        for each in clients:
            sock.sendto(data, each)


def main() -> None:
    """Serve."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("what", choices=("naive", "seal", "quic"))
    options.add_argument("--packed", type=int, default=100, help="bytes that a message takes in a sealed packet")
    given = options.parse_args()
    match given.what:
        case "naive":
            naive()
        case "seal":
            own = bound()
            library().seal_serve(own.fileno(), given.packed)
        case _:
            from quic import serve  # noqa: PLC0415 - aioquic may not be installed

            serve()


if __name__ == "__main__":
    main()
