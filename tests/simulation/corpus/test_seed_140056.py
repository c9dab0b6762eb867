"""Found by seed 140056: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140056,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(1.673, 'quit', 'ada', down=0.0),
    ),
    calm=2.673,
    core=('ada',),
    weather={'corrupt': 0.1},
)

def test_seed_140056_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 6875dae59eeacc05 1 after 1
#
#      0.000  ada-0 -> server        HELLO    +50 ms
#      0.050  server -> ada-0        RETRY   +50 ms
#      0.100  ada-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> ada-0        WELCOME   +50 ms
#      0.200  ada-0 -> server        SEALED 6875 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   LOST
#      0.200      ada: Connected 644d
#      0.250  up ada-0: 103 bytes come that nobody sent so
#      0.250  server -> ada-0        RESET   +50 ms
#      0.525  ada-0 -> server        SEALED 6875 #1  ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.575      server: SessionOpened 7527163031968205829 03a3 1 False
#      0.575  server -> ada-0        SEALED 6875 #0  SEEN 1 0 · ACK 0:2 · ENTRY 0/0 Terms 8404 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 11107332531319070355 0 0 0 9a25 2 10486904129626596567 1 · ENTRY 0/2 Roster 2 1 3 [Member 0
#      0.625      ada: LinkChanged True 0.09999999999990905
#      0.625      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.625      ada: RosterReceived 'lobby' [Attendee 03a3 'ada' ONLINE]
#      0.650  ada-0 -> server        SEALED 6875 #2  SEEN 0 0 · ACK 0:3   +50 ms
#      1.673  ==  quit ada  down=0.0
#      1.673  ada-0 -> server        SEALED 6875 #3  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.698  ada-0 -> server        SEALED 6875 #4  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.723      server: SessionClosed 7527163031968205829 03a3 QUIT
#      1.723  server -> ada-0        SEALED 6875 #1  SEEN 3 10 · ACK 0:3 · BYE   LOST
#      1.748  server -> ada-0        SEALED 6875 #1, 71 bytes   LOST
