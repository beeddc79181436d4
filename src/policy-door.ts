import { printPolicyRules, printPolicyTests, printRule, type ListedRule } from "./cli/print-policy.ts";
import type { PolicyOutput, PolicyRequest } from "./cli/policy-command.ts";
import { nearestName } from "./config/nearest-name.ts";
import { findRuleConfig, type PolicyConfig, type RuleConfig, type RuleLevel } from "./config/index.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { UsageError, type Level, type Tree } from "./model/index.ts";
import { openWorkbench, type Surroundings } from "./open-workbench.ts";
import { withOrganization } from "./organization-door.ts";
import { loadConfig, NO_HISTORY } from "./pipeline/load-config.ts";
import { governConfig, type GovernedConfig } from "./pipeline/organization.ts";
import { readPolicyFiles } from "./pipeline/read-policy-files.ts";
import type { LoadedRego, PolicyEngine, RegoSource } from "./pipeline/policy-ports.ts";
import { listAdmissionRules, makeBaseline, refusePolicies, type AskedTree } from "./policy-baseline.ts";
import { BUILT_IN_RULES, levelOfPolicy, levelOfRule } from "./policy/index.ts";

/** Time that the unit tests of a policy set may take. */
const TEST_LIMITS = { seconds: 120, answers: 200 };

/**
 * Lists rules, explains one, or runs the unit tests of policies, as the files of the work tree (or of a commit) have
 * them. Rejects with a UsageError for a rule that is not there and for policies that do not compile.
 */
