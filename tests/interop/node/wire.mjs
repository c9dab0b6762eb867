// Codec of UDPCHAT/1 (SPEC.md 3): packets, payloads, frames, entries. Table-driven.
// u8..u48 are numbers, u64 are BigInts, bytes/opaque/rest are Buffers, text are strings, zeros a count.

export const MAX_DATAGRAM = 1200;
export const MAX_PLAINTEXT = MAX_DATAGRAM - 16 - 16;
export const MAX_ENTRY_BODY = 1152;

export class WireError extends Error {
  constructor(layout, field, reason, offset = null) {
    super(`${layout}.${field ?? '*'}: ${reason} at ${offset}`);
    Object.assign(this, { layout, field, reason, offset });
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  constructor(buf, base = 0) { this.buf = buf; this.pos = 0; this.base = base; }
  get left() { return this.buf.length - this.pos; }
}

// --- field types: [read(reader, ctx), write(value, ctx) -> Buffer]; ctx = { layout, field, at }
const fail = (ctx, reason) => { throw new WireError(ctx.layout, ctx.field, reason, ctx.at ?? null); };

function take(r, n, ctx) {
  if (r.left < n) fail(ctx, 'truncated');
  const b = r.buf.subarray(r.pos, r.pos + n);
  r.pos += n;
  return b;
}
const uint = (size) => ({
  read: (r, ctx) => take(r, size, ctx).readUIntBE(0, size),
  write: (v, ctx) => {
    if (!Number.isInteger(v) || v < 0 || v >= 2 ** (8 * size)) fail(ctx, 'range');
    const b = Buffer.alloc(size); b.writeUIntBE(v, 0, size); return b;
  },
});
const u8 = uint(1), u16 = uint(2), u32 = uint(4), u48 = uint(6);
const u64 = {
  read: (r, ctx) => take(r, 8, ctx).readBigUInt64BE(0),
  write: (v, ctx) => {
    v = BigInt(v);
    if (v < 0n || v >= 1n << 64n) fail(ctx, 'range');
    const b = Buffer.alloc(8); b.writeBigUInt64BE(v); return b;
  },
};
const constant = (type, value) => ({
  fixed: true,
  read: (r, ctx) => { if (type.read(r, ctx) !== value) fail(ctx, 'value'); },
  write: (_, ctx) => type.write(value, ctx),
});
const bytes = (n) => ({
  read: (r, ctx) => Buffer.from(take(r, n, ctx)),
  write: (v, ctx) => { if (v.length !== n) fail(ctx, 'length'); return Buffer.from(v); },
});
const opaque = (len, a, b) => ({
  read: (r, ctx) => {
    const n = len.read(r, ctx);
    if (n < a || n > b) fail(ctx, 'length');
    return Buffer.from(take(r, n, ctx));
  },
  write: (v, ctx) => {
    if (v.length < a || v.length > b) fail(ctx, 'length');
    return Buffer.concat([len.write(v.length, ctx), v]);
  },
});
const text = (len, a, b) => {
  const o = opaque(len, a, b);
  return {
    read: (r, ctx) => { const v = o.read(r, ctx); try { return utf8.decode(v); } catch { fail(ctx, 'text'); } },
    write: (v, ctx) => { if (typeof v !== 'string' || !v.isWellFormed()) fail(ctx, 'text'); return o.write(Buffer.from(v, 'utf8'), ctx); },
  };
};
const list8 = (item, a, b) => ({
  read: (r, ctx) => {
    const n = u8.read(r, ctx);
    if (n < a || n > b) fail(ctx, 'length');
    const out = [];
    for (let i = 0; i < n; i++) out.push(item.read(r, ctx));
    return out;
  },
  write: (v, ctx) => {
    if (v.length < a || v.length > b) fail(ctx, 'length');
    return Buffer.concat([u8.write(v.length, ctx), ...v.map((x) => item.write(x, ctx))]);
  },
});
const zeros = {
  read: (r, ctx) => { const v = take(r, r.left, ctx); if (v.some((x) => x)) fail(ctx, 'not-zero'); return v.length; },
  write: (n) => Buffer.alloc(n),
};
const rest = (min = 0) => ({
  read: (r, ctx) => { if (r.left < min) fail(ctx, 'length'); return Buffer.from(take(r, r.left, ctx)); },
  write: (v, ctx) => { if (v.length < min) fail(ctx, 'length'); return Buffer.from(v); },
});
const sub = (name) => ({
  read: (r, ctx) => readFields(LAYOUTS[name], name, r),
  write: (v) => writeFields(LAYOUTS[name], name, v),
});

// --- the tables
export const PACKETS = {
  HELLO: 0x01, RETRY: 0x02, WELCOME: 0x03, SEALED: 0x04, RESET: 0x05, VERSIONS: 0x06, REFUSED: 0x07,
};
export const FRAMES = {
  PADDING: 0x00, HEARTBEAT: 0x01, SEEN: 0x02, ACK: 0x03, ENTRY: 0x04, CHALLENGE: 0x05, RESPONSE: 0x06, BYE: 0x07,
};
export const ELICITING = new Set([0x01, 0x04, 0x05, 0x06]);
export const UPLINK = { NICK: 0x01, JOIN: 0x02, PART: 0x03, SAY: 0x04, HISTORY: 0x05, QUIT: 0x06 };
export const CONTROL = {
  TERMS: 0x21, JOINED: 0x22, PARTED: 0x23, ROSTER: 0x24, SKIP: 0x25, REPLAY: 0x26, FAILED: 0x27, NOTICE: 0x28,
};
export const CHATS = { CHAT: 0x41 };
export const PRESENCE = { ONLINE: 0x61, UNREACHABLE: 0x62, GONE: 0x63, RENAMED: 0x64, COUNT: 0x65 };
const swap = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [v, k]));
export const PACKET_NAME = swap(PACKETS), FRAME_NAME = swap(FRAMES);
export const CODES = ['NONE', 'QUIT', 'SHUTDOWN', 'REPLACED', 'EXPIRED', 'PROTOCOL', 'VERSION', 'FULL', 'LIMIT', 'BUSY',
  'SECRET', 'KEY', 'LIFETIME', 'MALFORMED', 'UNKNOWN_KIND', 'NOT_JOINED', 'NAME', 'NICK_TAKEN', 'TEXT', 'STORAGE',
  'RANGE', 'PARTED', 'TRUNCATED', 'BEHIND', 'COUNTED'];
