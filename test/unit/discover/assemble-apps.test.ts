import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { App } from "../../../src/model/index.ts";
import { assembleApps, isExcluded } from "../../../src/discover/index.ts";
import type { Discovery } from "../../../src/discover/index.ts";
import {
  analyzeAll,
  chart,
  CONFIG_FILE,
  discover,
  fluxKustomization,
  idsOf,
  kustomization,
  manifest,
  readConfig,
} from "./discovery-fixtures.ts";
import type { Files } from "./discovery-fixtures.ts";

function appOf(discovery: Discovery, id: string): App {
  const app = discovery.apps.find((candidate) => candidate.id === id);
  assert.ok(app, `${id} is not among ${idsOf(discovery).join(", ")}`);
  return app;
}

function plainFiles(discovery: Discovery, id: string): readonly string[] {
  const app = appOf(discovery, id);
  assert.equal(app.kind, "plain");
  return app.files;
}

const DEPLOYMENT = manifest("Deployment");

describe("kustomizations", () => {
  const table: readonly [title: string, files: Files, ids: readonly string[]][] = [
    [
      "overlays over a base",
      {
        "web/base/kustomization.yaml": kustomization("deployment.yaml"),
        "web/base/deployment.yaml": DEPLOYMENT,
        "web/overlays/dev/kustomization.yaml": kustomization("../../base"),
        "web/overlays/prod/kustomization.yml": `resources: [../../base]\npatches: [{path: patch.yaml}]\n`,
        "web/overlays/prod/patch.yaml": DEPLOYMENT,
      },
      ["kustomize:web/overlays/dev", "kustomize:web/overlays/prod"],
    ],
    ["at the root", { Kustomization: kustomization("a.yaml"), "a.yaml": DEPLOYMENT }, ["kustomize:."]],
    ["an empty one", { "a/kustomization.yaml": "" }, ["kustomize:a"]],
    [
      "one whose resources are gone",
      { "a/kustomization.yaml": kustomization("gone.yaml", "../gone") },
      ["kustomize:a"],
    ],
    ["one that does not parse", { "a/kustomization.yaml": "resources: [" }, ["kustomize:a"]],
    ["one that another tool fills in", { "a/kustomization.yaml": "resources: [{{ x }}]" }, []],
    [
      "a component and what it uses",
      {
        "c/kustomization.yaml": "kind: Component\nresources: [../shared]\n",
        "shared/kustomization.yaml": kustomization(),
        "app/kustomization.yaml": "components: [../c]\n",
      },
      ["kustomize:app"],
    ],
    ["an unused component", { "c/kustomization.yaml": "kind: Component\n" }, []],
    [
      "a base that only an excluded one uses",
      { "vendor/x/kustomization.yaml": kustomization("../../base"), "base/kustomization.yaml": kustomization() },
      [],
    ],
    [
      "a circle: one of it stands for all",
      {
        "b/kustomization.yaml": kustomization("../c"),
        "c/kustomization.yaml": kustomization("../b"),
        "a/kustomization.yaml": kustomization("../b"),
      },
      ["kustomize:a"],
    ],
    [
      "a circle that nothing else uses",
      { "b/kustomization.yaml": kustomization("../c"), "c/kustomization.yaml": kustomization("../b") },
      ["kustomize:b"],
    ],
    ["one that uses itself", { "a/kustomization.yaml": kustomization(".") }, ["kustomize:a"]],
    [
      "T39 one that leads out of the repository",
      { "a/kustomization.yaml": kustomization("../../../etc", "/etc", "https://x/y") },
      ["kustomize:a"],
    ],
    [
      "two files in one folder",
      { "a/kustomization.yaml": kustomization("b"), "a/Kustomization": kustomization(), "a/b/kustomization.yaml": "" },
      ["kustomize:a", "kustomize:a/b"],
    ],
    [
      "names of prototype keys",
      { "__proto__/constructor/kustomization.yaml": kustomization("toString.yaml") },
      ["kustomize:__proto__/constructor"],
    ],
  ];
  for (const [title, files, ids] of table) it(title, () => assert.deepEqual(idsOf(discover(files)), ids));

  it("a used base is an app when the config declares it", () => {
    const files = { "a/kustomization.yaml": kustomization("../b"), "b/kustomization.yaml": "" };
    assert.deepEqual(idsOf(discover(files, "apps: [{path: b}]")), ["kustomize:a", "kustomize:b"]);
  });

  it("a dropped one still uses its base", () => {
    const files = { "a/kustomization.yaml": kustomization("../b"), "b/kustomization.yaml": "" };
    assert.deepEqual(idsOf(discover(files, "apps: [{drop: 'kustomize:a'}]")), []);
  });
});

