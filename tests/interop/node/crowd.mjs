// node crowd.mjs LINK COUNT   COUNT members in one process: they join, acknowledge what comes, and say nothing, until the input ends.
import dgram from 'node:dgram';
import crypto from 'node:crypto';
import { Chat } from './chat.mjs';
import { keyPair } from './noise.mjs';
import { parseLink } from './link.mjs';

const to = parseLink(process.argv[2]), count = Number(process.argv[3]);
const clock = () => performance.now() / 1000;
const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const GATHERED = 30, BURST = 130, PAUSE = 1050; // ms; a prefix gets a third of the handshakes of a second (UC-LIMIT-2)
const crowd = [];
let joined = 0;

function member() {
  const socket = dgram.createSocket('udp4');
  const chat = new Chat({
    identity: keyPair(), device: crypto.randomBytes(4).readUInt32BE(), addresses: [{ host: to.host, port: to.port }], newest: 0,
    state: { key: to.key, rooms: [{ title: to.room, cursor: null }] },
    emit: ({ event }) => { if (event === 'joined' && ++joined === count) print({ event: 'crowded' }); },
    transmit: (bytes) => socket.send(bytes, to.port, to.host, () => {}),
  });
  let timer = null;
  const turn = () => {
    clearTimeout(timer);
    chat.pump(clock());
    timer = setTimeout(turn, Math.max(GATHERED, Math.min(2 ** 30, (chat.wake - clock()) * 1000)));
  };
  socket.on('message', (bytes) => { chat.datagram(bytes, clock(), {}); clearTimeout(timer); timer = setTimeout(turn, GATHERED); });
  chat.clock = clock();
  chat.connect(clock()); turn();
  crowd.push(chat);
}
function more() {
  for (let i = 0; i < BURST && crowd.length < count; i++) member();
  if (crowd.length < count) setTimeout(more, PAUSE);
}
more();
process.stdin.on('end', () => process.exit(0)).resume();
