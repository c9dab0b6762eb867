"""The core in asyncio: join the room of a link, say something, and print what is said until a signal comes.

python examples/asyncio_chat.py 'udpchat://…' STATE-DIRECTORY TEXT
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from udpchat_cli.home import member
from udpchat_cli.links import Link, parse_link
from udpchat_core.client import Client
from udpchat_core.events import AddressNeeded, ChatReceived, ServerOffered
from udpchat_stores.clientfile import SavedServer
from udpchat_transports.addresses import peer_of, resolve
from udpchat_transports.sockets import open_udp


class Chat(asyncio.DatagramProtocol):
    """Inputs: each wakes the loop in `main`, which takes the outputs."""

    def __init__(self, client: Client) -> None:
        self.client, self.udp, self.news, self.tasks = client, open_udp(), asyncio.Event(), set[asyncio.Task[None]]()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.do(self.client.receive_datagram, data, self.udp.path_to(addr))

    def do(self, verb: Callable[..., object], *values: object) -> None:
        verb(*values, asyncio.get_running_loop().time())
        self.news.set()

    async def look_up(self, link: Link, tell: Callable[..., None]) -> None:
        path, *others = self.udp.paths_to(await asyncio.to_thread(resolve, link.host, link.port))
        self.do(lambda now: tell(path, now, others))


async def main(client: Client, store: SavedServer, link: Link, text: str) -> None:
    """The core's turn, for as long as it takes: wait, let time pass, and take the outputs in their order."""
    loop, chat, room = asyncio.get_running_loop(), Chat(client), link.room or "lobby"
    transport, _ = await loop.create_datagram_endpoint(lambda: chat, sock=chat.udp.raw)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, chat.do, client.quit)
    chat.do(client.join, room)
    chat.do(client.say, room, text)
    await chat.look_up(link, client.connect)
    while not client.closed or client.next_timeout() is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(client.next_timeout()):
                await chat.news.wait()
        chat.news.clear()
        client.handle_timeout(loop.time())
        store.submit(client.store_requests())
        for event in client.events():
            match event:
                case ChatReceived():
                    print(f"{event.nick or event.author.hex()}: {event.text}", flush=True)
                case ServerOffered():  # the link told no key, or no secret: ask a person, if there is one
                    chat.do(client.quit)
                case AddressNeeded():
                    chat.tasks.add(loop.create_task(chat.look_up(link, client.moved)))
        for data, path in client.datagrams_to_send(loop.time()):
            transport.sendto(data, peer_of(path))
    transport.close()


link = parse_link(sys.argv[1])
with member(sys.argv[2], link) as (state, store):
    asyncio.run(main(Client(state, entropy=os.urandom, confirmed=link.pin), store, link, sys.argv[3]))
