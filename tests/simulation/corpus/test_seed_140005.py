"""Found by seed 140005: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140005,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(1.0, 'quit', 'bob', down=0.0),
    ),
    calm=2.0,
    core=('bob',),
    weather={'truncate': 0.02},
)

def test_seed_140005_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down edf5351bb78caf9c 2 after 2
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.100  bob-0 -> server        HELLO with message 1   +350 ms
#      0.150  up bob-0: 295 bytes come that nobody sent so
#      0.400  bob-0 -> server        HELLO with message 1   LOST
#      0.450  server -> bob-0        WELCOME   +50 ms
#      0.500  bob-0 -> server        SEALED edf5 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.500      bob: Connected 297e
#      0.525  bob-0 -> server        SEALED edf5 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.550      server: SessionOpened 17146669549442871196 8219 1 False
#      0.550  server -> bob-0        SEALED edf5 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 641b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 4286294284643225853 0 0 0 3b7b 2 16116931007519775773 1 · ENTRY 0/2 Roster 2 1 3 [Member 82
#      0.600  server -> bob-0        SEALED edf5 #1  SEEN 1 1   +50 ms
#      0.600      bob: LinkChanged True 0.09999999999990905
#      0.600      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.600      bob: RosterReceived 'lobby' [Attendee 8219 'bob' ONLINE]
#      0.625  bob-0 -> server        SEALED edf5 #2  SEEN 0 0 · ACK 0:3   +50 ms
#      1.000  ==  quit bob  down=0.0
#      1.000  bob-0 -> server        SEALED edf5 #3  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.025  bob-0 -> server        SEALED edf5 #4  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.050      server: SessionClosed 17146669549442871196 8219 QUIT
#      1.050  server -> bob-0        SEALED edf5 #2  SEEN 3 110 · ACK 0:3 · BYE   LOST
#      1.075  server -> bob-0        SEALED edf5 #2, 71 bytes   LOST
