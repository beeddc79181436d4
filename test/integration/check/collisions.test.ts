import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createMemoryStore } from "../../../src/store/index.ts";
import { createRepository } from "../../fakes/git-repository.ts";
import type { JsonReport } from "./check-change.ts";
import { openSharedBench } from "./open-bench.ts";

type Files = Readonly<Record<string, string>>;

function ingress(name: string, host = "shop.example.com", namespace = "shop"): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  rules:
    - host: ${host}
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
`;
}

const build = (...resources: readonly string[]) => `resources: [${resources.join(", ")}]\n`;

const chart = (folder: string): Files => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${folder.split("/").at(-1) ?? ""}\nversion: 1.0.0\n`,
  [`${folder}/values.yaml`]: "host: shop.example.com\n",
  [`${folder}/templates/ingress.yaml`]: ingress("{{ .Release.Name }}", "{{ .Values.host }}", "{{ .Values.space }}"),
});

const flux = (name: string, path: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec: { interval: 10m, path: ${path}, prune: true, sourceRef: { kind: GitRepository, name: flux-system } }
`;

const argo = (name: string, path: string, server: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: default
  destination: { server: "${server}", namespace: shop }
  source: { repoURL: https://git.example.com/config.git, path: ${path}, targetRevision: main }
`;

/** Apps in which a host is found to be claimed twice when `added` comes to `base`, cold and by what is remembered. */
async function findCollisions(t: TestContext, base: Files, added: Files): Promise<readonly string[]> {
  const repository = await createRepository(t);
  const first = await repository.commit(new Map(Object.entries({ "readme.md": "one\n", ...base })));
  const before = await repository.commit(new Map(Object.entries({ "readme.md": "two\n", ...base })));
  const after = await repository.commit(new Map(Object.entries({ "readme.md": "two\n", ...base, ...added })));
  const bench = await openSharedBench(t, repository.directory);
  const store = createMemoryStore();
  await bench.check(first, before, store);
  const warm = await bench.check(before, after, store);
  assert.equal(warm.json, (await bench.check(before, after, createMemoryStore())).json);
  const { findings } = JSON.parse(warm.json) as JsonReport;
  return findings.filter(({ rule }) => rule === "ingress-collision").flatMap(({ apps }) => apps);
}

describe("a host that is claimed twice", () => {
  it("is found between apps of a repository for one cluster", async (t) => {
    const base = { "apps/web/i.yaml": ingress("web") };
    assert.deepEqual(await findCollisions(t, base, { "apps/api/i.yaml": ingress("api") }), ["plain:apps/api/"]);
  });

  it("is found between overlays of one environment, not between environments", async (t) => {
    const base = {
      "web/base/kustomization.yaml": build("i.yaml"),
      "web/base/i.yaml": ingress("web"),
      "web/overlays/dev/kustomization.yaml": `${build("../../base")}namePrefix: dev-\n`,
      "web/overlays/prod/kustomization.yaml": build("../../base"),
    };
    const api = (environment: string, host?: string) => ({
      [`api/overlays/${environment}/kustomization.yaml`]: build("i.yaml"),
      [`api/overlays/${environment}/i.yaml`]: ingress("api", host),
    });
    const stages = { ...base, ...api("staging", "other.example.com") };
    assert.deepEqual(await findCollisions(t, stages, api("staging")), []);
    assert.deepEqual(await findCollisions(t, base, api("prod")), ["kustomize:api/overlays/prod"]);
  });

  it("is not found between folders of stages and clusters, whatever is above them", async (t) => {
    for (const [one, other] of [
      ["dev", "prod"],
      ["apps/staging", "apps/production"],
      ["clusters/a", "clusters/b"],
      ["berlin/web", "munich/web"],
    ]) {
      const base = { [`${one ?? ""}/i.yaml`]: ingress("one") };
      const found = await findCollisions(t, base, { [`${other ?? ""}/i.yaml`]: ingress("other") });
      assert.deepEqual(found, [], `${one ?? ""} and ${other ?? ""}`);
    }
  });

  it("is found within a cluster's folder", async (t) => {
    const base = { "clusters/a/web/i.yaml": ingress("web"), "clusters/b/web/i.yaml": ingress("web") };
    assert.deepEqual(await findCollisions(t, base, { "clusters/b/api/i.yaml": ingress("api") }), [
      "plain:clusters/b/api/",
    ]);
  });

  it("is not found between values of one chart, nor between charts that nobody releases", async (t) => {
    const base = { ...chart("charts/web"), "charts/web/values-dev.yaml": "space: dev\n" };
    assert.deepEqual(await findCollisions(t, base, { "charts/web/values-prod.yaml": "space: prod\n" }), []);
    assert.deepEqual(await findCollisions(t, chart("charts/web"), chart("charts/api")), []);
  });

  it("is found between charts with values of one environment", async (t) => {
    const base = { ...chart("charts/web"), "charts/web/values-prod.yaml": "space: shop\n" };
    const added = { ...chart("charts/api"), "charts/api/values-prod.yaml": "space: shop\n" };
    assert.deepEqual(await findCollisions(t, base, added), ["helm:charts/api#values-prod.yaml"]);
  });

  it("is found below Flux with one cluster, and not below Flux with two", async (t) => {
    const one = {
      "clusters/main/apps.yaml": flux("apps", "./apps"),
      "apps/web/kustomization.yaml": build("i.yaml"),
      "apps/web/i.yaml": ingress("web"),
    };
    const added = { "apps/api/kustomization.yaml": build("i.yaml"), "apps/api/i.yaml": ingress("api") };
    assert.deepEqual(await findCollisions(t, one, added), ["kustomize:apps/api"]);
    const two = { ...one, "clusters/other/apps.yaml": flux("apps", "./apps/api") };
    assert.deepEqual(await findCollisions(t, two, added), []);
  });

  it("is found below Argo CD with one destination, and not with two", async (t) => {
    const here = "https://kubernetes.default.svc";
    const one = { "argocd/web.yaml": argo("web", "apps/web", here), "apps/web/i.yaml": ingress("web") };
    const api = (server: string) => ({
      "argocd/api.yaml": argo("api", "apps/api", server),
      "apps/api/i.yaml": ingress("api"),
    });
    assert.deepEqual(await findCollisions(t, one, api(here)), ["plain:apps/api/"]);
    assert.deepEqual(await findCollisions(t, one, api("https://other.example.com")), []);
  });

  it("is found where the config says that both are in one environment", async (t) => {
    const config = "version: 1\nenvironments: { prod: { paths: [live, production] } }\n";
    const base = { ".github/drydock.yaml": config, "live/i.yaml": ingress("live") };
    const added = { "production/i.yaml": ingress("production") };
    assert.deepEqual(await findCollisions(t, base, added), ["plain:production/"]);
  });
});
