"""A bridge over the blocking transport: each line that is added to a log file is said in a room until a signal comes.

python examples/bridge.py 'udpchat://…' STATE-DIRECTORY LOG-FILE
"""

import os
import signal
import sys
import time
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path

from udpchat_cli.home import member
from udpchat_cli.links import parse_link
from udpchat_core.events import ServerOffered
from udpchat_transports.blocking_client import ChatClient, connect

PIECE, AHEAD = 240, 100
"""Characters of a message, at most 4 bytes each; messages that the server may owe an answer."""


def added(path: Path) -> Generator[list[str]]:
    """What was added to the file since the last time; a file that took its place is read from its beginning."""
    log, rest = path.open("rb"), b""
    log.seek(0, os.SEEK_END)
    while True:
        with log:
            while (data := log.read(4096)) or not path.exists() or os.fstat(log.fileno()).st_ino == path.stat().st_ino:
                *lines, rest = (rest + data).split(b"\n")
                yield [line.decode(errors="replace") for line in lines]
        log = path.open("rb")


def bridge(chat: ChatClient, room: str, path: Path, leaving: list[int]) -> None:
    """Say what is added, and take what comes: who takes no events is sent no more of them."""
    chat.join(room, newest=0)
    with closing(added(path)) as log:
        while not leaving and not chat.closed:
            for line in next(log) if chat.unacknowledged < AHEAD else ():
                for start in range(0, len(line), PIECE):
                    chat.say(room, line[start : start + PIECE], more=start + PIECE < len(line))
            until = time.monotonic() + 0.2
            with suppress(TimeoutError):
                while time.monotonic() < until and (event := chat.receive(0.2)) is not None:
                    if isinstance(event, ServerOffered):  # the link told no key, or no secret, and nobody is to ask
                        leaving.append(0)
    chat.quit()


leaving = list[int]()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: leaving.append(number))
link = parse_link(sys.argv[1])
server = link.host, link.port
with member(sys.argv[2], link) as (state, store), connect(server, state, store=store, confirmed=link.pin) as chat:
    bridge(chat, link.room or "lobby", Path(sys.argv[3]), leaving)
