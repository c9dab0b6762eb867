"""A reader's place, seen from the side that sends: acked <= seen <= sent <= acked + WINDOW (SPEC.md 8, 9)."""

from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.cursor import Cursor
from udpchat_core.log import Log
from udpchat_protocol.constants import WINDOW


def log_of(count: int) -> Log:
    log = Log(3)
    for _ in range(count):
        log.append(0x41, bytes(20))
    return log


def drain(cursor: Cursor, room: int = 1168) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    while cursor.ready and (piece := cursor.piece(room)) is not None:
        out += [(first, end) for _, first, end in piece.spans]
    return out


@proves("UC-LOG-7")
def test_nothing_is_sent_at_or_beyond_the_window() -> None:
    cursor = Cursor(log_of(1000), 10)
    assert drain(cursor)[-1][1] == 10 + WINDOW
    assert cursor.on_ack(11)
    assert drain(cursor) == [(10 + WINDOW, 11 + WINDOW)]


@proves("UC-LOG-6")
def test_an_ack_moves_forward_only_and_not_beyond_the_head() -> None:
    cursor = Cursor(log_of(1000), 0)
    drain(cursor)
    assert cursor.on_ack(5)
    assert cursor.on_ack(3)
    assert cursor.acked == 5
    assert not cursor.on_ack(1001)
    assert cursor.acked == 5


@proves("UC-REPAIR-2")
def test_what_was_lost_goes_again_before_what_is_new_unless_it_came_otherwise() -> None:
    log = log_of(20)
    cursor = Cursor(log, 0)
    drain(cursor)
    for _ in range(5):
        log.append(0x41, b"new")
    cursor.on_seen(4, 8)
    cursor.on_lost(0, 10)
    assert drain(cursor) == [(0, 4), (8, 10), (20, 25)]
    cursor.on_lost(0, 4)
    cursor.on_ack(2)
    assert drain(cursor) == [(2, 4)]
    cursor.on_lost(2, 4)
    cursor.on_seen(2, 4)
    assert drain(cursor) == []


@given(st.lists(st.tuples(st.sampled_from(["seen", "lost", "ack", "send"]), st.integers(0, 40), st.integers(1, 9))))
def test_every_entry_is_sent_until_it_is_seen(steps: list[tuple[str, int, int]]) -> None:
    cursor = Cursor(log_of(40), 0)
    seen: set[int] = set()
    for what, first, count in steps:
        end = min(first + count, cursor.sent)
        if what == "send":
            cursor.piece(100)
        elif first < end and what == "seen":
            cursor.on_seen(first, end)
            seen |= set(range(first, end))
        elif first < end and what == "lost":
            cursor.on_lost(first, end)
        elif what == "ack" and first <= cursor.sent:
            cursor.on_ack(first)
            seen |= set(range(first))
        assert cursor.acked <= cursor.seen <= cursor.sent <= 40
        assert all(n in seen for n in range(cursor.seen))
    cursor.on_lost(0, cursor.sent)
    again = {n for first, end in drain(cursor) for n in range(first, end)}
    assert again == set(range(40)) - seen
