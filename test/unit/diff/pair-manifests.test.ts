import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOpenManifest, diffManifests, pairManifests } from "../../../src/diff/index.ts";
import type { Manifest } from "../../../src/model/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

function tellPairs(base: string, head: string): string[] {
  const pairs = pairManifests(buildManifests(base), buildManifests(head), createOpenManifest());
  const name = (manifest: Manifest | undefined) =>
    manifest === undefined ? "-" : `${manifest.resource.kind} ${manifest.resource.namespace}/${manifest.resource.name}`;
  return pairs.map((pair) => `${pair.how}: ${name(pair.base)} → ${name(pair.head)}`).sort();
}

const configMap = (name: string, value = "x", namespace = "shop") =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${name}", namespace: ${namespace}}\ndata: {key: ${value}}\n`;
const deployment = (name: string, image: string, extra = "") =>
  `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template: {spec: {containers: [{name: main, image: "${image}", command: [run], env: [{name: A, value: a}]}], serviceAccountName: sa}}
  ${extra}
`;

const cases: readonly { title: string; base: string; head: string; pairs: readonly string[] }[] = [
  {
    title: "a prefix on the name alone, labels and containers as they were",
    base: deployment("web", "ghcr.io/shop/web:1"),
    head: deployment("web", "ghcr.io/shop/web:1").replace("{name: web,", "{name: eu-web,"),
    pairs: ["renamed: Deployment shop/web → Deployment shop/eu-web"],
  },
  { title: "equal manifests are skipped", base: configMap("a"), head: configMap("a"), pairs: [] },
  {
    title: "the same identity",
    base: configMap("a"),
    head: configMap("a", "y"),
    pairs: ["identity: ConfigMap shop/a → ConfigMap shop/a"],
  },
  {
    title: "another version is the same resource",
    base: "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}",
    head: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}",
    pairs: ["identity: HorizontalPodAutoscaler /h → HorizontalPodAutoscaler /h"],
  },
  {
    title: "a kind that left `extensions` is the same resource",
    base: "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}",
    head: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}",
    pairs: ["identity: Ingress /i → Ingress /i"],
  },
  {
    title: "another group is another resource",
    base: "apiVersion: a.example.org/v1\nkind: Thing\nmetadata: {name: t}\nspec: {a: 1}",
    head: "apiVersion: b.example.org/v1\nkind: Thing\nmetadata: {name: t}\nspec: {a: 1}",
    pairs: ["added: - → Thing /t", "removed: Thing /t → -"],
  },
  {
    title: "one identity twice: equal ones first, then in order",
    base: configMap("a", "1") + configMap("a", "2"),
    head: configMap("a", "2") + configMap("a", "3"),
    pairs: ["identity: ConfigMap shop/a → ConfigMap shop/a"],
  },
  {
    title: "one identity twice on the head only",
    base: configMap("a", "1"),
    head: configMap("a", "1") + configMap("a", "1"),
    pairs: ["added: - → ConfigMap shop/a"],
  },
  {
    title: "a kustomize hash suffix",
    base: configMap("conf-2456789bcd", "1"),
    head: configMap("conf-tmkhgfdcb9", "2"),
    pairs: ["generated-name: ConfigMap shop/conf-2456789bcd → ConfigMap shop/conf-tmkhgfdcb9"],
  },
  {
    title: "a hex digest suffix",
    base: configMap("conf-0a1b2c3d", "1"),
    head: configMap("conf-ffeedd00", "2"),
    pairs: ["generated-name: ConfigMap shop/conf-0a1b2c3d → ConfigMap shop/conf-ffeedd00"],
  },
  {
    title: "a hash suffix that is switched on",
    base: configMap("conf", "1"),
    head: configMap("conf-2456789bcd", "2"),
    pairs: ["generated-name: ConfigMap shop/conf → ConfigMap shop/conf-2456789bcd"],
  },
  {
    title: "words that look like a suffix are none",
    base: configMap("the-facade", "1"),
    head: configMap("the-deadbeef", "2"),
    pairs: ["added: - → ConfigMap shop/the-deadbeef", "removed: ConfigMap shop/the-facade → -"],
  },
  {
    title: "a stem with two candidates is not guessed",
    base: configMap("conf-2456789bcd", "1"),
    head: configMap("conf-tmkhgfdcb9", "2") + configMap("conf-tmkhgfdcb2", "3"),
    pairs: [
      "added: - → ConfigMap shop/conf-tmkhgfdcb2",
      "added: - → ConfigMap shop/conf-tmkhgfdcb9",
      "removed: ConfigMap shop/conf-2456789bcd → -",
    ],
  },
  {
    title: "only the case of the name differs",
    base: configMap("Conf", "1"),
    head: configMap("conf", "2"),
    pairs: ["renamed: ConfigMap shop/Conf → ConfigMap shop/conf"],
  },
  {
    title: "the same name in another namespace, alike",
    base: configMap("a", "1", "shop"),
    head: configMap("a", "1", "store"),
    pairs: ["moved: ConfigMap shop/a → ConfigMap store/a"],
  },
  {
    title: "the same name in another namespace, not alike",
    base: configMap("a", "1", "shop"),
    head: configMap("a", "2", "store"),
    pairs: ["added: - → ConfigMap store/a", "removed: ConfigMap shop/a → -"],
  },
  {
    title: "another name with much the same content",
    base: deployment("web", "nginx:1"),
    head: deployment("frontend", "nginx:2"),
    pairs: ["renamed: Deployment shop/web → Deployment shop/frontend"],
  },
  {
    title: "another name with other content",
    base: deployment("web", "nginx:1"),
    head: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: db, namespace: shop}\nspec: {paused: true}",
    pairs: ["added: - → Deployment shop/db", "removed: Deployment shop/web → -"],
  },
  {
    title: "two equally good candidates are not guessed",
    base: deployment("web", "nginx:1"),
    head: deployment("one", "nginx:2") + deployment("two", "nginx:3"),
    pairs: ["added: - → Deployment shop/one", "added: - → Deployment shop/two", "removed: Deployment shop/web → -"],
  },
  {
    title: "the better of two candidates",
    base: deployment("web", "nginx:1"),
    head: deployment("one", "nginx:1") + deployment("two", "nginx:3", "paused: true"),
    pairs: ["added: - → Deployment shop/two", "renamed: Deployment shop/web → Deployment shop/one"],
  },
];

