import { z } from "zod";
import { compilePathGlob, type Glob } from "./glob.ts";

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: "control characters are not allowed" });

const pathGlob = z.string().transform((pattern, context): Glob => {
  const result = compilePathGlob(pattern);
  if (result.kind === "glob") return result.glob;
  context.issues.push({ code: "custom", message: result.message, input: pattern });
  return z.NEVER;
});
const globs = z.array(pathGlob).max(200);

export const environmentName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
  error: "an environment's name is letters, digits, dots and dashes, at most 63",
});

const team = z.string().regex(/^(?:[A-Za-z0-9-]{1,39}\/)?[a-z0-9][a-z0-9_-]{0,99}$/, {
  error: "a team is named by its slug, as in its address on GitHub",
});
export const teams = z.array(team).max(50).default([]);
const login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\[bot\])?$/, {
  error: "a user is named by the login, as in the address on GitHub",
});
const users = z.array(login).max(200).default([]);
const branch = line(250);
const amount = z.int().min(1).max(100_000).optional();
const approvals = z.int().min(0).max(20);

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `90m`, `24h`, `2d`, as milliseconds. */
const duration = z
  .string()
  .regex(/^\d{1,5}[mhdw]$/, { error: "a duration is a number with m, h, d or w, such as 24h" })
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);

const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/, {
    error: "a moment is written with its offset, such as 2026-12-24T18:00:00+01:00",
  })
  .transform((text, context) => {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
    context.issues.push({ code: "custom", message: "there is no such moment", input: text });
    return z.NEVER;
  });

const window = z.strictObject({
  name: line(100).describe("Shown to whoever waits for it."),
  effect: z.enum(["allow", "deny"]).describe("allow lets changes in while it lasts; deny keeps them out, and wins."),
  cron: line(200).optional().describe("Beginnings as cron: minute, hour, day, month, weekday."),
  rrule: line(1000).optional().describe("Beginnings as RFC 5545 DTSTART and RRULE, joined by a space."),
  from: moment.optional().describe("Beginning of a single window."),
  until: moment.optional().describe("End of a single window."),
  duration: duration.optional().describe("How long it lasts from each beginning, such as 8h."),
  timeZone: line(64)
    .optional()
    .describe("IANA name that beginnings are told in, such as Europe/Berlin. Default: what DTSTART names, else UTC."),
  reason: line(300).optional().describe("Shown to whoever waits for it."),
  exceptLabels: z.array(line(50)).max(20).default([]).describe("Labels of pull requests that it does not stop."),
});

/** As reports print them. */
const fieldLabel = line(300).refine(
  (text) => /^(?:(?:^|\.)[A-Za-z_$][\w$-]*|\[(?:"(?:[^"\\]|\\.)*"|[^\]"]+)\])+$/u.test(text),
  { error: 'a field is written as reports show it, such as spec.replicas or data["a.yaml"]' },
);

