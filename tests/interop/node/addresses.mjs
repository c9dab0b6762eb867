// Several addresses of one server (UC-PATH-7).

export class Addresses {
  /** @param needed called when every address of the list was silent (event AddressNeeded) */
  constructor(list, needed) { Object.assign(this, { list, needed }); this.at = 0; this.unanswered = 0; this.changedAt = -Infinity; }
  get current() { return this.list[this.at]; }
  /** They were looked up anew: the one in use stays if it is still among them. */
  replace(list) {
    const { host, port } = this.current;
    if (!list.length) return;
    this.list = list;
    this.at = Math.max(0, list.findIndex((each) => each.host === host && each.port === port));
  }
  next(now) {
    this.unanswered = 0; this.changedAt = now;
    this.at = (this.at + 1) % this.list.length;
    if (this.at === 0) this.needed();
  }
  /** A HELLO is about to leave without a session: after every two without an answer the next address. */
  hello(now) {
    if (this.unanswered >= 2) this.next(now);
    this.unanswered++;
  }
  answered() { this.unanswered = 0; }
  /** When a session has to go on to the next address. */
  due(session) {
    if (!session.beatUnseen) return Infinity;
    return Math.max(session.heardAt, this.changedAt) + 2 * session.terms.heartbeat;
  }
}
