"""What a server knows of a path that is not proved, and a client of the ways to its server."""

from math import inf

import pytest

from proves import proves
from udpchat_core.path import ASKING, Candidate, Ways
from udpchat_protocol.constants import INITIAL_WINDOW, PATH_BUDGET, PATH_TRIES

DATA = b"question"


@proves("UC-PATH-3")
def test_a_path_is_good_for_three_times_what_came_on_it_to_the_byte() -> None:
    candidate = Candidate("b", DATA, 0.0)
    assert not candidate.spend(1)
    candidate.heard(43, 0.0)
    assert [candidate.spend(43) for _ in range(PATH_BUDGET + 1)] == [True] * PATH_BUDGET + [False]
    candidate.heard(10, 0.0)
    assert not candidate.spend(PATH_BUDGET * 10 + 1)
    assert candidate.spend(PATH_BUDGET * 10)
    assert not candidate.spend(1)


@proves("UC-PATH-9")
def test_copies_have_what_the_questions_that_may_follow_leave_and_no_more_than_a_window() -> None:
    candidate = Candidate("b", DATA, 0.0)
    candidate.heard(400, 0.0)
    assert candidate.spend(ASKING)
    candidate.asked(0.0, 1.0)
    room = PATH_BUDGET * 400 - PATH_TRIES * ASKING
    assert candidate.room == room
    candidate.copied(room)
    assert candidate.room == 0
    assert [candidate.spend(ASKING) for _ in range(PATH_TRIES)] == [True] * (PATH_TRIES - 1) + [False]
    candidate.heard(INITIAL_WINDOW, 0.0)
    assert candidate.room == INITIAL_WINDOW - room


@proves("UC-PATH-2")
def test_a_question_is_due_at_once_then_a_patience_later_then_when_a_packet_comes() -> None:
    candidate = Candidate("b", DATA, 5.0)
    candidate.heard(1000, 5.0)
    for n in range(PATH_TRIES):
        assert candidate.due == 5.0 + n
        candidate.asked(5.0 + n, 1.0)
    assert candidate.due == inf
    candidate.heard(1000, 30.0)
    assert candidate.due == 30.0
    candidate.asked(30.0, 1.0)
    candidate.heard(1000, 30.5)
    assert candidate.due == 30.5, "and sooner for a packet that comes meanwhile"


@proves("UC-PATH-5")
def test_only_a_question_that_was_asked_once_tells_a_round_trip() -> None:
    candidate = Candidate("b", DATA, 5.0)
    assert candidate.rtt(6.0) is None
    candidate.asked(5.0, 1.0)
    assert candidate.rtt(5.25) == 0.25
    candidate.asked(6.0, 1.0)
    assert candidate.rtt(6.25) is None


@proves("UC-PATH-7")
@pytest.mark.parametrize("count", [1, 2, 5])
def test_each_way_has_its_turn_and_the_end_of_a_round_is_told(count: int) -> None:
    ways = Ways(range(count))
    for _ in range(3):
        for n in range(count):
            assert ways.path == n
            assert ways.advance() is (n == count - 1)
