"""Found by seed 140043: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140043,
    hosts=(
        Host('bob', 'bob'),
        Host('eve', 'eve'),
    ),
    deeds=(
        do(0.626, 'nap', 'bob', seconds=10783.65),
        do(0.626, 'nap', 'eve', seconds=10750.98),
        do(10801.023, 'quit', 'eve', down=0.0),
    ),
    calm=10802.023,
    core=('bob',),
    weather={'loss': 0.3},
)

def test_seed_140043_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 638a081f687c3477 15 after 15
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.000  eve-0 -> server        HELLO    +50 ms
#      0.050  server -> bob-0        RETRY   +50 ms
#      0.050  server -> eve-0        RETRY   LOST
#      0.100  bob-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> bob-0        WELCOME   LOST
#      0.400  bob-0 -> server        HELLO with message 1   LOST
#      0.626  ==  nap bob  seconds=10783.65
#      0.626  ==  nap eve  seconds=10750.98
#  10751.606  eve-0 -> server        HELLO    +50 ms
#  10751.656  server -> eve-0        RETRY   LOST
#  10752.606  eve-0 -> server        HELLO    +50 ms
#  10752.606      eve: AddressNeeded
#  10752.656  server -> eve-0        RETRY   +50 ms
#  10752.706  eve-0 -> server        HELLO with message 1   +50 ms
#  10752.756  server -> eve-0        WELCOME   +50 ms
#  10752.806  eve-0 -> server        SEALED 638a #0  HEARTBEAT · ENTRY 0/0 Nick 'eve' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#  10752.806      eve: Connected c7ab
#  10752.831  eve-0 -> server        SEALED 638a #1  ENTRY 0/0 Nick 'eve' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#  10752.856      server: SessionOpened 7172554287530914935 d705 1 False
#  10752.856  server -> eve-0        SEALED 638a #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 65e3 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 7702616831086421965 0 0 0 6ae5 2 416372976223142251 1 · ENTRY 0/2 Roster 2 1 3 [Member d705
#  10752.906  server -> eve-0        SEALED 638a #1  SEEN 1 1   +50 ms
#  10752.906      eve: LinkChanged True 0.09999999999854481
#  10752.906      eve: JoinedRoom 'lobby' NEWEST 0 0 0
#  10752.906      eve: RosterReceived 'lobby' [Attendee d705 'eve' ONLINE]
#  10752.931  eve-0 -> server        SEALED 638a #2  SEEN 0 0 · ACK 0:3   LOST
#  10753.181  server -> eve-0        SEALED 638a #2  SEEN 1 1 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 65e3 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 7702616831086421965 0 0 0 6ae5 2 416372976223142251 1 · ENTRY 0/2 Roster 2 1 3
#  10753.231  eve-0 -> server        SEALED 638a #3  SEEN 2 10 · ACK 0:3   +50 ms
#  10758.231  eve-0 -> server        SEALED 638a #4  SEEN 2 10 · ACK 0:3 · HEARTBEAT   +50 ms
#  10758.281  server -> eve-0        SEALED 638a #3  SEEN 4 1100   +50 ms
#  10763.231  eve-0 -> server        SEALED 638a #5  HEARTBEAT   LOST
#  10763.731  eve-0 -> server        SEALED 638a #6  HEARTBEAT   +50 ms
#  10763.781  server -> eve-0        SEALED 638a #4  SEEN 6 110010   LOST
#  10764.231  eve-0 -> server        SEALED 638a #7  HEARTBEAT   +50 ms
#  10764.281  server -> eve-0        SEALED 638a #5  SEEN 7 1100101   +50 ms
#  10769.231  eve-0 -> server        SEALED 638a #8  HEARTBEAT   +50 ms
#  10769.281  server -> eve-0        SEALED 638a #6  SEEN 8 11001011   +50 ms
#  10774.231  eve-0 -> server        SEALED 638a #9  HEARTBEAT   +50 ms
#  10774.281  server -> eve-0        SEALED 638a #7  SEEN 9 110010111   +50 ms
#  10779.231  eve-0 -> server        SEALED 638a #10  HEARTBEAT   +50 ms
#  10779.281  server -> eve-0        SEALED 638a #8  SEEN 10 1100101111   LOST
#  10779.731  eve-0 -> server        SEALED 638a #11  HEARTBEAT   +50 ms
#  10779.781  server -> eve-0        SEALED 638a #9  SEEN 11 11001011111   +50 ms
#  10784.276  bob-0 -> server        HELLO    +50 ms
#  10784.326  server -> bob-0        RETRY   +50 ms
#  10784.376  bob-0 -> server        HELLO with message 1   +50 ms
#  10784.426  server -> bob-0        WELCOME   +50 ms
#  10784.476  bob-0 -> server        SEALED d763 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#  10784.476      bob: Connected c7ab
#  10784.526      server: SessionOpened 15520474542059287760 0021 1 False
#  10784.526  server -> eve-0        SEALED 638a #10  ENTRY 2/1 Online 0021 'bob'   +50 ms
#  10784.526  server -> bob-0        SEALED d763 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms e430 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 7702616831086421965 0 0 0 6ae5 2 416372976223142251 2 · ENTRY 0/2 Roster 2 2 3 [Member d705
#  10784.576      bob: LinkChanged True 0.09999999999854481
#  10784.576      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#  10784.576      bob: RosterReceived 'lobby' [Attendee d705 'eve' ONLINE, Attendee 0021 'bob' ONLINE]
#  10784.576      eve: MemberChanged 'lobby' 0021 'bob' ONLINE NONE ''
#  10784.601  eve-0 -> server        SEALED 638a #12  SEEN 10 1010000000 · ACK 2:2   LOST
#  10784.601  bob-0 -> server        SEALED d763 #1  SEEN 0 0 · ACK 0:3   +50 ms
#  10784.851  server -> eve-0        SEALED 638a #11  ENTRY 2/1 Online 0021 'bob'   +50 ms
#  10784.926  eve-0 -> server        SEALED 638a #13  SEEN 11 10100000001 · ACK 2:2   +50 ms
#  10789.601  bob-0 -> server        SEALED d763 #2  HEARTBEAT   +50 ms
#  10789.651  server -> bob-0        SEALED d763 #1  SEEN 2 10   +50 ms
#  10789.926  eve-0 -> server        SEALED 638a #14  SEEN 11 10100000001 · ACK 2:2 · HEARTBEAT   +50 ms
#  10789.976  server -> eve-0        SEALED 638a #12  SEEN 14 11001011111100   +50 ms
#  10794.601  bob-0 -> server        SEALED d763 #3  HEARTBEAT   +50 ms
#  10794.651  server -> bob-0        SEALED d763 #2  SEEN 3 101   +50 ms
#  10794.926  eve-0 -> server        SEALED 638a #15  HEARTBEAT   +50 ms
#  10794.976  server -> eve-0        SEALED 638a #13  SEEN 15 110010111111001   LOST
#  10795.426  eve-0 -> server        SEALED 638a #16  HEARTBEAT   +50 ms
#  10795.476  server -> eve-0        SEALED 638a #14  SEEN 16 1100101111110011   +50 ms
#  10799.601  bob-0 -> server        SEALED d763 #4  HEARTBEAT   +50 ms
#  10799.651  server -> bob-0        SEALED d763 #3  SEEN 4 1011   +50 ms
#  10800.426  eve-0 -> server        SEALED 638a #17  HEARTBEAT   LOST
#  10800.926  eve-0 -> server        SEALED 638a #18  HEARTBEAT   LOST
#  10801.023  ==  quit eve  down=0.0
#  10801.023  eve-0 -> server        SEALED 638a #19  ENTRY 0/2 Quit ''   +50 ms
#  10801.048  eve-0 -> server        SEALED 638a #20  ENTRY 0/2 Quit ''   +50 ms
#  10801.073      server: SessionClosed 7172554287530914935 d705 QUIT
#  10801.073  server -> eve-0        SEALED 638a #15  SEEN 19 1100101111110011100 · ACK 0:3 · BYE   LOST
#  10801.073  server -> bob-0        SEALED d763 #4  ENTRY 2/2 Gone d705 1 ''   LOST
#  10801.098  server -> eve-0        SEALED 638a #15, 71 bytes   LOST
