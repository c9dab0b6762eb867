/* Many clients of UDPCHAT/1 in one thread: sealed, acknowledging, one socket each.

   The handshake is not here: chat_add takes a session's keys. From then on they speak SPEC.md: NICK and JOIN first
   (UC-SESS-3), SEEN and ACK by the latest TERMS (UC-LOG-5, UC-LOG-8), HEARTBEAT, SAY with at most 8 unanswered. */

#include "chat.h"

struct chat *chat_new(size_t text, uint64_t salt)
{
    struct chat *c = calloc(1, sizeof *c);
    c->text = text;
    c->salt = salt;
    c->poll = epoll_create1(0);
    c->order = malloc(MESSAGES_MAX * sizeof *c->order);
    c->place = calloc(MESSAGES_MAX, sizeof *c->place);
    memset(c->order, 0xff, MESSAGES_MAX * sizeof *c->order);
    c->tick = (long)(now() * 1000);
    return c;
}

void chat_free(struct chat *c)
{
    for (int i = 0; i < c->count; i++) {
        EVP_CIPHER_CTX_free(c->all[i]->seal);
        EVP_CIPHER_CTX_free(c->all[i]->open);
        free(c->all[i]);
    }
    close(c->poll);
    free(c->all);
    free(c->order);
    free(c->place);
    free(c);
}

/* -- time --------------------------------------------------------------------------------------------------------- */

static void wind(struct chat *c, struct session *s)
{
    long tick = (long)(s->due * 1000) + 1;
    if (s->timer || s->due == INFINITY)
        return;
    if (tick <= c->tick)
        tick = c->tick + 1;
    if (tick >= c->tick + WHEEL)
        tick = c->tick + WHEEL - 1;
    s->timer = 1;
    s->later = c->wheel[tick % WHEEL];
    c->wheel[tick % WHEEL] = s;
}

/* What `seen_delay` asks for. */
static void on_wheel(struct chat *c)
{
    double at = now();
    for (long end = (long)(at * 1000); c->tick < end; c->tick++) {
        struct session *s = c->wheel[(c->tick + 1) % WHEEL], *later;
        c->wheel[(c->tick + 1) % WHEEL] = NULL;
        for (; s; s = later) {
            later = s->later;
            s->timer = 0;
            if (s->due <= at)
                session_send(c, s, false, s->uplink);
            else
                wind(c, s);
        }
    }
}

/* Heartbeats, ACKs that may have been lost, entries that were not answered. */
static void sweep(struct chat *c)
{
    double at = now();
    if (at < c->swept + 0.02)
        return;
    c->swept = at;
    for (int i = 0; i < c->count; i++) {
        struct session *s = c->all[i];
        if (s->acked < s->uplink && at > s->said_at + 0.5) {
            s->said_at = at;
            c->out.repeats++;
            session_send(c, s, false, s->acked);
        } else if (at > s->again || at > s->spoke + s->heartbeat) {
            session_send(c, s, true, s->uplink);
        }
    }
}

static void turn(struct chat *c, int wait)
{
    struct epoll_event ready[READY];
    int count = epoll_wait(c->poll, ready, READY, wait);
    for (int i = 0; i < count; i++) {
        struct session *s = ready[i].data.ptr;
        int datagrams = receive(s->fd, &c->in);
        for (int j = 0; j < datagrams; j++)
            session_receive(c, s, c->in.data[j], (int)c->in.heads[j].msg_len);
        if (s->hurry || s->unseen >= s->seen_every || s->unseen_bytes >= s->seen_bytes || s->fresh >= ACK_ENTRIES) {
            session_send(c, s, false, s->uplink);
        } else if ((s->unseen || s->moved) && s->due == INFINITY) {
            s->due = now() + s->seen_delay;
            wind(c, s);
        }
    }
    on_wheel(c);
    sweep(c);
}

/* -- what Python calls -------------------------------------------------------------------------------------------- */

