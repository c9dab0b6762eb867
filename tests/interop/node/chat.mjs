// A client: sessions that come and go, one member, rooms, messages (SPEC.md 7, the states of 7.2; 12.1, 13). No I/O.
import { build, parse, PACKET_NAME, UPLINK, CONTROL, codeName, WireError } from './wire.mjs';
import { fingerprint } from './noise.mjs';
import { HELLO_INTERVAL, HELLO_MAX, HISTORY_MAX, PACKETS_MAX, QUIT_PATIENCE, RENEWAL } from './constants.mjs';
import { Addresses } from './addresses.mjs';
import { Control } from './control.mjs';
import { Handshake } from './handshake.mjs';
import { Room, id16 } from './room.mjs';
import { Session } from './session.mjs';
import { Wishes } from './wishes.mjs';
import { harmless, name } from './text.mjs';

const CONTROL_NAME = Object.fromEntries(Object.entries(CONTROL).map(([each, kind]) => [kind, each]));
const UNTOLD = new Set(['TERMS', 'ROSTER', 'SKIP', 'REPLAY']); // acted on, not told: they do not wait for the application
const QUIT = 1, REPLACED = 3, PROTOCOL = 5, VERSION = 6, FULL = 7, LIMIT = 8, KEY = 11, LIFETIME = 12;
const ENDS = new Set([QUIT, REPLACED, PROTOCOL, VERSION, KEY]);

export class Chat {
  /**
   * @param identity a key pair   @param addresses of the server, in the order in which they are tried
   * @param state { key, secret, nick, rooms: [{ title, cursor }], messages } as `saved` gave it
   * @param emit (event): tells the application   @param full (): whether it takes no more events just now
   * @param transmit (datagram, via): `via` has the address, and the socket if it matters
   */
  constructor({ identity, device, addresses, state, newest, renewal = RENEWAL, verdict, emit, full = () => false, transmit }) {
    Object.assign(this, { identity, device, newest, renewal, verdict, emit, full, transmit });
    this.me = fingerprint(identity.public);
    this.trust = { serverKey: state.key ?? null, secret: state.secret ?? null };
    this.addresses = new Addresses(addresses, () => this.emit({ event: 'addresses' }));
    this.wishes = new Wishes(state.messages);
    this.wishes.nick = state.nick ?? null;
    this.rooms = new Map(); this.histories = new Map();
    for (const { title, cursor } of state.rooms ?? []) this.rooms.set(title, this.room(title, cursor));
    this.status = 'IDLE'; this.session = this.handshake = null;
    this.pinned = false; this.up = false; this.sessions = 0; this.drops = {};
    this.again = this.quitBy = this.renewAt = Infinity;
  }
  get state() { return this.status === 'GREETING' ? this.handshake?.state ?? 'GREETING' : this.status; }
  /** What a next run needs. The key is there once a WELCOME verified under it (UC-SHAKE-3). */
  get saved() {
    return {
      ...(this.pinned && { key: this.trust.serverKey, secret: this.trust.secret }), nick: this.wishes.nick,
      rooms: [...this.rooms.values()].map(({ title, cursor }) => ({ title, cursor })), messages: this.wishes.messages,
    };
  }
  room(title, cursor) {
    return new Room(title, { cursor, newest: this.newest, me: this.me, on: {
      show: this.emit, full: this.full, own: (e, offset) => this.own(e, offset), read: () => this.unconfirmed(),
    } });
  }

