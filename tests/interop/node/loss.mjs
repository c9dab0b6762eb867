// Loss, RTT and the congestion window of one direction (SPEC.md 9). Seconds throughout.
export const K = {
  INITIAL_RTT: 0.333, GRANULARITY: 0.001, INITIAL_WINDOW: 12000, MINIMUM_WINDOW: 2400, PACKET_THRESHOLD: 3,
  TIME_THRESHOLD: 1.125, PTO_EAGER: 6, PTO_LITTLE: 4800, PTO_MAX: 3, BEAT_REPEAT: 0.5, PTO_LEAST: 1, LOSSY: 0.05, GENTLE: 0.85,
  QUEUE_FREE: 1.5, RECORDS_MAX: 256,
};

export class Loss {
  constructor(srtt) {
    this.srtt = srtt ?? K.INITIAL_RTT; this.rttvar = this.srtt / 2; this.minRtt = Infinity; this.sampled = false;
    this.cwnd = K.INITIAL_WINDOW; this.ssthresh = Infinity; this.recoveryStart = -Infinity;
    this.records = new Map(); // number -> { number, time, size, items, probe, lost }
    this.largest = -1; this.inFlight = 0; this.count = 0; this.loss = 0;
    this.probes = 0; this.eager = 0; this.lastEliciting = -Infinity; this.lossTime = Infinity;
    this.seenDelay = 0.025;
  }
  get pto() { return this.srtt + Math.max(4 * this.rttvar, K.GRANULARITY) + this.seenDelay; }
  get lossy() { return this.loss > K.LOSSY; }
  /** The wait before the next probe (UC-REPAIR-5). */
  get probeWait() {
    const p = this.pto;
    if (this.inFlight <= K.PTO_LITTLE) {
      return this.eager < K.PTO_EAGER ? p : Math.min(p * 2 ** (this.eager - K.PTO_EAGER + 1), Math.max(p, K.PTO_LEAST));
    }
    return Math.min(p * 2 ** this.probes, Math.max(p, K.PTO_MAX));
  }
  fits(size) { return this.inFlight + size <= this.cwnd && this.count < K.RECORDS_MAX; }

  sent(number, time, size, items, probe) {
    this.records.set(number, { number, time, size, items, probe, lost: false, wide: this.inFlight + size >= this.cwnd / 2 });
    this.count++;
    if (probe) {
      this.probes++; this.eager++;
      if (this.probes === K.PTO_EAGER) this.cwnd = K.MINIMUM_WINDOW;
    } else { this.inFlight += size; if (items.entries.length) this.eager = 0; }
    this.lastEliciting = time;
  }
  drop(rec) { // out of flight
    if (rec.lost) return;
    this.count--;
    if (!rec.probe) this.inFlight -= rec.size;
  }
  /** SEEN came. Returns { seen: [records], lost: [records] }. */
  onSeen(f, now) {
    const seen = [], used = this.inFlight;
    const has = (n) => n === f.largest || (n < f.largest && f.largest - 1 - n < 64 && (f.bitmap >> BigInt(f.largest - 1 - n)) & 1n);
    for (const rec of this.records.values()) if (has(rec.number)) seen.push(rec);
    for (const rec of seen) {
      this.records.delete(rec.number);
      this.loss *= 31 / 32;
      if (rec.number === f.largest) this.sample(now - rec.time, Math.min(f.delay / 1000, this.seenDelay));
      if (!rec.lost && !rec.probe && rec.time > this.recoveryStart && used >= this.cwnd / 2) {
        this.cwnd += this.cwnd < this.ssthresh ? rec.size : 1200 * rec.size / this.cwnd;
      }
      this.drop(rec);
    }
    if (seen.length) { this.probes = 0; this.eager = 0; }
    this.largest = Math.max(this.largest, f.largest);
    return { seen, lost: this.detect(now) };
  }
  detect(now) {
    const lost = [], wait = Math.max(K.TIME_THRESHOLD * this.srtt, K.GRANULARITY);
    this.lossTime = Infinity;
    for (const rec of this.records.values()) {
      if (rec.lost) { if (rec.number < this.largest - 64) this.records.delete(rec.number); continue; }
      if (rec.number >= this.largest) continue;
      if (this.largest - rec.number >= K.PACKET_THRESHOLD || now >= rec.time + wait) lost.push(rec);
      else this.lossTime = Math.min(this.lossTime, rec.time + wait);
    }
    for (const rec of lost) {
      this.drop(rec); rec.lost = true;
      this.loss = this.loss * 31 / 32 + 1 / 32;
      if (rec.time > this.recoveryStart) { // once a round trip
        this.recoveryStart = now;
        this.cwnd = this.srtt < K.QUEUE_FREE * this.minRtt
          ? Math.max(this.cwnd * K.GENTLE, Math.min(this.cwnd, K.INITIAL_WINDOW)) : Math.max(this.cwnd / 2, K.MINIMUM_WINDOW);
        this.ssthresh = this.cwnd;
      }
    }
    return lost;
  }
  sample(rtt, delay) {
    this.minRtt = Math.min(this.minRtt, rtt);
    if (!this.sampled) { this.sampled = true; this.srtt = rtt; this.rttvar = rtt / 2; return; }
    if (rtt - delay >= this.minRtt) rtt -= delay;
    this.rttvar = 0.75 * this.rttvar + 0.25 * Math.abs(this.srtt - rtt);
    this.srtt = 0.875 * this.srtt + 0.125 * rtt;
  }
  /** The peer was silent for `timeout` (UC-REPAIR-6): everything in flight is lost. */
  allLost() {
    const lost = [...this.records.values()].filter((r) => !r.lost);
    for (const rec of lost) { this.drop(rec); rec.lost = true; }
    this.cwnd = K.MINIMUM_WINDOW; this.lossTime = Infinity;
    return lost;
  }
  forget() { for (const rec of this.records.values()) this.drop(rec); this.records.clear(); this.lossTime = Infinity; }
}
