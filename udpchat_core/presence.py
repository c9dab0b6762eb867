"""Who is in a room and who can be reached: the truth that its presence log tells of (SPEC.md 11).

Each verb takes what happened to one device of a member and says whether the room would see a change of it. Nothing
here grows with the number of members but the register itself. It knows no sessions and no logs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from udpchat_protocol.codes import Presence


class State(NamedTuple):
    """A member as a room sees them."""

    presence: Presence
    nick: str


class Attendance:
    """One member in one room: which devices are in it, and which of them can be reached."""

    __slots__ = ("nick", "reachable", "silent")

    def __init__(self, nick: str) -> None:
        self.nick = nick
        self.reachable: tuple[int, ...] = ()
        self.silent: tuple[int, ...] = ()

    @property
    def state(self) -> State:
        """Online while any device is."""
        return State(Presence.ONLINE if self.reachable else Presence.UNREACHABLE, self.nick)

    def __contains__(self, device: int) -> bool:
        return device in self.reachable or device in self.silent

    def add(self, device: int, *, reachable: bool) -> None:
        """A device is in the room, and can be reached or not."""
        self.remove(device)
        if reachable:
            self.reachable += (device,)
        else:
            self.silent += (device,)

    def remove(self, device: int) -> None:
        """A device is in the room no longer."""
        self.reachable = tuple([each for each in self.reachable if each != device])
        self.silent = tuple([each for each in self.silent if each != device])


class Register:
    """Everyone in one room, by fingerprint."""

    __slots__ = ("_members", "online")

    def __init__(self) -> None:
        self._members: dict[bytes, Attendance] = {}
        self.online = 0
        """How many of them can be reached."""

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: bytes) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._members)

    def state(self, member: bytes) -> State | None:
        """The member as the room sees them; None if they are not in it."""
        attendance = self._members.get(member)
        return attendance.state if attendance is not None else None

    def enter(self, member: bytes, device: int, nick: str, *, reachable: bool) -> bool:
        """A device came into the room, or another session of it joined again."""
        attendance = self._members.get(member)
        if attendance is not None:
            return self._reach(attendance, device, reachable=reachable)
        attendance = self._members[member] = Attendance(nick)
        attendance.add(device, reachable=reachable)
        self.online += reachable
        return True

    def reach(self, member: bytes, device: int, *, reachable: bool) -> bool:
        """A device fell silent, or was heard again."""
        attendance = self._members.get(member)
        if attendance is None or device not in attendance:
            return False
        return self._reach(attendance, device, reachable=reachable)

    def leave(self, member: bytes, device: int) -> bool:
        """A device left the room; the member is gone with the last one."""
        attendance = self._members.get(member)
        if attendance is None or device not in attendance:
            return False
        changed = self._reach(attendance, device, reachable=False)
        attendance.remove(device)
        if attendance.reachable or attendance.silent:
            return changed
        del self._members[member]
        return True

    def rename(self, member: bytes, nick: str) -> bool:
        """The member has another nick."""
        attendance = self._members.get(member)
        if attendance is None or attendance.nick == nick:
            return False
        attendance.nick = nick
        return True

    def _reach(self, attendance: Attendance, device: int, *, reachable: bool) -> bool:
        before = bool(attendance.reachable)
        attendance.add(device, reachable=reachable)
        after = bool(attendance.reachable)
        self.online += after - before
        return after is not before
