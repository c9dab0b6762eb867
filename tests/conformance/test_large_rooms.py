"""Rooms of more people than anybody wants to read of: SPEC.md 11.2."""

from typing import Any

from conformance.hand import BEAT, Bench, Guest, entry, join
from net import entropy
from proves import proves
from udpchat_core.client import Client
from udpchat_core.effects import StateSaved
from udpchat_core.events import ClientEvent, CountChanged, MemberChanged, RosterReceived, ServerOffered
from udpchat_core.path import Path
from udpchat_core.state import ClientState
from udpchat_protocol.codes import Code, Presence, RosterFlag
from udpchat_protocol.constants import GATHER, LARGE_ROOM, SMALL_ROOM, SPEAKER_LIFE
from udpchat_protocol.entries import (
    Body,
    Count,
    Gone,
    Joined,
    Nick,
    Online,
    Part,
    Quit,
    Renamed,
    Roster,
    Say,
    Skip,
    Unreachable,
    parse_body_untrusted,
)
from udpchat_protocol.entries import Log as Logs


class Hall:
    """A lobby with watchers who answer, and a crowd that says nothing unless it is made to."""

    def __init__(self, watchers: int = 1) -> None:
        self.bench = Bench(timeout=30.0, handshake_rate=100_000, sessions_per_prefix=100_000)
        self.crowd: list[Guest] = []
        self.lead = self.comer("lead")
        self.watchers = [self.lead, *(self.comer(f"watcher {n}") for n in range(1, watchers))]
        self.wait(0.1)
        self.told = 0

    def comer(self, name: str, device: int = 1) -> Guest:
        """Somebody comes in and answers."""
        guest = self.bench.guest(name, device=device)
        guest.ask(Nick(nick=name), join("lobby"))
        guest.send(BEAT)
        return guest

    def fill(self, members: int) -> None:
        """Let people come until the room has so many; they do not hear what they are told."""
        while len(self.crowd) + len(self.watchers) < members:
            guest = self.bench.guest(f"c{self.bench.lives}-{len(self.bench.guests)}")
            guest.send(entry(0, join("lobby")))
            guest.offset = 1
            self.bench.guests[guest.path] = DEAF
            self.crowd.append(guest)

    def thin(self, members: int) -> None:
        """Let people of the crowd go until the room has so many."""
        while len(self.crowd) + len(self.watchers) > members:
            self.crowd.pop().send(entry(1, Quit(reason="")))

    def wait(self, seconds: float) -> None:
        """Let time pass; those who answer do."""
        end = self.bench.now + seconds
        while self.bench.now < end - 1e-9:
            self.bench.wait(min(10.0, end - self.bench.now))
            for guest in self.watchers:
                guest.send(BEAT)
        for _ in range(3):
            for guest in self.watchers:
                guest.send(BEAT)

    def log(self, guest: Guest | None = None) -> list[tuple[int, Body]]:
        """The presence log, as far as it was sent."""
        guest = guest or self.lead
        channel = guest.control(Joined)[-1].presence_channel
        return [(n, parse_body_untrusted(Logs.PRESENCE, each.kind, each.body)) for n, each in guest.entries(channel)]

    def news(self) -> list[Body]:
        """What was told since the last call."""
        log = self.log()
        self.told, first = len(log), self.told
        return [body for _, body in log[first:]]

    def enlarge(self, members: int = LARGE_ROOM + 4) -> None:
        """Make the room a large one, and let the news of that pass."""
        self.fill(members)
        self.wait(2 * GATHER)
        self.news()

    def say(self, guest: Guest, text: str = "hello") -> None:
        guest.ask(Say(room="lobby", id=guest.offset, flags=0, text=text))


class Deaf(Guest):
    """Nobody listens at this path."""

    def __init__(self) -> None:
        pass

    def take(self, data: bytes, path: Path) -> None:
        del data, path


DEAF = Deaf()


