"""What one session says to prove paths, its own and its peer's (SPEC.md 12)."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from udpchat_protocol.constants import PATH_REPEAT
from udpchat_protocol.frames import Challenge, Response
from udpchat_protocol.limits import HEADER, MAX_PLAINTEXT, TAG

from .keys import Entropy, same
from .path import Candidate, Path

_RESPONSES = 4
"""Answers that wait, at most: of more questions the newest are answered."""


class Proving:
    """The questions about one new path of the peer, and the answers to the peer's questions."""

    __slots__ = ("_responses", "candidate")

    def __init__(self) -> None:
        self.candidate: Candidate | None = None
        """The path that the peer may have moved to."""
        self._responses: list[tuple[bytes, Path]] = []

    @property
    def due(self) -> float:
        """When there is something to send."""
        return self.candidate.due if self.candidate is not None else inf

    @property
    def done(self) -> bool:
        """Is there nothing that waits for anything?"""
        return self.candidate is None and not self._responses

    def came_on(self, path: Path, size: int, now: float, newest: Entropy | None, used: Path) -> None:
        """A valid packet of `size` bytes came on `path` (UC-PATH-2), while `used` is in use.

        `newest`: it has the largest number of all, and this gives the bytes of a CHALLENGE.
        """
        candidate = self.candidate
        if newest is not None and path == used:
            self.candidate = None
        elif newest is not None and (candidate is None or candidate.path != path):
            candidate = self.candidate = Candidate(path, newest(8), now)
        if candidate is not None and candidate.path == path:
            candidate.heard(size, now)

    def asked(self, data: bytes, path: Path) -> None:
        """CHALLENGE came on `path`."""
        self._responses = [*self._responses[1 - _RESPONSES :], (data, path)]

    def answered(self, data: bytes, path: Path) -> Candidate | None:
        """RESPONSE came on `path`; what it proves (UC-PATH-5)."""
        candidate = self.candidate
        return candidate if candidate is not None and candidate.path == path and same(candidate.data, data) else None

    def packets(
        self, now: float, pto: float, free: Path | None, copies: Callable[[int], bytes]
    ) -> list[tuple[bytes, Path]]:
        """What is to be sent now: plaintexts and their paths, as far as each path has paid for it (UC-PATH-3).

        `free`: the path that is in use, on which anything may leave; None: all are such. `copies`: the entries that
        go along with CHALLENGE, in at most so many bytes (UC-PATH-9).
        """
        responses, self._responses = self._responses, []
        answers = [(Response.pack_frame(data), path) for data, path in responses]
        packets = [each for each in answers if free in (None, each[1]) or self._pays(*each)]
        candidate = self.candidate
        if candidate is not None and candidate.due <= now:
            question = Challenge.pack_frame(candidate.data)
            if self._pays(question, candidate.path):
                candidate.asked(now, min(pto, PATH_REPEAT))
                entries = copies(min(candidate.room, MAX_PLAINTEXT - len(question)))
                candidate.copied(len(entries))
                packets.append((question + entries, candidate.path))
            else:
                candidate.due = inf
        return packets

    def _pays(self, frame: bytes, path: Path) -> bool:
        candidate = self.candidate
        return candidate is not None and candidate.path == path and candidate.spend(HEADER + len(frame) + TAG)
