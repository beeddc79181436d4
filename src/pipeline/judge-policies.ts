import {
  askOthers,
  claimsOf,
  findIn,
  identifyMessage,
  isPodKind,
  judgeClaims,
  judgeResources,
  levelOfPolicy,
  levelOfRule,
  BUILT_IN_RULES,
  readAnnotation,
  toOrganizationRule,
  type BuiltInRule,
  type ClaimedTree,
  type Offerer,
  type PolicyFacts,
} from "../policy/index.ts";
import type { PolicyConfig } from "../config/index.ts";
import { resourceKey } from "../judge/index.ts";
import {
  type App,
  type AppId,
  type CheckFamily,
  type FindingException,
  type JudgedFinding,
  type KubernetesVersion,
  type Level,
  type Manifest,
  type PolicyAnswer,
  type PolicyContext,
  type PolicyProblem,
  type PullRequestFacts,
  type RawFinding,
  type ResourceId,
} from "../model/index.ts";
import type { RenderedSide } from "./compare-app.ts";
import type {
  AdmissionInput,
  AdmissionSource,
  PolicyEngine,
  PolicyLimits,
  PolicyOutcome,
  RegoSource,
} from "./policy-ports.ts";
import { rememberOutcomes, type Judged } from "./policy-memory.ts";
import type { Store } from "./ports.ts";

/** A policy set that one side of a check is judged by, once it is known what its answers depend on. */
export interface PolicySets {
  /** Undefined where there is no policy in Rego. */
  readonly rego: RegoSet | undefined;
  /** Those of the organization, at the levels that its own config gives them. */
  readonly organization: { readonly rego: RegoSet; readonly config: PolicyConfig } | undefined;
  /** The sets of the base's and of the head's side: they differ in their CRDs. */
  readonly admission: { readonly base: AdmissionSet | undefined; readonly head: AdmissionSet | undefined };
}

export interface RegoSet {
  readonly id: string;
  readonly uses: RegoUses;
  readonly source: RegoSource;
  readonly isCombined: boolean;
}

interface RegoUses {
  readonly before: boolean;
  readonly app: boolean;
  readonly environment: boolean;
  readonly pullRequest: boolean;
}

export interface AdmissionSet {
  readonly id: string;
  /** `<group>/<kind>`; undefined for every kind. */
  readonly kinds: ReadonlySet<string> | undefined;
  readonly source: AdmissionSource;
}

export interface PolicyJudgeServices {
  readonly config: PolicyConfig;
  readonly rules: ReadonlyMap<string, BuiltInRule>;
  readonly sets: PolicySets;
  readonly engine: PolicyEngine;
  readonly limits: PolicyLimits;
  readonly store: Store;
  /** Changes whenever the answers to the same inputs may change. */
  readonly build: string;
  readonly pullRequest: PullRequestFacts | undefined;
  /** Today in UTC, `2027-01-31`. */
  readonly today: string;
  readonly kubernetesOf: (app: App) => KubernetesVersion;
  /** What all apps of the base or of the head claim. */
  readonly claimed: Readonly<Record<"base" | "head", ClaimedTree>>;
  /** Who brings what the key names for other apps, in all apps of the base or of the head. */
  readonly offerers: Readonly<Record<"base" | "head", (key: string) => readonly Offerer[]>>;
  /** Plural and scope of a kind, as policies match resources by them. */
  readonly describeKind: (group: string, kind: string) => Pick<AdmissionInput, "plural" | "isNamespaced">;
}

/** What policies say of one app on both sides. Those of a broken policy are said of the head alone: they always count. */
export interface PolicyFindings {
  readonly base: readonly RawFinding[];
  readonly head: readonly RawFinding[];
}

export interface PolicyJudge {
  judge(before: RenderedSide | undefined, after: RenderedSide | undefined): Promise<PolicyFindings>;
  /** What policies say of an app of the head in which nothing changes. */
  judgeStanding(side: RenderedSide): Promise<readonly RawFinding[]>;
  /** What a resource of the head that was judged says of itself. */
  annotationFor(finding: Pick<JudgedFinding, "rule" | "resource" | "apps">): FindingException | undefined;
}

/** The rule of findings that say that a policy could not be evaluated. */
export const BROKEN_POLICY = "policy-broken";

const LEVEL_OF: Readonly<Record<PolicyAnswer["effect"], Level>> = { deny: "error", warn: "warning", unknown: "notice" };

