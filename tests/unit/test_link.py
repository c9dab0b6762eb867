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
