// What a line of standard input means.

/** @param chat @param app { room, offer(): ?Buffer, moved(), clock() } @returns an event to print, or nothing */
export function obey(line, chat, app) {
  const [word, ...rest] = line.split(' '), what = rest.join(' ');
  if (!line.startsWith('/')) return void chat.say(app.room, line);
  switch (word) {
    case '/nick': return void chat.nick(what);
    case '/join': chat.join(what); app.room = what; return;
    case '/part': return void chat.part(what || app.room);
    case '/history': { // /history COUNT [START]
      const count = Number(rest[0] || 20), start = rest[1] ?? Math.max(0, app.first(app.room) - count);
      return void chat.history(app.room, start, count);
    }
    case '/who': {
      const { list, large, count } = chat.rooms.get(what || app.room).roster;
      return { event: 'who', room: what || app.room, large, count, members: list };
    }
    case '/accept': return void chat.accept(app.offer(), what ? Buffer.from(what, 'base64url') : null, app.clock()); // [SECRET]
    case '/moved': return void app.moved();
    case '/stats': return { event: 'stats', state: chat.state, sessions: chat.sessions, drops: { ...chat.drops }, ...chat.session?.stats,
      loss: chat.session?.loss.loss, srtt: chat.session?.loss.srtt, number: chat.session?.sealed.number };
    case '/quit': return void chat.quit(app.clock(), what);
    default: throw new Error('commands: /nick /join /part /history /who /accept /moved /stats /quit');
  }
}
