"""The real server where its CPU time can be told: in this process, by itself, or as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time

from guests import Crowd, moment

from e2e.linux import cpu_seconds, resident
from udpchat_cli.links import parse_link
from udpchat_core.effects import ServerRequest, ServerResult
from udpchat_core.gate import Identity
from udpchat_core.keys import new_private_key
from udpchat_core.limits import Limits
from udpchat_core.server import Server
from udpchat_stores.memory import MemoryStore
from udpchat_transports.addresses import address_of
from udpchat_transports.pump import Pump
from udpchat_transports.sockets import SERVER_BUFFER, UdpSocket
from udpchat_transports.sodium import best

LIMITS = Limits(
    sessions=100_000,
    sessions_per_prefix=100_000,
    handshake_rate=100_000,
    rooms=100_000,
    chat_rate=1e6,
    chat_burst=1e6,
)
"""Nothing that is measured here is to be slowed down by a limit."""


class Inside:
    """Core, pump and socket of a server, without a loop: it works in `serve`, whose CPU time is `spent`.

    Its clock is the caller's.
    """

    def __init__(self, history: int = 0) -> None:
        """`history`: entries that the store has room for in each room."""
        self.now = 1000.0
        self.spent = 0.0
        identity = Identity(new_private_key(os.urandom))
        self.store = MemoryStore(entries=max(history, 100_000))
        self.core = Server(
            identity, entropy=os.urandom, address_of=address_of, limits=replace(LIMITS, timeout=300), aead=best()
        )
        self._socket = UdpSocket(socket.AF_INET, ("127.0.0.1", 0), buffer=SERVER_BUFFER)
        self._pump: Pump[ServerRequest, ServerResult] = Pump(
            self.core,
            self.store,
            wake=lambda: None,
            on_events=lambda: self.core.events().clear(),
            to_send=self.core.batches_to_send,
        )
        self._pump.socket = self._socket
        self.crowd = Crowd(("127.0.0.1", self._socket.address[1]), identity.public, self.serve)

    def serve(self, _: Sequence[socket.socket] = ()) -> None:
        """Take what came, and whatever is due."""
        begin = thread_time()
        self._pump.turn(self.now)
        while self._pump.resting:
            self.now = self._pump.deadline
            self._pump.turn(self.now)
        self.spent += thread_time() - begin

    def wait(self, seconds: float) -> None:
        """Let time pass, and take what comes of it."""
        self.now += seconds
        self.crowd.settle()

    def close(self) -> None:
        """Give the sockets back."""
        self.crowd.close()
        self._socket.close()


class Process:
    """`udpchat server`, and a crowd for it."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        assert running.stdout is not None
        link = parse_link(running.stdout.readline().rsplit(maxsplit=1)[-1])
        assert link.key is not None
        self._pid = running.pid
        self.crowd = Crowd((link.host, link.port), link.key, moment)

    @property
    def cpu(self) -> float:
        """Seconds that it used of a core."""
        return cpu_seconds(self._pid)

    @property
    def memory(self) -> int:
        """KiB that it has in memory."""
        return resident(self._pid)


@contextmanager
def process(transport: str = "trio") -> Generator[Process]:
    """A server process that does not outlive the block."""
    usual = asdict(Limits())
    limits = [f"--limit={name}={value}" for name, value in asdict(LIMITS).items() if value != usual[name]]
    with TemporaryDirectory() as state:
        command = [sys.executable, "-m", "udpchat_cli", "server", "--listen=127.0.0.1:0", f"--transport={transport}"]
        running = subprocess.Popen(
            [*command, f"--state={Path(state)}", *limits],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            it = Process(running)
            try:
                yield it
            finally:
                it.crowd.close()
        finally:
            running.kill()
            running.wait()
