"""What the entries of an uplink do: one handler a kind, in the order of the offsets (SPEC.md 7 and 10).

Here sessions meet people. Nothing that waits is remembered twice: an entry that waits for the store stays in its
inbox, and the ACK of channel 0 is the queue. A handler answers at once (`DONE`), leaves its answer to the store's
result (`LATER`: only SAY, so that messages reach the store in batches), or stays in its place and is called again
with the store's result (`HELD`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from math import inf

from udpchat_protocol.codes import ChatFlag, Code
from udpchat_protocol.constants import HISTORY_MAX
from udpchat_protocol.entries import (
    Body,
    Chat,
    Failed,
    History,
    Join,
    Joined,
    Nick,
    Part,
    Parted,
    Quit,
    Roster,
    Say,
    Skip,
    parse_body_untrusted,
)
from udpchat_protocol.entries import Log as Logs
from udpchat_protocol.entries import Replay as ReplayEntry
from udpchat_protocol.faults import Reason
from udpchat_protocol.limits import REASON_MAX
from udpchat_protocol.wire import WireError

from .effects import (
    Append,
    ClaimNick,
    NickClaimed,
    OpenRoom,
    RangeRead,
    ReadRange,
    RoomOpened,
    ServerResult,
    StoreFailed,
    Ticket,
)
from .events import LiveSession
from .house import House
from .inbox import Taken
from .log import Replay
from .members import Member
from .room import Room, Wanted
from .session import Session
from .text import harmless_name, is_marked, name_fault

_SAY, _QUIT = Say.KIND, Quit.KIND
_MORE = int(ChatFlag.MORE)

NickPolicy = Callable[[str], tuple[str, str]]
"""Normalises a nick and tells what it looks like (its skeleton); ValueError, with the reason, if it is not allowed."""


class Outcome(Enum):
    """What became of an entry."""

    DONE = auto()
    LATER = auto()
    HELD = auto()


_DONE, _LATER, _HELD = Outcome


class RefusalError(Exception):
    """An uplink entry fails, for good, with a code."""

    def __init__(self, code: Code, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Peer:
    """A live session, and whose it is."""

    __slots__ = (
        "alarm",
        "asked",
        "device",
        "heard",
        "heir_until",
        "left_behind",
        "member",
        "paid",
        "reachable",
        "replays",
        "resume_at",
        "rooms",
        "session",
        "tidied",
    )

    def __init__(self, session: Session, member: Member, device: int) -> None:
        self.session = session
        self.member = member
        self.device = device
        self.rooms: tuple[Room, ...] = ()
        """The rooms that it joined."""
        self.left_behind: tuple[Room, ...] = ()
        """Rooms of the session that it replaced, until it joins them too (UC-ROOM-8)."""
        self.tidied = -1
        """`House.shifts` when it lacked nothing that is no more."""
        self.replays: dict[str, Replay] | None = None
        """The history that is under way, by room, if there ever was any."""
        self.alarm = -inf
        """When it may be too old, silent for too long, or may do what it was kept from: not before that."""
        self.heir_until = 0.0
        self.heard = 0.0
        """When it was heard, on the server's clock of silence (UC-LIVE-4)."""
        self.reachable = True
        self.asked = True
        """The entry in turn waits for the store (at first: for the member's nick)."""
        self.paid = 0
        """Entries of the uplink below this were paid for."""
        self.resume_at: float | None = None
        """When the entry in turn can be paid for."""

    def room(self, name: str) -> Room | None:
        """The room of this name, if it joined it."""
        for room in self.rooms:
            if room.name == name:
                return room
        return None

    @property
    def everywhere(self) -> tuple[Room, ...]:
        """The rooms that it joined, and those that were left behind."""
        return (*self.rooms, *self.left_behind)

    def found(self, room: Room) -> None:
        """It need not wait any more for a room that was left behind."""
        self.left_behind = _without(self.left_behind, room)

    @property
    def shown(self) -> LiveSession:
        """As the operator sees it."""
        session, recovery = self.session, self.session.recovery
        return LiveSession(
            session=session.id,
            member=self.member.fingerprint,
            nick=harmless_name(self.member.nick or ""),
            device=self.device,
            path=session.path,
            rooms=tuple([room.name for room in self.everywhere]),
            reachable=self.reachable,
            opened=session.born,
            heard=session.heard,
            rtt=None if recovery.rtt_at is None else recovery.srtt,
        )