/** Which check shows findings of a rule. */
export function checkOfRule(rule: string): CheckFamily {
  return rule === BROKEN_POLICY || POLICY_IDS.has(rule) || /^(?:rego|org|vap|kyverno)\//u.test(rule)
    ? "policy"
    : "manifests";
}

/** Removed and deprecated APIs are told with the manifests. */
const POLICY_IDS: ReadonlySet<string> = new Set([
  "crd-rule",
  ...[...BUILT_IN_RULES.keys()].filter((id) => !id.startsWith("api-")),
]);

/** What an engine asks about one resource: as it would be, and as it is. */
interface Question {
  readonly manifest: Manifest;
  readonly before: Manifest | undefined;
}

export function createPolicyJudge(services: PolicyJudgeServices): PolicyJudge {
  const annotations = new Map<string, FindingException>();
  const noteAnnotations = (app: AppId, manifests: readonly Manifest[], found: readonly RawFinding[]): void => {
    const byKey = new Map(manifests.map((manifest) => [resourceKey(manifest.resource), manifest]));
    for (const { rule, resource } of found) {
      const manifest = resource === undefined ? undefined : byKey.get(resourceKey(resource));
      const said = manifest === undefined ? undefined : readAllowed(rule, manifest, services);
      if (said !== undefined) annotations.set(nameFinding(rule, resource, app), said);
    }
  };
  return {
    annotationFor: ({ rule, resource, apps }) => {
      const [found] = apps.flatMap((app) => annotations.get(nameFinding(rule, resource, app)) ?? []);
      return found;
    },
    judgeStanding: async (side) => {
      const manifests = manifestsOf(side);
      const questions = manifests.map((manifest): Question => ({ manifest, before: manifest }));
      const found = await judgeSide(side.app, questions, "head", services);
      noteAnnotations(side.app.id, manifests, found);
      return found;
    },
    judge: async (baseSide, headSide) => {
      const app = (headSide ?? baseSide)?.app;
      if (app === undefined) return { base: [], head: [] };
      const [base, head] = [manifestsOf(baseSide), manifestsOf(headSide)];
      const known = new Map(base.map((manifest) => [resourceKey(manifest.resource), manifest]));
      // On the base nothing changes: each resource is what it was.
      const ofBase = base.map((manifest): Question => ({ manifest, before: manifest }));
      const ofHead = head.map((manifest): Question => ({
        manifest,
        before: known.get(resourceKey(manifest.resource)),
      }));
      const found = await judgeSide(app, ofHead, "head", services);
      noteAnnotations(app.id, head, found);
      const before = (await judgeSide(app, ofBase, "base", services)).filter(({ rule }) => rule !== BROKEN_POLICY);
      return { base: knowSmallerRests(before, found), head: found };
    },
  };
}

/** Annotations except from rules that let them; those of a policy in Rego are for the config to except from. */
function readAllowed(
  rule: string,
  manifest: Manifest,
  { rules, today }: PolicyJudgeServices,
): FindingException | undefined {
  return rules.get(rule)?.isAnnotationEnough === true ? readAnnotation(rule, manifest, today) : undefined;
}

function nameFinding(rule: string, resource: ResourceId | undefined, app: AppId): string {
  return JSON.stringify([rule, resource === undefined ? "" : resourceKey(resource), app]);
}

function manifestsOf(side: RenderedSide | undefined): readonly Manifest[] {
  return side?.rendering.kind === "rendered" ? side.rendering.manifests : [];
}

async function judgeSide(
  app: App,
  questions: readonly Question[],
  side: "base" | "head",
  services: PolicyJudgeServices,
): Promise<readonly RawFinding[]> {
  const { config, rules, kubernetesOf, offerers } = services;
  const manifests = questions.map(({ manifest }) => manifest);
  const { environment } = app;
  const facts: PolicyFacts = {
    ...{ kubernetes: kubernetesOf(app), environment, creators: new Set(config.creators) },
    isOffered: askOthers(app, offerers[side]),
    ...(side === "head" && { wasOffered: askOthers(app, offerers.base) }),
  };
  return [
    ...judgeResources(manifests, facts, rules, config),
    ...judgeClaims(app, claimsOf(manifests, environment, rules), services.claimed[side], config),
    ...(await judgeByRego(app, questions, services.sets.rego, services)),
    ...(await judgeByOrganization(app, questions, services)),
    ...(await judgeByAdmission(app, questions, services.sets.admission[side], services)),
    ...(await judgePods(app, questions, services)),
  ];
}