  // --- what the person wants
  must(...states) { if (!states.includes(this.state)) throw new Error(`not while ${this.state}`); }
  open() { if (this.status === 'QUITTING' || this.status === 'CLOSED') throw new Error(`not while ${this.status}`); }
  connect(now) { this.must('IDLE'); this.greet(now); }
  accept(key, secret, now) {
    this.must('ASKING');
    this.trust = { serverKey: key, secret: secret ?? this.trust.secret };
    this.handshake.accept(this.trust, now);
  }
  nick(nick) { this.open(); build('NICK', { nick }); this.ask('NICK', { nick, before: this.wishes.nick }); this.wishes.nick = nick; }
  join(title) {
    this.open(); build('PART', { room: title });
    if (this.rooms.has(title)) return;
    this.rooms.set(title, this.room(title));
    this.ask('JOIN', this.rooms.get(title).wish);
  }
  part(title) {
    this.open();
    if (!this.rooms.has(title)) throw new Error('not in that room');
    this.rooms.get(title).part(this.session);
    this.rooms.delete(title); this.histories.delete(title);
    this.ask('PART', { room: title });
  }
  /** Long texts are said in several messages, each but the last with MORE. */
  say(title, text) {
    this.open();
    if (!this.rooms.has(title)) throw new Error('not in that room');
    for (let rest = Buffer.from(text.toWellFormed()); rest.length;) {
      let n = Math.min(rest.length, 1000);
      if (n < rest.length) while ((rest[n] & 0xc0) === 0x80) n--;
      this.wishes.message(title, rest.subarray(0, n).toString(), n < rest.length ? 1 : 0);
      rest = rest.subarray(n);
    }
    this.fill();
  }
  history(title, start, count) {
    this.open();
    if (!this.rooms.has(title) || this.histories.has(title)) throw new Error('not in that room, or one is under way');
    if (count < 1 || count > HISTORY_MAX) throw new Error(`1 to ${HISTORY_MAX} messages`);
    Control.remember(this, title, start, count);
    this.ask('HISTORY', this.histories.get(title).wish);
  }
  ask(what, fields) { if (this.session) { this.wishes.want(what, fields); this.fill(); } }
  moved() { this.session?.moved(); } // UC-PATH-6
  quit(now, reason = '') {
    if (this.status === 'QUITTING' || this.status === 'CLOSED') return;
    if (this.status !== 'OPEN') return this.close('QUIT', '');
    this.status = 'QUITTING'; this.handshake = null;
    this.reason = reason; this.quitBy = now + QUIT_PATIENCE; this.quitAt = null;
    this.fill();
  }
  fill() {
    if (this.status === 'OPEN') this.wishes.fill(this.session);
    if (this.status !== 'QUITTING' || this.quitAt !== null) return; // UC-SESS-7: the last entry
    const body = build('QUIT', { reason: this.reason });
    if (this.session.uplink.room(body.length, false)) this.quitAt = this.session.append(UPLINK.QUIT, body);
  }
  /** Nothing is under way: every message is acknowledged and read back, every history told. */
  get idle() { return !this.wishes.messages.length && !this.wishes.stored.length && !this.histories.size; }

  // --- handshakes
  greet(now, quiet = false) {
    if (!quiet) { this.status = 'GREETING'; this.session = null; this.again = Infinity; }
    this.handshake = new Handshake({
      identity: this.identity, device: this.device, trust: this.trust, quiet, verdict: this.verdict, now,
      transmit: (datagram) => this.send(datagram),
      on: {
        hello: () => { if (!quiet) this.addresses.hello(this.clock ?? now); },
        answered: () => this.addresses.answered(),
        done: (result) => this.connected(result, quiet),
        offered: (key, closed) => { this.offer = key; this.emit({ event: 'offered', key: key.toString('base64url'), closed }); },
        otherKey: (key) => this.emit({ event: 'key', key: key.toString('base64url'), expected: this.trust.serverKey.toString('base64url') }),
        verdict: ({ code }) => this.emit({ event: 'refused', code: codeName(code) }),
        end: (code) => { if (quiet) this.handshake = null; else this.close(codeName(code), 'the handshake was downgraded'); },
      },
    });
  }
  send(datagram, via) { this.transmit(datagram, via ?? { address: this.addresses.current }); }
  connected({ keys, link }, quiet) {
    const now = this.clock;
    this.handshake = null; this.status = 'OPEN'; this.pinned = true; this.sessions++;
    this.control = new Control(this);
    this.session = new Session({ keys, link, now, transmit: (datagram, via) => this.send(datagram, via), on: {
      control: (offset, kind, body) => this.onControl(offset, kind, body),
      mayControl: (kind) => UNTOLD.has(CONTROL_NAME[kind]) || !this.full(),
      ack: (next) => this.onAck(next), up: (up) => this.link(up), end: (why, detail) => this.onEnd(why, detail),
    } });
    this.renewAt = now + this.renewal * (0.75 + Math.random() / 2); // UC-RENEW-1
    if (!quiet) this.emit({ event: 'connected', key: this.trust.serverKey.toString('base64url') });
    for (const room of this.rooms.values()) { room.quiet = quiet && room.joined; room.rest(); }
    this.wishes.again(this.rooms, this.histories);
    this.fill();
  }
  link(up) { if (up !== this.up) this.emit({ event: 'link', up: this.up = up }); } // UC-LIVE-2

