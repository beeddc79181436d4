import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { aliasBomb } from "./alias-bomb.ts";
import { assertFailure, filesOfApps, type BadApp } from "./bad-app.ts";
import { checkChange, configMap } from "./check-change.ts";

const chartYaml = (name: string, more = ""): string => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;

interface BadChart extends Omit<BadApp, "folder" | "files" | "file" | "effect"> {
  readonly name: string;
  readonly template: string;
  /** Relative to the chart. */
  readonly file?: string;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly effect?: BadApp["effect"];
}

/** The charts are declared in the config, so that what does not render is the author's to mend. */
const CHARTS: readonly BadChart[] = [
  {
    ...{ title: "a value that is not there", name: "nil", kind: "render", line: 4, message: /can't evaluate field b/ },
    template: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.a.b.c }}\n",
  },
  {
    ...{ title: "broken template syntax", name: "syntax", kind: "render", line: 3, message: /missing value for if/ },
    template: "apiVersion: v1\nkind: ConfigMap\n{{ if }}\n",
  },
  { ...{ title: "`fail`", name: "fail", kind: "render", line: 1, message: /no way/ }, template: '{{ fail "no way" }}' },
  {
    ...{ title: "rendered text that is no YAML", name: "text", kind: "render", message: /not a Kubernetes manifest/ },
    template: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n bad: [\n",
  },
  {
    ...{ title: "T42 `env` does not exist", name: "env", kind: "render", line: 6, message: /"env" not defined/ },
    template: configMap("x", 'a: "{{ env "PATH" }}"'),
  },
  {
    ...{ title: "T43 a template that includes itself", name: "recursive", kind: "render", line: 1 },
    message: /nested reference name/,
    template: '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}',
  },
  {
    ...{ title: "T43 a template that calls itself", name: "calls", kind: "render", line: 1, message: /template depth/ },
    template: '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}',
  },
  {
    ...{ title: "values that do not fit their schema", name: "schema", kind: "render", file: "values.yaml", line: 1 },
    message: /got number, want string/,
    template: configMap("x"),
    files: { "values.schema.json": '{"type":"object","properties":{"a":{"type":"string"}}}' },
  },
  {
    ...{ title: "T37 an alias bomb in values", name: "bomb", kind: "render", file: "values.yaml", message: /aliasing/ },
    template: configMap("x"),
    files: { "values.yaml": aliasBomb("") },
  },
  {
    ...{ title: "T40 a template that is a link out of the tree", name: "link", kind: "outside-repository" },
    ...{ file: "templates/evil.yaml", message: /leads out of the repository/ },
    template: configMap("x"),
    files: { "templates/evil.yaml": { symlink: "/etc/hosts" } },
  },
  {
    ...{ title: "a dependency that is not there names its address", name: "needs", kind: "missing-dependency" },
    ...{
      effect: "not-checked",
      file: "Chart.yaml",
      line: 4,
      message: /redis 1\.0\.0 from https:\/\/charts\.example\.com/,
    },
    template: configMap("x"),
    files: {
      "Chart.yaml": chartYaml(
        "needs",
        "dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example.com'}]\n",
      ),
    },
  },
];

const BAD: readonly BadApp[] = CHARTS.map(({ name, template, files, file, effect, ...rest }) => ({
  ...rest,
  effect: effect ?? "fails",
  folder: `charts/${name}`,
  file: `charts/${name}/${file ?? "templates/a.yaml"}`,
  files: { "Chart.yaml": chartYaml(name), "values.yaml": "a: 1\n", "templates/a.yaml": template, ...files },
}));

const CONFIG = {
  ".github/drydock.yaml": `version: 1\napps: [${BAD.map(({ folder }) => `{path: ${folder}}`).join(", ")}]\n`,
};

const HARMLESS: readonly (readonly [name: string, template: string])[] = [
  ["good", configMap("good", 'a: "changed"')],
  ["resolver", configMap("resolver", 'a: "[{{ getHostByName "example.com" }}]"')],
  ["reader", configMap("reader", 'a: "[{{ .Files.Get "../../secret.txt" }}{{ .Files.Get "/etc/hosts" }}]"')],
  ["lookup", configMap("lookup", 'a: "{{ (lookup "v1" "Secret" "default" "x").data }}"')],
];

test("bad charts", async (t) => {
  const base = {
    ...CONFIG,
    "charts/good/Chart.yaml": chartYaml("good"),
    "charts/good/templates/a.yaml": configMap("good"),
  };
  const files = filesOfApps(BAD);
  for (const [path, text] of Object.entries(CONFIG)) files.set(path, text);
  files.set("secret.txt", "canary-of-another-folder");
  for (const [name, template] of HARMLESS)
    files.set(`charts/${name}/Chart.yaml`, chartYaml(name)).set(`charts/${name}/templates/a.yaml`, template);
  const checked = await checkChange(t, base, files);

  for (const bad of BAD) await t.test(bad.title, () => assertFailure(checked, `helm:${bad.folder}`, bad));

  await t.test("the good chart beside them is checked as ever", () => {
    const { status, failure, changes } = checked.app("helm:charts/good");
    assert.deepEqual([status, failure, changes.length], ["changed", null, 1]);
  });
  await t.test("T41 T39 a chart reaches neither names, nor the cluster, nor files beside it", async () => {
    for (const name of ["resolver", "reader"]) {
      assert.match(checked.app(`helm:charts/${name}`).changes[0]?.diff ?? "", /^\+ {2}a: "\[\]"$/mu);
    }
    assert.match(checked.app("helm:charts/lookup").changes[0]?.diff ?? "", /^\+ {2}a: ""$/mu);
    assert.doesNotMatch(await checked.print("json"), /canary-of-another-folder/u);
  });
  await t.test("what fails wins over what was not looked at", () => assert.equal(checked.exitCode, 1));
});

test("a chart that only its layout declares passes when it never rendered, and the report says so", async (t) => {
  const good = { "good/a.yaml": configMap("good") };
  const chart = { "charts/x/Chart.yaml": chartYaml("x"), "charts/x/templates/a.yaml": "{{ fail `no way` }}" };
  const checked = await checkChange(t, good, { ...good, ...chart });
  assert.equal(checked.exitCode, 0);
  assert.equal(checked.failure("helm:charts/x").effect, "passes");
  assert.match(await checked.print("text"), /could not be rendered|not render/u);
});
