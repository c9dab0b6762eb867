"""The examples, as programs, against the real server: they chat, keep their state, trust nobody unasked and leave."""

import ast
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from e2e.inside import event, link_to, new_state, server, texts
from e2e.processes import Process, program
from udpchat_cli.links import Link
from udpchat_core.events import ChatReceived, MemberChanged, RosterReceived
from udpchat_protocol.codes import Code
from udpchat_transports.serving import Serving
from udpchat_transports.trio_client import ChatClient, open_client

EXAMPLES = Path(__file__).parents[2] / "examples"
EMBEDDINGS = ["asyncio_chat", "twisted_chat", "selectors_chat", "frame_loop"]
ALL = [*EMBEDDINGS, "bot", "bridge"]


@asynccontextmanager
async def example(name: str, link: Link, state: Path, *words: object) -> AsyncGenerator[Process]:
    """An example that does not outlive the block; every warning is an error."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / f"{name}.py"), str(link), str(state)]
    async with program(*command, *words) as process:
        yield process


async def leave(process: Process, number: signal.Signals = signal.SIGTERM) -> None:
    """It leaves when it is told to, and has nothing to complain about."""
    process.running.send_signal(number)
    assert await process.status() == 0
    assert process.err == ""


@asynccontextmanager
async def observer(serving: Serving, room: str = "lobby") -> AsyncGenerator[ChatClient]:
    """Somebody else in the room."""
    async with open_client(serving.address[:2], new_state(), confirmed=link_to(serving).pin) as chat:
        chat.join(room)
        await event(chat, RosterReceived)
        yield chat


async def gone(chat: ChatClient) -> MemberChanged:
    """The next member who leaves."""
    while (change := await event(chat, MemberChanged)).presence is not None:
        pass
    return change


@pytest.mark.parametrize("name", EMBEDDINGS)
async def test_an_embedded_core_chats_goes_on_where_it_was_and_says_goodbye(name: str, tmp_path: Path):
    async with server() as serving, observer(serving) as chat:
        authors = set[bytes]()
        for number, told in enumerate((signal.SIGINT, signal.SIGTERM)):
            async with example(name, link_to(serving), tmp_path, f"hello {number}") as process:
                if name == "selectors_chat":
                    await process.say(f"hello {number}")
                said = await event(chat, ChatReceived)
                assert said.text == f"hello {number}"
                authors.add(said.author)
                await process.line(lambda line, number=number: line.endswith(f": hello {number}"))
                chat.say("lobby", f"welcome {number}")
                await process.line(lambda line, number=number: line.endswith(f": welcome {number}"))
                assert await texts(chat, 1) == [f"welcome {number}"]
                assert len(process.out) == 2  # the second time nothing of the first is told again
                await leave(process, told)
            change = await gone(chat)
            assert (change.member, change.code) == (said.author, Code.QUIT)
        assert len(authors) == 1


async def test_input_that_ends_is_a_goodbye_too(tmp_path: Path):
    async with server() as serving, observer(serving) as chat:
        async with example("selectors_chat", link_to(serving), tmp_path) as process:
            await process.say("one", "", "two")
            await process.end_input()
            assert await process.status() == 0
            assert process.err == ""
        assert await texts(chat, 2) == ["one", "two"]
        assert (await gone(chat)).code is Code.QUIT


@pytest.mark.parametrize("name", ALL)
async def test_a_server_that_nobody_vouches_for_is_not_trusted(name: str, tmp_path: Path):
    log = tmp_path / "log"
    log.touch()
    async with server() as serving:
        link = Link(*serving.address[:2], "lobby")
        async with example(name, link, tmp_path / "state", log if name == "bridge" else "hello") as process:
            assert await process.status() == 0
        assert serving.sessions == 0


async def test_the_bot_answers_what_it_knows(tmp_path: Path):
    async with server() as serving, observer(serving) as chat, example("bot", link_to(serving), tmp_path) as process:
        while (await event(chat, MemberChanged)).presence is None:
            pass
        chat.nick("ann")
        for text in ("!ping", "no question", "!what", "!who"):
            chat.say("lobby", text)
        heard = await texts(chat, 6)
        assert "pong, ann" in heard
        assert next(text for text in heard if text.startswith("here: ")).count(",") == 1
        await leave(process)
        assert (await gone(chat)).code is Code.QUIT


async def test_the_bridge_says_what_a_log_gets_in_order_also_when_it_is_rotated(tmp_path: Path):
    log = tmp_path / "log"
    log.write_text("from before\n")
    async with server() as serving, observer(serving) as chat:
        async with example("bridge", link_to(serving), tmp_path / "state", log) as process:
            while (await event(chat, MemberChanged)).presence is None:
                pass
            lines = [f"line {number}" for number in range(300)]
            with log.open("a") as file:
                file.write("\n".join(lines) + "\n\nlong " + "x" * 300 + "\nhalf a")
            assert await texts(chat, 302) == [*lines, "long " + "x" * 235, "x" * 65]
            with log.open("a") as file:
                file.write(" line\n")
            assert await texts(chat, 1) == ["half a line"]
            log.rename(tmp_path / "log.1")
            log.write_text("anew\n")
            assert await texts(chat, 1) == ["anew"]
            await leave(process)
        assert (await gone(chat)).code is Code.QUIT


@pytest.mark.parametrize("name", ALL)
def test_an_example_is_short(name: str):
    """At most 40 lines of code: without imports, docstrings, comments and blank lines."""
    source = (EXAMPLES / f"{name}.py").read_text()
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = {
        number
        for number, line in enumerate(source.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    }
    assert len(code - told) <= 40
