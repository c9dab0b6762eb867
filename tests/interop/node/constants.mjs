// Chapter 15 of SPEC.md: what a client needs of it. Seconds, bytes, counts.
export const HELLO_INTERVAL = 1, HELLO_LEAST = 0.2, HELLO_EAGER = 6, HELLO_MAX = 10, HELLO_VERDICT = 5, COOKIE_LIFE = 120;
export const REPLAY_WINDOW = 2048, PACKETS_MAX = 8388608, SESSION_LIFE = 90000, RENEWAL = 3600;
export const BEAT_REPEAT = 0.5, WINDOW = 512, ACK_ENTRIES = 384, UPLINK_ENTRIES = 32, UPLINK_BYTES = 32768, UNANSWERED = 8, QUIT_PATIENCE = 15;
export const RECORDS_MAX = 256, INITIAL_RTT = 0.333, GRANULARITY = 0.001, INITIAL_WINDOW = 12000, MINIMUM_WINDOW = 2400;
export const PACKET_THRESHOLD = 3, TIME_THRESHOLD = 1.125, PTO_EAGER = 6, PTO_LITTLE = 4800, PTO_LEAST = 1, PTO_MAX = 3, SEEN_BYTES = 6000;
export const LOSS_MEMORY = 32, LOSSY = 0.04, GENTLE = 0.85, QUEUE_FREE = 1.5, HISTORY_MAX = 1024, ATTENDEES_MAX = 65536;

/** What TERMS may say, and what holds before it came (UC-SESS-2): [default, minimum, maximum]. */
export const TERMS = {
  heartbeat: [5, 0.1, 60], timeout: [15, 0.3, 300], expiry: [86400, 1, 604800], seenEvery: [2, 1, 32], seenDelay: [0.025, 0, 0.5],
};
