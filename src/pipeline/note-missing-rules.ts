import { BUILT_IN_RULES, checkPolicyNames } from "../policy/index.ts";
import { CONFIG_FILE } from "./load-config.ts";
import { nameOrganizationFile, type GoverningRules } from "./organization.ts";

/**
 * Rules in Rego that an organization's config names and that are not there, each in a sentence: neither in its own
 * policies nor in the repository's. Only those of its own packages: what it says of others may be meant for the policies
 * of another repository. All names are as the config has them, `rego/<package>/<rule>`.
 */
export function noteMissingRules(
  { source, config: { policy } }: GoverningRules,
  known: { readonly organization: readonly string[]; readonly repository: readonly string[] },
): readonly string[] {
  const packages = new Set(known.organization.map(packageOf));
  const isOwn = (rule: string): boolean => packages.has(packageOf(rule));
  const missing = checkPolicyNames(
    {
      rules: new Map([...policy.rules].filter(([rule]) => isOwn(rule))),
      exceptions: policy.exceptions.filter(({ rule }) => isOwn(rule)),
    },
    {
      builtIn: [...BUILT_IN_RULES.keys()],
      rego: [...known.organization, ...known.repository],
      admission: undefined,
    },
  );
  return missing.map(({ line, message }) => `${nameOrganizationFile(source, CONFIG_FILE)}:${line}: ${message}`);
}

function packageOf(rule: string): string {
  return rule.slice(0, rule.lastIndexOf("/"));
}
