"""Cuts a schedule that fails down to one that still fails in the same way and leaves little to read.

Deeds go first, by halves and then one by one (delta debugging), then hosts, kinds of faults, time and sizes, over and
over until nothing more can go or the time is up. In the same way means: the same oracle. `as_test` writes what is left
as a test of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from simulation.oracles import ORACLES
from simulation.schedule import Deed, Host, Schedule, source
from simulation.world import Failure, run

LINES = 150
"""Of a diagram, that a test file shows: the end."""

Fails = Callable[[Schedule], bool]


def shrink(schedule: Schedule, failure: Failure, seconds: float = 60.0) -> Schedule:
    """The smallest schedule that was found in about so many seconds."""
    end = monotonic() + seconds
    most = 2 * run(schedule).datagrams + 1000

    def fails(it: Schedule) -> bool:
        if monotonic() > end:
            return False
        found = run(it, most=most).failure
        return found is not None and found.oracle == failure.oracle

    before = None
    cut = replace(schedule, deeds=tuple(deed for deed in schedule.deeds if deed.at <= failure.at))
    schedule = cut if cut != schedule and fails(cut) else schedule
    while before != schedule and monotonic() < end:
        before = schedule
        schedule = _fewer_deeds(schedule, fails)
        schedule = _first_that_fails(schedule, fails, _fewer_hosts)
        schedule = _first_that_fails(schedule, fails, _fewer_faults)
        schedule = _first_that_fails(schedule, fails, _less_time)
        schedule = _first_that_fails(schedule, fails, _smaller_deeds)
    return schedule


def _fewer_deeds(it: Schedule, fails: Fails) -> Schedule:
    size = max(len(it.deeds) // 2, 1)
    while it.deeds:
        at = 0
        while at < len(it.deeds):
            less = replace(it, deeds=it.deeds[:at] + it.deeds[at + size :])
            if fails(less):
                it = less
            else:
                at += size
        if size == 1:
            break
        size //= 2
    return it


def _first_that_fails(it: Schedule, fails: Fails, options: Callable[[Schedule], Iterator[Schedule]]) -> Schedule:
    """Take the first simpler schedule that fails, and look for a simpler one from there."""
    tried: list[Schedule] = []
    while True:
        for each in options(it):
            if each not in tried and each != it:
                tried.append(each)
                if fails(each):
                    it = each
                    break
        else:
            return it


def _fewer_hosts(it: Schedule) -> Iterator[Schedule]:
    for host in it.hosts:
        yield replace(
            it,
            hosts=tuple(each for each in it.hosts if each != host),
            deeds=tuple(deed for deed in it.deeds if deed.host != host.name),
            core=tuple(name for name in it.core if name != host.name),
        )


def _fewer_faults(it: Schedule) -> Iterator[Schedule]:
    yield replace(it, drift=(0.0, 1.0))
    for what in ("weather", "limits", "store"):
        values: Mapping[str, Any] = getattr(it, what)
        yield replace(it, **{what: {name: value for name, value in values.items() if name == "forgetful"}})
        for gone in values:
            if gone != "forgetful":
                yield replace(it, **{what: {name: value for name, value in values.items() if name != gone}})
    for at, host in enumerate(it.hosts):
        plain = Host(host.name, host.member, host.device)
        for name in ("born", "rooms", "lag", "renewal", "offset", "rate"):
            simpler = replace(host, **{name: getattr(plain, name)})
            yield replace(it, hosts=(*it.hosts[:at], simpler, *it.hosts[at + 1 :]))


def _less_time(it: Schedule) -> Iterator[Schedule]:
    last = it.deeds[-1].at if it.deeds else 0.0
    if it.calm > last + 1:
        yield replace(it, calm=round(last + 1, 3))
    for at, deed in enumerate(it.deeds):
        gap = deed.at - (it.deeds[at - 1].at if at else 0.0)
        if gap > 2:
            less = gap - 1 if gap < 20 else gap * 0.9
            yield replace(
                it,
                deeds=it.deeds[:at] + tuple(replace(each, at=round(each.at - less, 3)) for each in it.deeds[at:]),
                calm=round(it.calm - less, 3),
            )


def _smaller_deeds(it: Schedule) -> Iterator[Schedule]:
    for at, deed in enumerate(it.deeds):
        for name, least in (
            ("bursts", 1),
            ("count", 1),
            ("size", 0),
            ("seconds", 1.0),
            ("down", 0.0),
            ("conditions", {}),
        ):
            value = deed.how.get(name, least)
            if value == least or (name == "seconds" and value < least):
                continue
            for smaller in (least, round(value / 2, 3) if isinstance(value, float) else least):
                how = {**deed.how, name: smaller}
                yield replace(it, deeds=(*it.deeds[:at], Deed(deed.at, deed.what, deed.host, how), *it.deeds[at + 1 :]))


def as_test(schedule: Schedule, failure: Failure, diagram: str) -> str:
    """A test file that needs nothing but the simulator."""
    words = failure.oracle.replace(" ", "_")
    lines = diagram.splitlines()
    shown = "\n".join(f"# {line}".rstrip() for line in lines[-LINES:])
    return f'''"""Found by seed {schedule.seed}: {failure.oracle} ({", ".join(ORACLES[failure.oracle])})."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = {source(schedule)}

def test_seed_{schedule.seed}_{words}() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: {failure.text.splitlines()[0][:200]}
#
{shown}
'''