class Visitor(Deaf):
    """The real client, in a room of the bench."""

    def __init__(self, bench: Bench, name: str) -> None:
        self.bench = bench
        self.path = f"visitor {name}"
        state = ClientState(entropy(("visitor", name))(32), 1, nick=name)
        self.client = Client(state, entropy=entropy(("visits", name)))
        self.events: list[ClientEvent] = []
        bench.guests[self.path] = self
        self.client.join("lobby", bench.now)
        self.client.connect(self.path, bench.now)
        self.wait(0.3)

    def take(self, data: bytes, path: Path) -> None:
        self.client.receive_datagram(data, path, self.bench.now)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.client.handle_timeout(self.bench.now)
            for _ in range(8):
                self.serve()
            self.bench.wait(0.1)

    def serve(self) -> None:
        for event in self.client.events():
            self.events.append(event)
            if isinstance(event, ServerOffered):
                self.client.accept_server(event.key, None, self.bench.now)
        for request in self.client.store_requests():
            self.client.store_completed(StateSaved(request), self.bench.now)
        for data, path in self.client.datagrams_to_send(self.bench.now):
            self.bench.give(data, path)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def roster(self) -> dict[bytes, Presence]:
        return {each.member: each.presence for each in self.client.attendees("lobby")}


def rosters(guest: Guest) -> list[tuple[int, set[bytes]]]:
    """(offset, members) of every whole roster that a guest got."""
    found: list[tuple[int, set[bytes]]] = []
    listed: list[bytes] = []
    for chunk in guest.control(Roster):
        if chunk.flags & RosterFlag.FIRST:
            listed = []
        listed += [each.member for each in chunk.members]
        if chunk.flags & RosterFlag.LAST:
            assert len(set(listed)) == len(listed)
            found.append((chunk.offset, set(listed)))
    return found


# -- the border ----------------------------------------------------------------------------------------------------


@proves("UC-PRES-4", "UC-PRES-1")
def test_a_room_of_256_members_is_small_and_tells_of_each_one() -> None:
    hall = Hall()
    hall.news()
    hall.fill(LARGE_ROOM)
    hall.wait(2)
    news = hall.news()
    assert {body.member for body in news if isinstance(body, Online)} == {each.fingerprint for each in hall.crowd}
    assert len(news) == LARGE_ROOM - 1
    assert hall.lead.control(Skip) == []


@proves("UC-PRES-4", "UC-PRES-5", "UC-PRES-7", "UC-PRES-8")
def test_the_257th_makes_it_large_and_every_reader_gets_skip_and_a_roster_of_who_spoke() -> None:
    hall = Hall(watchers=3)
    hall.say(hall.watchers[1])
    hall.fill(LARGE_ROOM)
    hall.wait(2)
    hall.news()
    head = hall.log()[-1][0] + 1
    late = hall.comer("late")
    hall.wait(0.1)
    speakers = {hall.watchers[1].fingerprint}
    for guest in hall.watchers:
        (skip,) = guest.control(Skip)
        channel = guest.control(Joined)[0].presence_channel
        assert (skip.channel, skip.first, skip.check, skip.code) == (channel, head, bytes(8), Code.COUNTED)
        assert rosters(guest)[-1] == (head, speakers)
    assert rosters(late) == [(head, speakers)]
    assert late.control(Joined)[0].presence_start == head
    assert hall.news() == []
    hall.wait(GATHER)
    assert hall.log()[-1] == (head, Count(online=LARGE_ROOM + 1, members=LARGE_ROOM + 1))


@proves("UC-PRES-4", "UC-PRES-8")
def test_a_large_room_stays_large_down_to_128_members_and_then_lists_everyone() -> None:
    hall = Hall()
    hall.enlarge()
    hall.thin(SMALL_ROOM)
    hall.wait(2 * GATHER)
    assert hall.news() == [Count(online=SMALL_ROOM, members=SMALL_ROOM)]
    assert len(hall.lead.control(Skip)) == 1
    hall.thin(SMALL_ROOM - 1)
    hall.wait(0.1)
    (_, skip) = hall.lead.control(Skip)
    assert skip.code == Code.COUNTED
    everyone = {each.fingerprint for each in (*hall.crowd, *hall.watchers)}
    assert rosters(hall.lead)[-1] == (skip.first, everyone)
    comer = hall.comer("comer")
    hall.wait(0.1)
    assert hall.news() == [Online(member=comer.fingerprint, nick="comer")]
    hall.wait(5)
    assert hall.news() == []


# -- in a large room -----------------------------------------------------------------------------------------------


