"""The plaintext dialect over real sockets: the tutorial's programs and ours, in all pairings (SPEC.md, appendix B)."""

import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from operator import eq
from pathlib import Path

import pytest
import trio

from e2e.inside import link_to, server
from e2e.processes import Process, program, udpchat
from proves import proves
from udpchat_cli.main import main
from udpchat_core.plaintext import PlainLeft
from udpchat_core.plaintext_server import PlaintextLimits
from udpchat_transports.addresses import is_loopback
from udpchat_transports.plaintext import NotLoopbackError, listen, reach
from udpchat_transports.trio_plaintext import open_plaintext, serve_plaintext

TUTORIAL = Path(__file__).parent / "tutorial.py"
INTERVAL = 2.0


class Host:
    """A running server of either kind."""

    def __init__(self, process: Process, port: int, *, ours: bool) -> None:
        self.process = process
        self.port = port
        self.ours = ours

    def ack(self, text: str) -> str:
        """What it answers to a text."""
        return f"ack {text}" if self.ours else f"ack b'{text}'"

    async def dropped(self, port: int) -> None:
        """It has dropped the client at this port, or will when somebody talks."""
        if self.ours:
            await self.process.object("plaintext_left", address=f"127.0.0.1:{port}", code="EXPIRED")
        else:
            await self.process.line(lambda line: line == f"dropped {port}")

    async def left(self, count: int) -> None:
        """So many clients have quit."""

        def all_left(_: str) -> bool:
            if self.ours:
                return len([each for each in self.process.all("plaintext_left") if each["code"] == "QUIT"]) >= count
            return len([line for line in self.process.out if line.startswith("left")]) >= count

        await self.process.line(all_left)

    async def stop(self) -> None:
        if self.ours:
            self.process.running.send_signal(signal.SIGTERM)
        else:
            await self.process.say("quit")
        assert await self.process.status() == 0


@asynccontextmanager
async def hosted(kind: str, state: Path, port: int = 0) -> AsyncGenerator[Host]:
    if kind == "tutorial":
        async with program(sys.executable, TUTORIAL, "server", port, INTERVAL) as process:
            yield Host(process, int((await process.line()).split()[1]), ours=False)
        return
    words = ("--listen", "127.0.0.1:0", "--plaintext", f"127.0.0.1:{port}", "--plaintext-interval", INTERVAL, "--json")
    async with udpchat("server", *words, state=state) as process:
        address = (await process.object("plaintext"))["address"]
        yield Host(process, int(address.split(":")[1]), ours=True)


@asynccontextmanager
async def client_of(kind: str, host: Host) -> AsyncGenerator[Process]:
    """A client of either kind that has been heard."""
    if kind == "tutorial":
        words = (sys.executable, TUTORIAL, "client", host.port, INTERVAL)
        async with program(*words) as process:
            await process.line(lambda line: line == host.ack("hello server"))
            yield process
        return
    words = ("chat", "--plaintext", f"127.0.0.1:{host.port}", "--plaintext-interval", INTERVAL)
    async with udpchat(*words) as process:
        await process.line(lambda line: line == host.ack("hello server"))
        yield process


@proves("UC-PLAIN-3", "UC-PLAIN-4", "UC-PLAIN-5", "UC-PLAIN-11", "UC-PLAIN-12")
@pytest.mark.parametrize("ours", ["ours", "tutorial"])
@pytest.mark.parametrize("theirs", ["ours", "tutorial"])
async def test_all_pairings_chat_beat_drop_quit_and_stop(ours: str, theirs: str, tmp_path: Path):
    async with hosted(ours, tmp_path) as host, client_of(theirs, host) as ada, client_of("tutorial", host) as bob:
        await ada.say("good morning")
        for each in (ada, bob):
            await each.line(lambda line: line == host.ack("good morning"))

        with socket.socket(type=socket.SOCK_DGRAM) as silent:
            silent.connect(("127.0.0.1", host.port))
            silent.settimeout(20)
            silent.send(b"hi")
            assert (await trio.to_thread.run_sync(silent.recv, 1024)).decode() == host.ack("hi")
            here = silent.getsockname()[1]
            with trio.fail_after(20):
                async with trio.open_nursery() as nursery:
                    if not host.ours:
                        nursery.start_soon(keep_talking, bob, host)
                    await host.dropped(here)
                    nursery.cancel_scope.cancel()
            silent.setblocking(False)
            while True:  # what was said before it was dropped
                try:
                    silent.recv(1024)
                except BlockingIOError:
                    break
            await ada.say("without the silent one")
            for each in (ada, bob):
                await each.line(lambda line: line == host.ack("without the silent one"))
            silent.settimeout(20)
            silent.send(b"back again")
            assert (await trio.to_thread.run_sync(silent.recv, 1024)).decode() == host.ack("back again")
            silent.send(b"quit")
            await host.left(1)

        # Both heartbeats kept them clients over more than the interval in which the silent one was dropped.
        await ada.say("quit")
        assert await ada.status() == 0
        await host.left(2)
        await bob.say("alone")
        await bob.line(lambda line: line == host.ack("alone"))
        assert host.ack("alone") not in ada.out
        await host.stop()
        await bob.line(lambda line: line == "bye bye")


