/**
 * Measures 100 Rego rules over 5,000 resources against conftest's own engine, built natively from its Go module
 * (`build-engines.ts --native rego`), in the same run on the same cores: cold, each in a process of its own, and one
 * changed resource in the running worker.
 *
 *   policy.ts [ROUNDS]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileEngines } from "../src/engine/engine-modules.ts";
import { createRegoEngine, type RegoEngine } from "../src/engine/rego-engine.ts";
import type { PolicyContext, PolicyInput } from "../src/model/index.ts";
import type { PolicyOutcome, RegoSource } from "../src/pipeline/policy-ports.ts";
import { generatePolicies, generateResource, type PolicyLayout } from "./generate-policies.ts";

const ROOT = join(import.meta.dirname, "..");
const RESOURCES = 5000;
const FILES = 50;
const LAYOUTS: readonly PolicyLayout[] = ["one package", "ten packages"];
const LIMITS = { seconds: 60, answers: 100 };
const CONTEXT: PolicyContext = { app: "plain:app", environment: undefined, pullRequest: undefined };

function sourceOf(layout: PolicyLayout): RegoSource {
  return { modules: generatePolicies(layout), data: [], namespaces: undefined };
}

function inputOf(index: number, revision = 0): PolicyInput {
  return { object: { json: JSON.stringify(generateResource(index, revision)), sealed: [] }, before: undefined };
}

function openEngine(): RegoEngine {
  const modules = compileEngines(join(ROOT, "engines", "dist"), ["rego"]);
  return createRegoEngine({ module: () => modules.get("rego") });
}

/** Counts what was said, so that both sides are known to have done the same. */
function countAnswers(outcomes: readonly PolicyOutcome[]): number {
  return outcomes.reduce((sum, outcome) => {
    if (outcome.kind === "broken") throw new Error(outcome.problem.message);
    return sum + outcome.answers.length;
  }, 0);
}

async function judgeCold(file: string, layout: PolicyLayout): Promise<void> {
  const inputs = (JSON.parse(readFileSync(file, "utf8")) as string[]).map((json): PolicyInput => ({
    object: { json, sealed: [] },
    before: undefined,
  }));
  const engine = openEngine();
  const loaded = await engine.loadRego(sourceOf(layout));
  const count = countAnswers(await engine.evaluateRego(loaded.id, inputs, CONTEXT, LIMITS));
  await engine.close();
  process.stdout.write(String(count));
}

function writeInputs(scratch: string): void {
  for (const layout of LAYOUTS) {
    mkdirSync(join(scratch, layout));
    for (const { file, text } of generatePolicies(layout)) writeFileSync(join(scratch, layout, file), text);
  }
  mkdirSync(join(scratch, "resources"));
  const resources = Array.from({ length: RESOURCES }, (_, index) => generateResource(index, 0));
  const size = RESOURCES / FILES;
  for (let file = 0; file < FILES; file++) {
    const text = JSON.stringify(resources.slice(file * size, (file + 1) * size));
    writeFileSync(join(scratch, "resources", `${file}.json`), text);
  }
  writeFileSync(join(scratch, "inputs.json"), JSON.stringify(resources.map((resource) => JSON.stringify(resource))));
}

interface Timed {
  readonly milliseconds: number;
  readonly answers: number;
}

function runConftest(scratch: string, layout: PolicyLayout): Timed {
  const peer = join(ROOT, "engines", "dist", "native", "regopeer");
  const arguments_ = ["conftest", "-policy", join(scratch, layout), join(scratch, "resources")];
  const start = performance.now();
  const { stdout, stderr, error } = spawnSync(peer, arguments_, {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    env: { HOME: scratch },
  });
  const milliseconds = performance.now() - start;
  if (error !== undefined || stderr !== "") throw new Error(`conftest: ${error?.message ?? stderr}`);
  const results = JSON.parse(stdout) as { failures?: unknown[]; warnings?: unknown[] }[];
  const answers = results.reduce(
    (sum, { failures, warnings }) => sum + (failures?.length ?? 0) + (warnings?.length ?? 0),
    0,
  );
  return { milliseconds, answers };
}

function runOurs(scratch: string, layout: PolicyLayout): Timed {
  const start = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [import.meta.filename, "--cold", join(scratch, "inputs.json"), layout],
    {
      encoding: "utf8",
    },
  );
  const milliseconds = performance.now() - start;
  if (stdout === "") throw new Error(stderr);
  return { milliseconds, answers: Number(stdout) };
}

async function measureWarm(layout: PolicyLayout): Promise<readonly number[]> {
  const engine = openEngine();
  const loaded = await engine.loadRego(sourceOf(layout));
  await engine.evaluateRego(
    loaded.id,
    Array.from({ length: 200 }, (_, index) => inputOf(index)),
    CONTEXT,
    LIMITS,
  );
  const times: number[] = [];
  for (let revision = 1; revision <= 20; revision++) {
    const start = performance.now();
    countAnswers(await engine.evaluateRego(loaded.id, [inputOf(revision * 7, revision)], CONTEXT, LIMITS));
    times.push(performance.now() - start);
  }
  await engine.close();
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function compare(layout: PolicyLayout, rounds: number, scratch: string): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const native = runConftest(scratch, layout);
    const drydock = runOurs(scratch, layout);
    if (native.answers !== drydock.answers)
      throw new Error(`conftest has ${native.answers} results, Drydock ${drydock.answers}`);
    theirs.push(native.milliseconds);
    ours.push(drydock.milliseconds);
  }
  const times = `conftest ${median(theirs).toFixed(0)} ms, Drydock ${median(ours).toFixed(0)} ms`;
  const ratio = (median(ours) / median(theirs)).toFixed(2);
  console.log(`100 rules in ${layout}, ${RESOURCES} resources, cold: ${times}: ${ratio} times conftest (target: 4)`);
  const warm = await measureWarm(layout);
  const worst = Math.max(...warm).toFixed(1);
  console.log(
    `  one changed resource in the running worker: ${median(warm).toFixed(1)} ms, at most ${worst} (target: 50)`,
  );
}

async function main(rounds: number): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "drydock-bench-policy-"));
  try {
    writeInputs(scratch);
    for (const layout of LAYOUTS) await compare(layout, rounds, scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const [first, second = "", third = ""] = process.argv.slice(2);
if (first === "--cold") await judgeCold(second, third as PolicyLayout);
else await main(Number(first ?? 1));
