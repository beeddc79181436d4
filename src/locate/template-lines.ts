import type { FieldPath } from "../model/index.ts";
import type { Position } from "./source-file.ts";

/** A line of a template that holds a key, with the keys that it stands under by indentation. */
interface KeyLine extends Position {
  readonly keys: readonly string[];
}

/** Longer templates are not looked into. */
const MAX_LENGTH = 1_000_000;
/** `  - key: …`, the key plain or quoted. Bounded, so that a line of blanks costs what it is long. */
const KEY_LINE =
  /^([ \t]{0,200})((?:-[ \t]{1,20}){0,4})(?:"([^"\n]{1,253})"|'([^'\n]{1,253})'|([A-Za-z0-9_$.][\w.$/-]{0,252}))[ \t]{0,20}:(?=\s|$)/u;

/**
 * The line of a Helm template that holds the key at the end of `path`, if exactly one does. Templates are no YAML, so
 * lines are read one by one and their place in the object is told by indentation. Lines that stand under the very keys
 * of the path come first; where there is none (the parents may come from elsewhere), the key alone has to be unique.
 */
export function findTemplateLine(template: string, kind: string, path: FieldPath): Position | undefined {
  const wanted = path.filter((step) => typeof step === "string");
  const key = wanted.at(-1);
  if (key === undefined || template.length > MAX_LENGTH) return undefined;
  const lines = readKeyLines(template, kind).filter(({ keys }) => keys.at(-1) === key);
  const exact = lines.filter(({ keys }) => keys.join("\n") === wanted.join("\n"));
  const [only, ...others] = exact.length > 0 ? exact : lines;
  return only === undefined || others.length > 0 ? undefined : { line: only.line, column: only.column };
}

/** Key lines of the documents of this kind, or of all when the kind is not written out. */
function readKeyLines(template: string, kind: string): readonly KeyLine[] {
  const documents: KeyLine[][] = [[]];
  const ofKind = new Set<KeyLine[]>();
  let parents: { readonly indent: number; readonly key: string }[] = [];
  for (const [index, line] of template.split("\n").entries()) {
    const document = documents.at(-1) ?? [];
    if (line.startsWith("---")) {
      documents.push([]);
      parents = [];
      continue;
    }
    const match = KEY_LINE.exec(line);
    if (match === null) continue;
    const [, blanks = "", dashes = "", double, single, bare] = match;
    const key = double ?? single ?? bare ?? "";
    const indent = blanks.length + dashes.length;
    // A list may stand as far left as its key: its dash then does not end the key's block.
    const limit = dashes === "" ? indent : blanks.length + 1;
    parents = parents.filter((parent) => parent.indent < limit);
    document.push({ line: index + 1, column: indent + 1, keys: [...parents.map((parent) => parent.key), key] });
    parents.push({ indent, key });
    if (indent === 0 && key === "kind" && line.slice(line.indexOf(":") + 1).trim() === kind) ofKind.add(document);
  }
  return ofKind.size > 0 ? [...ofKind].flat() : documents.flat();
}
