"""A bad network between real processes: `udpchat relay`."""

import os
from pathlib import Path

import pytest
import trio

from e2e.processes import Process, udpchat
from proves import proves

WEATHER = ("--loss", "0.3", "--delay", "20..80", "--duplicate", "0.05", "--reorder", "0.1", "--seed", "1")
FAST = ("--limit", "chat_rate=1000", "--limit", "chat_burst=1000")
EACH = int(os.environ.get("UDPCHAT_EACH", "60"))
"""Messages that each of them says: `make sweep` asks for 200."""


@proves("UC-LOG-2", "UC-REPAIR-2", "UC-REPAIR-4")
async def test_three_people_hear_every_message_once_in_one_order_through_30_percent_loss(tmp_path: Path):
    async with (
        udpchat("server", "--listen", "127.0.0.1:0", "--json", *FAST, state=tmp_path / "server") as server,
    ):
        listening = await server.object("listening")
        async with udpchat("relay", "--to", listening["address"], "--json", *WEATHER) as relay:
            between = (await relay.object("relaying"))["address"]
            url = listening["url"].replace(listening["address"], between)
            async with (
                udpchat("chat", url, "--nick", "ann", "--json", state=tmp_path / "ann") as ann,
                udpchat("chat", url, "--nick", "bob", "--json", state=tmp_path / "bob") as bob,
                udpchat("chat", url, "--nick", "cy", "--json", state=tmp_path / "cy") as cy,
            ):
                people = {"ann": ann, "bob": bob, "cy": cy}
                for person in people.values():
                    await person.object("joined")
                for name, person in people.items():
                    await person.say(*(f"{name} {number}" for number in range(EACH)))
                with trio.fail_after(60):
                    for person in people.values():
                        await person.object("chat", offset=3 * EACH - 1)
                orders = [tuple(each["id"] for each in person.all("chat")) for person in people.values()]
                assert len(set(orders[0])) == len(orders[0]) == 3 * EACH
                assert orders[1] == orders[2] == orders[0]
                for name in people:
                    said = [each["text"] for each in ann.all("chat") if each["nick"] == name]
                    assert said == [f"{name} {number}" for number in range(EACH)]
                for person in people.values():
                    await person.end_input()
                    assert await person.status() == 0
            await stop(relay)
            (relayed,) = relay.all("relayed")
            for way in ("up", "down"):
                assert 0.2 < relayed[way]["lost"] / relayed[way]["sent"] < 0.4


async def stop(process: Process) -> None:
    """Ask it to end, and wait until it has."""
    process.running.terminate()
    assert await process.status() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--loss", "1.5"), "takes a probability"),
        (("--delay", "80..20"), "takes milliseconds"),
        (("--blackout", "9..3"), "takes seconds"),
        (("--up", "rain=1"), "--up knows loss"),
        (("--up", "loss=2"), "is a probability from 0 to 1"),
        (("--listen", "nowhere:port"), "--listen and --to take HOST:PORT"),
    ],
)
async def test_a_weather_that_cannot_be_is_named(words: tuple[str, ...], said: str):
    async with udpchat("relay", "--to", "127.0.0.1:9", *words) as relay:
        assert await relay.status() == 2
        assert said in relay.err
