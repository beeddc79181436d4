import { printPolicyRules, printPolicyTests, printRule, type ListedRule } from "./cli/print-policy.ts";
import type { PolicyOutput, PolicyRequest } from "./cli/policy-command.ts";
import { nearestName } from "./config/nearest-name.ts";
import { findRuleConfig, type PolicyConfig } from "./config/index.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { UsageError, type Tree } from "./model/index.ts";
import { openWorkbench, type Surroundings } from "./open-workbench.ts";
import { loadConfig, NO_HISTORY } from "./pipeline/load-config.ts";
import { readPolicyFiles } from "./pipeline/read-policy-files.ts";
import type { LoadedRego, PolicyEngine, RegoSource } from "./pipeline/policy-ports.ts";
import { makeBaseline, refusePolicies } from "./policy-baseline.ts";
import { BUILT_IN_RULES, levelOfPolicy, levelOfRule } from "./policy/index.ts";

/** Time that the unit tests of a policy set may take. */
const TEST_LIMITS = { seconds: 120, answers: 200 };

/**
 * Lists rules, explains one, or runs the unit tests of policies, as the files of the work tree (or of a commit) have
 * them. Rejects with a UsageError for a rule that is not there and for policies that do not compile.
 */
export async function policyDoor(surroundings: Surroundings, request: PolicyRequest): Promise<PolicyOutput> {
  const repository = await openRepository(request.repo);
  const isBaseline = request.action === "baseline";
  const bench = openWorkbench(surroundings, repository, isBaseline ? { cache: true } : { cache: false, jobs: 1 });
  try {
    const tree = await openFiles(repository, request.ref);
    const loaded = await loadConfig(tree, NO_HISTORY);
    const { config } = loaded;
    if (request.action === "baseline") return await makeBaseline(bench, repository.name, tree, loaded);
    if (request.action === "test") return await runTests(tree, config.policy, bench.policyEngine, request.width);
    const rules = await collectRules(tree, config.policy, bench.policyEngine);
    const environments = config.environments.map(({ name }) => name);
    if (request.action === "list") {
      const { format, width } = request;
      const layout = { format, width, isAdmissionJudged: config.policy.admission };
      return { text: printPolicyRules(rules, layout), exitCode: 0 };
    }
    const rule = chooseRule(rules, request.rule, config.policy);
    const said = { environments, exceptions: config.policy.exceptions, file: config.file };
    return { text: printRule(rule, config.policy, said, request.width), exitCode: 0 };
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

async function openFiles(repository: Repository, ref: string | undefined): Promise<Tree> {
  if (ref !== undefined) return repository.openTree((await repository.resolveRef(ref)).tree);
  return repository.openTree(await repository.worktreeTree());
}

async function collectRules(tree: Tree, config: PolicyConfig, engine: PolicyEngine): Promise<readonly ListedRule[]> {
  const builtIn = [...BUILT_IN_RULES.values()].map((rule): ListedRule => {
    const { id, title, why, fix, link } = rule;
    return {
      id,
      title,
      why,
      fix,
      link,
      source: "built-in",
      level: levelOfRule(rule, config, undefined),
      said: undefined,
    };
  });
  const rego = await loadRego(tree, config, engine);
  const own = (rego?.loaded.rules ?? []).map(({ id, kind, file, line, title, description }): ListedRule => {
    const level = levelOfPolicy(id, kind === "warn" ? "warning" : "error", config, undefined);
    const source = `${file}:${line}`;
    return { id, title: title ?? "", why: description ?? "", fix: "", link: "", source, level, said: undefined };
  });
  return [...builtIn, ...own].map((rule) => ({ ...rule, said: findRuleConfig(config, rule.id) }));
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

function chooseRule(rules: readonly ListedRule[], id: string, config: PolicyConfig): ListedRule {
  const found = rules.find((rule) => rule.id === id) ?? describeAdmission(id, config);
  if (found !== undefined) return found;
  const ofPackage = rules.filter((rule) => rule.id.startsWith(`${id}/`)).map((rule) => rule.id);
  if (ofPackage.length > 0) throw new UsageError(`"${id}" is a package; its rules are ${ofPackage.join(", ")}`);
  const near = nearestName(
    id,
    rules.map((rule) => rule.id),
  );
  const hint = near === undefined ? "; `drydock policy list` names them" : `; did you mean ${near}?`;
  throw new UsageError(`there is no rule "${id}"${hint}`);
}

/** What the API server would refuse by is not listed: finding it takes a render of everything. */
function describeAdmission(id: string, config: PolicyConfig): ListedRule | undefined {
  const isCrdRule = id === "crd-rule";
  const known = isCrdRule ? CRD_RULES : ADMISSION_POLICIES.get(id.slice(0, id.indexOf("/")));
  if (known === undefined) return undefined;
  return {
    ...{ id, ...known, fix: "What its message says: it is the policy's own.", source: "objects of the repository" },
    why: "The cluster would refuse the object, or warn.",
    level: levelOfPolicy(id, "error", config, undefined),
    said: findRuleConfig(config, id),
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