export const environmentSchema = z.strictObject({
  paths: globs.default([]).describe("Globs over folders and files of this environment."),
  kubernetesVersion: z
    .string()
    .regex(/^v?\d{1,3}\.\d{1,3}(\.\d{1,3})?$/, {
      error: 'this has to be a Kubernetes version such as "1.36" or "1.36.3"',
    })
    .transform((version) => version.replace(/^v/, ""))
    .optional()
    .describe("Version of its clusters."),
  branch: branch.optional().describe("Branch that is this environment: all that is merged into it belongs to it."),
  ignore: globs
    .prefault(["**/*.md", "**/OWNERS", "**/CODEOWNERS", "**/*.png", "**/*.jpg", "**/*.jpeg", "**/*.gif", "**/*.svg"])
    .describe("Changed files that change nothing here, unless an app that renders reads them."),
  from: z.array(environmentName).max(20).default([]).describe("Environments that a change has to be in before."),
  promotion: z
    .strictObject({
      track: z
        .array(z.enum(["images", "charts"]))
        .default(["images", "charts"])
        .describe("What has to stand in the environment before."),
      fields: z.array(fieldLabel).max(100).default([]).describe("Further fields, such as spec.replicas."),
      soak: duration.prefault("0m").describe("How long it has to have stood there."),
    })
    .prefault({})
    .describe("What `from` asks for."),
  sharedChanges: z
    .enum(["strictest", "refuse"])
    .default("strictest")
    .describe(
      "A change that reaches several environments through one file: by the strictest approvals, or not at all.",
    ),
  directEdits: z
    .union([
      z.enum(["allowed", "refused"]),
      z.strictObject({
        bots: z.array(login).max(50).default([]).describe("Bots that may change it, such as renovate[bot]."),
        except: globs.default([]).describe("Files whose changes are free."),
      }),
    ])
    .prefault("allowed")
    .describe("Whether people may change it other than by promotion and rollback."),
  approvals: z
    .union([
      approvals,
      z.strictObject({
        count: approvals.default(1).describe("Approvals that a change takes."),
        teams: teams.describe("Teams whose members' approvals count. The App needs `members: read` for them."),
        users: users.describe("People whose approvals count, beside the teams."),
        codeOwners: z.boolean().default(false).describe("Whether an owner of every changed file has to approve."),
        excludeSuggestions: z
          .boolean()
          .default(true)
          .describe("Whether who made a suggestion that was committed, or committed it, is an author."),
        destructive: z
          .strictObject({
            count: approvals.default(1).describe("Approvals that a destructive change takes."),
            teams: teams.describe("Teams whose members' approvals count for it. Default: as usual."),
          })
          .optional()
          .describe("What a change takes that deletes or replaces something, or loses data."),
      }),
    ])
    .default(0)
    .describe("Who has to approve, and how many."),
  windows: z.array(window).max(100).default([]).describe("When changes may be merged, and when not."),
  limits: z
    .strictObject({
      apps: amount.describe("Apps of this environment that one pull request may change."),
      resources: amount.describe("Resources of this environment that one pull request may change."),
    })
    .prefault({})
    .describe("How much one pull request may change here."),
  locks: z
    .boolean()
    .default(false)
    .describe("Whether it waits, after the server's records were lost, until an admin says that it is not locked."),
});

export const changesSchema = z.strictObject({
  pairing: line(300)
    .refine((text) => text.includes("{app}") && text.includes("{env}"), { error: "this needs {app} and {env}" })
    .optional()
    .describe("How apps of two environments belong together: apps/{app}/overlays/{env}. Default: by name."),
  environments: amount.describe("Environments that one pull request may change."),
  apps: amount.describe("Apps that one pull request may change."),
  resources: amount.describe("Resources that one pull request may change."),
  apart: z
    .array(z.array(environmentName).min(2).max(50))
    .max(50)
    .default([])
    .describe("Sets of environments of which one pull request changes at most one: [[dev, prod]]."),
});

export const branchRuleSchema = z.strictObject({
  base: globs.min(1).describe("Globs over branches that are merged into."),
  heads: globs.default([]).describe("Globs over branches that may be merged there. Default: all."),
  teams: teams.describe("Teams whose members' pull requests may be merged there."),
  users: users.describe("People whose pull requests may be merged there, beside the teams."),
  forks: z.boolean().default(true).describe("Whether pull requests from forks may be merged there."),
});

export const overrideSchema = z.strictObject({
  teams: teams.describe("Teams whose members may override. Default: nobody may."),
  breakGlass: z.boolean().default(false).describe("Whether an author of the change may do it alone."),
});

export const bypassSchema = z.strictObject({
  report: z.boolean().default(true).describe("Whether it is said where people see it; it is always on record."),
  bots: z.array(login).max(50).default([]).describe("Bots that may push without one, such as flux[bot]."),
});

export const freezeSchema = z.strictObject({
  reason: line(300).describe("Shown to whoever waits for it."),
  until: moment.optional().describe("When it ends by itself. Default: once it is not written any more."),
});

export type ParsedEnvironment = z.output<typeof environmentSchema>;
export type ParsedChanges = z.output<typeof changesSchema>;
export type ParsedBranchRule = z.output<typeof branchRuleSchema>;
export type ParsedOverride = z.output<typeof overrideSchema>;
export type ParsedBypasses = z.output<typeof bypassSchema>;
