"""docs/embedding.md cannot differ from the code, and the API reference has a word on every public name."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from udpchat_core.events import ClientEvent, ServerEvent

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "embedding.md").read_text()
PACKAGES = ["udpchat_core", "udpchat_protocol", "udpchat_stores", "udpchat_transports"]
EMBEDDED = ["asyncio_chat", "bot", "bridge", "frame_loop", "selectors_chat", "twisted_chat"]


@pytest.mark.parametrize(("heading", "events"), [("client's event", ClientEvent), ("server's event", ServerEvent)])
def test_every_event_is_in_its_table_in_the_order_of_the_code(heading: str, events: object):
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [event.__name__ for event in get_args(events)]


def test_every_example_is_listed_as_it_is():
    listings = dict(re.findall(r"<!-- examples/(\w+)\.py -->\n\n```python\n(.*?)```\n", PAGE, re.DOTALL))
    assert sorted(listings) == EMBEDDED
    for name, listing in listings.items():
        assert listing == (ROOT / "examples" / f"{name}.py").read_text(), name


def test_the_server_of_the_page_can_be_made_and_turned():
    listings = re.findall(r"```python\n(.*?)```\n", PAGE, re.DOTALL)
    (server,) = [each for each in listings if "import Server\n" in each]
    before, loop, _ = server.partition("while True:")
    assert loop
    names: dict[str, object] = {}
    exec(before.replace("9999", "0"), names)
    pump = names["pump"]
    pump.turn(0.0)  # type: ignore[attr-defined]
    pump.replace_socket(None)  # type: ignore[attr-defined]


def undocumented(module: ModuleType) -> Iterator[str]:
    """Public names of a module, and of its classes, that say nothing."""
    if not module.__doc__:
        yield module.__name__
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            for inner, member in vars(value).items():
                if not inner.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                    yield from [] if inspect.getdoc(getattr(value, inner)) else [f"{module.__name__}.{name}.{inner}"]
        if (inspect.isclass(value) or inspect.isfunction(value)) and not value.__doc__:
            yield f"{module.__name__}.{name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_a_docstring(package: str):
    modules = importlib.import_module(package).__all__
    assert modules
    for name in modules:
        assert list(undocumented(importlib.import_module(f"{package}.{name}"))) == []
