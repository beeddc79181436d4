import { quoteName, type FieldPath } from "../../model/index.ts";
import { isSensitiveHostPath, normalizeHostPath } from "../host-paths.ts";
import { containersIn, type PodContainer, type PodSpec, podSpecsOf } from "../pod-templates.ts";
import { RBAC_GROUP, readRoleRules } from "../read-rbac.ts";
import { isMap, readInteger, readList, readText, readValue } from "../read-value.ts";
import type { ObjectRule, PolicyHit, PolicyObject } from "../rule.ts";

type Said = Omit<PolicyHit, "manifest">;

/**
 * `privilege-gained`: what gives a workload power over its node, or a subject power over the cluster. It speaks of
 * everything that has such power; as what was there before does not count, it stops what a change adds.
 */
export const privilegeGained: ObjectRule = {
  scope: "object",
  id: "privilege-gained",
  title: "Privileges gained",
  why: "A container with these privileges can take over its node, and with cluster-admin the whole cluster. That should be a decision of its own, not a side effect of a change.",
  fix: "Remove the privilege or ask for less; where it is needed, let the team that owns the cluster make an exception.",
  link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
  levels: { default: "error", baseline: "error", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  check: (object) =>
    [
      ...podSpecsOf(object).flatMap((pod) => [
        ...sharedNamespaces(pod),
        ...sensitivePaths(pod),
        ...rootPod(pod),
        ...containersIn(pod).flatMap(containerPrivileges),
      ]),
      ...adminSubjects(object),
      ...unlimitedRules(object),
    ].map((said) => ({ manifest: object.manifest, ...said })),
};

/** `host-access`: all that Pod Security calls host namespaces, host paths and host ports, harmless or not. */
export const hostAccess: ObjectRule = {
  scope: "object",
  id: "host-access",
  title: "Access to the host",
  why: "Pods that share namespaces, files or ports with their node can read and disturb what else runs there. Pod Security (baseline) says so too; this rule is for watching host access alone.",
  fix: "Use a Service instead of host ports, and a PersistentVolume, an emptyDir or a projected volume instead of host paths.",
  link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
  levels: { default: "off", baseline: "off", strict: "off" },
  isAnnotationEnough: false,
  since: "0.1.0",
  check: (object) =>
    podSpecsOf(object)
      .flatMap((pod) => [...sharedNamespaces(pod), ...hostPaths(pod), ...hostPorts(pod)])
      .map((said) => ({ manifest: object.manifest, ...said })),
};

const HOST_NAMESPACES = [
  ["hostNetwork", "the network of its node"],
  ["hostPID", "the processes of its node"],
  ["hostIPC", "the shared memory of its node"],
] as const;

function sharedNamespaces({ path, spec }: PodSpec): readonly Said[] {
  return HOST_NAMESPACES.filter(([key]) => spec.get(key) === true).map(([key, what]) => ({
    path: [...path, key],
    message: `The pod shares ${what} (${key}). Remove ${key} unless the pod manages nodes.`,
  }));
}

interface HostPathVolume {
  readonly path: FieldPath;
  readonly volume: string;
  readonly hostPath: string;
}

function listHostPaths({ path, spec }: PodSpec): readonly HostPathVolume[] {
  return readList(spec, "volumes").flatMap((volume, index) => {
    const text = readText(volume, "hostPath", "path");
    if (text === undefined) return [];
    const name = readText(volume, "name") ?? `volumes[${index}]`;
    return [
      {
        path: [...path, "volumes", index, "hostPath", "path"],
        volume: name,
        hostPath: normalizeHostPath(text),
      },
    ];
  });
}

function hostPaths(pod: PodSpec): readonly Said[] {
  return listHostPaths(pod).map(({ path, volume, hostPath }) => ({
    path,
    message: `Volume ${quoteName(volume)} is ${quoteName(hostPath)} of the node. Use a volume of the cluster's own.`,
    key: JSON.stringify(["hostPath", hostPath]),
  }));
}

function sensitivePaths(pod: PodSpec): readonly Said[] {
  return listHostPaths(pod)
    .filter(({ volume, hostPath }) => isSensitiveHostPath(hostPath, isReadOnly(pod, volume)))
    .map(({ path, volume, hostPath }) => ({
      path,
      message: `Volume ${quoteName(volume)} is ${quoteName(hostPath)} of the node: its programs or credentials are within reach. Mount a narrower path, or none.`,
      key: JSON.stringify(["hostPath", hostPath]),
    }));
}

function isReadOnly(pod: PodSpec, volume: string): boolean {
  return containersIn(pod)
    .flatMap(({ container }) => readList(container, "volumeMounts"))
    .filter((mount) => readText(mount, "name") === volume)
    .every((mount) => readValue(mount, "readOnly") === true);
}

/** On the host's network every container port is one of the node's, which the pod is told for already. */
function hostPorts(pod: PodSpec): readonly Said[] {
  if (pod.spec.get("hostNetwork") === true) return [];
  return containersIn(pod).flatMap(({ path, name, container }) =>
    readList(container, "ports").flatMap((port, index) => {
      const number = readInteger(port, "hostPort");
      if (number === undefined || number === 0) return [];
      return [
        {
          path: [...path, "ports", index, "hostPort"],
          message: `Container ${quoteName(name)} takes port ${number} of its node. Use a Service instead.`,
          key: JSON.stringify(["hostPort", name, number]),
        },
      ];
    }),
  );
}

/** Capabilities with which a container can leave its sandbox, read what is not its own, or meddle with the node. */
const DANGEROUS_CAPABILITIES: ReadonlySet<string> = new Set([
  "ALL",
  "BPF",
  "CHECKPOINT_RESTORE",
  "DAC_READ_SEARCH",
  "LINUX_IMMUTABLE",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
  "NET_ADMIN",
  "PERFMON",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_MODULE",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_TIME",
]);

function containerPrivileges(container: PodContainer): readonly Said[] {
  const context = container.container.get("securityContext");
  const path = [...container.path, "securityContext"];
  const who = `Container ${quoteName(container.name)}`;
  const isPrivileged = readValue(context, "privileged") === true;
  const isHostProcess = readValue(context, "windowsOptions", "hostProcess") === true;
  const found: Said[] = [];
  if (isPrivileged) {
    const message = `${who} is privileged: on its node it can do whatever root can. Remove privileged, or add the capabilities that it needs.`;
    found.push({ path: [...path, "privileged"], message });
  }
  if (isHostProcess) {
    const message = `${who} is a host process: on its node it can do whatever an administrator can. Remove hostProcess.`;
    found.push({ path: [...path, "windowsOptions", "hostProcess"], message });
  }
  // Both of those need it, and have been told of.
  if (readValue(context, "allowPrivilegeEscalation") === true && !isPrivileged && !isHostProcess) {
    const message = `${who} lets its processes gain privileges (setuid). Set allowPrivilegeEscalation to false.`;
    found.push({ path: [...path, "allowPrivilegeEscalation"], message });
  }
  return [...found, ...addedCapabilities(container, who), ...rootUser(context, path, who)];
}

function addedCapabilities({ path, name, type, container }: PodContainer, who: string): readonly Said[] {
  return readList(container, "securityContext", "capabilities", "add").flatMap((item, index) => {
    const capability = typeof item === "string" ? item.toUpperCase().replace(/^CAP_/u, "") : "";
    if (!DANGEROUS_CAPABILITIES.has(capability)) return [];
    return [
      {
        path: [...path, "securityContext", "capabilities", "add", index],
        message: `${who} gets the capability ${capability}, with which it can act outside its sandbox. Remove it.`,
        key: JSON.stringify(["capability", type, name, capability]),
      },
    ];
  });
}

/** What the pod says counts for containers that say nothing themselves. */
function rootPod(pod: PodSpec): readonly Said[] {
  const containers = containersIn(pod);
  const isOverridden = containers.every(
    ({ container }) => readInteger(container, "securityContext", "runAsUser") !== undefined,
  );
  if (containers.length > 0 && isOverridden) return [];
  return rootUser(pod.spec.get("securityContext"), [...pod.path, "securityContext"], "The pod");
}

function rootUser(context: ReturnType<typeof readValue>, path: FieldPath, who: string): readonly Said[] {
  if (readInteger(context, "runAsUser") !== 0) return [];
  const message = `${who} runs as root by its own wish (runAsUser: 0). Use another user, and runAsNonRoot: true.`;
  return [{ path: [...path, "runAsUser"], message }];
}

const SUBJECT_KINDS = ["Group", "ServiceAccount", "User"];

/** Each subject by itself, so that another one in an old binding is a new finding. */
function adminSubjects({ manifest, value }: PolicyObject): readonly Said[] {
  const { group, kind } = manifest.resource;
  if (group !== RBAC_GROUP || (kind !== "ClusterRoleBinding" && kind !== "RoleBinding")) return [];
  if (readText(value, "roleRef", "name") !== "cluster-admin" || readText(value, "roleRef", "kind") === "Role")
    return [];
  const where = kind === "RoleBinding" ? "in its namespace" : "in the whole cluster";
  return readList(value, "subjects").flatMap((subject, index) => {
    if (!isMap(subject)) return [];
    const [type, namespace, name] = ["kind", "namespace", "name"].map((key) => readText(subject, key) ?? "");
    if (name === undefined || name === "" || name === "system:masters") return [];
    return [
      {
        path: ["subjects", index],
        message: `${SUBJECT_KINDS.find((known) => known === type) ?? "Subject"} ${quoteName(name)} may do everything ${where} (cluster-admin). Bind a role with the rights that it needs.`,
        key: JSON.stringify(["cluster-admin", type, namespace, name]),
      },
    ];
  });
}

/** A ClusterRole that is cluster-admin by another name. */
function unlimitedRules(object: PolicyObject): readonly Said[] {
  if (object.manifest.resource.kind !== "ClusterRole") return [];
  return readRoleRules(object)
    .filter(({ names }) => names.length === 0)
    .filter(({ groups, resources, verbs }) => [groups, resources, verbs].every((list) => list.includes("*")))
    .map(({ index }) => ({
      path: ["rules", index],
      message: "The role may do everything with every resource, as cluster-admin may. Name the resources and verbs.",
      key: JSON.stringify(["everything"]),
    }));
}
