"""Found by seed 140075: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140075,
    hosts=(
        Host('cyd', 'cyd', renewal=60.0),
    ),
    deeds=(
    ),
    calm=32793.0,
    core=('cyd',),
    weather={'tail': 1.0, 'reorder': 1.0},
)

def test_seed_140075_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 0be2c94d150be374 20 after 20
#
#      0.000  cyd-0 -> server        HELLO    +2216 ms
#      1.000  cyd-0 -> server        HELLO    +2654 ms
#      2.000  cyd-0 -> server        HELLO    +3582 ms
#      2.000      cyd: AddressNeeded
#      2.216  server -> cyd-0        RETRY   +693 ms
#      2.910  cyd-0 -> server        HELLO with message 1   +962 ms
#      3.654  server -> cyd-0        RETRY   +321 ms
#      3.871  server -> cyd-0        WELCOME   +1104 ms
#      3.910  cyd-0 -> server        HELLO with message 1   +1027 ms
#      4.910  cyd-0 -> server        HELLO with message 1   +1179 ms
#      4.937  server -> cyd-0        WELCOME   +1377 ms
#      4.976  cyd-0 -> server        SEALED 0be2 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +647 ms
#      4.976      cyd: Connected 440c
#      5.059  cyd-0 -> server        SEALED 0be2 #1  ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +844 ms
#      5.582  server -> cyd-0        RETRY   +588 ms
#      5.622      server: SessionOpened 856468212056580980 a6c6 1 False
#      5.622  server -> cyd-0        SEALED 0be2 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 4133 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15667996105639681677 0 0 0 d96f 2 9384547656251308787 1 · ENTRY 0/2 Roster 2 1 3 [Member a6
#      5.705  server -> cyd-0        SEALED 0be2 #1  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 4133 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15667996105639681677 0 0 0 d96f 2 9384547656251308787 1 · ENTRY 0/2 Roster 2 1 3 [Member a6
#      5.928  server -> cyd-0        SEALED 0be2 #2  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms 4133 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 15667996105639681677 0 0 0 d96f 2 9384547656251308787 1 · ENTRY 0/2 Roster 2 1 3 [Member a6
#      5.952      cyd: LinkChanged True 0.9763698834991601
#      5.952      cyd: JoinedRoom 'lobby' NEWEST 0 0 0
#      5.952      cyd: RosterReceived 'lobby' [Attendee a6c6 'cyd' ONLINE]
#      5.977  cyd-0 -> server        SEALED 0be2 #2  SEEN 0 0 · ACK 0:3   +2525 ms
#      6.089  server -> cyd-0        WELCOME   +1633 ms
#      6.094  cyd-0 -> server        SEALED 0be2 #3  SEEN 2 10 · ACK 0:3   +57 ms
#      6.273  cyd-0 -> server        SEALED 0be2 #4  SEEN 2 11 · ACK 0:3   +376 ms
#     11.273  cyd-0 -> server        SEALED 0be2 #5  SEEN 2 11 · ACK 0:3 · HEARTBEAT   +2087 ms
#     12.210  cyd-0 -> server        SEALED 0be2 #6  SEEN 2 11 · ACK 0:3 · HEARTBEAT   +624 ms
#     12.834  server -> cyd-0        SEALED 0be2 #3  SEEN 6 110000   +283 ms
#     13.359  server -> cyd-0        SEALED 0be2 #4  SEEN 6 110001   +353 ms
#     17.210  cyd-0 -> server        SEALED 0be2 #7  HEARTBEAT   +98 ms
#     17.308  server -> cyd-0        SEALED 0be2 #5  SEEN 7 1100011   +1038 ms
#     18.148  cyd-0 -> server        SEALED 0be2 #8  HEARTBEAT   +1521 ms
#     19.669  server -> cyd-0        SEALED 0be2 #6  SEEN 8 11000111   +822 ms
#     23.148  cyd-0 -> server        SEALED 0be2 #9  HEARTBEAT   +4325 ms
#     24.085  cyd-0 -> server        SEALED 0be2 #10  HEARTBEAT   +813 ms
#     24.898  server -> cyd-0        SEALED 0be2 #7  SEEN 10 1100011110   +1846 ms
#     25.023  cyd-0 -> server        SEALED 0be2 #11  HEARTBEAT   +244 ms
#     25.267  server -> cyd-0        SEALED 0be2 #8  SEEN 11 11000111101   +832 ms
#     25.960  cyd-0 -> server        SEALED 0be2 #12  HEARTBEAT   +3517 ms
#     27.473  server -> cyd-0        SEALED 0be2 #9  SEEN 11 11000111111   +646 ms
#     29.477  server -> cyd-0        SEALED 0be2 #10  SEEN 12 110001111111   +79 ms
#     30.960  cyd-0 -> server        SEALED 0be2 #13  HEARTBEAT   +379 ms
#     31.339  server -> cyd-0        SEALED 0be2 #11  SEEN 13 1100011111111   +113 ms
#     35.960  cyd-0 -> server        SEALED 0be2 #14  HEARTBEAT   +7171 ms
#     36.898  cyd-0 -> server        SEALED 0be2 #15  HEARTBEAT   +1658 ms
#     37.835  cyd-0 -> server        SEALED 0be2 #16  HEARTBEAT   +2044 ms
#     38.556  server -> cyd-0        SEALED 0be2 #12  SEEN 15 110001111111110   +1165 ms
#     38.773  cyd-0 -> server        SEALED 0be2 #17  HEARTBEAT   +1234 ms
#     39.710  cyd-0 -> server        SEALED 0be2 #18  HEARTBEAT   +156 ms
#     39.866  server -> cyd-0        SEALED 0be2 #13  SEEN 18 110001111111110100   +869 ms
#     39.879  server -> cyd-0        SEALED 0be2 #14  SEEN 18 110001111111110110   +1996 ms
#     40.007  server -> cyd-0        SEALED 0be2 #15  SEEN 18 110001111111110111   +342 ms
#     43.131  server -> cyd-0        SEALED 0be2 #16  SEEN 18 110001111111111111   +4814 ms
#     44.710  cyd-0 -> server        SEALED 0be2 #19  HEARTBEAT   +107 ms
#     44.817  server -> cyd-0        SEALED 0be2 #17  SEEN 19 1100011111111111111   +67 ms
#     49.710  cyd-0 -> server        SEALED 0be2 #20  HEARTBEAT   +421 ms
#     50.131  server -> cyd-0        SEALED 0be2 #18  SEEN 20 11000111111111111111   +76 ms
#     51.548  cyd-0 -> server        HELLO    +398 ms
#     51.945  server -> cyd-0        RETRY   +1666 ms
#     52.548  cyd-0 -> server        HELLO    +775 ms
#     53.323  server -> cyd-0        RETRY   +1807 ms
#     53.548  cyd-0 -> server        HELLO    +95 ms
#     53.611  cyd-0 -> server        HELLO with message 1   +725 ms
#     53.643  server -> cyd-0        RETRY   +215 ms
#     54.336  server -> cyd-0        WELCOME   +2291 ms
#     54.611  cyd-0 -> server        HELLO with message 1   +629 ms
#     54.710  cyd-0 -> server        SEALED 0be2 #21  HEARTBEAT   +638 ms
#     55.240  server -> cyd-0        WELCOME   +699 ms
#     55.348  server -> cyd-0        SEALED 0be2 #19  SEEN 21 110001111111111111111   +1908 ms
#     55.611  cyd-0 -> server        HELLO with message 1   +564 ms
#     55.648  cyd-0 -> server        SEALED 0be2 #22  HEARTBEAT   +2197 ms
#     55.939  cyd-0 -> server        SEALED cc38 #0  HEARTBEAT · ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 15667996105639681677 0 d96f   +969 ms
#     56.023  cyd-0 -> server        SEALED cc38 #1  ENTRY 0/0 Nick 'cyd' · ENTRY 0/1 Join 'lobby' 50 15667996105639681677 0 d96f   +621 ms
#     56.175  server -> cyd-0        WELCOME   LOST
#     56.644      server: SessionClosed 856468212056580980 a6c6 REPLACED
#     56.644      server: SessionOpened 14715637208919802588 a6c6 1 True
#     56.644  server -> cyd-0        SEALED 0be2 #20  BYE   +94 ms
#     56.644  server -> cyd-0        SEALED cc38 #0  SEEN 1 0 · ACK 0:2 · ENTRY 0/0 Terms 401f 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 1 1 15667996105639681677 0 0 0 d96f 2 9384547656251308787 1 · ENTRY 0/2 Roster 2 1 3 [Member a6
#     56.908  server -> cyd-0        SEALED cc38 #1  SEEN 1 1   +374 ms
#     56.916  cyd-0 -> server        SEALED cc38 #2  SEEN 0 0 · ACK 0:3   +424 ms
#     57.845  server -> cyd-0        SEALED 0be2 #20, 37 bytes   LOST
