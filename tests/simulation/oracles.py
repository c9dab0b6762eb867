"""What must be true of every run, whatever the network does: each with its name and the rules of SPEC.md behind it.

`Oracles` watches the wire, the disk and what applications took, without any key: everything that it knows was seen
from outside. `Wrong` is raised by the first that is broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from simulation.disk import Disk, Stored
from udpchat_core.effects import SaveState
from udpchat_core.events import (
    Attendee,
    ChatReceived,
    ClientEvent,
    Command,
    CommandFailed,
    JoinedRoom,
    MemberChanged,
    PartedRoom,
    RosterReceived,
    Sent,
    ServerEvent,
    SessionClosed,
    SessionOpened,
    SessionReachable,
    Skipped,
    Unreadable,
)
from udpchat_core.limits import Limits
from udpchat_core.path import Path
from udpchat_core.server import Server
from udpchat_core.state import OutboxRemoved
from udpchat_protocol.codes import Resume
from udpchat_protocol.constants import FAREWELLS_MAX, PATH_SIZE, REPLAY_WINDOW
from udpchat_protocol.limits import MAX_DATAGRAM
from udpchat_protocol.packets import Sealed

if TYPE_CHECKING:
    from simulation.life import Life

ORACLES = {
    "one order": ("UC-LOG-2", "UC-LOG-9", "UC-ROOM-4", "UC-SKIP-2"),
    "nothing acknowledged is lost": ("UC-SESS-5", "UC-LOG-6", "UC-LOG-9"),
    "nothing twice": ("UC-ROOM-7", "UC-LOG-2", "UC-ROOM-9"),
    "nobody speaks for another": ("UC-ROOM-7", "UC-MEMB-1", "UC-SEAL-1"),
    "no nonce twice": ("UC-SEAL-2", "UC-NOISE-5"),
    "what is owed to an address": ("UC-PATH-3", "UC-GATE-1", "UC-GATE-7", "UC-WIRE-5"),
    "tables are bounded": ("UC-RECV-1", "UC-GATE-4", "UC-LIMIT-3", "UC-LIMIT-7", "UC-REPAIR-12"),
    "nobody spins": ("UC-LIVE-1", "UC-REPAIR-5", "UC-SHAKE-5"),
    "presence is true": ("UC-LIVE-3", "UC-LIVE-4", "UC-PRES-1", "UC-PRES-2", "UC-PRES-3"),
    "what a message costs": ("UC-REPAIR-4", "UC-REPAIR-5", "UC-REPAIR-9", "UC-LOG-8", "UC-SHAKE-5"),
    "all converges": ("UC-REPAIR-2", "UC-LIVE-1", "UC-SESS-3", "UC-SESS-10", "UC-SHAKE-5", "UC-PRES-3", "UC-PATH-5"),
    "an idle session remembers nothing": ("UC-REPAIR-1", "UC-REPAIR-12"),
    "nothing is raised": ("UC-RECV-1",),
    "the same again": (),
}
"""By name: the requirements that are suspected when it is broken. The last two are no oracle, but failures too."""

PROBES = 1300
"""Bytes a second that may be sent to somebody who fell silent, until `timeout` (UC-REPAIR-5)."""
AWAKE, MESSAGE = 400, 6
"""Bytes that may be sent for each second of a host that is awake, and for each byte of a message with its ENTRY,
each time it is stored or taken; about twice what the worst of a thousand seeds needed."""

BEATS = 16
"""Heartbeats that a client repeats on a path until `timeout`, each of PATH_SIZE (UC-LIVE-1, UC-PATH-10)."""

SLACK = 0.01
"""Seconds that clocks and rounding may take."""


class Wrong(Exception):  # noqa: N818 - it is not the program that errs
    """An oracle is broken."""

    def __init__(self, oracle: str, text: str) -> None:
        super().__init__(oracle, text)
        self.oracle = oracle
        self.text = text

    def __str__(self) -> str:
        return f"{self.oracle}: {self.text} ({', '.join(ORACLES[self.oracle])})"


def check(oracle: str, what: object, text: str | Callable[[], str]) -> None:
    """Raise Wrong unless it holds."""
    if not what:
        raise Wrong(oracle, text if isinstance(text, str) else text())


@dataclass(slots=True)
class Allowance:
    """Bytes that may go to an address that proved nothing."""

    allowed: int = 0
    got: int = 0


class Oracles:
    """All of them, and what they need to know."""

    def __init__(self, limits: Limits, disk: Disk) -> None:
        self.limits = limits
        self.disk = disk
        self.said: dict[tuple[bytes, int], tuple[str, str]] = {}
        """(room, text) by author and id."""
        self.written: dict[tuple[str, int], set[tuple[bytes, int, str]]] = defaultdict(set)
        """Who said what at a place of a room: one thing, unless the disk was rolled back."""
        self.owed: dict[Path, Allowance] = {}
        """Paths of attackers."""
        self.octets = 0
        """Bytes of sealed packets."""
        self.delivered = 0
        """Bytes of messages that were stored or taken, with their ENTRY around."""
        self.awake = 0.0
        """Seconds that hosts were awake, all together."""
        self.cost = 0.0
        """Share of the bytes that may have been sent that were."""
        self.rolled_back = 0
        self._last: dict[tuple[str, bytes], tuple[int, bytes]] = {}
        """Number and bytes of the newest packet, each way of each session."""
        self._under_way: dict[bytes, dict[int, bytes]] = defaultdict(dict)
        self._largest: dict[bytes, int] = {}
        self._heard: dict[bytes, float] = {}
        self._stretch = max(self.limits.timeout / 2, 1.5 * self.limits.heartbeat)
        """Seconds that nobody may be heard for if they are to count (UC-LIVE-4)."""
        self._live: set[bytes] = set()
        """Sessions that the server opened, and did not close or forget: what comes of others it does not hear."""
        self._anybody = -inf
        self._deaf_until = -inf
        self._places: dict[tuple[int, str, int, bytes, int], int] = {}
        self._removed: dict[tuple[bytes, int], float] = {}
        self._seen = 0
        self._turns = 0
        self._since = -inf
        self._traffic = self._traffic_then = 0

    # -- the wire ----------------------------------------------------------------------------------------------------

    def sent(self, way: str, data: bytes, path: Path) -> None:
        """A datagram leaves a host."""
        self._traffic += 1
        check("what a message costs", len(data) <= MAX_DATAGRAM, "a datagram is too long (UC-WIRE-4)")
        if way == "down" and path in self.owed:
            owed = self.owed[path]
            owed.got += len(data)
            check("what is owed to an address", owed.got <= owed.allowed, lambda: f"{path} got {owed}")
        if data[0] != Sealed.TYPE:
            return
        self.octets += len(data)
        number, session = int.from_bytes(data[2:8], "big"), data[8:16]
        last, datagram = self._last.get((way, session), (-1, b""))
        fresh = number > last or data == datagram  # the last one of a session may be sent again (UC-SESS-11)
        check("no nonce twice", fresh, lambda: f"{way} {session.hex()} {number} after {last}")
        self._last[way, session] = number, data
        if way == "up":
            self._under_way[session][number] = data

    def arrived(self, way: str, data: bytes, now: float) -> None:
        """A datagram comes to the server; `now` is what its clock shows."""
        self._traffic += 1
        if way == "down" or not data or data[0] != Sealed.TYPE or len(data) < 32:
            return
        number, session = int.from_bytes(data[2:8], "big"), data[8:16]
        sent = self._under_way.get(session)
        if sent is None or sent.get(number) != data or number <= self._largest.get(session, -1) - REPLAY_WINDOW:
            return
        del sent[number]
        self._largest[session] = max(number, self._largest.get(session, -1))
        if session in self._live:
            self._hear(session, now)

    def _hear(self, session: bytes, now: float) -> None:
        if now > self._anybody + self._stretch:
            self._deaf_until = now
        self._heard[session] = self._anybody = now

    def server_forgot(self) -> None:
        """The server died."""
        self._heard.clear()
        self._live.clear()
        self._anybody = -inf

    def price(self, loss: float, silences: int, moves: int) -> None:
        """At the end: were more bytes sent than deliveries, `loss` at its worst, silences and moves account for?"""
        probes = PROBES * self.limits.timeout * silences + PATH_SIZE * BEATS * moves
        allowed = probes + AWAKE * self.awake + MESSAGE * (self.delivered + 2000) / (1 - loss) ** 2
        self.cost = self.octets / allowed
        check("what a message costs", self.cost <= 1, lambda: f"{self.octets} bytes, and {allowed:.0f} are enough")

    # -- the disk ----------------------------------------------------------------------------------------------------

    def look_at_disk(self) -> None:
        """See what was stored since the last time."""
        new = self.disk.stored[self._seen :]
        self._seen += len(new)
        for each in new:
            self._stored(each)

    def _stored(self, each: Stored) -> None:
        chat = each.chat
        said = self.said.get((chat.author, chat.id))
        check("nobody speaks for another", said == (each.room, chat.text), lambda: f"{each} but said was {said}")
        identity = self.rolled_back, each.room, each.log, chat.author, chat.id
        first = self._places.setdefault(identity, each.offset)
        check("nothing twice", first == each.offset, lambda: f"{chat.text!r} stands at {first} and {each.offset}")
        self.written[each.room, each.offset].add((chat.author, chat.id, chat.text))
        self.delivered += len(chat.text) + 80

    # -- clients -----------------------------------------------------------------------------------------------------

    def saved(self, life: Life, request: SaveState) -> None:
        """A client has something to save: what it takes as acknowledged must be on the disk."""
        removed = [change.id for change in request.changes if isinstance(change, OutboxRemoved)]
        if removed:
            self.look_at_disk()
            life.gone_from_outbox += removed

    def judge(self, life: Life) -> None:
        """What a client told its application in one life, from beginning to end."""
        self.look_at_disk()
        self._acknowledged(life)
        self._order(life)
        _roster_changes(life)

    def _acknowledged(self, life: Life) -> None:
        refused = {
            event.id for event in life.events if isinstance(event, CommandFailed) and event.command is Command.SAY
        }
        stored = {(chat.author, chat.id) for chat in (each.chat for each in self.disk.stored)}
        for message in life.gone_from_outbox:
            if message not in refused and not life.left_unread:
                known = (life.fingerprint, message) in stored
                text = self.said.get((life.fingerprint, message))
                check("nothing acknowledged is lost", known, lambda text=text: f"{life.name}'s {text} is not stored")

    def _order(self, life: Life) -> None:
        places = {room: place.offset for room, place in life.began.rooms.items() if place is not None}
        for event in life.events:
            _follow(life, places, event)
            if isinstance(event, ChatReceived):
                written = self.written[event.room, event.offset]
                check(
                    "one order",
                    (event.author, event.id, event.text) in written,
                    lambda event=event, written=written: f"{life.name} read {event}, and written was {written}",
                )
                self.delivered += len(event.text) + 80
            elif isinstance(event, Sent):
                mine = life.fingerprint, event.id, self.said[life.fingerprint, event.id][1]
                check(
                    "one order",
                    mine in self.written[event.room, event.offset],
                    lambda event=event: f"{life.name}: {event}",
                )

    # -- the server --------------------------------------------------------------------------------------------------

    def server_event(self, event: ServerEvent, now: float) -> None:
        """The server told something; `now` is what its clock shows."""
        if isinstance(event, SessionOpened):
            self._live.add(event.session.to_bytes(8, "big"))
            self._hear(event.session.to_bytes(8, "big"), now)
        if isinstance(event, SessionClosed):
            self._live.discard(event.session.to_bytes(8, "big"))
        if isinstance(event, SessionReachable) and not event.reachable:
            heard = self._heard.get(event.session.to_bytes(8, "big"), -inf)
            check(
                "presence is true",
                now - heard >= self.limits.timeout - SLACK,
                lambda: f"{event} at {now:.3f}, and it was heard at {heard:.3f}",
            )

    def look_at_server(self, server: Server, now: float, turns: int, hosts: int, t: float) -> None:
        """Tables, silence, spinning."""
        limits, tables = self.limits, server.tables
        bounds = {
            "sessions": limits.sessions,
            "half_open": limits.half_open,
            "farewells": FAREWELLS_MAX,
            "members": tables["sessions"],
            "rooms": limits.rooms,
            "readers": 4 * limits.rooms_per_session * max(tables["sessions"], 1),
            "reassembly": limits.reassembly,
        }
        for name, bound in bounds.items():
            check("tables are bounded", 0 <= tables[name] <= bound, lambda name=name: f"{name}: {tables}")
        expected = sum(guest.reachable for guest in server.live)
        deaf = now > self._anybody + self._stretch
        for guest in server.live:
            heard = self._heard.get(guest.session.to_bytes(8, "big"), -inf)
            late = heard > -inf and now - heard > 1.5 * limits.timeout + SLACK
            if late and guest.reachable and not deaf and self._deaf_until <= heard and expected > 1:
                raise Wrong("presence is true", f"{guest} at {now:.3f} was last heard at {heard:.3f}")
        most = (
            200 + 60 * hosts * (t - self._since if self._since > -inf else t) + 3 * (self._traffic - self._traffic_then)
        )
        check("nobody spins", turns - self._turns <= most, lambda: f"{turns - self._turns} turns, at most {most:.0f}")
        self._turns, self._since, self._traffic_then = turns, t, self._traffic


def _follow(life: Life, places: dict[str, int], event: ClientEvent) -> None:
    """News come in the order of their offsets, each once, from where the reading began."""
    match event:
        case JoinedRoom(room=room, start=start, resume=resume):
            if resume is Resume.RESUMED and room in places:
                check("one order", places[room] == start, f"{life.name} resumes {room} at {start}, not {places[room]}")
            places[room] = start
        case ChatReceived(room=room, past=False) | Unreadable(room=room):
            at = places.get(room)
            check("one order", event.offset == at, f"{life.name} was to read {room} {at}, and got {event}")
            places[room] = event.offset + 1
        case Skipped(room=room, first=first):
            check("one order", first > places.get(room, -1), f"{life.name}: {event} at {places.get(room)}")
            places[room] = first
        case PartedRoom(room=room):
            places.pop(room, None)
        case _:
            pass


def _roster_changes(life: Life) -> None:
    """No change is told that is none (UC-PRES-2)."""
    rosters: dict[str, dict[bytes, Attendee]] = {}
    for event in life.events:
        if isinstance(event, RosterReceived):
            rosters[event.room] = {each.member: each for each in event.attendees}
        elif isinstance(event, PartedRoom):
            rosters.pop(event.room, None)
        elif isinstance(event, MemberChanged):
            roster = rosters.get(event.room)
            check("presence is true", roster is not None, f"{life.name}: {event} without a roster")
            if roster is None:
                continue
            known = roster.get(event.member)
            if event.presence is None:
                check("presence is true", known is not None, f"{life.name}: {event}, who was not there")
                del roster[event.member]
            else:
                now = Attendee(event.member, event.nick, event.presence)
                check("presence is true", known != now, f"{life.name}: {event} is no change")
                roster[event.member] = now
