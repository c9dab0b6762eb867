// Text of others, made harmless before a person sees it (SPEC.md 10.3).

const BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]/;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const CONTROL = /\p{Cc}/u, MARK = /\p{M}/u, BLANK = /\p{Zs}/u;
const JOINER = /[\u200c\u200d]/;
const SELECTOR = /[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const TAG = /[\u{e0000}-\u{e007f}]/u;
const VISIBLE_BLANK = /[\u2800\u{1d159}]/u;
const FILLER = new RegExp('[\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufeff'
  + '\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0080}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]', 'u');
const FLAG = /^\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}/u;
const JOINABLE = /[^\0-\x7f]/u, SHAPED = /[\p{L}\p{M}\p{N}\p{S}]/u;
const ANY = [JOINER, SELECTOR, TAG, VISIBLE_BLANK, FILLER];
const invisible = (c) => ANY.some((each) => each.test(c));

/** Counts marks in a row; joiners, selectors and tags neither end nor begin a run (UC-TEXT-3). */
class Marks {
  run = 0;
  /** @returns {boolean} whether the character may stay */
  allow(c) {
    if (JOINER.test(c) || SELECTOR.test(c) || TAG.test(c)) return true;
    this.run = MARK.test(c) ? this.run + 1 : 0;
    return this.run <= 8;
  }
}

/** A message or a reason (UC-TEXT-1, UC-TEXT-2, UC-TEXT-3). */
export function harmless(text) {
  const marks = new Marks();
  let out = '', before = '';
  const keep = (c) => { if (marks.allow(c)) { out += c; before = c; } };
  for (let i = 0; i < text.length;) {
    const flag = FLAG.exec(text.slice(i, i + 18));
    if (flag) { [...flag[0]].forEach(keep); i += flag[0].length; continue; }
    const c = String.fromCodePoint(text.codePointAt(i));
    i += c.length;
    if (BREAK.test(c)) keep(' ');
    else if (CONTROL.test(c) || BIDI.test(c)) keep('\ufffd');
    else if (JOINER.test(c)) { if (before && JOINABLE.test(before) && SHAPED.test(before)) keep(c); }
    else if (SELECTOR.test(c)) { if (before && !BLANK.test(before) && !invisible(before)) keep(c); }
    else if (!TAG.test(c) && !FILLER.test(c)) keep(c);
  }
  return out;
}

const NEVER_IN_NAMES = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/u;

/** A nick or the name of a room (UC-TEXT-4). */
export function name(text) {
  const marks = new Marks();
  let out = '';
  for (const c of text) {
    const shown = (c !== ' ' && NEVER_IN_NAMES.test(c)) || invisible(c) ? '\ufffd' : c;
    if (marks.allow(shown)) out += shown;
  }
  out = out.replace(/^ +| +$/g, '');
  return MARK.test(String.fromCodePoint(out.codePointAt(0) ?? 0)) ? `\ufffd${out}` : out;
}
