"""Where a client's datagrams go while names cannot be looked up, in virtual time and over real sockets."""

import os
import socket
from itertools import pairwise

from udpchat_core.client import Client
from udpchat_core.effects import SaveState, StateSaved
from udpchat_core.keys import new_private_key
from udpchat_core.state import ClientState, Pin
from udpchat_transports.chat import Nowhere
from udpchat_transports.guide import PAUSE, PAUSE_MAX, Guide
from udpchat_transports.pump import Pump


class Guided:
    """A client that waits for nobody."""

    def __init__(self) -> None:
        state = ClientState(new_private_key(os.urandom), 1, pin=Pin(new_private_key(os.urandom)))
        core = Client(state, entropy=os.urandom)
        self.asked = 0
        self.woken = 0
        self.pump: Pump[SaveState, StateSaved] = Pump(core, Nowhere(), wake=self.wake, on_events=lambda: None)
        self.guide = Guide(core, self.pump, look_up=self.look_up, wake=self.wake)

    def look_up(self) -> None:
        self.asked += 1

    def wake(self) -> None:
        self.woken += 1


def test_a_name_that_fails_is_looked_up_again_after_longer_and_longer_pauses_until_it_comes():
    guided = Guided()
    guide, now, pauses = guided.guide, 100.0, list[float]()
    guide.turn(now)
    for _ in range(8):
        asked = guided.asked
        guide.found(socket.gaierror(socket.EAI_AGAIN, "not now"))
        assert guided.woken > 0
        guide.turn(now)
        assert guide.trouble == "not now"
        assert guided.asked == asked
        pauses.append(guide.deadline - now)
        now = guide.deadline
        guide.turn(now)
        assert guided.asked == asked + 1
    assert pauses[0] == PAUSE
    assert pauses[-1] == PAUSE_MAX
    assert all(after == min(2 * before, PAUSE_MAX) for before, after in pairwise(pauses))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        guide.found([(socket.AF_INET, server.getsockname())])
        guide.turn(now)
        assert guide.trouble is None
        assert server.recv(2048)
    guided.pump.replace_socket(None)


def test_a_name_without_any_address_is_trouble():
    guided = Guided()
    guided.guide.turn(0.0)
    guided.guide.found([])
    guided.guide.turn(0.0)
    assert guided.guide.trouble == "no address of IPv4 or IPv6"


def test_a_guide_that_is_told_of_a_move_takes_a_new_socket():
    guided = Guided()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        guided.guide.turn(0.0)
        guided.guide.found([(socket.AF_INET, server.getsockname())])
        guided.guide.turn(0.0)
        _, before = server.recvfrom(2048)
        first = guided.pump.socket
        guided.guide.moved()
        guided.guide.turn(0.1)
        assert guided.pump.socket is not first
        guided.guide.turn(1.5)
        _, after = server.recvfrom(2048)
        assert after != before
    guided.pump.replace_socket(None)