/** A set of its own: neither the repository's files nor its config have a part in it. */
async function judgeByOrganization(
  app: App,
  questions: readonly Question[],
  services: PolicyJudgeServices,
): Promise<readonly RawFinding[]> {
  const { organization } = services.sets;
  if (organization === undefined) return [];
  const { rego, config } = organization;
  const found = await judgeByRego(app, questions, rego, { ...services, config });
  return found.map((finding) => ({ ...finding, rule: toOrganizationRule(finding.rule) }));
}

async function judgeByRego(
  app: App,
  questions: readonly Question[],
  rego: RegoSet | undefined,
  services: PolicyJudgeServices,
): Promise<readonly RawFinding[]> {
  if (rego === undefined || questions.length === 0) return [];
  const context = contextOf(app, rego.uses, services);
  const { id, isCombined, uses, source } = rego;
  // What compiling it came to may have been remembered, and the engine have started since. Cheap when it is loaded.
  const load = async (): Promise<PolicyEngine> => {
    await services.engine.loadRego(source);
    return services.engine;
  };
  const key = [services.build, "rego", id, isCombined, context];
  if (isCombined) {
    const all = await rememberOutcomes(
      services.store,
      [...key, app.id],
      [questions.map((question) => nameQuestion(question, uses.before)).join()],
      async () => [await (await load()).evaluateCombined(id, questions.map(toInput), context, services.limits)],
    );
    const [first] = questions;
    return first === undefined ? [] : all.flatMap((outcome) => toFindings(outcome, first.manifest, app, services));
  }
  return await ask(app, questions, uses.before, key, services, async (asked) =>
    (await load()).evaluateRego(id, asked.map(toInput), context, services.limits),
  );
}

/** Only what the policies look at, so that what they do not look at changes no answer. */
function contextOf(app: App, uses: RegoUses, { pullRequest }: PolicyJudgeServices): PolicyContext {
  return {
    app: uses.app ? app.id : "",
    environment: uses.environment ? app.environment : undefined,
    pullRequest: uses.pullRequest ? pullRequest : undefined,
  };
}

async function judgeByAdmission(
  app: App,
  questions: readonly Question[],
  set: AdmissionSet | undefined,
  services: PolicyJudgeServices,
): Promise<readonly RawFinding[]> {
  if (set === undefined) return [];
  const concerned = questions.filter(({ manifest: { resource } }) => {
    return set.kinds === undefined || set.kinds.has(`${resource.group}/${resource.kind}`);
  });
  const toAdmission = (question: Question): AdmissionInput => {
    const { group, kind } = question.manifest.resource;
    return { ...toInput(question), ...services.describeKind(group, kind) };
  };
  const kinds = new Set(concerned.map(({ manifest: { resource } }) => JSON.stringify([resource.group, resource.kind])));
  const described = [...kinds].sort().map((key) => {
    const [group, kind] = JSON.parse(key) as [string, string];
    return [key, services.describeKind(group, kind)];
  });
  return await ask(app, concerned, true, [services.build, "admission", set.id, described], services, async (asked) => {
    await services.engine.loadAdmission(set.source);
    return await services.engine.evaluateAdmission(set.id, asked.map(toAdmission), services.limits);
  });
}

async function judgePods(
  app: App,
  questions: readonly Question[],
  services: PolicyJudgeServices,
): Promise<readonly RawFinding[]> {
  const kubernetes = services.kubernetesOf(app);
  const makers = questions.filter(({ manifest }) => isPodKind(manifest.resource));
  const findings: RawFinding[] = [];
  const told = new Set<string>();
  for (const level of ["baseline", "restricted"] as const) {
    const rule = services.rules.get(`pod-security-${level}`);
    const isOff = rule === undefined || levelOfRule(rule, services.config, app.environment) === "off";
    if (isOff || makers.length === 0) continue;
    const key = [services.build, "pods", level, kubernetes];
    const found = await ask(app, makers, false, key, services, (asked) =>
      services.engine.judgePods(level, kubernetes, asked.map(toInput)),
    );
    // The restricted standard holds all of the baseline: what that has said is not said again.
    const said = found.map(({ resource, path, message }) => JSON.stringify([resource, path, message]));
    findings.push(...found.filter((_, index) => !told.has(said[index] ?? "")));
    for (const each of said) told.add(each);
  }
  return findings;
}

