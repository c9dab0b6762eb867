"""Found by seed 7135: nothing acknowledged is lost (UC-SESS-5, UC-LOG-6, UC-LOG-9)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=7135,
    hosts=(
        Host('bob', 'bob', lag=2.0, renewal=60.0),
        Host('cyd', 'cyd', rooms=('lobby', 'attic'), lag=2.0, renewal=200.0),
        Host('dan', 'dan', born=1.414, lag=0.1, renewal=60.0),
    ),
    deeds=(
        do(12.059, 'narrow', 'cyd', way='down', seconds=30.209, mtu=300),
        do(31.586, 'move', 'cyd', silent=True),
        do(39.751, 'store_fails', '', seconds=5.0, share=0.5),
        do(39.751, 'talk', 'cyd', room='lobby', count=30, size=0),
        do(49.678, 'nap', 'bob', seconds=3585.345),
        do(49.678, 'nap', 'cyd', seconds=3581.247),
        do(49.678, 'nap', 'dan', seconds=3595.153),
    ),
    calm=4031.0,
    core=('bob', 'dan'),
    weather={'loss': 0.05, 'delay': (0.05, 0.1), 'corrupt': 0.02, 'truncate': 0.1},
    limits={'heartbeat': 5.0, 'timeout': 15.0, 'expiry': 86400.0, 'expiry_roomless': 60.0, 'seen_every': 8, 'seen_delay': 0.025, 'half_open': 16, 'devices': 8, 'reassembly': 65536, 'chat_rate': 10.0, 'chat_burst': 100.0, 'handshake_rate': 500},
)

def test_seed_7135_nothing_acknowledged_is_lost() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: a message is not stored, and nobody was told
#
#     54.808  server -> cyd-1        SEALED e041 #53  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     55.832  server -> cyd-1        SEALED e041 #54  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     55.832  server -> cyd-1        SEALED e041 #55  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     56.856  server -> cyd-1        SEALED e041 #56  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     56.856  server -> cyd-1        SEALED e041 #57  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     57.880  server -> cyd-1        SEALED e041 #58  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     57.880  server -> cyd-1        SEALED e041 #59  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     58.904  server -> cyd-1        SEALED e041 #60  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     58.904  server -> cyd-1        SEALED e041 #61  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     59.928  server -> cyd-1        SEALED e041 #62  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     59.928  server -> cyd-1        SEALED e041 #63  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     60.952  server -> cyd-1        SEALED e041 #64  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     60.952  server -> cyd-1        SEALED e041 #65  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     61.976  server -> cyd-1        SEALED e041 #66  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     61.976  server -> cyd-1        SEALED e041 #67  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     63.000  server -> cyd-1        SEALED e041 #68  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     63.000  server -> cyd-1        SEALED e041 #69  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     64.024  server -> cyd-1        SEALED e041 #70  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#     64.024  server -> cyd-1        SEALED e041 #71  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3630.925  cyd-1 -> server        SEALED e041 #61  HEARTBEAT · ENTRY 0/3 Say 'lobby' 3088060214867007555 0 'cyd 0' · ENTRY 0/4 Say 'lobby' 14579073614985384923 0 'cyd 1' · ENTRY 0/5 Say 'lobby' 5268766792251442532 0 'cyd 2' · ENTRY 0/6 Say
#   3630.925      cyd: LinkChanged False 0.14241880637658103
#   3630.925      cyd: AddressNeeded
#   3630.988  server -> cyd-1        SEALED e041 #72  SEEN 61 1000110111111010111111111111111111111011111011111111010010111 · ACK 0:11 · HEARTBEAT · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0
#   3631.071  server -> cyd-1        SEALED e041 #73  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3632.095  server -> cyd-1        SEALED e041 #74  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3632.178  server -> cyd-1        SEALED e041 #75  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3633.202  server -> cyd-1        SEALED e041 #76  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3633.202  server -> cyd-1        SEALED e041 #77  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3634.226  server -> cyd-1        SEALED e041 #78  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3634.226  server -> cyd-1        SEALED e041 #79  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3635.023  bob-0 -> server        SEALED 4b30 #17  HEARTBEAT   +60 ms
#   3635.023      bob: LinkChanged False 0.15664799044874056
#   3635.023      bob: AddressNeeded
#   3635.108  server -> bob-0        SEALED 4b30 #14  SEEN 17 11001111110011101   LOST
#   3635.205  down bob-0: 26 bytes come that nobody sent so
#   3635.250  server -> cyd-1        SEALED e041 #80  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3635.250  server -> cyd-1        SEALED e041 #81  ACK 0:11 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3635.925  cyd-1 -> server        SEALED e041 #62  HEARTBEAT · ENTRY 0/3 Say 'lobby' 3088060214867007555 0 'cyd 0' · ENTRY 0/4 Say 'lobby' 14579073614985384923 0 'cyd 1' · ENTRY 0/5 Say 'lobby' 5268766792251442532 0 'cyd 2' · ENTRY 0/6 Say
#   3636.009  server -> cyd-1        SEALED e041 #82  SEEN 62 10001101111110101111111111111111111110111110111111110100101111 · ACK 0:11   +97 ms
#   3636.106  cyd-1 -> server        HELLO    +80 ms
#   3636.106  cyd-1 -> server        SEALED e041 #63  ENTRY 0/11 Say 'lobby' 9599129342308418143 0 'cyd 8' · ENTRY 0/12 Say 'lobby' 16301962583745039629 0 'cyd 9' · ENTRY 0/13 Say 'lobby' 17541878999152874779 0 'cyd 10' · ENTRY 0/14 Say 'lobb
#   3636.106      cyd: LinkChanged True 0.14424393628992027
#   3636.142  cyd-1 -> server        SEALED e041 #64  ENTRY 0/11 Say 'lobby' 9599129342308418143 0 'cyd 8' · ENTRY 0/12 Say 'lobby' 16301962583745039629 0 'cyd 9' · ENTRY 0/13 Say 'lobby' 17541878999152874779 0 'cyd 10' · ENTRY 0/14 Say 'lobb
#   3636.186  server -> cyd-1        RETRY   +58 ms
#   3636.186  server -> bob-0        SEALED 4b30 #15  ENTRY 1/4 Chat a937 'cyd' 9599129342308418143 4636186 0 'cyd 8' · ENTRY 1/5 Chat a937 'cyd' 16301962583745039629 4636186 0 'cyd 9' · ENTRY 1/6 Chat a937 'cyd' 17541878999152874779 4636186
#   3636.200  up cyd-1: 307 bytes come that nobody sent so
#   3636.211  server -> cyd-1        SEALED e041 #83  SEEN 63 100011011111101011111111111111111111101111101111111101001011111 · ACK 0:19   +70 ms
#   3636.244  cyd-1 -> server        HELLO with message 1   +77 ms
#   3636.244  bob-0 -> server        HELLO    +58 ms
#   3636.244      bob: LinkChanged True 0.15664799044874056
#   3636.244      bob: ChatReceived 'lobby' 4 a937 'cyd' 9599129342308418143 4636186 'cyd 8' 'cyd 8' False False
#   3636.244      bob: ChatReceived 'lobby' 5 a937 'cyd' 16301962583745039629 4636186 'cyd 9' 'cyd 9' False False
#   3636.244      bob: ChatReceived 'lobby' 6 a937 'cyd' 17541878999152874779 4636186 'cyd 10' 'cyd 10' False False
#   3636.244      bob: ChatReceived 'lobby' 7 a937 'cyd' 17728056999635929709 4636186 'cyd 11' 'cyd 11' False False
#   3636.244      bob: ChatReceived 'lobby' 8 a937 'cyd' 4904609013621207558 4636186 'cyd 12' 'cyd 12' False False
#   3636.244      bob: ChatReceived 'lobby' 9 a937 'cyd' 7000704650992839631 4636186 'cyd 13' 'cyd 13' False False
#   3636.244      bob: ChatReceived 'lobby' 10 a937 'cyd' 2875045022763635606 4636186 'cyd 14' 'cyd 14' False False
#   3636.244      bob: ChatReceived 'lobby' 11 a937 'cyd' 14724601445797408202 4636186 'cyd 15' 'cyd 15' False False
#   3636.269  bob-0 -> server        SEALED 4b30 #18  SEEN 15 101000000000100 · ACK 1:12   +69 ms
#   3636.274  server -> cyd-1        SEALED e041 #84  ACK 0:19 · ENTRY 1/4 Chat a937 'cyd' 9599129342308418143 4636186 0 'cyd 8' · ENTRY 1/5 Chat a937 'cyd' 16301962583745039629 4636186 0 'cyd 9' · ENTRY 1/6 Chat a937 'cyd' 175418789991528747
#   3636.274  server -> cyd-1        SEALED e041 #85  ACK 0:19 · ENTRY 0/5 Failed 3 19 'the disk is full' · ENTRY 0/6 Failed 6 19 'the disk is full' · ENTRY 0/7 Failed 7 19 'the disk is full' · ENTRY 0/8 Failed 10 19 'the disk is full' · ENTR
#   3636.281  cyd-1 -> server        SEALED e041 #65  ENTRY 0/19 Say 'lobby' 13288554193447333434 0 'cyd 16' · ENTRY 0/20 Say 'lobby' 9847534083137645935 0 'cyd 17' · ENTRY 0/21 Say 'lobby' 7691861607548401994 0 'cyd 18' · ENTRY 0/22 Say 'lob
#   3636.302  server -> bob-0        RETRY   +55 ms
#   3636.317  cyd-1 -> server        SEALED e041 #66  ENTRY 0/19 Say 'lobby' 13288554193447333434 0 'cyd 16' · ENTRY 0/20 Say 'lobby' 9847534083137645935 0 'cyd 17' · ENTRY 0/21 Say 'lobby' 7691861607548401994 0 'cyd 18' · ENTRY 0/22 Say 'lob
#   3636.321  server -> cyd-1        WELCOME   +99 ms
#   3636.356  server -> bob-0        SEALED 4b30 #16  ENTRY 1/12 Chat a937 'cyd' 13288554193447333434 4636356 0 'cyd 16' · ENTRY 1/13 Chat a937 'cyd' 9847534083137645935 4636356 0 'cyd 17' · ENTRY 1/14 Chat a937 'cyd' 7691861607548401994 4636
#   3636.356  bob-0 -> server        HELLO with message 1   +70 ms
#   3636.381  server -> cyd-1        SEALED e041 #86  SEEN 65 1101111110101111111111111111111110111110111111110100101111110 · ACK 0:27   +68 ms
#   3636.420  cyd-1 -> server        SEALED 0ab1 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 18264435886780266289 0 fd78 · ENTRY 0/2 Join 'attic' 50 16539279573883259057 0 e587 · ENTRY 0/3 Say 'lobby' 13288554193447333434
#   3636.427  server -> bob-0        WELCOME   +64 ms
#   3636.427  server -> cyd-1        SEALED e041 #87  SEEN 66 11011111101011111111111111111111101111101111111101001011111101 · ACK 0:27   +58 ms
#   3636.449      bob: ChatReceived 'lobby' 12 a937 'cyd' 13288554193447333434 4636356 'cyd 16' 'cyd 16' False False
#   3636.449      bob: ChatReceived 'lobby' 13 a937 'cyd' 9847534083137645935 4636356 'cyd 17' 'cyd 17' False False
#   3636.449      bob: ChatReceived 'lobby' 14 a937 'cyd' 7691861607548401994 4636356 'cyd 18' 'cyd 18' False False
#   3636.449      bob: ChatReceived 'lobby' 15 a937 'cyd' 14901938027876133238 4636356 'cyd 19' 'cyd 19' False False
#   3636.449      bob: ChatReceived 'lobby' 16 a937 'cyd' 5158922062449353591 4636356 'cyd 20' 'cyd 20' False False
#   3636.449      bob: ChatReceived 'lobby' 17 a937 'cyd' 5277413816639869544 4636356 'cyd 21' 'cyd 21' False False
#   3636.449      bob: ChatReceived 'lobby' 18 a937 'cyd' 17887468784269192520 4636356 'cyd 22' 'cyd 22' False False
#   3636.449      bob: ChatReceived 'lobby' 19 a937 'cyd' 4745573597673496256 4636356 'cyd 23' 'cyd 23' False False
#   3636.474  bob-0 -> server        SEALED 4b30 #19  SEEN 16 1010000000001001 · ACK 1:20   +91 ms
#   3636.491  bob-0 -> server        SEALED d499 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 18264435886780266289 20 4428   +82 ms
#   3636.512      server: SessionClosed 16159233074991997710 a937 REPLACED
#   3636.512      server: SessionOpened 770499818338014086 a937 1 True
#   3636.512  server -> cyd-1        SEALED e041 #88  ACK 0:27 · BYE   +52 ms
#   3636.512  server -> cyd-1        SEALED 0ab1 #0  SEEN 0 0 · ACK 0:11 · ENTRY 0/0 Terms cbea 5000 15000 86400000 8 25 · ENTRY 0/1 Joined 'lobby' 1 1 18264435886780266289 0 20 0 fd78 2 14317238902884719491 3 · ENTRY 0/2 Roster 2 3 3 [Member
#   3636.573      server: SessionClosed 5417921635813811808 2e56 REPLACED
#   3636.573      server: SessionOpened 15319397673449106209 2e56 1 True
#   3636.573  server -> bob-0        SEALED 4b30 #17  BYE   +67 ms
#   3636.573  server -> bob-0        SEALED d499 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 91f7 5000 15000 86400000 8 25 · ENTRY 0/1 Joined 'lobby' 1 1 18264435886780266289 0 20 20 4428 2 14317238902884719491 3 · ENTRY 0/2 Roster 2 3 3 [Member
#   3636.664  bob-0 -> server        SEALED d499 #1  SEEN 0 0 · ACK 0:3   +67 ms
