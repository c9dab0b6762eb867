"""The plaintext dialect without an event loop: a server, its bridge and clients, each in a thread of its own."""

import socket
from queue import SimpleQueue

import pytest

from e2e.inside import new_identity, new_state
from proves import proves
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, MemberChanged
from udpchat_core.plaintext import PlainCame, PlainEvent, PlainLeft
from udpchat_core.plaintext_server import PlaintextLimits
from udpchat_core.state import Pin
from udpchat_protocol.codes import Code
from udpchat_stores.memory import MemoryStore
from udpchat_transports.blocking_client import ChatClient, connect
from udpchat_transports.blocking_plaintext import PlaintextChat, connect_plaintext, serve_plaintext
from udpchat_transports.blocking_server import serve
from udpchat_transports.plaintext import NotLoopbackError

PATIENCE = 20.0


def heard(chat: PlaintextChat, text: str) -> None:
    """Wait for this line."""
    while (each := chat.receive(PATIENCE)) is not None:
        if each.text == text:
            return
    raise AssertionError(f"it ended without {text!r}")


def said(chat: ChatClient, text: str) -> ChatReceived:
    """Wait for this message."""
    while True:
        event = chat.receive(PATIENCE)
        assert event is not None
        if isinstance(event, ChatReceived) and event.text == text:
            return event


@proves("UC-PLAIN-18", "UC-PLAIN-19")
def test_plaintext_clients_and_a_member_talk_across_threads():
    with (
        serve(new_identity(), ("127.0.0.1", 0), store=MemoryStore()) as serving,
        serve_plaintext(("127.0.0.1", 0), bridge_to=(serving, "lobby")) as port,
        connect(("127.0.0.1", serving.address[1]), new_state(), confirmed=Pin(serving.public_key)) as ann,
    ):
        ann.nick("ann")
        ann.join("lobby")
        with connect_plaintext(("127.0.0.1", port.address[1])) as pia:
            assert said(ann, "hello server").nick == "@guest1 (unverified)"
            for number in range(99):  # the rate allows a hundred texts at once, and `hello server` was the first
                pia.say(f"line {number}")
            ann.say("lobby", "good morning")
            heard(pia, "ann: good morning")
            for number in range(99):
                assert said(ann, f"line {number}").author != ann.fingerprint
            pia.quit()
            assert all(each.text for each in pia)
            assert pia.receive(0) is None
        while not (isinstance(event := ann.receive(PATIENCE), MemberChanged) and event.presence is None):
            assert event is not None
        assert event.code is Code.QUIT


@proves("UC-PLAIN-4", "UC-PLAIN-5")
def test_the_silent_are_dropped_and_a_server_says_goodbye():
    told: SimpleQueue[PlainEvent] = SimpleQueue()
    events: list[PlainEvent] = []
    with (
        serve_plaintext(("127.0.0.1", 0), limits=PlaintextLimits(interval=0.5), on_event=told.put) as port,
        connect_plaintext(("127.0.0.1", port.address[1]), beat=0.05) as chat,
        socket.socket(type=socket.SOCK_DGRAM) as silent,
    ):
        heard(chat, "ack hello server")
        silent.settimeout(PATIENCE)
        silent.sendto(b"hi", port.address)
        assert silent.recv(100) == b"ack hi"
        heard(chat, "ack hi")
        while not any(isinstance(each, PlainLeft) for each in events):
            events.append(told.get(timeout=PATIENCE))
        chat.say("without you")
        heard(chat, "ack without you")
        silent.sendto(b"back", port.address)
        assert silent.recv(100) == b"ack back"
        assert port.clients == 2
        port.stop()
        heard(chat, "bye bye")
        assert silent.recv(100) == b"bye bye"
    while not told.empty():
        events.append(told.get())
    assert [type(each) for each in events if not hasattr(each, "text")] == [
        PlainCame, PlainCame, PlainLeft, PlainCame, PlainLeft, PlainLeft,
    ]  # fmt: skip
    assert port.counters.received > 5


def test_what_may_not_be_is_told_and_leaves_nothing():
    with pytest.raises(NotLoopbackError):
        serve_plaintext(("0.0.0.0", 0))
    with serve(new_identity(), ("127.0.0.1", 0), store=MemoryStore()) as serving:
        with pytest.raises(LocalProtocolError):
            serve_plaintext(("127.0.0.1", 0), bridge_to=(serving, "@lobby"))
        with connect_plaintext(("127.0.0.1", serving.address[1])) as chat:
            with pytest.raises(TimeoutError):
                chat.receive(0.01)
            with pytest.raises(LocalProtocolError):
                chat.say("ack ack")
        assert chat.receive(0) is None
