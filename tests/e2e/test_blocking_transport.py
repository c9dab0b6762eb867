"""What only the blocking transport has: a thread of its own, which may fail, be forked away, or be asked too late."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest

from contract.scene import GENEROUS, LOOPBACK, PATIENCE, descriptors, in_threads, new_identity, new_state
from udpchat_core.effects import SaveState, ServerRequest, ServerResult, StateSaved
from udpchat_core.events import ChatReceived, JoinedRoom, ServerEvent
from udpchat_core.state import Pin
from udpchat_stores.memory import MemoryStore
from udpchat_transports.blocking_client import ChatClient, ClosedError, connect
from udpchat_transports.blocking_server import BlockingServing, serve


def server(store: MemoryStore | None = None, on_event: Callable[[ServerEvent], None] | None = None) -> BlockingServing:
    return serve(new_identity(), LOOPBACK, store=store or MemoryStore(), limits=GENEROUS, on_event=on_event)


def client(serving: BlockingServing) -> ChatClient:
    chat = connect(serving.address[:2], new_state(), confirmed=Pin(serving.public_key))
    chat.join("lobby")
    return chat


def until(chat: ChatClient, kind: type[JoinedRoom | ChatReceived]) -> JoinedRoom | ChatReceived:
    return next(each for each in chat if isinstance(each, kind))


def test_the_plain_style():
    with server() as serving, client(serving) as chat:
        chat.say("lobby", "hello")
        for event in chat:
            if isinstance(event, ChatReceived):
                break
        chat.acknowledged(timeout=PATIENCE)
        assert chat.receive(PATIENCE) is not None


def test_heartbeats_and_repair_go_on_while_the_application_does_something_else():
    with server() as serving, client(serving) as ann, client(serving) as bob:
        until(bob, JoinedRoom)
        ann.say("lobby", "one")
        assert until(bob, ChatReceived) is not None
        ann.acknowledged(timeout=PATIENCE)  # nobody takes ann's events


def test_what_a_servers_on_event_raises_ends_it_and_is_told():
    mine = KeyError("mine")

    def fails(_: ServerEvent) -> None:
        raise mine

    before = descriptors()
    serving = server(on_event=fails)
    with client(serving), pytest.raises(KeyError) as raised:
        serving.wait()
    assert raised.value is mine
    assert serving.tables["sessions"] in (0, 1)
    with pytest.raises(KeyError), serving:
        pass
    serving.stop()
    assert descriptors() == before


def test_a_server_may_be_stopped_by_its_own_on_event():
    before = descriptors()
    serving = server(on_event=lambda _: serving.stop())
    with client(serving):
        serving.wait()
    assert descriptors() == before


def test_a_servers_store_that_fails_ends_it_and_is_told():
    class Broken(MemoryStore):
        def submit(self, requests: Sequence[ServerRequest], done: Callable[[Sequence[ServerResult]], None]) -> None:
            raise OSError("no room on the disk")

    serving = server(Broken())
    with client(serving), pytest.raises(OSError, match="no room"):
        serving.wait()


def test_a_clients_store_that_fails_is_the_cause_of_what_is_raised_afterwards():
    class Broken:
        def submit(self, requests: Sequence[SaveState], done: Callable[[Sequence[StateSaved]], None]) -> None:
            raise OSError("no room on the disk")

        def close(self) -> None:
            pass

    before = descriptors(), threading.active_count()
    chat = connect(("127.0.0.1", 9), new_state(), store=Broken())
    chat.join("lobby")
    for ask in (chat.receive, chat.acknowledged, lambda: chat.say("lobby", "more"), chat.receive):
        with pytest.raises(ClosedError) as raised:
            ask()
        assert isinstance(raised.value.__cause__, OSError)
    assert "lobby" in chat.state.rooms
    chat.close()
    assert (descriptors(), threading.active_count()) == before


def test_closing_while_many_threads_give_commands_keeps_none_of_them_waiting():
    for _ in range(20):
        with server() as serving, client(serving) as chat:
            begun = threading.Barrier(9)

            def talk(thread: int, chat: ChatClient = chat, begun: threading.Barrier = begun) -> None:
                begun.wait()
                if thread == 8:
                    chat.close()
                    return
                with suppress(ClosedError):
                    while True:
                        chat.say("lobby", "and on")

            in_threads(9, talk)


def test_an_event_is_not_lost_when_a_signals_handler_ends_the_wait_for_it():
    class InterruptedWaitError(Exception):
        pass

    def interrupt(_: int, frame: FrameType | None) -> None:
        # Between the return of `receive` and its caller's next step an event is lost to any exception, as is any value.
        if frame is not None and frame.f_code.co_name == "wait":
            raise InterruptedWaitError

    before = signal.signal(signal.SIGALRM, interrupt)
    heard: list[str] = []
    try:
        with server() as serving, client(serving) as chat:
            until(chat, JoinedRoom)
            for number in range(300):
                chat.say("lobby", str(number))
            signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
            while len(heard) < 300:
                try:
                    event = chat.receive(PATIENCE)
                except InterruptedWaitError:
                    continue
                if isinstance(event, ChatReceived):
                    heard.append(event.text)
                if len(heard) > 200:
                    signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert heard == [str(number) for number in range(300)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_the_child_of_a_fork_has_neither_client_nor_server_and_disturbs_neither():
    run = [sys.executable, str(Path(__file__).with_name("forked.py"))]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "child: closed, 0 sockets\nparent: still here\n", "")
