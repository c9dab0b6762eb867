"""The core in a frame loop, as games have: 60 times a second everything goes in and comes out, and nothing ever waits.

python examples/frame_loop.py 'udpchat://…' STATE-DIRECTORY TEXT
"""

import os
import signal
import sys
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress

from udpchat_cli.home import member
from udpchat_cli.links import Link, parse_link
from udpchat_core.client import Client
from udpchat_core.events import AddressNeeded, ChatReceived, ClientEvent, ServerOffered
from udpchat_stores.clientfile import SavedServer
from udpchat_transports.addresses import Candidate, resolve
from udpchat_transports.sockets import UdpSocket, open_udp


def turn(client: Client, store: SavedServer, udp: UdpSocket, now: float) -> list[ClientEvent]:
    """One frame: everything goes in, and then everything comes out in its order."""
    udp.receive(64, lambda data, path: client.receive_datagram(data, path, now))
    client.handle_timeout(now)
    store.submit(client.store_requests())
    events = client.events()
    udp.send(deque(client.datagrams_to_send(now)))  # what does not fit is lost, and sent again
    return events


def play(client: Client, store: SavedServer, link: Link, room: str, text: str) -> None:
    """The game."""
    leaving = list[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: leaving.append(number))
    client.join(room, time.monotonic())
    client.say(room, text, time.monotonic())
    with closing(open_udp()) as udp, ThreadPoolExecutor(1) as pool:
        path, *others = udp.paths_to(resolve(link.host, link.port))
        client.connect(path, time.monotonic(), others)
        found: Future[list[Candidate]] | None = None
        while not client.closed or client.next_timeout() is not None:
            for event in turn(client, store, udp, time.monotonic()):
                match event:
                    case ChatReceived():
                        print(f"{event.nick or event.author.hex()}: {event.text}", flush=True)
                    case ServerOffered():  # the link told no key, or no secret: ask the player
                        client.quit(time.monotonic())
                    case AddressNeeded():
                        found = found or pool.submit(resolve, link.host, link.port)
            if found is not None and found.done():
                with suppress(OSError):  # no resolver: as long as nobody answers it will be asked for again
                    path, *others = udp.paths_to(found.result())
                    client.moved(path, time.monotonic(), others)
                found = None
            if leaving:
                client.quit(time.monotonic())
            time.sleep(1 / 60)  # a game draws here, and waits for its clock


with member(sys.argv[2], link := parse_link(sys.argv[1])) as (state, store):
    play(Client(state, entropy=os.urandom, confirmed=link.pin), store, link, link.room or "lobby", sys.argv[3])
