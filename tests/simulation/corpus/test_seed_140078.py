"""Found by seed 140078: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140078,
    hosts=(
        Host('cyd', 'cyd'),
    ),
    deeds=(
        do(3.965, 'nap', 'cyd', seconds=32360.159),
        do(32404.684, 'quit', 'cyd', down=0.0),
    ),
    calm=32405.684,
    core=('cyd',),
    weather={'delay': (0.3, 0.6)},
    limits={'expiry': 120.0},
)

def test_seed_140078_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 82187c07945532e9 11 after 11
#
#      0.000  cyd-0 -> server        HELLO    +302 ms
#      0.302  server -> cyd-0        RETRY   +442 ms
#      0.744  cyd-0 -> server        HELLO with message 1   +397 ms
#      1.141  server -> cyd-0        WELCOME   +585 ms
#      1.726  cyd-0 -> server        SEALED e1a0 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +318 ms
#      1.726      cyd: Connected 58d7
#      2.044      server: SessionOpened 16258239330901457237 73dc 1 False
#      2.044  server -> cyd-0        SEALED e1a0 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 677a 5000 15000 120000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15636605637268301781 0 0 0 d900 2 8717002541756875867 1 · ENTRY 0/2 Roster 2 1 3 [Member 73dc
#      2.609      cyd: LinkChanged True 0.8827943312124944
#      2.609      cyd: JoinedRoom 'lobby' NEWEST 0 0 0
#      2.609      cyd: RosterReceived 'lobby' [Attendee 73dc 'cyd' ONLINE]
#      2.634  cyd-0 -> server        SEALED e1a0 #1  SEEN 0 0 · ACK 0:3   +409 ms
#      3.965  ==  nap cyd  seconds=32360.159
#     18.043      server: SessionReachable 16258239330901457237 73dc False
#    123.043      server: SessionClosed 16258239330901457237 73dc EXPIRED
#    123.043  server -> cyd-0        SEALED e1a0 #1  BYE   LOST
#  32364.124  cyd-0 -> server        SEALED e1a0 #2  HEARTBEAT   +528 ms
#  32364.124      cyd: LinkChanged False 0.8827943312124944
#  32364.124      cyd: AddressNeeded
#  32364.652  server -> cyd-0        RESET   +352 ms
#  32365.004  cyd-0 -> server        HELLO    +495 ms
#  32365.004      cyd: Disconnected NONE
#  32365.500  server -> cyd-0        RETRY   +483 ms
#  32365.982  cyd-0 -> server        HELLO with message 1   +579 ms
#  32366.562  server -> cyd-0        WELCOME   +590 ms
#  32366.982  cyd-0 -> server        HELLO with message 1   +409 ms
#  32367.152  cyd-0 -> server        SEALED 8218 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 15636605637268301781 0 d900   +398 ms
#  32367.152      cyd: Connected 58d7
#  32367.391  server -> cyd-0        WELCOME   +536 ms
#  32367.396  cyd-0 -> server        SEALED 8218 #1  ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 15636605637268301781 0 d900   +384 ms
#  32367.549      server: SessionOpened 9374378996366914281 73dc 1 False
#  32367.549  server -> cyd-0        SEALED 8218 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms e945 5000 15000 120000 2 25 · ENTRY 0/1 Joined 'lobby' 1 3 15636605637268301781 0 0 0 d900 4 543643144419988269 1 · ENTRY 0/2 Roster 4 1 3 [Member 73dc
#  32367.632  server -> cyd-0        SEALED 8218 #1  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms e945 5000 15000 120000 2 25 · ENTRY 0/1 Joined 'lobby' 1 3 15636605637268301781 0 0 0 d900 4 543643144419988269 1 · ENTRY 0/2 Roster 4 1 3 [Member 73dc
#  32367.805  server -> cyd-0        SEALED 8218 #2  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms e945 5000 15000 120000 2 25 · ENTRY 0/1 Joined 'lobby' 1 3 15636605637268301781 0 0 0 d900 4 543643144419988269 1 · ENTRY 0/2 Roster 4 1 3 [Member 73dc
#  32367.927      cyd: LinkChanged True 0.7752189930615714
#  32367.927      cyd: JoinedRoom 'lobby' RESUMED 0 0 0
#  32367.927      cyd: RosterReceived 'lobby' [Attendee 73dc 'cyd' ONLINE]
#  32367.952  cyd-0 -> server        SEALED 8218 #2  SEEN 0 0 · ACK 0:3   +333 ms
#  32368.220  cyd-0 -> server        SEALED 8218 #3  SEEN 1 1 · ACK 0:3   +497 ms
#  32368.279  cyd-0 -> server        SEALED 8218 #4  SEEN 2 11 · ACK 0:3   +437 ms
#  32373.279  cyd-0 -> server        SEALED 8218 #5  SEEN 2 11 · ACK 0:3 · HEARTBEAT   +447 ms
#  32373.727  server -> cyd-0        SEALED 8218 #3  SEEN 5 11000   +308 ms
#  32378.279  cyd-0 -> server        SEALED 8218 #6  HEARTBEAT   +391 ms
#  32378.670  server -> cyd-0        SEALED 8218 #4  SEEN 6 110001   +420 ms
#  32383.279  cyd-0 -> server        SEALED 8218 #7  HEARTBEAT   +443 ms
#  32383.722  server -> cyd-0        SEALED 8218 #5  SEEN 7 1100011   +409 ms
#  32388.279  cyd-0 -> server        SEALED 8218 #8  HEARTBEAT   +423 ms
#  32388.703  server -> cyd-0        SEALED 8218 #6  SEEN 8 11000111   +405 ms
#  32393.279  cyd-0 -> server        SEALED 8218 #9  HEARTBEAT   +348 ms
#  32393.628  server -> cyd-0        SEALED 8218 #7  SEEN 9 110001111   +552 ms
#  32398.279  cyd-0 -> server        SEALED 8218 #10  HEARTBEAT   +471 ms
#  32398.750  server -> cyd-0        SEALED 8218 #8  SEEN 10 1100011111   +402 ms
#  32403.279  cyd-0 -> server        SEALED 8218 #11  HEARTBEAT   +460 ms
#  32403.739  server -> cyd-0        SEALED 8218 #9  SEEN 11 11000111111   +561 ms
#  32404.217  cyd-0 -> server        SEALED 8218 #12  HEARTBEAT   +531 ms
#  32404.684  ==  quit cyd  down=0.0
#  32404.684  cyd-0 -> server        SEALED 8218 #13  ENTRY 0/2 Quit ''   +335 ms
#  32404.748  server -> cyd-0        SEALED 8218 #10  SEEN 12 110001111111   +395 ms
#  32404.895  cyd-0 -> server        SEALED 8218 #14  ENTRY 0/2 Quit ''   +369 ms
#  32405.019      server: SessionClosed 9374378996366914281 73dc QUIT
#  32405.019  server -> cyd-0        SEALED 8218 #11  SEEN 13 1100011111111 · ACK 0:3 · BYE   LOST
#  32405.263  server -> cyd-0        SEALED 8218 #11, 71 bytes   LOST
