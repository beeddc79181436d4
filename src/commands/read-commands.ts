import { fromMarkdown } from "mdast-util-from-markdown";
import type { Paragraph, Root, RootContent } from "mdast";
import { COMMANDS, type CommandName } from "./command-table.ts";

export interface Command {
  readonly name: CommandName;
  readonly args: readonly string[];
}

export type CommandReading =
  | { readonly kind: "none" }
  /** In the order they stand in; all of them are understood. */
  | { readonly kind: "commands"; readonly commands: readonly Command[] }
  /** At least one is not: none is carried out. `line` is what was written, at most 80 characters. */
  | { readonly kind: "unknown"; readonly line: string; readonly problem: string };

/**
 * Characters of a comment that is read as Markdown: the reader's time grows with the square and more of some texts
 * (`*a_ ` or `1. ` again and again), tens of seconds for one as long as GitHub takes.
 */
const LONGEST_COMMENT = 4_000;
const MOST_COMMANDS = 10;
const PREFIX = "/drydock";

/**
 * The commands in a comment: lines of its own paragraphs that begin with `/drydock`. Code, quotes, lists, HTML and
 * what is folded away are other people's words. Letters are taken as they are: a look-alike, a zero-width or a
 * no-break space makes a line that is no command (T10). This is the only parser, for the gate and for the effect.
 */
export function readCommands(comment: string): CommandReading {
  const candidate = findCandidate(comment);
  if (candidate === undefined) return { kind: "none" };
  if (comment.length > LONGEST_COMMENT) {
    return unknown(candidate, `its comment has more than ${LONGEST_COMMENT} characters; give it one of its own`);
  }
  const lines = listOwnLines(comment).filter(isCommandLine);
  if (lines.length === 0) return { kind: "none" };
  if (lines.length > MOST_COMMANDS) return unknown(lines[MOST_COMMANDS] ?? "", `at most ${MOST_COMMANDS} in a comment`);
  const commands: Command[] = [];
  for (const line of lines) {
    const [, word = "", ...args] = line.trim().split(/[ \t]+/u);
    const row = COMMANDS.find(({ name }) => name === word);
    if (row === undefined) return unknown(line, word === "" ? "it names no command" : "there is no such command");
    const problem = row.findProblem(args);
    if (problem !== undefined) return unknown(line, problem);
    commands.push({ name: row.name, args });
  }
  return { kind: "commands", commands };
}

/** Cheap, and never wrong in the direction of no: whether it is worth storing a comment for its commands. */
export function mayHoldCommand(comment: string): boolean {
  return comment.includes(PREFIX);
}

/** The first line that would be a command if it stood in a paragraph: only then is Markdown worth reading. */
function findCandidate(comment: string): string | undefined {
  return /^ {0,3}(\/drydock(?:[ \t\r][^\n]*)?)$/mu.exec(comment)?.[1];
}

function unknown(line: string, problem: string): CommandReading {
  return { kind: "unknown", line: Array.from(line.trim()).slice(0, 80).join(""), problem };
}

function isCommandLine(line: string): boolean {
  return line === PREFIX || line.startsWith(`${PREFIX} `) || line.startsWith(`${PREFIX}\t`);
}

/** Lines of top-level paragraphs as they were typed; those between `<details>` and `</details>` are left out. */
function listOwnLines(comment: string): string[] {
  const root: Root = fromMarkdown(comment);
  const lines: string[] = [];
  let folded = 0;
  for (const node of root.children) {
    const before = folded;
    const html = node.type === "html" ? [node.value] : node.type === "paragraph" ? listTags(node) : [];
    folded = Math.max(0, folded + countFolds(html.join("")));
    if (before === 0 && folded === 0) lines.push(...readParagraph(node, comment));
  }
  return lines;
}

function listTags({ children }: Paragraph): string[] {
  return children.flatMap((child) => (child.type === "html" ? [child.value] : []));
}

function countFolds(html: string): number {
  const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0;
  return count(/<details\b/giu) - count(/<\/details\s*>/giu);
}

/** A command is text from the start of its line: one that begins inside code or a tag belongs to that. */
function readParagraph(node: RootContent, comment: string): string[] {
  if (node.type !== "paragraph") return [];
  const spans = node.children.flatMap(({ type, position }) =>
    type === "text" || position === undefined ? [] : [[position.start.offset ?? 0, position.end.offset ?? 0] as const],
  );
  const start = node.position?.start.offset ?? 0;
  const lines: string[] = [];
  let offset = start;
  for (const line of comment.slice(start, node.position?.end.offset ?? start).split("\n")) {
    const at = offset;
    offset += line.length + 1;
    if (!spans.some(([first, last]) => first <= at && at < last)) lines.push(line.replace(/\r$/u, ""));
  }
  return lines;
}
