"""Found by seed 140012: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140012,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(9.55, 'quit', 'bob', down=0.0),
    ),
    calm=10.55,
    weather={'duplicate': 0.5},
)

def test_seed_140012_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 946b6f796ca85b5e 2 after 2
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.050  up bob-0: 1200 bytes come again
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.100  down bob-0: 75 bytes come again
#      0.100  down bob-0: 75 bytes come again
#      1.000  bob-0 -> server        HELLO with message 1   +50 ms
#      1.050  server -> bob-0        WELCOME   +50 ms
#      1.100  down bob-0: 70 bytes come again
#      1.100  bob-0 -> server        SEALED 946b #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.100      bob: Connected a5a5
#      1.150  up bob-0: 103 bytes come again
#      1.150      server: SessionOpened 10694764307426073438 6289 1 False
#      1.150  server -> bob-0        SEALED 946b #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 465e 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 6001558641674580201 0 0 0 5349 2 755992796172994963 1 · ENTRY 0/2 Roster 2 1 3 [Member 6289
#      1.200  down bob-0: 243 bytes come again
#      1.200      bob: LinkChanged True 0.09999999999990905
#      1.200      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.200      bob: RosterReceived 'lobby' [Attendee 6289 'bob' ONLINE]
#      1.225  bob-0 -> server        SEALED 946b #1  SEEN 0 0 · ACK 0:3   +50 ms
#      6.225  bob-0 -> server        SEALED 946b #2  HEARTBEAT   +50 ms
#      6.275  server -> bob-0        SEALED 946b #1  SEEN 2 10   +50 ms
#      6.325  down bob-0: 51 bytes come again
#      9.550  ==  quit bob  down=0.0
#      9.550  bob-0 -> server        SEALED 946b #3  ENTRY 0/2 Quit ''   +50 ms
#      9.600  up bob-0: 49 bytes come again
#      9.600      server: SessionClosed 10694764307426073438 6289 QUIT
#      9.600  server -> bob-0        SEALED 946b #2  SEEN 3 101 · ACK 0:3 · BYE   LOST
#      9.600  server -> bob-0        SEALED 946b #2, 71 bytes   LOST
