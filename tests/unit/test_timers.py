"""Alarms, against a plain dictionary."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from udpchat_core.timers import Timers

SETS = st.tuples(st.just("set"), st.integers(0, 5), st.sampled_from([*map(float, range(20)), inf]))
DUES = st.tuples(st.just("due"), st.just(0), st.integers(0, 20).map(float))


@given(st.lists(st.one_of(SETS, DUES)))
def test_alarms_are_those_of_a_dictionary(steps: list[tuple[str, int, float]]) -> None:
    timers = Timers()
    model: dict[int, float] = {}
    for what, key, when in steps:
        if what == "set":
            timers.set(key, when)
            model[key] = when
        else:
            due = timers.due(when)
            assert len(due) == len(set(due))
            assert set(due) == {key for key, at in model.items() if at <= when}
            assert [model[key] for key in due] == sorted(model[key] for key in due)
            model = {each: at for each, at in model.items() if at > when}
        assert timers.next == min(model.values(), default=inf)
