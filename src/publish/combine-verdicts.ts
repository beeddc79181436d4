import type {
  CheckAnnotation,
  CheckName,
  CheckPart,
  CheckState,
  DesiredCheck,
  HeadVerdict,
  JudgedCheckName,
} from "../model/index.ts";
import { JUDGED_CHECK_NAMES } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { count, formatCount } from "../report/phrase.ts";
import { countCodePoints } from "../report/visible-text.ts";
import { CHECK_LIMIT, measureCheck, TITLE_LIMIT } from "./bounds.ts";
import { writeAdviceTitle, writeTitle } from "./write-title.ts";

/** Where the page of one pull request or merge group is on our own server; undefined for no link. */
export type FindPage = (verdict: HeadVerdict) => string | undefined;

/** Worst first: a missing verdict is worse than a good one, for it may still turn out bad. */
const STATES = ["failure", "in_progress", "success"] as const satisfies readonly CheckState[];
const STATE_WORDS: Readonly<Record<CheckState, string>> = {
  failure: "failed",
  in_progress: "waiting",
  success: "passed",
};
const LISTED = 50;
/** The most annotations that a config can ask for. */
const ANNOTATIONS = 1_000;

/** One check as one pull request has it, told as it should be shown. */
interface Told {
  readonly source: HeadVerdict;
  readonly state: CheckState;
  readonly title: string;
  readonly summary: string;
  readonly details: string;
  readonly annotations: readonly CheckAnnotation[];
  /** Whether it passes for advise mode alone. */
  readonly isAdvice: boolean;
}

/** A check as it should stand, and whether it passes for advise mode alone: then the gate tells of it first. */
interface CombinedCheck {
  readonly check: DesiredCheck;
  readonly isAdvice: boolean;
}

/**
 * All verdicts on one commit → the checks that should stand on it, the gate first. One name has one verdict for each
 * commit: the worst of all open pull requests with that head wins (failure, then in progress, then success), and the
 * summary lists them by base. The gate is the worst of the other checks. No verdicts at all: no checks.
 */
export function combineVerdicts(
  _headSha: string,
  verdicts: readonly HeadVerdict[],
  findPage: FindPage = () => undefined,
): readonly DesiredCheck[] {
  if (verdicts.length === 0) return [];
  const sorted = verdicts.toSorted(compareVerdicts);
  const checks = JUDGED_CHECK_NAMES.map((name) => combineCheck(name, sorted, findPage));
  return [makeGate(checks), ...checks.map(({ check }) => check)];
}

function compareVerdicts(left: HeadVerdict, right: HeadVerdict): number {
  if (left.baseRef !== right.baseRef) return left.baseRef < right.baseRef ? -1 : 1;
  return (left.number ?? 0) - (right.number ?? 0);
}

function combineCheck(name: JudgedCheckName, verdicts: readonly HeadVerdict[], findPage: FindPage): CombinedCheck {
  const told = verdicts.map((source) => tell(source, name));
  const ordered = told.toSorted((left, right) => STATES.indexOf(left.state) - STATES.indexOf(right.state));
  const [worst, ...others] = ordered;
  if (worst === undefined) throw new TypeError("There is nothing to combine");
  const { summary, text } = others.length === 0 ? { summary: worst.summary, text: worst.details } : listTold(ordered);
  const check = {
    name,
    state: worst.state,
    title: others.length === 0 ? worst.title : nameSource(worst, told),
    summary,
    text,
    annotations: others.length === 0 ? worst.annotations : mergeAnnotations(ordered),
    page: findPage(worst.source),
  };
  return { check, isAdvice: worst.isAdvice };
}

function tell(source: HeadVerdict, name: JudgedCheckName): Told {
  const part = new Map(source.verdict?.parts.map((each) => [each.name, each])).get(name);
  if (part === undefined) {
    const summary = "This pull request is being checked.";
    return {
      source,
      state: "in_progress",
      title: "Being checked",
      summary,
      details: "",
      annotations: [],
      isAdvice: false,
    };
  }
  if (source.verdict?.isAdvice === true && part.isEnforced !== true)
    return { source, ...advise(part), isAdvice: part.state !== "success" };
  return { source, ...(source.number === undefined ? refuseToWait(part) : part), isAdvice: false };
}

/** Nothing is enforced: the check passes and says what it would have said. */
function advise(part: CheckPart): CheckPart {
  if (part.state === "success") return part;
  const verb = part.state === "failure" ? "failed" : "waited";
  const remark = `This repository is in advise mode, so the check passes. With \`mode: enforce\` it would have ${verb}.`;
  return {
    ...part,
    state: "success",
    title:
      part.state === "failure" ? writeAdviceTitle(part.title) : writeTitle(replaceWaiting(part, "Would have waited")),
    summary: `${remark}\n\n${part.summary}`,
  };
}

