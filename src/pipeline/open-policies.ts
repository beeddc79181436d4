import type { PolicyConfig } from "../config/index.ts";
import type { CrdSchema, Manifest, PolicyFile, PolicyProblem, PolicySubject, Tree } from "../model/index.ts";
import { recallCrd } from "./crds.ts";
import type { AdmissionSet, PolicySets } from "./judge-policies.ts";
import type { AdmissionSource, LoadedAdmission, LoadedRego, PolicyEngine } from "./policy-ports.ts";
import { roleInAdmission, type AdmissionRole } from "./admission-kinds.ts";
import { CONFIG_FILE } from "./load-config.ts";
import { readPolicyFiles, type PolicyFiles } from "./read-policy-files.ts";
import { sha256 } from "./render-memory.ts";
import type { Store } from "./ports.ts";

export interface PolicyOpening {
  /** The tree that policies come from: the base's, so that a change is not judged by what it brings. */
  readonly tree: Tree;
  readonly config: PolicyConfig;
  readonly engine: PolicyEngine;
  readonly store: Store;
  readonly build: string;
}

/** Names a file of the tree that policies come from. */
type NameFile = (path: string) => string;

/** Policies in Rego, compiled; undefined where there are none, or where they are broken. */
export interface OpenedRego {
  readonly set: PolicySets["rego"];
  readonly loaded: LoadedRego | undefined;
  readonly problems: readonly PolicyProblem[];
}

/**
 * Reads and compiles the policies in Rego. What compiling them came to is remembered, so that a check whose answers are
 * all known starts no engine. `nameFile` tells those of another repository apart.
 */
export async function openRego(
  { tree, config, engine, store, build }: PolicyOpening,
  nameFile?: NameFile,
): Promise<OpenedRego> {
  const { source, problems } = nameFiles(await readPolicyFiles(tree, config.rego), nameFile);
  if (problems.length > 0) return { set: undefined, loaded: undefined, problems };
  if (source.modules.length === 0) return { set: undefined, loaded: undefined, problems: [] };
  const loaded = await recallOr(store, [build, "load rego", source], () => engine.loadRego(source));
  const isUsable = loaded.problems.length === 0;
  const { id, uses } = loaded;
  return {
    set: isUsable ? { id, uses, source, isCombined: config.rego.combine } : undefined,
    loaded,
    problems: loaded.problems,
  };
}

function nameFiles({ source, problems }: PolicyFiles, nameFile: NameFile | undefined): PolicyFiles {
  if (nameFile === undefined) return { source, problems };
  const rename = <T extends PolicyFile>(one: T): T => ({ ...one, file: nameFile(one.file) });
  return {
    source: { ...source, modules: source.modules.map(rename), data: source.data.map(rename) },
    // What is about no file is about what the config names.
    problems: problems.map((problem) => ({ ...problem, file: nameFile(problem.file ?? CONFIG_FILE) })),
  };
}

/** What the trees hold of the API server's own policies. */
export interface AdmissionParts {
  /** Manifests of the apps that bring policies, from the base. */
  readonly manifests: readonly Manifest[];
  /** `<group>/<kind>` → digest, of one side. */
  readonly crds: ReadonlyMap<string, string>;
}

export interface OpenedAdmission {
  readonly set: AdmissionSet | undefined;
  readonly problems: LoadedAdmission["problems"];
}

/**
 * Compiles policies on the way into a cluster, CRDs with rules, and those whose objects policies look at, of one side.
 * Without policies and rules no engine starts.
 */
export async function openAdmission(
  { manifests, crds }: AdmissionParts,
  { config, engine, store, build }: Omit<PolicyOpening, "tree">,
): Promise<OpenedAdmission> {
  if (!config.admission) return { set: undefined, problems: [] };
  const of = (role: AdmissionRole): readonly PolicySubject[] =>
    manifests.filter(({ resource }) => roleInAdmission(resource) === role).map(toSubject);
  const policies = of("policy");
  const kyverno = of("kyverno policy");
  const asked = [...policies, ...kyverno];
  const definitions = [...crds].flatMap(([, digest]) => {
    const crd = recallCrd(store, digest);
    const isAsked = hasRules(crd) || asked.some((policy) => mayConcern(policy, crd));
    return isAsked ? [writeDefinition(crd)] : [];
  });
  if (asked.length + definitions.length === 0) return { set: undefined, problems: [] };
  const source: AdmissionSource = {
    ...{ policies, bindings: of("binding") },
    ...{ kyverno, exceptions: of("exception"), mutations: of("mutation") },
    params: policies.length === 0 ? [] : manifests.map(toSubject),
    crds: definitions,
    namespaces: manifests
      .filter(({ resource }) => resource.group === "" && resource.kind === "Namespace")
      .map(toSubject),
  };
  const loaded = await recallOr(store, [build, "load admission", source], () => engine.loadAdmission(source));
  const kinds = loaded.kinds === undefined ? undefined : new Set(loaded.kinds);
  return { set: { id: loaded.id, kinds, source }, problems: loaded.problems };
}

function toSubject({ json, sealed }: Manifest): PolicySubject {
  return { json, sealed: sealed.map(([pointer]) => pointer) };
}

function hasRules({ versions }: CrdSchema): boolean {
  return [...versions.values()].some((schema) => schema?.includes('"x-kubernetes-validations"') === true);
}

/**
 * Whether a policy may look at objects of a definition or have them as parameters, which take their defaults first. By its
 * text, in doubt yes: other definitions would make another set, of which nothing is remembered.
 */
function mayConcern({ json }: PolicySubject, { group }: CrdSchema): boolean {
  const isAboutAll = json.includes('"*"') || !json.includes('"resourceRules"');
  return isAboutAll || json.includes(`"${group}"`) || json.includes(`"${group}/`);
}

/** The definition as far as schemas need it. */
function writeDefinition({ group, kind, plural, isNamespaced, versions, statusVersions }: CrdSchema): string {
  const served = [...versions].map(([name, schema], index) => {
    const openAPIV3Schema = schema === undefined ? undefined : (JSON.parse(schema) as object);
    const subresources = statusVersions.includes(name) ? { status: {} } : undefined;
    return { name, served: true, storage: index === 0, schema: { openAPIV3Schema }, subresources };
  });
  return JSON.stringify({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: { kind, plural }, scope: isNamespaced ? "Namespaced" : "Cluster", versions: served },
  });
}

async function recallOr<T>(store: Store, key: readonly unknown[], load: () => Promise<T>): Promise<T> {
  const slot = sha256(JSON.stringify(key));
  const bytes = store.read("policies", slot);
  if (bytes !== undefined) return JSON.parse(bytes.toString("utf8")) as T;
  const loaded = await load();
  store.write("policies", slot, JSON.stringify(loaded));
  return loaded;
}
