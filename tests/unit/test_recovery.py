"""Loss, round-trip time and the window, by the numbers of SPEC.md 9."""

import pytest

from proves import proves
from udpchat_core.recovery import Recovery, Remedies
from udpchat_protocol.constants import (
    GRANULARITY,
    INITIAL_RTT,
    INITIAL_WINDOW,
    MINIMUM_WINDOW,
    PACKET_THRESHOLD,
    RECORDS_MAX,
    TIME_THRESHOLD,
)

PLAIN = Remedies(eager=False, riders=False, duplicates=False, gentle=False)
DELAY = 0.025


def recovery() -> Recovery:
    return Recovery(DELAY, PLAIN)


def send(recovery: Recovery, *numbers: int, now: float = 0.0, size: int = 100) -> None:
    for number in numbers:
        recovery.on_sent(number, now, size, ((1, number, number + 1),))


@proves("UC-REPAIR-3")
def test_the_first_sample_is_the_round_trip_time_and_later_ones_move_it_an_eighth() -> None:
    it = recovery()
    assert it.srtt == INITIAL_RTT
    send(it, 0)
    it.on_seen(0, 0.01, 0, 0.1)
    assert (it.srtt, it.rttvar, it.min_rtt) == (0.1, 0.05, 0.1)
    send(it, 1, now=1.0)
    it.on_seen(1, 0.0, 0, 1.2)
    assert it.srtt == pytest.approx(0.1 * 7 / 8 + 0.2 / 8)
    assert it.rttvar == pytest.approx(0.05 * 3 / 4 + 0.1 / 4)


@proves("UC-REPAIR-3")
def test_a_delay_that_the_peer_claims_takes_off_no_more_than_down_to_the_least() -> None:
    it = recovery()
    send(it, 0)
    it.on_seen(0, 0.0, 0, 0.1)
    send(it, 1, now=1.0)
    it.on_seen(1, 10.0, 0, 1.0 + 0.3)
    assert it.srtt == pytest.approx(0.1)
    send(it, 2, now=2.0)
    it.on_seen(2, 0.05, 0, 2.0 + 0.3)
    assert it.srtt == pytest.approx(0.1 * 7 / 8 + 0.25 / 8)


@proves("UC-REPAIR-3")
def test_what_was_held_back_for_long_is_no_first_sample() -> None:
    it = recovery()
    send(it, 0)
    it.on_seen(0, 10.0, 0, 10.1)
    assert it.rtt_at is None


@proves("UC-REPAIR-3")
def test_only_the_largest_listed_for_the_first_time_is_a_sample() -> None:
    it = recovery()
    send(it, 0, 1)
    it.on_seen(1, 0.0, 0b1, 0.1)
    before = (it.srtt, it.rttvar)
    it.on_seen(1, 0.0, 0b1, 5.0)
    assert (it.srtt, it.rttvar) == before


@proves("UC-REPAIR-4")
def test_the_pto_is_the_sum_of_its_parts() -> None:
    it = recovery()
    assert it.pto == pytest.approx(INITIAL_RTT + 4 * INITIAL_RTT / 2 + DELAY)
    for n in range(200):
        send(it, n, now=float(n))
        it.on_seen(n, 0.0, 0, n + 0.1)
    assert it.pto == pytest.approx(0.1 + GRANULARITY + DELAY, abs=1e-4)


@proves("UC-REPAIR-2")
def test_a_packet_is_lost_when_one_sent_three_numbers_later_was_seen() -> None:
    it = recovery()
    send(it, *range(PACKET_THRESHOLD + 1))
    _, lost = it.on_seen(PACKET_THRESHOLD - 1, 0.0, 0, 0.1)
    assert lost == []
    _, lost = it.on_seen(PACKET_THRESHOLD, 0.0, 0b1, 0.1)
    assert [spans for _, _, _, spans, _ in lost] == [((1, 0, 1),)]


@proves("UC-REPAIR-2")
def test_a_packet_is_lost_by_time_when_a_later_one_was_seen() -> None:
    it = recovery()
    send(it, 0, 1)
    assert it.on_seen(1, 0.0, 0, 0.1)[1] == []
    assert it.deadline == pytest.approx(TIME_THRESHOLD * 0.1)
    lost = it.on_deadline(it.deadline)
    assert [spans for _, _, _, spans, _ in lost] == [((1, 0, 1),)]


@proves("UC-REPAIR-2")
def test_nothing_is_lost_because_nothing_was_seen() -> None:
    it = recovery()
    send(it, *range(10))
    for _ in range(10):
        assert it.on_deadline(it.deadline) == []
    assert len(it.records) == 10


@proves("UC-REPAIR-9", "UC-REPAIR-10")
def test_the_window_begins_halves_at_a_loss_and_never_goes_below_its_least() -> None:
    it = recovery()
    assert it.window == INITIAL_WINDOW
    number, now = 0, 0.0
    for _ in range(12):
        send(it, *range(number, number + 5), now=now, size=1200)
        it.on_seen(number + 4, 0.0, 0, now + 0.1)
        number, now = number + 5, now + 1
        assert it.window >= MINIMUM_WINDOW
    assert it.window < INITIAL_WINDOW / 2


@proves("UC-REPAIR-10")
def test_losses_of_one_round_trip_count_once() -> None:
    it = recovery()
    send(it, *range(10), size=1200)
    it.on_seen(5, 0.0, 0, 0.1)
    after = it.window
    it.on_seen(9, 0.0, 0, 0.11)
    assert it.window == after == INITIAL_WINDOW / 2


@proves("UC-REPAIR-1")
def test_records_are_settled_once_and_bytes_in_flight_add_up() -> None:
    it = recovery()
    send(it, *range(RECORDS_MAX), size=10)
    assert it.in_flight == 10 * RECORDS_MAX
    for largest in range(64, RECORDS_MAX, 65):
        it.on_seen(largest, 0.0, 2**64 - 1, 0.1)
        it.on_seen(largest, 0.0, 2**64 - 1, 0.1)
    assert it.in_flight == 10 * len(it.records)
    it.give_up()
    assert (it.in_flight, len(it.records)) == (0, 0)


@proves("UC-REPAIR-6")
def test_giving_up_takes_all_as_lost() -> None:
    it = recovery()
    send(it, *range(5))
    assert len(it.give_up()) == 5
    assert it.window >= MINIMUM_WINDOW
    assert it.deadline == float("inf")


@proves("UC-REPAIR-11")
def test_a_heartbeat_after_a_change_of_path_is_waited_for_like_any_packet() -> None:
    """Even if nothing of what was in flight is wanted any more, so that it is the first that leaves."""
    it = recovery()
    send(it, *range(5))
    it.give_up()
    it.restart_path(0.1)
    it.on_sent(5, 1.0, 35, ())
    assert it.deadline == 1.0 + it.pto


@proves("UC-REPAIR-4")
def test_a_heartbeat_puts_no_probe_off() -> None:
    it = recovery()
    send(it, 0)
    due = it.deadline
    it.on_sent(1, due - 0.01, 35, ())
    assert it.deadline == due


@proves("UC-REPAIR-5")
def test_a_copy_does_not_begin_the_eager_probes_anew() -> None:
    it = recovery()
    send(it, 0)
    now = 0.0
    for n in range(1, 20):
        now = it.deadline
        it.on_deadline(now)
        send(it, 2 * n, now=now)
        it.on_sent(2 * n + 1, now + 0.01, 100, ((0, 0, 1),), fresh=False)
    assert it.deadline - now > it.pto
