"""A machine that gets another address while its client talks: nobody tells the client, and nothing is lost."""

import json
import subprocess
import sys
from shutil import which

import pytest

from proves import proves


def namespace() -> list[str]:
    """The words that run a program in a network namespace of its own. Skips where that cannot be."""
    words = ["unshare", "--map-root-user", "--net"]
    if which("unshare") is None or which("ip") is None:
        pytest.skip("needs unshare and ip")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces are not allowed here")
    return words


@proves("UC-PATH-6")
def test_a_changed_address_is_noticed_and_the_session_goes_on():
    words = [*namespace(), sys.executable, "-m", "e2e.wanderer"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert ran.stderr == ""
    assert json.loads(ran.stdout) == {"opened": 1, "hosts": ["10.8.0.1", "10.8.0.2"]}
