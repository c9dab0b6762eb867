"""What the sweep found, each in as few steps as show it."""

from conformance.hand import Desk, entry
from net import Net
from proves import proves
from udpchat_core.events import (
    ChatReceived,
    Command,
    CommandFailed,
    Disconnected,
    HistoryEnded,
    JoinedRoom,
    PartedRoom,
    SessionOpened,
)
from udpchat_protocol.codes import Code
from udpchat_protocol.entries import Chat, Failed, Joined, Replay


@proves("UC-GATE-5")
def test_a_device_that_comes_again_and_again_has_one_session() -> None:
    net = Net()
    person = net.person("ada")
    net.run(5)
    for n in range(3):
        state = person.client.state
        person.die()
        person = net.person(f"ada/{n}", state=state, joins=None)
        net.run(5)
        assert net.server.sessions == net.server.tables["members"] == 1
    opened = [event for event in net.server_events if isinstance(event, SessionOpened)]
    assert [event.replaced for event in opened] == [False, True, True, True]


@proves("UC-LOG-2", "UC-SESS-3")
def test_what_was_not_taken_when_the_session_ended_is_told_once() -> None:
    net = Net()
    ada, bob = net.person("ada"), net.person("bob")
    net.run(5)
    bob.takes = False
    for n in range(5):
        ada.say(f"m{n}")
    net.run(2)
    net.restart_server()
    net.run(30)
    ada.say("after")
    net.run(2)
    bob.takes = True
    net.run(2)
    assert bob.of(Disconnected)
    assert [(event.offset, event.text) for event in bob.of(ChatReceived)] == [
        *[(n, f"m{n}") for n in range(5)],
        (5, "after"),
    ]


@proves("UC-SESS-5", "UC-HIST-1")
def test_a_refusal_or_a_history_that_is_overtaken_by_its_ack_is_told_all_the_same() -> None:
    desk = Desk(rooms={"lobby": None})
    desk.open()
    lobby = {"chat_channel": 3, "chat_log": 99, "chat_first": 0, "chat_head": 9, "chat_start": 9}
    presence = {"presence_channel": 4, "presence_log": 5, "presence_start": 0}
    desk.tell(Joined(room="lobby", resume=0, chat_check=bytes(8), **lobby, **presence))
    desk.client.nick("taken", desk.now)
    desk.client.history("lobby", 0, 2, desk.now)
    desk.drain()
    nick, history = sorted(desk.logs)[-2:]
    desk.settle()
    desk.tell(Failed(request=nick, code=Code.NICK_TAKEN, reason=""))
    desk.tell(Replay(request=history, channel=7, log=99, start=0, end=2, check=bytes(8)))
    bodies = [Chat(author=bytes(8), nick="b", id=n, time=0, flags=0, text=str(n)) for n in range(2)]
    desk.send(*(entry(n, body, channel=7) for n, body in enumerate(bodies)))
    assert [(event.command, event.code) for event in desk.of(CommandFailed)] == [(Command.NICK, Code.NICK_TAKEN)]
    assert [(event.text, event.past) for event in desk.of(ChatReceived)] == [("0", True), ("1", True)]
    assert desk.of(HistoryEnded) == [HistoryEnded("lobby", 0, 2)]


@proves("UC-SESS-6", "UC-ROOM-5")
def test_who_leaves_a_room_and_comes_back_while_messages_wait_is_in_it() -> None:
    net = Net()
    ada, bob = net.person("ada"), net.person("bob")
    net.run(5)
    net.change(loss=0.5)
    for n in range(40):
        ada.say(f"m{n}")
    ada.client.part("lobby", net.now)
    ada.join("lobby")
    ada.say("back")
    net.run(60)
    assert ada.client.unacknowledged == 0
    assert not ada.of(CommandFailed)
    assert [event.room for event in ada.of(PartedRoom)] == ["lobby"]
    assert len(ada.of(JoinedRoom)) == 2
    bob.say("hello")
    net.run(20)
    assert ada.texts()[-1] == "hello"
    assert [text for text in bob.texts() if text != "hello"] == [*(f"m{n}" for n in range(40)), "back"]
