"""One thread that owns a core: it waits for the socket, the clock and its callers, with the system's selector.

Nobody else touches the core, so there is no lock around it. Whoever wants something of it leaves a call, which the
thread makes between two turns, and waits for the answer; or leaves a question, which the thread asks after each turn
until the answer is yes. No lock is ever held by a caller while the thread may want it: so a signal handler, which runs
in the middle of anything, may call too, and may stop the thread and wait for its end.

What the thread opened, the thread closes when it ends. What ended it, if nobody stopped it, is kept in `failure` and
told to everyone who asks for something afterwards. In the child of a fork there is no thread, so it is closed there.
"""

from __future__ import annotations

import atexit
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any, Generic, TypeVar

from .pump import Pump, Turner
from .sockets import UdpSocket

T = TypeVar("T")

_STEP = 1.0  # seconds; a wait without end goes in steps, which let signals through on every system


class ClosedError(Exception):
    """The client was closed, or the server stopped: nothing more can be asked of it.

    If it was not closed but failed, `__cause__` is what ended it.
    """


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
        if seconds is not None:
            return self._lock.acquire(timeout=min(max(seconds, 0.0), threading.TIMEOUT_MAX))
        while not self._lock.acquire(timeout=_STEP):
            pass
        return True


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
        except BaseException as error:  # noqa: BLE001 - it is raised where it was caused
            self._failure = error
        self._gate.open()

    def refuse(self, why: ClosedError) -> None:
        """The loop is over."""
        self._failure = why
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
        self._questions: dict[Gate, Callable[[], bool]] = {}
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._reading, selectors.EVENT_READ)
        self._watched: tuple[UdpSocket | None, int] = (None, 0)
        self._stopping = False
        self._over = False
        self._ended = False
        self._joining: set[int] = set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._pump: Pump[Any, Any] | None = None
        self._turner: Turner | None = None
        self._at_end: Callable[[], None] = _nothing

    def start(self, pump: Pump[Any, Any], turner: Turner, at_end: Callable[[], None]) -> None:
        """Begin to turn `turner`, which turns `pump`. `at_end` is called in the thread, as the last thing.

        Raises RuntimeError if the system has no thread left; nothing is left behind then, and `at_end` is not called.
        """
        self._pump, self._turner, self._at_end = pump, turner, at_end
        _running.add(self)
        try:
            self._thread.start()
        except RuntimeError:
            self._end()
            raise

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
        if self._is_here():
            return act()
        call = _Call(act)
        self._calls.append(call)
        self.wake()
        if self._over:  # the thread may have looked for the last time just before
            self._refuse_all()
        return call.answer()

    def look(self, act: Callable[[], T]) -> T:
        """Read something, between two turns or after the end."""
        try:
            return self.call(act)
        except ClosedError:
            self.join()
            return act()

    def wait(self, ready: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `ready()`, which is asked in the thread after each turn, or the end; False: not in time."""
        gate = Gate()
        self._questions[gate] = ready
        self.wake()
        try:
            return self._ended or gate.wait(seconds)  # ended: as in `call`
        finally:
            self._questions.pop(gate, None)

    def stop(self) -> None:
        """End the thread and wait until it has ended; harmless if it has."""
        self._stopping = True
        if self._thread.ident is None:
            self._end()
            return
        self.wake()
        if not self._is_here():
            self.join()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self.wait(_never)
        # A signal handler may come here while its thread is inside `Thread.join`, which does not bear that before
        # Python 3.13. All that is left of the thread by now is to return.
        own = threading.get_ident()
        if own not in self._joining:
            self._joining.add(own)
            try:
                self._thread.join()
            finally:
                self._joining.discard(own)

    def forget(self) -> None:
        """In the child of a fork, which got no thread: give back what it got, and touch nothing that is shared."""
        if self._pump is not None:
            self._pump.replace_socket(None)
        self._end()

    def _is_here(self) -> bool:
        return threading.get_ident() == self._thread.ident and not self._ended

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        except BaseException as error:  # noqa: BLE001 - told to whoever asks for something
            self.failure = error
        self._over = True
        try:
            self._at_end()
        except BaseException as error:  # noqa: BLE001
            self.failure = self.failure or error
        self._end()

    def _end(self) -> None:
        self._over = True
        self._selector.close()
        self._reading.close()
        self._writing.close()
        _running.discard(self)
        self._ended = True
        self._refuse_all()
        self._answer_all(lambda _: True)

    def _turn(self) -> None:
        pump, turner = self._pump, self._turner
        assert pump is not None
        assert turner is not None
        for _ in range(len(self._calls)):  # no more: who calls again and again shall not keep datagrams waiting
            self._calls.popleft().make()
        turner.turn(time.monotonic())
        self._answer_all(lambda ready: ready())
        self._watch(pump)
        deadline = turner.deadline
        for key, _ in self._selector.select(None if deadline == inf else max(0.0, deadline - time.monotonic())):
            if key.fileobj is self._reading:
                with suppress(BlockingIOError):
                    while self._reading.recv(4096):
                        pass

    def _watch(self, pump: Pump[Any, Any]) -> None:
        """Wait for what the pump needs of its socket, which may be another than before."""
        sock = None if pump.resting else pump.socket
        wanted = sock, selectors.EVENT_WRITE if pump.blocked else selectors.EVENT_READ
        if wanted == self._watched:
            return
        before, _ = self._watched
        if before is not None:
            self._selector.unregister(before)
        if sock is not None:
            self._selector.register(sock, wanted[1])
        self._watched = wanted

    def _answer_all(self, is_yes: Callable[[Callable[[], bool]], bool]) -> None:
        """Let those go on whose question is answered with yes."""
        for gate, ready in list(self._questions.items()):
            if is_yes(ready) and self._questions.pop(gate, None) is not None:
                gate.open()

    def _refuse_all(self) -> None:
        while self._calls:
            with suppress(IndexError):
                call = self._calls.popleft()
                failure = self.failure
                closed = ClosedError("it is closed" if failure is None else f"it failed: {failure!r}")
                closed.__cause__ = failure
                call.refuse(closed)


def flush(pump: Pump[Any, Any], until: float) -> None:
    """Wait until everything that a pump has for the network has left, or that time has come."""
    with selectors.DefaultSelector() as selector:
        if pump.socket is not None:
            selector.register(pump.socket, selectors.EVENT_WRITE)
        while pump.blocked and (left := until - time.monotonic()) > 0:
            selector.select(left)
            pump.put_out(time.monotonic())


def _nothing() -> None:
    pass


def _never() -> bool:
    return False


_running: set[BlockingLoop] = set()


@atexit.register
def _stop_all() -> None:
    """At the end of the interpreter: no thread is to be cut off in the middle of something."""
    for loop in _running.copy():
        loop.stop()


def _forget_all() -> None:
    for loop in _running.copy():
        loop.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
