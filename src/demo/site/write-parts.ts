import { markup, type Markup } from "../../report/html/markup.ts";
import type { CheckRun, Label, PullRequest, Ref } from "../../sandbox/world/index.ts";
import type { ChecksState } from "../gates.ts";
import type { Stage } from "../set-stage.ts";
import { SITE } from "./write-shell.ts";

const MARKS: Readonly<Record<ChecksState, readonly [string, string]>> = {
  success: ["✓", "passed"],
  failure: ["✗", "failed"],
  pending: ["●", "running"],
  waiting: ["●", "waiting"],
  none: ["○", "no checks yet"],
};

/** A mark that is read aloud as a word. */
export function writeMark(state: ChecksState): Markup {
  const [sign, word] = MARKS[state];
  return markup`<span class="mark ${state}" role="img" aria-label="${word}" title="${word}">${sign}</span>`;
}

export function writeLabels(labels: readonly Label[]): Markup {
  if (labels.length === 0) return markup``;
  return markup`<ul class="labels" aria-label="Labels">${labels.map(
    ({ name, description }) => markup`<li title="${description}" class="label ${toneOf(name)}">${name}</li>`,
  )}</ul>`;
}

/** Colours of labels would have to stand in the page, which its policy refuses: a few tones say as much. */
function toneOf(name: string): string {
  if (/destructive|blocked/u.test(name)) return "bad";
  if (name.startsWith("risk/")) return "warn";
  return name.endsWith("/ready") ? "good" : "plain";
}

export function writeState({ state, mergedAt }: PullRequest): Markup {
  const word = mergedAt !== undefined ? "merged" : state;
  return markup`<span class="pill ${word}">${word === "merged" ? "Merged" : word === "open" ? "Open" : "Closed"}</span>`;
}

export function loginOf({ sandbox }: Stage, { id }: Ref): string {
  return sandbox.world.accounts.get(id)?.login ?? "ghost";
}

export function isBot({ sandbox }: Stage, { id }: Ref): boolean {
  return sandbox.world.accounts.get(id)?.type === "Bot";
}

export function writeAuthor(stage: Stage, authorId: number): Markup {
  const login = loginOf(stage, { id: authorId });
  if (!isBot(stage, { id: authorId })) return markup`<strong>${login}</strong>`;
  return markup`<strong>${login.replace(/\[bot\]$/u, "")}</strong> <span class="bot">bot</span>`;
}

/** Times of this machine's clock are UTC here; dates of the sample's history are years away. */
export function writeTime(at: string): Markup {
  const text = at.slice(0, 19).replace("T", " ");
  return markup`<time class="dim" datetime="${at}">${text} UTC</time>`;
}

export function pathOf({ number }: PullRequest, tab: "" | "/checks" | "/files" = ""): string {
  return `${SITE}/pull/${number}${tab}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The check's own words for how it stands. */
export function describeRun({ status, title }: CheckRun): string {
  return title ?? (status === "completed" ? "Completed" : "In progress");
}
