import { noteIdleRego } from "./note-idle-rego.ts";
import { createPatience } from "./policy-patience.ts";
import type { PolicyException, RepositoryConfig } from "../config/index.ts";
import type {
  App,
  AppId,
  FindingException,
  JudgedFinding,
  KubernetesVersion,
  PullRequestFacts,
  RegoRule,
} from "../model/index.ts";
import {
  approversOf,
  findException,
  fromOrganizationRule,
  holdOf,
  isOrganizationRule,
  toOrganizationRule,
  type BuiltInRule,
  type ExceptionFacts,
} from "../policy/index.ts";
import type { FindingMarks } from "../judge/index.ts";
import { findCrd, type AppJudge, type SideFacts, type VersionFacts } from "./app-judge.ts";
import {
  BROKEN_POLICY,
  checkOfRule,
  createPolicyJudge,
  type AdmissionSet,
  type PolicyJudge,
  type PolicySets,
} from "./judge-policies.ts";
import { noteUnapplied } from "./admission-kinds.ts";
import { claimedIn } from "./find-claimants.ts";
import { offerersIn } from "./find-partners.ts";
import { openAdmission, openRego, type OpenedRego, type PolicyOpening } from "./open-policies.ts";
import { locateProblems } from "./locate-problems.ts";
import { openBaseline, type OpenedBaseline } from "./open-baseline.ts";
import { nameOrganizationFile, type GoverningRules } from "./organization.ts";
import { noteMissingRules } from "./note-missing-rules.ts";
import type { PolicyEngine } from "./policy-ports.ts";
import { holdersOf, type PolicySide, type PolicySides } from "./policy-sides.ts";
import type { Store } from "./ports.ts";
import { recordOf } from "./survey.ts";

/** What judging by policies needs beside the trees. */
export interface PolicyServices {
  readonly rules: ReadonlyMap<string, BuiltInRule>;
  readonly policyEngine: PolicyEngine;
  readonly store: Store;
  /** Changes whenever answers to the same inputs may change. */
  readonly build: string;
  readonly config: RepositoryConfig;
  /** Whose policies are judged by beside the repository's own. */
  readonly organization: GoverningRules | undefined;
  readonly judge: AppJudge;
  readonly pickKubernetes: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly versionFacts: (asked: KubernetesVersion | undefined) => VersionFacts;
  readonly pullRequest: PullRequestFacts | undefined;
  /** Today in UTC, `2027-01-31`: exceptions expire. */
  readonly today: string;
  /** Whether a member of the team has approved an exception that the change adds. */
  readonly isExceptionApproved: ExceptionFacts["isApproved"];
}

export interface PreparedPolicies {
  readonly judge: PolicyJudge;
  /** Policies that cannot be used, each on its line. Whatever else is found: with one of them nothing passes. */
  readonly broken: readonly JudgedFinding[];
  /** The rules of all policies in Rego. */
  readonly rules: readonly RegoRule[];
  /** What is wrong with the base's policies, also where the change mends them. */
  readonly ofBase: Pick<OpenedPolicies, "rego" | "problems">;
  /** Sentences about the policies themselves. */
  readonly notes: readonly string[];
  /** Which findings of policies exceptions take, and which the baseline knows. */
  readonly marks: FindingMarks;
  readonly baseline: OpenedBaseline;
}

/** The policies that both sides are judged by, opened. */
export interface OpenedPolicies {
  readonly rego: OpenedRego;
  readonly base: AdmissionSet | undefined;
  readonly head: AdmissionSet | undefined;
  readonly problems: readonly BrokenPolicy[];
  /** Sentences about policies that judge nothing, or are not applied. */
  readonly notes: readonly string[];
}

/**
 * Opens the organization's policies, apart from the repository's: no package, no data and no file of one can take the
 * place of the other's.
 */
async function openOrganization({
  organization,
  store,
  build,
  policyEngine,
}: PolicyServices): Promise<OpenedOrganization> {
  if (organization === undefined) return { set: undefined, rules: [], broken: [], notes: [] };
  const { source, config } = organization;
  const opening: PolicyOpening = { tree: source.tree, config: config.policy, engine: policyEngine, store, build };
  const { set, loaded, problems } = await openRego(opening, (path) => nameOrganizationFile(source, path));
  return {
    set: set === undefined ? undefined : { rego: set, config: config.policy },
    rules: (loaded?.rules ?? []).map((rule) => ({ ...rule, id: toOrganizationRule(rule.id) })),
    broken: describeBroken(problems).map((finding) => ({
      ...finding,
      help: `Nothing passes while a policy of the organisation is broken. Mend it in ${source.name}.`,
    })),
    notes: noteIdleRego({ set, loaded }),
  };
}

