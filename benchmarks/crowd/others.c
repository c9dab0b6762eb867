/* Many subscribers of other systems in one thread: NATS, IRC and MQTT over TCP, bare datagrams over UDP.

   crowd.py connects the sockets and says the first words; here they say what each protocol asks of a client (PONG,
   JOIN, PUBACK) and count messages. Each subscriber must get message after message in the order of their numbers, which
   is what all of these promise, or do on loopback. SEALED datagrams of the loop in seal.c are not opened: only their
   sizes count. */

#include "crowd.h"
#include <stddef.h>

enum kind { NATS, IRC, MQTT, PLAIN, SEALED };

struct member {
    int fd, index, held; /* bytes of a message that is not there as a whole yet */
    bool ready;
    uint64_t next;
    uint8_t rest[1024];
};

struct others {
    enum kind kind;
    int count, room, ready, poll, talker, burst, packed, got_talker;
    size_t text;
    uint64_t seq;
    double news;
    struct member **all;
    struct outcome out;
    struct inbatch in;
    uint8_t data[1 << 18];
};

struct others *others_new(int kind, size_t text, int packed)
{
    struct others *o = calloc(1, sizeof *o);
    o->kind = (enum kind)kind;
    o->text = text;
    o->packed = packed; /* messages in a SEALED datagram */
    o->poll = epoll_create1(0);
    o->talker = -1;
    return o;
}

void others_free(struct others *o)
{
    for (int i = 0; i < o->count; i++)
        free(o->all[i]);
    close(o->poll);
    free(o->all);
    free(o);
}

/* A subscriber; unless `subscribes`, the one who talks. Among the datagrams the first subscriber talks. */
void others_add(struct others *o, int fd, int subscribes)
{
    struct member *m = calloc(1, sizeof *m);
    bool talks = !subscribes;
    m->fd = fd;
    m->index = talks ? -1 : o->count;
    if (talks || (o->kind >= PLAIN && o->count == 0))
        o->talker = fd;
    if (o->count == o->room)
        o->all = realloc(o->all, sizeof *o->all * (size_t)(o->room = o->room * 2 + 64));
    if (!talks)
        o->all[o->count++] = m;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = m};
    epoll_ctl(o->poll, EPOLL_CTL_ADD, fd, &event);
}

static void reply(struct others *o, int fd, const void *data, size_t length)
{
    if (send(fd, data, length, MSG_NOSIGNAL) != (ssize_t)length) /* blocking sockets: all or an error */
        fail(o->out.error, "send: %s", strerror(errno));
    o->out.answers++;
}

static void ready(struct others *o, struct member *m)
{
    if (!m->ready)
        o->ready++;
    m->ready = true;
}

static void deliver(struct others *o, struct member *m, const uint8_t *text)
{
    int64_t seq = read_text(text, o->text);
    if (m->index < 0) /* who talks and hears itself */
        return;
    if (seq < 0 || (uint64_t)seq != m->next)
        fail(o->out.error, "subscriber %d got message %lld, not %llu", m->index, (long long)seq,
             (unsigned long long)m->next);
    m->next = (uint64_t)seq + 1;
    o->out.deliveries++;
}

/* How many bytes of these were used; 0: more have to come. Lines end with \r\n. */
static size_t on_line(struct others *o, struct member *m, const uint8_t *data, size_t length)
{
    const uint8_t *end = memchr(data, '\n', length);
    if (!end)
        return 0;
    size_t size = (size_t)(end - data) + 1;
    if (o->kind == NATS && size > 4 && !memcmp(data, "MSG ", 4)) {
        if (length < size + o->text + 2)
            return 0;
        deliver(o, m, data + size);
        return size + o->text + 2;
    }
    if (o->kind == NATS) {
        if (!memcmp(data, "PING", 4))
            reply(o, m->fd, "PONG\r\n", 6);
        else if (!memcmp(data, "PONG", 4))
            ready(o, m);
        else if (!memcmp(data, "-ERR", 4))
            fail(o->out.error, "%.*s", (int)size, data);
        return size;
    }
    const uint8_t *word = memchr(data, ' ', size);
    if (!word)
        return size;
    if (size > o->text + 12 && !memcmp(word + 1, "PRIVMSG ", 8)) {
        deliver(o, m, end - 1 - o->text);
    } else if (!memcmp(data, "PING", 4)) {
        reply(o, m->fd, "PONG :x\r\n", 9);
    } else if (!memcmp(word + 1, "001 ", 4)) {
        reply(o, m->fd, "JOIN #lobby\r\n", 13);
    } else if (!memcmp(word + 1, "366 ", 4)) {
        ready(o, m);
    } else if (!memcmp(data, "ERROR", 5) || word[1] == '4') {
        if (memcmp(word + 1, "422 ", 4)) /* no message of the day */
            fail(o->out.error, "%.*s", (int)size, data);
    }
    return size;
}

static size_t on_mqtt(struct others *o, struct member *m, const uint8_t *data, size_t length, uint8_t *acks,
                      size_t *size)
{
    if (length < 2)
        return 0;
    size_t left = data[1] & 127, head = 2;
    if (data[1] & 128) {
        if (length < 3)
            return 0;
        left |= (size_t)data[2] << 7;
        head = 3;
    }
    if (length < head + left)
        return 0;
    switch (data[0] >> 4) {
    case 3: { /* PUBLISH */
        size_t topic = get(data + head, 2);
        deliver(o, m, data + head + 2 + topic + 2);
        put(put(acks + *size, 0x4002, 2), get(data + head + 2 + topic, 2), 2);
        *size += 4;
        break;
    }
    case 4: /* PUBACK */
        o->got_talker++;
        break;
    case 2: /* CONNACK */
        if (data[head + 1])
            fail(o->out.error, "CONNACK %d", data[head + 1]);
        if (m->index < 0)
            ready(o, m);
        break;
    case 9: /* SUBACK */
        ready(o, m);
        break;
    default:
        break;
    }
    return head + left;
}

