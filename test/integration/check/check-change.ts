import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckRequest, Presentation } from "../../../src/cli/doors.ts";
import { createDoors } from "../../../src/doors.ts";
import { createRepository, type FakeFiles } from "../../fakes/git-repository.ts";

export const ROOT = join(import.meta.dirname, "../../..");

interface Cleanup {
  after(clean: () => void | Promise<void>): void;
}

export interface JsonFailure {
  readonly kind: string;
  readonly cause: "content" | "outside";
  readonly isNew: boolean;
  readonly effect: "fails" | "not-checked" | "passes";
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface JsonFinding {
  readonly rule: string;
  readonly level: "error" | "warning" | "notice";
  readonly isNew: boolean;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly path: string;
  readonly apps: readonly string[];
  readonly resource: { readonly kind: string; readonly name: string } | null;
  readonly exception: { readonly state: string } | null;
}

export interface JsonChange {
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly diff: string;
}

export interface JsonApp {
  readonly id: string;
  readonly status: string;
  readonly resources: { readonly base: number | null; readonly head: number | null };
  readonly changes: readonly JsonChange[];
  readonly findings: readonly JsonFinding[];
  readonly failure: JsonFailure | null;
}

/** What tests read of the published JSON. */
export interface JsonReport {
  readonly outcome: { readonly status: string; readonly exitCode: number; readonly title: string };
  readonly apps: readonly JsonApp[];
  readonly findings: readonly JsonFinding[];
  readonly notes: readonly string[];
  readonly decision: { readonly needs: readonly string[] };
  readonly versions: { readonly kubernetes: readonly string[] };
}

export interface CheckedChange {
  readonly report: JsonReport;
  readonly exitCode: number;
  /** The repository, with the branches `main` and `change`. */
  readonly directory: string;
  readonly cache: string;
  /** Prints the same check in another format. */
  print(format: CheckRequest["format"]): Promise<string>;
  /** The app of this id; fails when the report does not have it. */
  app(id: string): JsonApp;
  /** The failure of the app of this id; fails when it rendered. */
  failure(id: string): JsonFailure;
}

/** Checks the branch `change` against `main` as `drydock check` does: real git, real engines, a cache of its own. */
export async function checkChange(
  test: Cleanup,
  base: FakeFiles,
  head: FakeFiles,
  options: Partial<CheckRequest & Presentation> = {},
): Promise<CheckedChange> {
  const repository = await createRepository(test, { branches: { main: base, change: head } });
  const cache = makeDirectory(test);
  const doors = createDoors({ root: ROOT, cacheDirectory: cache, path: process.env["PATH"] ?? "" });
  const print = (format: CheckRequest["format"]): ReturnType<typeof doors.check> =>
    doors.check(
      {
        ...{ repo: repository.directory, base: "main", head: "change", merge: true, cache: true, format },
        ...{ width: 80, color: false, ...options },
      },
      () => undefined,
    );
  const { text, exitCode } = await print("json");
  const report = JSON.parse(text) as JsonReport;
  const app = (id: string): JsonApp => {
    const found = report.apps.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`the report has no ${id}, only ${report.apps.map((a) => a.id).join(" ")}`);
    return found;
  };
  return {
    ...{ report, exitCode, directory: repository.directory, cache, app },
    print: async (format) => (await print(format)).text,
    failure: (id) => {
      const { failure, findings } = app(id);
      if (failure === null) throw new Error(`${id} rendered; findings: ${JSON.stringify(findings)}`);
      return failure;
    },
  };
}

/** A directory of this test alone, gone after it. */
export function makeDirectory(test: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), "drydock-test-"));
  test.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

export function configMap(name: string, data = "a: b"): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`;
}
