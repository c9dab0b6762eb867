// node client.mjs LINK|HOST[:PORT] [--room R] [--nick N] [--state FILE] [--accept] [--address HOST:PORT …] [--newest N]
//                 [--renewal SECONDS] [--verdict SECONDS] [--loss P] [--seed N]
// JSON lines out, messages and commands (commands.mjs) in. At the end of the input it waits for all that is under way.
import dns from 'node:dns/promises';
import { parseArgs } from 'node:util';
import { Chat } from './chat.mjs';
import { obey } from './commands.mjs';
import { parseLink } from './link.mjs';
import { Paths } from './paths.mjs';
import { State } from './state.mjs';

const text = { type: 'string' };
const { values: opt, positionals: [where] } = parseArgs({ allowPositionals: true, options: {
  room: text, nick: text, state: text, accept: { type: 'boolean' }, address: { type: 'string', multiple: true, default: [] },
  newest: text, renewal: text, verdict: text, loss: text, seed: text,
} });
const number = (word) => (word === undefined ? undefined : Number(word));
function fail(why, status) { process.stderr.write(`${why}\n`); process.exit(status); }

let to;
try { to = parseLink(where?.startsWith('udpchat:') ? where : `udpchat://${where}/${encodeURIComponent(opt.room ?? 'lobby')}`); } catch (e) { fail(e.message, 2); }
const server = `${to.host}:${to.port}`, state = new State(opt.state), known = state.server(server);
if (known.key && to.key && !known.key.equals(to.key) && !opt.accept) fail('the key of the link is not the one that was trusted before', 3);
known.key = to.key ?? known.key; known.secret = to.secret ?? known.secret; known.nick = opt.nick ?? known.nick;
const app = { room: opt.room ?? to.room, moved, clock: () => performance.now() / 1000, offer: () => chat.offer, first: (room) => starts.get(room) ?? 0 };
if (!known.rooms.some((r) => r.title === app.room)) known.rooms.push({ title: app.room, cursor: null });

const starts = new Map(); // where what was shown of a room begins
const halt = { finished: false, code: 0 };
const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
function emit(event) {
  print(event);
  if (event.event === 'joined' && !starts.has(event.room)) starts.set(event.room, event.start);
  if (event.event === 'offered' && opt.accept && !event.closed) setImmediate(() => { chat.accept(chat.offer, null, app.clock()); turn(); });
  else if (event.event === 'offered' && halt.finished) halt.code = 3;
  if (event.event === 'addresses') resolve().then((list) => chat.addresses.replace(list));
  if (event.event === 'closed') stop(event.code);
}
const split = (each) => { const at = each.lastIndexOf(':'); return { host: each.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(each.slice(at + 1)) }; };
async function resolve() {
  const list = [];
  for (const { host, port } of [{ host: to.host, port: to.port }, ...opt.address.map(split)]) {
    try { for (const { address } of await dns.lookup(host, { all: true })) list.push({ host: address, port }); } catch { /* not now */ }
  }
  return list;
}

const paths = new Paths({ loss: number(opt.loss) ?? 0, seed: number(opt.seed), came: (bytes, via) => { chat.datagram(bytes, app.clock(), via); turn(); } });
const addresses = await resolve();
if (!addresses.length) fail(`no address of ${to.host}`, 5);
const chat = new Chat({
  identity: state.identity, device: state.device, addresses, state: known, newest: number(opt.newest) ?? 50, renewal: number(opt.renewal),
  verdict: number(opt.verdict), emit, full: () => process.stdout.writableNeedDrain, transmit: (bytes, via) => paths.send(bytes, via),
});
function moved() { paths.moved(); chat.moved(); }

// UC-RECV-3: a burst is handled whole before timers and before anything is sent, so sending waits for the end of the loop's turn
let timer = null, pumping = false, savedAt = 0;
function turn() {
  if (pumping) return;
  pumping = true;
  setImmediate(() => {
    pumping = false;
    const now = app.clock();
    if (halt.finished && (chat.state === 'ASKING' || chat.idle)) chat.quit(now);
    chat.pump(now);
    if (now > savedAt + 0.2) { savedAt = now; state.keep(server, chat.saved); }
    clearTimeout(timer);
    if (chat.wake < Infinity) timer = setTimeout(turn, Math.min(2 ** 30, Math.max(0, Math.ceil((chat.wake - now) * 1000))));
  });
}
function stop(code) {
  state.keep(server, chat.saved);
  clearTimeout(timer); process.stdin.destroy();
  setImmediate(() => paths.close()); // after what is being sent
  process.exitCode = code === 'QUIT' ? halt.code : 9;
}
process.stdout.on('drain', turn);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { chat.clock = app.clock(); chat.quit(app.clock()); turn(); });

chat.clock = app.clock();
chat.connect(app.clock()); turn();
let rest = '';
function line(each) {
  chat.clock = app.clock();
  try { const event = each && obey(each, chat, app); if (event) print(event); } catch (e) { print({ event: 'error', text: e.message }); }
  turn();
}
process.stdin.setEncoding('utf8');
process.stdin.on('data', (data) => { const lines = (rest + data).split('\n'); rest = lines.pop(); for (const each of lines) line(each.replace(/\r$/, '')); });
process.stdin.on('end', () => { if (rest) line(rest); halt.finished = true; turn(); });
