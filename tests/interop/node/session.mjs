// One session (SPEC.md 4.2, 6, 7.1, 8, 9): what comes is acted on at once, what is ready leaves when `pump` is called. No I/O.
import { parse, frame, splitFrames, FRAMES, FRAME_NAME, ELICITING, MAX_PLAINTEXT, MAX_DATAGRAM, WireError } from './wire.mjs';
import { PACKETS_MAX, SESSION_LIFE, BEAT_REPEAT, TERMS } from './constants.mjs';
import { Sealed } from './sealed.mjs';
import { Seen } from './seen.mjs';
import { Inbox } from './inbox.mjs';
import { Uplink } from './uplink.mjs';
import { Loss } from './loss.mjs';

const clamp = (value, [, least, most]) => Math.min(Math.max(value, least), most);
const PROTOCOL = 5;

export class Session {
  /**
   * @param keys { id, toServer, toClient }   @param link { srtt, share } measured by the handshake
   * @param transmit (datagram, via): `via` is the path that a CHALLENGE came on, or undefined for the one in use
   * @param on { control(offset, kind, body), mayControl(kind), ack(next), up(bool), end(why, detail) }
   */
  constructor({ keys, link, now, transmit, on }) {
    Object.assign(this, { transmit, on });
    this.sealed = new Sealed(keys); this.id = keys.id;
    this.started = this.heardAt = this.sentAt = now;
    this.ended = false; this.heard = false; this.silent = false;
    this.terms = { reset: null, ...Object.fromEntries(Object.entries(TERMS).map(([name, [standard]]) => [name, standard])) };
    this.loss = new Loss(link);
    this.seen = new Seen();
    this.uplink = new Uplink();
    this.inboxes = new Map(); this.closed = new Set(); // channels that are read; that were (UC-LOG-3)
    this.beatUnseen = false; this.beatAt = now; this.beatNow = false;
    this.responses = []; this.dupAt = Infinity; this.forgetAt = Infinity;
    this.drops = {}; this.stats = { probes: 0, dups: 0, lost: 0 };
    this.open(0, 0n, on.control, on.mayControl);
  }

  // --- logs
  open(channel, next, deliver, may) {
    this.closed.delete(channel);
    this.inboxes.set(channel, new Inbox(channel, next, deliver, may));
  }
  close(channel) {
    const inbox = this.inboxes.get(channel);
    if (inbox) inbox.closed = true;
    this.inboxes.delete(channel); this.closed.add(channel);
  }
  reads(channel) { return this.inboxes.has(channel); }
  append(kind, body, say) { return this.uplink.append(kind, body, say); }

