"""HELLOs that wait: fair by prefix, in their order, and never more than there is room for."""

from udpchat_core.path import Path
from udpchat_transports.arrivals import ROOM, Arrivals

OWN = ("0.0.0.0", 9999)


def path(third: int, host: int = 1, port: int = 1) -> Path:
    """From 192.0.`third`.0/24."""
    return OWN, (f"192.0.{third}.{host}", port)


def all_of(arrivals: Arrivals) -> list[bytes]:
    return [arrivals.take()[0] for _ in range(len(arrivals))]


def test_one_of_each_prefix_has_its_turn():
    arrivals = Arrivals()
    for data, third in ((b"a1", 1), (b"a2", 1), (b"a3", 1), (b"b1", 2), (b"c1", 3), (b"b2", 2)):
        assert arrivals.add(data, path(third))
    assert all_of(arrivals) == [b"a1", b"b1", b"c1", b"a2", b"b2", b"a3"]
    assert len(arrivals) == 0


def test_addresses_and_ports_of_one_prefix_are_one():
    arrivals = Arrivals()
    taken = sum(arrivals.add(b"x", path(1, each % 256, each)) for each in range(2 * ROOM))
    assert taken == len(arrivals)
    assert ROOM // 3 <= taken <= ROOM // 3 + 1


def test_a_prefix_that_nothing_came_from_finds_room_however_many_flood():
    arrivals = Arrivals()
    for third in range(6):
        while arrivals.add(b"flood", path(third)):
            pass
    assert arrivals.add(b"new", path(200))
    assert [arrivals.take() for _ in range(7)][-1] == (b"new", path(200))


def test_there_is_room_for_no_more():
    arrivals = Arrivals()
    added = [arrivals.add(b"x", (OWN, (f"10.{each >> 8}.{each & 255}.1", 1))) for each in range(ROOM + 1)]
    assert added == [True] * ROOM + [False]
    arrivals.take()
    assert arrivals.add(b"x", path(1))
    arrivals.clear()
    assert len(arrivals) == 0
