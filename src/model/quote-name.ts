/** Text of a manifest as a message shows it: in quotes, at most 80 characters, control characters escaped. */
export function quoteName(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  // JSON leaves these bare, and they turn or hide what stands around them.
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
