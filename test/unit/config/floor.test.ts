import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  printSection,
  raiseToFloor,
  readRepositoryConfig,
  type ApprovalRules,
  type EnvironmentRules,
  type PolicyPreset,
  type RepositoryConfig,
  type RuleLevel,
} from "../../../src/config/index.ts";
import {
  approversOf,
  BUILT_IN_RULES,
  holdOf,
  levelOfPolicy,
  levelOfRule,
  optionsOf,
} from "../../../src/policy/index.ts";

import { decideEnvironments } from "../../../src/environments/index.ts";
import type { RuleResult } from "../../../src/model/index.ts";
import { makeFacts } from "../../fakes/environment-facts.ts";

const FLOOR_FILE = "octo/.github: .github/drydock.yaml";

function read(text: string, file = ".github/drydock.yaml"): RepositoryConfig {
  const reading = readRepositoryConfig(`version: 1\n${text}`, file);
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  return reading.config;
}

function raise(own: string, floor: string): ReturnType<typeof raiseToFloor> {
  return raiseToFloor(read(own), read(floor, FLOOR_FILE), BUILT_IN_RULES);
}

function levelOf(config: RepositoryConfig, id: string, environment?: string): RuleLevel {
  const rule = BUILT_IN_RULES.get(id);
  return rule === undefined
    ? levelOfPolicy(id, "error", config.policy, environment)
    : levelOfRule(rule, config.policy, environment);
}

function optionOf(config: RepositoryConfig, id: string, name: string): readonly string[] | undefined {
  const rule = BUILT_IN_RULES.get(id);
  assert.ok(rule !== undefined);
  return optionsOf(config.policy, rule).get(name);
}

describe("a floor that writes nothing", () => {
  it("leaves the repository as it is, and says nothing, whatever its defaults are", () => {
    const own = [
      "mode: advise\nstrict: false\nlimits: { seconds: 600 }\ncomment: { enabled: false }",
      "exclude: [apps]\napps: [{ drop: '*' }]\naccept: [{ apps: '*', reason: render }]",
      "policy: { preset: none, admission: false, baseline: known.json, rules: { image-tag: off } }",
    ].join("\n");
    const { config, notes } = raise(own, "");
    const { floor, ...policy } = config.policy;
    assert.deepEqual(notes, []);
    assert.deepEqual(JSON.stringify({ ...config, policy }), JSON.stringify(read(own)));
    assert.equal(floor?.preset, "none");
    assert.equal(levelOf(config, "credential"), "off");
  });
});

describe("single values under the floor", () => {
  const table: readonly [own: string, floor: string, pick: (config: RepositoryConfig) => unknown, value: unknown][] = [
    ["mode: advise", "mode: enforce", ({ mode }) => mode, "enforce"],
    ["mode: enforce", "mode: advise", ({ mode }) => mode, "enforce"],
    ["strict: false", "strict: true", ({ strict }) => strict, true],
    ["strict: true", "strict: false", ({ strict }) => strict, true],
    ["limits: { seconds: 600 }", "limits: { seconds: 90 }", ({ limits }) => limits.seconds, 90],
    ["limits: { seconds: 5 }", "limits: { seconds: 90 }", ({ limits }) => limits.seconds, 5],
    ["comment: { enabled: false }", "comment: { enabled: true }", ({ comment }) => comment.enabled, true],
    ["comment: { enabled: false }", "comment: { max: 2 }", ({ comment }) => comment.enabled, false],
    ["review: { findings: off }", "review: { findings: errors }", ({ review }) => review.findings, "errors"],
    ["review: { renderedDiffs: all }", "review: { renderedDiffs: risky }", ({ review }) => review.renderedDiffs, "all"],
    ["checks: { annotations: 0 }", "checks: { annotations: 50 }", ({ checks }) => checks.annotations, 50],
    ["labels: { risk: r }", "labels: { risk: 'risk/{risk}' }", ({ labels }) => labels.risk, "risk/{risk}"],
    ["labels: { risk: r }", "labels: { risk: off }", ({ labels }) => labels.risk, "r"],
    ['kubernetes: { version: "1.36" }', 'kubernetes: { version: "1.34" }', (c) => c.kubernetes.version, "1.34"],
    [
      "kubernetes: { missingSchema: off }",
      "kubernetes: { missingSchema: warning }",
      (c) => c.kubernetes.missingSchema,
      "warning",
    ],
    [
      "kubernetes: { schemaLocations: [a] }",
      "kubernetes: { schemaLocations: [b] }",
      (c) => c.kubernetes.schemaLocations.join(),
      "b,a",
    ],
    ["policy: { preset: none }", "policy: { preset: baseline }", ({ policy }) => policy.preset, "baseline"],
    ["policy: { preset: strict }", "policy: { preset: baseline }", ({ policy }) => policy.preset, "strict"],
    ["policy: { admission: false }", "policy: { admission: true }", ({ policy }) => policy.admission, true],
    ["policy: { creators: [a/B] }", "policy: { creators: [c/D] }", ({ policy }) => policy.creators.join(), "c/D,a/B"],
  ];
  for (const [own, floor, pick, value] of table) {
    it(`${own} under ${floor} is ${String(value)}`, () => assert.equal(pick(raise(own, floor).config), value));
  }

  it("are noted where the repository writes what does not count, and not where a default is raised", () => {
    const floor = "mode: enforce\nlimits: { seconds: 30 }\nlabels: { risk: 'risk/{risk}' }";
    assert.deepEqual(raise("mode: advise\nlimits: { seconds: 600 }\nlabels: { risk: r }", floor).notes, [
      "mode: advise is below the organisation's floor (enforce); the floor counts",
      "labels.risk: r is not what the organisation's floor says (risk/{risk}); the floor counts",
      "limits.seconds: 600 is below the organisation's floor (30); the floor counts",
    ]);
    const { config, notes } = raise("", floor);
    assert.deepEqual([config.limits.seconds, notes], [30, []]);
  });
});

