"""Found by seed 140119: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140119,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(1.0, 'nap', 'bob', seconds=3599.177),
        do(3609.297, 'quit', 'bob', down=0.0),
    ),
    calm=3610.297,
    core=('bob',),
    weather={'truncate': 0.02},
)

def test_seed_140119_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 5e37a25adfaf7d45 4 after 4
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.100  bob-0 -> server        HELLO with message 1   +350 ms
#      0.150  up bob-0: 822 bytes come that nobody sent so
#      0.400  bob-0 -> server        HELLO with message 1   LOST
#      0.450  server -> bob-0        WELCOME   +50 ms
#      0.500  bob-0 -> server        SEALED 5e37 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.500      bob: Connected da8e
#      0.525  bob-0 -> server        SEALED 5e37 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.550      server: SessionOpened 6789073474467888453 639e 1 False
#      0.550  server -> bob-0        SEALED 5e37 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 6db0 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 6598064820752836203 0 0 0 5b91 2 2651790585421527981 1 · ENTRY 0/2 Roster 2 1 3 [Member 639
#      0.600  server -> bob-0        SEALED 5e37 #1  SEEN 1 1   +50 ms
#      0.600      bob: LinkChanged True 0.09999999999990905
#      0.600      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.600      bob: RosterReceived 'lobby' [Attendee 639e 'bob' ONLINE]
#      0.625  bob-0 -> server        SEALED 5e37 #2  SEEN 0 0 · ACK 0:3   +50 ms
#      1.000  ==  nap bob  seconds=3599.177
#     15.675      server: SessionReachable 6789073474467888453 639e False
#   3600.177  bob-0 -> server        SEALED 5e37 #3  SEEN 0 0 · ACK 0:3 · HEARTBEAT   +50 ms
#   3600.177      bob: LinkChanged False 0.1001249999999062
#   3600.177      bob: AddressNeeded
#   3600.227      server: SessionReachable 6789073474467888453 639e True
#   3600.227  server -> bob-0        SEALED 5e37 #2  SEEN 3 110 · ENTRY 2/1 Unreachable 639e · ENTRY 2/2 Online 639e 'bob'   +50 ms
#   3600.277      bob: LinkChanged True 0.1001093749999634
#   3600.277      bob: MemberChanged 'lobby' 639e 'bob' UNREACHABLE NONE ''
#   3600.277      bob: MemberChanged 'lobby' 639e 'bob' ONLINE NONE ''
#   3600.302  bob-0 -> server        SEALED 5e37 #4  SEEN 2 10 · ACK 2:3   +50 ms
#   3605.302  bob-0 -> server        SEALED 5e37 #5  SEEN 2 10 · ACK 2:3 · HEARTBEAT   +50 ms
#   3605.352  server -> bob-0        SEALED 5e37 #3  SEEN 5 11010   +50 ms
#   3609.297  ==  quit bob  down=0.0
#   3609.297  bob-0 -> server        SEALED 5e37 #6  ENTRY 0/2 Quit ''   +50 ms
#   3609.322  bob-0 -> server        SEALED 5e37 #7  ENTRY 0/2 Quit ''   +50 ms
#   3609.347      server: SessionClosed 6789073474467888453 639e QUIT
#   3609.347  server -> bob-0        SEALED 5e37 #4  SEEN 6 110101 · ACK 0:3 · BYE   LOST
#   3609.372  server -> bob-0        SEALED 5e37 #4, 71 bytes   LOST
