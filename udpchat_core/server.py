"""The server, sans-IO: datagrams, time and store results in; datagrams, events and store requests out.

Inputs    `receive_datagram(data, path, now)` · `handle_timeout(now)` · `store_completed(result, now)` · `close(now)`
Outputs   after each batch of inputs, in this order: `store_requests()`, `events()`, `datagrams_to_send(now)` or
          `batches_to_send(now)`, and then `next_timeout()`

`now` is a float of monotonic seconds. Nothing here raises for what a stranger sent. The server is the switchboard:
it finds the session for a datagram (SPEC.md 4), gives it its clocks (7.1, 7.3), and lets `uplink` act on what it
said. Who may have a session is `gate`'s business, who is in a room `room`'s; people without a key are `keyless`,
which is an input and an output of its own for whoever vouches for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from udpchat_protocol.codes import ENDS, Code
from udpchat_protocol.constants import UPLINK_ENTRIES
from udpchat_protocol.entries import Say
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, TAG
from udpchat_protocol.packets import Hello, Sealed

from .aead import OPENSSL, Aead
from .batch import Outgoing, datagrams_of, one_by_one
from .census import Census
from .counters import Counters, Drop
from .effects import (
    Appended,
    LookUpMember,
    MemberFound,
    OpenRoom,
    RangeRead,
    ReadRange,
    RoomOpened,
    ServerRequest,
    ServerResult,
    StoreFailed,
    Ticket,
)
from .events import LiveSession, ServerEvent, SessionClosed, SessionOpened, SessionReachable, StoreTrouble
from .fanout import Fanout
from .gate import Gate, HalfOpen, Identity
from .guests import GUESTS, Guests
from .house import NOBODY, House
from .inbox import Reassembly
from .keys import Entropy, fingerprint
from .limits import Limits
from .members import Members
from .path import AddressOf, Datagram, Path
from .recovery import Remedies
from .seal import Seal, SealError
from .session import Session
from .sides import Side
from .tempo import Tempo
from .text import plain_nick
from .uplink import NickPolicy, Peer, Uplink
from .vigil import Vigil

_SEALED = Sealed.TYPE
_SHORTEST = HEADER + TAG


class Server:
    """A chat server for one identity."""

    def __init__(
        self,
        identity: Identity,
        *,
        entropy: Entropy,
        address_of: AddressOf,
        limits: Limits | None = None,
        nick_policy: NickPolicy = plain_nick,
        remedies: Remedies = Remedies(),  # noqa: B008 - a frozen value
        aead: Aead = OPENSSL,
    ) -> None:
        """`entropy`: unpredictable bytes. `address_of`: what a path's peer address is (SPEC.md 5.4). `aead`: what
        seals packets.
        """
        self.limits = limits or Limits()
        self.counters = Counters()
        self._tempo = Tempo(self.limits)
        self._peers: dict[int, Peer] = {}
        self._address_of = address_of
        self.aead = aead
        """What seals packets."""
        self._census = Census(self.limits.sessions, self.limits.sessions_per_prefix, self.limits.devices)
        self._members = Members(self.limits.chat_rate, self.limits.chat_burst)
        self._vigil = Vigil(self.limits, self._census)
        self._fanout = Fanout(self._peers, self._vigil)
        self._house = House(entropy, self.limits.rooms, self._fanout.grown)
        self.keyless = Guests(self._house, entropy)
        """People without keys, whom the application lets into rooms (SPEC.md B.4)."""
        self._uplink = Uplink(self._house, self._peers, nick_policy, self.limits.rooms_per_session)
        self._gate = Gate(identity, entropy, address_of, self.limits, self.counters, self._peers, self._full)
        self._budget = Reassembly(self.limits.reassembly)
        self._side = Side(
            beats=False,
            uplink=UPLINK_ENTRIES,
            urgent=1,
            budget=self._budget,
            remedies=remedies,
            challenges=entropy,
        )
        self._dirty: dict[int, None] = {}
        self._owing: dict[int, Session] = {}
        """Sessions that owe SEEN and nothing else."""
        self._out: list[Outgoing] = []
        self._events: list[ServerEvent] = []
        self._now = -inf

    # -- inputs -----------------------------------------------------------------------------------------------

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram that came on `path`."""
        self._now = now
        self.counters.received += 1
        if not 0 < len(data) <= MAX_DATAGRAM:
            self.counters.drop(Drop.SIZE)
        elif data[0] == _SEALED:
            self._sealed(data, path, now)
        elif data[0] == Hello.TYPE:
            answer = self._gate.hello_untrusted(data, path, now)
            if answer is not None:
                self._out.append((answer, path))
        else:
            self.counters.drop(Drop.DIRECTION if 0 < data[0] <= 7 else Drop.TYPE)

    def handle_timeout(self, now: float) -> None:
        """Let time pass: harmless at any time, needed at `next_timeout()`."""
        self._now = now
        if now < self._next:
            return
        self._house.on_deadline(now)
        self.keyless.on_deadline(now)
        self._gate.on_deadline(now)
        for key in self._fanout.late(now):
            self._peers[key].session.alight()
            self._on_deadline(self._peers[key], now)
        for key in self._vigil.due(self._peers, now):
            if (peer := self._peers.get(key)) is not None:
                self._on_deadline(peer, now)

    def store_completed(self, result: ServerResult, now: float) -> None:
        """Take the answer to a store request."""
        self._now = now
        if isinstance(result, Appended):
            self._house.stored(result, now)
        elif isinstance(result, RoomOpened):
            self._house.open(result)
            if result.request.ticket is GUESTS:
                self.keyless.opened(result.request.room, now)
        elif isinstance(result, RangeRead) and result.request.ticket is NOBODY:
            self._house.read(result)
        elif isinstance(result, StoreFailed):
            self._events.append(StoreTrouble(result.reason))
            if isinstance(result.request, OpenRoom) and result.request.ticket is GUESTS:
                self.keyless.opened(result.request.room, now)
            if isinstance(result.request, ReadRange) and result.request.ticket is NOBODY:
                self._house.failed(result.request, now)
        ticket = result.request.ticket
        peer = self._peers.get(ticket.session)
        if peer is not None:
            self._answered(peer, ticket, result, now)
            self._settle(peer, now)

    def close(self, now: float) -> None:
        """Say BYE to everyone; what is left to do is to send it."""
        self._now = now
        for peer in list(self._peers.values()):
            peer.session.close(Code.SHUTDOWN)
            self._settle(peer, now)

    # -- outputs ----------------------------------------------------------------------------------------------

    def store_requests(self) -> list[ServerRequest]:
        """What the store is to do; answer each with `store_completed`."""
        requests = self._house.requests
        self._house.requests = []
        return requests

    def events(self) -> list[ServerEvent]:
        """What happened."""
        events, self._events = self._events, []
        return events

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """(datagram, path) pairs, to be sent in this order."""
        return one_by_one(self.batches_to_send(now))

    def batches_to_send(self, now: float) -> list[Outgoing]:
        """The same for whoever can send a `Batch`, which is what many are sent alike, in fewer steps."""
        self._now = now
        for key in self._vigil.stirred(now):
            self._dirty[key] = None
        out, dirty = self._out, self._dirty
        for session in self._owing.values():
            session.answer(now, out)
            if session.recovery.records:
                self._vigil.expects(session, now)
        self._owing.clear()
        before = len(out)
        grown = self._fanout.spread(now, out, dirty)
        self._tempo.pushed(datagrams_of(out[before:]), grown, now)
        self._dirty = {}
        for key in dirty:
            if (peer := self._peers.get(key)) is not None:
                self._tend(peer, now)
        self._out = []
        self.counters.sent += datagrams_of(out)
        return out

    def _tend(self, peer: Peer, now: float) -> None:
        """Let a session send whatever there is to send, and ask for what it lacks."""
        session = peer.session
        if (pace := self._tempo.wanted(session)) is not session.pace and not (session.quiet or session.clogged):
            self._tempo.tell(session, self._gate.reset_token(session.id), pace)
        self._uplink.tidy(peer, now)
        session.pack(now, self._out)
        for room in peer.rooms:
            if room.chat.wanted:
                self._house.ask_for_pages(room)
        self._vigil.set_alarm(peer, now)

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted; not after the last `now` while requests or datagrams wait. None: never."""
        if self._dirty or self._out or self._owing or self._fanout.waiting or self._house.requests:
            return self._now
        when = self._next
        return None if when == inf else when

    @property
    def _next(self) -> float:
        """When the next alarm or look of anything is due, or inf."""
        return min(
            self._vigil.deadline,
            self._fanout.alarms.next,
            self._house.alarms.next,
            self._gate.expiries.next,
            self.keyless.deadline,
        )

    # -- state ------------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> int:
        """Live sessions."""
        return len(self._peers)

    @property
    def live(self) -> tuple[LiveSession, ...]:
        """Every live session, in the order in which they began."""
        return tuple(peer.shown for peer in self._peers.values())

    @property
    def tables(self) -> Mapping[str, int]:
        """Sizes of everything that strangers can make grow."""
        return {
            "sessions": len(self._peers),
            "half_open": len(self._gate),
            "farewells": self._gate.farewells,
            "members": len(self._members),
            "rooms": len(self._house),
            "readers": self._house.readers,
            "reassembly": self.limits.reassembly - self._budget.left,
        }

    # -- sealed packets ---------------------------------------------------------------------------------------

    def _sealed(self, data: bytes, path: Path, now: float) -> None:
        if len(data) < _SHORTEST or data[1] != 0:
            self.counters.drop(Drop.MALFORMED)
            return
        key = int.from_bytes(data[8:16], "big")
        peer = self._peers.get(key)
        several = self._census.online > 1
        try:
            if peer is None:
                peer = self._first(key, data, path, now)
            else:
                session = peer.session
                before = session.path
                session.receive_untrusted(data, path, now)
                if session.path is not before:
                    who = self._address_of(before).prefix, peer.member.fingerprint
                    self._census.moved(key, *who, self._address_of(session.path).prefix)
        except SealError as error:
            self.counters.drop(Drop(error.reason.drop))
            return
        if peer is not None:
            self._vigil.heard(peer, now, several)
            self._heard(peer, now)

    def _first(self, key: int, data: bytes, path: Path, now: float) -> Peer | None:
        """A packet for a session that is not live: the first of a half-open one, or one to be answered with RESET."""
        offer = self._gate.open(key)
        if offer is not None and offer.path != path:
            self.counters.drop(Drop.STATE)
            return None
        if offer is None:
            self.counters.drop(Drop.SESSION)
            answer = self._gate.answer_to(key, path, now)
            if answer is not None:
                self._out.append((answer, path))
            return None
        seal = Seal(key, offer.keys.to_client, offer.keys.to_server, self.aead)
        session = Session(seal, path, now, self._tempo.calm, self._side)
        session.receive_untrusted(data, path, now)
        session.recovery.expect(None if offer.again else now - offer.made, offer.again / (1 + offer.again))
        return self._live(session, offer, now)

    def _live(self, session: Session, offer: HalfOpen, now: float) -> Peer | None:
        self._gate.opened(session.id)
        code = self._refusal(offer, now)
        member = self._members.admit(offer.key, now) if code is None else None
        if member is None:
            session.intake.inbox.close()
            session.close(code or Code.KEY)
            self._part_from(session, now)
            return None
        peer = Peer(session, member, offer.device)
        self._peers[session.id] = peer
        self._census.opened(*self._groups(peer))
        replaced = self._replace(peer, now)
        self._tempo.tell(session, self._gate.reset_token(session.id), self._tempo.calm)
        if member.nick is None:
            self._house.requests.append(LookUpMember(Ticket(session.id, -1), member.key))
        else:
            peer.asked = False
        self._events.append(SessionOpened(session.id, member.fingerprint, offer.device, replaced))
        return peer

    def _refusal(self, offer: HalfOpen, now: float) -> Code | None:
        """Why there is no room for a session; None: there is, now that others went if they had to (UC-LIMIT-3)."""
        if self._members.has(offer.key, offer.device):
            return None
        who = self._address_of(offer.path).prefix, fingerprint(offer.key)
        refusal = self._census.refusal(*who)
        while refusal is None and (gone := self._census.next_to_go(*who)) is not None:
            session, code = gone
            self._peers[session].session.close(code)
            self._settle(self._peers[session], now)
        return refusal

    def _replace(self, peer: Peer, now: float) -> bool:
        """Take over from the session of the same key and device, as one that can be heard (UC-GATE-5)."""
        old = self._peers.get(peer.member.session(peer.device) or 0)
        peer.member.seat(peer.device, peer.session.id)  # before the old one goes: a member without any is forgotten
        if old is None:
            return False
        peer.left_behind = old.everywhere
        peer.heir_until = now + self.limits.expiry_roomless
        old.rooms = old.left_behind = ()
        for room in peer.left_behind:
            room.reach(peer.member.fingerprint, peer.device, now, reachable=True)
        old.session.close(Code.REPLACED)
        self._settle(old, now)
        return True

    def _full(self, key: bytes, device: int, path: Path) -> bool:
        """May no session of these become live? One that replaces another always may (UC-LIMIT-5)."""
        if self._members.has(key, device):
            return False
        return self._census.refusal(self._address_of(path).prefix, fingerprint(key)) is Code.FULL

    # -- what sessions do -------------------------------------------------------------------------------------

    def _heard(self, peer: Peer, now: float) -> None:
        if not peer.reachable:
            self._reach(peer, now, reachable=True)
        session = peer.session
        if session.intake.inbox.peek() is not None:
            self._uplink.advance(peer, now)
        elif not (session.unsettled or peer.replays or session.pace is not self._tempo.wanted(session)):
            if session.intake.seen.waiting:
                self._owing[session.id] = session
            if session.recovery.records:
                self._vigil.expects(session, now)
            return
        self._settle(peer, now)

    def _answered(self, peer: Peer, ticket: Ticket, result: ServerResult, now: float) -> None:
        """The store answered something that a session waits for."""
        if isinstance(result, Appended):
            peer.session.done(0, ticket.offset, now)
            self._uplink.advance(peer, now)
        elif isinstance(result, MemberFound):
            peer.member.nick = peer.member.nick or result.nick
            peer.asked = False
            self._uplink.advance(peer, now)
        elif ticket.offset < 0:
            peer.member.nick = peer.member.nick or ""
            peer.asked = False
            self._uplink.advance(peer, now)
        elif peer.session.intake.inbox.started(ticket.offset):
            if isinstance(result, StoreFailed):
                self._uplink.fail(peer, ticket.offset, Say.KIND, Code.STORAGE, result.reason[:60])
            peer.session.done(0, ticket.offset, now)
            self._uplink.advance(peer, now)
        else:
            self._uplink.advance(peer, now, result)

    def _on_deadline(self, peer: Peer, now: float) -> None:
        session = peer.session
        session.on_deadline(now)
        if not session.quiet and now >= session.heard + self.limits.timeout:
            session.hush()
        if (code := self._vigil.over(peer, now)) is not None:
            session.close(code)
        elif peer.reachable and self._vigil.silent(peer, now):
            self._reach(peer, now, reachable=False)
        if peer.left_behind and peer.heir_until <= now:
            for room in peer.left_behind:
                self._uplink.part(peer, room, now, Code.PARTED)
        if peer.resume_at is not None and peer.resume_at <= now:
            self._uplink.advance(peer, now)
        self._settle(peer, now)

    def _groups(self, peer: Peer) -> tuple[bytes, bytes]:
        """The address prefix and the member that it counts for."""
        return self._address_of(peer.session.path).prefix, peer.member.fingerprint

    def _reach(self, peer: Peer, now: float, *, reachable: bool) -> None:
        peer.reachable = reachable
        (self._census.reachable if reachable else self._census.unreachable)(peer.session.id, *self._groups(peer))
        for room in peer.everywhere:
            room.reach(peer.member.fingerprint, peer.device, now, reachable=reachable)
        self._events.append(SessionReachable(peer.session.id, peer.member.fingerprint, reachable))

    def _settle(self, peer: Peer, now: float) -> None:
        """After anything happened to a session: let it send, set its alarm, take it away when it is over."""
        session = peer.session
        session.unsettle()
        self._dirty[session.id] = None
        if session.closed is None:
            return
        self._part_from(session, now)
        self._peers.pop(session.id, None)
        self._census.closed(session.id, *self._groups(peer))
        self._vigil.forget(session.id)
        session.intake.inbox.close()
        session.unfeed_all()
        for room in peer.everywhere:
            self._uplink.part(peer, room, now, session.closed)
        self._members.leave(peer.member, peer.device, session.id)
        self._events.append(SessionClosed(session.id, peer.member.fingerprint, session.closed))

    def _part_from(self, session: Session, now: float) -> None:
        """It is closed: send its BYE, if it has one."""
        last: list[Datagram] = []
        session.pack(now, last)
        self._out += last
        if last and session.closed in ENDS:
            self._gate.parted(session.id, last[-1], now)
        else:
            self._gate.ended(session.id)
