"""What the entries that a client receives do: the counterpart of the server's `uplink` (SPEC.md 7, 10, 11).

Takes entries out of the session's inboxes in their order, keeps the rooms (`Membership`), and turns all of it into
events. An entry counts as done with, which moves ACK and the saved place, when its last event is drained, or at once
if it gives none: a server cannot fill an application that does not take its events with more of them.
"""

from __future__ import annotations

from typing import NamedTuple

from udpchat_protocol.codes import Code, Resume, code_of, resume_of
from udpchat_protocol.constants import RANGES
from udpchat_protocol.entries import (
    Body,
    Failed,
    Joined,
    Notice,
    Parted,
    Replay,
    Roster,
    Skip,
    Terms,
    parse_body_untrusted,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.wire import WireError

from .events import (
    Attendee,
    ChatReceived,
    ClientEvent,
    Command,
    CommandFailed,
    HistoryEnded,
    JoinedRoom,
    NoticeReceived,
    PartedRoom,
    Sent,
    Skipped,
)
from .inbox import Inbox, Taken
from .membership import Membership
from .session import Session
from .sides import Pace
from .state import Memory, Place, RoomEntered
from .text import harmless, harmless_name
from .wishes import Wishes


class Due(NamedTuple):
    """An event that waits to be drained, and what being drained does."""

    event: ClientEvent
    session: Session | None = None
    inbox: Inbox | None = None
    offset: int = -1
    room: str = ""
    place: Place | None = None


class History(NamedTuple):
    """A history under way: whose, which offsets, and where the first answer to it began."""

    room: str
    start: int
    end: int
    began: int


class Downlink:
    """Everything that the server tells a client."""

    __slots__ = ("_due", "_former", "_histories", "_memory", "_own", "_session", "_wishes", "reset", "rooms")

    def __init__(self, own: bytes, wishes: Wishes, memory: Memory) -> None:
        """`own`: the fingerprint of the client's key."""
        self._own = own
        self._wishes = wishes
        self._memory = memory
        self._session: Session | None = None
        self._due: list[Due] = []
        self._histories: dict[int, History] = {}
        self._former: dict[str, Membership] = {}
        self.rooms: dict[str, Membership] = {}
        """The rooms that this session has joined."""
        self.reset: bytes | None = None
        """The token that a RESET of this session must bear; None: TERMS has not come."""

    def begin(self, session: Session, *, quiet: bool) -> None:
        """A new session: its rooms are yet to be joined, and what was not taken of them will come again.

        `quiet`: it renews one that was good, and of its rooms only what changed is told (UC-RENEW-3).
        """
        self._due = [due for due in self._due if due.inbox is None or due.inbox.channel == 0 or due.place is None]
        for channel, history in self._histories.items():
            if self._session is not None:
                self._wishes.read_up_to(history.room, history.began, self._session.intake.inboxes[channel].next)
        self._session = session
        self._former = {**self._former, **self.rooms} if quiet else {}
        self.rooms = {}
        self._histories = {}
        self.reset = None

    def attendees(self, room: str) -> tuple[Attendee, ...]:
        """Who is in a room, as far as this client was told."""
        membership = self.rooms.get(room) or self._former.get(room)
        return membership.attendees if membership is not None else ()

    def tell(self, event: ClientEvent) -> None:
        """Add an event that is no entry of a room."""
        self._due.append(Due(event))

    def __bool__(self) -> bool:
        """Do events wait to be drained?"""
        return bool(self._due)

    def drain(self, now: float, most: int | None = None) -> list[ClientEvent]:
        """The oldest `most` events (None: all); what they tell counts as taken by the application."""
        due = self._due[:most]
        del self._due[: len(due)]
        places: dict[str, Place] = {}
        for each in due:
            session, inbox = each.session, each.inbox
            # A room that was left and joined again has the same channels and another inbox.
            if session is not None and inbox is not None and session.intake.reads(inbox):
                session.done(inbox.channel, each.offset, now)
            if each.place is not None:
                places[each.room] = each.place
        for room, place in places.items():
            if room in self._memory.state.rooms:  # and was not left since
                self._memory.remember(RoomEntered(room, place))
        return [each.event for each in due]

    def advance(self, now: float) -> None:
        """Act on every entry that has come in order."""
        session = self._session
        if session is None:
            return
        for entry in _entries(session.intake.inbox):
            before = len(self._due)
            self._control(session, entry)
            self._owe(session, session.intake.inbox, entry.offset, before, now)
        for membership in self.rooms.values():
            self._chat(session, membership)
            if membership.ready:
                self._presence(session, membership, now)
        for channel, history in list(self._histories.items()):
            self._history(session, channel, history)

    def _control(self, session: Session, entry: Taken) -> None:
        try:
            body = parse_body_untrusted(Logs.CONTROL, entry.kind, entry.body)
        except WireError:
            return
        match body:
            case Terms() as terms:
                self.reset = terms.reset
                _adopt(session, _pace(terms))
            case Joined() as joined:
                self._joined(session, joined)
            case Parted(room=name, code=code):
                self._parted(session, name)
                self.tell(PartedRoom(harmless_name(name), code_of(code)))
            case Roster() as roster:
                for membership in self.rooms.values():
                    if membership.presence_channel == roster.channel:
                        for event in membership.roster(roster):
                            self.tell(event)
            case _:
                self._other(session, body)

    def _other(self, session: Session, body: Body) -> None:
        match body:
            case Skip():
                self._skip(session, body)
            case Failed(request=offset, code=code, reason=reason):
                wish = self._wishes.asked(offset)
                if wish is not None:
                    if wish.command is Command.HISTORY:
                        self._wishes.was_read(wish.room)
                    if wish.command is Command.NICK:
                        self._wishes.nick_refused()
                    self.tell(CommandFailed(wish.command, wish.room, wish.id, code_of(code), harmless(reason)))
            case Replay() as replay:
                self._replay(session, replay)
            case Notice(code=code, text=text):
                self.tell(NoticeReceived(code_of(code), harmless(text)))
            case _:
                pass

    def _skip(self, session: Session, skip: Skip) -> None:
        if (history := self._histories.get(skip.channel)) is not None:
            self._history_ended(history)
            self._end_history(session, history.room)
        for membership in self.rooms.values():
            if skip.channel == membership.chat_channel and session.intake.inboxes[skip.channel].reached(skip.first):
                continue  # the server did not know yet that nothing is missing
            if skip.channel in (membership.chat_channel, membership.presence_channel):
                session.intake.inboxes[skip.channel].skip(skip.first)
                membership.skip(skip.channel, skip.check)
                if skip.channel == membership.chat_channel:
                    self.tell(Skipped(membership.name, skip.first, code_of(skip.code)))

    def _joined(self, session: Session, joined: Joined) -> None:
        if not self._wishes.joined(joined.room):
            session.close(Code.PROTOCOL, "JOINED of a room that was not asked for")
            return
        self._parted(session, joined.room)
        if not self._fresh(session, joined.chat_channel, joined.presence_channel):
            return
        former = self._former.pop(joined.room, None)
        known = former.attendees if former is not None and former.told else None
        self.rooms[joined.room] = Membership(joined, known)
        session.intake.read(joined.chat_channel, joined.chat_start)
        session.intake.read(joined.presence_channel, joined.presence_start)
        place = Place(joined.chat_log, joined.chat_start, joined.chat_check)
        resume = resume_of(joined.resume)
        if former is not None and resume is Resume.RESUMED:
            return
        event = JoinedRoom(joined.room, resume, joined.chat_first, joined.chat_head, joined.chat_start)
        self._due.append(Due(event, room=joined.room, place=place))

    def _parted(self, session: Session, name: str) -> None:
        membership = self.rooms.pop(name, None)
        if membership is not None:
            session.intake.unread(membership.chat_channel)
            session.intake.unread(membership.presence_channel)
            self._end_history(session, name)
            self._wishes.was_read(name)

    def _replay(self, session: Session, replay: Replay) -> None:
        wish = self._wishes.asked(replay.request)
        if wish is None or wish.command is not Command.HISTORY or wish.room not in self.rooms:
            return
        self._end_history(session, wish.room)
        if replay.start < replay.end and self._fresh(session, replay.channel):
            began = self._wishes.reading(wish.room)
            session.intake.read(replay.channel, replay.start)
            self._histories[replay.channel] = History(
                wish.room, replay.start, replay.end, replay.start if began is None else began
            )

    def _end_history(self, session: Session, room: str) -> None:
        """Read no history of a room: there is one at a time (UC-HIST-2)."""
        for channel in [channel for channel, history in self._histories.items() if history.room == room]:
            session.intake.unread(channel)
            del self._histories[channel]

    def _fresh(self, session: Session, *channels: int) -> bool:
        """May reading these channels begin? If they are read already, the server broke UC-LOG-1."""
        if len({0, *channels, *session.intake.inboxes}) == 1 + len(channels) + len(session.intake.inboxes):
            return True
        session.close(Code.PROTOCOL, "a channel was used twice")
        return False

    def _chat(self, session: Session, membership: Membership) -> None:
        channel = membership.chat_channel
        for entry in _entries(session.intake.inboxes[channel]):
            event, place = membership.chat(entry)
            self._due.append(Due(event, session, session.intake.inboxes[channel], entry.offset, membership.name, place))
            if isinstance(event, ChatReceived) and event.author == self._own and self._wishes.placed(event.id):
                self.tell(Sent(membership.name, event.id, event.offset))

    def _history(self, session: Session, channel: int, history: History) -> None:
        membership = self.rooms[history.room]
        for entry in _entries(session.intake.inboxes[channel]):
            self._due.append(Due(membership.past(entry), session, session.intake.inboxes[channel], entry.offset))
            if entry.offset == history.end - 1:  # its channel stays until the next one: the ACK has yet to arrive
                self._history_ended(history)

    def _history_ended(self, history: History) -> None:
        self._wishes.was_read(history.room)
        self.tell(HistoryEnded(history.room, history.began, history.end))

    def _presence(self, session: Session, membership: Membership, now: float) -> None:
        inbox = session.intake.inboxes[membership.presence_channel]
        for entry in _entries(inbox):
            before = len(self._due)
            for event in membership.presence(entry):
                self.tell(event)
            self._owe(session, inbox, entry.offset, before, now)

    def _owe(self, session: Session, inbox: Inbox, offset: int, before: int, now: float) -> None:
        """An entry was acted on: it is done with when the events from number `before` on are drained."""
        if len(self._due) == before:
            session.done(inbox.channel, offset, now)
        else:
            self._due[-1] = self._due[-1]._replace(session=session, inbox=inbox, offset=offset)


def _entries(inbox: Inbox) -> list[Taken]:
    taken: list[Taken] = []
    while (entry := inbox.take()) is not None:
        taken.append(entry)
    return taken


def _adopt(session: Session, pace: Pace) -> None:
    session.pace = pace
    session.intake.seen.every, session.intake.seen.delay = pace.seen_every, pace.seen_delay
    session.recovery.max_delay = pace.seen_delay


def _pace(terms: Terms) -> Pace:
    """The timers that TERMS asks for, in seconds, within their ranges (UC-SESS-2)."""

    def within(name: str, value: float) -> float:
        least, greatest = RANGES[name]
        return min(max(value, least), greatest)

    return Pace(
        heartbeat=within("HEARTBEAT", terms.heartbeat / 1000),
        timeout=within("TIMEOUT", terms.timeout / 1000),
        expiry=within("EXPIRY", terms.expiry / 1000),
        seen_every=round(within("SEEN_EVERY", terms.seen_every)),
        seen_delay=within("SEEN_DELAY", terms.seen_delay / 1000),
    )
