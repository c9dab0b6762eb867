"""People at terminals: the operator of a server, and those who chat; typed words, and what is seen."""

import json
import signal
from pathlib import Path

from e2e.inside import event, link_to, new_state, server
from e2e.processes import udpchat
from e2e.terminals import on_terminal
from proves import proves
from udpchat_core.events import RosterReceived
from udpchat_core.state import Pin
from udpchat_transports.trio_client import open_client


async def test_an_operator_asks_who_is_here_and_stops_the_server(tmp_path: Path):
    async with on_terminal("server", "--listen", "127.0.0.1:0", "--state", tmp_path / "server") as console:
        await console.sees("join with udpchat://")
        await console.sees("server>")
        url = "udpchat://" + console.shown.split("udpchat://")[1].split()[0]
        console.types("who", "rooms")
        await console.sees("nobody is here", "nobody is in any room")
        async with udpchat("chat", url, "--nick", "ann", "--room", "den", "--json", state=tmp_path / "ann") as ann:
            key = (await ann.object("roster"))["members"][0]["key"]
            console.types("who")
            await console.sees("nick  key", "ann   " + key + "  127.0.0.1:", "den    here")
            console.types("rooms")
            await console.sees("room  members", "den   ann")
            console.types("whom?", "help")
            await console.sees("'whom?' is no command; there are who, rooms, quit and help", "who     who is here")
            await console.sees("help    this list", "server>")  # before that the terminal would take the key for itself
            console.presses("\x04")
            await console.sees("quit ends the server", "server>")
            console.types("quit")
            await ann.object("disconnected", code="SHUTDOWN")
            assert await console.status() == 0
            assert console.cooked


async def test_ctrl_c_on_the_console_stops_the_server(tmp_path: Path):
    async with on_terminal("server", "--listen", "127.0.0.1:0", "--state", tmp_path) as console:
        await console.sees("server>")
        console.presses("\x03")
        assert await console.status() == 0
        assert console.cooked


