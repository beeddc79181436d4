import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rbacEscalation, rbacWildcard } from "../../../../src/policy/rules/rbac.ts";
import { listHits, makeObject, runRule } from "./run-rule.ts";

const RBAC = "rbac.authorization.k8s.io";
const role = (rules: unknown, kind = "ClusterRole", name = "r") =>
  makeObject({ apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules });
const binding = (kind: string, name = "r") =>
  makeObject({ apiVersion: `${RBAC}/v1`, kind, metadata: { name: "b" }, roleRef: { kind: "ClusterRole", name } });
const rule = (group: string, resource: string, ...verbs: string[]) => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
});

describe("rbac-wildcard", () => {
  it("names the field of each wildcard", () => {
    const rules = [
      rule("", "pods", "get"),
      { apiGroups: ["apps"], resources: ["deployments", "*"], verbs: ["get", "*"] },
      rule("*", "pods", "get"),
      { nonResourceURLs: ["*"], verbs: ["get"] },
    ];
    assert.deepEqual(runRule(rbacWildcard, [role(rules)]), [
      '.rules[1].verbs[1]: The role gives every verb on "deployments", "*". Name what is needed instead of "*".',
      '.rules[1].resources[1]: The role gives every resource of API group "apps". Name what is needed instead of "*".',
      '.rules[2].apiGroups[0]: The role gives "pods" of every API group. Name what is needed instead of "*".',
      '.rules[3].nonResourceURLs[0]: The role gives every URL of the API server. Name what is needed instead of "*".',
    ]);
  });

  it("passes roles that name what they give, and kinds that only look like roles", () => {
    assert.deepEqual(runRule(rbacWildcard, [role([rule("apps", "deployments/scale", "get", "update")], "Role")]), []);
    const other = { apiVersion: "example.com/v1", kind: "Role", rules: [rule("*", "*", "*")] };
    assert.deepEqual(runRule(rbacWildcard, [makeObject(other)]), []);
    assert.deepEqual(
      runRule(rbacWildcard, [role({ verbs: ["*"] }), role([[], 7, { verbs: "*" }, { verbs: { "*": 1 } }])]),
      [],
    );
  });

  it("knows a rule again wherever it stands among the others", () => {
    const wild = rule("apps", "deployments", "*");
    const keys = (...rules: object[]) => listHits(rbacWildcard, [role(rules)]).map(({ key }) => key);
    assert.deepEqual(keys(rule("", "pods", "get"), wild), keys(wild));
    assert.notDeepEqual(keys(rule("apps", "daemonsets", "*")), keys(wild));
  });
});

describe("rbac-escalation", () => {
  const powers = (...objects: Parameters<typeof runRule>[1]) =>
    listHits(rbacEscalation, objects).map(({ path, key }) => `${key ?? ""} ${path.join(".")}`);

  it("names the verb that leads to all other rights", () => {
    assert.deepEqual(runRule(rbacEscalation, [role([rule(RBAC, "clusterroles", "get", "escalate")])]), [
      ".rules[0].verbs[1]: Whoever has the role can give roles more rights than it has itself (escalate). Remove the right, or limit it with resourceNames.",
    ]);
  });

  it("knows each of these rights", () => {
    const rights = [
      [rule(RBAC, "roles", "bind"), "bind rules.0.verbs.0"],
      [rule("", "users", "impersonate"), "impersonate rules.0.verbs.0"],
      [rule("", "secrets", "list"), "secrets rules.0.verbs.0"],
      [rule("", "pods/exec", "create"), "exec rules.0.verbs.0"],
      [rule("", "*/exec", "create"), "exec rules.0.verbs.0"],
      [rule("*", "pods/attach", "*"), "exec rules.0.verbs.0"],
      [rule("", "nodes/proxy", "get"), "nodes-proxy rules.0.verbs.0"],
      [
        rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "get", "patch"),
        "webhooks rules.0.verbs.1",
      ],
      [rule("", "serviceaccounts/token", "create"), "tokens rules.0.verbs.0"],
      [rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"), "approval rules.0.verbs.0"],
    ] as const;
    for (const [right, expected] of rights) assert.deepEqual(powers(role([right])), [expected]);
  });

  it("passes the ordinary rights on the same resources", () => {
    const rules = [
      rule(RBAC, "clusterroles", "get", "list"),
      rule("", "serviceaccounts", "create"),
      rule("", "nodes", "get"),
      rule("", "pods", "create", "get"),
      rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "get", "watch"),
      rule("example.com", "secrets", "list"),
      rule("", "secrets", "create", "update"),
      { apiGroups: "", resources: ["secrets"], verbs: ["list"] },
    ];
    assert.deepEqual(powers(role(rules)), []);
  });

  it("leaves rights on named objects alone", () => {
    const named = { ...rule("", "secrets", "get"), resourceNames: ["own"] };
    const webhook = rule("admissionregistration.k8s.io", "validatingwebhookconfigurations", "update");
    assert.deepEqual(powers(role([named, { ...webhook, resourceNames: ["own"] }])), []);
  });

  it("minds reading Secrets only where it is for all namespaces", () => {
    const readers = [rule("", "secrets", "get")];
    assert.deepEqual(powers(role(readers, "Role")), []);
    assert.deepEqual(powers(role(readers), binding("RoleBinding")), []);
    assert.equal(powers(role(readers), binding("RoleBinding", "other")).length, 1);
    assert.equal(powers(role(readers), binding("ClusterRoleBinding"), binding("RoleBinding")).length, 1);
  });
});
