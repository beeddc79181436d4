import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { analyzeFile, mayMatter } from "../../../src/discover/index.ts";
import type { FileFacts, ManifestFacts } from "../../../src/discover/index.ts";
import { listObjects } from "../../../src/discover/read-manifests.ts";

function analyze(path: string, text: string): FileFacts {
  return analyzeFile(path, new TextEncoder().encode(text));
}

function manifests(text: string): ManifestFacts {
  const facts = analyze("a.yaml", text);
  assert.equal(facts.kind, "manifests");
  return facts;
}

/** `apiVersion kind namespace/name` of each object of a manifest. */
function documents(text: string): readonly string[] {
  assert.equal(analyze("a.yaml", text).kind, "manifests");
  return listObjects(text.replace(/^\ufeff/, "")).documents.map(
    ({ apiVersion, kind, namespace, name }) => `${apiVersion} ${kind} ${namespace}/${name}`,
  );
}

describe("mayMatter", () => {
  for (const path of [
    "a.yaml",
    "x/b.yml",
    "c.json",
    "a/Kustomization",
    "Chart.yaml",
    "charts/web/values-prod.yaml",
    "__proto__/a.yaml",
  ]) {
    it(`${path} may`, () => assert.ok(mayMatter(path)));
  }
  for (const path of [
    "README.md",
    "main.tf",
    "a.yaml.gotmpl",
    ".gitlab-ci.yml",
    "docker-compose.prod.yml",
    "mkdocs.yml",
    "package-lock.json",
    "Chart.lock",
    "skaffold.yaml",
    "values.schema.json",
    "charts/x/catalog-info.yaml",
    "templates/_helpers.tpl",
  ]) {
    it(`${path} may not`, () => assert.ok(!mayMatter(path)));
  }
});