static void on_stream(struct others *o, struct member *m)
{
    uint8_t acks[16384];
    size_t used = 0, step, size = 0;
    memcpy(o->data, m->rest, (size_t)m->held);
    ssize_t more = recv(m->fd, o->data + m->held, sizeof o->data - sizeof m->rest, MSG_DONTWAIT);
    if (more <= 0) {
        if (more == 0 || errno != EAGAIN)
            fail(o->out.error, "the server closes a connection");
        return;
    }
    size_t length = (size_t)m->held + (size_t)more;
    do {
        if (o->kind == MQTT)
            step = on_mqtt(o, m, o->data + used, length - used, acks, &size);
        else
            step = on_line(o, m, o->data + used, length - used);
        used += step;
        if (size && (!step || size + 4 > sizeof acks)) {
            reply(o, m->fd, acks, size);
            size = 0;
        }
    } while (step && used < length);
    if (size)
        reply(o, m->fd, acks, size);
    m->held = (int)(length - used);
    if (m->held > (int)sizeof m->rest)
        fail(o->out.error, "a message that is too long");
    else
        memcpy(m->rest, o->data + used, (size_t)m->held);
}

static void on_datagrams(struct others *o, struct member *m)
{
    int count = receive(m->fd, &o->in);
    for (int i = 0; i < count; i++) {
        size_t size = o->in.heads[i].msg_len;
        o->out.datagrams++;
        if (o->kind == PLAIN && size == o->text) {
            deliver(o, m, o->in.data[i]);
        } else if (o->kind == SEALED && size > 32 && (size - 32) % (size_t)o->packed == 0) {
            o->out.deliveries += (size - 32) / (size_t)o->packed;
        } else {
            fail(o->out.error, "a datagram of %zu bytes", size);
        }
    }
}

static void turn(struct others *o, int wait)
{
    struct epoll_event events[READY];
    int count = epoll_wait(o->poll, events, READY, wait);
    uint64_t before = o->out.deliveries;
    for (int i = 0; i < count; i++) {
        if (o->kind >= PLAIN)
            on_datagrams(o, events[i].data.ptr);
        else
            on_stream(o, events[i].data.ptr);
    }
    if (o->out.deliveries > before)
        o->news = now();
}

/* Goes on for so long, or until so many said that they are in; how many did. */
int others_pump(struct others *o, double seconds, int wanted)
{
    for (double end = now() + seconds; now() < end && o->ready < wanted && !*o->out.error;)
        turn(o, 1);
    return o->ready;
}

/* As each publishes: one write for a burst over TCP, a datagram for each message over UDP; to the sealing loop five in
   one, as the talkers of chat.c do, and the last says that it is the last. */
static void talk(struct others *o, int burst)
{
    uint8_t *at = o->data, text[1024];
    for (int i = 0; i < burst; i++) {
        write_text(text, o->seq++, o->text);
        switch (o->kind) {
        case NATS:
            at += sprintf((char *)at, "PUB lobby %zu\r\n", o->text);
            break;
        case IRC:
            at += sprintf((char *)at, "PRIVMSG #lobby :");
            break;
        case MQTT: {
            size_t left = 2 + 5 + 2 + o->text;
            at = put(at, 0x32, 1);
            at = left > 127 ? put(put(at, (left & 127) | 128, 1), left >> 7, 1) : put(at, left, 1);
            at = (uint8_t *)memcpy(put(at, 5, 2), "lobby", 5) + 5;
            at = put(at, o->seq % 65535 + 1, 2);
            break;
        }
        default:
            break;
        }
        at = (uint8_t *)memcpy(at, text, o->text) + o->text;
        if (o->kind == NATS || o->kind == IRC)
            at = (uint8_t *)memcpy(at, "\r\n", 2) + 2;
        if (o->kind == SEALED && (i + 1) % 5 && i + 1 < burst)
            continue;
        if (o->kind == SEALED)
            at = put(at, i + 1 == burst ? (uint64_t)burst : 0, 2);
        if (o->kind >= PLAIN) {
            reply(o, o->talker, o->data, (size_t)(at - o->data));
            at = o->data;
        }
    }
    if (at > o->data)
        reply(o, o->talker, o->data, (size_t)(at - o->data));
}

/* Bursts for so long, each when all have the last; then `rest` s, for what is still to be acknowledged. */
void others_run(struct others *o, int burst, double seconds, double rest, struct outcome *out)
{
    memset(&o->out, 0, offsetof(struct outcome, error));
    uint64_t first = o->seq;
    double begin = now();
    while (now() < begin + seconds && !*o->out.error) {
        o->got_talker = 0;
        talk(o, burst);
        uint64_t wanted = (o->seq - first) * (uint64_t)o->count;
        o->news = now();
        while ((o->out.deliveries < wanted || (o->kind == MQTT && o->got_talker < burst)) && !*o->out.error) {
            turn(o, 0);
            if (now() > o->news + STUCK)
                fail(o->out.error, "%llu of %llu deliveries are missing",
                     (unsigned long long)(wanted - o->out.deliveries), (unsigned long long)wanted);
        }
    }
    o->out.seconds = o->news - begin;
    o->out.messages = o->seq - first;
    others_pump(o, rest, o->ready + 1);
    check(&o->out, o->count);
    *out = o->out;
}

const char *others_error(struct others *o)
{
    return o->out.error;
}
