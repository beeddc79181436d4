import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { checkChange, type CheckedChange } from "./check-change.ts";
import { listFiles } from "./lose-from-store.ts";

/** Each place gets a value of its own, so that a leak says where it came from. */
const canary = (place: string): string => `Canary-${place}-7f3Q9x`;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const secret = (body: string): string => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n${body}`;

const chart = (name: string, template: string, values: string): Readonly<Record<string, string>> => ({
  [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  [`charts/${name}/values.yaml`]: values,
  [`charts/${name}/templates/a.yaml`]: template,
});

interface Hideout {
  readonly place: string;
  /** The files that hold the value; called with one for each side. */
  readonly files: (value: string) => Readonly<Record<string, FakeFile>>;
}

const HIDEOUTS: readonly Hideout[] = [
  { place: "data", files: (value) => ({ "data/a.yaml": secret(`data:\n  key: ${base64(value)}\n`) }) },
  { place: "string-data", files: (value) => ({ "string-data/a.yaml": secret(`stringData:\n  key: ${value}\n`) }) },
  {
    place: "json",
    files: (value) => ({
      "json/a.json": JSON.stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s" },
        stringData: { key: value },
      }),
    }),
  },
  { place: "not-base64", files: (value) => ({ "not-base64/a.yaml": secret(`data:\n  key: "${value}!"\n`) }) },
  { place: "data-is-text", files: (value) => ({ "data-is-text/a.yaml": secret(`data: ${value}\n`) }) },
  { place: "nested-data", files: (value) => ({ "nested-data/a.yaml": secret(`data:\n  key: {deep: [${value}]}\n`) }) },
  {
    place: "duplicate-key",
    files: (value) => ({ "duplicate-key/a.yaml": secret(`stringData:\n  key: ${value}\n  key: ${value}2\n`) }),
  },
  { place: "unknown-field", files: (value) => ({ "unknown-field/a.yaml": secret(`stringdata:\n  key: ${value}\n`) }) },
  {
    place: "wrong-type",
    files: (value) => ({ "wrong-type/a.yaml": secret(`type: [1]\nimmutable: "x"\nstringData:\n  key: ${value}\n`) }),
  },
  {
    place: "old-version",
    files: (value) => ({ "old-version/a.yaml": secret(`stringData: {key: ${value}}\n`).replace("v1\n", "v1beta1\n") }),
  },
  {
    place: "list",
    files: (value) => ({
      "list/a.yaml": `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n  stringData: {key: ${value}}\n`,
    }),
  },
  {
    place: "secret-list",
    files: (value) => ({
      "secret-list/a.yaml": `apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: s}\n  stringData: {key: ${value}}\n`,
    }),
  },
  {
    place: "last-applied",
    files: (value) => ({
      "last-applied/a.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"key":"${value}"}}\n`,
    }),
  },
  {
    place: "sops",
    files: (value) => ({
      "sops/a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  key: ENC[AES256_GCM,data:${value},iv:abc=,tag:def=,type:str]\nsops: {version: 3.8.1, mac: 'ENC[${value}]'}\n`,
    }),
  },
  {
    place: "generator-literal",
    files: (value) => ({
      "generator-literal/kustomization.yaml": `secretGenerator:\n- name: s\n  literals: [key=${value}]\n`,
    }),
  },
  {
    place: "generator-env",
    files: (value) => ({
      "generator-env/kustomization.yaml": "secretGenerator:\n- name: s\n  envs: [s.env]\n",
      "generator-env/s.env": `key=${value}\n`,
    }),
  },
  {
    place: "generator-file",
    files: (value) => ({
      "generator-file/kustomization.yaml": "secretGenerator:\n- name: s\n  files: [s.txt]\n",
      "generator-file/s.txt": value,
    }),
  },
  {
    place: "generator-bad-literal",
    files: (value) => ({
      "generator-bad-literal/kustomization.yaml": `secretGenerator:\n- name: s\n  literals: ["${value}"]\n`,
    }),
  },
  {
    place: "generator-bad-env",
    files: (value) => ({
      "generator-bad-env/kustomization.yaml": "secretGenerator:\n- name: s\n  envs: [s.env]\n",
      "generator-bad-env/s.env": `bad key=${value}\n=${value}\n`,
    }),
  },
  {
    place: "secret-patch",
    files: (value) => ({
      "secret-patch/kustomization.yaml": "resources: [s.yaml]\npatches: [{path: p.yaml}]\n",
      "secret-patch/s.yaml": secret("stringData: {key: x}\n"),
      "secret-patch/p.yaml": secret(`stringData: {key: ${value}}\n`),
    }),
  },
  {
    place: "secret-patch-fails",
    files: (value) => ({
      "secret-patch-fails/kustomization.yaml": "resources: [s.yaml]\npatches: [{path: p.yaml}]\n",
      "secret-patch-fails/s.yaml": secret("stringData: {key: x}\n"),
      "secret-patch-fails/p.yaml": secret(`stringData: {key: ${value}}\n`).replace("name: s", "name: other"),
    }),
  },
  {
    place: "inline-patch-fails",
    files: (value) => ({
      "inline-patch-fails/kustomization.yaml": `resources: [s.yaml]\npatches:\n- target: {kind: Secret}\n  patch: |-\n    - op: replace\n      path: /nowhere/key\n      value: ${value}\n`,
      "inline-patch-fails/s.yaml": secret("stringData: {key: x}\n"),
    }),
  },
  {
    place: "helm-value",
    files: (value) =>
      chart("helm-value", secret("stringData: {key: {{ .Values.password | quote }}}\n"), `password: ${value}\n`),
  },
  {
    place: "helm-b64",
    files: (value) =>
      chart("helm-b64", secret("data: {key: {{ .Values.password | b64enc }}}\n"), `password: ${value}\n`),
  },
  {
    place: "helm-fail",
    files: (value) =>
      chart("helm-fail", '{{ fail (printf "bad password %s" .Values.password) }}', `password: ${value}\n`),
  },
  {
    place: "helm-function-fails",
    files: (value) =>
      chart(
        "helm-function-fails",
        secret("data: {key: {{ .Values.password | b64enc | mustRegexFind `(` }}}\n"),
        `password: ${value}\n`,
      ),
  },
  {
    place: "helm-number",
    files: (value) =>
      chart("helm-number", secret("data: {key: {{ .Values.password.deeper.still }}}\n"), `password: ${value}\n`),
  },
  {
    place: "helm-schema",
    files: (value) => ({
      ...chart("helm-schema", secret("stringData: {key: x}\n"), `password: ${value}\n`),
      "charts/helm-schema/values.schema.json":
        '{"properties":{"password":{"type":"integer","enum":[1],"pattern":"^x$"}}}',
    }),
  },
  {
    place: "helm-bad-yaml",
    files: (value) =>
      chart("helm-bad-yaml", secret("stringData:\n  key: {{ .Values.password }}\n bad: [\n"), `password: ${value}\n`),
  },
  {
    place: "helm-values-syntax",
    files: (value) => chart("helm-values-syntax", secret("stringData: {key: x}\n"), `password: ${value}\n bad: [\n`),
  },
  {
    place: "syntax",
    files: (value) => ({ "syntax/a.yaml": secret(`stringData:\n  key: ${value}\n bad: [${value}\n`) }),
  },
  {
    place: "syntax-in-value",
    files: (value) => ({ "syntax-in-value/a.yaml": secret(`stringData:\n  key: "${value}\n  other: *${value}\n`) }),
  },
  { place: "unknown-alias", files: (value) => ({ "unknown-alias/a.yaml": secret(`stringData:\n  key: *${value}\n`) }) },
  { place: "bad-tag", files: (value) => ({ "bad-tag/a.yaml": secret(`stringData:\n  key: !!int ${value}\n`) }) },
  {
    place: "bad-json",
    files: (value) => ({
      "bad-json/a.json": `{"apiVersion": "v1", "kind": "Secret", "stringData": {"key": "${value}",}}`,
    }),
  },
  {
    place: "self-anchor",
    files: (value) => ({ "self-anchor/a.yaml": secret(`stringData: &${value}\n  key: *${value}\n`) }),
  },
  { place: "bad-merge", files: (value) => ({ "bad-merge/a.yaml": secret(`stringData:\n  <<: ${value}\n`) }) },
  {
    place: "bad-binary",
    files: (value) => ({ "bad-binary/a.yaml": secret(`stringData:\n  key: !!binary "${value}"\n`) }),
  },
  { place: "map-key", files: (value) => ({ "map-key/a.yaml": secret(`stringData:\n  {${value}: x}: y\n`) }) },
  ...["alias: *V", "anchor: &V *V", "tag: !!int V", "merge: {<<: V}", "binary: !!binary V"].map((line, index) => ({
    place: `kustomize-${line.split(":")[0] ?? index}`,
    files: (value: string) => ({
      [`kustomize-${line.split(":")[0] ?? index}/kustomization.yaml`]: "resources: [a.yaml]\n",
      [`kustomize-${line.split(":")[0] ?? index}/a.yaml`]: secret(`stringData:\n  ${line.replaceAll("V", value)}\n`),
    }),
  })),
  ...["alias: *V", "tag: !!int V", "merge: {<<: V}"].map((line, index) => ({
    place: `helm-yaml-${line.split(":")[0] ?? index}`,
    files: (value: string) =>
      chart(
        `helm-yaml-${line.split(":")[0] ?? index}`,
        secret(`stringData:\n  ${line.replaceAll("V", "{{ .Values.password }}")}\n`),
        `password: ${value}\n`,
      ),
  })),
  {
    place: "bad-kustomize-yaml",
    files: (value) => ({
      "bad-kustomize-yaml/kustomization.yaml": "resources: [a.yaml]\n",
      "bad-kustomize-yaml/a.yaml": secret(`stringData:\n  key: ${value}\n bad: [${value}\n`),
    }),
  },
];

