import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { aliasBomb } from "./alias-bomb.ts";
import { assertFailure, filesOfApps, type BadApp } from "./bad-app.ts";
import { checkChange, configMap } from "./check-change.ts";

function app(
  folder: string,
  kustomization: string,
  expected: Omit<BadApp, "folder" | "files" | "file"> & { readonly file?: string },
  files: BadApp["files"] = {},
): BadApp {
  return {
    file: `${folder}/kustomization.yaml`,
    ...expected,
    folder,
    files: { "kustomization.yaml": kustomization, ...files },
  };
}

const fails = (title: string, message: RegExp, line?: number) =>
  ({ title, kind: "render", effect: "fails", message, ...(line === undefined ? {} : { line }) }) as const;
const leadsOut = (title: string, line?: number) =>
  ({
    title,
    kind: "outside-repository",
    effect: "fails",
    message: /leads out of the repository/,
    ...(line === undefined ? {} : { line }),
  }) as const;
const remote = (title: string, url: RegExp) =>
  ({ title, kind: "remote-input", effect: "not-checked", message: url, line: 1 }) as const;

/** A KRM function as kustomize's own documentation has it; `mark` is what it would leave behind. */
const krmFunction = (how: string): string =>
  `apiVersion: example.com/v1\nkind: Gen\nmetadata:\n  name: g\n  annotations:\n    config.kubernetes.io/function: |\n      ${how}\n`;

const CASES: readonly BadApp[] = [
  app(
    "cycle-a",
    "resources: [../cycle-b]\n",
    { ...fails("a cycle of two", /circle/, 1), file: "cycle-b/kustomization.yaml" },
    {},
  ),
  app("cycle-self", "resources: [.]\n", fails("a cycle of one", /circle/, 1)),
  app("missing-base", "resources:\n- ../nowhere\n", fails("a missing base", /\.\.\/nowhere is listed here/, 2)),
  app("missing-file", "resources:\n- a.yaml\n- gone.yaml\n", fails("a missing file", /gone\.yaml is listed here/, 3), {
    "a.yaml": configMap("a"),
  }),
  app("empty", "", fails("an empty kustomization", /empty/)),
  app("malformed", "resources: [\n", fails("a malformed kustomization", /not valid YAML/, 1)),
  app("mistyped", "resource: [a.yaml]\n", fails("a mistyped key", /no field "resource"/, 1)),
  app("bomb", `${aliasBomb("")}resources: [a.yaml]\n`, fails("T37 an alias bomb in a kustomization", /aliasing/), {
    "a.yaml": configMap("a"),
  }),
  app("out-file", "resources: [../../../etc/passwd.yaml]\n", leadsOut("T39 `../` to a file", 1)),
  app("out-folder", "resources: [../../../../other]\n", leadsOut("T39 `../` to a folder", 1)),
  app(
    "out-generator",
    "configMapGenerator: [{name: x, files: [../../../etc/passwd]}]\n",
    leadsOut("T39 `../` in a generator", 1),
  ),
  app("absolute", "resources: [/etc/hosts.yaml]\n", leadsOut("T39 an absolute path", 1)),
  app(
    "absolute-generator",
    "configMapGenerator: [{name: x, files: [/etc/passwd]}]\n",
    leadsOut("T39 an absolute path in a generator", 1),
  ),
  app(
    "link-out",
    "resources: [a.yaml]\n",
    { ...leadsOut("T40 a link out of the tree"), file: "link-out/a.yaml" },
    { "a.yaml": { symlink: "../../../etc/hosts" } },
  ),
  app(
    "link-absolute",
    "resources: [a.yaml]\n",
    { ...leadsOut("T40 a link to an absolute path"), file: "link-absolute/a.yaml" },
    { "a.yaml": { symlink: "/etc/hosts" } },
  ),
  app(
    "link-loop",
    "resources: [a.yaml]\n",
    { ...leadsOut("T40 a loop of links"), file: "link-loop/a.yaml" },
    { "a.yaml": { symlink: "b.yaml" }, "b.yaml": { symlink: "a.yaml" } },
  ),
  app(
    "submodule",
    "resources: [sub]\n",
    {
      title: "T40 a submodule",
      kind: "submodule",
      effect: "not-checked",
      message: /git submodule/,
      file: "submodule/sub",
    },
    { sub: { submodule: "1234567890123456789012345678901234567890" } },
  ),
  app(
    "lfs",
    "resources: [a.yaml]\n",
    { title: "T40 an LFS pointer", kind: "lfs", effect: "not-checked", message: /Git LFS/, file: "lfs/a.yaml" },
    { "a.yaml": `version https://git-lfs.github.com/spec/v1\noid sha256:${"4".repeat(64)}\nsize 1\n` },
  ),
  app(
    "remote-git",
    "resources: ['https://github.com/acme/base//deploy?ref=v1']\n",
    remote("T41 a remote base names its URL", /https:\/\/github\.com\/acme\/base\/\/deploy\?ref=v1/),
  ),
  app(
    "remote-file",
    "resources: ['https://example.com/a.yaml']\n",
    remote("T41 a remote file names its URL", /https:\/\/example\.com\/a\.yaml/),
  ),
  app(
    "remote-metadata",
    "resources: ['http://169.254.169.254/latest/a.yaml']\n",
    remote("T41 the metadata address is not asked", /169\.254\.169\.254/),
  ),
  app(
    "remote-ssh",
    "resources: ['git@github.com:acme/base.git?ref=v1']\n",
    remote("T41 a base over ssh names its URL", /git@github\.com:acme\/base\.git/),
  ),
  app("helm-charts", "helmCharts: [{name: redis, repo: 'https://charts.example.com', version: 1.0.0}]\n", {
    title: "a chart inside kustomize is not looked at",
    kind: "plugin",
    effect: "not-checked",
    message: /helmCharts/,
    line: 1,
  }),
  app(
    "exec",
    "generators: [gen.yaml]\n",
    {
      title: "T42 an exec function never runs",
      kind: "plugin",
      effect: "not-checked",
      message: /never run/,
      file: "exec/gen.yaml",
    },
    {
      "gen.yaml": krmFunction("exec: {path: ./run.sh}"),
      "run.sh": { executable: '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n' },
    },
  ),
  app(
    "container",
    "transformers: [t.yaml]\nresources: [a.yaml]\n",
    {
      title: "T42 a container function never runs",
      kind: "plugin",
      effect: "not-checked",
      message: /never run/,
      file: "container/t.yaml",
    },
    { "a.yaml": configMap("a"), "t.yaml": krmFunction("container: {image: 'example.com/evil:latest'}") },
  ),
];

