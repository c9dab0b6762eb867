"""Found by seed 140013: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140013,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(7.218, 'quit', 'bob', down=0.0),
    ),
    calm=8.218,
    core=('bob',),
    weather={'tail': 1.0},
)

def test_seed_140013_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 78e5c59edf8a89b6 7 after 7
#
#      0.000  bob-0 -> server        HELLO    +1429 ms
#      1.000  bob-0 -> server        HELLO    +915 ms
#      1.429  server -> bob-0        RETRY   +1355 ms
#      1.915  server -> bob-0        RETRY   +870 ms
#      2.000  bob-0 -> server        HELLO    +66 ms
#      2.000      bob: AddressNeeded
#      2.066  server -> bob-0        RETRY   +718 ms
#      3.000  bob-0 -> server        HELLO with message 1   +2527 ms
#      4.000  bob-0 -> server        HELLO with message 1   +1527 ms
#      5.000  bob-0 -> server        HELLO with message 1   +1893 ms
#      5.000      bob: AddressNeeded
#      5.527  server -> bob-0        WELCOME   +1132 ms
#      5.527  server -> bob-0        WELCOME   +3539 ms
#      6.000  bob-0 -> server        HELLO with message 1   +893 ms
#      6.659  bob-0 -> server        SEALED 78e5 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +911 ms
#      6.659      bob: Connected 99e7
#      6.742  bob-0 -> server        SEALED 78e5 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +828 ms
#      6.893  server -> bob-0        WELCOME   +2173 ms
#      6.893  server -> bob-0        WELCOME   +2173 ms
#      7.218  ==  quit bob  down=0.0
#      7.218  bob-0 -> server        SEALED 78e5 #2  ENTRY 0/2 Quit '' · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +3500 ms
#      7.301  bob-0 -> server        SEALED 78e5 #3  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +3417 ms
#      7.569      server: SessionOpened 8711586340363995574 eafd 1 False
#      7.569  server -> bob-0        SEALED 78e5 #0  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#      7.653  server -> bob-0        SEALED 78e5 #1  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#      8.239  bob-0 -> server        SEALED 78e5 #4  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +2479 ms
#      8.677  server -> bob-0        SEALED 78e5 #2  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3
#      8.760  server -> bob-0        SEALED 78e5 #3  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#      9.176  bob-0 -> server        SEALED 78e5 #5  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +1542 ms
#      9.784  server -> bob-0        SEALED 78e5 #4  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#      9.784  server -> bob-0        SEALED 78e5 #5  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#      9.867  server -> bob-0        SEALED 78e5 #6  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms cad4 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 1514647288666252063 0 0 0 1505 2 1233091169079887961 1 · ENTRY 0/2 Roster 2 1 3 [Member eaf
#     10.114  bob-0 -> server        SEALED 78e5 #6  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +604 ms
#     10.474  bob-0 -> server        SEALED 78e5 #7  SEEN 6 111111 · ACK 0:3 · ENTRY 0/2 Quit ''   +244 ms
#     10.474      bob: LinkChanged True 3.732529485228156
#     10.474      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#     10.474      bob: RosterReceived 'lobby' [Attendee eafd 'bob' ONLINE]
#     10.718      server: SessionClosed 8711586340363995574 eafd QUIT
#     10.718  server -> bob-0        SEALED 78e5 #7  SEEN 2 11 · ACK 0:3 · BYE   LOST
#     10.718  server -> bob-0        SEALED 78e5 #7, 71 bytes   LOST