describe("plain manifests", () => {
  const table: readonly [title: string, files: Files, apps: Readonly<Record<string, readonly string[]>>][] = [
    [
      "one app from the topmost folder that holds some",
      {
        "m/a.yaml": DEPLOYMENT,
        "m/setup/b.yaml": DEPLOYMENT,
        "m/setup/deep/c.json": '{"apiVersion":"v1","kind":"Pod"}',
      },
      { "plain:m/": ["m/a.yaml", "m/setup/b.yaml", "m/setup/deep/c.json"] },
    ],
    [
      "siblings are apart",
      { "t/a/x.yaml": DEPLOYMENT, "t/b/x.yaml": DEPLOYMENT },
      { "plain:t/a/": ["t/a/x.yaml"], "plain:t/b/": ["t/b/x.yaml"] },
    ],
    [
      "the root takes only its own",
      { "x.yaml": DEPLOYMENT, "a/y.yaml": DEPLOYMENT },
      { "plain:./": ["x.yaml"], "plain:a/": ["a/y.yaml"] },
    ],
    [
      "values and CI files are left alone",
      {
        "a/values.yaml": "x: 1",
        ".gitlab-ci.yml": DEPLOYMENT,
        ".github/x.yaml": DEPLOYMENT,
        "docker-compose.yaml": "a: 1",
      },
      {},
    ],
    [
      "templates of other tools are left alone",
      { "a/x.yaml": "apiVersion: v1\nkind: {{ kind }}\n", "a/y.yaml": DEPLOYMENT },
      { "plain:a/": ["a/y.yaml"] },
    ],
    [
      "leftovers below a kustomization belong to nobody",
      {
        "a/kustomization.yaml": kustomization("x.yaml"),
        "a/x.yaml": DEPLOYMENT,
        "a/old.yaml": DEPLOYMENT,
        "a/archive/y.yaml": DEPLOYMENT,
      },
      {},
    ],
    [
      "but not when an agent applies their folder",
      {
        "clusters/apps.yaml": fluxKustomization("./a/plain"),
        "a/kustomization.yaml": kustomization(),
        "a/plain/y.yaml": DEPLOYMENT,
      },
      { "plain:clusters/": ["clusters/apps.yaml"], "plain:a/plain/": ["a/plain/y.yaml"] },
    ],
    [
      "a folder beside a kustomization in a plain folder",
      {
        "c/apps.yaml": DEPLOYMENT,
        "c/sys/kustomization.yaml": kustomization("x.yaml"),
        "c/sys/x.yaml": DEPLOYMENT,
        "c/more/z.yaml": DEPLOYMENT,
      },
      { "plain:c/": ["c/apps.yaml", "c/more/z.yaml"] },
    ],
    [
      "files that a kustomization elsewhere uses",
      { "a/x.yaml": DEPLOYMENT, "a/y.yaml": DEPLOYMENT, "k/kustomization.yaml": kustomization("../a/x.yaml") },
      { "plain:a/": ["a/y.yaml"] },
    ],
    ["a file with a syntax error", { "a/x.yaml": "apiVersion: v1\nkind: Pod\n: [" }, { "plain:a/": ["a/x.yaml"] }],
    [
      "excluded folders and files",
      { "a/x.yaml": DEPLOYMENT, "a/testdata/y.yaml": DEPLOYMENT, "node_modules/z.yaml": DEPLOYMENT },
      { "plain:a/": ["a/x.yaml"] },
    ],
    ["names of prototype keys", { "__proto__/a.yaml": DEPLOYMENT }, { "plain:__proto__/": ["__proto__/a.yaml"] }],
  ];
  for (const [title, files, apps] of table) {
    it(title, () => {
      const discovery = discover(files);
      const found = discovery.apps.filter((app) => app.kind === "plain").map((app) => [app.id, app.files] as const);
      assert.deepEqual(Object.fromEntries(found), apps);
    });
  }

  it("are declared by themselves, not guessed", () => {
    const app = appOf(discover({ "m/b.yaml": DEPLOYMENT, "m/a.yaml": DEPLOYMENT }), "plain:m/");
    assert.deepEqual([app.guessed, app.declaredIn, app.assumptions], [false, "m/a.yaml", []]);
  });

  it("what nobody builds is listed", () => {
    const { unused } = discover({
      "a/kustomization.yaml": "",
      "a/old.yaml": DEPLOYMENT,
      "t.yaml": "apiVersion: v1\nkind: Pod\nspec: {{ x }}\n",
      "vendor/x.yaml": DEPLOYMENT,
    });
    assert.deepEqual(unused, [
      { path: "a/old.yaml", reason: "not-referenced" },
      { path: "t.yaml", reason: "template" },
    ]);
  });

  it("include bounds them", () => {
    const files = { "a/x.yaml": DEPLOYMENT, "b/x.yaml": DEPLOYMENT, "b/y.yaml": DEPLOYMENT };
    assert.deepEqual(idsOf(discover(files, "include: [a, b/y.yaml]")), ["plain:a/", "plain:b/"]);
    assert.deepEqual(plainFiles(discover(files, "include: [a, b/y.yaml]"), "plain:b/"), ["b/y.yaml"]);
  });
});

