// Join links (SPEC.md appendix A).

/** @returns {{host, port, room, key: ?Buffer, secret: ?Buffer}}; throws on what UC-LINK-1 refuses. */
export function parseLink(link) {
  const m = /^udpchat:\/\/(\[[0-9a-fA-F:.%]+\]|[^\/:?#\[\]@\s]+)(?::(\d{1,5}))?\/([^\/?#]+)(?:\?([^#]*))?(?:#(.*))?$/.exec(link);
  if (!m) throw new Error('not a join link');
  const port = Number(m[2] ?? 9999);
  if (port < 1 || port > 65535) throw new Error('not a port');
  const room = decodeURIComponent(m[3]);
  if (Buffer.byteLength(room) > 64) throw new Error('the name of the room is too long');
  const fixed = (text, length, what) => {
    if (!new RegExp(`^[A-Za-z0-9_-]{${length}}$`).test(text)) throw new Error(`the ${what} does not have its length`);
    return Buffer.from(text, 'base64url');
  };
  const key = (m[4] ?? '').split('&').find((each) => each.startsWith('key='))?.slice(4);
  if (m[5] !== undefined && m[5] !== '' && key === undefined) throw new Error('a link with a secret must hold the key');
  return {
    host: m[1].replace(/^\[|\]$/g, ''), port, room,
    key: key === undefined ? null : fixed(key, 43, 'key'), secret: m[5] ? fixed(m[5], 22, 'secret') : null,
  };
}
