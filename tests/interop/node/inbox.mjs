// A log that is read (SPEC.md 8): entries are handed on in order, each once, and ACK tells how far that went.
import { frame } from './wire.mjs';
import { ACK_ENTRIES, WINDOW } from './constants.mjs';

export class Inbox {
  /**
   * @param {bigint} next the offset that is read next
   * @param deliver (offset, kind, body): called in order
   * @param may (kind): whether the application takes such an entry now (UC-LOG-6)
   */
  constructor(channel, next, deliver, may = () => true) {
    Object.assign(this, { channel, next, deliver, may });
    this.waiting = new Map();
    this.sent = this.seen = this.acked = next; // the last ACK that left, that was SEEN, and what it should say
    this.sentAt = this.movedAt = 0; this.repeats = 0;
    this.closed = false;
  }
  /** True if the entry is kept (UC-LOG-3, UC-REPAIR-12). */
  keep(offset, kind, body) {
    if (offset < this.next) return true;
    if (offset >= this.acked + BigInt(WINDOW)) return false;
    if (!this.waiting.has(offset)) this.waiting.set(offset, { kind, body });
    return true;
  }
  /** Hands on what is in order and may be taken (UC-LOG-2). */
  drain(now) {
    for (let e; !this.closed && (e = this.waiting.get(this.next)) && this.may(e.kind);) {
      this.waiting.delete(this.next);
      const offset = this.next++; // first, since what is delivered may be a SKIP of this channel
      this.deliver(offset, e.kind, e.body);
    }
    this.move(now);
  }
  /** UC-SKIP-2: reading goes on at `first`; what was kept below is void. */
  skip(first, now) {
    if (first <= this.next) return;
    this.next = first;
    for (const n of this.waiting.keys()) if (n < first) this.waiting.delete(n);
    this.move(now);
  }
  move(now) {
    if (this.next <= this.acked) return;
    if (this.acked === this.sent) this.movedAt = now;
    this.acked = this.next; this.repeats = 0;
  }

  // --- ACK (UC-LOG-8)
  get owed() { return this.acked > this.seen; } // goes along with every packet
  due(seenDelay) {
    if (this.acked - this.sent >= BigInt(ACK_ENTRIES)) return -Infinity;
    return this.acked > this.sent ? this.movedAt + seenDelay : Infinity;
  }
  /** When an ACK that was not SEEN goes again, together with a HEARTBEAT. */
  again(pto, heartbeat) {
    if (this.acked !== this.sent || this.acked - this.seen < BigInt(WINDOW / 4)) return Infinity;
    return this.sentAt + Math.min(pto * 2 ** this.repeats, heartbeat);
  }
  get frame() { return frame('ACK', { channel: this.channel, next: this.acked }); }
  left(now) { this.sent = this.acked; this.sentAt = now; }
  wasSeen(next) { if (next > this.seen) this.seen = next; }
}
