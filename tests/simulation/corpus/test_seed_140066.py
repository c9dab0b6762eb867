"""Found by seed 140066: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140066,
    hosts=(
        Host('ada2', 'ada', device=2),
    ),
    deeds=(
        do(1.0, 'quit', 'ada2', down=0.0),
    ),
    calm=2.0,
    core=('ada2',),
    weather={'corrupt': 0.02},
    store={'most': 0.060000000000000005},
)

def test_seed_140066_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down aa5c13f8cbd94a9f 2 after 2
#
#      0.000  ada2-0 -> server       HELLO    +50 ms
#      0.050  server -> ada2-0       RETRY   +50 ms
#      0.100  ada2-0 -> server       HELLO with message 1   +50 ms
#      0.150  server -> ada2-0       WELCOME   +50 ms
#      0.200  ada2-0 -> server       SEALED aa5c #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      ada2: Connected 8ca3
#      0.250      server: SessionOpened 12275708643597961887 cb92 2 False
#      0.250  server -> ada2-0       SEALED aa5c #0  SEEN 0 0 · ENTRY 0/0 Terms 28fa 5000 15000 86400000 2 25   +50 ms
#      0.275  server -> ada2-0       SEALED aa5c #1  SEEN 0 0 · ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 4588238236397153263 0 0 0 3fac 2 6513810631486629351 1 · ENTRY 0/2 Roster 2 1 3 [Member cb92 1 'ada']   +50 ms
#      0.300      ada2: LinkChanged True 0.09999999999990905
#      0.325  ada2-0 -> server       SEALED aa5c #1  SEEN 1 1 · ACK 0:3   +50 ms
#      0.325      ada2: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.325      ada2: RosterReceived 'lobby' [Attendee cb92 'ada' ONLINE]
#      1.000  ==  quit ada2  down=0.0
#      1.000  ada2-0 -> server       SEALED aa5c #2  ENTRY 0/2 Quit ''   +50 ms
#      1.050      server: SessionClosed 12275708643597961887 cb92 QUIT
#      1.050  server -> ada2-0       SEALED aa5c #2  SEEN 2 10 · ACK 0:3 · BYE   LOST
#      1.100  down ada2-0: 71 bytes come that nobody sent so
#      1.325  ada2-0 -> server       SEALED aa5c #3  ENTRY 0/2 Quit ''   +50 ms
#      1.375  server -> ada2-0       SEALED aa5c #2, 71 bytes   LOST
