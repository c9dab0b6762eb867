"""What is measured beside each other by fanout.py: how each server is started, and which clients it gets.

A server is a process of its own on a core of its own. The brokers are Debian's packages (benchmarks/brokers.sh installs
them), each told to keep no client waiting: no limits of connections, no penalties for talking fast, no Nagle.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Protocol

from crowd import Chatters, Crowd, CrowdError, Kind, Outcome

from e2e.linux import cpu_seconds
from udpchat_cli.links import parse_link

HERE = Path(__file__).resolve().parent
PATIENCE = 20.0
FRAME = 47
"""Bytes that a message takes in a sealed packet beyond its text: frame 3, entry 13, CHAT 28, and 3 of the nick."""
LIMITS = {
    "sessions": 100_000,
    "sessions_per_prefix": 100_000,
    "handshake_rate": 100_000,
    "half_open": 65536,
    "chat_rate": 1e9,
    "chat_burst": 1e9,
    "heartbeat": 60,
    "timeout": 300,
}
"""All clients have one address here, and talk as fast as they can; heartbeats in between would tell nothing."""


class Clients(Protocol):
    """The generators of crowd.py and quic.py."""

    def join(self, count: int) -> None:
        """All come in."""
        ...

    def run(self, burst: int, seconds: float) -> Outcome:
        """Bursts, each when all have the last, until so many seconds are over."""
        ...

    def close(self) -> None:
        """All leave."""
        ...


@dataclass(frozen=True, slots=True)
class Up:
    """A server that runs, and those who will join it."""

    pid: int
    clients: Clients

    def cpu(self) -> float:
        """Seconds of a core that the server used, all threads."""
        return cpu_seconds(self.pid)


@dataclass(frozen=True, slots=True)
class System:
    """One that is measured."""

    name: str
    about: str
    start: Callable[[ExitStack, int], Up]
    """In this stack, for texts of so many bytes."""
    needs: str = ""
    """A program that has to be there."""
    most: int = 1 << 30
    """Subscribers."""

    @property
    def missing(self) -> str:
        """Why it cannot be measured here; empty if it can."""
        if not self.needs or shutil.which(self.needs, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            return ""
        if self.needs == "aioquic":
            return "" if find_spec("aioquic") else "missing: pip install --group bench"
        return f"missing: {self.needs}, which benchmarks/brokers.sh installs"

    @contextmanager
    def up(self, text: int) -> Iterator[Up]:
        """A server and its clients."""
        with ExitStack() as stack:
            it = self.start(stack, text)
            stack.callback(it.clients.close)
            yield it


def cores() -> tuple[int, int]:
    """The server's and the generator's."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


CORE, OWN = cores()


def spawn(stack: ExitStack, *words: str | Path, pipe: bool = False) -> subprocess.Popen[str]:
    """A server process on its core; it ends with the stack."""
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        list(map(str, words)),
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe else subprocess.DEVNULL,
        stderr=None if pipe else subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),  # noqa: PLW1509 - there are no other threads
    )

    def end() -> None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    stack.callback(end)
    return process


def said(process: subprocess.Popen[str]) -> str:
    """The first line that a server prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise CrowdError("the server ends at once")
    return line


def folder(stack: ExitStack, name: str, text: str) -> Path:
    """A file with a configuration."""
    path = Path(stack.enter_context(TemporaryDirectory())) / name
    path.parent.chmod(0o755)  # mosquitto gives up root before it reads
    path.write_text(text, encoding="ascii")
    return path


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


def listening(process: subprocess.Popen[str], port: int) -> None:
    """Wait until the server does."""
    end = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or monotonic() > end:
                raise CrowdError("the server does not start") from None
            sleep(0.02)
        else:
            return


def udpchat(stack: ExitStack, text: int) -> Up:
    """`udpchat server` as it is, but for its limits."""
    state = stack.enter_context(TemporaryDirectory())
    limits = [word for name, value in LIMITS.items() for word in ("--limit", f"{name}={value}")]
    words = [sys.executable, "-m", "udpchat_cli", "server", "--listen", "127.0.0.1:0", "--state", state]
    process = spawn(stack, *words, *limits, pipe=True)
    link = parse_link(said(process).split()[-1])
    assert link.key is not None
    return Up(process.pid, Chatters(link.host, link.port, link.key, text))


def rival(what: str, kind: Kind) -> Callable[[ExitStack, int], Up]:
    """A server of rivals.py."""

    def start(stack: ExitStack, text: int) -> Up:
        packed = text + FRAME
        process = spawn(stack, sys.executable, HERE / "rivals.py", what, "--packed", str(packed), pipe=True)
        return Up(process.pid, Crowd(kind, int(said(process)), text, packed))

    return start


def quic(stack: ExitStack, text: int) -> Up:
    """aioquic at both ends."""
    from quic import Quics  # noqa: PLC0415 - it may not be installed

    process = spawn(stack, sys.executable, HERE / "rivals.py", "quic", pipe=True)
    return Up(process.pid, Quics(int(said(process)), text))


def broker(kind: Kind, program: str, *options: str, config: str) -> Callable[[ExitStack, int], Up]:
    """A server over TCP. PORT in `config` is where it is to listen; its path comes after the `options`."""

    def start(stack: ExitStack, text: int) -> Up:
        port = free_port()
        path = folder(stack, f"{program}.conf", config.replace("PORT", str(port)))
        found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert found is not None
        process = spawn(stack, found, *options, path)
        listening(process, port)
        return Up(process.pid, Crowd(kind, port, text))

    return start


NATS = """
listen: 127.0.0.1:PORT
ping_interval: "10m"
write_deadline: "60s"
"""
NGIRCD = """
[Global]
    Name = irc.example.net
    Info = fan-out
    Listen = 127.0.0.1
    Ports = PORT
    ServerUID = nobody
    ServerGID = nogroup
    MotdPhrase = -
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    MaxPenaltyTime = 0
    PingTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
"""
MOSQUITTO = """
listener PORT 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
log_type none
"""

OURS = "udpchat"
NAIVE = "naive loop"
SEAL = "C seal + sendmmsg"
NATS_SERVER = "nats-server"
IRC = "ngircd"
MQTT = "mosquitto QoS 1"
QUIC = "aioquic"
SYSTEMS = (
    System(OURS, "UDP, sealed, acknowledged, in order, with history; Python", udpchat),
    System(
        NAIVE,
        "the tutorial's `for a in clients: sock.sendto(m, a)`; UDP, plaintext; Python",
        rival("naive", Kind.PLAIN),
    ),
    System(SEAL, "the same messages sealed for each, and nothing else; UDP; C", rival("seal", Kind.SEALED)),
    System(
        NATS_SERVER,
        "core NATS: TCP, plaintext, no acknowledgements, no history; Go",
        broker(Kind.NATS, "nats-server", "-c", config=NATS),
        needs="nats-server",
    ),
    System(
        IRC,
        "TCP, plaintext, no acknowledgements, no history; C. Tells each of each who joins: 5000 take minutes",
        broker(Kind.IRC, "ngircd", "-n", "-f", config=NGIRCD),
        needs="ngircd",
        most=1000,
    ),
    System(
        MQTT,
        "TCP, plaintext, each message acknowledged; C",
        broker(Kind.MQTT, "mosquitto", "-c", config=MOSQUITTO),
        needs="mosquitto",
    ),
    System(QUIC, "QUIC datagrams: UDP, sealed, acknowledged, not repaired; Python", quic, needs="aioquic", most=100),
)
