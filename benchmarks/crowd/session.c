/* One client of UDPCHAT/1 after its handshake: what it says and what it makes of what comes (SPEC.md 4.2, 6 and 8).

   Entries of the control log that come out of order are not kept, so that they come again (UC-LOG-4). What it checks:
   every subscriber reads every offset of the room's log once, all find the same message there, and no message is there
   twice. Anything that a server ends or refuses is a failure. */

#include "chat.h"

/* -- out ---------------------------------------------------------------------------------------------------------- */

static uint8_t *frame(uint8_t *at, int type, size_t length)
{
    return put(put(at, (uint64_t)type, 1), length, 2);
}

static uint8_t *say(struct chat *c, struct session *s, uint64_t offset, uint8_t *at)
{
    size_t room = sizeof ROOM - 1;
    if (offset == 0) {
        size_t nick = strlen(s->nick);
        at = frame(at, 0x04, 14 + nick);
        at = put(put(put(put(at, 0, 4), offset, 8), 0x01, 1), nick, 1);
        return (uint8_t *)memcpy(at, s->nick, nick) + nick;
    }
    if (offset == 1) {
        at = frame(at, 0x04, 13 + 1 + room + 26);
        at = put(put(put(put(at, 0, 4), offset, 8), 0x02, 1), room, 1);
        at = (uint8_t *)memcpy(at, ROOM, room) + room;
        return (uint8_t *)memset(at, 0, 26) + 26; /* newest 0, no cursor */
    }
    at = frame(at, 0x04, 13 + 1 + room + 11 + c->text);
    at = put(put(put(put(at, 0, 4), offset, 8), 0x04, 1), room, 1);
    at = (uint8_t *)memcpy(at, ROOM, room) + room;
    at = put(put(put(at, c->salt + s->said[offset % 32], 8), 0, 1), c->text, 2);
    write_text(at, s->said[offset % 32], c->text);
    return at + c->text;
}

