import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BUILT_IN_RULES } from "../../src/policy/index.ts";
import { createRepository } from "../fakes/git-repository.ts";
import { assertShows } from "./assert-shows.ts";
import { readDocuments } from "./read-documents.ts";
import { runDrydock } from "./run-drydock.ts";

const [document] = (await readDocuments()).filter(({ path }) => path.endsWith("policy.md"));
assert.ok(document);
const { fences, text: prose } = document;

/** Blocks whose first line names their file. */
function readFiles(): Readonly<Record<string, string>> {
  const named = fences.flatMap(({ language, text }) => {
    const [line, file] = /^# (\S+\.(?:rego|yaml))\n/u.exec(text) ?? [];
    const isFile = line !== undefined && file !== undefined && file !== "example.yaml";
    return isFile && ["rego", "yaml"].includes(language) ? [[file, `${text.slice(line.length)}\n`] as const] : [];
  });
  return Object.fromEntries(named);
}

function makeApp(replicas: number, registry: string): Readonly<Record<string, string>> {
  const overlay = (namespace: string): string => `namespace: ${namespace}\nresources: [../../base]\n`;
  return {
    "apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "apps/web/base/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          image: ${registry}/web:1.0
`,
    "apps/web/overlays/dev/kustomization.yaml": overlay("dev"),
    "apps/web/overlays/prod/kustomization.yaml": overlay("prod"),
  };
}

test("the policies of the document say what it shows", async (t) => {
  const { "platform/replicas.yaml": admission = "", ...files } = readFiles();
  assert.deepEqual(Object.keys(files).sort(), [
    ...[".github/drydock.yaml", "policy/images.rego", "policy/images_test.rego", "policy/prod.rego"],
    "policy/settings.yaml",
  ]);
  const platform = {
    "platform/replicas.yaml": admission,
    "platform/prod.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: { name: prod, labels: { stage: prod } }\n",
  };
  const [before, after] = [makeApp(6, "registry.example.com"), makeApp(1, "docker.io")];
  const cache = await mkdtemp(join(tmpdir(), "drydock-docs-"));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const plain = await createRepository(t, {
    branches: { main: { ...files, ...before }, change: { ...files, ...after } },
  });
  const ruled = await createRepository(t, {
    branches: {
      main: { ...files, ...platform, ...before },
      "change-with-replicas": { ...files, ...platform, ...after },
    },
  });
  await plain.checkout("main");
  const shown = fences.flatMap(({ text }) => {
    const [command, ...output] = text.split("\n");
    return command?.startsWith("$ drydock ") === true ? [{ args: command.slice("$ drydock ".length), output }] : [];
  });
  assert.equal(shown.length, 3);
  for (const { args, output } of shown) {
    const { directory } = args.includes("change-with-replicas") ? ruled : plain;
    const { stdout, stderr } = await runDrydock(args.split(" "), directory, cache);
    assert.equal(stderr, "");
    assertShows(output, stdout);
  }
});

test("rules that are named exist, and what takes annotations is as told", () => {
  const ids = [
    ...prose.matchAll(/(?:except\.drydock\.dev\/|policy explain |`)(pod-security-\w+|image-\w+|privilege-\w+)/gu),
  ];
  assert.ok(ids.length > 3);
  for (const [, id = ""] of ids) assert.ok(BUILT_IN_RULES.has(id), id);
  for (const id of ["credential", "privilege-gained", "pod-security-baseline", "rbac-wildcard", "image-registry"])
    assert.equal(BUILT_IN_RULES.get(id)?.isAnnotationEnough, false, id);
  assert.equal(BUILT_IN_RULES.get("image-tag")?.isAnnotationEnough, true);
});

test("what is on by default, and by which preset, is as told", () => {
  const errors = [...BUILT_IN_RULES.values()].filter(({ levels }) => levels.default === "error").map(({ id }) => id);
  assert.deepEqual(errors, ["api-removed", "credential", "ingress-collision", "privilege-gained"]);
  const onFirstAt = (preset: "baseline" | "strict", id: string): boolean => {
    const { levels } = BUILT_IN_RULES.get(id) ?? assert.fail(id);
    return levels[preset] !== "off" && (preset === "baseline" ? levels.default : levels.baseline) === "off";
  };
  for (const id of [
    ...["pod-security-baseline", "image-tag", "image-registry", "secret-plaintext", "rbac-wildcard"],
    ...["resources-missing", "probes-missing", "reference-missing"],
  ])
    assert.ok(onFirstAt("baseline", id), id);
  for (const id of ["pod-security-restricted", "image-digest", "network-policy-absent", "pdb-absent"])
    assert.ok(onFirstAt("strict", id), id);
});
