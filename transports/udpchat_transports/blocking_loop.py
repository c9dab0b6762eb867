"""One thread that owns a core: it waits for the socket, the clock and its callers, with the system's selector.

Nobody else touches the core, so there is no lock around it. Whoever wants something of it leaves a call, which the
thread makes between two turns, and waits for the answer. No lock is ever held by a caller while the thread may want
it: so a signal handler, which runs in the middle of anything, may stop the thread and wait for its end.
"""

from __future__ import annotations

import atexit
import selectors
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any, Generic, TypeVar

from .pump import Pump, Turner
from .sockets import UdpSocket

T = TypeVar("T")


class ClosedError(Exception):
    """The client was closed, or the server stopped: nothing more can be asked of it."""


class Gate:
    """Opened once, and waited for once. Unlike an Event it can be opened while a signal handler interrupts the wait."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Let go on whoever waits."""
        self._lock.release()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait, at most so long (None: for ever); was it opened?"""
        return self._lock.acquire(timeout=-1 if seconds is None else seconds)


class _Call(Generic[T]):
    """Something that a caller waits for."""

    __slots__ = ("_act", "_failure", "_gate", "_result")

    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._gate = Gate()
        self._failure: BaseException | None = None
        self._result: list[T] = []

    def make(self) -> None:
        """In the loop's thread."""
        try:
            self._result.append(self._act())
        except Exception as error:  # noqa: BLE001 - it is raised where it was caused
            self._failure = error
        self._gate.open()

    def refuse(self) -> None:
        """The loop is over."""
        self._failure = ClosedError("it is closed")
        self._gate.open()

    def answer(self) -> T:
        """In the caller's thread."""
        self._gate.wait()
        if self._failure is not None:
            raise self._failure
        return self._result[0]


class BlockingLoop:
    """Turns something, in a thread of its own, whenever there is reason to."""

    def __init__(self, name: str) -> None:
        """`name`: of the thread."""
        self.failure: BaseException | None = None
        """What ended the loop, if it was not `stop`: a fault of this program or of its store."""
        self._calls: deque[_Call[Any]] = deque()
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reading, selectors.EVENT_READ)
        self._watched: tuple[UdpSocket | None, int] = (None, 0)
        self._stopping = False
        self._over = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._pump: Pump[Any, Any] | None = None
        self._turner: Turner | None = None
        self._at_end: Callable[[], None] = _nothing

    def start(self, pump: Pump[Any, Any], turner: Turner, at_end: Callable[[], None]) -> None:
        """Begin to turn `turner`, which turns `pump`. `at_end` is called in the thread, as the last thing."""
        self._pump, self._turner, self._at_end = pump, turner, at_end
        _running.add(self)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Was it stopped, or did it fail?"""
        return self._over or self._stopping

    def wake(self) -> None:
        """Turn again soon; from any thread, also from a signal handler. Too late is no error."""
        with suppress(OSError):  # full: it is about to wake anyway; closed: it is over
            self._writing.send(b"\0")

    def call(self, act: Callable[[], T]) -> T:
        """Do something between two turns, and wait for it. Raises what it raises, and `ClosedError`."""
        if threading.current_thread() is self._thread:
            return act()
        call = _Call(act)
        self._calls.append(call)
        self.wake()
        if self._over:  # the thread may have looked for the last time just before
            self._refuse_all()
        return call.answer()

    def stop(self) -> None:
        """End the thread and wait until it has ended; harmless if it has."""
        self._stopping = True
        self.wake()
        if threading.current_thread() is not self._thread and self._thread.ident is not None:
            self._thread.join()
        if not self._thread.is_alive():
            self._selector.close()
            self._reading.close()
            self._writing.close()

    def join(self) -> None:
        """Wait until the thread has ended, in steps that let signals through on every system."""
        while self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.failure = error
        finally:
            self._over = True
            _running.discard(self)
            try:
                self._at_end()
            finally:
                self._refuse_all()

    def _turn(self) -> None:
        pump, turner = self._pump, self._turner
        assert pump is not None
        assert turner is not None
        while self._calls:
            self._calls.popleft().make()
        turner.turn(time.monotonic())
        self._watch(pump)
        deadline = turner.deadline
        for key, _ in self._selector.select(None if deadline == inf else max(0.0, deadline - time.monotonic())):
            if key.fileobj is self._reading:
                with suppress(BlockingIOError):
                    while self._reading.recv(4096):
                        pass

    def _watch(self, pump: Pump[Any, Any]) -> None:
        """Wait for what the pump needs of its socket, which may be another than before."""
        wanted = pump.socket, selectors.EVENT_WRITE if pump.blocked else selectors.EVENT_READ
        if wanted == self._watched:
            return
        before, _ = self._watched
        if before is not None:
            self._selector.unregister(before)
        if pump.socket is not None:
            self._selector.register(pump.socket, wanted[1])
        self._watched = wanted

    def _refuse_all(self) -> None:
        while self._calls:
            with suppress(IndexError):
                self._calls.popleft().refuse()


def _nothing() -> None:
    pass


_running: weakref.WeakSet[BlockingLoop] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """At the end of the interpreter: no thread is to be cut off in the middle of something."""
    for loop in list(_running):
        loop.stop()
