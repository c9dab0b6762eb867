"""Clients and servers over Trio and real sockets: nothing is lost, and nothing is left behind."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from e2e.inside import event, new_identity, new_state, server, texts
from e2e.test_chat import needs_ipv6
from proves import proves
from udpchat_core.effects import ServerRequest, ServerResult
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import (
    ChatReceived,
    Closed,
    Connected,
    Disconnected,
    JoinedRoom,
    Sent,
    ServerEvent,
    ServerOffered,
    SessionClosed,
)
from udpchat_core.state import Pin
from udpchat_protocol.codes import Code
from udpchat_stores.memory import MemoryStore
from udpchat_transports.serving import Serving
from udpchat_transports.trio_client import ChatClient, open_client


def open_sockets() -> list[str]:
    """The sockets that this process has, as the system sees them."""
    found: list[str] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        # The one that reads this directory is gone by now.
        with suppress(FileNotFoundError):
            found.append(str(descriptor.readlink()))
    return sorted(each for each in found if each.startswith("socket:"))


def at(serving: Serving) -> tuple[str, int]:
    return serving.address[0], serving.address[1]


async def test_what_one_says_the_other_reads():
    async with (
        server() as serving,
        open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as ann,
        open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as bob,
    ):
        for chat in (ann, bob):
            chat.join("lobby")
            await event(chat, JoinedRoom)
        said = [f"message {number}" for number in range(600)]
        for text in said:
            ann.say("lobby", text)
        # Nobody takes bob's messages for a while: more than a window of them has to wait at the server.
        await ann.acknowledged()
        assert await texts(bob, len(said)) == said
        assert await texts(ann, len(said)) == said
        assert ann.unacknowledged == 0
        assert ann.rtt is not None
        assert 0 < ann.rtt < 1
        assert not any(bob.counters.dropped.values())
        assert not ann.errors
        assert bob.trouble is None


async def test_a_stranger_is_offered_the_key():
    async with server() as serving, open_client(at(serving), new_state()) as chat:
        offer = await event(chat, ServerOffered)
        assert offer.key == serving.public_key
        chat.accept_server(offer.key)
        assert (await event(chat, Connected)).key == serving.public_key
        with pytest.raises(LocalProtocolError):
            chat.accept_server(offer.key)


@proves("UC-SESS-8")
async def test_cancelling_a_server_says_bye_and_frees_its_address():
    identity = new_identity()
    happened: list[ServerEvent] = []
    async with server(identity, on_event=happened.append) as first:
        address = at(first)
        async with open_client(address, new_state(), confirmed=Pin(first.public_key)) as chat:
            chat.join("lobby")
            await event(chat, JoinedRoom)
            message = chat.say("lobby", "before")
            await event(chat, Sent)
            first_session = happened[0]
    assert isinstance(happened[-1], SessionClosed)
    assert happened[-1].code is Code.SHUTDOWN
    assert first_session != happened[-1]
    assert message
    async with server(identity, address) as second:
        assert at(second) == address


@proves("UC-SESS-10")
async def test_a_client_goes_on_when_its_server_is_back():
    identity = new_identity()
    store = MemoryStore()
    async with trio.open_nursery() as nursery:
        nursery.cancel_scope.deadline = trio.current_time() + 20
        async with server(identity, store=store) as first:
            address = at(first)
            chat = await nursery.start(a_client, address, Pin(first.public_key))
            chat.join("lobby")
            await event(chat, JoinedRoom)
        assert (await event(chat, Disconnected)).code is Code.SHUTDOWN
        chat.say("lobby", "into the dark")
        async with server(identity, address, store=store):
            assert await texts(chat, 1) == ["into the dark"]
        nursery.cancel_scope.cancel()


async def a_client(address: tuple[str, int], pin: Pin, *, task_status: trio.TaskStatus[ChatClient]) -> None:
    async with open_client(address, new_state(), confirmed=pin) as chat:
        task_status.started(chat)
        await trio.sleep_forever()


async def test_leaving_without_quit_keeps_what_was_not_acknowledged():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        async with open_client(silent.getsockname(), replace(new_state(), pin=Pin(b"k" * 32))) as chat:
            chat.join("lobby")
            chat.say("lobby", "not yet")
    assert [message.text for message in chat.state.outbox] == ["not yet"]
    with pytest.raises(trio.ClosedResourceError):
        chat.say("lobby", "too late")
    async with server() as serving:
        state = replace(chat.state, pin=Pin(serving.public_key))
        async with open_client(at(serving), state) as again:
            assert await texts(again, 1) == ["not yet"]


async def test_quit_is_waited_for():
    happened: list[ServerEvent] = []
    async with server(on_event=happened.append) as serving:
        async with open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as chat:
            await event(chat, Connected)
            chat.quit("so long")
        assert chat.closed
        assert isinstance(happened[-1], SessionClosed)
        assert happened[-1].code is Code.QUIT
        left = [each async for each in chat]
        assert left[-1] == Closed(Code.QUIT, "")


async def test_quit_before_there_is_a_session_is_over_at_once():
    async with open_client(("127.0.0.1", 9), new_state()) as chat:
        chat.quit()
        assert [each async for each in chat] == [Closed(Code.QUIT, "")]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list descriptors")
async def test_nothing_is_left_behind():
    tasks = trio.lowlevel.current_statistics().tasks_living
    before = open_sockets()
    async with server() as serving:
        for _ in range(3):
            with trio.CancelScope() as scope:
                async with open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as chat:
                    await event(chat, Connected)
                    scope.cancel()
                    await trio.sleep_forever()
            assert scope.cancelled_caught
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert open_sockets() == before


async def test_an_exception_leaves_the_block_as_it_is():
    with pytest.raises(KeyError, match="mine"):
        async with open_client(("127.0.0.1", 9), new_state()):
            raise KeyError("mine")


class Threaded:
    """A store that answers from threads of its own, each request in its time."""

    def __init__(self) -> None:
        self._memory = MemoryStore()
        self._lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def submit(self, requests: Sequence[ServerRequest], done: Callable[[Sequence[ServerResult]], None]) -> None:
        def work() -> None:
            with self._lock:
                self._memory.submit(requests, done)

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def close(self) -> None:
        for thread in self.threads:
            thread.join()


@pytest.fixture
def threaded() -> Iterator[Threaded]:
    store = Threaded()
    yield store
    store.close()


async def test_a_store_may_answer_from_other_threads(threaded: Threaded):
    async with (
        server(store=threaded) as serving,
        open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as chat,
    ):
        chat.join("lobby")
        chat.say("lobby", "one")
        assert await texts(chat, 1) == ["one"]
        chat.say("lobby", "two")
        assert await texts(chat, 1) == ["two"]
    assert len(threaded.threads) > 2


@proves("UC-RECV-1")
async def test_a_flood_of_noise_does_not_starve_an_honest_client():
    async with (
        server() as serving,
        open_client(at(serving), new_state(), confirmed=Pin(serving.public_key)) as chat,
    ):
        chat.join("lobby")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noisy:
            for number in range(60):
                for size in (0, 1, 40, 1200, 1300):
                    for kind in (0x00, 0x01, 0x04, 0x05, 0xFF):
                        noisy.sendto((bytes([kind]) + os.urandom(1300))[:size], serving.address)
                chat.say("lobby", f"message {number}")
                await texts(chat, 1)
        dropped = serving.counters.dropped
        assert dropped["size"] > 0
        assert dropped["type"] > 0
        assert serving.sessions == 1
        assert serving.tables["half_open"] == 0


@needs_ipv6
async def test_one_socket_serves_both_families_and_names_are_looked_up():
    async with server(address=("::", 0)) as serving:
        port = serving.address[1]
        for host in ("::1", "127.0.0.1", "localhost"):
            async with open_client((host, port), new_state(), confirmed=Pin(serving.public_key)) as chat:
                chat.join("lobby", newest=0)
                chat.say("lobby", host)
                assert (await event(chat, ChatReceived)).text == host
                chat.quit()
        assert serving.sessions == 0


async def test_a_network_that_refuses_is_counted_and_told():
    # Sending to a broadcast address is refused to a socket that did not ask for the right.
    async with open_client(("255.255.255.255", 9), new_state()) as chat:
        with trio.fail_after(20):
            while not chat.errors:  # noqa: ASYNC110 - it is not an event of the library's
                await trio.sleep(0.01)
        assert chat.trouble is not None
        assert not chat.closed


async def test_a_name_that_leads_nowhere_is_told_and_tried_again():
    async with open_client(("no-such-host.invalid", 9), new_state()) as chat:
        with trio.fail_after(20):
            while chat.trouble is None:  # noqa: ASYNC110 - see above
                await trio.sleep(0.01)
        chat.quit()
        assert [each async for each in chat] == [Closed(Code.QUIT, "")]