describe("manifests", () => {
  it("are read off their lines", () => {
    assert.deepEqual(
      documents(`apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    name: not-this
  # a comment
  name: web # the name

  namespace: "shop"
spec:
  template: {kind: nothing}
---
# only a comment
---
kind: 'Service'
apiVersion: "v1"
metadata: {name: inline}
`),
      ["apps/v1 Deployment shop/web", "v1 Service /"],
    );
  });

  const table: readonly [title: string, text: string, expected: readonly string[]][] = [
    [
      "CRLF and a byte order mark",
      "\ufeffapiVersion: v1\r\nkind: Service\r\nmetadata:\r\n  name: a\r\n---\r\napiVersion: v1\r\nkind: Pod\r\n",
      ["v1 Service /a", "v1 Pod /"],
    ],
    ["an indented document", "  apiVersion: v1\n  kind: Service\n  metadata:\n    name: a\n", ["v1 Service /a"]],
    ["flow style", "{apiVersion: v1, kind: Service, metadata: {name: a}}", ["v1 Service /a"]],
    [
      "flow style after the border",
      "--- {apiVersion: v1, kind: Service}\n--- {apiVersion: v1, kind: Pod}\n",
      ["v1 Service /", "v1 Pod /"],
    ],
    ["quoted keys", '"apiVersion": v1\n"kind": Service\n', ["v1 Service /"]],
    ["anchors", "apiVersion: &v v1\nkind: Service\n", ["v1 Service /"]],
    ["a syntax error", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n name: b\n: [\n", ["v1 Service /a"]],
    ["a tab", "apiVersion: v1\nkind: Service\nmetadata:\n\tname: a\n", ["v1 Service /a"]],
    ["a forgotten apiVersion", "kind: Service\nmetadata:\n  name: a\n", [" Service /a"]],
    ["a mistyped kind", "apiVersion: v1\nknid: Service\nmetadata:\n  name: a\n", ["v1  /a"]],
    ["an apiVersion that does not exist", "apiVersion: apps/v9\nkind: Deployment\n", ["apps/v9 Deployment /"]],
    ["duplicate keys: the first one counts", "apiVersion: v1\nkind: Service\nkind: Pod\n", ["v1 Service /"]],
    [
      "names of prototype keys",
      "apiVersion: v1\nkind: __proto__\nmetadata:\n  name: constructor\n",
      ["v1 __proto__ /constructor"],
    ],
    [
      "placeholders in quotes",
      "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: '{{ .x }}'\n  b: |\n    {{ range .y }}\n",
      ["v1 ConfigMap /"],
    ],
    [
      "a syntax error beside placeholders in quotes",
      "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: '{{ .x }}'\n b: [\n",
      ["v1 ConfigMap /"],
    ],
    [
      "variables of Flux",
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${NAME:=x}\n",
      ["v1 ConfigMap /${NAME:=x}"],
    ],
  ];
  for (const [title, text, expected] of table) it(`with ${title}`, () => assert.deepEqual(documents(text), expected));

  const json: readonly [title: string, text: string, facts: FileFacts][] = [
    ["", '{"apiVersion": "v1", "kind": "Service"}', { kind: "manifests", hasCrd: false, agents: [] }],
    [" that does not parse", '{"apiVersion": "v1", "kind": }', { kind: "manifests", hasCrd: false, agents: [] }],
    [
      " that is a List",
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"x","kind":"CustomResourceDefinition"}]}',
      { kind: "manifests", hasCrd: true, agents: [] },
    ],
    [
      " that only mentions the words",
      '{"a": ["apiVersion", "kind", {"apiVersion": "v1", "kind": "x"}]}',
      { kind: "other" },
    ],
  ];
  for (const [title, text, facts] of json)
    it(`in JSON${title}`, () => assert.deepEqual(analyze("a.json", text), facts));

  it("in a List, CRDs and agents' objects included", () => {
    const facts = manifests(`apiVersion: v1
kind: List
items:
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
  - apiVersion: argoproj.io/v1alpha1
    kind: AppProject
    metadata: {name: infra}
`);
    assert.ok(facts.hasCrd);
    assert.deepEqual(
      facts.agents.map(({ kind, name }) => [kind, name]),
      [["AppProject", "infra"]],
    );
  });

  it("that are CRDs", () => {
    assert.ok(manifests("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n").hasCrd);
    assert.ok(!manifests("apiVersion: v1\nkind: Service\n").hasCrd);
  });
});

describe("objects of agents", () => {
  it("a Flux Kustomization with its path, source and substitution", () => {
    const { agents } = manifests(`apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  path: ./apps/production
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild: {substitute: {region: eu}}
`);
    assert.deepEqual(agents, [
      {
        agent: "flux",
        kind: "Kustomization",
        namespace: "flux-system",
        name: "apps",
        paths: ["./apps/production"],
        source: "GitRepository/flux-system",
        isSubstituting: true,
      },
    ]);
  });

  it("Flux's Kustomization in a file that is called like kustomize's", () => {
    const text =
      "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./a}\n";
    assert.equal(analyze("clusters/prod/kustomization.yaml", text).kind, "manifests");
  });

  it("Argo CD's Application with all its paths, and its other kinds; no Rollout", () => {
    const { agents } = manifests(`apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  sources: [{path: charts/web}, {repoURL: x, chart: y}]
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: no}
`);
    assert.deepEqual(
      agents.map(({ kind, name, paths }) => [kind, name, paths]),
      [
        ["Application", "web", ["charts/web"]],
        ["ApplicationSet", "all", []],
      ],
    );
  });
});

