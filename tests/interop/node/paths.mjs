// Sockets: the one in use and those before it, on which packets may still come (UC-PATH-4, UC-PATH-6). A shim that loses
// datagrams each way stands in for a bad network.
import dgram from 'node:dgram';

const KEPT = 2;

/** A generator of shares that a seed repeats. */
function dice(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Paths {
  /** @param came (datagram, via) */
  constructor({ came, loss = 0, seed = Math.random() * 2 ** 32 }) {
    Object.assign(this, { came, loss, roll: dice(seed) });
    this.sockets = { udp4: [], udp6: [] };
    this.lost = 0; this.sent = 0;
  }
  socket(family) {
    if (!this.sockets[family].length) this.open(family);
    return this.sockets[family][0];
  }
  open(family) {
    const socket = dgram.createSocket(family);
    socket.on('message', (bytes, from) => {
      if (this.roll() < this.loss) this.lost++; else this.came(bytes, { socket, address: { host: from.address, port: from.port } });
    });
    socket.on('error', () => {}); // network noise is not an error (4)
    socket.bind(0);
    this.sockets[family].unshift(socket);
    for (const old of this.sockets[family].splice(KEPT)) old.close();
  }
  /** The network changed: what leaves from now on leaves from elsewhere. */
  moved() { for (const family of ['udp4', 'udp6']) if (this.sockets[family].length) this.open(family); }
  send(bytes, { socket, address }) {
    this.sent++;
    if (this.roll() < this.loss) return void this.lost++;
    try { (socket ?? this.socket(address.host.includes(':') ? 'udp6' : 'udp4')).send(bytes, address.port, address.host, () => {}); } catch { /* a closed socket is a lost datagram */ }
  }
  close() { for (const socket of [...this.sockets.udp4, ...this.sockets.udp6]) socket.close(); }
}
