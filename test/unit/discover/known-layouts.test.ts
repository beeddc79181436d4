import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chart, discover, fluxKustomization, idsOf, kustomization, manifest } from "./discovery-fixtures.ts";
import type { Files } from "./discovery-fixtures.ts";

// Layouts of well-known public repositories, with their file names and without their content.
const helmRelease =
  "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: podinfo, namespace: podinfo}\n";

describe("layouts of well-known repositories", () => {
  it("flux2-kustomize-helm-example", () => {
    const cluster = (name: string): Files => ({
      [`clusters/${name}/apps.yaml`]: fluxKustomization(`./apps/${name}`),
      [`clusters/${name}/infrastructure.yaml`]: `${fluxKustomization("./infrastructure/controllers")}---\n${fluxKustomization("./infrastructure/configs")}`,
      [`clusters/${name}/flux-system/gotk-components.yaml`]: manifest("Namespace"),
      [`clusters/${name}/flux-system/gotk-sync.yaml`]: fluxKustomization(`./clusters/${name}`),
      [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization("gotk-components.yaml", "gotk-sync.yaml"),
      [`apps/${name}/kustomization.yaml`]: `${kustomization("../base/podinfo")}patches: [{path: podinfo-values.yaml}]\n`,
      [`apps/${name}/podinfo-values.yaml`]: helmRelease,
    });
    const discovery = discover({
      "README.md": "",
      ".github/workflows/test.yaml": "on: push",
      ...cluster("production"),
      ...cluster("staging"),
      "apps/base/podinfo/kustomization.yaml": kustomization("namespace.yaml", "release.yaml"),
      "apps/base/podinfo/namespace.yaml": manifest("Namespace"),
      "apps/base/podinfo/release.yaml": helmRelease,
      "infrastructure/controllers/kustomization.yaml": kustomization("cert-manager.yaml"),
      "infrastructure/controllers/cert-manager.yaml": helmRelease,
      "infrastructure/configs/kustomization.yaml": kustomization("cluster-issuers.yaml"),
      "infrastructure/configs/cluster-issuers.yaml": manifest("ClusterIssuer"),
      "scripts/validate.sh": "",
    });
    assert.deepEqual(idsOf(discovery), [
      "kustomize:apps/production",
      "kustomize:apps/staging",
      "kustomize:clusters/production/flux-system",
      "kustomize:clusters/staging/flux-system",
      "kustomize:infrastructure/configs",
      "kustomize:infrastructure/controllers",
      "plain:clusters/production/",
      "plain:clusters/staging/",
    ]);
    assert.equal(discovery.agents.filter(({ kind }) => kind === "Kustomization").length, 8);
    assert.deepEqual(discovery.unused, []);
  });

  it("argocd-example-apps", () => {
    const discovery = discover({
      "apps/Chart.yaml": chart("apps"),
      "apps/values.yaml": "",
      "apps/templates/helm-guestbook.yaml":
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: x\nspec:\n  server: {{ .Values.server }}\n",
      "blue-green/Chart.yaml": chart("blue-green"),
      "blue-green/values.yaml": "",
      "blue-green/templates/rollout.yaml": manifest("Rollout"),
      "guestbook/guestbook-ui-deployment.yaml": manifest("Deployment"),
      "guestbook/guestbook-ui-svc.yaml": manifest("Service"),
      "helm-guestbook/Chart.yaml": chart("helm-guestbook"),
      "helm-guestbook/values.yaml": "",
      "helm-guestbook/values-production.yaml": "",
      "helm-guestbook/templates/NOTES.txt": "",
      "jsonnet-guestbook/guestbook.jsonnet": "",
      "kustomize-guestbook/kustomization.yaml": kustomization("guestbook-ui-deployment.yaml", "guestbook-ui-svc.yaml"),
      "kustomize-guestbook/guestbook-ui-deployment.yaml": manifest("Deployment"),
      "kustomize-guestbook/guestbook-ui-svc.yaml": manifest("Service"),
      "plugins/kasane/Kasanefile": "",
      "pre-post-sync/pre-sync-job.yaml": manifest("Job"),
    });
    assert.deepEqual(idsOf(discovery), [
      "helm:apps",
      "helm:blue-green",
      "helm:helm-guestbook#values-production.yaml",
      "kustomize:kustomize-guestbook",
      "plain:guestbook/",
      "plain:pre-post-sync/",
    ]);
  });

  it("kustomize's multibases and components", () => {
    const discovery = discover({
      "multibases/kustomization.yaml": kustomization("dev", "staging", "production"),
      "multibases/base/kustomization.yaml": kustomization("pod.yaml"),
      "multibases/base/pod.yaml": manifest("Pod"),
      "multibases/dev/kustomization.yaml": kustomization("./../base"),
      "multibases/staging/kustomization.yaml": kustomization("./../base"),
      "multibases/production/kustomization.yaml": kustomization("./../base"),
      "components/base/kustomization.yaml": kustomization("deployment.yaml"),
      "components/base/deployment.yaml": manifest("Deployment"),
      "components/components/external_db/kustomization.yaml":
        "kind: Component\nresources: [configmap.yaml]\npatches: [{path: deployment.yaml}]\n",
      "components/components/external_db/configmap.yaml": manifest("ConfigMap"),
      "components/components/external_db/deployment.yaml": manifest("Deployment"),
      "components/overlays/enterprise/kustomization.yaml": `${kustomization("../../base")}components: [../../components/external_db]\n`,
      "components/overlays/dev/kustomization.yaml": kustomization("../../base"),
    });
    assert.deepEqual(idsOf(discovery), [
      "kustomize:components/overlays/dev",
      "kustomize:components/overlays/enterprise",
      "kustomize:multibases",
    ]);
    assert.deepEqual(discovery.unused, []);
  });

  it("a monorepo of charts with values elsewhere", () => {
    const discovery = discover(
      {
        "charts/common/Chart.yaml": chart("common", "type: library\n"),
        "charts/api/Chart.yaml": chart("api", "dependencies: [{name: common, repository: 'file://../common'}]\n"),
        "charts/web/Chart.yaml": chart("web", "dependencies: [{name: common, repository: 'file://../common'}]\n"),
        "charts/web/charts/redis/Chart.yaml": chart("redis"),
        "env/prod/api.yaml": "replicas: 3",
        "env/prod/web.yaml": "replicas: 3",
        "env/dev/web.yaml": "replicas: 1",
      },
      'helm: {valuesLayers: "values.yaml + ../../env/{env}/{chart}.yaml"}',
    );
    assert.deepEqual(idsOf(discovery), [
      "helm:charts/api#../../env/prod/api.yaml",
      "helm:charts/web#../../env/dev/web.yaml",
      "helm:charts/web#../../env/prod/web.yaml",
    ]);
  });

  it("kube-prometheus: 500 manifests in a folder, with setup/ below and jsonnet beside", () => {
    const files: Record<string, string> = {
      "jsonnet/main.jsonnet": "",
      "kustomization.yaml": "",
      "examples/x.jsonnet": "",
    };
    for (let index = 0; index < 490; index++) files[`manifests/m${index}.yaml`] = manifest("ConfigMap");
    for (let index = 0; index < 10; index++) {
      files[`manifests/setup/crd${index}.yaml`] =
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";
    }
    const withoutKustomization = Object.fromEntries(
      Object.entries(files).filter(([path]) => path !== "kustomization.yaml"),
    );
    const discovery = discover(withoutKustomization);
    assert.deepEqual(idsOf(discovery), ["plain:manifests/"]);
    assert.equal(discovery.crdSources.length, 10);
    const [app] = discovery.apps;
    assert.equal(app?.kind === "plain" && app.files.length, 500);
    // With a kustomization at the root that leaves them out, nobody builds them.
    assert.deepEqual(idsOf(discover(files)), ["kustomize:."]);
    assert.equal(discover(files).unused.length, 500);
  });

  it("a home cluster: Flux objects in files called ks.yaml, substitution everywhere", () => {
    const discovery = discover({
      "kubernetes/flux/cluster/ks.yaml": fluxKustomization(
        "./kubernetes/apps",
        "  postBuild: {substituteFrom: [{kind: Secret, name: s}]}\n",
      ),
      "kubernetes/apps/media/kustomization.yaml": kustomization("./namespace.yaml", "./plex/ks.yaml"),
      "kubernetes/apps/media/namespace.yaml": manifest("Namespace"),
      "kubernetes/apps/media/plex/ks.yaml": fluxKustomization("./kubernetes/apps/media/plex/app"),
      "kubernetes/apps/media/plex/app/kustomization.yaml": kustomization("./helmrelease.yaml"),
      "kubernetes/apps/media/plex/app/helmrelease.yaml": helmRelease,
      "bootstrap/helmfile.yaml": "releases: []",
      "talos/talconfig.yaml": "clusterName: main",
      "templates/config/x.yaml.j2": "{{ x }}",
    });
    assert.deepEqual(
      discovery.apps.map(({ id, isSubstituted }) => [id, isSubstituted]),
      [
        ["kustomize:kubernetes/apps/media", true],
        ["kustomize:kubernetes/apps/media/plex/app", true],
        ["plain:kubernetes/flux/cluster/", false],
      ],
    );
  });
});
