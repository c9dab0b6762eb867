"""What one seed makes of a network and its people, as a value: who is there, which faults there are, and what is done.

`draw(seed)` makes a schedule up front; nothing is drawn from it later. So a schedule can be cut down (`shrink`), kept
as Python source (`source`) and run again (`world.run`). The network draws from streams of its own, one for each link,
so that what is cut away changes as little as can be for what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any

HOUR = 3600.0
NAMES = ("ada", "bob", "cyd", "dan", "eve")
ROOMS = ("lobby", "attic")


@dataclass(frozen=True, slots=True)
class Host:
    """One device of one member."""

    name: str
    member: str
    device: int = 1
    born: float = 0.0
    rooms: tuple[str, ...] = ("lobby",)
    offset: float = 0.0
    """Of its clock, in seconds."""
    rate: float = 1.0
    """Of its clock."""
    lag: float = 0.0
    """Seconds from a change of its state until that will survive a crash."""
    renewal: float = 3600.0


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done at a time, to a host or (empty) to the server or all; `deeds` has what there is."""

    at: float
    what: str
    host: str = ""
    how: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        how = ", ".join(f"{name}={value!r}" for name, value in self.how.items())
        return f"{self.at:10.3f}  {self.what} {self.host or '-'}  {how}"


def do(at: float, what: str, host: str = "", **how: Any) -> Deed:
    """A deed."""
    return Deed(at, what, host, how)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that a run depends on."""

    seed: int
    """Of the streams that the network draws from."""
    hosts: tuple[Host, ...]
    deeds: tuple[Deed, ...] = ()
    calm: float = 10.0
    """When faults stop for the core."""
    core: tuple[str, ...] = ()
    """The hosts that must converge afterwards; for the others the faults stay."""
    weather: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """`link.Conditions` of every link at first."""
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """`Limits` of the server, where they are not the defaults."""
    store: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What `disk.Disk` is given."""
    drift: tuple[float, float] = (0.0, 1.0)
    """Offset and rate of the server's clock."""

    @property
    def events(self) -> int:
        """How much there is to read: hosts and deeds."""
        return len(self.hosts) + len(self.deeds)


def source(it: Schedule) -> str:
    """The schedule as an expression in Python."""
    deeds = "".join(
        f"        do({', '.join([repr(deed.at), repr(deed.what), repr(deed.host), *_named(deed.how)])}),\n"
        for deed in it.deeds
    )
    hosts = "".join(f"        Host({', '.join(_unusual(host))}),\n" for host in it.hosts)
    rest = "".join(
        f"    {name}={value!r},\n"
        for name in ("calm", "core", "weather", "limits", "store", "drift")
        if (value := getattr(it, name)) != getattr(Schedule(0, ()), name)
    )
    return f"Schedule(\n    seed={it.seed},\n    hosts=(\n{hosts}    ),\n    deeds=(\n{deeds}    ),\n{rest})"


def _unusual(host: Host) -> list[str]:
    plain = Host(host.name, host.member)
    rest = {each.name: getattr(host, each.name) for each in fields(host) if each.name not in {"name", "member"}}
    unusual = {name: value for name, value in rest.items() if value != getattr(plain, name)}
    return [repr(host.name), repr(host.member), *_named(unusual)]


def _named(how: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value!r}" for name, value in how.items()]


# -- drawing ---------------------------------------------------------------------------------------------------------


def weather(random: Random) -> dict[str, Any]:
    """Conditions of a link, from fine to hardly any."""
    least = random.choice((0.001, 0.02, 0.05, 0.1, 0.3, 1.0))
    chosen: dict[str, Any] = {
        "loss": random.choice((0.0, 0.0, 0.05, 0.15, 0.3, 0.5)),
        "delay": (least, min(least * random.choice((1, 1, 2, 3)), 3.0)),
        "tail": random.choice((0.0, 0.0, 0.02, 0.2, 1.0)),
        "duplicate": random.choice((0.0, 0.0, 0.1, 0.5)),
        "reorder": random.choice((0.0, 0.0, 0.3, 1.0)),
        "corrupt": random.choice((0.0, 0.0, 0.02, 0.1)),
        "truncate": random.choice((0.0, 0.0, 0.02, 0.1)),
        "rate": random.choice((None, None, None, 20_000.0)),
    }
    kept = random.random()  # swarm: a seed has some kinds of faults only
    return {
        name: value
        for name, value in chosen.items()
        if name == "delay" or (value and random.random() < 0.3 + 0.7 * kept)
    }


def _limits(random: Random) -> dict[str, Any]:
    heartbeat = random.choice((5.0, 5.0, 5.0, 1.0, 20.0, 60.0))
    chosen: dict[str, Any] = {
        "heartbeat": heartbeat,
        "timeout": min(3 * heartbeat, 300.0),
        "expiry": random.choice((86_400.0, 86_400.0, 120.0, 900.0)),
        "expiry_roomless": random.choice((60.0, 60.0, 5.0)),
        "seen_every": random.choice((2, 2, 1, 8)),
        "seen_delay": random.choice((0.025, 0.025, 0.0, 0.1)),
        "half_open": random.choice((1024, 1024, 16)),
        "devices": random.choice((8, 2)),
        "reassembly": random.choice((16_777_216, 65_536)),
        "chat_rate": random.choice((10.0, 1000.0)),
        "chat_burst": random.choice((100.0, 10.0, 1000.0)),
        "handshake_rate": random.choice((500, 500, 20)),
    }
    chosen["expiry"] = max(chosen["expiry"], 4 * chosen["timeout"])
    return chosen


