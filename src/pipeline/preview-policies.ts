import { printSection, type RepositoryConfig } from "../config/index.ts";
import { isWithin } from "../discover/index.ts";
import { nameResource, type JudgedFinding, type Manifest, type TreeChange } from "../model/index.ts";
import { checkPolicyNames, findException, type ExceptionFacts, type KnownRules } from "../policy/index.ts";
import { BROKEN_POLICY, type PolicyJudge } from "./judge-policies.ts";
import { CONFIG_FILE } from "./load-config.ts";
import type { RenderedSide } from "./compare-app.ts";
import { noteIdleRego } from "./note-idle-rego.ts";
import {
  createJudge,
  describeBroken,
  exceptionFacts,
  openFrom,
  type BrokenPolicy,
  type OpenedPolicies,
  type PolicyServices,
} from "./prepare-policies.ts";
import { holdersOf, type PolicySide, type PolicySides } from "./policy-sides.ts";
import { admissionRuleOf, roleInAdmission } from "./admission-kinds.ts";
import { isPolicyFile } from "./read-policy-files.ts";
import { isCrdSource, type AppRecord } from "./snapshot.ts";
import { allRecords, recordOf, type Survey } from "./survey.ts";

/** Resources that a preview looks at, as far as whole apps go. By size and not by time, so that equal trees tell the same. */
const MOST_RESOURCES = 5000;
/** Apps after whose policies that cannot judge the rest is left out: one that loops takes its whole time for each. */
const MOST_BROKEN = 3;
/** Rules told one by one, and resources named with each. */
const MOST_RULES = 10;
const NAMED = 5;

const BREAKS = "Mend it here: once it is on the base, nothing passes while one of the policies is broken.";

export interface PolicyPreview {
  /** What the change breaks in policies, and rules that it names and that are not there. */
  readonly findings: readonly JudgedFinding[];
  readonly notes: readonly string[];
}

export interface PreviewRequest {
  readonly sides: PolicySides;
  /** The config that the change brings; undefined where that is invalid, which is told elsewhere. */
  readonly headConfig: RepositoryConfig | undefined;
  /** What the repository's own files say, without its organization's: whose names are looked at. */
  readonly own: { readonly base: RepositoryConfig; readonly head: RepositoryConfig | undefined };
  readonly changes: readonly TreeChange[];
  /** The apps that the check itself judges, and the policies that it judges them by. */
  readonly ofBase: Pick<OpenedPolicies, "rego" | "problems">;
}

/**
 * What a change of policies means once it is on the base: what its policies would newly block or allow in all apps of
 * the head, where they break, and which rules its config names that are not there. Cost where policies are left alone:
 * next to nothing; where they are edited: every app's rendering is judged by both, once.
 */
export async function previewPolicies(request: PreviewRequest, services: PolicyServices): Promise<PolicyPreview> {
  const { sides, headConfig, ofBase } = request;
  if (headConfig === undefined) return { findings: [], notes: [] };
  if (!(await arePoliciesEdited(request, headConfig, services))) {
    return await judgeNames(request, { base: ofBase, head: ofBase }, services);
  }
  // Policies that are to be taken over whole: the head's tree is what both are looked at with.
  const onHead = { base: sides.head, head: sides.head };
  const after = { ...services, config: headConfig };
  const { records, left } = pickApps(sides.head.survey);
  const ids = records.map(({ app }) => app.id);
  const now = await openFrom(sides.head, onHead, ids, after);
  const names = await judgeNames(request, { base: ofBase, head: now }, services);
  const then = await openFrom(sides.base, onHead, ids, services);
  const known = new Set([...then.problems, ...ofBase.problems].map(nameProblem));
  const broken = now.problems.filter((problem) => !known.has(nameProblem(problem)));
  if (broken.length > 0) {
    const told = describeBroken(broken).map((finding) => ({ ...finding, help: BREAKS }));
    return { ...names, findings: [...told, ...names.findings] };
  }
  // A look ahead asks nobody for an approval.
  const unapproved = { isApproved: () => false };
  const judges = {
    then: standingJudge(createJudge(onHead, then, services), { ...exceptionFacts([], services), ...unapproved }),
    now: standingJudge(createJudge(onHead, now, after), { ...exceptionFacts([], after), ...unapproved }),
  };
  const compared = await compareApps(records, judges, sides.head, services);
  const idle = noteIdleRego(now.rego).filter((note) => !then.notes.includes(note));
  const notes = [
    ...describePreview(compared, records.length, left),
    ...idle.map((note) => `With this change: ${note}`),
  ];
  return { findings: names.findings, notes: [...notes, ...names.notes] };
}

