import type { FakeFile } from "../../fakes/git-repository.ts";

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;

const widget = (name: string, spec: string): string =>
  `apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: ${name}\nspec: ${spec}\n`;

const crd = (schema: string, extra = ""): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names: { kind: Widget, plural: widgets }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: ${schema}
${extra}`;

const gadgetCrd = (schema: string): string => crd(schema).replaceAll("widget", "gadget").replaceAll("Widget", "Gadget");

const SIZE_IS_INTEGER =
  "{ type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } }";
const SIZE_IS_STRING =
  "{ type: object, properties: { spec: { type: object, properties: { size: { type: string } } } } }";
const BROKEN_SCHEMA =
  "{ type: object, properties: { spec: { type: object, properties: { size: { pattern: '(' } } } } }";

const kustomization = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;

const TEMPLATE_OF_OTHERS = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ app_name }}\n";

const BROKEN_YAML = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken\n";

/**
 * What each path of the generated repository can be; the first variant is how it starts, undefined is absent. Chosen
 * so that every variant of one path matters to apps elsewhere: bases, links, CRDs, values, folders that become links.
 */
export const VARIANTS: ReadonlyMap<string, readonly (FakeFile | undefined)[]> = new Map<
  string,
  readonly (FakeFile | undefined)[]
>([
  [
    "base/kustomization.yaml",
    [
      kustomization("resources: [cm.yaml]"),
      kustomization("resources: [cm.yaml, extra.yaml]"),
      kustomization("resources: [cm.yaml]", "namePrefix: pre-"),
      kustomization("kind: Component", "apiVersion: kustomize.config.k8s.io/v1alpha1", "resources: [cm.yaml]"),
      kustomization("resources: [{{ file }}]"),
      BROKEN_YAML,
      undefined,
    ],
  ],
  [
    "base/cm.yaml",
    [
      configMap("base", "one"),
      configMap("base", "5"),
      configMap("base", "two"),
      BROKEN_YAML,
      undefined,
      { symlink: "../shared/cm.yaml" },
    ],
  ],
  ["base/extra.yaml", [undefined, configMap("extra", "one"), widget("extra", "{ size: 1 }")]],
  ["shared/cm.yaml", [configMap("shared", "one"), configMap("shared", "two"), undefined, "just: values\n"]],
  [
    "overlays/dev/kustomization.yaml",
    [
      kustomization("resources: [../../base]", "namespace: dev"),
      kustomization("resources: [../../link]", "namespace: dev"),
      kustomization("resources: [../../base, ../../lib/one.yaml]"),
      undefined,
    ],
  ],
  [
    "overlays/prod/kustomization.yaml",
    [
      kustomization("resources: [../../base]", "patches: [{ path: patch.yaml }]"),
      kustomization("resources: [../../link, ../../plain/b.yaml]"),
      kustomization("resources: [../../base, ../../gone]"),
      kustomization("configMapGenerator: [{ name: made, files: [../../docs/readme.md] }]", "resources: [../../base]"),
    ],
  ],
  ["overlays/prod/patch.yaml", [configMap("base", "patched"), configMap("nothing", "patched"), undefined]],
  [
    "link",
    [{ symlink: "base" }, { symlink: "lib" }, { symlink: "link" }, { symlink: "../outside" }, undefined, "a file\n"],
  ],
  ["lib/one.yaml", [undefined, configMap("one", "one"), widget("one", "{ size: 1 }")]],
  ["lib/kustomization.yaml", [undefined, kustomization("resources: [one.yaml]")]],
  ["lib", [undefined, { symlink: "shared-lib" }, "a file\n"]],
  ["shared-lib/one.yaml", [configMap("one", "linked"), undefined]],
  ["shared-lib/kustomization.yaml", [undefined, kustomization("resources: [one.yaml]")]],
  ["gone/kustomization.yaml", [undefined, kustomization("configMapGenerator: [{ name: gone, literals: [a=b] }]")]],
  ["docs/readme.md", ["one\n", "two\n", undefined]],
  [
    "charts/web/Chart.yaml",
    [
      "apiVersion: v2\nname: web\nversion: 1.0.0\n",
      "apiVersion: v2\nname: web\nversion: 1.0.1\n",
      "apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library\n",
      "apiVersion: v2\nname: {{ name }}\nversion: 1.0.0\n",
      undefined,
    ],
  ],
  ["charts/web/values.yaml", ["a: 1\n", "a: 2\n", "a: [\n", undefined]],
  ["charts/web/values-prod.yaml", [undefined, "a: prod\n", "a: other\n"]],
  [
    "charts/web/templates/cm.yaml",
    [
      configMap("{{ .Release.Name }}", '"{{ .Values.a }}"'),
      configMap("{{ .Release.Name }}", '{{ include "web.value" . }}'),
      configMap("{{ .Release.Name }}", '"{{ .Files.Get "file.txt" }}"'),
      widget("{{ .Release.Name }}", "{ size: {{ .Values.a }} }"),
      undefined,
    ],
  ],
  [
    "charts/web/templates/_helpers.tpl",
    [undefined, '{{ define "web.value" }}helped{{ end }}', '{{ define "web.value" }}other{{ end }}'],
  ],
  ["charts/web/file.txt", [undefined, "one", "two"]],
  ["charts/web/crds/widget.yaml", [undefined, crd(SIZE_IS_INTEGER), crd(SIZE_IS_STRING)]],
  [
    "crds/widget.yaml",
    [
      crd(SIZE_IS_INTEGER),
      crd(SIZE_IS_STRING),
      crd(BROKEN_SCHEMA),
      crd(SIZE_IS_INTEGER, "---\n" + widget("near", "{ size: 1 }")),
      crd(BROKEN_SCHEMA, "---\n" + widget("near", "{ size: 1 }")),
      undefined,
    ],
  ],
  [
    "schemas/widget.json",
    [
      undefined,
      '{"type":"object","properties":{"spec":{"properties":{"size":{"type":"integer"}}}}}',
      '{"type":"object","properties":{"spec":{"properties":{"size":{"type":"string"}}}}}',
      '{"type":"object","properties":{"spec":{"$ref":"other.json"}}}',
      "{",
    ],
  ],
  [
    "schemas/other.json",
    [undefined, '{"properties":{"size":{"type":"string"}}}', '{"properties":{"size":{"minimum":3}}}'],
  ],
  ["more/gadget.yaml", [undefined, gadgetCrd(SIZE_IS_INTEGER), gadgetCrd(SIZE_IS_STRING)]],
  [
    "plain/a.yaml",
    [
      configMap("a", "one"),
      widget("a", "{ size: 1 }"),
      widget("a", "{ size: large }"),
      TEMPLATE_OF_OTHERS,
      BROKEN_YAML,
      undefined,
      { symlink: "../shared/cm.yaml" },
    ],
  ],
  [
    "plain/b.yaml",
    [widget("b", "{ size: 2 }"), configMap("b", "[5]"), configMap("b", "one"), "just: values\n", undefined],
  ],
  ["plain/kustomization.yaml", [undefined, kustomization("resources: [a.yaml]")]],
  [
    "plain/link.yaml",
    [
      undefined,
      { symlink: "../shared/cm.yaml" },
      { symlink: "../hop/cm.yaml" },
      { symlink: "b.yaml" },
      { symlink: "../vendor/v.yaml" },
      { symlink: "../gone/later.yaml" },
      { symlink: "../../outside.yaml" },
      { symlink: "link.yaml" },
      { symlink: "../shared" },
      configMap("real", "one"),
    ],
  ],
  ["hop", [undefined, { symlink: "shared" }, { symlink: "lib" }, { symlink: "link" }]],
  ["hop/cm.yaml", [undefined, { symlink: "../base/cm.yaml" }]],
  ["gone/later.yaml", [undefined, configMap("later", "one"), crd(SIZE_IS_STRING)]],
  [
    "linked/kustomization.yaml",
    [
      undefined,
      { symlink: "../shared/k.yaml" },
      { symlink: "../plain/kustomization.yaml" },
      { symlink: "../gone/kustomization.yaml" },
      { symlink: "../hop/k.yaml" },
      "a: b\n",
    ],
  ],
  ["linked/one.yaml", [configMap("unnamed", "one"), { symlink: "../lib/one.yaml" }, undefined]],
  [
    "shared/k.yaml",
    [
      undefined,
      kustomization("resources: [one.yaml]"),
      kustomization("resources: [one.yaml, ../link]"),
      "x: y\n",
      kustomization("resources: [../gone]"),
    ],
  ],
  ["chart-link/Chart.yaml", [undefined, { symlink: "../charts/web/Chart.yaml" }]],
  ["chart-link/templates", [undefined, { symlink: "../charts/web/templates" }]],
  ["charts/web/charts/lib", [undefined, { symlink: "../../../chart-link" }, { symlink: "../../.." }]],
  ["vendor/v.yaml", [undefined, configMap("v", "one"), crd(SIZE_IS_STRING)]],
  ["ci.json", [undefined, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"json"}}', "{"]],
  [
    ".github/drydock.yaml",
    [
      undefined,
      "version: 1\nexclude: [docs]\n",
      "version: 1\nkubernetes: { missingSchema: error }\n",
      "version: 1\napps: [{ path: vendor }, { path: base }]\n",
      "version: 1\nkubernetes: { schemaLocations: ['schemas/{{.ResourceKind}}.json'] }\n",
      "version: 1\napps: [{ path: charts/web, values: [values-prod.yaml], name: live }]\n",
      "version: 1\nlimits: { documents: 1 }\n",
    ],
  ],
]);

/** Folders of one ConfigMap each, changed all at once: enough apps to outdate what is remembered of the base. */
export const CROWD = 20;

/** Path → index of its variant, and the generation of the crowd. */
export interface RepositoryState {
  readonly chosen: ReadonlyMap<string, number>;
  readonly crowd: number;
}

export const START: RepositoryState = { chosen: new Map(), crowd: 0 };

/** The files of a state. Where a path is a file or a link, what would lie below it is left out. */
export function filesOf({ chosen, crowd }: RepositoryState): Map<string, FakeFile> {
  const files = new Map<string, FakeFile>();
  for (const [path, variants] of VARIANTS) {
    const file = variants[(chosen.get(path) ?? 0) % variants.length];
    if (file !== undefined) files.set(path, file);
  }
  for (const path of [...files.keys()]) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (files.has(path.slice(0, at))) files.delete(path);
    }
  }
  for (let index = 0; index < CROWD; index++) {
    files.set(`crowd/${index}/cm.yaml`, configMap(`crowd-${index}`, `generation-${crowd}`));
  }
  return files;
}
