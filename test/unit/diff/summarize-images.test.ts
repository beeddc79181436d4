import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests, parseImage } from "../../../src/diff/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function tellImages(base: string, head: string): string[] {
  const changes = diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys });
  return changes.flatMap((change) =>
    change.images.map((image) => `${image.container}: ${image.before ?? "-"} → ${image.after ?? "-"}`),
  );
}

const deployment = (spec: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {${spec}}}}`;
const DIGEST = `sha256:${"a".repeat(64)}`;

const cases: readonly (readonly [title: string, base: string, head: string, images: readonly string[]])[] = [
  [
    "a tag",
    deployment("containers: [{name: web, image: nginx:1}]"),
    deployment("containers: [{name: web, image: nginx:2}]"),
    ["web: nginx:1 → nginx:2"],
  ],
  [
    "a digest",
    deployment("containers: [{name: web, image: nginx:1}]"),
    deployment(`containers: [{name: web, image: "nginx:1@${DIGEST}"}]`),
    [`web: nginx:1 → nginx:1@${DIGEST}`],
  ],
  [
    "another spelling",
    deployment("containers: [{name: web, image: nginx}]"),
    deployment('containers: [{name: web, image: "docker.io/library/nginx:latest"}]'),
    [],
  ],
  [
    "init and ephemeral containers",
    deployment("initContainers: [{name: i, image: a:1}], ephemeralContainers: [{name: e, image: b:1}]").replace(
      "{template: {spec: {",
      "{template: {spec: {containers: [{name: c, image: c}], ",
    ),
    deployment("initContainers: [{name: i, image: a:2}], ephemeralContainers: [{name: e, image: b:2}]").replace(
      "{template: {spec: {",
      "{template: {spec: {containers: [{name: c, image: c}], ",
    ),
    ["i: a:1 → a:2", "e: b:1 → b:2"],
  ],
  [
    "a container that comes and one that goes",
    deployment("containers: [{name: a, image: a}]"),
    deployment("containers: [{name: b, image: b}]"),
    ["b: - → b", "a: a → -"],
  ],
  [
    "a CronJob",
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: a:1}]}}}}}",
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: a:2}]}}}}}",
    ["a: a:1 → a:2"],
  ],
  [
    "two templates with containers of one name",
    "apiVersion: example.org/v1\nkind: Farm\nmetadata: {name: f}\nspec: {left: {containers: [{name: a, image: a:1}]}, right: {containers: [{name: a, image: a:1}]}}",
    "apiVersion: example.org/v1\nkind: Farm\nmetadata: {name: f}\nspec: {left: {containers: [{name: a, image: a:2}]}, right: {containers: [{name: a, image: a:1}]}}",
    ["spec/left/containers/a: a:1 → a:2"],
  ],
  ["a new workload", "", deployment("containers: [{name: web, image: nginx:1}]"), ["web: - → nginx:1"]],
  [
    "a CRD's schema is no pod",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\nspec: {containers: [{name: a, image: a:1}]}",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\nspec: {containers: [{name: a, image: a:2}]}",
    [],
  ],
];

describe("image changes", () => {
  for (const [title, base, head, images] of cases) it(title, () => assert.deepEqual(tellImages(base, head), images));
});

describe("reading an image reference", () => {
  const references: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
    ["nginx", "docker.io/library/nginx", "latest", undefined],
    ["bitnami/redis:7", "docker.io/bitnami/redis", "7", undefined],
    ["docker.io/nginx", "docker.io/library/nginx", "latest", undefined],
    ["localhost/a:1", "localhost/a", "1", undefined],
    ["registry:5000/a/b", "registry:5000/a/b", "latest", undefined],
    [`ghcr.io/a/b:v1@${DIGEST}`, "ghcr.io/a/b", "v1", DIGEST],
    [`ghcr.io/a/b@${DIGEST}`, "ghcr.io/a/b", undefined, DIGEST],
  ];
  for (const [text, repository, tag, digest] of references) {
    it(text, () => assert.deepEqual(parseImage(text), { repository, tag, digest }));
  }
});
