import type { JudgedCheckName } from "../model/index.ts";
import type { RuleProblem } from "./find-rule-problems.ts";
import type { ParsedLabels } from "./label-schema.ts";
import { quoteText } from "./read-yaml.ts";

/** Names of labels as templates, by family; undefined for a family that is off. */
export interface LabelsConfig {
  readonly environment: string | undefined;
  readonly risk: string | undefined;
  readonly state: string | undefined;
  /** Of merged pull requests alone. What agents act on is the default branch's to say, as are `previews`. */
  readonly merged: string | undefined;
  readonly previews: readonly PreviewLabel[];
}

/** A label that an agent deploys a preview by. */
export interface PreviewLabel {
  readonly label: string;
  /** Empty for every change that deploys. */
  readonly environments: readonly string[];
  /** All of them have to pass. */
  readonly checks: readonly JudgedCheckName[];
  readonly drafts: boolean;
}

export const NO_LABELS: LabelsConfig = {
  ...{ environment: undefined, risk: undefined, state: undefined, merged: undefined, previews: [] },
};

export function buildLabels({ environment, risk, state, merged, previews }: ParsedLabels): LabelsConfig {
  return {
    ...{ environment: orNone(environment), risk: orNone(risk), state: orNone(state), merged: orNone(merged) },
    previews,
  };
}

function orNone(template: string): string | undefined {
  return template === "off" ? undefined : template;
}

/** Labels that agents tell by their names: one name that says two things says neither. GitHub ignores case. */
export function findLabelProblems(
  { environment, state, merged, previews }: ParsedLabels,
  environments: readonly string[],
): readonly RuleProblem[] {
  const expand = (template: string): readonly string[] =>
    template === "off" ? [] : environments.map((name) => template.replaceAll("{environment}", () => name));
  const states = ["ready", "blocked", "overridden"].map((word) => state.replaceAll("{state}", () => word));
  const taken = new Set([...expand(environment), ...expand(merged), ...states].map((name) => name.toLowerCase()));
  const isSame = merged !== "off" && merged.toLowerCase() === environment.toLowerCase();
  const known = new Set<string>();
  const twice = previews.flatMap(({ label }, index) => {
    const name = label.toLowerCase();
    const isTaken = taken.has(name) || known.has(name);
    known.add(name);
    if (!isTaken) return [];
    return [
      { path: ["labels", "previews", index, "label"], message: `${quoteText(label)} says something else already` },
    ];
  });
  const unknown = previews.flatMap((preview, index) =>
    preview.environments.flatMap((name, at) => {
      if (environments.includes(name)) return [];
      const path = ["labels", "previews", index, "environments", at];
      return [{ path, message: `there is no environment ${quoteText(name)}` }];
    }),
  );
  return [
    ...(isSame
      ? [
          {
            path: ["labels", "merged"],
            message: "open pull requests have the labels of labels.environment; name others",
          },
        ]
      : []),
    ...twice,
    ...unknown,
  ];
}
