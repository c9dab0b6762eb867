"""Found by seed 140004: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140004,
    hosts=(
        Host('bob2', 'bob', device=2),
    ),
    deeds=(
        do(1.0, 'race', 'bob2', seconds=1.679),
        do(2.0, 'quit', 'bob2', down=0.0),
    ),
    calm=3.0,
    core=('bob2',),
)

def test_seed_140004_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down d09058db4236d685 1 after 1
#
#      0.000  bob2-0 -> server       HELLO    +50 ms
#      0.050  server -> bob2-0       RETRY   +50 ms
#      0.100  bob2-0 -> server       HELLO with message 1   +50 ms
#      0.150  server -> bob2-0       WELCOME   +50 ms
#      0.200  bob2-0 -> server       SEALED d090 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      bob2: Connected e5fe
#      0.250      server: SessionOpened 15028609655267317381 d555 2 False
#      0.250  server -> bob2-0       SEALED d090 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 21b2 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 6147000282305119513 0 0 0 554e 2 10037006255945234831 1 · ENTRY 0/2 Roster 2 1 3 [Member d5
#      0.300      bob2: LinkChanged True 0.09999999999990905
#      0.300      bob2: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.300      bob2: RosterReceived 'lobby' [Attendee d555 'bob' ONLINE]
#      0.325  bob2-0 -> server       SEALED d090 #1  SEEN 0 0 · ACK 0:3   +50 ms
#      1.000  ==  race bob2  seconds=1.679
#      2.000  ==  quit bob2  down=0.0
#      2.000  bob2-0 -> server       SEALED d090 #2  ENTRY 0/2 Quit ''   +0 ms
#      2.000      server: SessionClosed 15028609655267317381 d555 QUIT
#      2.000  server -> bob2-0       SEALED d090 #1  SEEN 2 10 · ACK 0:3 · BYE   LOST
#      2.050  up bob2-0: 49 bytes come again
#      2.050  server -> bob2-0       SEALED d090 #1, 71 bytes   LOST
