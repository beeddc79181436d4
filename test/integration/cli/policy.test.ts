import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createRepository, type FakeFiles } from "../../fakes/git-repository.ts";
import { makeDirectory } from "../check/check-change.ts";
import { runDrydock, type ProcessResult } from "./run-drydock.ts";

const MAIN = `package main

import rego.v1

# METADATA
# title: Every resource has a team
# description: Nobody answers for what belongs to nobody.
deny contains "no team" if not input.metadata.labels.team

warn_late contains "late" if input.metadata.labels.late
`;

const PASSING = `package main_test

import rego.v1

import data.main

test_none if count(main.deny) == 1 with input as {"kind": "ConfigMap"}
`;

const CONFIG = `version: 1
environments:
  prod: { paths: ["prod/**"] }
policy:
  rules:
    image-tag: { level: notice, environments: { prod: error } }
    image-registry: { level: error, allowed: [registry.example/], approvers: security }
    rego/main/warn_late: "off"
  exceptions:
    - { rule: image-tag, resource: "Pod/shop/*", reason: until spring, expires: 2099-03-31 }
`;

const FILES = { ".github/drydock.yaml": CONFIG, "policy/main.rego": MAIN, "policy/main_test.rego": PASSING };

type Run = (...args: readonly string[]) => Promise<ProcessResult>;

/** Runs `drydock policy …` in a work tree with these files. */
async function open(t: TestContext, files: FakeFiles = FILES): Promise<{ run: Run; directory: string }> {
  const repository = await createRepository(t, { branches: { main: files } });
  const { directory } = repository;
  await repository.checkout("main");
  const home = { home: makeDirectory(t) };
  return { directory, run: (...args) => runDrydock(home, ["policy", ...args], { cwd: directory }) };
}

interface ListedRule {
  readonly id: string;
  readonly level: string;
  readonly source: string;
  readonly environments: Readonly<Record<string, string>>;
}

describe("drydock policy list", () => {
  it("has every rule with its level, those that are on first, and where environments differ", async (t) => {
    const { run } = await open(t);
    const { status, stdout, stderr } = await run("list");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^\d+ on, \d+ off\./u);
    assert.match(stdout, /^notice {2}image-tag\n {8}Images without a fixed tag\n {8}error in prod\n/mu);
    assert.match(stdout, /^error {3}rego\/main\/deny\n {8}Every resource has a team\n {8}policy\/main\.rego:8\n/mu);
    assert.ok(stdout.indexOf("\nerror   rego/main/deny") < stdout.indexOf("\noff     rego/main/warn_late"));
  });

  it("as JSON has the same, for programs", async (t) => {
    const { run } = await open(t);
    const { version, rules } = JSON.parse((await run("list", "--format", "json")).stdout) as {
      version: number;
      rules: readonly ListedRule[];
    };
    assert.equal(version, 1);
    const told = new Map(rules.map((rule) => [rule.id, rule]));
    assert.deepEqual(told.get("image-tag")?.environments, { prod: "error" });
    assert.equal(told.get("privilege-gained")?.level, "error");
    assert.equal(told.get("privilege-gained")?.source, "built-in");
    assert.equal(told.get("rego/main/warn_late")?.level, "off");
  });

  it("reads a commit of a bare repository with --ref", async (t) => {
    const { directory } = await createRepository(t, { branches: { main: FILES }, isBare: true });
    const home = { home: makeDirectory(t) };
    const listed = await runDrydock(home, ["policy", "list", "--repo", directory, "--ref", "main"]);
    assert.equal(listed.status, 0, listed.stderr);
    assert.match(listed.stdout, /rego\/main\/deny/u);
    const none = await runDrydock(home, ["policy", "list", "--repo", directory]);
    assert.equal(none.status, 3);
    assert.doesNotMatch(none.stderr, /internal error|\n {4}at /u);
  });

  it("prints nothing of a title that would drive the terminal", async (t) => {
    const title = "\u001b[31mred\u001b[0m \u202e‮evil";
    const hostile = MAIN.replace("Every resource has a team", JSON.stringify(title));
    const { run } = await open(t, { "policy/main.rego": hostile });
    for (const args of [["list"], ["explain", "rego/main/deny"]]) {
      const { status, stdout } = await run(...args);
      assert.equal(status, 0);
      assert.match(stdout, /red/u);
      assert.doesNotMatch(stdout, /[\u001b\u202e]/u);
    }
  });
});

