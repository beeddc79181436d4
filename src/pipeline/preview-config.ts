import { describeFreeze, printSection, readRepositoryConfig, type RepositoryConfig } from "../config/index.ts";
import type { AppId, Tree } from "../model/index.ts";
import { findEmptyEnvironments } from "./find-empty-environments.ts";
import { describePolicyChange } from "./describe-policy-change.ts";
import { describeRuleChange } from "./describe-rule-change.ts";
import { CONFIG_FILE, readTextFile } from "./load-config.ts";
import { raiseConfig, type GovernedConfig } from "./organization.ts";
import { discoverTree } from "./survey.ts";

/** Ids named in a sentence; the rest are counted. */
const NAMED = 5;

/**
 * Says what the config that a change brings would mean once it is on the base: which apps come, go or are rendered
 * another way, which other parts differ, and which environments nothing would be in. Empty when the change leaves the config alone or breaks it (that is a
 * finding). `config` is the one that this check goes by.
 */
export async function previewConfig(
  baseTree: Tree,
  headTree: Tree,
  config: GovernedConfig,
): Promise<readonly string[]> {
  const [before, after] = [await readTextFile(baseTree, CONFIG_FILE), await readTextFile(headTree, CONFIG_FILE)];
  if (before === after) return [];
  const reading = readRepositoryConfig(after, CONFIG_FILE);
  if (reading.kind === "invalid") return [];
  const brought = raiseConfig(reading.config, config);
  const now = define(await discoverTree(headTree, config.config));
  const discovered = await discoverTree(headTree, brought);
  const then = define(discovered);
  const apps = [
    listApps(
      "app would be added",
      "apps would be added",
      [...then.keys()].filter((id) => !now.has(id)),
    ),
    listApps(
      "app would be gone",
      "apps would be gone",
      [...now.keys()].filter((id) => !then.has(id)),
    ),
    listApps(
      "app would be rendered another way",
      "apps would be rendered another way",
      [...then.keys()].filter((id) => now.has(id) && now.get(id) !== then.get(id)),
    ),
  ].filter((part) => part !== undefined);
  const parts = [...apps, ...describeSections(config.config, brought, apps.length > 0)];
  const meaning = parts.length === 0 ? "no app and no rule would differ" : parts.join("; ");
  const empty = await findEmptyEnvironments(reading.config.rules.environments, discovered.apps, headTree);
  return [
    `This change edits ${CONFIG_FILE}, which counts once it is on the base: ${meaning}.`,
    ...empty.slice(0, NAMED).map(({ line, name }) => describeEmpty(line, name)),
  ];
}

function describeEmpty(line: number, name: string): string {
  return `${CONFIG_FILE}:${line}: nothing is in the environment ${name}: it has no branch, no app its name, and its paths match nothing. Its rules count for no change.`;
}

function define({ apps, kubernetesVersions }: DefinedApps): ReadonlyMap<AppId, string> {
  // Where an app is declared says nothing about what is rendered.
  return new Map(
    apps.map((app) => [app.id, JSON.stringify([{ ...app, declaredIn: "" }, kubernetesVersions.get(app.id)])]),
  );
}

type DefinedApps = Pick<Awaited<ReturnType<typeof discoverTree>>, "apps" | "kubernetesVersions">;

function listApps(one: string, many: string, ids: readonly AppId[]): string | undefined {
  if (ids.length === 0) return undefined;
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  return `${ids.length} ${ids.length === 1 ? one : many} (${ids.slice(0, NAMED).join(", ")}${more})`;
}

type Section = Exclude<keyof RepositoryConfig, "version" | "file" | "written">;

/** What tells of a section that differs: what apps make of it, its name, or words. One that is forgotten does not compile. */
const TOLD: { readonly [S in Section]: "by apps" | "by name" | "in words" } = {
  include: "by apps",
  exclude: "by apps",
  strict: "by name",
  apps: "by apps",
  drops: "by apps",
  helm: "by apps",
  environments: "by apps",
  kubernetes: "by name",
  accept: "by name",
  rules: "in words",
  commands: "by name",
  freeze: "in words",
  policy: "in words",
  mode: "by name",
  comment: "by name",
  review: "by name",
  checks: "by name",
  labels: "by name",
  merge: "by name",
  limits: "by name",
};

/** The sections that differ, but for those of which the apps that differ tell. */
function describeSections(before: RepositoryConfig, after: RepositoryConfig, doAppsDiffer: boolean): readonly string[] {
  const differing = (Object.keys(TOLD) as Section[]).filter(
    (key) => printSection(before[key]) !== printSection(after[key]),
  );
  const told = differing.flatMap((key): readonly string[] => {
    if (key === "policy") return describePolicyChange(before.policy, after.policy);
    if (key === "rules") return describeRuleChange(before.rules, after.rules);
    if (key === "freeze") {
      return [
        `the stop of everything would be ${describeFreeze(after.freeze)} instead of ${describeFreeze(before.freeze)}`,
      ];
    }
    // Entries of `apps` with `drop` are a list of their own.
    const name = key === "drops" ? "apps" : key;
    if (TOLD[key] === "by name") return [`"${name}" would differ`];
    return doAppsDiffer ? [] : [`"${name}" would differ, and no app with it`];
  });
  return [...new Set(told)];
}
