import assert from "node:assert/strict";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { BUILT_IN_RULES } from "../../../src/policy/index.ts";

const NODES: ReadonlySet<Nodes["type"]> = new Set([
  "root",
  "heading",
  "paragraph",
  "text",
  "strong",
  "inlineCode",
  "code",
  "list",
  "listItem",
  "html",
]);

const RULE_LINKS: ReadonlySet<string> = new Set([...BUILT_IN_RULES.values()].map(({ link }) => link));

/** The only HTML that Drydock writes. */
const OWN_TAGS = /<\/?(?:details|summary|b)>|<code>[^<>]*<\/code>/gu;

/**
 * Reads Markdown as CommonMark and fails on anything in it that does something: an element that is not ours, a link
 * other than to `page` or to where a built-in rule is explained, and in plain text whatever GitHub makes a mention, a reference, an address or a formula of.
 */
export function assertInert(markdown: string, page?: string): void {
  const opened: string[] = [];
  visit(fromMarkdown(markdown), (node) => {
    if (node.type === "link") assert.ok(node.url === page || RULE_LINKS.has(node.url), "a link that is not ours");
    else assert.ok(NODES.has(node.type), `${node.type} in ${markdown}`);
    if (node.type === "html") {
      assert.equal(node.value.replaceAll(OWN_TAGS, "").search(/[<>]|&(?!#\d+;)/u), -1, node.value);
      opened.push(...Array.from(node.value.matchAll(/<(\/?)details>/gu), (tag) => tag[1] ?? ""));
    }
    if (node.type === "text") assert.doesNotMatch(node.value, ACTIVE);
  });
  let depth = 0;
  for (const tag of opened) {
    depth += tag === "" ? 1 : -1;
    assert.ok(depth >= 0, "a fold is closed that was not opened");
  }
  assert.equal(depth, 0, "a fold is left open");
}

// Entities are resolved by the parser, so they show as what they stand for.
const ACTIVE =
  /[<>@`$~^\\]|#\d|https?:|www\.|\bGH-\d|(?<![\p{L}\p{N}])[0-9a-f]{7,}(?![\p{L}\p{N}])|:[\w+-]+:|[\p{Cf}\p{Co}]|^\/drydock/imu;

function visit(node: Nodes, look: (node: Nodes) => void): void {
  look(node);
  if ("children" in node) for (const child of node.children) visit(child, look);
}

/** What a reader copies from the page: text and code without their marks, line by line. */
export function readShown(markdown: string): string {
  const lines: string[] = [];
  const inline = (node: Nodes): string => {
    if ("value" in node) return node.type === "html" ? node.value.replaceAll(/<[^>]*>/gu, "") : node.value;
    return "children" in node ? node.children.map(inline).join("") : "";
  };
  visit(fromMarkdown(markdown), (node) => {
    if (["paragraph", "heading", "code", "html"].includes(node.type)) lines.push(inline(node));
  });
  return lines.join("\n");
}
