"""Who is in a room and who can be reached: the truth behind its presence log (SPEC.md 11).

Each verb takes what happened to one device of a member and returns the entries, (kind, body), that tell the room:
nothing, if the room would not see a change. It knows no sessions and no logs.
"""

from __future__ import annotations

from collections.abc import Iterator

from udpchat_protocol.codes import Code, Presence
from udpchat_protocol.entries import Gone, Member, Online, Renamed, Unreachable

Entries = list[tuple[int, bytes]]


class Attendance:
    """One member in one room: which devices are in it, and which of them can be reached."""

    __slots__ = ("devices", "nick")

    def __init__(self, nick: str) -> None:
        self.nick = nick
        self.devices: dict[int, bool] = {}

    @property
    def presence(self) -> Presence:
        """Online while any device is."""
        return Presence.ONLINE if any(self.devices.values()) else Presence.UNREACHABLE


class Register:
    """Everyone in one room, by fingerprint."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: dict[bytes, Attendance] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: bytes) -> bool:
        return member in self._members

    def roster(self) -> Iterator[Member]:
        """Everyone, as ROSTER tells it."""
        for member, attendance in self._members.items():
            yield Member(member=member, presence=attendance.presence, nick=attendance.nick)

    def enter(self, member: bytes, device: int, nick: str) -> Entries:
        """A device came into the room, or is in it and was heard again."""
        attendance = self._members.get(member)
        if attendance is None:
            attendance = self._members[member] = Attendance(nick)
            attendance.devices[device] = True
            return [(Online.KIND, Online.pack(member, nick))]
        return self._reach(member, attendance, device, reachable=True)

    def reach(self, member: bytes, device: int, *, reachable: bool) -> Entries:
        """A device fell silent, or was heard again."""
        attendance = self._members.get(member)
        if attendance is None or device not in attendance.devices:
            return []
        return self._reach(member, attendance, device, reachable=reachable)

    def leave(self, member: bytes, device: int, code: Code, reason: str = "") -> Entries:
        """A device left the room; the member is gone with the last one."""
        attendance = self._members.get(member)
        if attendance is None or device not in attendance.devices:
            return []
        before = attendance.presence
        del attendance.devices[device]
        if not attendance.devices:
            del self._members[member]
            return [(Gone.KIND, Gone.pack(member, code, reason))]
        return _changed(member, before, attendance)

    def rename(self, member: bytes, nick: str) -> Entries:
        """The member has another nick."""
        attendance = self._members.get(member)
        if attendance is None or attendance.nick == nick:
            return []
        attendance.nick = nick
        return [(Renamed.KIND, Renamed.pack(member, nick))]

    def _reach(self, member: bytes, attendance: Attendance, device: int, *, reachable: bool) -> Entries:
        before = attendance.presence
        attendance.devices[device] = reachable
        return _changed(member, before, attendance)


def _changed(member: bytes, before: Presence, attendance: Attendance) -> Entries:
    if attendance.presence == before:
        return []
    if attendance.presence == Presence.ONLINE:
        return [(Online.KIND, Online.pack(member, attendance.nick))]
    return [(Unreachable.KIND, Unreachable.pack(member))]
