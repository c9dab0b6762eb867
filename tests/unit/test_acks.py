"""Which packets carry an ACK (SPEC.md 8)."""

from math import inf

import pytest

from proves import proves
from udpchat_core.acks import AckList
from udpchat_core.inbox import Inbox, Reassembly
from udpchat_protocol.constants import WINDOW
from udpchat_protocol.frames import Ack


def carried(acks: AckList, packets: int, *, lossy: bool) -> list[bool]:
    """Does each of some packets carry what is to be told?"""
    found: list[bool] = []
    for _ in range(packets):
        found.append(acks.frames() == Ack.pack_frame(0, 1))
        acks.sent(0.0, 1.0, 5.0, eliciting=False, lossy=lossy)
    return found


@proves("UC-LOG-8")
@pytest.mark.parametrize(("lossy", "packets"), [(False, [True, False, False]), (True, [True] * 3)])
def test_one_packet_carries_an_ack_and_all_do_where_packets_are_lost(lossy: bool, packets: list[bool]) -> None:
    inbox = Inbox(0, 0, Reassembly(1000), 32)
    acks = AckList(inbox, {}, 1)
    assert inbox.keep(0, 1, b"")
    inbox.take()
    assert inbox.done(0)
    acks.moved(1, 0.0, 0.025)
    assert carried(acks, 3, lossy=lossy) == packets
    assert acks.again == 1.0
    acks.repeat()
    assert carried(acks, 1, lossy=lossy) == [True]
    acks.known(((0, 1),))
    assert acks.again == inf
    assert acks.frames() == b""


@proves("UC-LOG-8")
def test_what_is_read_no_longer_is_not_repeated() -> None:
    budget = Reassembly(100_000)
    left = Inbox(5, 0, budget)
    inboxes = {5: left}
    acks = AckList(Inbox(0, 0, budget, 32), inboxes, 32)
    for offset in range(WINDOW // 4):
        assert left.keep(offset, 1, b"")
        left.take()
        left.done(offset)
    acks.moved(WINDOW // 4, 0.0, 0.025)
    acks.sent(0.0, 1.0, 5.0, eliciting=False, lossy=False)
    assert acks.again == 1.0
    del inboxes[5]
    acks.repeat()
    assert acks.frames() == b""
    acks.sent(1.0, 1.0, 5.0, eliciting=True, lossy=False)
    assert acks.again == inf
