"""The tutorial's loop over aioquic's datagrams: server and clients. On loopback none of them is lost."""

# pyright: reportMissingImports=false

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve as listen
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, DatagramFrameReceived, HandshakeCompleted, QuicEvent
from crowd import REST, CrowdError, Outcome
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DIGITS = 10
STUCK = 20.0


def _configuration(*, client: bool) -> QuicConfiguration:
    return QuicConfiguration(
        alpn_protocols=["chat"],
        is_client=client,
        max_datagram_frame_size=1200,
        idle_timeout=300.0,
        verify_mode=ssl.CERT_NONE if client else None,
    )


class _Member(QuicConnectionProtocol):
    """The server's side of one connection. All share the room."""

    members: dict[_Member, None] = {}  # noqa: RUF012
    dirty = False

    def quic_event_received(self, event: QuicEvent) -> None:
        match event:
            case HandshakeCompleted():
                _Member.members[self] = None
            case ConnectionTerminated():
                _Member.members.pop(self, None)
            case DatagramFrameReceived():
                for each in _Member.members:
                    each._quic.send_datagram_frame(event.data)  # noqa: SLF001 - aioquic has no public way
                if not _Member.dirty:  # what came together leaves together
                    _Member.dirty = True
                    asyncio.get_running_loop().call_soon(_flush)
            case _:
                pass


def _flush() -> None:
    _Member.dirty = False
    for each in _Member.members:
        each.transmit()


def serve() -> None:
    """Print the port, and serve until the process is ended."""
    asyncio.run(_serve())


async def _serve() -> None:
    configuration = _configuration(client=False)
    with TemporaryDirectory() as folder:
        configuration.load_cert_chain(*_certificate(Path(folder)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        port: int = own.getsockname()[1]
    await listen("127.0.0.1", port, configuration=configuration, create_protocol=_Member)
    print(port, flush=True)
    await asyncio.Event().wait()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


class _Listener(QuicConnectionProtocol):
    """A client, which counts in the order of the texts' numbers."""

    room: Quics
    had = -1

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, DatagramFrameReceived):
            self.had = self.room.deliver(self.had, event.data)


class Quics:
    """Clients of `serve`, as crowd.Crowd."""

    def __init__(self, port: int, text: int) -> None:
        """`text`: bytes of a message."""
        self._port = port
        self._text = text
        self._loop = asyncio.new_event_loop()
        self._members: list[_Listener] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._seq = 0
        self._deliveries = 0
        self._wanted = 0
        self._all = asyncio.Event()
        self._error = ""

    def deliver(self, had: int, data: bytes) -> int:
        """A message came to one who had that one before."""
        seq = int(data[:DIGITS])
        if seq != had + 1 or data != self._message(seq):
            self._error = f"message {seq} after {had}"
        self._deliveries += 1
        if self._deliveries >= self._wanted:
            self._all.set()
        return seq

    def _message(self, seq: int) -> bytes:
        return b"%0*d" % (DIGITS, seq) + b"x" * (self._text - DIGITS)

    def join(self, count: int) -> None:
        """Connect all."""
        self._loop.run_until_complete(self._join(count))
        self.run(1, 0.0)

    async def _join(self, count: int) -> None:
        def listener() -> _Listener:
            return _Listener(QuicConnection(configuration=_configuration(client=True)))

        for _ in range(count):
            transport, member = await self._loop.create_datagram_endpoint(listener, local_addr=("127.0.0.1", 0))
            member.room = self
            self._transports.append(transport)
            self._members.append(member)
            member.connect(("127.0.0.1", self._port))
            await member.wait_connected()
        await asyncio.sleep(0.5)

    def run(self, burst: int, seconds: float) -> Outcome:
        """As Crowd.run."""
        return self._loop.run_until_complete(self._run(burst, seconds))

    async def _run(self, burst: int, seconds: float) -> Outcome:
        self._deliveries = self._wanted = 0
        first, begin = self._seq, monotonic()
        while True:
            self._all.clear()
            self._wanted += burst * len(self._members)
            for _ in range(burst):
                self._members[0]._quic.send_datagram_frame(self._message(self._seq))  # noqa: SLF001
                self._seq += 1
            self._members[0].transmit()
            try:
                await asyncio.wait_for(self._all.wait(), STUCK)
            except TimeoutError:
                self._error = f"{self._wanted - self._deliveries} of {self._wanted} deliveries are missing"
            if self._error:
                raise CrowdError(self._error)
            end = monotonic()
            if end > begin + seconds:
                break
        await asyncio.sleep(REST)
        return Outcome(self._seq - first, self._deliveries, end - begin, 0, 0, 0)

    def close(self) -> None:
        """They just vanish."""
        for each in self._transports:
            each.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