test("bad kustomizations", async (t) => {
  const files = filesOfApps(CASES);
  files.set("cycle-b/kustomization.yaml", "resources: [../cycle-a]\n");
  files.set("good/kustomization.yaml", "resources: [a.yaml]\n").set("good/a.yaml", configMap("good", "a: changed"));
  const base = { "good/kustomization.yaml": "resources: [a.yaml]\n", "good/a.yaml": configMap("good") };
  const checked = await checkChange(t, base, files);

  for (const bad of CASES) await t.test(bad.title, () => assertFailure(checked, `kustomize:${bad.folder}`, bad));

  await t.test("the good app beside them is checked as ever", () => {
    const { status, failure, changes } = checked.app("kustomize:good");
    assert.deepEqual([status, failure, changes.length], ["changed", null, 1]);
  });
  await t.test("nothing ran", () => assert.equal(existsSync(join(checked.directory, "exec/ran")), false));
  await t.test("what fails wins over what was not looked at", () => assert.equal(checked.exitCode, 1));
});

test("an app that cannot be looked at for outside reasons is never green", async (t) => {
  const good = { "good/a.yaml": configMap("good") };
  const remoteBase = { "web/kustomization.yaml": "resources: ['https://example.com/a.yaml']\n" };
  await t.test("not checked is exit status 2", async (t) => {
    const { exitCode, report } = await checkChange(t, good, { ...good, ...remoteBase });
    assert.deepEqual([exitCode, report.outcome.status], [2, "not-checked"]);
  });
  await t.test("unless the config accepts it, and then the report still says so", async (t) => {
    const config = { ".github/drydock.yaml": "version: 1\naccept: [{apps: 'kustomize:*', reason: remote-input}]\n" };
    const checked = await checkChange(t, { ...good, ...config }, { ...good, ...config, ...remoteBase });
    assert.equal(checked.exitCode, 0);
    assert.equal(checked.failure("kustomize:web").effect, "passes");
  });
  await t.test("T03 a config on the head accepts nothing", async (t) => {
    const config = { ".github/drydock.yaml": "version: 1\naccept: [{apps: 'kustomize:*', reason: remote-input}]\n" };
    assert.equal((await checkChange(t, good, { ...good, ...config, ...remoteBase })).exitCode, 2);
  });
});
