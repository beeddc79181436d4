import { raiseToFloor, type RepositoryConfig } from "../config/index.ts";
import { ORGANIZATION_REPOSITORY, type OrganizationGap, type Tree } from "../model/index.ts";
import { BUILT_IN_RULES } from "../policy/index.ts";
import { CONFIG_FILE, loadConfig, type ConfigHistory, type LoadedConfig } from "./load-config.ts";

/**
 * Where an organization's rules come from: the tip of the default branch of its `.github` repository. A bundle pinned by
 * its digest would be another kind; it needs nothing but a tree.
 */
export interface RuleSource {
  readonly kind: "repository";
  /** `acme/.github` */
  readonly name: string;
  readonly tree: Tree;
}

export interface LoadedOrganization {
  readonly kind: "loaded";
  readonly source: RuleSource;
  readonly config: LoadedConfig;
}

/** What an organization says, as a door has read it. */
export interface OrganizationRules {
  /** `acme/.github` */
  readonly name: string;
  /** Without them nothing passes. */
  readonly isRequired: boolean;
  readonly said: LoadedOrganization | OrganizationGap;
}

/** The rules that count beside the repository's own. */
export interface GoverningRules {
  readonly source: RuleSource;
  readonly config: RepositoryConfig;
}

/** What a check goes by, with the organization's rules over the repository's. */
export interface GovernedConfig extends LoadedConfig {
  /** What the repository itself says. */
  readonly own: RepositoryConfig;
  readonly organization: GoverningRules | undefined;
  /** Title of the outcome that stands instead of a pass. */
  readonly obstacle: string | undefined;
}

/** Where `acme/config` would have the rules of its organization; undefined for that repository itself. */
export function nameOrganizationRepository(repository: string): string | undefined {
  const [name = "", ...owner] = repository.split("/").reverse();
  if (name.toLowerCase() === ORGANIZATION_REPOSITORY) return undefined;
  return [ORGANIZATION_REPOSITORY, ...owner].reverse().join("/");
}

/** A file of the organization as reports name it: `acme/.github:policy/images.rego`. */
export function nameOrganizationFile({ name }: Pick<RuleSource, "name">, path: string): string {
  return `${name}:${path}`;
}

/** As `loadConfig`, of an organization: a tip without the file says nothing. */
export async function readOrganization(source: RuleSource, history: ConfigHistory): Promise<OrganizationRules["said"]> {
  const file = nameOrganizationFile(source, CONFIG_FILE);
  const config = await loadConfig(source.tree, history, { file, subject: `The config of ${source.name}` });
  const isAbsent = config.text === undefined && !config.isNeverValid;
  return isAbsent ? { kind: "absent", what: "file" } : { kind: "loaded", source, config };
}

/** Lays the organization's rules over what the repository says; the stricter of both counts. */
export function governConfig(own: LoadedConfig, rules: OrganizationRules | undefined): GovernedConfig {
  if (rules === undefined) return { ...own, own: own.config, organization: undefined, obstacle: undefined };
  const { said } = rules;
  if (said.kind !== "loaded" || said.config.isNeverValid) return withoutRules(own, rules);
  const { source, config: floor } = said;
  const raised = raiseToFloor(own.config, floor.config, BUILT_IN_RULES);
  return {
    ...own,
    config: raised.config,
    text: JSON.stringify([floor.text, own.text]),
    notes: [...own.notes, ...floor.notes, ...raised.notes],
    own: own.config,
    organization: { source, config: floor.config },
    obstacle: undefined,
  };
}

/** A config of the same repository under the same rules, such as the one that a change brings. */
export function raiseConfig(config: RepositoryConfig, { organization }: GovernedConfig): RepositoryConfig {
  return organization === undefined ? config : raiseToFloor(config, organization.config, BUILT_IN_RULES).config;
}

/** Where they are required, a repository that only advises does not pass for it: whether it may is not known. */
function withoutRules(own: LoadedConfig, { name, said, isRequired }: OrganizationRules): GovernedConfig {
  const told = said.kind === "loaded" ? said.config.notes : [];
  const [problem, remedy] = describeGap(name, said);
  const without = { ...own, own: own.config, organization: undefined, obstacle: undefined };
  if (!isRequired) {
    const isKnownToBe = said.kind === "loaded" || said.kind === "unreadable";
    const notes = isKnownToBe ? [...told, `${problem}; this was judged without the rules of the organisation.`] : [];
    return { ...without, notes: [...own.notes, ...notes] };
  }
  const note = `${problem}. The rules of the organisation are required here, so that nothing passes without them: ${remedy}.`;
  return {
    ...without,
    config: { ...own.config, mode: "enforce" },
    notes: [note, ...told, ...own.notes],
    obstacle: "Could not be checked: the organisation's rules",
  };
}

/** What is wrong, and what to do about it. */
function describeGap(name: string, said: OrganizationRules["said"]): readonly [problem: string, remedy: string] {
  const file = nameOrganizationFile({ name }, CONFIG_FILE);
  switch (said.kind) {
    case "loaded":
      return [`${file} has never been valid`, `mend that file`];
    case "absent":
      return said.what === "file"
        ? [`${file} is not there`, `add it, with no more than "version: 1" if need be`]
        : [`There is no repository ${name}`, `add it, with ${CONFIG_FILE}`];
    case "not-installed":
      return said.isSeen
        ? [`The App is not installed on ${name}`, `add that repository to the App's installation`]
        : [`The App sees no repository ${name}`, `add it to the App's installation, or make it first`];
    case "unreadable":
      return [`${name} could not be read: ${said.why}`, `let the App read that repository`];
    default:
      return said satisfies never;
  }
}
