import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import type { ConfigProblem, ConfigReading, RepositoryConfig } from "../../../src/config/index.ts";

const FILE = ".github/drydock.yaml";

function load(text: string): RepositoryConfig {
  const reading = readRepositoryConfig(text, FILE);
  assert.equal(reading.kind, "loaded", JSON.stringify(reading));
  return reading.config;
}

function problemsOf(text: string): readonly ConfigProblem[] {
  const reading = readRepositoryConfig(text, FILE);
  assert.equal(reading.kind, "invalid");
  return reading.problems;
}

/** `line:column message` of every problem. */
function say(text: string): readonly string[] {
  return problemsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("readRepositoryConfig", () => {
  it("has a default for everything when there is no file", () => {
    const reading = readRepositoryConfig(undefined, FILE);
    assert.equal(reading.kind, "absent");
    const { config } = reading;
    assert.equal(config.file, FILE);
    assert.deepEqual(
      config.exclude.map(({ pattern }) => pattern),
      ["node_modules", "vendor", "testdata", "fixtures", ".github"],
    );
    assert.deepEqual(config.limits, { seconds: 60, outputMiB: 32, files: 20_000, documents: 20_000 });
    assert.equal(config.strict, false);
    assert.equal(config.kubernetes.missingSchema, "notice");
    assert.equal(config.mode, "enforce");
    assert.deepEqual(config.comment, { enabled: true, max: 3 });
    assert.deepEqual(config.review, { findings: "errors", renderedDiffs: "risky" });
    assert.deepEqual(config.checks, { annotations: 200 });
    assert.deepEqual(config.labels, {
      ...{ environment: undefined, risk: undefined, state: undefined, merged: undefined },
      previews: [],
    });
  });

  it("reads what a pull request gets, and takes off for no label", () => {
    const config = load(`version: 1
mode: advise
comment: {enabled: false}
review: {findings: all, renderedDiffs: off}
labels: {environment: "env/{environment}", risk: off}
`);
    assert.equal(config.mode, "advise");
    assert.deepEqual(config.comment, { enabled: false, max: 3 });
    assert.deepEqual(config.review, { findings: "all", renderedDiffs: "off" });
    assert.deepEqual([config.labels.environment, config.labels.risk], ["env/{environment}", undefined]);
  });

  it("is the same with a file that says only its version", () => {
    const absent = readRepositoryConfig(undefined, FILE);
    assert.equal(JSON.stringify(load("version: 1\n")), JSON.stringify(absent.kind === "absent" && absent.config));
  });

  it("reads apps, drops, environments and accepted failures with their lines", () => {
    const config = load(`version: 1
apps:
  - path: ./charts/web/
    values: [values-prod.yaml, ../../env/prod.yaml]
    releaseName: web
  - drop: "helm:charts/old*"
environments:
  prod:
    paths: ["clusters/prod/**"]
    kubernetesVersion: v1.34.2
  "1":
    paths: [one]
accept:
  - {apps: "helm:*", reason: remote-input, comment: "charts from the registry"}
`);
    assert.equal(config.apps[0]?.path, "charts/web");
    assert.equal(config.apps[0].line, 3);
    assert.equal(config.drops[0]?.line, 6);
    assert.ok(config.drops[0].apps.matches("helm:charts/old#x.yaml"));
    assert.deepEqual(
      config.environments.map(({ name, line }) => [name, line]),
      [
        ["prod", 8],
        ["1", 11],
      ],
    );
    assert.equal(config.environments[0]?.kubernetesVersion, "1.34.2");
    assert.deepEqual([config.accept[0]?.reason, config.accept[0]?.line], ["remote-input", 14]);
  });

  it("takes a version as it was written, not as a number", () => {
    assert.equal(load("version: 1\nkubernetes: {version: 1.30}\n").kubernetes.version, "1.30");
  });

  it("reads values layers as a list", () => {
    const { helm } = load(
      `version: 1\nhelm: {valuesLayers: "values.yaml + values-{env}.yaml + ../env/{env}/{chart}.yaml"}\n`,
    );
    assert.deepEqual(helm.valuesLayers, ["values.yaml", "values-{env}.yaml", "../env/{env}/{chart}.yaml"]);
  });

  it("reads anchors, aliases and merge keys", () => {
    const config = load(`version: 1
apps:
  - &web {path: charts/web, namespace: web}
  - {<<: *web, name: web-two}
`);
    assert.deepEqual(
      config.apps.map(({ path, name, namespace }) => [path, name, namespace]),
      [
        ["charts/web", undefined, "web"],
        ["charts/web", "web-two", "web"],
      ],
    );
  });

  it("reads a byte order mark and CRLF", () => assert.equal(load("\ufeffversion: 1\r\nstrict: true\r\n").strict, true));
});

describe("problems of a config", () => {
  const table: readonly [title: string, text: string, expected: readonly string[]][] = [
    [
      "an unknown key, with the nearest one",
      "version: 1\nexlude: [a]\n",
      ['2:1 unknown key "exlude"; did you mean exclude?'],
    ],
    [
      "an unknown key without a near one",
      "version: 1\nhelm: {frobnicate: 1}\n",
      ['2:8 unknown key "frobnicate" in helm; known keys are valuesLayers, releaseName, namespace'],
    ],
    [
      "an unknown key in a list",
      "version: 1\napps:\n  - path: a\n    knd: helm\n",
      ['4:5 unknown key "knd" in apps[0]; did you mean kind?'],
    ],
    [
      "an unknown key of an environment",
      "version: 1\nenvironments:\n  prod:\n    path: [a]\n",
      ['4:5 unknown key "path" in environments.prod; did you mean paths?'],
    ],
    [
      "a misspelt family of labels, and a placeholder of another one",
      'version: 1\nlabels:\n  enviroment: env\n  risk: "{state}"\n',
      [
        '3:3 unknown key "enviroment" in labels; did you mean environment?',
        "4:9 labels.risk: the only placeholder here is {risk}",
      ],
    ],
    [
      "a misspelt value",
      "version: 1\nkubernetes:\n  missingSchema: eror\n",
      [
        '3:18 kubernetes.missingSchema: "eror" is not known here; did you mean error? Expected error, warning, notice, off',
      ],
    ],
    ["a missing version", "strict: true\n", ["1:1 version: this key is missing; expected 1"]],
    ["another version", "version: 2\n", ["1:10 version: the number 2 is not known here; expected 1"]],
    ["an empty file", "# nothing\n", ["1:1 expected a mapping, found nothing"]],
    ["a list", "- a\n", ["1:1 expected a mapping, found a list"]],
    ["a wrong type", "version: 1\nstrict: yes\n", ['2:9 strict: expected true or false, found "yes"']],
    ["a number out of bounds", "version: 1\nlimits:\n  seconds: 0\n", ["3:12 limits.seconds: expected at least 1"]],
    [
      "a fraction",
      "version: 1\nlimits: {seconds: 1.5}\n",
      ['2:19 limits.seconds: expected a whole number, found "1.5"'],
    ],
    [
      "a bad glob",
      "version: 1\ninclude:\n  - ok\n  - '+(a)'\n",
      ["4:5 include[1]: groups such as !(a) or +(a) are not known here; use {a,b}"],
    ],
    [
      "T39 a path out of the repository",
      "version: 1\napps: [{path: a/../../b}]\n",
      ["2:15 apps[0].path: this has to be a path inside the repository"],
    ],
    [
      "an absolute path",
      "version: 1\napps: [{path: /etc}]\n",
      ["2:15 apps[0].path: this has to be a path inside the repository"],
    ],
    [
      "an app without a path",
      "version: 1\napps: [{kind: helm}]\n",
      ["2:8 apps[0]: an app needs a path, or drop to remove apps"],
    ],
    [
      "a drop with other keys",
      "version: 1\napps: [{drop: 'a*', path: b}]\n",
      ["2:8 apps[0]: an entry with drop has no other key"],
    ],
    [
      "values of a plain app",
      "version: 1\napps: [{path: a, kind: plain, values: [b]}]\n",
      ["2:8 apps[0]: values is for Helm apps only"],
    ],
    [
      "layers with touching placeholders",
      "version: 1\nhelm: {valuesLayers: 'v-{a}{b}.yaml'}\n",
      ["2:22 helm.valuesLayers: two placeholders need something between them"],
    ],
    [
      "T37 a duplicate key",
      "version: 1\nstrict: true\nstrict: false\n",
      ['3:1 "strict" is here twice; the first one is on line 2'],
    ],
    [
      "T37 a key that is no key",
      "version: 1\nenvironments:\n  __proto__: {paths: []}\n",
      ['3:3 "__proto__" cannot be used as a name'],
    ],
    ["a tag", "version: 1\nstrict: !!bool true\n", ["2:9 YAML tags are not used here"]],
    ["two documents", "version: 1\n---\nversion: 1\n", ["1:1 only one YAML document is read; remove the others"]],
    ["an alias without an anchor", "version: 1\nstrict: *x\n", ["2:9 this alias has no anchor before it"]],
    ["an alias in a circle", "version: 1\napps: &a [*a]\n", ["2:11 this alias has no anchor before it"]],
  ];
  for (const [title, text, expected] of table) it(title, () => assert.deepEqual(say(text), expected));

  it("a syntax error has its line", () => {
    const [problem] = problemsOf("version: 1\napps:\n\t- path: a\n");
    assert.equal(problem?.line, 3);
    assert.match(problem.message, /^this is not valid YAML: /);
  });

  it("all of them at once, by line", () => {
    assert.deepEqual(
      problemsOf("version: 1\nb: 1\napps: 3\na: 1\n").map(({ line }) => line),
      [2, 3, 4],
    );
  });

  it("T37 an alias bomb is refused in no time", () => {
    const lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level++) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}x]`);
    const started = performance.now();
    assert.match(problemsOf(lines.join("\n"))[0]?.message ?? "", /aliases stand for more than/);
    assert.ok(performance.now() - started < 1000);
  });

  it("T37 a file over 256 KiB is refused", () => {
    assert.match(problemsOf(`version: 1\n#${"ä".repeat(140_000)}`)[0]?.message ?? "", /larger than 256 KiB/);
  });

  it("shows no control character and no long text of the file", () => {
    const [problem] = problemsOf(`version: 1\n"\\e[31m${"x".repeat(5000)}": 1\n`);
    assert.ok(problem !== undefined && problem.message.length < 300);
    assert.ok(!problem.message.includes("\u001b"));
  });

  it("never throws", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(
          fc.constantFrom(
            "version: 1",
            "apps:",
            "  - path: a",
            "  - ",
            "? ",
            "{",
            "&a",
            "*a",
            "<<: *a",
            "\t",
            "---",
            "helm: {",
            "]",
            "'",
          ),
        )
        .map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(anything, (text) => ["loaded", "invalid"].includes(readRepositoryConfig(text, FILE).kind)),
      { numRuns: 2000 },
    );
  });
});

