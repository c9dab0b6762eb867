"""A person at a terminal: messages above, a line to type on below (docs/cli.md).

Nothing that others wrote can move the cursor: the core gives harmless text. What the person typed is made harmless
when it is shown again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

import trio
from prompt_toolkit import ANSI

from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import (
    ChatReceived,
    ClientEvent,
    Command,
    CommandFailed,
    Disconnected,
    JoinedRoom,
    LinkChanged,
    PartedRoom,
    Sent,
)
from udpchat_core.text import harmless
from udpchat_protocol.codes import Presence
from udpchat_protocol.constants import HISTORY_MAX
from udpchat_transports.trio_client import ChatClient

from .conversation import Conversation
from .faces import waiting
from .keyboard import Key, Keyboard
from .narrator import Narrator, line, name
from .speech import split

HISTORY = 20
"""Messages that /history reads unless it is told otherwise."""

_NOWHERE = "you are in no room; /join one"


class Terminal:
    """A face that can be asked, and the commands that begin with `/`."""

    interactive = True

    def __init__(self, chat: ChatClient, room: str) -> None:
        self._chat = chat
        self._room = room
        """Where what is typed goes; empty: nowhere."""
        self._narrator = Narrator()
        self._up = False
        self._answer: Callable[[str], None] | None = None
        self._oldest: dict[str, int] = {}
        self._joined: set[str] = set()
        self._said: dict[int, str] = {}
        """Messages of this run that have no place yet, by id: what is refused shall not be lost."""
        self._dim, self._plain = ("", "") if os.environ.get("NO_COLOR") else ("\x1b[2m", "\x1b[0m")
        self._keyboard = Keyboard(self._prompt, self._status)

    # -- as a face -------------------------------------------------------------------------------------------

    def show(self, event: ClientEvent) -> None:
        """Print a message with its time, or what happened."""
        if isinstance(event, ChatReceived):
            self._oldest[event.room] = min(event.offset, self._oldest.get(event.room, event.offset))
            room = f"[{event.room}] " if len(self._chat.state.rooms) > 1 else ""
            self._print(f"{self._dim}{_clock(event.time / 1000)}{self._plain} {room}{line(event)}")
            return
        told = self._narrator.tell(event)
        if told:
            self._say(told)
        self._follow(event)

    def _follow(self, event: ClientEvent) -> None:
        """What a change means for what is typed next."""
        match event:
            case LinkChanged(up=up):
                self._up = up
            case Disconnected():
                self._joined.clear()
            case JoinedRoom(room=room):
                self._joined.add(room)
            case PartedRoom(room=room) | CommandFailed(command=Command.JOIN, room=str(room)):
                self._joined.discard(room)
                if room == self._room:
                    # Not into another room: what is being typed was meant for this one.
                    self._go("")
            case Sent(id=message):
                self._said.pop(message, None)
            case CommandFailed(command=Command.SAY, id=int(message)) if message in self._said:
                self._say(f"this was not said: {harmless(self._said.pop(message))}")
            case CommandFailed(command=Command.NICK):
                self._say(self._called())
            case _:
                pass

    def wait(self, server: str, why: str | None) -> None:
        """Print that it takes long."""
        self._say(waiting(server, why))

    async def ask(self, question: str) -> str:
        """Ask; the next line that is typed answers. An empty answer if the person leaves instead."""
        self._say(question)
        sender, receiver = trio.open_memory_channel[str](1)
        self._answer = sender.send_nowait
        return await receiver.receive()

    # -- typing ----------------------------------------------------------------------------------------------

    async def talk(self, conversation: Conversation) -> None:
        """Take lines until the person leaves."""
        async with self._keyboard.lines() as lines:
            async for typed in lines:
                if isinstance(typed, Key):
                    break
                self._typed(conversation, typed)
            self._answered("")
            self._chat.quit()
            await trio.sleep_forever()

    def _typed(self, conversation: Conversation, typed: str) -> None:
        if self._answer is not None:
            self._answered(typed)
            return
        try:
            if typed.startswith("/") and not typed.startswith("//"):
                self._command(typed[1:])
            elif not self._room:
                self._say(f"you are in no room, so this was not said: {harmless(typed)}" if typed else _NOWHERE)
            else:
                for text, more in split(typed.removeprefix("/") if typed.startswith("//") else typed):
                    self._said[conversation.say(self._room, text, more=more)] = text
        except LocalProtocolError as error:
            self._say(str(error))

    def _answered(self, text: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(text)

    def _command(self, typed: str) -> None:
        word, _, rest = typed.partition(" ")
        command = COMMANDS.get(word.lower())
        if command is None:
            self._say(f"there is no /{harmless(word)}; /help lists what there is, and // begins a message with /")
        else:
            command.act(self, rest.strip())

    # -- commands --------------------------------------------------------------------------------------------

    def quit(self, reason: str) -> None:
        """Leave for good."""
        self._chat.quit(reason)

    def nick(self, nick: str) -> None:
        """Take another nick, or tell the one there is."""
        if nick:
            self._chat.nick(nick)
        else:
            self._say(self._called())

    def join(self, room: str) -> None:
        """Enter a room, and talk there."""
        if not room:
            self._say("/join which ROOM?")
            return
        if room not in self._joined:
            self._chat.join(room)
        self._go(room)

    def part(self, room: str) -> None:
        """Leave a room."""
        room = room or self._room
        if not room:
            self._say(_NOWHERE)
        elif room not in self._chat.state.rooms:
            self._say(f"you are not in {harmless(room)}")
        else:
            self._chat.part(room)
            if room == self._room:
                self._go(next(iter(self._chat.state.rooms), ""))

    def history(self, count: str) -> None:
        """Read what was said before the oldest message that was shown."""
        if not self._room:
            self._say(_NOWHERE)
            return
        if count and not (count.isascii() and count.isdigit() and int(count[:9])):
            self._say(f"/history takes a number of messages, not {harmless(count)}")
            return
        end = self._oldest.get(self._room, 0)
        wanted = min(int(count[:9]) if count else HISTORY, HISTORY_MAX, end)
        if wanted:
            self._oldest[self._room] = end - wanted
            self._chat.history(self._room, end - wanted, wanted)
        else:
            self._say("there is nothing before that")

    def who(self, room: str) -> None:
        """Tell who is here."""
        room = room or self._room
        if not room:
            self._say(_NOWHERE)
        elif room not in self._chat.state.rooms:
            self._say(f"you are not in {harmless(room)}")
        elif not (attendees := self._chat.attendees(room)) and room not in self._narrator.counts:
            self._say(f"the server has not told yet who is in {room}")
        else:
            for one in attendees:
                away = "" if one.presence is Presence.ONLINE else " (cannot be reached)"
                self._say(f"{name(one.nick, one.member)}{away}  key {one.member.hex()}")
            if room in self._narrator.counts:
                online, members = self._narrator.counts[room]
                self._say(f"{online} of {members} members are here; a room of this size lists who spoke lately")

    def rooms(self, _: str) -> None:
        """Tell which rooms this member is in."""
        rooms = self._chat.state.rooms
        for room in rooms:
            waits = "" if room in self._joined else " (the server has not let you in yet)"
            self._say(room + (" (here)" if room == self._room else "") + waits)
        if not rooms:
            self._say(_NOWHERE)

    def help(self, _: str) -> None:
        """Tell what can be typed."""
        for word, command in COMMANDS.items():
            self._say(f"/{word} {command.takes}".ljust(20) + command.does)
        self._say("//text".ljust(20) + "say /text")

    # -- looks -----------------------------------------------------------------------------------------------

    def _go(self, room: str) -> None:
        """What is typed goes to another room from now on."""
        if room != self._room or not room:
            self._room = room
            self._say(f"you talk in {room} now" if room else _NOWHERE)

    def _called(self) -> str:
        everyone = (one for room in self._chat.state.rooms for one in self._chat.attendees(room))
        own = next((one.nick for one in everyone if one.member == self._chat.fingerprint), "")
        return f"you are called {name(own, self._chat.fingerprint)}"

    def _say(self, text: str) -> None:
        # The star, which begins no nick, tells this program's words from those of people.
        for each in text.splitlines():
            self._print(f"{self._dim}{_clock(time.time())} * {each}{self._plain}")

    def _print(self, text: str) -> None:
        # Whatever print_formatted_text would do to it, patch_stdout does.
        print(text, flush=True)

    def _prompt(self) -> str:
        return "? " if self._answer is not None else f"{self._room}> "

    def _status(self) -> ANSI:
        rtt, unsent = self._chat.rtt, self._chat.unacknowledged
        link = "connected" if self._up else "not connected"
        distance = f" · {rtt * 1000:.0f} ms" if self._up and rtt is not None else ""
        return ANSI(f" {link}{distance}" + (f" · {unsent} not yet sent" if unsent else ""))


class TypedCommand(NamedTuple):
    """What begins with `/`."""

    act: Callable[[Terminal, str], None]
    takes: str
    does: str


COMMANDS = {
    "quit": TypedCommand(Terminal.quit, "[REASON]", "leave for good"),
    "nick": TypedCommand(Terminal.nick, "[NICK]", "take another nick, or see which you have"),
    "join": TypedCommand(Terminal.join, "ROOM", "enter a room, and talk there"),
    "part": TypedCommand(Terminal.part, "[ROOM]", "leave this room, or another"),
    "history": TypedCommand(Terminal.history, "[COUNT]", "read what was said before"),
    "who": TypedCommand(Terminal.who, "[ROOM]", "who is here, or in another room"),
    "rooms": TypedCommand(Terminal.rooms, "", "the rooms that you are in"),
    "help": TypedCommand(Terminal.help, "", "this list"),
}


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(seconds))
