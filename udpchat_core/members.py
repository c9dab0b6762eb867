"""Members: keys, the nicks that belong to them, and the devices they are here with (SPEC.md 10)."""

from __future__ import annotations

from .keys import fingerprint
from .limiter import Bucket


class Member:
    """One key. It is known while it has a device here."""

    __slots__ = ("_devices", "fingerprint", "key", "nick", "speech")

    def __init__(self, key: bytes, name: bytes, speech: Bucket) -> None:
        """`name`: its fingerprint."""
        self.key = key
        self.fingerprint = name
        self.nick: str | None = None
        """The nick; empty: none. None: the store was not heard yet."""
        self._devices: tuple[int, ...] = ()  # and after each its session: a dictionary would be four times as large
        self.speech = speech
        """How often this member may send an uplink entry (UC-LIMIT-1)."""

    @property
    def _seats(self) -> dict[int, int]:
        """The session of each device."""
        return dict(zip(self._devices[::2], self._devices[1::2], strict=True))

    @property
    def sessions(self) -> tuple[int, ...]:
        """The sessions of its devices."""
        return self._devices[1::2]

    def session(self, device: int) -> int | None:
        """The session of a device; None: it has none."""
        return self._seats.get(device)

    def seat(self, device: int, session: int | None) -> None:
        """This is its session from now on (None: there is none)."""
        devices = self._seats
        devices.pop(device, None)
        if session is not None:
            devices[device] = session
        self._devices = tuple([number for pair in devices.items() for number in pair])


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
        return member is not None and member.key == key and member.session(device) is not None

    def admit(self, key: bytes, now: float) -> Member | None:
        """The member with this key; None if another key here has the same fingerprint (UC-MEMB-2)."""
        name = fingerprint(key)
        member = self._members.get(name)
        if member is None:
            member = self._members[name] = Member(key, name, Bucket(*self._speech, now))
        return member if member.key == key else None

    def leave(self, member: Member, device: int, session: int) -> None:
        """A device's session is over, unless another session took its place."""
        if member.session(device) == session:
            member.seat(device, None)
        if not member.sessions:
            self._members.pop(member.fingerprint, None)
