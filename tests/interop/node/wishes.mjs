// What the person wants of the server, in the order in which it may be asked (UC-SESS-3, UC-SESS-6, UC-ROOM-9).
import crypto from 'node:crypto';
import { build, UPLINK } from './wire.mjs';

const REMEMBERED = 1024; // requests of a session whose FAILED or REPLAY may still come

/** Whether `x` has to wait for `y`, which was wanted before it and is not in the uplink yet. */
function waits(x, y) {
  if (x.what === 'SAY') return y.what === 'SAY' || y.room === x.room;
  if (x.what === 'PART') return y.room === x.room;
  return y.what !== 'SAY' && y.room === x.room;
}

export class Wishes {
  constructor(messages = []) {
    this.messages = messages; // not acknowledged, in the person's order
    this.stored = []; // acknowledged, not yet read back in the room
    this.queue = []; // not yet in the uplink
    this.asked = new Map(); // uplink offset -> what was asked
    this.nick = null;
  }
  want(what, fields) { this.queue.push({ what, room: fields.room, fields }); }
  say(m) { this.queue.push({ what: 'SAY', room: m.room, m, fields: { room: m.room, id: m.id, flags: m.flags, text: m.text } }); }
  message(room, text, flags) {
    const m = { id: crypto.randomBytes(8).readBigUInt64BE(), room, text, flags }; // UC-ROOM-9
    build('SAY', m); // a mistake is the caller's (UC-WIRE-3)
    this.messages.push(m);
    this.say(m);
    return m;
  }
  /** A session begins: the wishes again, as uplink entries from offset 0 (UC-SESS-3). */
  again(rooms, histories) {
    this.queue = []; this.asked.clear();
    if (this.nick) this.want('NICK', { nick: this.nick });
    for (const room of rooms.values()) this.want('JOIN', room.wish);
    const left = new Set(this.messages.map((m) => m.room).filter((title) => !rooms.has(title)));
    for (const title of left) this.want('JOIN', { room: title, newest: 0, log: 0n, offset: 0n, check: Buffer.alloc(8) });
    for (const m of this.messages) { m.request = null; this.say(m); }
    for (const title of left) this.want('PART', { room: title });
    for (const history of histories.values()) this.want('HISTORY', history.wish);
  }
  /** As much as may be under way goes into the uplink (UC-SESS-6). */
  fill(session) {
    for (let i = 0; i < this.queue.length;) {
      const item = this.queue[i], say = item.what === 'SAY';
      if (this.queue.slice(0, i).some((before) => waits(item, before))) { i++; continue; }
      const body = build(item.what, item.fields);
      if (!session.uplink.room(body.length, say)) { i++; continue; }
      const offset = session.append(UPLINK[item.what], body, say);
      if (say) item.m.request = offset;
      this.asked.set(offset, item);
      if (this.asked.size > REMEMBERED) this.asked.delete(this.asked.keys().next().value);
      this.queue.splice(i, 1); i = 0;
    }
  }
  /** The uplink is acknowledged below `next`. @returns the messages that are so now */
  acked(next) {
    const done = this.messages.filter((m) => m.request !== null && m.request !== undefined && m.request < next);
    this.messages = this.messages.filter((m) => !done.includes(m));
    this.stored.push(...done);
    return done;
  }
  forget(m) {
    this.messages = this.messages.filter((each) => each !== m);
    this.stored = this.stored.filter((each) => each !== m);
  }
  /** JOINED answers the first JOIN for its room: undefined if none was asked, false if it was left since (UC-LOG-1). */
  joined(title) {
    const of = [...this.asked.values(), ...this.queue].filter((item) => item.room === title);
    const at = of.findIndex((item) => item.what === 'JOIN' && !item.answered && !this.queue.includes(item));
    if (at < 0) return undefined;
    of[at].answered = true;
    return !of.slice(at).some((item) => item.what === 'PART');
  }
}
