"""A client of echo_server.py: `python echo_client.py [PORT] [TEXT …]`. What each line relies on is tested."""

import socket
import sys

client = socket.socket(type=socket.SOCK_DGRAM)  # has no local port: nothing could reach it
client.settimeout(2.0)  # an answer may be lost, and there may be no server at all
client.connect(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9997))  # takes a port, fixes the other end
for text in sys.argv[2:] or ["hello"]:
    client.send(text.encode())  # goes to that end; sendto would need the address, and no connect
    print(client.recv(1200).decode())  # comes from that end and from no other
