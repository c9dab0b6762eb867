"""However a client or a server ends, and in whatever state: at once, telling why, and with nothing left behind.

That no socket and no thread is left is looked at after every test of this folder.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from contract import ends
from contract.scene import PATIENCE, Scene, drain, event, join, say, texts
from contract.transports import Client, bad_network
from udpchat_core.effects import SaveState, ServerRequest, ServerResult, StateSaved
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, Closed, Connected, ServerOffered
from udpchat_protocol.codes import Code
from udpchat_stores.memory import MemoryStore
from udpchat_transports.link import Conditions
from udpchat_transports.trio_relay import Weather

FINE = Weather(Conditions(), Conditions())


@contextmanager
def nobody() -> Iterator[socket.socket]:
    """Somewhere to send to, where nothing answers by itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(PATIENCE)
        yield silent


def closes(scene: Scene, client: Client) -> None:
    """It can be closed now, and again, and is over then."""
    client.close()
    client.close()
    with pytest.raises(scene.clients.closed):
        say(client, "too late")
    with pytest.raises(scene.clients.closed):
        drain(client)
    client.do(lambda chat: chat.attendees("lobby"))
    assert client.do(lambda chat: chat.unacknowledged) == len(client.do(lambda chat: chat.state).outbox)


def test_closing_before_any_answer(alone: Scene):
    with nobody() as silent, alone.block(None, at=silent.getsockname()) as chat:
        silent.recv(2048)
        closes(alone, chat)


def test_closing_while_the_person_is_asked(alone: Scene):
    server = alone.server()
    with alone.block(None, at=server.address) as chat:
        event(chat, ServerOffered)
        closes(alone, chat)


def test_closing_while_proving(alone: Scene):
    server = alone.server()
    with nobody() as between, alone.block(server, at=between.getsockname()) as chat:
        hello, client = between.recvfrom(2048)
        between.sendto(hello, server.address)
        retry, _ = between.recvfrom(2048)
        between.sendto(retry, client)
        while between.recv(2048) == hello:
            pass
        closes(alone, chat)


def test_closing_an_open_session_amid_talk(scene: Scene):
    server = scene.server()
    bob = scene.client(server)
    join(bob)
    with scene.block(server) as chat:
        join(chat)
        for number in range(100):
            say(chat, str(number))
        event(chat, ChatReceived)
        closes(scene, chat)
    assert texts(bob, 1) == ["0"]


def test_closing_while_quitting(alone: Scene):
    server = alone.server()
    with bad_network(server.address, FINE) as between:
        chat = alone.client(server, at=between)
        event(chat, Connected)
    chat.do(lambda chat: chat.quit())
    closes(alone, chat)


def test_closing_after_the_end(alone: Scene):
    server = alone.server()
    with alone.block(server) as chat:
        event(chat, Connected)
        chat.do(lambda chat: chat.quit())
        event(chat, Closed)
        assert chat.receive(PATIENCE) is None
        chat.close()


def test_closing_while_others_wait_for_events_in_their_threads(alone: Scene):
    server = alone.server()
    ended: list[BaseException | None] = []

    def wait(chat: Client) -> None:
        try:
            drain(chat)
        except Exception as error:  # noqa: BLE001 - looked at below
            ended.append(error)
        else:
            ended.append(None)

    with alone.block(server) as chat:
        event(chat, Connected)
        waiting = [threading.Thread(target=wait, args=(chat,)) for _ in range(3)]
        for thread in waiting:
            thread.start()
        chat.close()
        for thread in waiting:
            thread.join(PATIENCE)
    assert [type(each) for each in ended] == 3 * [alone.clients.closed]


def test_a_wait_may_end_without_an_event(alone: Scene):
    with nobody() as silent, alone.block(None, at=silent.getsockname()) as chat:
        with pytest.raises(TimeoutError):
            chat.receive(0.01)
        with pytest.raises(LocalProtocolError):
            say(chat, "to a room that was not joined")


