/**
 * Measures what the rules of environments cost beside the check that they judge: a pull request that changes 200 apps in
 * three environments each, with every rule on. Facts are at hand: reading them is GitHub's time. Prints milliseconds (the
 * median of the rounds; the check runs once, without stored results) and their ratio to the check.
 *
 *   environments.ts [ROUNDS]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readRepositoryConfig, type RuleSet } from "../src/config/index.ts";
import { decideEnvironments, digestContent, digestReport, listChanges } from "../src/environments/index.ts";
import { openRepository } from "../src/git/index.ts";
import type { Actor, EnvironmentChange, EnvironmentFacts, Report } from "../src/model/index.ts";
import { openWorkbench } from "../src/open-workbench.ts";
import { loadConfig } from "../src/pipeline/load-config.ts";
import { judgeEnvironments } from "../src/publish/judge-environments.ts";
import { runCheck } from "../src/workbench.ts";

const ROOT = join(import.meta.dirname, "..");
const APPS = 200;
const ENVIRONMENTS = ["dev", "staging", "prod"] as const;
const NOW = Date.parse("2026-11-20T12:00:00Z");
const DAY = 86_400_000;

/** One environment's rules, every one of them on. */
const writeEnvironment = (name: string, from: string): string => `  ${name}:
    paths: ["apps/*/overlays/${name}"]
    from: [${from}]
    promotion: { soak: 24h, fields: [spec.replicas] }
    sharedChanges: refuse
    directEdits: { bots: ["renovate[bot]"], except: ["apps/*/overlays/${name}/**"] }
    approvals: { count: 2, teams: [sre], codeOwners: true, destructive: { count: 3 } }
    windows:
      - { name: Office hours, effect: allow, cron: "0 6 * * 1-5", duration: 12h, timeZone: Europe/Berlin }
      - { name: Weekend, effect: deny, cron: "0 0 * * 6", duration: 2d, timeZone: Europe/Berlin }
    limits: { apps: 1000, resources: 5000 }
    locks: true
`;
const CONFIG = `version: 1
environments:
${writeEnvironment("dev", "")}${writeEnvironment("staging", "dev")}${writeEnvironment("prod", "staging")}changes: { environments: 3, apps: 1000, resources: 5000, apart: [[dev, prod]] }
branches: [{ base: [main], heads: ["change"], forks: false }]
override: { teams: [sre] }
`;

function readRules(): RuleSet {
  const reading = readRepositoryConfig(CONFIG, ".github/drydock.yaml");
  if (reading.kind !== "loaded") throw new Error(JSON.stringify(reading));
  return reading.config.rules;
}

