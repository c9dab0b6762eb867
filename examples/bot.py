"""A bot over Trio: it answers !ping, !who and !time in the room of a link until a signal comes.

python examples/bot.py 'udpchat://…' STATE-DIRECTORY
"""

import signal
import sys
import time
from contextlib import suppress

import trio

from udpchat_cli.home import member
from udpchat_cli.links import Link, parse_link
from udpchat_core.effects import ClientStore
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, CommandFailed, ServerOffered
from udpchat_core.state import ClientState
from udpchat_protocol.codes import Presence
from udpchat_transports.trio_client import ChatClient, open_client


def answer(chat: ChatClient, question: ChatReceived) -> str | None:
    """What it says to a message, if anything."""
    match question.text.split():
        case ["!ping"]:
            return f"pong, {question.nick or question.author.hex()}"
        case ["!who"]:
            present = [each for each in chat.attendees(question.room) if each.presence is Presence.ONLINE]
            return "here: " + ", ".join(each.nick or each.member.hex() for each in present)[:240]
        case ["!time"]:
            return time.strftime("%H:%M:%S %Z")
    return None  # and so it never answers itself, or another bot


async def leave_on_signal(chat: ChatClient) -> None:
    """Ctrl-C is no reason to vanish: say goodbye."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            chat.quit()


async def main(link: Link, state: ClientState, store: ClientStore) -> None:
    """Be there until it is told to leave."""
    opened = open_client((link.host, link.port), state, store=store, confirmed=link.pin)
    async with opened as chat, trio.open_nursery() as nursery:
        nursery.start_soon(leave_on_signal, chat)
        chat.join(link.room or "lobby", newest=0)  # nothing from before its first visit
        async for event in chat:
            match event:
                case ChatReceived() if (text := answer(chat, event)) is not None:
                    with suppress(LocalProtocolError):  # it is leaving
                        chat.say(event.room, text)
                case ServerOffered():  # the link told no key, or no secret, and there is nobody to ask
                    chat.quit()
                case CommandFailed():
                    print(event, file=sys.stderr)
        nursery.cancel_scope.cancel()


with member(sys.argv[2], link := parse_link(sys.argv[1])) as (state, store):
    trio.run(main, link, state, store)
