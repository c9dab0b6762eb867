"""`udpchat relay`: a bad network between clients and a server, from the one model of bad networks."""

from __future__ import annotations

import argparse
import signal
from dataclasses import replace
from functools import partial

import trio

from udpchat_transports.addresses import show
from udpchat_transports.link import Conditions
from udpchat_transports.trio_relay import Relaying, Weather, relay

from .exits import CommandError, Exit
from .json_output import emit
from .links import LinkError, parse_address

_PROBABILITIES = ("loss", "duplicate", "reorder", "corrupt", "truncate")


def run(options: argparse.Namespace) -> Exit:
    """Relay until a signal comes. Raises `CommandError`."""
    try:
        listen, to = parse_address(options.listen), parse_address(options.to)
    except LinkError as error:
        raise CommandError(Exit.USAGE, f"--listen and --to take HOST:PORT: {error}") from error
    given = {name: getattr(options, name) for name in (*_PROBABILITIES, "delay", "rate")}
    both = Conditions(**given, blackouts=tuple(options.blackout))
    weather = Weather(_changed(both, options.up, "--up"), _changed(both, options.down, "--down"), options.seed)
    trio.run(_relay, listen, to, weather, options.json)
    return Exit.OK


async def _relay(listen: tuple[str, int], to: tuple[str, int], weather: Weather, json: bool) -> None:
    failure: CommandError | None = None
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            try:
                relaying = await nursery.start(partial(relay, listen, to, weather))
            except OSError as error:
                failure = CommandError(Exit.ADDRESS, f"cannot listen at {show(listen)}: {error.strerror or error}")
            else:
                _announce(relaying, json=json)
                await anext(aiter(signals))
                _report(relaying, json=json)
            nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _announce(relaying: Relaying, *, json: bool) -> None:
    where = show(relaying.address)
    if json:
        emit({"event": "relaying", "address": where})
    else:
        print(f"relaying at {where}", flush=True)


def _report(relaying: Relaying, *, json: bool) -> None:
    totals = relaying.totals
    if json:
        emit({"event": "relayed", **{way: dict(counts) for way, counts in totals.items()}})
        return
    for way, counts in totals.items():
        print(f"{way:>4}: {', '.join(f'{count} {name}' for name, count in counts.items())}", flush=True)


def _changed(conditions: Conditions, changes: list[str], option: str) -> Conditions:
    """`conditions` with NAME=VALUE of one direction."""
    for change in changes:
        name, _, text = change.partition("=")
        if name not in _PROBABILITIES:
            raise CommandError(Exit.USAGE, f"{option} knows {', '.join(_PROBABILITIES)}, not {name!r}")
        try:
            conditions = replace(conditions, **{name: float(text)})
        except ValueError as error:
            raise CommandError(Exit.USAGE, f"{option} {change}: {error}") from error
    return conditions