describe("files that are no manifests", () => {
  const table: readonly [title: string, path: string, text: string][] = [
    ["values", "values.yaml", "image:\n  tag: 1\nkind: x\n"],
    ["values with a nested object", "values.yaml", "extra:\n- apiVersion: v1\n  kind: Secret\n"],
    ["a GitHub workflow", "ci.yaml", "name: ci\non: push\njobs: {}\n"],
    ["a patch without identity", "patch.yaml", "- op: replace\n  path: /kind\n  value: x\n"],
    ["Grafana's provisioning", "datasources.yaml", "apiVersion: 1\ndatasources: []\n"],
    ["a kubeconfig", "kubeconfig.yaml", "apiVersion: v1\nkind: Config\n"],
    [
      "kustomize's own configuration",
      "labels.yaml",
      "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\n",
    ],
    ["kind's cluster", "kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"],
    ["JSON without identity", "a.json", '{"kind": "x"}'],
    ["JSON of a kind of its own", "a.json", '{"kind": "chart", "metadata": {"name": "x"}}'],
    ["an empty file", "a.yaml", ""],
    ["only borders", "a.yaml", "---\n---\n...\n"],
    ["binary", "a.yaml", "\u0000\u0001\ufffd"],
  ];
  for (const [title, path, text] of table) it(title, () => assert.deepEqual(analyze(path, text), { kind: "other" }));
});

describe("templates of other tools", () => {
  const table: readonly [title: string, text: string][] = [
    ["Helm", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n"],
    ["Helm with control lines", "{{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n"],
    ["Jinja", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ name }}\n{% for x in y %}\n  a: b\n{% endfor %}\n"],
    ["ERB", "apiVersion: v1\nkind: Service\nmetadata:\n  <%= name %>\n: [\n"],
  ];
  for (const [title, text] of table) it(title, () => assert.deepEqual(analyze("a.yaml", text), { kind: "template" }));
});