describe("what is looked at, under the floor", () => {
  const patterns = (globs: RepositoryConfig["exclude"]): readonly string[] => globs.map(({ pattern }) => pattern);

  it("leaves alone only what the floor leaves alone", () => {
    const { config, notes } = raise("exclude: [vendor, apps/web]", "exclude: [vendor, fixtures]");
    assert.deepEqual(patterns(config.exclude), ["vendor"]);
    assert.deepEqual(notes, [
      "exclude: vendor, apps/web is below the organisation's floor (vendor, fixtures); the floor counts",
    ]);
  });

  it("takes in what the floor takes in", () => {
    assert.deepEqual(patterns(raise("include: [apps]", "include: [apps, clusters]").config.include), [
      "apps",
      "clusters",
    ]);
    const wide = raise('include: ["**"]', "include: [apps]");
    assert.deepEqual([patterns(wide.config.include), wide.notes], [["**"], []]);
  });

  it("drops only what the floor lets be dropped", () => {
    const own = "apps: [{ drop: 'helm:charts/play*' }, { drop: '*' }]";
    const { config, notes } = raise(own, "apps: [{ drop: 'helm:charts/play*' }]");
    assert.deepEqual(patterns(config.drops.map(({ apps }) => apps)), ["helm:charts/play*"]);
    assert.deepEqual(notes, ["apps: drop * is not in the organisation's floor; it drops nothing"]);
    assert.deepEqual(raise(own, "apps: []").config.drops, []);
  });

  it("gives an app the environment that the floor gives its folder", () => {
    const own = "apps: [{ path: clusters/prod/web, environment: dev }]\nenvironments: { dev: { paths: ['**'] } }";
    const { config, notes } = raise(own, "environments: { prod: { paths: [clusters/prod] } }");
    assert.deepEqual(
      config.apps.map(({ environment }) => environment),
      ["prod"],
    );
    assert.deepEqual(
      config.environments.map(({ name }) => name),
      ["prod", "dev"],
    );
    assert.deepEqual(notes, ["apps: dev for clusters/prod/web is not what the organisation's floor says (prod)"]);
  });

  it("joins an environment that both name, by the floor's version", () => {
    const own = 'environments: { prod: { paths: [live], kubernetesVersion: "1.33" } }';
    const { config, notes } = raise(
      own,
      'environments: { prod: { paths: [clusters/prod], kubernetesVersion: "1.35" } }',
    );
    const [prod] = config.environments;
    assert.deepEqual([patterns(prod?.paths ?? []), prod?.kubernetesVersion], [["clusters/prod", "live"], "1.35"]);
    assert.equal(notes.length, 1);
  });

  it("accepts a failure of the apps that both name", () => {
    const own =
      "accept: [{ apps: 'helm:*', reason: plugin }, { apps: '*', reason: lfs }, { apps: '*', reason: render }]";
    const { config, notes } = raise(own, "accept: [{ apps: '*', reason: plugin }, { apps: 'helm:*', reason: lfs }]");
    const accepts = (app: string, reason: string): boolean =>
      config.accept.some((entry) => entry.reason === reason && entry.apps.matches(app));
    assert.deepEqual(
      [accepts("helm:a", "plugin"), accepts("plain:a", "plugin"), accepts("helm:a", "lfs"), accepts("plain:a", "lfs")],
      [true, false, true, false],
    );
    assert.equal(accepts("helm:a", "render"), false);
    assert.ok(notes.includes("accept: render of * is not in the organisation's floor; it accepts nothing"));
    assert.deepEqual(raise(own, "accept: []").config.accept, []);
  });
});

