// A room that the person is in (SPEC.md 8.1, 10.2): the place in its chat log, and who is there.
import { parse, codeName, CHATS, WireError } from './wire.mjs';
import { sha256 } from './noise.mjs';
import { harmless, name } from './text.mjs';
import { Roster } from './roster.mjs';

const RESUME = ['newest', 'resumed', 'new_log', 'truncated', 'rolled_back'];
export const id16 = (n) => n.toString(16).padStart(16, '0');
const FROM_ZERO = { log: 0n, offset: 0n, check: Buffer.alloc(8) };

/** The check after an entry (UC-LOG-12). */
export const step = (check, kind, body) => sha256(check, Buffer.from([kind]), body).subarray(0, 8);

/** What a person is told of an entry of a chat log. */
export function told(offset, kind, body) {
  try {
    if (kind !== CHATS.CHAT) throw new WireError('ENTRY', 'kind', 'value');
    const e = parse('CHAT', body), text = harmless(e.text);
    return { e, event: {
      event: 'chat', offset: Number(offset), nick: name(e.nick), key: e.author.toString('hex'), text, ...(text !== e.text && { raw: e.text }),
      id: id16(e.id), time: Number(e.time), more: !!(e.flags & 1),
    } };
  } catch (error) { // UC-WIRE-12
    if (!(error instanceof WireError)) throw error;
    return { event: { event: 'unreadable', offset: Number(offset), why: error.message } };
  }
}

export class Room {
  /** @param on { show(event), own(e, offset): a message of this member was read } */
  constructor(title, { cursor = null, newest = 50, me, on }) {
    Object.assign(this, { title, cursor, newest, me, on });
    this.show = (event) => on.show({ ...event, room: name(title) });
    this.roster = new Roster(this.show);
    this.rest();
  }
  /** There is no session any more, or a new one. */
  rest() { this.joined = false; this.chat = this.presence = null; this.head = null; this.roster.void(); }
  /** What JOIN asks for (UC-ROOM-4). */
  get wish() { return { room: this.title, newest: this.newest, ...(this.cursor ?? FROM_ZERO) }; }

  join(session, e, quiet) { // JOINED
    const resumed = e.resume === 1;
    if (this.cursor && !resumed) this.show({ event: 'gap', resume: RESUME[e.resume], from: Number(this.cursor.offset), to: Number(e.chat_start) });
    this.cursor = { log: e.chat_log, offset: e.chat_start, check: e.chat_check };
    Object.assign(this, { joined: true, chat: e.chat_channel, presence: e.presence_channel, head: e.chat_head });
    session.open(this.chat, e.chat_start, (offset, kind, body) => this.read(offset, kind, body), () => !this.on.full());
    session.open(this.presence, e.presence_start, (offset, kind, body) => this.attend(offset, kind, body),
      () => this.roster.complete && !this.on.full()); // UC-PRES-2: they wait for the roster
    if (quiet && resumed) return; // UC-RENEW-3
    this.show({ event: 'joined', resume: RESUME[e.resume] ?? 'newest', first: Number(e.chat_first), head: Number(e.chat_head), start: Number(e.chat_start) });
  }
  part(session) {
    if (this.joined) { session.close(this.chat); session.close(this.presence); }
    this.rest();
  }
  read(offset, kind, body) {
    this.cursor = { log: this.cursor.log, offset: offset + 1n, check: step(this.cursor.check, kind, body) };
    const { e, event } = told(offset, kind, body);
    this.show(event);
    if (e?.author.equals(this.me)) this.on.own(e, offset, this.title);
    this.on.read();
  }
  attend(offset, kind, body) {
    try { this.roster.entry(kind, body); } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.show({ event: 'unreadable', log: 'presence', offset: Number(offset), why: error.message });
    }
  }
  skip(session, e, now) { // UC-SKIP-2
    if (e.channel === this.presence) this.roster.void(e.code);
    else if (e.first <= this.cursor.offset) return;
    else {
      this.show({ event: 'gap', code: codeName(e.code), from: Number(this.cursor.offset), to: Number(e.first) });
      this.cursor = { log: this.cursor.log, offset: e.first, check: e.check };
    }
    session.inboxes.get(e.channel)?.skip(e.first, now);
  }
}
