/** What identifies one object. Absent fields are `""`. */
export interface DocumentIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One document of a YAML text as its lines show it. */
export interface ScannedDocument {
  readonly start: number;
  readonly end: number;
  /** True when `document` was read off its lines; false when only a parser can tell what it is. */
  readonly isPlain: boolean;
  readonly document: DocumentIdentity;
}

// Column 0 is enough: in a block mapping, nothing but a key of the root or a document's border can start there.
const LANDMARK = /^(?:(---)(?=[ \t\r\n]|$)([^\r\n]*)|(apiVersion|kind|metadata)[ \t]*:([^\r\n]*))/gm;
/** Other spellings of a document that could be a manifest: indented, quoted keys, flow style, tags, `? key`. */
const UNUSUAL_START = /^(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*(?:[ \t]+[^\s#]|["'{?!&])/;

/**
 * Finds the documents of a YAML text that are or may be manifests, without parsing it: in time linear in the text, and
 * also when the text is not valid YAML.
 */
export function scanDocuments(text: string): readonly ScannedDocument[] {
  const scanned: ScannedDocument[] = [];
  let draft = new Draft(0);
  const finish = (end: number): void => {
    const document = draft.finish(text, end);
    if (document !== undefined) scanned.push(document);
  };
  for (const match of text.matchAll(LANDMARK)) {
    const after = match.index + match[0].length;
    if (match[1] !== undefined) {
      finish(match.index);
      draft = new Draft(match.index + 3);
    } else draft.addKey(match[3] ?? "", match[4] ?? "", text, after);
  }
  finish(text.length);
  return scanned;
}

class Draft {
  readonly #start: number;
  #apiVersion: string | undefined;
  #kind: string | undefined;
  #metadata: Metadata | undefined;
  #isUnclear = false;

  constructor(start: number) {
    this.#start = start;
  }

  addKey(key: string, rest: string, text: string, after: number): void {
    // `kind:foo` is not a key.
    if (rest !== "" && rest[0] !== " " && rest[0] !== "\t") return;
    if (key === "metadata") {
      this.#metadata ??= readMetadata(text, after);
      return;
    }
    const value = readPlainScalar(rest);
    if (value === undefined) this.#isUnclear = true;
    else if (key === "apiVersion") this.#apiVersion ??= value;
    else this.#kind ??= value;
  }

  finish(text: string, end: number): ScannedDocument | undefined {
    const { apiVersion = "", kind = "" } = { apiVersion: this.#apiVersion, kind: this.#kind };
    const place = { start: this.#start, end };
    const document = { apiVersion, kind, namespace: this.#metadata?.namespace ?? "", name: this.#metadata?.name ?? "" };
    const hasIdentity =
      (apiVersion !== "" && kind !== "") || (apiVersion + kind !== "" && this.#metadata !== undefined);
    if (hasIdentity && !this.#isUnclear) return { ...place, isPlain: true, document };
    const content = text.slice(this.#start, end);
    const isUnusual = this.#isUnclear || UNUSUAL_START.test(content);
    if (!isUnusual || !content.includes("apiVersion") || !content.includes("kind")) return undefined;
    return { ...place, isPlain: false, document };
  }
}

/** A scalar written on one line; undefined when it takes a parser to read it. */
function readPlainScalar(rest: string): string | undefined {
  const source = rest.trim();
  const quoted = /^(["'])([^"'\\]*)\1(?:\s+#.*)?$/.exec(source);
  if (quoted !== null) return quoted[2];
  if (/^[&*!|>{["'%@`]/.test(source)) return undefined;
  return source.startsWith("#") ? "" : source.replace(/\s+#.*$/, "");
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
}

const METADATA_LINE = /\r?\n([ \t]*)(?:(name|namespace)[ \t]*:(?=[ \t\r\n]|$)([^\r\n]*)|([^\s#][^\r\n]*)|[^\r\n]*)/y;

/** `name` and `namespace` of the block that starts after `metadata:`. */
function readMetadata(text: string, after: number): Metadata {
  let name = "";
  let namespace = "";
  let indent: string | undefined;
  METADATA_LINE.lastIndex = after;
  for (let line = METADATA_LINE.exec(text); line !== null; line = METADATA_LINE.exec(text)) {
    const [, lineIndent = "", key, value = "", other] = line;
    if (key === undefined && other === undefined) continue;
    if (lineIndent === "") break;
    indent ??= lineIndent;
    if (lineIndent !== indent || key === undefined) continue;
    if (key === "name") name = readPlainScalar(value) ?? "";
    else namespace = readPlainScalar(value) ?? "";
  }
  return { name, namespace };
}
