"""People chat: real processes, real UDP."""

import signal
import socket
from pathlib import Path

import pytest

from e2e.inside import event, link_to, new_identity, new_state, server
from e2e.processes import udpchat
from udpchat_core.events import Sent
from udpchat_core.state import Pin
from udpchat_transports.sockets import UdpSocket
from udpchat_transports.trio_client import open_client


async def test_two_people_chat_through_a_server_that_says_goodbye(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--json", state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        async with (
            udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann,
            udpchat("chat", url, "--nick", "bob", "--json", state=tmp_path / "bob") as bob,
            udpchat("server", "--listen", "127.0.0.1:0", state=tmp_path / "server") as second,
        ):
            await ann.object("joined")
            await bob.object("joined")
            await ann.say("good morning")
            await bob.texts("good morning")
            await bob.say("good morning, ann", "zażółć gęślą jaźń 🙂")
            for one in (ann, bob):
                await one.texts("good morning", "good morning, ann", "zażółć gęślą jaźń 🙂")
            assert ann.all("chat") == bob.all("chat")
            assert [(each["nick"], each["offset"]) for each in ann.all("chat")] == [("ann", 0), ("bob", 1), ("bob", 2)]
            await bob.object("sent", offset=2)
            assert [each["id"] for each in bob.all("sent")] == [each["id"] for each in bob.all("chat")[1:]]

            assert await second.status() == 6
            assert "another process is using the identity" in second.err

            await bob.end_input()
            assert await bob.status() == 0
            assert bob.all("closed") == [{"event": "closed", "code": "QUIT", "reason": ""}]
            await ann.object("member", nick="bob", presence="gone", code="QUIT")

            host.running.send_signal(signal.SIGTERM)
            await ann.object("disconnected", code="SHUTDOWN")
            assert await host.status() == 0
            assert host.objects[-1] == {"event": "stopped"}
            assert [each["code"] for each in host.all("closed")] == ["QUIT", "SHUTDOWN"]
            ann.running.send_signal(signal.SIGINT)
            assert await ann.status() == 0
            assert (host.err, ann.err, bob.err) == ("", "", "")


async def test_a_pipe_says_every_line_and_the_next_run_reads_on(tmp_path: Path):
    long = "word " * 450
    lines = [f"line {number}" for number in range(100)]
    async with server() as serving:
        words = ("chat", link_to(serving), "--nick", "ann")
        async with udpchat(*words, state=tmp_path) as ann:
            await ann.say(*lines, "", long)
            await ann.end_input()
            assert await ann.status() == 0
        assert ann.out[:100] == [f"ann: {line}" for line in lines]
        assert "".join(line.removeprefix("ann: ") for line in ann.out[100:]) == long
        assert all(len(line.encode()) <= 1005 for line in ann.out[100:])
        assert ann.err == ""

        async with open_client(
            ("127.0.0.1", serving.address[1]), new_state(), confirmed=Pin(serving.public_key)
        ) as bob:
            bob.join("lobby", newest=0)
            bob.say("lobby", "while you were away")
            await event(bob, Sent)
            bob.quit()
        async with udpchat(*words[:2], state=tmp_path) as ann:
            await ann.end_input()
            assert await ann.status() == 0
        assert len(ann.out) == 1
        assert ann.out[0].endswith("while you were away")


async def test_a_client_waits_for_its_server_to_come(tmp_path: Path):
    identity = new_identity()
    async with server(identity) as serving:
        link = link_to(serving)
    async with udpchat("chat", link, "--json", state=tmp_path) as chat:
        await chat.say("is anybody there?")
        async with server(identity, (link.host, link.port)):
            await chat.end_input()
            assert await chat.status() == 0
            assert [each["text"] for each in chat.all("chat")] == ["is anybody there?"]


def has_ipv6() -> bool:
    try:
        UdpSocket(socket.AF_INET6, ("::1", 0, 0, 0)).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@needs_ipv6
async def test_over_ipv6(tmp_path: Path):
    async with udpchat("server", "--listen", "[::1]:0", state=tmp_path / "server") as host:
        first = await host.line()
        url = first.split()[-1]
        assert url.startswith("udpchat://[::1]:")
        async with udpchat("chat", url, "--nick", "ann", state=tmp_path / "ann") as ann:
            await ann.say("six")
            await ann.end_input()
            assert await ann.status() == 0
            assert ann.out == ["ann: six"]
        host.running.send_signal(signal.SIGINT)
        assert await host.status() == 0