/** GitHub removes from its queue what does not answer in time, so a merge group that would have to wait fails. */
function refuseToWait(part: CheckPart): CheckPart {
  if (part.state !== "in_progress") return part;
  return {
    ...part,
    state: "failure",
    title: writeTitle(replaceWaiting(part, "Missing")),
    summary: `A merge queue cannot wait for people, so this fails.\n\n${part.summary}`,
  };
}

function replaceWaiting({ title }: CheckPart, words: string): string {
  return title.replace(/^Waiting(?=:)/u, words);
}

/** Says whose result it is, where that leaves room for the result. */
function nameSource({ source, title }: Told, all: readonly Told[]): string {
  const isOneBase = new Set(all.map((each) => each.source.baseRef)).size === 1;
  const name = isOneBase ? nameNumber(source) : source.baseRef;
  const named = `${name}: ${title}`;
  return countCodePoints(named) <= TITLE_LIMIT ? writeTitle(named) : title;
}

function nameNumber({ number }: HeadVerdict): string {
  return number === undefined ? "Merge queue" : `#${number}`;
}

/** The list of all results, then each one's own report, the worst first, as far as both texts have room. */
function listTold(ordered: readonly Told[]): { readonly summary: string; readonly text: string } {
  const lines = ordered.slice(0, LISTED).map(({ source, state, title }) => {
    return `- ${code(source.baseRef, 80)} (${code(nameNumber(source))}): **${STATE_WORDS[state]}**: ${prose(title, 80)}`;
  });
  const more = ordered.length > LISTED ? [`- and ${formatCount(ordered.length - LISTED)} more`] : [];
  const intro = `This commit is the head of ${count(ordered.length, "pull request")}. The worst result counts for all.`;
  const list = [intro, [...lines, ...more].join("\n")].join("\n\n");
  const [worst, ...others] = ordered;
  const blocks = [worst?.details ?? "", ...others.map(writeOther)].filter((block) => block !== "");
  const first = worst?.summary ?? "";
  if (measureCheck(`${list}\n\n${first}`) <= CHECK_LIMIT)
    return { summary: `${list}\n\n${first}`, text: joinBelow(blocks) };
  return { summary: list, text: joinBelow([first, ...blocks]) };
}

function writeOther({ source, summary, details }: Told): string {
  const report = [summary, details].filter((block) => block !== "").join("\n\n");
  return `### Into ${code(source.baseRef, 80)} (${code(nameNumber(source))})\n\n${report}`;
}

const NO_ROOM = "Further reports have no room here. Each pull request's own comment has its report.";

/** Whole blocks as long as they fit: what is cut inside might leave a fold or a fence open. */
function joinBelow(blocks: readonly string[]): string {
  const shown: string[] = [];
  let room = CHECK_LIMIT - measureCheck(NO_ROOM) - 2;
  for (const block of blocks) {
    room -= measureCheck(block) + 2;
    if (room < 0) return [...shown, NO_ROOM].join("\n\n");
    shown.push(block);
  }
  return shown.join("\n\n");
}

const LEVELS = ["error", "warning", "notice"] as const;

/** The same finding is found through each of the pull requests. */
function mergeAnnotations(told: readonly Told[]): readonly CheckAnnotation[] {
  const unique = new Map(
    told.flatMap(({ annotations }) => annotations.map((each) => [JSON.stringify(Object.entries(each).sort()), each])),
  );
  const merged = [...unique.values()];
  return LEVELS.flatMap((level) => merged.filter((each) => each.level === level)).slice(0, ANNOTATIONS);
}

function makeGate(combined: readonly CombinedCheck[]): DesiredCheck {
  const rank = ({ check, isAdvice }: CombinedCheck): number => STATES.indexOf(check.state) - (isAdvice ? 0.5 : 0);
  const worst = combined.toSorted((left, right) => rank(left) - rank(right))[0]?.check;
  if (worst === undefined) throw new TypeError("A gate needs checks");
  const checks = combined.map(({ check }) => check);
  // Titles that wait say so themselves.
  const lines = checks.map(
    ({ name, state, title }) =>
      `- \`${name}\`: **${STATE_WORDS[state]}**: ${prose(title.replace(/^Waiting: (?=.)/u, ""), 80)}`,
  );
  const name: CheckName = "drydock";
  const intro = "The worst of Drydock's checks: the one to require.";
  return {
    name,
    state: worst.state,
    title: worst.title,
    summary: [intro, lines.join("\n")].join("\n\n"),
    text: "",
    annotations: [],
    page: worst.page,
  };
}
