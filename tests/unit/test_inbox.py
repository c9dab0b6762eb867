"""The receiving side of a channel: in any order in, in its order out (SPEC.md 8)."""

from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_core.inbox import Inbox, Reassembly
from udpchat_protocol.constants import WINDOW


def taken(inbox: Inbox) -> list[int]:
    out: list[int] = []
    while (entry := inbox.take()) is not None:
        out.append(entry.offset)
    return out


@proves("UC-LOG-2")
@given(st.permutations(range(20)), st.lists(st.integers(0, 19)))
def test_entries_come_out_in_order_and_once(order: list[int], again: list[int]) -> None:
    budget = Reassembly(1000)
    inbox = Inbox(1, 0, budget)
    out: list[int] = []
    for offset in [*order[:10], *again, *order]:
        assert inbox.keep(offset, 1, bytes(10))
        out += taken(inbox)
    assert out == list(range(20))
    assert budget.left == 1000


@proves("UC-LOG-3")
def test_the_window_and_the_budget_say_what_is_kept() -> None:
    inbox = Inbox(1, 5, Reassembly(100))
    assert inbox.keep(4, 1, bytes(500))
    assert inbox.keep(5 + WINDOW - 1, 1, bytes(100))
    assert not inbox.keep(5 + WINDOW, 1, b"")
    assert not inbox.keep(8, 1, b"x")  # no room
    assert inbox.keep(5 + WINDOW - 1, 1, bytes(100))  # it has it already
    assert inbox.keep(5, 1, bytes(500))  # in order: it need not wait
    assert taken(inbox) == [5]
    assert inbox.done(5)
    assert inbox.keep(5 + WINDOW, 1, b"")


@proves("UC-LOG-6")
@given(st.permutations(range(12)))
def test_ack_moves_over_what_is_done_with_and_never_back(order: list[int]) -> None:
    inbox = Inbox(1, 0, Reassembly(0))
    for offset in range(12):
        inbox.keep(offset, 1, b"")
    taken(inbox)
    done: set[int] = set()
    for offset in order:
        before = inbox.acked
        moved = inbox.done(offset)
        done.add(offset)
        assert inbox.acked == next(n for n in range(13) if n not in done)
        assert moved == inbox.acked - before


def test_started_means_taken_and_not_done_with() -> None:
    inbox = Inbox(0, 0, Reassembly(0))
    for offset in range(3):
        inbox.keep(offset, 1, b"")
    assert not inbox.started(0)
    taken(inbox)
    assert inbox.started(0)
    assert inbox.started(2)
    assert not inbox.started(3)
    inbox.done(2)
    assert not inbox.started(2)
    inbox.done(0)
    assert not inbox.started(0)


def test_a_closed_inbox_gives_its_bytes_back() -> None:
    budget = Reassembly(100)
    inbox = Inbox(1, 0, budget)
    inbox.keep(3, 1, bytes(60))
    assert budget.left == 40
    inbox.close()
    assert budget.left == 100


def test_skip_goes_on_at_a_later_place() -> None:
    budget = Reassembly(100)
    inbox = Inbox(1, 0, budget)
    for offset in (0, 2, 3, 6, 7):
        inbox.keep(offset, 1, bytes(10))
    inbox.skip(6)
    assert taken(inbox) == [6, 7]
    assert inbox.acked == 6
    assert budget.left == 100
    inbox.skip(2)
    assert inbox.acked == 6
