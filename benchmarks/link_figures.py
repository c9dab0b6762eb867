"""What the lines of a case of `link.py` say: latencies, silences, losses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median

from link_cases import Raw

P999_LINES = 1000
"""Lines without which p99.9 says nothing."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation on a lossy road. Times are seconds; `at_least` is from which on they are only lower bounds."""

    program: str
    loss: float
    rtt: float
    lines: int
    p50: float
    p99: float
    p999: float | None
    worst: float
    at_least: float | None
    """The shortest time that a line had waited which was not shown when the run ended."""
    not_shown: int
    silence: float
    """The longest time without a new line, of all listeners."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """How long something was felt, in seconds: over its times and its listeners."""

    what: str
    program: str
    loss: float
    rtt: float
    median: float
    worst: float
    over: bool
    """Was it not over yet when the run ended, for some?"""
    times: int
    said: int
    lost: int
    again: int
    """Lines that waited for their client to be back."""


def talks(raw: Raw) -> Iterator[Talk]:
    """Of each program."""
    for program in programs(raw):
        shown = _shown(raw, program)
        waits: list[float] = []
        open_: list[float] = []
        for each, speaker, n, when in raw.said:
            if each == program and when >= raw.begin:
                came = shown.get((speaker, n))
                waits.append((raw.end if came is None else came) - when)
                if came is None:
                    open_.append(waits[-1])
        waits.sort()
        yield Talk(
            program=program,
            loss=raw.case.loss,
            rtt=raw.case.rtt,
            lines=len(waits),
            p50=at(waits, 0.5),
            p99=at(waits, 0.99),
            p999=at(waits, 0.999) if len(waits) >= P999_LINES else None,
            worst=waits[-1],
            at_least=min(open_, default=None),
            not_shown=len(open_),
            silence=max(_silence(times, raw.begin, raw.hushed) for times in _by_listener(raw, program).values()),
        )


def troubles(raw: Raw) -> Iterator[Trouble]:
    """Of each program, and of each side."""
    name, measure = {
        "moved": ("moved", _gaps),
        "blackout": (f"blackout of {raw.case.seconds:.0f} s", _caught_up),
        "restart": ("server restart", _flowing),
    }[raw.case.kind]
    for program in programs(raw):
        listeners = _by_listener(raw, program)
        talkers = {who for each, who, _, _ in raw.said if each == program}
        if raw.case.kind == "moved":
            sides = {"who moves reads": _only(listeners, "b"), "the others read": _only(listeners, "a")}
        else:
            sides = {"who talks, too": listeners.keys() & talkers, "who only reads": listeners.keys() - talkers}
        for side, they in sides.items():
            found = [each for who in they for each in measure(raw, program, who)]
            yield _trouble(raw, program, f"{name}: {side}", they, found)


def programs(raw: Raw) -> list[str]:
    """Those that were there, in order."""
    return sorted({program for program, *_ in raw.said}, reverse=True)


def at(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of all lies."""
    return ordered[max(ceil(len(ordered) * part) - 1, 0)]


def _trouble(raw: Raw, program: str, what: str, listeners: Iterable[str], found: list[tuple[float, bool]]) -> Trouble:
    shown = _shown(raw, program)
    speakers = {_other(who) for who in listeners}
    said = [(who, n) for each, who, n, _ in raw.said if each == program and who in speakers]
    times = [time for time, _ in found]
    return Trouble(
        what=what,
        program=program,
        loss=raw.case.loss,
        rtt=raw.case.rtt,
        median=median(times),
        worst=max(times),
        over=any(over for _, over in found),
        times=len(found),
        said=len(said),
        lost=sum(line not in shown for line in said),
        again=sum(each == program and who in speakers for each, who in raw.again),
    )


def _other(who: str) -> str:
    """The one of the same room."""
    return ("b" if who[0] == "a" else "a") + who[1:]


def _only(listeners: Iterable[str], side: str) -> set[str]:
    return {who for who in listeners if who[0] == side}


def _shown(raw: Raw, program: str) -> dict[tuple[str, int], float]:
    """When each line was shown first."""
    out: dict[tuple[str, int], float] = {}
    for each, _, speaker, n, when in raw.shown:
        if each == program:
            out[speaker, n] = min(when, out.get((speaker, n), when))
    return out


def _by_listener(raw: Raw, program: str) -> dict[str, list[float]]:
    """When each listener was shown something, in order; all who should have been."""
    said = {speaker for each, speaker, _, _ in raw.said if each == program}
    out: dict[str, list[float]] = {_other(who): [] for who in said}
    for each, listener, _, _, when in raw.shown:
        if each == program:
            out[listener].append(when)
    return {listener: sorted(times) for listener, times in out.items()}


def _silence(times: list[float], begin: float, end: float) -> float:
    """The longest time without a line between these two."""
    return max(b - a for a, b in pairwise([begin, *(time for time in times if begin < time < end), end]))


def _gaps(raw: Raw, program: str, listener: str) -> Iterator[tuple[float, bool]]:
    """The longest silence in two round trips after each change of address, or until it ends.

    It begins with the change or with the last line that was shown, whichever is later.
    """
    times = _by_listener(raw, program)[listener]
    for move in raw.events[program]:
        first, last = (bisect_right(times, when) for when in (move, move + 2 * raw.case.rtt))
        over = last == len(times)
        near = [move, *times[first : last + 1], *([raw.end] if over else [])]
        yield max(b - a for a, b in pairwise(near)), over


def _caught_up(raw: Raw, program: str, listener: str) -> Iterator[tuple[float, bool]]:
    """From the end of the blackout until all that was said before was shown."""
    (end,) = raw.events[program]
    shown = _shown(raw, program)
    speaker = _other(listener)
    came = [shown.get((who, n)) for each, who, n, when in raw.said if (each, who) == (program, speaker) and when < end]
    yield max(raw.end if when is None else when for when in came) - end, None in came


def _flowing(raw: Raw, program: str, listener: str) -> Iterator[tuple[float, bool]]:
    """From when the server listens again to the first line that is shown."""
    times = _by_listener(raw, program)[listener]
    for listens in raw.events[program]:
        place = bisect_right(times, listens)
        over = place == len(times)
        yield (raw.end if over else times[place]) - listens, over
