"""What a server allows, each number its operator's choice (SPEC.md 14)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from udpchat_protocol import constants


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server; every table that strangers can fill is bounded by one of them."""

    sessions: int = 10_000
    """Live sessions in all; the oldest UNREACHABLE one goes first, never an ONLINE one."""
    sessions_per_prefix: int = 512
    """Live sessions of one address prefix; who goes first is as for all."""
    half_open: int = constants.HALF_OPEN_MAX
    """Sessions that were offered and not yet used; the oldest goes first."""
    handshake_rate: float = constants.HANDSHAKE_RATE
    """Handshakes a second, shared by address prefix."""
    reset_rate: float = constants.RESET_RATE
    """RESETs a second, shared by address prefix."""
    rooms: int = 10_000
    """Rooms that somebody is in."""
    rooms_per_session: int = 16
    """Rooms that one session is in."""
    devices: int = 8
    """Live sessions of one key; who goes first is as for all."""
    chat_rate: float = 10.0
    """Messages and commands a second that a member may send for long; faster ones are paced, never refused."""
    chat_burst: float = 100.0
    """Messages and commands that a member may send at once before that."""
    reassembly: int = constants.REASSEMBLY_MAX
    """Bytes of uplink entries that may wait out of order, in all."""
    heartbeat: float = constants.HEARTBEAT
    timeout: float = constants.TIMEOUT
    expiry: float = constants.EXPIRY
    expiry_roomless: float = constants.EXPIRY_ROOMLESS
    seen_every: int = constants.SEEN_EVERY
    seen_delay: float = constants.SEEN_DELAY

    def __post_init__(self) -> None:
        """Raise ValueError, naming the limit and its range, for a value that cannot be."""
        for name in Limits.names():
            value: float = getattr(self, name)
            least, greatest = constants.RANGES.get(name.upper(), constants.Range(1, 10**9))
            if not least <= value <= greatest:
                raise ValueError(f"{name} is {value}, but goes from {least} to {greatest}")

    @staticmethod
    def names() -> tuple[str, ...]:
        """The names of all limits, in their order."""
        return tuple(field.name for field in fields(Limits))

    def with_text(self, name: str, text: str) -> Limits:
        """These limits with one given as text. Raises ValueError that says what would be right."""
        if name not in Limits.names():
            raise ValueError(f"there is no limit {name!r}; there are {', '.join(Limits.names())}")
        whole = isinstance(getattr(_DEFAULT, name), int)
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            raise ValueError(f"{name} takes a {'whole ' if whole else ''}number, not {text!r}") from None
        return replace(self, **{name: value})


_DEFAULT = Limits()
