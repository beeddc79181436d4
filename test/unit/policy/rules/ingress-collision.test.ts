import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ingressCollision } from "../../../../src/policy/rules/ingress-collision.ts";
import type { PolicyObject } from "../../../../src/policy/rule.ts";
import { makeObject, runClaims } from "./run-rule.ts";

const HOST = "shop.example.com";
const ingress = (rules: unknown, spec: object = {}, annotations: unknown = {}, apiVersion = "networking.k8s.io/v1") =>
  makeObject({ apiVersion, kind: "Ingress", metadata: { name: "web", annotations }, spec: { ...spec, rules } });
const rule = (host: unknown, ...paths: unknown[]) => ({ host, http: { paths } });
const at = (path: unknown, pathType = "Prefix") => ({ path, pathType });
const nginx = { ingressClassName: "nginx" };
const keys = (object: PolicyObject) => [...ingressCollision.claims(object)].map(({ key }) => key);
const collide = (a: PolicyObject, b: PolicyObject) => keys(a).some((key) => keys(b).includes(key));

describe("ingress-collision: Ingress", () => {
  it("claims each path of each host at its class, and names the field", () => {
    const object = ingress([rule(HOST, at("/"), at("/api")), rule("b.example.com", { pathType: "Prefix" })], nginx);
    assert.deepEqual(runClaims(ingressCollision, object), [
      `.spec.rules[0].http.paths[0].path: Path "/" of host "${HOST}" (class "nginx")`,
      `.spec.rules[0].http.paths[1].path: Path "/api" of host "${HOST}" (class "nginx")`,
      '.spec.rules[1].http.paths[0]: Path "/" of host "b.example.com" (class "nginx")',
    ]);
  });

  it("is one claim in any spelling of class, host and path", () => {
    const one = ingress([rule(HOST, at("/api"))], nginx);
    const spelled = [
      ingress([rule("Shop.Example.com", at("/api/"))], nginx),
      ingress([rule(HOST, at("/api"))], {}, { "kubernetes.io/ingress.class": "nginx" }),
      ingress([rule(HOST, at("/api"))], nginx, {}, "extensions/v1beta1"),
    ];
    for (const other of spelled) assert.ok(collide(one, other));
    assert.equal(keys(ingress([rule(HOST, at("/api")), rule(HOST, at("/api/"))], nginx)).length, 1);
  });

  it("is another claim with another host, path, type or class", () => {
    const one = ingress([rule(HOST, at("/api"))], nginx);
    const others = [
      ingress([rule("b.example.com", at("/api"))], nginx),
      ingress([rule(`*.example.com`, at("/api"))], nginx),
      ingress([rule(HOST, at("/api/v1"))], nginx),
      ingress([rule(HOST, at("/api", "Exact"))], nginx),
      ingress([rule(HOST, at("/api"))], { ingressClassName: "traefik" }),
      ingress([rule(HOST, at("/api"))]),
    ];
    for (const other of others) assert.ok(!collide(one, other));
    const exact = (path: string) => ingress([rule(HOST, at(path, "Exact"))], nginx);
    assert.ok(!collide(exact("/api"), exact("/api/")));
  });

  it("leaves alone what shares a host on purpose", () => {
    const plain = ingress([rule(HOST, at("/"))], nginx);
    const sharing = [
      ingress([rule(HOST, at("/"))], nginx, { "nginx.ingress.kubernetes.io/canary": "true" }),
      ingress([rule(HOST, at("/"))], nginx, { "traefik.ingress.kubernetes.io/router.entrypoints": "web" }),
      ingress([rule(HOST, at("/"))], nginx, { "konghq.com/methods": "POST" }),
      ingress([{ host: HOST }], nginx, { "nginx.org/mergeable-ingress-type": "master" }),
    ];
    for (const other of sharing) assert.ok(!collide(plain, other));
    const notCanary = ingress([rule(HOST, at("/"))], nginx, { "nginx.ingress.kubernetes.io/canary": "false" });
    assert.ok(collide(plain, notCanary));
  });

  it("claims nothing without a host, with a placeholder, and in shapes that the schema refuses", () => {
    const silent = [
      ingress([{ http: { paths: [at("/")] } }]),
      ingress([rule("${HOST}", at("/"))]),
      ingress([rule(HOST, at("${PATH}"))]),
      ingress([rule(7, at("/")), rule("", at("/")), 7, null, [], rule(HOST, 7, null, [], at(7))]),
      ingress([rule("chart-example.local", at("/"))]),
      ingress({ host: HOST }),
      ingress([{ host: HOST, http: { paths: { path: "/" } } }]),
    ];
    for (const object of silent) assert.deepEqual(runClaims(ingressCollision, object), []);
    assert.equal(keys(ingress([rule(HOST, at(null))], {}, ["x"])).length, 1);
  });
});

