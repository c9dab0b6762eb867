// The client's handshake (SPEC.md 5.3, 7.2): GREETING, ASKING, PROVING. No I/O.
import crypto from 'node:crypto';
import { build, parse } from './wire.mjs';
import { Initiator, prologue, pskOf } from './noise.mjs';

export const VERSION = 1, VERSIONS = [1];
const HELLO_INTERVAL = 1, HELLO_EAGER = 6, HELLO_MAX = 10, HELLO_VERDICT = 5, COOKIE_LIFE = 120;

export class Handshake {
  /** on: { done({id, toServer, toClient, srtt, key}), offered(key, closed), verdict(text), end(code, text) } */
  constructor({ staticPair, device, serverKey, secret, now, transmit, on }) {
    Object.assign(this, { staticPair, device, serverKey, secret, transmit, on });
    this.verdictAt = Infinity; this.told = false;
    this.begin(now);
  }
  begin(now) {
    this.state = 'GREETING';
    this.token = crypto.randomBytes(8).readBigUInt64BE();
    this.hello = build('HELLO', { version: VERSION, token: this.token, cookie: Buffer.alloc(0), noise: Buffer.alloc(0) });
    this.noise = null;
    this.restart(now);
  }
  restart(now) { this.times = 0; this.wait = HELLO_INTERVAL; this.firstAt = now; this.send(now); }
  send(now) {
    this.transmit(this.hello);
    this.lastAt = now; this.times++;
    if (this.times > HELLO_EAGER) this.wait = Math.min(this.wait * 2, HELLO_MAX);
    this.next = now + this.wait;
  }
  get wake() { return this.state === 'ASKING' ? Infinity : Math.min(this.next, this.verdictAt); }
  pump(now) {
    if (this.state === 'ASKING') return;
    if (now >= this.verdictAt) { this.verdictAt = Infinity; this.told = true; this.on.verdict(this.trouble); }
    if (this.state === 'PROVING' && now >= this.firstAt + COOKIE_LIFE / 2) return this.begin(now);
    if (now >= this.next) this.send(now);
  }
  accept(key, secret, now) { this.serverKey = key; this.secret = secret ?? this.secret; this.begin(now); }
  worry(text, now) { this.trouble = text; if (!this.told && this.verdictAt === Infinity) this.verdictAt = now + HELLO_VERDICT; }

  receive(name, datagram, now) {
    let p;
    try { p = parse(name, datagram); } catch { return 'malformed'; }
    if (p.token !== this.token) return 'token';
    if (this.state === 'ASKING') return 'state';
    switch (name) {
      case 'RETRY': return this.onRetry(p, now);
      case 'WELCOME': return this.state === 'PROVING' ? this.onWelcome(p, now) : 'state';
      case 'REFUSED': return this.worry({ what: 'refused', code: p.code }, now);
      case 'VERSIONS': return this.worry({ what: 'versions', code: 6, versions: p.versions }, now); // we have but one version
    }
  }
  onRetry(p, now) {
    if (p.version !== VERSION) return 'malformed';
    if (this.state === 'PROVING') { // UC-SHAKE-6
      if (p.cookie.equals(this.cookie)) return;
      this.prove(p.cookie);
      if (now - this.lastAt >= HELLO_INTERVAL) this.send(now); else this.next = Math.min(this.next, this.lastAt + HELLO_INTERVAL);
      return;
    }
    if (!this.serverKey || ((p.flags & 1) && !this.secret)) {
      this.state = 'ASKING';
      return this.on.offered(p.key, !!(p.flags & 1));
    }
    if (!this.serverKey.equals(p.key)) this.on.verdict({ what: 'other key', key: p.key });
    this.helloTime = this.times === 1 ? now - this.firstAt : null;
    this.initiator = new Initiator({
      staticPair: this.staticPair, serverKey: this.serverKey, psk: pskOf(this.secret, this.serverKey),
      prologue: prologue(VERSION, this.token),
    });
    this.noise = this.initiator.writeMessage1(build('OFFER', { device: this.device, versions: VERSIONS }));
    this.state = 'PROVING';
    this.prove(p.cookie);
    this.restart(now);
  }
  prove(cookie) {
    this.cookie = cookie;
    this.hello = build('HELLO', { version: VERSION, token: this.token, cookie, noise: this.noise });
  }
  onWelcome(p, now) {
    let out, answer;
    try {
      out = this.initiator.readMessage2(p.noise);
      answer = parse('ANSWER', out.payload);
    } catch { return this.worry({ what: 'bad welcome: wrong key or secret, or forged answers' }, now); }
    const better = answer.versions.find((v) => v > VERSION && VERSIONS.includes(v));
    if (better) return this.on.end(6, 'downgraded');
    this.state = 'DONE';
    this.on.done({ id: answer.session, toServer: out.toServer, toClient: out.toClient, srtt: this.helloTime, key: this.serverKey });
  }
}
