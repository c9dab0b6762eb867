// The client's handshake (SPEC.md 5.3, 7.2, 13): GREETING, ASKING, PROVING. No I/O.
import crypto from 'node:crypto';
import { build, parse, WireError } from './wire.mjs';
import { Initiator, prologue, pskOf } from './noise.mjs';
import { HELLO_INTERVAL, HELLO_LEAST, HELLO_EAGER, HELLO_MAX, HELLO_VERDICT, COOKIE_LIFE } from './constants.mjs';

export const VERSION = 1, VERSIONS = [1];

export class Handshake {
  /**
   * @param trust { serverKey, secret }: what a pin, the link or the person confirmed
   * @param quiet of a renewal: it asks and tells nothing (UC-RENEW-2)
   * @param verdict HELLO_VERDICT, which is the client's choice
   * @param on { hello(), answered(), done(result), offered(key, closed), otherKey(key), verdict(trouble), end(code) }
   */
  constructor({ identity, device, trust, quiet = false, verdict = HELLO_VERDICT, now, transmit, on }) {
    Object.assign(this, { identity, device, trust, quiet, verdict, transmit, on });
    this.verdictAt = Infinity; this.told = false; this.toldKey = false;
    this.asked = 0; this.answers = 0; // for the share of HELLOs without an answer (9.3)
    this.begin(now);
  }
  begin(now) { // UC-SHAKE-1
    this.state = 'GREETING';
    this.token = crypto.randomBytes(8).readBigUInt64BE(); // UC-NOISE-5
    this.hello = build('HELLO', { version: VERSION, token: this.token, cookie: Buffer.alloc(0), noise: Buffer.alloc(0) });
    this.repeat(now, HELLO_INTERVAL);
  }
  /** A new HELLO: its first interval may be shorter (UC-SHAKE-5). */
  repeat(now, first) { this.times = 0; this.wait = HELLO_INTERVAL; this.first = first; this.firstAt = now; this.send(now); }
  send(now) {
    this.on.hello();
    this.transmit(this.hello);
    this.sentAt = now; this.times++; this.asked++;
    if (this.times > HELLO_EAGER) this.wait = Math.min(this.wait * 2, HELLO_MAX);
    this.next = now + (this.times === 1 ? this.first : this.wait);
  }
  get wake() { return this.state === 'ASKING' ? Infinity : Math.min(this.next, this.verdictAt); }
  pump(now) {
    if (this.state === 'ASKING' || this.state === 'DONE') return;
    if (now >= this.verdictAt) { this.verdictAt = Infinity; this.told = true; this.on.verdict(this.trouble); }
    if (this.state === 'PROVING' && now >= this.firstAt + COOKIE_LIFE / 2) return this.begin(now); // UC-SHAKE-11
    if (now >= this.next) this.send(now);
  }
  accept(trust, now) { this.trust = trust; this.begin(now); }
  /** UC-SHAKE-7, UC-SHAKE-10: told HELLO_VERDICT later if there is no session by then, once per handshake. */
  worry(trouble, now) {
    this.trouble = trouble;
    if (!this.quiet && !this.told && this.verdictAt === Infinity) this.verdictAt = now + this.verdict;
  }

  /** @returns {?string} the reason of a drop (4.1) */
  receive(name, datagram, now) {
    if (this.state === 'ASKING' || this.state === 'DONE') return 'state';
    let p;
    try { p = parse(name, datagram); } catch (e) { if (e instanceof WireError) return 'malformed'; throw e; }
    if (p.token !== this.token) return 'token';
    if (name === 'WELCOME' && this.state !== 'PROVING') return 'state';
    if (p.version !== undefined && p.version !== VERSION) return 'malformed';
    this.on.answered(); this.answers++;
    switch (name) {
      case 'RETRY': return void (this.state === 'PROVING' ? this.again(p, now) : this.retry(p, now));
      case 'WELCOME': return this.welcome(p, now);
      case 'REFUSED': return void this.worry({ code: p.code }, now);
      case 'VERSIONS': return void this.worry({ code: 6 }, now); // this client has but one version: none is left to try
    }
  }
  retry({ cookie, key, flags }, now) { // UC-SHAKE-2, UC-SHAKE-4
    const closed = !!(flags & 1), { serverKey, secret } = this.trust;
    if (!serverKey || (closed && !secret && !this.quiet)) {
      this.state = 'ASKING';
      return this.on.offered(key, closed);
    }
    if (!serverKey.equals(key) && !this.quiet && !this.toldKey) { this.toldKey = true; this.on.otherKey(key); }
    this.rtt = this.times === 1 ? now - this.firstAt : null;
    this.initiator = new Initiator({
      staticPair: this.identity, serverKey, psk: pskOf(secret, serverKey), prologue: prologue(VERSION, this.token),
    });
    this.message1 = this.initiator.writeMessage1(build('OFFER', { device: this.device, versions: VERSIONS }));
    this.state = 'PROVING';
    this.prove(cookie);
    this.repeat(now, this.rtt === null ? HELLO_INTERVAL : Math.min(Math.max(3 * this.rtt, HELLO_LEAST), HELLO_INTERVAL));
  }
  prove(cookie) {
    this.cookie = cookie;
    this.hello = build('HELLO', { version: VERSION, token: this.token, cookie, noise: this.message1 });
  }
  again({ cookie }, now) { // UC-SHAKE-6: the new cookie with the same message 1
    if (cookie.equals(this.cookie)) return;
    this.prove(cookie);
    if (now - this.sentAt >= HELLO_INTERVAL) this.send(now); else this.next = this.sentAt + HELLO_INTERVAL;
  }
  welcome({ noise }, now) { // UC-SHAKE-7
    let keys, answer;
    try { keys = this.initiator.readMessage2(noise); answer = parse('ANSWER', keys.payload); } catch {
      this.worry({ code: 0 }, now); // the key or the secret is wrong, or the answers are forged
      return 'tag';
    }
    this.state = 'DONE';
    if (answer.versions.some((v) => v > VERSION && VERSIONS.includes(v))) return void this.on.end(6); // UC-SHAKE-9
    const { toServer, toClient } = keys;
    this.on.done({
      keys: { id: answer.session, toServer, toClient },
      link: { srtt: this.times === 1 ? now - this.firstAt : this.rtt, share: 1 - Math.min(1, this.answers / this.asked) },
    });
  }
}
