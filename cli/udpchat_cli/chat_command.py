"""`udpchat chat`: from the command line's words to a conversation, and back to a status."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from math import inf
from types import MappingProxyType

import trio

from udpchat_core.errors import LocalProtocolError
from udpchat_core.state import ClientState, Pin
from udpchat_stores.clientfile import SavedServer
from udpchat_transports.blocking_client import connect
from udpchat_transports.chat import Chat
from udpchat_transports.trio_client import open_client

from . import pipe, trust
from .blocking_chat import BlockingConversation
from .conversation import Conversation
from .course import NewKey
from .exits import CommandError, Exit
from .faces import Face, JsonFace, PlainFace
from .home import member
from .links import Link, LinkError, parse_link

ROOM = "lobby"


def run(options: argparse.Namespace) -> Exit:
    """Chat until it is over. Raises `CommandError`."""
    if options.server is None:
        raise CommandError(Exit.USAGE, "which server? Give its join link, or HOST[:PORT]")
    if options.plaintext_interval is not None:
        raise CommandError(Exit.USAGE, "--plaintext-interval needs --plaintext")
    try:
        link = parse_link(options.server)
    except LinkError as error:
        raise CommandError(Exit.USAGE, str(error)) from error
    with member(options.state, link) as (state, saved):
        return _chat(options, link, state, saved)


def _chat(options: argparse.Namespace, link: Link, state: ClientState, saved: SavedServer) -> Exit:
    room = options.room or link.room or ROOM
    blocking = options.transport == "blocking"
    interactive = sys.stdin.isatty() and sys.stdout.isatty() and not options.json and not blocking
    if not interactive:
        state = _only(state, room)
    pin, confirmed = trust.begin(state.pin, link, accept_new_key=options.accept_new_key)
    state = replace(state, pin=pin)
    while True:
        try:
            if blocking:
                return _converse_blocking(options, link, state, confirmed, saved, room)
            return trio.run(partial(_converse, options, link, state, confirmed, saved, room, interactive=interactive))
        except NewKey as new:
            state, confirmed = replace(state, pin=None), new.pin


def _converse_blocking(
    options: argparse.Namespace,
    link: Link,
    state: ClientState,
    confirmed: Pin | None,
    saved: SavedServer,
    room: str,
) -> Exit:
    with connect((link.host, link.port), state, store=saved, confirmed=confirmed) as chat:
        _begin(options, chat, room)
        conversation = BlockingConversation(chat, link, room, _face(options), accept_new_key=options.accept_new_key)
        failure = conversation.run(inf if options.wait is None else options.wait)
    return _ended(failure) or conversation.status()


def _ended(failure: CommandError | BrokenPipeError | None) -> Exit | None:
    """The status after what went wrong. Raises what is for people to read."""
    if isinstance(failure, CommandError):
        raise failure
    return None if failure is None else Exit.INTERRUPTED


def _face(options: argparse.Namespace) -> Face:
    return JsonFace() if options.json else PlainFace()


async def _converse(
    options: argparse.Namespace,
    link: Link,
    state: ClientState,
    confirmed: Pin | None,
    saved: SavedServer,
    room: str,
    *,
    interactive: bool,
) -> Exit:
    async with open_client((link.host, link.port), state, store=saved, confirmed=confirmed) as chat:
        _begin(options, chat, room)
        if interactive:
            from .terminal import Terminal  # noqa: PLC0415 - brings prompt_toolkit, which a pipe can do without

            terminal = Terminal(chat, room)
            face: Face = terminal
            talk = terminal.talk
        else:
            face, talk = _face(options), pipe.talk
        conversation = Conversation(chat, link, room, face, accept_new_key=options.accept_new_key)
        failure: CommandError | BrokenPipeError | None = None
        try:
            await conversation.run(talk, inf if options.wait is None else options.wait)
        except (CommandError, BrokenPipeError) as error:
            # Whatever went wrong, the others shall not see a member who only cannot be reached.
            failure = error
            chat.quit()
    return _ended(failure) or (Exit.OK if interactive else conversation.status())


def _begin(options: argparse.Namespace, chat: Chat, room: str) -> None:
    """Say who one is and where one wants to be. Raises `CommandError`."""
    try:
        if options.nick is not None:
            chat.nick(options.nick)
        chat.join(room)
    except LocalProtocolError as error:
        raise CommandError(Exit.USAGE, str(error)) from error


def _only(state: ClientState, room: str) -> ClientState:
    """The state with one room alone: what a pipe does not show shall not count as read, nor be said by it."""
    rooms = {name: place for name, place in state.rooms.items() if name == room}
    outbox = tuple(message for message in state.outbox if message.room == room)
    return replace(state, rooms=MappingProxyType(rooms), outbox=outbox)