static EVP_CIPHER_CTX *cipher(const uint8_t *key, bool seals)
{
    EVP_CIPHER_CTX *it = EVP_CIPHER_CTX_new();
    if (seals)
        EVP_EncryptInit_ex(it, EVP_aes_256_gcm(), NULL, key, NULL);
    else
        EVP_DecryptInit_ex(it, EVP_aes_256_gcm(), NULL, key, NULL);
    return it;
}

/* A session whose handshake is done: it says its first packet. */
void chat_add(struct chat *c, int fd, uint64_t id, const uint8_t *to_server, const uint8_t *to_client, double rtt,
              const char *nick)
{
    struct session *s = calloc(1, sizeof *s);
    if (c->count == c->room)
        c->all = realloc(c->all, sizeof *c->all * (size_t)(c->room = c->room * 2 + 64));
    *s = (struct session){.fd = fd, .index = c->count, .id = id, .largest = -1, .listed = -1, .pto_rtt = rtt};
    s->seal = cipher(to_server, true);
    s->open = cipher(to_client, false);
    s->heartbeat = 5;
    s->seen_every = 2;
    s->seen_delay = 0.025;
    s->seen_bytes = SEEN_BYTES;
    s->due = s->again = INFINITY;
    s->channels[CONTROL].open = true;
    for (int i = 0; i < RECORDS; i++)
        s->records[i].number = -1;
    snprintf(s->nick, sizeof s->nick, "%s", nick);
    c->all[c->count++] = s;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(c->poll, EPOLL_CTL_ADD, fd, &event);
    s->uplink = 2;
    s->said_at = now();
    session_send(c, s, false, 0);
}

/* Goes on for so long, or until so many are in the room; how many are. */
int chat_pump(struct chat *c, double seconds, int joined)
{
    for (double end = now() + seconds; now() < end && c->joined < joined && !*c->out.error;)
        turn(c, 1);
    return c->joined;
}

static bool wait_for(struct chat *c, uint64_t deliveries)
{
    c->news = now();
    while (c->out.deliveries < deliveries && !*c->out.error) {
        turn(c, 0);
        if (now() > c->news + STUCK)
            fail(c->out.error, "%llu of %llu deliveries are missing",
                 (unsigned long long)(deliveries - c->out.deliveries), (unsigned long long)deliveries);
    }
    return !*c->out.error;
}

/* Who has nothing unanswered says up to so many; how many it said. */
static int talk(struct chat *c, int most)
{
    struct session *s = c->all[c->turn++ % c->talkers];
    if (s->acked < s->uplink)
        return 0;
    uint64_t first = s->uplink;
    int says = most < SAYS ? most : SAYS;
    for (int i = 0; i < says; i++)
        s->said[s->uplink++ % 32] = c->seq++;
    s->said_at = now();
    session_send(c, s, false, first);
    return says;
}

/* Bursts for so long, each when all have the last; then `rest` s, for what is still to be acknowledged. */
void chat_run(struct chat *c, int talkers, int burst, double seconds, double rest, struct outcome *out)
{
    char before[sizeof out->error];
    memcpy(before, c->out.error, sizeof before);
    memset(&c->out, 0, sizeof c->out);
    memcpy(c->out.error, before, sizeof before);
    c->talkers = talkers < c->count ? talkers : c->count;
    uint64_t first = c->seq;
    double begin = now();
    while (now() < begin + seconds && !*c->out.error && c->seq + (unsigned)burst < MESSAGES_MAX) {
        for (int left = burst; left && !*c->out.error;) {
            int said = talk(c, left);
            left -= said;
            if (!said)
                turn(c, 0);
        }
        if (!wait_for(c, (c->seq - first) * (uint64_t)c->count))
            break;
    }
    c->out.seconds = c->news - begin;
    c->out.messages = c->seq - first;
    chat_pump(c, rest, c->count + 1);
    check(&c->out, c->count);
    *out = c->out;
}

const char *chat_error(struct chat *c)
{
    return c->out.error;
}
