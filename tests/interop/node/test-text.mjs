// node test-text.mjs   checks text.mjs against examples of SPEC.md 10.3.
import { harmless, name } from './text.mjs';

const shown = [ // [what came, what is shown, why]
  ['a\x1b[31mb', 'a\ufffd[31mb', 'UC-TEXT-1 control'], ['a\nb\tc\u2028d', 'a b c d', 'UC-TEXT-1 breaks are blanks'],
  ['\u202eabc\u2069', '\ufffdabc\ufffd', 'UC-TEXT-1 bidi'], ['a\u200db', 'ab', 'UC-TEXT-2 a joiner after ASCII'],
  ['\u2764\ufe0f\u200d\u{1f525}', '\u2764\ufe0f\u200d\u{1f525}', 'UC-TEXT-2 emoji'], ['\u200d\u200dx', 'x', 'UC-TEXT-2 at the beginning'],
  ['\u0646\u200c\u0647', '\u0646\u200c\u0647', 'UC-TEXT-2 Persian'], ['x\u200b\ufeff\u00ady', 'xy', 'UC-TEXT-2 fillers'],
  ['x\ufe0f\ufe0f y', 'x\ufe0f y', 'UC-TEXT-2 one selector'], [' \ufe0fy', ' y', 'UC-TEXT-2 a selector after a blank'],
  ['\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!', 'UC-TEXT-2 flag'],
  ['a\u{e0067}\u{e007f}b', 'ab', 'UC-TEXT-2 tags outside of flags'], ['\u2800x', '\u2800x', 'UC-TEXT-2 blanks of another kind'],
  [`a${'\u0301'.repeat(12)}b`, `a${'\u0301'.repeat(8)}b`, 'UC-TEXT-3'],
  [`\u0905${'\u0301'.repeat(8)}\u200d\u0301b`, `\u0905${'\u0301'.repeat(8)}\u200db`, 'UC-TEXT-3 over a joiner'],
];
const names = [
  ['  ann\u200b ', 'ann\ufffd', 'UC-TEXT-4'], ['a\u00a0b\x07', 'a\ufffdb\ufffd', 'UC-TEXT-4 blanks and control'],
  ['\u0301x', '\ufffd\u0301x', 'UC-TEXT-4 a mark at the beginning'], ['\u65e5\u672c', '\u65e5\u672c', 'UC-TEXT-4 letters stay'],
];
let bad = 0;
for (const [cases, made] of [[shown, harmless], [names, name]]) {
  for (const [raw, want, why] of cases) if (made(raw) !== want) { bad++; console.log('FAIL', why, JSON.stringify(made(raw)), JSON.stringify(want)); }
}
console.log(bad ? `${bad} FAILED` : 'all passed');
process.exit(bad ? 1 : 0);
