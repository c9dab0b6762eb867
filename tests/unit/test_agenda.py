"""The agenda of the virtual network, and what the network makes of a core that spins."""

import pytest

from agenda import Agenda
from net import Net, entropy
from udpchat_core.client import Client


def test_the_earliest_comes_first_and_each_once() -> None:
    agenda = Agenda[str]()
    for key, when in (("a", 3.0), ("b", 1.0), ("c", 2.0)):
        agenda.set(key, when)
    assert agenda.next() == 1.0
    assert agenda.due(2.0) == ["b", "c"]
    assert agenda.due(3.0) == ["a"]
    assert agenda.next() is None


def test_only_the_time_that_was_set_last_counts() -> None:
    agenda = Agenda[str]()
    for when in (5.0, 9.0, 2.0, 7.0):
        agenda.set("a", when)
    agenda.set("b", 1.0)
    agenda.set("b", None)
    assert agenda.next() == 7.0
    assert agenda.due(6.9) == []
    agenda.set("a", 8.0)
    agenda.set("a", 7.0)
    assert agenda.due(7.0) == ["a"]
    assert agenda.due(100.0) == []


def test_who_was_called_may_be_called_again_at_once() -> None:
    agenda = Agenda[str]()
    agenda.set("a", 1.0)
    assert agenda.due(1.0) == ["a"]
    agenda.set("a", 1.0)
    assert agenda.due(1.0) == ["a"]


def test_one_seed_is_one_run() -> None:
    def run() -> list[tuple[float, str, bytes]]:
        net = Net(3, loss=0.3, delay=(0.01, 0.1))
        sent: list[tuple[float, str, bytes]] = []
        net.tap = lambda way, data, _: sent.append((net.now, way, data))
        people = [net.person(name) for name in ("ada", "bob")]
        net.run(5)
        people[0].say("hello")
        people[1].move()
        net.pause_server(1)
        net.run(5)
        people[0].sleep(20)
        net.run(30)
        return sent

    assert run() == run()


def test_a_client_that_wants_to_be_called_for_ever_is_found() -> None:
    net = Net()
    ada = net.person("ada")
    net.run(5)
    ada.client = Restless(ada.client.state, entropy=entropy("restless"))
    with pytest.raises(AssertionError, match="announced again and again"):
        net.run(5)


class Restless(Client):
    """A client that is never content."""

    def next_timeout(self) -> float:
        return 0.0
