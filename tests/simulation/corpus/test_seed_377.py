"""Found by seed 377: all converges (UC-REPAIR-2, UC-LIVE-1, UC-SESS-3, UC-SESS-10, UC-SHAKE-5, UC-PRES-3, UC-PATH-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=377,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(0.099, 'talk', 'bob', room='lobby', count=30, size=0),
        do(2.093, 'part', 'bob', room='lobby'),
        do(2.716, 'nap', 'bob', seconds=3599.106),
        do(3603.88, 'join', 'bob', room='lobby'),
    ),
    calm=3604.88,
    core=('bob',),
    weather={'loss': 0.5},
)

def test_seed_377_all_converges() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: after 263 s: bob is at 28 of 30 in lobby
#
#      0.000  bob-0 -> server        HELLO    +50 ms
#      0.050  server -> bob-0        RETRY   LOST
#      0.099  ==  talk bob  room='lobby', count=30, size=0
#      1.000  bob-0 -> server        HELLO    +50 ms
#      1.050  server -> bob-0        RETRY   +50 ms
#      1.100  bob-0 -> server        HELLO with message 1   +50 ms
#      1.150  server -> bob-0        WELCOME   +50 ms
#      1.200  bob-0 -> server        SEALED cb94 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 889095052439947690 0 'bob 0' · ENTRY 0/3 Say 'lobby' 17491595827417205125 0 'bob 1' · ENTRY 0/4
#      1.200      bob: Connected 01b7
#      1.225  bob-0 -> server        SEALED cb94 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 889095052439947690 0 'bob 0' · ENTRY 0/3 Say 'lobby' 17491595827417205125 0 'bob 1' · ENTRY 0/4 Say 'lobby'
#      1.250      server: SessionOpened 14669469782143161221 34b0 1 False
#      1.250  server -> bob-0        SEALED cb94 #0  SEEN 0 0 · ACK 0:10 · ENTRY 0/0 Terms 8875 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 7133482126987287487 0 0 0 62ff 2 1574885514480662999 1 · ENTRY 0/2 Roster 2 1 3 [Member 34
#      1.300  server -> bob-0        SEALED cb94 #1  SEEN 1 1 · ACK 0:10   LOST
#      1.550  bob-0 -> server        SEALED cb94 #2  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 889095052439947690 0 'bob 0' · ENTRY 0/3 Say 'lobby' 17491595827417205125 0 'bob 1' · ENTRY 0/4 Say 'lobby'
#      1.575  server -> bob-0        SEALED cb94 #2  ACK 0:10 · ENTRY 0/0 Terms 8875 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 7133482126987287487 0 0 0 62ff 2 1574885514480662999 1 · ENTRY 0/2 Roster 2 1 3 [Member 34b0 1 'bob']
#      1.575  bob-0 -> server        SEALED cb94 #3  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 889095052439947690 0 'bob 0' · ENTRY 0/3 Say 'lobby' 17491595827417205125 0 'bob 1' · ENTRY 0/4 Say 'lobby'
#      1.625  bob-0 -> server        SEALED cb94 #4  SEEN 2 0 · ACK 0:3 · ACK 1:8 · ENTRY 0/10 Say 'lobby' 15358876520890576516 0 'bob 8' · ENTRY 0/11 Say 'lobby' 2657226179866152017 0 'bob 9' · ENTRY 0/12 Say 'lobby' 8441858562618012824 0 'b
#      1.625      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#      1.625      bob: RosterReceived 'lobby' [Attendee 34b0 'bob' ONLINE]
#      1.625      bob: LinkChanged True None
#      1.625      bob: ChatReceived 'lobby' 0 34b0 'bob' 889095052439947690 1001250 'bob 0' 'bob 0' False False
#      1.625      bob: Sent 'lobby' 889095052439947690 0
#      1.625      bob: ChatReceived 'lobby' 1 34b0 'bob' 17491595827417205125 1001250 'bob 1' 'bob 1' False False
#      1.625      bob: Sent 'lobby' 17491595827417205125 1
#      1.625      bob: ChatReceived 'lobby' 2 34b0 'bob' 4275325984904070320 1001250 'bob 2' 'bob 2' False False
#      1.625      bob: Sent 'lobby' 4275325984904070320 2
#      1.625      bob: ChatReceived 'lobby' 3 34b0 'bob' 1881972993504453568 1001250 'bob 3' 'bob 3' False False
#      1.625      bob: Sent 'lobby' 1881972993504453568 3
#      1.625      bob: ChatReceived 'lobby' 4 34b0 'bob' 17197262758972783498 1001250 'bob 4' 'bob 4' False False
#      1.625      bob: Sent 'lobby' 17197262758972783498 4
#      1.625      bob: ChatReceived 'lobby' 5 34b0 'bob' 13031485988446718011 1001250 'bob 5' 'bob 5' False False
#      1.625      bob: Sent 'lobby' 13031485988446718011 5
#      1.625      bob: ChatReceived 'lobby' 6 34b0 'bob' 13967986236606788454 1001250 'bob 6' 'bob 6' False False
#      1.625      bob: Sent 'lobby' 13967986236606788454 6
#      1.625      bob: ChatReceived 'lobby' 7 34b0 'bob' 10100181638359502882 1001250 'bob 7' 'bob 7' False False
#      1.625      bob: Sent 'lobby' 10100181638359502882 7
#      1.650  server -> bob-0        SEALED cb94 #3  SEEN 3 110 · ACK 0:10   +50 ms
#      1.650  bob-0 -> server        SEALED cb94 #5  ACK 0:3 · ACK 1:8 · ENTRY 0/10 Say 'lobby' 15358876520890576516 0 'bob 8' · ENTRY 0/11 Say 'lobby' 2657226179866152017 0 'bob 9' · ENTRY 0/12 Say 'lobby' 8441858562618012824 0 'bob 10' · EN
#      1.700  server -> bob-0        SEALED cb94 #4  SEEN 5 11010 · ACK 0:18 · ENTRY 1/8 Chat 34b0 'bob' 15358876520890576516 1001700 0 'bob 8' · ENTRY 1/9 Chat 34b0 'bob' 2657226179866152017 1001700 0 'bob 9' · ENTRY 1/10 Chat 34b0 'bob' 844
#      2.025  server -> bob-0        SEALED cb94 #5  ACK 0:18 · HEARTBEAT · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 42753259
#      2.050  bob-0 -> server        SEALED cb94 #6  ACK 0:3 · ACK 1:8 · ENTRY 0/10 Say 'lobby' 15358876520890576516 0 'bob 8' · ENTRY 0/11 Say 'lobby' 2657226179866152017 0 'bob 9' · ENTRY 0/12 Say 'lobby' 8441858562618012824 0 'bob 10' · EN
#      2.081  bob-0 -> server        SEALED cb94 #7  ACK 0:3 · ACK 1:8 · ENTRY 0/10 Say 'lobby' 15358876520890576516 0 'bob 8' · ENTRY 0/11 Say 'lobby' 2657226179866152017 0 'bob 9' · ENTRY 0/12 Say 'lobby' 8441858562618012824 0 'bob 10' · EN
#      2.093  ==  part bob  room='lobby'
#      2.350  server -> bob-0        SEALED cb94 #6  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#      2.400  bob-0 -> server        SEALED cb94 #8  SEEN 6 1000 · ACK 0:3 · ACK 1:16 · ENTRY 0/18 Say 'lobby' 2231562286783378104 0 'bob 16' · ENTRY 0/19 Say 'lobby' 16573788609201538047 0 'bob 17' · ENTRY 0/20 Say 'lobby' 893785342018816807
#      2.400      bob: ChatReceived 'lobby' 8 34b0 'bob' 15358876520890576516 1001700 'bob 8' 'bob 8' False False
#      2.400      bob: Sent 'lobby' 15358876520890576516 8
#      2.400      bob: ChatReceived 'lobby' 9 34b0 'bob' 2657226179866152017 1001700 'bob 9' 'bob 9' False False
#      2.400      bob: Sent 'lobby' 2657226179866152017 9
#      2.400      bob: ChatReceived 'lobby' 10 34b0 'bob' 8441858562618012824 1001700 'bob 10' 'bob 10' False False
#      2.400      bob: Sent 'lobby' 8441858562618012824 10
#      2.400      bob: ChatReceived 'lobby' 11 34b0 'bob' 18093520126522157250 1001700 'bob 11' 'bob 11' False False
#      2.400      bob: Sent 'lobby' 18093520126522157250 11
#      2.400      bob: ChatReceived 'lobby' 12 34b0 'bob' 11885686044868607309 1001700 'bob 12' 'bob 12' False False
#      2.400      bob: Sent 'lobby' 11885686044868607309 12
#      2.400      bob: ChatReceived 'lobby' 13 34b0 'bob' 18314142943123703604 1001700 'bob 13' 'bob 13' False False
#      2.400      bob: Sent 'lobby' 18314142943123703604 13
#      2.400      bob: ChatReceived 'lobby' 14 34b0 'bob' 12884511865454585989 1001700 'bob 14' 'bob 14' False False
#      2.400      bob: Sent 'lobby' 12884511865454585989 14
#      2.400      bob: ChatReceived 'lobby' 15 34b0 'bob' 18289711022841837861 1001700 'bob 15' 'bob 15' False False
#      2.400      bob: Sent 'lobby' 18289711022841837861 15
#      2.431  bob-0 -> server        SEALED cb94 #9  ACK 0:3 · ACK 1:16 · ENTRY 0/18 Say 'lobby' 2231562286783378104 0 'bob 16' · ENTRY 0/19 Say 'lobby' 16573788609201538047 0 'bob 17' · ENTRY 0/20 Say 'lobby' 8937853420188168070 0 'bob 18' ·
#      2.675  server -> bob-0        SEALED cb94 #7  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#      2.716  ==  nap bob  seconds=3599.106
#      3.000  server -> bob-0        SEALED cb94 #8  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#      3.650  server -> bob-0        SEALED cb94 #9  ACK 0:18 · HEARTBEAT   LOST
#      4.950  server -> bob-0        SEALED cb94 #10  ACK 0:18 · HEARTBEAT   LOST
#      7.550  server -> bob-0        SEALED cb94 #11  ACK 0:18 · HEARTBEAT   LOST
#     10.550  server -> bob-0        SEALED cb94 #12  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#     13.550  server -> bob-0        SEALED cb94 #13  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#     16.550  server -> bob-0        SEALED cb94 #14  ACK 0:18 · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0 'bob' 17491595827417205125 1001250 0 'bob 1' · ENTRY 1/2 Chat 34b0 'bob' 4275325984904070320
#     16.700      server: SessionReachable 14669469782143161221 34b0 False
#   3601.822  bob-0 -> server        SEALED cb94 #10  ACK 0:3 · ACK 1:16 · HEARTBEAT · ENTRY 0/18 Say 'lobby' 2231562286783378104 0 'bob 16' · ENTRY 0/19 Say 'lobby' 16573788609201538047 0 'bob 17' · ENTRY 0/20 Say 'lobby' 8937853420188168070
#   3601.822      bob: LinkChanged False 0.12499999999988631
#   3601.822      bob: AddressNeeded
#   3603.880  ==  join bob  room='lobby'
#   3606.822  bob-0 -> server        SEALED cb94 #11  ACK 0:3 · ACK 1:16 · HEARTBEAT · ENTRY 0/26 Join 'lobby' 50 0 0 0000 · ENTRY 0/18 Say 'lobby' 2231562286783378104 0 'bob 16' · ENTRY 0/19 Say 'lobby' 16573788609201538047 0 'bob 17' · ENTR
#   3606.871      server: SessionReachable 14669469782143161221 34b0 True
#   3606.871  server -> bob-0        SEALED cb94 #15  SEEN 11 11010100000 · ACK 0:27 · HEARTBEAT · ENTRY 2/1 Unreachable 34b0 · ENTRY 2/2 Online 34b0 'bob' · ENTRY 1/0 Chat 34b0 'bob' 889095052439947690 1001250 0 'bob 0' · ENTRY 1/1 Chat 34b0
#   3606.871  server -> bob-0        SEALED cb94 #16  ACK 0:27 · ENTRY 1/20 Chat 34b0 'bob' 7381549678008746 4606871 0 'bob 20' · ENTRY 1/21 Chat 34b0 'bob' 7561980629431641772 4606871 0 'bob 21' · ENTRY 1/22 Chat 34b0 'bob' 81169753211363710
#   3606.916  bob-0 -> server        SEALED cb94 #12  SEEN 16 10001000000001 · ACK 1:24 · ACK 2:3 · ENTRY 0/27 Say 'lobby' 11714491978077285115 0 'bob 24' · ENTRY 0/28 Say 'lobby' 606041377616371466 0 'bob 25' · ENTRY 0/29 Say 'lobby' 1660382
#   3606.916      bob: LinkChanged True 0.12106551743308103
#   3606.916      bob: ChatReceived 'lobby' 16 34b0 'bob' 2231562286783378104 4606871 'bob 16' 'bob 16' False False
#   3606.916      bob: Sent 'lobby' 2231562286783378104 16
#   3606.916      bob: ChatReceived 'lobby' 17 34b0 'bob' 16573788609201538047 4606871 'bob 17' 'bob 17' False False
#   3606.916      bob: Sent 'lobby' 16573788609201538047 17
#   3606.916      bob: ChatReceived 'lobby' 18 34b0 'bob' 8937853420188168070 4606871 'bob 18' 'bob 18' False False
#   3606.916      bob: Sent 'lobby' 8937853420188168070 18
#   3606.916      bob: ChatReceived 'lobby' 19 34b0 'bob' 688728218956959493 4606871 'bob 19' 'bob 19' False False
#   3606.916      bob: Sent 'lobby' 688728218956959493 19
#   3606.916      bob: MemberChanged 'lobby' 34b0 'bob' UNREACHABLE NONE ''
#   3606.916      bob: MemberChanged 'lobby' 34b0 'bob' ONLINE NONE ''
#   3606.916      bob: ChatReceived 'lobby' 20 34b0 'bob' 7381549678008746 4606871 'bob 20' 'bob 20' False False
#   3606.916      bob: Sent 'lobby' 7381549678008746 20
#   3606.916      bob: ChatReceived 'lobby' 21 34b0 'bob' 7561980629431641772 4606871 'bob 21' 'bob 21' False False
#   3606.916      bob: Sent 'lobby' 7561980629431641772 21
#   3606.916      bob: ChatReceived 'lobby' 22 34b0 'bob' 81169753211363710 4606871 'bob 22' 'bob 22' False False
#   3606.916      bob: Sent 'lobby' 81169753211363710 22
#   3606.916      bob: ChatReceived 'lobby' 23 34b0 'bob' 11290447255840777913 4606871 'bob 23' 'bob 23' False False
#   3606.916      bob: Sent 'lobby' 11290447255840777913 23
#   3606.946  bob-0 -> server        SEALED cb94 #13  ACK 1:24 · ACK 2:3 · ENTRY 0/27 Say 'lobby' 11714491978077285115 0 'bob 24' · ENTRY 0/28 Say 'lobby' 606041377616371466 0 'bob 25' · ENTRY 0/29 Say 'lobby' 16603827846721386217 0 'bob 26'
#   3606.965  server -> bob-0        SEALED cb94 #17  SEEN 12 110101000001 · ACK 0:34 · ENTRY 0/3 Parted 'lobby' 21   +28 ms
#   3606.993      bob: PartedRoom 'lobby' PARTED
#   3607.018  bob-0 -> server        SEALED cb94 #14  SEEN 17 100010000000011 · ACK 0:4   +30 ms
#   3607.018  server -> bob-0        SEALED cb94 #18  SEEN 13 1101010000011 · ACK 0:34   +47 ms
#   3612.018  bob-0 -> server        SEALED cb94 #15  ACK 0:4 · HEARTBEAT   +48 ms
#   3612.091  server -> bob-0        SEALED cb94 #19  SEEN 15 110101000001110   +21 ms
#   3617.018  bob-0 -> server        SEALED cb94 #16  HEARTBEAT   +24 ms
#   3617.068  server -> bob-0        SEALED cb94 #20  SEEN 16 1101010000011101   +22 ms
#   3622.018  bob-0 -> server        SEALED cb94 #17  HEARTBEAT   +46 ms
