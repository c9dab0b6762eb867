"""Addresses and sockets: what a cookie is bound to, and errors that are counted and never raised."""

import socket
import sys
from collections import deque

import pytest

from proves import proves
from udpchat_transports.addresses import address_of, resolve, show
from udpchat_transports.sockets import UdpSocket

V4 = ("192.0.2.77", 1234)
OWN = ("0.0.0.0", 9999)


def test_an_ipv4_peer_is_its_address_and_port_and_its_prefix_is_24_bits():
    octets, prefix = address_of((OWN, V4))
    assert octets == bytes([192, 0, 2, 77]) + (1234).to_bytes(2, "big")
    assert prefix == bytes([192, 0, 2])
    assert address_of((OWN, ("192.0.2.77", 1235))).octets != octets


def test_an_ipv4_peer_of_a_dual_stack_socket_is_the_same_peer():
    assert address_of((("::", 9999, 0, 0), ("::ffff:192.0.2.77", 1234, 0, 0))) == address_of((OWN, V4))


def test_an_ipv6_peer_is_its_address_port_and_scope_and_its_prefix_is_48_bits():
    path = (("::", 9999, 0, 0), ("2001:db8:1:2::3", 1234, 0, 0))
    octets, prefix = address_of(path)
    assert prefix == bytes.fromhex("20010db80001")
    assert octets.startswith(prefix)
    local = [address_of((path[0], ("fe80::1%eth0", 1234, 0, scope))).octets for scope in (1, 2)]
    assert local[0] != local[1]


def test_prefixes_of_both_families_never_meet():
    v4 = address_of((OWN, ("32.1.13.184", 1))).prefix
    v6 = address_of((("::", 1, 0, 0), ("2001:db8::", 1, 0, 0))).prefix
    assert v4 != v6


@pytest.mark.parametrize(("address", "shown"), [(V4, "192.0.2.77:1234"), (("::1", 5, 0, 0), "[::1]:5")])
def test_addresses_are_shown_as_people_write_them(address: tuple[str, int], shown: str):
    assert show(address) == shown


def test_a_numeric_host_needs_no_resolver():
    assert resolve("192.0.2.77", 1234) == [(socket.AF_INET, V4)]


@pytest.mark.parametrize("name", ["a..b", "x" * 70 + ".example", "no-such-host.invalid"])
def test_a_name_that_leads_nowhere_is_an_oserror(name: str):
    with pytest.raises(OSError, match=r"\S"):
        resolve(name, 1)


def test_errors_of_sending_are_counted_and_what_comes_after_is_sent():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(10)
        own = UdpSocket(socket.AF_INET, ("127.0.0.1", 0))
        # The first is refused to who did not ask for broadcast, the second is longer than a datagram can be.
        waiting = deque(
            [
                (b"x", own.path_to(("255.255.255.255", 9))),
                (bytes(70_000), own.path_to(peer.getsockname())),
            ]
        )
        assert own.send(waiting)
        assert sum(own.errors.values()) == 2
        assert own.errors["EMSGSIZE"] == 1
        assert own.trouble is not None
        assert own.send(deque([(b"after", own.path_to(peer.getsockname()))]))
        assert own.trouble is None
        assert peer.recv(100) == b"after"
        own.close()
        own.close()


def test_a_refused_port_does_not_disturb_the_next_datagram():
    own = UdpSocket(socket.AF_INET, ("127.0.0.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        nobody = gone.getsockname()
    for _ in range(3):
        assert own.send(deque([(b"anybody?", own.path_to(nobody))]))
        own.receive(10, lambda *_: pytest.fail("there was nobody"))
    own.close()


def test_an_address_that_is_taken_raises_and_leaves_no_socket():
    own = UdpSocket(socket.AF_INET, ("127.0.0.1", 0))
    with pytest.raises(OSError, match="in use"):
        UdpSocket(socket.AF_INET, own.address)
    own.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the option has another number elsewhere")
@proves("UC-WIRE-4")
def test_datagrams_may_be_cut_up_on_the_way():
    own = UdpSocket(socket.AF_INET, ("127.0.0.1", 0))
    with socket.fromfd(own.fileno(), socket.AF_INET, socket.SOCK_DGRAM) as same:
        assert same.getsockopt(socket.IPPROTO_IP, 10) == 0
    own.close()
