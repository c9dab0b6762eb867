"""What needs no conversation: wrong words, missing parts, places that cannot be used."""

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from udpchat_cli.links import encoded
from udpchat_cli.main import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["server", "--limit", "chatrate=5"], "there are sessions"),
        (["server", "--limit", "chat_rate"], "takes NAME=VALUE"),
        (["server", "--limit", "chat_rate=fast"], "takes a number"),
        (["server", "--listen", "nowhere:port"], "no port"),
        (["chat", "udpchat://h/room?key=short"], "key of the link is damaged"),
        (["chat", f"udpchat://h/room?key={encoded(bytes(32))}", "--nick", "@ann"], "cannot be a nick"),
        (["chat", "h", "--room", " lobby"], "cannot be a room's name"),
    ],
)
def test_wrong_words_are_explained(words: list[str], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert main([*words, "--state", str(tmp_path)]) == 2
    assert said in capfd.readouterr().err


def test_no_answer_in_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert main(["chat", address, "--wait", "0.2", "--state", str(tmp_path)]) == 5
    assert f"no session with {address} in 0.2 s" in capfd.readouterr().err


def test_an_address_that_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["server", "--listen", address, "--state", str(tmp_path)]) == 8
    assert f"cannot listen at {address}: Address already in use" in capfd.readouterr().err
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def test_files_that_cannot_be_used_are_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    words = ["chat", "127.0.0.1", "--wait", "0.1", "--state", str(tmp_path)]
    key, file = tmp_path / "chat.key", tmp_path / "chat.sqlite3"
    assert main(words) == 5
    good = file.read_bytes()
    file.write_bytes(b"x" * len(good))
    assert main(words) == 7
    file.write_bytes(good)
    key.write_bytes(b"no key")
    assert main(words) == 7
    key.unlink()
    key.touch(0o644)
    assert main(words) == 7
    assert main([*words[:-1], str(file)]) == 7
    told = capfd.readouterr().err.splitlines()
    assert told[1].startswith(f"udpchat: {file} is broken")
    assert told[2].startswith(f"udpchat: {key} holds no X25519 key")
    assert told[3].startswith(f"udpchat: others may read {key}")
    assert told[4].startswith(f"udpchat: the state directory {file} cannot be made")


@pytest.mark.parametrize(("command", "missing"), [("server", "precis_i18n"), ("chat", "trio")])
def test_a_missing_part_says_what_to_install(command: str, missing: str):
    run = f"import sys; sys.modules[{missing!r}] = None; import udpchat_cli.main as it; sys.exit(it.main())"
    words = [command, "127.0.0.1:0"] if command == "chat" else [command]
    result = subprocess.run(
        [sys.executable, "-c", run, *words], capture_output=True, text=True, check=False, timeout=20
    )
    assert result.returncode == 11
    assert f"udpchat {command} needs {missing}" in result.stderr
    assert "pip install 'udpchat[cli]'" in result.stderr
