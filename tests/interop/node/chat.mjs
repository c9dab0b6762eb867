// A chat client: sessions that come and go, one member, rooms, messages, presence (SPEC.md 7, 8.1, 10, 11). No I/O.
import crypto from 'node:crypto';
import { build, parse, PACKET_NAME, UPLINK, CONTROL, CHATS, PRESENCE, codeName, WireError } from './wire.mjs';
import { fingerprint, sha256 } from './noise.mjs';
import { Handshake } from './handshake.mjs';
import { Session } from './session.mjs';

const HELLO_INTERVAL = 1, QUIT_PATIENCE = 15;
const RESUME = ['newest', 'resumed', 'new_log', 'truncated', 'rolled_back'];
const SHOWN = { 1: 'online', 2: 'unreachable' };
const hex = (b) => b.toString('hex');
const id16 = (n) => n.toString(16).padStart(16, '0');
const NAMES = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [v, k]));
const CONTROL_NAME = NAMES(CONTROL), PRESENCE_NAME = NAMES(PRESENCE);

/** UC-TEXT-1: harmless text. */
export const harmless = (s) => s.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, ' ')
  .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** A chat log's place, with its check (UC-LOG-12). */
const step = (check, kind, body) => sha256(check, Buffer.from([kind]), body).subarray(0, 8);

export class Chat {
  /** emit(event) prints; transmit(datagram, to?) sends. */
  constructor({ staticPair, device, nick, rooms, serverKey, secret, newest = 50, acceptAny = false, transmit, emit, now }) {
    Object.assign(this, { staticPair, device, nick, serverKey, secret, newest, acceptAny, transmit, emit });
    this.me = fingerprint(staticPair.public);
    this.rooms = new Map();
    for (const name of rooms) this.rooms.set(name, { name, cursor: null, roster: new Map(), complete: false, queue: [], joined: false });
    this.outbox = []; // messages: { id, room, text, flags, request, acked, offset }
    this.state = 'IDLE'; this.session = null; this.handshake = null; this.again = Infinity;
    this.quitting = false; this.quitBy = Infinity; this.sessions = 0;
  }
  connect(now) {
    this.state = 'GREETING'; this.again = Infinity; this.session = null;
    this.handshake = new Handshake({
      staticPair: this.staticPair, device: this.device, serverKey: this.serverKey, secret: this.secret, now, transmit: this.transmit,
      on: {
        done: (s) => this.connected(s),
        offered: (key, closed) => {
          this.emit({ event: 'server_offered', key: key.toString('base64url'), closed });
          if (!this.acceptAny || closed) return this.closed('KEY', 'the server was not confirmed (use --accept)');
          this.serverKey = key; this.offered = key;
        },
        verdict: (t) => this.emit({ event: 'trouble', ...t, key: t.key?.toString('base64url') }),
        end: (code, reason) => this.closed(codeName(code), reason),
      },
    });
  }
  get time() { return this.clock; }
  connected({ id, toServer, toClient, srtt, key }) {
    const now = this.clock;
    this.handshake = null; this.state = 'OPEN'; this.sessions++;
    this.serverKey = key; // the pin, now that a WELCOME verified under it
    this.requests = new Map();
    this.session = new Session({
      id, toServer, toClient, srtt, now, transmit: this.transmit,
      on: {
        control: (offset, kind, body) => this.onControl(offset, kind, body),
        ack: (next) => this.onAck(next),
        up: (up) => this.emit({ event: 'link', up }),
        end: (why, detail) => this.onEnd(why, detail),
      },
    });
    this.emit({ event: 'connected', session: this.sessions });
    for (const m of this.outbox) m.request = null;
    for (const r of this.rooms.values()) { r.joined = false; r.complete = false; r.queue = []; }
    // UC-SESS-3: the wishes first
    this.ask('NICK', { nick: this.nick });
    for (const r of this.rooms.values()) {
      const c = r.cursor ?? { log: 0n, offset: 0, check: Buffer.alloc(8) };
      this.ask('JOIN', { room: r.name, newest: this.newest, log: c.log, offset: BigInt(c.offset), check: c.check });
    }
    this.fill();
  }
  ask(what, fields) { this.requests.set(this.session.append(UPLINK[what], build(what, fields)), { what, fields }); }