describe("Helm charts", () => {
  const web = {
    "charts/web/Chart.yaml": chart("web"),
    "charts/web/values.yaml": "a: 1",
    "charts/web/templates/x.yaml": DEPLOYMENT,
  };
  const table: readonly [title: string, files: Files, ids: readonly string[]][] = [
    ["alone", web, ["helm:charts/web"]],
    [
      "at the root, with other folders beside it",
      { "Chart.yaml": chart("web"), "templates/x.yaml": DEPLOYMENT, "crds/c.yaml": DEPLOYMENT, "m/x.yaml": DEPLOYMENT },
      ["helm:.", "plain:m/"],
    ],
    [
      "one app per environment",
      {
        ...web,
        "charts/web/values-prod.yaml": "",
        "charts/web/values.dev.yml": "",
        "charts/web/values/qa.yaml": "",
        "charts/web/environments/eu.yaml": "",
      },
      [
        "helm:charts/web#environments/eu.yaml",
        "helm:charts/web#values-prod.yaml",
        "helm:charts/web#values.dev.yml",
        "helm:charts/web#values/qa.yaml",
      ],
    ],
    [
      "values that are no environment",
      {
        ...web,
        "charts/web/values.schema.json": "{}",
        "charts/web/values-example.yaml": "",
        "charts/web/values.prod.sops.yaml": "",
        "charts/web/values/common.yaml": "",
        "charts/web/environments/x.yaml": DEPLOYMENT,
      },
      ["helm:charts/web"],
    ],
    ["library charts", { "l/Chart.yaml": chart("l", "type: library\n") }, []],
    [
      "subcharts and folders inside",
      {
        ...web,
        "charts/web/charts/db/Chart.yaml": chart("db"),
        "charts/web/docs/x.yaml": DEPLOYMENT,
        "charts/web/ci/kustomization.yaml": "",
      },
      ["helm:charts/web"],
    ],
    [
      "file:// dependencies",
      {
        ...web,
        "charts/web/Chart.yaml": chart("web", "dependencies: [{name: db, repository: 'file://../db'}]\n"),
        "charts/db/Chart.yaml": chart("db"),
      },
      ["helm:charts/web"],
    ],
    [
      "file:// dependencies of the old format",
      {
        ...web,
        "charts/web/requirements.yaml": "dependencies: [{name: db, repository: 'file://../db'}]\n",
        "charts/db/Chart.yaml": chart("db"),
      },
      ["helm:charts/web"],
    ],
    [
      "brought in by a kustomization",
      { ...web, "k/kustomization.yaml": "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\n" },
      ["kustomize:k"],
    ],
    ["templates of charts", { "t/Chart.yaml": "name: {{ name }}\n", "t/templates/x.yaml": DEPLOYMENT }, []],
    ["one that cannot be read", { "t/Chart.yaml": "name: [" }, ["helm:t"]],
  ];
  for (const [title, files, ids] of table) it(title, () => assert.deepEqual(idsOf(discover(files)), ids));

  it("that are guessed say what was assumed", () => {
    const app = appOf(discover({ ...web, "charts/web/values-prod.yaml": "" }), "helm:charts/web#values-prod.yaml");
    assert.deepEqual(app, {
      kind: "helm",
      id: "helm:charts/web#values-prod.yaml",
      path: "charts/web",
      environment: "prod",
      isEnvironmentDeclared: false,
      guessed: true,
      declaredIn: "charts/web/Chart.yaml",
      assumptions: ["values from charts/web/values-prod.yaml", 'release name "web"', 'namespace "default"'],
      isSubstituted: false,
      releaseName: "web",
      namespace: "default",
      valuesFiles: ["charts/web/values-prod.yaml"],
      apiVersions: [],
      includeCrds: true,
    });
  });

  it("declared by the config are not guessed, and the other guesses stay", () => {
    const discovery = discover(
      { ...web, "charts/web/values-prod.yaml": "", "charts/web/values-dev.yaml": "" },
      "apps: [{path: charts/web, values: [values.yaml, values-prod.yaml], releaseName: shop, namespace: prod}]",
    );
    assert.deepEqual(idsOf(discovery), ["helm:charts/web#values-dev.yaml", "helm:charts/web#values-prod.yaml"]);
    const app = appOf(discovery, "helm:charts/web#values-prod.yaml");
    assert.ok(app.kind === "helm");
    assert.deepEqual(
      [app.guessed, app.declaredIn, app.releaseName, app.namespace, app.assumptions],
      [false, CONFIG_FILE, "shop", "prod", []],
    );
  });

  it("declared with values from elsewhere take the place of the chart alone", () => {
    const discovery = discover(web, "apps: [{path: charts/web, values: [../../env/prod/web.yaml]}]");
    assert.deepEqual(idsOf(discovery), ["helm:charts/web#../../env/prod/web.yaml"]);
    assert.equal(appOf(discovery, "helm:charts/web#../../env/prod/web.yaml").environment, "prod");
  });

  it("T39 values that lead out of the repository are left for rendering to refuse", () => {
    const [app] = discover(web, "apps: [{path: charts/web, values: [../../../../etc/passwd]}]").apps;
    assert.ok(app?.kind === "helm");
    assert.deepEqual(app.valuesFiles, ["../../../../etc/passwd"]);
  });
});

