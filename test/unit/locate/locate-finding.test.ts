import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { App, FieldPath, Manifest, RawFinding, SourceLocation } from "../../../src/model/index.ts";
import { listSourceFiles, locateFinding, locateFindings } from "../../../src/locate/index.ts";

const common = {
  environment: undefined,
  isEnvironmentDeclared: false,
  guessed: false,
  assumptions: [],
  isSubstituted: false,
};
const plain: App = { ...common, kind: "plain", id: "plain:a/", path: "a", declaredIn: "a.yaml", files: ["a.yaml"] };
const kustomize: App = {
  ...common,
  kind: "kustomize",
  id: "kustomize:prod",
  path: "prod",
  declaredIn: "prod/kustomization.yaml",
  isLoadUnrestricted: false,
};
const helm: App = {
  ...common,
  kind: "helm",
  id: "helm:chart",
  path: "chart",
  declaredIn: "chart/Chart.yaml",
  releaseName: "r",
  namespace: "default",
  valuesFiles: ["chart/values-prod.yaml"],
  apiVersions: [],
  includeCrds: true,
};

interface Rendered {
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly rest?: Record<string, unknown>;
}

function manifest(
  { kind = "Deployment", name, namespace, rest = {} }: Rendered,
  origin: Partial<Manifest["origin"]>,
): Manifest {
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return {
    resource: { group: "apps", version: "v1", kind, namespace: namespace ?? "", name },
    digest: "",
    json: JSON.stringify({ apiVersion: "apps/v1", kind, metadata, ...rest }),
    sealed: [],
    origin: { file: "a.yaml", document: undefined, shapedBy: [], ...origin },
    hooks: [],
  };
}

function rawAt({ resource }: Manifest, path: FieldPath, part: Partial<RawFinding> = {}): RawFinding {
  return {
    rule: "schema",
    level: "error",
    message: "",
    resource,
    path,
    file: undefined,
    line: undefined,
    column: undefined,
    ...part,
  };
}

type Files = Readonly<Record<string, string>>;

function locate(app: App, one: Manifest, path: FieldPath, files: Files): SourceLocation | undefined {
  const raw = rawAt(one, path);
  const known = listSourceFiles([raw], [one], app);
  return locateFinding(raw, [one], app, (file) =>
    known.includes(file) ? files[file] : assert.fail(`${file} was not announced`),
  ).location;
}

/** `file:line text of that line`, or the file alone. */
function tell(location: SourceLocation | undefined, files: Files): string {
  if (location?.line === undefined) return location?.file ?? "nowhere";
  const line = (files[location.file] ?? "").split("\n")[location.line - 1] ?? "";
  return `${location.file}:${location.line} ${line.trim()}`;
}

