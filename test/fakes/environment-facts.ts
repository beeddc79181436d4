import { readRepositoryConfig, type RuleSet } from "../../src/config/index.ts";
import type {
  Actor,
  ChangedApp,
  ContentDigests,
  Contributors,
  EnvironmentChange,
  EnvironmentDecision,
  EnvironmentFacts,
  GivenApproval,
  PersonStanding,
} from "../../src/model/index.ts";
import { digestContent } from "../../src/environments/index.ts";

/** Facts of a pull request of ada's that changes one app of prod, and the parts that tests vary. */

export const NOW = Date.parse("2026-11-20T12:00:00Z");

/** No environment has rules: what every pull request of a repository without them gets. */
export const NO_RULES: EnvironmentDecision = {
  state: "success",
  title: "No environment changes",
  environments: [],
  results: [],
  changesAt: undefined,
};

export function person(id: number, login: string, type: Actor["type"] = "User"): Actor {
  return { id, login, type };
}

/** Who wrote commits. */
export function wrote(...actors: readonly Actor[]): Contributors["people"] {
  return actors.map((actor) => ({ actor, hasOnlySuggested: false }));
}

export const ADA = person(1, "ada");
export const GRACE = person(2, "grace");
export const LIN = person(3, "lin");

export function writer({ id }: Actor, teams: PersonStanding["teams"] = {}): PersonStanding {
  return { id, role: "write", teams };
}

export function readRules(text: string): RuleSet {
  const reading = readRepositoryConfig(`version: 1\n${text}`, ".github/drydock.yaml");
  if (reading.kind !== "loaded") throw new Error(JSON.stringify(reading));
  return reading.config.rules;
}

export function changedApp(id: string, parts: Partial<ChangedApp> = {}): ChangedApp {
  return { id, isRendered: true, digest: `digest of ${id}`, resources: 1, isDestructive: false, causes: [], ...parts };
}

export function change(environment: string, ...apps: readonly ChangedApp[]): EnvironmentChange {
  return { environment, apps: apps.length === 0 ? [changedApp(`kustomize:${environment}`)] : apps, files: [] };
}

export function approve(
  actor: Actor,
  content: ContentDigests | undefined,
  parts: Partial<GivenApproval> = {},
): GivenApproval {
  return {
    ...{ actor, environment: undefined, source: "review", sourceId: actor.id, headSha: "1".repeat(40), givenAt: NOW },
    ...{ content, ...parts },
  };
}

/** Grace and lin can write; nobody has approved; everything else is empty. */
export function makeFacts(parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  return {
    now: NOW,
    pullRequest: {
      ...{
        number: 7,
        author: ADA,
        requestedBy: undefined,
        headRef: "change",
        baseRef: "main",
        headSha: "1".repeat(40),
      },
      ...{ isFork: false, isDraft: false, labels: [], kind: undefined },
    },
    changes: [change("prod")],
    reported: { digest: "digest of all", isDeploying: true },
    contributors: { people: wrote(ADA), unknown: [], isComplete: true },
    approvals: [],
    people: [writer(ADA), writer(GRACE), writer(LIN)],
    ...{ stops: [], labelers: [], overrides: [], promotions: [], owners: undefined },
    ...parts,
  };
}

/** What an approval of exactly these changes is bound to. */
export function contentOf({ changes }: Pick<EnvironmentFacts, "changes">): ContentDigests {
  return digestContent(changes);
}