describe("values layers", () => {
  const web = { "charts/web/Chart.yaml": chart("web"), "charts/web/values.yaml": "" };
  const at = (...names: readonly string[]): Files => ({
    ...web,
    ...Object.fromEntries(names.map((name) => [name, ""])),
  });
  const layers = (text: string): string => `helm: {valuesLayers: "${text}"}`;
  const table: readonly [title: string, files: Files, config: string, ids: readonly string[]][] = [
    [
      "each combination that no other extends",
      at(
        "charts/web/values-staging.yaml",
        "charts/web/values-prod.yaml",
        "charts/web/values-prod-eu.yaml",
        "charts/web/values-prod-us-west-1.yaml",
      ),
      layers("values.yaml + values-{env}.yaml + values-{env}-{region}.yaml"),
      [
        "helm:charts/web#values-prod.yaml+values-prod-eu.yaml",
        "helm:charts/web#values-prod.yaml+values-prod-us-west-1.yaml",
        "helm:charts/web#values-staging.yaml",
      ],
    ],
    [
      "a dash in an environment's name",
      at("charts/web/values-pre-prod.yaml", "charts/web/values-pre-prod-eu.yaml"),
      layers("values-{env}.yaml + values-{env}-{region}.yaml"),
      ["helm:charts/web#values-pre-prod.yaml+values-pre-prod-eu.yaml"],
    ],
    [
      "folders elsewhere, by the chart's name",
      at("env/prod/common.yaml", "env/prod/web.yaml", "env/dev/web.yaml", "env/dev/api.yaml"),
      layers("../../env/{env}/common.yaml + ../../env/{env}/{chart}.yaml"),
      ["helm:charts/web#../../env/dev/web.yaml", "helm:charts/web#../../env/prod/common.yaml+../../env/prod/web.yaml"],
    ],
    [
      "independent placeholders",
      at("charts/web/env/a.yaml", "charts/web/env/b.yaml", "charts/web/region/x.yaml", "charts/web/region/y.yaml"),
      layers("env/{env}.yaml + region/{region}.yaml"),
      ["a.yaml+region/x", "a.yaml+region/y", "b.yaml+region/x", "b.yaml+region/y"].map(
        (id) => `helm:charts/web#env/${id}.yaml`,
      ),
    ],
    [
      "nothing that matches falls back to the convention",
      at("charts/web/values-prod.yaml"),
      layers("env/{env}.yaml"),
      ["helm:charts/web#values-prod.yaml"],
    ],
    [
      "encrypted files do not match",
      at("charts/web/values-prod.yaml", "charts/web/values-prod.sops.yaml"),
      layers("values-{env}.yaml"),
      ["helm:charts/web#values-prod.yaml"],
    ],
    [
      "layers out of the repository",
      at("charts/web/values-prod.yaml"),
      layers("../../../{env}.yaml + values-{env}.yaml"),
      ["helm:charts/web#values-prod.yaml"],
    ],
  ];
  for (const [title, files, config, ids] of table)
    it(title, () => assert.deepEqual(idsOf(discover(files, config)), ids));

  it("name release and namespace", () => {
    const config = `helm: {valuesLayers: "values-{env}-{region}.yaml", releaseName: "{chart}-{region}", namespace: "{env}"}`;
    const [app] = discover(at("charts/web/values-prod-eu.yaml"), config).apps;
    assert.ok(app?.kind === "helm");
    assert.deepEqual(
      [app.releaseName, app.namespace, app.environment, app.guessed, app.assumptions],
      ["web-eu", "prod", "prod", false, []],
    );
  });

  it("T37 do not explode", () => {
    const files = at(
      ...Array.from({ length: 60 }, (_, i) => [
        `charts/web/a/${"x-".repeat(100)}${i}.yaml`,
        `charts/web/b/${i}.yaml`,
      ]).flat(),
    );
    const started = performance.now();
    const discovery = discover(files, layers("a/{p}-{q}-{r}-{s}.yaml + b/{t}.yaml"));
    assert.equal(discovery.apps.length, 1000);
    assert.match(discovery.notes.join(), /more than 1000 apps of charts\/web/);
    assert.ok(performance.now() - started < 2000);
  });
});

