"""`--transport blocking` does what `--transport trio` does: real processes, real UDP."""

import signal
from pathlib import Path

import pytest

from e2e.inside import link_to, new_identity, server
from e2e.processes import udpchat
from e2e.terminals import on_terminal
from udpchat_cli.links import Link

BLOCKING = ("--transport", "blocking")


async def test_people_chat_and_leave_over_the_blocking_transport(tmp_path: Path):
    words = ("server", "--listen", "127.0.0.1:0", "--json", "--console", *BLOCKING)
    async with udpchat(*words, state=tmp_path / "server") as serving:
        url = (await serving.object("listening"))["url"]
        async with (
            udpchat("chat", url, "--nick", "ann", "--json", *BLOCKING, state=tmp_path / "ann") as ann,
            udpchat("chat", url, "--nick", "bob", *BLOCKING, state=tmp_path / "bob") as bob,
        ):
            await ann.object("joined")
            await bob.say(*(f"line {number}" for number in range(100)))
            await bob.end_input()
            assert await bob.status() == 0
            assert bob.out == [f"bob: line {number}" for number in range(100)]
            await ann.object("chat", text="line 99")
            await ann.object("member", nick="bob", presence="gone", code="QUIT")
            await serving.say("who")
            (here,) = (await serving.object("who"))["sessions"]
            assert here["nick"] == "ann"
            ann.running.send_signal(signal.SIGINT)
            assert await ann.status() == 0
            assert ann.objects[-1] == {"event": "closed", "code": "QUIT", "reason": ""}
        serving.running.send_signal(signal.SIGTERM)
        assert await serving.status() == 0
        assert serving.objects[-1] == {"event": "stopped"}
        assert (serving.err, ann.err, bob.err) == ("", "", "")


@pytest.mark.parametrize("command", ["server", "chat"])
async def test_plaintext_over_the_blocking_transport_is_refused(tmp_path: Path, command: str):
    async with udpchat(command, "--plaintext", "127.0.0.1:0", *BLOCKING) as refused:
        assert await refused.status() == 2
        assert "--plaintext needs --transport trio" in refused.err


async def test_quit_at_the_console_ends_a_blocking_server(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--console", *BLOCKING, state=tmp_path) as serving:
        await serving.line()
        await serving.say("quit")
        assert await serving.status() == 0
        assert serving.out[-1] == "stopping"


async def test_a_blocking_client_waits_for_its_server_to_come_and_says_so(tmp_path: Path):
    identity = new_identity()
    async with server(identity) as serving:
        link = link_to(serving)
    async with udpchat("chat", link, "--json", *BLOCKING, state=tmp_path) as chat:
        await chat.say("is anybody there?")
        await chat.object("waiting")
        async with server(identity, (link.host, link.port)):
            await chat.end_input()
            assert await chat.status() == 0
            assert [each["text"] for each in chat.all("chat")] == ["is anybody there?"]


async def test_a_blocking_client_gives_up_when_it_is_told_to(tmp_path: Path):
    words = ("chat", "127.0.0.1:9", "--wait", "0.2", *BLOCKING)
    async with udpchat(*words, state=tmp_path) as chat:
        assert await chat.status() == 5
        assert "no session with 127.0.0.1:9 in 0.2 s" in chat.err


async def test_a_blocking_client_that_is_interrupted_without_a_session_did_not_deliver(tmp_path: Path):
    async with udpchat(
        "chat", Link("127.0.0.1", 9, "lobby", bytes(31) + b"k", None), "--json", *BLOCKING, state=tmp_path
    ) as chat:
        await chat.say("into the dark")
        await chat.object("waiting")
        chat.running.send_signal(signal.SIGTERM)
        assert await chat.status() == 130


async def test_a_blocking_client_trusts_nobody_unasked(tmp_path: Path):
    async with server() as serving, server() as other:
        words = ("chat", f"127.0.0.1:{serving.address[1]}", *BLOCKING)
        async with udpchat(*words, state=tmp_path / "ann") as chat:
            assert await chat.status() == 3
        async with udpchat(*words, "--accept-new-key", state=tmp_path / "ann") as chat:
            await chat.end_input()
            assert await chat.status() == 0
        assert other.public_key != serving.public_key


async def test_a_blocking_client_begins_again_with_a_new_key_and_loses_no_input(tmp_path: Path):
    async with server() as old:
        address = ("127.0.0.1", old.address[1])
        async with udpchat("chat", link_to(old), *BLOCKING, state=tmp_path) as chat:
            await chat.end_input()
            assert await chat.status() == 0
    async with server(address=address):
        words = ("chat", f"{address[0]}:{address[1]}", "--accept-new-key", *BLOCKING)
        async with udpchat(*words, state=tmp_path) as chat:
            await chat.say("one", "two")
            await chat.end_input()
            assert await chat.status() == 0
            assert [line.split(": ")[1] for line in chat.out] == ["one", "two"]


async def test_on_a_terminal_a_blocking_client_and_server_are_plain(tmp_path: Path):
    async with on_terminal("server", "--listen", "127.0.0.1:0", "--state", tmp_path / "server", *BLOCKING) as console:
        await console.sees("join with udpchat://")
        url = "udpchat://" + console.shown.split("udpchat://")[1].split()[0]
        words = ("chat", url, "--nick", "ann", "--state", tmp_path / "ann", *BLOCKING)
        async with on_terminal(*words) as ann:
            ann.types("hello")
            await ann.sees("ann: hello")
            console.types("who")
            await console.sees("nick  key", "ann ")
            ann.presses("\x04")
            assert await ann.status() == 0
        console.presses("\x03")
        assert await console.status() == 0
        assert console.cooked
