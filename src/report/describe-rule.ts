import type { RegoRule } from "../model/index.ts";
import { BUILT_IN_RULES } from "../policy/index.ts";

export interface RuleDescription {
  /** A few words, as a heading. */
  readonly title: string;
  /** One or two sentences: what the rule means and what to do. */
  readonly help: string;
  /** Why it matters and what to do, where the two are known apart: built-in rules of policy. */
  readonly why?: string;
  readonly fix?: string;
  /** Where to read more: upstream's own documentation. */
  readonly link?: string;
  /** `file:line` of the policy that says it. */
  readonly place?: string;
}

/** What the ids of findings stand for. */
export type DescribeRule = (id: string) => RuleDescription;

/** Every rule that a finding or a failure can have. `docs/findings.md` says more of each; a test holds the two together. */
const RULES: ReadonlyMap<string, RuleDescription> = new Map(
  Object.entries({
    schema: rule(
      "Not valid by its schema",
      "The object does not fit the schema of its kind, so the cluster would refuse it or drop the field. Correct the field that is named.",
    ),
    "schema-missing": rule(
      "No schema known",
      "No schema is known for this kind and version, so it could not be validated. Correct the apiVersion, add the CustomResourceDefinition, or name a schema location in the config.",
    ),
    "crd-schema": rule(
      "CustomResourceDefinition refused",
      "The schema of a CustomResourceDefinition does not compile, so the cluster would refuse it and its objects cannot be checked. Correct the place that is named.",
    ),
    "missing-identity": rule(
      "No apiVersion, kind or name",
      "Something that is deployed has no apiVersion, kind or name, and the cluster would refuse it. Add what is missing.",
    ),
    "duplicate-key": rule(
      "Duplicate key",
      "One mapping sets the same key twice; only the last one takes effect. Remove the other.",
    ),
    "duplicate-resource": rule(
      "Duplicate resource",
      "Two objects of one app have the same kind, namespace and name; one overwrites the other. Rename or remove one.",
    ),
    "idle-patch": rule(
      "Patch without effect",
      "The target of a kustomize patch selects nothing, so the patch does nothing. Correct the target, or remove the patch.",
    ),
    "invalid-name": rule("Name refused", "Kubernetes refuses this name. Choose one that fits the rules of its kind."),
    "invalid-namespace": rule("Namespace refused", "There can be no namespace of this name. Choose another."),
    "ignored-namespace": rule(
      "Namespace ignored",
      "The object lives in no namespace, so the one it names is ignored. Remove metadata.namespace.",
    ),
    "invalid-label": rule("Label refused", "Kubernetes refuses the key or the value of this label. Correct it."),
    "invalid-annotation": rule(
      "Annotation refused",
      "Kubernetes refuses the key of this annotation, or the annotations are too large together. Correct it.",
    ),
    "secret-encoding": rule(
      "Secret data that is no base64",
      "A value under data of a Secret is no base64, and the cluster refuses the Secret. Encode it, or move it to stringData.",
    ),
    "embedded-syntax": rule(
      "File in a ConfigMap not readable",
      "A ConfigMap carries a JSON or YAML file that is not valid. Correct it at the line that is named.",
    ),
    "api-removed": rule(
      "API removed",
      "This API version does not exist in the target Kubernetes version. Move to the version that replaced it.",
    ),
    "api-removed-next": rule(
      "API removed in the next version",
      "The next Kubernetes version no longer has this API. Move to the version that replaces it before the upgrade.",
    ),
    "api-deprecated": rule(
      "API deprecated",
      "This API version goes away in a later Kubernetes version. Move to the version that replaces it.",
    ),
    "crd-removed": rule(
      "Definition removed while in use",
      "A CustomResourceDefinition is removed while objects of its kind remain; the cluster deletes them with it. Remove the objects too, or keep the definition.",
    ),
    config: rule(
      "Config invalid",
      "The change leaves .github/drydock.yaml invalid. Correct the line that is named; `drydock config validate` checks it.",
    ),
    "crd-rule": rule(
      "Rule of a CustomResourceDefinition broken",
      "A validation rule (CEL) of the resource's definition does not hold, so the cluster would refuse it. Change what the message names.",
    ),
    "policy-broken": rule(
      "Policy that cannot be used",
      "A policy does not compile, takes too long or cannot be evaluated. What it would have said is unknown, so nothing passes. Mend it at the line that is named.",
    ),
    "failure/render": rule(
      "App does not render",
      "The app's own files cannot be rendered. Correct what the message names.",
    ),
    "failure/schema-compile": rule(
      "Schema does not compile",
      "A schema in the repository or the config is itself invalid. Correct the schema.",
    ),
    "failure/outside-repository": rule(
      "Path leaves the repository",
      "A path or link leads out of the repository or in a circle. Keep inputs inside the repository.",
    ),
    "failure/remote-input": rule(
      "Remote input not fetched",
      "A base, chart, schema or values file would have to be fetched. Vendor it, or accept it in the config.",
    ),
    "failure/missing-dependency": rule(
      "Chart dependency missing",
      "A dependency of the chart is not in its charts/ directory. Vendor it, or accept it in the config.",
    ),
    "failure/submodule": rule("Input in a submodule", "An input lies in a git submodule, which is not read."),
    "failure/lfs": rule("Input in Git LFS", "An input is a Git LFS pointer; its content is not in the repository."),
    "failure/plugin": rule(
      "Plugin not run",
      "The app needs a plugin or function. Plugins are never run on the content of a pull request.",
    ),
    "failure/limit": rule("Limit exceeded", "Rendering the app took more time, memory or output than is allowed."),
    "failure/engine": rule(
      "Engine failed",
      "The engine itself failed on this app. This is a fault of Drydock; please report it.",
    ),
  }),
);

