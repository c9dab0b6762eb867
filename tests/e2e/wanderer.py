"""Run by `test_moved.py` in a network namespace of its own: a machine that gets another address while it talks.

Prints, as JSON, what the server saw: the sessions that were opened, and the client's hosts in their order.
"""

import json
import subprocess
import sys
from functools import partial

import trio

from e2e.inside import event, new_state
from udpchat_core.events import ChatReceived, JoinedRoom, SessionOpened
from udpchat_core.gate import Identity
from udpchat_core.keys import PrivateKey
from udpchat_core.state import Pin
from udpchat_stores.memory import MemoryStore
from udpchat_transports.addresses import peer_of
from udpchat_transports.trio_client import open_client
from udpchat_transports.trio_server import serve

SERVER, HOSTS = "10.9.0.1", ("10.8.0.1", "10.8.0.2")


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


def be(host: str) -> None:
    """From now on this machine sends from `host`."""
    ip(f"route change local {SERVER} dev lo table local src {host}")


async def main() -> None:
    ip("link set lo up")
    for host in (SERVER, *HOSTS):
        ip(f"address add {host}/32 dev lo")
    be(HOSTS[0])
    identity = Identity(PrivateKey(bytes(range(32))))
    opened: list[SessionOpened] = []
    hosts: list[str] = []
    async with trio.open_nursery() as nursery:
        start = partial(
            serve,
            identity,
            (SERVER, 0),
            store=MemoryStore(),
            on_event=lambda each: opened.append(each) if isinstance(each, SessionOpened) else None,
        )
        serving = await nursery.start(start)
        async with open_client((SERVER, serving.address[1]), new_state(), confirmed=Pin(identity.public)) as chat:
            chat.join("lobby")
            await event(chat, JoinedRoom)
            hosts.append(peer_of(serving.live[0].path)[0])
            be(HOSTS[1])
            with trio.fail_after(10):
                while peer_of(serving.live[0].path)[0] == hosts[0]:  # until the client has noticed by itself
                    await trio.lowlevel.checkpoint()
            hosts.append(peer_of(serving.live[0].path)[0])
            chat.say("lobby", "from elsewhere")
            await event(chat, ChatReceived)
        nursery.cancel_scope.cancel()
    json.dump({"opened": len(opened), "hosts": hosts}, sys.stdout)


if __name__ == "__main__":
    trio.run(main)
