// What outlives the process, in one JSON file that only its owner reads: identity, device, and for each server its pin,
// the nick, the rooms with their places, and what was not acknowledged.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { keyPair } from './noise.mjs';

const hex = (bytes) => bytes?.toString('hex') ?? null;
const un = (text) => (text === null || text === undefined ? null : Buffer.from(text, 'hex'));

export class State {
  /** Without a path everything is forgotten at the end. */
  constructor(path) {
    this.path = path;
    const fresh = { identity: hex(crypto.randomBytes(32)), device: crypto.randomBytes(4).readUInt32BE(), servers: {} };
    this.all = path && fs.existsSync(path) ? JSON.parse(fs.readFileSync(path)) : fresh;
    this.write();
  }
  get identity() { return keyPair(un(this.all.identity)); }
  get device() { return this.all.device; }
  server(name) {
    const s = this.all.servers[name] ?? {};
    return {
      key: un(s.key), secret: un(s.secret), nick: s.nick ?? null,
      rooms: (s.rooms ?? []).map(({ title, cursor: c }) => ({
        title, cursor: c && { log: BigInt(c.log), offset: BigInt(c.offset), check: un(c.check) },
      })),
      messages: (s.messages ?? []).map((m) => ({ ...m, id: BigInt(m.id) })),
    };
  }
  keep(name, { key, secret, nick, rooms, messages }) {
    this.all.servers[name] = {
      ...this.all.servers[name], ...(key && { key: hex(key), secret: hex(secret) }), nick,
      rooms: rooms.map(({ title, cursor: c }) => ({ title, cursor: c && { log: String(c.log), offset: String(c.offset), check: hex(c.check) } })),
      messages: messages.map(({ id, room, text, flags }) => ({ id: String(id), room, text, flags })),
    };
    this.write();
  }
  write() {
    const text = this.path && JSON.stringify(this.all, null, 1);
    if (!text || text === this.written) return;
    fs.writeFileSync(`${this.path}.new`, text, { mode: 0o600 });
    fs.renameSync(`${this.path}.new`, this.path);
    this.written = text;
  }
}
