"""Waiting, with Trio, for what a pump needs next.

The only awaits are here, one a turn and none a datagram: a wake-up of Trio's costs as much as twenty
datagrams.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import trio
from trio.lowlevel import wait_readable, wait_writable

from .pump import Pump, Turner


class Loop:
    """Turns something whenever there is reason to. To be made and run inside `trio.run`."""

    def __init__(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._scope = trio.CancelScope()

    def wake(self) -> None:
        """Turn again soon; from Trio's thread."""
        self._scope.cancel()

    def wake_from_any_thread(self) -> None:
        """Turn again soon; too late is no error."""
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self.wake, idempotent=True)

    async def run(self, pump: Pump[Any, Any], turner: Turner) -> None:
        """Turn `turner`, which turns `pump`, until cancelled."""
        while True:
            # A scope lasts until its deadline comes or it is woken: to make one costs as much as to wait.
            with trio.CancelScope() as self._scope:
                while not self._scope.cancel_called:
                    turner.turn(trio.current_time())
                    self._scope.deadline = turner.deadline
                    if pump.socket is None or pump.resting:
                        await trio.sleep_forever()
                    elif pump.blocked:
                        await wait_writable(pump.socket)
                    else:
                        await wait_readable(pump.socket)


async def flush(pump: Pump[Any, Any]) -> None:
    """Wait until everything that a pump has for the network has left."""
    while pump.blocked and pump.socket is not None:
        await wait_writable(pump.socket)
        pump.put_out(trio.current_time())
