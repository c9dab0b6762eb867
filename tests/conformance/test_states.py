"""Every event in every state, as the tables of SPEC.md 7.2 and 7.3 say: each cell is tried on the real core."""

from collections.abc import Callable

import pytest

from conformance.hand import BEAT, Bench, Desk, Guest, entry, join, only
from conformance.test_tables import rows
from udpchat_core.errors import LocalProtocolError
from udpchat_core.events import SessionClosed, SessionOpened, SessionReachable
from udpchat_core.keys import PrivateKey, public_key
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import COOKIE_LIFE, TIMEOUT
from udpchat_protocol.entries import Quit
from udpchat_protocol.frames import Bye
from udpchat_protocol.packets import Reset, Retry, Welcome

# -- the client ----------------------------------------------------------------------------------------------------

STATES = ["IDLE", "GREETING", "ASKING", "PROVING", "OPEN", "QUITTING", "CLOSED"]
STRANGER = public_key(PrivateKey(bytes(range(32))))


def desk_in(state: str, *, pinned: bool = True) -> Desk:
    """A client that has come to a state."""
    desk = Desk(pinned=pinned and state != "ASKING")
    if state != "IDLE":
        desk.connect()
    match state:
        case "ASKING":
            desk.give(desk.retry())
        case "PROVING":
            desk.give(desk.retry())
        case "OPEN":
            desk.open()
        case "QUITTING":
            desk.open()
            desk.client.quit(desk.now)
            desk.drain()
        case "CLOSED":
            desk.client.quit(desk.now)
            desk.drain()
        case _:
            pass
    assert desk.client.status.value == state
    return desk


def other_handshake(desk: Desk) -> bytes:
    """RETRY as from a server of this client's, whatever it waits for."""
    token = desk.hello.token if desk.sent else 1
    return Retry(version=1, token=token, flags=0, cookie=bytes(32), key=desk.key).build()


def welcome(desk: Desk) -> bytes:
    return desk.welcome() if desk.sent and desk.hello.noise and desk.seal is None else spare_welcome()


def spare_welcome() -> bytes:
    """A WELCOME that is as right as can be, of another client's handshake."""
    other = desk_in("PROVING")
    return other.welcome()


def forged(desk: Desk) -> bytes:
    return desk.forged_welcome() if desk.sent else spare_welcome()


def sealed(desk: Desk, *frames: object) -> bytes:
    """A packet of the session in use, or of none that the client knows."""
    if desk.seal is None:
        other = desk_in("OPEN")
        assert other.seal is not None
        return other.seal.seal(b"\x01\x00\x00")
    return desk.seal.seal(b"".join(frame.build_frame() for frame in frames or (BEAT,)))  # type: ignore[attr-defined]


def reset(desk: Desk, *, right: bool = True) -> bytes:
    if desk.seal is None:
        return Reset(session=1, reset=bytes(16)).build()
    return Reset(session=desk.session, reset=desk.reset if right else bytes(16)).build()


def commands(desk: Desk) -> None:
    client, now = desk.client, desk.now
    client.nick("ada", now)
    client.join("lobby", now)
    client.say("lobby", "hello", now)
    client.history("lobby", 0, 1, now)
    client.part("lobby", now)


CLIENT_EVENTS: dict[str, Callable[[Desk], object]] = {
    "connect": lambda desk: desk.client.connect("p", desk.now),
    "accept_server": lambda desk: desk.client.accept_server(desk.key, None, desk.now),
    "nick, join, say, part, history": commands,
    "quit": lambda desk: desk.client.quit(desk.now),
    "moved": lambda desk: desk.client.moved("q", desk.now),
    "RETRY, key known": lambda desk: desk.give(other_handshake(desk)),
    "RETRY, key unknown": lambda desk: desk.give(other_handshake(desk)),
    "WELCOME that verifies": lambda desk: desk.give(welcome(desk)),
    "WELCOME that does not": lambda desk: desk.give(forged(desk)),
    "REFUSED, VERSIONS": lambda desk: desk.give(desk.refused(9) if desk.sent else b"\x07" + bytes(9)),
    "RETRY of another token": lambda desk: desk.give(
        Retry(version=1, token=1, flags=0, cookie=bytes(32), key=desk.key).build()
    ),
    "SEALED that verifies": lambda desk: desk.give(sealed(desk)),
    "SEALED of another session": lambda desk: desk.give(b"\x04" + bytes(40)),
    "RESET that verifies": lambda desk: desk.give(reset(desk)),
    "RESET that does not": lambda desk: desk.give(reset(desk, right=False)),
    "BYE REPLACED": lambda desk: desk.give(sealed(desk, Bye(code=Code.REPLACED, reason=""))),
    "BYE SHUTDOWN": lambda desk: desk.give(sealed(desk, Bye(code=Code.SHUTDOWN, reason=""))),
    "silent for `timeout`": lambda desk: desk.wait(TIMEOUT - 0.5),
}


def cells(heading: str, within: str, states: list[str]) -> list[tuple[str, str, str]]:
    table = rows(heading, within)
    return [(row[0], state, cell) for row in table for state, cell in zip(states, row[1:], strict=True) if cell]


CLIENT = cells("| event | IDLE |", "### 7.2 ", STATES)


