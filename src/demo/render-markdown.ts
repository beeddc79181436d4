import type { Nodes, Parents } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { escapeHtml, Markup } from "../report/html/markup.ts";
import { toVisible } from "../report/visible-text.ts";
import { readTable, type TableRow } from "./read-table.ts";

/** What of HTML in Markdown is kept, without attributes, as GitHub keeps it; everything else is shown as text. */
const KEPT = new Set(["b", "br", "code", "details", "em", "i", "kbd", "p", "strong", "sub", "summary", "sup"]);
const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>/giu;

/**
 * Markdown as GitHub shows it, as far as comments here need: CommonMark, tables, folds and coloured diffs. Loads
 * nothing: images are their words. The result is always balanced.
 */
export function renderMarkdown(source: string): Markup {
  return new Markup(writeChildren(fromMarkdown(source), source));
}

function writeChildren(parent: Parents, source: string): string {
  const open: string[] = [];
  const children = parent.children.map((child) =>
    child.type === "html" ? writeHtml(child.value, open) : writeNode(child, source),
  );
  return children.join("") + closeTags(open, 0);
}

/** `open` holds the tags that are open in this container: a closing tag reaches no further out. */
function writeHtml(html: string, open: string[]): string {
  let [text, at] = ["", 0];
  for (const match of html.matchAll(TAG)) {
    text += escapeTags(html.slice(at, match.index));
    text += writeTag(match, open);
    at = match.index + match[0].length;
  }
  return text + escapeTags(html.slice(at));
}

function writeTag([whole, slash = "", tag = ""]: RegExpMatchArray, open: string[]): string {
  const name = tag.toLowerCase();
  if (whole.startsWith("<!--")) return "";
  if (!KEPT.has(name)) return escapeHtml(whole);
  if (name === "br") return "<br />";
  if (slash === "") {
    open.push(name);
    return `<${name}>`;
  }
  const from = open.lastIndexOf(name);
  return from < 0 ? "" : closeTags(open, from);
}

function closeTags(open: string[], from: number): string {
  return open
    .splice(from)
    .reverse()
    .map((name) => `</${name}>`)
    .join("");
}

/** Entities stay what they are. */
function escapeTags(text: string): string {
  return toVisible(text.replaceAll("\n", " ")).replace(/[<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}

function writeNode(node: Nodes, source: string): string {
  const inside = (): string => ("children" in node ? writeChildren(node, source) : "");
  switch (node.type) {
    case "paragraph":
      return writeParagraph(inside(), source.slice(node.position?.start.offset, node.position?.end.offset));
    case "heading":
      return `<h${Math.min(6, node.depth + 1)}>${inside()}</h${Math.min(6, node.depth + 1)}>`;
    case "strong":
      return `<strong>${inside()}</strong>`;
    case "emphasis":
      return `<em>${inside()}</em>`;
    case "blockquote":
      return `<blockquote>${inside()}</blockquote>`;
    case "list":
      return node.ordered === true ? `<ol start="${node.start ?? 1}">${inside()}</ol>` : `<ul>${inside()}</ul>`;
    case "listItem":
      return `<li>${inside()}</li>`;
    case "link":
      return writeLink(node.url, inside());
    case "text":
      return node.value.split("\n").map(escapeText).join("\n");
    case "inlineCode":
      return `<code>${escapeText(node.value.replaceAll("\n", " "))}</code>`;
    case "code":
      return writeCode(node.value, node.lang ?? "");
    case "break":
      return "<br />";
    case "thematicBreak":
      return "<hr />";
    case "image":
    case "imageReference":
      return escapeText(node.alt ?? "");
    default:
      return inside();
  }
}

function escapeText(text: string): string {
  return escapeHtml(toVisible(text));
}

/** Only to pages of the web, and telling them nothing. */
function writeLink(url: string, inside: string): string {
  if (!/^https?:\/\//u.test(url) || !URL.canParse(url)) return inside;
  return `<a href="${escapeHtml(new URL(url).href)}" rel="noreferrer nofollow">${inside}</a>`;
}

const DIFF_LINES: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "@": "hunk" };

function writeCode(value: string, language: string): string {
  const lines = value.split("\n").map((line) => {
    const tone = language === "diff" ? DIFF_LINES[line.charAt(0)] : undefined;
    return tone === undefined ? `${escapeText(line)}\n` : `<span class="${tone}">${escapeText(line)}\n</span>`;
  });
  return `<pre class="code" tabindex="0"><code>${lines.join("")}</code></pre>`;
}

/** A table is a paragraph to CommonMark. */
function writeParagraph(inside: string, source: string): string {
  const table = readTable(source);
  if (table === undefined) return `<p>${inside}</p>`;
  const [head = [], ...rows] = table;
  const write = (row: TableRow, cell: "th" | "td"): string =>
    `<tr>${row.map((text) => `<${cell}>${writeInline(text)}</${cell}>`).join("")}</tr>`;
  const body = rows.map((row) => write(row, "td")).join("");
  return `<div class="wide" tabindex="0"><table><thead>${write(head, "th")}</thead><tbody>${body}</tbody></table></div>`;
}

function writeInline(source: string): string {
  const [first] = fromMarkdown(source).children;
  return first?.type === "paragraph" ? writeChildren(first, source) : escapeText(source);
}
