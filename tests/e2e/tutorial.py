"""Programs as the tutorial means them, written anew on the bare socket: `tutorial.py server PORT INTERVAL` and
`tutorial.py client PORT INTERVAL`. Both are told by lines of input; `quit` ends them.

The server answers in the tutorial's own form, `ack b'…'`, and looks for the silent only when somebody talks.
"""

import socket
import sys
import threading
import time

HOST = "127.0.0.1"


class Server:
    def __init__(self, port: int, interval: float) -> None:
        self.interval = interval
        self.heard: dict[tuple[str, int], float] = {}
        self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.bind((HOST, port))
        self.stopping = threading.Event()

    def receive(self) -> None:
        while not self.stopping.is_set():
            data, sender = self.sock.recvfrom(1024)
            now = time.monotonic()
            word = data.strip()
            if word == b"quit":
                if self.heard.pop(sender, None) is not None:
                    print("left", sender[1], flush=True)
                continue
            self.heard[sender] = now
            if word == b"^hb^":
                continue
            silent = {client for client, last in self.heard.items() if now - last > self.interval}
            for client in silent:
                del self.heard[client]
                print("dropped", client[1], flush=True)
            for client in self.heard:
                self.sock.sendto(f"ack {data!r}".encode(), client)

    def stop(self) -> None:
        for client in self.heard:
            self.sock.sendto(b"bye bye", client)
        self.stopping.set()


class Client:
    def __init__(self, port: int, interval: float) -> None:
        self.server = (HOST, port)
        self.pause = interval / 4
        self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.connect(self.server)
        self.sock.sendto(b"hello server", self.server)

    def receive(self) -> None:
        while True:
            print(self.sock.recv(1024).decode(), flush=True)

    def beat(self) -> None:
        while True:
            time.sleep(self.pause)
            self.sock.send(b"^hb^")


def main() -> None:
    role, port, interval = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    if role == "server":
        server = Server(port, interval)
        threading.Thread(target=server.receive, daemon=True).start()
        print("at", server.sock.getsockname()[1], flush=True)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
        server.stop()
        return
    client = Client(port, interval)
    threading.Thread(target=client.receive, daemon=True).start()
    threading.Thread(target=client.beat, daemon=True).start()
    for line in sys.stdin:
        client.sock.send(line.rstrip("\n").encode())
        if line.strip() == "quit":
            break


if __name__ == "__main__":
    main()
