"""Found by seed 140114: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140114,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(6.643, 'quit', 'ada', down=0.0),
    ),
    calm=7.643,
    core=('ada',),
    weather={'delay': (0.3, 0.8999999999999999)},
)

def test_seed_140114_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 2965eb48206febad 5 after 5
#
#      0.000  ada-0 -> server        HELLO    +353 ms
#      0.353  server -> ada-0        RETRY   +327 ms
#      0.680  ada-0 -> server        HELLO with message 1   +735 ms
#      1.416  server -> ada-0        WELCOME   +895 ms
#      1.680  ada-0 -> server        HELLO with message 1   +616 ms
#      2.296  server -> ada-0        WELCOME   +399 ms
#      2.310  ada-0 -> server        SEALED 2965 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +434 ms
#      2.310      ada: Connected d2e6
#      2.480  ada-0 -> server        SEALED 2965 #1  ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +367 ms
#      2.744      server: SessionOpened 2983049023217200045 0164 1 False
#      2.744  server -> ada-0        SEALED 2965 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 211b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 10619379554217397065 0 0 0 935f 2 17943689524048950273 1 · ENTRY 0/2 Roster 2 1 3 [Member 0
#      2.827  server -> ada-0        SEALED 2965 #1  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 211b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 10619379554217397065 0 0 0 935f 2 17943689524048950273 1 · ENTRY 0/2 Roster 2 1 3 [Member 0
#      2.872  server -> ada-0        SEALED 2965 #2  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms 211b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 10619379554217397065 0 0 0 935f 2 17943689524048950273 1 · ENTRY 0/2 Roster 2 1 3 [Member 0
#      3.418  ada-0 -> server        SEALED 2965 #2  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +552 ms
#      3.484  ada-0 -> server        SEALED 2965 #3  SEEN 2 11 · ACK 0:3   +486 ms
#      3.484      ada: LinkChanged True 1.173633204084922
#      3.484      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      3.484      ada: RosterReceived 'lobby' [Attendee 0164 'ada' ONLINE]
#      3.896  server -> ada-0        SEALED 2965 #3  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 211b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 10619379554217397065 0 0 0 935f 2 17943689524048950273 1 · ENTRY 0/2 Roster 2 1
#      3.970  server -> ada-0        SEALED 2965 #4  SEEN 2 11   +390 ms
#      4.360  ada-0 -> server        SEALED 2965 #4  SEEN 3 111 · ACK 0:3   +595 ms
#      6.643  ==  quit ada  down=0.0
#      6.643  ada-0 -> server        SEALED 2965 #5  SEEN 3 111 · ACK 0:3 · ENTRY 0/2 Quit ''   +482 ms
#      6.925  ada-0 -> server        SEALED 2965 #6  SEEN 3 111 · ACK 0:3 · ENTRY 0/2 Quit ''   +484 ms
#      7.125      server: SessionClosed 2983049023217200045 0164 QUIT
#      7.125  server -> ada-0        SEALED 2965 #5  SEEN 5 11100 · ACK 0:3 · BYE   LOST
#      7.409  server -> ada-0        SEALED 2965 #5, 71 bytes   LOST