describe("kustomizations", () => {
  it("name every local file and folder", () => {
    const facts = analyze(
      "kustomization.yaml",
      `
resources: [../base, deployment.yaml]
components: [../../components/tls]
crds: [crd.yaml]
patches:
- path: patch.yaml
- patch: |-
    kind: x
patchesStrategicMerge: [merge.yaml, "kind: x\\nmetadata: {}\\n"]
patchesJson6902: [{path: six.json}]
replacements: [{path: replace.yaml}, {source: {}}]
configMapGenerator: [{name: a, files: [a.properties, key=b.yaml], envs: [c.env]}]
secretGenerator: [{name: a, env: d.env}]
generators: [gen.yaml]
transformers: [tr.yaml]
configurations: [cfg.yaml]
openapi: {path: schema.json}
helmGlobals: {chartHome: ../charts}
helmCharts: [{name: web, valuesFile: web-values.yaml}]
`,
    );
    assert.equal(facts.kind, "kustomization");
    assert.deepEqual(facts.references.toSorted(), [
      "../../components/tls",
      "../base",
      "../charts/web",
      "a.properties",
      "b.yaml",
      "c.env",
      "cfg.yaml",
      "crd.yaml",
      "d.env",
      "deployment.yaml",
      "gen.yaml",
      "merge.yaml",
      "patch.yaml",
      "replace.yaml",
      "schema.json",
      "six.json",
      "tr.yaml",
      "web-values.yaml",
    ]);
    assert.deepEqual(facts.patches.toSorted(), ["merge.yaml", "patch.yaml", "six.json"]);
  });

  it("names a file that is a resource as well as more than a patch", () => {
    const facts = analyze("kustomization.yaml", "resources: [a.yaml]\npatches: [{path: a.yaml}, {path: b.yaml}]\n");
    assert.equal(facts.kind, "kustomization");
    assert.deepEqual([facts.references, facts.patches], [["a.yaml", "b.yaml"], ["b.yaml"]]);
  });

  const table: readonly [title: string, text: string, isComponent: boolean, isTemplate: boolean][] = [
    ["an empty one", "", false, false],
    ["one that does not parse", "resources: [\n", false, false],
    ["a component", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", true, false],
    ["a template", "resources:\n- {{ path }}\n", false, true],
    ["fields of wrong types", "resources: 3\npatches: {a: b}\nconfigMapGenerator: [1]\nhelmCharts: x\n", false, false],
  ];
  for (const [title, text, isComponent, isTemplate] of table) {
    it(`${title} is a kustomization`, () =>
      assert.deepEqual(analyze("Kustomization", text), {
        kind: "kustomization",
        isComponent,
        isTemplate,
        references: [],
        patches: [],
      }));
  }
});

describe("charts", () => {
  it("with type and local dependencies", () => {
    const text =
      "name: web\ntype: library\ndependencies:\n- {name: a, repository: file://../a}\n- {name: b, repository: https://x}\n";
    assert.deepEqual(analyze("charts/web/Chart.yaml", text), {
      kind: "chart",
      name: "web",
      isLibrary: true,
      isTemplate: false,
      fileDependencies: ["../a"],
    });
  });
  it("that cannot be read", () => assert.equal(analyze("Chart.yaml", "name: [").kind, "chart"));
  it("that are templates", () => {
    const facts = analyze("Chart.yaml", "name: {{ cookiecutter.name }}\n");
    assert.ok(facts.kind === "chart" && facts.isTemplate);
  });
});

describe("hostile files", () => {
  const started = performance.now();
  const bombs: readonly [title: string, path: string, text: string][] = [
    [
      "T37 an alias bomb",
      "kustomization.yaml",
      "a: &a [x]\n" +
        Array.from(
          { length: 50 },
          (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : "a"}, *${i ? `b${i - 1}` : "a"}]`,
        ).join("\n") +
        "\nresources: *b49\n",
    ],
    ["deep nesting", "Chart.yaml", "[".repeat(100_000)],
    ["deep JSON", "a.json", '{"apiVersion":"v1","kind":"List","items":' + "[".repeat(100_000)],
    ["10 MB of one object", "a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n" + "  key: value\n".repeat(800_000)],
    ["10 MB of spaces", "a.yaml", " ".repeat(10_000_000)],
    ["a million empty documents", "a.yaml", "---\n".repeat(1_000_000)],
    [
      "10 MB of one line",
      "a.yaml",
      "apiVersion: v1\nkind: A\nmetadata:" + " ".repeat(5_000_000) + "#".repeat(5_000_000),
    ],
    ["a merge key to __proto__", "kustomization.yaml", "a: &a {__proto__: {resources: [x]}}\n<<: *a\n"],
    ["many open placeholders", "a.yaml", "apiVersion: v1\nkind: A\nx: '" + "{{".repeat(300_000)],
  ];
  for (const [title, path, text] of bombs) it(title, () => assert.ok(analyze(path, text).kind));
  it("are read in linear time", () => assert.ok(performance.now() - started < 20_000));

  it("of 5,000 documents 1,000 are listed, and a CRD after them is seen", () => {
    const text =
      "apiVersion: v1\nkind: Pod\n---\n".repeat(5000) +
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";
    assert.equal(listObjects(text).documents.length, 1000);
    assert.ok(manifests(text).hasCrd);
  });

  it("never throw, and facts survive JSON", () => {
    const word = fc.constantFrom(
      "apiVersion: v1\n",
      "kind: List\n",
      "kind: Service\n",
      "metadata:\n",
      "  name: a\n",
      "---\n",
      "{",
      "}",
      "[",
      "]",
      "{{ x }}",
      "- ",
      "&a ",
      "*a",
      "\t",
      ": ",
      "'",
      '"',
      "items:\n",
      "resources:\n",
      "\r\n",
      "argoproj.io/v1",
      "<<: ",
      "|\n",
      "? ",
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 30 }).map((words) => words.join("")),
      fc.string({ unit: "binary" }),
    );
    const name = fc.constantFrom("a.yaml", "a.json", "kustomization.yaml", "Chart.yaml", "requirements.yaml");
    fc.assert(
      fc.property(name, text, (path, content) => {
        const facts = analyze(path, content);
        assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
        assert.deepEqual(analyze(`some/folder/${path}`, content), facts);
      }),
      { numRuns: 3000 },
    );
  });
});
