"""A person at a terminal: messages above, a line to type on below (docs/cli.md).

The line is prompt_toolkit's, which wants a thread of its own; what was typed comes over as a line of text and
is handled in Trio's. Nothing that others wrote can move the cursor: the core gives text without control
characters.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

import trio
from prompt_toolkit import ANSI, PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import ChatReceived, ClientEvent, LinkChanged, PartedRoom
from udpchat_protocol.codes import Presence
from udpchat_protocol.constants import HISTORY_MAX
from udpchat_transports.trio_client import ChatClient

from .conversation import Conversation
from .faces import waiting
from .narrator import Narrator, line, name
from .speech import split

HISTORY = 20
"""Messages that /history reads unless it is told otherwise."""


class Terminal:
    """A face that can be asked, and the commands that begin with `/`."""

    interactive = True

    def __init__(self, chat: ChatClient, room: str) -> None:
        self._chat = chat
        self._room = room
        self._narrator = Narrator()
        self._up = False
        self._answer: Callable[[str], None] | None = None
        self._oldest: dict[str, int] = {}
        self._dim, self._plain = ("", "") if os.environ.get("NO_COLOR") else ("\x1b[2m", "\x1b[0m")
        self._session: PromptSession[str] = PromptSession(
            erase_when_done=True, refresh_interval=1.0, reserve_space_for_menu=0
        )

    # -- as a face -------------------------------------------------------------------------------------------

    def show(self, event: ClientEvent) -> None:
        """Print a message with its time, or what happened."""
        if isinstance(event, ChatReceived):
            self._oldest[event.room] = min(event.offset, self._oldest.get(event.room, event.offset))
            room = f"[{event.room}] " if len(self._chat.state.rooms) > 1 else ""
            self._print(f"{self._dim}{_clock(event.time / 1000)}{self._plain} {room}{line(event)}")
            return
        if isinstance(event, LinkChanged):
            self._up = event.up
        if isinstance(event, PartedRoom) and event.room == self._room:
            self._room = next(iter(self._chat.state.rooms), "")
        told = self._narrator.tell(event)
        if told:
            self._say(told)

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
        sender, receiver = trio.open_memory_channel[str | None](64)
        with patch_stdout(raw=True):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._type, sender)
                try:
                    async for typed in receiver:
                        if typed is None:
                            break
                        self._typed(conversation, typed)
                    self._answered("")
                    self._chat.quit()
                    await trio.sleep_forever()
                finally:
                    self._stop()

    async def _type(self, sender: trio.MemorySendChannel[str | None]) -> None:
        def read() -> None:
            while True:
                try:
                    typed = self._session.prompt(
                        self._prompt, bottom_toolbar=self._status, handle_sigint=False, set_exception_handler=False
                    )
                except (EOFError, KeyboardInterrupt):
                    trio.from_thread.run(sender.send, None)
                    return
                trio.from_thread.run(sender.send, typed)

        await trio.to_thread.run_sync(read, abandon_on_cancel=True)

    def _stop(self) -> None:
        """Take the line away from the person."""
        app = self._session.app
        if app.is_running and app.loop is not None:
            app.loop.call_soon_threadsafe(lambda: app.is_running and app.exit(exception=EOFError()))

    def _typed(self, conversation: Conversation, typed: str) -> None:
        if self._answer is not None:
            self._answered(typed)
            return
        try:
            if typed.startswith("/") and not typed.startswith("//"):
                self._command(typed[1:])
            elif not self._room:
                self._say("you are in no room; /join one")
            else:
                for text, more in split(typed.removeprefix("/") if typed.startswith("//") else typed):
                    conversation.say(self._room, text, more=more)
        except LocalProtocolError as error:
            self._say(str(error))

    def _answered(self, text: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(text)

    def _command(self, typed: str) -> None:
        word, _, rest = typed.partition(" ")
        command = COMMANDS.get(word)
        if command is None:
            self._say(f"there is no /{word}; /help lists what there is")
        else:
            command.act(self, rest.strip())

    # -- commands --------------------------------------------------------------------------------------------

    def quit(self, reason: str) -> None:
        """Leave for good."""
        self._chat.quit(reason)

    def nick(self, nick: str) -> None:
        """Take another nick."""
        self._chat.nick(nick)

    def join(self, room: str) -> None:
        """Enter a room, and talk there."""
        if room not in self._chat.state.rooms:
            self._chat.join(room)
        self._room = room

    def part(self, room: str) -> None:
        """Leave a room."""
        self._chat.part(room or self._room)

    def history(self, count: str) -> None:
        """Read what was said before the oldest message that was shown."""
        end = self._oldest.get(self._room, 0)
        wanted = min(int(count) if count.isdecimal() else HISTORY, HISTORY_MAX, end)
        if wanted:
            self._oldest[self._room] = end - wanted
            self._chat.history(self._room, end - wanted, wanted)
        else:
            self._say("there is nothing before that")

    def who(self, room: str) -> None:
        """Tell who is here."""
        for attendee in self._chat.attendees(room or self._room):
            away = "" if attendee.presence is Presence.ONLINE else " (cannot be reached)"
            self._say(f"{name(attendee.nick, attendee.member)}{away}  key {attendee.member.hex()}")

    def rooms(self, _: str) -> None:
        """Tell which rooms this member is in."""
        for room in self._chat.state.rooms:
            self._say(room + (" (here)" if room == self._room else ""))

    def help(self, _: str) -> None:
        """Tell what can be typed."""
        for word, command in COMMANDS.items():
            self._say(f"/{word} {command.takes}".ljust(20) + command.does)
        self._say("//text".ljust(20) + "say /text")

    # -- looks -----------------------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        for each in text.splitlines():
            self._print(f"{self._dim}{_clock(time.time())} {each}{self._plain}")

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
    "nick": TypedCommand(Terminal.nick, "NICK", "take another nick"),
    "join": TypedCommand(Terminal.join, "ROOM", "enter a room, and talk there"),
    "part": TypedCommand(Terminal.part, "[ROOM]", "leave this room, or another"),
    "history": TypedCommand(Terminal.history, "[COUNT]", "read what was said before"),
    "who": TypedCommand(Terminal.who, "[ROOM]", "who is here, or in another room"),
    "rooms": TypedCommand(Terminal.rooms, "", "the rooms that you are in"),
    "help": TypedCommand(Terminal.help, "", "this list"),
}


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(seconds))
