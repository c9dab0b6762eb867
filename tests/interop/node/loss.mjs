// Loss, RTT and the congestion window of what is sent (SPEC.md 9). No I/O; seconds throughout.
import * as K from './constants.mjs';

export class Loss {
  /** @param srtt what the handshake took, if known (UC-REPAIR-3)  @param share of the HELLOs without answer (9.3) */
  constructor({ srtt = null, share = 0 } = {}) {
    this.records = new Map(); // number -> { number, time, size, items, probe, lost }: UC-REPAIR-1
    this.largest = -1; this.inFlight = 0; this.count = 0;
    this.loss = share; this.measured = 2; // 9.3
    this.probes = 0; this.eager = 0; this.lastEntries = -Infinity; this.lossTime = Infinity;
    this.seenDelay = K.TERMS.seenDelay[0];
    this.reset(srtt);
  }
  /** UC-REPAIR-11: RTT and window as at first. */
  reset(srtt = null) {
    this.srtt = srtt ?? K.INITIAL_RTT; this.rttvar = this.srtt / 2; this.minRtt = Infinity; this.sampled = false;
    this.cwnd = K.INITIAL_WINDOW; this.ssthresh = Infinity; this.recoveryStart = -Infinity;
  }
  get pto() { return this.srtt + Math.max(4 * this.rttvar, K.GRANULARITY) + this.seenDelay; } // UC-REPAIR-4
  get lossy() { return this.loss > K.LOSSY; }
  get noQueue() { return this.srtt < K.QUEUE_FREE * this.minRtt; }
  /** The wait before the next probe (UC-REPAIR-5). */
  get probeWait() {
    const p = this.pto;
    if (this.inFlight <= K.PTO_LITTLE || (this.lossy && this.noQueue)) {
      return this.eager < K.PTO_EAGER ? p : Math.min(p * 2 ** (this.eager - K.PTO_EAGER + 1), Math.max(p, K.PTO_LEAST));
    }
    return Math.min(p * 2 ** this.probes, Math.max(p, K.PTO_MAX));
  }
  /** UC-REPAIR-9, UC-REPAIR-1. */
  fits(size) { return this.inFlight + size <= this.cwnd && this.count < K.RECORDS_MAX; }
  learn(x) { this.measured = Math.min(this.measured + 1, K.LOSS_MEMORY); this.loss += (x - this.loss) / this.measured; }

  /** An eliciting packet left; `news`: with new or wanted entries, which lets probes be eager again (UC-REPAIR-5). */
  sent(number, time, size, items, { probe, news }) {
    this.records.set(number, { number, time, size, items, probe, lost: false });
    this.count++;
    if (!probe) this.inFlight += size;
    if (!items.entries.length) return;
    if (news && !probe) this.eager = 0;
    this.lastEntries = time;
  }
  /** A PTO passed without news: a probe leaves. */
  probed() {
    this.probes++; this.eager++;
    if (this.probes === K.PTO_EAGER) this.cwnd = K.MINIMUM_WINDOW; // UC-REPAIR-10
  }
  leave(record) { // the flight
    if (record.lost) return;
    this.count--;
    if (!record.probe) this.inFlight -= record.size;
  }
  /** SEEN came. @returns {{seen: object[], lost: object[]}} */
  onSeen({ largest, bitmap, delay }, now) {
    const used = this.inFlight;
    const lists = (n) => n === largest || (n < largest && n >= largest - 64 && (bitmap >> BigInt(largest - 1 - n)) & 1n);
    const seen = [...this.records.values()].filter((record) => lists(record.number));
    for (const record of seen) {
      this.records.delete(record.number);
      if (!record.lost) this.learn(0);
      if (record.number === largest) this.sample(now - record.time, Math.min(delay / 1000, this.seenDelay));
      if (!record.lost && !record.probe && record.time > this.recoveryStart && used >= this.cwnd / 2) {
        this.cwnd += this.cwnd < this.ssthresh ? record.size : 1200 * record.size / this.cwnd;
      }
      this.leave(record);
    }
    if (seen.length) { this.probes = 0; this.eager = 0; }
    this.largest = Math.max(this.largest, largest);
    return { seen, lost: this.detect(now) };
  }
  /** UC-REPAIR-2. */
  detect(now) {
    const lost = [], wait = Math.max(K.TIME_THRESHOLD * this.srtt, K.GRANULARITY);
    this.lossTime = Infinity;
    for (const record of this.records.values()) {
      if (record.lost) { if (record.number < this.largest - 64) this.records.delete(record.number); continue; }
      if (record.number >= this.largest) continue;
      if (this.largest - record.number >= K.PACKET_THRESHOLD || now >= record.time + wait) lost.push(record);
      else this.lossTime = Math.min(this.lossTime, record.time + wait);
    }
    for (const record of lost) {
      this.leave(record); record.lost = true; this.learn(1);
      if (record.time > this.recoveryStart) this.shrink(now);
    }
    return lost;
  }
  shrink(now) { // UC-REPAIR-10, once a round trip
    this.recoveryStart = now;
    const gentle = Math.max(this.cwnd * K.GENTLE, Math.min(this.cwnd, K.INITIAL_WINDOW));
    this.cwnd = Math.max(this.noQueue ? gentle : this.cwnd / 2, K.MINIMUM_WINDOW);
    this.ssthresh = this.cwnd;
  }
  sample(rtt, delay) { // UC-REPAIR-3, RFC 9002 section 5
    this.minRtt = Math.min(this.minRtt, rtt);
    if (!this.sampled) { this.sampled = true; this.srtt = rtt; this.rttvar = rtt / 2; return; }
    if (rtt - delay >= this.minRtt) rtt -= delay;
    this.rttvar = 0.75 * this.rttvar + 0.25 * Math.abs(this.srtt - rtt);
    this.srtt = 0.875 * this.srtt + 0.125 * rtt;
  }
  /** All that is in flight counts as lost (UC-REPAIR-6, UC-PATH-6); of the window see `silent` and `reset`. */
  allLost() {
    const lost = [...this.records.values()].filter((record) => !record.lost);
    for (const record of lost) { this.leave(record); record.lost = true; }
    this.lossTime = Infinity;
    return lost;
  }
  silent() { this.cwnd = K.MINIMUM_WINDOW; return this.allLost(); } // UC-REPAIR-6, UC-REPAIR-10
  forget() { for (const record of this.records.values()) this.leave(record); this.records.clear(); this.lossTime = Infinity; }
}