/** What is broken is the same wherever it stands in its file. */
function nameProblem({ file, message }: BrokenPolicy): string {
  return JSON.stringify([file, message]);
}

/** Policies in Rego and data beside them, the config's section, or the API server's own policies. */
async function arePoliciesEdited(
  { sides, changes }: PreviewRequest,
  headConfig: RepositoryConfig,
  { config }: PolicyServices,
): Promise<boolean> {
  if (printSection(config.policy) !== printSection(headConfig.policy)) return true;
  const folders = config.policy.rego.paths;
  const isOfFolders = (path: string): boolean => folders.some((folder) => isWithin(path, folder));
  if (changes.some(({ path }) => isPolicyFile(path) && isOfFolders(path))) return true;
  if (printHolders(sides.base.survey) === printHolders(sides.head.survey)) return false;
  const [base, head] = [await sides.base.readHolders(), await sides.head.readHolders()];
  return listAdmission(base) !== listAdmission(head);
}

function printHolders(survey: Survey): string {
  return JSON.stringify(holdersOf(survey).map(({ app, result }) => [app.id, result]));
}

function listAdmission(manifests: readonly Manifest[]): string {
  const own = manifests.filter(({ resource }) => roleInAdmission(resource) !== undefined);
  return JSON.stringify(own.map(({ digest }) => digest).sort());
}

interface PickedApps {
  readonly records: readonly AppRecord[];
  /** Apps of the head that are not looked at: beyond the bound, or not rendered. */
  readonly left: { readonly beyond: number; readonly failed: number };
}

function pickApps(survey: Survey): PickedApps {
  const all = allRecords(survey).filter(({ app }) => !isCrdSource(app.id));
  const rendered = all.filter(({ failure }) => failure === undefined);
  let resources = 0;
  const records = rendered.filter((record, index) => (resources += record.resources) <= MOST_RESOURCES || index === 0);
  return { records, left: { beyond: rendered.length - records.length, failed: all.length - rendered.length } };
}

/** What keeps an app from passing, by `<rule>` and resource. */
type StandingJudge = (side: RenderedSide) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;

function standingJudge(judge: PolicyJudge, facts: ExceptionFacts): StandingJudge {
  return async (side) => {
    const blocked = new Map<string, Set<string>>();
    for (const { rule, level, resource } of await judge.judgeStanding(side)) {
      if (level !== "error" || resource === undefined) continue;
      const said = { rule, resource, apps: [side.app.id] };
      if (findException(said, facts, judge.annotationFor(said))?.state === "used") continue;
      const resources = blocked.get(rule) ?? new Set();
      blocked.set(rule, resources.add(nameResource(resource)));
    }
    return blocked;
  };
}

/** Rule → resources. */
type ByRule = Map<string, Set<string>>;

interface ComparedPolicies {
  readonly blocked: ByRule;
  readonly allowed: ByRule;
  /** Apps that were looked at: fewer than picked where policies cannot judge. */
  readonly judged: number;
}

async function compareApps(
  records: readonly AppRecord[],
  judges: { readonly then: StandingJudge; readonly now: StandingJudge },
  { facts }: PolicySides["head"],
  { judge }: PolicyServices,
): Promise<ComparedPolicies> {
  const blocked: ByRule = new Map();
  const allowed: ByRule = new Map();
  let judged = 0;
  let broken = 0;
  for (const record of records) {
    if (broken >= MOST_BROKEN) break;
    const side = await judge.open(record, facts);
    const [then, now] = [await judges.then(side), await judges.now(side)];
    if (now.has(BROKEN_POLICY) || then.has(BROKEN_POLICY)) broken += 1;
    addMissing(blocked, now, then);
    addMissing(allowed, then, now);
    judged += 1;
  }
  return { blocked, allowed, judged };
}

function addMissing(to: ByRule, from: ReadonlyMap<string, ReadonlySet<string>>, other: typeof from): void {
  for (const [rule, resources] of from) {
    const fresh = [...resources].filter((name) => other.get(rule)?.has(name) !== true);
    if (fresh.length > 0) to.set(rule, new Set([...(to.get(rule) ?? []), ...fresh]));
  }
}

