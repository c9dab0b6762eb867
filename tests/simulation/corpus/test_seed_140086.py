"""Found by seed 140086: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140086,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(1.0, 'nap', 'ada', seconds=16199.51),
        do(32552.084, 'nap', 'ada', seconds=3599.349),
        do(36201.42, 'forge', 'ada', count=10),
    ),
    calm=36202.42,
    limits={'heartbeat': 60.0},
)

def test_seed_140086_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down b8afc33d9723ca82 39 after 39
#
#  31960.229      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  31960.254  ada-0 -> server        SEALED b8af #57  SEEN 28 1111111111111111111111111111 · ACK 0:3 · ACK 2:527   +50 ms
#  31975.229      ada: LinkChanged False 0.10000000000155573
#  31975.304      server: SessionReachable 13308070093199231618 cd3d False
#  32020.254  ada-0 -> server        SEALED b8af #58  HEARTBEAT   +50 ms
#  32020.304      server: SessionReachable 13308070093199231618 cd3d True
#  32020.304  server -> ada-0        SEALED b8af #29  SEEN 58 1010101010101010101010101010101010101010101010101010101010 · ENTRY 2/527 Unreachable cd3d · ENTRY 2/528 Online cd3d 'ada'   +50 ms
#  32020.354      ada: LinkChanged True 0.10000000000208886
#  32020.354      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32020.354      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32020.379  ada-0 -> server        SEALED b8af #59  SEEN 29 11111111111111111111111111111 · ACK 0:3 · ACK 2:529   +50 ms
#  32035.354      ada: LinkChanged False 0.10000000000208886
#  32035.429      server: SessionReachable 13308070093199231618 cd3d False
#  32080.379  ada-0 -> server        SEALED b8af #60  HEARTBEAT   +50 ms
#  32080.429      server: SessionReachable 13308070093199231618 cd3d True
#  32080.429  server -> ada-0        SEALED b8af #30  SEEN 60 101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/529 Unreachable cd3d · ENTRY 2/530 Online cd3d 'ada'   +50 ms
#  32080.479      ada: LinkChanged True 0.10000000000255535
#  32080.479      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32080.479      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32080.504  ada-0 -> server        SEALED b8af #61  SEEN 30 111111111111111111111111111111 · ACK 0:3 · ACK 2:531   +50 ms
#  32095.479      ada: LinkChanged False 0.10000000000255535
#  32095.554      server: SessionReachable 13308070093199231618 cd3d False
#  32140.504  ada-0 -> server        SEALED b8af #62  HEARTBEAT   +50 ms
#  32140.554      server: SessionReachable 13308070093199231618 cd3d True
#  32140.554  server -> ada-0        SEALED b8af #31  SEEN 62 10101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/531 Unreachable cd3d · ENTRY 2/532 Online cd3d 'ada'   +50 ms
#  32140.604      ada: LinkChanged True 0.10000000000296352
#  32140.604      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32140.604      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32140.629  ada-0 -> server        SEALED b8af #63  SEEN 31 1111111111111111111111111111111 · ACK 0:3 · ACK 2:533   +50 ms
#  32155.604      ada: LinkChanged False 0.10000000000296352
#  32155.679      server: SessionReachable 13308070093199231618 cd3d False
#  32200.629  ada-0 -> server        SEALED b8af #64  HEARTBEAT   +50 ms
#  32200.679      server: SessionReachable 13308070093199231618 cd3d True
#  32200.679  server -> ada-0        SEALED b8af #32  SEEN 64 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/533 Unreachable cd3d · ENTRY 2/534 Online cd3d 'ada'   +50 ms
#  32200.729      ada: LinkChanged True 0.10000000000332068
#  32200.729      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32200.729      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32200.754  ada-0 -> server        SEALED b8af #65  SEEN 32 11111111111111111111111111111111 · ACK 0:3 · ACK 2:535   +50 ms
#  32215.729      ada: LinkChanged False 0.10000000000332068
#  32215.804      server: SessionReachable 13308070093199231618 cd3d False
#  32260.754  ada-0 -> server        SEALED b8af #66  HEARTBEAT   +50 ms
#  32260.804      server: SessionReachable 13308070093199231618 cd3d True
#  32260.804  server -> ada-0        SEALED b8af #33  SEEN 66 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/535 Unreachable cd3d · ENTRY 2/536 Online cd3d 'ada'   +50 ms
#  32260.854      ada: LinkChanged True 0.1000000000036332
#  32260.854      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32260.854      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32260.879  ada-0 -> server        SEALED b8af #67  SEEN 33 111111111111111111111111111111111 · ACK 0:3 · ACK 2:537   +50 ms
#  32275.854      ada: LinkChanged False 0.1000000000036332
#  32275.929      server: SessionReachable 13308070093199231618 cd3d False
#  32320.879  ada-0 -> server        SEALED b8af #68  HEARTBEAT   +50 ms
#  32320.929      server: SessionReachable 13308070093199231618 cd3d True
#  32320.929  server -> ada-0        SEALED b8af #34  SEEN 68 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/537 Unreachable cd3d · ENTRY 2/538 Online cd3d 'ada'   +50 ms
#  32320.979      ada: LinkChanged True 0.10000000000390664
#  32320.979      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32320.979      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32321.004  ada-0 -> server        SEALED b8af #69  SEEN 34 1111111111111111111111111111111111 · ACK 0:3 · ACK 2:539   +50 ms
#  32335.979      ada: LinkChanged False 0.10000000000390664
#  32336.054      server: SessionReachable 13308070093199231618 cd3d False
#  32381.004  ada-0 -> server        SEALED b8af #70  HEARTBEAT   +50 ms
#  32381.054      server: SessionReachable 13308070093199231618 cd3d True
#  32381.054  server -> ada-0        SEALED b8af #35  SEEN 70 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/539 Unreachable cd3d · ENTRY 2/540 Online cd3d 'ada'   +50 ms
#  32381.104      ada: LinkChanged True 0.10000000000414591
#  32381.104      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32381.104      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32381.129  ada-0 -> server        SEALED b8af #71  SEEN 35 11111111111111111111111111111111111 · ACK 0:3 · ACK 2:541   +50 ms
#  32396.104      ada: LinkChanged False 0.10000000000414591
#  32396.179      server: SessionReachable 13308070093199231618 cd3d False
#  32441.129  ada-0 -> server        SEALED b8af #72  HEARTBEAT   +50 ms
#  32441.179      server: SessionReachable 13308070093199231618 cd3d True
#  32441.179  server -> ada-0        SEALED b8af #36  SEEN 72 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/541 Unreachable cd3d · ENTRY 2/542 Online cd3d 'ada'   +50 ms
#  32441.229      ada: LinkChanged True 0.10000000000435527
#  32441.229      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32441.229      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32441.254  ada-0 -> server        SEALED b8af #73  SEEN 36 111111111111111111111111111111111111 · ACK 0:3 · ACK 2:543   +50 ms
#  32456.229      ada: LinkChanged False 0.10000000000435527
#  32456.304      server: SessionReachable 13308070093199231618 cd3d False
#  32501.254  ada-0 -> server        SEALED b8af #74  HEARTBEAT   +50 ms
#  32501.304      server: SessionReachable 13308070093199231618 cd3d True
#  32501.304  server -> ada-0        SEALED b8af #37  SEEN 74 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/543 Unreachable cd3d · ENTRY 2/544 Online cd3d 'ada'   +50 ms
#  32501.354      ada: LinkChanged True 0.10000000000453846
#  32501.354      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  32501.354      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  32501.379  ada-0 -> server        SEALED b8af #75  SEEN 37 1111111111111111111111111111111111111 · ACK 0:3 · ACK 2:545   +50 ms
#  32516.354      ada: LinkChanged False 0.10000000000453846
#  32516.429      server: SessionReachable 13308070093199231618 cd3d False
#  32552.084  ==  nap ada  seconds=3599.349
#  36151.433  ada-0 -> server        SEALED b8af #76  HEARTBEAT   +50 ms
#  36151.433      ada: AddressNeeded
#  36151.483      server: SessionReachable 13308070093199231618 cd3d True
#  36151.483  server -> ada-0        SEALED b8af #38  SEEN 76 1010101010101010101010101010101010101010101010101010101010101010 · ENTRY 2/545 Unreachable cd3d · ENTRY 2/546 Online cd3d 'ada'   +50 ms
#  36151.533  ada-0 -> server        HELLO    +50 ms
#  36151.533      ada: LinkChanged True 0.10000000000469875
#  36151.533      ada: MemberChanged 'lobby' cd3d 'ada' UNREACHABLE NONE ''
#  36151.533      ada: MemberChanged 'lobby' cd3d 'ada' ONLINE NONE ''
#  36151.558  ada-0 -> server        SEALED b8af #77  SEEN 38 11111111111111111111111111111111111111 · ACK 0:3 · ACK 2:547   +50 ms
#  36151.583  server -> ada-0        RETRY   +50 ms
#  36151.633  ada-0 -> server        HELLO with message 1   +50 ms
#  36151.683  server -> ada-0        WELCOME   +50 ms
#  36151.733  ada-0 -> server        SEALED 2110 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 14332451114910589925 0 c6e7   +50 ms
#  36151.783      server: SessionClosed 13308070093199231618 cd3d REPLACED
#  36151.783      server: SessionOpened 2382447433974770807 cd3d 1 True
#  36151.783  server -> ada-0        SEALED b8af #39  BYE   +50 ms
#  36151.783  server -> ada-0        SEALED 2110 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 227b 60000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 14332451114910589925 0 0 0 c6e7 2 18031362486868351725 547 · ENTRY 0/2 Roster 2 547 3 [Mem
#  36151.858  ada-0 -> server        SEALED 2110 #1  SEEN 0 0 · ACK 0:3   +50 ms
#  36166.833      ada: LinkChanged False 0.10000000000582077
#  36166.908      server: SessionReachable 2382447433974770807 cd3d False
#  36201.420  ==  forge ada  count=10
#  36201.420  up ada-0: 105 bytes come that nobody sent so
#  36201.420  up ada-0: 51 bytes come that nobody sent so
#  36201.420  up ada-0: 104 bytes come that nobody sent so
#  36201.420  up ada-0: 63 bytes come that nobody sent so
#  36201.420  up ada-0: 69 bytes come that nobody sent so
#  36201.420  up ada-0: 98 bytes come that nobody sent so
#  36201.420  up ada-0: 65 bytes come that nobody sent so
#  36201.420  up ada-0: 49 bytes come that nobody sent so
#  36201.420  down ada-0: 105 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 106 bytes come that nobody sent so
#  36201.420  down ada-0: 51 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 304 bytes come that nobody sent so
#  36201.420  down ada-0: 104 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 564 bytes come that nobody sent so
#  36201.420  down ada-0: 63 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 534 bytes come that nobody sent so
#  36201.420  down ada-0: 69 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 488 bytes come that nobody sent so
#  36201.420  down ada-0: 10 bytes come that nobody sent so
#  36201.420  down ada-0: 12 bytes come that nobody sent so
#  36201.420  down ada-0: 111 bytes come that nobody sent so
#  36201.420  down ada-0: 75 bytes come that nobody sent so
#  36201.420  down ada-0: 467 bytes come that nobody sent so
#  36201.420  down ada-0: 98 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 603 bytes come that nobody sent so
#  36201.420  down ada-0: 10 bytes come that nobody sent so
#  36201.420  down ada-0: 12 bytes come that nobody sent so
#  36201.420  down ada-0: 111 bytes come that nobody sent so
#  36201.420  down ada-0: 75 bytes come that nobody sent so
#  36201.420  down ada-0: 338 bytes come that nobody sent so
#  36201.420  down ada-0: 65 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 697 bytes come that nobody sent so
#  36201.420  down ada-0: 49 bytes come that nobody sent so
#  36201.420  down ada-0: 25 bytes come that nobody sent so
#  36201.420  down ada-0: 362 bytes come that nobody sent so
#  36201.420  server -> ada-0        SEALED b8af #39, 37 bytes   LOST
