import type { EnvironmentRules } from "../config/index.ts";
import type { EnvironmentFacts } from "../model/index.ts";
import { isExcepted } from "./read-calendar.ts";
import { describeWhose, isAllowed } from "./judge-approvals.ts";

/** Labels that let a pull request pass windows of one environment, by who set them. */
export interface WeighedLabels {
  /** Labels that count. */
  readonly labels: readonly string[];
  /** Why others do not, plain sentences. */
  readonly remarks: readonly string[];
}

/**
 * A label counts when somebody set it who may approve in the environment, or where nobody is named for that, who can
 * write. Whoever may triage, a bot or a workflow can set one too, and who set one that no event told of is not known
 * (T54).
 */
export function weighLabels({ windows, approvals }: EnvironmentRules, facts: EnvironmentFacts): WeighedLabels {
  const named = facts.pullRequest.labels.filter((label) => windows.some((window) => isExcepted(window, [label])));
  const weighed = named.map((label) => ({ label, ...weigh(label, approvals, facts) }));
  return {
    labels: weighed.flatMap(({ label, answer }) => (answer === "yes" ? [label] : [])),
    remarks: weighed.flatMap(({ label, why }) =>
      why === undefined ? [] : [`The label ${label} lets nothing pass: ${why}.`],
    ),
  };
}

interface WeighedLabel {
  readonly answer: "yes" | "no" | "unknown";
  readonly why?: string;
}

function weigh(
  label: string,
  rules: EnvironmentRules["approvals"],
  { labelers, people }: EnvironmentFacts,
): WeighedLabel {
  const setter = labelers.find((one) => one.label === label.toLowerCase())?.actor;
  if (setter === undefined) return { answer: "no", why: "nobody knows who set it; take it off and set it again" };
  if (setter.type !== "User") return { answer: "no", why: `${setter.login}, who set it, is no person` };
  const answer = isAllowed(
    setter,
    people.find(({ id }) => id === setter.id),
    rules,
  );
  if (answer === "yes") return { answer };
  if (answer === "unknown") return { answer, why: `GitHub does not tell what ${setter.login}, who set it, may do` };
  return { answer, why: `${setter.login}, who set it, is not among ${describeWhose(rules) || "those who can write"}` };
}