function filesOf(side: string): Map<string, FakeFile> {
  return new Map(HIDEOUTS.flatMap(({ place, files }) => Object.entries(files(`${canary(place)}-${side}`))));
}

/** Spellings in which a value could come out: as it is, in base64 at any of the three offsets, escaped. */
function spellingsOf(value: string): readonly string[] {
  const inBase64 = ["", "a", "ab"].map((lead) => {
    const whole = base64(lead + value);
    return whole.slice(lead.length === 0 ? 0 : 4, whole.length - 4);
  });
  return [value, value.toLowerCase(), Buffer.from(value).toString("hex"), encodeURIComponent(value), ...inBase64];
}

function findLeaks(text: string): string[] {
  return HIDEOUTS.map(({ place }) => place).filter((place) =>
    spellingsOf(canary(place)).some((spelling) => text.includes(spelling)),
  );
}

function readCache({ cache }: CheckedChange): string {
  // The object store of git is not here; the key of the seals is no value of a Secret.
  return listFiles(cache)
    .map((file) => `${file}\n${readFileSync(file, "latin1")}`)
    .join("\n");
}

test("T44 T56 no value of a Secret leaves the engine", { timeout: 180_000 }, async (t) => {
  const checked = await checkChange(t, filesOf("before"), filesOf("after"));

  await t.test("every place is in the report", () => {
    const folders = new Set(checked.report.apps.map(({ id }) => id.replace(/^.*?:(?:charts\/)?|\/$/gu, "")));
    assert.deepEqual(
      HIDEOUTS.map(({ place }) => place).filter((place) => !folders.has(place)),
      [],
    );
  });
  await t.test("a changed value is told as a change", () => {
    for (const id of [
      "plain:data/",
      "plain:string-data/",
      "plain:list/",
      "kustomize:generator-file",
      "helm:charts/helm-value",
    ])
      assert.equal(checked.app(id).status, "changed", id);
  });
  for (const format of ["text", "markdown", "json", "sarif", "html"] as const) {
    await t.test(`not in ${format}`, async () => assert.deepEqual(findLeaks(await checked.print(format)), []));
  }
  await t.test("not in the cache", () => assert.deepEqual(findLeaks(readCache(checked)), []));
  await t.test("the search itself finds what is there", () => {
    assert.deepEqual(findLeaks(`x ${base64(`ab${canary("data")}yz`)}`), ["data"]);
    assert.deepEqual(findLeaks(canary("sops")), ["sops"]);
  });
});

test("T44 no value of a Secret that is added or removed leaves the engine", { timeout: 180_000 }, async (t) => {
  const good = { "good/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n" };
  for (const [title, base, head] of [
    ["added", good, filesOf("new")],
    ["removed", filesOf("old"), good],
  ] as const) {
    await t.test(title, async (t) => {
      const checked = await checkChange(t, base, head, { all: true });
      for (const format of ["text", "markdown", "json", "sarif", "html"] as const)
        assert.deepEqual(findLeaks(await checked.print(format)), [], format);
      assert.deepEqual(findLeaks(readCache(checked)), []);
    });
  }
});
