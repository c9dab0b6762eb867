/* One client of UDPCHAT/1, and what all clients of a run have in common: session.c and chat.c. */

#ifndef CHAT_H
#define CHAT_H

#include "crowd.h"
#include <openssl/evp.h>

#define SAYS 5 /* of one talker in one burst, in one packet */
#define RECORDS 8
#define SEEN_BYTES 6000
#define SEEN_BYTES_MORE 38400
#define MINIMUM_WINDOW 2400
#define WINDOW 512
#define ACK_ENTRIES 384
#define WHEEL 512 /* milliseconds */
#define ROOM "lobby"

enum { CONTROL, CHAT, PRESENCE, CHANNELS };

struct channel {
    bool open;
    uint32_t number;
    uint64_t next, told, ahead[WINDOW / 64]; /* all below `next` are had, and next + i if bit i of `ahead` is set */
};

struct record { /* an eliciting packet that was sent */
    int64_t number;
    uint64_t next[CHANNELS];
};

struct session {
    EVP_CIPHER_CTX *seal, *open;
    int fd, index;
    uint64_t id, number;
    int64_t largest, listed; /* the largest that verified, the largest that SEEN may list; and 64 below each */
    uint64_t had, bits;
    double largest_at, spoke, due, again, said_at, pto_rtt;
    int unseen, unseen_bytes, fresh, timer, repeats; /* `fresh`: entries since an ACK left; `timer`: in the wheel? */
    struct channel channels[CHANNELS];
    bool moved, missed, ever_missed, hurry, joined, beat; /* `missed`: a packet before the last; `hurry`: SEEN is due */
    double heartbeat, seen_delay;
    int seen_every, seen_bytes;
    struct record records[RECORDS];
    unsigned record;
    uint64_t uplink, acked; /* entries said, and answered */
    uint64_t said[32];      /* the message in uplink entry n % 32 */
    char nick[16];
    struct session *later;
};

struct chat {
    struct session **all;
    int count, room, joined, talkers, turn, poll;
    size_t text;
    uint64_t salt, seq, base;
    bool based;
    int64_t *order; /* by offset - base: which message is there, -1: not known yet */
    uint64_t *place; /* by message: 1 + its offset - base */
    struct session *wheel[WHEEL];
    long tick;
    double swept, news;
    struct outcome out;
    struct inbatch in;
};

/* One packet: SEEN, ACKs that the server may not know, a HEARTBEAT if `beat`, and entries from `first` on. */
void session_send(struct chat *c, struct session *s, bool beat, uint64_t first);

/* A datagram came. */
void session_receive(struct chat *c, struct session *s, const uint8_t *packet, int size);

#endif
