"""Found by seed 140099: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140099,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(9.192, 'quit', 'bob', down=0.0),
    ),
    calm=10.192,
    core=('bob',),
    weather={'delay': (1.0, 1.0)},
)

def test_seed_140099_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 59bad863cf9c2d5d 4 after 4
#
#      0.000  bob-0 -> server        HELLO    +1000 ms
#      1.000  server -> bob-0        RETRY   +1000 ms
#      1.000  bob-0 -> server        HELLO    +1000 ms
#      2.000  server -> bob-0        RETRY   +1000 ms
#      2.000  bob-0 -> server        HELLO with message 1   +1000 ms
#      3.000  server -> bob-0        WELCOME   +1000 ms
#      3.000  bob-0 -> server        HELLO with message 1   +1000 ms
#      4.000  server -> bob-0        WELCOME   +1000 ms
#      4.000  bob-0 -> server        SEALED 59ba #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      4.000      bob: Connected 92d6
#      4.083  bob-0 -> server        SEALED 59ba #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      5.000      server: SessionOpened 6465718138240249181 e834 1 False
#      5.000  server -> bob-0        SEALED 59ba #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 8913 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 10420769160883346327 0 0 0 909e 2 1708656238536129353 1 · ENTRY 0/2 Roster 2 1 3 [Member e8
#      5.021  bob-0 -> server        SEALED 59ba #2  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      5.108  server -> bob-0        SEALED 59ba #1  SEEN 1 1   +1000 ms
#      5.958  bob-0 -> server        SEALED 59ba #3  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      6.000      bob: LinkChanged True 2.0
#      6.000      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      6.000      bob: RosterReceived 'lobby' [Attendee e834 'bob' ONLINE]
#      6.021  server -> bob-0        SEALED 59ba #2  SEEN 2 11   +1000 ms
#      6.025  bob-0 -> server        SEALED 59ba #4  SEEN 0 0 · ACK 0:3   +1000 ms
#      6.958  server -> bob-0        SEALED 59ba #3  SEEN 3 111   +1000 ms
#      9.192  ==  quit bob  down=0.0
#      9.192  bob-0 -> server        SEALED 59ba #5  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +1000 ms
#      9.692  bob-0 -> server        SEALED 59ba #6  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +1000 ms
#     10.192      server: SessionClosed 6465718138240249181 e834 QUIT
#     10.192  server -> bob-0        SEALED 59ba #4  SEEN 5 11110 · ACK 0:3 · BYE   LOST
#     10.692  server -> bob-0        SEALED 59ba #4, 71 bytes   LOST
