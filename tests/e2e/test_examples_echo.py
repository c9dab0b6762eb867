"""The two echo programs run, and what the tutorial's notes say of UDP sockets is so (SPEC.md, appendix B)."""

import errno
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.processes import program

EXAMPLES = Path(__file__).parents[2] / "examples"
LOOPBACK = ("127.0.0.1", 0)
NO_PORT = ("0.0.0.0", 0)


@pytest.fixture
def one() -> Iterator[socket.socket]:
    """A new socket."""
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.settimeout(10)
        yield one


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """Another one, bound."""
    with socket.socket(type=socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.bind(LOOPBACK)
        yield peer


async def test_the_echo_programs_talk():
    async with program(sys.executable, EXAMPLES / "echo_server.py", 0) as server:
        port = (await server.line()).split()[-1]
        words = [sys.executable, EXAMPLES / "echo_client.py", port]
        async with program(*words) as client:
            assert await client.status() == 0
        assert client.out == ["hello"]
        async with program(*words, "one", "zwei", "三") as client:
            assert await client.status() == 0
        assert client.out == ["one", "zwei", "三"]
        assert len(server.out) == 5


def test_a_client_without_a_server_gives_up(peer: socket.socket):
    words = [sys.executable, str(EXAMPLES / "echo_client.py"), str(peer.getsockname()[1])]
    result = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)
    assert "TimeoutError" in result.stderr


@pytest.mark.parametrize("name", ["echo_server.py", "echo_client.py"])
def test_each_program_is_a_dozen_lines(name: str):
    code = (EXAMPLES / name).read_text(encoding="utf-8").split('"""')[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= 12


# -- when a local port is taken ------------------------------------------------------------------------------------


def test_a_new_socket_has_no_local_port(one: socket.socket):
    assert one.getsockname() == NO_PORT


def test_bind_takes_the_address_at_once(one: socket.socket, peer: socket.socket):
    one.bind(LOOPBACK)
    host, port = one.getsockname()
    assert host == "127.0.0.1"
    assert port > 0
    with pytest.raises(OSError, match="in use") as taken, socket.socket(type=socket.SOCK_DGRAM) as second:
        second.bind(one.getsockname())
    assert taken.value.errno == errno.EADDRINUSE


def test_connect_takes_a_local_port_at_once_and_sends_nothing(one: socket.socket, peer: socket.socket):
    one.connect(peer.getsockname())
    assert one.getsockname() != NO_PORT
    peer.setblocking(False)
    with pytest.raises(BlockingIOError):
        peer.recv(100)


def test_sendto_takes_a_local_port_and_then_reaches_anybody(one: socket.socket, peer: socket.socket):
    with socket.socket(type=socket.SOCK_DGRAM) as third:
        third.settimeout(10)
        third.bind(LOOPBACK)
        one.sendto(b"hello", peer.getsockname())
        port = one.getsockname()[1]
        assert port > 0
        one.sendto(b"hello, you too", third.getsockname())
        assert one.getsockname()[1] == port
        assert peer.recvfrom(100) == (b"hello", ("127.0.0.1", port))
        assert third.recvfrom(100) == (b"hello, you too", ("127.0.0.1", port))


# -- what connect fixes --------------------------------------------------------------------------------------------


def test_send_needs_connect(one: socket.socket, peer: socket.socket):
    with pytest.raises(OSError, match=r"address required|not connected") as unconnected:
        one.send(b"to whom?")
    assert unconnected.value.errno in (errno.EDESTADDRREQ, errno.ENOTCONN)
    one.connect(peer.getsockname())
    one.send(b"to you")
    assert peer.recvfrom(100) == (b"to you", one.getsockname())
    assert one.getpeername() == peer.getsockname()


def test_after_connect_nobody_else_is_heard(one: socket.socket, peer: socket.socket):
    one.connect(peer.getsockname())
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"I am your server", one.getsockname())
    peer.sendto(b"I am", one.getsockname())
    assert one.recv(100) == b"I am"


# -- what recv needs -----------------------------------------------------------------------------------------------


def test_without_a_local_port_nothing_can_come(one: socket.socket):
    one.setblocking(False)
    with pytest.raises(BlockingIOError):  # if it blocked, it would wait for ever
        one.recv(100)
    assert one.getsockname() == NO_PORT


def test_recv_gives_the_data_and_recvfrom_the_sender_as_well(one: socket.socket, peer: socket.socket):
    one.sendto(b"first", peer.getsockname())
    one.sendto(b"second", peer.getsockname())
    assert peer.recv(100) == b"first"
    assert peer.recvfrom(100) == (b"second", ("127.0.0.1", one.getsockname()[1]))


def test_one_recv_is_one_datagram_and_what_does_not_fit_is_lost(one: socket.socket, peer: socket.socket):
    for text in (b"a long one", b"next"):
        one.sendto(text, peer.getsockname())
    assert peer.recv(6) == b"a long"
    assert peer.recv(100) == b"next"


# -- there is no connection ----------------------------------------------------------------------------------------


def test_nobody_needs_to_be_there(one: socket.socket, peer: socket.socket):
    nobody = peer.getsockname()
    peer.close()
    assert one.sendto(b"hello?", nobody) == 6
    with socket.socket(type=socket.SOCK_DGRAM) as late:
        late.settimeout(10)
        late.bind(nobody)
        one.sendto(b"and now?", nobody)
        assert late.recv(100) == b"and now?"
