import { quoteName } from "../model/index.ts";
import { nearestName, type PolicyConfig } from "../config/index.ts";
import type { RuleConfigProblem } from "./check-rule-config.ts";

/** The rules that one tree has; undefined where they cannot be known, and then no name of that sort is wrong. */
export interface KnownRules {
  readonly builtIn: readonly string[];
  /** `rego/<package>/<name>` */
  readonly rego: readonly string[] | undefined;
  /** `vap/<policy>`, `kyverno/<policy>` */
  readonly admission: readonly string[] | undefined;
}

/**
 * Rules that the config names and that the tree does not have: policies in Rego and on the way into a cluster under `rules`, and
 * all of `exceptions`, where a misspelt one would take nothing without a word. Built-in ones under `rules` are told by
 * `checkRuleConfig`.
 */
export function checkPolicyNames(
  { rules, exceptions }: Pick<PolicyConfig, "rules" | "exceptions">,
  { builtIn, rego, admission }: KnownRules,
): readonly RuleConfigProblem[] {
  const exact = ["crd-rule", ...builtIn, ...(rego ?? []), ...(admission ?? [])];
  const packages = (rego ?? []).map((id) => id.slice(0, id.lastIndexOf("/")));
  const groups = new Set(["rego", "vap", "kyverno", ...packages.flatMap(listPrefixes)]);
  const isUnknown = (id: string): boolean => {
    if (/^rego(?:\/|$)/u.test(id) && rego === undefined) return false;
    if (/^(?:vap|kyverno)(?:\/|$)/u.test(id) && admission === undefined) return false;
    return !exact.includes(id);
  };
  const ofRules = [...rules].flatMap(([id, { line }]) => {
    const isOfPolicy = /^(?:rego|vap|kyverno)(?:\/|$)/u.test(id);
    return isOfPolicy && !groups.has(id) && isUnknown(id) ? [describe(id, line, [...exact, ...packages])] : [];
  });
  const ofExceptions = exceptions.flatMap(({ rule, line }) => (isUnknown(rule) ? [describe(rule, line, exact)] : []));
  return [...ofRules, ...ofExceptions];
}

/** `rego/main` and `rego` of `rego/main`: a level can be given to all rules below. */
function listPrefixes(id: string): readonly string[] {
  const parts = id.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function describe(id: string, line: number, known: readonly string[]): RuleConfigProblem {
  const near = nearestName(id, known);
  const hint = near === undefined ? "" : ` Did you mean ${quoteName(near)}?`;
  return { line, message: `There is no rule ${quoteName(id)}.${hint}` };
}
