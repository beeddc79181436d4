import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imageDigest, imageRegistry, imageTag } from "../../../../src/policy/rules/images.ts";
import { listHits, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const IMAGE = ".spec.template.spec.containers[0].image";
const withImage = (image: unknown) => makeDeployment({ image });

describe("image-tag", () => {
  it("names the field of an image whose tag is latest", () => {
    assert.deepEqual(runRule(imageTag, [withImage("nginx:latest")]), [
      `${IMAGE}: Image "nginx:latest" of container "web" has the tag latest. Give it a version tag or a digest.`,
    ]);
  });

  it("knows that no tag means latest, with a port in the registry as well", () => {
    for (const image of ["nginx", "registry:5000/team/web", "localhost/web"]) {
      assert.match(runRule(imageTag, [withImage(image)]).join(), /has no tag, which means latest/u, image);
    }
  });

  it("passes versions and digests", () => {
    for (const image of ["nginx:1.27", "registry:5000/web:v1", `nginx@${DIGEST}`, `nginx:latest@${DIGEST}`]) {
      assert.deepEqual(runRule(imageTag, [withImage(image)]), [], image);
    }
  });

  it("looks at init containers, at CronJobs, Rollouts and Knative Services", () => {
    const pod = { spec: { containers: [{ name: "a", image: "a" }], initContainers: [{ name: "b", image: "b" }] } };
    const paths = [
      { apiVersion: "batch/v1", kind: "CronJob", spec: { jobTemplate: { spec: { template: pod } } } },
      { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec: { template: pod } },
      { apiVersion: "serving.knative.dev/v1", kind: "Service", spec: { template: pod } },
      { apiVersion: "v1", kind: "Pod", ...pod },
    ].map((value) => runRule(imageTag, [makeObject(value)]).map((line) => line.split(":")[0]));
    assert.deepEqual(paths, [
      [
        ".spec.jobTemplate.spec.template.spec.initContainers[0].image",
        ".spec.jobTemplate.spec.template.spec.containers[0].image",
      ],
      [".spec.template.spec.initContainers[0].image", ".spec.template.spec.containers[0].image"],
      [".spec.template.spec.initContainers[0].image", ".spec.template.spec.containers[0].image"],
      [".spec.initContainers[0].image", ".spec.containers[0].image"],
    ]);
  });

  it("looks at image volumes", () => {
    const object = makeDeployment(
      { image: "nginx:1.27" },
      { pod: { volumes: [{ name: "model", image: { reference: "quay.io/acme/model" } }] } },
    );
    assert.deepEqual(runRule(imageTag, [object]), [
      '.spec.template.spec.volumes[0].image.reference: Image "quay.io/acme/model" of volume "model" has no tag, which means latest. Give it a version tag or a digest.',
    ]);
  });

  it("says nothing of what is filled in later, of Helm tests and of what is no text", () => {
    for (const image of ["web:${TAG}", "auto", "", 7, null, ["nginx"], { a: 1 }]) {
      assert.deepEqual(runRule(imageTag, [withImage(image)]), [], JSON.stringify(image));
    }
    const pod = { apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "curl", image: "curl" }] } };
    assert.deepEqual(runRule(imageTag, [makeObject(pod, ["test"])]), []);
    assert.equal(runRule(imageTag, [makeObject(pod, ["pre-install"])]).length, 1);
  });
});

describe("image-digest", () => {
  it("asks for a digest and takes one", () => {
    assert.deepEqual(runRule(imageDigest, [withImage("nginx:1.27")]), [
      `${IMAGE}: Image "nginx:1.27" of container "web" has no digest. Add it: name:tag@sha256:…`,
    ]);
    assert.deepEqual(runRule(imageDigest, [withImage(`nginx:1.27@${DIGEST}`)]), []);
  });

  it("needs none below an exempt prefix", () => {
    const exempt = { exempt: ["ghcr.io/acme"] };
    assert.deepEqual(runRule(imageDigest, [withImage("ghcr.io/acme/web:1")], exempt), []);
    assert.equal(runRule(imageDigest, [withImage("ghcr.io/other/web:1")], exempt).length, 1);
  });
});