  // --- what the person says
  say(room, text) {
    for (let rest = Buffer.from(text.toWellFormed()); rest.length;) {
      let n = Math.min(rest.length, 1000);
      if (n < rest.length) while ((rest[n] & 0xc0) === 0x80) n--;
      this.outbox.push({ id: crypto.randomBytes(8).readBigUInt64BE(), room, text: rest.subarray(0, n).toString(), flags: n < rest.length ? 1 : 0,
        request: null, acked: false, read: false });
      rest = rest.subarray(n);
    }
    this.fill();
  }
  quit() { this.wantQuit = true; this.fill(); }
  fill() {
    if (this.state !== 'OPEN') return;
    for (const m of this.outbox) {
      if (m.acked || m.request !== null) continue;
      const body = build('SAY', { room: m.room, id: m.id, flags: m.flags, text: m.text });
      if (!this.session.room(body, true)) break;
      m.request = this.session.append(UPLINK.SAY, body, true);
      this.requests.set(m.request, { what: 'SAY', m });
    }
    if (this.wantQuit && !this.outbox.length) {
      this.state = 'QUITTING'; this.quitBy = this.clock + QUIT_PATIENCE;
      this.quitRequest = this.session.append(UPLINK.QUIT, build('QUIT', { reason: '' }));
    }
  }
  settle(m, event) { // the message is done with
    const i = this.outbox.indexOf(m);
    if (i < 0) return;
    this.outbox.splice(i, 1);
    this.emit(event);
    this.fill();
  }
  onAck(next) {
    for (const m of [...this.outbox]) {
      if (m.request === null || m.request >= next) continue;
      m.acked = true;
      if (m.read) this.settle(m, m.read);
    }
    if (this.state === 'QUITTING' && next > this.quitRequest) this.closed('QUIT', '');
    this.fill();
  }

  // --- what comes
  datagram(buf, now) {
    this.clock = now;
    if (this.state === 'CLOSED' || buf.length < 1 || buf.length > 1200) return;
    const name = PACKET_NAME[buf[0]];
    if (!name || name === 'HELLO') return;
    if (name === 'SEALED') return this.session?.receive(buf, now);
    if (name === 'RESET') {
      let p; try { p = parse('RESET', buf); } catch { return; }
      const t = this.session?.terms.reset;
      if (t && p.session === this.session.id && crypto.timingSafeEqual(t, p.reset)) this.session.end('reset');
      return;
    }
    this.handshake?.receive(name, buf, now);
    if (this.offered && this.handshake) { this.offered = null; this.handshake.accept(this.serverKey, this.secret, now); }
  }
  onControl(offset, kind, body) {
    const name = CONTROL_NAME[kind];
    let e;
    try { if (!name) throw new WireError('ENTRY', 'kind', 'value'); e = parse(name, body); } catch (err) {
      if (!(err instanceof WireError)) throw err;
      return this.emit({ event: 'unreadable', log: 'control', offset, why: err.message });
    }
    const now = this.clock, s = this.session;
    switch (name) {
      case 'TERMS': return s.adopt(e);
      case 'JOINED': return this.onJoined(e);
      case 'PARTED': {
        const r = this.rooms.get(e.room);
        if (r?.joined) { r.joined = false; s.close(r.chat); s.close(r.presence); }
        return this.emit({ event: 'parted', room: e.room, code: codeName(e.code) });
      }
      case 'ROSTER': {
        const r = [...this.rooms.values()].find((x) => x.joined && x.presence === e.channel);
        if (!r) return;
        if (e.flags & 1) { r.before = r.roster; r.roster = new Map(); r.complete = false; }
        for (const m of e.members) r.roster.set(hex(m.member), { nick: m.nick, presence: SHOWN[m.presence] ?? `presence_${m.presence}` });
        if (e.flags & 2) {
          r.complete = true; r.rosterAt = Number(e.offset);
          for (const [key, m] of r.roster) {
            const b = r.before?.get(key);
            if (!b || b.nick !== m.nick || b.presence !== m.presence) this.emit({ event: 'member', room: r.name, key, nick: harmless(m.nick), presence: m.presence });
          }
          for (const [key, m] of r.before ?? []) if (!r.roster.has(key)) this.emit({ event: 'member', room: r.name, key, nick: harmless(m.nick), presence: 'gone' });
          r.before = null;
          for (const args of r.queue.splice(0)) this.onPresence(r, ...args);
        }
        return;
      }
      case 'SKIP': {
        const r = [...this.rooms.values()].find((x) => x.joined && (x.chat === e.channel || x.presence === e.channel));
        if (!r) return;
        const first = Number(e.first);
        if (r.chat === e.channel) {
          if (first > r.cursor.offset) { this.emit({ event: 'gap', room: r.name, from: r.cursor.offset, to: first, code: codeName(e.code) }); r.cursor = { ...r.cursor, offset: first, check: e.check }; }
        } else { r.complete = false; r.queue = r.queue.filter(([o]) => o >= first); }
        return s.skip(e.channel, first, now);
      }
      case 'REPLAY': return s.open(e.channel, Number(e.start), () => {}); // never asked for
      case 'FAILED': {
        const q = e.request < 1n << 53n ? this.requests.get(Number(e.request)) : null;
        const event = { event: 'failed', request: q?.what, code: codeName(e.code), reason: harmless(e.reason) };
        if (q?.what === 'SAY') return this.settle(q.m, { ...event, id: id16(q.m.id) });
        return this.emit({ ...event, room: q?.fields?.room, nick: q?.fields?.nick });
      }
      case 'NOTICE': return this.emit({ event: 'notice', code: codeName(e.code), text: harmless(e.text) });
    }
  }
  onJoined(e) {
    const r = this.rooms.get(e.room), s = this.session;
    if (!r) return;
    const start = Number(e.chat_start);
    if (r.cursor && e.resume !== 1) this.emit({ event: 'gap', room: r.name, resume: RESUME[e.resume], from: r.cursor.offset, to: start });
    r.cursor = { log: e.chat_log, offset: start, check: e.chat_check };
    Object.assign(r, { joined: true, chat: e.chat_channel, presence: e.presence_channel, head: Number(e.chat_head) });
    s.open(e.chat_channel, start, (o, kind, body) => this.onChat(r, o, kind, body));
    s.open(e.presence_channel, Number(e.presence_start), (o, kind, body) => (r.complete ? this.onPresence(r, o, kind, body) : r.queue.push([o, kind, body])));
    this.emit({ event: 'joined', room: r.name, resume: RESUME[e.resume] ?? e.resume, first: Number(e.chat_first), head: r.head, start });
    this.unreadable(r);
  }
  /** Messages that an earlier session saw acknowledged must lie below the head of JOINED; what is not there will never come. */
  unreadable(r) {
    if (r.cursor.offset < r.head) return;
    for (const m of [...this.outbox]) if (m.room === r.name && m.acked && m.request === null) this.settle(m, { event: 'unconfirmed', id: id16(m.id) });
  }
  onChat(r, offset, kind, body) {
    r.cursor = { log: r.cursor.log, offset: offset + 1, check: step(r.cursor.check, kind, body) };
    try {
      if (kind !== CHATS.CHAT) throw new WireError('ENTRY', 'kind', 'value');
      const e = parse('CHAT', body), text = harmless(e.text);
      this.emit({ event: 'chat', room: r.name, offset, nick: harmless(e.nick), key: hex(e.author), text, ...(text !== e.text && { raw: e.text }),
        id: id16(e.id), time: Number(e.time), more: !!(e.flags & 1) });
      const m = e.author.equals(this.me) && this.outbox.find((x) => x.id === e.id && x.room === r.name);
      if (m) {
        m.read = { event: 'sent', id: id16(m.id), room: r.name, offset };
        if (m.acked) this.settle(m, m.read);
      }
    } catch (err) {
      if (!(err instanceof WireError)) throw err;
      this.emit({ event: 'unreadable', log: 'chat', room: r.name, offset, why: err.message });
    }
    this.unreadable(r);
  }
  onPresence(r, offset, kind, body) {
    if (offset < r.rosterAt) return;
    let e;
    const name = PRESENCE_NAME[kind];
    try { if (!name) throw new WireError('ENTRY', 'kind', 'value'); e = parse(name, body); } catch (err) {
      if (!(err instanceof WireError)) throw err;
      return this.emit({ event: 'unreadable', log: 'presence', room: r.name, offset, why: err.message });
    }
    if (name === 'COUNT') return this.emit({ event: 'count', room: r.name, online: e.online, members: e.members });
    const key = hex(e.member), old = r.roster.get(key);
    const show = (m, more) => this.emit({ event: 'member', room: r.name, key, nick: harmless(m.nick), presence: m.presence, ...more });
    if (name === 'GONE') {
      if (!old) return;
      r.roster.delete(key);
      return show({ nick: old.nick, presence: 'gone' }, { code: codeName(e.code), reason: harmless(e.reason) });
    }
    const m = { nick: e.nick ?? old?.nick ?? '', presence: name === 'ONLINE' ? 'online' : name === 'UNREACHABLE' ? 'unreachable' : old?.presence ?? 'online' };
    if (old && old.nick === m.nick && old.presence === m.presence) return;
    r.roster.set(key, m);
    show(m);
  }

