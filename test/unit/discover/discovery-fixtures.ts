import assert from "node:assert/strict";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import type { RepositoryConfig } from "../../../src/config/index.ts";
import { analyzeFile, assembleApps, mayMatter } from "../../../src/discover/index.ts";
import type { Discovery, FileFacts } from "../../../src/discover/index.ts";

export const CONFIG_FILE = ".github/drydock.yaml";

/** Path → content of a small repository. */
export type Files = Readonly<Record<string, string>>;

/** A manifest of the given kind. */
export function manifest(kind: string, name = "web"): string {
  return `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;
}

export function kustomization(...resources: readonly string[]): string {
  return `resources: ${JSON.stringify(resources)}\n`;
}

export function chart(name: string, more = ""): string {
  return `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${more}`;
}

export function fluxKustomization(path: string, more = ""): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ${path}
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`;
}

export function readConfig(text: string | undefined): RepositoryConfig {
  const reading = readRepositoryConfig(text, CONFIG_FILE);
  assert.notEqual(reading.kind, "invalid", JSON.stringify(reading));
  if (reading.kind === "invalid") throw new Error("unreachable");
  return reading.config;
}

export function analyzeAll(files: Files): Map<string, FileFacts | undefined> {
  return new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      mayMatter(path) ? analyzeFile(path, new TextEncoder().encode(text)) : undefined,
    ]),
  );
}

/** Discovers the apps of a repository; `config` is the text after `version: 1`. */
export function discover(files: Files, config = ""): Discovery {
  return assembleApps(analyzeAll(files), readConfig(config === "" ? undefined : `version: 1\n${config}`));
}

export function idsOf(discovery: Discovery): readonly string[] {
  return discovery.apps.map(({ id }) => id);
}
