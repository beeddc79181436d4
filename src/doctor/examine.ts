import { isPermitted } from "../jobs/permissions.ts";
import { scrubTokens, UsageError } from "../model/index.ts";
import type { PullRequestName } from "./ask-server.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts, ServerAnswer } from "./facts.ts";
import { judgeInstallation } from "./judge-installation.ts";
import { judgeStory } from "./judge-story.ts";
import type { Story } from "./server-answers.ts";
import { writeDiagnoses, writeStory } from "./write-text.ts";

export interface Examination {
  readonly text: string;
  /** 0 nothing is wrong, 1 something is. */
  readonly exitCode: 0 | 1;
}

/** A pull request, and what the server answered about it. */
export interface AskedPull {
  readonly name: PullRequestName;
  readonly answer: ServerAnswer<Story | undefined>;
}

/** Judges what was gathered and writes it down. With a pull request, its story comes first and what is right is left out. Pure. */
export function writeExamination(
  facts: DoctorFacts,
  pull: AskedPull | undefined,
  { format, width }: { readonly format: "text" | "json"; readonly width: number },
): Examination {
  const story = pull?.answer.kind === "answered" ? pull.answer.value : undefined;
  const ofPull = pull?.answer.kind === "answered" ? judgeStory(pull.answer.value, facts.now, mayComment(facts)) : [];
  const ofAll = judgeInstallation(facts);
  const diagnoses = [...ofAll.filter(({ level }) => pull === undefined || level !== "ok"), ...ofPull];
  const exitCode = diagnoses.some(({ level }) => level === "problem") ? 1 : 0;
  if (format === "json") return { text: writeJson(diagnoses, story), exitCode };
  const told = pull === undefined || story === undefined ? "" : `${writeStory(pull.name, story, width)}\n`;
  return { text: told + writeDiagnoses(diagnoses, width), exitCode };
}

/** Facts about one pull request hold one installation, or several that share an owner. */
function mayComment({ installations }: DoctorFacts): boolean {
  if (installations.kind === "unknown") return true;
  return installations.value.every(({ facts }) => isPermitted(facts.permissions, "pull_requests", "write"));
}

// Control, format (bidirectional marks among them) and unassigned characters, as JSON escapes them.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}]/gu;

function writeJson(diagnoses: readonly Diagnosis[], story: Story | undefined): string {
  const json = JSON.stringify(
    { version: 1, diagnoses, ...(story === undefined ? {} : { pullRequest: story }) },
    scrub,
    2,
  );
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${json.replace(UNPRINTABLE, (found) => (found === "\n" ? found : found.split("").map(escape).join("")))}\n`;
}

function scrub(_key: string, value: unknown): unknown {
  return typeof value === "string" ? scrubTokens(value) : value;
}

/** `https://github.com/OWNER/NAME/pull/12`, with whatever follows. Throws a UsageError for anything else. */
export function parsePullUrl(url: string, githubWeb: string): PullRequestName {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const prefix = new URL(githubWeb).pathname.replace(/\/+$/u, "");
  const path = parsed?.pathname.startsWith(`${prefix}/`) === true ? parsed.pathname.slice(prefix.length) : "";
  const [, owner, name, number] = /^\/([\w.-]{1,100})\/([\w.-]{1,100})\/pull\/(\d{1,9})(?:\/|$)/u.exec(path) ?? [];
  if (parsed === undefined || owner === undefined || name === undefined) {
    throw new UsageError("--pr takes the address of a pull request, such as https://github.com/OWNER/NAME/pull/12");
  }
  const { host } = new URL(githubWeb);
  if (parsed.host !== host)
    throw new UsageError(`--pr is on ${parsed.host}, and this server is configured for ${host}`);
  return { owner, name, number: Number(number) };
}
