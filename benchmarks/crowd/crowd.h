/* What the load generators of fanout.py have in common. Loaded by crowd.py; not a part of the library. */

#ifndef CROWD_H
#define CROWD_H

#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MTU 1200
#define BATCH 16         /* datagrams of one socket in one system call */
#define READY 256        /* sockets in one turn */
#define DIGITS 10        /* a text begins with its number, in so many digits */
#define STUCK 20.0       /* seconds without a delivery after which a run has failed */
#define MESSAGES_MAX (1u << 22)

/* What a run gives back. */
struct outcome {
    uint64_t messages, deliveries, datagrams, answers, repeats;
    double seconds; /* from the first burst to the last delivery */
    char error[240];
};

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Only the first thing that went wrong is of interest. */
static inline void fail(char *error, const char *format, ...)
{
    va_list words;
    if (*error)
        return;
    va_start(words, format);
    vsnprintf(error, 240, format, words);
    va_end(words);
}

/* The text of message `seq`: its number, and then always the same. */
static inline void write_text(uint8_t *at, uint64_t seq, size_t length)
{
    for (int i = DIGITS - 1; i >= 0; i--, seq /= 10)
        at[i] = (uint8_t)('0' + seq % 10);
    memset(at + DIGITS, 'x', length - DIGITS);
}

/* The number of a text; -1 if it is none. */
static inline int64_t read_text(const uint8_t *at, size_t length)
{
    int64_t seq = 0;
    for (int i = 0; i < DIGITS; i++) {
        if (at[i] < '0' || at[i] > '9')
            return -1;
        seq = seq * 10 + (at[i] - '0');
    }
    for (size_t i = DIGITS; i < length; i++)
        if (at[i] != 'x')
            return -1;
    return seq;
}

static inline uint8_t *put(uint8_t *at, uint64_t value, int octets)
{
    for (int i = octets - 1; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
    return at + octets;
}

static inline uint64_t get(const uint8_t *at, int octets)
{
    uint64_t value = 0;
    while (octets--)
        value = value << 8 | *at++;
    return value;
}

/* Everything came, or it is told what did not. */
static inline void check(struct outcome *out, int count)
{
    if (out->deliveries != out->messages * (uint64_t)count)
        fail(out->error, "%llu deliveries of %llu messages to %d", (unsigned long long)out->deliveries,
             (unsigned long long)out->messages, count);
}

/* Room for what one socket has. */
struct inbatch {
    uint8_t data[BATCH][2048];
    struct iovec pieces[BATCH];
    struct mmsghdr heads[BATCH];
};

static inline int receive(int fd, struct inbatch *in)
{
    for (int i = 0; i < BATCH; i++) {
        in->pieces[i] = (struct iovec){in->data[i], sizeof in->data[i]};
        in->heads[i].msg_hdr = (struct msghdr){.msg_iov = &in->pieces[i], .msg_iovlen = 1};
    }
    return recvmmsg(fd, in->heads, BATCH, MSG_DONTWAIT, NULL);
}

#endif
