"""For every test: its claims about SPEC.md are checked, and no property test fails for being slow."""

import pytest
from hypothesis import settings

from proves import Proofs

settings.register_profile("udpchat", deadline=None, print_blob=True)
settings.load_profile("udpchat")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Proofs(config.rootpath / "SPEC.md"))
