"""Found by seed 140060: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140060,
    hosts=(
        Host('dan', 'dan', renewal=60.0),
    ),
    deeds=(
    ),
    calm=36011.0,
    core=('dan',),
    weather={'loss': 0.15, 'delay': (0.3, 0.6), 'reorder': 0.3},
    limits={'timeout': 3.0},
)

def test_seed_140060_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 3eb0a7e759caa2f2 12 after 12
#
#    326.185  server -> dan-0        SEALED 53ea #7  ENTRY 2/95 Unreachable 8a31 · ENTRY 2/96 Online 8a31 'dan'   +525 ms
#    326.735  dan-0 -> server        SEALED 53ea #13  SEEN 7 1111101 · ACK 2:97   +593 ms
#    329.710      dan: LinkChanged False 0.938214903703611
#    330.328      server: SessionReachable 6046674509090865545 8a31 False
#    331.735  dan-0 -> server        SEALED 53ea #14  SEEN 7 1111101 · ACK 2:97 · HEARTBEAT   +439 ms
#    332.174      server: SessionReachable 6046674509090865545 8a31 True
#    332.174  server -> dan-0        SEALED 53ea #8  SEEN 14 10010101010100 · ENTRY 2/97 Unreachable 8a31 · ENTRY 2/98 Online 8a31 'dan'   +377 ms
#    332.551      dan: LinkChanged True 0.9229504292724782
#    332.551      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    332.551      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    332.576  dan-0 -> server        SEALED 53ea #15  SEEN 8 11111011 · ACK 2:99   LOST
#    334.116  server -> dan-0        SEALED 53ea #9  ENTRY 2/97 Unreachable 8a31 · ENTRY 2/98 Online 8a31 'dan'   +470 ms
#    334.611  dan-0 -> server        SEALED 53ea #16  SEEN 9 111110111 · ACK 2:99   +301 ms
#    337.586      dan: LinkChanged False 0.9229504292724782
#    337.912      server: SessionReachable 6046674509090865545 8a31 False
#    339.611  dan-0 -> server        SEALED 53ea #17  SEEN 9 111110111 · ACK 2:99 · HEARTBEAT   +482 ms
#    340.093      server: SessionReachable 6046674509090865545 8a31 True
#    340.093  server -> dan-0        SEALED 53ea #10  SEEN 17 10010101010100100 · ENTRY 2/99 Unreachable 8a31 · ENTRY 2/100 Online 8a31 'dan'   LOST
#    341.780  server -> dan-0        SEALED 53ea #11  ENTRY 2/99 Unreachable 8a31 · ENTRY 2/100 Online 8a31 'dan'   +497 ms
#    342.277  dan-0 -> server        SEALED 53ea #18  SEEN 11 11111011110 · ACK 2:101   +349 ms
#    342.277      dan: LinkChanged True 0.9229504292724782
#    342.277      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    342.277      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    342.464  dan-0 -> server        SEALED 53ea #19  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +563 ms
#    342.652  dan-0 -> server        SEALED 53ea #20  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +551 ms
#    342.839  dan-0 -> server        SEALED 53ea #21  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +360 ms
#    343.027  dan-0 -> server        SEALED 53ea #22  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +571 ms
#    343.027  server -> dan-0        SEALED 53ea #12  SEEN 19 1001010101010010010   +585 ms
#    343.199  server -> dan-0        SEALED 53ea #13  SEEN 21 100101010101001001010   +413 ms
#    343.203  server -> dan-0        SEALED 53ea #14  SEEN 21 100101010101001001011   +308 ms
#    343.214  dan-0 -> server        SEALED 53ea #23  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +383 ms
#    343.402  dan-0 -> server        SEALED 53ea #24  SEEN 11 11111011110 · ACK 2:101 · HEARTBEAT   +446 ms
#    343.598  server -> dan-0        SEALED 53ea #15  SEEN 23 10010101010100100101111   +461 ms
#    343.848  server -> dan-0        SEALED 53ea #16  SEEN 24 100101010101001001011111   LOST
#    346.339  dan-0 -> server        HELLO    +451 ms
#    346.790  server -> dan-0        RETRY   +308 ms
#    346.848      server: SessionReachable 6046674509090865545 8a31 False
#    347.058      dan: LinkChanged False 0.8855261534236345
#    348.402  dan-0 -> server        SEALED 53ea #25  HEARTBEAT   +510 ms
#    348.912      server: SessionReachable 6046674509090865545 8a31 True
#    348.912  server -> dan-0        SEALED 53ea #17  SEEN 25 1001010101010010010111111 · ENTRY 2/101 Unreachable 8a31 · ENTRY 2/102 Online 8a31 'dan'   +366 ms
#    349.112  server -> dan-0        SEALED 53ea #18  ENTRY 2/101 Unreachable 8a31 · ENTRY 2/102 Online 8a31 'dan'   +539 ms
#    349.278  dan-0 -> server        HELLO    +406 ms
#    349.278  dan-0 -> server        SEALED 53ea #26  SEEN 17 11111011110100000 · ACK 2:103   +448 ms
#    349.278      dan: LinkChanged True 0.8843894023388864
#    349.278      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    349.278      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    349.676  dan-0 -> server        SEALED 53ea #27  SEEN 18 111110111101000001 · ACK 2:103   +597 ms
#    349.684  server -> dan-0        RETRY   +534 ms
#    350.219  dan-0 -> server        HELLO with message 1   +555 ms
#    350.774  server -> dan-0        WELCOME   +392 ms
#    351.166  dan-0 -> server        SEALED 3eb0 #0  HEARTBEAT · ENTRY 0/0 Nick 'dan' · ENTRY 0/1 Join 'lobby' 50 1562648943550068775 0 15af   +530 ms
#    351.696      server: SessionClosed 6046674509090865545 8a31 REPLACED
#    351.696      server: SessionOpened 4517295038338343666 8a31 1 True
#    351.696  server -> dan-0        SEALED 53ea #19  BYE   +543 ms
#    351.696  server -> dan-0        SEALED 3eb0 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 31f1 5000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 1562648943550068775 0 0 0 15af 2 3859928095881108641 103 · ENTRY 0/2 Roster 2 103 3 [Member
#    352.103  dan-0 -> server        SEALED 3eb0 #1  HEARTBEAT   +501 ms
#    352.265  dan-0 -> server        SEALED 3eb0 #2  SEEN 0 0 · ACK 0:3   +449 ms
#    352.604  server -> dan-0        SEALED 3eb0 #1  SEEN 1 1   +485 ms
#    355.713      server: SessionReachable 4517295038338343666 8a31 False
#    356.090      dan: LinkChanged False 1.0626823811412578
#    357.265  dan-0 -> server        SEALED 3eb0 #3  HEARTBEAT   +517 ms
#    357.781      server: SessionReachable 4517295038338343666 8a31 True
#    357.781  server -> dan-0        SEALED 3eb0 #2  SEEN 3 110 · ENTRY 2/103 Unreachable 8a31 · ENTRY 2/104 Online 8a31 'dan'   +374 ms
#    358.155      dan: LinkChanged True 1.0412064206793161
#    358.155      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    358.155      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    358.180  dan-0 -> server        SEALED 3eb0 #4  SEEN 2 10 · ACK 0:3 · ACK 2:105   LOST
#    360.781      server: SessionReachable 4517295038338343666 8a31 False
#    361.155      dan: LinkChanged False 1.0412064206793161
#    363.180  dan-0 -> server        SEALED 3eb0 #5  HEARTBEAT   +466 ms
#    363.647      server: SessionReachable 4517295038338343666 8a31 True
#    363.647  server -> dan-0        SEALED 3eb0 #3  SEEN 5 11010 · ENTRY 2/103 Unreachable 8a31 · ENTRY 2/104 Online 8a31 'dan' · ENTRY 2/105 Unreachable 8a31 · ENTRY 2/106 Online 8a31 'dan'   +550 ms
#    364.196      dan: LinkChanged True 1.0380493852551425
#    364.196      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    364.196      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    364.221  dan-0 -> server        SEALED 3eb0 #6  SEEN 3 101 · ACK 0:3 · ACK 2:107   +580 ms
#    367.196      dan: LinkChanged False 1.0380493852551425
#    367.802      server: SessionReachable 4517295038338343666 8a31 False
#    369.221  dan-0 -> server        SEALED 3eb0 #7  HEARTBEAT   +566 ms
#    369.788      server: SessionReachable 4517295038338343666 8a31 True
#    369.788  server -> dan-0        SEALED 3eb0 #4  SEEN 7 1101010 · ENTRY 2/107 Unreachable 8a31 · ENTRY 2/108 Online 8a31 'dan'   +473 ms
#    370.261      dan: LinkChanged True 1.0381998563277426
#    370.261      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    370.261      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    370.286  dan-0 -> server        SEALED 3eb0 #8  SEEN 4 1011 · ACK 0:3 · ACK 2:109   +486 ms
#    373.261      dan: LinkChanged False 1.0381998563277426
#    373.772      server: SessionReachable 4517295038338343666 8a31 False
#    375.286  dan-0 -> server        SEALED 3eb0 #9  HEARTBEAT   LOST
#    380.261      dan: AddressNeeded
#    380.286  dan-0 -> server        SEALED 3eb0 #10  HEARTBEAT   +408 ms
#    380.694      server: SessionReachable 4517295038338343666 8a31 True
#    380.694  server -> dan-0        SEALED 3eb0 #5  SEEN 10 1101010100 · ENTRY 2/109 Unreachable 8a31 · ENTRY 2/110 Online 8a31 'dan'   +575 ms
#    381.269      dan: LinkChanged True 1.0313117607906381
#    381.269      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    381.269      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    381.294  dan-0 -> server        SEALED 3eb0 #11  SEEN 5 10111 · ACK 0:3 · ACK 2:111   LOST
#    383.020  server -> dan-0        SEALED 3eb0 #6  ENTRY 2/109 Unreachable 8a31 · ENTRY 2/110 Online 8a31 'dan'   +468 ms
#    383.513  dan-0 -> server        SEALED 3eb0 #12  SEEN 6 101111 · ACK 0:3 · ACK 2:111   +331 ms
#    383.694      server: SessionReachable 4517295038338343666 8a31 False
#    383.845      server: SessionReachable 4517295038338343666 8a31 True
#    383.845  server -> dan-0        SEALED 3eb0 #7  ENTRY 2/111 Unreachable 8a31 · ENTRY 2/112 Online 8a31 'dan'   +326 ms
#    384.171      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    384.171      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    384.196  dan-0 -> server        SEALED 3eb0 #13  SEEN 7 1011111 · ACK 0:3 · ACK 2:113   +410 ms
#    387.171      dan: LinkChanged False 1.0313117607906381
#    387.606      server: SessionReachable 4517295038338343666 8a31 False
#    389.196  dan-0 -> server        SEALED 3eb0 #14  SEEN 7 1011111 · ACK 0:3 · ACK 2:113 · HEARTBEAT   LOST
#    394.171      dan: AddressNeeded
#    394.196  dan-0 -> server        SEALED 3eb0 #15  SEEN 7 1011111 · ACK 0:3 · ACK 2:113 · HEARTBEAT   +387 ms
#    394.583      server: SessionReachable 4517295038338343666 8a31 True
#    394.583  server -> dan-0        SEALED 3eb0 #8  SEEN 15 110101010010000 · ENTRY 2/113 Unreachable 8a31 · ENTRY 2/114 Online 8a31 'dan'   +322 ms
#    394.905      dan: LinkChanged True 0.9910571201179301
#    394.905      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    394.905      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    394.930  dan-0 -> server        SEALED 3eb0 #16  SEEN 8 10111111 · ACK 2:115   +401 ms
#    397.905      dan: LinkChanged False 0.9910571201179301
#    398.331      server: SessionReachable 4517295038338343666 8a31 False
#    399.930  dan-0 -> server        SEALED 3eb0 #17  SEEN 8 10111111 · ACK 2:115 · HEARTBEAT   LOST
#    404.905      dan: AddressNeeded
#    404.930  dan-0 -> server        SEALED 3eb0 #18  SEEN 8 10111111 · ACK 2:115 · HEARTBEAT   +339 ms
#    405.270      server: SessionReachable 4517295038338343666 8a31 True
#    405.270  server -> dan-0        SEALED 3eb0 #9  SEEN 18 110101010010000100 · ENTRY 2/115 Unreachable 8a31 · ENTRY 2/116 Online 8a31 'dan'   +535 ms
#    405.804      dan: LinkChanged True 0.9764501528903816
#    405.804      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    405.804      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    405.829  dan-0 -> server        SEALED 3eb0 #19  SEEN 9 101111111 · ACK 2:117   +362 ms
#    408.804      dan: LinkChanged False 0.9764501528903816
#    409.191      server: SessionReachable 4517295038338343666 8a31 False
#    410.829  dan-0 -> server        SEALED 3eb0 #20  SEEN 9 101111111 · ACK 2:117 · HEARTBEAT   +438 ms
#    411.267      server: SessionReachable 4517295038338343666 8a31 True
#    411.267  server -> dan-0        SEALED 3eb0 #10  SEEN 20 11010101001000010010 · ENTRY 2/117 Unreachable 8a31 · ENTRY 2/118 Online 8a31 'dan'   +496 ms
#    411.763  dan-0 -> server        HELLO    +301 ms
#    411.763      dan: LinkChanged True 0.9711563285812181
#    411.763      dan: MemberChanged 'lobby' 8a31 'dan' UNREACHABLE NONE ''
#    411.763      dan: MemberChanged 'lobby' 8a31 'dan' ONLINE NONE ''
#    411.788  dan-0 -> server        SEALED 3eb0 #21  SEEN 10 1011111111 · ACK 2:119   LOST
#    412.064  server -> dan-0        RETRY   +591 ms
#    412.655  dan-0 -> server        HELLO with message 1   +591 ms
#    413.181  server -> dan-0        SEALED 3eb0 #11  ENTRY 2/117 Unreachable 8a31 · ENTRY 2/118 Online 8a31 'dan'   +405 ms
#    413.245  server -> dan-0        WELCOME   +519 ms
#    413.611  dan-0 -> server        SEALED 3eb0 #22  SEEN 11 10111111111 · ACK 2:119   +550 ms
#    413.655  dan-0 -> server        HELLO with message 1   LOST
#    413.765  dan-0 -> server        SEALED df9e #0  HEARTBEAT · ENTRY 0/0 Nick 'dan' · ENTRY 0/1 Join 'lobby' 50 1562648943550068775 0 15af   +388 ms
#    413.988  dan-0 -> server        SEALED df9e #1  ENTRY 0/0 Nick 'dan' · ENTRY 0/1 Join 'lobby' 50 1562648943550068775 0 15af   LOST
#    414.153      server: SessionClosed 4517295038338343666 8a31 REPLACED
#    414.153      server: SessionOpened 16113491436052803165 8a31 1 True
#    414.153  server -> dan-0        SEALED 3eb0 #12  BYE   LOST
#    414.153  server -> dan-0        SEALED df9e #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 8582 5000 3000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 1562648943550068775 0 0 0 15af 2 3859928095881108641 119 · ENTRY 0/2 Roster 2 119 3 [Member
#    414.161  server -> dan-0        SEALED 3eb0 #12, 37 bytes   LOST