describe("plain manifests", () => {
  const text = `# shipped
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: two
  template:
    spec:
      containers:
        - name: web
          image: a
        - name: log
          image: b
---
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {a: "b"}}
spec: &spec
  replicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: copy
spec:
  <<: *other
  paused: yes
`;
  const cases: [string, Rendered, FieldPath, string][] = [
    ["a field", { name: "web" }, ["spec", "replicas"], "a.yaml:7 replicas: two"],
    [
      "a field in a list item",
      { name: "web" },
      ["spec", "template", "spec", "containers", 1, "image"],
      "a.yaml:14 image: b",
    ],
    ["a list item", { name: "web" }, ["spec", "template", "spec", "containers", 1], "a.yaml:13 - name: log"],
    [
      "a missing field: its nearest parent",
      { name: "web" },
      ["spec", "template", "spec", "volumes", 0, "name"],
      "a.yaml:9 spec:",
    ],
    ["a missing field of the root: where the object starts", { name: "web" }, ["data"], "a.yaml:2 apiVersion: apps/v1"],
    ["the object as a whole", { name: "web" }, [], "a.yaml:2 apiVersion: apps/v1"],
    ["another document", { name: "api" }, ["spec", "replicas"], "a.yaml:21 replicas: 3"],
    ["flow style", { name: "api" }, ["metadata", "labels", "a"], 'a.yaml:19 metadata: {name: api, labels: {a: "b"}}'],
    ["beside an alias that leads nowhere", { name: "copy" }, ["spec", "paused"], "a.yaml:29 paused: yes"],
    ["an object that is not there", { name: "gone" }, ["spec"], "a.yaml"],
    ["a key that every object has in JavaScript", { name: "web" }, ["spec", "constructor"], "a.yaml:6 spec:"],
  ];
  for (const [name, rendered, path, expected] of cases) {
    it(name, () => {
      assert.equal(tell(locate(plain, manifest(rendered, {}), path, { "a.yaml": text }), { "a.yaml": text }), expected);
    });
  }

  it("gives the column, also after a byte order mark and with CRLF", () => {
    const files = {
      "a.yaml": "\uFEFFapiVersion: apps/v1\r\nkind: Deployment\r\nmetadata:\r\n  name: web\r\nspec:\r\n- a: 1\r\n",
    };
    const one = manifest({ name: "web" }, {});
    assert.deepEqual(locate(plain, one, ["apiVersion"], files), { file: "a.yaml", line: 1, endLine: 1, column: 1 });
    assert.deepEqual(locate(plain, one, ["metadata", "name"], files), {
      file: "a.yaml",
      line: 4,
      endLine: 4,
      column: 3,
    });
    assert.deepEqual(locate(plain, one, ["spec", 0, "a"], files), { file: "a.yaml", line: 6, endLine: 6, column: 3 });
  });

  it("goes through anchors, aliases and merge keys to where the key stands", () => {
    const files = {
      "a.yaml":
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nx: &x\n  a: 1\ny:\n  <<: *x\n  b: 2\nz: *x\nw: &w\n  <<: *w\n",
    };
    const one = manifest({ name: "web" }, {});
    assert.equal(tell(locate(plain, one, ["y", "a"], files), files), "a.yaml:5 a: 1");
    assert.equal(tell(locate(plain, one, ["y", "b"], files), files), "a.yaml:8 b: 2");
    assert.equal(tell(locate(plain, one, ["z", "a"], files), files), "a.yaml:5 a: 1");
    assert.equal(tell(locate(plain, one, ["w", "q"], files), files), "a.yaml:10 w: &w");
  });

  it("finds items of a List", () => {
    const files = {
      "a.yaml":
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec:\n    replicas: x\n- kind: Other\n",
    };
    assert.equal(
      tell(locate(plain, manifest({ name: "web" }, { document: 0 }), ["spec", "replicas"], files), files),
      "a.yaml:8 replicas: x",
    );
  });

  it("two of one identity: the engine's document decides, else the file alone is told", () => {
    const one = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    const files = { "a.yaml": `${one}---\n${one}` };
    assert.equal(
      tell(locate(plain, manifest({ name: "web" }, { document: 1 }), ["kind"], files), files),
      "a.yaml:6 kind: Deployment",
    );
    assert.equal(tell(locate(plain, manifest({ name: "web" }, {}), ["kind"], files), files), "a.yaml");
  });

  it("an unreadable document costs its own lines only", () => {
    const files = {
      "a.yaml":
        "a: b: c\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n\tname: x\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
    };
    assert.equal(
      tell(locate(plain, manifest({ name: "web" }, { document: 2 }), ["kind"], files), files),
      "a.yaml:9 kind: Deployment",
    );
  });

  it("keeps the place that the engine told", () => {
    const one = manifest({ name: "web" }, {});
    const raw = rawAt(one, [], { file: "b.yaml", line: 7, column: 2 });
    assert.deepEqual(listSourceFiles([raw], [one], plain), []);
    assert.deepEqual(locateFinding(raw, [one], plain, () => assert.fail()).location, {
      file: "b.yaml",
      line: 7,
      endLine: 7,
      column: 2,
    });
  });

  it("a file that cannot be read is told without a line", () => {
    const one = manifest({ name: "web" }, {});
    assert.equal(tell(locateFinding(rawAt(one, ["spec"]), [one], plain, () => undefined).location, {}), "a.yaml");
    assert.equal(
      tell(locateFinding({ ...rawAt(one, []), resource: undefined }, [one], plain, () => undefined).location, {}),
      "a.yaml",
    );
  });

  it("an alias bomb costs what its text costs", () => {
    const lines = ["a0: &a0 [x]"];
    for (let index = 1; index < 50; index++) {
      const before = Array.from({ length: 9 }, () => `*a${index - 1}`).join(", ");
      lines.push(`a${index}: &a${index} [${before}]`);
    }
    const files = { "a.yaml": `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n${lines.join("\n")}\n` };
    assert.equal(
      tell(locate(plain, manifest({ name: "web" }, {}), ["a3", 0, 0, 0, 0], files), files),
      "a.yaml:4 a0: &a0 [x]",
    );
  });
});

