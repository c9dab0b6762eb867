"""Who is let in, and whom a client believes: closed servers, changed keys, people who are asked."""

import os
import pty
from pathlib import Path

import trio

from e2e.inside import link_to, new_identity, server
from e2e.processes import PATIENCE, UDPCHAT, udpchat
from proves import proves
from udpchat_cli.home import identity
from udpchat_cli.links import Link
from udpchat_core.effects import SaveState
from udpchat_core.keys import fingerprint, public_key
from udpchat_core.state import Pin, Pinned
from udpchat_stores.clientfile import ClientFile

SECRET = b"s" * 16


@proves("UC-SHAKE-2", "UC-SHAKE-3", "UC-SHAKE-4", "UC-SHAKE-7")
async def test_who_is_let_in_and_who_is_believed(tmp_path: Path):
    """Side by side, since a refusal is only told after HELLO_VERDICT."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(a_closed_server_lets_in_by_its_link_alone, tmp_path)
        nursery.start_soon(a_changed_key_is_refused_until_it_is_accepted, tmp_path)


async def a_closed_server_lets_in_by_its_link_alone(tmp_path: Path) -> None:
    async with server(new_identity(SECRET)) as serving:
        link = link_to(serving, secret=SECRET)
        wrong = link_to(serving, secret=b"w" * 16)
        async with (
            udpchat("chat", link, "--json", state=tmp_path / "link") as by_link,
            udpchat("chat", link_to(serving), state=tmp_path / "key") as by_key,
            udpchat("chat", wrong, "--json", state=tmp_path / "wrong") as by_wrong_secret,
        ):
            await by_link.say("inside")
            await by_link.end_input()
            assert await by_link.status() == 0
            assert [each["text"] for each in by_link.all("chat")] == ["inside"]

            assert await by_key.status() == 4
            assert f"{link.address} is closed: use its join link" in by_key.err

            assert await by_wrong_secret.status() == 4
            assert "wrong secret, or a forged answer" in by_wrong_secret.err
            assert by_wrong_secret.all("refused") == [{"event": "refused", "code": "SECRET"}]
            assert by_wrong_secret.objects[-1]["exit"] == 4
            assert not by_wrong_secret.all("connected")
        assert serving.sessions == 0


def visited(state: Path, link: Link, key: bytes) -> None:
    """Leave in `state` what an earlier visit to a server with another key would have left."""
    state.mkdir()
    file = ClientFile(state / "chat.sqlite3")
    file.server(link.address).submit([SaveState((Pinned(Pin(key)),))], lambda _: None)
    file.close()


async def a_changed_key_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    async with server() as serving:
        link, old = link_to(serving), public_key(new_identity().private)
        for name in ("refuses", "accepts"):
            visited(tmp_path / name, link, old)
        async with (
            udpchat("chat", link.address, state=tmp_path / "refuses") as refuses,
            udpchat("chat", link.address, "--accept-new-key", "--json", state=tmp_path / "accepts") as accepts,
            udpchat("chat", link.address, state=tmp_path / "new") as stranger,
        ):
            await accepts.end_input()
            assert await refuses.status() == 3
            assert fingerprint(old).hex() in refuses.err
            assert fingerprint(serving.public_key).hex() in refuses.err
            assert "installed anew, or somebody between" in refuses.err
            assert await stranger.status() == 3
            assert "never seen before" in stranger.err
            assert await accepts.status() == 0
            assert accepts.all("connected")
    file = ClientFile(tmp_path / "accepts" / "chat.sqlite3")
    with identity(tmp_path / "accepts" / "chat.key") as private:
        assert file.server(link.address).load(private).pin == Pin(serving.public_key)
    file.close()


async def test_a_person_at_a_terminal_is_asked_and_chats(tmp_path: Path):
    """The first visit: yes, a message, all that can be typed, goodbye."""
    seen = ""
    own, theirs = pty.openpty()

    async def until(text: str) -> None:
        nonlocal seen
        with trio.fail_after(PATIENCE):
            while text not in seen:
                data = await trio.to_thread.run_sync(os.read, own, 65536)
                if b"\x1b[6n" in data:  # the terminal is asked where its cursor is
                    os.write(own, b"\x1b[1;1R")
                seen += data.decode(errors="replace")

    async with server() as serving:
        command = [*UDPCHAT, "chat", link_to(serving).address, "--nick", "ann", "--state", str(tmp_path)]
        environment = {**os.environ, "PYTHONSAFEPATH": "1", "TERM": "xterm", "NO_COLOR": "1"}
        running = await trio.lowlevel.open_process(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        try:
            await until(f"It shows the key {fingerprint(serving.public_key).hex()}")
            os.write(own, b"yes\r")
            await until("in lobby: ann")
            os.write(own, b"hello there\r")
            await until("ann: hello there")
            for typed, shown in (
                ("/who", "ann  key "),
                ("/nick anna", "ann is now called anna"),
                ("//shrug", "anna: /shrug"),
                ("/nick @anna", "cannot be a nick"),
                ("/history", "there is nothing before that"),
                ("/join den", "in den: anna"),
                ("/rooms", "den (here)"),
                ("/part", "no longer in den"),
                ("/wave", "there is no /wave"),
                ("/help", "leave this room, or another"),
            ):
                os.write(own, typed.encode() + b"\r")
                await until(shown)
            os.write(own, b"/quit\r")
            with trio.fail_after(PATIENCE):
                assert await running.wait() == 0
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
            os.close(own)
