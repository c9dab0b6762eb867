"""The protocol's timers and bounds: the defaults of SPEC.md 15, and the range that each may be set to.

Seconds unless the SPEC's table says otherwise. Sizes of what is on the wire are in `limits`.
"""

from types import MappingProxyType
from typing import Final, NamedTuple


class Range(NamedTuple):
    """The least and the greatest value that a constant may be given."""

    least: float
    greatest: float


HELLO_INTERVAL: Final = 1.0  # between the first HELLOs
HELLO_LEAST: Final = 0.2  # the same once a round-trip time is known
HELLO_EAGER: Final = 6  # HELLOs before the interval doubles
HELLO_MAX: Final = 10.0  # the longest interval
HELLO_VERDICT: Final = 5.0  # until a person is told of a refusal
COOKIE_LIFE: Final = 120.0  # validity of a cookie, and of the secret that makes it
HALF_OPEN_MAX: Final = 1024  # half-open sessions
HANDSHAKE_RATE: Final = 500  # handshakes with a verified cookie, a second
RESET_RATE: Final = 1000  # RESETs a second
FAREWELL: Final = 60.0  # in which a BYE that ends its client is sent again
FAREWELLS_MAX: Final = 1024  # BYEs that are kept for that
REPLAY_WINDOW: Final = 2048  # packet numbers
PACKETS_MAX: Final = 8_388_608  # packets a direction and session
SESSION_LIFE: Final = 90_000.0  # the greatest age of a session
HEARTBEAT: Final = 5.0  # `heartbeat` in TERMS
TIMEOUT: Final = 15.0  # `timeout` in TERMS
EXPIRY: Final = 86_400.0  # `expiry` in TERMS
EXPIRY_ROOMLESS: Final = 60.0  # the same for a session in no room
BEAT_REPEAT: Final = 0.5  # the shortest time between repeated heartbeats
RENEWAL: Final = 3600.0  # the age at which a session is renewed, give or take a quarter
PATH_TRIES: Final = 3  # CHALLENGEs on a path since a packet came on it
PATH_REPEAT: Final = 1.0  # the longest time between two CHALLENGEs
PATH_BUDGET: Final = 3  # bytes to a path that is not in use for each byte that came on it
PATH_SIZE: Final = 400  # bytes of the HEARTBEAT of a client that knows that it moved
SEEN_EVERY: Final = 2  # `seen_every` in TERMS, in packets
SEEN_DELAY: Final = 0.025  # `seen_delay` in TERMS
SEEN_BYTES: Final = 6000  # bytes of packets at which SEEN is sent
SEEN_BYTES_MORE: Final = 38_400  # the most of them that SEEN may wait for
WINDOW: Final = 512  # entries beyond the last ACK
ACK_ENTRIES: Final = 384  # entries at which an ACK is sent
CONTROL_BYTES: Final = 65_536  # unacknowledged bytes of a control log beyond which nothing is added to it
UPLINK_ENTRIES: Final = 32  # unacknowledged entries of the uplink
UPLINK_BYTES: Final = 32_768  # their bytes
UNANSWERED: Final = 8  # SAYs among them
QUIT_PATIENCE: Final = 15.0  # waiting for the answer to QUIT
RECORDS_MAX: Final = 256  # packets in flight
INITIAL_RTT: Final = 0.333  # until the first sample
GRANULARITY: Final = 0.001  # of timers, for loss
INITIAL_WINDOW: Final = 12_000  # bytes in flight at first
MINIMUM_WINDOW: Final = 2400  # bytes in flight at least
PACKET_THRESHOLD: Final = 3  # packets SEEN after one that is lost
PTO_EAGER: Final = 6  # probes before the PTO doubles, while little is in flight
PTO_LITTLE: Final = 4800  # bytes in flight that are little
PTO_LEAST: Final = 1.0  # the same while little is in flight, unless the PTO is longer
PTO_MAX: Final = 3.0  # to which the PTO doubles at most
LOSS_MEMORY: Final = 32  # packets that the share of lost ones is measured with
LOSSY: Final = 0.04  # share of packets lost above which entries ride along and are duplicated
GENTLE: Final = 0.85  # of the window that is left after a loss without a queue
QUEUE_FREE: Final = 1.5  # srtt in units of the least RTT below which there is no queue
TIME_THRESHOLD: Final = 1.125  # round-trip times after which it is lost
HISTORY_MAX: Final = 1024  # entries that one HISTORY may ask for
REASSEMBLY_MAX: Final = 16_777_216  # bytes of entries that wait out of order
LARGE_ROOM: Final = 256  # members beyond which a room is large, and members that it lists then
SMALL_ROOM: Final = 128  # members below which it is small again
GATHER: Final = 1.0  # over which the changes in a large room are gathered
SPEAKER_LIFE: Final = 3600.0  # since a member of a large room said something, to be listed
ATTENDEES_MAX: Final = 65_536  # members of a room that a client lists