class Uplink:
    """Acts on uplink entries."""

    __slots__ = ("_house", "_peers", "_policy", "_rooms_max")

    def __init__(self, house: House, peers: Mapping[int, Peer], policy: NickPolicy, rooms_max: int) -> None:
        """`peers`: the live sessions, by their ids."""
        self._house = house
        self._peers = peers
        self._policy = policy
        self._rooms_max = rooms_max

    def advance(self, peer: Peer, now: float, result: ServerResult | None = None) -> None:
        """Act on the entries of `peer` that may be acted on; `result` is what the entry in turn waited for."""
        session = peer.session
        inbox = session.intake.inbox
        if result is not None:
            peer.asked = False
        peer.resume_at = None
        while (entry := inbox.peek()) is not None and not peer.asked and not session.clogged:
            if entry.kind != _SAY and entry.offset != inbox.acked:
                return
            if not self._paid(peer, entry, now):
                return
            outcome = self._try(peer, entry, result, now)
            result = None
            if outcome is _HELD:
                return
            inbox.take()
            if outcome is _DONE:
                session.done(0, entry.offset, now)
            if entry.kind == _QUIT:
                session.close(Code.QUIT)

    def fail(self, peer: Peer, offset: int, kind: int, code: Code, reason: str = "") -> None:
        """Answer an entry with FAILED; a SAY is not done with before that was SEEN, or it might be lost unnoticed."""
        reason = reason.encode(errors="replace")[:REASON_MAX].decode(errors="ignore")
        told = peer.session.feeds.private.append(Failed.KIND, Failed.pack(offset, code, reason))
        if kind == _SAY:
            peer.session.intake.refuse(offset, told)

    def part(self, peer: Peer, room: Room, now: float, code: Code, reason: str = "") -> None:
        """Take a session out of a room."""
        peer.rooms = _without(peer.rooms, room)
        room.stale.discard(peer.session.id)
        peer.found(room)
        peer.session.unfeed(room.chat.channel)
        peer.session.unfeed(room.presence.channel)
        self._end_replay(peer, room.name)
        room.leave(peer.member.fingerprint, peer.device, now, code, reason)
        self._house.vacate(room)

    def _paid(self, peer: Peer, entry: Taken, now: float) -> bool:
        """Take the token that an entry costs its member, once; False: it is this entry's turn later (UC-LIMIT-1)."""
        if entry.offset < peer.paid or entry.kind == _QUIT:
            return True
        if not peer.member.speech.take(now):
            peer.resume_at = now + peer.member.speech.wait(now)
            peer.alarm = min(peer.alarm, peer.resume_at)
            return False
        peer.paid = entry.offset + 1
        return True

    def _try(self, peer: Peer, entry: Taken, result: ServerResult | None, now: float) -> Outcome:
        if isinstance(result, StoreFailed):
            self.fail(peer, entry.offset, entry.kind, Code.STORAGE, result.reason[:60])
            return Outcome.DONE
        try:
            return self._handle(peer, entry, result, now)
        except RefusalError as refusal:
            self.fail(peer, entry.offset, entry.kind, refusal.code, refusal.reason)
            return Outcome.DONE

    def _handle(self, peer: Peer, entry: Taken, result: ServerResult | None, now: float) -> Outcome:
        ticket = Ticket(peer.session.id, entry.offset)
        match _parse(entry):
            case Say() as say:
                return self._say(peer, ticket, say)
            case Nick(nick=nick):
                return self._nick(peer, ticket, nick, result, now)
            case Join() as join:
                return self._join(peer, ticket, join, result, now)
            case Part(room=name):
                room = _joined(peer, name)
                self.part(peer, room, now, Code.PARTED)
                peer.session.feeds.private.append(Parted.KIND, Parted.pack(name, Code.PARTED))
                return Outcome.DONE
            case History() as history:
                return self._history(peer, ticket, history, result)
            case Quit(reason=reason):
                for room in peer.rooms:
                    self.part(peer, room, now, Code.QUIT, reason)
                return Outcome.DONE
            case _:
                raise RefusalError(Code.UNKNOWN_KIND)

    def _nick(self, peer: Peer, ticket: Ticket, wanted: str, result: ServerResult | None, now: float) -> Outcome:
        try:
            nick, skeleton = self._policy(wanted)
        except ValueError as error:
            raise RefusalError(Code.NAME, str(error)) from None
        if is_marked(nick + skeleton):
            raise RefusalError(Code.NAME, "it has an '@', which only guests have")
        member = peer.member
        if member.nick == nick:
            return Outcome.DONE
        if not isinstance(result, NickClaimed):
            self._ask(peer, ClaimNick(ticket, member.key, nick, skeleton))
            return Outcome.HELD
        if not result.granted:
            raise RefusalError(Code.NICK_TAKEN)
        member.nick = nick
        for session in member.sessions:
            if (each := self._peers.get(session)) is not None:
                for room in each.everywhere:
                    room.rename(member.fingerprint, nick, now)
        return Outcome.DONE

    def _join(self, peer: Peer, ticket: Ticket, join: Join, result: ServerResult | None, now: float) -> Outcome:
        if fault := name_fault(join.room):
            raise RefusalError(Code.NAME, fault)
        if peer.room(join.room) is not None:
            return Outcome.DONE
        if len(peer.rooms) >= self._rooms_max:
            raise RefusalError(Code.LIMIT, f"at most {self._rooms_max} rooms a session")
        room = self._house.get(join.room)
        if room is None and isinstance(result, RoomOpened):
            raise RefusalError(Code.LIMIT, "too many rooms are open")
        if room is None:
            self._ask(peer, OpenRoom(ticket, join.room))
            return Outcome.HELD
        if isinstance(result, RangeRead):
            room.truncated(result.first, result.check)
        wanted = Wanted(join.newest, join.log, join.offset, join.check)
        start = room.place(wanted, result if isinstance(result, RangeRead) else None)
        if start.check is None:
            self._ask(peer, ReadRange(ticket, join.room, start.offset, 0))
            return Outcome.HELD
        self._enter(peer, room, now)
        session = peer.session
        joined = Joined(
            room=room.name,
            resume=start.resume,
            chat_channel=room.chat.channel,
            chat_log=room.chat_id,
            chat_first=room.first,
            chat_head=room.chat.head,
            chat_start=start.offset,
            chat_check=start.check,
            presence_channel=room.presence.channel,
            presence_log=room.presence_id,
            presence_start=room.presence.head,
        )
        told = session.feeds.private.append(Joined.KIND, joined.build())
        session.feed(room.chat, start.offset, told)
        session.feed(room.presence, room.presence.head, told)
        self._roster(peer, room, now)
        return Outcome.DONE

    def _enter(self, peer: Peer, room: Room, now: float) -> None:
        peer.rooms += (room,)
        peer.found(room)
        room.enter(peer.member.fingerprint, peer.device, peer.member.nick or "", now, reachable=peer.reachable)

    def _roster(self, peer: Peer, room: Room, now: float) -> None:
        room.stale.discard(peer.session.id)
        for body in room.roster(now):
            peer.session.feeds.private.append(Roster.KIND, body)

    def _say(self, peer: Peer, ticket: Ticket, say: Say) -> Outcome:
        _joined(peer, say.room)
        member = peer.member
        chat = Chat(member.fingerprint, member.nick or "", say.id, 0, say.flags & _MORE, say.text)
        self._house.requests.append(Append(ticket, say.room, member.key, chat))
        return _LATER

    def _history(self, peer: Peer, ticket: Ticket, history: History, result: ServerResult | None) -> Outcome:
        room = _joined(peer, history.room)
        self._end_replays(peer)
        peer.replays = peer.replays or {}
        if history.room in peer.replays:
            raise RefusalError(Code.LIMIT, "one history of a room at a time")
        if self._house.worn:
            raise RefusalError(Code.LIMIT, "no channel is left")
        if isinstance(result, RangeRead):
            room.truncated(result.first, result.check)
        start = max(history.start, room.first)
        end = min(history.start + min(history.count, HISTORY_MAX), room.chat.head)
        if start >= end:
            raise RefusalError(Code.RANGE)
        check = room.check_at(start)
        if check is None and isinstance(result, RangeRead) and result.request.start == start:
            check = result.check
        if check is None:
            self._ask(peer, ReadRange(ticket, history.room, start, 0))
            return Outcome.HELD
        replay = self._house.replay(room, start, end)
        peer.replays[history.room] = replay
        body = ReplayEntry.pack(ticket.offset, replay.channel, room.chat_id, start, end, check)
        peer.session.feed(replay, start, peer.session.feeds.private.append(ReplayEntry.KIND, body))
        return Outcome.DONE

    def tidy(self, peer: Peer, now: float) -> None:
        """End replays that were read, and let readers go on where what they lack is gone."""
        session = peer.session
        if peer.replays:
            self._end_replays(peer)
        if peer.tidied == self._house.shifts or session.clogged or session.quiet:
            return  # if it lacks anything, it is told where to go on when it reads what it was told before
        peer.tidied = self._house.shifts
        for room in peer.rooms:
            self._skip(peer, room, now)

    def _skip(self, peer: Peer, room: Room, now: float) -> None:
        """SKIP (UC-SKIP-1), if the session has fallen behind what there is, or its roster is void (UC-PRES-8)."""
        session = peer.session
        chat, presence = session.feeds.cursors[room.chat.channel], session.feeds.cursors[room.presence.channel]
        if chat.seen < room.first:
            check = room.check_at(room.first) or bytes(8)
            session.feeds.private.append(Skip.KIND, Skip.pack(room.chat.channel, room.first, check, Code.TRUNCATED))
            chat.skip(room.first)
        void = session.id in room.stale
        if void or presence.seen < room.presence.base:
            head, code = room.presence.head, Code.COUNTED if void else Code.BEHIND
            skip = Skip.pack(room.presence.channel, head, bytes(8), code)
            presence.skip(head, after=session.feeds.private.append(Skip.KIND, skip))
            room.presence.asked()  # no store has them
            self._roster(peer, room, now)

    def _end_replays(self, peer: Peer) -> None:
        """End those that were read, or of which the rest is gone."""
        if not peer.replays:
            return
        session = peer.session
        for name, replay in list(peer.replays.items()):
            cursor = session.feeds.cursors[replay.channel]
            if cursor.acked >= replay.head:
                self._end_replay(peer, name)
            elif (room := peer.room(name)) and cursor.seen < room.first and not session.clogged:
                session.feeds.private.append(
                    Skip.KIND, Skip.pack(replay.channel, replay.head, bytes(8), Code.TRUNCATED)
                )
                self._end_replay(peer, name)

    def _end_replay(self, peer: Peer, name: str) -> None:
        replay = peer.replays.pop(name, None) if peer.replays is not None else None
        if replay is not None:
            peer.session.unfeed(replay.channel)

    def _ask(self, peer: Peer, request: ClaimNick | OpenRoom | ReadRange) -> None:
        peer.asked = True
        self._house.requests.append(request)


def _parse(entry: Taken) -> Body:
    try:
        return parse_body_untrusted(Logs.UPLINK, entry.kind, entry.body)
    except WireError as error:
        code = Code.UNKNOWN_KIND if error.reason is Reason.UNKNOWN else Code.MALFORMED
        raise RefusalError(code, str(error)[:60]) from None


def _without(rooms: tuple[Room, ...], room: Room) -> tuple[Room, ...]:
    return tuple([each for each in rooms if each is not room]) if room in rooms else rooms


def _joined(peer: Peer, name: str) -> Room:
    room = peer.room(name)
    if room is None:
        raise RefusalError(Code.NOT_JOINED)
    return room
