import type { Glob } from "./glob.ts";
import { narrowCommands } from "./command-rules.ts";
import { raiseRules } from "./floor-rules.ts";
import { raisePolicy } from "./floor-policy.ts";
import {
  floorsOwn,
  raiseKey,
  raiseKeys,
  type PresetsOfRules,
  type Raised,
  type RaisedSection,
  type Sides,
} from "./raise-key.ts";
import type { DeclaredApp, EnvironmentConfig, RepositoryConfig } from "./repository.ts";

/** Notes that one section may take; the rest are counted. */
const MOST_NOTES = 5;

/**
 * The config of a repository under the organisation's floor, which is a file of the same schema. What the floor writes
 * is the least that counts, section by section; what it leaves out leaves the repository free, and it never loosens.
 * Each place where the repository goes below it gives one short note. `builtIn` says what presets make of rules: for
 * the notes alone, since levels are raised where they are asked. Raising twice changes nothing more.
 */
export function raiseToFloor(
  config: RepositoryConfig,
  floor: RepositoryConfig,
  builtIn: PresetsOfRules = new Map(),
): Raised<RepositoryConfig, "config"> {
  const notes: string[] = [];
  const raise = <S extends Section>(section: S): RepositoryConfig[S] => {
    const raised = SECTIONS[section]({ own: config, floor, builtIn });
    notes.push(...shorten(section, raised.notes));
    return raised.value;
  };
  return {
    config: {
      ...{ version: config.version, file: config.file, written: config.written },
      ...{ include: raise("include"), exclude: raise("exclude"), strict: raise("strict") },
      ...{ apps: raise("apps"), drops: raise("drops"), helm: raise("helm") },
      ...{ environments: raise("environments"), kubernetes: raise("kubernetes"), accept: raise("accept") },
      ...{ rules: raise("rules"), commands: raise("commands"), freeze: raise("freeze") },
      ...{ policy: raise("policy"), mode: raise("mode"), comment: raise("comment"), review: raise("review") },
      ...{ checks: raise("checks"), labels: raise("labels"), merge: raise("merge") },
      limits: raise("limits"),
    },
    notes,
  };
}

type Section = Exclude<keyof RepositoryConfig, "version" | "file" | "written">;

/** What stricter means, by section. One that is added to the config and forgotten here does not compile. */
const SECTIONS: { readonly [S in Section]: RaisedSection<S> } = {
  include: (sides) => raiseKey(sides, "include", ({ include }) => include, joinGlobs, describeGlobs),
  exclude: (sides) => raiseKey(sides, "exclude", ({ exclude }) => exclude, commonGlobs, describeGlobs),
  strict: (sides) =>
    raiseKey(
      sides,
      "strict",
      ({ strict }) => strict,
      (own, floor) => own || floor,
    ),
  apps: raiseApps,
  drops: raiseDrops,
  helm: ({ own, floor }) => ({
    value: own.helm,
    notes: floor.written.has("helm") ? [NOT_TAKEN("helm", "how charts are released is the repository's to say")] : [],
  }),
  environments: raiseEnvironments,
  kubernetes: raiseKubernetes,
  accept: raiseAccept,
  rules: raiseRules,
  commands: raiseCommands,
  freeze: ({ own }) => ({
    value: own.freeze,
    notes: own.written.has("freeze") ? ["freeze: it counts in the organisation's own file alone"] : [],
  }),
  policy: raisePolicy,
  mode: (sides) =>
    raiseKey(
      sides,
      "mode",
      ({ mode }) => mode,
      (own, floor) => (floor === "enforce" ? floor : own),
    ),
  comment: (sides) =>
    raiseKeys(sides, "comment", {
      enabled: (own, floor) => own || floor,
      max: Math.max,
    }),
  review: (sides) =>
    raiseKeys(sides, "review", {
      findings: (own, floor) => laterOf(["off", "errors", "all"], own, floor),
      renderedDiffs: (own, floor) => laterOf(["off", "risky", "all"], own, floor),
    }),
  checks: (sides) => raiseKeys(sides, "checks", { annotations: Math.max }),
  labels: (sides) => {
    return raiseKeys(sides, "labels", {
      ...{ environment: floorsOwn, risk: floorsOwn, state: floorsOwn, merged: floorsOwn },
      // What the organisation lets agents preview, and no more.
      previews: (_own, floor) => floor,
    });
  },
  merge: (sides) =>
    raiseKeys(sides, "merge", {
      whenReady: (own, floor) => own && floor,
      method: (_own, floor) => floor,
    }),
  // More of the machine for one app is what a repository may not take.
  limits: (sides) =>
    raiseKeys(sides, "limits", { seconds: Math.min, outputMiB: Math.min, files: Math.min, documents: Math.min }),
};

const NOT_TAKEN = (key: string, why: string): string => `${key}: the organisation's floor is not taken here; ${why}`;

function shorten(section: string, notes: readonly string[]): readonly string[] {
  if (notes.length <= MOST_NOTES) return notes;
  const more = notes.length - MOST_NOTES;
  return [...notes.slice(0, MOST_NOTES), `${section}: ${more} more under the organisation's floor`];
}

/** The one that comes later in a list from the weakest to the strictest. */
function laterOf<T extends string>(order: readonly T[], left: T, right: T): T {
  return order.indexOf(left) < order.indexOf(right) ? right : left;
}

/** What the floor looks at is looked at. */
function joinGlobs(own: readonly Glob[], floor: readonly Glob[]): readonly Glob[] {
  return own.some(({ pattern }) => pattern === "**") ? own : [...own, ...without(floor, own)];
}