@proves("UC-PRES-5", "UC-PRES-6", "UC-PRES-7")
def test_who_speaks_is_listed_and_who_does_not_is_only_counted() -> None:
    hall = Hall()
    hall.enlarge()
    before = hall.bench.server.sessions
    comer = hall.comer("comer")
    hall.wait(2 * GATHER)
    assert hall.news() == [Count(online=before + 1, members=before + 1)]
    hall.say(comer)
    hall.say(comer, "again")
    hall.wait(GATHER / 2)
    assert hall.news() == []
    hall.wait(GATHER)
    assert hall.news() == [Online(member=comer.fingerprint, nick="comer")]
    comer.ask(Nick(nick="goer"))
    hall.wait(2 * GATHER)
    assert hall.news() == [Renamed(member=comer.fingerprint, nick="goer")]
    comer.ask(Quit(reason="so long"))
    hall.wait(2 * GATHER)
    gone = Gone(member=comer.fingerprint, code=Code.QUIT, reason="so long")
    assert hall.news() == [Count(online=before, members=before), gone]
    again = hall.comer("comer")
    hall.wait(2 * GATHER)
    assert again.fingerprint == comer.fingerprint
    assert hall.news() == [Count(online=before + 1, members=before + 1)]


@proves("UC-PRES-6", "UC-PRES-7")
def test_changes_are_gathered_and_only_their_sum_is_told() -> None:
    hall = Hall(watchers=2)
    hall.enlarge()
    speaker = hall.watchers[1]
    hall.say(speaker)
    hall.wait(2 * GATHER)
    hall.news()
    for _ in range(5):
        speaker.ask(Part(room="lobby"))
        speaker.ask(join("lobby"))
    hall.wait(2 * GATHER)
    members = hall.bench.server.sessions
    assert hall.news() == [Count(online=members, members=members)], "the count is for the reader with the new roster"
    speaker.ask(Nick(nick="one"))
    speaker.ask(Nick(nick="two"))
    hall.crowd.pop().send(entry(1, Quit(reason="")))
    hall.wait(2 * GATHER)
    members -= 1
    renamed = Renamed(member=speaker.fingerprint, nick="two")
    assert hall.news() == [Count(online=members, members=members), renamed]
    hall.wait(20)
    assert hall.news() == []


@proves("UC-PRES-5", "UC-PRES-6")
def test_who_has_not_spoken_for_long_is_only_counted_again() -> None:
    hall = Hall(watchers=3)
    hall.say(hall.watchers[1])
    hall.enlarge()
    hall.wait(100)
    hall.say(hall.watchers[2])
    hall.wait(2 * GATHER)
    hall.news()
    hall.wait(SPEAKER_LIFE - 104)
    assert not any(isinstance(body, Gone) for body in hall.news())
    hall.wait(4 * GATHER)
    counted = [Gone(member=guest.fingerprint, code=Code.COUNTED, reason="") for guest in hall.watchers]
    assert hall.news() == [counted[1]]
    late = hall.comer("late")
    assert rosters(late)[-1][1] == {hall.watchers[2].fingerprint}
    hall.wait(120)
    assert counted[2] in hall.news()


@proves("UC-PRES-5")
def test_no_more_are_listed_than_those_who_spoke_last() -> None:
    hall = Hall()
    hall.enlarge(LARGE_ROOM + 3)
    for guest in hall.crowd:
        guest.send(entry(1, Say(room="lobby", id=1, flags=0, text="hello")))
        guest.offset = 2
    hall.wait(2 * GATHER)
    listed = {each.fingerprint for each in hall.crowd[-LARGE_ROOM:]}
    assert {body.member for body in hall.news() if isinstance(body, Online)} == listed
    hall.crowd[0].send(entry(2, Say(room="lobby", id=2, flags=0, text="hello")))
    hall.wait(2 * GATHER)
    news = hall.news()
    out = hall.crowd[-LARGE_ROOM].fingerprint
    assert Gone(member=out, code=Code.COUNTED, reason="") in news
    assert Online(member=hall.crowd[0].fingerprint, nick="") in news
    assert len(news) == 2
    late = hall.comer("late")
    assert rosters(late)[-1][1] == listed - {out} | {hall.crowd[0].fingerprint}


@proves("UC-PRES-6", "UC-PRES-7")
def test_who_cannot_be_heard_is_counted_so_and_told_so_if_listed() -> None:
    hall = Hall(watchers=2)
    hall.enlarge()
    hall.say(hall.watchers[1])
    hall.wait(2 * GATHER)
    hall.news()
    silent = hall.watchers.pop()
    hall.wait(35)
    members = hall.bench.server.sessions
    news = hall.news()
    assert [body for body in news if not isinstance(body, Count)] == [Unreachable(member=silent.fingerprint)]
    assert [body for body in news if isinstance(body, Count)][-1] == Count(online=1, members=members)
    silent.send(BEAT)
    hall.wait(2 * GATHER)
    assert hall.news() == [Count(online=2, members=members), Online(member=silent.fingerprint, nick="watcher 1")]