describe("drydock policy explain", () => {
  it("tells why, what to do, the level with its line, options, approvers and exceptions", async (t) => {
    const { run } = await open(t);
    const tag = (await run("explain", "image-tag")).stdout;
    assert.match(tag, /^image-tag: Images without a fixed tag\n\n.+\n/u);
    assert.match(tag, /^What to do: /mu);
    assert.match(tag, /^Level: notice \(\.github\/drydock\.yaml:6\)\n {2}error in prod$/mu);
    assert.match(
      tag,
      /^Exceptions:\n {2}Pod\/shop\/\*, until 2099-03-31: until spring \(\.github\/drydock\.yaml:10\)$/mu,
    );
    const registry = (await run("explain", "image-registry")).stdout;
    assert.match(registry, /^allowed: registry\.example\/\nExceptions are approved by team security\.$/mu);
    const own = (await run("explain", "rego/main/deny")).stdout;
    assert.match(own, /^rego\/main\/deny: Every resource has a team\n\nNobody answers/u);
    assert.match(own, /^Level: error \(policy\/main\.rego:8\)$/mu);
  });

  it("names the nearest rule for one that is not there", async (t) => {
    const { run } = await open(t);
    const near = await run("explain", "image-tagg");
    assert.deepEqual([near.status, near.stdout], [3, ""]);
    assert.match(near.stderr, /there is no rule "image-tagg"; did you mean image-tag\?/u);
    assert.match((await run("explain", "zzzzzzzzzz")).stderr, /`drydock policy list` names them/u);
    const ofPackage = await run("explain", "rego/main");
    assert.equal(ofPackage.status, 3);
    assert.match(ofPackage.stderr, /"rego\/main" is a package; its rules are rego\/main\/deny, rego\/main\/warn_late/u);
  });

  it("says where a policy of the API server is explained", async (t) => {
    const { run } = await open(t);
    const { status, stdout } = await run("explain", "crd-rule");
    assert.equal(status, 0);
    assert.match(stdout, /^Level: error \(objects of the repository\)$/mu);
  });

  it("knows the policies of the API server that apps bring, and names them for one that is not there", async (t) => {
    const policy = (name: string): string =>
      `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: { name: ${name} }\nspec: {}\n`;
    const { run } = await open(t, { ...FILES, "cluster/a.yaml": `${policy("replicas")}---\n${policy("names")}` });
    const { status, stdout } = await run("explain", "vap/replicas");
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^vap\/replicas: A ValidatingAdmissionPolicy\n[^]*^Level: error \(objects of the repository\)$/mu,
    );
    const other = await run("explain", "kyverno/replicas");
    assert.deepEqual([other.status, other.stdout], [3, ""]);
    assert.match(other.stderr, /there is no rule "kyverno\/replicas"; there are vap\/names, vap\/replicas\n/u);
  });

  it("names the organisation's floor where it says the level, and no baseline takes what it sets", async (t) => {
    const text = `version: 1
policy:
  preset: baseline
  rules:
    image-tag: error
    image-digest: { environments: { prod: error } }
`;
    const { directory: organization } = await createRepository(t, {
      branches: { main: { ".github/drydock.yaml": text, "policy/main.rego": MAIN.replaceAll("main", "theirs") } },
    });
    const web =
      "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: web }] }\n";
    const { run } = await open(t, { ...FILES, "prod/web.yaml": web });
    const explain = async (rule: string): Promise<string> =>
      (await run("explain", rule, "--organization", organization)).stdout;
    assert.match(
      await explain("image-tag"),
      /^Level: error \(the organisation's floor,\s+\S+drydock\.yaml:5\)\n {2}error in prod$/mu,
    );
    assert.match(
      await explain("probes-missing"),
      /^Level: \w+ \(the organisation's floor, preset baseline of\s+\S+drydock\.yaml\)$/mu,
    );
    assert.match(await explain("image-digest"), /^ {2}error in prod$/mu);
    assert.match(await explain("privilege-gained"), /^Level: error \(preset default\)$/mu);
    const known = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { findings } = JSON.parse((await run("baseline", ...args)).stdout) as { findings: { rule: string }[] };
      return findings.map(({ rule }) => rule);
    };
    assert.deepEqual(await known(), ["image-registry", "image-tag", "rego/main/deny"]);
    assert.deepEqual(await known("--organization", organization), ["rego/main/deny"]);
  });
});

