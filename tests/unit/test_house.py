"""The rules of the house hold: the pure packages stay pure, and the tests see what a user installs."""

import ast
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = {"udpchat_core": "udpchat_core", "udpchat_protocol": "protocol/udpchat_protocol"}
PACKAGES = [*PURE, "udpchat_transports", "udpchat_stores", "udpchat_cli"]

# The banned modules and functions, and the two built-in functions that have a rule of their own.
BANS = {"TID251", "PTH123", "T201"}

IMPURE = """\
import time
from time import monotonic
import datetime
from datetime import datetime as clock
import random
from random import Random
import secrets
import uuid
import os
from os import urandom
import io; io.open("file")
import sys; sys.stdout.write("")
import sys; sys.stdin.read()
import sys; sys.stderr.write("")
import pathlib
from pathlib import Path
import tempfile
import shutil
import mmap
import sqlite3
import logging
import socket
import select
import selectors
import ssl
import signal
import subprocess
import threading
import _thread
import multiprocessing
import concurrent.futures
import queue
import sched
import asyncio
import anyio
import trio
from trio.lowlevel import wait_readable
open("file")
print("text")
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey; X25519PrivateKey.generate()
from cryptography.hazmat.primitives.asymmetric import x25519; x25519.X25519PrivateKey.generate()
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey; Ed25519PrivateKey.generate()
from cryptography.hazmat.primitives.ciphers.aead import AESGCM; AESGCM.generate_key(128)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305; ChaCha20Poly1305.generate_key()
"""


def banned_lines(path: str, source: str) -> set[int]:
    """The lines of `source` that ruff bans in a module at `path`, as configured for the whole project."""
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json"]
    result = subprocess.run(
        [*ruff, "--stdin-filename", path, "-"],
        cwd=ROOT,
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return {found["location"]["row"] for found in json.loads(result.stdout) if found["code"] in BANS}


@pytest.mark.parametrize("folder", PURE.values())
def test_every_ban_bites_in_a_pure_package(folder: str):
    lines = IMPURE.splitlines()
    banned = banned_lines(f"{folder}/some/module.py", IMPURE)
    assert [line for number, line in enumerate(lines, 1) if number not in banned] == []


def test_the_bans_leave_other_packages_alone():
    source = "import os\nimport time\nimport trio\n"
    assert banned_lines("transports/udpchat_transports/some_module.py", source) == set()


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_imports_the_core_dependencies_at_most(package: str):
    allowed = {"udpchat_protocol", "udpchat_core", "cryptography"}
    for module in sorted(folder_of(package).rglob("*.py")):
        extra = {"construct"} if (package, module.name) == ("udpchat_protocol", "wire.py") else set[str]()
        foreign = {top for top in imports(module) if top not in sys.stdlib_module_names}
        assert foreign <= allowed | extra, module


def test_the_core_needs_two_distributions():
    needed = [line for line in importlib.metadata.requires("udpchat") or () if "extra ==" not in line]
    assert sorted(line.split(">")[0].split("<")[0] for line in needed) == ["construct", "cryptography"]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_ships_its_types(package: str):
    assert (folder_of(package) / "py.typed").is_file()


@pytest.mark.skipif(os.environ.get("UDPCHAT_INSTALLED") != "1", reason="not run by `make test`")
@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_tested_is_what_is_installed(package: str):
    assert folder_of(package).parent.name == "site-packages"


def folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def imports(module: Path) -> Iterator[str]:
    """The top-level names that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module.partition(".")[0]
