import { z } from "zod";
import { COMMAND_NAMES } from "../model/index.ts";
import { environmentName, teams } from "./environment-schema.ts";

const role = z
  .enum(["write", "maintain", "admin"])
  .optional()
  .describe("Least role. It narrows who may, and lets nobody in who may not by the command itself.");

const limit = {
  role,
  teams: teams.describe("Teams of which one is needed beside the role."),
};

const commandLimit = z.strictObject(limit).optional();

/** Of commands that name an environment: some of them may be for fewer people. */
const environmentCommandLimit = z
  .strictObject({
    ...limit,
    environments: z
      .record(environmentName, z.strictObject(limit))
      .default({})
      .describe("What one environment asks for beside that."),
  })
  .optional();

export const commandsSchema = z.strictObject({
  shortForms: z
    .union([z.boolean(), z.array(z.enum(COMMAND_NAMES)).max(COMMAND_NAMES.length)])
    .default(false)
    .describe(
      "Whether `/hold` means `/drydock hold`: for all commands, or for those in a list. Other bots may know the same words.",
    ),
  help: commandLimit.describe("Who may ask for help."),
  check: commandLimit.describe("Who may have a pull request checked again."),
  diff: commandLimit.describe("Who may ask for an app's diff."),
  explain: commandLimit.describe("Who may ask how a check stands."),
  approve: environmentCommandLimit.describe("Who may approve by command."),
  unapprove: commandLimit.describe("Who may take approvals back."),
  hold: commandLimit.describe("Who may hold a pull request."),
  unhold: commandLimit.describe("Who may end a hold."),
  override: commandLimit.describe("Who may override, beside what `override.teams` says."),
  freeze: environmentCommandLimit.describe("Who may freeze an environment."),
  unfreeze: environmentCommandLimit.describe("Who may end a freeze."),
  lock: environmentCommandLimit.describe("Who may lock an environment."),
  unlock: environmentCommandLimit.describe("Who may end a lock."),
  merge: commandLimit.describe("Who may have Drydock merge a pull request, or take that back."),
});

export type ParsedCommands = z.output<typeof commandsSchema>;
