"""Found by seed 140049: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140049,
    hosts=(
        Host('bob2', 'bob', device=2),
    ),
    deeds=(
        do(38.688, 'quit', 'bob2', down=0.0),
    ),
    calm=39.688,
    core=('bob2',),
    weather={'tail': 1.0},
)

def test_seed_140049_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 6f69cffabd64f6b6 11 after 11
#
#      0.000  bob2-0 -> server       HELLO    +165 ms
#      0.165  server -> bob2-0       RETRY   +1906 ms
#      1.000  bob2-0 -> server       HELLO    +245 ms
#      1.245  server -> bob2-0       RETRY   +826 ms
#      2.000  bob2-0 -> server       HELLO    +1198 ms
#      2.000      bob2: AddressNeeded
#      3.000  bob2-0 -> server       HELLO with message 1   +964 ms
#      3.198  server -> bob2-0       RETRY   +184 ms
#      3.964  server -> bob2-0       WELCOME   +117 ms
#      4.000  bob2-0 -> server       HELLO with message 1   +476 ms
#      4.081  bob2-0 -> server       SEALED 6f69 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +2367 ms
#      4.081      bob2: Connected f0d9
#      4.164  bob2-0 -> server       SEALED 6f69 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +2284 ms
#      4.476  server -> bob2-0       WELCOME   +1267 ms
#      5.102  bob2-0 -> server       SEALED 6f69 #2  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1834 ms
#      6.039  bob2-0 -> server       SEALED 6f69 #3  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +896 ms
#      6.448      server: SessionOpened 8028176486590903990 c133 2 False
#      6.448  server -> bob2-0       SEALED 6f69 #0  SEEN 1 1 · ACK 0:2 · ENTRY 0/0 Terms 75d7 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 17673696437618051965 0 0 0 f545 2 5601782913969261409 1 · ENTRY 0/2 Roster 2 1 3 [Member c1
#      6.936  server -> bob2-0       SEALED 6f69 #1  SEEN 3 111   +618 ms
#      6.977  bob2-0 -> server       SEALED 6f69 #4  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +835 ms
#      7.554      bob2: LinkChanged True 3.3893134069423922
#      7.554      bob2: JoinedRoom 'lobby' NEWEST 0 0 0
#      7.554      bob2: RosterReceived 'lobby' [Attendee c133 'bob' ONLINE]
#      7.579  bob2-0 -> server       SEALED 6f69 #5  SEEN 0 0 · ACK 0:3   +1381 ms
#      7.812  server -> bob2-0       SEALED 6f69 #2  SEEN 4 1111   +710 ms
#     12.579  bob2-0 -> server       SEALED 6f69 #6  SEEN 0 0 · ACK 0:3 · HEARTBEAT   +168 ms
#     12.747  server -> bob2-0       SEALED 6f69 #3  SEEN 6 111110   +346 ms
#     17.579  bob2-0 -> server       SEALED 6f69 #7  HEARTBEAT   +2118 ms
#     18.516  bob2-0 -> server       SEALED 6f69 #8  HEARTBEAT   +1180 ms
#     19.454  bob2-0 -> server       SEALED 6f69 #9  HEARTBEAT   +760 ms
#     19.697  server -> bob2-0       SEALED 6f69 #4  SEEN 8 11111011   +609 ms
#     20.214  server -> bob2-0       SEALED 6f69 #5  SEEN 9 111110111   +122 ms
#     24.454  bob2-0 -> server       SEALED 6f69 #10  HEARTBEAT   +432 ms
#     24.885  server -> bob2-0       SEALED 6f69 #6  SEEN 10 1111101111   +2042 ms
#     25.391  bob2-0 -> server       SEALED 6f69 #11  HEARTBEAT   +1391 ms
#     26.329  bob2-0 -> server       SEALED 6f69 #12  HEARTBEAT   +1041 ms
#     26.782  server -> bob2-0       SEALED 6f69 #7  SEEN 11 11111011111   +146 ms
#     27.370  server -> bob2-0       SEALED 6f69 #8  SEEN 12 111110111111   +856 ms
#     31.329  bob2-0 -> server       SEALED 6f69 #13  HEARTBEAT   +1123 ms
#     32.266  bob2-0 -> server       SEALED 6f69 #14  HEARTBEAT   +186 ms
#     32.452  server -> bob2-0       SEALED 6f69 #9  SEEN 14 11111011111111   +202 ms
#     37.266  bob2-0 -> server       SEALED 6f69 #15  HEARTBEAT   +296 ms
#     37.563  server -> bob2-0       SEALED 6f69 #10  SEEN 15 111110111111111   +542 ms
#     38.688  ==  quit bob2  down=0.0
#     38.688  bob2-0 -> server       SEALED 6f69 #16  ENTRY 0/2 Quit ''   +996 ms
#     39.147  bob2-0 -> server       SEALED 6f69 #17  ENTRY 0/2 Quit ''   +954 ms
#     39.684      server: SessionClosed 8028176486590903990 c133 QUIT
#     39.684  server -> bob2-0       SEALED 6f69 #11  SEEN 16 1111101111111111 · ACK 0:3 · BYE   LOST
#     40.101  server -> bob2-0       SEALED 6f69 #11, 71 bytes   LOST
