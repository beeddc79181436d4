import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { aliasBomb } from "./alias-bomb.ts";
import { checkChange, configMap, type JsonFailure, type JsonFinding } from "./check-change.ts";

interface BadFile {
  readonly title: string;
  /** Folder of a plain app of its own. */
  readonly app: string;
  readonly text: FakeFile;
  readonly failure?: Partial<Pick<JsonFailure, "kind" | "line" | "effect">> & { readonly message: RegExp };
  readonly findings?: readonly (Partial<Pick<JsonFinding, "rule" | "line">> & { readonly message?: RegExp })[];
  /** How many resources it gives, when it is well enough. */
  readonly resources?: number;
}

const CASES: readonly BadFile[] = [
  {
    title: "malformed YAML fails with its line",
    app: "malformed",
    text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n data: {\n",
    failure: { kind: "render", line: 5, effect: "fails", message: /not valid YAML/ },
  },
  {
    title: "a tab as indentation fails with its line",
    app: "tabs",
    text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n",
    failure: { kind: "render", line: 4, effect: "fails", message: /not valid YAML/ },
  },
  {
    title: "bytes that are no UTF-8 fail with their line",
    app: "latin1",
    text: Buffer.from("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \xe9}\n", "latin1"),
    failure: { kind: "render", line: 4, effect: "fails", message: /not UTF-8/ },
  },
  { title: "a byte order mark does no harm", app: "bom", text: `\ufeff${configMap("bom")}`, resources: 1 },
  { title: "CRLF does no harm", app: "crlf", text: configMap("crlf").replaceAll("\n", "\r\n"), resources: 1 },
  {
    title: "UTF-16 with a byte order mark is read",
    app: "utf16",
    text: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(configMap("utf16"), "utf16le")]),
    resources: 1,
  },
  {
    title: "empty documents between manifests are no manifests",
    app: "empty-documents",
    text: `---\n---\n# nothing\n---\n${configMap("one")}---\n---\n${configMap("two")}---\n`,
    resources: 2,
  },
  {
    title: "anchors and merge keys are followed",
    app: "anchors",
    text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &l {a: &v b}}\ndata:\n  <<: *l\n  c: *v\n",
    resources: 1,
  },
  {
    title: "T37 an alias bomb is a limit",
    app: "bomb",
    text: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n${aliasBomb("  ")}`,
    failure: { kind: "limit", effect: "not-checked", message: /aliases/ },
  },
  {
    title: "T37 a duplicate key is an error on its line",
    app: "duplicate",
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "x"\n  a: "z"\n',
    findings: [{ rule: "duplicate-key", line: 7 }],
    resources: 1,
  },
  {
    title: "T37 a document of 10 MB is read",
    app: "ten-megabytes",
    text: configMap("big", `a: "${"x".repeat(10 * 1024 * 1024)}"`),
    resources: 1,
  },
  {
    title: "T37 a file of 5,000 documents is read",
    app: "many-documents",
    text: Array.from({ length: 5000 }, (_, index) => configMap(`m-${index}`)).join("---\n"),
    resources: 5000,
  },
  {
    title: "T43 nesting without end is a limit",
    app: "deep",
    text: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`,
    failure: { kind: "limit", effect: "not-checked", message: /nested too deep/ },
  },
  {
    title: "T37 keys that mean something to JavaScript are keys",
    app: "prototype",
    text: configMap("prototype", '__proto__: "x"\n  constructor: "y"\n  toString: "z"'),
    resources: 1,
  },
  {
    title: "a name that means something to JavaScript is a name",
    app: "constructor",
    text: configMap("constructor"),
    resources: 1,
  },
  {
    title: "T37 a polluting merge key changes nothing but its own object",
    app: "pollution",
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {<<: {__proto__: {polluted: "x"}}}\n',
    findings: [{ rule: "schema" }],
    resources: 1,
  },
  {
    title: "a name of 5,000 characters is refused, and cut in the message",
    app: "long-name",
    text: configMap("n".repeat(5000)),
    findings: [{ rule: "invalid-name", line: 4, message: /^.{0,400}$/ }],
    resources: 1,
  },
  {
    title: "T40 a manifest in Git LFS is not looked at",
    app: "lfs",
    text: `version https://git-lfs.github.com/spec/v1\noid sha256:${"4".repeat(64)}\nsize 12345\n`,
    failure: { kind: "lfs", effect: "not-checked", message: /LFS/ },
  },
];

test("bad YAML in plain files", async (t) => {
  const base = { "good/a.yaml": configMap("good") };
  const files = new Map<string, FakeFile>([["good/a.yaml", configMap("good", "a: changed")]]);
  for (const { app, text } of CASES) files.set(`${app}/a.yaml`, text);
  const checked = await checkChange(t, base, files);

  for (const badFile of CASES) await t.test(badFile.title, (t) => judgeCase(t, badFile, checked));

  await t.test("the good app beside them is checked as ever", () => {
    assert.deepEqual([checked.app("plain:good/").status, checked.app("plain:good/").failure], ["changed", null]);
  });
  await t.test("what fails wins over what was not looked at", () => assert.equal(checked.exitCode, 1));
});

function judgeCase(_t: TestContext, expected: BadFile, checked: Awaited<ReturnType<typeof checkChange>>): void {
  const id = `plain:${expected.app}/`;
  if (expected.failure !== undefined) {
    const { message, ...rest } = expected.failure;
    const failure = checked.failure(id);
    assert.match(failure.message, message);
    assert.partialDeepStrictEqual(failure, { ...rest, file: `${expected.app}/a.yaml` });
    return;
  }
  const app = checked.app(id);
  assert.equal(app.failure, null);
  assert.equal(app.resources.head, expected.resources);
  assert.deepEqual(
    app.findings.map(({ rule }) => rule),
    (expected.findings ?? []).map(({ rule }) => rule),
  );
  for (const [index, { message, ...rest }] of (expected.findings ?? []).entries()) {
    assert.partialDeepStrictEqual(app.findings[index], { ...rest, file: `${expected.app}/a.yaml` });
    if (message !== undefined) assert.match(app.findings[index]?.message ?? "", message);
  }
}

/** What is left of a manifest can be too little to look like one: its resources would pass as removed. */
test("a manifest that is not YAML or JSON any more fails as part of the app it was in", async (t) => {
  const json = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}';
  const checked = await checkChange(
    t,
    {
      "alone/a.yaml": configMap("a"),
      "beside/a.yaml": configMap("b"),
      "beside/c.yaml": configMap("d"),
      "json/a.json": json,
      "moved/a.yaml": configMap("e"),
    },
    {
      "alone/a.yaml": "kind: [\n",
      "beside/a.yaml": "metadata:\n  name: b\n name: {\n",
      "beside/c.yaml": configMap("d"),
      "json/a.json": '{"kind": [',
      "moved/a.yaml": "kind: of values\n",
      "values/new.yaml": "kind: [\n",
    },
  );
  for (const app of ["plain:alone/", "plain:beside/", "plain:json/"]) {
    const { effect, message } = checked.failure(app);
    assert.deepEqual([effect, /not valid/u.test(message)], ["fails", true], `${app}: ${message}`);
  }
  assert.equal(checked.app("plain:moved/").failure, null, "values that took its place are none");
  assert.equal(checked.report.apps.length, 4, "what never was a manifest is no app");
});
