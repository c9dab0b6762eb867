"""Found by seed 140040: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140040,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(1.761, 'quit', 'ada', down=0.0),
    ),
    calm=2.761,
    core=('ada',),
    weather={'loss': 0.15},
)

def test_seed_140040_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 1a80a15916146c4b 3 after 3
#
#      0.000  ada-0 -> server        HELLO    +1050 ms
#      1.000  ada-0 -> server        HELLO    LOST
#      1.050  server -> ada-0        RETRY   +50 ms
#      1.100  ada-0 -> server        HELLO with message 1   +50 ms
#      1.150  server -> ada-0        WELCOME   +50 ms
#      1.200  ada-0 -> server        SEALED 1a80 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.200      ada: Connected 254c
#      1.225  ada-0 -> server        SEALED 1a80 #1  ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.250      server: SessionOpened 1909703645999688779 1294 1 False
#      1.250  server -> ada-0        SEALED 1a80 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms ab61 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 4604328165592561663 0 0 0 3fe5 2 9932970394022653285 1 · ENTRY 0/2 Roster 2 1 3 [Member 129
#      1.300  server -> ada-0        SEALED 1a80 #1  SEEN 1 1   +50 ms
#      1.300      ada: LinkChanged True 0.09999999999990905
#      1.300      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.300      ada: RosterReceived 'lobby' [Attendee 1294 'ada' ONLINE]
#      1.325  ada-0 -> server        SEALED 1a80 #2  SEEN 0 0 · ACK 0:3   LOST
#      1.575  server -> ada-0        SEALED 1a80 #2  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms ab61 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 4604328165592561663 0 0 0 3fe5 2 9932970394022653285 1 · ENTRY 0/2 Roster 2 1 3
#      1.761  ==  quit ada  down=0.0
#      1.761  ada-0 -> server        SEALED 1a80 #3  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.786  ada-0 -> server        SEALED 1a80 #4  SEEN 0 0 · ACK 0:3 · ENTRY 0/2 Quit ''   +50 ms
#      1.811      server: SessionClosed 1909703645999688779 1294 QUIT
#      1.811  server -> ada-0        SEALED 1a80 #3  SEEN 3 110 · ACK 0:3 · BYE   LOST
#      1.836  server -> ada-0        SEALED 1a80 #3, 71 bytes   LOST
