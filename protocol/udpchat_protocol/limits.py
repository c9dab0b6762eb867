"""Every size that the wire knows, in bytes unless a comment says otherwise (SPEC.md 3)."""

from typing import Final

VERSION: Final = 1  # of the protocol

MAX_DATAGRAM: Final = 1200
HEADER: Final = 16  # what comes before the ciphertext in SEALED, its associated data
TAG: Final = 16  # what AES-GCM adds
MAX_PLAINTEXT: Final = MAX_DATAGRAM - HEADER - TAG
FRAME_HEADER: Final = 3
MAX_FRAME_BODY: Final = MAX_PLAINTEXT - FRAME_HEADER
ENTRY_HEADER: Final = 13  # what comes before the body in ENTRY
MAX_ENTRY_BODY: Final = MAX_FRAME_BODY - ENTRY_HEADER

COOKIE: Final = 32
KEY: Final = 32
RESET: Final = 16
NOISE_OFFER_MIN: Final = 96  # Noise message 1 with an empty payload
NOISE_ANSWER_MIN: Final = 48  # Noise message 2 with an empty payload
NOISE_MAX: Final = 1024
VERSIONS_MAX: Final = 16  # items

CHALLENGE: Final = 8
CHECK: Final = 8
FINGERPRINT: Final = 8

NICK_MAX: Final = 32
ROOM_MAX: Final = 64
REASON_MAX: Final = 200
TEXT_MAX: Final = 1000
ROSTER_MAX: Final = 255  # items

DELAY_MAX: Final = 65_535  # milliseconds that SEEN can tell
PACKET_NUMBER_MAX: Final = 2**48 - 1
