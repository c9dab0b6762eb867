"""The plaintext dialect for programs that simply wait: a server beside the sealed one, and a client (SPEC.md,
appendix B).

    with serve(identity, ("127.0.0.1", 9999), store=store) as serving:
        with serve_plaintext(("127.0.0.1", 9998), bridge_to=(serving, "lobby")):
            ...

    with connect_plaintext(("127.0.0.1", 9998)) as chat:
        for heard in chat:
            ...

Each has a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from udpchat_core.plaintext import PLAIN_BEAT, PlainEvent, PlainHeard
from udpchat_core.plaintext_client import PlaintextClient
from udpchat_core.plaintext_server import PlaintextLimits

from .addresses import resolve
from .blocking_loop import BlockingLoop, flush
from .blocking_server import BYE_PATIENCE
from .plaintext import PlaintextServing, listen, pump_of, reach
from .serving import Serving
from .sockets import UdpSocket

_EVENTS = 1024  # that wait for the application; what is beyond stays in the core, which keeps only so many


class BlockingPlaintextServing(PlaintextServing):
    """A running plaintext server, as `serve_plaintext` gives it."""

    def __init__(
        self,
        sock: UdpSocket,
        limits: PlaintextLimits,
        bridge_to: tuple[Serving, str] | None,
        on_event: Callable[[PlainEvent], None] | None,
    ) -> None:
        self._socket = sock
        self._loop = BlockingLoop(f"plaintext server at {sock.address[1]}")
        try:
            super().__init__(sock, limits, bridge_to, on_event, self._loop.wake)
        except BaseException:
            self._loop.stop()
            sock.close()
            raise
        self._loop.start(self.pump, self.pump, self._at_end)

    def stop(self) -> None:
        """Say `bye bye` to every client and end; from any thread, and harmless if it was stopped."""
        self._loop.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _at_end(self) -> None:
        try:
            self.close(time.monotonic())
            flush(self.pump, time.monotonic() + BYE_PATIENCE)
        finally:
            self._socket.close()


def serve_plaintext(
    address: tuple[str, int],
    *,
    limits: PlaintextLimits = PlaintextLimits(),  # noqa: B008 - a frozen value
    anywhere: bool = False,
    bridge_to: tuple[Serving, str] | None = None,
    on_event: Callable[[PlainEvent], None] | None = None,
) -> BlockingPlaintextServing:
    """Run a plaintext server at `address`, (host, port), until `stop`.

    `anywhere`: it may listen beyond the loopback interface; otherwise `NotLoopbackError` is raised for such an
    address. `bridge_to`: a server of this process, which has no other bridge, and the room of it where clients
    appear as guests. `on_event` is called with every event, in the server's thread, and must not block. Raises OSError
    if the address cannot be had, and `LocalProtocolError` if the room cannot be one.
    """
    sock = listen(address[0], resolve(*address), anywhere=anywhere)
    return BlockingPlaintextServing(sock, limits, bridge_to, on_event)


class PlaintextChat:
    """A client, as `connect_plaintext` gives it. Its commands raise `LocalProtocolError` for what cannot be."""

    def __init__(self, core: PlaintextClient, sock: UdpSocket) -> None:
        self._core = core
        self._heard: SimpleQueue[PlainHeard | None] = SimpleQueue()
        self._loop = BlockingLoop(f"plaintext client at {sock.address[1]}")
        self._pump = pump_of(core, sock, self._loop.wake, self._tell)
        self._loop.start(self._pump, self._pump, self._at_end)

    def say(self, text: str) -> None:
        """Say something, at most 1000 bytes of UTF-8; `quit` leaves."""
        self._loop.call(lambda: self._core.say(text, time.monotonic()))

    def quit(self) -> None:
        """Leave; iteration ends."""
        self._loop.call(lambda: self._core.quit(time.monotonic()))

    def receive(self, timeout: float | None = None) -> PlainHeard | None:
        """Wait for what comes next, at most `timeout` seconds (None: for ever); None: it is over, `TimeoutError`."""
        try:
            heard = self._heard.get(timeout=timeout)
        except Empty:
            raise TimeoutError("nothing came in time") from None
        if heard is None:
            self._heard.put(None)  # whoever asks again is to be told again
        return heard

    def __iter__(self) -> Iterator[PlainHeard]:
        while (heard := self.receive()) is not None:
            yield heard

    def close(self) -> None:
        """Stop at once; the server drops a client that falls silent. Harmless if it was closed."""
        self._loop.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _tell(self) -> None:
        if self._heard.qsize() < _EVENTS:
            for heard in self._core.events():
                self._heard.put(heard)
        if self._core.closed:
            self._heard.put(None)

    def _at_end(self) -> None:
        self._pump.put_out(time.monotonic())
        self._pump.replace_socket(None)
        self._heard.put(None)


def connect_plaintext(address: tuple[str, int], *, beat: float = PLAIN_BEAT) -> PlaintextChat:
    """A client of the plaintext server at `address`, (host, port); to be closed, or used in `with`.

    `beat`: seconds without a datagram of ours after which a heartbeat is sent. Raises OSError if the host has no
    address.
    """
    sock, path = reach(address[0], resolve(*address))
    core = PlaintextClient(beat=beat)
    core.connect(path, time.monotonic())
    return PlaintextChat(core, sock)
