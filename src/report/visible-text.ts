/**
 * Characters that would act on a reader's terminal or deceive a reader's eye: controls (C0, DEL, C1), format characters
 * (bidirectional marks and overrides, zero-width ones, tags), line and paragraph separators, lone surrogates, fillers
 * and joiners without a shape, and the 240 selectors in which a text can be carried unseen. The first sixteen variation
 * selectors and combining marks only decorate what is there and stay.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufff0-\ufff8]|[\u{e0100}-\u{e01ef}]/gu;

/** One line of text in which nothing is hidden: every acting or invisible character reads as `\u{1b}`. */
export function toVisible(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The lines of a text, each made visible; CRLF counts as one line end, tabs as two spaces, trailing blanks go. */
export function toVisibleLines(text: string): string[] {
  return text.split(/\r?\n/u).map((line) => toVisible(line.replaceAll("\t", "  ")).trimEnd());
}

/** Number of Unicode code points, which is what GitHub's limits count. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const next = text.charCodeAt(index + 1);
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) index++;
    count++;
  }
  return count;
}

/** At most `limit` code points; what is longer ends in `…`. Never cuts inside a code point. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (let count = 0; count < limit - 1 && end < text.length; count++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  const rest = text.length - end;
  const isWhole = rest <= 1 || (rest === 2 && (text.codePointAt(end) ?? 0) > 0xffff);
  return isWhole ? text : `${text.slice(0, end)}…`;
}
