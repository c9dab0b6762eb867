"""People who talk while the network under one of them changes, and an attacker who races what that one sends.

    python -m simulation.roaming [--seeds 10] [--loss 0.0 0.1 0.3]

Prints the longest silences that anyone met, in round trips, and what it cost.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise

from net import Net, Person, Stray
from udpchat_core.events import ChatReceived, Connected, Disconnected
from udpchat_core.limits import Limits
from udpchat_protocol.packets import Hello

RTT = 0.1
GAP = 0.05
"""Seconds between the messages of each."""
VICTIM = "an address that asked for nothing"
FREE = Limits(chat_rate=1e6, chat_burst=1e6)


@dataclass(frozen=True, slots=True)
class Roamed:
    """What a walk cost. Silences are the longest, in round trips, and do not count the gap between two messages."""

    moves: int
    heard: float
    """By the one who moved: of what the other said."""
    spoke: float
    """By the other: of what the one who moved said."""
    missing: int
    """Messages that did not arrive in the end."""
    hellos: int
    """Datagrams of handshakes."""
    sessions: int
    """Sessions that began or ended, as clients told."""
    octets: int
    """Bytes of all datagrams."""


def _meet(net: Net) -> tuple[Person, Person]:
    ada, bob = net.person("ada"), net.person("bob")
    assert net.run(60, lambda: all(len(one.client.attendees("lobby")) == 2 for one in (ada, bob)))
    net.run(5)
    return ada, bob


def _silence(net: Net, since: float, listener: Person, talker: Person) -> float:
    """The longest time without a message, in round trips."""
    heard = [
        when
        for when, event in zip(listener.times, listener.events, strict=True)
        if isinstance(event, ChatReceived) and event.author == talker.client.fingerprint
    ]
    longest = max(after - before for before, after in pairwise([since + RTT, *heard, net.now]))
    return max(longest - GAP, 0.0) / RTT


def _talk(net: Net, *people: Person, seconds: float) -> None:
    for _ in range(round(seconds / GAP)):
        for person in people:
            person.say(f"{person.name} {person.client.unacknowledged} {net.now:.2f}")
        net.run(GAP)


def walk(seed: int, *, silent: bool | None, moves: int = 10, every: float = 3.0, loss: float = 0.0) -> Roamed:
    """One of two who talk moves again and again; `silent`: nobody tells its client; None: it stays where it is."""
    net = Net(seed, limits=FREE, loss=loss, delay=(RTT / 2, RTT / 2))
    ada, bob = _meet(net)
    hellos, octets = [0], [0]

    def tap(_: str, data: bytes, __: object) -> None:
        hellos[0] += data[0] == Hello.TYPE
        octets[0] += len(data)

    net.tap = tap
    since, before = net.now, _sessions(ada, bob)
    _talk(net, ada, bob, seconds=every)
    for _ in range(moves):
        if silent is not None:
            ada.move(silent=silent)
        _talk(net, ada, bob, seconds=every)
    total = 2 * round(every / GAP) * (moves + 1)
    net.run(30, lambda: len(ada.texts()) == len(bob.texts()) == total)
    missing = 2 * total - len(set(ada.texts())) - len(set(bob.texts()))
    heard, spoke = _silence(net, since, ada, bob), _silence(net, since, bob, ada)
    return Roamed(moves, heard, spoke, missing, hellos[0], _sessions(ada, bob) - before, octets[0])


def _sessions(*people: Person) -> int:
    return sum(len(person.of(kind)) for person in people for kind in (Connected, Disconnected))


@dataclass(frozen=True, slots=True)
class Raced:
    """What came of an attack."""

    victim: Stray
    """What the attacker sent in its name, and what the server sent it."""
    missing: int
    """Messages that did not arrive while the attack went on."""
    sessions: int
    """Sessions that began or ended."""
    heard: float
    """The longest silence that the member met whose packets were raced, in round trips."""


def race(seed: int, *, seconds: float = 30.0, loss: float = 0.0) -> Raced:
    """Two talk, and a copy of whatever one of them sends comes to the server first, from somebody else's address."""
    net = Net(seed, limits=FREE, loss=loss, delay=(RTT / 2, RTT / 2))
    ada, bob = _meet(net)
    since, before = net.now, _sessions(ada, bob)

    def tap(way: str, data: bytes, path: object) -> None:
        if way == "up" and path == ada.path:
            net.inject(data, VICTIM, net.now + RTT / 4)

    net.tap = tap
    _talk(net, ada, bob, seconds=seconds)
    total = 2 * round(seconds / GAP)
    net.run(30, lambda: len(ada.texts()) == len(bob.texts()) == total)
    missing = 2 * total - len(set(ada.texts())) - len(set(bob.texts()))
    heard = _silence(net, since, ada, bob)
    return Raced(net.strays.get(VICTIM, Stray()), missing, _sessions(ada, bob) - before, heard)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--loss", type=float, nargs="+", default=[0.0, 0.1, 0.3], help="each way")
    options = parser.parse_args()
    print("| the network changes | loss each way | silence for who moved | for the others | a move costs | HELLOs |")
    print("|---|--:|--:|--:|--:|--:|")
    stays = {loss: [walk(seed, silent=None, loss=loss) for seed in range(options.seeds)] for loss in options.loss}
    for silent, what in ((False, "and the client is told"), (True, "and nobody is told")):
        for loss in options.loss:
            found = [walk(seed, silent=silent, loss=loss) for seed in range(options.seeds)]
            heard, spoke = max(it.heard for it in found), max(it.spoke for it in found)
            more = sum(it.octets for it in found) - sum(it.octets for it in stays[loss])
            cost = more / sum(it.moves for it in found)
            hellos, missing = sum(it.hellos for it in found), sum(it.missing for it in found)
            assert not missing, f"{missing} messages did not arrive"
            print(f"| ten times, {what} | {loss:.0%} | {heard:.1f} RTT | {spoke:.1f} RTT | {cost:.0f} B | {hellos} |")
    print("\n| every packet is raced, from | loss each way | silence for its sender | bytes there / sent | missing |")
    print("|---|--:|--:|--:|--:|")
    for loss in options.loss:
        raced = [race(seed, loss=loss) for seed in range(options.seeds)]
        ratio = max(it.victim.octets / max(it.victim.injected, 1) for it in raced)
        missing, heard = sum(it.missing for it in raced), max(it.heard for it in raced)
        print(f"| an address that did not ask | {loss:.0%} | {heard:.1f} RTT | {ratio:.2f} | {missing} |")


if __name__ == "__main__":
    main()