async def keep_talking(client: Process, host: Host) -> None:
    """The tutorial's server looks for the silent only when somebody talks."""
    for number in count():
        await client.say(f"is anybody silent? {number}")
        await client.line(partial(eq, host.ack(f"is anybody silent? {number}")))


@proves("UC-PLAIN-5", "UC-PLAIN-11", "UC-PLAIN-12")
async def test_a_client_outlives_a_restart_of_its_server(tmp_path: Path):
    async with hosted("ours", tmp_path) as host, client_of("ours", host) as ada:
        await host.stop()
        await ada.line(lambda line: line == "bye bye")
        async with hosted("ours", tmp_path, host.port) as again:
            await again.process.object("plaintext_came")  # by a heartbeat
            await ada.say("still here")
            await ada.line(lambda line: line == "ack still here")


@proves("UC-PLAIN-18", "UC-PLAIN-19")
async def test_two_plaintext_clients_and_a_sealed_one_in_a_room(tmp_path: Path):
    words = ("--listen", "127.0.0.1:0", "--plaintext", "127.0.0.1:0", "--plaintext-room", "lobby", "--json")
    async with udpchat("server", *words, state=tmp_path / "server") as host:
        url = (await host.object("listening"))["url"]
        port = await host.object("plaintext")
        assert port["room"] == "lobby"
        at = ("--plaintext", port["address"])
        async with (
            udpchat("chat", *at) as pia,
            udpchat("chat", *at, "--json") as rob,
        ):
            for each in (pia, rob):
                await each.line(lambda line: "ack hello server" in line)
            async with udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann:
                await ann.texts("hello server")
                await pia.line(lambda line: line == "* ann came")
                await ann.say("good morning")
                await pia.line(lambda line: line == "ann: good morning")
                await rob.object("line", text="ann: good morning", farewell=False)
                await pia.say("we have no keys")
                await ann.object("chat", text="we have no keys")
                await rob.object("line", text="ack we have no keys")
                await pia.end_input()
                assert await pia.status() == 0
                await ann.object("member", presence="gone", code="QUIT")
                told = [(each["nick"], each["text"]) for each in ann.all("chat")]
                assert [text for _, text in told] == ["hello server"] * 2 + ["good morning", "we have no keys"]
                guests = {"@guest1 (unverified)", "@guest2 (unverified)"}
                assert {nick for nick, text in told if text != "good morning"} == guests
                assert len({each["key"] for each in ann.all("chat")}) == 3
                await ann.end_input()
                assert await ann.status() == 0
            await rob.object("line", text="* ann left")
            host.running.send_signal(signal.SIGINT)
            await rob.object("line", text="bye bye", farewell=True)
            assert await host.status() == 0


async def test_a_pipe_says_its_lines_and_leaves(tmp_path: Path):
    async with hosted("ours", tmp_path) as host, client_of("ours", host) as chat:
        await chat.say("one", "", "ack two", "x" * 1500)
        await chat.end_input()
        assert await chat.status() == 0
        await host.left(1)
    assert chat.out == ["ack hello server", "ack one", "ack " + "x" * 1000, "ack " + "x" * 500]
    assert chat.err == "udpchat: no server answers what begins with 'ack ' or 'bye bye'\n"


async def test_a_signal_quits(tmp_path: Path):
    async with hosted("ours", tmp_path) as host, client_of("ours", host) as ada:
        ada.running.send_signal(signal.SIGINT)
        assert await ada.status() == 0
        await host.left(1)


# -- what the command line refuses ---------------------------------------------------------------------------------


