import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  readRepositoryConfig,
  RENAMED_KEYS,
  type ConfigProblem,
  type RenamedKey,
  type RepositoryConfig,
} from "../config/index.ts";
import { UsageError } from "../model/index.ts";
import type { ConfigRequest } from "./doors.ts";

const STARTER = `# What Drydock does with this repository. Everything works without this file; say only what differs.
# All keys: docs/configuration.md in Drydock's repository.
version: 1

# Kubernetes to judge by, for example "1.35". Without it the newest bundled minor is assumed.
# kubernetes:
#   version: "1.35"

# Where environments are, and who may change them, when and in what order: docs/environments.md.
# environments:
#   staging:
#     paths: ["**/overlays/staging"]
#   prod:
#     paths: ["**/overlays/prod"]
#     from: [staging]
#     promotion: { soak: 2h }
#     approvals: { count: 1, teams: [sre] }
#     windows:
#       - { name: Weekend, effect: deny, cron: "0 0 * * 6", duration: 2d, timeZone: Europe/Berlin }
# changes:
#   apart: [[staging, prod]]
# branches:
#   - { base: [main], forks: false }
# override: { teams: [sre] }

# apps:
#   - path: charts/web
#     values: [values.yaml, values-prod.yaml]
#     releaseName: web
#     namespace: web

# Which rules judge it: \`drydock policy list\`. Without it little is on; your own policies in policy/ always are.
# policy:
#   preset: baseline
#   rules:
#     image-tag: { level: warning, environments: { prod: error } }
`;

/**
 * `drydock config init|validate|migrate` on the files below `repo`; `findProblems` says what a config that can be read
 * cannot mean. Fails with a UsageError when there is no file.
 */
export function configDoor(
  { action, repo }: ConfigRequest,
  file: string,
  renamedKeys: readonly RenamedKey[] = RENAMED_KEYS,
  findProblems: (config: RepositoryConfig) => readonly ConfigProblem[] = () => [],
): { readonly text: string; readonly exitCode: 0 | 1 } {
  const path = join(repo, file);
  if (action === "init") return initConfig(path, file);
  if (!existsSync(path)) throw new UsageError(`${file} does not exist; \`drydock config init\` writes one.`);
  const text = readFileSync(path, "utf8");
  const reading = readRepositoryConfig(text, file, renamedKeys);
  if (reading.kind === "invalid") return { text: listProblems(reading.problems, file), exitCode: 1 };
  const misspelt = findProblems(reading.config);
  if (misspelt.length > 0) return { text: listProblems(misspelt, file), exitCode: 1 };
  const notices = reading.kind === "loaded" ? reading.notices : [];
  if (action === "validate") return { text: `${listProblems(notices, file)}${file} is valid.\n`, exitCode: 0 };
  if (notices.length === 0) return { text: `${file} has no key with a new name.\n`, exitCode: 0 };
  writeFileSync(path, renameInText(text, notices, renamedKeys));
  return { text: `${listProblems(notices, file)}${file} is rewritten.\n`, exitCode: 0 };
}

function initConfig(path: string, file: string): { text: string; exitCode: 0 } {
  if (existsSync(path)) throw new UsageError(`${file} exists already.`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, STARTER);
  return { text: `${file} is written; every line in it is optional.\n`, exitCode: 0 };
}

function listProblems(problems: readonly ConfigProblem[], file: string): string {
  return problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}\n`).join("");
}

/** Replaces each key where it stands, so that comments and layout stay. Last one first: columns stay true. */
function renameInText(text: string, notices: readonly ConfigProblem[], renamedKeys: readonly RenamedKey[]): string {
  const lines = text.split("\n");
  for (const { line, column, path } of [...notices].reverse()) {
    const from = String(path.at(-1) ?? "");
    const to = renamedKeys.find((key) => key.from === from)?.to ?? from;
    const old = lines[line - 1] ?? "";
    const at = old.indexOf(from, column - 1);
    if (at >= 0) lines[line - 1] = `${old.slice(0, at)}${to}${old.slice(at + from.length)}`;
  }
  return lines.join("\n");
}
