"""What a delivery and a session cost as sessions, rooms and history grow; joins a second; an idle server.

    PYTHONPATH=tests python benchmarks/scale.py [--quick] [--json FILE] [--plot FOLDER]

*A delivery* is a message to one member: what a message to all of a room cost the server, over the number of its
members. The real core, store, pump and socket work in this process, between members made of bytes (`guests`), and only
their CPU time counts, user and system: taking and storing the message, sealing and sending it to each, taking SEEN and
ACK from each. 64 datagrams at most come to the server at once. The clock is virtual, 10 ms a message; there is no loop,
and so no wake-up. *Sessions*: so many, all in one room. *Rooms*: so many of ten members, and each has its turn.
*History*: rooms of 100 with so many messages before. There is a server for each number of sessions, and all of them
take turns, so that what else the machine does is felt by all alike. Medians of the runs; ratios within a run.

*The rest* is of a real process, `udpchat server` over loopback. *Joins* are handshakes and JOINs into one room, 64 at a
time, with the clients' work beside the server's. *Memory* is what the process grew by, over the sessions that it has.
*Idle*: everyone sends a heartbeat every 5 s.

Linux only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

from guests import Guest
from report import Goal, Progress, draw, goals, parser, save, table
from rig import Inside, Process, process

from udpchat_core.effects import Append, Ticket
from udpchat_protocol.entries import Chat

TEXT = "a line of chat as people write it, and then so on"
GAP = 0.01
MEMBERS, LISTENERS = 10, 100
"""Of each of many rooms, and of a room with history."""
HEARTBEAT = 5.0
TOGETHER = 500
"""Who come in before it is asked whether a heartbeat is due."""
RATIO, KIB, IDLE = 1.25, 8.0, 0.10
"""The goals: growth of a delivery's cost, memory of a session, share of a core for IDLE_SESSIONS."""
IDLE_SESSIONS = 5000


Rooms = list[tuple[str, list[Guest]]]
"""Names, and who is in them."""
Cases = dict[int, tuple[Inside, Rooms]]
"""By count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    sessions: tuple[int, ...]
    """As many rooms as a tenth."""
    history: tuple[int, ...]
    deliveries: int
    """In a run; more if each room is to have a message."""
    runs: int
    crowds: tuple[int, ...]
    """Sessions of the real process: the first so many are idle for a while, the last are weighed."""
    idle: float
    """Seconds."""


FULL = Plan((10, 100, 1000, 5000, 10_000), (0, 1000, 1_000_000), 5000, 5, (1000, 5000, 10_000), 10.0)
QUICK = Plan((10, 100, 1000), (0, 100_000), 1000, 3, (5000,), 5.0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery costs with so many of something: microseconds of CPU, by run."""

    of: str
    count: int
    costs: list[float]

    @property
    def cost(self) -> float:
        """The median."""
        return median(self.costs)

    def to(self, other: Delivery) -> float:
        """How many times what the other costs."""
        return median([one / two for one, two in zip(self.costs, other.costs, strict=True)])


@dataclass(frozen=True, slots=True)
class Hosted:
    """What a server process needs for so many sessions."""

    sessions: int
    handshakes: float
    """A second; CPU of each in ms."""
    handshake_cpu: float
    joins: float
    join_cpu: float
    roomless: float
    """KiB of each session when none of them is in a room yet."""
    memory: float
    """KiB of each session."""
    idle: float
    """Share of a core."""


# -- deliveries -----------------------------------------------------------------------------------------------------


def deliveries(plan: Plan, bar: Progress) -> Iterator[Delivery]:
    """With more and more sessions, in more and more rooms, after more and more messages."""
    halls: Cases = {}
    for count in plan.sessions:
        bar.step(f"{count} sessions come in")
        inside = Inside()
        halls[count] = inside, [_room(inside, "hall", inside.crowd.add(count))]
    yield from _measure(plan, "sessions", halls, bar)
    bar.step("into rooms")
    rooms: Cases = {}
    for count, (inside, ((_, everyone),)) in halls.items():
        parts = [everyone[at : at + MEMBERS] for at in range(0, count, MEMBERS)]
        rooms[len(parts)] = inside, [_room(inside, f"room {number}", part) for number, part in enumerate(parts)]
    yield from _measure(plan, "rooms", rooms, bar)
    for inside, _ in halls.values():
        inside.close()
    bar.step("messages are written")
    inside, past = Inside(max(plan.history)), Cases()
    for count in plan.history:
        _write(inside, f"history {count}", count)
        past[count] = inside, [_room(inside, f"history {count}", inside.crowd.add(LISTENERS))]
    yield from _measure(plan, "history", past, bar)
    inside.close()


