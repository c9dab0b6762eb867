"""Found by seed 120097: what a message costs (UC-REPAIR-4, UC-REPAIR-5, UC-REPAIR-9, UC-LOG-8, UC-SHAKE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=120097,
    hosts=(
        Host('bob', 'bob'),
    ),
    deeds=(
        do(10.053, 'move', 'bob', silent=True),
        do(10.053, 'talk', 'bob', room='lobby', count=30, size=0),
        do(10.213, 'move', 'bob', silent=False),
        do(11.213, 'store_fails', '', seconds=9.4, share=1.0),
        do(16.058, 'weather', '', way='both', seconds=2.829, conditions={'loss': 0.05, 'delay': (0.05, 0.05)}),
    ),
    calm=22.327,
    core=('bob',),
    weather={'delay': (1.0, 3.0)},
    limits={'heartbeat': 1.0, 'timeout': 3.0},
)

def test_seed_120097_what_a_message_costs() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: 34399 bytes, and 32227 are enough
#
#     14.324  server -> bob-0        SEALED a994 #17  SEEN 9 111111111 · ACK 0:2 · ENTRY 0/0 Terms d23c 1000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 3822185560552037247 0 0 0 350b 2 8375519011224456377 1 · ENTRY 0/2 Roster 2 1 3 [Me
#     14.324  server -> bob-2        SEALED a994 #18  CHALLENGE · ENTRY 0/0 Terms d23c 1000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 3822185560552037247 0 0 0 350b 2 8375519011224456377 1 · ENTRY 0/2 Roster 2 1 3 [Member 3540 1 'bob'
#     14.412  bob-2 -> server        SEALED a994 #16  SEEN 7 100 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     14.599  bob-2 -> server        SEALED a994 #17  SEEN 7 100 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     14.787  bob-2 -> server        SEALED a994 #18  SEEN 7 100 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     14.974  bob-2 -> server        SEALED a994 #19  SEEN 7 100 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     15.162  bob-2 -> server        SEALED a994 #20  SEEN 7 100 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     15.260  bob-2 -> server        SEALED a994 #21  RESPONSE   +2203 ms
#     15.285  bob-2 -> server        SEALED a994 #22  SEEN 9 10010 · ACK 0:11 · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220119363858807 0 'b
#     15.324  server -> bob-0        SEALED a994 #19  SEEN 9 111111111 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms d23c 1000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 3822185560552037247 0 0 0 350b 2 8375519011224456377 1 · ENTRY 0/2 Rost
#     15.324  server -> bob-2        SEALED a994 #20  CHALLENGE · ENTRY 0/0 Terms d23c 1000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 3822185560552037247 0 0 0 350b 2 8375519011224456377 1 · ENTRY 0/2 Roster 2 1 3 [Member 3540 1 'bob'
#     15.472  bob-2 -> server        SEALED a994 #23  SEEN 9 10010 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 1314022011936
#     15.496  bob-2 -> server        SEALED a994 #24  RESPONSE   +2365 ms
#     15.521  bob-2 -> server        SEALED a994 #25  SEEN 13 100101000 · ACK 0:11 · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220119363858807
#     15.573  server -> bob-2        SEALED a994 #21  SEEN 11 11111111111 · ACK 0:2   +2564 ms
#     15.709  bob-2 -> server        SEALED a994 #26  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     15.896  bob-2 -> server        SEALED a994 #27  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     15.898  server -> bob-2        SEALED a994 #22  SEEN 13 1111111111111 · ACK 0:10   +2363 ms
#     16.001  server -> bob-2        SEALED a994 #23  SEEN 14 11111111111111 · ACK 0:10   +2260 ms
#     16.058  ==  weather -  way='both', seconds=2.829, conditions={'loss': 0.05, 'delay': (0.05, 0.05)}
#     16.084  bob-2 -> server        SEALED a994 #28  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     16.271  bob-2 -> server        SEALED a994 #29  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     16.459  bob-2 -> server        SEALED a994 #30  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     16.646  bob-2 -> server        SEALED a994 #31  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     16.762  server -> bob-2        SEALED a994 #24  SEEN 15 111111111111111 · ACK 0:10   +1499 ms
#     16.834  bob-2 -> server        SEALED a994 #32  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     17.021  bob-2 -> server        SEALED a994 #33  SEEN 13 100101000 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 13140220
#     17.043  bob-2 -> server        SEALED a994 #34  SEEN 18 10010100010010 · ACK 0:11 · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131402201193638
#     17.043  bob-2 -> server        SEALED a994 #35  RESPONSE   +1280 ms
#     17.043  bob-2 -> server        SEALED a994 #36  RESPONSE   +1280 ms
#     17.100  server -> bob-2        SEALED a994 #25  SEEN 16 1111111111111111 · ACK 0:10   +1161 ms
#     17.231  bob-2 -> server        SEALED a994 #37  SEEN 18 10010100010010 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131
#     17.418  bob-2 -> server        SEALED a994 #38  SEEN 18 10010100010010 · ACK 0:11 · HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Say 'lobby' 15048742332909099090 0 'bob 0' · ENTRY 0/3 Say 'lobby' 131
#     17.463  server -> bob-2        SEALED a994 #26  SEEN 21 111111111111111111111 · ACK 0:10   +799 ms
#     17.606  bob-2 -> server        SEALED a994 #39  SEEN 18 10010100010010 · ACK 0:11 · HEARTBEAT · PADDING   +718 ms
#     17.793  bob-2 -> server        SEALED a994 #40  SEEN 18 10010100010010 · ACK 0:11 · HEARTBEAT · PADDING   +530 ms
#     17.861  server -> bob-2        SEALED a994 #27  SEEN 25 1111111111111111111111111 · ACK 0:10   +400 ms
#     17.981  bob-2 -> server        SEALED a994 #41  SEEN 18 10010100010010 · ACK 0:11 · HEARTBEAT · PADDING   +343 ms
#     18.137  bob-2 -> server        SEALED a994 #42  RESPONSE   +186 ms
#     18.162  bob-2 -> server        SEALED a994 #43  SEEN 20 1001010001001010   +161 ms
#     18.261  bob-2 -> server        SEALED a994 #44  ENTRY 0/10 Say 'lobby' 10037038356474462907 0 'bob 8' · ENTRY 0/11 Say 'lobby' 9634847412180132697 0 'bob 9' · ENTRY 0/12 Say 'lobby' 4875571399157154171 0 'bob 10' · ENTRY 0/13 Say 'lobby
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323      server: StoreTrouble 'the disk is full'
#     18.323  server -> bob-2        SEALED a994 #28  SEEN 44 11111111111111111111111111111111111111111110 · ACK 0:10 · ENTRY 0/11 Failed 10 19 'the disk is full' · ENTRY 0/12 Failed 11 19 'the disk is full' · ENTRY 0/13 Failed 12 19 'the dis
#     18.373      bob: CommandFailed SAY 'lobby' 10037038356474462907 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 9634847412180132697 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 4875571399157154171 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 14707516499006177508 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 14264964900624584415 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 3116241082045039063 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 16745296552244493014 STORAGE 'the disk is full'
#     18.373      bob: CommandFailed SAY 'lobby' 3967466205563128808 STORAGE 'the disk is full'
#     18.398  bob-2 -> server        SEALED a994 #45  SEEN 28 100101000100101010000000 · ACK 0:19   +50 ms
#     18.407  server -> bob-2        SEALED a994 #29  SEEN 44 11111111111111111111111111111111111111111110 · ACK 0:10 · ENTRY 0/11 Failed 10 19 'the disk is full' · ENTRY 0/12 Failed 11 19 'the disk is full' · ENTRY 0/13 Failed 12 19 'the dis
#     18.473  server -> bob-2        SEALED a994 #30  SEEN 44 11111111111111111111111111111111111111111110 · ACK 0:18   +50 ms
#     18.482  bob-2 -> server        SEALED a994 #46  SEEN 29 1001010001001010100000001 · ACK 0:19   +50 ms
#     18.523  bob-2 -> server        SEALED a994 #47  ENTRY 0/18 Say 'lobby' 2115713598348382546 0 'bob 16' · ENTRY 0/19 Say 'lobby' 2599155791355124365 0 'bob 17' · ENTRY 0/20 Say 'lobby' 3913098861062479538 0 'bob 18' · ENTRY 0/21 Say 'lobb
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573      server: StoreTrouble 'the disk is full'
#     18.573  server -> bob-2        SEALED a994 #31  SEEN 47 11111111111111111111111111111111111111111110100 · ACK 0:18 · ENTRY 0/19 Failed 18 19 'the disk is full' · ENTRY 0/20 Failed 19 19 'the disk is full' · ENTRY 0/21 Failed 20 19 'the
#     18.605  server -> bob-2        SEALED a994 #32  SEEN 47 11111111111111111111111111111111111111111110100 · ACK 0:18 · ENTRY 0/19 Failed 18 19 'the disk is full' · ENTRY 0/20 Failed 19 19 'the disk is full' · ENTRY 0/21 Failed 20 19 'the
#     18.623      bob: CommandFailed SAY 'lobby' 2115713598348382546 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 2599155791355124365 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 3913098861062479538 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 4135156485641715220 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 7972510982720732818 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 9651980953061878028 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 927252091695997278 STORAGE 'the disk is full'
#     18.623      bob: CommandFailed SAY 'lobby' 10342997435591467166 STORAGE 'the disk is full'
#     18.648  bob-2 -> server        SEALED a994 #48  SEEN 31 100101000100101010000000110 · ACK 0:27   +50 ms
#     18.680  bob-2 -> server        SEALED a994 #49  SEEN 32 1001010001001010100000001101 · ACK 0:27   +50 ms
#     18.723  server -> bob-2        SEALED a994 #33  SEEN 47 11111111111111111111111111111111111111111110100 · ACK 0:26   +50 ms
#     18.773  bob-2 -> server        SEALED a994 #50  ENTRY 0/26 Say 'lobby' 9804671265507175783 0 'bob 24' · ENTRY 0/27 Say 'lobby' 3481157901234006680 0 'bob 25' · ENTRY 0/28 Say 'lobby' 3353247264759728847 0 'bob 26' · ENTRY 0/29 Say 'lobb
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823      server: StoreTrouble 'the disk is full'
#     18.823  server -> bob-2        SEALED a994 #34  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     18.855  server -> bob-2        SEALED a994 #35  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     18.873      bob: CommandFailed SAY 'lobby' 9804671265507175783 STORAGE 'the disk is full'
#     18.873      bob: CommandFailed SAY 'lobby' 3481157901234006680 STORAGE 'the disk is full'
#     18.873      bob: CommandFailed SAY 'lobby' 3353247264759728847 STORAGE 'the disk is full'
#     18.873      bob: CommandFailed SAY 'lobby' 15518556324860970661 STORAGE 'the disk is full'
#     18.873      bob: CommandFailed SAY 'lobby' 2743574306802812685 STORAGE 'the disk is full'
#     18.873      bob: CommandFailed SAY 'lobby' 2410268285984671780 STORAGE 'the disk is full'
#     18.898  bob-2 -> server        SEALED a994 #51  SEEN 34 100101000100101010000000110110 · ACK 0:33   +1021 ms
#     18.930  bob-2 -> server        SEALED a994 #52  SEEN 35 1001010001001010100000001101101 · ACK 0:33   +1736 ms
#     19.110  server -> bob-2        SEALED a994 #36  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · HEARTBEAT · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Fai
#     19.141  server -> bob-2        SEALED a994 #37  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.397  server -> bob-2        SEALED a994 #38  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.397  server -> bob-2        SEALED a994 #39  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.428  server -> bob-2        SEALED a994 #40  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.684  server -> bob-2        SEALED a994 #41  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.684  server -> bob-2        SEALED a994 #42  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.715  server -> bob-2        SEALED a994 #43  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:26 · ENTRY 0/27 Failed 26 19 'the disk is full' · ENTRY 0/28 Failed 27 19 'the disk is full' · ENTRY 0/29 Failed 28 19 't
#     19.930  bob-2 -> server        SEALED a994 #53  HEARTBEAT   +1191 ms
#     19.945  server -> bob-2        SEALED a994 #44  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:32   +2663 ms
#     20.117  bob-2 -> server        SEALED a994 #54  HEARTBEAT   +2721 ms
#     20.305  bob-2 -> server        SEALED a994 #55  HEARTBEAT   +2946 ms
#     20.492  bob-2 -> server        SEALED a994 #56  HEARTBEAT   +2758 ms
#     20.680  bob-2 -> server        SEALED a994 #57  HEARTBEAT   +2571 ms
#     20.867  bob-2 -> server        SEALED a994 #58  HEARTBEAT   +2383 ms
#     20.905      bob: AddressNeeded
#     20.945  server -> bob-2        SEALED a994 #45  SEEN 50 11111111111111111111111111111111111111111110100100 · ACK 0:32 · HEARTBEAT   +1879 ms
#     21.055  bob-2 -> server        SEALED a994 #59  HEARTBEAT   +2256 ms
#     21.120  server -> bob-2        SEALED a994 #46  SEEN 53 11111111111111111111111111111111111111111110100100100 · ACK 0:32   +2307 ms
#     21.242  bob-2 -> server        SEALED a994 #60  HEARTBEAT   +2069 ms
#     21.406  bob-2 -> server        SEALED a994 #61  SEEN 38 1001010001001010100000001101101111   +2931 ms
#     21.594  bob-2 -> server        SEALED a994 #62  HEARTBEAT   +2744 ms
#     21.781  bob-2 -> server        SEALED a994 #63  HEARTBEAT   +2571 ms
#     21.969  bob-2 -> server        SEALED a994 #64  HEARTBEAT   +2384 ms
#     22.120  server -> bob-2        SEALED a994 #47  SEEN 53 11111111111111111111111111111111111111111110100100100 · ACK 0:32 · HEARTBEAT   +1946 ms
#     22.156  bob-2 -> server        SEALED a994 #65  HEARTBEAT   +2243 ms
#     22.273  bob-2 -> server        SEALED a994 #66  SEEN 41 1001010001001010100000001101101111111   +2126 ms
#     22.460  bob-2 -> server        SEALED a994 #67  HEARTBEAT   +1939 ms
#     22.608  bob-2 -> server        SEALED a994 #68  SEEN 43 100101000100101010000000110110111111111   +1791 ms
#     22.796  bob-2 -> server        SEALED a994 #69  HEARTBEAT   +1603 ms
#     22.824  bob-2 -> server        SEALED a994 #70  SEEN 45 10010100010010101000000011011011111111110   +1575 ms
#     22.838  server -> bob-2        SEALED a994 #48  SEEN 54 111111111111111111111111111111111111111111101001001001 · ACK 0:32   +1229 ms
#     23.012  bob-2 -> server        SEALED a994 #71  HEARTBEAT   +1387 ms
#     23.199  bob-2 -> server        SEALED a994 #72  HEARTBEAT   +1200 ms
#     23.251  server -> bob-2        SEALED a994 #49  SEEN 58 1111111111111111111111111111111111111111111010010010011111 · ACK 0:32   +816 ms
#     23.311  server -> bob-2        SEALED a994 #50  SEEN 60 111111111111111111111111111111111111111111101001001001111111 · ACK 0:32   +756 ms
#     23.387  bob-2 -> server        SEALED a994 #73  HEARTBEAT   +1012 ms
#     24.066  bob-2 -> server        SEALED a994 #74  SEEN 47 1001010001001010100000001101101111111111010   +333 ms
#     24.311  server -> bob-2        SEALED a994 #51  SEEN 60 111111111111111111111111111111111111111111101001001001111111 · ACK 0:32 · HEARTBEAT   +40 ms
#     24.337  server -> bob-2        SEALED a994 #52  SEEN 62 11111111111111111111111111111111111111111110100100100111111110 · ACK 0:32   +20 ms
#     24.351  bob-2 -> server        SEALED a994 #75  SEEN 51 10010100010010101000000011011011111111110101000   +48 ms
#     24.352  server -> bob-2        SEALED a994 #53  SEEN 64 1111111111111111111111111111111111111111111010010010011111111011 · ACK 0:32   +40 ms
#     24.399  server -> bob-2        SEALED a994 #54  SEEN 73 1111111111111111111111111111111111010010010011111111011110101011   +48 ms
#     25.351  bob-2 -> server        SEALED a994 #76  HEARTBEAT   +50 ms
#     25.401  server -> bob-2        SEALED a994 #55  SEEN 76 1111111111111111111111111111111010010010011111111011110101011100   +33 ms
#     26.351  bob-2 -> server        SEALED a994 #77  HEARTBEAT   +33 ms
#     26.384  server -> bob-2        SEALED a994 #56  SEEN 77 1111111111111111111111111111110100100100111111110111101010111001   +49 ms
#     27.351  bob-2 -> server        SEALED a994 #78  HEARTBEAT   +49 ms
#     27.400  server -> bob-2        SEALED a994 #57  SEEN 78 1111111111111111111111111111101001001001111111101111010101110011   +45 ms