async def test_a_program_asks_over_a_pipe_whose_end_is_no_wish_to_stop(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--console", "--json", state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        async with udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann:
            (member,) = (await ann.object("roster"))["members"]
            await ann.say("here")
            await ann.texts("here")
            await host.say("who", "rooms", "", "wh\x1bo")
            (guest,) = (await host.object("who"))["sessions"]
            assert (guest["nick"], guest["key"], guest["rooms"]) == ("ann", member["key"], ["lobby"])
            assert (guest["reachable"], guest["session"]) == (True, host.all("opened")[0]["session"])
            assert guest["address"].startswith("127.0.0.1:")
            assert guest["seconds"] >= 0
            assert guest["rtt"] >= 0
            assert (await host.object("rooms"))["rooms"] == [
                {"room": "lobby", "members": [{"key": member["key"], "nick": "ann"}]}
            ]
            assert (await host.object("unknown"))["typed"] == "wh\ufffdo"
            await host.end_input()
            await ann.say("still here?")
            await ann.texts("still here?")
            host.running.send_signal(signal.SIGTERM)
            assert await host.status() == 0


async def test_a_server_without_a_terminal_or_a_wish_reads_nothing(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--json", state=tmp_path) as host:
        await host.object("listening")
        await host.say("quit")
        host.running.send_signal(signal.SIGTERM)
        assert await host.status() == 0
        assert [each["event"] for each in host.objects] == ["listening", "stopped"]


async def test_quit_over_a_pipe_stops_the_server(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--console", state=tmp_path) as host:
        await host.line()
        await host.say("who", "quit")
        assert await host.status() == 0
        assert host.out[1:] == ["nobody is here", "stopping"]


async def test_a_person_goes_from_room_to_room_and_nothing_typed_is_lost(tmp_path: Path):
    async with server() as serving:
        words = ("chat", link_to(serving), "--nick", "ann", "--state", tmp_path)
        async with on_terminal(*words) as ann:
            await ann.sees("* in lobby: ann")
            ann.types("/join den")
            await ann.sees("* you talk in den now", "* in den: ann")
            for typed, seen in (
                ("/join @staff", "'@staff' cannot be a room's name: it begins with '@'"),
                ("/join", "/join which ROOM?"),
                ("/who attic", "* you are not in attic"),
                ("/part attic", "* you are not in attic"),
                ("/history many", "* /history takes a number of messages, not many"),
                ("/whom\u202e", "* there is no /whom\ufffd; /help lists"),
                ("/nick", "* you are called ann"),
                ("/nick ~abc123", "begins with '~'"),
                ("/part", "* you talk in lobby now"),
            ):
                ann.types(typed)
                await ann.sees(seen)
            ann.presses("\x1b[200~one\ntwo\x1b[201~\r")
            await ann.sees("ann: one", "ann: two")
            ann.types("/part lobby", "to whom?", "/rooms")
            await ann.sees("* you are in no room; /join one", "so this was not said: to whom?", "* you are in no room")
            ann.types("/JOIN lobby")
            await ann.sees("* in lobby: ann")
            ann.types("/rooms")
            await ann.sees("* lobby (here)")
            ann.types("/quit")
            assert await ann.status() == 0
            assert ann.cooked


@proves("UC-TEXT-5")
async def test_a_nick_that_is_refused_says_why_and_who_cannot_be_reached_is_told(tmp_path: Path):
    words = ("server", "--listen", "127.0.0.1:0", "--limit", "timeout=0.6", "--limit", "heartbeat=0.2", "--json")
    async with udpchat(*words, state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        async with udpchat("chat", url, "--nick", "Bob", "--json", state=tmp_path / "bob") as bob:
            await bob.object("roster")
            async with on_terminal("chat", url, "--nick", "ann", "--state", tmp_path / "ann") as ann:
                await ann.sees("* in lobby: Bob, ann")
                ann.types("/nick B0B")
                await ann.sees("* nick failed: that nick belongs to somebody else, or looks like one", "choose another")
                await ann.sees("* you are called ann")
                ann.types("/nick b\u043eb")  # the client lets it pass: it is the server's policy that knows scripts
                await ann.sees(
                    "* nick failed: that name is not allowed", "it mixes letters of scripts", "latin); use one"
                )
                bob.running.kill()
                await ann.sees("* Bob cannot be reached")
                ann.types("/who")
                await ann.sees("* Bob (cannot be reached)  key ", "* ann  key ")


@proves("UC-PRES-2")
async def test_what_json_tells_of_a_member_who_is_killed_comes_back_and_quits(tmp_path: Path):
    words = ("server", "--listen", "127.0.0.1:0", "--limit", "timeout=0.6", "--limit", "heartbeat=0.2", "--json")
    async with udpchat(*words, state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        async with udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann:
            roster = await ann.object("roster")
            assert set(roster) == {"event", "room", "members"}
            assert (await ann.object("link", up=True)).keys() == {"event", "up", "rtt"}
            async with udpchat("chat", url, "--nick", "bob", "--json", state=tmp_path / "bob") as bob:
                came = await ann.object("member", nick="bob")
                assert came == {
                    "event": "member", "room": "lobby", "key": came["key"], "nick": "bob",
                    "presence": "online", "code": "NONE", "reason": "",
                }  # fmt: skip
                bob.running.kill()
                await ann.object("member", key=came["key"], presence="unreachable")
                await host.object("unreachable", key=came["key"])
            async with udpchat("chat", url, "--json", state=tmp_path / "bob") as bob:
                await bob.object("roster")
                await bob.end_input()
                assert await bob.status() == 0
            await ann.object("member", key=came["key"], presence="gone", code="QUIT")
            told = [(each["presence"], each["nick"]) for each in ann.all("member") if each["key"] == came["key"]]
            once = [each for before, each in zip([None, *told], told, strict=False) if each != before]
            assert told == once
            assert (told[0], told[1], told[-2], told[-1]) == (
                ("online", "bob"), ("unreachable", "bob"), ("online", "bob"), ("gone", "bob")
            )  # fmt: skip
            host.running.kill()
            assert (await ann.object("link", up=False)).keys() == {"event", "up", "rtt"}


@proves("UC-TEXT-2", "UC-TEXT-3", "UC-TEXT-4")
async def test_nothing_that_hides_reaches_a_screen_or_a_program(tmp_path: Path):
    """Over a server that checks no nick by more than its rule, from a member who means harm."""
    evil = "a\u202eb\u200bc\x1b[2J" + "z" + "\u0301" * 60 + "\ufff9\U000e0041\u2028!"
    shown = "a\ufffdbc\ufffd[2Jz" + "\u0301" * 8 + " !"
    async with (
        server() as serving,
        open_client(("127.0.0.1", serving.address[1]), new_state(), confirmed=Pin(serving.public_key)) as mallory,
        udpchat("chat", link_to(serving), "--json", state=tmp_path / "json") as program,
        udpchat("chat", link_to(serving), state=tmp_path / "plain") as plain,
        on_terminal("chat", link_to(serving), "--state", tmp_path / "terminal") as person,
    ):
        mallory.join("lobby")
        await event(mallory, RosterReceived)
        for one in (program, plain):
            await one.say("here")
        await program.object("joined")
        await person.sees("* in lobby: ")
        mallory.say("lobby", evil)
        await program.texts(shown)
        await plain.line(lambda line: line.endswith(shown))
        await person.sees(shown)
        mallory.quit(evil)
        gone = await program.object("member", presence="gone", key=mallory.fingerprint.hex())
        assert gone["reason"] == shown
        await person.sees(f"({shown})")
        assert "\u200b" not in json.dumps(program.objects, ensure_ascii=False)