/** Nothing where the repository's policies are not known: one of them may be meant. */
function noteMissing(
  organization: GoverningRules | undefined,
  own: OpenedRego,
  rules: readonly RegoRule[],
): readonly string[] {
  if (organization === undefined || own.problems.length > 0) return [];
  return noteMissingRules(organization, {
    organization: rules.map(({ id }) => fromOrganizationRule(id)),
    repository: (own.loaded?.rules ?? []).map(({ id }) => id),
  });
}

interface OpenedOrganization {
  readonly set: PolicySets["organization"];
  readonly rules: readonly RegoRule[];
  readonly broken: readonly JudgedFinding[];
  readonly notes: readonly string[];
}

/** Opens the policies of one side, with what each side brings for judging by them. */
export async function openFrom(
  from: PolicySide,
  sides: PolicySides,
  judged: readonly AppId[],
  services: PolicyServices,
): Promise<OpenedPolicies> {
  const { config, store, build, policyEngine } = services;
  const opening: PolicyOpening = { tree: from.facts.tree, config: config.policy, engine: policyEngine, store, build };
  const rego = await openRego(opening);
  const manifests = await from.readHolders();
  // What bindings name as parameters is theirs.
  const looked = [...judged, ...holdersOf(from.survey).map(({ app }) => app.id)];
  const [base, head] = [
    await openAdmission({ manifests, crds: usedCrds(sides.base, looked) }, opening),
    await openAdmission({ manifests, crds: usedCrds(sides.head, looked) }, opening),
  ];
  const problems = [
    ...rego.problems,
    ...(await locateProblems(base.problems, from, services.judge)),
    ...(await locateProblems(head.problems, from, services.judge)),
  ];
  const notes = [...noteIdleRego(rego), ...(config.policy.admission ? noteUnapplied(manifests) : [])];
  return { rego, base: base.set, head: head.set, problems, notes };
}

/** The CRDs that these apps use: a repository may have hundreds of others. */
function usedCrds({ survey, facts }: PolicySide, apps: readonly AppId[]): ReadonlyMap<string, string> {
  const used = new Set(apps.flatMap((id) => recordOf(survey, id)?.uses ?? []));
  return new Map([...facts.crds].filter(([key]) => used.has(key)));
}

/**
 * Opens the policies of the base, so that a change is not judged by what it brings. Where those are broken and the
 * change mends them, it is judged by its own: nothing could ever mend them otherwise. `judged` are the apps to judge.
 */
export async function preparePolicies(
  sides: PolicySides,
  judged: readonly AppId[],
  added: readonly PolicyException[],
  services: PolicyServices,
  headConfig: RepositoryConfig | undefined,
): Promise<PreparedPolicies> {
  const { config } = services;
  const ofBase = await openFrom(sides.base, sides, judged, services);
  const mending = { ...services, config: withRegoOf(headConfig, config) };
  const ofHead = ofBase.problems.length === 0 ? ofBase : await openFrom(sides.head, sides, judged, mending);
  const isMended = ofBase.problems.length > 0 && ofHead.problems.length === 0;
  const opened = isMended ? ofHead : ofBase;
  const { rego, problems } = opened;
  const organization = await openOrganization(services);
  const judge = createJudge(sides, opened, services, organization.set);
  const facts = exceptionFacts(added, services);
  const isPolicy = (rule: string): boolean => checkOfRule(rule) === "policy" && rule !== BROKEN_POLICY;
  const baseline = await openBaseline(
    config.policy.baseline,
    { base: sides.base.facts.tree, head: sides.head.facts.tree },
    // It is the repository's, and nobody approves it: what the organisation's floor holds it cannot make known.
    (rule) => isPolicy(rule) && facts.holdOf(rule) === undefined,
  );
  return {
    ...{ judge, ofBase, rules: [...(rego.loaded?.rules ?? []), ...organization.rules] },
    broken: [...organization.broken, ...describeBroken([...problems, ...baseline.problems])],
    notes: [
      ...(isMended ? ["The policies on the base are broken. This change mends them and is judged by its own."] : []),
      ...organization.notes,
      ...noteMissing(services.organization, rego, organization.rules),
      ...opened.notes,
      ...baseline.notes,
    ],
    baseline,
    marks: {
      exceptionFor: createExceptionFinder(judge, facts, isPolicy, services),
      // The repository does not say what of the organization's is known.
      isKnown: (finding, ...rest) => !isOrganizationRule(finding.rule) && baseline.baseline.isKnown(finding, ...rest),
    },
  };
}

