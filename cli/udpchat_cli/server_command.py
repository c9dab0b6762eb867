"""`udpchat server`: a server that keeps everything in memory and ends with BYE to everyone."""

from __future__ import annotations

import argparse
import gc
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import trio

from udpchat_core.events import ServerEvent, StoreTrouble
from udpchat_core.gate import Identity
from udpchat_core.keys import fingerprint
from udpchat_core.limits import Limits
from udpchat_stores.memory import MemoryStore
from udpchat_transports import blocking_server
from udpchat_transports.addresses import show
from udpchat_transports.serving import Serving
from udpchat_transports.trio_server import serve

from . import plaintext_port
from .chat_command import ROOM
from .console import Console, on_terminal
from .exits import CommandError, Exit
from .faces import warn
from .home import identity, secret, state_directory
from .json_output import emit, server_object
from .links import Link, LinkError, encoded, parse_address
from .nicks import nick_policy

COLLECTED = 50_000
"""Objects more than at the last collection of garbage that make another one."""


def run(options: argparse.Namespace) -> Exit:
    """Serve until a signal comes. Raises `CommandError`."""
    limits = _limits(options.limit)
    try:
        address = parse_address(options.listen)
    except LinkError as error:
        raise CommandError(Exit.USAGE, f"--listen: {error}") from error
    plaintext = plaintext_port.of(options)
    if plaintext is not None and options.transport != "trio":
        raise CommandError(Exit.USAGE, "--plaintext needs --transport trio")
    home = state_directory(options.state)
    _collect_rarely()
    with identity(home / "server.key") as private:
        who = Identity(private, secret(home / "server.secret") if options.closed else None)
        console = options.console or (not options.json and on_terminal())
        if options.transport == "blocking":
            _serve_blocking(who, address, limits, json=options.json, console=console)
        else:
            trio.run(partial(_serve, who, address, limits, plaintext, json=options.json, console=console))
    return Exit.OK


def _collect_rarely() -> None:
    """A burst to a crowd is thousands of tuples that go at once; for them the collector would visit every session."""
    gc.freeze()
    gc.set_threshold(COLLECTED)


async def _serve(
    who: Identity,
    address: tuple[str, int],
    limits: Limits,
    plaintext: plaintext_port.Port | None,
    *,
    json: bool,
    console: bool,
) -> None:
    store = MemoryStore()
    on_event = _print_event if json else _warn_event
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            start = partial(serve, who, address, store=store, limits=limits, nick_policy=nick_policy, on_event=on_event)
            try:
                serving = await nursery.start(start)
            except OSError as error:
                failure = CommandError(Exit.ADDRESS, f"cannot listen at {show(address)}: {error.strerror or error}")
            else:
                _announce(serving, who, json=json)
                failure = None if plaintext is None else await plaintext.open(nursery, serving, json=json)
                stop = trio.Event()
                nursery.start_soon(_obey_signals, signals, stop)
                if console:
                    nursery.start_soon(Console(serving, stop.set, json=json).run)
                if failure is None:
                    await stop.wait()
            nursery.cancel_scope.cancel()
        store.close()
        if failure is not None:
            raise failure
    if json:
        with suppress(BrokenPipeError):
            emit({"event": "stopped"})


def _serve_blocking(who: Identity, address: tuple[str, int], limits: Limits, *, json: bool, console: bool) -> None:
    store = MemoryStore()
    on_event = _print_event if json else _warn_event
    try:
        serving = blocking_server.serve(
            who, address, store=store, limits=limits, nick_policy=nick_policy, on_event=on_event
        )
    except OSError as error:
        raise CommandError(Exit.ADDRESS, f"cannot listen at {show(address)}: {error.strerror or error}") from error

    def stop(*_: object) -> None:
        serving.stop()

    with serving:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        _announce(serving, who, json=json)
        if console:
            threading.Thread(target=Console(serving, serving.stop, json=json).read, daemon=True).start()
        serving.wait()
    store.close()
    if json:
        with suppress(BrokenPipeError):
            emit({"event": "stopped"})


async def _obey_signals(signals: AsyncIterator[int], stop: trio.Event) -> None:
    async for _ in signals:
        stop.set()


def _announce(serving: Serving, who: Identity, *, json: bool) -> None:
    host, port = serving.address[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = socket.gethostname().lower()
        warn(f"it listens on all addresses; the link says {host}, put in its place what others know this machine by")
    url = str(Link(host, port, ROOM, who.public, who.secret))
    where = show(serving.address)
    if json:
        how: dict[str, object] = {"io": serving.io, "aead": serving.aead}
        emit({"event": "listening", "address": where, "key": encoded(who.public), "url": url} | how)
    else:
        print(f"listening at {where}, key {fingerprint(who.public).hex()}, join with {url}", flush=True)


def _print_event(event: ServerEvent) -> None:
    # Who read along may be gone; that is no reason for a server to end.
    with suppress(BrokenPipeError):
        emit(server_object(event))


def _warn_event(event: ServerEvent) -> None:
    if isinstance(event, StoreTrouble):
        warn(f"the store is in trouble: {event.reason}")


def _limits(given: list[str]) -> Limits:
    limits = Limits()
    for each in given:
        name, equals, text = each.partition("=")
        if not equals:
            raise CommandError(Exit.USAGE, f"--limit takes NAME=VALUE, not {each!r}")
        try:
            limits = limits.with_text(name, text)
        except ValueError as error:
            raise CommandError(Exit.USAGE, f"--limit {each}: {error}") from error
    return limits