describe("pairing the manifests of two sides", () => {
  for (const { title, base, head, pairs } of cases) {
    it(title, () => assert.deepEqual(tellPairs(base, head), [...pairs].sort()));
  }

  it("pairs a whole namePrefix of 150 resources by equal content", () => {
    const many = (prefix: string) =>
      Array.from({ length: 150 }, (_, index) => deployment(`${prefix}app${index}`, `image-${index}:1`)).join("");
    const told = tellPairs(many(""), many("dev-"));
    assert.equal(told.length, 150);
    assert.ok(told.includes("renamed: Deployment shop/app7 → Deployment shop/dev-app7"), told[0]);
  });

  it("decodes nothing when both sides are equal", () => {
    const broken = buildManifests(configMap("a")).map((manifest) => ({ ...manifest, json: "not JSON" }));
    assert.deepEqual(diffManifests(broken, broken, { listKeys: usualListKeys }), []);
  });

  it("tells a version change as a change of apiVersion", () => {
    const [change, ...others] = diffManifests(
      buildManifests("apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}"),
      buildManifests("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}"),
      { listKeys: usualListKeys },
    );
    assert.deepEqual(others, []);
    assert.deepEqual(
      change?.fields.map((field) => field.label),
      ["apiVersion"],
    );
    assert.equal(change.previous, undefined);
  });
});
