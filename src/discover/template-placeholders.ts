import { COLLECTION_STYLE, EVENT_ID, parseEvents } from "js-yaml";
import { MAX_PARSED_LENGTH } from "./parse-value.ts";

const MARKS = ["{{", "{%", "<%"];

/**
 * Whether placeholders of another tool (Go templates, Jinja, ERB) keep a text from being YAML. Placeholders inside
 * quotes or block scalars (Prometheus rules, ApplicationSets) do not, and a syntax error elsewhere in a text that only
 * has such harmless ones is not a template either: then it is a manifest that has to be mended.
 */
export function isTemplateText(text: string): boolean {
  if (text.length > MAX_PARSED_LENGTH || !MARKS.some((mark) => text.includes(mark))) return false;
  const verdict = parsePlaceholders(text);
  if (verdict !== "broken") return verdict === "placeholders";
  if (/\{%|\{\{-?\s*(if|else|end|range|with|include|define|template|block)\b|<%/.test(text)) return true;
  return parsePlaceholders(fillPlaceholders(text)) !== "broken";
}

function parsePlaceholders(text: string): "plain" | "placeholders" | "broken" {
  try {
    const events = parseEvents(text, {});
    // `name: {{ x }}` is YAML: a mapping whose key is a mapping. No manifest has that.
    const isPlaceholder = events.some(
      (event) =>
        event.type === EVENT_ID.MAPPING && event.style === COLLECTION_STYLE.FLOW && text.startsWith("{{", event.start),
    );
    return isPlaceholder ? "placeholders" : "plain";
  } catch {
    return "broken";
  }
}

/** A word in place of each placeholder, nothing in place of a line that is one. */
function fillPlaceholders(text: string): string {
  return text.replace(/^[ \t]*\{\{[^{}\n]*\}\}[ \t]*$/gm, "").replace(/\{\{[^{}\n]*\}\}/g, "x");
}
