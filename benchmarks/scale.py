"""What a delivery and a session cost as sessions, rooms and history grow; joins a second; an idle server.

    PYTHONPATH=tests python benchmarks/scale.py [--quick] [--json FILE] [--plot FOLDER]

*A delivery* is a message to one member: what a message to all of a room cost the server, over the number of its
members. The real core, store, pump and socket work in this process, between members made of bytes (`guests`), and only
their CPU time counts, user and system: taking and storing the message, sealing and sending it to each, taking SEEN and
ACK from each. 64 datagrams at most come to the server at once. The clock is virtual, 10 ms a message; there is no loop,
and so no wake-up. *Sessions*: all are in one room, which grows. *Rooms*: of so many rooms of equal size each has its
turn. *History*: a room of 100 with so many messages before. Medians.

*The rest* is of a real process, `udpchat server` over loopback. *Joins* are handshakes and JOINs into one room, 64 at a
time; clients' first messages are made before, but the rest of their work is done beside the server's. *Memory* is what
the process grew by, over the sessions that it has. *Idle*: everyone sends a heartbeat every 5 s.

Linux only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

from guests import Guest
from report import Progress, draw, parser, save, table
from rig import Inside, Process, process

from udpchat_core.effects import Append, Ticket
from udpchat_protocol.entries import Chat

TEXT = "a line of chat as people write it, and then so on"
GAP = 0.01
MESSAGES = 500
"""In a run, at most."""
LISTENERS = 100
"""Members of a room with history."""
HEARTBEAT = 5.0
RATIO, KIB, IDLE = 1.25, 8.0, 0.10
"""The goals: growth of a delivery's cost, memory of a session, share of a core for IDLE_SESSIONS."""
IDLE_SESSIONS = 5000