export const codeName = (n) => CODES[n] ?? `CODE_${n}`;

const t = (n) => ['type', constant(u8, n)];
const room = ['room', text(u8, 1, 64)];
const LAYOUTS = {
  HELLO: [t(1), ['version', u8], ['token', u64], ['cookie', opaque(u8, 0, 32)], ['noise', opaque(u16, 0, 1024)], ['padding', { ...zeros, hidden: true }]],
  RETRY: [t(2), ['version', u8], ['token', u64], ['flags', u8], ['cookie', bytes(32)], ['key', bytes(32)]],
  WELCOME: [t(3), ['version', u8], ['token', u64], ['noise', opaque(u16, 48, 1024)]],
  SEALED: [t(4), ['reserved', constant(u8, 0)], ['number', u48], ['session', u64], ['ciphertext', rest(16)]],
  RESET: [t(5), ['session', u64], ['reset', bytes(16)]],
  VERSIONS: [t(6), ['token', u64], ['versions', list8(u8, 1, 16)]],
  REFUSED: [t(7), ['token', u64], ['code', u8]],
  OFFER: [['device', u32], ['versions', list8(u8, 1, 16)]],
  ANSWER: [['session', u64], ['versions', list8(u8, 1, 16)]],
  PADDING: [['size', zeros]],
  HEARTBEAT: [],
  SEEN: [['largest', u48], ['delay', u16], ['bitmap', u64]],
  ACK: [['channel', u32], ['next', u64]],
  ENTRY: [['channel', u32], ['offset', u64], ['kind', u8], ['body', rest()]],
  CHALLENGE: [['data', bytes(8)]],
  RESPONSE: [['data', bytes(8)]],
  BYE: [['code', u8], ['reason', text(u8, 0, 200)]],
  NICK: [['nick', text(u8, 1, 32)]],
  JOIN: [room, ['newest', u16], ['log', u64], ['offset', u64], ['check', bytes(8)]],
  PART: [room],
  SAY: [room, ['id', u64], ['flags', u8], ['text', text(u16, 1, 1000)]],
  HISTORY: [room, ['start', u64], ['count', u16]],
  QUIT: [['reason', text(u8, 0, 200)]],
  TERMS: [['reset', bytes(16)], ['heartbeat', u32], ['timeout', u32], ['expiry', u32], ['seen_every', u8], ['seen_delay', u16]],
  JOINED: [room, ['resume', u8], ['chat_channel', u32], ['chat_log', u64], ['chat_first', u64], ['chat_head', u64],
    ['chat_start', u64], ['chat_check', bytes(8)], ['presence_channel', u32], ['presence_log', u64], ['presence_start', u64]],
  PARTED: [room, ['code', u8]],
  ROSTER: [['channel', u32], ['offset', u64], ['flags', u8], ['members', list8(sub('MEMBER'), 0, 255)]],
  SKIP: [['channel', u32], ['first', u64], ['check', bytes(8)], ['code', u8]],
  REPLAY: [['request', u64], ['channel', u32], ['log', u64], ['start', u64], ['end', u64], ['check', bytes(8)]],
  FAILED: [['request', u64], ['code', u8], ['reason', text(u8, 0, 200)]],
  NOTICE: [['code', u8], ['text', text(u16, 1, 1000)]],
  MEMBER: [['member', bytes(8)], ['presence', u8], ['nick', text(u8, 0, 32)]],
  CHAT: [['author', bytes(8)], ['nick', text(u8, 0, 32)], ['id', u64], ['time', u64], ['flags', u8], ['text', text(u16, 1, 1000)]],
  ONLINE: [['member', bytes(8)], ['nick', text(u8, 0, 32)]],
  UNREACHABLE: [['member', bytes(8)]],
  GONE: [['member', bytes(8)], ['code', u8], ['reason', text(u8, 0, 200)]],
  RENAMED: [['member', bytes(8)], ['nick', text(u8, 1, 32)]],
  COUNT: [['online', u32], ['members', u32]],
};
const group = (o) => new Set(Object.keys(o));
const isPacket = group(PACKETS), isFrame = group(FRAMES);
const isEntry = new Set([...Object.keys(UPLINK), ...Object.keys(CONTROL), ...Object.keys(CHATS), ...Object.keys(PRESENCE)]);
const maxSize = (name) => isPacket.has(name) ? MAX_DATAGRAM : isFrame.has(name) ? MAX_PLAINTEXT - 3
  : isEntry.has(name) ? MAX_ENTRY_BODY : Infinity;