describe("drydock policy test", () => {
  it("counts what passes", async (t) => {
    const { run } = await open(t);
    assert.deepEqual(await run("test"), { status: 0, signal: null, stdout: "1 passed\n", stderr: "" });
  });

  it("ends with 1 when a test fails, and says which and where", async (t) => {
    const failing = PASSING.replace("== 1", "== 2");
    const { run } = await open(t, { ...FILES, "policy/main_test.rego": failing });
    const { status, stdout, stderr } = await run("test");
    assert.deepEqual([status, stderr], [1, ""]);
    assert.match(stdout, /^failed main_test\.test_none\n {4}policy\/main_test\.rego:7\n/u);
    assert.match(stdout, /\n1 failed\n$|\n0 passed, 1 failed\n$/u);
  });

  it("ends with 3 when policies do not compile, with file and line", async (t) => {
    const { run } = await open(t, { ...FILES, "policy/main.rego": "package main\n\ndeny contains msg if { x }\n" });
    for (const action of ["test", "list"]) {
      const { status, stdout, stderr } = await run(action);
      assert.deepEqual([status, stdout], [3, ""]);
      assert.match(stderr, /the policies cannot be used\n {2}policy\/main\.rego:\d+: /u);
    }
  });

  it("says how to write one where there is none", async (t) => {
    const { run } = await open(t, { "a.yaml": "a: 1\n" });
    const { status, stdout } = await run("test");
    assert.equal(status, 0);
    assert.match(stdout, /No tests found in policy\. A test is a rule whose name begins with test_\./u);
  });

  it("sees what is not committed yet", async (t) => {
    const { run, directory } = await open(t, { "a.yaml": "a: 1\n" });
    mkdirSync(join(directory, "policy"));
    writeFileSync(join(directory, "policy/main.rego"), MAIN);
    writeFileSync(join(directory, "policy/main_test.rego"), PASSING);
    assert.equal((await run("test")).stdout, "1 passed\n");
  });
});

describe("drydock policy baseline", () => {
  const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: live, labels: { team: a } }
spec:
  containers: [{ name: main, image: registry.example/main }]
`;
  const secret = `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { key: correct-horse-battery }\n`;
  const strict = CONFIG.replace("policy:\n", "policy:\n  preset: strict\n  baseline: known.json\n");

  it("holds what policies find in all apps, to the byte, without any value, and a check then knows it", async (t) => {
    const files = { ...FILES, ".github/drydock.yaml": strict, "prod/a.yaml": pod("a"), "dev/s.yaml": secret };
    const { run, directory } = await open(t, files);
    const printed = await run("baseline");
    assert.equal(printed.status, 0, printed.stderr);
    assert.match(printed.stderr, /^\d+ entries\.\n$/u);
    const written = await run("baseline", "--output", "known.json");
    assert.deepEqual([written.status, written.stdout], [0, ""]);
    const text = readFileSync(join(directory, "known.json"), "utf8");
    assert.equal(text, printed.stdout);
    const { findings } = JSON.parse(text) as { findings: readonly Readonly<Record<string, string>>[] };
    const keys = findings.map(({ rule = "", app = "", resource = "" }) => `${rule} ${app} ${resource}`);
    assert.ok(keys.includes("image-tag plain:prod/ Pod/live/a"), keys.join("\n"));
    assert.ok(keys.includes("rego/main/deny plain:dev/ Secret/s"), keys.join("\n"));
    assert.deepEqual(keys, keys.toSorted());
    assert.ok(!text.includes("correct-horse"));
    assert.equal((await run("baseline")).stdout, text, "the file itself changes nothing");
  });

  it("is not made of policies that do not compile", async (t) => {
    const { run } = await open(t, { "a.yaml": pod("a"), "policy/main.rego": "package main\n\ndeny contains x\n" });
    const { status, stdout, stderr } = await run("baseline");
    assert.deepEqual([status, stdout], [3, ""]);
    assert.match(stderr, /policy\/main\.rego:\d+/u);
  });
});