const writeDeployment = (name: string, version: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: web, image: "example/${name}:${version}"}]}
`;

/** A repository with the branches `main` and `change`, which brings another image to every base. */
function makeRepository(directory: string): void {
  const git = (...args: string[]): string => execFileSync("git", ["-C", directory, ...args], { encoding: "utf8" });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const commit = (version: string): void => {
    for (let app = 0; app < APPS; app++) write(`apps/a${app}/base/web.yaml`, writeDeployment(`a${app}`, version));
    git("add", "-A");
    git("-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "-q", "-m", version);
  };
  git("init", "-q", "--initial-branch=main");
  for (let app = 0; app < APPS; app++) {
    write(`apps/a${app}/base/kustomization.yaml`, "resources: [web.yaml]\n");
    for (const name of ENVIRONMENTS)
      write(`apps/a${app}/overlays/${name}/kustomization.yaml`, `resources: [../../base]\nnamespace: ${name}\n`);
  }
  commit("1.0.0");
  git("switch", "-q", "-c", "change");
  commit("1.1.0");
}

/** The report of the change, and how long the check took: all apps are rendered on both sides. */
async function check(directory: string): Promise<{ readonly report: Report; readonly milliseconds: number }> {
  const repository = await openRepository(directory);
  const bench = openWorkbench({ root: ROOT, cacheDirectory: undefined, path: "" }, repository, { cache: false });
  try {
    const [base, head] = [await repository.resolveRef("main"), await repository.resolveRef("change")];
    const baseTree = repository.openTree(base.tree);
    const config = await loadConfig(baseTree, () => repository.fileHistory(base.tree, "", 0));
    const begin = performance.now();
    const { report } = await runCheck(bench, {
      ...{ base, head, baseTree, headTree: repository.openTree(head.tree), repository: repository.name, config },
      ...{ isAll: false, kubernetesVersion: undefined, onProgress: () => undefined },
    });
    return { report, milliseconds: performance.now() - begin };
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

/** As the App would have them: what is changed stands elsewhere, two people approved it, and prod is frozen. */
function makeFacts(report: Report, changes: readonly EnvironmentChange[]): EnvironmentFacts {
  const people = Array.from({ length: 5 }, (_, index): Actor => ({
    ...{ id: index + 1, login: `person-${index + 1}`, type: "User" },
  }));
  const [author, ...others] = people;
  const content = digestContent(changes);
  return {
    now: NOW,
    pullRequest: {
      ...{ number: 1, author, requestedBy: undefined, headRef: "change", baseRef: "main", headSha: "1".repeat(40) },
      ...{ isFork: false, isDraft: false, labels: ["hotfix"], kind: undefined },
    },
    changes,
    reported: digestReport(report),
    contributors: {
      people: people.slice(0, 1).map((actor) => ({ actor, hasOnlySuggested: false })),
      ...{ unknown: [], isComplete: true },
    },
    approvals: others.map((actor) => ({
      ...{ actor, environment: undefined, source: "review", sourceId: actor.id, headSha: "1".repeat(40) },
      ...{ givenAt: NOW, content },
    })),
    people: people.map(({ id }) => ({ id, role: "write", teams: { sre: "yes" } })),
    stops: [
      {
        ...{ kind: "freeze", from: "command", environment: "prod", by: author, reason: "Black Friday" },
        ...{ since: NOW - DAY, until: NOW + DAY },
      },
    ],
    ...{ overrides: [], labelers: [] },
    promotions: changes.slice(1).map(({ environment, apps }, index) => ({
      ...{ environment, from: ENVIRONMENTS[index] ?? "", problem: undefined },
      items: apps.map(({ id }) => ({
        ...{ app: id, what: "image web", value: "1.1.0", counterpart: id, stands: "1.1.0" },
        ...{ since: NOW - DAY / 2, arrives: true },
      })),
    })),
    owners: {
      files: changes.flatMap(({ apps }) =>
        apps.flatMap(({ causes }) => causes.map((path) => ({ path, owners: ["person-2"] }))),
      ),
      ...{ errors: [], problem: undefined },
    },
  };
}

function measure(rounds: number, run: () => unknown): number {
  run();
  const times = Array.from({ length: rounds }, () => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  }).sort((one, other) => one - other);
  return times[Math.floor(times.length / 2)] ?? 0;
}

const rounds = Number(process.argv[2] ?? 30);
const directory = mkdtempSync(join(tmpdir(), "drydock-bench-"));
try {
  makeRepository(directory);
  const { report, milliseconds } = await check(directory);
  const rules = readRules();
  const changes = listChanges(report, rules, "main");
  const facts = makeFacts(report, changes);
  const decision = decideEnvironments(facts, rules);
  const print = (name: string, time: number): void => {
    console.log(`${name.padEnd(34)}${time.toFixed(2).padStart(10)} ms   ${(time / milliseconds).toFixed(5)}`);
  };
  console.log(
    `${changes.reduce((sum, { apps }) => sum + apps.length, 0)} changed apps, ${decision.results.length} results`,
  );
  print("check, rendering all of them", milliseconds);
  print(
    "changes out of the report",
    measure(rounds, () => listChanges(report, rules, "main")),
  );
  print(
    "decision over facts and rules",
    measure(rounds, () => decideEnvironments(facts, rules)),
  );
  print(
    "summary of the check",
    measure(rounds, () => judgeEnvironments(decision, false)),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
