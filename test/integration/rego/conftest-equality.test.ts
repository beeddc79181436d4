// The same verdicts as conftest and `opa test`, by their own Go packages (engines/compare/regopeer). Left out where that
// is not built (scripts/build-engines.ts --native rego); CI builds it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { PolicyOutcome } from "../../../src/pipeline/policy-ports.ts";
import { CONTEXT, created, LIMITS, openEngine, readSource, ROOT } from "./rego-fixture.ts";
import { MANIFESTS } from "./manifests.ts";

const FIXTURES = join(ROOT, "test", "fixtures", "rego");
const NATIVE = join(ROOT, "engines", "dist", "native");
const PEER = join(NATIVE, "regopeer");
const skip = existsSync(PEER) ? false : "regopeer is not built: scripts/build-engines.ts --native rego";

interface ConftestResult {
  readonly msg: string;
  readonly metadata?: { readonly query?: string };
}

interface ConftestFile {
  readonly filename: string;
  readonly failures?: readonly ConftestResult[];
  readonly warnings?: readonly ConftestResult[];
  readonly exceptions?: readonly ConftestResult[];
}

const scratch = mkdtempSync(join(tmpdir(), "drydock-rego-"));
after(() => rmSync(scratch, { recursive: true }));
const manifests = join(scratch, "manifests");
mkdirSync(manifests);
MANIFESTS.forEach((manifest, index) => writeFileSync(join(manifests, nameOf(index)), JSON.stringify(manifest)));

function nameOf(index: number): string {
  return `${String(index).padStart(3, "0")}.json`;
}

function runConftest(policy: string, version: "v0" | "v1", ...flags: readonly string[]): readonly ConftestFile[] {
  const arguments_ = ["-policy", join(FIXTURES, policy), "-data", join(FIXTURES, "data"), "-rego-version", version];
  const run = spawnSync(PEER, ["conftest", ...arguments_, ...flags, manifests], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { HOME: scratch },
  });
  assert.equal(run.stderr, "");
  return JSON.parse(run.stdout) as ConftestFile[];
}

/** One line for each result: the file, what it is, the rule's document, and the message. */
function describeConftest(files: readonly ConftestFile[]): string[] {
  const lines = files.flatMap(({ filename, failures = [], warnings = [], exceptions = [] }) => {
    const file = filename.slice(-nameOf(0).length);
    const say = (effect: string) => (result: ConftestResult) =>
      `${file} ${effect} ${result.metadata?.query ?? ""} ${result.msg}`;
    return [
      ...failures.map(say("deny")),
      ...warnings.map(say("warn")),
      ...exceptions.map(({ msg }) => `${file} except ${msg}`),
    ];
  });
  return lines.sort();
}

function documentOf(rule: string): string {
  const [, namespace = "", name = ""] = rule.split("/");
  return `data.${namespace}.${name}`;
}

function describeOutcome(file: string, outcome: PolicyOutcome): string[] {
  if (outcome.kind === "broken") return [`${file} broken ${outcome.problem.message}`];
  return [
    ...outcome.answers.map(({ rule, effect, message }) => `${file} ${effect} ${documentOf(rule)} ${message}`),
    ...(outcome.excepted ?? []).map((rule) => {
      const [, namespace, name = ""] = rule.split("/");
      return `${file} except data.${namespace}.exception[_][_] == "${name.replace(/^[a-z]+_?/u, "")}"`;
    }),
  ];
}

describe("Rego as conftest has it", { skip }, () => {
  const engine = openEngine({ workers: 2 });

  it("gives what conftest gives for policies in Rego v1 and v0", async () => {
    const policy = ["v0", "v1"].map((version) => join(FIXTURES, "policy", version));
    const loaded = await engine.loadRego(readSource(policy, join(FIXTURES, "data")));
    assert.deepEqual(loaded.problems, []);
    assert.ok(loaded.rules.length >= 40, `only ${loaded.rules.length} rules`);
    const outcomes = await engine.evaluateRego(loaded.id, MANIFESTS.map(created), CONTEXT, LIMITS);
    const ours = outcomes.flatMap((outcome, index) => describeOutcome(nameOf(index), outcome)).sort();
    const conftest = [...runConftest("policy/v0", "v0"), ...runConftest("policy/v1", "v1")];
    const theirs = describeConftest(conftest);
    assert.ok(theirs.length > 80, `only ${theirs.length} results to compare`);
    assert.deepEqual(ours, theirs);
  });

  it("gives what `conftest --combine` gives", async () => {
    const loaded = await engine.loadRego(readSource([join(FIXTURES, "combine")], undefined));
    assert.deepEqual(loaded.problems, []);
    const outcome = await engine.evaluateCombined(loaded.id, MANIFESTS.map(created), CONTEXT, LIMITS);
    const theirs = describeConftest(runConftest("combine", "v1", "-combine"));
    assert.ok(theirs.length >= 4);
    assert.deepEqual(describeOutcome("Combined".slice(-nameOf(0).length), outcome).sort(), theirs);
  });

  it("gives what `opa test` gives", async () => {
    const folder = join(FIXTURES, "tests");
    const tests = await engine.testRego(readSource([folder], folder), LIMITS);
    const run = spawnSync(PEER, ["opa-test", folder], { encoding: "utf8", env: {} });
    const theirs = JSON.parse(run.stdout) as {
      package: string;
      name: string;
      fail?: boolean;
      skip?: boolean;
      error?: object;
      location: { row: number };
    }[];
    const describeTheirs = ({ fail, skip: isSkipped, error }: (typeof theirs)[number]): string =>
      error !== undefined ? "errored" : fail === true ? "failed" : isSkipped === true ? "skipped" : "passed";
    assert.ok(theirs.length >= 10);
    assert.deepEqual(
      tests.map((test) => `data.${test.package}.${test.name}:${test.line} ${test.result}`).sort(),
      theirs.map((test) => `${test.package}.${test.name}:${test.location.row} ${describeTheirs(test)}`).sort(),
    );
  });

  it("was compared with the version of OPA that the engine is built from", () => {
    const version = execFileSync(PEER, ["version"], { encoding: "utf8", env: {} });
    const engines = execFileSync("go", ["list", "-m", "-f", "{{.Version}}", "github.com/open-policy-agent/opa"], {
      cwd: join(ROOT, "engines"),
      encoding: "utf8",
    });
    assert.equal(version.trim(), engines.trim().slice(1));
  });
});
