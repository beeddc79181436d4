import { z } from "zod";
import { endOfDay } from "../model/index.ts";
import { compileAppGlob, compilePathGlob, type Glob, type GlobResult } from "./glob.ts";

const RULE_LEVELS = ["error", "warning", "notice", "off"] as const;
const ruleLevel = z.enum(RULE_LEVELS);

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: "control characters are not allowed" });

const globBy = (compile: (pattern: string) => GlobResult) =>
  z.string().transform((pattern, context): Glob => {
    const result = compile(pattern);
    if (result.kind === "glob") return result.glob;
    context.issues.push({ code: "custom", message: result.message, input: pattern });
    return z.NEVER;
  });
const glob = globBy(compileAppGlob);

/** Whether a rule of this name exists is asked where rules are known. */
const ruleId = z
  .string()
  .regex(/^[A-Za-z0-9][\w./-]{0,199}$/, { error: "a rule's id is letters, digits, dots, dashes and slashes" });

const team = z.string().regex(/^(?:[A-Za-z0-9-]{1,39}\/)?[a-z0-9][a-z0-9_-]{0,99}$/, {
  error: "a team is named by its slug, as in its address on GitHub",
});

const environmentName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
  error: "an environment's name is letters, digits, dots and dashes, at most 63",
});

const ruleSettings = z
  .object({
    level: ruleLevel.optional().describe("Level of its findings. Default: what the preset says."),
    environments: z.record(environmentName, ruleLevel).optional().describe("Level in environments that differ."),
    approvers: team.optional().describe("Team that approves exceptions which a pull request adds."),
  })
  .catchall(z.array(line(500)).max(500));

const folder = line(500)
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]*$/, { error: "this has to be a folder inside the repository" })
  .transform((path) => path.replace(/^\.\/|\/+$/gu, ""));

const exception = z
  .strictObject({
    rule: ruleId.describe("The rule that is excepted."),
    resource: glob.optional().describe("Glob over Kind/namespace/name, or Kind/name of what has no namespace."),
    file: globBy(compilePathGlob)
      .optional()
      .describe("In place of resource, for what stands in a file and in no resource: glob over paths."),
    apps: glob.optional().describe("Glob over ids of apps. Default: all."),
    reason: line(1000).describe("Why; shown with every use."),
    expires: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, { error: "a day is written 2027-01-31" })
      .refine((day) => endOfDay(day) !== undefined, { error: "there is no such day" })
      .optional()
      .describe("The last day on which it counts, in UTC."),
    approvers: team
      .optional()
      .describe("Team that approves it when a pull request adds it, where the rule names none."),
  })
  .refine(({ resource, file }) => (resource === undefined) !== (file === undefined), {
    error: "an exception names either a resource or a file",
  })
  .meta({ oneOf: [{ required: ["resource"] }, { required: ["file"] }] });

/** The part `policy` of the repository's config. */
export const policySchema = z.strictObject({
  preset: z
    .enum(["none", "default", "baseline", "strict"])
    .default("default")
    .describe("Which built-in rules are on, and how."),
  rules: z
    .record(ruleId, z.union([ruleLevel, ruleSettings]))
    .default({})
    .describe("Levels of single rules, built-in or your own."),
  rego: z
    .strictObject({
      paths: z.array(folder).max(50).default(["policy"]).describe("Folders with Rego policies, read from the base."),
      namespaces: z
        .array(line(200))
        .min(1)
        .max(200)
        .optional()
        .describe("Packages whose rules count. Default: all of them."),
      combine: z.boolean().default(false).describe("Judge all resources of an app together, as conftest --combine."),
    })
    .prefault({})
    .describe("Policies in Rego."),
  admission: z
    .boolean()
    .default(true)
    .describe(
      "Judge by ValidatingAdmissionPolicies, Kyverno's ValidatingPolicies and CRD validation rules in the repository.",
    ),
  creators: z
    .array(line(300).regex(/^[^/\s]*\/[^/\s]+$/, { error: "a kind is written group/Kind, such as example.com/Vault" }))
    .max(200)
    .default([])
    .describe("Kinds (group/Kind) whose objects may create ConfigMaps and Secrets that others refer to."),
  exceptions: z.array(exception).max(2000).default([]).describe("What rules let pass, and why."),
  baseline: line(500).optional().describe("File with findings that are known; made by drydock policy baseline."),
});

export type ParsedPolicyConfig = z.output<typeof policySchema>;