/** No more is left alone than the floor leaves. */
function commonGlobs(own: readonly Glob[], floor: readonly Glob[]): readonly Glob[] {
  const allowed = new Set(floor.map(({ pattern }) => pattern));
  return own.filter(({ pattern }) => allowed.has(pattern));
}

function without(globs: readonly Glob[], others: readonly Glob[]): readonly Glob[] {
  const known = new Set(others.map(({ pattern }) => pattern));
  return globs.filter(({ pattern }) => !known.has(pattern));
}

function describeGlobs(globs: readonly Glob[]): string {
  const shown = globs.slice(0, 3).map(({ pattern }) => pattern);
  return globs.length === 0 ? "nothing" : `${shown.join(", ")}${globs.length > 3 ? ", …" : ""}`;
}

/** An app in a folder that the floor gives an environment has that one, whatever its declaration says. */
function raiseApps({ own, floor }: Sides): Raised<RepositoryConfig["apps"]> {
  const notes: string[] = floor.apps.length > 0 ? [NOT_TAKEN("apps", "apps belong to one repository")] : [];
  const value = own.apps.map((app): DeclaredApp => {
    const given = floor.environments.find(({ paths }) => placesOf(app).some((place) => isWithin(place, paths)));
    if (app.environment === undefined || given === undefined || given.name === app.environment) return app;
    notes.push(
      `apps: ${app.environment} for ${app.path || "."} is not what the organisation's floor says (${given.name})`,
    );
    return { ...app, environment: given.name };
  });
  return { value, notes };
}

function placesOf({ path, values = [] }: DeclaredApp): readonly string[] {
  const inside = values.filter((file) => !file.split("/").includes(".."));
  return [path, ...inside.map((file) => (path === "" ? file : `${path}/${file}`))];
}

function isWithin(path: string, globs: readonly Glob[]): boolean {
  const names = path.split("/");
  return names.some((_, index) => globs.some((glob) => glob.matches(names.slice(0, index + 1).join("/"))));
}

/** No more is dropped than the floor drops, where it writes `apps`. */
function raiseDrops({ own, floor }: Sides): Raised<RepositoryConfig["drops"]> {
  if (!floor.written.has("apps")) return { value: own.drops, notes: [] };
  const allowed = new Set(floor.drops.map(({ apps }) => apps.pattern));
  const value = own.drops.filter(({ apps }) => allowed.has(apps.pattern));
  const kept = new Set(value);
  const refused = own.drops.filter((drop) => !kept.has(drop));
  const notes = refused.map(
    ({ apps }) => `apps: drop ${apps.pattern} is not in the organisation's floor; it drops nothing`,
  );
  return { value, notes };
}

/** The floor's come first, so that what it names belongs to them; those of the repository take what is left. */
function raiseEnvironments({ own, floor }: Sides): Raised<RepositoryConfig["environments"]> {
  const notes: string[] = [];
  const first = floor.environments.map((environment): EnvironmentConfig => {
    const said = own.environments.find(({ name }) => name === environment.name);
    if (said === undefined) return environment;
    const { kubernetesVersion = said.kubernetesVersion } = environment;
    if (said.kubernetesVersion !== undefined && said.kubernetesVersion !== kubernetesVersion) {
      const key = `environments.${said.name}.kubernetesVersion`;
      notes.push(
        `${key}: the organisation's floor says ${kubernetesVersion ?? "none"}, not ${said.kubernetesVersion}; it counts`,
      );
    }
    return { ...said, kubernetesVersion, paths: [...environment.paths, ...without(said.paths, environment.paths)] };
  });
  const named = new Set(floor.environments.map(({ name }) => name));
  return { value: [...first, ...own.environments.filter(({ name }) => !named.has(name))], notes };
}

/** Neither of two versions is stricter than the other. Of two schemas for one kind, the floor's is found first. */
function raiseKubernetes(sides: Sides): Raised<RepositoryConfig["kubernetes"]> {
  const { value, notes } = raiseKeys(sides, "kubernetes", {
    version: floorsOwn,
    schemaLocations: (own) => own,
    missingSchema: (own, floor) => laterOf(["off", "notice", "warning", "error"], own, floor),
  });
  const locations = [...sides.floor.kubernetes.schemaLocations, ...value.schemaLocations];
  return { value: { ...value, schemaLocations: [...new Set(locations)] }, notes };
}

function raiseCommands({ own, floor }: Sides): Raised<RepositoryConfig["commands"]> {
  const value = narrowCommands(own.commands, floor.commands, floor.written.has("commands.shortForms"));
  const lost = own.commands.shortForms.filter((name) => !value.shortForms.includes(name));
  const note = `commands.shortForms: the organisation's floor leaves ${lost.join(", ")} to other bots; it counts`;
  return { value, notes: lost.length === 0 ? [] : [note] };
}

/** An app may stay unchecked where both say so. */
function raiseAccept({ own, floor }: Sides): Raised<RepositoryConfig["accept"]> {
  if (!floor.written.has("accept")) return { value: own.accept, notes: [] };
  const notes: string[] = [];
  const value = own.accept.flatMap((entry) => {
    const allowed = floor.accept.filter(({ reason }) => reason === entry.reason);
    if (allowed.some(({ apps }) => [entry.apps.pattern, "*", "**"].includes(apps.pattern))) return [entry];
    const said = `accept: ${entry.reason} of ${entry.apps.pattern}`;
    notes.push(
      allowed.length === 0
        ? `${said} is not in the organisation's floor; it accepts nothing`
        : `${said} counts only for apps of which the organisation's floor accepts it`,
    );
    if (allowed.length === 0) return [];
    const matches = (id: string): boolean => entry.apps.matches(id) && allowed.some(({ apps }) => apps.matches(id));
    return [{ ...entry, apps: { pattern: entry.apps.pattern, matches } }];
  });
  return { value, notes };
}