  // --- what comes (4.2)
  dropped(why) { this.drops[why] = (this.drops[why] ?? 0) + 1; return why; }
  receive(datagram, now, via) {
    const opened = this.sealed.open(datagram);
    if (typeof opened === 'string') return this.dropped(opened);
    let frames;
    try {
      frames = splitFrames(opened.plain).filter((f) => FRAME_NAME[f.type]).map((f) => ({ type: f.type, ...parse(FRAME_NAME[f.type], f.body) }));
    } catch (e) {
      if (!(e instanceof WireError)) throw e;
      return this.protocol(`malformed packet: ${e.message}`); // UC-WIRE-11
    }
    this.heardAt = now; this.silent = false;
    if (!this.heard) { this.heard = true; this.on.up(true); } // UC-LIVE-2
    let kept = true;
    for (const f of frames) {
      if (this.act(f, now, via) === false) kept = false;
      if (this.ended) return;
    }
    if (!kept || !frames.some((f) => ELICITING.has(f.type))) return; // UC-RECV-2
    this.seen.came(opened.number, datagram.length, now, !opened.next || frames.some((f) => f.type === FRAMES.HEARTBEAT));
  }
  /** False if the frame is an ENTRY that was not kept. */
  act(f, now, via) {
    switch (f.type) {
      case FRAMES.SEEN: return void this.onSeen(f, now);
      case FRAMES.ACK: return void this.onAck(f);
      case FRAMES.CHALLENGE: // UC-PATH-4
        this.responses.push({ data: f.data, via });
        if (this.responses.length > 4) this.responses.shift();
        return;
      case FRAMES.BYE: return void this.end('bye', f);
      case FRAMES.ENTRY: {
        const inbox = this.inboxes.get(f.channel);
        if (!inbox) return this.closed.has(f.channel);
        const kept = inbox.keep(f.offset, f.kind, f.body);
        inbox.drain(now);
        return kept;
      }
    }
  }
  onAck({ channel, next }) {
    if (channel !== 0) return; // 4.2: an unknown channel
    try { if (this.uplink.ack(next)) this.on.ack(this.uplink.base); } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      this.protocol(e.message);
    }
  }
  onSeen(f, now) {
    if (f.largest >= this.sealed.number) return this.protocol('SEEN of a packet never sent');
    const { seen, lost } = this.loss.onSeen(f, now);
    for (const { items } of seen) {
      for (const e of items.entries) { e.seen = true; e.wanted = false; }
      for (const [inbox, next, sure] of items.acks) if (sure) inbox.wasSeen(next);
      if (items.beat) this.beatUnseen = false;
    }
    this.onLost(lost);
    this.settle(now);
  }
  onLost(lost) { for (const { items } of lost) { this.stats.lost++; for (const e of items.entries) if (!e.seen) e.wanted = true; } }
  /** UC-REPAIR-1: once all entries were SEEN, what is in flight is forgotten a PTO later. */
  settle(now) {
    if (!this.loss.count || this.uplink.unseen.length) this.forgetAt = Infinity;
    else if (this.forgetAt === Infinity) this.forgetAt = now + this.loss.pto;
  }
  adopt(t) { // UC-SESS-2
    this.terms = {
      reset: t.reset, heartbeat: clamp(t.heartbeat / 1000, TERMS.heartbeat), timeout: clamp(t.timeout / 1000, TERMS.timeout),
      expiry: clamp(t.expiry / 1000, TERMS.expiry), seenEvery: clamp(t.seen_every, TERMS.seenEvery),
      seenDelay: clamp(t.seen_delay / 1000, TERMS.seenDelay),
    };
    this.loss.seenDelay = this.terms.seenDelay;
  }
  /** The path changed (UC-PATH-6, UC-REPAIR-11). */
  moved() {
    this.onLost(this.loss.allLost());
    this.loss.reset();
    this.beatNow = true;
  }

  // --- the end
  end(why, detail) { if (!this.ended) { this.ended = true; this.on.end(why, detail); } }
  protocol(reason) { this.bye(PROTOCOL, reason); this.end('protocol', { code: PROTOCOL, reason }); }
  bye(code, reason = '') { if (!this.ended) this.leave([frame('BYE', { code, reason: reason.slice(0, 60) })]); }

  // --- what leaves
  leave(frames, via) {
    const { number, datagram } = this.sealed.seal(frames);
    this.transmit(datagram, via);
    return { number, size: datagram.length };
  }
  deadlines() {
    const { loss, terms, silent } = this, d = {};
    d.seen = this.seen.due(terms);
    d.ack = d.again = Infinity;
    for (const inbox of this.inboxes.values()) {
      d.ack = Math.min(d.ack, inbox.due(terms.seenDelay));
      d.again = Math.min(d.again, inbox.again(loss.pto, terms.heartbeat));
    }
    const repeat = silent ? terms.heartbeat : Math.min(Math.max(loss.pto, BEAT_REPEAT), terms.timeout / 16); // UC-LIVE-1
    d.beat = this.beatNow ? -Infinity : this.beatUnseen ? this.beatAt + repeat : this.sentAt + terms.heartbeat;
    if (!silent) {
      d.loss = loss.lossTime; d.dup = this.dupAt; d.down = this.heardAt + terms.timeout;
      if (this.uplink.unseen.length) d.probe = loss.lastEntries + loss.probeWait;
    }
    d.forget = this.forgetAt;
    if (!terms.reset) d.terms = this.started + terms.timeout; // UC-SHAKE-12
    d.life = this.started + SESSION_LIFE;
    if (this.responses.length) d.response = -Infinity;
    return d;
  }
  get wake() { return Math.min(...Object.values(this.deadlines())); }

  /** Everything that is due at `now` leaves, in as few packets as fit (UC-LOG-10). */
  pump(now) {
    if (this.ended) return;
    for (const inbox of [...this.inboxes.values()]) inbox.drain(now);
    if (this.ended) return;
    let d = this.deadlines();
    if (now >= d.life || this.sealed.number >= PACKETS_MAX) return this.end('limit'); // UC-SEAL-5
    if (now >= d.terms) return this.end('no terms');
    if (now >= d.down) {
      this.silent = true; this.dupAt = Infinity; // UC-REPAIR-6
      this.onLost(this.loss.silent());
      if (this.heard) { this.heard = false; this.on.up(false); }
      d = this.deadlines();
    }
    if (now >= d.loss) this.onLost(this.loss.detect(now));
    if (now >= d.forget) { this.loss.forget(); this.forgetAt = Infinity; }
    for (const { data, via } of this.responses.splice(0)) { this.leave([frame('RESPONSE', { data })], via); this.sentAt = now; } // UC-PATH-8
    this.turn(now, {
      due: now >= d.seen || now >= d.ack, dup: now >= d.dup, probe: now >= d.probe,
      beat: now >= d.beat || now >= d.again || (this.sealed.number === 0 && !this.uplink.ready.length), // UC-SHAKE-8
    });
  }
  turn(now, { due, dup, probe, beat }) {
    for (const inbox of this.inboxes.values()) if (now >= inbox.again(this.loss.pto, this.terms.heartbeat)) inbox.repeats++;
    if (dup) this.dupAt = Infinity;
    if (probe) { this.loss.probed(); this.stats.probes++; }
    let probes = probe ? (this.loss.probes >= 2 && this.loss.lossy ? 2 : 1) : 0; // UC-REPAIR-4
    for (let first = true; ; first = false) {
      const may = probes > 0 || (first && beat) || (!this.silent && this.loss.fits(MAX_DATAGRAM));
      const fresh = may && (!this.silent || (first && beat)) ? this.uplink.ready : [];
      const old = this.silent ? [] : this.uplink.unseen;
      const what = { fresh, old: [], beat: first && beat, probe: probes > 0 };
      if (probes > 0 && !fresh.length) what.old = old;
      else if (first && dup && !fresh.length && may) { what.old = old; this.stats.dups++; } // UC-REPAIR-8
      else if (this.loss.lossy && may && (fresh.length || (first && due))) what.old = old; // UC-REPAIR-7
      const reason = fresh.length || probes > 0 || (first && (beat || due || dup));
      if (!reason || !this.packet(now, what)) break;
      if (probes > 0) probes--;
    }
  }
  packet(now, { fresh, old, beat, probe }) {
    const frames = [], items = { entries: [], acks: [], beat };
    let left = MAX_PLAINTEXT;
    const add = (bytes) => { if (bytes.length > left) return false; frames.push(bytes); left -= bytes.length; return true; };
    // A server may count an ACK only once it knows that JOINED or REPLAY came (UC-ROOM-5), and that SEEN may have been lost:
    // SEEN goes along with an ACK, and only such an ACK is taken as delivered. An old SEEN would spoil the other side's RTT.
    const owed = [...this.inboxes.values()].filter((inbox) => inbox.owed);
    const seen = (this.seen.unlisted > 0 || (owed.length && now - this.seen.largestAt < 1)) && add(this.seen.frame(now));
    const reserve = fresh.length ? fresh[0].bytes.length : 0; // ACKs must not crowd out an entry for ever
    for (const inbox of owed) {
      if (left - 15 >= Math.min(reserve, 1000) && add(inbox.frame)) items.acks.push([inbox, inbox.acked, seen]);
    }
    if (beat) add(frame('HEARTBEAT'));
    const put = (e) => !items.entries.includes(e) && add(e.bytes) && items.entries.push(e) > 0;
    let news = 0;
    for (const e of fresh) { if (!put(e)) break; news++; e.sent = true; e.wanted = false; }
    for (const e of old) put(e);
    if (!frames.length) return false;
    const { number, size } = this.leave(frames);
    this.sentAt = now;
    if (seen) this.seen.told();
    for (const [inbox] of items.acks) inbox.left(now);
    if (beat) { this.beatUnseen = true; this.beatAt = now; this.beatNow = false; }
    if (beat || items.entries.length) {
      this.loss.sent(number, now, size, items, { probe, news });
      if (this.loss.lossy && (news || probe) && this.dupAt === Infinity) this.dupAt = now + this.loss.srtt / 4;
    }
    this.settle(now);
    return true;
  }
}
