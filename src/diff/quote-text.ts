// C1 controls, line separators, zero-width, bidirectional and tag characters: they hide or reorder what a reviewer
// sees (https://trojansource.codes). JSON.stringify escapes C0 controls and lone surrogates already.
const HIDING =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/u;

/** Text in double quotes, valid in YAML and JSON alike, with everything invisible escaped. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(HIDING, escapeUnits);
}

function escapeUnits(mark: string): string {
  let escaped = "";
  for (let unit = 0; unit < mark.length; unit += 1) {
    escaped += `\\u${mark.charCodeAt(unit).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/** Whether text holds a character that must not reach a reader as it is. Line feeds and tabs may. */
export function hasHidingCharacter(text: string): boolean {
  return CONTROL.test(text) || text.search(HIDING) >= 0 || !text.isWellFormed();
}

/** A name from a manifest inside a sentence: quoted, bounded to `limit` UTF-16 units. */
export function quoteName(text: string, limit = 80): string {
  return quoteText(text.length > limit ? `${text.slice(0, limit - 1).toWellFormed()}…` : text);
}

/** A number or a quantity as it stands; quoted is only what is neither, because it can be any text. */
export function tellAmount(text: string): string {
  return /^-?\d{1,20}(?:\.\d{1,20})?(?:[kKMGTPE]i?|m)?$/u.test(text) ? text : quoteName(text, 20);
}
