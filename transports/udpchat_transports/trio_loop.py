"""Waiting, with Trio, for what a pump needs next.

The only awaits are here, one a turn and none a datagram: a wake-up of Trio's costs as much as twenty
datagrams.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Generic

import trio
from trio.lowlevel import wait_readable, wait_writable

from .pump import Core, Pump, Request, Result, Store


class Loop(Generic[Request, Result]):
    """Turns a pump whenever there is reason to. To be made and run inside `trio.run`."""

    def __init__(
        self, core: Core[Request, Result], store: Store[Request, Result], on_events: Callable[[], None]
    ) -> None:
        """`on_events`: as for `Pump`."""
        self.pump = Pump(core, store, wake=self.wake_from_any_thread, on_events=on_events)
        self._token = trio.lowlevel.current_trio_token()
        self._scope = trio.CancelScope()
        self._again = False
        self._chores: list[Callable[[], None]] = []

    def wake(self) -> None:
        """Turn again soon; from Trio's thread."""
        self._again = True
        self._scope.cancel()

    def wake_from_any_thread(self) -> None:
        """Turn again soon; too late is no error."""
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self.wake, idempotent=True)

    def before_next_turn(self, chore: Callable[[], None]) -> None:
        """Do something while nobody waits for the socket, so that it may be replaced."""
        self._chores.append(chore)
        self.wake()

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            self._again = False
            while self._chores:
                self._chores.pop(0)()
            self.pump.turn(trio.current_time())
            await self._wait()

    async def flush(self) -> None:
        """Wait until everything that the pump has for the network has left."""
        while self.pump.blocked and self.pump.socket is not None:
            await wait_writable(self.pump.socket)
            self.pump.put_out(trio.current_time())

    async def _wait(self) -> None:
        with trio.CancelScope(deadline=self.pump.deadline) as self._scope:
            if self._again:
                await trio.lowlevel.checkpoint()
            elif self.pump.socket is None:
                await trio.sleep_forever()
            elif self.pump.blocked:
                await wait_writable(self.pump.socket)
            else:
                await wait_readable(self.pump.socket)