Rooms = list[tuple[str, list[Guest]]]
"""Names, and who is in them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    sessions: tuple[int, ...]
    rooms: tuple[int, ...]
    history: tuple[int, ...]
    deliveries: int
    """In a run."""
    runs: int
    crowds: tuple[int, ...]
    """Sessions of the real process: the first so many are idle for a while, the last are weighed."""
    idle: float
    """Seconds."""


FULL = Plan(
    (10, 100, 1000, 5000, 10_000), (1, 10, 100, 1000), (0, 1000, 1_000_000), 10_000, 9, (1000, 5000, 10_000), 30.0
)
QUICK = Plan((10, 100, 2000), (1, 1000), (0, 100_000), 2000, 3, (2000,), 5.0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery costs with so many of something, in microseconds of CPU."""

    of: str
    count: int
    cost: float
    least: float
    most: float


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


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach."""

    what: str
    most: float
    found: float

    @property
    def row(self) -> tuple[str, str, str, str]:
        return self.what, f"≤ {self.most:g}", f"{self.found:.2f}", "yes" if self.found <= self.most else "NO"


# -- deliveries -----------------------------------------------------------------------------------------------------


def deliveries(plan: Plan, bar: Progress) -> Iterator[Delivery]:
    """Of one server that grows."""
    inside = Inside(max(plan.history))
    crowd = inside.crowd
    for count in plan.sessions:
        bar.step(f"{count} sessions")
        new = crowd.add(count - len(crowd.guests))
        crowd.shake(new)
        crowd.join(new, "hall")
        yield from _measure(inside, plan, "sessions", {count: [("hall", crowd.guests)]})
    size = len(crowd.guests) // max(plan.rooms)
    rooms: Rooms = []
    for count in plan.rooms:
        bar.step(f"{count} rooms")
        for number in range(len(rooms), count):
            room = f"room {number}", crowd.guests[number * size : (number + 1) * size]
            crowd.join(room[1], room[0])
            rooms.append(room)
        yield from _measure(inside, plan, "rooms", {count: rooms})
    bar.step("rooms with history")
    past: dict[int, Rooms] = {}
    for number, count in enumerate(plan.history):
        past[count] = [(f"history {count}", crowd.guests[number * LISTENERS : (number + 1) * LISTENERS])]
        _write(inside, f"history {count}", count)
        crowd.join(past[count][0][1], f"history {count}")
    yield from _measure(inside, plan, "history", past)
    inside.close()


def _measure(inside: Inside, plan: Plan, of: str, cases: dict[int, Rooms]) -> Iterator[Delivery]:
    """Let somebody talk in each room in turn. Cases are by count, and take turns too."""
    costs: dict[int, list[float]] = {count: [] for count in cases}
    inside.wait(1.5)  # what was gathered of presence
    for _ in range(plan.runs + 1):
        for count, rooms in cases.items():
            inside.crowd.beat()
            inside.wait(0.1)
            costs[count].append(_talk(inside, rooms, plan.deliveries))
    for count, found in costs.items():
        yield Delivery(of, count, median(found[1:]), min(found[1:]), max(found[1:]))


def _talk(inside: Inside, rooms: Rooms, deliveries: int) -> float:
    """Microseconds for each delivery."""
    members = len(rooms[0][1])
    messages = min(max(2, deliveries // members), MESSAGES)
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
        crowd.idle(1.0, 0.5)
        empty, roomless = it.memory, 0.0
        for count in plan.crowds:
            bar.step(f"{count} sessions of a process")
            new = crowd.add(count + len(first) - len(crowd.guests))
            came, came_cpu = _timed(it, new, crowd.shake)
            crowd.idle(2.0, 1.0)
            if not roomless:
                roomless = (it.memory - empty) / len(new)
            joined, joined_cpu = _timed(it, new, lambda part: crowd.join(part, "hall"))
            crowd.idle(4.0, 1.0)
            used, begin = it.cpu, perf_counter()
            crowd.idle(plan.idle, HEARTBEAT)
            idle = (it.cpu - used) / (perf_counter() - begin)
            memory = (it.memory - empty) / (len(crowd.guests) - len(first))
            yield Hosted(count, came, came_cpu, joined, joined_cpu, roomless, memory, idle)


def _timed(it: Process, guests: list[Guest], act: Any) -> tuple[float, float]:
    """Let them do something, and the others a heartbeat meanwhile; how many a second, and ms of CPU for each."""
    wall = cpu = 0.0
    for at in range(0, len(guests), 2000):
        begin, used = perf_counter(), it.cpu
        act(guests[at : at + 2000])
        wall += perf_counter() - begin
        cpu += it.cpu - used
        it.crowd.beat()
    return len(guests) / wall, cpu / len(guests) * 1000


# -- what came of it ------------------------------------------------------------------------------------------------


def goals(costs: Sequence[Delivery], hosts: Sequence[Hosted]) -> list[Goal]:
    """Each with what was found."""
    found: list[Goal] = []
    for of, low, high in (("sessions", 100, 5000), ("rooms", 1, 1000), ("history", 0, 1_000_000)):
        by_count = {each.count: each.cost for each in costs if each.of == of}
        many = high if high in by_count else max(by_count)
        what = f"a delivery, {of}: {many:,} ÷ {low}"
        found.append(Goal(what, RATIO, by_count[many] / by_count[low]))
    last = hosts[-1]
    found.append(Goal(f"KiB a session, of {last.sessions}", KIB, last.memory))
    it = next((each for each in hosts if each.sessions == IDLE_SESSIONS), last)
    of = f", from {it.sessions}" if it.sessions != IDLE_SESSIONS else ""
    share = it.idle * IDLE_SESSIONS / it.sessions * 100
    return [*found, Goal(f"% of a core, {IDLE_SESSIONS} idle sessions{of}", IDLE * 100, share)]


def show(costs: Sequence[Delivery], hosts: Sequence[Hosted]) -> None:
    """The tables."""
    first = {each.of: each.cost for each in reversed(costs)}
    rows = [
        (each.of, f"{each.count:,}", f"{each.cost:.1f}", f"{each.least:.1f} – {each.most:.1f}",
         f"{each.cost / first[each.of]:.2f}")
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
    print(table(("goal", "wanted", "found", "met"), [goal.row for goal in goals(costs, hosts)]))


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
    options = parser(__doc__, "2000 sessions, fewer points and runs")
    options.add_argument("--transport", choices=("trio", "blocking"), default="trio", help="of the process")
    given = options.parse_args()
    plan = QUICK if given.quick else FULL
    bar = Progress(sum(map(len, (plan.sessions, plan.rooms, plan.crowds))) + 1)
    hosts = list(hosted(plan, given.transport, bar))
    costs = list(deliveries(plan, bar))
    bar.end()
    show(costs, hosts)
    document = {
        "deliveries": [asdict(each) for each in costs],
        "process": [asdict(each) for each in hosts],
        "goals": [asdict(each) for each in goals(costs, hosts)],
    }
    save(given.json, document)
    draw(given.plot, "scale", 2, lambda axes: plot(axes, costs, hosts))


if __name__ == "__main__":
    main()
