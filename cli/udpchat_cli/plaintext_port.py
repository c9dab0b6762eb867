"""`udpchat server --plaintext`: the port beside the sealed one where the plaintext dialect is spoken."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import trio

from udpchat_core.errors import LocalProtocolError
from udpchat_core.guests import Guests
from udpchat_core.plaintext import PlainCame, PlainEvent, PlainLeft
from udpchat_core.plaintext_server import PlaintextLimits
from udpchat_transports.addresses import is_loopback, peer_of, show
from udpchat_transports.plaintext import WARNING, NotLoopbackError
from udpchat_transports.serving import Serving
from udpchat_transports.trio_plaintext import serve_plaintext

from .exits import CommandError, Exit
from .faces import warn
from .json_output import Json, emit
from .links import PLAIN_PORT, LinkError, parse_address

_OF_PLAINTEXT = ("interval", "budget", "room", "even_if_closed", "anywhere")


@dataclass(frozen=True, slots=True)
class Port:
    """What the command line says of it."""

    address: tuple[str, int]
    limits: PlaintextLimits
    room: str | None
    anywhere: bool

    async def open(self, nursery: trio.Nursery, serving: Serving, *, json: bool) -> CommandError | None:
        """Listen, and tell where; what is wrong if that cannot be."""
        start = partial(
            serve_plaintext,
            self.address,
            limits=self.limits,
            anywhere=self.anywhere,
            bridge_to=None if self.room is None else (serving, self.room),
            on_event=_print_event if json else None,
        )
        try:
            listening = await nursery.start(start)
        except NotLoopbackError as error:
            return CommandError(Exit.USAGE, f"--plaintext: {error}; if that is meant: --plaintext-anywhere")
        except OSError as error:
            where = show(self.address)
            return CommandError(Exit.ADDRESS, f"cannot listen for plaintext at {where}: {error.strerror or error}")
        where = show(listening.address)
        if not is_loopback(listening.address):
            warn(f"{WARNING}, up to {self.limits.budget:g} bytes for each forged one")
        if json:
            emit({"event": "plaintext", "address": where, "room": self.room})
        else:
            print(f"plaintext at {where}" + (f", guests in {self.room}" if self.room else ""), flush=True)
        return None


def of(options: argparse.Namespace) -> Port | None:
    """The port that the command line asks for. Raises `CommandError`."""
    if options.plaintext is None:
        for name in _OF_PLAINTEXT:
            if getattr(options, f"plaintext_{name}"):
                raise CommandError(Exit.USAGE, f"--plaintext-{name.replace('_', '-')} needs --plaintext")
        return None
    room = options.plaintext_room
    try:
        address = parse_address(options.plaintext, PLAIN_PORT)
        if room is not None:
            Guests.checked(room)
    except (LinkError, LocalProtocolError) as error:
        raise CommandError(Exit.USAGE, f"--plaintext: {error}") from error
    if room is not None and options.closed and not options.plaintext_even_if_closed:
        raise CommandError(
            Exit.USAGE,
            "--plaintext-room lets everybody who reaches the port into a room of a closed server, without its secret; "
            "if that is meant: --plaintext-even-if-closed",
        )
    given = {name: getattr(options, f"plaintext_{name}") for name in ("interval", "budget")}
    limits = replace(PlaintextLimits(), **{name: value for name, value in given.items() if value is not None})
    return Port(address, limits, room, options.plaintext_anywhere)


def _print_event(event: PlainEvent) -> None:
    match event:
        case PlainCame(path=path):
            told: Json = {"event": "plaintext_came", "address": show(peer_of(path))}
        case PlainLeft(path=path, code=code):
            told = {"event": "plaintext_left", "address": show(peer_of(path)), "code": code.name}
        case _:
            return
    with suppress(BrokenPipeError):
        emit(told)
