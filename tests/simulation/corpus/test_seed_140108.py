"""Found by seed 140108: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140108,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(2.0, 'quit', 'bob', down=0.0),
    ),
    calm=3.0,
    core=('bob',),
    weather={'truncate': 0.1},
)

def test_seed_140108_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down d82dd4c0adc83f31 2 after 2
#
#      0.000  bob-0 -> server        HELLO    +1050 ms
#      0.050  up bob-0: 365 bytes come that nobody sent so
#      1.000  bob-0 -> server        HELLO    LOST
#      1.050  server -> bob-0        RETRY   +50 ms
#      1.100  bob-0 -> server        HELLO with message 1   +50 ms
#      1.150  server -> bob-0        WELCOME   +50 ms
#      1.200  bob-0 -> server        SEALED d82d #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.200      bob: Connected d318
#      1.225  bob-0 -> server        SEALED d82d #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.250      server: SessionOpened 15577340610158804785 d1c6 1 False
#      1.250  server -> bob-0        SEALED d82d #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms fa51 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 16201886468967412983 0 0 0 e0d8 2 15590600711577378029 1 · ENTRY 0/2 Roster 2 1 3 [Member d
#      1.300  server -> bob-0        SEALED d82d #1  SEEN 1 1   LOST
#      1.300      bob: LinkChanged True 0.09999999999990905
#      1.300      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.300      bob: RosterReceived 'lobby' [Attendee d1c6 'bob' ONLINE]
#      1.325  bob-0 -> server        SEALED d82d #2  SEEN 0 0 · ACK 0:3   +50 ms
#      1.350  down bob-0: 2 bytes come that nobody sent so
#      2.000  ==  quit bob  down=0.0
#      2.000  bob-0 -> server        SEALED d82d #3  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      2.025  bob-0 -> server        SEALED d82d #4  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      2.050      server: SessionClosed 15577340610158804785 d1c6 QUIT
#      2.050  server -> bob-0        SEALED d82d #2  SEEN 3 110 · ACK 0:3 · BYE   LOST
#      2.075  server -> bob-0        SEALED d82d #2, 71 bytes   LOST