describe("kustomize", () => {
  const base = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: web
          image: a
        - name: log
          image: b
`;
  const containers = [
    { name: "side", image: "c", stdin: "x" },
    { name: "log", image: "b" },
    { name: "web", image: "a" },
  ];
  const rest = { spec: { replicas: 5, paused: "no", template: { spec: { containers } } } };
  const rendered = { name: "prod-web", namespace: "prod", rest };
  const images: FieldPath = ["spec", "template", "spec", "containers"];

  function at(path: FieldPath, patches: Files, shapedBy = Object.keys(patches), one = rendered): string {
    const files: Files = {
      "base/web.yaml": base,
      "prod/kustomization.yaml": "namespace: prod\nnamePrefix: prod-\n",
      ...patches,
    };
    return tell(locate(kustomize, manifest(one, { file: "base/web.yaml", document: 0, shapedBy }), path, files), files);
  }

  it("a field of the origin, list items by their names", () => {
    assert.equal(at(["spec", "replicas"], {}), "base/web.yaml:6 replicas: 1");
    assert.equal(at([...images, 1, "image"], {}), "base/web.yaml:13 image: b");
    assert.equal(at([...images, 2, "image"], {}), "base/web.yaml:11 image: a");
  });
  it("an item that the origin does not have leads to the list", () => {
    assert.equal(at([...images, 0, "image"], {}), "base/web.yaml:9 containers:");
  });
  it("a field that a strategic merge patch sets", () => {
    const patches = {
      "prod/patch.yaml":
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 5\n  template:\n    spec:\n      containers:\n      - name: side\n        image: c\n",
    };
    assert.equal(at(["spec", "replicas"], patches), "prod/patch.yaml:6 replicas: 5");
    assert.equal(at([...images, 0, "image"], patches), "prod/patch.yaml:11 image: c");
    assert.equal(at([...images, 0, "ports"], patches), "prod/patch.yaml:10 - name: side");
    assert.equal(at([...images, 1, "image"], patches), "base/web.yaml:13 image: b");
  });
  it("of several patch files the last one that sets it", () => {
    const patch = (value: number) => `kind: Deployment\nmetadata: {name: web}\nspec: {replicas: ${value}}\n`;
    const patches = { "x/one.yaml": patch(4), "prod/two.yaml": patch(5) };
    assert.equal(at(["spec", "replicas"], patches), "prod/two.yaml:3 spec: {replicas: 5}");
  });
  it("a document of a patch file that is for another object is passed over", () => {
    const patches = {
      "prod/patch.yaml":
        "kind: Service\nmetadata: {name: web}\nspec: {replicas: 4}\n---\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 4}\n---\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 5\n",
    };
    assert.equal(at(["spec", "replicas"], patches), "prod/patch.yaml:12 replicas: 5");
  });
  it("operations of a JSON patch, the later one of two", () => {
    const patches = {
      "prod/ops.yaml":
        "- op: replace\n  path: /spec/replicas\n  value: 4\n- op: replace\n  path: /spec/replicas\n  value: 5\n- op: add\n  path: /spec/template/spec/containers/-\n  value:\n    name: side\n    image: c\n- op: remove\n  path: /spec/paused\n",
    };
    assert.equal(at(["spec", "replicas"], patches), "prod/ops.yaml:5 path: /spec/replicas");
    assert.equal(at([...images, 0, "image"], patches), "prod/ops.yaml:11 image: c");
    assert.equal(at([...images, 0, "ports"], patches), "prod/ops.yaml:8 path: /spec/template/spec/containers/-");
    assert.equal(at([...images, 1, "image"], patches), "base/web.yaml:13 image: b");
    assert.equal(at(["spec", "paused"], patches), "base/web.yaml:5 spec:");
  });
  it("a JSON patch written as JSON, with escaped keys", () => {
    const patches = { "prod/ops.json": '[\n  {"op": "add", "path": "/metadata/annotations/a.b~1c", "value": 1}\n]\n' };
    const one = { ...rendered, rest: { ...rest, metadata: { name: "prod-web", annotations: { "a.b/c": 1 } } } };
    assert.match(at(["metadata", "annotations", "a.b/c"], patches, undefined, one), /^prod\/ops\.json:2 /u);
  });
  it("patches inside the kustomization", () => {
    const patches = {
      "prod/kustomization.yaml":
        "resources: [../base]\npatches:\n  - target: {kind: Deployment}\n    patch: |-\n      - op: replace\n        path: /spec/replicas\n        value: 5\n  - patch: |-\n\n      kind: Deployment\n      metadata: {name: web}\n      spec:\n        paused: no\n  - target: {kind: Service}\n    patch: |-\n      - op: add\n        path: /spec/paused\n        value: 1\n  - path: other.yaml\n",
    };
    assert.equal(at(["spec", "replicas"], patches), "prod/kustomization.yaml:6 path: /spec/replicas");
    assert.equal(at(["spec", "paused"], patches), "prod/kustomization.yaml:13 paused: no");
  });
  it("gives the column of a field in an inline patch", () => {
    const files = {
      "base/web.yaml": base,
      "prod/kustomization.yaml":
        "patches:\n- patch: |\n    kind: Deployment\n    spec:\n      paused: no\n- patch: '{kind: Deployment, spec: {minReadySeconds: x}}'\n",
    };
    const one = manifest(rendered, { file: "base/web.yaml", document: 0, shapedBy: ["prod/kustomization.yaml"] });
    const paused = locate(kustomize, one, ["spec", "paused"], files);
    assert.deepEqual(paused, { file: "prod/kustomization.yaml", line: 5, endLine: 5, column: 7 });
  });
  it("two inline patches that both set it are no answer: the coarser level is told", () => {
    const inline = "  - patch: |\n      kind: Deployment\n      metadata: {name: web}\n      spec: {paused: no}\n";
    assert.equal(
      at(["spec", "paused"], { "prod/kustomization.yaml": `patches:\n${inline}${inline}` }),
      "base/web.yaml:5 spec:",
    );
  });
  it("the namespace that the app's kustomization sets", () => {
    assert.equal(at(["metadata", "namespace"], {}, []), "prod/kustomization.yaml:1 namespace: prod");
  });
  it("a generated map leads to its generator, or to the file of the key", () => {
    const files = {
      "prod/kustomization.yaml": "configMapGenerator:\n- name: other\n- name: settings\n  files: [a.json]\n",
      "prod/a.json": "{",
    };
    const one: Manifest = {
      ...manifest(
        { kind: "ConfigMap", name: "settings-5f6g" },
        { file: "prod/kustomization.yaml", shapedBy: ["prod/kustomization.yaml", "prod/a.json"] },
      ),
    };
    assert.equal(
      tell(locate(kustomize, one, ["data", "b"], files), files),
      "prod/kustomization.yaml:3 - name: settings",
    );
    assert.equal(tell(locate(kustomize, one, ["data", "a.json"], files), files), "prod/a.json");
  });
});

describe("helm", () => {
  const template = `{{- if .Values.web }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  template:
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
        "stdin": {{ .Values.stdin }}
      - name: log
        image: log
      {{- toYaml .Values.extra | nindent 6 }}
{{- end }}
`;
  const rest = {
    spec: {
      replicas: "two",
      minReadySeconds: "soon",
      paused: "x",
      template: {
        spec: {
          nodeName: "n1",
          containers: [
            { name: "web", image: "a", stdin: "x" },
            { name: "log", image: "log" },
          ],
        },
      },
    },
  };

  function at(path: FieldPath, part: Files = {}): string {
    const files: Files = {
      "chart/templates/web.yaml": template,
      "chart/values.yaml": "",
      "chart/values-prod.yaml": "",
      ...part,
    };
    const one = manifest({ name: "r", rest }, { file: "chart/templates/web.yaml", shapedBy: ["chart/values.yaml"] });
    return tell(locate(helm, one, path, files), files);
  }

  it("the template line that holds the key", () => {
    assert.equal(at(["spec", "replicas"]), "chart/templates/web.yaml:9 replicas: {{ .Values.replicaCount }}");
    assert.equal(
      at(["spec", "template", "spec", "containers", 0, "stdin"]),
      'chart/templates/web.yaml:15 "stdin": {{ .Values.stdin }}',
    );
  });
  it("keys are told apart by what they stand under", () => {
    assert.equal(at(["metadata", "name"]), "chart/templates/web.yaml:5 name: {{ .Release.Name }}");
    assert.equal(at(["spec"]), "chart/templates/web.yaml:8 spec:");
  });
  it("two lines that hold it are no answer", () => {
    assert.equal(at(["spec", "template", "spec", "containers", 1, "image"]), "chart/templates/web.yaml");
  });
  it("a missing field leads to its nearest parent", () => {
    assert.equal(at(["spec", "selector"]), "chart/templates/web.yaml:8 spec:");
  });
  it("a value that stands once in the values", () => {
    assert.equal(
      at(["spec", "minReadySeconds"], { "chart/values.yaml": "a:\n  wait: soon\n" }),
      "chart/values.yaml:2 wait: soon",
    );
    assert.equal(
      at(["spec", "minReadySeconds"], { "chart/values-prod.yaml": "a: soon\n" }),
      "chart/values-prod.yaml:1 a: soon",
    );
  });
  it("a value that stands there twice only by the field's own name", () => {
    const values = { "chart/values.yaml": "a: soon\nb: {minReadySeconds: soon}\n" };
    assert.equal(at(["spec", "minReadySeconds"], values), "chart/values.yaml:2 b: {minReadySeconds: soon}");
    assert.equal(
      at(["spec", "minReadySeconds"], { "chart/values.yaml": "a: soon\nb: soon\n" }),
      "chart/templates/web.yaml",
    );
  });
  it("neither: the template", () => {
    assert.equal(at(["spec", "template", "spec", "nodeName"]), "chart/templates/web.yaml");
  });
  it("of several documents the one of that kind", () => {
    const two = "kind: Service\nspec:\n  replicas: 1\n---\nkind: Deployment\nspec:\n  replicas: 2\n";
    assert.equal(
      at(["spec", "replicas"], { "chart/templates/web.yaml": two }),
      "chart/templates/web.yaml:7 replicas: 2",
    );
  });
  it("a CRD of the chart is no template", () => {
    const files = {
      "chart/crds/a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  x: 1\n",
      "chart/values-prod.yaml": "",
    };
    const one = manifest({ name: "a" }, { file: "chart/crds/a.yaml", document: 0 });
    assert.equal(tell(locate(helm, one, ["spec", "x"], files), files), "chart/crds/a.yaml:5 x: 1");
  });
  it("a chart that is an archive has no file of its own: the app's entry is told", () => {
    assert.equal(tell(locate(helm, manifest({ name: "a" }, { file: "" }), ["spec"], {}), {}), "chart/Chart.yaml");
  });
  it("reads a long line of blanks in no time", () => {
    const blanks = `${" ".repeat(400_000)}x\n`;
    const started = performance.now();
    at(["spec", "replicas"], { "chart/templates/web.yaml": blanks + `- `.repeat(100_000) });
    assert.ok(performance.now() - started < 1000);
  });
});

describe("several findings", () => {
  it("are located in their order, each file read once", () => {
    const reads: string[] = [];
    const files: Files = {
      "a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  a: 1\n  b: 2\n",
    };
    const one = manifest({ name: "web" }, {});
    const raws = [rawAt(one, ["spec", "b"]), rawAt(one, ["spec", "a"], { file: "a.yaml" })];
    const located = locateFindings(raws, [one], plain, (file) => {
      reads.push(file);
      return files[file];
    });
    assert.deepEqual(
      located.map(({ location, isRendered }) => [location?.line, isRendered]),
      [
        [6, false],
        [5, false],
      ],
    );
    assert.deepEqual(reads, ["a.yaml"]);
  });
  it("a duplicate is told where the later one stands", () => {
    const files: Files = {
      "a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
      "b.yaml": "\n\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
    };
    const both = [manifest({ name: "web" }, { file: "a.yaml" }), manifest({ name: "web" }, { file: "b.yaml" })];
    const [second = assert.fail()] = both.slice(1);
    const told = (file: string) =>
      tell(locateFinding(rawAt(second, ["kind"], { file }), both, plain, (name) => files[name]).location, files);
    assert.equal(told("b.yaml"), "b.yaml:4 kind: Deployment");
    assert.equal(told("a.yaml"), "a.yaml:2 kind: Deployment");
  });
});