function describePreview(
  { blocked, allowed, judged }: ComparedPolicies,
  picked: number,
  { beyond, failed }: PickedApps["left"],
): readonly string[] {
  const where = `in ${judged === 1 ? "the 1 app" : `all ${judged} apps`} of the head that ${judged === 1 ? "was" : "were"} looked at`;
  const total = (rules: ByRule): number => [...rules.values()].reduce((sum, { size }) => sum + size, 0);
  const meaning =
    blocked.size + allowed.size === 0
      ? "the same is blocked and allowed"
      : `${total(blocked)} newly blocked, ${total(allowed)} newly allowed`;
  const left = [
    ...(beyond > 0 ? [`${beyond} more were left out beyond ${MOST_RESOURCES} resources`] : []),
    ...(failed > 0 ? [`${failed} did not render`] : []),
    ...(judged < picked ? [`${picked - judged} more were left out because policies cannot judge`] : []),
  ];
  const rest = left.length === 0 ? "" : ` (${left.join("; ")})`;
  return [
    `This change edits policies, which count once they are on the base: ${meaning} ${where}${rest}.`,
    ...describeRules("Newly blocked by", blocked),
    ...describeRules("Newly allowed by", allowed),
  ];
}

function describeRules(what: string, rules: ByRule): readonly string[] {
  const sorted = [...rules].sort(([a, { size: left }], [b, { size: right }]) => right - left || (a < b ? -1 : 1));
  const told = sorted.slice(0, MOST_RULES).map(([rule, resources]) => {
    const names = [...resources].sort();
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    return `${what} ${rule}: ${names.length} (${names.slice(0, NAMED).join(", ")}${more}).`;
  });
  return sorted.length <= MOST_RULES ? told : [...told, `${what} ${sorted.length - MOST_RULES} more rules.`];
}

/** Rules that the config names and that are not there: an error of the change that brings it, a note where it stands. */
async function judgeNames(
  { sides, own }: PreviewRequest,
  opened: Readonly<Record<"base" | "head", Pick<OpenedPolicies, "rego" | "problems">>>,
  services: PolicyServices,
): Promise<PolicyPreview> {
  const known = async (side: "base" | "head"): Promise<KnownRules> => {
    const { names, isWhole } = await listAdmissionNames(sides[side]);
    const { problems, rego } = opened[side];
    return {
      builtIn: [...services.rules.keys()],
      rego: problems.length > 0 ? undefined : (rego.loaded?.rules ?? []).map(({ id }) => id),
      admission: isWhole ? names : undefined,
    };
  };
  const isNamed = ({ policy: { rules, exceptions } }: RepositoryConfig): boolean => rules.size + exceptions.length > 0;
  const find = async (side: "base" | "head") => {
    const config = own[side];
    return config !== undefined && isNamed(config) ? checkPolicyNames(config.policy, await known(side)) : [];
  };
  const standing = await find("base");
  const onBase = new Set(standing.map(({ message }) => message));
  const brought = (await find("head")).filter(({ message }) => !onBase.has(message));
  return {
    findings: brought.map(({ line, message }) => ({
      ...{ rule: "config", check: "policy", level: "error", message, resource: undefined, path: [] },
      location: { file: CONFIG_FILE, line, endLine: undefined, column: undefined },
      ...{ isRendered: false, help: "drydock policy list names the rules.", isNew: true, apps: [] },
    })),
    notes: standing.map(({ line, message }) => `${CONFIG_FILE}:${line}: ${message}`),
  };
}

/** `vap/<policy>` and `kyverno/<policy>` that apps of a tree bring. */
export interface AdmissionNames {
  readonly names: readonly string[];
  /** Not where an app does not render: it may bring others. */
  readonly isWhole: boolean;
}

export async function listAdmissionNames({ survey, readHolders }: PolicySide): Promise<AdmissionNames> {
  const failed = [...survey.snapshot.failed, ...survey.changed.keys()];
  const isWhole = failed.every((id) => recordOf(survey, id)?.failure === undefined);
  const manifests = await readHolders();
  return { names: manifests.flatMap(({ resource }) => admissionRuleOf(resource) ?? []), isWhole };
}