def _store(random: Random) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if random.random() < 0.4:
        chosen["least"] = random.choice((0.0, 0.001, 0.05))
        chosen["most"] = chosen["least"] + random.choice((0.01, 0.2, 2.0))
        chosen["batch"] = random.choice((None, 1, 5))
    if random.random() < 0.2:
        chosen["entries"] = random.choice((5, 20, 60))
    if random.random() < 0.1:
        chosen["rooms"] = 1
    return chosen


def _hosts(random: Random, until: float) -> tuple[Host, ...]:
    hosts: list[Host] = []
    drifts = random.random() < 0.3
    lags = random.random() < 0.4
    renews = random.random() < 0.4
    for n in range(random.choice((2, 3, 3, 4, 5))):
        second = n > 1 and random.random() < 0.3
        member = random.choice(hosts).member if second else NAMES[n]
        device = 1 + sum(host.member == member for host in hosts)
        if device > 2:
            member, device, second = NAMES[n], 1, False
        hosts.append(
            Host(
                name=f"{member}{device}" if second else NAMES[n],
                member=member,
                device=device,
                born=round(random.uniform(0, until), 3) if random.random() < 0.3 else 0.0,
                rooms=ROOMS if random.random() < 0.3 else ROOMS[:1],
                offset=round(random.uniform(0, 1e6), 3) if drifts else 0.0,
                rate=1 + random.choice((-1, 1)) * random.choice((1e-6, 1e-4, 1e-2)) if drifts else 1.0,
                lag=random.choice((0.0, 0.1, 2.0)) if lags else 0.0,
                renewal=random.choice((60.0, 200.0, 3600.0)) if renews else 3600.0,
            )
        )
    return tuple(hosts)


WORK = {"talk": 12, "join": 1, "part": 1, "nick": 1, "history": 1, "quit": 0.5, "doze": 1, "nap": 1}
FAULTS = {
    "blackout": 1,
    "weather": 2,
    "partition": 1,
    "clog": 1,
    "narrow": 1,
    "move": 2,
    "crash": 2,
    "server_crash": 1,
    "server_pause": 0.5,
    "backup": 0.3,
    "rollback": 0.3,
    "slow_store": 1,
    "store_fails": 0.3,
    "race": 1,
    "replay": 1,
    "forge": 1,
    "flood": 0.7,
    "later": 0.4,
}


def draw(seed: int) -> Schedule:
    """The schedule of a seed."""
    random = Random(f"schedule/{seed}")
    limits = _limits(random)
    awake = random.choice((8.0, 25.0, 70.0)) * max(limits["heartbeat"] / 5, 0.4)
    hosts = _hosts(random, awake / 2)
    faults = {what: rate for what, rate in FAULTS.items() if random.random() < 0.4}
    rates = {**WORK, **faults}
    names = [host.name for host in hosts]
    times = sorted(round(random.uniform(0, awake), 3) for _ in range(random.choice((6, 12, 28))))
    deeds = [_deed(random, at, random.choices([*rates], [*rates.values()])[0], names) for at in times]
    store = _store(random)
    fine: dict[str, Any] | None = None
    for _ in range(random.choice((0, 1, 1, 2))):
        deeds += _scene(random, round(random.uniform(0, awake), 3), names)
    if random.random() < 0.006:
        deeds += _hammer(names)
        fine, awake = {"delay": (0.001, 0.01), "reorder": 0.3, "duplicate": 0.1}, max(awake, 100.0)
        limits |= {"chat_rate": 1000.0, "chat_burst": 1000.0}
        store = {"entries": random.choice((60, 100_000))}
    deeds, awake = _with_nights(random, sorted(deeds, key=lambda deed: deed.at), names, awake)
    core = random.sample(names, random.randint(2, len(names)))
    return Schedule(
        seed=seed,
        hosts=hosts,
        deeds=tuple(deeds),
        calm=round(awake + 1, 3),
        core=tuple(name for name in names if name in core),
        weather=weather(random) if fine is None else fine,
        limits=limits,
        store=store,
        drift=(round(random.uniform(0, 1e6), 3), 1 + random.choice((-1e-4, 1e-4)))
        if random.random() < 0.2
        else (0.0, 1.0),
    )


def _hammer(names: list[str]) -> list[Deed]:
    """So much from one host that its first packets leave the window, and come again there, while another sleeps."""
    return [
        do(5.0, "hammer", names[0], room="lobby", bursts=45, count=60, size=900),
        do(6.0, "edge", names[0], seconds=600.0),
        do(6.0, "nap", names[1], seconds=70.0),
    ]


