"""For every test: its claims about SPEC.md are checked, no property test fails for being slow, and the programs that
tests start find the modules that tests share."""

import os

import pytest
from hypothesis import settings

from proves import Proofs

settings.register_profile("udpchat", deadline=None, print_blob=True)
settings.load_profile("udpchat")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Proofs(config.rootpath / "SPEC.md"))
    places = (str(config.rootpath / "tests"), os.environ.get("PYTHONPATH"))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, places))
