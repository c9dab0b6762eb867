"""What a client must do, done by the client that was written from SPEC.md alone (tests/interop/node/RULES.md)."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from interop.talker import NODE, Talker, node, reference, talking

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: no second opinion")

HIDDEN = "a\u202eb\u200bc"


def at(link: str, *, address: str = "", room: str = "", bare: bool = False) -> str:
    """The link with another address or room; bare: without what comes after the room."""
    head, _, tail = link.removeprefix("udpchat://").partition("/")
    name, mark, key = tail.partition("?")
    return f"udpchat://{address or head}/{room or name}" + ("" if bare else mark + key)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talker]:
    state = tmp_path_factory.mktemp("server")
    with reference("server", "--listen", "127.0.0.1:0", "--state", state, "--console") as running:
        running.link = running.await_("listening")["url"]
        yield running


@pytest.fixture(scope="module", autouse=True)
def wanderer(server: Talker) -> Iterator[Talker]:
    """A member whose first address falls silent: that takes two heartbeats, so it begins before the other tests."""
    address = at(server.link, bare=True).removeprefix("udpchat://").partition("/")[0]
    with reference("relay", "--to", address) as relay:
        between = relay.await_("relaying")["address"]
        link = at(server.link, address=between, room="harbour")
        with node(link, "--nick", "wanderer", "--address", address) as member:
            member.await_("roster")
            relay.kill()
            yield member


@pytest.fixture(scope="module", autouse=True)
def crowd(server: Talker, wanderer: Talker) -> Iterator[Talker]:
    """More than a room lists, who take seconds to come: so they begin before the other tests."""
    with talking("node", str(NODE / "crowd.mjs"), at(server.link, room="stadium"), "257") as members:
        yield members


def test_text_of_others_is_made_harmless():
    done = subprocess.run(["node", NODE / "test-text.mjs"], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, done.stdout


def test_it_joins_parts_and_asks_for_history(server: Talker):
    with node(at(server.link, room="cellar"), "--nick", "noa") as noa:
        noa.await_("roster")
        noa.tell("/join attic")
        noa.await_("joined", room="attic")
        noa.tell(*(f"line {number}" for number in range(30)))
        noa.await_("sent", offset=29)
        noa.tell("/history 10 5")
        noa.await_("history", start=5, end=15)
        assert [each["text"] for each in noa.all("chat") if each.get("past")] == [f"line {n}" for n in range(5, 15)]
        noa.tell("/history 10 99")
        while noa.await_("failed", command="history")["code"] == "LIMIT":  # the first is not acknowledged yet
            noa.tell("/history 10 99")
        assert noa.all("failed")[-1]["code"] == "RANGE"
        noa.tell("/part attic", "/join attic", "/part attic", "/join attic")
        noa.await_("joined", room="attic")
        noa.tell("/part attic", "/nick no:nick")
        noa.await_("failed", command="nick", code="NAME")
        assert noa.finish() == 0


def test_it_tells_who_is_there_and_shows_nothing_that_deceives(server: Talker):
    link = at(server.link, room="kitchen")
    with node(link, "--nick", "bea") as bea:
        bea.await_("roster")
        with node(link, "--nick", "cyd", seed=15) as cyd:
            bea.await_("member", nick="cyd", presence="online")
            cyd.tell("/nick cydney")
            bea.await_("member", nick="cydney", presence="online")
            cyd.tell(HIDDEN)
            assert bea.await_("chat", nick="cydney")["text"] in ("a\ufffdbc", "a\ufffdb\ufffdc")
            cyd.tell("/quit see you")
            bea.await_("member", nick="cydney", presence="gone", code="QUIT", reason="see you")
            assert cyd.finish() == 0


def test_it_renews_its_session_and_nobody_notices(server: Talker):
    link = at(server.link, room="office")
    with node(link, "--nick", "dan") as dan, node(link, "--nick", "eve", "--renewal", "0.4", seed=15) as eve:
        eve.await_("roster")
        keys = len(eve.all("joined"))
        eve.tell("/history 2 0")
        for number in range(12):
            eve.tell(f"eve {number}")
            dan.await_("chat", text=f"eve {number}")
            dan.tell(f"dan {number}")
            eve.await_("chat", text=f"dan {number}")
        eve.tell("/stats")
        while eve.await_("stats")["sessions"] < 3:
            sleep(0.05)
            eve.tell("/stats")
        assert (keys, len(eve.all("joined")), len(eve.all("connected")), len(eve.all("link"))) == (1, 1, 1, 1)
        assert len([each for each in dan.all("member") if each["nick"] == "eve"]) <= 1
        said = [each["text"] for each in dan.all("chat")]
        assert sorted(said) == sorted(set(said))
        assert len(said) == 24


def test_it_moves_to_another_socket_and_answers_challenge(server: Talker):
    def address() -> str:
        server.tell("who")
        return next(each["address"] for each in server.await_("who")["sessions"] if each["nick"] == "fay")

    with node(at(server.link, room="station"), "--nick", "fay") as fay:
        fay.await_("roster")
        before = address()
        fay.tell("/moved", "from elsewhere")
        fay.await_("sent", offset=0)
        while address() == before:
            pass
        fay.tell("from there")
        fay.await_("sent", offset=1)
        assert len(fay.all("connected")) == 1


def test_it_trusts_the_first_key_and_keeps_identity_and_place(server: Talker, tmp_path: Path):
    state = ("--state", tmp_path / "gus.json")
    bare = at(server.link, room="hall", bare=True)
    with node(bare, "--nick", "gus", *state) as gus:
        offered = gus.await_("offered", closed=False)
        assert offered["key"] in server.link
        gus.tell("/accept", "kept")
        mine = gus.await_("chat", text="kept")["key"]
        gus.await_("sent")
        assert gus.finish() == 0
    with node(bare, *state, loss=0) as gus:  # BYE is a hint: with loss it may not come
        gus.await_("joined", resume="resumed", start=1)
        gus.tell("again")
        assert gus.await_("chat", text="again")["key"] == mine
        with node(bare, *state, loss=0) as twin:
            twin.await_("joined")
            gus.await_("closed", code="REPLACED")
            assert twin.finish() == 0
            assert gus.finish() == 9
    wrong = f"{bare}?key={'A' * 42}E"
    with node(wrong, *state) as gus, node(wrong, seed=15) as new:
        assert gus.finish() == 3
        assert new.await_("key")["key"] in server.link


def test_it_asks_for_the_secret_of_a_closed_server(tmp_path: Path):
    with reference("server", "--listen", "127.0.0.1:0", "--closed", "--state", tmp_path) as closed:
        link = closed.await_("listening")["url"]
        keyed, _, secret = link.partition("#")
        with node(link, "--nick", "hal") as hal, node(f"{keyed}#{'A' * 22}", "--verdict", "1", seed=15) as wrong:
            with node(keyed, seed=20) as asked:
                asked.await_("offered", closed=True)
                asked.tell(f"/accept {secret}")
                asked.await_("joined")
            hal.await_("joined")
            assert wrong.await_("refused")["code"] in ("SECRET", "NONE")
            assert not wrong.all("connected")


def test_it_survives_a_server_that_dies_or_stops(tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("server", "--listen", f"127.0.0.1:{port}", "--state")
    with reference(*words, tmp_path / "one") as first:
        link = first.await_("listening")["url"]
        with node(link, "--nick", "ida", "--state", tmp_path / "ida.json") as ida:
            ida.tell("one")
            ida.await_("sent")
            first.kill()
            with reference(*words, tmp_path / "one") as second:
                second.await_("listening")
                ida.tell("two")
                ida.await_("disconnected", code="reset")
                ida.await_("gap", resume="new_log")
                ida.await_("sent")
                assert ida.finish() == 0
                assert len(ida.all("connected")) == 2
                with node(link, loss=0) as jon:  # BYE is a hint: with loss it may not come
                    jon.await_("joined")
                    second.process.send_signal(signal.SIGTERM)
                    jon.await_("disconnected", code="SHUTDOWN")


def test_in_a_large_room_it_counts(server: Talker, crowd: Talker):
    crowd.await_("crowded")
    with node(at(server.link, room="stadium"), "--nick", "jan") as jan:
        jan.await_("count")
        assert all(each["code"] == "COUNTED" for each in jan.all("member") if each["presence"] == "gone")
        jan.tell("hello")
        jan.await_("member", nick="jan", presence="online", code="COUNTED")
        jan.tell("/who")
        who = jan.await_("who")
        assert who["large"]
        assert [each["nick"] for each in who["members"]] == ["jan"]
        assert who["count"]["members"] > 256


def test_it_goes_on_to_the_next_address_of_the_server(server: Talker, wanderer: Talker):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{silent.getsockname()[1]}"
        alive = at(server.link, bare=True).removeprefix("udpchat://").partition("/")[0]
        with node(at(server.link, address=dead, room="harbour"), "--nick", "kim", "--address", alive) as kim:
            kim.await_("joined")
            wanderer.tell("still here")
            assert wanderer.await_("sent")
            kim.await_("chat", nick="wanderer", text="still here")
            assert len(wanderer.all("connected")) == 1
