"""A server that is killed and comes back with its identity is one that people hardly miss."""

from pathlib import Path

import trio

from e2e.restarts import friends, killed_server
from ports import a_port
from proves import proves

SOON = 5.0
"""Seconds from the start of a process until everyone who talks is heard again, on a machine that is busy."""


@proves("UC-GATE-8", "UC-SESS-3")
async def test_after_a_kill_everyone_chats_on_and_what_was_not_acknowledged_is_said_again(tmp_path: Path):
    async with killed_server(tmp_path, f"127.0.0.1:{a_port()}") as (_, link):
        pass
    async with friends(link) as they:
        async with killed_server(tmp_path, f"{link.host}:{link.port}"):
            await they.chats(trio.current_time())
        for outage in (0.0, 0.5):
            await trio.sleep(outage)
            begin = trio.current_time()
            pending = [text for one in they.all for text in one.pending()]
            assert pending or not outage
            async with killed_server(tmp_path, f"{link.host}:{link.port}"):
                again = await they.chats(begin)
                await they.heard(pending)
                assert again - begin < SOON
        assert not [one for one in they.all if one.chat.closed]
