/** Clusters that take two columns: wide and fullwidth ones (UAX #11), and what terminals draw as emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Bopomofo}|\p{Script=Yi}|\p{Script=Tangut}|\p{Script=Nushu}|[\u3000-\u303e\u3099-\u30ff\u3200-\u32ff\uff01-\uff60\uffe0-\uffe6])|\ufe0f/u;
const HALF = /^[\uff61-\uffdc]/u;
const clusters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns that a visible text takes in a terminal: what a reader sees as one character counts once, a wide one twice. */
export function measureWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/u.test(text)) return text.length;
  let width = 0;
  for (const { segment } of clusters.segment(text)) {
    if (/^\p{M}+$/u.test(segment)) continue;
    width += WIDE.test(segment) && !HALF.test(segment) ? 2 : 1;
  }
  return width;
}
