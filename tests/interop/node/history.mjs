// What was said before (SPEC.md 9.8): one HISTORY a room at a time; its entries do not move the place in the room (UC-HIST-3).
import { told } from './room.mjs';
import { name } from './text.mjs';

export class History {
  /** @param on { show(event), full(), over(history) } */
  constructor(title, start, count, on) { Object.assign(this, { title, start, count, on, channel: null }); }
  get wish() { return { room: this.title, start: this.start, count: this.count }; }
  /** REPLAY: entries `start` to `end` - 1 follow on a channel of their own. */
  open(session, e) {
    this.channel = e.channel; this.first ??= e.start; this.end = e.end;
    this.at(e.start);
    session.open(e.channel, e.start, (offset, kind, body) => {
      this.on.show({ ...told(offset, kind, body).event, room: name(this.title), past: true });
      this.at(offset + 1n);
      if (offset + 1n >= this.end) this.over(this.end); // the channel stays for its ACK, and goes with the session
    }, () => !this.on.full());
  }
  /** Where a new session would ask again from (UC-RENEW-3). */
  at(offset) { this.start = offset; this.count = Number(this.end - offset); }
  over(end) {
    this.on.show({ event: 'history', room: name(this.title), start: Number(this.first), end: Number(end) });
    this.on.over(this);
  }
  /** SKIP: the store has forgotten the rest (UC-HIST-2). */
  cut(session) {
    session.close(this.channel);
    this.on.show({ event: 'gap', room: name(this.title), past: true, from: Number(this.start), to: Number(this.end) });
    this.over(this.start);
  }
}