function readFields(fields, layout, r) {
  const out = {};
  for (const [field, type] of fields) {
    const v = type.read(r, { layout, field, at: r.base + r.pos });
    if (!type.fixed && !type.hidden) out[field] = v;
  }
  return out;
}
function writeFields(fields, layout, value) {
  return Buffer.concat(fields.map(([field, type]) => type.hidden ? Buffer.alloc(0) : type.write(value[field], { layout, field })));
}
function helloRule(v, at) { // UC-WIRE-6
  const c = v.cookie.length;
  if ((c !== 0 && c !== 32) || (c === 0 ? v.noise.length !== 0 : v.noise.length < 96)) throw new WireError('HELLO', null, 'rule', at);
}

/** Bytes to fields; throws WireError on anything malformed. */
export function parse(layout, buf) {
  if (layout === 'PLAINTEXT') return { frames: splitFrames(buf) };
  const max = maxSize(layout);
  if (buf.length > max) throw new WireError(layout, null, layout === 'HELLO' ? 'trailing' : 'too-long', max);
  const r = new Reader(buf);
  const out = readFields(LAYOUTS[layout], layout, r);
  if (layout === 'HELLO') {
    if (buf.length !== MAX_DATAGRAM) throw new WireError(layout, 'padding', 'truncated', r.pos);
    helloRule(out, buf.length);
  }
  if (r.left && !isEntry.has(layout)) throw new WireError(layout, null, 'trailing', r.pos);
  return out;
}

/** Fields to bytes; throws WireError on what the layout cannot hold. */
export function build(layout, value = {}) {
  if (layout === 'PLAINTEXT') return joinFrames(value.frames);
  let out = writeFields(LAYOUTS[layout], layout, value);
  if (layout === 'HELLO') { helloRule(value, null); out = Buffer.concat([out, Buffer.alloc(MAX_DATAGRAM - out.length)]); }
  if (out.length > maxSize(layout)) throw new WireError(layout, null, 'too-long', null);
  return out;
}

export function splitFrames(buf) {
  if (!buf.length) throw new WireError('PLAINTEXT', null, 'empty', 0);
  const frames = [];
  let pos = 0;
  while (pos < buf.length) {
    if (buf.length - pos < 3) throw new WireError('PLAINTEXT', 'length', 'truncated', pos + 1);
    const type = buf[pos], n = buf.readUInt16BE(pos + 1);
    if (pos + 3 + n > buf.length) throw new WireError('PLAINTEXT', 'body', 'truncated', pos + 3);
    frames.push({ type, body: buf.subarray(pos + 3, pos + 3 + n) });
    pos += 3 + n;
  }
  return frames;
}
export const joinFrames = (frames) => Buffer.concat(frames.map(({ type, body }) => {
  const h = Buffer.alloc(3); h[0] = type; h.writeUInt16BE(body.length, 1); return Buffer.concat([h, body]);
}));
/** One encoded frame with its header. */
export const frame = (name, value) => joinFrames([{ type: FRAMES[name], body: build(name, value) }]);
