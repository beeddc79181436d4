import { fromMarkdown } from "mdast-util-from-markdown";
import type { Paragraph, Root, RootContent } from "mdast";
import { nearestName } from "../config/nearest-name.ts";
import { COMMAND_NAMES, type Command, type CommandName } from "../model/index.ts";
import { COMMANDS } from "./command-table.ts";

export type CommandReading =
  | { readonly kind: "none" }
  /** In the order they stand in; all of them are understood. `lines` are what was written, as for `unknown`. */
  | { readonly kind: "commands"; readonly commands: readonly Command[]; readonly lines: readonly string[] }
  /**
   * At least one is not: none is carried out. `line` is what was written, at most 80 characters; `problem` a clause that
   * repeats nothing of it.
   */
  | { readonly kind: "unknown"; readonly line: string; readonly problem: string };

/**
 * Characters of a comment that is read as Markdown: the reader's time grows with the square and more of some texts
 * (`*a_ ` or `1. ` again and again), tens of seconds for one as long as GitHub takes.
 */
const LONGEST_COMMENT = 4_000;
const MOST_COMMANDS = 10;
const PREFIX = "drydock";

/**
 * The commands in a comment: lines of its own paragraphs that begin with `/drydock`, or with the name of a command that
 * has a short form. Code, quotes, lists, HTML and what is folded away are other people's words. Letters are taken as
 * they are: a look-alike, a zero-width or a no-break space makes a line that is no command (T10). This is the only
 * parser, for the gate and for the effect.
 */
export function readCommands(comment: string, shortForms: readonly CommandName[] = []): CommandReading {
  const words: ReadonlySet<string> = new Set([PREFIX, ...shortForms]);
  const isCommand = (line: string): boolean => words.has(findFirstWord(line) ?? "");
  const candidate = listCandidates(comment).find(isCommand);
  if (candidate === undefined) return { kind: "none" };
  if (comment.length > LONGEST_COMMENT) {
    return unknown(candidate, `its comment has more than ${LONGEST_COMMENT} characters; give it one of its own`);
  }
  const lines = listOwnLines(comment).filter(isCommand);
  if (lines.length === 0) return { kind: "none" };
  if (lines.length > MOST_COMMANDS) return unknown(lines[MOST_COMMANDS] ?? "", `at most ${MOST_COMMANDS} in a comment`);
  const commands: Command[] = [];
  for (const line of lines) {
    const command = readLine(line);
    if (typeof command === "string") return unknown(line, command);
    commands.push(command);
  }
  return { kind: "commands", commands, lines: lines.map(shorten) };
}

/**
 * Cheap, and never wrong in the direction of no: whether it is worth storing a comment for its commands. Whether short
 * forms count only the config says, which is not known here; a line that begins with a slash and a name may be one.
 */
export function mayHoldCommand(comment: string): boolean {
  const words: ReadonlySet<string> = new Set([PREFIX, ...COMMAND_NAMES]);
  return listCandidates(comment).some((line) => words.has(findFirstWord(line) ?? ""));
}

/** Lines that could be a command if they stood in a paragraph: only then is Markdown worth reading. */
function listCandidates(comment: string): readonly string[] {
  return Array.from(comment.matchAll(/^ {0,3}(\/[a-z][^\n]*)$/gmu), ([, line = ""]) => line);
}

/** The word behind the slash that a line begins with. */
function findFirstWord(line: string): string | undefined {
  return /^\/([a-z]+)(?:[ \t\r]|$)/u.exec(line)?.[1];
}

/** The command of one line, or what is wrong with it. */
function readLine(line: string): Command | string {
  const [first = "", ...rest] = line
    .slice(1)
    .trim()
    .split(/[ \t]+/u);
  const [word = "", ...words] = first === PREFIX ? rest : [first, ...rest];
  const name = COMMAND_NAMES.find((one) => one === word);
  if (name !== undefined) return readCommand(name, words);
  if (word === "") return "it names no command";
  const nearest = nearestName(word, COMMAND_NAMES);
  return nearest === undefined ? "there is no such command" : `there is no such command; did you mean \`${nearest}\`?`;
}

function readCommand(name: CommandName, words: readonly string[]): Command | string {
  const reading = COMMANDS[name].read(words);
  // What a row reads is what its name is told: the table's type holds that.
  return reading.kind === "read" ? ({ name, args: reading.args } as Command) : reading.problem;
}

function unknown(line: string, problem: string): CommandReading {
  return { kind: "unknown", line: shorten(line), problem };
}

function shorten(line: string): string {
  return Array.from(line.trim()).slice(0, 80).join("");
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
