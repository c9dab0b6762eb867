"""Found by seed 140072: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140072,
    hosts=(
        Host('cyd', 'cyd'),
    ),
    deeds=(
        do(1.0, 'nap', 'cyd', seconds=10766.494),
        do(10802.842, 'replay', 'cyd', count=40, way='up', elsewhere=False),
    ),
    calm=10803.842,
    core=('cyd',),
)

def test_seed_140072_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 650e79b9d68be4c9 2 after 2
#
#      0.000  cyd-0 -> server        HELLO    +50 ms
#      0.050  server -> cyd-0        RETRY   +50 ms
#      0.100  cyd-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> cyd-0        WELCOME   +50 ms
#      0.200  cyd-0 -> server        SEALED 650e #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      cyd: Connected fb58
#      0.250      server: SessionOpened 7281891486580073673 0e06 1 False
#      0.250  server -> cyd-0        SEALED 650e #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 216b 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 9397078847305388499 0 0 0 8269 2 12344270127958682175 1 · ENTRY 0/2 Roster 2 1 3 [Member 0e
#      0.300      cyd: LinkChanged True 0.09999999999990905
#      0.300      cyd: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.300      cyd: RosterReceived 'lobby' [Attendee 0e06 'cyd' ONLINE]
#      0.325  cyd-0 -> server        SEALED 650e #1  SEEN 0 0 · ACK 0:3   +50 ms
#      1.000  ==  nap cyd  seconds=10766.494
#     15.375      server: SessionReachable 7281891486580073673 0e06 False
#  10767.494  cyd-0 -> server        SEALED 650e #2  HEARTBEAT   +50 ms
#  10767.494      cyd: LinkChanged False 0.09999999999990905
#  10767.494      cyd: AddressNeeded
#  10767.544      server: SessionReachable 7281891486580073673 0e06 True
#  10767.544  server -> cyd-0        SEALED 650e #1  SEEN 2 10 · ENTRY 2/1 Unreachable 0e06 · ENTRY 2/2 Online 0e06 'cyd'   +50 ms
#  10767.594  cyd-0 -> server        HELLO    +50 ms
#  10767.594      cyd: LinkChanged True 0.09999999999973852
#  10767.594      cyd: MemberChanged 'lobby' 0e06 'cyd' UNREACHABLE NONE ''
#  10767.594      cyd: MemberChanged 'lobby' 0e06 'cyd' ONLINE NONE ''
#  10767.619  cyd-0 -> server        SEALED 650e #3  SEEN 1 1 · ACK 0:3 · ACK 2:3   +50 ms
#  10767.644  server -> cyd-0        RETRY   +50 ms
#  10767.694  cyd-0 -> server        HELLO with message 1   +50 ms
#  10767.744  server -> cyd-0        WELCOME   +50 ms
#  10767.794  cyd-0 -> server        SEALED bd96 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 9397078847305388499 0 8269   +50 ms
#  10767.844      server: SessionClosed 7281891486580073673 0e06 REPLACED
#  10767.844      server: SessionOpened 13661183686349032552 0e06 1 True
#  10767.844  server -> cyd-0        SEALED 650e #2  BYE   +50 ms
#  10767.844  server -> cyd-0        SEALED bd96 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 7bcf 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 9397078847305388499 0 0 0 8269 2 12344270127958682175 3 · ENTRY 0/2 Roster 2 3 3 [Member 0e
#  10767.919  cyd-0 -> server        SEALED bd96 #1  SEEN 0 0 · ACK 0:3   +50 ms
#  10772.919  cyd-0 -> server        SEALED bd96 #2  HEARTBEAT   +50 ms
#  10772.969  server -> cyd-0        SEALED bd96 #1  SEEN 2 10   +50 ms
#  10777.919  cyd-0 -> server        SEALED bd96 #3  HEARTBEAT   +50 ms
#  10777.969  server -> cyd-0        SEALED bd96 #2  SEEN 3 101   +50 ms
#  10782.919  cyd-0 -> server        SEALED bd96 #4  HEARTBEAT   +50 ms
#  10782.969  server -> cyd-0        SEALED bd96 #3  SEEN 4 1011   +50 ms
#  10787.919  cyd-0 -> server        SEALED bd96 #5  HEARTBEAT   +50 ms
#  10787.969  server -> cyd-0        SEALED bd96 #4  SEEN 5 10111   +50 ms
#  10792.919  cyd-0 -> server        SEALED bd96 #6  HEARTBEAT   +50 ms
#  10792.969  server -> cyd-0        SEALED bd96 #5  SEEN 6 101111   +50 ms
#  10797.919  cyd-0 -> server        SEALED bd96 #7  HEARTBEAT   +50 ms
#  10797.969  server -> cyd-0        SEALED bd96 #6  SEEN 7 1011111   +50 ms
#  10802.842  ==  replay cyd  count=40, way='up', elsewhere=False
#  10802.842  up cyd-0: 1200 bytes come again
#  10802.842  server -> cyd-0        RETRY   LOST
#  10802.842  up cyd-0: 1200 bytes come again
#  10802.842  server -> cyd-0        RETRY   LOST
#  10802.842  up cyd-0: 103 bytes come again
#  10802.842  server -> cyd-0        SEALED 650e #2, 37 bytes   LOST
