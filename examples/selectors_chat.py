"""The core in a `selectors` loop: say each line of input, print what is said, and leave at its end or by a signal.

python examples/selectors_chat.py 'udpchat://…' STATE-DIRECTORY

Who owns the socket need not write the turn of a core: `Pump` and `Guide`, of the library's own transports, have it.
"""

import os
import selectors
import signal
import socket
import sys
import time
from contextlib import closing, suppress

from udpchat_cli.home import member
from udpchat_cli.links import Link, parse_link
from udpchat_core.client import Client
from udpchat_core.effects import ClientStore
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, ServerOffered
from udpchat_transports.addresses import look_up
from udpchat_transports.guide import Guide
from udpchat_transports.pump import Pump
from udpchat_transports.sockets import open_udp


def show(client: Client) -> None:
    """Take the events."""
    for event in client.events():
        if isinstance(event, ChatReceived):
            print(f"{event.nick or event.author.hex()}: {event.text}", flush=True)
        elif isinstance(event, ServerOffered):  # the link told no key, or no secret: ask a person, if there is one
            client.quit(time.monotonic())


def wake(waker: socket.socket) -> None:
    """From any thread."""
    with suppress(OSError):  # full: it is about to wake anyway
        waker.send(b".")


def main(client: Client, store: ClientStore, link: Link, room: str) -> None:
    """Wait for the network, the clock, the keyboard, signals and threads."""
    woken, waker = socket.socketpair()  # for signals, and for threads that look names up or save
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    leaving, rest, udp = list[int](), b"", open_udp()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: leaving.append(number))
    pump = Pump(client, store, wake=lambda: wake(waker), on_events=lambda: show(client))
    guide = Guide(client, pump, lambda: look_up(link.host, link.port, guide.found), lambda: wake(waker))
    pump.socket = udp
    with selectors.DefaultSelector() as selector, closing(udp), woken, waker:
        for each in (woken, udp, sys.stdin):
            selector.register(each, selectors.EVENT_READ)
        client.join(room, time.monotonic())
        while not client.closed or client.next_timeout() is not None:
            ready = {key.fileobj for key, _ in selector.select(max(0, min(guide.deadline - time.monotonic(), 60)))}
            if woken in ready:
                woken.recv(4096)
            data = os.read(sys.stdin.fileno(), 65536) if sys.stdin in ready else None
            *lines, rest = (rest + (data or b"")).split(b"\n")
            for line in lines:
                with suppress(LocalProtocolError):  # empty, or longer than a message may be
                    client.say(room, line.decode(errors="replace"), time.monotonic())
            if data == b"":
                selector.unregister(sys.stdin)
            if leaving or (sys.stdin not in selector.get_map() and not client.unacknowledged):
                client.quit(time.monotonic())
            guide.turn(time.monotonic())
            selector.modify(udp, selectors.EVENT_WRITE if pump.blocked else selectors.EVENT_READ)


with member(sys.argv[2], link := parse_link(sys.argv[1])) as (state, store):
    main(Client(state, entropy=os.urandom, confirmed=link.pin), store, link, link.room or "lobby")
