import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { aliasBomb } from "./alias-bomb.ts";
import { checkChange, configMap } from "./check-change.ts";

const CONFIG = "version: 1\nlimits: {seconds: 12, outputMiB: 1, files: 50, documents: 100}\n";

interface Excess {
  readonly title: string;
  readonly id: string;
  readonly message: RegExp;
  readonly files: Readonly<Record<string, FakeFile>>;
}

function chart(title: string, name: string, message: RegExp, template: string): Excess {
  return {
    ...{ title, id: `helm:charts/${name}`, message },
    files: {
      [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
      [`charts/${name}/templates/a.yaml`]: template,
    },
  };
}

// Whichever bound such a template meets first: how fast it grows depends on the machine.
const TIME = /took longer than 12 s|needed more memory|recursed too deep/;
const MEMORY = /needed more memory than an app is given/;

const EXCESSES: readonly Excess[] = [
  chart("T43 a loop in a loop", "loop", TIME, "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"),
  chart(
    "T43 templates that include each other",
    "mutual",
    TIME,
    '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
  ),
  chart(
    "T43 a template that makes itself with `tpl`",
    "tpl",
    TIME,
    '{{ define "a" }}{{ tpl "{{ include \\"a\\" . }}" . }}{{ end }}{{ include "a" . }}',
  ),
  chart("T43 a range over two billion", "range", MEMORY, "{{ range until 2000000000 }}x{{ end }}"),
  chart("T43 200 MB of text", "text", MEMORY, 'a: {{ repeat 200000000 "x" }}'),
  chart("T43 2 GB of text, which never fit", "gigabytes", MEMORY, 'a: {{ repeat 2000000000 "x" }}'),
  chart(
    "T43 a list that doubles",
    "doubles",
    MEMORY,
    "{{ $l := list 1 2 3 4 }}{{ range until 40 }}{{ $l = concat $l $l }}{{ end }}{{ len $l }}",
  ),
  {
    ...{ title: "T43 output above its bound", id: "plain:large/", message: /larger than 1 MiB/ },
    files: { "large/a.yaml": configMap("large", `a: "${"x".repeat(1_100_000)}"`) },
  },
  {
    ...{
      title: "T43 more documents than allowed",
      id: "plain:documents/",
      message: /more than 100 (documents|manifests)/,
    },
    files: { "documents/a.yaml": Array.from({ length: 101 }, (_, index) => configMap(`m-${index}`)).join("---\n") },
  },
  {
    ...{ title: "T43 more files than allowed", id: "plain:files/", message: /more than 50 files/ },
    files: Object.fromEntries(
      Array.from({ length: 51 }, (_, index) => [`files/${index}.yaml`, configMap(`f-${index}`)]),
    ),
  },
  {
    ...{
      title: "T37 an alias bomb that kustomize loads",
      id: "kustomize:bomb",
      message: /^The aliases of this document expand to more than/,
    },
    files: {
      "bomb/kustomization.yaml": "resources: [a.yaml]\n",
      "bomb/a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n${aliasBomb("  ")}`,
    },
  },
];

test("what takes too much is stopped, and the other apps go on", { timeout: 300_000 }, async (t) => {
  const base = { ".github/drydock.yaml": CONFIG, "good/a.yaml": configMap("good") };
  const head = { ...base, "good/a.yaml": configMap("good", 'a: "changed"') };
  const checked = await checkChange(
    t,
    base,
    Object.assign({}, head, ...EXCESSES.map(({ files }) => files)) as typeof base,
  );

  for (const { title, id, message } of EXCESSES) {
    await t.test(title, () => {
      const failure = checked.failure(id);
      // Helm counts how often a template includes itself; a fast machine gets there before the time is over.
      if (failure.message.includes("nested reference name")) {
        assert.equal(failure.kind, "render");
        return;
      }
      assert.match(failure.message, message);
      assert.deepEqual([failure.kind, failure.effect], ["limit", "not-checked"]);
    });
  }
  await t.test("the good app is checked", () => {
    const { status, failure } = checked.app("plain:good/");
    assert.deepEqual([status, failure], ["changed", null]);
  });
  await t.test("nothing failed, so not looked at is what counts", () => assert.equal(checked.exitCode, 2));
});

test("a limit that the change loosens does not count yet", async (t) => {
  const base = { ".github/drydock.yaml": "version: 1\nlimits: {documents: 1}\n", "good/a.yaml": configMap("good") };
  const head = {
    ".github/drydock.yaml": "version: 1\nlimits: {documents: 10}\n",
    "good/a.yaml": `${configMap("good")}---\n${configMap("two")}`,
  };
  assert.equal((await checkChange(t, base, head)).failure("plain:good/").kind, "limit");
});