/** The ids of all rules: findings by their own, failures as `failure/<kind>`. */
export const RULE_IDS: readonly string[] = [...RULES.keys()];

function rule(title: string, help: string): RuleDescription {
  return { title, help };
}

const GENERIC_HELP = "The message of each result says what to do.";

/** Knows the rules of the repository's own policies beside Drydock's. An id without a text of its own reads as its words. */
export function describeRules(policies: readonly RegoRule[]): DescribeRule {
  const own = new Map(policies.map((policy) => [policy.id, policy]));
  return (id) => {
    const policy = own.get(id);
    return RULES.get(id) ?? describeBuiltIn(id) ?? (policy === undefined ? describeId(id) : describePolicy(policy));
  };
}

function describeBuiltIn(id: string): RuleDescription | undefined {
  const found = BUILT_IN_RULES.get(id);
  if (found === undefined) return undefined;
  const { title, link } = found;
  const [why, fix] = [withQuotes(found.why), withQuotes(found.fix)];
  return { title, help: `${why} ${fix}`, why, fix, link };
}

/** Names stand in backticks there, which most formats show as they are. */
function withQuotes(text: string): string {
  return text.replaceAll("`", '"');
}

function describePolicy({ id, title, description, file, line }: RegoRule): RuleDescription {
  const place = `${file}:${line}`;
  const said = description ?? GENERIC_HELP;
  const why = description === undefined ? {} : { why: description };
  return { title: title ?? describeId(id).title, help: `${said} The policy is ${place}.`, place, ...why };
}

/** The kinds of policies whose rules are called by their names, by the first part of the rule. */
const ADMISSION_KINDS: ReadonlyMap<string, string> = new Map([
  ["vap", "ValidatingAdmissionPolicy"],
  ["kyverno", "ValidatingPolicy of Kyverno"],
]);

function describeId(id: string): RuleDescription {
  const [family, name, last] = splitId(id);
  if (family === "org" && last !== "") {
    return { title: `Policy ${name} of the organisation, rule ${last}`, help: GENERIC_HELP };
  }
  if (family === "rego" && last !== "") return { title: `Policy ${name}, rule ${last}`, help: GENERIC_HELP };
  const kind = ADMISSION_KINDS.get(family);
  if (kind !== undefined) {
    const help = `The ${kind} of this name would have the cluster refuse it. ${GENERIC_HELP}`;
    return { title: `Admission policy ${id.slice(family.length + 1)}`, help };
  }
  const words = id.replaceAll(/[-_/]+/gu, " ").trim();
  const title = words === "" ? "Finding" : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return { title, help: `${title}. ${GENERIC_HELP}` };
}

/** `rego/main/deny_latest` → `rego`, `main`, `deny_latest`. */
function splitId(id: string): readonly [family: string, name: string, last: string] {
  const [family = "", ...rest] = id.split("/");
  const last = rest.length > 1 ? (rest.pop() ?? "") : "";
  return [family, rest.join("/"), last];
}