describe("rules under the floor", () => {
  it("have the stricter level, and off does not undo", () => {
    const { config, notes } = raise("policy: { rules: { image-tag: off } }", "policy: { rules: { image-tag: error } }");
    assert.equal(levelOf(config, "image-tag"), "error");
    assert.deepEqual(notes, [
      "policy.rules.image-tag: off is below the organisation's floor (error); the floor counts",
    ]);
  });

  it("have it in each environment", () => {
    const own = "policy: { rules: { image-tag: { level: error, environments: { prod: notice, dev: off } } } }";
    const { config, notes } = raise(
      own,
      "policy: { rules: { image-tag: { level: off, environments: { prod: warning } } } }",
    );
    assert.deepEqual(
      [undefined, "prod", "dev"].map((environment) => levelOf(config, "image-tag", environment)),
      ["error", "warning", "off"],
    );
    assert.deepEqual(notes, [
      "policy.rules.image-tag: notice in prod is below the organisation's floor (warning); the floor counts",
    ]);
  });

  it("keep what a stricter preset of the repository makes of them", () => {
    const { config, notes } = raise(
      "policy: { preset: strict }",
      "policy: { rules: { pdb-absent: notice, image-tag: warning } }",
    );
    assert.equal(levelOf(config, "image-tag"), levelOf(read("policy: { preset: strict }"), "image-tag"));
    assert.deepEqual(notes, []);
  });

  it("cannot be switched off below a preset that the floor writes, and can below its default one", () => {
    const own = "policy: { preset: none, rules: { image-tag: off, credential: off } }";
    const written = raise(own, "policy: { preset: baseline }");
    assert.notEqual(levelOf(written.config, "image-tag"), "off");
    assert.ok(written.notes.some((note) => note.startsWith("policy.rules.image-tag: off is below")));
    assert.equal(levelOf(raise(own, "policy: { rules: { pdb-absent: error } }").config, "credential"), "off");
  });

  it("of a package count for each rule of it", () => {
    const { config } = raise(
      "policy: { rules: { rego/main/deny_root: off } }",
      "policy: { rules: { rego/main: warning } }",
    );
    assert.deepEqual(
      ["rego/main/deny_root", "rego/main/deny", "rego/other/deny"].map((id) => levelOf(config, id)),
      ["warning", "error", "error"],
    );
  });

  it("allow registries that both allow", () => {
    const rule = (allowed: string): string =>
      `policy: { rules: { image-registry: { level: error, allowed: ${allowed} } } }`;
    const allowedBy = (own: string, floor: string) =>
      optionOf(raise(rule(own), rule(floor)).config, "image-registry", "allowed");
    assert.deepEqual(allowedBy("[a.io/team, b.io]", "[a.io/, c.io]"), ["a.io/team"]);
    assert.deepEqual(allowedBy("[a.io]", "[a.io/team]"), ["a.io/team"]);
    assert.deepEqual(allowedBy("[a.io/teams]", "[a.io/team]"), ["a.io/team"]);
    assert.deepEqual(allowedBy("[]", "[a.io]"), ["a.io"]);
    assert.deepEqual(allowedBy("[a.io]", "[]"), ["a.io"]);
  });

  it("exempt what both exempt, and require what either does", () => {
    const own = "policy: { rules: { image-digest: { exempt: [b.io] }, probes-missing: { required: [] } } }";
    const held = raise(own, "policy: { rules: { image-digest: error, probes-missing: error } }");
    assert.equal(optionOf(held.config, "image-digest", "exempt"), undefined);
    assert.equal(optionOf(held.config, "probes-missing", "required"), undefined);
    assert.equal(held.notes.length, 1);
    const named = raise(own, "policy: { rules: { probes-missing: { required: [livenessProbe] } } }");
    assert.deepEqual(optionOf(named.config, "probes-missing", "required"), ["livenessProbe"]);
    assert.deepEqual(optionOf(named.config, "image-digest", "exempt"), ["b.io"]);
  });

  it("are excepted by the floor's exceptions, and by the team of the floor", () => {
    const own =
      "policy: { rules: { image-tag: { approvers: ours } }, exceptions: [{ rule: image-tag, resource: '*', reason: r }, { rule: pdb-absent, resource: '*', reason: r }] }";
    const floor =
      "policy: { rules: { image-tag: { level: error, approvers: octo/security } }, exceptions: [{ rule: host-access, resource: 'DaemonSet/*', reason: agents }] }";
    const { config, notes } = raise(own, floor);
    assert.equal(approversOf(config.policy, "image-tag"), "octo/security");
    assert.deepEqual(holdOf(config.policy, "image-tag", BUILT_IN_RULES), { approvers: "octo/security" });
    assert.equal(holdOf(config.policy, "pdb-absent", BUILT_IN_RULES), undefined);
    assert.deepEqual(
      config.policy.exceptions.map(({ rule, file }) => [rule, file]),
      [
        ["host-access", FLOOR_FILE],
        ["image-tag", undefined],
        ["pdb-absent", undefined],
      ],
    );
    assert.deepEqual(notes, [
      "policy.rules.image-tag.approvers: team octo/security of the organisation's floor approves, not ours",
      "policy.exceptions: image-tag is set by the organisation's floor; each use needs an approval of team octo/security",
    ]);
  });

  it("are noted a few at a time", () => {
    const rules = Array.from({ length: 40 }, (_, index) => `rego/p${index}: off`).join(", ");
    const floor = rules.replaceAll("off", "error");
    const { notes } = raise(`policy: { rules: { ${rules} } }`, `policy: { rules: { ${floor} } }`);
    assert.equal(notes.length, 6);
    assert.equal(notes.at(-1), "policy: 35 more under the organisation's floor");
  });
});

