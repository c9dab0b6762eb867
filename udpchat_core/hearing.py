"""How long a session was silent, on a clock that stands still while the server hears nobody (UC-LIVE-4)."""

from __future__ import annotations


class Hearing:
    """One server's clock of silence. It starts at any value and only its differences mean something."""

    __slots__ = ("_counted", "_heard", "_most")

    def __init__(self, most: float) -> None:
        """`most`: a stretch in which nobody was heard does not count if it is of more seconds."""
        self._most = most
        self._counted = 0.0
        self._heard = 0.0

    def heard(self, now: float, several: bool) -> float:
        """Somebody is heard: what the clock shows. `several`: are two or more expected to be heard?"""
        silence = now - self._heard
        if not several or silence <= self._most:
            self._counted += silence
        self._heard = now
        return self._counted

    def at(self, now: float, several: bool) -> float:
        """What the clock shows at `now`."""
        return self._counted + (now - self._heard if self.runs(now, several) else 0.0)

    def runs(self, now: float, several: bool) -> bool:
        """Does it, or does it stand still until somebody is heard?"""
        return not several or now - self._heard <= self._most
