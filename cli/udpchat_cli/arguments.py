"""The words of the command line (docs/cli.md)."""

from __future__ import annotations

import argparse
from importlib.metadata import version

from .exits import table
from .links import PLAIN_PORT, PORT


def parser() -> argparse.ArgumentParser:
    """For `udpchat` and its commands."""
    form = argparse.RawDescriptionHelpFormatter
    main = argparse.ArgumentParser(
        prog="udpchat", description="Group chat over UDP that keeps working on bad networks.", formatter_class=form
    )
    main.add_argument("--version", action="version", version=f"udpchat {version('udpchat')}")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
    epilog = f"exit status:\n{table()}"
    _server(
        commands.add_parser("server", help="run a server", description=_SERVER, epilog=epilog, formatter_class=form)
    )
    _chat(commands.add_parser("chat", help="join a room", description=_CHAT, epilog=epilog, formatter_class=form))
    _relay(
        commands.add_parser("relay", help="make a network bad", description=_RELAY, epilog=epilog, formatter_class=form)
    )
    return main


_RELAY = """\
Pass datagrams on between clients and a server, and lose, delay, double, reorder
or damage them on the way, each way alike unless --up or --down says otherwise.
The same seed and the same traffic meet the same chances."""

_SERVER = """\
Run a server. The first line on standard output says where it listens, its key's
fingerprint, and the link by which others join. SIGTERM and SIGINT end it."""

_CHAT = """\
Join a room. On a terminal: read along and type. Otherwise each line of standard
input is a message; at its end, wait until all are acknowledged and read back,
then leave."""


def _server(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default=f"127.0.0.1:{PORT}",
        help="default %(default)s; [::]:PORT is everywhere",
    )
    command.add_argument("--closed", action="store_true", help="let in only who has the secret in the join link")
    command.add_argument(
        "--limit", metavar="NAME=VALUE", action="append", default=[], help="change a limit; a wrong NAME lists all"
    )
    command.add_argument(
        "--plaintext",
        metavar="HOST:PORT",
        nargs="?",
        const=f"127.0.0.1:{PLAIN_PORT}",
        help="also speak the plaintext dialect there; default %(const)s",
    )
    command.add_argument(
        "--plaintext-interval", metavar="SECONDS", type=_seconds, help="of silence until a client is dropped; 10"
    )
    command.add_argument(
        "--plaintext-budget", metavar="N", type=_seconds, help="bytes off loopback for each one that came; 64"
    )
    command.add_argument("--plaintext-room", metavar="ROOM", help="let its clients into this room, as guests")
    command.add_argument("--plaintext-even-if-closed", action="store_true", help="do so on a closed server, too")
    command.add_argument("--plaintext-anywhere", action="store_true", help="allow addresses beyond this machine")
    command.add_argument(
        "--console", action="store_true", help="take commands from standard input, as on a terminal; 'help' lists them"
    )
    _both(command)


def _chat(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "server", metavar="URL|HOST[:PORT]", nargs="?", help=f"a join link, or a server; port {PORT} if none"
    )
    command.add_argument("--plaintext", metavar="HOST:PORT", help="a server of the plaintext dialect instead")
    command.add_argument(
        "--plaintext-interval", metavar="SECONDS", type=_seconds, help="after which it drops the silent; 10"
    )
    command.add_argument("--room", metavar="R", help="default: the link's, or lobby")
    command.add_argument("--nick", metavar="N", help="default: the one you had")
    command.add_argument("--accept-new-key", action="store_true", help="trust the key that the server shows now")
    command.add_argument("--wait", metavar="SECONDS", type=_seconds, help="give up if there is no session by then")
    _both(command)


def _relay(command: argparse.ArgumentParser) -> None:
    command.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:0", help="default: any free port")
    command.add_argument("--to", metavar="HOST:PORT", required=True, help="the server")
    for name, meaning in _CHANCES:
        command.add_argument(f"--{name}", metavar="P", type=_probability, default=0.0, help=meaning)
    command.add_argument(
        "--delay", metavar="MS[..MS]", type=_delay, default=(0.0, 0.0), help="one way, drawn evenly for each datagram"
    )
    command.add_argument("--rate", metavar="BYTES", type=_seconds, help="bytes a second that get through")
    command.add_argument(
        "--blackout",
        metavar="FROM..TO",
        type=_blackout,
        action="append",
        default=[],
        help="seconds after a client's first datagram between which nothing gets through; may be repeated",
    )
    for way in ("up", "down"):
        command.add_argument(
            f"--{way}", metavar="NAME=P", action="append", default=[], help=f"another chance for datagrams going {way}"
        )
    command.add_argument("--seed", metavar="N", type=int, default=0, help="default %(default)s")
    command.add_argument("--json", action="store_true", help="print JSON objects: relaying, and relayed at the end")


_CHANCES = (
    ("loss", "chance that a datagram is lost"),
    ("duplicate", "that it comes twice"),
    ("reorder", "that it may overtake others"),
    ("corrupt", "that one bit is flipped"),
    ("truncate", "that its end is cut off"),
)


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("takes a probability, 0 to 1")
    return value


def _delay(text: str) -> tuple[float, float]:
    least, _, most = text.partition("..")
    delay = float(least) / 1000, float(most or least) / 1000
    if not 0 <= delay[0] <= delay[1]:
        raise argparse.ArgumentTypeError("takes milliseconds, as 40 or 20..80")
    return delay


def _blackout(text: str) -> tuple[float, float]:
    begin, _, end = text.partition("..")
    blackout = float(begin), float(end)
    if not 0 <= blackout[0] < blackout[1]:
        raise argparse.ArgumentTypeError("takes seconds, as 10..70")
    return blackout


def _both(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--transport",
        choices=("trio", "blocking"),
        default="trio",
        help="what waits for the network; default %(default)s",
    )
    command.add_argument("--state", metavar="DIR", help="where the identity is kept; one process at a time")
    command.add_argument("--json", action="store_true", help="print one JSON object an event")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("takes seconds, more than 0")
    return seconds
