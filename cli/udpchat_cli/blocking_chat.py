"""`udpchat chat --transport blocking`: events in the main thread, standard input in another, and nothing of Trio.

A terminal is treated as a pipe is: lines in, lines out. A lock keeps what is said and what is heard apart: no event of
a message is taken before the message is in the books. Nothing is read before there is a session, so that a client
that begins again with another key finds all of the input.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from math import inf

from udpchat_core.errors import LocalProtocolError
from udpchat_transports.blocking_client import ChatClient, ClosedError

from .course import REMINDER, SIGNALS, SILENCE, Course
from .exits import CommandError, Exit
from .pipe import BACKLOG, lines_read
from .speech import split


class BlockingConversation(Course):
    """What one client says and hears in this run."""

    chat: ChatClient
    _over = False

    def run(self, wait: float = inf) -> CommandError | BrokenPipeError | None:
        """Until it is over; what was wrong, if anything. `wait`: seconds to try for a session. Raises `NewKey`."""
        self._changed = threading.Condition()
        self._failure: CommandError | BrokenPipeError | None = None
        threading.Thread(target=self._talk, name="standard input", daemon=True).start()
        try:
            with self._signals():
                self._listen(wait)
        except (CommandError, BrokenPipeError) as error:
            self._failure = self._failure or error
            with suppress(ClosedError):
                self.chat.quit()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
        return self._failure

    def status(self) -> Exit:
        """How it ended: what was not even read cannot have been delivered."""
        return Exit.INTERRUPTED if self.interrupted and not self.connected else super().status()

    def _listen(self, wait: float) -> None:
        began = time.monotonic()
        remind_at = began + SILENCE
        while True:
            timeout = None if self.connected else min(remind_at, began + wait) - time.monotonic()
            try:
                event = self.chat.receive(timeout)
            except TimeoutError:
                if time.monotonic() >= began + wait:
                    raise self.no_answer(wait) from None
                self.face.wait(self.link.address, self.chat.trouble)
                remind_at = time.monotonic() + REMINDER
                continue
            except ClosedError:
                return
            if event is None:
                return
            self.face.show(event)
            with self._changed:
                self.take(event)
                self._changed.notify_all()

    def _talk(self) -> None:
        """In a thread of its own: say what comes in, and leave when all of it is done."""
        try:
            self._until(lambda: self.connected)
            for line in lines_read():
                for text, more in split(line):
                    self.chat.acknowledged(BACKLOG - 1)
                    with self._changed:
                        self.say(self.room, text, more=more)
            self._until(lambda: self.caught_up)
            self.chat.acknowledged()
            self._until(lambda: self.deliveries.settled)
            self.chat.quit()
        except ClosedError:
            return  # it is over already; whoever reads the events knows why
        except LocalProtocolError as error:
            self._failure = CommandError(Exit.UNDELIVERED, str(error))
            with suppress(ClosedError):
                self.chat.quit()

    def _until(self, ready: Callable[[], bool]) -> None:
        """Wait until `ready()`, which is asked after each event. Raises `ClosedError`."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or ready())
        if self._over:
            raise ClosedError("it is over")

    @contextmanager
    def _signals(self) -> Generator[None]:
        """The first signal leaves, the second does not wait for it."""

        def obey(*_: object) -> None:
            if self.interrupted:
                self.chat.close()
            self.interrupted = True
            with suppress(ClosedError):
                self.chat.quit()

        before = [(each, signal.signal(each, obey)) for each in SIGNALS]
        try:
            yield
        finally:
            for each, handler in before:
                signal.signal(each, handler)
