"""Found by seed 140044: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140044,
    hosts=(
        Host('bob2', 'bob', device=2),
    ),
    deeds=(
        do(4.277, 'quit', 'bob2', down=0.0),
    ),
    calm=5.277,
    core=('bob2',),
    weather={'delay': (1.0, 1.0)},
)

def test_seed_140044_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 077521a2bbb07016 2 after 2
#
#      0.000  bob2-0 -> server       HELLO    +1000 ms
#      1.000  server -> bob2-0       RETRY   +1000 ms
#      1.000  bob2-0 -> server       HELLO    +1000 ms
#      2.000  server -> bob2-0       RETRY   +1000 ms
#      2.000  bob2-0 -> server       HELLO with message 1   +1000 ms
#      3.000  server -> bob2-0       WELCOME   +1000 ms
#      3.000  bob2-0 -> server       HELLO with message 1   +1000 ms
#      4.000  server -> bob2-0       WELCOME   +1000 ms
#      4.000  bob2-0 -> server       SEALED 0775 #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      4.000      bob2: Connected 167f
#      4.083  bob2-0 -> server       SEALED 0775 #1  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      4.277  ==  quit bob2  down=0.0
#      4.277  bob2-0 -> server       SEALED 0775 #2  ENTRY 0/2 Quit '' · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1000 ms
#      4.360  bob2-0 -> server       SEALED 0775 #3  ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +1000 ms
#      5.000      server: SessionOpened 537372713357963286 1ee3 2 False
#      5.000  server -> bob2-0       SEALED 0775 #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 4b8e 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 836573093044723919 0 0 0 0b9c 2 11112774001669350709 1 · ENTRY 0/2 Roster 2 1 3 [Member 1ee
#      5.108  server -> bob2-0       SEALED 0775 #1  SEEN 1 1   LOST
#      5.277      server: SessionClosed 537372713357963286 1ee3 QUIT
#      5.277  server -> bob2-0       SEALED 0775 #2  SEEN 2 11 · ACK 0:3 · BYE   LOST
#      5.298  bob2-0 -> server       SEALED 0775 #4  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Quit ''   +62 ms
#      5.360  server -> bob2-0       SEALED 0775 #2, 71 bytes   LOST