def _scene(random: Random, at: float, names: list[str]) -> list[Deed]:
    """Things that are rare by themselves, and rarer together."""
    one, two = random.sample(names, 2)
    soon = [
        round(at + each, 3) for each in sorted(random.uniform(0, random.choice((0.3, 2.0, 20.0))) for _ in range(5))
    ]
    paste = do(at, "talk", one, room="lobby", count=30, size=random.choice((0, 0, 300)))
    crash = do(soon[1], "server_crash", down=random.choice((0.0, 0.5, 5.0)), keep=random.choice((0, 1, 3, 1000)))
    slow = do(at, "slow_store", seconds=30.0, least=0.05, most=0.5, batch=random.choice((1, 5, None)))
    back = do(soon[4], "talk", two, room="lobby", count=random.choice((0, 1, 30)), size=0)
    return random.choice(
        (
            [slow, paste, crash, back],
            [paste, crash, do(soon[2], "flood", count=10, cookies=True), back],
            [do(at, "backup"), paste, do(soon[3], "rollback"), back],
            [do(at, "crash", two, down=soon[4] - at), paste],
            [do(at, "move", one, silent=random.random() < 0.5), do(soon[0], "move", one, silent=False), paste],
            [paste, do(soon[0], "history", two, room="lobby", start=0, count=1024), crash],
            [do(at, "store_fails", seconds=5.0, share=0.5), paste, do(soon[2], "nick", two, nick="zoe")],
            [paste, do(soon[0], "quit", one, down=0.5), do(soon[1], "crash", two, down=0.0)],
            [do(round(at + n, 3), "move", one, silent=n % 2 == 0) for n in range(40, 80, 4)],
        )
    )


def _with_nights(random: Random, deeds: list[Deed], names: list[str], awake: float) -> tuple[list[Deed], float]:
    """Put nights in between, in which everybody sleeps."""
    nights = [
        (random.uniform(0, awake), random.choice((0.1, 1.0, 3.0, 9.0))) for _ in range(random.choice((0, 1, 1, 2)))
    ]
    shift, out = 0.0, list[Deed]()
    for begin, hours in [*sorted(nights), (awake, 0.0)]:
        out += [replace(deed, at=round(deed.at + shift, 3)) for deed in deeds if deed.at <= begin]
        deeds = [deed for deed in deeds if deed.at > begin]
        if hours:
            for name in names:
                seconds = hours * HOUR - random.choice((1, 20, 60)) * random.random()
                out.append(do(round(begin + shift, 3), "nap", name, seconds=round(seconds, 3)))
            shift += hours * HOUR
    return out, awake + shift


def _deed(random: Random, at: float, what: str, names: list[str]) -> Deed:  # noqa: C901, PLR0911, PLR0912
    name, some = random.choice(names), round(random.choice((0.3, 2.0, 10.0, 30.0)) * random.uniform(0.5, 1.5), 3)
    way = random.choice(("up", "down"))
    match what:
        case "talk":
            count, size = random.choice(((1, 0), (1, 0), (1, 0), (2, 30), (2, 0), (5, 0), (5, 900), (30, 0)))
            return do(at, what, name, room=random.choice((*ROOMS, "lobby")), count=count, size=size)
        case "join" | "part":
            return do(at, what, name, room=random.choice(ROOMS))
        case "nick":
            return do(at, what, name, nick=random.choice(("zoe", "max", name)))
        case "history":
            return do(at, what, name, room="lobby", start=random.randrange(40), count=random.choice((1, 50, 1024)))
        case "quit" | "crash" | "server_crash":
            down = random.choice((0.0, 0.5, some))
            return do(
                at,
                what,
                *(() if what == "server_crash" else (name,)),
                down=down,
                **({"keep": random.choice((0, 1, 3, 1000))} if what == "server_crash" else {}),
            )
        case "doze" | "nap" | "race":
            return do(at, what, name, seconds=some * random.choice((1, 1, 5)))
        case "blackout":
            return do(at, what, random.choice((name, "")), seconds=some)
        case "weather":
            way = random.choice(("up", "down", "both"))
            return do(at, what, random.choice((name, "")), way=way, seconds=some * 2, conditions=weather(random))
        case "partition" | "clog":
            return do(at, what, name, way=way, seconds=some)
        case "narrow":
            return do(at, what, name, way=way, seconds=some, mtu=random.choice((80, 300, 576, 1000)))
        case "move":
            return do(at, what, name, silent=random.random() < 0.5)
        case "server_pause":
            return do(at, what, seconds=some)
        case "slow_store":
            return do(
                at,
                what,
                seconds=some,
                least=0.1,
                most=random.choice((0.5, 5.0, 60.0)),
                batch=random.choice((1, 5, None)),
            )
        case "store_fails":
            return do(at, what, seconds=some, share=random.choice((0.1, 1.0)))
        case "replay":
            return do(at, what, name, count=random.choice((1, 10, 40)), way=way, elsewhere=random.random() < 0.5)
        case "forge":
            return do(at, what, name, count=random.choice((1, 10)))
        case "flood":
            return do(at, what, count=random.choice((10, 60)), cookies=random.random() < 0.5)
        case _:
            return do(at, what)
