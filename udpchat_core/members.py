"""Members: keys, the nicks that belong to them, and the devices they are here with (SPEC.md 10)."""

from __future__ import annotations

from .keys import fingerprint
from .limiter import Bucket


class Member:
    """One key. It is known while it has a device here."""

    __slots__ = ("devices", "fingerprint", "key", "nick", "speech")

    def __init__(self, key: bytes, speech: Bucket) -> None:
        self.key = key
        self.fingerprint = fingerprint(key)
        self.nick: str | None = None
        """The nick; empty: none. None: the store was not heard yet."""
        self.devices: dict[int, int] = {}
        """The session of each device."""
        self.speech = speech
        """How often this member may send an uplink entry (UC-LIMIT-1)."""


class Members:
    """Everyone who is here, by fingerprint."""

    __slots__ = ("_members", "_speech")

    def __init__(self, rate: float, burst: float) -> None:
        """Uplink entries a second, and at once, that each member may send."""
        self._members: dict[bytes, Member] = {}
        self._speech = rate, burst

    def __len__(self) -> int:
        return len(self._members)

    def has(self, key: bytes, device: int) -> bool:
        """Is this device of this key here?"""
        member = self._members.get(fingerprint(key))
        return member is not None and member.key == key and device in member.devices

    def admit(self, key: bytes, now: float) -> Member | None:
        """The member with this key; None if another key here has the same fingerprint (UC-MEMB-2)."""
        name = fingerprint(key)
        member = self._members.get(name)
        if member is None:
            member = self._members[name] = Member(key, Bucket(*self._speech, now))
        return member if member.key == key else None

    def leave(self, member: Member, device: int, session: int) -> None:
        """A device's session is over, unless another session took its place."""
        if member.devices.get(device) == session:
            del member.devices[device]
        if not member.devices:
            self._members.pop(member.fingerprint, None)
