"""Found by seed 7070: nothing twice (UC-ROOM-7, UC-LOG-2, UC-ROOM-9)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=7070,
    hosts=(
        Host('ada', 'ada'),
        Host('bob', 'bob', rooms=('lobby', 'attic'), renewal=60.0),
    ),
    deeds=(
        do(2.005, 'talk', 'bob', room='attic', count=1, size=0),
        do(2.098, 'crash', 'ada', down=16.643),
        do(2.098, 'talk', 'bob', room='lobby', count=30, size=0),
        do(2.385, 'nick', 'ada', nick='zoe'),
        do(2.61, 'nap', 'ada', seconds=32386.268),
        do(2.61, 'nap', 'bob', seconds=32384.793),
    ),
    calm=32404.2,
    core=('ada', 'bob'),
    weather={'loss': 0.05, 'delay': (0.001, 0.002), 'truncate': 0.02},
    limits={'heartbeat': 1.0, 'timeout': 3.0, 'expiry': 900.0, 'expiry_roomless': 5.0, 'seen_every': 8, 'seen_delay': 0.025, 'half_open': 1024, 'devices': 2, 'reassembly': 65536, 'chat_rate': 10.0, 'chat_burst': 1000.0, 'handshake_rate': 20},
    store={'least': 0.0, 'most': 2.0, 'batch': 5, 'entries': 5},
)

def test_seed_7070_nothing_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: a message of bob's stands at two places
#
#      0.000  ada-0 -> server        HELLO    +2 ms
#      0.000  bob-0 -> server        HELLO    +2 ms
#      0.002  server -> ada-0        RETRY   +1 ms
#      0.002  server -> bob-0        RETRY   +2 ms
#      0.003  ada-0 -> server        HELLO with message 1   +2 ms
#      0.003  bob-0 -> server        HELLO with message 1   +2 ms
#      0.005  server -> ada-0        WELCOME   +1 ms
#      0.005  server -> bob-0        WELCOME   +1 ms
#      0.006  ada-0 -> server        SEALED 3069 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +2 ms
#      0.006      ada: Connected 3ac4
#      0.006  bob-0 -> server        SEALED 802e #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 0 0 0000 · ENTRY 0/2 Join 'attic' 50 0 0 0000   +2 ms
#      0.006      bob: Connected 3ac4
#      0.008      server: SessionOpened 3488502496810933011 4414 1 False
#      0.008  server -> ada-0        SEALED 3069 #0  SEEN 0 0 · ENTRY 0/0 Terms 5fb7 1000 3000 900000 8 25   +1 ms
#      0.008      server: SessionOpened 9236568676027607067 5962 1 False
#      0.008  server -> bob-0        SEALED 802e #0  SEEN 0 0 · ENTRY 0/0 Terms 2cfc 1000 3000 900000 8 25   +1 ms
#      0.009      ada: LinkChanged True 0.002812925069179073
#      0.009      bob: LinkChanged True 0.0031050361303641694
#      0.034  ada-0 -> server        SEALED 3069 #1  SEEN 0 0 · ACK 0:1   +2 ms
#      0.034  bob-0 -> server        SEALED 802e #1  SEEN 0 0 · ACK 0:1   +1 ms
#      1.034  ada-0 -> server        SEALED 3069 #2  ACK 0:1 · HEARTBEAT   +2 ms
#      1.034  bob-0 -> server        SEALED 802e #2  ACK 0:1 · HEARTBEAT   +2 ms
#      1.061  server -> ada-0        SEALED 3069 #1  SEEN 2 10   +2 ms
#      1.061  server -> bob-0        SEALED 802e #1  SEEN 2 10   +2 ms
#      2.005  ==  talk bob  room='attic', count=1, size=0
#      2.005  bob-0 -> server        SEALED 802e #3  ENTRY 0/3 Say 'attic' 9913168589111282258 0 'bob 0'   +2 ms
#      2.032  server -> bob-0        SEALED 802e #2  SEEN 3 101   LOST
#      2.034  ada-0 -> server        SEALED 3069 #3  HEARTBEAT   +2 ms
#      2.039  bob-0 -> server        SEALED 802e #4  ENTRY 0/3 Say 'attic' 9913168589111282258 0 'bob 0'   +2 ms
#      2.061  server -> ada-0        SEALED 3069 #2  SEEN 3 101   +1 ms
#      2.066  server -> bob-0        SEALED 802e #3  SEEN 4 1011   +2 ms
#      2.098  ==  crash ada  down=16.643
#      2.098  ==  talk bob  room='lobby', count=30, size=0
#      2.098  bob-0 -> server        SEALED 802e #5  ENTRY 0/4 Say 'lobby' 7276379138823992831 0 'bob 1' · ENTRY 0/5 Say 'lobby' 2472083785786981415 0 'bob 2' · ENTRY 0/6 Say 'lobby' 7049844840630346814 0 'bob 3' · ENTRY 0/7 Say 'lobby' 31482
#      2.125  server -> bob-0        SEALED 802e #4  SEEN 5 10111   +2 ms
#      2.385  ==  nick ada  nick='zoe'
#      2.610  ==  nap ada  seconds=32386.268
#      2.610  ==  nap bob  seconds=32384.793
#      3.415  server -> ada-0        SEALED 3069 #3  ACK 0:1   LOST
#      3.415  server -> bob-0        SEALED 802e #5  ACK 0:1   LOST
#      3.522  server -> bob-0        SEALED 802e #6  ACK 0:1 · HEARTBEAT   LOST
#      3.523  server -> ada-0        SEALED 3069 #4  ACK 0:1 · HEARTBEAT   LOST
#      3.736  server -> bob-0        SEALED 802e #7  ACK 0:1 · HEARTBEAT   LOST
#      3.739  server -> ada-0        SEALED 3069 #5  ACK 0:1 · HEARTBEAT   LOST
#      3.796  server -> ada-0        SEALED 3069 #6  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      3.796  server -> bob-0        SEALED 802e #8  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob']   LOST
#      3.903  server -> bob-0        SEALED 802e #9  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob']   LOST
#      3.904  server -> ada-0        SEALED 3069 #7  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      3.975  server -> bob-0        SEALED 802e #10  ACK 0:3 · ENTRY 0/3 Joined 'attic' 0 3 1124477135182521933 0 0 0 0f9a 4 14192202173197753091 1 · ENTRY 0/4 Roster 4 1 3 [Member 5962 1 'bob']   LOST
#      4.012  server -> ada-0        SEALED 3069 #8  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.081  server -> bob-0        SEALED 802e #11  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.119  server -> ada-0        SEALED 3069 #9  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.188  server -> bob-0        SEALED 802e #12  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.227  server -> ada-0        SEALED 3069 #10  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.295  server -> bob-0        SEALED 802e #13  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.335  server -> ada-0        SEALED 3069 #11  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.401  server -> bob-0        SEALED 802e #14  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.443  server -> ada-0        SEALED 3069 #12  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.508  server -> bob-0        SEALED 802e #15  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.551  server -> ada-0        SEALED 3069 #13  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.615  server -> bob-0        SEALED 802e #16  ACK 0:3 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.722  server -> bob-0        SEALED 802e #17  ACK 0:8 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#      4.766  server -> ada-0        SEALED 3069 #14  ACK 0:2 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 1 · ENTRY 0/2 Roster 2 1 3 [Member 4414 1 'ada'] · ENTRY 2/1 Online 5962 'bob'   LOST
#      4.935  server -> bob-0        SEALED 802e #18  ACK 0:8 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'bob'] · ENTRY 0/3 Joined 'atti
#  32387.403  bob-0 -> server        SEALED 802e #6  HEARTBEAT   +2 ms
#  32387.403      bob: LinkChanged False 0.0035035021955921123
#  32387.403      bob: AddressNeeded
#  32387.405  server -> bob-0        SEALED 802e #19  SEEN 6 101111 · ACK 0:11 · HEARTBEAT · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 0 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414 1 'ada', Member 5962 1 'b
#  32387.406  bob-0 -> server        HELLO    +1 ms
#  32387.406  bob-0 -> server        SEALED 802e #7  SEEN 19 1000000000000000000 · ACK 0:5 · ACK 1:7 · ACK 3:1 · ENTRY 0/11 Say 'lobby' 579935112795301675 0 'bob 8' · ENTRY 0/12 Say 'lobby' 3882633597560855358 0 'bob 9' · ENTRY 0/13 Say 'lobb
#  32387.406      bob: JoinedRoom 'lobby' NEWEST 0 0 0
#  32387.406      bob: RosterReceived 'lobby' [Attendee 4414 'ada' ONLINE, Attendee 5962 'bob' ONLINE]
#  32387.406      bob: JoinedRoom 'attic' NEWEST 0 0 0
#  32387.406      bob: RosterReceived 'attic' [Attendee 5962 'bob' ONLINE]
#  32387.406      bob: LinkChanged True 0.0034856007366608896
#  32387.406      bob: ChatReceived 'lobby' 0 5962 'bob' 7276379138823992831 1004713 'bob 1' 'bob 1' False False
#  32387.406      bob: Sent 'lobby' 7276379138823992831 0
#  32387.406      bob: ChatReceived 'lobby' 1 5962 'bob' 2472083785786981415 1004713 'bob 2' 'bob 2' False False
#  32387.406      bob: Sent 'lobby' 2472083785786981415 1
#  32387.406      bob: ChatReceived 'lobby' 2 5962 'bob' 7049844840630346814 1004713 'bob 3' 'bob 3' False False
#  32387.406      bob: Sent 'lobby' 7049844840630346814 2
#  32387.406      bob: ChatReceived 'lobby' 3 5962 'bob' 3148238981467525336 1004713 'bob 4' 'bob 4' False False
#  32387.406      bob: Sent 'lobby' 3148238981467525336 3
#  32387.406      bob: ChatReceived 'lobby' 4 5962 'bob' 8828421292482046182 1005620 'bob 5' 'bob 5' False False
#  32387.406      bob: Sent 'lobby' 8828421292482046182 4
#  32387.406      bob: ChatReceived 'lobby' 5 5962 'bob' 13022366249257910442 1005620 'bob 6' 'bob 6' False False
#  32387.406      bob: Sent 'lobby' 13022366249257910442 5
#  32387.406      bob: ChatReceived 'lobby' 6 5962 'bob' 18289187402076794786 1005620 'bob 7' 'bob 7' False False
#  32387.406      bob: Sent 'lobby' 18289187402076794786 6
#  32387.406      bob: ChatReceived 'attic' 0 5962 'bob' 9913168589111282258 1004713 'bob 0' 'bob 0' False False
#  32387.406      bob: Sent 'attic' 9913168589111282258 0
#  32387.408  server -> bob-0        RETRY   +2 ms
#  32387.409  bob-0 -> server        HELLO with message 1   +2 ms
#  32387.411  server -> bob-0        WELCOME   +1 ms
#  32387.412  bob-0 -> server        SEALED 832b #0  HEARTBEAT · ENTRY 0/0 Nick 'bob' · ENTRY 0/1 Join 'lobby' 50 14542288573828297959 7 8762 · ENTRY 0/2 Join 'attic' 50 1124477135182521933 1 5146 · ENTRY 0/3 Say 'lobby' 579935112795301675 0
#  32387.414      server: SessionClosed 9236568676027607067 5962 REPLACED
#  32387.414      server: SessionOpened 9451707857002900006 5962 1 True
#  32387.414  server -> bob-0        SEALED 802e #20  SEEN 7 1011111 · BYE   +1 ms
#  32387.414  server -> bob-0        SEALED 832b #0  SEEN 0 0 · ACK 0:3 · ENTRY 0/0 Terms 57b5 1000 3000 900000 8 25 · ENTRY 0/1 Joined 'lobby' 1 1 14542288573828297959 0 7 7 8762 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 4414
#  32387.441  bob-0 -> server        SEALED 832b #1  SEEN 0 0 · ACK 0:5   +2 ms
#  32388.441  bob-0 -> server        SEALED 832b #2  ACK 0:5 · HEARTBEAT   +2 ms
#  32388.467  server -> bob-0        SEALED 832b #1  SEEN 2 10   +1 ms
#  32388.878  ada-1 -> server        HELLO    +2 ms
#  32388.880  server -> ada-1        RETRY   LOST
#  32389.036  server -> bob-0        SEALED 832b #2  ENTRY 1/7 Chat 5962 'bob' 579935112795301675 33389036 0 'bob 8' · ENTRY 1/8 Chat 5962 'bob' 3882633597560855358 33389036 0 'bob 9' · ENTRY 1/9 Chat 5962 'bob' 11671909112108021992 33389036
#  32389.037      bob: ChatReceived 'lobby' 7 5962 'bob' 579935112795301675 33389036 'bob 8' 'bob 8' False False
#  32389.037      bob: Sent 'lobby' 579935112795301675 7
#  32389.037      bob: ChatReceived 'lobby' 8 5962 'bob' 3882633597560855358 33389036 'bob 9' 'bob 9' False False
#  32389.037      bob: Sent 'lobby' 3882633597560855358 8
#  32389.037      bob: ChatReceived 'lobby' 9 5962 'bob' 11671909112108021992 33389036 'bob 10' 'bob 10' False False
#  32389.037      bob: Sent 'lobby' 11671909112108021992 9
#  32389.037      bob: ChatReceived 'lobby' 10 5962 'bob' 9787353999047913834 33389036 'bob 11' 'bob 11' False False
#  32389.037      bob: Sent 'lobby' 9787353999047913834 10
#  32389.037      bob: ChatReceived 'lobby' 11 5962 'bob' 7680313929260378386 33389036 'bob 12' 'bob 12' False False
#  32389.037      bob: Sent 'lobby' 7680313929260378386 11
#  32389.062  bob-0 -> server        SEALED 832b #3  SEEN 2 10 · ACK 1:12   +1 ms
#  32389.878  ada-1 -> server        HELLO    +1 ms
#  32389.879  server -> ada-1        RETRY   +1 ms
#  32389.881  ada-1 -> server        HELLO with message 1   +2 ms
#  32389.883  server -> ada-1        WELCOME   +2 ms
#  32389.885  ada-1 -> server        SEALED 5980 #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   LOST
#  32389.885      ada: Connected 3ac4
#  32389.885  ada-1 -> server        SEALED 5980 #1  ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +1 ms
#  32389.887      server: SessionClosed 3488502496810933011 4414 REPLACED
#  32389.887      server: SessionOpened 6449394950484611160 4414 1 True
#  32389.887  server -> ada-0        SEALED 3069 #15  ACK 0:2 · BYE   LOST
#  32389.887  server -> ada-1        SEALED 5980 #0  SEEN 1 0 · ACK 0:2 · ENTRY 0/0 Terms 1fe0 1000 3000 900000 8 25 · ENTRY 0/1 Joined 'lobby' 0 1 14542288573828297959 0 12 0 c9d0 2 17174544998065788469 2 · ENTRY 0/2 Roster 2 2 3 [Member 441
#  32389.888      ada: JoinedRoom 'lobby' NEWEST 0 12 0
#  32389.888      ada: RosterReceived 'lobby' [Attendee 4414 'ada' ONLINE, Attendee 5962 'bob' ONLINE]
#  32389.888      ada: LinkChanged True 0.0028888815722893924
#  32389.888      ada: ChatReceived 'lobby' 0 5962 'bob' 7276379138823992831 1004713 'bob 1' 'bob 1' False False
#  32389.888      ada: ChatReceived 'lobby' 1 5962 'bob' 2472083785786981415 1004713 'bob 2' 'bob 2' False False
#  32389.888      ada: ChatReceived 'lobby' 2 5962 'bob' 7049844840630346814 1004713 'bob 3' 'bob 3' False False
#  32389.888      ada: ChatReceived 'lobby' 3 5962 'bob' 3148238981467525336 1004713 'bob 4' 'bob 4' False False
#  32389.888      ada: ChatReceived 'lobby' 4 5962 'bob' 8828421292482046182 1005620 'bob 5' 'bob 5' False False
#  32389.888      ada: ChatReceived 'lobby' 5 5962 'bob' 13022366249257910442 1005620 'bob 6' 'bob 6' False False
#  32389.888      ada: ChatReceived 'lobby' 6 5962 'bob' 18289187402076794786 1005620 'bob 7' 'bob 7' False False
#  32389.888      ada: ChatReceived 'lobby' 7 5962 'bob' 579935112795301675 33389036 'bob 8' 'bob 8' False False
#  32389.888      ada: ChatReceived 'lobby' 8 5962 'bob' 3882633597560855358 33389036 'bob 9' 'bob 9' False False
#  32389.888      ada: ChatReceived 'lobby' 9 5962 'bob' 11671909112108021992 33389036 'bob 10' 'bob 10' False False
#  32389.888      ada: ChatReceived 'lobby' 10 5962 'bob' 9787353999047913834 33389036 'bob 11' 'bob 11' False False
#  32389.888      ada: ChatReceived 'lobby' 11 5962 'bob' 7680313929260378386 33389036 'bob 12' 'bob 12' False False
#  32389.913  ada-1 -> server        SEALED 5980 #2  SEEN 0 0 · ACK 0:3 · ACK 1:12   +1 ms
#  32390.062  bob-0 -> server        SEALED 832b #4  ACK 1:12 · HEARTBEAT   LOST
#  32390.249  bob-0 -> server        SEALED 832b #5  ACK 1:12 · HEARTBEAT   +2 ms
#  32390.276  server -> bob-0        SEALED 832b #3  SEEN 5 10100   +1 ms
#  32390.497  server -> bob-0        SEALED 832b #4  ACK 0:5 · ENTRY 1/12 Chat 5962 'bob' 2814163464311581704 33390497 0 'bob 13' · ENTRY 1/13 Chat 5962 'bob' 3828431719446140791 33390497 0 'bob 14' · ENTRY 1/14 Chat 5962 'bob' 13019512426360
#  32390.497  server -> ada-1        SEALED 5980 #1  ENTRY 1/12 Chat 5962 'bob' 2814163464311581704 33390497 0 'bob 13' · ENTRY 1/13 Chat 5962 'bob' 3828431719446140791 33390497 0 'bob 14' · ENTRY 1/14 Chat 5962 'bob' 13019512426360174296 333
#  32390.498      bob: ChatReceived 'lobby' 12 5962 'bob' 2814163464311581704 33390497 'bob 13' 'bob 13' False False
#  32390.498      bob: Sent 'lobby' 2814163464311581704 12
#  32390.498      bob: ChatReceived 'lobby' 13 5962 'bob' 3828431719446140791 33390497 'bob 14' 'bob 14' False False
#  32390.498      bob: Sent 'lobby' 3828431719446140791 13
#  32390.498      bob: ChatReceived 'lobby' 14 5962 'bob' 13019512426360174296 33390497 'bob 15' 'bob 15' False False
#  32390.498      bob: Sent 'lobby' 13019512426360174296 14
#  32390.498      bob: ChatReceived 'lobby' 15 5962 'bob' 579935112795301675 33390497 'bob 8' 'bob 8' False False
#  32390.498      bob: ChatReceived 'lobby' 16 5962 'bob' 3882633597560855358 33390497 'bob 9' 'bob 9' False False
