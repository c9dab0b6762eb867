"""Who holds the sessions of a server, and who goes first where there are too many (SPEC.md 14).

A session counts three times: among all, among those of its address prefix, among those of its member. Each of these
groups has a limit, and a line of those that fell silent, the longest silent first. The census knows sessions by their
ids alone, looks at no more of them than the one it is asked about, and leaves it to its owner to remember where each
belongs: `prefix` and `member` are always those that it was opened with, or moved to.
"""

from __future__ import annotations

from typing import NamedTuple

from udpchat_protocol.codes import Code

_EVERYBODY = b""


class _Kind(NamedTuple):
    """Groups of one kind, by name."""

    most: int
    """Sessions that each may hold."""
    code: Code
    """Why one more is refused."""
    sizes: dict[bytes, int]
    """How many sessions each holds."""
    lines: dict[bytes, dict[int, None]]
    """Those that are UNREACHABLE, in the order they became so."""


class Census:
    """Counts of live sessions, and the lines of those that are UNREACHABLE."""

    __slots__ = ("_kinds", "online")

    def __init__(self, most: int, most_of_prefix: int, most_of_member: int) -> None:
        """Sessions in all, of an address prefix, and of a member."""
        self._kinds = (
            _Kind(most, Code.FULL, {}, {}),
            _Kind(most_of_prefix, Code.FULL, {}, {}),
            _Kind(most_of_member, Code.LIMIT, {}, {}),
        )
        self.online = 0
        """Sessions that are not UNREACHABLE."""

    def __len__(self) -> int:
        return self._kinds[0].sizes.get(_EVERYBODY, 0)

    @property
    def groups(self) -> int:
        """Groups that are remembered: those that hold a session."""
        return sum(len(kind.sizes) for kind in self._kinds)

    def refusal(self, prefix: bytes, member: bytes) -> Code | None:
        """Why one more session of these may not open: the ONLINE ones alone reach a limit (UC-LIMIT-4)."""
        for kind, name in zip(self._kinds, (_EVERYBODY, prefix, member), strict=True):
            if kind.sizes.get(name, 0) - len(kind.lines.get(name, ())) >= kind.most:
                return kind.code
        return None

    def next_to_go(self, prefix: bytes, member: bytes) -> tuple[int, Code] | None:
        """The session that has to go before one of these opens, and why; None: there is room (UC-LIMIT-3)."""
        for kind, name in zip(reversed(self._kinds), (member, prefix, _EVERYBODY), strict=True):
            if kind.sizes.get(name, 0) >= kind.most and name in kind.lines:
                return next(iter(kind.lines[name])), kind.code
        return None

    def opened(self, prefix: bytes, member: bytes) -> None:
        """A session is live, and ONLINE."""
        self.online += 1
        for kind, name in zip(self._kinds, (_EVERYBODY, prefix, member), strict=True):
            kind.sizes[name] = kind.sizes.get(name, 0) + 1

    def closed(self, session: int, prefix: bytes, member: bytes) -> None:
        """A session is over."""
        self.reachable(session, prefix, member)
        self.online -= 1
        for kind, name in zip(self._kinds, (_EVERYBODY, prefix, member), strict=True):
            kind.sizes[name] -= 1
            if not kind.sizes[name]:
                del kind.sizes[name]

    def unreachable(self, session: int, prefix: bytes, member: bytes) -> None:
        """A session fell silent: it is the last in its lines."""
        if not self._silent(session):
            self.online -= 1
            for kind, name in zip(self._kinds, (_EVERYBODY, prefix, member), strict=True):
                kind.lines.setdefault(name, {})[session] = None

    def reachable(self, session: int, prefix: bytes, member: bytes) -> None:
        """A session was heard again."""
        if self._silent(session):
            self.online += 1
            for kind, name in zip(self._kinds, (_EVERYBODY, prefix, member), strict=True):
                del kind.lines[name][session]
                if not kind.lines[name]:
                    del kind.lines[name]

    def moved(self, session: int, prefix: bytes, member: bytes, to: bytes) -> None:
        """A session was heard on a path of the prefix `to`; it stays, whatever the limit there (UC-LIMIT-5)."""
        if to != prefix:
            self.closed(session, prefix, member)
            self.opened(to, member)

    def _silent(self, session: int) -> bool:
        return session in self._kinds[0].lines.get(_EVERYBODY, ())