@pytest.mark.parametrize(("event", "state", "cell"), CLIENT, ids=lambda value: value)
def test_a_client_does_what_its_table_says(event: str, state: str, cell: str) -> None:
    # Without a pin PROVING cannot be reached; there a RETRY only brings another cookie, whatever key it shows.
    desk = desk_in(state, pinned=not (event == "RETRY, key unknown" and state == "GREETING"))
    act, before = CLIENT_EVENTS[event], dict(desk.client.counters.dropped)
    if cell == "*error*":
        with pytest.raises(LocalProtocolError):
            act(desk)
    else:
        act(desk)
    dropped = [reason for reason, count in desk.client.counters.dropped.items() if count > before[reason]]
    if cell.startswith("`"):
        assert dropped == [cell.strip("`")]
    else:
        assert dropped == []
    assert desk.client.status.value == (cell if cell.isupper() else state)


def test_the_clients_table_has_every_event() -> None:
    assert list(dict.fromkeys(event for event, _, _ in CLIENT)) == list(CLIENT_EVENTS)


# -- a session on the server ---------------------------------------------------------------------------------------

SESSION_STATES = ["–", "HALF_OPEN", "ONLINE", "UNREACHABLE"]


class Case:
    """One session that has come to a state, and what is known of it from outside."""

    def __init__(self, state: str) -> None:
        self.bench = Bench()
        self.guest = Guest(self.bench)
        self.hello = self.guest.prove()
        welcome = only(Welcome, self.bench.give(self.hello, self.guest.path))
        self.welcome = welcome.build()
        self.guest.welcomed(welcome)
        if state != "HALF_OPEN":
            self.first = self.guest.sealed(BEAT)
            self.guest.give(self.first)
            self.guest.ask(join("lobby"))
        if state == "UNREACHABLE":
            self.bench.wait(TIMEOUT + 1)
            assert self.bench.of(SessionReachable)[-1].reachable is False
        if state == "–":
            self.guest.send(Bye(code=0, reason=""))
        self.before = dict(self.bench.server.counters.dropped)

    @property
    def state(self) -> str:
        """As a stranger could tell it."""
        session = self.guest.session
        if session not in {each.session for each in self.bench.of(SessionOpened)}:
            return "HALF_OPEN" if self.bench.server.tables["half_open"] else "–"
        if session in {each.session for each in self.bench.of(SessionClosed)}:
            return "–"
        told = [each.reachable for each in self.bench.of(SessionReachable) if each.session == session]
        return "ONLINE" if not told or told[-1] else "UNREACHABLE"

    def twin(self, *, live: bool) -> None:
        twin = Guest(self.bench, path=self.guest.path)
        self.bench.guests[self.guest.path] = twin
        twin.shake()
        if live:
            twin.send(BEAT)

    def outlive_the_cookie(self) -> None:
        talks = self.state == "ONLINE"
        for _ in range(13):
            self.bench.wait(COOKIE_LIFE / 12)
            if talks:
                self.guest.send(BEAT)

    def wrong(self) -> bytes:
        data = self.guest.sealed(BEAT)
        return data[:-1] + bytes((data[-1] ^ 1,))


SESSION_EVENTS: dict[str, Callable[[Case], object]] = {
    "the HELLO that made it, again": lambda case: case.bench.give(case.hello, case.guest.path),
    "SEALED that verifies, on the path of the HELLO": lambda case: case.guest.send(BEAT),
    "SEALED that verifies, on another path": lambda case: case.bench.give(case.guest.sealed(BEAT), "elsewhere"),
    "SEALED with a wrong tag": lambda case: case.guest.give(case.wrong()),
    "SEALED with a number that verified before": lambda case: case.guest.give(case.first),
    "SEALED with malformed frames": lambda case: case.guest.send(b"\x01\xff\xff"),
    "BYE": lambda case: case.guest.send(BEAT, Bye(code=0, reason="")),
    "QUIT": lambda case: case.guest.send(entry(case.guest.offset, Quit(reason=""))),
    "another session of the key and device is made": lambda case: case.twin(live=False),
    "the first packet of that session": lambda case: case.twin(live=True),
    "silent for `timeout`": lambda case: case.bench.wait(TIMEOUT),
    "silent for `expiry`": lambda case: case.bench.wait(86_400),
    "the cookie expires": lambda case: case.outlive_the_cookie(),
    "the server stops": lambda case: (case.bench.server.close(case.bench.now), case.bench.drain()),
}
SESSION = cells("| event | – |", "### 7.3 ", SESSION_STATES)


@pytest.mark.parametrize(("event", "state", "cell"), SESSION, ids=lambda value: value)
def test_a_session_on_a_server_does_what_its_table_says(event: str, state: str, cell: str) -> None:
    case = Case(state)
    answers = SESSION_EVENTS[event](case)
    if event == "the HELLO that made it, again":
        assert isinstance(answers, list)
        assert [data for data, _ in answers if data[0] == 3] == [case.welcome]
    dropped = [n for n, count in case.bench.server.counters.dropped.items() if count > case.before[n]]
    if cell.startswith("`"):
        assert dropped == [cell.strip("`")]
    else:
        assert dropped == []
        assert case.state == (state if cell == "=" else cell)


def test_a_sessions_table_has_every_event() -> None:
    assert list(dict.fromkeys(event for event, _, _ in SESSION)) == list(SESSION_EVENTS)
