import { z } from "zod";
import { nearestName, readDocument, type ConfigProblem } from "../config/index.ts";
import type { Actor, ContentDigests, EnvironmentChange, EnvironmentFacts, RuledPullRequest } from "../model/index.ts";
import { digestContent } from "./content.ts";
import { FACT_NAMES, type FactName, type KnownFacts } from "./decide-by-known.ts";

export type FactsReading =
  | { readonly kind: "read"; readonly known: KnownFacts }
  | { readonly kind: "invalid"; readonly problems: readonly ConfigProblem[] };

/** What a file of facts does not have to say. */
export interface AssumedFacts {
  /** When it is, where the file does not say `now`: milliseconds since the epoch. */
  readonly now: number;
  /** Names of the config's environments: another one would have no rules, and pass. */
  readonly environments: readonly string[];
  /** A repository that was looked at: what changes is read from there, whatever the file says. */
  readonly looked?: LookedAt | undefined;
}

export interface LookedAt {
  /** As it would be opened, where the file does not tell of it. */
  readonly pullRequest: RuledPullRequest;
  listChanges(baseRef: string): Pick<EnvironmentFacts, "changes" | "reported">;
}

/**
 * Reads the facts of one pull request from YAML or JSON: `EnvironmentFacts`, with moments as milliseconds or ISO 8601.
 * A fact that the file leaves out is not known. `content: current` of an approval or an override is what changes now.
 */
export function readFacts(text: string, { now, looked, environments }: AssumedFacts): FactsReading {
  const schema: z.ZodType<SaidFacts> = looked === undefined ? wholeSchema : wholeSchema.partial();
  const reading = readDocument(
    text,
    schema.superRefine((said, context) => refuseStrangers(said, environments, context)),
  );
  if (reading.kind === "invalid") return reading;
  const said = reading.value;
  const pullRequest = said.pullRequest ?? looked?.pullRequest;
  if (pullRequest === undefined) throw new Error("the schema asks for the pull request");
  const { changes, reported } = looked?.listChanges(pullRequest.baseRef) ?? readChange(said);
  const digests = digestContent(changes);
  const at = said.now ?? now;
  const bind = <Given extends { readonly content?: "current" | ContentDigests | undefined }>(given: Given) => ({
    ...given,
    content: given.content === "current" ? digests : given.content,
  });
  const unknown = FACT_NAMES.filter((name) => said[name] === undefined);
  const facts: EnvironmentFacts = {
    ...{ now: at, changes, reported, pullRequest },
    contributors: said.contributors ?? { people: [], unknown: [], isComplete: false },
    approvals: (said.approvals ?? []).map((approval, index) => ({
      ...bind(approval),
      ...{ sourceId: index + 1, headSha: approval.headSha ?? pullRequest.headSha, givenAt: approval.givenAt ?? at },
    })),
    overrides: (said.overrides ?? []).map((override) => ({
      ...bind(override),
      headSha: override.headSha ?? pullRequest.headSha,
      baseRef: override.baseRef ?? pullRequest.baseRef,
      givenAt: override.givenAt ?? at,
      reportDigest: override.content === "current" ? reported.digest : override.reportDigest,
    })),
    people: said.people ?? [],
    stops: said.stops ?? [],
    labelers: said.labelers ?? [],
    promotions: said.promotions ?? [],
    owners: said.owners,
  };
  return { kind: "read", known: { facts, unknown: new Set<FactName>(unknown) } };
}

function readChange({ changes = [], reported }: SaidFacts): Pick<EnvironmentFacts, "changes" | "reported"> {
  return { changes, reported: reported ?? { digest: "", isDeploying: changes.length > 0 } };
}

type WholeFacts = z.output<typeof wholeSchema>;
type SaidFacts = { readonly [Name in keyof WholeFacts]?: WholeFacts[Name] | undefined };

/** A name that the config does not have stands for nothing, and what stands for nothing passes. */
function refuseStrangers(said: SaidFacts, known: readonly string[], context: z.RefinementCtx): void {
  for (const list of ["changes", "approvals", "stops", "promotions"] as const) {
    for (const [index, { environment }] of (said[list] ?? []).entries()) {
      if (environment === undefined || known.includes(environment)) continue;
      const near = nearestName(environment, known);
      const names = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      const hint = near === undefined ? names : `did you mean ${near}?`;
      const message = `the config has no environment ${JSON.stringify(environment)}; ${hint}`;
      context.addIssue({ code: "custom", path: [list, index, "environment"], message });
    }
  }
}