describe("renamed keys", () => {
  const renamed = [
    { parent: [], from: "ignore", to: "exclude" },
    { parent: ["apps", "*"], from: "dir", to: "path" },
  ];
  const read = (text: string): ConfigReading => readRepositoryConfig(text, FILE, renamed);

  it("are accepted with a notice that has their place", () => {
    const reading = read("version: 1\nignore: [old]\napps:\n  - dir: charts/web\n");
    assert.equal(reading.kind, "loaded");
    assert.deepEqual(
      reading.config.exclude.map(({ pattern }) => pattern),
      ["old"],
    );
    assert.equal(reading.config.apps[0]?.path, "charts/web");
    assert.deepEqual(
      reading.notices.map(({ line, message }) => `${line} ${message}`),
      ["2 ignore is now called exclude; rename it", "4 apps[0].dir is now called path; rename it"],
    );
  });

  it("are refused beside the new name", () => {
    const reading = read("version: 1\nignore: [a]\nexclude: [b]\n");
    assert.equal(reading.kind, "invalid");
    assert.deepEqual(
      reading.problems.map(({ message }) => message),
      ["ignore and exclude are the same key; keep exclude"],
    );
  });

  it("hold only where they stood", () => {
    assert.equal(read("version: 1\napps:\n  - ignore: [a]\n").kind, "invalid");
  });
});
