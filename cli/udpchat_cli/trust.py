"""Whom a client trusts: what was pinned before, what the person was given, and what they consent to.

Rules without I/O. A pin is what an earlier handshake proved; a link's key is what somebody handed to the
person; a key that a server merely shows is nobody's word.
"""

from __future__ import annotations

from typing import NamedTuple

from udpchat_core.events import KeyDiffers, ServerOffered
from udpchat_core.keys import fingerprint
from udpchat_core.state import Pin

from .exits import CommandError, Exit
from .links import Link
from .words import changed_key, secret_missing, unknown_key


class Trust(NamedTuple):
    """What a client begins with: what it has pinned, and what the person confirms if nothing is pinned."""

    pin: Pin | None
    confirmed: Pin | None


def begin(pin: Pin | None, link: Link, *, accept_new_key: bool) -> Trust:
    """Hold what was pinned against what the link says. Raises `CommandError` if the keys differ."""
    if pin is None:
        return Trust(None, link.pin)
    if link.key is not None and link.key != pin.key:
        if not accept_new_key:
            raise CommandError(Exit.UNTRUSTED, changed_key(link.address, shown(pin.key), shown(link.key)))
        return Trust(None, link.pin)
    return Trust(Pin(pin.key, link.secret or pin.secret), None)


def answer(offer: ServerOffered, link: Link, *, accept_new_key: bool) -> Pin:
    """The answer to a server that is not trusted yet, when there is nobody to ask. Raises `CommandError`."""
    if link.key is None and not accept_new_key:
        raise CommandError(Exit.UNTRUSTED, unknown_key(link.address, offer.fingerprint.hex()))
    if offer.closed and link.secret is None:
        raise CommandError(Exit.REFUSED, secret_missing(link.address))
    return Pin(link.key or offer.key, link.secret)


def refused(differs: KeyDiffers, link: Link, *, accept_new_key: bool) -> Pin:
    """The pinned key got no session, and another was shown: the pin to go on with. Raises `CommandError`."""
    if not accept_new_key:
        raise CommandError(Exit.UNTRUSTED, changed_key(link.address, shown(differs.expected), shown(differs.key)))
    return Pin(differs.key, link.secret)


def shown(key: bytes) -> str:
    """A key as people compare it: its fingerprint in hexadecimal."""
    return fingerprint(key).hex()
