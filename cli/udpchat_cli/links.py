"""Where a server is: `HOST`, `HOST:PORT`, or a join link (SPEC.md, appendix A).

    udpchat://HOST:PORT/ROOM?key=KEY#SECRET

KEY is the server's public key and SECRET what a closed server asks for, both in base64url without padding.
ROOM is percent-encoded, an IPv6 HOST stands in brackets. All but HOST may be missing, but there is no SECRET
without KEY. The secret is in the fragment, which programs are used to leave out of logs.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from udpchat_core.state import Pin
from udpchat_core.text import is_name
from udpchat_protocol.limits import KEY, ROOM_MAX

PORT = 9999
"""Where a server listens unless it is told otherwise."""

PLAIN_PORT = 9998
"""Where a server listens for plaintext unless it is told otherwise."""

SECRET = 16
"""Bytes of a closed server's secret."""

_SCHEME = "udpchat://"
_HOST = re.compile(r"[^\s/?#@\[\]:%\\]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\w.-]+)?")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class LinkError(ValueError):
    """What was given is no server; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A server, and perhaps a room. `key`: 32 bytes. `secret`: 16 bytes."""

    host: str
    port: int = PORT
    room: str | None = None
    key: bytes | None = None
    secret: bytes | None = None

    @property
    def address(self) -> str:
        """HOST:PORT, as people write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def pin(self) -> Pin | None:
        """What whoever gave the link says of the server, if it says anything."""
        return None if self.key is None else Pin(self.key, self.secret)

    def __str__(self) -> str:
        """The join link."""
        room = "" if self.room is None else "/" + quote(self.room, safe="")
        key = "" if self.key is None else "?key=" + encoded(self.key)
        secret = "" if self.secret is None else "#" + encoded(self.secret)
        return _SCHEME + self.address.replace("%", "%25") + room + key + secret


def parse_link(text: str) -> Link:
    """A join link, or HOST[:PORT]. Raises `LinkError`."""
    if not text.lower().startswith(_SCHEME):
        if "://" in text:
            raise LinkError(f"{text!r} is no join link: those begin with {_SCHEME}")
        return Link(*parse_address(text))
    rest, has_secret, fragment = text[len(_SCHEME) :].partition("#")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    host, port = parse_address(authority.replace("%25", "%"))
    key, secret = _key(query), decoded(fragment, SECRET, "secret") if has_secret else None
    if secret is not None and key is None:
        # UC-SHAKE-4: the secret would go to whatever key somebody shows.
        raise LinkError("the link has a secret but no key: it is not whole")
    return Link(host, port, _room(path), key, secret)


def parse_address(text: str, default: int = PORT) -> tuple[str, int]:
    """HOST, HOST:PORT, [IPV6]:PORT or IPV6; the port is `default` if there is none. Raises `LinkError`."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed:
        host, port = bracketed[1], bracketed[2]
    elif text.count(":") == 1:
        host, port = text.split(":")
    else:
        host, port = text, None
    if not host:
        raise LinkError(f"{text!r} names no host")
    if not _HOST.fullmatch(host) or not is_name(host) or (bracketed and ":" not in host):
        raise LinkError(f"{host!r} cannot be a host")
    return host.lower(), default if port is None else _port(port)


def encoded(data: bytes) -> str:
    """In base64url without padding, as keys and secrets are written everywhere."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str, length: int, what: str) -> bytes:
    """The `length` bytes of `what`. Raises `LinkError`."""
    if not _BASE64URL.fullmatch(text):
        raise LinkError(f"the {what} of a link is written with letters, digits, '-' and '_' only")
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if len(data) != length or encoded(data) != text:
        raise LinkError(f"the {what} of the link is damaged: {length} bytes have another form in base64url")
    return data


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 <= int(text[:6]) <= 65535):
        raise LinkError(f"{text!r} is no port: those go from 0 to 65535")
    return int(text)


def _room(path: str) -> str | None:
    if not path:
        return None
    try:
        room = unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise LinkError(f"the room {path!r} of the link is not UTF-8") from None
    if "/" in path or not is_name(room) or len(room.encode()) > ROOM_MAX:
        raise LinkError(f"{room!r}, after the host in the link, cannot be a room's name")
    return room


def _key(query: str) -> bytes | None:
    keys = [value for name, value in parse_qsl(query, keep_blank_values=True) if name == "key"]
    if len(keys) > 1:
        raise LinkError("the link has more than one key")
    return decoded(keys[0], KEY, "key") if keys else None