describe("image-registry", () => {
  const isAllowed = (image: string, ...allowed: string[]) =>
    runRule(imageRegistry, [withImage(image)], { allowed }).length === 0;

  it("names the field, the registry and what is allowed", () => {
    assert.deepEqual(runRule(imageRegistry, [withImage("quay.io/acme/web:1")], { allowed: ["ghcr.io/acme"] }), [
      `${IMAGE}: Image "quay.io/acme/web:1" of container "web" comes from "quay.io". Use an image of an allowed registry: "ghcr.io/acme".`,
    ]);
  });

  it("knows Docker Hub by all its names", () => {
    for (const image of [
      "nginx",
      "docker.io/nginx:1",
      "index.docker.io/library/nginx",
      "library/nginx",
      "bitnami/redis",
    ]) {
      assert.ok(isAllowed(image, "docker.io"), image);
      assert.ok(!isAllowed(image, "ghcr.io"), image);
    }
    assert.ok(isAllowed("docker.io/bitnami/redis", "bitnami"));
    assert.ok(isAllowed("bitnami/redis", "docker.io/bitnami/"));
    assert.ok(isAllowed("nginx", "docker.io/library"));
    assert.ok(isAllowed("docker.io/library/nginx:1", "nginx"));
    assert.ok(!isAllowed("nginxinc/nginx", "nginx"));
  });

  it("takes a prefix by whole segments", () => {
    assert.ok(isAllowed("ghcr.io/acme/web/api:1", "ghcr.io/acme"));
    assert.ok(isAllowed("GHCR.io/acme/web", "ghcr.io"));
    assert.ok(!isAllowed("ghcr.io/acme-evil/web", "ghcr.io/acme"));
    assert.ok(!isAllowed("ghcr.io.evil.com/acme/web", "ghcr.io"));
    assert.ok(!isAllowed("evil.com/ghcr.io/acme/web", "ghcr.io/acme"));
    assert.ok(!isAllowed("ghcr.io:8443/acme/web", "ghcr.io/acme"));
    assert.ok(isAllowed("1.dkr.ecr.eu-west-1.amazonaws.com/web", "*.dkr.ecr.eu-west-1.amazonaws.com"));
    assert.ok(!isAllowed("evil-dkr.ecr.eu-west-1.amazonaws.com/web", "*.dkr.ecr.eu-west-1.amazonaws.com"));
  });

  it("takes nothing that is no reference for an allowed one", () => {
    for (const image of [
      "ghcr.io/acme/../evil/web",
      "ghcr.io/acme/web\nevil",
      "ghcr.io//acme",
      "https://ghcr.io/acme",
    ]) {
      assert.ok(!isAllowed(image, "ghcr.io"), image);
    }
    assert.match(
      runRule(imageRegistry, [withImage("a b")], { allowed: ["ghcr.io"] }).join(),
      /Image "a b" of container "web" is no image reference\./u,
    );
  });

  it("says nothing without the option, and of what is filled in later", () => {
    assert.deepEqual(runRule(imageRegistry, [withImage("evil.com/web")]), []);
    assert.ok(isAllowed("${REGISTRY}/web:1", "ghcr.io"), "what is filled in later is not known");
    assert.equal(runRule(imageRegistry, [withImage("evil.com/web")], { allowed: [""] }).length, 1);
  });

  it("finds another image new and another tag known", () => {
    const key = (image: string) => listHits(imageRegistry, [withImage(image)], { allowed: ["ghcr.io"] })[0]?.key;
    assert.equal(key("quay.io/a/b:1"), key("quay.io/a/b:2"));
    assert.notEqual(key("quay.io/a/b:1"), key("quay.io/a/c:1"));
  });
});
