import { z } from "zod";
import { JUDGED_CHECK_NAMES } from "../model/index.ts";
import { environmentName } from "./environment-schema.ts";

/** GitHub takes 50 characters. */
const labelName = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: "control characters are not allowed" });

/** `{placeholder}` is the only thing in braces. */
const labelTemplate = (placeholder: string) =>
  labelName
    .refine((text) => !/[{}]/.test(text.replaceAll(`{${placeholder}}`, "")), {
      error: `the only placeholder here is {${placeholder}}`,
    })
    .default("off");

const previewSchema = z.strictObject({
  // Agents select by it, so nothing of a pull request is in it.
  label: labelName
    .regex(/^[^{}]*$/, { error: "a label for agents holds no placeholders" })
    .describe("The label, as the agent selects it."),
  environments: z
    .array(environmentName)
    .max(200)
    .default([])
    .describe("Only pull requests that change one of these environments. Default: all that change what deploys."),
  checks: z
    .array(z.enum(JUDGED_CHECK_NAMES))
    .min(1)
    .max(JUDGED_CHECK_NAMES.length)
    .prefault([...JUDGED_CHECK_NAMES])
    .describe("Checks that have to pass for it. Default: all of them, approvals and freezes too."),
  drafts: z.boolean().default(false).describe("Whether drafts get it."),
});

export const labelsSchema = z.strictObject({
  environment: labelTemplate("environment").describe("One for each environment that changes: env/{environment}."),
  risk: labelTemplate("risk").describe("One for what reviewers must not overlook: risk/{risk}."),
  state: labelTemplate("state").describe("Whether the check passed: drydock/{state}."),
  merged: labelTemplate("environment").describe(
    "One for each environment that a merged pull request really changed: deploy/{environment}. Of the default branch's config.",
  ),
  previews: z
    .array(previewSchema)
    .max(20)
    .default([])
    .describe(
      "Labels that let agents deploy a preview, while checks pass and never on forks. Of the default branch's config.",
    ),
});

export type ParsedLabels = z.output<typeof labelsSchema>;
