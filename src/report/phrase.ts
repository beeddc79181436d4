/** `1 app`, `2 apps`; the plural is given where adding an s is wrong. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(amount)} ${amount === 1 ? noun : plural}`;
}

/** `12,345`: thousands set apart, the same everywhere whatever the locale. */
export function formatCount(amount: number): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/gu, ",");
}

/** `a, b and c`; with a limit `a, b and 3 more`. */
export function listPhrase(items: readonly string[], limit = items.length): string {
  const shown = items.length > limit ? items.slice(0, limit) : items;
  const tail = items.length > shown.length ? `${formatCount(items.length - shown.length)} more` : undefined;
  const parts = tail === undefined ? [...shown] : [...shown, tail];
  const last = parts.pop() ?? "";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}
