"""Datagrams one a call, many a call, and many a message: nobody can tell which it was."""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random
from typing import get_args

import pytest

import crowded
from udpchat_core.aead import OPENSSL, Aead
from udpchat_core.batch import Batch, Outgoing, one_by_one
from udpchat_core.path import Datagram, Path
from udpchat_transports import mmsg_abi
from udpchat_transports.addresses import SocketAddress
from udpchat_transports.mmsg import KNOWN, Io
from udpchat_transports.mmsg_arrays import BATCH
from udpchat_transports.sockaddr import packed, unpacked
from udpchat_transports.sockets import UdpSocket
from udpchat_transports.sodium import best

V4, V6 = ("127.0.0.1", 0), ("::1", 0, 0, 0)
ANY = ("::", 0, 0, 0)

BEST = UdpSocket(socket.AF_INET, V4)
BEST.close()
WAYS = get_args(Io)[: get_args(Io).index(BEST.io) + 1]

pytestmark = pytest.mark.parametrize("io", WAYS)


@pytest.fixture
def open_sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def own_at(address: SocketAddress, io: Io, stack: ExitStack, buffer: int = 0) -> UdpSocket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    own = UdpSocket(family, address, io=io, buffer=buffer)
    stack.callback(own.close)
    return own


def peer_at(address: SocketAddress, stack: ExitStack) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    peer = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
    peer.bind(address)
    peer.setblocking(False)
    return peer


