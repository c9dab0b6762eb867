"""Processes that take lines and print JSON, awaited with deadlines."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from time import monotonic

NODE = Path(__file__).parent / "node"
PATIENCE = 15


class Talker:
    """A process and what it printed so far."""

    def __init__(self, *command: str) -> None:
        """Start it."""
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.printed: list[dict] = []
        self._news = threading.Condition()
        self.link = ""  # of a server
        self._ended = False
        self._read = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in iter(self.process.stdout.readline, ""):
            with self._news:
                self.printed.append(json.loads(line))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def tell(self, *lines: str) -> None:
        """Write lines to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))

    def await_(self, event: str, **fields: object) -> dict:
        """The next such object that was not awaited before; all before it are passed over."""
        until = monotonic() + PATIENCE
        with self._news:
            while True:
                while self._read < len(self.printed):
                    found = self.printed[self._read]
                    self._read += 1
                    if found["event"] == event and all(found.get(name) == value for name, value in fields.items()):
                        return found
                left = until - monotonic()
                if left <= 0 or self._ended:
                    msg = f"no {event} {fields} in {self.printed[-6:]}"
                    raise AssertionError(msg)
                self._news.wait(left)

    def all(self, event: str) -> list[dict]:
        """Every object of this event so far."""
        with self._news:
            return [each for each in self.printed if each["event"] == event]

    def finish(self) -> int:
        """End its input, and wait for its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once, without a word."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


@contextmanager
def talking(*command: str) -> Iterator[Talker]:
    """A process that is gone at the end."""
    talker = Talker(*command)
    try:
        yield talker
    finally:
        talker.kill()


def node(*words: object, loss: float = 0.2, seed: int = 10) -> AbstractContextManager[Talker]:
    """The second client, behind a shim that loses datagrams each way."""
    shim = ("--loss", str(loss), "--seed", str(seed))
    return talking("node", str(NODE / "client.mjs"), *map(str, words), *shim)


def reference(*words: object) -> AbstractContextManager[Talker]:
    """A command of the reference."""
    return talking(sys.executable, "-m", "udpchat_cli", *map(str, words), "--json")
