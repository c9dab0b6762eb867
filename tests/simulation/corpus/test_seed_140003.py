"""Found by seed 140003: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140003,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(22.192, 'nap', 'bob', seconds=32399.267),
        do(32462.099, 'quit', 'bob', down=0.0),
    ),
    calm=32463.099,
    core=('bob',),
    weather={'loss': 0.5},
)

def test_seed_140003_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down a4a4478ede972df3 14 after 14
#
#      0.000  bob-0 -> server        HELLO    +1050 ms
#      1.000  bob-0 -> server        HELLO    LOST
#      1.050  server -> bob-0        RETRY   +50 ms
#      1.100  bob-0 -> server        HELLO with message 1   +2050 ms
#      2.100  bob-0 -> server        HELLO with message 1   LOST
#      3.100  bob-0 -> server        HELLO with message 1   LOST
#      3.100      bob: AddressNeeded
#      3.150  server -> bob-0        WELCOME   +50 ms
#      3.200  bob-0 -> server        SEALED 00ca #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      3.200      bob: Connected 843f
#      3.250      server: SessionOpened 56933369727657681 2bfe 1 False
#      3.250  server -> bob-0        SEALED 00ca #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 5b35 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 14382462008666466413 0 0 0 c798 2 4976888899753500025 1 · ENTRY 0/2 Roster 2 1 3 [Member 2b
#      3.283  bob-0 -> server        SEALED 00ca #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   LOST
#      3.575  server -> bob-0        SEALED 00ca #1  SEEN 0 0 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 5b35 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 14382462008666466413 0 0 0 c798 2 4976888899753500025 1 · ENTRY 0/2 Roster 2 1
#      3.625  bob-0 -> server        SEALED 00ca #2  SEEN 1 0 · ACK 0:3   +50 ms
#      3.625      bob: LinkChanged True None
#      3.625      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      3.625      bob: RosterReceived 'lobby' [Attendee 2bfe 'bob' ONLINE]
#      8.625  bob-0 -> server        SEALED 00ca #3  SEEN 1 0 · ACK 0:3 · HEARTBEAT   +50 ms
#      8.675  server -> bob-0        SEALED 00ca #2  SEEN 3 100   +50 ms
#     13.625  bob-0 -> server        SEALED 00ca #4  HEARTBEAT   LOST
#     14.125  bob-0 -> server        SEALED 00ca #5  HEARTBEAT   +50 ms
#     14.175  server -> bob-0        SEALED 00ca #3  SEEN 5 10010   +50 ms
#     19.125  bob-0 -> server        SEALED 00ca #6  HEARTBEAT   LOST
#     19.625  bob-0 -> server        SEALED 00ca #7  HEARTBEAT   LOST
#     20.125  bob-0 -> server        SEALED 00ca #8  HEARTBEAT   LOST
#     20.625  bob-0 -> server        SEALED 00ca #9  HEARTBEAT   LOST
#     21.125  bob-0 -> server        SEALED 00ca #10  HEARTBEAT   LOST
#     21.625  bob-0 -> server        SEALED 00ca #11  HEARTBEAT   LOST
#     22.125  bob-0 -> server        SEALED 00ca #12  HEARTBEAT   +50 ms
#     22.175  server -> bob-0        SEALED 00ca #4  SEEN 12 100101000000   LOST
#     22.192  ==  nap bob  seconds=32399.267
#     37.175      server: SessionReachable 56933369727657681 2bfe False
#  32421.459  bob-0 -> server        SEALED 00ca #13  HEARTBEAT   +50 ms
#  32421.459      bob: LinkChanged False 0.09999999999990905
#  32421.459      bob: AddressNeeded
#  32421.509      server: SessionReachable 56933369727657681 2bfe True
#  32421.509  server -> bob-0        SEALED 00ca #5  SEEN 13 1001010000001 · ENTRY 2/1 Unreachable 2bfe · ENTRY 2/2 Online 2bfe 'bob'   +50 ms
#  32421.534  server -> bob-0        SEALED 00ca #6  ENTRY 2/1 Unreachable 2bfe · ENTRY 2/2 Online 2bfe 'bob'   LOST
#  32421.559  bob-0 -> server        HELLO    +3050 ms
#  32421.559  bob-0 -> server        SEALED 00ca #14  SEEN 5 1000 · ACK 2:3   +50 ms
#  32421.559      bob: LinkChanged True 0.10000000000064801
#  32421.559      bob: MemberChanged 'lobby' 2bfe 'bob' UNREACHABLE NONE ''
#  32421.559      bob: MemberChanged 'lobby' 2bfe 'bob' ONLINE NONE ''
#  32422.559  bob-0 -> server        HELLO    LOST
#  32423.559  bob-0 -> server        HELLO    LOST
#  32424.559  bob-0 -> server        HELLO    LOST
#  32424.609  server -> bob-0        RETRY   +50 ms
#  32424.659  bob-0 -> server        HELLO with message 1   +50 ms
#  32424.709  server -> bob-0        WELCOME   +50 ms
#  32424.759  bob-0 -> server        SEALED a4a4 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 14382462008666466413 0 c798   +50 ms
#  32424.784  bob-0 -> server        SEALED a4a4 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 14382462008666466413 0 c798   +50 ms
#  32424.809      server: SessionClosed 56933369727657681 2bfe REPLACED
#  32424.809      server: SessionOpened 11863685997346106867 2bfe 1 True
#  32424.809  server -> bob-0        SEALED 00ca #7  BYE   LOST
#  32424.809  server -> bob-0        SEALED a4a4 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 49a0 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 14382462008666466413 0 0 0 c798 2 4976888899753500025 3 · ENTRY 0/2 Roster 2 3 3 [Member 2b
#  32424.859  server -> bob-0        SEALED a4a4 #1  SEEN 1 1   +50 ms
#  32425.134  server -> bob-0        SEALED a4a4 #2  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 49a0 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 14382462008666466413 0 0 0 c798 2 4976888899753500025 3 · ENTRY 0/2 Roster 2 3
#  32425.184  bob-0 -> server        SEALED a4a4 #2  SEEN 2 0 · ACK 0:3   +50 ms
#  32430.184  bob-0 -> server        SEALED a4a4 #3  SEEN 2 0 · ACK 0:3 · HEARTBEAT   LOST
#  32430.684  bob-0 -> server        SEALED a4a4 #4  SEEN 2 0 · ACK 0:3 · HEARTBEAT   +50 ms
#  32430.734  server -> bob-0        SEALED a4a4 #3  SEEN 4 1100   +50 ms
#  32435.684  bob-0 -> server        SEALED a4a4 #5  HEARTBEAT   +50 ms
#  32435.734  server -> bob-0        SEALED a4a4 #4  SEEN 5 11001   LOST
#  32436.184  bob-0 -> server        SEALED a4a4 #6  HEARTBEAT   LOST
#  32436.684  bob-0 -> server        SEALED a4a4 #7  HEARTBEAT   +50 ms
#  32436.734  server -> bob-0        SEALED a4a4 #5  SEEN 7 1100110   LOST
#  32437.184  bob-0 -> server        SEALED a4a4 #8  HEARTBEAT   LOST
#  32437.684  bob-0 -> server        SEALED a4a4 #9  HEARTBEAT   +50 ms
#  32437.734  server -> bob-0        SEALED a4a4 #6  SEEN 9 110011010   LOST
#  32438.184  bob-0 -> server        SEALED a4a4 #10  HEARTBEAT   LOST
#  32438.684  bob-0 -> server        SEALED a4a4 #11  HEARTBEAT   +50 ms
#  32438.734  server -> bob-0        SEALED a4a4 #7  SEEN 11 11001101010   +50 ms
#  32443.684  bob-0 -> server        SEALED a4a4 #12  HEARTBEAT   +50 ms
#  32443.734  server -> bob-0        SEALED a4a4 #8  SEEN 12 110011010101   LOST
#  32444.184  bob-0 -> server        SEALED a4a4 #13  HEARTBEAT   LOST
#  32444.684  bob-0 -> server        SEALED a4a4 #14  HEARTBEAT   LOST
#  32445.184  bob-0 -> server        SEALED a4a4 #15  HEARTBEAT   +50 ms
#  32445.234  server -> bob-0        SEALED a4a4 #9  SEEN 15 110011010101100   +50 ms
#  32450.184  bob-0 -> server        SEALED a4a4 #16  HEARTBEAT   LOST
#  32450.684  bob-0 -> server        SEALED a4a4 #17  HEARTBEAT   +50 ms
#  32450.734  server -> bob-0        SEALED a4a4 #10  SEEN 17 11001101010110010   LOST
#  32451.184  bob-0 -> server        SEALED a4a4 #18  HEARTBEAT   LOST
#  32451.684  bob-0 -> server        SEALED a4a4 #19  HEARTBEAT   LOST
#  32452.184  bob-0 -> server        SEALED a4a4 #20  HEARTBEAT   +50 ms
#  32452.234  server -> bob-0        SEALED a4a4 #11  SEEN 20 11001101010110010100   LOST
#  32452.684  bob-0 -> server        SEALED a4a4 #21  HEARTBEAT   +50 ms
#  32452.734  server -> bob-0        SEALED a4a4 #12  SEEN 21 110011010101100101001   +50 ms
#  32457.684  bob-0 -> server        SEALED a4a4 #22  HEARTBEAT   LOST
#  32458.184  bob-0 -> server        SEALED a4a4 #23  HEARTBEAT   +50 ms
#  32458.234  server -> bob-0        SEALED a4a4 #13  SEEN 23 11001101010110010100110   +50 ms
#  32462.099  ==  quit bob  down=0.0
#  32462.099  bob-0 -> server        SEALED a4a4 #24  ENTRY 0/2 Quit ''   +50 ms
#  32462.127  bob-0 -> server        SEALED a4a4 #25  ENTRY 0/2 Quit ''   LOST
#  32462.149      server: SessionClosed 11863685997346106867 2bfe QUIT
#  32462.149  server -> bob-0        SEALED a4a4 #14  SEEN 24 110011010101100101001101 · ACK 0:3 · BYE   LOST
#  32462.379  bob-0 -> server        SEALED a4a4 #26  ENTRY 0/2 Quit ''   +50 ms
#  32462.408  bob-0 -> server        SEALED a4a4 #27  ENTRY 0/2 Quit ''   LOST
#  32462.429  server -> bob-0        SEALED a4a4 #14, 71 bytes   LOST