def drained(peer: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    while True:
        try:
            found.append(peer.recv(70_000))
        except BlockingIOError:
            return found


def taken(own: UdpSocket, most: int = 1000) -> list[tuple[bytes, Path]]:
    found: list[tuple[bytes, Path]] = []
    own.receive(most, lambda data, path: found.append((data, path)))
    return found


def numbered(count: int, size: int) -> list[bytes]:
    return [each.to_bytes(4, "big") + bytes(size - 4) for each in range(count)]


# -- receiving ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [V4, V6])
def test_what_comes_is_told_with_its_path_in_its_order(io: Io, address: SocketAddress, open_sockets: ExitStack):
    own = own_at(address, io, open_sockets, buffer=1 << 20)
    peers = [peer_at(address, open_sockets) for _ in range(3)]
    sent: list[tuple[bytes, Path]] = []
    for number, data in enumerate(numbered(2 * BATCH + 5, 100)):
        peers[number % 3].sendto(data, own.address)
        sent.append((data, (own.address, peers[number % 3].getsockname())))
    assert taken(own) == sent


@pytest.mark.parametrize("most", [1, BATCH - 1, BATCH, BATCH + 1])
def test_no_more_is_taken_than_asked_for_and_the_rest_stays(io: Io, most: int, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets, buffer=1 << 20), peer_at(V4, open_sockets)
    datas = numbered(BATCH + 3, 40)
    for data in datas:
        peer.sendto(data, own.address)
    counts, found = [], []
    while not counts or counts[-1] == most:
        counts.append(own.receive(most, lambda data, _: found.append(data)))
    assert found == datas
    assert sum(counts) == len(datas)


@pytest.mark.parametrize("size", [0, 1, 1199, 1200, 1201, 2047, 2048])
def test_datagrams_come_as_long_as_they_are(io: Io, size: int, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets), peer_at(V4, open_sockets)
    for data in (b"before", bytes(size), b"after"):
        peer.sendto(data, own.address)
    assert [data for data, _ in taken(own)] == [b"before", bytes(size), b"after"]


def test_a_datagram_that_is_longer_than_any_is_seen_to_be(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets), peer_at(V4, open_sockets)
    for data in (b"before", bytes(60_000), b"after"):
        peer.sendto(data, own.address)
    (_, (long, _), (after, _)) = taken(own)
    assert len(long) > 1200
    assert after == b"after"


def test_an_ipv4_peer_of_a_dual_stack_socket_is_mapped_and_answered(io: Io, open_sockets: ExitStack):
    own, peer = own_at(ANY, io, open_sockets), peer_at(V4, open_sockets)
    peer.sendto(b"hello", ("127.0.0.1", own.address[1]))
    ((data, path),) = taken(own)
    assert data == b"hello"
    assert path == (own.address, (f"::ffff:{V4[0]}", peer.getsockname()[1], 0, 0))
    assert own.send(deque([(b"a", path), (b"b", path)]))
    assert drained(peer) == [b"a", b"b"]


def test_a_closed_socket_gives_nothing_and_takes_everything(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets), peer_at(V4, open_sockets)
    path = own.path_to(peer.getsockname())
    own.close()
    assert taken(own, 3) == []
    assert own.errors == {"EBADF": 3}
    waiting = deque([(b"x", path)] * 3)
    assert own.send(waiting)
    assert not waiting
    assert own.errors == {"EBADF": 6}
    assert drained(peer) == []


# -- sending -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [V4, V6])
@pytest.mark.parametrize("seed", range(8))
def test_every_peer_gets_what_was_for_it_in_its_order(
    io: Io, address: SocketAddress, seed: int, open_sockets: ExitStack
):
    chance = Random(seed)
    own = own_at(address, io, open_sockets, buffer=1 << 20)
    peers = [peer_at(address, open_sockets) for _ in range(4)]
    for peer in peers:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    paths = [own.path_to(peer.getsockname()) for peer in peers]
    waiting: deque[Datagram] = deque()
    for _ in range(40):
        sizes = [chance.choice([0, 1, 100, 1000, 1200])] * chance.choice([1, 1, 5, 20])
        path = chance.choice(paths)
        waiting.extend((chance.randbytes(size), path) for size in [*sizes, chance.randrange(1201)])
    expected = {path: [data for data, to in waiting if to is path] for path in paths}
    assert own.send(waiting)
    assert not waiting
    assert [drained(peer) for peer in peers] == list(expected.values())
    assert not own.errors
    assert own.trouble is None


def test_a_burst_to_one_peer_arrives_piece_by_piece(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets, buffer=1 << 21), peer_at(V4, open_sockets)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    path = own.path_to(peer.getsockname())
    datas = [*numbered(200, 1200), b"end"]
    assert own.send(deque((data, path) for data in datas))
    assert drained(peer) == datas


NOWHERE = ("255.255.255.255", 9)
"""Refused to who did not ask for broadcast."""


@pytest.mark.parametrize("seed", range(8))
def test_an_error_is_that_of_one_datagram(io: Io, seed: int, open_sockets: ExitStack):
    chance = Random(seed)
    own, peer = own_at(V4, io, open_sockets, buffer=1 << 20), peer_at(V4, open_sockets)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    good, bad = own.path_to(peer.getsockname()), own.path_to(NOWHERE)
    waiting: deque[Datagram] = deque()
    expected: list[bytes] = []
    errors: Counter[str] = Counter()
    for data in numbered(150, 300):
        match chance.randrange(6):
            case 0:
                waiting.append((data, bad))
                errors["EACCES"] += 1
            case 1:
                waiting.append((bytes(70_000), good))
                errors["EMSGSIZE"] += 1
            case _:
                waiting.append((data, good))
                expected.append(data)
    failing = waiting[-1][1] is bad or len(waiting[-1][0]) == 70_000
    assert own.send(waiting)
    assert drained(peer) == expected
    assert own.errors == errors
    assert (own.trouble is not None) == failing


def test_a_burst_to_nowhere_is_an_error_for_each(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets), peer_at(V4, open_sockets)
    good, bad = own.path_to(peer.getsockname()), own.path_to(NOWHERE)
    for _ in range(2):
        assert own.send(deque([(b"a", good), *[(b"x", bad)] * 20, (b"b", good)]))
        assert drained(peer) == [b"a", b"b"]
    assert own.errors == {"EACCES": 40}
    assert own.trouble is None


def test_what_is_no_address_is_an_error_of_its_datagram(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets), peer_at(V4, open_sockets)
    good = own.path_to(peer.getsockname())
    assert own.send(deque([(b"a", good), (b"x", own.path_to(("::1", 9, 0, 0)[:2])), (b"b", good)]))
    assert drained(peer) == [b"a", b"b"]
    assert own.errors.total() == 1


@pytest.mark.skipif(shutil.which("unshare") is None or shutil.which("ip") is None, reason="needs Linux and iproute2")
@pytest.mark.parametrize("what", ["datagrams", "batches"])
def test_a_full_buffer_loses_nothing_and_changes_no_order(io: Io, what: str):
    enter = ["unshare", "-Urn"]
    if subprocess.run([*enter, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces for us here")
    run = subprocess.run(
        [*enter, sys.executable, "-m", "crowded", io, what],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["blocked"]
    assert 0 < found["left"] < crowded.COUNT
    assert found["seen"] == list(range(crowded.COUNT))
    assert found["errors"] == {}


def test_more_peers_than_are_remembered_are_each_reached_and_heard(io: Io, open_sockets: ExitStack):
    own, peer = own_at(V4, io, open_sockets, buffer=1 << 20), peer_at(V4, open_sockets)
    path = own.path_to(peer.getsockname())
    # What nobody receives is gone at once; the peer's own datagrams are among them, first, in the middle and last.
    port = peer.getsockname()[1]
    others = [own.path_to(("127.0.0.2", 1 + (port + each) % 65535)) for each in range(KNOWN + BATCH)]
    waiting: deque[Datagram] = deque([(b"first", path)])
    for number, other in enumerate(others):
        waiting.append((b"", other))
        if number == KNOWN // 2:
            waiting.append((b"middle", path))
    waiting.append((b"last", path))
    while not own.send(waiting):
        pass
    assert drained(peer) == [b"first", b"middle", b"last"]


def test_paths_that_are_equal_are_one_whichever_object_is_given(io: Io, open_sockets: ExitStack):
    own, peers = own_at(V4, io, open_sockets, buffer=1 << 20), [peer_at(V4, open_sockets) for _ in range(BATCH)]
    paths = [own.path_to(peer.getsockname()) for peer in peers]
    for text in (b"first", b"the same", b"and again"):
        assert own.send(deque((text, path) for path in paths))
        assert own.send(deque((text, own.path_to(peer.getsockname())) for peer in peers))
    assert [drained(peer) for peer in peers] == [[b"first"] * 2 + [b"the same"] * 2 + [b"and again"] * 2] * BATCH


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_that_changes_gets_what_is_for_each(io: Io, seed: int, open_sockets: ExitStack):
    chance = Random(seed)
    own, peers = own_at(V4, io, open_sockets, buffer=1 << 20), [peer_at(V4, open_sockets) for _ in range(2 * BATCH + 9)]
    crowd = [(own.path_to(peer.getsockname()), peer) for peer in peers]
    for number in range(12):
        if number % 4 == 3:
            chance.shuffle(crowd)
        some = [each for each in crowd if chance.random() < chance.choice([0.5, 0.97, 1.0])]
        bursts = chance.choice([1, 1, 3])
        letters = [(f"{number} {each}".encode(), path) for path, _ in some for each in range(bursts)]
        waiting = deque(letters)
        while not own.send(waiting):
            pass
        found = {path: drained(peer) for path, peer in crowd}
        assert found == {path: [data for data, to in letters if to is path] for path, _ in crowd}


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_gets_a_burst_each_whatever_befalls_one_of_them(io: Io, seed: int, open_sockets: ExitStack):
    chance = Random(seed)
    own, peers = own_at(V4, io, open_sockets, buffer=1 << 21), [peer_at(V4, open_sockets) for _ in range(BATCH - 50)]
    paths = [own.path_to(peer.getsockname()) for peer in peers]
    bad = own.path_to(NOWHERE)
    refused = 0
    for number in range(8):
        sizes = chance.choice([[980] * 4 + [310], [700] * 5, [310, 980], [0] * 3, [900, 900, 40, 40, 900], [500] * 40])
        crowd = [
            own.path_to(peer.getsockname()) if chance.random() < 0.1 else path
            for path, peer in zip(paths, peers, strict=True)
        ]
        if number % 2:
            crowd.insert(chance.randrange(len(crowd)), bad)
        some = range(chance.randrange(2), 1 + chance.randrange(2) * chance.randrange(len(crowd)))  # get one less
        letters: list[Datagram] = []
        for place, path in enumerate(crowd):
            mine = [chance.randbytes(size) for size in (sizes[1:] if place in some else sizes)]
            letters += [(data, path) for data in mine]
            refused += len(mine) if path is bad else 0
        waiting = deque(letters)
        while not own.send(waiting):
            pass
        expected = {path: [data for data, to in letters if to == path] for path in paths}
        assert {path: drained(peer) for path, peer in zip(paths, peers, strict=True)} == expected
    assert own.errors == ({"EACCES": refused} if refused else {})


def batch_of(paths: list[Path], frames: list[bytes], aead: Aead = OPENSSL) -> Batch:
    """These frames to each of them, sealed by keys of their own."""
    column = aead.column([aead.cipher(bytes([each % 251]) * 32) for each in range(len(paths))])
    headers = [
        b"".join((each << 64 | number).to_bytes(16) for each in range(len(paths))) for number in range(len(frames))
    ]
    return Batch(tuple(paths), aead, column, headers, frames)


@pytest.mark.parametrize("aead", [OPENSSL, best()], ids=["one", "best"])
@pytest.mark.parametrize("seed", range(2))
def test_batches_reach_everybody_in_their_order(io: Io, seed: int, aead: Aead, open_sockets: ExitStack):
    chance = Random(seed)
    own, peers = own_at(V4, io, open_sockets, buffer=1 << 21), [peer_at(V4, open_sockets) for _ in range(BATCH + 9)]
    paths, bad = [own.path_to(peer.getsockname()) for peer in peers], own.path_to(NOWHERE)
    coaches, refused = [tuple(paths[:BATCH]), tuple(paths[5:])], 0
    for number in range(6):
        waiting: deque[Outgoing] = deque([(b"before", path) for path in paths[::7]])
        for coach in coaches:
            sizes = chance.choice(
                [[100], [100], [1168, 1168, 40], [40, 1168], [700] * 3, [900, 900, 40, 40, 900], [10] * 70]
            )
            crowd = [*coach]
            if number % 3 == 2:
                crowd[chance.randrange(len(crowd))] = bad
                refused += len(sizes)
            waiting.append(batch_of(crowd, [chance.randbytes(size) for size in sizes], aead))
            waiting.append((b"between", paths[9]))
        expected = one_by_one(waiting)
        while not own.send(waiting):
            pass
        found = {path: drained(peer) for path, peer in zip(paths, peers, strict=True)}
        assert found == {path: [data for data, to in expected if to == path] for path in paths}
    assert own.errors == ({"EACCES": refused} if refused else {})


def test_a_crowd_is_reached_while_strangers_come_and_go(io: Io, open_sockets: ExitStack):
    own, peers = own_at(V4, io, open_sockets, buffer=1 << 20), [peer_at(V4, open_sockets) for _ in range(40)]
    paths = [own.path_to(peer.getsockname()) for peer in peers]
    strangers = iter(range(3 * KNOWN))
    for number in range(2 * KNOWN // 1000 + 3):
        text = str(number).encode()
        waiting = deque((text, path) for path in paths)
        for each in range(1000):
            port = next(strangers)
            waiting.insert(each, (b"", own.path_to((f"127.0.0.{2 + port // 60_000}", 1 + port % 60_000))))
        while not own.send(waiting):
            pass
        assert own.send(deque((text, path) for path in paths))
        assert [drained(peer) for peer in peers] == [[text] * 2] * len(peers)


# -- what the system is told -------------------------------------------------------------------------------------------


def test_a_socket_tells_how_it_moves_datagrams(io: Io, open_sockets: ExitStack):
    assert own_at(V4, io, open_sockets).io == io
    assert BEST.io in get_args(Io)


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.77", 9)),
        (socket.AF_INET6, ("2001:db8::1", 65535, 0, 0)),
        (socket.AF_INET6, ("fe80::1", 1, 0xFFFFF, 7)),
        (socket.AF_INET6, ("::ffff:192.0.2.1", 1, 0, 0)),
    ],
)
def test_an_address_comes_back_from_its_bytes(io: Io, family: socket.AddressFamily, address: SocketAddress):
    assert unpacked(family, packed(family, address)) == address


def test_a_scope_may_be_told_in_the_host(io: Io):
    assert packed(socket.AF_INET6, ("fe80::1%7", 1, 0, 0)) == packed(socket.AF_INET6, ("fe80::1", 1, 0, 7))
    number, name = socket.if_nameindex()[0]
    assert packed(socket.AF_INET6, (f"fe80::1%{name}", 1, 0, 0)) == packed(socket.AF_INET6, ("fe80::1", 1, 0, number))
    with pytest.raises(OSError, match=r"\S"):
        packed(socket.AF_INET6, ("fe80::1%nothing", 1, 0, 0))


def test_what_the_c_library_is_told_is_what_the_declarations_say(io: Io):
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    ffi.cdef(mmsg_abi.DECLARATIONS)
    ffi.set_source("udpchat_transports.mmsg_abi", None)
    lines: list[str] = []

    class File:
        def write(self, text: str) -> None:
            lines.append(text)

    ffi.emit_python_code(File())
    source = "".join(lines)
    assert f"_version = {mmsg_abi.VERSION:#x}" in source.lower()
    made: dict[str, object] = {}

    def note(name: str, **values: object) -> None:
        made.update(values)

    backend = type("backend", (), {"FFI": staticmethod(note)})
    exec(source.replace("import _cffi_backend", ""), {"_cffi_backend": backend})
    assert made["_types"] == mmsg_abi.TYPES
    assert made["_globals"] == mmsg_abi.GLOBALS


def test_errors_have_the_names_of_errno(io: Io, open_sockets: ExitStack):
    own = own_at(V4, io, open_sockets)
    assert own.send(deque([(b"x", own.path_to(NOWHERE))] * 2))
    assert set(own.errors) <= set(errno.errorcode.values())
