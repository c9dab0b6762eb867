"""A server and three people on this machine, each a process of its own, over a bad network. Run it by `make demo`.

Between them is a relay that loses 30 % of all datagrams each way, delays, doubles and reorders them. You read along as
one of the three sees it; then all talk at once; then the books are checked: what was said, what arrived, whether
anything came twice or out of its order, and what the loss cost. The status is 0 if the books are right.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

UDPCHAT = (sys.executable, "-m", "udpchat_cli")

TALK = (
    ("ann", "Good morning! Can everybody read me?"),
    ("bob", "Loud and clear, from the train."),
    ("cleo", "Me too. The ship's link is slow, but here I am."),
    ("ann", "Then all of us are here. No accounts, no cloud: one server, and the key in its link."),
    ("bob", "Every third datagram of ours is lost just now, each way."),
    ("cleo", "And nobody has to say anything twice."),
    ("ann", "Let us all talk at once and see what arrives."),
)
"""Who says what."""

READER = "bob"
"""Through whose eyes we look."""

BURST = 30
"""Messages that each of them says at once in the end."""

PATIENCE = 25.0
"""Seconds after which something is wrong."""

PAUSE = 0.35 if sys.stdout.isatty() else 0.0
"""Seconds to read a line in."""

WEATHER = ("--loss", "0.3", "--delay", "20..80", "--duplicate", "0.05", "--reorder", "0.1", "--seed", "7")
"""What the relay does each way."""

RTT = 0.1
"""Seconds that a datagram takes there and back on the average, if both get through."""

HEADERS = 28
"""Bytes of IPv4 and UDP around a datagram."""

COLOURS = {"ann": 36, "bob": 33, "cleo": 35} if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else {}


@dataclass
class Process:
    """A running `udpchat … --json`: what it printed so far, and its standard input."""

    running: trio.Process
    objects: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    news: trio.Event = field(default_factory=trio.Event)
    times: list[float] = field(default_factory=list[float])
    """When each of them came."""

    async def read(self, show: Callable[[dict[str, object]], None]) -> None:
        """Take every line that it prints, until it ends; it does not outlive whoever reads it."""
        assert self.running.stdout is not None
        rest = b""
        try:
            async for data in self.running.stdout:
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.objects.append(json.loads(line))
                    self.times.append(time.monotonic())
                    show(self.objects[-1])
                self.news.set()
                self.news = trio.Event()
        except trio.Cancelled:
            self.running.kill()
            raise

    async def until(self, count: int = 1, **fields: object) -> dict[str, object]:
        """Wait for `count` objects with these fields; the last of them."""
        while len(found := [each for each in self.objects if fields.items() <= each.items()]) < count:
            await self.news.wait()
        return found[count - 1]

    async def say(self, *texts: str) -> None:
        """Type lines."""
        assert self.running.stdin is not None
        await self.running.stdin.send_all("".join(text + "\n" for text in texts).encode())

    async def leave(self) -> int:
        """End its input; its status."""
        assert self.running.stdin is not None
        await self.running.stdin.aclose()
        return await self.running.wait()

    def heard(self) -> list[dict[str, object]]:
        """The messages that it printed."""
        return [each for each in self.objects if each["event"] == "chat"]


async def start(
    nursery: trio.Nursery, *words: str, show: Callable[[dict[str, object]], None] = lambda _: None
) -> Process:
    """Begin a process, and read along."""
    running = await trio.lowlevel.open_process(
        [*UDPCHAT, *words, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process = Process(running)
    nursery.start_soon(process.read, show)
    return process


async def demo(home: Path) -> bool:
    """The whole show; False if anything was wrong."""
    began = time.monotonic()
    async with trio.open_nursery() as nursery:
        server = await start(nursery, "server", "--listen", "127.0.0.1:0", "--state", str(home / "server"))
        listening = await server.until(event="listening")
        print(f"A server listens at {listening['address']}. It made this link for whoever shall join:\n")
        print(f"  {dim(str(listening['url']))}\n")
        relay = await start(nursery, "relay", "--to", str(listening["address"]), *WEATHER)
        between = str((await relay.until(event="relaying"))["address"])
        link = str(listening["url"]).replace(str(listening["address"]), between)
        print(f"Between it and the three is a bad network: {' '.join(WEATHER[:-2])}, each way.\n")
        people: dict[str, Process] = {}
        for nick in dict(TALK):
            words = ("chat", link, "--nick", nick, "--state", str(home / nick))
            people[nick] = await start(nursery, *words, show=shown if nick == READER else lambda _: None)
        for process in people.values():
            await process.until(event="joined")
        print(f"{', '.join(people)} have joined, each a process of its own. What {READER} sees:\n")
        said, delays = await converse(people)
        statuses = [await process.leave() for process in people.values()]
        for process in (relay, server):
            process.running.terminate()
            statuses.append(await process.running.wait())
    heard = {nick: process.heard() for nick, process in people.items()}
    good = report(said, heard, time.monotonic() - began)
    cost(relay.objects[-1], delays, sum(map(len, heard.values())))
    return good and not any(statuses)


async def converse(people: dict[str, Process]) -> tuple[dict[str, list[str]], list[float]]:
    """Let them talk, first in turn and then at once; what each said, and how long the talk took to the others, in s."""
    said: dict[str, list[str]] = {nick: [] for nick in people}
    delays: list[float] = []
    for number, (nick, text) in enumerate(TALK, 1):
        said[nick].append(text)
        began = time.monotonic()
        await people[nick].say(text)
        for other, process in people.items():
            shown = await process.until(number, event="chat")
            if other != nick:
                delays.append(process.times[process.objects.index(shown)] - began)
        await trio.sleep(PAUSE)
    print(f"\nNow each of them says {BURST} messages at once.")
    for nick, process in people.items():
        texts = [f"{nick} counts: {number}" for number in range(1, BURST + 1)]
        said[nick] += texts
        await process.say(*texts)
    for process in people.values():
        await process.until(sum(map(len, said.values())), event="chat")
    return said, delays


def shown(each: dict[str, object]) -> None:
    """Print what the reader sees: messages of the talk, not the counting."""
    nick, text = str(each.get("nick")), str(each.get("text"))
    if each["event"] == "chat" and (nick, text) in TALK:
        assert isinstance(each["time"], int)
        clock = time.strftime("%H:%M:%S", time.localtime(each["time"] / 1000))
        print(f"  {dim(clock)} {colour(nick, nick.rjust(5))}  {text}", flush=True)


def report(said: dict[str, list[str]], heard: dict[str, list[dict[str, object]]], seconds: float) -> bool:
    """Print the books; are they right?"""
    total = sum(map(len, said.values()))
    print(f"\n  {'who':<6}{'sent':>8}{'delivered':>12}{'twice':>8}{'out of order':>15}")
    good = True
    for nick, messages in heard.items():
        delivered = {message["id"] for message in messages}
        twice = len(messages) - len(delivered)
        disorder = out_of_order(said, messages)
        good = good and len(delivered) == total and not twice and not disorder
        row = f"{len(said[nick]):>8}{len(delivered):>12}{twice:>8}{disorder:>15}"
        print(colour(nick, f"  {nick:<6}") + row)
    same = len({tuple(message["id"] for message in messages) for messages in heard.values()}) == 1
    if good and same:
        print(f"\nAll {total} messages reached all {len(said)} of them once, in the same order. {seconds:.1f} s.")
    else:
        print("\nThat is not as it should be: each should get all messages, once, in the same order.")
    return good and same


def cost(relayed: dict[str, object], delays: list[float], deliveries: int) -> None:
    """Print what the loss cost: datagrams and bytes for each delivery, and how long the talk took."""
    ways = [each for each in (relayed["up"], relayed["down"]) if isinstance(each, dict)]
    sent, lost, octets = (sum(way[name] for way in ways) for name in ("sent", "lost", "octets"))
    print(
        f"Of {sent} datagrams {lost} were lost, {lost / sent:.0%}. For each of {deliveries} deliveries it took ", end=""
    )
    print(f"{sent / deliveries:.1f} datagrams, {(octets + HEADERS * sent) / deliveries:.0f} bytes, joining included.")
    quick, slow = (sorted(delays)[int(part * (len(delays) - 1))] / RTT for part in (0.5, 0.99))
    print(f"From saying to showing: half of the talk within {quick:.1f}, 99 % within {slow:.1f} round-trip times.")


def out_of_order(said: dict[str, list[str]], messages: list[dict[str, object]]) -> int:
    """Messages that came before one they should follow: by the room's order, or by that of who said them."""
    places = {(nick, text): place for nick, texts in said.items() for place, text in enumerate(texts)}
    wrong, offset, last = 0, -1, dict.fromkeys(said, -1)
    for message in messages:
        nick, here = str(message["nick"]), message["offset"]
        assert isinstance(here, int)
        place = places.get((nick, str(message["text"])), -1)
        wrong += here <= offset or place <= last[nick]
        offset, last[nick] = max(offset, here), max(last[nick], place)
    return wrong


def colour(nick: str, text: str) -> str:
    """The text in the person's colour."""
    return f"\x1b[{COLOURS[nick]}m{text}\x1b[0m" if nick in COLOURS else text


def dim(text: str) -> str:
    """The text in the background."""
    return f"\x1b[2m{text}\x1b[0m" if COLOURS else text


async def in_time(home: Path) -> bool:
    """The demo, unless it takes so long that something must be wrong."""
    with trio.move_on_after(PATIENCE):
        return await demo(home)
    print(f"Nothing more came: gave up after {PATIENCE:.0f} s.")
    return False


def main() -> int:
    """Run the demo; its status."""
    with TemporaryDirectory(prefix="udpchat-demo-") as home:
        return 0 if trio.run(in_time, Path(home)) else 1


if __name__ == "__main__":
    sys.exit(main())