  // --- what comes (4.1)
  datagram(bytes, now, via) {
    this.clock = now;
    const dropped = this.take(bytes, now, via);
    if (dropped) this.drops[dropped] = (this.drops[dropped] ?? 0) + 1;
  }
  take(bytes, now, via) {
    if (bytes.length < 1 || bytes.length > 1200) return 'size';
    const what = PACKET_NAME[bytes[0]];
    if (!what) return 'type';
    if (what === 'HELLO') return 'direction';
    if (what === 'SEALED') return this.session ? this.session.receive(bytes, now, via) : bytes.length < 32 || bytes[1] ? 'malformed' : 'session';
    let p;
    try { p = parse(what, bytes); } catch (e) { if (e instanceof WireError) return 'malformed'; throw e; }
    if (what !== 'RESET') return this.handshake ? this.handshake.receive(what, bytes, now) : 'state';
    if (p.session !== this.session?.id || !this.session.terms.reset?.equals(p.reset)) return 'session'; // UC-GATE-8
    this.session.end('reset');
  }
  onControl(offset, kind, body) {
    const what = CONTROL_NAME[kind];
    let e;
    try { if (!what) throw new WireError('ENTRY', 'kind', 'value'); e = parse(what, body); } catch (error) { // UC-WIRE-12
      if (!(error instanceof WireError)) throw error;
      return this.emit({ event: 'unreadable', log: 'control', offset: Number(offset), why: error.message });
    }
    this.control[what](e);
  }
  onAck(next) {
    for (const m of this.wishes.acked(next)) if (m.read || !this.rooms.has(m.room)) this.settle(m);
    if (this.status === 'QUITTING' && this.quitAt !== null && next > this.quitAt) return this.session.end('bye', { code: QUIT, reason: '' });
    this.fill();
  }
  own({ id }, offset) { // a message of this member was read in its room
    const waiting = [...this.wishes.messages, ...this.wishes.stored].find((m) => m.id === id);
    if (!waiting) return;
    waiting.read = Number(offset);
    if (this.wishes.stored.includes(waiting)) this.settle(waiting);
  }
  settle(m) {
    this.wishes.forget(m);
    this.emit({ event: 'sent', id: id16(m.id), room: name(m.room), ...(m.read !== undefined && { offset: m.read }) });
  }
  /** What an earlier session saw acknowledged lies below the head of JOINED, or it was refused and the FAILED is lost. */
  unconfirmed() {
    for (const m of [...this.wishes.stored]) {
      const room = this.rooms.get(m.room);
      if (m.session && m.session !== this.session && room?.joined && room.cursor.offset >= room.head) {
        this.wishes.forget(m);
        this.emit({ event: 'unconfirmed', id: id16(m.id), room: name(m.room) });
      }
    }
  }

  // --- ends
  onEnd(why, detail) {
    const code = detail?.code, text = code === undefined ? why : codeName(code), now = this.clock;
    for (const room of this.rooms.values()) room.rest();
    for (const m of this.wishes.stored) m.session ??= this.session;
    const quitting = this.status === 'QUITTING';
    this.handshake = null; this.renewAt = Infinity;
    if (quitting || ENDS.has(code)) return this.close(quitting ? 'QUIT' : text, detail?.reason ?? ''); // UC-SESS-7, UC-SESS-10
    this.session = null; this.up = false; this.status = 'GREETING';
    this.emit({ event: 'disconnected', code: text });
    const wait = code === undefined || code === LIFETIME ? 0 : code === FULL || code === LIMIT ? HELLO_MAX : HELLO_INTERVAL;
    this.again = now + wait;
  }
  close(code, reason) {
    if (this.status === 'CLOSED') return;
    this.status = 'CLOSED'; this.session = this.handshake = null;
    this.emit({ event: 'closed', code, reason: harmless(reason) });
  }

  // --- time
  get wake() {
    if (this.status === 'CLOSED') return Infinity;
    const { session } = this;
    return Math.min(this.again, this.quitBy, this.handshake?.wake ?? Infinity, session?.wake ?? Infinity,
      session ? this.addresses.due(session) : Infinity, this.mayRenew ? this.renewAt : Infinity);
  }
  get mayRenew() { return this.status === 'OPEN' && !this.handshake && this.up && this.session.heard; }
  /** Everything that is due at `now` is done. */
  pump(now) {
    this.clock = now;
    if (this.status === 'CLOSED' || this.status === 'IDLE') return;
    if (now >= this.quitBy) return this.close('QUIT', 'no answer');
    if (now >= this.again) this.greet(now);
    if (this.session && now >= this.addresses.due(this.session)) { // UC-PATH-7
      this.addresses.next(now);
      if (this.addresses.list.length > 1) this.session.moved();
    }
    if (this.session && this.session.sealed.number >= PACKETS_MAX / 2) this.renewAt = Math.min(this.renewAt, now);
    if (this.mayRenew && now >= this.renewAt) this.greet(now, true); // UC-RENEW-1
    if (this.session && this.handshake && !this.up) this.handshake = null;
    this.handshake?.pump(now);
    this.session?.pump(now);
    if (now >= this.again) this.greet(now);
    this.unconfirmed();
  }
}
