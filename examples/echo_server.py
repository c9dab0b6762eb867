"""An echo server on the bare socket: `python echo_server.py [PORT]`. What each line relies on is tested."""

import socket
import sys

server = socket.socket(type=socket.SOCK_DGRAM)  # has no local port yet
server.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9997))  # takes one, at once
print("echo at", server.getsockname()[1], flush=True)
while True:
    data, sender = server.recvfrom(1200)  # also says from whom, which recv does not
    print(sender, data, flush=True)
    server.sendto(data, sender)  # with a local port it can send to anybody