describe("environments", () => {
  const guesses: readonly [path: string, environment: string | undefined][] = [
    ["apps/web/overlays/prod", "prod"],
    ["clusters/eu-1/apps", "eu-1"],
    ["environments/dev", "dev"],
    ["envs/dev/x", "dev"],
    ["env/dev", "dev"],
    ["overlays/base", undefined],
    ["apps/web", undefined],
    ["overlays", undefined],
  ];
  for (const [path, environment] of guesses) {
    it(`of ${path} is guessed as ${environment ?? "none"}`, () => {
      const [app] = discover({ [`${path}/kustomization.yaml`]: "" }).apps;
      assert.deepEqual([app?.environment, app?.isEnvironmentDeclared], [environment, false]);
    });
  }

  it("come from the config first, with their Kubernetes version", () => {
    const discovery = discover(
      {
        "clusters/a/kustomization.yaml": "",
        "clusters/b/kustomization.yaml": "",
        "c/kustomization.yaml": "",
        "w/Chart.yaml": chart("w"),
        "w/values-live.yaml": "",
      },
      `environments:
  prod: {paths: [clusters/a, "w/values-live.yaml"], kubernetesVersion: "1.33"}
  lab: {}
apps:
  - {path: clusters/b, environment: lab}
  - {path: c, environment: prod, kubernetesVersion: "1.34"}
`,
    );
    assert.deepEqual(
      discovery.apps.map(({ id, environment, isEnvironmentDeclared }) => [id, environment, isEnvironmentDeclared]),
      [
        ["helm:w#values-live.yaml", "prod", true],
        ["kustomize:c", "prod", true],
        ["kustomize:clusters/a", "prod", true],
        ["kustomize:clusters/b", "lab", true],
      ],
    );
    assert.deepEqual(
      [...discovery.kubernetesVersions],
      [
        ["helm:w#values-live.yaml", "1.33"],
        ["kustomize:c", "1.34"],
        ["kustomize:clusters/a", "1.33"],
      ],
    );
  });
});

