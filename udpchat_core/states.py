"""The states of a client and of a server's session: every transition, and nothing else (SPEC.md 7.2, 7.3).

A test holds these tables against those of SPEC.md. `step` is the only way from one state to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class State(Enum):
    """Where a client stands."""

    IDLE = "IDLE"
    GREETING = "GREETING"
    ASKING = "ASKING"
    PROVING = "PROVING"
    OPEN = "OPEN"
    QUITTING = "QUITTING"
    CLOSED = "CLOSED"


class Happening(Enum):
    """What moves a client from one state to another."""

    CONNECT = "connect"
    RETRY_KNOWN = "RETRY, key known"
    RETRY_UNKNOWN = "RETRY, key unknown"
    ACCEPTED = "accept_server"
    STALE = "stale"
    WELCOME = "WELCOME"
    LOST = "lost"
    ENDED = "ended"
    QUIT = "quit"


TRANSITIONS: Mapping[State, Mapping[Happening, State]] = {
    State.IDLE: {Happening.CONNECT: State.GREETING, Happening.QUIT: State.CLOSED},
    State.GREETING: {
        Happening.RETRY_KNOWN: State.PROVING,
        Happening.RETRY_UNKNOWN: State.ASKING,
        Happening.ENDED: State.CLOSED,
        Happening.QUIT: State.CLOSED,
    },
    State.ASKING: {Happening.ACCEPTED: State.GREETING, Happening.QUIT: State.CLOSED},
    State.PROVING: {
        Happening.WELCOME: State.OPEN,
        Happening.STALE: State.GREETING,
        Happening.ENDED: State.CLOSED,
        Happening.QUIT: State.CLOSED,
    },
    State.OPEN: {
        Happening.WELCOME: State.OPEN,
        Happening.LOST: State.GREETING,
        Happening.ENDED: State.CLOSED,
        Happening.QUIT: State.QUITTING,
    },
    State.QUITTING: {Happening.LOST: State.CLOSED, Happening.ENDED: State.CLOSED},
    State.CLOSED: {},
}


def step(state: State, happening: Happening) -> State:
    """The state after a happening. KeyError: the table does not have it, which would be a fault of this program."""
    return TRANSITIONS[state][happening]