it("presets grow: each has the rules of the one before it, as loud at least", () => {
  const order: readonly RuleLevel[] = ["off", "notice", "warning", "error"];
  for (const { id, levels } of BUILT_IN_RULES.values()) {
    const weights = [levels.default, levels.baseline, levels.strict].map((level) => order.indexOf(level));
    assert.deepEqual(weights, weights.toSorted(), id);
  }
});

const LEVELS = ["off", "notice", "warning", "error"] as const;
const PRESETS: readonly PolicyPreset[] = ["none", "default", "baseline", "strict"];
const IDS = ["image-tag", "image-registry", "credential", "pdb-absent", "rego/main", "rego/main/deny", "vap/replicas"];
const ENVIRONMENTS = ["dev", "prod"];
const GLOBS = ["vendor", "apps/*", "**", "helm:*"];
const REGISTRIES = ["a.io", "a.io/team", "b.io"];
const APPS = ["helm:a", "plain:b"];
const REASONS = ["render", "lfs"];

const level = fc.constantFrom(...LEVELS);
const listOf = (...items: readonly string[]): fc.Arbitrary<string[]> => fc.uniqueArray(fc.constantFrom(...items));
const keys = (shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> =>
  fc.record(shape, { requiredKeys: [] });

const rule = fc.oneof(
  level,
  keys({
    level,
    environments: fc.dictionary(fc.constantFrom(...ENVIRONMENTS), level),
    approvers: fc.constantFrom("security", "platform"),
    allowed: listOf(...REGISTRIES),
  }),
);
const windowKeys = fc.record({
  name: fc.constantFrom("a", "b"),
  effect: fc.constantFrom("allow", "deny"),
  cron: fc.constantFrom("0 8 * * *", "0 0 * * 6"),
  duration: fc.constantFrom("8h", "2d"),
});
const environmentKeys = keys({
  paths: listOf(...GLOBS),
  kubernetesVersion: fc.constantFrom("1.33", "1.34"),
  ignore: listOf("*.md", "OWNERS"),
  promotion: keys({
    track: listOf("images", "charts"),
    fields: listOf("spec.replicas"),
    soak: fc.constantFrom("0m", "1h", "2d"),
  }),
  sharedChanges: fc.constantFrom("strictest", "refuse"),
  directEdits: fc.oneof(
    fc.constantFrom("allowed", "refused"),
    keys({ bots: listOf("renovate[bot]", "other[bot]"), except: listOf("docs", "keys") }),
  ),
  approvals: fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    keys({
      count: fc.integer({ min: 0, max: 2 }),
      teams: listOf("sre", "platform"),
      users: fc.constantFrom([], ["ada", "grace"]),
      codeOwners: fc.boolean(),
      excludeSuggestions: fc.boolean(),
      destructive: keys({ count: fc.integer({ min: 0, max: 2 }), teams: listOf("sre", "dba") }),
    }),
  ),
  windows: fc.array(windowKeys, { maxLength: 2 }),
  limits: keys({ apps: fc.integer({ min: 1, max: 3 }), resources: fc.integer({ min: 1, max: 3 }) }),
  locks: fc.boolean(),
});

/** Only names that are there may be named. */
function orderEnvironments(
  environments: Readonly<Record<string, unknown>>,
  [first = "", last = ""]: readonly string[],
): Readonly<Record<string, unknown>> {
  const [before, after] = [environments[first], environments[last]];
  if (before === undefined || after === undefined) return environments;
  return { ...environments, [last]: { ...after, from: [first] } };
}