/** Where policies are is the head's to mend; how they count stays the base's. */
function withRegoOf(head: RepositoryConfig | undefined, config: RepositoryConfig): RepositoryConfig {
  return head === undefined ? config : { ...config, policy: { ...config.policy, rego: head.policy.rego } };
}

/** Exceptions from the organization's policies are those of its own config, and of no repository's. */
function createExceptionFinder(
  judge: PolicyJudge,
  facts: ExceptionFacts,
  isPolicy: (rule: string) => boolean,
  services: PolicyServices,
): FindingMarks["exceptionFor"] {
  const { organization } = services;
  const governing = organization && exceptionFacts([], { ...services, config: organization.config });
  return (finding, app): FindingException | undefined => {
    const said = { ...finding, apps: [app] };
    if (!isOrganizationRule(finding.rule)) {
      return isPolicy(finding.rule) ? findException(said, facts, judge.annotationFor(said)) : undefined;
    }
    if (governing === undefined) return undefined;
    return findException({ ...said, rule: fromOrganizationRule(finding.rule) }, governing, undefined);
  };
}

/** What one call of an engine may take, and what calls that end in nothing may take in all apps together. */
const SECONDS = 30;

/** Judges both sides by policies that were opened with them, and by the organization's if there are any. */
export function createJudge(
  sides: PolicySides,
  { rego, base, head }: OpenedPolicies,
  services: PolicyServices,
  organization?: PolicySets["organization"],
): PolicyJudge {
  const { config, store, build, policyEngine } = services;
  return createPolicyJudge({
    ...{ config: config.policy, rules: services.rules, engine: policyEngine, store, build },
    ...{ pullRequest: services.pullRequest, today: services.today },
    limits: { seconds: SECONDS, answers: 200, patience: createPatience(SECONDS) },
    sets: { rego: rego.set, organization, admission: { base, head } },
    claimed: { base: claimedIn(sides.base.survey), head: claimedIn(sides.head.survey) },
    offerers: { base: offerersIn(sides.base.survey), head: offerersIn(sides.head.survey, sides.base.survey) },
    kubernetesOf: (app) => services.pickKubernetes(askedVersion(app, sides)),
    describeKind: (group, kind) => describeKind(group, kind, sides.head.facts, services),
  });
}

export function exceptionFacts(
  added: readonly PolicyException[],
  { config, rules, today, isExceptionApproved }: PolicyServices,
): ExceptionFacts {
  return {
    standing: config.policy.exceptions,
    ...{ added, today, file: config.file, isApproved: isExceptionApproved },
    approversOf: (rule) => approversOf(config.policy, rule),
    holdOf: (rule) => holdOf(config.policy, rule, rules),
  };
}

function askedVersion({ id }: App, { base, head }: PolicySides): KubernetesVersion | undefined {
  return (recordOf(head.survey, id) ?? recordOf(base.survey, id))?.askedVersion;
}

/** A kind that nothing is known of is taken to be namespaced, as most are. */
function describeKind(
  group: string,
  kind: string,
  { crds }: SideFacts,
  { versionFacts, store }: PolicyServices,
): { plural: string; isNamespaced: boolean } {
  const crd = findCrd(group, kind, crds, store);
  if (crd !== undefined) return { plural: crd.plural, isNamespaced: crd.isNamespaced };
  return { plural: pluralOf(kind), isNamespaced: versionFacts(undefined).scope(group, kind) !== "cluster" };
}

/** As the API's own kinds are called in the plural, and most others: of these no definition says another name. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === "endpoints") return name;
  if (name.endsWith("s") || name.endsWith("x") || name.endsWith("ch")) return `${name}es`;
  return name.endsWith("y") && !/[aeiou]y$/u.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

export interface BrokenPolicy {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly message: string;
}

export function describeBroken(problems: readonly BrokenPolicy[]): readonly JudgedFinding[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].map(({ file, line, message }) => ({
    rule: BROKEN_POLICY,
    check: "policy",
    level: "error",
    message: `This policy cannot be used: ${message}`,
    resource: undefined,
    path: [],
    location: file === undefined ? undefined : { file, line, endLine: undefined, column: undefined },
    isRendered: false,
    help: "While a policy is broken, nothing passes. Mend it in a change of its own.",
    isNew: true,
    apps: [],
  }));
}