/** A key that may be left out, and is there as undefined then. */
function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value) => value);
}

const moment = z.union([z.string(), z.int()]).transform((value, context) => {
  const at =
    typeof value === "number"
      ? value
      : z.iso.datetime({ offset: true }).safeParse(value).success
        ? Date.parse(value)
        : NaN;
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: "expected a moment with its offset, such as 2026-12-24T18:00:00+01:00" });
  return z.NEVER;
});

const actor: z.ZodType<Actor> = z.strictObject({
  id: z.int(),
  login: z.string(),
  type: z.enum(["User", "Bot", "Organization", "Mannequin"]).default("User"),
});

const SHA = "0".repeat(40);
const pullRequest = z.strictObject({
  number: maybe(z.int()),
  author: maybe(actor),
  requestedBy: maybe(actor),
  headRef: z.string(),
  baseRef: z.string(),
  headSha: z.string().default(SHA),
  isFork: z.boolean().default(false),
  isDraft: z.boolean().default(false),
  labels: z.array(z.string()).default([]),
  kind: maybe(z.enum(["promotion", "rollback"])),
});

const change: z.ZodType<EnvironmentChange> = z.strictObject({
  environment: z.string(),
  apps: z
    .array(
      z.strictObject({
        id: z.string(),
        isRendered: z.boolean().default(true),
        digest: z.string().default("as it is"),
        resources: z.int().min(0).default(1),
        isDestructive: z.boolean().default(false),
        causes: z.array(z.string()).default([]),
        untracked: maybe(z.strictObject({ named: z.array(z.string()), total: z.int().min(0) })),
      }),
    )
    .default([]),
  files: z.array(z.strictObject({ path: z.string(), blob: maybe(z.string()) })).default([]),
});

const digests = z.record(z.string(), z.record(z.string(), z.string()));
const content = maybe(z.union([z.literal("current"), digests]));

const approval = z.strictObject({
  actor,
  environment: maybe(z.string()),
  source: z.enum(["review", "comment"]).default("review"),
  headSha: maybe(z.string()),
  base: maybe(z.strictObject({ ref: z.string(), sha: z.string() })),
  givenAt: maybe(moment),
  content,
});

const override = z.strictObject({
  actor,
  rule: z.string(),
  reason: z.string(),
  givenAt: maybe(moment),
  headSha: maybe(z.string()),
  baseRef: maybe(z.string()),
  content,
  reportDigest: maybe(z.string()),
});

const stop = z.strictObject({
  kind: z.enum(["hold", "lock", "freeze"]),
  from: z.enum(["command", "server", "organization", "unconfirmed"]).default("command"),
  environment: maybe(z.string()),
  by: maybe(actor),
  reason: z.string().default(""),
  since: moment.default(0),
  until: maybe(moment),
});

const promotion = z.strictObject({
  environment: z.string(),
  from: z.string(),
  items: z
    .array(
      z.strictObject({
        app: z.string(),
        what: z.string(),
        value: z.string(),
        counterpart: maybe(z.string()),
        stands: maybe(z.string()),
        since: maybe(moment),
        arrives: z.boolean().default(false),
      }),
    )
    .default([]),
  problem: maybe(z.string()),
});

const person = z.strictObject({
  id: z.int(),
  role: z.enum(["none", "read", "triage", "write", "maintain", "admin", "unknown"]),
  teams: z.record(z.string(), z.enum(["yes", "no", "unknown"])).default({}),
});

const wholeSchema = z.strictObject({
  now: maybe(moment),
  pullRequest,
  changes: z.array(change),
  reported: maybe(z.strictObject({ digest: z.string(), isDeploying: z.boolean() })),
  contributors: maybe(
    z.strictObject({
      people: z.array(z.strictObject({ actor, hasOnlySuggested: z.boolean().default(false) })),
      unknown: z.array(z.string()).default([]),
      isComplete: z.boolean().default(true),
    }),
  ),
  approvals: maybe(z.array(approval)),
  people: maybe(z.array(person)),
  stops: maybe(z.array(stop)),
  labelers: maybe(z.array(z.strictObject({ label: z.string().toLowerCase(), actor }))),
  overrides: maybe(z.array(override)),
  promotions: maybe(z.array(promotion)),
  owners: maybe(
    z.strictObject({
      files: z.array(z.strictObject({ path: z.string(), owners: z.array(z.string()) })),
      errors: z.array(z.string()).default([]),
      problem: maybe(z.string()),
    }),
  ),
});
