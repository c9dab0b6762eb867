"""Found by seed 140030: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140030,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(1.0, 'race', 'ada', seconds=1.778),
        do(2.517, 'quit', 'ada', down=0.0),
    ),
    calm=3.517,
    core=('ada',),
)

def test_seed_140030_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 124e2e9ae1999cd0 1 after 1
#
#      0.000  ada-0 -> server        HELLO    +50 ms
#      0.050  server -> ada-0        RETRY   +50 ms
#      0.100  ada-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> ada-0        WELCOME   +50 ms
#      0.200  ada-0 -> server        SEALED 124e #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      ada: Connected 0c16
#      0.250      server: SessionOpened 1319042983610916048 8e87 1 False
#      0.250  server -> ada-0        SEALED 124e #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms ac78 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 17586350659315836221 0 0 0 f40f 2 18354565160460477697 1 · ENTRY 0/2 Roster 2 1 3 [Member 8
#      0.300      ada: LinkChanged True 0.09999999999990905
#      0.300      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.300      ada: RosterReceived 'lobby' [Attendee 8e87 'ada' ONLINE]
#      0.325  ada-0 -> server        SEALED 124e #1  SEEN 0 0 · ACK 0:3   +50 ms
#      1.000  ==  race ada  seconds=1.778
#      2.517  ==  quit ada  down=0.0
#      2.517  ada-0 -> server        SEALED 124e #2  ENTRY 0/2 Quit ''   +0 ms
#      2.517      server: SessionClosed 1319042983610916048 8e87 QUIT
#      2.517  server -> ada-0        SEALED 124e #1  SEEN 2 10 · ACK 0:3 · BYE   LOST
#      2.567  up ada-0: 49 bytes come again
#      2.567  server -> ada-0        SEALED 124e #1, 71 bytes   LOST
