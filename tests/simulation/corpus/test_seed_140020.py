"""Found by seed 140020: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140020,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(20.373, 'nap', 'bob', seconds=3563.446),
        do(3622.724, 'quit', 'bob', down=0.0),
    ),
    calm=3623.724,
    core=('bob',),
    weather={'duplicate': 0.1},
)

def test_seed_140020_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 360b31633ef5ee59 13 after 13
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.100  bob-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> bob-0        WELCOME   +50 ms
#      0.200  bob-0 -> server        SEALED 360b #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      bob: Connected 5d92
#      0.250      server: SessionOpened 3894260605119753817 982b 1 False
#      0.250  server -> bob-0        SEALED 360b #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 08d3 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 9605003641206754147 0 0 0 854b 2 14786341089933788881 1 · ENTRY 0/2 Roster 2 1 3 [Member 98
#      0.300      bob: LinkChanged True 0.09999999999990905
#      0.300      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.300      bob: RosterReceived 'lobby' [Attendee 982b 'bob' ONLINE]
#      0.325  bob-0 -> server        SEALED 360b #1  SEEN 0 0 · ACK 0:3   +50 ms
#      5.325  bob-0 -> server        SEALED 360b #2  HEARTBEAT   +50 ms
#      5.375  up bob-0: 35 bytes come again
#      5.375  server -> bob-0        SEALED 360b #1  SEEN 2 10   +50 ms
#     10.325  bob-0 -> server        SEALED 360b #3  HEARTBEAT   +50 ms
#     10.375  server -> bob-0        SEALED 360b #2  SEEN 3 101   +50 ms
#     15.325  bob-0 -> server        SEALED 360b #4  HEARTBEAT   +50 ms
#     15.375  server -> bob-0        SEALED 360b #3  SEEN 4 1011   +50 ms
#     20.325  bob-0 -> server        SEALED 360b #5  HEARTBEAT   +50 ms
#     20.373  ==  nap bob  seconds=3563.446
#     20.375  server -> bob-0        SEALED 360b #4  SEEN 5 10111   LOST
#     35.375      server: SessionReachable 3894260605119753817 982b False
#   3583.819  bob-0 -> server        SEALED 360b #6  HEARTBEAT   +50 ms
#   3583.819      bob: LinkChanged False 0.09999999999990905
#   3583.819      bob: AddressNeeded
#   3583.869      server: SessionReachable 3894260605119753817 982b True
#   3583.869  server -> bob-0        SEALED 360b #5  SEEN 6 101111 · ENTRY 2/1 Unreachable 982b · ENTRY 2/2 Online 982b 'bob'   +50 ms
#   3583.919  bob-0 -> server        SEALED 360b #7  SEEN 5 10000 · ACK 0:3 · ACK 2:3   +50 ms
#   3583.919      bob: LinkChanged True 0.0999999999999659
#   3583.919      bob: MemberChanged 'lobby' 982b 'bob' UNREACHABLE NONE ''
#   3583.919      bob: MemberChanged 'lobby' 982b 'bob' ONLINE NONE ''
#   3588.919  bob-0 -> server        SEALED 360b #8  HEARTBEAT   +50 ms
#   3588.969  server -> bob-0        SEALED 360b #6  SEEN 8 10111110   +50 ms
#   3593.919  bob-0 -> server        SEALED 360b #9  HEARTBEAT   +50 ms
#   3593.969  up bob-0: 35 bytes come again
#   3593.969  server -> bob-0        SEALED 360b #7  SEEN 9 101111101   +50 ms
#   3594.019  down bob-0: 51 bytes come again
#   3598.919  bob-0 -> server        SEALED 360b #10  HEARTBEAT   +50 ms
#   3598.969  server -> bob-0        SEALED 360b #8  SEEN 10 1011111011   +50 ms
#   3603.919  bob-0 -> server        SEALED 360b #11  HEARTBEAT   +50 ms
#   3603.969  server -> bob-0        SEALED 360b #9  SEEN 11 10111110111   +50 ms
#   3608.919  bob-0 -> server        SEALED 360b #12  HEARTBEAT   +50 ms
#   3608.969  server -> bob-0        SEALED 360b #10  SEEN 12 101111101111   +50 ms
#   3613.919  bob-0 -> server        SEALED 360b #13  HEARTBEAT   +50 ms
#   3613.969  server -> bob-0        SEALED 360b #11  SEEN 13 1011111011111   +50 ms
#   3614.019  down bob-0: 51 bytes come again
#   3618.919  bob-0 -> server        SEALED 360b #14  HEARTBEAT   +50 ms
#   3618.969  server -> bob-0        SEALED 360b #12  SEEN 14 10111110111111   +50 ms
#   3619.019  down bob-0: 51 bytes come again
#   3622.724  ==  quit bob  down=0.0
#   3622.724  bob-0 -> server        SEALED 360b #15  ENTRY 0/2 Quit ''   +50 ms
#   3622.774  up bob-0: 49 bytes come again
#   3622.774      server: SessionClosed 3894260605119753817 982b QUIT
#   3622.774  server -> bob-0        SEALED 360b #13  SEEN 15 101111101111111 · ACK 0:3 · BYE   LOST
#   3622.774  server -> bob-0        SEALED 360b #13, 71 bytes   LOST
