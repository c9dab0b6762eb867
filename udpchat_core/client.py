"""A client, sans-IO: datagrams, time and commands in; datagrams, events and state to save out.

Inputs    `connect` · `receive_datagram` · `handle_timeout` · `store_completed`, and the commands `accept_server`,
          `join`, `say`, `nick`, `part`, `quit`, `moved`; all take `now`, a float of monotonic seconds
Outputs   after each batch of inputs, in this order: `store_requests()`, `events()`, `datagrams_to_send(now)`, and
          then `next_timeout()`

`events()` may be left alone for a while: messages that were not taken are not acknowledged, and the server stops
sending after a window of them. Everything else is to be drained each time. Network noise never raises; a command
that cannot be is a `LocalProtocolError`, and nothing changed.

States and transitions are in `states`, handshakes in `greeter`, what a session does in `session`, what its entries
mean in `downlink`, what the person wants in `wishes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from udpchat_protocol.codes import ENDS, Code
from udpchat_protocol.constants import HELLO_INTERVAL, HELLO_MAX, PACKETS_MAX, PATH_SIZE, QUIT_PATIENCE, RENEWAL, WINDOW
from udpchat_protocol.limits import HEADER, MAX_DATAGRAM, TAG
from udpchat_protocol.packets import PACKETS, Direction, Packet, Reset, Sealed, parse_packet_untrusted
from udpchat_protocol.wire import WireError

from .counters import Counters, Drop
from .downlink import Downlink
from .effects import SaveState, StateSaved
from .errors import LocalProtocolError
from .events import AddressNeeded, Attendee, ClientEvent, Closed, Command, Connected, Disconnected, LinkChanged
from .greeter import Greeter
from .handshake import Established
from .inbox import Reassembly
from .keys import Entropy, PrivateKey, fingerprint, public_key, same
from .path import Datagram, Path, Ways
from .recovery import Remedies
from .seal import Seal, SealError
from .session import Session
from .sides import Pace, Side
from .state import ClientState, Memory, Pin, Pinned
from .states import Happening, State, step
from .text import harmless
from .wishes import NEWEST, Wishes, checked_reason

_PAUSES = {Code.LIFETIME: 0.0, Code.FULL: HELLO_MAX, Code.LIMIT: HELLO_MAX}
"""Seconds after BYE until the next handshake, where it is not HELLO_INTERVAL (UC-SESS-10)."""

_REASSEMBLY = 4 * 1024 * 1024
"""Bytes of entries that may wait out of order in a client."""


class Client:
    """One member's device at one server."""

    def __init__(
        self,
        state: ClientState,
        *,
        entropy: Entropy,
        confirmed: Pin | None = None,
        renewal: float = RENEWAL,
        remedies: Remedies = Remedies(),  # noqa: B008 - a frozen value
    ) -> None:
        """`confirmed`: the key (and secret) that the person was given, as by a join link, if no pin is stored yet.

        `renewal`: the age in seconds at which a session is renewed, give or take a quarter (SPEC.md 13).
        """
        self.counters = Counters()
        self.key = public_key(PrivateKey(state.identity))
        """The member's public key, 32 bytes."""
        self.fingerprint = fingerprint(self.key)
        """The 8 bytes by which rooms know this member."""
        self._entropy = entropy
        self._side = Side(
            beats=True, uplink=WINDOW, urgent=WINDOW // 4, budget=Reassembly(_REASSEMBLY), remedies=remedies
        )
        self._state = State.IDLE
        self._ways = Ways((None,))
        self._way_since = -inf
        self.addresses_needed = False
        """Was nobody heard at any address, and no other address given since (event `AddressNeeded`)?"""
        self._session: Session | None = None
        self._memory = Memory(state)
        self._wishes = Wishes(self._memory, entropy)
        self._downlink = Downlink(self.fingerprint, self._wishes, self._memory)
        self._greeter = Greeter(
            PrivateKey(state.identity), state.device, state.pin or confirmed, entropy, self._downlink.tell
        )
        self._renewal = renewal
        self._renew_at = inf
        self._out: list[Datagram] = []
        self._link_up = False
        self._rtt: float | None = None
        self._quit_by = inf
        self._unpacked = False
        self._now = -inf

    # -- inputs -----------------------------------------------------------------------------------------------

    def connect(self, path: Path, now: float, others: Sequence[Path] = ()) -> None:
        """Begin, on this path, or on the `others` if nobody answers there (SPEC.md 12.1). May be called once."""
        if self._state is not State.IDLE:
            raise LocalProtocolError("connect was called before; make another Client", what="connect")
        self._ways = Ways((path, *others))
        self._now = now
        self._step(Happening.CONNECT)
        self._greeter.begin(now)

    def receive_datagram(self, data: bytes, path: Path, now: float) -> None:
        """Take a datagram that came on `path`."""
        self._now = now
        self.counters.received += 1
        if not 0 < len(data) <= MAX_DATAGRAM:
            self.counters.drop(Drop.SIZE)
        elif (kind := PACKETS.get(data[0])) is None:
            self.counters.drop(Drop.TYPE)
        elif kind.DIRECTION is Direction.TO_SERVER:
            self.counters.drop(Drop.DIRECTION)
        elif kind is Sealed:
            self._sealed(data, path, now)
        else:
            try:
                packet = parse_packet_untrusted(data)
            except WireError:
                self.counters.drop(Drop.MALFORMED)
                return
            self._packet(packet, now)

    def handle_timeout(self, now: float) -> None:
        """Let time pass: harmless at any time, needed at `next_timeout()`."""
        self._now = now
        if self._greeter.on_timeout(now) and self._session is None:
            self._step(Happening.STALE)
        session = self._session
        if session is None:
            if self._greeter.turn(now):
                self._next_way(now)
            return
        session.on_deadline(now)
        if now >= self._silent_at(session):
            self._fell_silent(session, now)
        elif now >= self._lonely_at(session) and self._next_way(now):
            self._move(session, now)
        if now >= self._renewal_at(session):
            self._greeter.begin(now, quiet=True)
        if session.worn(now):
            session.close(Code.LIFETIME)
        if self._quit_by <= now:
            session.close(Code.QUIT)
        self._settle(now)

    def store_completed(self, result: StateSaved, now: float) -> None:  # noqa: ARG002 - the server's has a use for it
        """Take the answer to a store request; a client waits for none, so that it may be left out."""
        self._now = now

    # -- commands ---------------------------------------------------------------------------------------------

    def accept_server(self, key: bytes, secret: bytes | None, now: float) -> None:
        """The person trusts this key (32 bytes), and gave this secret (16 bytes) if the server is closed."""
        if self._state is not State.ASKING:
            raise LocalProtocolError("no server is waiting to be accepted", what="accept_server")
        if len(key) != 32 or (secret is not None and len(secret) != 16):
            raise LocalProtocolError("a key has 32 bytes and a secret 16", what="accept_server", code=Code.KEY)
        self._now = now
        self._greeter.trust(Pin(key, secret))
        self._step(Happening.ACCEPTED)
        self._greeter.begin(now)

    def join(self, room: str, now: float, newest: int = NEWEST) -> None:
        """Enter a room, or stay in it: read on at the place that is saved, or else from the `newest` messages on."""
        self._command("join", now)
        self._wishes.join(room, newest)
        self._settle(now)

    def say(self, room: str, text: str, now: float, *, more: bool = False) -> int:
        """Say something in a room that was joined; the message's id. `more`: show it together with the next one."""
        self._command("say", now)
        message = self._wishes.say(room, text, more=more)
        self._settle(now)
        return message

    def nick(self, nick: str, now: float) -> None:
        """Ask for a nick, now and in every session to come."""
        self._command("nick", now)
        self._wishes.nick(nick)
        self._settle(now)

    def history(self, room: str, start: int, count: int, now: float) -> None:
        """Read `count` messages from offset `start` on once more; they come with `past` set, then HistoryEnded."""
        self._command("history", now)
        self._wishes.history(room, start, count)
        self._settle(now)

    def part(self, room: str, now: float) -> None:
        """Leave a room."""
        self._command("part", now)
        self._wishes.part(room)
        self._settle(now)

    def quit(self, now: float, reason: str = "") -> None:
        """Leave for good. Messages that were not acknowledged stay in the state."""
        self._now = now
        reason = checked_reason(reason)
        if self._state in (State.CLOSED, State.QUITTING):
            return
        if self._step(Happening.QUIT) is State.CLOSED:
            self._close(Code.QUIT)
            return
        self._greeter.stop()
        self._quit_by = now + QUIT_PATIENCE
        self._wishes.quit(reason)
        self._settle(now)

    def moved(self, path: Path, now: float, others: Sequence[Path] = ()) -> None:
        """The network changed, or there are other addresses: send on these paths from now on, and at once.

        The session, or the handshake, goes on. Also the answer to the event `AddressNeeded`.
        """
        self._now = now
        self._ways = Ways((path, *others))
        self._way_since = now
        self.addresses_needed = False
        self._greeter.hurry(now)
        if self._session is not None:
            self._move(self._session, now)

    # -- outputs ----------------------------------------------------------------------------------------------

    def store_requests(self) -> list[SaveState]:
        """State to be saved; answer each with `store_completed`."""
        return [SaveState(self._memory.drain())] if self._memory else []

    def events(self, most: int | None = None) -> list[ClientEvent]:
        """What happened, the oldest `most` of it (None: all); it counts as taken by the application."""
        return self._downlink.drain(self._now, most)

    def datagrams_to_send(self, now: float) -> list[Datagram]:
        """(datagram, path) pairs, to be sent in this order."""
        self._now = now
        if (hello := self._greeter.hello(now)) is not None:
            self._out.append((hello, self._ways.path))
        if self._session is not None:
            self._session.pack(now, self._out)
        self._unpacked = False
        out, self._out = self._out, []
        self.counters.sent += len(out)
        return out

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is wanted; not after the last `now` while requests or datagrams wait. None: never."""
        if self._memory or self._out or self._unpacked:
            return self._now
        when = self._greeter.deadline
        if (session := self._session) is not None:
            silence = min(self._silent_at(session), self._lonely_at(session))
            when = min(when, session.deadline, self._quit_by, silence, self._renewal_at(session))
        return None if when == inf else when

    # -- state ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> State:
        """Where the client stands (SPEC.md 7.2)."""
        return self._state

    @property
    def state(self) -> ClientState:
        """As it would be saved now."""
        return self._memory.state

    @property
    def events_waiting(self) -> bool:
        """Would `events()` return any?"""
        return bool(self._downlink)

    @property
    def closed(self) -> bool:
        """Is it over?"""
        return self._state is State.CLOSED

    @property
    def unacknowledged(self) -> int:
        """Messages that the server has not said it has."""
        return len(self._wishes.unacknowledged)

    @property
    def rtt(self) -> float | None:
        """The smoothed round-trip time in seconds; None while it was not measured."""
        recovery = self._session.recovery if self._session is not None else None
        if recovery is not None and recovery.rtt_at is not None:
            self._rtt = recovery.srtt
        return self._rtt

    def attendees(self, room: str) -> tuple[Attendee, ...]:
        """Who is in a joined room, as far as this client knows; empty if it is not in it."""
        return self._downlink.attendees(room)

    # -- packets ----------------------------------------------------------------------------------------------

    def _packet(self, packet: Packet, now: float) -> None:
        if isinstance(packet, Reset):
            self._reset(packet, now)
            return
        outcome = self._greeter.take(packet, now)
        self.addresses_needed = self.addresses_needed and isinstance(outcome, Drop)
        if isinstance(outcome, Established):
            self._open(outcome, now)
        elif isinstance(outcome, Drop):
            self.counters.drop(outcome)
        elif outcome is Happening.ENDED:
            self._session = None
            self._step(outcome)
            self._close(Code.VERSION)
        elif outcome is not None and self._session is None:
            self._step(outcome)

    def _open(self, established: Established, now: float) -> None:
        """A session: the first, or one after another that is over or, quietly, still good (UC-RENEW-2)."""
        renewed = self._session is not None
        self._step(Happening.WELCOME)
        if self.state.pin != established.pin:
            self._memory.remember(Pinned(established.pin))
        keys = established.keys
        session = self._session = Session(
            Seal(established.session, keys.to_server, keys.to_client), self._ways.path, now, Pace(), self._side
        )
        session.recovery.expect(established.rtt, established.loss)
        session.beat(now)
        self._renew_at = now + self._renewal * (0.75 + int.from_bytes(self._entropy(2), "big") / 131_072)
        self._downlink.begin(session, quiet=renewed)
        session.intake.catch_up = self._downlink.advance
        if not renewed:
            self._downlink.tell(Connected(established.pin.key))
        self._wishes.restart()
        self._settle(now)

    def _sealed(self, data: bytes, path: Path, now: float) -> None:
        session = self._session
        if len(data) < HEADER + TAG or data[1] != 0:
            self.counters.drop(Drop.MALFORMED)
        elif session is None or int.from_bytes(data[8:16], "big") != session.id:
            self.counters.drop(Drop.SESSION)
        else:
            try:
                session.receive_untrusted(data, path, now)
            except SealError as error:
                self.counters.drop(Drop(error.reason.drop))
                return
            self.addresses_needed = False
            self._set_link(up=True)
            self._settle(now)

    def _reset(self, packet: Reset, now: float) -> None:
        session, token = self._session, self._downlink.reset
        if session is None or packet.session != session.id or token is None or not same(token, packet.reset):
            self.counters.drop(Drop.SESSION)
            return
        self._session = None
        self._lost(Code.NONE, now)

    # -- what follows -----------------------------------------------------------------------------------------

    def _settle(self, now: float) -> None:
        """After anything happened: act on what came, send what waits, notice that the session is over."""
        session = self._session
        if session is None:
            return
        self._downlink.advance(now)
        self._unpacked = True
        for wish in self._wishes.acknowledged(session.feeds.cursors[0].acked):
            if wish.command is Command.QUIT:
                session.close(Code.QUIT)
        if session.closed is None:
            self._wishes.fill(session.feeds.private)
        else:
            session.pack(now, self._out)
            self._session = None
            self._ended(session.closed, session.farewell, now)

    def _ended(self, code: Code, reason: str, now: float) -> None:
        if code in ENDS or self._state is State.QUITTING:
            self._step(Happening.ENDED)
            self._close(Code.QUIT if self._quit_by < inf else code, reason)
        else:
            self._lost(code, now + _PAUSES.get(code, HELLO_INTERVAL))

    def _lost(self, code: Code, again_at: float) -> None:
        """The session is gone; make another one, unless the person was leaving."""
        if self._step(Happening.LOST) is State.CLOSED:
            self._close(Code.QUIT)
            return
        self._set_link(up=False)
        self._downlink.tell(Disconnected(code))
        self._greeter.begin(again_at)

    def _next_way(self, now: float) -> bool:
        """Nobody answers: the next address has its turn (UC-PATH-7); is it another one?"""
        before = self._ways.path
        if self._ways.advance():
            self.addresses_needed = True
            self._downlink.tell(AddressNeeded())
        self._way_since = now
        return self._ways.path != before

    def _move(self, session: Session, now: float) -> None:
        session.move(self._ways.path, now)
        session.beat(now, PATH_SIZE)
        self._unpacked = True

    def _lonely_at(self, session: Session) -> float:
        """When the address in use will have been silent for too long, although it was asked."""
        if not session.unanswered:
            return inf
        return max(session.heard, self._way_since) + 2 * session.pace.heartbeat

    def _renewal_at(self, session: Session) -> float:
        """When the session is to be renewed, if the link stays up (UC-RENEW-1)."""
        if self._greeter.active or self._state is not State.OPEN or not self._link_up:
            return inf
        return self._renew_at if session.seal.next_number < PACKETS_MAX // 2 else self._now

    def _silent_at(self, session: Session) -> float:
        """When the server will have been silent for too long, be it altogether or about its TERMS (UC-SHAKE-12)."""
        if self._state is State.OPEN and self._downlink.reset is None:
            return session.born + session.pace.timeout
        return inf if session.quiet else session.heard + session.pace.timeout

    def _fell_silent(self, session: Session, now: float) -> None:
        if self._downlink.reset is None:
            self._session = None
            self._lost(Code.NONE, now)
            return
        session.hush()
        self._set_link(up=False)

    def _set_link(self, *, up: bool) -> None:
        if up is not self._link_up:
            self._link_up = up
            if not up:
                self._greeter.stop()
            self._downlink.tell(LinkChanged(up, self.rtt))

    def _close(self, code: Code, reason: str = "") -> None:
        self._greeter.stop()
        self._quit_by = inf
        self._downlink.tell(Closed(code, harmless(reason)))

    def _step(self, happening: Happening) -> State:
        self._state = step(self._state, happening)
        return self._state

    def _command(self, what: str, now: float) -> None:
        """A command is legal until the client has quit."""
        if self._state in (State.QUITTING, State.CLOSED):
            raise LocalProtocolError(f"{what}: the client has quit", what=what)
        self._now = now
