"""Found by seed 140031: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140031,
    hosts=(
        Host('cyd', 'cyd'),
    ),
    deeds=(
        do(2.0, 'quit', 'cyd', down=0.0),
    ),
    calm=3.0,
    weather={'duplicate': 0.5},
)

def test_seed_140031_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 445c1f86d5b10b87 1 after 1
#
#      0.000  cyd-0 -> server        HELLO    +50 ms
#      0.050  up cyd-0: 1200 bytes come again
#      0.050  server -> cyd-0        RETRY   +50 ms
#      0.050  server -> cyd-0        RETRY   +50 ms
#      1.000  cyd-0 -> server        HELLO with message 1   +50 ms
#      1.050  server -> cyd-0        WELCOME   +50 ms
#      1.100  cyd-0 -> server        SEALED 445c #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.100      cyd: Connected f2d3
#      1.150  up cyd-0: 103 bytes come again
#      1.150      server: SessionOpened 4925846756407708551 fc38 1 False
#      1.150  server -> cyd-0        SEALED 445c #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms fbb6 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 16778241170286378369 0 0 0 e8d8 2 4958942546183510589 1 · ENTRY 0/2 Roster 2 1 3 [Member fc
#      1.200  down cyd-0: 243 bytes come again
#      1.200      cyd: LinkChanged True 0.09999999999990905
#      1.200      cyd: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.200      cyd: RosterReceived 'lobby' [Attendee fc38 'cyd' ONLINE]
#      1.225  cyd-0 -> server        SEALED 445c #1  SEEN 0 0 · ACK 0:3   +50 ms
#      1.275  up cyd-0: 66 bytes come again
#      2.000  ==  quit cyd  down=0.0
#      2.000  cyd-0 -> server        SEALED 445c #2  ENTRY 0/2 Quit ''   +50 ms
#      2.050  up cyd-0: 49 bytes come again
#      2.050      server: SessionClosed 4925846756407708551 fc38 QUIT
#      2.050  server -> cyd-0        SEALED 445c #1  SEEN 2 10 · ACK 0:3 · BYE   LOST
#      2.050  server -> cyd-0        SEALED 445c #1, 71 bytes   LOST
