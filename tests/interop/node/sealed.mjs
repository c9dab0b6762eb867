// Sealed packets (SPEC.md 6, 4.2): numbers, the window of numbers that came, and the tag.
import { parse, WireError } from './wire.mjs';
import { encrypt, decrypt } from './noise.mjs';
import { REPLAY_WINDOW, PACKETS_MAX } from './constants.mjs';

export class Sealed {
  constructor({ id, toServer, toClient }) {
    Object.assign(this, { id, toServer, toClient });
    this.number = 0; // of the next packet that leaves (UC-SEAL-2)
    this.largest = -1; this.came = new Set();
  }
  /** @returns {{number, datagram}} (UC-SEAL-1) */
  seal(frames) {
    const header = Buffer.alloc(16), number = this.number++;
    header[0] = 4; header.writeUIntBE(number, 2, 6); header.writeBigUInt64BE(this.id, 8);
    return { number, datagram: Buffer.concat([header, encrypt(this.toServer, number, header, Buffer.concat(frames))]) };
  }
  /** @returns {{number, plain, next}|string} `next`: is none missing before it? Or the reason of a drop: the steps of 4.2 in their order. */
  open(datagram) {
    let packet;
    try { packet = parse('SEALED', datagram); } catch (e) { if (e instanceof WireError) return 'malformed'; throw e; }
    const { number, session, ciphertext } = packet;
    if (session !== this.id) return 'session';
    if (number <= this.largest - REPLAY_WINDOW || this.came.has(number) || number >= PACKETS_MAX) return 'replay'; // UC-SEAL-3, -5
    const plain = decrypt(this.toClient, number, datagram.subarray(0, 16), ciphertext);
    if (!plain) return 'tag';
    this.came.add(number); // only now (UC-SEAL-4)
    const next = number === this.largest + 1;
    this.largest = Math.max(this.largest, number);
    if (this.came.size > 2 * REPLAY_WINDOW) for (const n of this.came) if (n <= this.largest - REPLAY_WINDOW) this.came.delete(n);
    return { number, plain, next };
  }
}
