// node client.mjs LINK --nick NAME [--room R] [--newest N] [--accept]   JSON lines out, messages in.
import dgram from 'node:dgram';
import crypto from 'node:crypto';
import { keyPair } from './noise.mjs';
import { Chat } from './chat.mjs';

export function parseLink(link) { // appendix A
  const m = /^udpchat:\/\/(\[[0-9a-fA-F:.%]+\]|[^\/:?#\[\]]+)(?::(\d{1,5}))?\/([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(link);
  if (!m) throw new Error('not a join link');
  const b64 = (s, len, what) => {
    if (!new RegExp(`^[A-Za-z0-9_-]{${len}}$`).test(s)) throw new Error(`${what} has not its length`);
    return Buffer.from(s, 'base64url');
  };
  const key = (m[4] ?? '').split('&').find((x) => x.startsWith('key='))?.slice(4);
  if (m[5] && !key) throw new Error('a link with a secret must hold the key');
  return {
    host: m[1].replace(/^\[|\]$/g, ''), port: Number(m[2] ?? 9999), room: decodeURIComponent(m[3]),
    key: key !== undefined ? b64(key, 43, 'key') : null, secret: m[5] ? b64(m[5], 22, 'secret') : null,
  };
}

function main() {
  const opt = { room: [] }, args = process.argv.slice(2);
  let link;
  while (args.length) {
    const a = args.shift();
    if (a === '--nick') opt.nick = args.shift();
    else if (a === '--room') opt.room.push(args.shift());
    else if (a === '--newest') opt.newest = Number(args.shift());
    else if (a === '--accept') opt.accept = true;
    else link = a;
  }
  if (!link || !opt.nick) { console.error('usage: node client.mjs LINK --nick NAME [--room R] [--newest N] [--accept]'); process.exit(2); }
  let to;
  try { to = parseLink(link); } catch (e) { console.error(e.message); process.exit(2); }

  const socket = dgram.createSocket(to.host.includes(':') ? 'udp6' : 'udp4');
  const clock = () => performance.now() / 1000;
  const emit = (event) => {
    process.stdout.write(JSON.stringify(event) + '\n');
    if (event.event === 'closed') { socket.close(); clearTimeout(timer); process.exitCode = event.code === 'QUIT' ? 0 : 1; process.stdin.destroy(); }
  };
  const chat = new Chat({
    staticPair: keyPair(), device: crypto.randomBytes(4).readUInt32BE(), nick: opt.nick, rooms: opt.room.length ? opt.room : [to.room],
    serverKey: to.key, secret: to.secret, newest: opt.newest, acceptAny: opt.accept, emit,
    transmit: (buf) => { try { socket.send(buf, to.port, to.host, () => {}); } catch { /* closed */ } },
  });
  const room = [...chat.rooms.keys()][0];

  // UC-RECV-3: a burst is handled whole before anything is sent, so sending waits for the check phase of the loop
  let timer = null, pumping = false;
  const turn = () => {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      chat.pump(clock());
      clearTimeout(timer);
      const wake = chat.wake;
      if (wake < Infinity) timer = setTimeout(turn, Math.min(2 ** 30, Math.max(0, Math.ceil((wake - clock()) * 1000))));
    });
  };
  socket.on('message', (buf) => { chat.datagram(buf, clock()); turn(); });
  socket.on('error', () => {});
  socket.bind(0, () => { chat.clock = clock(); chat.connect(clock()); turn(); });

  let rest = '';
  const line = (s) => { s = s.replace(/\r$/, ''); if (s) { chat.clock = clock(); chat.say(room, s); turn(); } };
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (d) => { const lines = (rest + d).split('\n'); rest = lines.pop(); lines.forEach(line); });
  process.stdin.on('end', () => { if (rest) line(rest); chat.clock = clock(); chat.quit(); turn(); });
}
main();
