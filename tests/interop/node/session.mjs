// One session: sealed packets, SEEN/ACK, the uplink, the channels read, heartbeats (SPEC.md 4, 6, 7, 8, 9). No I/O.
import { build, parse, frame, splitFrames, FRAMES, FRAME_NAME, ELICITING, MAX_PLAINTEXT, MAX_DATAGRAM, WireError } from './wire.mjs';
import { encrypt, decrypt } from './noise.mjs';
import { Loss, K } from './loss.mjs';

export const REPLAY_WINDOW = 2048, PACKETS_MAX = 8388608, SESSION_LIFE = 90000, WINDOW = 256;
export const UPLINK_ENTRIES = 32, UPLINK_BYTES = 32768, UNANSWERED = 8;
const clamp = (v, a, b) => Math.min(Math.max(v, a), b);

/** A log that is read: hands entries on in order, each once. */
class Inbox {
  constructor(channel, next, deliver) { Object.assign(this, { channel, next, deliver }); this.waiting = new Map(); }
  /** True if kept (UC-LOG-3). */
  keep(offset, kind, body) {
    if (offset < BigInt(this.next)) return true;
    if (offset >= BigInt(this.next + WINDOW)) return false;
    const n = Number(offset);
    if (!this.waiting.has(n)) this.waiting.set(n, { kind, body });
    return true;
  }
  /** Hands on what is in order; true if the place moved. */
  drain() {
    const from = this.next;
    for (let e; (e = this.waiting.get(this.next)); ) {
      this.waiting.delete(this.next);
      this.deliver(this.next++, e.kind, e.body);
    }
    return this.next > from;
  }
  skip(first) { // SKIP: the place moves on
    if (first <= this.next) return false;
    this.next = first;
    for (const n of this.waiting.keys()) if (n < first) this.waiting.delete(n);
    return true;
  }
}

export class Session {
  /** on: { control(offset, kind, body), ack(next), up(bool), end(why, detail) } */
  constructor({ id, toServer, toClient, srtt, now, transmit, on }) {
    Object.assign(this, { id, toServer, toClient, transmit, on });
    this.started = this.lastHeard = this.lastSent = now;
    this.ended = false; this.up = true;
    this.number = 0; this.L = -1; this.got = new Set();
    this.terms = { heartbeat: 5, timeout: 15, seenEvery: 2, seenDelay: 0.025, reset: null };
    this.loss = new Loss(srtt);
    this.uplink = []; this.base = 0; // entries from offset base on
    this.inboxes = new Map(); this.left = new Set(); this.acks = new Map();
    this.listed = []; this.unlisted = 0; this.firstUnlisted = 0; this.largestAt = 0; // for SEEN
    this.beatUnseen = false; this.beatAt = now;
    this.responses = []; this.dupAt = Infinity; this.forgetAt = Infinity;
    this.ackBeat = 1;
    this.drops = {};
    this.stats = { probes: 0, dups: 0, resent: 0, lost: 0 };
    this.open(0, 0, (offset, kind, body) => on.control(offset, kind, body));
  }

  // --- logs
  open(channel, next, deliver) {
    this.left.delete(channel);
    this.inboxes.set(channel, new Inbox(channel, next, deliver));
    this.acks.set(channel, { next, sent: next, sentAt: 0, seen: next, movedAt: 0 });
  }
  close(channel) { this.inboxes.delete(channel); this.acks.delete(channel); this.left.add(channel); }
  skip(channel, first, now) { const box = this.inboxes.get(channel); if (box?.skip(first)) { this.moved(box, now); this.drain(box, now); } }
  moved(box, now) {
    const a = this.acks.get(box.channel);
    if (!a || box.next <= a.next) return;
    if (a.next === a.sent) a.movedAt = now;
    a.next = box.next;
  }
  drain(box, now) { if (box.drain()) this.moved(box, now); }

  get uplinkBytes() { return this.uplink.reduce((s, e) => s + 14 + e.body.length, 0); }
  get says() { return this.uplink.filter((e) => e.say).length; }
  room(body, say) {
    return this.uplink.length < UPLINK_ENTRIES && this.uplinkBytes + 14 + body.length <= UPLINK_BYTES && (!say || this.says < UNANSWERED);
  }
  append(kind, body, say = false) {
    const offset = this.base + this.uplink.length;
    const bytes = frame('ENTRY', { channel: 0, offset: BigInt(offset), kind, body });
    this.uplink.push({ offset, kind, body, say, bytes, sent: false, seen: false, wanted: false });
    return offset;
  }
  unseen() { return this.uplink.filter((e) => e.sent && !e.seen); }

