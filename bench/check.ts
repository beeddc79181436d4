/**
 * Measures `drydock check` on a generated repository of 500 apps in 4,000 files against the native engines (built from
 * the same module versions) on the same machine in the same run: `bench/check.ts [ROUNDS]`, default 3. Prints medians
 * and ratios. Nothing is asserted: times belong to the machine.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CHANGES, FIVE_HUNDRED_APPS, generateRepository, scale } from "./generate-repository.ts";
import { openRunningCheck } from "./running-check.ts";
import { runNativePipeline, type NativeApp } from "./native-pipeline.ts";

const ROOT = join(import.meta.dirname, "..");
const GNU_TIME = "/usr/bin/time";
const rounds = Number(process.argv[2] ?? 3);
const scratch = mkdtempSync(join(tmpdir(), "drydock-bench-"));
try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const repository = join(scratch, "500.git");
  const files = await generateRepository(repository, FIVE_HUNDRED_APPS);
  const workTree = writeWorkTree(files, join(scratch, "500"));
  const apps = listNativeApps(files);
  console.log(`${apps.length} apps in ${files.size} files, ${rounds} rounds, medians\n`);

  const cold: Pair = { ours: [], native: [] };
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    cold.native.push(await time(() => runNativePipeline(workTree, apps, join(scratch, `native-${round}`))));
    cold.ours.push(await time(() => peaks.push(check(repository, join(scratch, `cache-${round}`), "main"))));
  }
  report("cold: render and validate everything once", cold);

  const bothSides = cold.native.map((value) => 2 * value);
  const warm: Pair = { ours: await timeChanges(repository, join(scratch, "cache-0")), native: bothSides };
  report("warm: one file changed, a process of its own (native: both sides)", warm);

  const large = join(scratch, "5000.git");
  await generateRepository(large, scale(FIVE_HUNDRED_APPS, 10));
  const largePeak = check(large, join(scratch, "cache-large"), "main");
  const tenfold = median(await timeChanges(large, join(scratch, "cache-large")));
  console.log(
    `the same among ten times as many apps\n  drydock ${seconds(tenfold)}, ${ratio(tenfold, median(warm.ours))} as long`,
  );

  const running = await openRunningCheck(repository, join(scratch, "cache-running"));
  await running.check("change-0");
  const inside: Pair = { ours: [], native: bothSides };
  for (const branch of changedBranches()) inside.ours.push(await time(() => running.check(branch)));
  await running.close();
  report("warm: one file changed, inside a running process", inside);
  console.log(`peak memory, cold: ${Math.max(...peaks)} MiB at 500 apps, ${largePeak} MiB at 5,000`);
}

/** Each branch holds a change that no check has seen, so that its app has to be rendered. */
async function timeChanges(repository: string, cache: string): Promise<number[]> {
  const times: number[] = [];
  check(repository, cache, "change-0");
  for (const branch of changedBranches()) times.push(await time(() => check(repository, cache, branch)));
  return times;
}

function changedBranches(): string[] {
  return Array.from({ length: Math.min(CHANGES - 1, 5 * rounds) }, (_, index) => `change-${index + 1}`);
}

interface Pair {
  readonly ours: number[];
  readonly native: number[];
}

/** Runs the command line as a process of its own and gives its peak memory in MiB; zero without GNU time. */
function check(repository: string, cache: string, head: string): number {
  const env = { ...process.env, DRYDOCK_CACHE: cache };
  const command = [join(ROOT, "bin", "drydock"), "check", "--repo", repository, "--base", "main", "--head", head];
  const timed = existsSync(GNU_TIME) ? [GNU_TIME, "-f", "%M", ...command] : command;
  const [program = "", ...args] = timed;
  const { status, stderr } = spawnSync(program, args, { env, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (status !== 0) throw new Error(`drydock check ended with status ${status ?? "?"}: ${stderr}`);
  return Math.round(Number(stderr.trim().split("\n").at(-1)) / 1024) || 0;
}

function writeWorkTree(files: ReadonlyMap<string, string>, directory: string): string {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

function listNativeApps(files: ReadonlyMap<string, string>): NativeApp[] {
  const apps: NativeApp[] = [];
  const plain = new Set<string>();
  for (const path of files.keys()) {
    const [, overlay] = /^(services\/.*\/overlays\/.*)\/kustomization\.yaml$/u.exec(path) ?? [];
    const [, chart, values] = /^(charts\/[^/]*)\/(values-.*\.yaml)$/u.exec(path) ?? [];
    const [, folder] = /^(manifests\/[^/]*)\//u.exec(path) ?? [];
    if (overlay !== undefined) apps.push({ kind: "kustomize", path: overlay });
    if (chart !== undefined && values !== undefined) {
      apps.push({ kind: "helm", path: chart, values, release: chart.slice("charts/".length) });
    }
    if (folder !== undefined) plain.add(folder);
  }
  return [...apps, ...[...plain].map((path): NativeApp => ({ kind: "plain", path }))];
}

async function time(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function report(what: string, { ours, native }: Pair): void {
  const [a, b] = [median(ours), median(native)];
  console.log(`${what}\n  drydock ${seconds(a)}  native ${seconds(b)}  native/drydock ${ratio(b, a)}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function ratio(a: number, b: number): string {
  return `${(a / b).toFixed(2)}x`;
}
