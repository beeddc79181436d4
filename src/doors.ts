import { writeFile } from "node:fs/promises";
import { configDoor } from "./cli/config-door.ts";
import type {
  AppsOutput,
  AppsRequest,
  CheckOutput,
  CheckRequest,
  DemoRequest,
  Doors,
  Presentation,
  RenderRequestOptions,
  ReportProgress,
} from "./cli/doors.ts";
import type { FreezeRequest } from "./cli/freeze-command.ts";
import { checkChange, chooseConfig } from "./check-change.ts";
import { RENAMED_KEYS } from "./config/index.ts";
import { findFilesRoot, openRepository } from "./git/index.ts";
import { UsageError, type Report, type Tree } from "./model/index.ts";
import { CONFIG_FILE, findRuleProblems, type LoadedConfig } from "./pipeline/load-config.ts";
import { openWorkbench, readVersion, type Surroundings } from "./open-workbench.ts";
import { loadReportAssets } from "./report/assets.ts";
import { renderReport } from "./report/index.ts";
import { listApps, renderOne } from "./one-side.ts";
import { policyDoor } from "./policy-door.ts";
import { explainDoor } from "./explain-door.ts";
import { simulateDoor } from "./simulate-door.ts";
import type { CheckedTrees, Workbench } from "./workbench.ts";

/** What the commands do, wired to git, the engines and the cache of this machine. */
export function createDoors(surroundings: Surroundings): Doors {
  const check: Doors["check"] = (request, onProgress) => checkDoor(surroundings, request, onProgress);
  return {
    version: readVersion(surroundings.root),
    check,
    render: (request) => renderDoor(surroundings, request),
    apps: (request) => appsDoor(surroundings, request),
    config: async (request) =>
      await Promise.resolve(
        configDoor({ ...request, repo: findFilesRoot(request.repo) }, CONFIG_FILE, RENAMED_KEYS, findRuleProblems),
      ),
    policy: (request) => policyDoor(surroundings, request),
    explain: (request) => explainDoor(surroundings, request),
    simulate: (request) => simulateDoor(request),
    demo: (request, print) => demoDoor(surroundings, request, print),
    serve: (print) => serveDoor(surroundings, print),
    doctor: (request) => doctorDoor(surroundings, request),
    freeze: (request) => freezeDoor(surroundings, request),
    writeFile: (path, text) => writeFile(path, text),
  };
}

async function checkDoor(
  surroundings: Surroundings,
  request: CheckRequest & Presentation,
  onProgress: ReportProgress,
): Promise<CheckOutput> {
  const repository = await openRepository(request.repo);
  const bench = openWorkbench(surroundings, repository, request);
  try {
    const started = performance.now();
    const checked = await checkChange(repository, bench, request, onProgress);
    return {
      text: await printReport(checked.report, request),
      exitCode: checked.report.outcome.exitCode,
      stats: printStats(checked, performance.now() - started),
    };
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

async function printReport(
  report: Report,
  { format, width, color, all, output }: CheckRequest & Presentation,
): Promise<string> {
  return renderReport(report, format, {
    text: { width, color: color && output === undefined, showKnown: all === true },
    ...(format === "html" ? { assets: await loadReportAssets() } : {}),
  });
}

function printStats({ rendered, reused, files }: CheckedTrees, milliseconds: number): string {
  const seconds = (milliseconds / 1000).toFixed(2);
  return `${rendered} rendered, ${reused} reused, ${files} files read, ${seconds} s\n`;
}

async function renderDoor(surroundings: Surroundings, request: RenderRequestOptions): Promise<string> {
  return withTree(surroundings, request, async (bench, tree, config) => {
    const isRevealed = request.showSecrets === true;
    return await renderOne(bench, tree, config, request.app, {
      isRevealed,
      kubernetesVersion: request.kubernetesVersion,
    });
  });
}

async function appsDoor(surroundings: Surroundings, request: AppsRequest): Promise<AppsOutput> {
  return withTree(surroundings, request, (_bench, tree, config) => listApps(tree, config));
}

async function withTree<T>(
  surroundings: Surroundings,
  request: { readonly repo: string; readonly ref: string },
  use: (bench: Workbench, tree: Tree, config: LoadedConfig) => Promise<T>,
): Promise<T> {
  const repository = await openRepository(request.repo);
  const bench = openWorkbench(surroundings, repository, { cache: false, jobs: 1 });
  try {
    const side = await repository.resolveRef(request.ref);
    const tree = repository.openTree(side.tree);
    const sides = { kind: "trees", base: side, head: side, baseTree: tree, headTree: tree } as const;
    return await use(bench, tree, await chooseConfig(repository, sides, undefined));
  } finally {
    await bench.engine.close();
    await bench.policyEngine.close();
    await repository.close();
  }
}

/** Its parts are loaded here, because the other commands start without a server's libraries. */
async function serveDoor({ root, server }: Surroundings, print: (text: string) => void): Promise<0> {
  if (server === undefined) throw new UsageError("this program serves nothing");
  const { runServer } = await import("./run-server.ts");
  await runServer(root, server, print);
  return 0;
}

async function doctorDoor(
  { server }: Surroundings,
  request: Parameters<Doors["doctor"]>[0],
): ReturnType<Doors["doctor"]> {
  if (server === undefined) throw new UsageError("this program serves nothing, so there is nothing to examine");
  const { examineInstallation } = await import("./doctor-door.ts");
  return await examineInstallation(server.environment, request);
}

async function freezeDoor({ server }: Surroundings, request: FreezeRequest): Promise<string> {
  if (server === undefined) throw new UsageError("this program serves nothing, so there is nothing to stop");
  const { stopServer } = await import("./freeze-door.ts");
  return await stopServer(server.environment, request);
}

/** Its parts are loaded here for the same reason. */
async function demoDoor(
  { root, path, server }: Surroundings,
  request: DemoRequest,
  print: (text: string) => void,
): Promise<0 | 1> {
  if (server === undefined) throw new UsageError("this program serves nothing");
  const { showDemo } = await import("./demo-door.ts");
  return await showDemo({ root, path, untilStopped: server.untilStopped }, request, print);
}