describe("ingress-collision: HTTPRoute", () => {
  const route = (spec: object, namespace = "shop") =>
    makeObject({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "web", namespace },
      spec: { parentRefs: [{ name: "public", namespace: "infra" }], hostnames: [HOST], rules: [{}], ...spec },
    });
  const matching = (...matches: object[]) => route({ rules: [{ matches }] });

  it("claims each host at each Gateway, and names the field", () => {
    const object = route({ hostnames: ["a.example.com", HOST], rules: [{ matches: [{ path: { value: "/api" } }] }] });
    assert.deepEqual(runClaims(ingressCollision, object), [
      '.spec.hostnames[0]: Path "/api" of host "a.example.com" (Gateway "public")',
      `.spec.hostnames[1]: Path "/api" of host "${HOST}" (Gateway "public")`,
    ]);
  });

  it("collides from another namespace, and with what a rule without matches means", () => {
    assert.ok(collide(route({}), route({}, "other")));
    assert.ok(collide(route({}), matching({ path: { type: "PathPrefix", value: "/" } })));
    assert.ok(collide(matching({ path: { value: "/api/" } }), matching({ path: { value: "/api" } })));
  });

  it("does not collide where Gateway, listener, host or match differ", () => {
    const one = matching({ path: { value: "/" } });
    const others = [
      route({ parentRefs: [{ name: "private", namespace: "infra" }] }),
      route({ parentRefs: [{ name: "public" }] }),
      route({ parentRefs: [{ name: "public", namespace: "infra", sectionName: "https" }] }),
      route({ parentRefs: [{ name: "mesh", namespace: "infra", kind: "Service", group: "" }] }),
      route({ hostnames: ["b.example.com"] }),
      matching({ path: { value: "/api" } }),
      matching({ path: { type: "Exact", value: "/" } }),
      matching({ path: { value: "/" }, headers: [{ name: "x-beta", value: "1" }] }),
      matching({ path: { value: "/" }, method: "POST" }),
    ];
    for (const other of others) assert.ok(!collide(one, other));
  });

  it("claims nothing where the Gateway's namespace is not known, and in shapes that the schema refuses", () => {
    const silent = [
      route({ parentRefs: [{ name: "public" }] }, ""),
      route({ hostnames: undefined }),
      route({ hostnames: HOST }),
      route({ hostnames: [7, null, "", "${HOST}"] }),
      route({ parentRefs: { name: "public" } }),
      route({ parentRefs: [7, {}, { name: 7 }] }),
      route({ rules: [] }),
      route({ rules: [7, []] }),
    ];
    for (const object of silent) assert.deepEqual(runClaims(ingressCollision, object), []);
  });

  it("ends, whatever the number of hosts, Gateways and matches (T43)", () => {
    const many = (make: (index: number) => unknown) => Array.from({ length: 3000 }, (_, index) => make(index));
    const object = route({
      parentRefs: many((index) => ({ name: `g${index}`, namespace: "infra" })),
      hostnames: many((index) => `h${index}.example.com`),
      rules: [{ matches: many((index) => ({ path: { value: `/${index}` } })) }],
    });
    assert.equal(keys(object).length, 5000);
  });
});
