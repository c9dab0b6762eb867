"""Found by seed 140100: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140100,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(9.155, 'quit', 'ada', down=0.0),
    ),
    calm=10.155,
    weather={'delay': (0.3, 0.8999999999999999)},
)

def test_seed_140100_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 7f407d34f0bde064 3 after 3
#
#      0.000  ada-0 -> server        HELLO    +475 ms
#      0.475  server -> ada-0        RETRY   +589 ms
#      1.000  ada-0 -> server        HELLO    +306 ms
#      1.064  ada-0 -> server        HELLO with message 1   +846 ms
#      1.306  server -> ada-0        RETRY   +498 ms
#      1.910  server -> ada-0        WELCOME   +388 ms
#      2.064  ada-0 -> server        HELLO with message 1   +655 ms
#      2.298  ada-0 -> server        SEALED 7f40 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +785 ms
#      2.298      ada: Connected 3179
#      2.381  ada-0 -> server        SEALED 7f40 #1  ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +702 ms
#      2.720  server -> ada-0        WELCOME   +840 ms
#      3.083      server: SessionOpened 9169466507657076836 e061 1 False
#      3.083  server -> ada-0        SEALED 7f40 #0  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms fb5b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 17988969838678128087 0 0 0 f9a5 2 7145369550210350767 1 · ENTRY 0/2 Roster 2 1 3 [Member e0
#      3.319  ada-0 -> server        SEALED 7f40 #2  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +830 ms
#      3.953      ada: LinkChanged True 1.5714767392618114
#      3.953      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      3.953      ada: RosterReceived 'lobby' [Attendee e061 'ada' ONLINE]
#      3.978  ada-0 -> server        SEALED 7f40 #3  SEEN 0 0 · ACK 0:3   +864 ms
#      4.149  server -> ada-0        SEALED 7f40 #1  SEEN 2 11   +646 ms
#      8.978  ada-0 -> server        SEALED 7f40 #4  SEEN 0 0 · ACK 0:3 · HEARTBEAT   +487 ms
#      9.155  ==  quit ada  down=0.0
#      9.155  ada-0 -> server        SEALED 7f40 #5  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +715 ms
#      9.465  server -> ada-0        SEALED 7f40 #2  SEEN 4 1110   LOST
#      9.545  ada-0 -> server        SEALED 7f40 #6  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +525 ms
#      9.870      server: SessionClosed 9169466507657076836 e061 QUIT
#      9.870  server -> ada-0        SEALED 7f40 #3  SEEN 5 11101 · ACK 0:3 · BYE   LOST
#     10.070  server -> ada-0        SEALED 7f40 #3, 71 bytes   LOST