/** A config as its file says it; JSON is YAML. */
const config = keys({
  mode: fc.constantFrom("enforce", "advise"),
  strict: fc.boolean(),
  include: listOf(...GLOBS),
  exclude: listOf(...GLOBS),
  apps: fc.array(fc.record({ drop: fc.constantFrom(...GLOBS) }), { maxLength: 3 }),
  environments: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...ENVIRONMENTS), environmentKeys),
      fc.constantFrom([], ["dev", "prod"], ["prod", "dev"]),
    )
    .map(([environments, order]) => orderEnvironments(environments, order)),
  changes: keys({
    pairing: fc.constantFrom("apps/{app}/overlays/{env}", "{env}/{app}"),
    environments: fc.integer({ min: 1, max: 3 }),
    apps: fc.integer({ min: 1, max: 3 }),
  }),
  branches: fc.array(
    fc.record({
      base: fc.constantFrom(["main"], ["release/*"]),
      heads: listOf("staging", "fix/*"),
      forks: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  override: keys({ teams: listOf("sre", "platform"), breakGlass: fc.boolean() }),
  bypasses: keys({ report: fc.boolean(), bots: listOf("flux[bot]", "renovate[bot]") }),
  kubernetes: keys({
    version: fc.constantFrom("1.33", "1.34"),
    schemaLocations: listOf("x", "y"),
    missingSchema: level,
  }),
  accept: fc.array(fc.record({ apps: fc.constantFrom(...GLOBS), reason: fc.constantFrom(...REASONS) }), {
    maxLength: 3,
  }),
  policy: keys({
    preset: fc.constantFrom(...PRESETS),
    admission: fc.boolean(),
    creators: listOf("a/B", "c/D"),
    rules: fc.dictionary(fc.constantFrom(...IDS), rule),
    exceptions: fc.array(
      fc.record({ rule: fc.constantFrom(...IDS), resource: fc.constant("*"), reason: fc.constant("r") }),
    ),
  }),
  comment: keys({ enabled: fc.boolean(), max: fc.integer({ min: 1, max: 10 }) }),
  review: keys({
    findings: fc.constantFrom("off", "errors", "all"),
    renderedDiffs: fc.constantFrom("off", "risky", "all"),
  }),
  commands: keys({
    shortForms: fc.constantFrom(true, false, ["hold"], ["hold", "diff"]),
    hold: keys({ role: fc.constantFrom("write", "maintain", "admin"), teams: listOf("sre", "web") }),
  }),
  checks: keys({ annotations: fc.integer({ min: 0, max: 1000 }) }),
  labels: keys({ risk: fc.constantFrom("off", "r", "s") }),
  merge: keys({ whenReady: fc.boolean(), method: fc.constantFrom("merge", "squash") }),
  limits: keys({ seconds: fc.integer({ min: 1, max: 600 }), files: fc.integer({ min: 1, max: 100 }) }),
}).map((said) => ({ said: JSON.stringify({ version: 1, ...(said as object) }) }));

function parse({ said }: { readonly said: string }, file: string): RepositoryConfig {
  const reading = readRepositoryConfig(said, file);
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  return reading.config;
}

type Section = Exclude<keyof RepositoryConfig, "version" | "file" | "written">;

const isOneOf = (order: readonly string[], value: string, least: string): boolean =>
  order.indexOf(value) >= order.indexOf(least);
const hasAll = <T>(all: readonly T[], wanted: readonly T[]): boolean => wanted.every((item) => all.includes(item));
const patternsOf = (globs: readonly { readonly pattern: string }[]): string[] => globs.map(({ pattern }) => pattern);

/** Whether a config is not looser than a floor, by section: what the floor writes of it, and no more, is compared. */
const HOLDS: { readonly [S in Section]: (raised: RepositoryConfig, floor: RepositoryConfig) => boolean } = {
  include: ({ include }, floor) =>
    !floor.written.has("include") ||
    hasAll(patternsOf(include), patternsOf(floor.include)) ||
    patternsOf(include).includes("**"),
  exclude: ({ exclude }, floor) =>
    !floor.written.has("exclude") || hasAll(patternsOf(floor.exclude), patternsOf(exclude)),
  strict: ({ strict }, floor) => !floor.written.has("strict") || strict || !floor.strict,
  apps: () => true,
  drops: ({ drops }, floor) =>
    !floor.written.has("apps") ||
    hasAll(patternsOf(floor.drops.map(({ apps }) => apps)), patternsOf(drops.map(({ apps }) => apps))),
  helm: () => true,
  environments: ({ environments }, floor) =>
    floor.environments.every(({ name, paths, kubernetesVersion }, index) => {
      const own = environments[index];
      return (
        own?.name === name &&
        hasAll(patternsOf(own.paths), patternsOf(paths)) &&
        (kubernetesVersion === undefined || own.kubernetesVersion === kubernetesVersion)
      );
    }),
  rules: (raised, floor) => areRulesHeld(raised, floor) && raised.rules.freeze === floor.freeze,
  commands: ({ commands }, floor) =>
    (!floor.written.has("commands.shortForms") || hasAll(floor.commands.shortForms, commands.shortForms)) &&
    [...floor.commands.limits].every(([name, { role, teams }]) => {
      const own = commands.limits.get(name);
      const isHigh = role === undefined || isOneOf(["write", "maintain", "admin"], own?.role ?? "", role);
      return (
        isHigh &&
        hasAll(
          own?.teams.map((group) => group.join()) ?? [],
          teams.map((group) => group.join()),
        )
      );
    }),
  freeze: () => true,
  kubernetes: ({ kubernetes }, { kubernetes: least, written }) =>
    (least.version === undefined || kubernetes.version === least.version) &&
    hasAll(kubernetes.schemaLocations, least.schemaLocations) &&
    (!written.has("kubernetes.missingSchema") || isOneOf(LEVELS, kubernetes.missingSchema, least.missingSchema)),
  accept: ({ accept }, floor) =>
    !floor.written.has("accept") ||
    APPS.every((app) =>
      REASONS.every((reason) => {
        const takes = (entries: RepositoryConfig["accept"]): boolean =>
          entries.some((entry) => entry.reason === reason && entry.apps.matches(app));
        return !takes(accept) || takes(floor.accept);
      }),
    ),
  policy: isPolicyHeld,
  mode: ({ mode }, floor) => !floor.written.has("mode") || floor.mode === "advise" || mode === "enforce",
  comment: ({ comment }, { comment: least, written }) =>
    (!written.has("comment.enabled") || comment.enabled || !least.enabled) &&
    (!written.has("comment.max") || comment.max >= least.max),
  review: ({ review }, { review: least, written }) =>
    (!written.has("review.findings") || isOneOf(["off", "errors", "all"], review.findings, least.findings)) &&
    (!written.has("review.renderedDiffs") ||
      isOneOf(["off", "risky", "all"], review.renderedDiffs, least.renderedDiffs)),
  checks: ({ checks }, floor) =>
    !floor.written.has("checks.annotations") || checks.annotations >= floor.checks.annotations,
  labels: ({ labels }, { labels: least }) => least.risk === undefined || labels.risk === least.risk,
  merge: ({ merge }, { merge: least, written }) =>
    (!written.has("merge.whenReady") || least.whenReady || !merge.whenReady) &&
    (!written.has("merge.method") || merge.method === least.method),
  limits: ({ limits }, { limits: most, written }) =>
    (!written.has("limits.seconds") || limits.seconds <= most.seconds) &&
    (!written.has("limits.files") || limits.files <= most.files),
};

function areRulesHeld({ rules }: RepositoryConfig, { rules: least, written }: RepositoryConfig): boolean {
  const { changes, branches, override, bypasses } = rules;
  const most = least.changes;
  return (
    least.environments.every((floor, index) => {
      const own = rules.environments[index];
      return (
        own?.name === floor.name &&
        isEnvironmentHeld(own, floor, (key) => written.has(`environments.${floor.name}.${key}`))
      );
    }) &&
    (most.environments === undefined || (changes.environments ?? 99) <= most.environments) &&
    (most.apps === undefined || (changes.apps ?? 99) <= most.apps) &&
    (most.pairing === undefined || changes.pairing === most.pairing) &&
    hasAll(branches.map(printSection), least.branches.map(printSection)) &&
    (!written.has("override.teams") || hasAll(least.override.teams, override.teams)) &&
    (!written.has("bypasses.report") || bypasses.isReported || !least.bypasses.isReported) &&
    (!written.has("bypasses.bots") || hasAll(least.bypasses.bots, bypasses.bots)) &&
    (!written.has("override.breakGlass") || least.override.breakGlass || !override.breakGlass)
  );
}

function isEnvironmentHeld(
  own: EnvironmentRules,
  floor: EnvironmentRules,
  isWritten: (key: string) => boolean,
): boolean {
  const { promotion, directEdits: edits, limits } = own;
  return (
    hasAll(patternsOf(own.paths), patternsOf(floor.paths)) &&
    (!isWritten("ignore") || hasAll(patternsOf(floor.ignore), patternsOf(own.ignore))) &&
    hasAll(own.from, floor.from) &&
    (floor.from.length === 0 || hasAll(promotion.track, floor.promotion.track)) &&
    hasAll(promotion.fields, floor.promotion.fields) &&
    promotion.soak >= floor.promotion.soak &&
    (floor.sharedChanges === "strictest" || own.sharedChanges === "refuse") &&
    (floor.directEdits.isAllowed ||
      (!edits.isAllowed &&
        hasAll(floor.directEdits.bots, edits.bots) &&
        hasAll(patternsOf(floor.directEdits.except), patternsOf(edits.except)))) &&
    [false, true].every((isDestructive) =>
      areApprovalsHeld(demandOf(own.approvals, isDestructive), demandOf(floor.approvals, isDestructive)),
    ) &&
    (own.approvals.codeOwners || !floor.approvals.codeOwners) &&
    (!isWritten("approvals.excludeSuggestions") ||
      own.approvals.excludesSuggestions ||
      !floor.approvals.excludesSuggestions) &&
    hasAll(
      own.windows.filter(({ file }) => file === FLOOR_FILE).map((window) => printSection({ ...window, file: "" })),
      floor.windows.map((window) => printSection({ ...window, file: "" })),
    ) &&
    (limits.apps ?? 99) <= (floor.limits.apps ?? 99) &&
    (limits.resources ?? 99) <= (floor.limits.resources ?? 99) &&
    (own.usesLocks || !floor.usesLocks)
  );
}

interface ApprovalDemand {
  readonly count: number;
  readonly whose: readonly string[];
}

/** What a change takes, as `judgeApprovals` asks for it. */
function demandOf({ count, teams, users, destructive }: ApprovalRules, isDestructive: boolean): ApprovalDemand {
  if (!isDestructive || destructive === undefined) return { count, whose: [...teams, ...users] };
  const whose = destructive.teams.length > 0 ? destructive.teams : [...teams, ...users];
  return { count: Math.max(count, destructive.count), whose };
}

function areApprovalsHeld(own: ApprovalDemand, floor: ApprovalDemand): boolean {
  const isNamed = floor.whose.length === 0 || (own.whose.length > 0 && hasAll(floor.whose, own.whose));
  return own.count >= floor.count && isNamed;
}

function isPolicyHeld(raised: RepositoryConfig, floor: RepositoryConfig): boolean {
  const { policy, written } = floor;
  // A preset that is not written binds nobody.
  const least = { ...floor, policy: written.has("policy.preset") ? policy : { ...policy, preset: "none" as const } };
  const isNamed = (id: string): boolean =>
    BUILT_IN_RULES.has(id) || [...policy.rules.keys()].some((name) => id.startsWith(name));
  const registries = optionOf(floor, "image-registry", "allowed") ?? [];
  const allowed = optionOf(raised, "image-registry", "allowed") ?? [];
  return (
    IDS.filter(isNamed).every((id) =>
      [undefined, ...ENVIRONMENTS].every((environment) => {
        const named = policy.rules.has(id) || BUILT_IN_RULES.has(id);
        return !named || isOneOf(LEVELS, levelOf(raised, id, environment), leastLevel(least, id, environment));
      }),
    ) &&
    IDS.every((id) => {
      const team = policy.rules.get(id)?.approvers;
      return team === undefined || approversOf(raised.policy, id) === team;
    }) &&
    (registries.length === 0 ||
      (allowed.length > 0 && allowed.every((one) => registries.some((all) => `${one}/`.startsWith(`${all}/`))))) &&
    (!written.has("policy.admission") || raised.policy.admission || !policy.admission) &&
    hasAll(raised.policy.creators, policy.creators) &&
    hasAll(
      raised.policy.exceptions.filter(({ file }) => file !== undefined).map(({ rule }) => rule),
      policy.exceptions.map(({ rule }) => rule),
    )
  );
}

/** What the floor says of a rule; nothing of a policy that it names in other environments alone. */
function leastLevel(floor: RepositoryConfig, id: string, environment: string | undefined): RuleLevel {
  const said = floor.policy.rules.get(id);
  const named = (environment === undefined ? undefined : said?.environments.get(environment)) ?? said?.level;
  return BUILT_IN_RULES.has(id) ? levelOf(floor, id, environment) : (named ?? "off");
}

describe("rules of environments under a floor", () => {
  const prodOf = (config: RepositoryConfig): EnvironmentRules => {
    const prod = config.rules.environments.find(({ name }) => name === "prod");
    assert.ok(prod);
    return prod;
  };

  it("are the stricter of both, key by key, with a note where the repository said less", () => {
    const own =
      "environments: { prod: { approvals: 1, promotion: { soak: 1h }, directEdits: allowed, limits: { apps: 9 }, sharedChanges: strictest } }";
    const floor =
      "environments: { prod: { approvals: { count: 2, teams: [sre] }, promotion: { soak: 2h }, directEdits: refused, limits: { apps: 5, resources: 50 }, sharedChanges: refuse } }";
    const { config, notes } = raise(own, floor);
    const prod = prodOf(config);
    assert.deepEqual([prod.approvals.count, prod.approvals.teams], [2, ["sre"]]);
    assert.equal(prod.promotion.soak, 2 * 3_600_000);
    assert.equal(prod.directEdits.isAllowed, false);
    assert.deepEqual(prod.limits, { apps: 5, resources: 50 });
    assert.deepEqual(notes, [
      "environments.prod.sharedChanges: strictest is below the organisation's floor (refuse); the floor counts",
      "environments.prod.directEdits: allowed is below the organisation's floor (refused); the floor counts",
      "environments.prod.approvals: 1 is below the organisation's floor (2 by team sre); the floor counts",
      "environments.prod.limits: 9 apps is below the organisation's floor (5 apps, 50 resources); the floor counts",
      "environments.prod.promotion: images, charts for 1h is below the organisation's floor (images, charts for 2h); the floor counts",
    ]);
  });

  it("hold where the floor alone names the environment", () => {
    const { config, notes } = raise("mode: enforce", "environments: { prod: { approvals: 2 } }");
    assert.equal(prodOf(config).approvals.count, 2);
    assert.deepEqual(notes, []);
  });

  it("keep what the repository asks for beyond it", () => {
    const own = "environments: { prod: { approvals: { count: 3, teams: [sre], codeOwners: true } } }";
    const floor = "environments: { prod: { approvals: { count: 1, teams: [sre, platform] } } }";
    const { approvals } = prodOf(raise(own, floor).config);
    assert.deepEqual([approvals.count, approvals.teams, approvals.codeOwners], [3, ["sre"], true]);
  });

  it("do not let a repository's teams for destructive changes replace the floor's", () => {
    const own = "environments: { prod: { approvals: { destructive: { count: 1, teams: [interns] } } } }";
    const { approvals } = prodOf(raise(own, "environments: { prod: { approvals: { teams: [sre] } } }").config);
    assert.deepEqual([approvals.teams, approvals.destructive?.teams], [["sre"], []]);
  });

  it("ask the windows of both, so that neither opens what the other one closes", () => {
    const window = (effect: string, hour: number): string =>
      `{ name: w${hour}, effect: ${effect}, cron: '0 ${hour} * * *', duration: 4h }`;
    const at = (own: string, floor: string, hour: number): RuleResult | undefined => {
      const { rules } = raise(
        `environments: { prod: { windows: [${own}] } }`,
        `environments: { prod: { windows: [${floor}] } }`,
      ).config;
      const facts = makeFacts({ now: Date.UTC(2026, 10, 20, hour) });
      return decideEnvironments(facts, rules).results.find(({ rule }) => rule === "window");
    };
    const states = (own: string, floor: string): readonly (string | undefined)[] =>
      [8, 10, 13].map((hour) => at(own, floor, hour)?.state);
    assert.deepEqual(states(window("allow", 8), window("allow", 10)), ["waiting", "passed", "waiting"]);
    assert.deepEqual(states(window("allow", 8), window("deny", 10)), ["passed", "waiting", "waiting"]);
    assert.deepEqual(states(window("deny", 8), window("allow", 10)), ["waiting", "waiting", "passed"]);
  });

  it("come in the floor's order where both together would go round", () => {
    const own = "environments: { dev: {}, staging: { from: [prod] }, prod: { from: [dev] } }";
    const floor = "environments: { staging: {}, prod: { from: [staging] } }";
    const { config, notes } = raise(own, floor);
    assert.deepEqual(
      config.rules.environments.map(({ name, from }) => [name, from]),
      [
        ["staging", []],
        ["prod", ["staging"]],
        ["dev", []],
      ],
    );
    assert.ok(
      notes.includes("environments.staging.from: prod goes round with the organisation's floor; the floor counts"),
    );
  });

  it("are overridden by the floor's teams, or by fewer of them, and by nobody else", () => {
    const overrideOf = (own: string): readonly string[] =>
      raise(own, "override: { teams: [sre, platform] }").config.rules.override.teams;
    assert.deepEqual(overrideOf("mode: enforce"), ["sre", "platform"]);
    assert.deepEqual(overrideOf("override: { teams: [interns] }"), ["sre", "platform"]);
    assert.deepEqual(overrideOf("override: { teams: [sre] }"), ["sre"]);
    assert.deepEqual(overrideOf("override: { teams: [] }"), []);
  });

  it("join rules of branches, and take the lower limits", () => {
    const own = "branches: [{ base: [main] }]\nchanges: { apps: 3, environments: 9 }";
    const { config, notes } = raise(
      own,
      "branches: [{ base: [main], forks: false }]\nchanges: { apps: 5, environments: 1 }",
    );
    assert.deepEqual(
      config.rules.branches.map(({ isForkAllowed }) => isForkAllowed),
      [false, true],
    );
    assert.deepEqual([config.rules.changes.apps, config.rules.changes.environments], [3, 1]);
    assert.deepEqual(notes, ["changes.environments: 9 is below the organisation's floor (1); the floor counts"]);
  });
});

describe("any config under any floor", () => {
  it("is in no section looser than the floor", () => {
    fc.assert(
      fc.property(config, config, (own, least) => {
        const floor = parse(least, FLOOR_FILE);
        const raised = raiseToFloor(parse(own, "own"), floor, BUILT_IN_RULES).config;
        const loose = (Object.keys(HOLDS) as Section[]).filter((section) => !HOLDS[section](raised, floor));
        assert.deepEqual(loose, []);
      }),
      { numRuns: 500 },
    );
  });

  it("is not raised further by raising it again", () => {
    // The order of keys says nothing.
    const print = (value: unknown): string =>
      JSON.stringify(value, (_, item: unknown) => {
        if (item instanceof Map || item instanceof Set) return [...(item as Set<unknown>)];
        if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
        return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
      });
    fc.assert(
      fc.property(config, config, (own, least) => {
        const floor = parse(least, FLOOR_FILE);
        const once = raiseToFloor(parse(own, "own"), floor).config;
        assert.equal(print(raiseToFloor(once, floor).config), print(once));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a freeze of everything", () => {
  it("counts where the organisation writes it, until its moment, and in no repository's own file", () => {
    const { config, notes } = raise(
      "freeze: { reason: ours }",
      "freeze: { reason: the data centre is down, until: '2026-12-24T18:00:00+01:00' }",
    );
    const until = Date.parse("2026-12-24T17:00:00Z");
    assert.deepEqual(config.rules.freeze, { reason: "the data centre is down", until });
    assert.deepEqual(notes, ["freeze: it counts in the organisation's own file alone"]);
    assert.equal(read("freeze: { reason: ours }").rules.freeze, undefined);
    assert.equal(raise("freeze: { reason: ours }", "").config.rules.freeze, undefined);
  });
});
