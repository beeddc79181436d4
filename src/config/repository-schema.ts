import { z } from "zod";
import type { FailureKind } from "../model/index.ts";
import { commandsSchema } from "./command-schema.ts";
import { compileAppGlob, compilePathGlob } from "./glob.ts";
import type { Glob, GlobResult } from "./glob.ts";
import {
  branchRuleSchema,
  changesSchema,
  environmentName,
  environmentSchema,
  freezeSchema,
  bypassSchema,
  overrideSchema,
} from "./environment-schema.ts";
import { labelsSchema } from "./label-schema.ts";
import { policySchema } from "./policy-schema.ts";

// Order is what a reader of an error message sees.
const FAILURE_KINDS = [
  "render",
  "schema-compile",
  "outside-repository",
  "remote-input",
  "missing-dependency",
  "submodule",
  "lfs",
  "plugin",
  "limit",
  "engine",
] as const satisfies readonly FailureKind[];
// A kind that is added to the model and forgotten here does not compile.
type ForgottenKind = Exclude<FailureKind, (typeof FAILURE_KINDS)[number]>;
const acceptableKind = z.enum(FAILURE_KINDS) satisfies [ForgottenKind] extends [never] ? z.ZodType : never;

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: "control characters are not allowed" });

function glob(compile: (pattern: string) => GlobResult) {
  return z.string().transform((pattern, context): Glob => {
    const result = compile(pattern);
    if (result.kind === "glob") return result.glob;
    context.issues.push({ code: "custom", message: result.message, input: pattern });
    return z.NEVER;
  });
}
const pathGlob = glob(compilePathGlob);
const appGlob = glob(compileAppGlob);

const pathGlobs = (defaults: readonly string[]) =>
  z
    .array(pathGlob)
    .max(200)
    .prefault([...defaults]);

/** A path inside the repository: `.` is the root; no leading or trailing `/` in what comes out, `""` for the root. */
const repositoryPath = line(1024).transform((path, context): string => {
  const normal = normalizePath(path);
  if (normal !== undefined) return normal;
  context.issues.push({ code: "custom", message: "this has to be a path inside the repository", input: path });
  return z.NEVER;
});

function normalizePath(path: string): string | undefined {
  if (path.startsWith("/") || path.includes("\\")) return undefined;
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (name !== "." && name !== "") names.push(name);
  }
  return names.join("/");
}

const kubernetesVersion = z
  .string()
  .regex(/^v?\d{1,3}\.\d{1,3}(\.\d{1,3})?$/, {
    error: 'this has to be a Kubernetes version such as "1.36" or "1.36.3"',
  })
  .transform((version) => version.replace(/^v/, ""));

/** Names joined by `{placeholders}`. */
const template = line(256).regex(/^[^{}]*(\{[a-z][a-zA-Z0-9]*\}[^{}]*)*$/, {
  error: "placeholders are written {name}, in letters and digits",
});

const valuesLayers = line(1024).transform((text, context): readonly string[] => {
  const layers = text.split(/\s+\+\s+/).map((layer) => layer.trim());
  const problem = findLayerProblem(layers);
  if (problem === undefined) return layers;
  context.issues.push({ code: "custom", message: problem, input: text });
  return z.NEVER;
});

function findLayerProblem(layers: readonly string[]): string | undefined {
  if (layers.length > 8) return "at most 8 layers can be joined by +";
  for (const layer of layers) {
    if (layer === "" || layer.startsWith("/") || layer.includes("\\")) return "a layer is a path beside Chart.yaml";
    const rest = layer.replaceAll(/\{[a-z][a-zA-Z0-9]*\}/g, "\u0000");
    if (/[{}]/.test(rest)) return "placeholders are written {name}, in letters and digits";
    if (rest.includes("\u0000\u0000")) return "two placeholders need something between them";
    if (rest.split("\u0000").length > 5) return "a layer can hold at most 4 placeholders";
  }
  return undefined;
}

const declaredApp = z
  .strictObject({
    path: repositoryPath
      .optional()
      .describe("Folder of the app, from the repository's root; a file for a plain app of one file."),
    kind: z
      .enum(["plain", "kustomize", "helm"])
      .optional()
      .describe("What renders it. Default: what its folder holds."),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, { error: "a name is letters, digits, dots and dashes" })
      .optional()
      .describe("Name that takes the folder's place in the app's id."),
    environment: line(63).optional().describe("Its environment. Default: what environments says."),
    values: z
      .array(line(1024))
      .max(32)
      .optional()
      .describe("Values files from the chart's folder, the last one wins. values.yaml is always read first."),
    releaseName: line(53).optional().describe("Release name. Default: the chart's name."),
    namespace: line(63).optional().describe("Namespace of the release. Default: default."),
    apiVersions: z
      .array(line(256))
      .max(500)
      .optional()
      .describe("API versions that the chart finds in the cluster, beside the built-in ones."),
    includeCrds: z.boolean().optional().describe("Whether the chart's crds/ belong to it. Default: true."),
    kubernetesVersion: kubernetesVersion.optional().describe("Version of the cluster this app goes to."),
    loadRestrictor: z
      .enum(["root-only", "none"])
      .optional()
      .describe("none lets a kustomization read files outside its folder."),
    drop: appGlob.optional().describe("Glob over ids of apps that were found and are none."),
  })
  .check((context) => {
    const problem = findAppProblem(context.value);
    if (problem !== undefined) context.issues.push({ code: "custom", message: problem, input: context.value });
  })
  .meta({ oneOf: [{ required: ["path"] }, { required: ["drop"] }] });

const HELM_KEYS = ["values", "releaseName", "namespace", "apiVersions", "includeCrds"] as const;