export async function policyDoor(surroundings: Surroundings, request: PolicyRequest): Promise<PolicyOutput> {
  const repository = await openRepository(request.repo);
  // What takes a render of everything is remembered, as checks remember it.
  const isRendered = request.action === "baseline" || (request.action === "explain" && isAdmissionRule(request.rule));
  const bench = openWorkbench(surroundings, repository, isRendered ? { cache: true } : { cache: false, jobs: 1 });
  try {
    const tree = await openFiles(repository, request.ref);
    const loaded = await loadConfig(tree, NO_HISTORY);
    return await withOrganization(request.organization, repository, (organization) =>
      answer(request, { bench, repository: repository.name, tree, loaded, organization }),
    );
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

async function answer(request: PolicyRequest, asked: AskedTree): Promise<PolicyOutput> {
  const { bench, tree, loaded, organization } = asked;
  if (request.action === "baseline") return await makeBaseline(asked);
  const { policy } = loaded.config;
  if (request.action === "test") return await runTests(tree, policy, bench.policyEngine, request.width);
  const governed = governConfig(loaded, organization);
  const rules = await collectRules(tree, governed, bench.policyEngine);
  const notice = governed.obstacle === undefined ? {} : { notice: `${governed.notes[0] ?? ""}\n` };
  if (request.action === "list") {
    const { format, width } = request;
    const layout = { format, width, isAdmissionJudged: governed.config.policy.admission };
    return { text: printPolicyRules(rules, layout), exitCode: 0, ...notice };
  }
  const rule = isAdmissionRule(request.rule)
    ? await findAdmission(request.rule, governed, asked)
    : chooseRule(rules, request.rule, governed);
  const { exceptions } = governed.config.policy;
  return { text: printRule(rule, { exceptions, file: governed.config.file }, request.width), exitCode: 0, ...notice };
}

async function openFiles(repository: Repository, ref: string | undefined): Promise<Tree> {
  if (ref !== undefined) return repository.openTree((await repository.resolveRef(ref)).tree);
  return repository.openTree(await repository.worktreeTree());
}

async function collectRules(
  tree: Tree,
  governed: GovernedConfig,
  engine: PolicyEngine,
): Promise<readonly ListedRule[]> {
  const builtIn = [...BUILT_IN_RULES.values()].map((rule): ListedRule => {
    const { id, title, why, fix, link } = rule;
    const levels = readLevels(id, governed, (config, environment) => levelOfRule(rule, config, environment));
    return { ...{ id, title, why, fix, link }, source: "built-in", ...levels };
  });
  const rego = await loadRego(tree, governed.config.policy, engine);
  const own = (rego?.loaded.rules ?? []).map(({ id, kind, file, line, title, description }): ListedRule => {
    const source = `${file}:${line}`;
    const levels = readPolicyLevels(id, kind === "warn" ? "warning" : "error", source, governed);
    return { id, title: title ?? "", why: description ?? "", fix: "", link: "", source, ...levels };
  });
  return [...builtIn, ...own];
}

type Levels = Pick<ListedRule, "level" | "environments" | "levelSource" | "said">;

function readPolicyLevels(id: string, natural: Level, source: string, governed: GovernedConfig): Levels {
  return readLevels(id, governed, (config, environment) => levelOfPolicy(id, natural, config, environment), source);
}

/** The levels that count, with who says the one outside of environments: the floor where it raises what is said here. */
function readLevels(
  id: string,
  { config: { policy, file }, own }: GovernedConfig,
  levelIn: (config: PolicyConfig, environment: string | undefined) => RuleLevel,
  natural = `preset ${own.policy.preset}`,
): Levels {
  const [said, held] = [policy, policy.floor].map((config) => config && findRuleConfig(config, id));
  const level = levelIn(policy, undefined);
  const ofFloor = policy.floor !== undefined && level !== levelIn(own.policy, undefined) ? policy.floor : undefined;
  const place = (name: string, rule: RuleConfig | undefined, otherwise: string): string =>
    rule === undefined ? otherwise : `${name}:${rule.line}`;
  const names = [said, held].flatMap((rule) => [...(rule?.environments.keys() ?? [])]);
  return {
    ...{ level, said },
    environments: new Map(names.map((name) => [name, levelIn(policy, name)])),
    levelSource:
      ofFloor === undefined
        ? place(file, said, natural)
        : `the organisation's floor, ${place(ofFloor.file, held, `preset ${ofFloor.preset} of ${ofFloor.file}`)}`,
  };
}

interface OwnPolicies {
  readonly source: RegoSource;
  readonly loaded: LoadedRego;
}

/** Undefined where there are no policies in Rego. Rejects with a UsageError that lists what does not compile. */
async function loadRego(tree: Tree, config: PolicyConfig, engine: PolicyEngine): Promise<OwnPolicies | undefined> {
  const { source, problems } = await readPolicyFiles(tree, config.rego);
  if (problems.length > 0) return refusePolicies(problems);
  if (source.modules.length === 0) return undefined;
  const loaded = await engine.loadRego(source);
  return loaded.problems.length > 0 ? refusePolicies(loaded.problems) : { source, loaded };
}

function chooseRule(rules: readonly ListedRule[], id: string, governed: GovernedConfig): ListedRule {
  const found = rules.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  if (id === "crd-rule") return describeAdmission(id, CRD_RULES, governed);
  const ofPackage = rules.filter((rule) => rule.id.startsWith(`${id}/`)).map((rule) => rule.id);
  if (ofPackage.length > 0) throw new UsageError(`"${id}" is a package; its rules are ${ofPackage.join(", ")}`);
  const near = nearestName(
    id,
    rules.map((rule) => rule.id),
  );
  const hint = near === undefined ? "; `drydock policy list` names them" : `; did you mean ${near}?`;
  throw new UsageError(`there is no rule "${id}"${hint}`);
}

function isAdmissionRule(id: string): boolean {
  return ADMISSION_POLICIES.has(id.split("/", 1).join()) && id.includes("/");
}

/** A policy that an app of the tree brings. Rejects with a UsageError that names those that are there. */
async function findAdmission(id: string, governed: GovernedConfig, asked: AskedTree): Promise<ListedRule> {
  const { names, isWhole } = await listAdmissionRules(asked);
  const described = ADMISSION_POLICIES.get(id.split("/", 1).join());
  if (names.includes(id) && described !== undefined) return describeAdmission(id, described, governed);
  const known = [...new Set(names)].sort();
  const more = known.length > NAMED ? ` and ${known.length - NAMED} more` : "";
  const hint =
    known.length === 0
      ? "; no app of the repository brings a policy"
      : `; there are ${known.slice(0, NAMED).join(", ")}${more}`;
  const doubt = isWhole ? "" : ". Apps that do not render may bring others";
  throw new UsageError(`there is no rule "${id}"${hint}${doubt}`);
}

/** Policies named where one is not there. */
const NAMED = 10;

/** What the API server would refuse by, in the words that all policies of a kind have. */
function describeAdmission(
  id: string,
  described: Pick<ListedRule, "title" | "link">,
  governed: GovernedConfig,
): ListedRule {
  const source = "objects of the repository";
  return {
    ...{ id, ...described, fix: "What its message says: it is the policy's own.", source },
    why: "The cluster would refuse the object, or warn.",
    ...readPolicyLevels(id, "error", source, governed),
  };
}

const KUBERNETES_DOCS = "https://kubernetes.io/docs";
const CRD_RULES = {
  title: "Validation rules of CustomResourceDefinitions",
  link: `${KUBERNETES_DOCS}/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules`,
};
/** Policies that are objects of the repository, by what their rules begin with. */
const ADMISSION_POLICIES = new Map([
  [
    "vap",
    {
      title: "A ValidatingAdmissionPolicy",
      link: `${KUBERNETES_DOCS}/reference/access-authn-authz/validating-admission-policy/`,
    },
  ],
  [
    "kyverno",
    { title: "A ValidatingPolicy of Kyverno", link: "https://kyverno.io/docs/policy-types/validating-policy/" },
  ],
]);

async function runTests(tree: Tree, config: PolicyConfig, engine: PolicyEngine, width: number): Promise<PolicyOutput> {
  const rego = await loadRego(tree, config, engine);
  const tests = rego === undefined ? [] : await engine.testRego(rego.source, TEST_LIMITS);
  const hasFailed = tests.some(({ result }) => result === "failed" || result === "errored");
  return { text: printPolicyTests(tests, config.rego.paths, width), exitCode: hasFailed ? 1 : 0 };
}