  // --- receiving
  dropped(why) { this.drops[why] = (this.drops[why] ?? 0) + 1; }
  receive(datagram, now) { // SPEC.md 4.2
    if (this.ended) return;
    let p;
    try { p = parse('SEALED', datagram); } catch { return this.dropped('malformed'); }
    if (p.session !== this.id) return this.dropped('session');
    if (p.number <= this.L - REPLAY_WINDOW || this.got.has(p.number) || p.number >= PACKETS_MAX) return this.dropped('replay');
    const plain = decrypt(this.toClient, p.number, datagram.subarray(0, 16), p.ciphertext);
    if (!plain) return this.dropped('tag');
    this.got.add(p.number);
    if (p.number > this.L) {
      this.L = p.number;
      if (this.got.size > 2 * REPLAY_WINDOW) for (const n of this.got) if (n <= this.L - REPLAY_WINDOW) this.got.delete(n);
    }
    let frames;
    try {
      frames = splitFrames(plain).filter((f) => FRAME_NAME[f.type]).map((f) => ({ type: f.type, ...parse(FRAME_NAME[f.type], f.body) }));
    } catch (e) {
      if (!(e instanceof WireError)) throw e;
      return this.protocol(`malformed packet: ${e.message}`, now);
    }
    this.lastHeard = now;
    if (!this.up) { this.up = true; this.on.up(true); }
    let eliciting = false, kept = true;
    for (const f of frames) {
      if (ELICITING.has(f.type)) eliciting = true;
      switch (f.type) {
        case FRAMES.SEEN: this.onSeen(f, now); break;
        case FRAMES.ACK: this.onAck(f, now); break;
        case FRAMES.ENTRY: {
          const box = this.inboxes.get(f.channel);
          if (box ? !box.keep(f.offset, f.kind, f.body) : !this.left.has(f.channel)) kept = false;
          if (box) this.drain(box, now);
          break;
        }
        case FRAMES.CHALLENGE: this.responses.push(f.data); break;
        case FRAMES.BYE: return this.end('bye', f);
      }
      if (this.ended) return;
    }
    if (eliciting && kept) { // UC-RECV-2
      this.listed.push(p.number);
      if (p.number === Math.max(...this.listed)) this.largestAt = now;
      if (this.listed.length > 200) this.listed = this.listed.sort((a, b) => b - a).slice(0, 65);
      if (!this.unlisted++) this.firstUnlisted = now;
    }
  }
  onAck(f, now) {
    if (f.channel !== 0) return;
    if (f.next > BigInt(this.base + this.uplink.length)) return this.protocol('ACK beyond the head', now);
    const next = Number(f.next);
    if (next <= this.base) return;
    this.uplink.splice(0, next - this.base);
    this.base = next;
    this.on.ack(next);
  }
  onSeen(f, now) {
    if (f.largest >= this.number) return this.protocol('SEEN of a packet never sent', now);
    const { seen, lost } = this.loss.onSeen(f, now);
    for (const rec of seen) {
      for (const e of rec.items.entries) { e.seen = true; e.wanted = false; }
      for (const [channel, next] of rec.items.acks) { const a = this.acks.get(channel); if (a) a.seen = Math.max(a.seen, next); }
      if (rec.items.beat) this.beatUnseen = false;
      this.ackBeat = 1;
    }
    this.onLost(lost);
    this.settle(now);
  }
  onLost(lost) {
    for (const rec of lost) { this.stats.lost++; for (const e of rec.items.entries) if (!e.seen) e.wanted = true; }
  }
  /** UC-REPAIR-1: once all entries are SEEN, what is in flight is forgotten a PTO later. */
  settle(now) {
    if (this.loss.count && !this.unseen().length) { if (this.forgetAt === Infinity) this.forgetAt = now + this.loss.pto; } else this.forgetAt = Infinity;
  }

  // --- the end
  end(why, detail) { if (!this.ended) { this.ended = true; this.on.end(why, detail); } }
  protocol(reason, now) { this.bye(5, reason); this.end('protocol', { code: 5, reason }); }
  bye(code, reason = '') { if (!this.ended) this.emit([frame('BYE', { code, reason })]); }

  adopt(t) { // UC-SESS-2
    this.terms = {
      reset: t.reset, heartbeat: clamp(t.heartbeat / 1000, 0.1, 60), timeout: clamp(t.timeout / 1000, 0.3, 300),
      expiry: clamp(t.expiry / 1000, 1, 604800), seenEvery: clamp(t.seen_every, 1, 16), seenDelay: clamp(t.seen_delay / 1000, 0, 0.1),
    };
    this.loss.seenDelay = this.terms.seenDelay;
  }

  // --- sending
  emit(frames) {
    const header = Buffer.alloc(16), number = this.number++;
    header[0] = 4; header.writeUIntBE(number, 2, 6); header.writeBigUInt64BE(this.id, 8);
    const datagram = Buffer.concat([header, encrypt(this.toServer, number, header, Buffer.concat(frames))]);
    this.transmit(datagram);
    return { number, size: datagram.length };
  }