describe("apps of the config", () => {
  it("that do not exist are noted with their line", () => {
    const { apps, notes } = discover({ "a/kustomization.yaml": "" }, "apps:\n  - path: gone\n  - path: a\n");
    assert.deepEqual(
      apps.map(({ id }) => id),
      ["kustomize:a"],
    );
    assert.deepEqual(notes, [`${CONFIG_FILE}:3 declares an app at gone, which does not exist.`]);
  });

  it("are told apart by their names", () => {
    const files = { "w/Chart.yaml": chart("w") };
    const discovery = discover(files, "apps: [{path: w}, {path: w, name: canary}, {path: w}]");
    assert.deepEqual(idsOf(discovery), ["helm:canary", "helm:w"]);
    assert.deepEqual(discovery.notes, [`${CONFIG_FILE} declares helm:w twice; give one of them a name of its own.`]);
  });

  it("can be plain folders and files, wherever they are", () => {
    const discovery = discover(
      {
        "vendor/op/a.yaml": DEPLOYMENT,
        "vendor/op/deep/b.yaml": DEPLOYMENT,
        "k/kustomization.yaml": "",
        "k/x.yaml": DEPLOYMENT,
        "m/a.yaml": DEPLOYMENT,
        "m/b.yaml": DEPLOYMENT,
      },
      "apps: [{path: vendor/op}, {path: k, kind: plain}, {path: m/a.yaml}]",
    );
    assert.deepEqual(idsOf(discovery), ["kustomize:k", "plain:k/", "plain:m/", "plain:m/a.yaml", "plain:vendor/op/"]);
    assert.deepEqual(plainFiles(discovery, "plain:vendor/op/"), ["vendor/op/a.yaml", "vendor/op/deep/b.yaml"]);
    assert.deepEqual(plainFiles(discovery, "plain:m/"), ["m/b.yaml"]);
    assert.deepEqual(plainFiles(discovery, "plain:m/a.yaml"), ["m/a.yaml"]);
  });

  it("may read files outside their folder", () => {
    const [app] = discover({ "a/kustomization.yaml": "" }, "apps: [{path: a, loadRestrictor: none}]").apps;
    assert.ok(app?.kind === "kustomize" && app.isLoadUnrestricted);
  });
});

