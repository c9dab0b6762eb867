"""Found by seed 140094: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140094,
    hosts=(
        Host('dan', 'dan'),
    ),
    deeds=(
        do(2.87, 'quit', 'dan', down=0.0),
    ),
    calm=3.87,
    core=('dan',),
    weather={'duplicate': 0.5},
)

def test_seed_140094_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down cc271f4249f4d52c 2 after 2
#
#      0.000  dan-0 -> server        HELLO    +50 ms
#      0.050  up dan-0: 1200 bytes come again
#      0.050  server -> dan-0        RETRY   +50 ms
#      0.050  server -> dan-0        RETRY   +50 ms
#      0.100  down dan-0: 75 bytes come again
#      0.100  down dan-0: 75 bytes come again
#      1.000  dan-0 -> server        HELLO with message 1   +50 ms
#      1.050  up dan-0: 1200 bytes come again
#      1.050  server -> dan-0        WELCOME   +50 ms
#      1.050  server -> dan-0        WELCOME   +50 ms
#      1.100  down dan-0: 70 bytes come again
#      1.100  dan-0 -> server        SEALED cc27 #0  HEARTBEAT · ENTRY 0/0 Nick 'dan' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      1.100      dan: Connected 8cb7
#      1.150      server: SessionOpened 14710761077398099244 8497 1 False
#      1.150  server -> dan-0        SEALED cc27 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 5882 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 11816908627319161785 0 0 0 a3fe 2 10885551055386450753 1 · ENTRY 0/2 Roster 2 1 3 [Member 8
#      1.200  down dan-0: 243 bytes come again
#      1.200      dan: LinkChanged True 0.09999999999990905
#      1.200      dan: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.200      dan: RosterReceived 'lobby' [Attendee 8497 'dan' ONLINE]
#      1.225  dan-0 -> server        SEALED cc27 #1  SEEN 0 0 · ACK 0:3   +50 ms
#      1.233  server -> dan-0        SEALED cc27 #1  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 5882 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 11816908627319161785 0 0 0 a3fe 2 10885551055386450753 1 · ENTRY 0/2 Roster 2 1 3 [Member 8
#      1.308  dan-0 -> server        SEALED cc27 #2  SEEN 1 1   +50 ms
#      2.870  ==  quit dan  down=0.0
#      2.870  dan-0 -> server        SEALED cc27 #3  ENTRY 0/2 Quit ''   +50 ms
#      2.920  up dan-0: 49 bytes come again
#      2.920      server: SessionClosed 14710761077398099244 8497 QUIT
#      2.920  server -> dan-0        SEALED cc27 #2  SEEN 3 100 · ACK 0:3 · BYE   LOST
#      2.920  server -> dan-0        SEALED cc27 #2, 71 bytes   LOST
