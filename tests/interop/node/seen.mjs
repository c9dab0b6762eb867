// What SEEN tells of (SPEC.md 8, UC-LOG-4, UC-LOG-5): eliciting packets that came and whose entries were all kept.
import { SEEN_BYTES } from './constants.mjs';
import { frame } from './wire.mjs';

export class Seen {
  constructor() { this.largest = -1; this.largestAt = 0; this.numbers = new Set(); this.unlisted = this.bytes = 0; this.since = 0; this.atOnce = false; }
  /** @param atOnce its sender waits for SEEN (UC-LOG-5) */
  came(number, size, now, atOnce) {
    if (number > this.largest) { this.largest = number; this.largestAt = now; }
    this.numbers.add(number);
    if (this.numbers.size > 130) for (const n of this.numbers) if (n < this.largest - 64) this.numbers.delete(n);
    if (!this.unlisted++) this.since = now;
    this.bytes += size;
    this.atOnce ||= atOnce;
  }
  /** When SEEN must leave at the latest. */
  due({ seenEvery, seenDelay }) {
    if (!this.unlisted) return Infinity;
    return this.atOnce || this.unlisted >= seenEvery || this.bytes >= SEEN_BYTES ? -Infinity : this.since + seenDelay;
  }
  /** SEEN left. */
  told() { this.unlisted = this.bytes = 0; this.atOnce = false; }
  get fields() {
    let bitmap = 0n;
    for (const n of this.numbers) {
      const i = this.largest - 1 - n;
      if (i >= 0 && i < 64) bitmap |= 1n << BigInt(i);
    }
    return { largest: this.largest, bitmap };
  }
  frame(now) {
    const delay = Math.min(65535, Math.max(0, Math.round((now - this.largestAt) * 1000)));
    return frame('SEEN', { ...this.fields, delay });
  }
}