  // --- ends
  onEnd(why, d) {
    const stats = this.session.stats; this.last = { stats, drops: this.session.drops };
    if (this.state === 'QUITTING') return this.closed('QUIT', '');
    if (why === 'protocol') return this.closed('PROTOCOL', d.reason);
    const code = why === 'bye' ? codeName(d.code) : why;
    if (why === 'bye' && [1, 3, 5, 6, 11].includes(d.code)) return this.closed(code, d.reason);
    this.emit({ event: 'disconnected', why: code, reason: d?.reason });
    this.state = 'WAITING'; this.session = null;
    this.again = why === 'bye' && d.code !== 12 ? this.clock + HELLO_INTERVAL : this.clock;
  }
  closed(code, reason) {
    if (this.state === 'CLOSED') return;
    this.state = 'CLOSED';
    this.emit({ event: 'closed', code, reason, ...(process.env.STATS && { stats: this.session?.stats ?? this.last?.stats, cwnd: this.session?.loss.cwnd, loss: this.session?.loss.loss, srtt: this.session?.loss.srtt }) });
  }
  get wake() {
    if (this.state === 'CLOSED') return Infinity;
    return Math.min(this.again, this.quitBy, this.handshake?.wake ?? Infinity, this.session?.wake ?? Infinity);
  }
  pump(now) {
    this.clock = now;
    if (this.state === 'CLOSED') return;
    if (now >= this.quitBy) return this.closed('QUIT', 'no answer');
    if (now >= this.again) this.connect(now);
    this.handshake?.pump(now);
    this.session?.pump(now);
    if (this.again <= now) this.connect(now);
  }
}
