// Who is in a room (SPEC.md 11.3): the ROSTER, then the entries of the presence log.
import { parse, codeName, PRESENCE, WireError } from './wire.mjs';
import { ATTENDEES_MAX } from './constants.mjs';
import { harmless, name } from './text.mjs';

const SHOWN = { 1: 'online', 2: 'unreachable' }; // presence in MEMBER
const NAME = Object.fromEntries(Object.entries(PRESENCE).map(([each, kind]) => [kind, each]));
const COUNTED = 24;

export class Roster {
  /** @param show (event): what a person is told */
  constructor(show) {
    this.show = show;
    this.members = new Map(); // fingerprint in hex -> { nick, presence }
    this.told = false; // whether a person has seen any roster of this room
    this.complete = false; // entries wait until it is (UC-PRES-2)
    this.large = false; this.count = null; this.before = null; this.counted = false;
  }
  /** What is known will be replaced; members that are missed were only counted if the room changed its size. */
  void(code = 0) { this.complete = false; this.counted = code === COUNTED || this.large; }
  chunk({ flags, members }) { // ROSTER
    if (flags & 1) { this.before ??= this.members; this.members = new Map(); this.complete = false; this.large = false; }
    for (const m of members) this.put(m.member.toString('hex'), { nick: m.nick, presence: SHOWN[m.presence] ?? 'online' });
    if (!(flags & 2) || !this.before) return;
    this.complete = true;
    if (!this.told) this.show({ event: 'roster', members: this.list });
    else this.differences();
    this.told = true; this.before = null; this.counted = false;
  }
  /** Only what did change is told (UC-RENEW-3). */
  differences() {
    const code = this.counted ? { code: 'COUNTED' } : {};
    for (const [key, m] of this.members) {
      const old = this.before.get(key);
      if (!old) this.tell(key, m, code);
      else if (old.nick !== m.nick || old.presence !== m.presence) this.tell(key, m);
    }
    for (const [key, m] of this.before) if (!this.members.has(key)) this.tell(key, { ...m, presence: 'gone' }, code);
  }
  put(key, member) {
    if (!this.members.has(key) && this.members.size >= ATTENDEES_MAX) return false; // UC-PRES-10
    this.members.set(key, member);
    return true;
  }
  tell(key, { nick, presence }, more) { this.show({ event: 'member', key, nick: name(nick), presence, ...more }); }
  get list() { return [...this.members].map(([key, m]) => ({ key, nick: name(m.nick), presence: m.presence })); }

  /** An entry of the presence log; throws WireError if it cannot be read. */
  entry(kind, body) {
    const what = NAME[kind];
    if (!what) throw new WireError('ENTRY', 'kind', 'value');
    const e = parse(what, body);
    if (what === 'COUNT') return this.counts(e);
    const key = e.member.toString('hex'), old = this.members.get(key);
    switch (what) { // UC-PRES-2: what changes nothing is not shown
      case 'ONLINE': {
        if (old?.presence === 'online' && old.nick === e.nick) return;
        const now = { nick: e.nick, presence: 'online' };
        if (this.put(key, now)) this.tell(key, now, !old && this.large ? { code: 'COUNTED' } : {}); // UC-PRES-9
        return;
      }
      case 'UNREACHABLE':
        if (!old || old.presence === 'unreachable') return;
        old.presence = 'unreachable';
        return this.tell(key, old);
      case 'RENAMED':
        if (!old || old.nick === e.nick) return;
        old.nick = e.nick;
        return this.tell(key, old);
      case 'GONE':
        if (!this.members.delete(key)) return;
        return this.tell(key, { ...old, presence: 'gone' }, { code: codeName(e.code), reason: harmless(e.reason) });
    }
  }
  counts({ online, members }) {
    this.large = true; // UC-PRES-9
    if (this.count?.online === online && this.count?.members === members) return;
    this.count = { online, members };
    this.show({ event: 'count', online, members });
  }
}
