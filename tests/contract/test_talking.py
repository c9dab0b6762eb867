"""Client and server over each pairing of transports: what is said arrives, whatever happens on the way."""

import os
from dataclasses import replace
from itertools import pairwise

from contract.scene import Scene, event, in_threads, join, new_identity, say, texts
from contract.transports import Client, bad_network
from e2e.test_chat import needs_ipv6
from proves import proves
from udpchat_core.events import ChatReceived, Closed, Connected, Disconnected, ServerOffered, SessionClosed
from udpchat_core.state import Pin
from udpchat_protocol.codes import Code
from udpchat_protocol.constants import WINDOW
from udpchat_stores.memory import MemoryStore
from udpchat_transports.link import Conditions
from udpchat_transports.trio_relay import Weather

EACH = int(os.environ.get("UDPCHAT_EACH", "60"))
"""Messages that each of three says through the bad network: `make sweep` asks for 200."""

BAD = Conditions(loss=0.3, delay=(0.005, 0.02), duplicate=0.05, reorder=0.1)


def of(client: Client, count: int) -> list[ChatReceived]:
    return [event(client, ChatReceived) for _ in range(count)]


def test_what_one_says_the_other_reads_in_order(scene: Scene):
    server = scene.server()
    ann, bob = scene.client(server), scene.client(server)
    for each in (ann, bob):
        join(each)
    said = [f"message {number}" for number in range(200)]
    for text in said:
        say(ann, text)
    assert texts(bob, len(said)) == texts(ann, len(said)) == said
    assert ann.do(lambda chat: chat.unacknowledged) == 0
    assert server.look(lambda serving: (serving.sessions, len(serving.live))) == (2, 2)
    with scene.block(server) as guest:
        event(guest, Connected)
        guest.do(lambda chat: chat.quit("so long"))
    assert server.look(lambda serving: serving.tables["sessions"]) == 2


def test_a_stranger_is_offered_the_key_and_may_accept_it(alone: Scene):
    server = alone.server()
    chat = alone.client(None, at=server.address)
    offer = event(chat, ServerOffered)
    assert offer.key == server.public_key
    chat.do(lambda chat: chat.accept_server(offer.key))
    assert event(chat, Connected).key == server.public_key


@proves("UC-LOG-2", "UC-REPAIR-2")
def test_three_hear_every_message_once_in_one_order_through_30_percent_loss(scene: Scene):
    server = scene.server()
    with bad_network(server.address, Weather(BAD, BAD, seed=1)) as between:
        people = [scene.client(server, at=between) for _ in range(3)]
        for each in people:
            join(each)
        for number, each in enumerate(people):
            for count in range(EACH):
                say(each, f"{number} {count}")
        heard = [of(each, 3 * EACH) for each in people]
    assert [each.offset for each in heard[0]] == list(range(3 * EACH))
    assert {(one.offset, one.text) for one in heard[0]} == {(one.offset, one.text) for each in heard for one in each}
    assert all(len(each) == 3 * EACH for each in heard)
    for number in range(3):
        own = [one.text for one in heard[0] if one.text.startswith(f"{number} ")]
        assert own == [f"{number} {count}" for count in range(EACH)]


@proves("UC-PATH-1")
def test_a_socket_that_moves_ten_times_loses_nothing(scene: Scene):
    server = scene.server()
    ann, bob = scene.client(server), scene.client(server)
    for each in (ann, bob):
        join(each)
    said: list[str] = []
    for move in range(10):
        ann.do(lambda chat: chat.moved())
        for count in range(5):
            said.append(f"{move} {count}")
            say(ann, said[-1])
        assert texts(bob, 5) == said[-5:]
    assert texts(ann, len(said)) == said
    assert server.look(lambda serving: serving.sessions) == 2


@proves("UC-SESS-8", "UC-SESS-10")
def test_a_server_that_is_back_at_its_place_finds_everyone_again(scene: Scene):
    identity, store = new_identity(), MemoryStore()
    server = scene.server(identity, store=store)
    people = [scene.client(server) for _ in range(2)]
    for each in people:
        join(each)
    say(people[0], "before")
    for each in people:
        assert texts(each, 1) == ["before"]
    server.stop()
    for each in people:
        assert event(each, Disconnected).code is Code.SHUTDOWN
    say(people[0], "into the dark")
    scene.server(identity, server.address, store)
    for each in people:
        assert texts(each, 1) == ["into the dark"]


