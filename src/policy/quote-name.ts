import { quoteName } from "../model/index.ts";

/** Quoted names with commas between; what is beyond `most` is counted. */
export function quoteNames(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).map(quoteName).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Whether a text is filled in after rendering (Flux substitutes `${VAR}`), so that nothing can be said of it. */
export function isPlaceholder(text: string): boolean {
  return text.includes("${");
}
