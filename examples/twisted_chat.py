"""The core in Twisted: join the room of a link, say something, and print what is said until a signal comes.

python examples/twisted_chat.py 'udpchat://…' STATE-DIRECTORY TEXT
"""

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.defer import TimeoutError as TimedOut
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import react
from twisted.internet.threads import deferToThread

from udpchat_cli.home import member
from udpchat_cli.links import Link, parse_link
from udpchat_core.client import Client
from udpchat_core.events import AddressNeeded, ChatReceived, ServerOffered
from udpchat_stores.clientfile import SavedServer
from udpchat_transports.addresses import resolve
from udpchat_transports.sockets import open_udp


class Chat(DatagramProtocol):
    """Inputs: each wakes the loop in `main`, which takes the outputs."""

    def __init__(self, client: Client) -> None:
        self.client, self.udp, self.news = client, open_udp(), Deferred[None]()

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:  # noqa: N802 - Twisted's name
        self.do(self.client.receive_datagram, datagram, self.udp.path_to(addr))

    def do(self, verb: Callable[..., object], *values: object) -> None:
        verb(*values, time.monotonic())  # reactor.seconds() is the wall clock, which may jump
        if not self.news.called:
            self.news.callback(None)

    async def look_up(self, link: Link, tell: Callable[..., None]) -> None:
        path, *others = self.udp.paths_to(await deferToThread(resolve, link.host, link.port))
        self.do(lambda now: tell(path, now, others))


async def main(reactor: Any, client: Client, store: SavedServer, link: Link, text: str) -> None:
    """The core's turn, for as long as it takes: wait, let time pass, and take the outputs in their order."""
    chat, room, over = Chat(client), link.room or "lobby", Deferred[None]()
    reactor.adoptDatagramPort(chat.udp.fileno(), chat.udp.family, chat)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: chat.do(client.quit) or over)
    chat.do(client.join, room)
    chat.do(client.say, room, text)
    await chat.look_up(link, client.connect)
    while not client.closed or client.next_timeout() is not None:
        chat.news = Deferred()
        if (due := client.next_timeout()) is not None:
            chat.news.addTimeout(max(0, due - time.monotonic()), reactor)
        with suppress(TimedOut):
            await chat.news
        client.handle_timeout(time.monotonic())
        store.submit(client.store_requests())
        for event in client.events():
            match event:
                case ChatReceived():
                    print(f"{event.nick or event.author.hex()}: {event.text}", flush=True)
                case ServerOffered():  # the link told no key, or no secret: ask a person, if there is one
                    chat.do(client.quit)
                case AddressNeeded():
                    ensureDeferred(chat.look_up(link, client.moved))
        chat.udp.send(deque(client.datagrams_to_send(time.monotonic())))  # what does not fit is lost, and sent again
    chat.udp.close()
    over.callback(None)


with member(sys.argv[2], link := parse_link(sys.argv[1])) as (state, store):
    react(main, (Client(state, entropy=os.urandom, confirmed=link.pin), store, link, sys.argv[3]))