describe("objects of agents", () => {
  const flux = {
    "clusters/prod/apps.yaml": fluxKustomization("./apps/prod", "  postBuild: {}\n"),
    "apps/prod/web/a.yaml": DEPLOYMENT,
    "apps/prod/db/kustomization.yaml": "",
    "apps/dev/a.yaml": DEPLOYMENT,
  };

  it("are listed, and stay manifests of their app", () => {
    const discovery = discover(flux);
    assert.deepEqual(discovery.agents, [
      { agent: "flux", kind: "Kustomization", namespace: "flux-system", name: "apps", file: "clusters/prod/apps.yaml" },
    ]);
    assert.deepEqual(plainFiles(discovery, "plain:clusters/prod/"), ["clusters/prod/apps.yaml"]);
  });

  it("are not what only patches them", () => {
    const files = {
      ...flux,
      "clusters/prod/kustomization.yaml": kustomization("apps.yaml"),
      "clusters/eu/kustomization.yaml": "resources: [../prod]\npatches: [{path: apps.yaml}]\n",
      "clusters/eu/apps.yaml": fluxKustomization("./apps/eu"),
    };
    const filesOf = (more: Files) => discover({ ...files, ...more }).agents.map(({ file }) => file);
    assert.deepEqual(filesOf({}), ["clusters/prod/apps.yaml"]);
    const built = { "clusters/us/kustomization.yaml": kustomization("../eu/apps.yaml") };
    assert.deepEqual(filesOf(built), ["clusters/eu/apps.yaml", "clusters/prod/apps.yaml"]);
  });

  it("with substitution mark the apps below their path", () => {
    const discovery = discover(flux);
    assert.deepEqual(
      discovery.apps.map(({ id, isSubstituted }) => [id, isSubstituted]),
      [
        ["kustomize:apps/prod/db", true],
        ["plain:apps/dev/", false],
        ["plain:apps/prod/", true],
        ["plain:clusters/prod/", false],
      ],
    );
    assert.match(
      appOf(discovery, "plain:apps/prod/").assumptions.join(),
      /filled in by the Flux Kustomization flux-system\/apps/,
    );
  });

  it("of another source say nothing about this repository", () => {
    const text = flux["clusters/prod/apps.yaml"].replace("GitRepository", "OCIRepository");
    assert.ok(discover({ ...flux, "clusters/prod/apps.yaml": text }).apps.every(({ isSubstituted }) => !isSubstituted));
  });
});

describe("sources of CRDs", () => {
  const CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";
  it("are found in plain folders, bases and charts, not in excluded folders", () => {
    const { crdSources } = discover({
      "m/c.yaml": CRD,
      "k/kustomization.yaml": kustomization("c.yaml"),
      "k/c.yaml": CRD,
      "w/Chart.yaml": chart("w"),
      "w/crds/c.yaml": CRD,
      "vendor/c.yaml": CRD,
      "m/x.yaml": DEPLOYMENT,
    });
    assert.deepEqual(crdSources, ["k/c.yaml", "m/c.yaml", "w/crds/c.yaml"]);
  });

  it("are not patches, which hold a part of the schema", () => {
    const { crdSources } = discover({
      "k/kustomization.yaml": "resources: [c.yaml]\npatchesStrategicMerge: [patch.yaml]\n",
      "k/c.yaml": CRD,
      "k/patch.yaml": CRD,
    });
    assert.deepEqual(crdSources, ["k/c.yaml"]);
  });
});

describe("isExcluded", () => {
  const config = readConfig("version: 1\ninclude: [apps/*/prod]\napps: [{path: vendor/op/x}]\n");
  const table: readonly [path: string, isLeftOut: boolean][] = [
    ["", false],
    ["node_modules", true],
    ["a/node_modules/b/c.yaml", true],
    [".github/workflows/x.yaml", true],
    ["apps", false],
    ["apps/web/prod/x.yaml", false],
    ["other/x.yaml", false],
    ["vendor", false],
    ["vendor/op", false],
    ["vendor/op/x/y.yaml", false],
    ["vendor/op/z.yaml", true],
    ["vendor/other", true],
  ];
  for (const [path, isLeftOut] of table) {
    it(`${isLeftOut ? "leaves out" : "keeps"} "${path}"`, () => assert.equal(isExcluded(path, config), isLeftOut));
  }
});

