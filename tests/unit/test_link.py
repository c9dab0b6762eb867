"""The model of a bad network: what goes in comes out as the conditions say, and the same for a seed."""

import pytest

from udpchat_transports.link import Conditions, Link


def carry(conditions: Conditions, count: int = 400, seed: int = 1, gap: float = 0.01) -> list[tuple[float, int]]:
    """(delivery time, number) of datagrams sent one after another."""
    link = Link(conditions, seed)
    for n in range(count):
        link.send(n * gap, n.to_bytes(4, "big"), "p")
    out: list[tuple[float, int]] = []
    while (when := link.next_delivery()) is not None:
        out += [(when, int.from_bytes(data, "big")) for data, _ in link.deliver(when)]
    assert link.sent == count
    assert link.delivered == len(out)
    return out


def test_a_good_link_delivers_all_in_order_and_on_time() -> None:
    assert carry(Conditions(delay=(0.5, 0.5))) == [(n * 0.01 + 0.5, n) for n in range(400)]


def test_without_reordering_the_order_stays_whatever_the_delay() -> None:
    out = carry(Conditions(delay=(0.0, 1.0)))
    assert [n for _, n in out] == list(range(400))
    assert sorted(when for when, _ in out) == [when for when, _ in out]


def test_with_reordering_some_overtake() -> None:
    out = [n for _, n in carry(Conditions(delay=(0.0, 1.0), reorder=1.0))]
    assert out != sorted(out)
    assert sorted(out) == list(range(400))


@pytest.mark.parametrize("loss", [0.0, 0.3, 1.0])
def test_loss_is_about_what_was_asked_for(loss: float) -> None:
    assert len(carry(Conditions(loss=loss))) == pytest.approx(400 * (1 - loss), abs=40)


def test_duplicates_come_twice() -> None:
    assert len(carry(Conditions(duplicate=1.0))) == 800


def test_the_same_seed_gives_the_same_deliveries() -> None:
    weather = Conditions(loss=0.3, delay=(0.0, 1.0), duplicate=0.2, reorder=0.5)
    assert carry(weather) == carry(weather)
    assert carry(weather) != carry(weather, seed=2)


def test_a_rate_spreads_a_burst_and_a_full_queue_loses() -> None:
    link = Link(Conditions(rate=1000.0, queue=2000), 1)
    for _ in range(10):
        link.send(0.0, bytes(500), "p")
    times: list[float] = []
    while (when := link.next_delivery()) is not None:
        times += [when] * len(link.deliver(when))
    assert times == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert link.lost == 5


def test_nothing_that_is_sent_in_a_blackout_arrives() -> None:
    out = [n for _, n in carry(Conditions(blackouts=((1.0, 2.0),)))]
    assert out == [n for n in range(400) if not 1.0 <= n * 0.01 < 2.0]


def test_damage_changes_one_bit_or_cuts_the_end() -> None:
    link = Link(Conditions(corrupt=1.0), 1)
    link.send(0.0, bytes(100), "p")
    ((data, path),) = link.deliver(0.0)
    assert (sum(byte.bit_count() for byte in data), len(data), path) == (1, 100, "p")
    link.conditions = Conditions(truncate=1.0)
    link.send(0.0, bytes(100), "p")
    assert len(link.deliver(0.0)[0][0]) < 100
    link.send(0.0, b"", "p")
    assert link.deliver(0.0) == [(b"", "p")]


@pytest.mark.parametrize(
    "wrong",
    [{"loss": -0.1}, {"loss": 1.1}, {"corrupt": 2.0}, {"delay": (1.0, 0.5)}, {"delay": (-1.0, 0.5)}, {"rate": 0.0}],
    ids=str,
)
def test_impossible_conditions_are_the_callers_mistake(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Conditions(**wrong)  # type: ignore[arg-type]


def test_a_tail_makes_some_datagrams_very_late() -> None:
    out = [when - n * 0.01 for when, n in carry(Conditions(delay=(0.1, 0.1), tail=0.2, reorder=1.0))]
    assert min(out) >= 0.1
    assert sum(out) / len(out) == pytest.approx(0.3, abs=0.05)
    assert max(out) > 0.9


def test_what_does_not_fit_is_lost() -> None:
    link = Link(Conditions(mtu=100), 1)
    for size in (99, 100, 101, 1200):
        link.send(0.0, bytes(size), "p")
    assert [len(data) for data, _ in link.deliver(1.0)] == [99, 100]
    assert link.lost == 2


def test_a_clogged_link_keeps_what_it_has_room_for_and_lets_go_in_another_order() -> None:
    link = Link(Conditions(clogged=True, queue=40 * 4), 1)
    for n in range(50):
        link.send(n * 0.01, n.to_bytes(4, "big"), "p")
    assert link.next_delivery() is None
    assert link.lost == 10
    link.conditions = Conditions(delay=(0.1, 0.1))
    link.unclog(5.0)
    out = [int.from_bytes(data, "big") for data, _ in link.deliver(5.1)]
    assert sorted(out) == list(range(40))
    assert out != sorted(out)
    link.send(6.0, b"next", "p")
    assert link.next_delivery() == pytest.approx(6.1)


def test_a_tail_is_not_negative() -> None:
    with pytest.raises(ValueError, match="tail"):
        Conditions(tail=-1.0)
