import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesVersion, ListKeys, ResourceId } from "../model/index.ts";
import type { ApiLifecycle, ApiLifecycles, ScopeOf } from "../validate/api-lifecycle.ts";
import { makeListKeys } from "./list-keys.ts";
import { makeStandalone } from "./make-standalone.ts";
import type { Definitions, OpenApiNode } from "./open-api.ts";

/** The built-in APIs of one Kubernetes version, with what all bundled versions together know of their lifecycle. */
export interface KubernetesSchemas {
  readonly version: KubernetesVersion;
  /** Whether Kubernetes itself defines (or once defined) APIs of this group; the core group is `""`. */
  hasGroup(group: string): boolean;
  /** Strict self-contained JSON schema (draft 4) as text; undefined when this version does not have the kind. */
  standalone(group: string, version: string, kind: string): string | undefined;
  readonly listKeys: ListKeys;
  readonly scope: ScopeOf;
  readonly lifecycles: ApiLifecycles;
}

interface VersionFile {
  readonly kinds: ReadonlyMap<string, string>;
  readonly definitions: Definitions;
}

/** The versions whose schemas lie in `directory`, oldest first. Throws when the directory is not the bundled one. */
export function readBundledVersions(directory: string): readonly KubernetesVersion[] {
  const { kubernetes } = JSON.parse(readFileSync(join(directory, "versions.json"), "utf8")) as {
    kubernetes: readonly KubernetesVersion[];
  };
  return kubernetes;
}

/**
 * Opens the committed schemas (`schemas/kubernetes/`) of one bundled version, as `pickVersion` gave it. Files are read
 * when first needed and once, and each schema text is made once; keep the value for as long as checks run. Using it
 * throws when a file is missing or unreadable.
 */
export function loadKubernetesSchemas(directory: string, version: KubernetesVersion): KubernetesSchemas {
  const file = once(() => readVersion(directory, version));
  const lifecycles = once(() => readLifecycles(directory));
  const groups = once(() => new Set([...lifecycles().keys()].map((id) => id.slice(0, id.indexOf("/")))));
  const scopes = once(() => readScopes(lifecycles()));
  const texts = new Map<string, string>();
  const listKeys = once(() =>
    makeListKeys(file().definitions, (resource) => findDefinition(file(), lifecycles(), resource)),
  );
  return {
    version,
    hasGroup: (group) => groups().has(group),
    standalone(group, apiVersion, kind) {
      const id = `${group}/${apiVersion}/${kind}`;
      const root = file().kinds.get(id);
      if (root === undefined) return undefined;
      const text =
        texts.get(id) ??
        makeStandalone(file().definitions, root, group === "" ? apiVersion : `${group}/${apiVersion}`, kind);
      texts.set(id, text);
      return text;
    },
    listKeys: (resource, path) => listKeys()(resource, path),
    scope: (group, kind) => scopes().get(`${group}/${kind}`),
    get lifecycles() {
      return lifecycles();
    },
  };
}

function readVersion(directory: string, version: KubernetesVersion): VersionFile {
  const minor = version.split(".").slice(0, 2).join(".");
  const { kinds, definitions } = JSON.parse(readFileSync(join(directory, `${minor}.json`), "utf8")) as {
    kinds: Record<string, string>;
    definitions: Record<string, OpenApiNode>;
  };
  return { kinds: new Map(Object.entries(kinds)), definitions: new Map(Object.entries(definitions)) };
}

function readLifecycles(directory: string): ApiLifecycles {
  const { apis } = JSON.parse(readFileSync(join(directory, "lifecycle.json"), "utf8")) as {
    apis: Record<string, ApiLifecycle>;
  };
  return new Map(Object.entries(apis));
}

function readScopes(lifecycles: ApiLifecycles): ReadonlyMap<string, "namespaced" | "cluster"> {
  const scopes = new Map<string, "namespaced" | "cluster">();
  for (const [id, { namespaced }] of lifecycles) {
    if (namespaced === undefined) continue;
    const [group = "", , kind = ""] = id.split("/");
    scopes.set(`${group}/${kind}`, namespaced ? "namespaced" : "cluster");
  }
  return scopes;
}

/** The kind itself, else what replaced it: removed APIs moved, their fields stayed. */
function findDefinition(file: VersionFile, lifecycles: ApiLifecycles, resource: ResourceId): string | undefined {
  let id: string | undefined = `${resource.group}/${resource.version}/${resource.kind}`;
  // Three hops are more than any API made; the bound keeps a circle in the table from hanging a check.
  for (let hop = 0; hop < 3 && id !== undefined; hop++) {
    const name = file.kinds.get(id);
    if (name !== undefined) return name;
    id = lifecycles.get(id)?.replacement;
  }
  return undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
