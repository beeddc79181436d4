import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostAccess, privilegeGained } from "../../../../src/policy/rules/privileges.ts";
import { listHits, makeDeployment, makeObject, runRule } from "./run-rule.ts";

const POD = ".spec.template.spec";
const IMAGE = { image: "web:1" };
const withContext = (securityContext: unknown) => makeDeployment({ ...IMAGE, securityContext });
const withPod = (pod: object) => makeDeployment(IMAGE, { pod });
const withPath = (path: unknown, mount: object = {}) =>
  makeDeployment(
    { ...IMAGE, volumeMounts: [{ name: "host", mountPath: "/host", ...mount }] },
    { pod: { volumes: [{ name: "host", hostPath: { path } }] } },
  );

describe("privilege-gained", () => {
  const fields = (...objects: Parameters<typeof runRule>[1]) =>
    listHits(privilegeGained, objects).map(({ path }) => path.join("."));

  it("names the field of a privileged container, once", () => {
    assert.deepEqual(runRule(privilegeGained, [withContext({ privileged: true, allowPrivilegeEscalation: true })]), [
      `${POD}.containers[0].securityContext.privileged: Container "web" is privileged: on its node it can do whatever root can. Remove privileged, or add the capabilities that it needs.`,
    ]);
  });

  it("passes what is safe, and what only looks dangerous", () => {
    const safe = {
      privileged: false,
      allowPrivilegeEscalation: false,
      runAsUser: 1000,
      capabilities: { drop: ["ALL"] },
    };
    for (const context of [
      safe,
      {},
      undefined,
      null,
      [],
      { privileged: "true" },
      { capabilities: { add: "SYS_ADMIN" } },
    ]) {
      assert.deepEqual(fields(withContext(context)), [], JSON.stringify(context));
    }
    assert.deepEqual(fields(withContext({ capabilities: { add: ["NET_BIND_SERVICE", "CHOWN", "IPC_LOCK", 7] } })), []);
    assert.deepEqual(fields(withPod({ hostNetwork: false, hostPID: null, hostIPC: "true" })), []);
  });

  it("tells of host namespaces, escalation, root and host processes", () => {
    assert.deepEqual(
      fields(
        withPod({ hostNetwork: true, hostPID: true, hostIPC: true, securityContext: { runAsUser: 0 } }),
        withContext({ runAsUser: 0, allowPrivilegeEscalation: true }),
        withContext({ windowsOptions: { hostProcess: true } }),
      ),
      [
        "spec.template.spec.hostNetwork",
        "spec.template.spec.hostPID",
        "spec.template.spec.hostIPC",
        "spec.template.spec.securityContext.runAsUser",
        "spec.template.spec.containers.0.securityContext.allowPrivilegeEscalation",
        "spec.template.spec.containers.0.securityContext.runAsUser",
        "spec.template.spec.containers.0.securityContext.windowsOptions.hostProcess",
      ],
    );
  });

  it("minds root of the pod only where a container does not say who it runs as", () => {
    const pod = { securityContext: { runAsUser: 0 } };
    const own = (runAsUser: unknown) => makeDeployment({ ...IMAGE, securityContext: { runAsUser } }, { pod });
    assert.deepEqual(fields(own(1000)), []);
    assert.deepEqual(fields(own(0)), ["spec.template.spec.containers.0.securityContext.runAsUser"]);
    for (const user of [null, "1000", undefined]) {
      assert.deepEqual(fields(own(user)), ["spec.template.spec.securityContext.runAsUser"], String(user));
    }
  });

  it("names each dangerous capability, however it is written, and finds another one at the same place new", () => {
    const hits = (add: unknown[]) => listHits(privilegeGained, [withContext({ capabilities: { add } })]);
    assert.deepEqual(
      hits(["CHOWN", "CAP_SYS_ADMIN", "net_admin"]).map(
        ({ path, message }) => `${path.at(-1)} ${message.split(",")[0]}`,
      ),
      ['1 Container "web" gets the capability SYS_ADMIN', '2 Container "web" gets the capability NET_ADMIN'],
    );
    assert.equal(hits(["NET_ADMIN"])[0]?.key, hits(["SYS_ADMIN", "CAP_NET_ADMIN"])[1]?.key);
    assert.notEqual(hits(["NET_ADMIN"])[0]?.key, hits(["SYS_ADMIN"])[0]?.key);
  });

  it("tells of host paths of the node, of what holds them, and through dots", () => {
    assert.deepEqual(runRule(privilegeGained, [withPath("/var/run/docker.sock")]), [
      `${POD}.volumes[0].hostPath.path: Volume "host" is "/var/run/docker.sock" of the node: its programs or credentials are within reach. Mount a narrower path, or none.`,
    ]);
    const paths = [
      "/",
      "/etc",
      "/run",
      "/var",
      "/dev",
      "/dev/sda1",
      "/var/lib/kubelet/pods",
      "/data/../etc//",
      "/root/",
    ];
    for (const path of paths) {
      assert.deepEqual(
        fields(withPath(path, { readOnly: true })),
        ["spec.template.spec.volumes.0.hostPath.path"],
        path,
      );
    }
  });

  it("leaves host paths alone that hold an application's own data, and time zones that are only read", () => {
    for (const path of [
      "/mnt/data",
      "/var/lib/web",
      "/srv",
      "/tmp",
      "/var/log",
      "/dev/dri",
      "/dev/ttyUSB0",
      "/run/xtables.lock",
      "/etcetera",
      7,
      null,
    ]) {
      assert.deepEqual(fields(withPath(path)), [], String(path));
    }
    for (const path of ["/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl/certs", "/lib/modules", "/sys"]) {
      assert.deepEqual(fields(withPath(path, { readOnly: true })), [], path);
      assert.equal(fields(withPath(path)).length, 1, path);
    }
    assert.equal(fields(withPath("/etc/kubernetes", { readOnly: true })).length, 1);
  });

  it("finds another host path of the same volume new", () => {
    const key = (path: string) => listHits(privilegeGained, [withPath(path)])[0]?.key;
    assert.equal(key("/etc"), key("/etc/"));
    assert.notEqual(key("/etc"), key("/"));
  });

  it("looks into pods of kinds that nobody knows, and not into policies", () => {
    const pod = { containers: [{ name: "a", securityContext: { privileged: true } }] };
    const object = makeObject({ apiVersion: "example.com/v1", kind: "Db", spec: { pools: [{ podTemplate: pod }] } });
    assert.deepEqual(fields(object), ["spec.pools.0.podTemplate.containers.0.securityContext.privileged"]);
    const policy = { apiVersion: "kyverno.io/v1", kind: "ClusterPolicy", spec: { rules: [{ mutate: { spec: pod } }] } };
    assert.deepEqual(fields(makeObject(policy)), []);
    assert.deepEqual(fields(makeObject({ apiVersion: "v1", kind: "ConfigMap", data: pod })), []);
  });

  const binding = (subjects: unknown, role = "cluster-admin", kind = "ClusterRoleBinding") =>
    makeObject({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind,
      metadata: { name: "b" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects,
    });
  const ci = { kind: "ServiceAccount", name: "ci", namespace: "tools" };

  it("names each subject of cluster-admin, wherever it stands", () => {
    assert.deepEqual(runRule(privilegeGained, [binding([ci])]), [
      '.subjects[0]: ServiceAccount "ci" may do everything in the whole cluster (cluster-admin). Bind a role with the rights that it needs.',
    ]);
    assert.match(runRule(privilegeGained, [binding([ci], "cluster-admin", "RoleBinding")]).join(), /in its namespace/u);
    const user = { kind: "User", name: "eve" };
    const [first, second] = listHits(privilegeGained, [binding([user, ci])]);
    assert.equal(second?.key, listHits(privilegeGained, [binding([ci])])[0]?.key);
    assert.notEqual(first?.key, second?.key);
  });

  it("passes other roles and the group that has everything already", () => {
    assert.deepEqual(fields(binding([ci], "view")), []);
    assert.deepEqual(fields(binding([{ kind: "Group", name: "system:masters" }, 7, null, { name: 7 }])), []);
    assert.deepEqual(fields(binding({ kind: "User", name: "eve" })), []);
  });

  it("knows cluster-admin by another name, and not the wide rights of one group", () => {
    const role = (rule: object, kind = "ClusterRole") =>
      makeObject({ apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name: "r" }, rules: [{}, rule] });
    const all = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
    assert.deepEqual(fields(role(all)), ["rules.1"]);
    assert.deepEqual(fields(role({ ...all, apiGroups: ["example.com"] })), []);
    assert.deepEqual(fields(role({ ...all, verbs: ["get"] })), []);
    assert.deepEqual(fields(role({ ...all, resourceNames: ["x"] })), []);
    assert.deepEqual(fields(role(all, "Role")), []);
  });

  it("quotes hostile names (T45)", () => {
    const object = makeDeployment(
      { securityContext: { privileged: true } },
      { name: 'a"\n@team \u202e' + "x".repeat(200) },
    );
    const [line = ""] = runRule(privilegeGained, [object]);
    assert.match(line, /Container "a\\"\\n@team \\u202ex+…" is privileged/u);
    assert.ok(line.length < 300);
  });
});

describe("host-access", () => {
  it("names the field of all host access, harmless or not", () => {
    const objects = [
      withPod({ hostNetwork: true }),
      withPath("/mnt/data"),
      makeDeployment({ ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 8080 }] }),
    ];
    assert.deepEqual(runRule(hostAccess, objects), [
      `${POD}.hostNetwork: The pod shares the network of its node (hostNetwork). Remove hostNetwork unless the pod manages nodes.`,
      `${POD}.volumes[0].hostPath.path: Volume "host" is "/mnt/data" of the node. Use a volume of the cluster's own.`,
      `${POD}.containers[0].ports[1].hostPort: Container "web" takes port 8080 of its node. Use a Service instead.`,
    ]);
  });

  it("passes pods that keep to themselves, and says once that a pod is on the host's network", () => {
    assert.deepEqual(runRule(hostAccess, [withPod({ volumes: [{ name: "a", emptyDir: {} }] })]), []);
    assert.deepEqual(runRule(hostAccess, [makeDeployment({ ports: [{ hostPort: 0 }, { hostPort: "80" }, 7] })]), []);
    const both = makeDeployment({ ports: [{ containerPort: 80, hostPort: 80 }] }, { pod: { hostNetwork: true } });
    assert.equal(runRule(hostAccess, [both]).length, 1);
  });
});
