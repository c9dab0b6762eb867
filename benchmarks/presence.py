"""What it costs that a full room comes back: a server dies and begins again, and everyone is to be told of everyone.

    PYTHONPATH=tests python benchmarks/presence.py [--quick] [--members N ...] [--json FILE] [--plot FOLDER]

The real cores in virtual time, 100 ms round-trip time, no loss: idle people in one room of one server that is killed
and comes back with the same identity. Counted is all from then on until everyone is in the room again and has read
what a few of them say. Presence is what clients were told (changes, counts and rosters), at the size that it has in
packets; *everyone to everyone* is an ONLINE entry of each member to each other one. Wire bytes include 28 for IP and
UDP.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from report import draw, parser, save, spread, table

from net import Net, Person
from udpchat_core.events import ChatReceived, CountChanged, JoinedRoom, MemberChanged, RosterReceived
from udpchat_core.path import Address
from udpchat_protocol.codes import Presence
from udpchat_protocol.entries import Count, Gone, Member, Online, Roster, Unreachable

RTT = 0.1
HEADERS = 28
ENTRY = 3 + 13
"""Bytes of frame and entry around a body."""
TALKERS = 10
STEP = 0.25
PATIENCE = 600.0


@dataclass(slots=True)
class Told:
    """What clients were told of presence: entries and their bytes in packets."""

    changes: int = 0
    counts: int = 0
    rosters: int = 0
    octets: int = 0

    def take(self, person: Person) -> None:
        """Count what a person was told since the last call, and forget it."""
        for event in person.events:
            if isinstance(event, MemberChanged):
                self.changes += 1
                self.octets += ENTRY + len(_body(event))
            elif isinstance(event, CountChanged):
                self.counts += 1
                self.octets += ENTRY + len(Count(online=event.online, members=event.members).build())
            elif isinstance(event, RosterReceived):
                self.rosters += 1
                whole = Roster(channel=0, offset=0, flags=3, members=()).build()
                members = sum(_member(each.member, each.nick) for each in event.attendees)
                self.octets += ENTRY + len(whole) + members


def _body(event: MemberChanged) -> bytes:
    if event.presence is Presence.ONLINE:
        return Online(member=event.member, nick=event.nick).build()
    if event.presence is Presence.UNREACHABLE:
        return Unreachable(member=event.member).build()
    return Gone(member=event.member, code=event.code, reason=event.reason).build()


def _member(member: bytes, nick: str) -> int:
    empty = Roster(channel=0, offset=0, flags=0, members=())
    one = Roster(channel=0, offset=0, flags=0, members=(Member(member=member, presence=1, nick=nick),))
    return len(one.build()) - len(empty.build())


@dataclass(frozen=True, slots=True)
class Result:
    """Of one restart; all but the first three per member."""

    members: int
    seconds: float
    """From the restart until everyone is back and reads along."""
    wall: float
    datagrams_up: float
    datagrams_down: float
    octets: float
    """Wire bytes, both ways."""
    entries: float
    """Presence: changes, counts and rosters that came."""
    presence: float
    """Their bytes."""
    everyone: float
    """Bytes of an ONLINE entry of each other member."""


def measure(members: int, seed: int = 1) -> Result:
    """Fill the room, kill the server, wait for all."""
    begun = monotonic()
    net = Net(
        seed,
        delay=(RTT / 2, RTT / 2),
        address_of=lambda path: Address(str(path).encode(), str(path).encode()),
    )
    people: list[Person] = []
    while len(people) < members:
        people += [net.person(f"member {n}") for n in range(len(people), min(len(people) + 25, members))]
        net.run(0.1)
    _until(net, people, Told(), {person.path: {JoinedRoom} for person in people})
    _talk(people, "before")
    _until(net, people, Told(), {person.path: {ChatReceived} for person in people})
    for _ in range(80):
        net.run(STEP)
        _forget(people, Told())

    sent = {"up": 0, "down": 0}
    octets = 0

    def tap(way: str, data: bytes, _: object) -> None:
        nonlocal octets
        sent[way] += 1
        octets += len(data) + HEADERS

    net.tap = tap
    net.restart_server()
    begin, told = net.now, Told()
    _until(net, people, told, {person.path: {JoinedRoom} for person in people})
    _talk(people, "after")
    _until(net, people, told, {person.path: {ChatReceived} for person in people})
    online = ENTRY + len(Online(member=bytes(8), nick=f"member {members - 1}").build())
    return Result(
        members,
        net.now - begin,
        monotonic() - begun,
        sent["up"] / members,
        sent["down"] / members,
        octets / members,
        (told.changes + told.counts + told.rosters) / members,
        told.octets / members,
        (members - 1) * online,
    )


def _talk(people: list[Person], text: str) -> None:
    for person in people[:TALKERS]:
        person.say(f"{person.name} says something {text}")


def _forget(people: list[Person], told: Told) -> None:
    for person in people:
        told.take(person)
        person.events.clear()
        person.times.clear()


def _until(net: Net, people: list[Person], told: Told, wanted: dict[object, set[type]]) -> None:
    """Let time pass until everyone was told of what they wait for."""
    end = net.now + PATIENCE
    while wanted:
        assert net.now < end, f"{len(wanted)} of {len(people)} do not come back"
        net.run(STEP)
        for person in people:
            if person.path in wanted and wanted[person.path] <= {type(event) for event in person.events}:
                del wanted[person.path]
        _forget(people, told)


def show(found: list[Result]) -> None:
    """The table."""
    rows = [
        [f"{it.members:,}", f"{it.seconds:.1f}"]
        + [
            f"{each:,.0f}"
            for each in (it.datagrams_up, it.datagrams_down, it.octets, it.entries, it.presence, it.everyone)
        ]
        for it in found
    ]
    head = (
        "members",
        "seconds",
        "datagrams up",
        "down",
        "wire bytes",
        "presence entries",
        "bytes",
        "everyone to everyone",
    )
    print("Per member:\n\n" + table(head, rows))


def plot(axes: Any, found: list[Result]) -> None:
    """Bytes a member."""
    (only,) = axes
    at = [it.members for it in found]
    only.plot(at, [it.octets for it in found], "C0-o", label="all, on the wire")
    only.plot(at, [it.presence for it in found], "C1-s", label="presence")
    only.plot(at, [it.everyone for it in found], "C7:^", label="everyone to everyone")
    only.set(xscale="log", yscale="log", xlabel="members", ylabel="bytes a member")
    only.legend(fontsize=8)


def main() -> None:
    """Measures, prints a table, and writes JSON and a plot if asked to."""
    options = parser(__doc__, "50 and 200 members")
    options.add_argument("--members", type=int, nargs="+", metavar="N", default=[20, 50, 200, 1000])
    given = options.parse_args()
    sizes = [50, 200] if given.quick else sorted(given.members)
    results = spread(measure, sizes[::-1])
    found = [results[members] for members in sizes]
    show(found)
    save(given.json, {"rtt": RTT, "results": [asdict(it) for it in found]})
    draw(given.plot, "presence", 1, lambda axes: plot(axes, found))


if __name__ == "__main__":
    main()
