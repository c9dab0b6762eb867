"""Found by seed 140027: no nonce twice (UC-SEAL-2, UC-NOISE-5)."""

from simulation.schedule import Host, Schedule, do
from simulation.world import run

SCHEDULE = Schedule(
    seed=140027,
    hosts=(
        Host('ada', 'ada'),
    ),
    deeds=(
        do(5.812, 'talk', 'ada', room='lobby', count=30, size=0),
        do(6.559, 'quit', 'ada', down=0.0),
    ),
    calm=7.559,
    core=('ada',),
    weather={'corrupt': 0.1},
)

def test_seed_140027_no_nonce_twice() -> None:
    assert run(SCHEDULE).failure is None


# What was wrong: down 572e90723e4f6ca2 9 after 9
#
#      0.000  ada-0 -> server        HELLO    +50 ms
#      0.050  server -> ada-0        RETRY   +50 ms
#      0.100  ada-0 -> server        HELLO with message 1   +50 ms
#      0.150  server -> ada-0        WELCOME   +50 ms
#      0.200  ada-0 -> server        SEALED 572e #0  HEARTBEAT · ENTRY 0/0 Nick 'ada' · ENTRY 0/1 Join 'lobby' 50 0 0 0000   +50 ms
#      0.200      ada: Connected 988e
#      0.250      server: SessionOpened 6282117350574484642 50ee 1 False
#      0.250  server -> ada-0        SEALED 572e #0  SEEN 0 0 · ACK 0:2 · ENTRY 0/0 Terms 62a8 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 16515726449901910665 0 0 0 e533 2 7370168036398485767 1 · ENTRY 0/2 Roster 2 1 3 [Member 50
#      0.300      ada: LinkChanged True 0.09999999999990905
#      0.300      ada: JoinedRoom 'lobby' NEWEST 0 0 0
#      0.300      ada: RosterReceived 'lobby' [Attendee 50ee 'ada' ONLINE]
#      0.325  ada-0 -> server        SEALED 572e #1  SEEN 0 0 · ACK 0:3   LOST
#      0.375  up ada-0: 66 bytes come that nobody sent so
#      0.375  server -> ada-0        RESET   +50 ms
#      0.575  server -> ada-0        SEALED 572e #1  SEEN 0 0 · ACK 0:2 · HEARTBEAT · ENTRY 0/0 Terms 62a8 5000 15000 86400000 2 25 · ENTRY 0/1 Joined 'lobby' 0 1 16515726449901910665 0 0 0 e533 2 7370168036398485767 1 · ENTRY 0/2 Roster 2 1
#      0.625  ada-0 -> server        SEALED 572e #2  SEEN 1 1   +50 ms
#      5.625  ada-0 -> server        SEALED 572e #3  HEARTBEAT   +50 ms
#      5.675  server -> ada-0        SEALED 572e #2  SEEN 3 100   +50 ms
#      5.812  ==  talk ada  room='lobby', count=30, size=0
#      5.812  ada-0 -> server        SEALED 572e #4  ENTRY 0/2 Say 'lobby' 16177372938323267140 0 'ada 0' · ENTRY 0/3 Say 'lobby' 6635138388419875795 0 'ada 1' · ENTRY 0/4 Say 'lobby' 6993207565538056431 0 'ada 2' · ENTRY 0/5 Say 'lobby' 1184
#      5.862  server -> ada-0        SEALED 572e #3  SEEN 4 1001 · ACK 0:10 · ENTRY 1/0 Chat 50ee 'ada' 16177372938323267140 1005862 0 'ada 0' · ENTRY 1/1 Chat 50ee 'ada' 6635138388419875795 1005862 0 'ada 1' · ENTRY 1/2 Chat 50ee 'ada' 69932
#      5.912  ada-0 -> server        SEALED 572e #5  SEEN 3 110 · ACK 0:3 · ACK 1:8 · ENTRY 0/10 Say 'lobby' 9071824792967820467 0 'ada 8' · ENTRY 0/11 Say 'lobby' 2285252843672653649 0 'ada 9' · ENTRY 0/12 Say 'lobby' 10865855273323828421 0
#      5.912      ada: ChatReceived 'lobby' 0 50ee 'ada' 16177372938323267140 1005862 'ada 0' 'ada 0' False False
#      5.912      ada: Sent 'lobby' 16177372938323267140 0
#      5.912      ada: ChatReceived 'lobby' 1 50ee 'ada' 6635138388419875795 1005862 'ada 1' 'ada 1' False False
#      5.912      ada: Sent 'lobby' 6635138388419875795 1
#      5.912      ada: ChatReceived 'lobby' 2 50ee 'ada' 6993207565538056431 1005862 'ada 2' 'ada 2' False False
#      5.912      ada: Sent 'lobby' 6993207565538056431 2
#      5.912      ada: ChatReceived 'lobby' 3 50ee 'ada' 11840116670564777410 1005862 'ada 3' 'ada 3' False False
#      5.912      ada: Sent 'lobby' 11840116670564777410 3
#      5.912      ada: ChatReceived 'lobby' 4 50ee 'ada' 9051272502278636246 1005862 'ada 4' 'ada 4' False False
#      5.912      ada: Sent 'lobby' 9051272502278636246 4
#      5.912      ada: ChatReceived 'lobby' 5 50ee 'ada' 14608585107159556603 1005862 'ada 5' 'ada 5' False False
#      5.912      ada: Sent 'lobby' 14608585107159556603 5
#      5.912      ada: ChatReceived 'lobby' 6 50ee 'ada' 6918125194197942356 1005862 'ada 6' 'ada 6' False False
#      5.912      ada: Sent 'lobby' 6918125194197942356 6
#      5.912      ada: ChatReceived 'lobby' 7 50ee 'ada' 12482841240888188700 1005862 'ada 7' 'ada 7' False False
#      5.912      ada: Sent 'lobby' 12482841240888188700 7
#      5.962  server -> ada-0        SEALED 572e #4  SEEN 5 10011 · ACK 0:18 · ENTRY 1/8 Chat 50ee 'ada' 9071824792967820467 1005962 0 'ada 8' · ENTRY 1/9 Chat 50ee 'ada' 2285252843672653649 1005962 0 'ada 9' · ENTRY 1/10 Chat 50ee 'ada' 1086
#      6.012  ada-0 -> server        SEALED 572e #6  SEEN 4 1101 · ACK 1:16 · ENTRY 0/18 Say 'lobby' 15575410285647486989 0 'ada 16' · ENTRY 0/19 Say 'lobby' 3198316192153799523 0 'ada 17' · ENTRY 0/20 Say 'lobby' 17998565778942283376 0 'ada
#      6.012      ada: ChatReceived 'lobby' 8 50ee 'ada' 9071824792967820467 1005962 'ada 8' 'ada 8' False False
#      6.012      ada: Sent 'lobby' 9071824792967820467 8
#      6.012      ada: ChatReceived 'lobby' 9 50ee 'ada' 2285252843672653649 1005962 'ada 9' 'ada 9' False False
#      6.012      ada: Sent 'lobby' 2285252843672653649 9
#      6.012      ada: ChatReceived 'lobby' 10 50ee 'ada' 10865855273323828421 1005962 'ada 10' 'ada 10' False False
#      6.012      ada: Sent 'lobby' 10865855273323828421 10
#      6.012      ada: ChatReceived 'lobby' 11 50ee 'ada' 10341114776304933806 1005962 'ada 11' 'ada 11' False False
#      6.012      ada: Sent 'lobby' 10341114776304933806 11
#      6.012      ada: ChatReceived 'lobby' 12 50ee 'ada' 16105380207237420233 1005962 'ada 12' 'ada 12' False False
#      6.012      ada: Sent 'lobby' 16105380207237420233 12
#      6.012      ada: ChatReceived 'lobby' 13 50ee 'ada' 7322323169539612762 1005962 'ada 13' 'ada 13' False False
#      6.012      ada: Sent 'lobby' 7322323169539612762 13
#      6.012      ada: ChatReceived 'lobby' 14 50ee 'ada' 18011919618039758643 1005962 'ada 14' 'ada 14' False False
#      6.012      ada: Sent 'lobby' 18011919618039758643 14
#      6.012      ada: ChatReceived 'lobby' 15 50ee 'ada' 1042150005280665591 1005962 'ada 15' 'ada 15' False False
#      6.012      ada: Sent 'lobby' 1042150005280665591 15
#      6.062  server -> ada-0        SEALED 572e #5  SEEN 6 100111 · ACK 0:26 · ENTRY 1/16 Chat 50ee 'ada' 15575410285647486989 1006062 0 'ada 16' · ENTRY 1/17 Chat 50ee 'ada' 3198316192153799523 1006062 0 'ada 17' · ENTRY 1/18 Chat 50ee 'ada
#      6.112  down ada-0: 490 bytes come that nobody sent so
#      6.221  ada-0 -> server        SEALED 572e #7  ENTRY 0/18 Say 'lobby' 15575410285647486989 0 'ada 16' · ENTRY 0/19 Say 'lobby' 3198316192153799523 0 'ada 17' · ENTRY 0/20 Say 'lobby' 17998565778942283376 0 'ada 18' · ENTRY 0/21 Say 'lob
#      6.271  up ada-0: 344 bytes come that nobody sent so
#      6.271  server -> ada-0        RESET   +50 ms
#      6.299  server -> ada-0        SEALED 572e #6  SEEN 6 100111 · ACK 0:26 · HEARTBEAT · ENTRY 1/16 Chat 50ee 'ada' 15575410285647486989 1006062 0 'ada 16' · ENTRY 1/17 Chat 50ee 'ada' 3198316192153799523 1006062 0 'ada 17' · ENTRY 1/18 Ch
#      6.349  ada-0 -> server        SEALED 572e #8  SEEN 6 110110 · ACK 1:24 · ENTRY 0/26 Say 'lobby' 15400868101845006006 0 'ada 24' · ENTRY 0/27 Say 'lobby' 15173483029034999969 0 'ada 25' · ENTRY 0/28 Say 'lobby' 16055217355808436103 0 'a
#      6.349      ada: ChatReceived 'lobby' 16 50ee 'ada' 15575410285647486989 1006062 'ada 16' 'ada 16' False False
#      6.349      ada: Sent 'lobby' 15575410285647486989 16
#      6.349      ada: ChatReceived 'lobby' 17 50ee 'ada' 3198316192153799523 1006062 'ada 17' 'ada 17' False False
#      6.349      ada: Sent 'lobby' 3198316192153799523 17
#      6.349      ada: ChatReceived 'lobby' 18 50ee 'ada' 17998565778942283376 1006062 'ada 18' 'ada 18' False False
#      6.349      ada: Sent 'lobby' 17998565778942283376 18
#      6.349      ada: ChatReceived 'lobby' 19 50ee 'ada' 14598626920744612447 1006062 'ada 19' 'ada 19' False False
#      6.349      ada: Sent 'lobby' 14598626920744612447 19
#      6.349      ada: ChatReceived 'lobby' 20 50ee 'ada' 13106966074216086002 1006062 'ada 20' 'ada 20' False False
#      6.349      ada: Sent 'lobby' 13106966074216086002 20
#      6.349      ada: ChatReceived 'lobby' 21 50ee 'ada' 6495049940341935156 1006062 'ada 21' 'ada 21' False False
#      6.349      ada: Sent 'lobby' 6495049940341935156 21
#      6.349      ada: ChatReceived 'lobby' 22 50ee 'ada' 4875386852350440793 1006062 'ada 22' 'ada 22' False False
#      6.349      ada: Sent 'lobby' 4875386852350440793 22
#      6.349      ada: ChatReceived 'lobby' 23 50ee 'ada' 15770154904102704778 1006062 'ada 23' 'ada 23' False False
#      6.349      ada: Sent 'lobby' 15770154904102704778 23
#      6.399  server -> ada-0        SEALED 572e #7  SEEN 8 10011110 · ACK 0:32 · ENTRY 1/24 Chat 50ee 'ada' 15400868101845006006 1006399 0 'ada 24' · ENTRY 1/25 Chat 50ee 'ada' 15173483029034999969 1006399 0 'ada 25' · ENTRY 1/26 Chat 50ee '
#      6.424  server -> ada-0        SEALED 572e #8  SEEN 8 10011110 · ACK 0:32 · ENTRY 1/24 Chat 50ee 'ada' 15400868101845006006 1006399 0 'ada 24' · ENTRY 1/25 Chat 50ee 'ada' 15173483029034999969 1006399 0 'ada 25' · ENTRY 1/26 Chat 50ee '
#      6.449      ada: ChatReceived 'lobby' 24 50ee 'ada' 15400868101845006006 1006399 'ada 24' 'ada 24' False False
#      6.449      ada: Sent 'lobby' 15400868101845006006 24
#      6.449      ada: ChatReceived 'lobby' 25 50ee 'ada' 15173483029034999969 1006399 'ada 25' 'ada 25' False False
#      6.449      ada: Sent 'lobby' 15173483029034999969 25
#      6.449      ada: ChatReceived 'lobby' 26 50ee 'ada' 16055217355808436103 1006399 'ada 26' 'ada 26' False False
#      6.449      ada: Sent 'lobby' 16055217355808436103 26
#      6.449      ada: ChatReceived 'lobby' 27 50ee 'ada' 10936045761042653429 1006399 'ada 27' 'ada 27' False False
#      6.449      ada: Sent 'lobby' 10936045761042653429 27
#      6.449      ada: ChatReceived 'lobby' 28 50ee 'ada' 6089471581628433549 1006399 'ada 28' 'ada 28' False False
#      6.449      ada: Sent 'lobby' 6089471581628433549 28
#      6.449      ada: ChatReceived 'lobby' 29 50ee 'ada' 10557531115195658536 1006399 'ada 29' 'ada 29' False False
#      6.449      ada: Sent 'lobby' 10557531115195658536 29
#      6.474  ada-0 -> server        SEALED 572e #9  SEEN 8 11011011 · ACK 1:30   +50 ms
#      6.559  ==  quit ada  down=0.0
#      6.559  ada-0 -> server        SEALED 572e #10  SEEN 8 11011011 · ACK 1:30 · ENTRY 0/32 Quit ''   +50 ms
#      6.584  ada-0 -> server        SEALED 572e #11  SEEN 8 11011011 · ACK 1:30 · ENTRY 0/32 Quit ''   +50 ms
#      6.609      server: SessionClosed 6282117350574484642 50ee QUIT
#      6.609  server -> ada-0        SEALED 572e #9  SEEN 10 1001111010 · ACK 0:33 · BYE   LOST
#      6.634  server -> ada-0        SEALED 572e #9, 71 bytes   LOST
