"""The client that was written from SPEC.md alone meets the reference (tests/interop/README.md)."""

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
import trio

from e2e.processes import udpchat

HERE = Path(__file__).parent
VECTORS = HERE.parent.parent / "protocol" / "vectors"
WORDS = ("--loss", "0.2", "--delay", "20..80", "--seed", "2")
EACH = 10

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: no second opinion")


def node(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a module of the client to its end."""
    command = ["node", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=40, check=False, cwd=HERE)


def test_it_agrees_with_every_vector():
    done = node("node/test-vectors.mjs", f"{VECTORS}/")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "all passed" in done.stdout


async def test_it_chats_with_the_reference_through_20_percent_loss(tmp_path: Path):
    async with udpchat("server", "--listen", "127.0.0.1:0", "--json", state=tmp_path / "server") as server:
        listening = await server.object("listening")
        async with udpchat("relay", "--to", listening["address"], "--json", *WORDS) as relay:
            between = (await relay.object("relaying"))["address"]
            link = listening["url"].replace(listening["address"], between)
            async with udpchat("chat", link, "--nick", "ann", "--json", state=tmp_path / "ann") as ann:
                await ann.object("joined")
                await ann.say(*(f"ann {number}" for number in range(EACH)))
                text = "".join(f"noa {number}\n" for number in range(EACH))
                run = partial(node, "node/client.mjs", link, "--nick", "noa", text=text)
                done = await trio.to_thread.run_sync(run)
                assert done.returncode == 0, done.stderr
                printed = [json.loads(line) for line in done.stdout.splitlines()]
                own = [each["text"] for each in printed if each["event"] == "chat" and each["nick"] == "noa"]
                assert own == [f"noa {number}" for number in range(EACH)]
                await ann.object("chat", text=f"noa {EACH - 1}")
                theirs = [each["text"] for each in ann.all("chat") if each["nick"] == "noa"]
                assert theirs == own
