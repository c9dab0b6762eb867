// node test-vectors.mjs [DIR]   checks wire.mjs and noise.mjs against the JSON vectors.
import fs from 'node:fs';
import * as wire from './wire.mjs';
import * as noise from './noise.mjs';
import { Inbox } from './inbox.mjs';
import { Seen } from './seen.mjs';
import { step } from './room.mjs';

const dir = process.argv[2] ?? new URL('../vectors/', import.meta.url).pathname;
const read = (f) => JSON.parse(fs.readFileSync(`${dir}/${f}.json`));
let bad = 0;
const check = (ok, what) => { if (!ok) { bad++; console.log('FAIL', what); } return ok; };
const hex = (b) => Buffer.from(b).toString('hex');
const un = (h) => Buffer.from(h, 'hex');

// JSON fields <-> codec values, told apart by field name
const TEXT = new Set(['nick', 'room', 'text', 'reason']);
function fromJson(v, key) {
  if (Array.isArray(v)) return v.map((x) => typeof x === 'object' ? fromJson(x) : x);
  if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, fromJson(x, k)]));
  if (typeof v === 'number' || TEXT.has(key)) return v;
  const U64 = new Set(['token', 'session', 'bitmap', 'next', 'offset', 'log', 'id', 'start', 'chat_log', 'chat_first', 'chat_head',
    'chat_start', 'presence_log', 'presence_start', 'first', 'request', 'end', 'time']);
  return U64.has(key) ? BigInt(v) : un(v);
}
function toJson(v) {
  if (Buffer.isBuffer(v)) return hex(v);
  if (typeof v === 'bigint') return String(v);
  if (Array.isArray(v)) return v.map(toJson);
  if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, toJson(x)]));
  return v;
}
const canon = (v) => Array.isArray(v) ? v.map(canon) : v && typeof v === 'object'
  ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, canon(v[k])])) : v;
const same = (a, b) => JSON.stringify(canon(a)) === JSON.stringify(canon(b));

const count = { valid: 0, malformed: 0, unsendable: 0, errorsAlike: 0 };
for (const file of ['packets', 'payloads', 'frames', 'entries-chat', 'entries-control', 'entries-presence', 'entries-uplink']) {
  for (const v of read(file).vectors) {
    count[v.is]++;
    if (v.is === 'valid') {
      try {
        const got = wire.parse(v.layout, un(v.bytes));
        check(same(toJson(got), v.fields), `${v.name}: parsed ${JSON.stringify(toJson(got)).slice(0, 200)}`);
        if (v.canonical !== false) {
          check(hex(wire.build(v.layout, fromJson(v.fields))) === v.bytes, `${v.name}: built`);
          check(hex(wire.build(v.layout, got)) === v.bytes, `${v.name}: rebuilt`);
        }
      } catch (e) { check(false, `${v.name}: ${e.stack}`); }
    } else {
      let err;
      try {
        if (v.is === 'malformed') wire.parse(v.layout, un(v.bytes)); else wire.build(v.layout, fromJson(v.fields));
      } catch (e) { err = e; }
      if (check(err instanceof wire.WireError, `${v.name}: not refused (${err})`)) {
        const got = { layout: err.layout, field: err.field, reason: err.reason, offset: err.offset };
        if (same(got, v.error)) count.errorsAlike++;
        else if (process.env.STRICT) console.log('differs', v.name, JSON.stringify(got), JSON.stringify(v.error));
      }
    }
  }
}
console.log(JSON.stringify(count));

