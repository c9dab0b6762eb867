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
        self._counted = self.at(now, several)
        self._heard = now
        return self._counted

    def at(self, now: float, several: bool) -> float:
        """What the clock shows at `now`."""
        silence = now - self._heard
        return self._counted + (0.0 if several and silence > self._most else silence)

    def after(self, seconds: float, now: float, several: bool) -> float:
        """When it is worth looking whether the clock has gone on by so much: not often while it stands still."""
        runs_on = not several or seconds <= self._heard + self._most - now
        return now + (seconds if runs_on else max(seconds, self._most))
