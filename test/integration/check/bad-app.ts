import assert from "node:assert/strict";
import type { FakeFile } from "../../fakes/git-repository.ts";
import type { CheckedChange, JsonFailure } from "./check-change.ts";

/** An app that cannot be rendered, and what its failure has to say. */
export interface BadApp {
  readonly title: string;
  readonly folder: string;
  readonly files: Readonly<Record<string, FakeFile>>;
  readonly kind: string;
  readonly effect: JsonFailure["effect"];
  readonly message: RegExp;
  /** Path from the repository's root. Undefined where the failure is about the app as a whole. */
  readonly file: string | undefined;
  readonly line?: number;
}

/** The files of all these apps, each below its folder. */
export function filesOfApps(apps: readonly Pick<BadApp, "folder" | "files">[]): Map<string, FakeFile> {
  const all = new Map<string, FakeFile>();
  for (const { folder, files } of apps)
    for (const [name, file] of Object.entries(files)) all.set(`${folder}/${name}`, file);
  return all;
}

/** Asserts that the app failed as it should. */
export function assertFailure(checked: CheckedChange, id: string, { kind, effect, message, file, line }: BadApp): void {
  const failure = checked.failure(id);
  assert.match(failure.message, message);
  assert.deepEqual(
    { kind: failure.kind, effect: failure.effect, file: failure.file, line: failure.line },
    { kind, effect, file: file ?? null, line: line ?? null },
  );
  assert.equal(checked.app(id).status, "failed");
  assert.deepEqual(checked.app(id).changes, [], "a failed render is never shown as added or removed resources");
}