def test_waiting_costs_nothing(alone: Scene):
    with alone.block(alone.server()) as chat:
        join(chat)
        with pytest.raises(TimeoutError):
            drain(chat, 0.1)
        used = time.process_time()
        with pytest.raises(TimeoutError):
            chat.receive(0.5)
        assert time.process_time() - used < 0.1


def test_an_exception_leaves_the_block_as_it_is(alone: Scene):
    mine = KeyError("mine")
    with pytest.raises(KeyError) as raised, alone.block(alone.server()):
        raise mine
    assert raised.value is mine


def test_a_name_that_leads_nowhere_is_told_and_tried_again(alone: Scene):
    with alone.block(None, at=("no-such-host.invalid", 9)) as chat:
        while chat.do(lambda chat: chat.trouble) is None:
            with pytest.raises(TimeoutError):
                chat.receive(0.05)
        chat.do(lambda chat: chat.quit())
        assert event(chat, Closed) == Closed(Code.QUIT, "")


def test_a_server_may_be_stopped_twice_and_its_address_is_free_then(alone: Scene):
    server = alone.server()
    with pytest.raises(OSError, match="in use"):
        alone.server(address=server.address)
    server.stop()
    server.stop()
    assert server.look(lambda serving: (serving.sessions, serving.live, serving.errors)) == (0, (), {})
    assert alone.server(address=server.address).address == server.address


# -- stores ----------------------------------------------------------------------------------------------------------


class Late:
    """Answers from threads of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def _later(self, act: Callable[[], None]) -> None:
        def work() -> None:
            with self._lock:
                act()

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def close(self) -> None:
        for thread in self.threads:
            thread.join()


class LateLogs(Late):
    """A server's store."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = MemoryStore()

    def submit(self, requests: Sequence[ServerRequest], done: Callable[[Sequence[ServerResult]], None]) -> None:
        self._later(partial(self._memory.submit, requests, done))


class LateState(Late):
    """A client's store."""

    def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
        self._later(lambda: done([StateSaved(request) for request in requests]))


def test_stores_may_answer_from_other_threads_and_after_the_end(alone: Scene):
    stores = LateLogs(), LateState()
    for store in stores:
        alone.everything.callback(store.close)
    server = alone.server(store=stores[0])
    with alone.block(server, store=stores[1]) as chat:
        join(chat)
        for number in range(20):
            say(chat, str(number))
        assert texts(chat, 20) == [str(number) for number in range(20)]
        chat.close()
    server.stop()
    assert all(store.threads for store in stores)


class Broken:
    """A store that fails."""

    error = RuntimeError("no room on the disk")

    def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
        raise self.error

    def close(self) -> None:
        pass


def test_what_a_store_raises_ends_the_client_and_comes_out_of_its_block(alone: Scene):
    def breaks() -> None:
        with alone.block(None, at=("127.0.0.1", 9), store=Broken()) as chat:
            chat.do(lambda chat: chat.join("lobby"))
            with pytest.raises(alone.clients.closed):
                drain(chat)

    with pytest.raises((RuntimeError, ExceptionGroup)) as raised:
        breaks()
    error: BaseException = raised.value
    while isinstance(error, ExceptionGroup):
        (error,) = error.exceptions
    assert error is Broken.error


# -- processes -------------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str, str]:
    """A process of contract/ends.py, where warnings are errors: its status and what it printed."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(Path(ends.__file__)), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_signals_and_churn_leave_no_warning_and_nothing_running(alone: Scene):
    assert run(alone.clients.name, *ends.WAYS) == (0, "".join(way.says for way in ends.WAYS.values()), "")


@pytest.mark.parametrize("way", ends.EXITS)
def test_the_interpreter_may_end_before_its_clients(alone: Scene, way: str):
    if not alone.clients.outlives_blocks:
        pytest.skip("its clients cannot live outside of a block")
    assert run(alone.clients.name, way) == (0, ends.EXITS[way].says, "")