/** Each question once: what was answered for the same content is remembered. */
async function ask(
  app: App,
  questions: readonly Question[],
  isBeforeUsed: boolean,
  key: readonly unknown[],
  services: PolicyJudgeServices,
  evaluate: (questions: readonly Question[]) => Promise<readonly PolicyOutcome[]>,
): Promise<readonly RawFinding[]> {
  const names = questions.map((question) => nameQuestion(question, isBeforeUsed));
  const byName = new Map(questions.map((question, index) => [names[index] ?? "", question]));
  const outcomes = await rememberOutcomes(services.store, [...key, app.id], names, (unknown) =>
    evaluate(unknown.flatMap((name) => byName.get(name) ?? [])),
  );
  return questions.flatMap(({ manifest }, index) => toFindings(outcomes[index], manifest, app, services));
}

function nameQuestion({ manifest, before }: Question, isBeforeUsed: boolean): string {
  return isBeforeUsed ? `${manifest.digest} ${before?.digest ?? "none"}` : manifest.digest;
}

function toInput({ manifest, before }: Question): AdmissionInputBase {
  const subject = ({ json, sealed }: Manifest) => ({ json, sealed: sealed.map(([pointer]) => pointer) });
  return { object: subject(manifest), before: before === undefined ? undefined : subject(before) };
}
type AdmissionInputBase = Pick<AdmissionInput, "object" | "before">;

function toFindings(
  outcome: Judged | undefined,
  manifest: Manifest,
  app: App,
  services: PolicyJudgeServices,
): readonly RawFinding[] {
  // An engine that leaves something out has not judged it.
  const judged = outcome ?? { kind: "broken" as const, problem: NOT_JUDGED };
  if (judged.kind === "broken") return [describeBroken(judged.problem, manifest)];
  return judged.answers.flatMap(({ rule, effect, message, path, rest }) => {
    const level = levelOfAnswer(rule, effect, app, services);
    if (level === "off") return [];
    // A policy that names no field can say anything of the resource: another fault is another finding.
    const words = path.length > 0 ? undefined : identifyMessage(message, manifest.resource);
    const key = rest === undefined ? words : nameRest(rest);
    return [findIn(manifest, { rule, level, path, message, key })];
  });
}

function levelOfAnswer(
  rule: string,
  effect: PolicyAnswer["effect"],
  app: App,
  { rules, config }: PolicyJudgeServices,
): Level | "off" {
  const builtIn = rules.get(rule);
  if (builtIn !== undefined) return levelOfRule(builtIn, config, app.environment);
  const level = levelOfPolicy(rule, LEVEL_OF[effect], config, app.environment);
  // What depends on the cluster is neither a pass nor an error, whatever its rule is.
  return effect === "unknown" && level !== "off" ? "notice" : level;
}

/** Results that are too many to be told are new when they are more. */
const REST = "rest ";

function nameRest(count: number): string {
  return `${REST}${count}`;
}

/** The findings of the base, of which those that count a rest stand for one of the head that is not larger. */
function knowSmallerRests(base: readonly RawFinding[], head: readonly RawFinding[]): readonly RawFinding[] {
  const nameOf = ({ rule, resource }: RawFinding): string =>
    JSON.stringify([rule, resource === undefined ? "" : resourceKey(resource)]);
  const countOf = ({ key }: RawFinding): number =>
    key?.startsWith(REST) === true ? Number(key.slice(REST.length)) : 0;
  const rests = new Map(head.filter((finding) => countOf(finding) > 0).map((finding) => [nameOf(finding), finding]));
  if (rests.size === 0) return base;
  return base.map((finding) => {
    const counterpart = rests.get(nameOf(finding));
    const isAsMany = counterpart !== undefined && countOf(finding) >= countOf(counterpart);
    return isAsMany ? { ...finding, key: counterpart.key } : finding;
  });
}

const NOT_JUDGED: PolicyProblem = { file: undefined, line: undefined, message: "The engine left it out." };

function describeBroken({ file, line, message }: PolicyProblem, manifest: Manifest): RawFinding {
  const { kind, name } = manifest.resource;
  const said = `A policy could not judge this ${kind}: ${message}`;
  const found = findIn(manifest, { rule: BROKEN_POLICY, level: "error", path: [], message: said });
  return file === undefined
    ? found
    : { ...found, file, line, message: `This policy could not judge the ${kind} ${name}: ${message}` };
}
