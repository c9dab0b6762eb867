"""A process that ends in some way while clients and a server are running: `python ends.py TRANSPORT WAY…`.

test_ending.py runs it. What it prints is what it has to say of itself; a complaint of Python's is an error.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import NamedTuple

from contract.scene import PATIENCE, Scene, descriptors, event, join, say, threads
from contract.transports import Client, known
from udpchat_core.events import ChatReceived, Connected, ServerOffered

CHURN = int(os.environ.get("UDPCHAT_CHURN", "60"))
"""Clients that come and go: `make sweep` asks for 500."""


def talking(scene: Scene) -> Client:
    """A client amid talk."""
    server = scene.server()
    chat = scene.client(server)
    join(chat)
    for number in range(20):
        say(chat, str(number))
    event(chat, ChatReceived)
    return chat


def by_signal(scene: Scene) -> None:
    """A signal's handler closes while the main thread waits, and then again."""
    chat = talking(scene)

    def handle(*_: object) -> None:
        chat.close()
        chat.close()

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    with suppress(scene.clients.closed):
        while chat.receive(PATIENCE) is not None:
            pass
    print("closed")


def amid_calls(scene: Scene) -> None:
    """The same again and again while the main thread gives commands and while it closes; ten times, other delays."""
    for delay in range(10):
        with scene.block(scene.server()) as chat:
            join(chat)
            signal.signal(signal.SIGALRM, lambda *_, chat=chat: chat.close())
            signal.setitimer(signal.ITIMER_REAL, 0.01 + delay / 1000, 0.002)
            with suppress(scene.clients.closed):
                while True:
                    say(chat, "and on")
            chat.close()
        signal.setitimer(signal.ITIMER_REAL, 0)
    print("closed")


def by_commands_in_handlers(scene: Scene) -> None:
    """Handlers give commands while the main thread waits."""
    chat = talking(scene)
    signal.signal(signal.SIGALRM, lambda *_: chat.do(lambda chat: chat.quit()))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    while chat.receive(PATIENCE) is not None:
        pass
    print("quit")


def by_leaving(scene: Scene) -> None:
    """The main thread just ends."""
    talking(scene)
    print("leaving")


def by_exit(scene: Scene) -> None:
    """Amid a wait, by an exception of the application's."""
    chat = talking(scene)

    def handle(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    print("leaving", flush=True)
    while chat.receive(PATIENCE) is not None:
        pass


def by_churn(scene: Scene) -> None:
    """Many clients come and go, a third of them half-way."""
    random = Random(1)
    server = scene.server()
    with scene.block(None, at=server.address) as first:  # whatever is made once, is made now
        event(first, ServerOffered)
    before = len(descriptors()), len(threads())
    for number in range(CHURN):
        with scene.block(server) as chat:
            if number % 3 == 0:
                with suppress(TimeoutError):
                    chat.receive(random.uniform(0, 0.004))
                chat.close()
                continue
            event(chat, Connected)
            join(chat)
            say(chat, str(number))
            event(chat, ChatReceived)
            if number % 3 == 1:
                chat.do(lambda chat: chat.quit())
    after = len(descriptors()), len(threads())
    assert after == before, (before, after)
    print("the same as before")


class Way(NamedTuple):
    """One way to end."""

    end: Callable[[Scene], None]
    says: str


WAYS = {
    "signal": Way(by_signal, "closed\n"),
    "amid-calls": Way(amid_calls, "closed\n"),
    "commands": Way(by_commands_in_handlers, "quit\n"),
    "churn": Way(by_churn, "the same as before\n"),
}

EXITS = {"leaving": Way(by_leaving, "leaving\n"), "exit": Way(by_exit, "leaving\n")}


def main(name: str, words: Sequence[str]) -> None:
    """End in all these ways, one after the other."""
    transport = next(each for each in known() if each.name == name)()
    for word in words:
        scene = Scene(transport, transport)
        if word in EXITS:
            EXITS[word].end(scene)
            return
        with scene.everything:
            WAYS[word].end(scene)
    transport.end()
    assert not descriptors(), descriptors()
    assert threads() == ["MainThread"], threads()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
