"""Every transport, all pairings, and that none of them leaves anything behind."""

from collections.abc import Iterator
from itertools import product

import pytest

from contract.scene import Scene, descriptors, threads
from contract.transports import Transport, known

KNOWN = {each.name: each for each in known()}
PAIRINGS = [pytest.param(pair, id="-".join(pair)) for pair in product(KNOWN, KNOWN)]


@pytest.fixture(scope="session")
def transports() -> Iterator[dict[str, Transport]]:
    transports = {name: each() for name, each in KNOWN.items()}
    yield transports
    for each in transports.values():
        each.end()


@pytest.fixture(params=PAIRINGS)
def scene(request: pytest.FixtureRequest, transports: dict[str, Transport]) -> Iterator[Scene]:
    """Clients over one transport, the server over the same or the other."""
    clients, servers = request.param
    yield from left_nothing(Scene(transports[clients], transports[servers]))


@pytest.fixture(params=list(KNOWN))
def alone(request: pytest.FixtureRequest, transports: dict[str, Transport]) -> Iterator[Scene]:
    """Clients and server over one transport."""
    yield from left_nothing(Scene(transports[request.param], transports[request.param]))


def left_nothing(scene: Scene) -> Iterator[Scene]:
    before = descriptors(), threads()
    with scene.everything:
        yield scene
    assert (descriptors(), threads()) == before
