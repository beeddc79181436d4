import { quoteName } from "../model/index.ts";
import type { OpenedRego } from "./open-policies.ts";

/** Policies in Rego of which no rule has a name that counts compile, and judge nothing: that has to be said. */
export function noteIdleRego({ set, loaded }: Pick<OpenedRego, "set" | "loaded">): readonly string[] {
  if (set === undefined || loaded === undefined || loaded.rules.length > 0) return [];
  const files = set.source.modules.map(({ file }) => file).filter((file) => !file.endsWith("_test.rego"));
  const [first, ...others] = files;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const of = set.source.namespaces === undefined ? "" : ", in the packages of policy.rego.namespaces,";
  return [
    `Nothing is judged by ${quoteName(first)}${more}: no rule there${of} is called deny, warn or violation, or begins with one of them and "_".`,
  ];
}