describe("discovery as a whole", () => {
  const folder = fc.array(
    fc.constantFrom("a", "b", "base", "overlays", "prod", "charts", "templates", "vendor", "__proto__"),
    { maxLength: 4 },
  );
  const file = fc.constantFrom<readonly [string, string]>(
    ["x.yaml", DEPLOYMENT],
    ["y.yaml", DEPLOYMENT],
    ["kustomization.yaml", kustomization("x.yaml", "../base")],
    ["Kustomization", kustomization("../b")],
    ["Chart.yaml", chart("web")],
    ["values-prod.yaml", ""],
    ["values.yaml", ""],
    ["apps.yaml", fluxKustomization("a/b", "  postBuild: {}\n")],
    ["t.yaml", "apiVersion: v1\nkind: {{ x }}\n"],
  );
  const repository = fc
    .array(fc.tuple(folder, file), { maxLength: 25 })
    .map((entries) => new Map(entries.map(([names, [name, text]]) => [[...names, name].join("/"), text])));
  const config = readConfig(
    "version: 1\nhelm: {valuesLayers: 'values-{env}.yaml'}\napps: [{path: a/b, kind: plain}]\n",
  );

  it("does not depend on the order of files", () => {
    fc.assert(
      fc.property(
        repository.chain((files) =>
          fc.tuple(fc.constant(files), fc.shuffledSubarray([...files], { minLength: files.size })),
        ),
        ([files, shuffled]) => {
          const facts = analyzeAll(Object.fromEntries(files));
          const other = new Map(shuffled.map(([path]) => [path, facts.get(path)]));
          assert.deepEqual(
            assembleApps(other, config),
            assembleApps(new Map([...files.keys()].map((path) => [path, facts.get(path)])), config),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives every app an id of its own, sorted", () => {
    fc.assert(
      fc.property(repository, (files) => {
        const ids = idsOf(assembleApps(analyzeAll(Object.fromEntries(files)), config));
        assert.deepEqual(ids, [...new Set(ids)].sort());
      }),
      { numRuns: 500 },
    );
  });

  it("keeps all other apps when a plain file is added in a new folder or at the root", () => {
    const added = fc.constantFrom("new-folder/z.yaml", "z.yaml", "a/new-folder/z.yaml");
    fc.assert(
      fc.property(repository, added, (files, path) => {
        const facts = analyzeAll(Object.fromEntries(files));
        const before = idsOf(assembleApps(facts, config));
        const after = idsOf(assembleApps(new Map([...facts, ...analyzeAll({ [path]: DEPLOYMENT })]), config));
        assert.deepEqual(
          before.filter((id) => !after.includes(id)),
          [],
        );
        assert.ok(after.length <= before.length + 1);
      }),
      { numRuns: 500 },
    );
  });

  it("takes folders 100 deep and 10,000 files in one", () => {
    const deep = Array.from({ length: 100 }, (_, level) => `d${level}`).join("/");
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`m/${index}.yaml`, DEPLOYMENT]));
    const discovery = discover({ ...many, [`${deep}/x.yaml`]: DEPLOYMENT });
    assert.deepEqual(idsOf(discovery), [`plain:${deep}/`, "plain:m/"]);
    assert.equal(plainFiles(discovery, "plain:m/").length, 10_000);
  });

  it("is fast: 5,000 apps", () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 5_000; index++) {
      files[`teams/t${index % 50}/app${index}/kustomization.yaml`] = kustomization("x.yaml");
      files[`teams/t${index % 50}/app${index}/x.yaml`] = DEPLOYMENT;
    }
    const facts = analyzeAll(files);
    assembleApps(facts, config);
    const started = performance.now();
    assert.equal(assembleApps(facts, config).apps.length, 5_000);
    // Takes about 30 ms; the bound is for a busy machine.
    assert.ok(performance.now() - started < 500);
  });
});
