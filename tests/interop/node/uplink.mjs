// The log that the client writes (SPEC.md 7, 8): what is asked, until it is acknowledged.
import { frame } from './wire.mjs';
import { UPLINK_ENTRIES, UPLINK_BYTES, UNANSWERED } from './constants.mjs';

export class Uplink {
  constructor() { this.entries = []; this.base = 0; }
  get head() { return this.base + this.entries.length; }
  /** UC-SESS-6: whether one more entry may be under way. */
  room(size, say) {
    const bytes = this.entries.reduce((sum, e) => sum + e.bytes.length, 0);
    return this.entries.length < UPLINK_ENTRIES && bytes + size + 16 <= UPLINK_BYTES
      && (!say || this.entries.filter((e) => e.say).length < UNANSWERED);
  }
  append(kind, body, say = false) {
    const offset = this.head;
    const bytes = frame('ENTRY', { channel: 0, offset: BigInt(offset), kind, body });
    this.entries.push({ offset, bytes, say, sent: false, seen: false, wanted: false });
    return offset;
  }
  /** @returns {boolean} whether it moved; throws at an ACK beyond the head (UC-LOG-6) */
  ack(next) {
    if (next > BigInt(this.head)) throw new RangeError('ACK beyond the head');
    if (next <= BigInt(this.base)) return false;
    this.entries.splice(0, Number(next) - this.base);
    this.base = Number(next);
    return true;
  }
  /** What leaves next: wanted again before new (UC-REPAIR-2). */
  get ready() { return [...this.entries.filter((e) => e.wanted), ...this.entries.filter((e) => !e.sent)]; }
  get unseen() { return this.entries.filter((e) => e.sent && !e.seen); }
}
