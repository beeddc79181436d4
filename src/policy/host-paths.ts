/** Directories of a node whose content is the node: its system, its runtime, its agents and their credentials. */
const SENSITIVE = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/home",
  "/lib",
  "/lib64",
  "/opt/cni",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/sys",
  "/usr",
  "/var/lib/cni",
  "/var/lib/containerd",
  "/var/lib/containers",
  "/var/lib/docker",
  "/var/lib/etcd",
  "/var/lib/k0s",
  "/var/lib/kubelet",
  "/var/lib/rancher",
  "/var/run",
];

/** The lock that everything that writes packet filters takes. */
const HARMLESS = ["/run/xtables.lock", "/var/run/xtables.lock"];

/** Disks and memory. Other devices (serial ports, cameras, graphics) lead nowhere else. */
const GRAVE_DEVICE = /^\/dev\/(block|disk|dm-|kmem|loop|mapper|mem|nvme|port|sd[a-z]|vd[a-z]|vfio|xvd)/u;

/** What is the same on every node and tells nothing: harmless as long as it is only read. */
const HARMLESS_TO_READ = [
  "/bin",
  "/etc/ca-certificates",
  "/etc/hostname",
  "/etc/localtime",
  "/etc/machine-id",
  "/etc/os-release",
  "/etc/pki/ca-trust",
  "/etc/pki/tls",
  "/etc/ssl/certs",
  "/etc/timezone",
  "/lib",
  "/lib64",
  "/sbin",
  "/sys",
  "/usr",
];

/** An absolute path without `.`, `..`, double or trailing slashes. */
export function normalizeHostPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

/** Whether a normalized path is one of a node's own, or holds one of them. */
export function isSensitiveHostPath(path: string, isReadOnly: boolean): boolean {
  if (path.startsWith("/dev/")) return GRAVE_DEVICE.test(path);
  if ([...HARMLESS, ...(isReadOnly ? HARMLESS_TO_READ : [])].some((top) => isAtOrBelow(path, top))) return false;
  return SENSITIVE.some((top) => isAtOrBelow(path, top) || isAtOrBelow(top, path));
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || top === "/" || path.startsWith(`${top}/`);
}
