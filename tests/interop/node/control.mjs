// The control log of a session (SPEC.md 3.4): what the server answers, one method a kind of entry.
import { codeName } from './wire.mjs';
import { History } from './history.mjs';
import { harmless, name } from './text.mjs';
import { id16 } from './room.mjs';

export class Control {
  constructor(chat) { this.chat = chat; }
  get session() { return this.chat.session; }
  /** A history that is asked for, until all of it was told. */
  static remember(chat, title, start, count) {
    chat.histories.set(title, new History(title, BigInt(start), count, {
      show: chat.emit, full: chat.full, over: (history) => { if (chat.histories.get(title) === history) chat.histories.delete(title); },
    }));
  }
  TERMS(e) { this.session.adopt(e); }
  JOINED(e) { // UC-LOG-1
    const { session, chat } = this, wanted = chat.wishes.joined(e.room);
    if (wanted === undefined || session.reads(e.chat_channel) || session.reads(e.presence_channel)) {
      return session.protocol('JOINED that nobody asked for');
    }
    const room = chat.rooms.get(e.room);
    if (wanted && room) return room.join(session, e, room.quiet);
    session.close(e.chat_channel); session.close(e.presence_channel);
  }
  PARTED(e) {
    const room = this.chat.rooms.get(e.room);
    if (room && !room.joined) return; // it answers the PART before this JOIN
    room?.part(this.session);
    this.chat.rooms.delete(e.room); this.chat.histories.delete(e.room);
    this.chat.emit({ event: 'parted', room: name(e.room), code: codeName(e.code) });
  }
  ROSTER(e) {
    for (const room of this.chat.rooms.values()) if (room.joined && room.presence === e.channel) room.roster.chunk(e);
  }
  SKIP(e) {
    const { chat, session } = this;
    for (const room of chat.rooms.values()) {
      if (room.joined && (room.chat === e.channel || room.presence === e.channel)) room.skip(session, e, chat.clock);
    }
    for (const history of [...chat.histories.values()]) if (history.channel === e.channel) history.cut(session);
  }
  REPLAY(e) {
    const { chat, session } = this, asked = chat.wishes.asked.get(Number(e.request));
    if (asked?.what !== 'HISTORY' || session.reads(e.channel)) return session.protocol('REPLAY that nobody asked for');
    const history = chat.histories.get(asked.room);
    if (history) history.open(session, e); else session.close(e.channel);
  }
  FAILED(e) {
    const { chat } = this, asked = chat.wishes.asked.get(Number(e.request));
    const event = { event: 'failed', command: asked?.what.toLowerCase(), ...(asked?.room && { room: name(asked.room) }),
      code: codeName(e.code), reason: harmless(e.reason) };
    switch (asked?.what) {
      case 'SAY': chat.wishes.forget(asked.m); event.id = id16(asked.m.id); break;
      case 'JOIN': if (!chat.rooms.get(asked.room)?.joined) chat.rooms.delete(asked.room); break;
      case 'NICK': if (chat.wishes.nick === asked.fields.nick) chat.wishes.nick = asked.fields.before ?? null; break;
      case 'HISTORY': chat.histories.delete(asked.room); break;
    }
    chat.emit(event);
  }
  NOTICE(e) { this.chat.emit({ event: 'notice', code: codeName(e.code), text: harmless(e.text) }); }
}