  deadlines(now) {
    const d = {}, l = this.loss, t = this.terms, heard = this.up;
    if (this.unlisted) d.seen = this.unlisted >= t.seenEvery ? now : this.firstUnlisted + t.seenDelay;
    for (const a of this.acks.values()) {
      if (a.next > a.sent) d.ack = Math.min(d.ack ?? Infinity, a.movedAt + t.seenDelay);
      else if (a.next - a.seen >= WINDOW / 4) d.ackBeat = Math.min(d.ackBeat ?? Infinity, a.sentAt + Math.min(l.pto * this.ackBeat, t.heartbeat));
    }
    d.beat = this.beatUnseen ? this.beatAt + (heard ? Math.min(Math.max(l.pto, K.BEAT_REPEAT), t.timeout / 16) : t.heartbeat) : this.lastSent + t.heartbeat;
    if (heard) {
      d.loss = l.lossTime; d.dup = this.dupAt;
      if (this.unseen().length) d.probe = l.lastEliciting + l.probeWait;
      d.down = this.lastHeard + t.timeout;
    }
    d.forget = this.forgetAt;
    if (!t.reset) d.terms = this.started + t.timeout;
    d.life = this.started + SESSION_LIFE;
    if (this.responses.length) d.response = now;
    return d;
  }
  get wake() { return Math.min(...Object.values(this.deadlines(-Infinity))); }

  /** Everything that is due at `now` leaves. */
  pump(now) {
    if (this.ended) return;
    let d = this.deadlines(now);
    if (now >= d.life || this.number >= PACKETS_MAX - 64) return this.end('limit');
    if (now >= d.terms) return this.end('no terms');
    if (now >= d.down) {
      this.up = false;
      this.onLost(this.loss.allLost()); this.dupAt = Infinity;
      this.on.up(false);
      d = this.deadlines(now);
    }
    if (now >= d.loss) this.onLost(this.loss.detect(now));
    if (now >= d.forget) { this.loss.forget(); this.forgetAt = Infinity; }
    const beat = now >= d.beat || now >= d.ackBeat;
    if (now >= d.ackBeat) this.ackBeat *= 2;
    const probe = now >= d.probe, dup = now >= d.dup;
    if (dup) this.dupAt = Infinity;
    for (let first = true; ; first = false) {
      const mayEntries = this.up || (first && beat);
      const ready = mayEntries ? [...this.uplink.filter((e) => e.wanted), ...this.uplink.filter((e) => !e.sent)] : [];
      const due = first && (now >= d.seen || now >= d.ack || this.responses.length > 0);
      const fresh = ready.length > 0 && (this.loss.fits(MAX_DATAGRAM) || (first && (probe || beat)));
      if (!fresh && !(first && (beat || due || probe || dup))) break;
      if (!this.packet(now, { first, ready: fresh ? ready : [], beat: first && beat, probe: first && probe, dup: first && dup, due })) break;
    }
  }
  packet(now, { first, ready, beat, probe, dup, due }) {
    const frames = [], items = { entries: [], acks: [], beat };
    let left = MAX_PLAINTEXT, eliciting = false;
    const add = (b) => { if (b.length > left) return false; frames.push(b); left -= b.length; return true; };
    if (this.unlisted) add(this.seenFrame(now));
    const reserve = first || !ready.length ? 0 : ready[0].bytes.length; // ACKs must not crowd out an entry for ever
    for (const [channel, a] of this.acks) {
      if (a.next > a.seen && left - 15 >= reserve && add(frame('ACK', { channel, next: BigInt(a.next) }))) items.acks.push([channel, a.next]);
    }
    if (beat) { add(frame('HEARTBEAT')); eliciting = true; }
    for (; this.responses.length && add(frame('RESPONSE', { data: this.responses[0] })); this.responses.shift()) eliciting = true;
    const put = (e) => { if (items.entries.includes(e) || !add(e.bytes)) return false; items.entries.push(e); return true; };
    let fresh = false;
    for (const e of ready) { if (!put(e)) break; fresh = true; if (e.sent) this.stats.resent++; e.sent = true; e.wanted = false; }
    const old = this.up ? this.unseen() : [];
    if (probe && !fresh) { for (const e of old) if (!put(e)) break; this.stats.probes++; }
    else if (dup && !fresh) { if (this.loss.fits(MAX_DATAGRAM)) for (const e of old) if (!put(e)) break; if (items.entries.length) this.stats.dups++; }
    else if (this.loss.lossy && (fresh || due) && this.loss.fits(MAX_DATAGRAM)) for (const e of old) put(e); // UC-REPAIR-7
    if (!frames.length) return false;
    if (items.entries.length) eliciting = true;
    const { number, size } = this.emit(frames);
    this.lastSent = now;
    if (this.unlisted && frames[0][0] === FRAMES.SEEN) this.unlisted = 0;
    for (const [channel, next] of items.acks) { const a = this.acks.get(channel); if (a) { a.sent = next; a.sentAt = now; } }
    if (beat) { this.beatUnseen = true; this.beatAt = now; }
    if (eliciting) {
      this.loss.sent(number, now, size, items, probe);
      if (this.loss.lossy && (fresh || probe) && this.dupAt === Infinity) this.dupAt = now + this.loss.srtt / 4;
    }
    this.settle(now);
    return true;
  }
  seenFrame(now) {
    const largest = Math.max(...this.listed);
    let bitmap = 0n;
    for (const n of this.listed) { const i = largest - 1 - n; if (i >= 0 && i < 64) bitmap |= 1n << BigInt(i); }
    return frame('SEEN', { largest, delay: Math.min(65535, Math.max(0, Math.round((now - this.largestAt) * 1000))), bitmap });
  }
}
