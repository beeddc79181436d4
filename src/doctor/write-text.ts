import { scrubTokens } from "../model/index.ts";
import type { Diagnosis, DiagnosisLevel } from "./diagnosis.ts";
import type { PullRequestName } from "./ask-server.ts";
import type { Story } from "./server-answers.ts";

const MARKS: Readonly<Record<DiagnosisLevel, string>> = { ok: "ok       ", advice: "advice   ", problem: "PROBLEM  " };
const INDENT = " ".repeat(9);
/** Newest results that are shown. */
const MOST_RESULTS = 5;
/** Characters of one line of somebody else's text: a fault's message, a detail. */
const MOST = 500;

/** Every diagnosis with what to do and where it is described, the worst last, where the eye is. */
export function writeDiagnoses(diagnoses: readonly Diagnosis[], width: number): string {
  const levels: readonly DiagnosisLevel[] = ["ok", "advice", "problem"];
  const sorted = levels.flatMap((level) => diagnoses.filter((diagnosis) => diagnosis.level === level));
  const blocks = sorted.map(({ level, sentence, remedy, topic }) => {
    const first = wrap(sentence, width, MARKS[level], INDENT);
    if (remedy === undefined) return first;
    return [...first, ...wrap(remedy, width, `${INDENT}→ `, `${INDENT}  `), `${INDENT}  docs/doctor.md#${topic}`];
  });
  return `${[...blocks.flat(), "", writeTotal(diagnoses)].join("\n")}\n`;
}

function writeTotal(diagnoses: readonly Diagnosis[]): string {
  const count = diagnoses.filter(({ level }) => level === "problem").length;
  if (count === 0) return "Nothing is wrong.";
  return count === 1 ? "1 problem." : `${count} problems.`;
}

/** All that the server remembers of a pull request: what it waits for, deliveries, jobs, writes and faults. */
export function writeStory(pull: PullRequestName, story: Story, width: number): string {
  const title = `${pull.owner}/${pull.name}#${pull.number}`;
  return `${[
    title,
    ...writeState(story).flatMap((line) => wrap(line, width, "  ", "    ")),
    ...writeSection("Deliveries", story.deliveries.map(writeDelivery), width),
    ...writeSection("Jobs that run or wait", story.tasks.map(writeTask), width),
    ...writeSection("Results", story.results.slice(0, MOST_RESULTS).map(writeResult), width),
    ...writeSection("Writes to GitHub", story.outgoing.map(writeOutgoing), width),
    ...writeSection(
      "Faults on record",
      story.troubles.map(({ at, what, detail }) => [`${timeOf(at)} ${what}`, describeDetail(detail)]),
      width,
    ),
  ].join("\n")}\n`;
}

function writeState({ state, writesPausedUntil }: Story): readonly string[] {
  if (state === undefined) return ["not known"];
  return [
    `${state.isOpen ? "open" : "closed"}, head ${state.headSha?.slice(0, 10) ?? "unknown"}, base ${state.baseRef ?? "unknown"}`,
    ...(state.waitingSince === undefined ? [] : [`waits for its result since ${timeOf(state.waitingSince)}`]),
    ...(state.reasons.length === 0 ? [] : [`to be judged because: ${state.reasons.join(", ")}`]),
    ...(writesPausedUntil === undefined ? [] : [`GitHub asked for silence until ${timeOf(writesPausedUntil)}`]),
  ];
}

/** An entry is a line and what belongs under it. */
type Entry = readonly string[];

function writeSection(heading: string, entries: readonly Entry[], width: number): readonly string[] {
  if (entries.length === 0) return ["", `${heading}: none`];
  const lines = entries.flatMap(([first = "", ...below]) => [
    ...wrap(first, width, "  ", "    "),
    ...below.filter((line) => line !== "").flatMap((line) => wrap(line, width, "    ", "    ")),
  ]);
  return ["", `${heading} (newest first)`, ...lines];
}

function writeDelivery({ id, event, action, receivedAt, problem }: Story["deliveries"][number]): Entry {
  const name = action === undefined ? event : `${event}.${action}`;
  return [`${timeOf(receivedAt)} ${name}`, id, problem === undefined ? "" : `not read: ${problem}`];
}

const STATES: Readonly<Record<string, string>> = {
  created: "waits",
  retry: "waits to be tried again",
  active: "runs",
  completed: "done",
  cancelled: "cancelled",
  failed: "given up",
};

function writeTask({ queue, state, failures, notBefore, lastFault }: Story["tasks"][number]): Entry {
  const said = Object.hasOwn(STATES, state) ? (STATES[state] ?? state) : state;
  const when = state === "created" || state === "retry" ? `, from ${timeOf(notBefore)}` : "";
  const failed = failures === 0 ? "" : `, failed ${failures} ${failures === 1 ? "time" : "times"}`;
  return [`${queue}: ${said}${when}${failed}`, lastFault === undefined ? "" : `last fault: ${cut(lastFault)}`];
}

function writeResult({ judgedAt, state, title, headSha, baseRef }: Story["results"][number]): Entry {
  return [`${timeOf(judgedAt)} ${state}: ${title}`, `${headSha.slice(0, 10)} into ${baseRef}`];
}

function writeOutgoing({ kind, slot, isPending, refused, notBefore, wantedAt }: Story["outgoing"][number]): Entry {
  const wait = notBefore === undefined ? "waits" : `put off until ${timeOf(notBefore)}`;
  const state = refused === undefined ? (isPending ? wait : "stands") : "refused";
  const place = slot.replace(/^[0-9a-f]{40,64}/u, (sha) => sha.slice(0, 10));
  return [`${timeOf(wantedAt)} ${kind}: ${state}`, place, refused === undefined ? "" : `refused: ${cut(refused)}`];
}

function describeDetail(detail: unknown): string {
  if (detail === undefined || detail === null) return "";
  return cut(typeof detail === "string" ? detail : JSON.stringify(detail));
}

function cut(text: string): string {
  const scrubbed = scrubTokens(text).replace(/\s+/gu, " ");
  return scrubbed.length > MOST ? `${scrubbed.slice(0, MOST)}…` : scrubbed;
}

/** `2026-11-21 14:40:46` of the same in ISO 8601. */
function timeOf(iso: string): string {
  return iso.replace("T", " ").replace(/\.\d+Z$/u, "");
}

/** Lines of words within a width, without tokens (T56); a word that is longer has a line of its own. */
function wrap(text: string, width: number, first: string, others: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of scrubTokens(text).split(/\s+/u)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = others;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