void session_send(struct chat *c, struct session *s, bool beat, uint64_t first)
{
    uint8_t packet[MTU + 64], nonce[12] = {0}, plain[MTU + 64], *at = plain;
    int part, size;
    double at_time = now();
    bool eliciting = beat || first < s->uplink, matter = false;
    struct record *record = &s->records[s->record % RECORDS];
    if (s->listed >= 0) {
        double ms = (at_time - s->largest_at) * 1000;
        at = frame(at, 0x02, 16);
        at = put(put(put(at, (uint64_t)s->listed, 6), ms > 65535 ? 65535 : (uint64_t)ms, 2), s->bits, 8);
    }
    for (int i = 0; i < CHANNELS; i++) {
        struct channel *ch = &s->channels[i];
        record->next[i] = ch->next;
        if (!ch->open || ch->next <= ch->told || (i == PRESENCE && !s->joined))
            continue;
        matter = matter || ch->next - ch->told >= 64;
        at = put(put(frame(at, 0x03, 12), ch->number, 4), ch->next, 8);
    }
    if (beat)
        at = frame(at, 0x01, 0);
    for (uint64_t offset = first; offset < s->uplink && at - plain < MTU - 32 - 160; offset++)
        at = say(c, s, offset, at);
    if (at == plain)
        return;
    if (eliciting) {
        record->number = (int64_t)s->number;
        s->record++;
        s->repeats += beat;
    }
    put(put(put(put(packet, 4, 1), 0, 1), s->number, 6), s->id, 8);
    put(nonce + 4, s->number++, 8);
    EVP_EncryptInit_ex(s->seal, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(s->seal, NULL, &part, packet, 16);
    EVP_EncryptUpdate(s->seal, packet + 16, &size, plain, (int)(at - plain));
    EVP_EncryptFinal_ex(s->seal, packet + 16 + size, &part);
    EVP_CIPHER_CTX_ctrl(s->seal, EVP_CTRL_GCM_GET_TAG, 16, packet + 16 + size);
    if (send(s->fd, packet, (size_t)size + 32, MSG_DONTWAIT) < 0 && errno != EAGAIN)
        fail(c->out.error, "send: %s", strerror(errno));
    c->out.answers++;
    if (s->unseen_bytes >= s->seen_bytes)
        s->seen_bytes += s->ever_missed ? MTU : s->seen_bytes;
    if (s->seen_bytes > SEEN_BYTES_MORE)
        s->seen_bytes = SEEN_BYTES_MORE;
    s->unseen = s->unseen_bytes = s->fresh = 0;
    s->moved = s->hurry = false;
    s->due = INFINITY;
    s->spoke = at_time;
    double patience = (s->pto_rtt * 3 + s->seen_delay) * (double)(1 << (s->repeats < 10 ? s->repeats : 10));
    s->again = matter ? at_time + fmin(patience, s->heartbeat) : INFINITY;
}

/* -- in ----------------------------------------------------------------------------------------------------------- */

/* True if the channel has this entry now; `news` if it is a new one. */
static bool keep(struct channel *ch, uint64_t offset, bool *news)
{
    *news = false;
    if (offset < ch->next)
        return true;
    uint64_t gap = offset - ch->next;
    if (gap >= WINDOW)
        return false;
    if (ch->ahead[gap / 64] >> (gap % 64) & 1)
        return true;
    *news = true;
    ch->ahead[gap / 64] |= 1ull << (gap % 64);
    while (ch->ahead[0] & 1) {
        ch->next++;
        for (int i = 0; i < WINDOW / 64; i++)
            ch->ahead[i] = ch->ahead[i] >> 1 | (i + 1 < WINDOW / 64 ? ch->ahead[i + 1] << 63 : 0);
    }
    return true;
}

static void skip_to(struct channel *ch, uint64_t first)
{
    bool news;
    while (ch->next < first)
        keep(ch, ch->next, &news);
}

static void on_chat(struct chat *c, uint64_t offset, int kind, const uint8_t *body, size_t length)
{
    if (kind != 0x41 || length < 9 || length < 28u + body[8] + c->text) {
        fail(c->out.error, "an entry of the chat log that is no such message");
        return;
    }
    const uint8_t *rest = body + 9 + body[8]; /* after author and nick: id, time, flags, text */
    int64_t seq = get(rest + 17, 2) == c->text ? read_text(rest + 19, c->text) : -1;
    if (seq < 0 || (uint64_t)seq >= c->seq || get(rest, 8) != c->salt + (uint64_t)seq) {
        fail(c->out.error, "a message that nobody said");
        return;
    }
    if (!c->based) {
        c->based = true;
        c->base = offset;
    }
    uint64_t place = offset - c->base;
    if (place >= MESSAGES_MAX) {
        fail(c->out.error, "an offset out of range");
        return;
    }
    if (c->order[place] < 0 && !c->place[seq]) {
        c->order[place] = seq;
        c->place[seq] = place + 1;
    }
    if (c->order[place] != seq || c->place[seq] != place + 1)
        fail(c->out.error, "message %lld at two offsets, or two messages at one", (long long)seq);
    c->out.deliveries++;
    c->news = now();
}

static void on_control(struct chat *c, struct session *s, int kind, const uint8_t *b, size_t length)
{
    switch (kind) {
    case 0x21: /* TERMS */
        s->heartbeat = (double)get(b + 16, 4) / 1000;
        s->seen_every = b[28];
        s->seen_delay = (double)get(b + 29, 2) / 1000;
        break;
    case 0x22: /* JOINED */
        b += 1 + b[0] + 1;
        s->channels[CHAT] = (struct channel){.open = true, .number = (uint32_t)get(b, 4)};
        s->channels[CHAT].next = s->channels[CHAT].told = get(b + 28, 8);
        s->channels[PRESENCE] = (struct channel){.open = true, .number = (uint32_t)get(b + 44, 4)};
        s->channels[PRESENCE].next = s->channels[PRESENCE].told = get(b + 56, 8);
        break;
    case 0x24: /* ROSTER */
        if (b[12] & 2 && !s->joined) {
            s->joined = true;
            c->joined++;
        }
        break;
    case 0x25: /* SKIP */
        if (get(b, 4) == s->channels[PRESENCE].number)
            skip_to(&s->channels[PRESENCE], get(b + 4, 8));
        else
            fail(c->out.error, "the server skips messages, code %d", b[20]);
        break;
    case 0x27:
        fail(c->out.error, "the server refuses an entry, code %d: %.*s", b[8], b[9], b + 10);
        break;
    case 0x23:
        fail(c->out.error, "the server takes a session out of the room");
        break;
    default: /* NOTICE */
        break;
    }
    (void)length;
}

static bool on_entry(struct chat *c, struct session *s, const uint8_t *b, size_t length)
{
    uint32_t number = (uint32_t)get(b, 4);
    uint64_t offset = get(b + 4, 8);
    for (int i = 0; i < CHANNELS; i++) {
        struct channel *ch = &s->channels[i];
        bool news;
        if (!ch->open || ch->number != number)
            continue;
        if (i == CONTROL && offset > ch->next)
            return false;
        if (!keep(ch, offset, &news))
            return false;
        s->moved = s->moved || news;
        s->fresh += news;
        if (news && i == CONTROL)
            on_control(c, s, b[12], b + 13, length - 13);
        if (news && i == CHAT)
            on_chat(c, offset, b[12], b + 13, length - 13);
        return true;
    }
    return false;
}

static void on_seen(struct session *s, int64_t largest, uint64_t bits)
{
    for (int i = 0; i < RECORDS; i++) {
        struct record *r = &s->records[i];
        int64_t below = largest - r->number;
        if (r->number < 0 || below < 0 || below > 64 || (below && !(bits >> (below - 1) & 1)))
            continue;
        for (int j = 0; j < CHANNELS; j++)
            if (s->channels[j].open && r->next[j] > s->channels[j].told && r->next[j] <= s->channels[j].next)
                s->channels[j].told = r->next[j];
        r->number = -1;
        s->repeats = 0;
        s->again = INFINITY;
    }
}

/* False: not a fresh packet of this session. */
static bool opened(struct session *s, const uint8_t *packet, int size, uint8_t *plain)
{
    uint8_t nonce[12] = {0}, tag[16];
    int part;
    if (size < 32 || packet[0] != 4 || get(packet + 8, 8) != s->id)
        return false;
    int64_t number = (int64_t)get(packet + 2, 6), below = s->largest - number;
    if (below >= 64 || below == 0 || (below > 0 && s->had >> (below - 1) & 1))
        return false;
    put(nonce + 4, (uint64_t)number, 8);
    memcpy(tag, packet + size - 16, 16);
    EVP_DecryptInit_ex(s->open, NULL, NULL, NULL, nonce);
    EVP_DecryptUpdate(s->open, NULL, &part, packet, 16);
    EVP_DecryptUpdate(s->open, plain, &part, packet + 16, size - 32);
    EVP_CIPHER_CTX_ctrl(s->open, EVP_CTRL_GCM_SET_TAG, 16, tag);
    if (EVP_DecryptFinal_ex(s->open, plain + part, &part) <= 0)
        return false;
    s->missed = below != -1;
    if (below > 0) {
        s->had |= 1ull << (below - 1);
    } else {
        below = -below;
        s->had = below > 63 ? 0 : s->had << below;
        if (s->largest >= 0 && below <= 64)
            s->had |= 1ull << (below - 1);
        s->largest = number;
    }
    return true;
}

/* This packet is to be listed in SEEN. */
static void list(struct session *s, int64_t number, int size)
{
    int64_t above = number - s->listed;
    if (s->missed) {
        s->hurry = s->ever_missed = true;
        s->seen_bytes = MINIMUM_WINDOW;
    }
    if (above > 0) {
        s->bits = above > 63 ? 0 : s->bits << above;
        if (s->listed >= 0 && above <= 64)
            s->bits |= 1ull << (above - 1);
        s->listed = number;
        s->largest_at = now();
    } else if (above < 0 && above >= -64) {
        s->bits |= 1ull << (-above - 1);
    }
    s->unseen++;
    s->unseen_bytes += size;
}

void session_receive(struct chat *c, struct session *s, const uint8_t *packet, int size)
{
    uint8_t plain[2048];
    bool eliciting = false, kept = true;
    c->out.datagrams++;
    if (!opened(s, packet, size, plain)) {
        if (packet[0] == 5)
            fail(c->out.error, "the server knows a session no longer");
        return;
    }
    for (int at = 0; at + 3 <= size - 32;) {
        int type = plain[at], length = (int)get(plain + at + 1, 2);
        const uint8_t *b = plain + at + 3;
        at += 3 + length;
        if (at > size - 32) {
            fail(c->out.error, "a frame longer than its packet");
            return;
        }
        if (type == 0x04) {
            eliciting = true;
            kept = on_entry(c, s, b, (size_t)length) && kept;
        } else if (type == 0x02) {
            on_seen(s, (int64_t)get(b, 6), get(b + 8, 8));
        } else if (type == 0x03 && get(b, 4) == 0 && get(b + 4, 8) > s->acked) {
            s->acked = get(b + 4, 8);
        } else if (type == 0x07) {
            fail(c->out.error, "the server says BYE, code %d: %.*s", b[0], b[1], b + 2);
        } else if (type == 0x01 || type == 0x05 || type == 0x06) {
            eliciting = true;
            s->hurry |= type == 0x01;
            if (type == 0x05)
                fail(c->out.error, "the server takes a path for another");
        }
    }
    if (eliciting && kept)
        list(s, (int64_t)get(packet + 2, 6), size);
}
