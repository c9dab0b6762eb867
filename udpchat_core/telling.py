"""What the readers of a presence log know, and what they are to be told next (SPEC.md 11).

A room is small or large. In a small one everybody is listed, in a large one those who spoke last, and the others are
only counted. A member who changed is noted; `news` compares each noted one with what was told before, so that what
went and came meanwhile gives nothing. What was told is the roster: it is always true at the head of the log. When to
tell is the room's business.
"""

from __future__ import annotations

from udpchat_protocol.codes import Code, Presence, RosterFlag
from udpchat_protocol.constants import LARGE_ROOM, ROSTER_CHUNK, SMALL_ROOM, SPEAKER_LIFE
from udpchat_protocol.entries import Count, Gone, Member, Online, Renamed, Roster, Unreachable

from .presence import Register, State

Entries = list[tuple[int, bytes]]


class Telling:
    """One room as its readers know it."""

    __slots__ = ("_changed", "_counted", "_items", "_listed", "_register", "_roster", "_speakers", "large", "turns")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._listed: dict[bytes, State] = {}
        """Who is listed, as it was told."""
        self._items: dict[bytes, bytes] = {}
        """The same, encoded for ROSTER."""
        self._roster: tuple[int, list[bytes]] | None = None
        """The bodies of the roster, and the offset that they are for."""
        self._changed: dict[bytes, tuple[Code, str]] = {}
        """Who may have changed since the last news, and why they went, if they did."""
        self._speakers: dict[bytes, float] = {}
        """Who said something within SPEAKER_LIFE, and when, in the order of that; at most LARGE_ROOM."""
        self._counted: tuple[int, int] | None = None
        """The last COUNT; None: there are readers who had none since their roster."""
        self.large = False
        self.turns = 0
        """How often the room became large or small: a roster from before is void."""

    def note(self, member: bytes, code: Code = Code.NONE, reason: str = "") -> None:
        """Something about a member changed; the code and reason are told if they are gone."""
        if not self.large or member in self._listed or member in self._speakers:
            self._changed[member] = code, reason

    # -- speakers ---------------------------------------------------------------------------------------------

    def spoke(self, member: bytes, now: float) -> bool:
        """A member said something; True if that changes who is to be listed."""
        if member not in self._register:
            return False
        known = self._speakers.pop(member, None) is not None
        self._speakers[member] = now
        if len(self._speakers) > LARGE_ROOM:
            self._forget(next(iter(self._speakers)))
        if not self.large or known:
            return False
        self._changed.setdefault(member, (Code.NONE, ""))
        return True

    @property
    def oldest(self) -> float | None:
        """When who spoke longest ago did; None: nobody did."""
        return next(iter(self._speakers.values()), None)

    def forget(self, now: float) -> bool:
        """Forget who said nothing for SPEAKER_LIFE; True if that is anybody."""
        any_gone = False
        while (oldest := self.oldest) is not None and oldest + SPEAKER_LIFE <= now:
            self._forget(next(iter(self._speakers)))
            any_gone = True
        return any_gone

    def _forget(self, member: bytes) -> None:
        del self._speakers[member]
        self._changed.setdefault(member, (Code.NONE, ""))

    # -- what is told -----------------------------------------------------------------------------------------

    def turn(self, now: float) -> bool:
        """See whether the room has become large or small; True if so: whoever reads needs another roster."""
        members = len(self._register)
        if self.large is (members >= SMALL_ROOM if self.large else members > LARGE_ROOM):
            return False
        self.large = not self.large
        self.turns += 1
        self.forget(now)
        self._speakers = {member: when for member, when in self._speakers.items() if member in self._register}
        self._changed.clear()
        self._listed.clear()
        self._items.clear()
        self._roster = None
        for member in self._speakers if self.large else self._register:
            state = self._register.state(member)
            if state is not None:
                self._list(member, state)
        return True

    def news(self) -> Entries:
        """What changed since the last news, as entries; COUNT first, so that readers know a large room for one."""
        entries: Entries = []
        numbers = self._register.online, len(self._register)
        if self.large and numbers != self._counted:
            self._counted = numbers
            entries.append((Count.KIND, Count.pack(*numbers)))
        for member, (code, reason) in self._changed.items():
            entries += self._told(member, code, reason)
        self._changed.clear()
        return entries

    def roster(self, channel: int, offset: int) -> list[bytes]:
        """The bodies of ROSTER for a reader who begins at the head, `offset`; COUNT is told again after it."""
        self._counted = None
        if self._roster is None or self._roster[0] != offset:
            items = list(self._items.values())
            chunks = [items[at : at + ROSTER_CHUNK] for at in range(0, max(len(items), 1), ROSTER_CHUNK)]
            flags = [RosterFlag.LARGE if self.large else RosterFlag(0)] * len(chunks)
            flags[0] |= RosterFlag.FIRST
            flags[-1] |= RosterFlag.LAST
            bodies = [_body(channel, offset, flag, chunk) for flag, chunk in zip(flags, chunks, strict=True)]
            self._roster = offset, bodies
        return self._roster[1]

    def _told(self, member: bytes, code: Code, reason: str) -> Entries:
        """What tells of one member, who is then listed so."""
        before, after = self._listed.get(member), self._register.state(member)
        if after is None:
            self._speakers.pop(member, None)
        elif self.large and member not in self._speakers:
            after, code, reason = None, Code.COUNTED, ""
        if before == after:
            return []
        if after is None:
            del self._listed[member], self._items[member]
            return [(Gone.KIND, Gone.pack(member, code, reason))]
        self._list(member, after)
        if before is None:
            before = State(Presence.ONLINE, after.nick)
            entries = [(Online.KIND, Online.pack(member, after.nick))]
        else:
            entries = [(Renamed.KIND, Renamed.pack(member, after.nick))] if after.nick != before.nick else []
        if after.presence is not before.presence:
            online = after.presence is Presence.ONLINE
            body = Online.pack(member, after.nick) if online else Unreachable.pack(member)
            entries.append((Online.KIND if online else Unreachable.KIND, body))
        return entries

    def _list(self, member: bytes, state: State) -> None:
        self._listed[member] = state
        self._items[member] = Member(member=member, presence=state.presence, nick=state.nick).build()


def _body(channel: int, offset: int, flags: int, items: list[bytes]) -> bytes:
    """A ROSTER whose members are encoded already: its last field is their number (u8), then they."""
    return Roster.pack(channel, offset, int(flags), ())[:-1] + bytes((len(items),)) + b"".join(items)