@proves("UC-PRES-7")
def test_everyone_who_gets_a_roster_of_a_large_room_gets_a_count_soon_and_first() -> None:
    hall = Hall(watchers=2)
    hall.enlarge()
    members = hall.bench.server.sessions
    speaker = hall.watchers[1]
    hall.bench.guest("watcher 1", device=2).ask(join("lobby"))
    second = hall.bench.guest("watcher 1", device=3)
    second.ask(join("lobby"))
    hall.watchers.append(second)
    hall.say(speaker)
    hall.wait(2 * GATHER)
    bodies = [body for _, body in hall.log(second)]
    assert bodies == [
        Count(online=members, members=members),
        Online(member=speaker.fingerprint, nick="watcher 1"),
    ]


def test_a_storm_of_joins_costs_a_large_room_a_count_a_second_and_not_an_entry_each() -> None:
    hall = Hall(watchers=20)
    hall.enlarge()
    before = {guest.name: hall.log(guest)[-1][0] for guest in hall.watchers}
    hall.fill(LARGE_ROOM + 4 + 300)
    hall.wait(5)
    for guest in hall.watchers:
        assert hall.log(guest)[-1][0] == before[guest.name] + 1
    assert len(hall.news()) == 1
    members = LARGE_ROOM + 304
    assert hall.log()[-1][1] == Count(online=members, members=members)


def test_a_roster_is_the_same_bytes_for_all_who_come_in_one_second() -> None:
    hall = Hall(watchers=3)
    for guest in hall.watchers:
        hall.say(guest)
    hall.enlarge()
    one, two = hall.bench.guest("one"), hall.bench.guest("two")
    for guest in (one, two):
        guest.ask(join("lobby"))
    first, second = ([each.body for _, each in guest.entries(0) if each.kind == Roster.KIND] for guest in (one, two))
    assert first == second
    assert rosters(one)[0][1] == {guest.fingerprint for guest in hall.watchers}


# -- the client ----------------------------------------------------------------------------------------------------


@proves("UC-PRES-2", "UC-PRES-8", "UC-PRES-9", "UC-SKIP-2")
def test_the_client_sees_the_truth_through_both_changes_of_size() -> None:
    hall = Hall(watchers=2)
    visitor = Visitor(hall.bench, "ann")
    speaker = hall.watchers[1]
    hall.say(speaker)
    hall.fill(LARGE_ROOM - 1)
    visitor.wait(2)
    everyone = {each.fingerprint for each in (*hall.crowd, *hall.watchers)} | {visitor.client.fingerprint}
    assert set(visitor.roster) == everyone
    assert visitor.of(CountChanged) == []
    for round_ in (1, 2):
        known = len(visitor.of(MemberChanged))
        hall.fill(LARGE_ROOM + 2)
        visitor.wait(2.5)
        assert set(visitor.roster) == {speaker.fingerprint}
        told = visitor.of(CountChanged)
        assert (told[-1].online, told[-1].members) == (LARGE_ROOM + 3, LARGE_ROOM + 3)
        coming = [event for event in visitor.of(MemberChanged)[known:] if event.member == speaker.fingerprint]
        assert coming == []
        hall.thin(SMALL_ROOM - 4)
        visitor.wait(2.5)
        everyone = {each.fingerprint for each in (*hall.crowd, *hall.watchers)} | {visitor.client.fingerprint}
        assert visitor.roster == dict.fromkeys(everyone, Presence.ONLINE)
        assert len(visitor.of(RosterReceived)) == 1 + 2 * round_
        assert not any(event.code == Code.COUNTED for event in visitor.of(MemberChanged))
    hall.crowd.pop().send(entry(1, Quit(reason="bye")))
    visitor.wait(0.3)
    assert visitor.of(MemberChanged)[-1].reason == "bye"


@proves("UC-PRES-9")
def test_in_a_large_room_nobody_comes_by_speaking_or_goes_by_being_silent() -> None:
    hall = Hall(watchers=2)
    hall.enlarge()
    visitor = Visitor(hall.bench, "ann")
    hall.say(hall.watchers[1])
    visitor.wait(2.5)
    speaker = hall.watchers[1].fingerprint
    (told,) = visitor.of(MemberChanged)
    assert (told.member, told.presence, told.code) == (speaker, Presence.ONLINE, Code.COUNTED)
    hall.watchers[1].ask(Quit(reason=""))
    visitor.wait(2.5)
    gone = visitor.of(MemberChanged)[-1]
    assert (gone.member, gone.presence, gone.code) == (speaker, None, Code.QUIT)