RANGES: Final = MappingProxyType(
    {
        "HELLO_INTERVAL": Range(0.5, 5.0),
        "HELLO_LEAST": Range(0.1, 1.0),
        "HELLO_EAGER": Range(1, 10),
        "HELLO_MAX": Range(5.0, 60.0),
        "HELLO_VERDICT": Range(1.0, 60.0),
        "COOKIE_LIFE": Range(10.0, 120.0),
        "HALF_OPEN_MAX": Range(16, 65_536),
        "HANDSHAKE_RATE": Range(1, 100_000),
        "RESET_RATE": Range(1, 100_000),
        "FAREWELL": Range(60.0, 60.0),
        "FAREWELLS_MAX": Range(1024, 1024),
        "REPLAY_WINDOW": Range(2048, 2048),
        "PACKETS_MAX": Range(8_388_608, 8_388_608),
        "SESSION_LIFE": Range(90_000.0, 90_000.0),
        "HEARTBEAT": Range(0.1, 60.0),
        "TIMEOUT": Range(0.3, 300.0),
        "EXPIRY": Range(1.0, 604_800.0),
        "EXPIRY_ROOMLESS": Range(1.0, 3600.0),
        "BEAT_REPEAT": Range(0.5, 0.5),
        "RENEWAL": Range(60.0, 43_200.0),
        "PATH_TRIES": Range(3, 3),
        "PATH_REPEAT": Range(1.0, 1.0),
        "PATH_BUDGET": Range(3, 3),
        "PATH_SIZE": Range(400, 400),
        "SEEN_EVERY": Range(1, 32),
        "SEEN_DELAY": Range(0.0, 0.5),
        "SEEN_BYTES": Range(6000, 6000),
        "SEEN_BYTES_MORE": Range(38_400, 38_400),
        "WINDOW": Range(512, 512),
        "ACK_ENTRIES": Range(384, 384),
        "CONTROL_BYTES": Range(65_536, 65_536),
        "UPLINK_ENTRIES": Range(1, 32),
        "UPLINK_BYTES": Range(1200, 32_768),
        "UNANSWERED": Range(1, 8),
        "QUIT_PATIENCE": Range(1.0, 300.0),
        "RECORDS_MAX": Range(16, 256),
        "INITIAL_RTT": Range(0.333, 0.333),
        "GRANULARITY": Range(0.001, 0.001),
        "INITIAL_WINDOW": Range(12_000, 12_000),
        "MINIMUM_WINDOW": Range(2400, 2400),
        "PACKET_THRESHOLD": Range(3, 3),
        "PTO_EAGER": Range(6, 6),
        "PTO_LITTLE": Range(4800, 4800),
        "PTO_LEAST": Range(1.0, 1.0),
        "PTO_MAX": Range(3.0, 3.0),
        "LOSS_MEMORY": Range(32, 32),
        "LOSSY": Range(0.04, 0.04),
        "GENTLE": Range(0.85, 0.85),
        "QUEUE_FREE": Range(1.5, 1.5),
        "TIME_THRESHOLD": Range(1.125, 1.125),
        "HISTORY_MAX": Range(1024, 1024),
        "REASSEMBLY_MAX": Range(65_536, 16_777_216),
        "LARGE_ROOM": Range(256, 256),
        "SMALL_ROOM": Range(128, 128),
        "GATHER": Range(1.0, 1.0),
        "SPEAKER_LIFE": Range(3600.0, 3600.0),
        "ATTENDEES_MAX": Range(1024, 65_536),
    }
)
"""By name of the constant."""

# What the reference keeps in memory; a matter of the implementation, not of the protocol.
CHAT_TAIL: Final = 512  # newest entries of a room's chat log
PRESENCE_TAIL: Final = 512  # newest entries of a room's presence log
ROSTER_CHUNK: Final = 24  # members told in one ROSTER entry, so that it always fits
