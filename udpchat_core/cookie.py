"""Cookies: proof that a sender receives at the address it sends from, at no memory (SPEC.md 5.4, UC-GATE-2).

A cookie is `issued u64 ‖ HMAC-SHA256(secret, issued ‖ token ‖ path bytes)[:24]`, 32 bytes, `issued` in
milliseconds of the server's own clock. Who sends it back from the same path under the same token saw it
there.

The secret is replaced when a cookie is asked for, not by a timer, so an idle server does nothing.
"""

from __future__ import annotations

import hmac
import math
import struct
from typing import Final

from udpchat_core.keys import Entropy, same
from udpchat_protocol.constants import COOKIE_LIFE
from udpchat_protocol.limits import COOKIE

__all__ = ["CookieJar"]

_ISSUED: Final = struct.Struct(">Q")
_BOUND: Final = struct.Struct(">QQ")
_SECRET: Final = 32
_MAC: Final = COOKIE - _ISSUED.size


class CookieJar:
    """Makes and checks the cookies of one server.

    `entropy` gives the secrets, `life` is how long a cookie is good for, in seconds. `now` is always in
    seconds on one monotonic clock that is not below 0; `token` is the u64 of the HELLO.
    """

    __slots__ = ("_entropy", "_last", "_life", "_secret", "_since")

    def __init__(self, entropy: Entropy, life: float = COOKIE_LIFE) -> None:
        self._entropy = entropy
        self._life = round(life * 1000)
        self._secret = self._last = b""
        self._since = -math.inf

    def bake(self, token: int, path: bytes, now: float) -> bytes:
        """The cookie, 32 bytes, for this token on the path that has these bytes."""
        issued = _milliseconds(now)
        self._rotate(issued)
        return _ISSUED.pack(issued) + _mac(self._secret, issued, token, path)

    def check(self, cookie: bytes, token: int, path: bytes, now: float) -> bool:
        """Whether `cookie` was made here for this token and this path, at most `life` ago."""
        if len(cookie) != COOKIE:
            return False
        clock = _milliseconds(now)
        self._rotate(clock)
        (issued,) = _ISSUED.unpack_from(cookie)
        if not clock - self._life <= issued <= clock:
            return False
        secret = self._secret if issued >= self._since else self._last
        return same(cookie[_ISSUED.size :], _mac(secret, issued, token, path))

    def expires(self, cookie: bytes) -> float:
        """The last moment, on the clock of `now`, at which this cookie of ours checks."""
        (issued,) = _ISSUED.unpack_from(cookie)
        return (issued + self._life) / 1000

    def _rotate(self, clock: int) -> None:
        if clock - self._since < self._life:
            return
        # What was made under the secret before the last has expired, however long nobody asked.
        self._last = self._secret or self._entropy(_SECRET)
        self._secret = self._entropy(_SECRET)
        self._since = clock


def _milliseconds(seconds: float) -> int:
    return math.floor(seconds * 1000)


def _mac(secret: bytes, issued: int, token: int, path: bytes) -> bytes:
    return hmac.digest(secret, _BOUND.pack(issued, token) + path, "sha256")[:_MAC]