interface AppKeys {
  readonly path?: string | undefined;
  readonly kind?: string | undefined;
  readonly loadRestrictor?: string | undefined;
  readonly drop?: unknown;
}

function findAppProblem(app: AppKeys & Partial<Record<(typeof HELM_KEYS)[number], unknown>>): string | undefined {
  if (app.drop !== undefined) {
    const others = Object.entries(app).filter(([key, value]) => key !== "drop" && value !== undefined);
    return others.length > 0 ? "an entry with drop has no other key" : undefined;
  }
  if (app.path === undefined) return "an app needs a path, or drop to remove apps";
  const helmKey = HELM_KEYS.find((key) => app[key] !== undefined);
  if (helmKey !== undefined && app.kind !== undefined && app.kind !== "helm") return `${helmKey} is for Helm apps only`;
  if (app.loadRestrictor !== undefined && app.kind !== undefined && app.kind !== "kustomize") {
    return "loadRestrictor is for kustomize apps only";
  }
  return undefined;
}

const bounded = (min: number, max: number, standard: number) => z.int().min(min).max(max).default(standard);

/** The file `.github/drydock.yaml`, defaults included. The JSON Schema for editors is made from this very value. */
export const repositorySchema = z.strictObject({
  version: z.literal(1).describe("Version of this file's format."),
  include: pathGlobs(["**"]).describe("Globs over files and folders that are looked at."),
  exclude: pathGlobs(["node_modules", "vendor", "testdata", "fixtures", ".github"]).describe(
    "Globs over files and folders that are left alone.",
  ),
  strict: z.boolean().default(false).describe("Treat apps that are only guessed as if they were declared."),
  apps: z.array(declaredApp).max(5000).default([]).describe("Apps to add, to describe or to drop."),
  helm: z
    .strictObject({
      valuesLayers: valuesLayers.optional().describe('For example "values.yaml + values-{env}.yaml".'),
      releaseName: template.optional().describe("Release name of Helm apps, for example {chart}-{env}."),
      namespace: template.optional().describe("Namespace of Helm apps, for example {env}."),
    })
    .prefault({})
    .describe("How Helm charts of this repository are released."),
  environments: z
    .record(environmentName, environmentSchema)
    .default({})
    .describe("Environments by name: where they are, and who may change them, when and in what order."),
  changes: changesSchema.prefault({}).describe("What one pull request may change."),
  branches: z.array(branchRuleSchema).max(200).default([]).describe("Who may merge what into which branch."),
  override: overrideSchema.prefault({}).describe("Who may override what blocks, on record, in an emergency."),
  bypasses: bypassSchema
    .prefault({})
    .describe("What comes into environments other than by a pull request that every rule lets in."),
  commands: commandsSchema.prefault({}).describe("Commands in comments: their short forms, and who may give them."),
  freeze: freezeSchema
    .optional()
    .describe("Stops everything that deploys, in every repository. Counts in the organisation's own file alone."),
  kubernetes: z
    .strictObject({
      version: kubernetesVersion.optional().describe("Version of the clusters."),
      schemaLocations: z.array(line(2048)).max(32).default([]).describe("Where further schemas are."),
      missingSchema: z
        .enum(["error", "warning", "notice", "off"])
        .default("notice")
        .describe("How a resource without any known schema is reported."),
    })
    .prefault({})
    .describe("What manifests are validated against."),
  accept: z
    .array(z.strictObject({ apps: appGlob, reason: acceptableKind, comment: line(1000).optional() }))
    .max(1000)
    .default([])
    .describe("Apps that may stay unchecked, and for which reason."),
  policy: policySchema.prefault({}).describe("Rules on what would be deployed."),
  mode: z
    .enum(["enforce", "advise"])
    .default("enforce")
    .describe("advise lets every check pass and says what would have failed."),
  comment: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Whether pull requests get a comment."),
      max: bounded(1, 10, 3).describe("Comments that a long report may take."),
    })
    .prefault({})
    .describe("The comment on pull requests."),
  review: z
    .strictObject({
      findings: z
        .enum(["off", "errors", "all"])
        .default("errors")
        .describe("Which new findings become comments on the lines they stand on."),
      renderedDiffs: z
        .enum(["off", "risky", "all"])
        .default("risky")
        .describe("Which changed source files get a comment that shows what they change in each environment."),
    })
    .prefault({})
    .describe("Review comments on pull requests."),
  checks: z
    .strictObject({ annotations: bounded(0, 1000, 200).describe("Annotations that one check shows at most.") })
    .prefault({})
    .describe("Checks on pull requests."),
  labels: labelsSchema
    .prefault({})
    .describe("Labels on pull requests. Those that are not named here, or off, are not set."),
  merge: z
    .strictObject({
      whenReady: z
        .boolean()
        .default(false)
        .describe("Whether `/drydock merge when ready` has Drydock merge. It takes the permission contents: write."),
      method: z.enum(["merge", "squash", "rebase"]).default("merge").describe("How it merges, as GitHub names it."),
    })
    .prefault({})
    .describe("Merging by Drydock. Of the default branch's config."),
  limits: z
    .strictObject({
      seconds: bounded(1, 600, 60).describe("Time to render and validate one app."),
      outputMiB: bounded(1, 256, 32).describe("Size of one app's rendered manifests."),
      files: bounded(1, 100_000, 20_000).describe("Files that one app may read."),
      documents: bounded(1, 100_000, 20_000).describe("Manifests that one app may have."),
    })
    .prefault({})
    .describe("What one app may use before it counts as not checked."),
});

export type ParsedRepositoryConfig = z.output<typeof repositorySchema>;
