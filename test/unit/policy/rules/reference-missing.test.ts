import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { referenceMissing } from "../../../../src/policy/rules/reference-missing.ts";
import type { PolicyObject } from "../../../../src/policy/rule.ts";
import { besides, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const POD = ".spec.template.spec";
const object = (apiVersion: string, kind: string, rest: object = {}, name = "x", metadata: object = {}) =>
  makeObject({ apiVersion, kind, metadata: { name, ...metadata }, ...rest });
const withEnv = (...names: string[]) => makeDeployment({ envFrom: names.map((name) => ({ secretRef: { name } })) });
const withMap = (name: unknown, extra: object = {}) =>
  makeDeployment({ envFrom: [{ configMapRef: { name, ...extra } }] });
const missing = (...objects: Parameters<typeof runRule>[1]) => runRule(referenceMissing, objects).length;

describe("reference-missing", () => {
  it("names every place where pods refer to what is missing", () => {
    const web = makeDeployment(
      {
        envFrom: [{ prefix: "A_" }, { configMapRef: { name: "a" } }, { secretRef: { name: "b" } }],
        env: [
          { name: "X", valueFrom: { configMapKeyRef: { name: "c", key: "x" } } },
          { name: "Y", valueFrom: { secretKeyRef: { name: "d", key: "y" } } },
        ],
      },
      {
        pod: {
          serviceAccountName: "e",
          imagePullSecrets: [{ name: "registry" }],
          volumes: [
            { name: "f", configMap: { name: "f" } },
            { name: "g", secret: { secretName: "g" } },
            { name: "h", persistentVolumeClaim: { claimName: "h" } },
            { name: "i", projected: { sources: [{ configMap: { name: "i" } }, { secret: { name: "j" } }] } },
          ],
        },
      },
    );
    const lines = runRule(referenceMissing, [web]);
    assert.equal(
      lines[0],
      `${POD}.serviceAccountName: The app has no ServiceAccount "e". Correct the name, or add it; where something else makes it, say so in the config.`,
    );
    assert.deepEqual(
      lines.map((line) => line.replace(/(: The app has no \w+ "\w").*/u, "$1")),
      [
        `${POD}.serviceAccountName: The app has no ServiceAccount "e"`,
        `${POD}.containers[0].envFrom[1].configMapRef.name: The app has no ConfigMap "a"`,
        `${POD}.containers[0].envFrom[2].secretRef.name: The app has no Secret "b"`,
        `${POD}.containers[0].env[0].valueFrom.configMapKeyRef.name: The app has no ConfigMap "c"`,
        `${POD}.containers[0].env[1].valueFrom.secretKeyRef.name: The app has no Secret "d"`,
        `${POD}.volumes[0].configMap.name: The app has no ConfigMap "f"`,
        `${POD}.volumes[1].secret.secretName: The app has no Secret "g"`,
        `${POD}.volumes[2].persistentVolumeClaim.claimName: The app has no PersistentVolumeClaim "h"`,
        `${POD}.volumes[3].projected.sources[0].configMap.name: The app has no ConfigMap "i"`,
        `${POD}.volumes[3].projected.sources[1].secret.name: The app has no Secret "j"`,
      ],
    );
  });

  it("passes what the app has, also as a Helm hook", () => {
    assert.equal(missing(withMap("a"), object("v1", "ConfigMap", {}, "a")), 0);
    const hook = makeObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, ["pre-install"]);
    assert.equal(missing(withMap("a"), hook), 0);
    assert.equal(missing(withMap("a"), object("v1", "Secret", {}, "a")), 1);
  });

  it("tells each name of a workload once", () => {
    assert.equal(missing(withEnv("a", "a", "b")), 2);
    assert.equal(missing(withEnv("a"), withEnv("a")), 2);
  });

  it("leaves alone what is optional, filled in later, or made by the cluster", () => {
    assert.equal(missing(withMap("a", { optional: true })), 0);
    assert.equal(missing(withMap("a", { optional: false })), 1);
    for (const name of ["${NAME}", "kube-root-ca.crt", "", 7, null, ["a"]]) assert.equal(missing(withMap(name)), 0);
    assert.equal(missing(makeDeployment({}, { pod: { serviceAccountName: "default" } })), 0);
    const volumes = [{ name: "a", secret: { secretName: "a", optional: true } }, { configMap: ["a"] }, "x"];
    assert.equal(missing(makeDeployment({}, { pod: { volumes } })), 0);
  });

  it("minds the namespace, and takes one that is not said for any", () => {
    const inA = makeObject({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "a" },
      spec: { containers: [{ name: "c", envFrom: [{ configMapRef: { name: "m" } }] }] },
    });
    const map = (namespace?: string, annotations: object = {}) =>
      object("v1", "ConfigMap", {}, "m", { annotations, ...(namespace !== undefined && { namespace }) });
    assert.equal(missing(inA, map("b")), 1);
    assert.equal(missing(inA, map("a")), 0);
    assert.equal(missing(inA, map()), 0);
    assert.equal(missing(inA, map("b", { "reflector.v1.k8s.emberstack.com/reflection-allowed": "true" })), 0);
    const beside = (...others: readonly PolicyObject[]) => runRule(referenceMissing, [inA], {}, besides(others)).length;
    assert.deepEqual([beside(map("b")), beside(map("a")), beside(map())], [1, 0, 0]);
  });

  it("knows what other apps bring, and what their operators and controllers may make", () => {
    const beside = (name: string, ...others: readonly PolicyObject[]) =>
      runRule(referenceMissing, [withEnv(name)], {}, besides(others, ["example.com/Vault"])).length;
    const release = (spec: object) => object("helm.toolkit.fluxcd.io/v2", "HelmRelease", { spec }, "pg");
    assert.equal(beside("a", object("v1", "Secret", {}, "a")), 0);
    assert.equal(beside("a", object("external-secrets.io/v1", "ExternalSecret", { spec: {} }, "a")), 0);
    assert.equal(beside("pg-app", object("postgresql.cnpg.io/v1", "Cluster", { spec: {} }, "pg")), 0);
    assert.equal(beside("pgapp", object("postgresql.cnpg.io/v1", "Cluster", { spec: {} }, "pg")), 1);
    assert.equal(beside("login", object("example.com/v1", "Thing", { spec: { secret: "login" } }, "x")), 0);
    assert.equal(beside("login-app", object("example.com/v1", "Thing", { spec: { secret: "login" } }, "x")), 1);
    assert.equal(beside("any", object("example.com/v1", "Vault", {}, "x")), 0);
    assert.equal(beside("pg-app", release({ chart: { spec: { sourceRef: { kind: "HelmRepository" } } } })), 0);
    // A chart of a repository is an app itself, and so is a folder that an agent applies.
    assert.equal(beside("pg-app", release({ chart: { spec: { sourceRef: { kind: "GitRepository" } } } })), 1);
    const application = (source: object) => object("argoproj.io/v1alpha1", "Application", { spec: { source } }, "pg");
    assert.deepEqual(
      [beside("pg-app", application({ chart: "pg" })), beside("pg-app", application({ path: "pg" }))],
      [0, 1],
    );
  });

  it("says so where another app brought the object until now", () => {
    const facts = { isOffered: () => false, wasOffered: () => true };
    assert.match(runRule(referenceMissing, [withEnv("a")], {}, facts).join(), /No app has the Secret "a" any more/u);
  });

  it("knows what the controllers of secrets make, by its name", () => {
    const makers = [
      object("external-secrets.io/v1", "ExternalSecret", { spec: {} }, "a"),
      object("external-secrets.io/v1", "ExternalSecret", { spec: { target: { name: "a" } } }),
      object("external-secrets.io/v1", "ClusterExternalSecret", { spec: { externalSecretName: "a" } }),
      object("bitnami.com/v1alpha1", "SealedSecret", { spec: { template: { metadata: { name: "a" } } } }),
      object("bitnami.com/v1alpha1", "SealedSecret", {}, "a"),
      object("cert-manager.io/v1", "Certificate", { spec: { secretName: "a" } }),
      object("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", {
        spec: { secretObjects: [{ secretName: "a" }] },
      }),
      object("onepassword.com/v1", "OnePasswordItem", {}, "a"),
      object("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", { spec: { destination: { name: "a" } } }),
      object("isindir.github.com/v1alpha3", "SopsSecret", { spec: { secretTemplates: [{ name: "a" }] } }),
      object("trust.cert-manager.io/v1alpha1", "Bundle", {}, "a"),
      object("networking.k8s.io/v1", "Ingress", { spec: { tls: [{ secretName: "a" }] } }, "x", {
        annotations: { "cert-manager.io/cluster-issuer": "le" },
      }),
      object("v1", "Service", {}, "x", {
        annotations: { "service.beta.openshift.io/serving-cert-secret-name": "a" },
      }),
    ];
    for (const maker of makers) {
      const { kind } = maker.manifest.resource;
      assert.equal(missing(withEnv("a"), maker), 0, kind);
      assert.equal(missing(withEnv("other"), maker), 1, kind);
    }
    const plain = object("networking.k8s.io/v1", "Ingress", { spec: { tls: [{ secretName: "a" }] } });
    assert.equal(missing(withEnv("a"), plain), 1);
  });

  it("knows that operators name what they make after their objects, or are told its name", () => {
    const cluster = object("postgresql.cnpg.io/v1", "Cluster", {}, "pg");
    assert.equal(missing(withEnv("pg-app"), cluster), 0);
    assert.equal(missing(withEnv("web"), cluster), 1);
    const told = object("database.example.com/v1", "Instance", {
      spec: { writeConnectionSecretToRef: { name: "conn" } },
    });
    assert.equal(missing(withEnv("conn"), told), 0);
    const kyverno = object("kyverno.io/v1", "ClusterPolicy", { spec: { rules: [{ generate: { name: "pull" } }] } });
    assert.equal(missing(withEnv("pull"), kyverno), 0);
  });

  it("does not take those that use a Secret for those that make it", () => {
    const user = object("monitoring.coreos.com/v1", "ServiceMonitor", {
      spec: { basicAuth: { password: { name: "a" } } },
    });
    assert.equal(missing(withEnv("a"), user), 1);
    for (const [apiVersion = "", kind = ""] of [
      ["argoproj.io/v1alpha1", "Rollout"],
      ["apps.kruise.io/v1alpha1", "CloneSet"],
      ["serving.knative.dev/v1", "Service"],
    ]) {
      const template = { spec: { containers: [{ name: "c", envFrom: [{ secretRef: { name: "a" } }] }] } };
      assert.equal(missing(object(apiVersion, kind, { spec: { template } })), 1, kind);
    }
  });

  it("is silent beside a kind that the config names, in its namespace", () => {
    const creators = new Set(["aiven.io/Redis", "/ConfigMap"]);
    const redis = object("aiven.io/v1", "Redis", {}, "zzz");
    assert.deepEqual(runRule(referenceMissing, [withEnv("a"), redis], {}, { creators }), []);
    assert.equal(runRule(referenceMissing, [withEnv("a"), redis], {}, {}).length, 1);
    const far = object("aiven.io/v1", "Redis", {}, "zzz", { namespace: "far" });
    const near = makeObject({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "near" },
      spec: { containers: [{ name: "c", envFrom: [{ secretRef: { name: "a" } }] }] },
    });
    assert.equal(runRule(referenceMissing, [near, far], {}, { creators }).length, 1);
  });

  it("is silent where agents bring more, or a workload of the app makes the object itself", () => {
    assert.equal(missing(withEnv("a"), object("argoproj.io/v1alpha1", "Application")), 0);
    const job = (args: unknown) =>
      object("batch/v1", "Job", { spec: { template: { spec: { containers: [{ name: "c", args }] } } } });
    assert.equal(missing(withEnv("admission"), job(["create", "--secret-name=admission"])), 0);
    assert.equal(missing(withEnv("admission"), job(["--secret", "shop/admission"])), 0);
    assert.equal(missing(withEnv("config"), job(["--file=/etc/config/app.yaml"])), 1);
    const role = (verb: string) =>
      object("rbac.authorization.k8s.io/v1", "Role", {
        rules: [{ apiGroups: [""], resources: ["secrets"], verbs: [verb] }],
      });
    assert.equal(missing(withEnv("memberlist"), role("create")), 0);
    assert.equal(missing(withEnv("memberlist"), role("get")), 1);
    assert.equal(missing(withMap("memberlist"), role("create")), 1);
  });

  it("knows names with kustomize's suffix, and says where it was not put into a reference", () => {
    const generated = object("v1", "ConfigMap", {}, "settings-5f8h7k9m2t");
    assert.equal(missing(withMap("settings-5f8h7k9m2t"), generated), 0);
    assert.deepEqual(runRule(referenceMissing, [withMap("settings"), generated]), [
      `${POD}.containers[0].envFrom[0].configMapRef.name: The app has no ConfigMap "settings", but "settings-5f8h7k9m2t": kustomize did not rewrite this name. Put generator and workload into one kustomization, or turn the suffix off.`,
    ]);
  });

  it("knows the claims that StatefulSets make, and the volumes that these replace", () => {
    const set = object(
      "apps/v1",
      "StatefulSet",
      {
        spec: {
          volumeClaimTemplates: [{ metadata: { name: "data" } }, 7],
          template: {
            spec: { containers: [], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
          },
        },
      },
      "db",
    );
    const backup = (claimName: string) =>
      makeDeployment({}, { pod: { volumes: [{ name: "v", persistentVolumeClaim: { claimName } }] } });
    assert.equal(missing(set, backup("data-db-0")), 0);
    assert.equal(missing(set, backup("data-db-x")), 1);
    assert.equal(missing(set, backup("db-0")), 1);
  });
});
