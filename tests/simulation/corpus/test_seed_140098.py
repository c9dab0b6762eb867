"""Found by seed 140098: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140098,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(1.85, 'quit', 'bob', down=0.0),
    ),
    calm=2.85,
    core=('bob',),
    weather={'truncate': 0.1},
)

def test_seed_140098_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 4f915eb56b2e0e80 3 after 3
#
#      0.000  bob-0 -> server        HELLO    +1050 ms
#      0.050  up bob-0: 724 bytes come that nobody sent so
#      1.000  bob-0 -> server        HELLO    LOST
#      1.050  server -> bob-0        RETRY   +50 ms
#      1.100  bob-0 -> server        HELLO with message 1   +50 ms
#      1.150  server -> bob-0        WELCOME   +50 ms
#      1.200  bob-0 -> server        SEALED 4f91 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.200      bob: Connected fc5e
#      1.225  bob-0 -> server        SEALED 4f91 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.250      server: SessionOpened 5733467933899624064 edd2 1 False
#      1.250  server -> bob-0        SEALED 4f91 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 6c2a 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15949912386012189573 0 0 0 dd59 2 8360958112896384389 1 · ENTRY 0/2 Roster 2 1 3 [Member ed
#      1.300  server -> bob-0        SEALED 4f91 #1  SEEN 1 1   +50 ms
#      1.300      bob: LinkChanged True 0.09999999999990905
#      1.300      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.300      bob: RosterReceived 'lobby' [Attendee edd2 'bob' ONLINE]
#      1.325  bob-0 -> server        SEALED 4f91 #2  SEEN 0 0 · ACK 0:3   LOST
#      1.375  up bob-0: 0 bytes come that nobody sent so
#      1.575  server -> bob-0        SEALED 4f91 #2  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 6c2a 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15949912386012189573 0 0 0 dd59 2 8360958112896384389 1 · ENTRY 0/2 Roster 2 1
#      1.625  bob-0 -> server        SEALED 4f91 #3  SEEN 2 10 · ACK 0:3   +50 ms
#      1.850  ==  quit bob  down=0.0
#      1.850  bob-0 -> server        SEALED 4f91 #4  SEEN 2 10 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.875  bob-0 -> server        SEALED 4f91 #5  SEEN 2 10 · ACK 0:3 · ENTRY 0/2 Quit ''   LOST
#      1.900      server: SessionClosed 5733467933899624064 edd2 QUIT
#      1.900  server -> bob-0        SEALED 4f91 #3  SEEN 4 1100 · ACK 0:3 · BYE   LOST
#      1.925  up bob-0: 53 bytes come that nobody sent so
#      1.925  server -> bob-0        SEALED 4f91 #3, 71 bytes   LOST
