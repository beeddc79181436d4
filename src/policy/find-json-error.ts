const TOKEN = /[ \t\r\n]*(?:([[{])|([\]}])|([,:])|("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null))/suy;

/**
 * The line, from 1, on which a text stops being JSON; the last one where it only ends too early. The parser says that
 * something is wrong and not always where.
 */
export function findJsonError(source: string): number {
  const end = source.trimEnd().length;
  const open: string[] = [];
  let last = "";
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end;) {
    const from = TOKEN.lastIndex;
    const [text = "", opens, closes, mark, scalar] = TOKEN.exec(source) ?? [];
    const token = opens ?? closes ?? mark ?? (scalar?.startsWith('"') === true ? '"' : scalar === undefined ? "" : "0");
    if (!isAllowed(last, token, open.at(-1))) return lineAt(source, from);
    if (opens !== undefined) open.push(opens);
    if (closes !== undefined) open.pop();
    last = token === '"' && isKeyAfter(last, open.at(-1)) ? "key" : token;
    TOKEN.lastIndex = from + text.length;
  }
  return lineAt(source, end);
}

function isKeyAfter(last: string, within: string | undefined): boolean {
  return within === "{" && (last === "{" || last === ",");
}

function isAllowed(last: string, token: string, within: string | undefined): boolean {
  if (token === "") return false;
  if (last === "key") return token === ":";
  const isClosing = token === (within === "{" ? "}" : within === "[" ? "]" : "");
  if (isKeyAfter(last, within)) return token === '"' || (last === "{" && isClosing);
  const isValue = ['"', "0", "{", "["].includes(token);
  if (last === "" || last === ":" || last === ",") return isValue;
  if (last === "[") return isValue || isClosing;
  return within !== undefined && (token === "," || isClosing);
}

/** The line of what follows white space. */
function lineAt(source: string, offset: number): number {
  const blank = /^[ \t\r\n]*/u.exec(source.slice(offset))?.[0].length ?? 0;
  const at = offset + blank >= source.length ? offset : offset + blank;
  return source.slice(0, at).split("\n").length;
}
