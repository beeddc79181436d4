import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import { environmentOf } from "../../../src/discover/environment-of.ts";
import type { App } from "../../../src/model/index.ts";
import { areInOneCluster, type Claimant } from "../../../src/policy/same-cluster.ts";

const NO_CONFIG = readRepositoryConfig(undefined, "drydock.yaml");

/** A resource of a plain app in a folder, or of a chart with values, in the environment that Drydock guesses. */
function claim(path: string, parts: { resource?: string; source?: string; declared?: string; values?: string } = {}) {
  const { declared, values } = parts;
  assert.notEqual(NO_CONFIG.kind, "invalid");
  const config = NO_CONFIG.kind === "loaded" ? NO_CONFIG.config : { environments: [] };
  const files = values === undefined ? [] : [`${path}/${values}`];
  const { environment, isEnvironmentDeclared } = environmentOf(path, files, declared, undefined, config);
  const base = {
    ...{ id: `${path}#${values ?? ""}`, path, environment, isEnvironmentDeclared, declaredIn: path },
    ...{ assumptions: [], isSubstituted: false },
  };
  const app: App =
    values === undefined
      ? { ...base, kind: "plain", guessed: false, files: [] }
      : {
          ...{ ...base, kind: "helm", guessed: true, releaseName: "x", namespace: "x" },
          ...{ valuesFiles: files, apiVersions: [], includeCrds: true },
        };
  const claimant: Claimant = {
    resource: parts.resource ?? `Ingress/shop/${path.replaceAll("/", "-")}`,
    source: parts.source ?? `${path}/ingress.yaml`,
    app,
  };
  return claimant;
}

function together(a: Claimant, b: Claimant, isOnePlace = true): boolean {
  const said = areInOneCluster(a, b, () => isOnePlace);
  assert.equal(
    areInOneCluster(b, a, () => isOnePlace),
    said,
    "the order says nothing",
  );
  return said;
}

describe("areInOneCluster", () => {
  it("is certain within one app, and within the folder of one environment or cluster", () => {
    assert.ok(together(claim("a", { resource: "Ingress/x/a" }), claim("a", { resource: "Ingress/x/b" }), false));
    assert.ok(together(claim("overlays/prod/a"), claim("overlays/prod/b"), false));
    assert.ok(together(claim("clusters/one/a"), claim("clusters/one/b"), false));
  });

  it("is certain for apps of one environment", () => {
    assert.ok(together(claim("apps/web/overlays/prod"), claim("apps/api/overlays/prod"), false));
    assert.ok(together(claim("charts/web", { values: "values-prod.yaml" }), claim("charts/api/envs/prod"), false));
  });

  it("is certain for apps without environments where the repository shows one place at most", () => {
    assert.ok(together(claim("apps/web"), claim("apps/api")));
    assert.ok(together(claim("services/web/k8s"), claim("services/api/k8s")));
    assert.ok(!together(claim("apps/web"), claim("apps/api"), false));
  });

  it("is not, across environments and clusters", () => {
    const apart: readonly (readonly [Claimant, Claimant])[] = [
      [claim("overlays/dev"), claim("overlays/prod")],
      [claim("apps/web/overlays/dev"), claim("apps/api/overlays/prod")],
      [claim("clusters/a/web"), claim("clusters/b/api")],
      [claim("charts/web", { values: "values-dev.yaml" }), claim("charts/web", { values: "values-prod.yaml" })],
      [claim("apps/web"), claim("overlays/prod/api")],
    ];
    for (const [a, b] of apart) assert.ok(!together(a, b), `${a.app.path} ${b.app.path}`);
  });

  it("is not, where folders tell stages, clusters or regions apart that no environment names", () => {
    const apart: readonly (readonly [string, string])[] = [
      ["dev/web", "prod/api"],
      ["apps/staging", "apps/production"],
      ["web-dev", "web-prod"],
      ["web/stage", "api/live"],
      ["eu-west-1/web", "us-east-1/api"],
      ["regions/berlin/web", "regions/munich/api"],
      ["eu/web/overlays/prod", "us/api/overlays/prod"],
      ["overlays/prod/eu/web", "overlays/prod/us/api"],
    ];
    for (const [a, b] of apart) assert.ok(!together(claim(a), claim(b)), `${a} ${b}`);
  });

  it("is not, for what looks like copies of one app for several places", () => {
    assert.ok(!together(claim("berlin/web"), claim("munich/web")));
    assert.ok(!together(claim("berlin/web/overlays/prod"), claim("munich/web/overlays/prod")));
    const source = "base/ingress.yaml";
    assert.ok(!together(claim("a", { source }), claim("b", { source })));
    assert.ok(!together(claim("a", { resource: "Ingress/one/web" }), claim("b", { resource: "Ingress/two/web" })));
    assert.ok(!together(claim("a", { resource: "Ingress/x/web-dev" }), claim("b", { resource: "Ingress/x/web-prod" })));
  });

  it("is not, for a chart of which nobody says how it is released", () => {
    assert.ok(
      !together(claim("charts/web", { values: "values.yaml" }), claim("charts/api", { values: "values.yaml" })),
    );
  });

  it("is what the config says, but for folders of clusters", () => {
    const declared = "prod";
    const source = "base/ingress.yaml";
    assert.ok(together(claim("tenants/a", { declared, source }), claim("tenants/b", { declared, source }), false));
    assert.ok(together(claim("a/live", { declared }), claim("b/production", { declared }), false));
    assert.ok(!together(claim("clusters/prod-eu", { declared }), claim("clusters/prod-us", { declared })));
  });
});