def _room(inside: Inside, name: str, members: list[Guest]) -> tuple[str, list[Guest]]:
    """Let them in."""
    inside.crowd.shake([guest for guest in members if guest.seal is None])
    inside.crowd.join(members, name)
    return name, members


def _measure(plan: Plan, of: str, cases: Cases, bar: Progress) -> Iterator[Delivery]:
    """Let somebody talk in each room in turn. The cases take turns too."""
    costs: dict[int, list[float]] = {count: [] for count in cases}
    for inside, _ in cases.values():
        inside.wait(1.5)  # what was gathered of presence
    for run in range(plan.runs + 1):
        bar.step(f"{of}, {f'run {run}' if run else 'to warm up'}")
        for count, (inside, rooms) in cases.items():
            costs[count].append(_talk(inside, rooms, plan.deliveries))
    for count, found in costs.items():
        yield Delivery(of, count, found[1:])


def _talk(inside: Inside, rooms: Rooms, deliveries: int) -> float:
    """Microseconds for each delivery."""
    members = len(rooms[0][1])
    messages = max(len(rooms), deliveries // members)
    spent, taken = inside.spent, _taken(rooms)
    for number in range(messages):
        room, inhabitants = rooms[number % len(rooms)]
        talker = inhabitants[number // len(rooms) % members]
        inside.crowd.send(talker, talker.say(room, TEXT))
        inside.wait(GAP)
    inside.wait(0.1)
    assert _taken(rooms) == taken + messages * members, "a message was not delivered"
    return (inside.spent - spent) / (messages * members) * 1e6


def _taken(rooms: Rooms) -> int:
    return sum(guest.nexts[guest.rooms[room]] for room, members in rooms for guest in members)


def _write(inside: Inside, room: str, count: int) -> None:
    """Give a room a past."""
    for first in range(0, count, 10_000):
        numbers = range(first, min(first + 10_000, count))
        chats = (Chat(bytes(8), "", number, 0, 0, TEXT) for number in numbers)
        inside.store.submit([Append(Ticket(0, -1), room, bytes(32), chat) for chat in chats], lambda _: None)


# -- a process ------------------------------------------------------------------------------------------------------


def hosted(plan: Plan, transport: str, bar: Progress) -> Iterator[Hosted]:
    """Of one process that grows."""
    with process(transport) as it:
        crowd = it.crowd
        first = crowd.add(50)  # until everything is loaded that a session needs
        crowd.shake(first)
        crowd.join(first, "hall")
        crowd.idle(1.0, HEARTBEAT)
        empty, roomless = it.memory, 0.0
        for count in plan.crowds:
            bar.step(f"{count} sessions of a process")
            new = crowd.add(count + len(first) - len(crowd.guests))
            came, came_cpu = _timed(it, new, crowd.shake)
            crowd.idle(1.0, HEARTBEAT)
            if not roomless:
                roomless = (it.memory - empty) / len(new)
            joined, joined_cpu = _timed(it, new, lambda part: crowd.join(part, "hall"))
            crowd.idle(3.0, HEARTBEAT)
            used, begin = it.cpu, perf_counter()
            crowd.idle(plan.idle, HEARTBEAT)
            idle = (it.cpu - used) / (perf_counter() - begin)
            memory = (it.memory - empty) / (len(crowd.guests) - len(first))
            yield Hosted(count, came, came_cpu, joined, joined_cpu, roomless, memory, idle)


def _timed(it: Process, guests: list[Guest], act: Any) -> tuple[float, float]:
    """Let them do something, and all a heartbeat meanwhile; how many a second, and ms of CPU for each."""
    wall = cpu = 0.0
    beaten = perf_counter()
    for at in range(0, len(guests), TOGETHER):
        begin, used = perf_counter(), it.cpu
        act(guests[at : at + TOGETHER])
        wall += perf_counter() - begin
        cpu += it.cpu - used
        if perf_counter() > beaten + HEARTBEAT:
            it.crowd.beat()
            beaten = perf_counter()
    it.crowd.beat()
    return len(guests) / wall, cpu / len(guests) * 1000


# -- what came of it ------------------------------------------------------------------------------------------------


def reached(costs: Sequence[Delivery], hosts: Sequence[Hosted]) -> list[Goal]:
    """Each with what was found."""
    found: list[Goal] = []
    for of, low, high in (("sessions", 100, 5000), ("rooms", 1, 1000), ("history", 0, 1_000_000)):
        by_count = {each.count: each for each in costs if each.of == of}
        many = high if high in by_count else max(by_count)
        what = f"a delivery, {of}: {many:,} ÷ {low}"
        found.append(Goal(what, RATIO, by_count[many].to(by_count[low])))
    last = hosts[-1]
    found.append(Goal(f"KiB a session, of {last.sessions}", KIB, last.memory))
    idle = next(each.idle for each in hosts if each.sessions == IDLE_SESSIONS)
    return [*found, Goal(f"% of a core, {IDLE_SESSIONS} idle sessions", IDLE * 100, idle * 100)]


def show(costs: Sequence[Delivery], hosts: Sequence[Hosted]) -> None:
    """The tables."""
    first = {each.of: each for each in reversed(costs)}
    rows = [
        (each.of, f"{each.count:,}", f"{each.cost:.1f}", f"{min(each.costs):.1f} – {max(each.costs):.1f}",
         f"{each.to(first[each.of]):.2f}")
        for each in costs
    ]  # fmt: skip
    print(table(("a delivery", "of them", "µs of CPU", "from – to", "to the first"), rows), end="\n\n")
    head = ("sessions", "handshakes/s", "ms of CPU", "joins/s", "ms of CPU", "KiB roomless", "KiB", "idle CPU")
    rows = [
        (f"{it.sessions:,}", f"{it.handshakes:,.0f}", f"{it.handshake_cpu:.2f}", f"{it.joins:,.0f}",
         f"{it.join_cpu:.2f}", f"{it.roomless:.1f}", f"{it.memory:.1f}", f"{it.idle:.1%}")
        for it in hosts
    ]  # fmt: skip
    print(table(head, rows), end="\n\n")
    print(goals(reached(costs, hosts)))


def plot(axes: Any, costs: Sequence[Delivery], hosts: Sequence[Hosted]) -> None:
    """What a delivery costs, and what sessions do."""
    left, right = axes
    for of, style in (("sessions", "C0-o"), ("rooms", "C1-s"), ("history", "C2-^")):
        some = [each for each in costs if each.of == of]
        left.plot([max(each.count, 1) for each in some], [each.cost for each in some], style, label=of)
    left.set(xscale="log", xlabel="of them", ylabel="µs of CPU a delivery")
    left.set_ylim(bottom=0)
    left.legend(fontsize=8)
    counts = [it.sessions for it in hosts]
    right.plot(counts, [it.memory for it in hosts], "C0-o", label="KiB a session")
    right.plot(counts, [it.idle * 100 for it in hosts], "C1-s", label="idle, % of a core")
    right.axhline(KIB, color="C0", linestyle=":")
    right.plot([0, IDLE_SESSIONS], [0, IDLE * 100], "C1:")
    right.set(xlabel="sessions")
    right.set_ylim(bottom=0)
    right.legend(fontsize=8)


def main() -> None:
    """Measures, prints tables, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "a process with 5000 sessions, fewer points and runs")
    options.add_argument("--transport", choices=("trio", "blocking"), default="trio", help="of the process")
    given = options.parse_args()
    plan = QUICK if given.quick else FULL
    bar = Progress(len(plan.crowds) + len(plan.sessions) + 2 + 3 * (plan.runs + 1))
    hosts = list(hosted(plan, given.transport, bar))
    costs = list(deliveries(plan, bar))
    bar.end()
    show(costs, hosts)
    document = {
        "deliveries": [asdict(each) for each in costs],
        "process": [asdict(each) for each in hosts],
        "goals": [asdict(each) for each in reached(costs, hosts)],
    }
    save(given.json, document)
    draw(given.plot, "scale", 2, lambda axes: plot(axes, costs, hosts))


if __name__ == "__main__":
    main()