@proves("UC-PLAIN-8", "UC-PLAIN-17")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["server", "--plaintext", "0.0.0.0:0"], "0.0.0.0 is not on the loopback interface; if that is meant"),
        (["server", "--plaintext", "[::]:0"], "--plaintext-anywhere"),
        (["server", "--plaintext", "127.0.0.1:port"], "--plaintext: 'port' is no port"),
        (["server", "--plaintext", "--closed", "--plaintext-room", "lobby"], "--plaintext-even-if-closed"),
        (["server", "--plaintext", "--plaintext-room", " lobby"], "--plaintext: ' lobby' cannot be a room's name"),
        (["server", "--plaintext-room", "lobby"], "--plaintext-room needs --plaintext"),
        (["server", "--plaintext-anywhere"], "--plaintext-anywhere needs --plaintext"),
        (["chat", "--plaintext", "127.0.0.1", "--nick", "ann"], "--plaintext knows no nick"),
        (["chat", "127.0.0.1", "--plaintext", "127.0.0.1"], "--plaintext knows no server"),
        (["chat", "127.0.0.1", "--plaintext-interval", "3"], "--plaintext-interval needs --plaintext"),
        (["chat"], "which server?"),
    ],
)
def test_what_may_not_be_is_explained(words: list[str], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    state = ["--state", str(tmp_path), "--listen", "127.0.0.1:0"] if words[0] == "server" else []
    assert main([*words, *state]) == 2
    assert said in capfd.readouterr().err


def test_a_plaintext_address_that_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        words = ["server", "--listen", "127.0.0.1:0", "--state", str(tmp_path), "--plaintext", address]
        assert main(words) == 8
        assert f"cannot listen for plaintext at {address}" in capfd.readouterr().err
        assert main(["chat", "--plaintext", address, "--wait", "0.2"]) == 5
        assert f"no answer from {address} in 0.2 s" in capfd.readouterr().err


@proves("UC-PLAIN-8")
async def test_anywhere_comes_with_a_warning_that_says_why(tmp_path: Path):
    words = ("--listen", "127.0.0.1:0", "--plaintext", "0.0.0.0:0", "--plaintext-anywhere", "--plaintext-budget", 8)
    async with udpchat("server", *words, state=tmp_path) as host:
        await host.line(lambda line: line.startswith("plaintext at 0.0.0.0:"))
        host.running.send_signal(signal.SIGTERM)
        assert await host.status() == 0
        assert "a victim who never asked for it, up to 8 bytes" in host.err


@proves("UC-PLAIN-17")
async def test_a_closed_server_is_bridged_if_that_is_said_twice(tmp_path: Path):
    words = ("--closed", "--plaintext", "127.0.0.1:0", "--plaintext-room", "den", "--plaintext-even-if-closed")
    async with udpchat("server", "--listen", "127.0.0.1:0", *words, state=tmp_path) as host:
        assert (await host.line(lambda line: line.startswith("plaintext"))).endswith(", guests in den")


# -- the transport -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%lo", False),
    ],
)
def test_what_loopback_is(host: str, loopback: bool):
    assert is_loopback((host, 9)) is loopback


@proves("UC-PLAIN-8")
def test_one_address_beyond_loopback_is_too_many():
    candidates = [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET, ("192.0.2.1", 0))]
    with pytest.raises(NotLoopbackError):
        listen("h", candidates, anywhere=False)
    for act in (partial(reach, "h"), partial(listen, "h", anywhere=True)):
        with pytest.raises(OSError, match="no address"):
            act([])


async def test_a_library_user_has_both_ends_without_a_sealed_server():
    left: list[object] = []
    async with trio.open_nursery() as nursery:
        limits = PlaintextLimits(interval=0.2)
        serving = await nursery.start(partial(serve_plaintext, ("127.0.0.1", 0), limits=limits, on_event=left.append))
        async with open_plaintext(serving.address[:2], beat=0.05) as chat:
            chat.say("hello")
            heard: list[str] = []
            with trio.fail_after(20):
                async for each in chat:
                    heard.append(each.text)
                    if len(heard) == 2:
                        assert serving.clients == 1
                        chat.quit()
            assert heard == ["ack hello server", "ack hello"]
            assert chat.closed
        with trio.fail_after(20):
            while not any(isinstance(each, PlainLeft) for each in left):
                await trio.lowlevel.checkpoint()
        assert serving.counters.received >= 3
        with pytest.raises(RuntimeError, match="my own"):
            async with open_plaintext(serving.address[:2]):
                raise RuntimeError("my own")
        nursery.cancel_scope.cancel()


async def test_a_bridge_joins_two_servers_of_one_process():
    async with server() as serving, trio.open_nursery() as nursery:
        port = await nursery.start(partial(serve_plaintext, ("127.0.0.1", 0), bridge_to=(serving, "lobby")))
        assert link_to(serving).port != port.address[1]
        async with open_plaintext(port.address[:2]) as chat:
            with trio.fail_after(20):
                assert (await anext(chat)).text == "ack hello server"
                while len(serving.keyless) < 1:
                    await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