const hs = read('handshake');
const me = noise.keyPair();
for (const k of hs.low_order_keys) {
  let refused = false;
  try { noise.dh(me, un(k)); } catch { refused = true; }
  check(refused, `low-order key ${k}`);
}
for (const t of hs.handshakes) {
  const name = t.name, eq = (a, b, what) => check(hex(a) === b, `${name}: ${what}: ${hex(a)} != ${b}`);
  const c = noise.keyPair(un(t.client.static_private)), s = noise.keyPair(un(t.server.static_private));
  eq(c.public, t.client.static_public, 'client key'); eq(s.public, t.server.static_public, 'server key');
  eq(noise.fingerprint(c.public), t.client.fingerprint, 'fingerprint'); eq(noise.fingerprint(s.public), t.server.fingerprint, 'fingerprint');
  const psk = noise.pskOf(t.secret && un(t.secret), s.public); eq(psk, t.psk, 'psk');
  const token = BigInt('0x' + t.token), session = BigInt('0x' + t.session);
  const prologue = noise.prologue(t.version, token); eq(prologue, t.prologue, 'prologue');
  const rk = noise.resetKey(s.private); eq(rk, t.server.reset_key, 'reset key');
  eq(noise.resetToken(rk, session), t.reset_token, 'reset token');

  const i = new noise.Initiator({ staticPair: c, serverKey: s.public, psk, prologue, ephemeral: noise.keyPair(un(t.client.ephemeral_private)) });
  const r = new noise.Responder({ staticPair: s, psk, prologue, ephemeral: noise.keyPair(un(t.server.ephemeral_private)) });
  const offer = wire.build('OFFER', { device: t.device, versions: [t.version] });
  eq(offer, t.noise.message1.payload, 'OFFER');
  const m1 = i.writeMessage1(offer); eq(m1, t.noise.message1.bytes, 'message 1');
  eq(r.readMessage1(m1), hex(offer), 'message 1 read'); eq(r.rs, t.client.static_public, 's');
  const answer = wire.build('ANSWER', { session, versions: [t.version] });
  eq(answer, t.noise.message2.payload, 'ANSWER');
  const w = r.writeMessage2(answer); eq(w.message, t.noise.message2.bytes, 'message 2');
  const forged = Buffer.from(w.message); forged[40] ^= 1;
  let threw = false; try { i.readMessage2(forged); } catch { threw = true; } check(threw, 'forged message 2');
  const g = i.readMessage2(w.message); // UC-NOISE-3: still succeeds
  eq(g.payload, hex(answer), 'message 2 read');
  for (const k of [g, w]) { eq(k.toServer, t.noise.split.to_server, 'to_server'); eq(k.toClient, t.noise.split.to_client, 'to_client'); }
  eq(i.h, t.noise.message2.steps.at(-1).h, 'h');

  for (const p of t.packets) {
    const f = {};
    for (const [k, v] of Object.entries(p.fields)) f[k] = typeof v === 'number' ? v : (k === 'token' || k === 'session') ? BigInt('0x' + v) : un(v);
    eq(wire.build(p.name, f), p.datagram, p.name + ' built');
    const back = wire.parse(p.name, un(p.datagram));
    for (const k of Object.keys(back)) check(same(toJson(back[k]), toJson(f[k])), `${name}: ${p.name}.${k}`);
    if (p.name === 'SEALED') {
      const d = un(p.datagram), key = p.from === 'client' ? g.toServer : g.toClient;
      eq(noise.encrypt(key, f.number, d.subarray(0, 16), un(p.plaintext)), p.fields.ciphertext, 'sealed');
      eq(noise.decrypt(key, f.number, d.subarray(0, 16), d.subarray(16)), p.plaintext, 'unsealed');
    }
  }
}
console.log(`${hs.handshakes.length} handshakes, ${hs.low_order_keys.length} low-order keys`);

for (const v of read('seen').vectors) { // UC-LOG-4
  const seen = new Seen();
  for (const number of v.received) seen.came(number, 60, 1);
  check(seen.fields.largest === v.largest && String(seen.fields.bitmap) === v.bitmap, `seen: ${v.name}`);
  check(hex(seen.frame(1.007).subarray(3)) === v.body, `seen: ${v.name}: body ${hex(seen.frame(1.007))}`);
}
for (const v of read('checks').vectors) { // UC-LOG-12
  let at = Buffer.alloc(8); at.writeBigUInt64BE(BigInt(v.log));
  const checks = [at, ...v.entries.map(({ kind, body }) => (at = step(at, kind, un(body))))];
  check(same(checks.map(hex), v.checks), `checks: ${v.name}`);
}
let windows = 0;
for (const v of read('window').vectors) { // UC-LOG-3, of the logs that a client reads
  if (v.uplink) continue;
  windows++;
  check(new Inbox(1, BigInt(v.acked), () => {}).keep(BigInt(v.offset), 0x41, Buffer.alloc(0)) === v.kept, `window: ${v.name}`);
}
console.log(`${windows} windows`);
console.log(bad ? `${bad} FAILED` : 'all passed');
process.exit(bad ? 1 : 0);
