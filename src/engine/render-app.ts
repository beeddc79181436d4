import type {
  CrdSet,
  Failure,
  FailureKind,
  KubernetesVersion,
  Manifest,
  Rendering,
  RenderRequest,
} from "../model/index.ts";
import type { AppFiles } from "./app-files.ts";
import { toManifest, toRawFinding } from "./decoded-document.ts";
import type { DecodedDocument, DecodedFinding, DecodeResult, SourceText } from "./decoded-document.ts";
import type { EngineInstances, EngineResponse } from "./engine-instances.ts";
import { placeLeaks, readValuesFiles } from "./place-leaks.ts";
import { readPlainFiles } from "./read-plain-files.ts";
import type { DocumentCheck } from "./check-documents.ts";

/** A step that gives a value or the Failure that ends the render. */
export type Step<T> =
  { readonly kind: "ok"; readonly result: T } | { readonly kind: "failed"; readonly failure: Failure };

/** What a worker renders with. */
export interface AppTools {
  readonly engines: EngineInstances;
  /** Key, in hexadecimal, of the macs that stand for secret values. */
  readonly macKey: string;
  readonly check: DocumentCheck;
  /** The kinds that a cluster of a version serves; Helm itself assumes those of all versions. */
  readonly servedKinds: (kubernetes: KubernetesVersion) => readonly string[];
}

/**
 * Renders one app: source texts (read, built or templated), decoded, then judged by `check`. Never throws on account
 * of the app's content; a Fault thrown by `files` comes through.
 */
export function renderApp(
  request: RenderRequest,
  crdSet: CrdSet,
  files: AppFiles,
  { engines, macKey, check, servedKinds }: AppTools,
): Rendering {
  const fail = (failure: Failure): Rendering => ({ kind: "failed", failure, trace: files.trace() });
  const produced = produceTexts(request, files, engines, servedKinds);
  if (produced.kind === "failed") return fail(produced.failure);
  const { texts, findings: buildFindings } = produced.result;
  const tooMuch = findExcess(texts, request);
  if (tooMuch !== undefined) return fail(tooMuch);
  const decoded = decode(request, texts, files, engines, macKey);
  if (decoded.kind === "failed") return fail(decoded.failure);
  if (request.isRevealed === true) {
    return { kind: "rendered", manifests: decoded.result.documents.map(reveal), findings: [], trace: files.trace() };
  }
  const checked = check(decoded.result.documents, request, crdSet, files);
  if (checked.kind === "failed") return fail(checked.failure);
  const found = placeLeaks(decoded.result, request.app, files);
  const findings = [...buildFindings.map(toRawFinding), ...found, ...checked.result];
  return { kind: "rendered", manifests: decoded.result.documents.map(toManifest), findings, trace: files.trace() };
}

/** For the user's own terminal: the text with its secret values. */
function reveal(document: DecodedDocument): Manifest {
  return { ...toManifest(document), json: document.raw, sealed: [] };
}

function produceTexts(
  { app, kubernetes }: RenderRequest,
  files: AppFiles,
  engines: EngineInstances,
  servedKinds: AppTools["servedKinds"],
): Step<Produced> {
  switch (app.kind) {
    case "plain": {
      const read = readPlainFiles(app.files, files);
      return read.kind === "failed" ? read : { kind: "ok", result: { texts: read.result, findings: [] } };
    }
    case "kustomize": {
      files.prefetch(app.path);
      const request = { op: "build", path: app.path, isLoadUnrestricted: app.isLoadUnrestricted };
      return resourcesOf(engines.call("kustomize", request, (path) => files.lookup(path), app.id));
    }
    case "helm": {
      files.prefetch(app.path);
      const { releaseName, namespace, valuesFiles, apiVersions, includeCrds } = app;
      const chart = { op: "template", chart: app.path, releaseName, namespace, valuesFiles };
      const servedApis = withVersions(servedKinds(kubernetes));
      const request = { ...chart, apiVersions, servedApis, kubeVersion: kubernetes, includeCrds };
      return resourcesOf(engines.call("helm", request, (path) => files.lookup(path), app.id));
    }
  }
}

/** The kinds with the groups and versions that they are of. Without any, Helm's own assumption stands. */
function withVersions(kinds: readonly string[]): readonly string[] {
  return [...new Set(kinds.map((kind) => kind.slice(0, kind.lastIndexOf("/")))), ...kinds];
}

/** Source texts, and what the engine that made them found wrong all the same. */
interface Produced {
  readonly texts: readonly SourceText[];
  readonly findings: readonly DecodedFinding[];
}

function resourcesOf(response: EngineResponse): Step<Produced> {
  if (response.kind === "failed") return response;
  const result = response.result as { resources: readonly SourceText[]; findings?: readonly DecodedFinding[] };
  return { kind: "ok", result: { texts: result.resources, findings: result.findings ?? [] } };
}

function findExcess(texts: readonly SourceText[], { limits }: RenderRequest): Failure | undefined {
  if (texts.length > limits.documents) {
    return failure(
      "limit",
      `There are more than ${limits.documents} manifests. Raise limits.documents if there have to be.`,
    );
  }
  const size = texts.reduce((sum, { yaml }) => sum + yaml.length, 0);
  if (size <= limits.outputBytes) return undefined;
  const megabytes = limits.outputBytes / 1024 / 1024;
  return failure("limit", `The manifests are larger than ${megabytes} MiB. Raise limits.outputMiB if they have to be.`);
}

function decode(
  { app, limits, isRevealed, knownValid }: RenderRequest,
  resources: readonly SourceText[],
  files: AppFiles,
  engines: EngineInstances,
  macKey: string,
): Step<DecodeResult> {
  const request = {
    op: "decode",
    resources,
    macKey,
    isSource: app.kind === "plain",
    limits: { documents: limits.documents, bytes: limits.outputBytes },
    isSubstituted: app.isSubstituted,
    knownValid: knownValid ?? [],
    values: isRevealed === true ? [] : readValuesFiles(app, files),
    reveal: isRevealed === true,
  };
  const response = engines.call("manifest", request, (path) => files.lookup(path), app.id);
  return response.kind === "failed" ? response : { kind: "ok", result: response.result as DecodeResult };
}

function failure(kind: FailureKind, message: string): Failure {
  return { kind, message, location: undefined };
}