def test_a_reader_that_takes_nothing_holds_up_one_room_of_its_own_and_nobody_else(scene: Scene):
    server = scene.server()
    ann, bob, cyd = (scene.client(server) for _ in range(3))
    for each in (ann, bob, cyd):
        join(each, "busy")
        join(each, "calm")
    said = [f"message {number}" for number in range(WINDOW + 144)]
    for text in said:
        say(ann, text, "busy")
    assert texts(cyd, len(said)) == said
    # Bob took nothing of it, so that more than a window of it waits at the server, and has acknowledged none of it.
    place = bob.do(lambda chat: chat.state).rooms["busy"]
    assert place is not None
    assert place.offset == 0
    say(ann, "psst", "calm")
    assert texts(cyd, 1) == ["psst"]
    heard = of(bob, len(said) + 1)
    assert [each.text for each in heard if each.room == "busy"] == said
    assert [each.text for each in heard if each.room == "calm"] == ["psst"]
    assert heard[-1].room == "busy", "the calm room waited for the busy one"


def test_64_clients_in_one_process(alone: Scene):
    server = alone.server()
    people = [alone.client(server) for _ in range(64)]
    for each in people:
        join(each)
    for number, each in enumerate(people[::8]):
        say(each, str(number))
    orders = [texts(each, 8) for each in people]
    assert sorted(orders[0], key=int) == [str(number) for number in range(8)]
    assert all(order == orders[0] for order in orders)


@needs_ipv6
def test_one_socket_serves_both_families_and_names_are_looked_up(scene: Scene):
    server = scene.server(address=("::", 0))
    for host in ("::1", "127.0.0.1", "localhost"):
        with scene.block(server, at=(host, server.address[1])) as chat:
            join(chat, newest=0)
            say(chat, host)
            assert texts(chat, 1) == [host]
            chat.do(lambda chat: chat.quit())
    assert server.look(lambda serving: serving.sessions) == 0


def test_commands_may_come_from_many_threads(alone: Scene):
    server = alone.server()
    chat = alone.client(server)
    join(chat)
    ids: list[int] = []

    def talk(thread: int) -> None:
        for number in range(25):
            ids.append(say(chat, f"{thread} {number}"))
            chat.do(lambda chat: (chat.state, chat.attendees("lobby"), chat.counters.dropped, chat.errors, chat.rtt))
            server.look(lambda serving: (serving.live, serving.tables, serving.counters.received))

    in_threads(8, talk)
    heard = texts(chat, 200)
    assert len(set(ids)) == 200
    for thread in range(8):
        assert [each for each in heard if each.startswith(f"{thread} ")] == [f"{thread} {n}" for n in range(25)]
    places = [int(each.split()[0]) for each in heard]
    assert any(one != two for one, two in pairwise(places)), "they took turns"


def test_quit_is_waited_for_when_the_block_is_left(alone: Scene):
    happened: list[object] = []
    server = alone.server(on_event=happened.append)
    with alone.block(server) as chat:
        event(chat, Connected)
        chat.do(lambda chat: chat.quit("so long"))
        core = chat.do(lambda chat: chat)
    assert core.closed
    assert isinstance(happened[-1], SessionClosed)
    assert happened[-1].code is Code.QUIT


def test_after_quit_the_events_end_with_closed(alone: Scene):
    server = alone.server()
    chat = alone.client(server)
    event(chat, Connected)
    chat.do(lambda chat: chat.quit())
    assert event(chat, Closed).code is Code.QUIT
    assert chat.receive(1) is None
    assert chat.receive(1) is None


def test_what_was_not_acknowledged_is_said_by_the_next_client(alone: Scene):
    with alone.block(None, at=("127.0.0.1", 9)) as chat:
        chat.do(lambda chat: chat.join("lobby"))
        say(chat, "not yet")
        left = chat.do(lambda chat: chat)
    assert [message.text for message in left.state.outbox] == ["not yet"]
    server = alone.server()
    state = replace(left.state, pin=Pin(server.public_key))
    with alone.clients.client(server.address, state, None, None) as again:
        assert texts(again, 1) == ["not yet"]
