"""The census does what a list of all sessions would, without looking at them: SPEC.md 14.3."""

from dataclasses import dataclass
from random import Random

import pytest

from proves import proves
from udpchat_core.census import Census
from udpchat_protocol.codes import Code


@dataclass
class Held:
    """A session as a plain list remembers it."""

    id: int
    prefix: bytes
    member: bytes
    silent: int = 0
    """When it became UNREACHABLE; 0: it is ONLINE."""


class Register:
    """Every answer by looking at everybody."""

    def __init__(self, most: int, of_prefix: int, of_member: int) -> None:
        self.limits = (most, Code.FULL), (of_prefix, Code.FULL), (of_member, Code.LIMIT)
        self.all: dict[int, Held] = {}

    def groups(self, prefix: bytes, member: bytes) -> list[list[Held]]:
        everyone = list(self.all.values())
        return [
            everyone,
            [each for each in everyone if each.prefix == prefix],
            [each for each in everyone if each.member == member],
        ]

    def refusal(self, prefix: bytes, member: bytes) -> Code | None:
        for (most, code), group in zip(self.limits, self.groups(prefix, member), strict=True):
            if sum(not each.silent for each in group) >= most:
                return code
        return None

    def next_to_go(self, prefix: bytes, member: bytes) -> tuple[int, Code] | None:
        for (most, code), group in reversed(list(zip(self.limits, self.groups(prefix, member), strict=True))):
            silent = [each for each in group if each.silent]
            if len(group) >= most and silent:
                return min(silent, key=lambda each: each.silent).id, code
        return None


@proves("UC-LIMIT-3", "UC-LIMIT-4", "UC-LIMIT-5")
@pytest.mark.parametrize("seed", range(30))
def test_the_census_answers_as_one_who_looks_at_everybody(seed: int) -> None:
    random = Random(seed)
    sizes = random.randint(1, 12), random.randint(1, 5), random.randint(1, 3)
    census, register = Census(*sizes), Register(*sizes)
    prefixes, members = [b"p%d" % n for n in range(4)], [b"m%d" % n for n in range(6)]
    for step in range(1, 400):
        who = random.choice(prefixes), random.choice(members)
        assert census.refusal(*who) == register.refusal(*who)
        assert census.next_to_go(*who) == register.next_to_go(*who)
        held = random.choice(list(register.all.values())) if register.all else None
        match random.randrange(7):
            case 0 | 1 | 2 if census.refusal(*who) is None:
                while (gone := census.next_to_go(*who)) is not None:
                    over = register.all.pop(gone[0])
                    assert over.silent
                    census.closed(over.id, over.prefix, over.member)
                register.all[step] = Held(step, *who)
                census.opened(*who)
            case 3 if held:
                census.closed(held.id, held.prefix, held.member)
                del register.all[held.id]
            case 4 if held:
                census.unreachable(held.id, held.prefix, held.member)
                held.silent = held.silent or step
            case 5 if held:
                census.reachable(held.id, held.prefix, held.member)
                held.silent = 0
            case 6 if held and held.prefix != who[0]:
                census.moved(held.id, held.prefix, held.member, who[0])
                held.prefix, held.silent = who[0], 0
            case _:
                pass
        assert len(census) == len(register.all) <= sizes[0]
        names = {(each.prefix,) for each in register.all.values()} | {each.member for each in register.all.values()}
        assert census.groups == len(names) + bool(register.all)


@proves("UC-LIMIT-5")
def test_a_session_that_stays_in_its_prefix_keeps_its_place_in_line() -> None:
    census = Census(10, 2, 10)
    for session in (1, 2):
        census.opened(b"p", b"m%d" % session)
        census.unreachable(session, b"p", b"m%d" % session)
    census.moved(1, b"p", b"m1", b"p")
    assert census.next_to_go(b"p", b"new") == (1, Code.FULL)
    census.moved(1, b"p", b"m1", b"q")
    assert census.next_to_go(b"p", b"new") is None
    census.moved(1, b"q", b"m1", b"p")  # as one that is heard
    assert census.next_to_go(b"p", b"new") == (2, Code.FULL)
