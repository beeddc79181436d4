import { isPermitted } from "../jobs/permissions.ts";
import { advice, listNames, ok, problem, type Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts, Probe, RegisteredApp, SeenInstallation, SeenRepository } from "./facts.ts";
import { chooseSet, findLacks } from "./judge-app.ts";
import { judgeGate, listGateDiagnoses } from "./judge-gate.ts";

/** Where the App is installed, what its owners granted, and what the repositories' branches ask for. */
export function judgeInstallations(facts: DoctorFacts): readonly Diagnosis[] {
  const { installations, app, configured, only } = facts;
  if (installations.kind === "unknown") {
    // Whoever cannot read the App cannot read this either, and was told so.
    if (app.kind === "unknown") return [];
    const remedy = "Run doctor again; GitHub's status may say more.";
    return [problem("installations", `Installations could not be listed: ${installations.why}.`, remedy)];
  }
  const found = installations.value;
  if (found.length === 0) return [judgeNone(only)];
  return [
    ...found.flatMap((installation) => judgeInstallation(installation, app)),
    ...judgeRepositories(found, configured.appId, only),
  ];
}

function judgeNone(only: string | undefined): Diagnosis {
  const where = only === undefined ? "The App is installed nowhere." : `The App is not installed on ${only}.`;
  const remedy = only === undefined ? "Install it" : "Install it there, or add the repository to its installation,";
  return problem("installations", where, `${remedy} from the App's public page on GitHub.`);
}

function judgeInstallation({ facts, repositories, unseen }: SeenInstallation, app: Probe<RegisteredApp>): Diagnosis[] {
  const { account } = facts;
  if (facts.isSuspended) {
    const remedy = "Its owner can lift that under Settings, Applications (organisations: GitHub Apps).";
    return [problem("installations", `The installation on ${account} is suspended: nothing is checked there.`, remedy)];
  }
  return [
    ...judgeGrant(facts, app),
    ...(repositories.kind === "known"
      ? []
      : [
          problem(
            "installations",
            `Repositories of ${account} could not be listed: ${repositories.why}.`,
            "Run doctor again; GitHub's status may say more.",
          ),
        ]),
    ...(unseen === 0
      ? []
      : [
          advice(
            "installations",
            `Not every repository of ${account} was looked at; ${unseen} ${unseen === 1 ? "is" : "are"} left.`,
            "Name one with --repository OWNER/NAME.",
          ),
        ]),
  ];
}

/** What the App asks for and the owner did not grant; what the App does not ask for was said of the App. */
function judgeGrant({ account, permissions }: SeenInstallation["facts"], app: Probe<RegisteredApp>): Diagnosis[] {
  const asked = app.kind === "known" ? app.value.permissions : undefined;
  const lacks = findLacks(permissions, chooseSet(asked ?? permissions)).filter(({ permission }) => {
    const [name = "", access] = permission.split(": ");
    return asked === undefined || isPermitted(asked, name, access === "write" ? "write" : "read");
  });
  return lacks.map(({ permission, isVital, consequence }) => {
    const sentence = `${account} did not grant \`${permission}\`: ${consequence}.`;
    const remedy = `An owner of ${account} accepts it under Settings, GitHub Apps, Configure.`;
    return isVital ? problem("permissions", sentence, remedy) : advice("permissions", sentence, remedy);
  });
}

/** One sentence for all repositories of which the same is to be said. */
function judgeRepositories(
  installations: readonly SeenInstallation[],
  appId: number,
  only: string | undefined,
): readonly Diagnosis[] {
  const seen = installations.flatMap(({ repositories }) => (repositories.kind === "known" ? repositories.value : []));
  if (seen.length === 0) {
    const isAnywhere = installations.some(
      ({ facts, repositories }) => repositories.kind === "known" && !facts.isSuspended,
    );
    if (!isAnywhere) return [];
    return only === undefined
      ? [advice("installations", "The App was given no repository that is not archived.", "Add some to it on GitHub.")]
      : [judgeNone(only)];
  }
  const unread = seen.filter(({ demands }) => demands.kind === "unknown");
  return [
    ok("installations", `The App is installed on ${listNames(installations.map(({ facts }) => facts.account))}.`),
    ...(unread.length === 0 ? [] : [judgeUnread(unread)]),
    ...listGateDiagnoses(
      seen.flatMap(({ facts, demands }) =>
        demands.kind === "unknown"
          ? []
          : [{ name: `${facts.owner}/${facts.name}`, verdict: judgeGate(demands.value, appId) }],
      ),
    ),
  ];
}

function judgeUnread(repositories: readonly SeenRepository[]): Diagnosis {
  const names = listNames(repositories.map(({ facts }) => `${facts.owner}/${facts.name}`));
  const [first] = repositories;
  const why = first?.demands.kind === "unknown" ? first.demands.why : "";
  const remedy = "Look at the rules of the default branch yourself: the check `drydock`, with this App as its source.";
  return advice("gate", `What merging needs could not be read in ${names}: ${why}.`, remedy);
}
