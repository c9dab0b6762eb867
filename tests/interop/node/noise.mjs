// Noise_IKpsk1_25519_AESGCM_SHA256 (SPEC.md 5.1, 5.2) and the sealing of packets (6), on node:crypto alone.
import crypto from 'node:crypto';

const NAME = Buffer.from('Noise_IKpsk1_25519_AESGCM_SHA256'); // exactly 32 bytes: used as h without hashing
const PRIV = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUB = Buffer.from('302a300506032b656e032100', 'hex');

export const sha256 = (...parts) => { const h = crypto.createHash('sha256'); for (const p of parts) h.update(p); return h.digest(); };
export const hmac = (key, ...parts) => { const h = crypto.createHmac('sha256', key); for (const p of parts) h.update(p); return h.digest(); };
export const hkdf = (ikm, salt, info, len) => Buffer.from(crypto.hkdfSync('sha256', ikm, salt, info, len));
export const fingerprint = (key) => sha256(key).subarray(0, 8);
export const pskOf = (secret, serverKey) => secret ? hkdf(secret, serverKey, 'udpchat/1 psk', 32) : Buffer.alloc(32);
export const resetKey = (serverPrivate) => hkdf(serverPrivate, Buffer.alloc(0), 'udpchat/1 reset', 32);
const u64 = (v) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(v)); return b; };
export const resetToken = (key, session) => hmac(key, u64(session)).subarray(0, 16);
export const prologue = (version, token) => Buffer.concat([Buffer.from('udpchat'), Buffer.from([version]), u64(token)]);

export function keyPair(privateBytes = crypto.randomBytes(32)) {
  const key = crypto.createPrivateKey({ key: Buffer.concat([PRIV, privateBytes]), format: 'der', type: 'pkcs8' });
  const pub = crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { private: Buffer.from(privateBytes), public: Buffer.from(pub), key };
}
/** X25519; throws on the all-zero result (UC-NOISE-2). */
export function dh(pair, publicBytes) {
  const publicKey = crypto.createPublicKey({ key: Buffer.concat([PUB, publicBytes]), format: 'der', type: 'spki' });
  const out = crypto.diffieHellman({ privateKey: pair.key, publicKey }); // OpenSSL throws on zero, too
  if (!out.some((b) => b)) throw new Error('low-order key');
  return out;
}

const nonceOf = (n) => { const b = Buffer.alloc(12); b.writeBigUInt64BE(BigInt(n), 4); return b; };
export function encrypt(key, n, ad, plaintext) {
  const c = crypto.createCipheriv('aes-256-gcm', key, nonceOf(n));
  c.setAAD(ad);
  return Buffer.concat([c.update(plaintext), c.final(), c.getAuthTag()]);
}
/** The plaintext, or null if the tag does not verify. */
export function decrypt(key, n, ad, sealed) {
  if (sealed.length < 16) return null;
  const d = crypto.createDecipheriv('aes-256-gcm', key, nonceOf(n));
  d.setAAD(ad);
  d.setAuthTag(sealed.subarray(-16));
  try { return Buffer.concat([d.update(sealed.subarray(0, -16)), d.final()]); } catch { return null; }
}

class Symmetric {
  constructor(prologueBytes) { this.h = NAME; this.ck = NAME; this.k = null; this.n = 0; this.mixHash(prologueBytes); }
  clone() { return Object.assign(Object.create(Symmetric.prototype), this); }
  mixHash(data) { this.h = sha256(this.h, data); }
  kdf(input, count) {
    const temp = hmac(this.ck, input), out = [];
    let prev = Buffer.alloc(0);
    for (let i = 1; i <= count; i++) out.push(prev = hmac(temp, prev, Buffer.from([i])));
    return out;
  }
  mixKey(input) { [this.ck, this.k] = this.kdf(input, 2); this.n = 0; }
  mixKeyAndHash(input) { let th; [this.ck, th, this.k] = this.kdf(input, 3); this.n = 0; this.mixHash(th); }
  encryptAndHash(p) { const c = encrypt(this.k, this.n++, this.h, p); this.mixHash(c); return c; }
  decryptAndHash(c) {
    const p = decrypt(this.k, this.n++, this.h, c);
    if (p === null) throw new Error('tag');
    this.mixHash(c);
    return p;
  }
  split() { return this.kdf(Buffer.alloc(0), 2); }
}

/** The client's side. With a psk token, e is also mixed into the key (Noise 9.2). */
export class Initiator {
  constructor({ staticPair, serverKey, psk, prologue, ephemeral = keyPair() }) {
    Object.assign(this, { s: staticPair, rs: serverKey, psk, e: ephemeral });
    this.state = new Symmetric(prologue);
    this.state.mixHash(serverKey);
  }
  writeMessage1(payload) { // e, es, s, ss, psk
    const y = this.state;
    y.mixHash(this.e.public); y.mixKey(this.e.public);
    y.mixKey(dh(this.e, this.rs));
    const s = y.encryptAndHash(this.s.public);
    y.mixKey(dh(this.s, this.rs));
    y.mixKeyAndHash(this.psk);
    return Buffer.concat([this.e.public, s, y.encryptAndHash(payload)]);
  }
  /** { payload, toServer, toClient }; throws and changes nothing if it does not verify (UC-NOISE-3). */
  readMessage2(message) { // e, ee, se
    const y = this.state.clone(), re = message.subarray(0, 32);
    y.mixHash(re); y.mixKey(re);
    y.mixKey(dh(this.e, re));
    y.mixKey(dh(this.s, re));
    const payload = y.decryptAndHash(message.subarray(32));
    const [toServer, toClient] = y.split();
    this.h = y.h;
    return { payload, toServer, toClient };
  }
}

/** The server's side; only the test vectors use it. */
export class Responder {
  constructor({ staticPair, psk, prologue, ephemeral = keyPair() }) {
    Object.assign(this, { s: staticPair, psk, e: ephemeral });
    this.state = new Symmetric(prologue);
    this.state.mixHash(staticPair.public);
  }
  readMessage1(message) {
    const y = this.state.clone();
    this.re = Buffer.from(message.subarray(0, 32));
    y.mixHash(this.re); y.mixKey(this.re);
    y.mixKey(dh(this.s, this.re));
    this.rs = y.decryptAndHash(message.subarray(32, 80));
    y.mixKey(dh(this.s, this.rs));
    y.mixKeyAndHash(this.psk);
    const payload = y.decryptAndHash(message.subarray(80));
    this.state = y;
    return payload;
  }
  writeMessage2(payload) {
    const y = this.state;
    y.mixHash(this.e.public); y.mixKey(this.e.public);
    y.mixKey(dh(this.e, this.re));
    y.mixKey(dh(this.e, this.rs));
    const message = Buffer.concat([this.e.public, y.encryptAndHash(payload)]);
    const [toServer, toClient] = y.split();
    return { message, toServer, toClient };
  }
}
