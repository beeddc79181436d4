import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { GitPlace } from "../git/index.ts";
import type { RepositoryId } from "../model/index.ts";

/** A bare repository of one repository of GitHub's, with the commits that checks need and the blobs of their trees. */
export interface MirrorPlace extends GitPlace {
  /** Another one after the mirror was thrown away and made anew. */
  readonly birth: string;
}

const CONFIG = `[core]
\trepositoryFormatVersion = 0
\tbare = true
\tlogAllRefUpdates = false
\thooksPath = /dev/null
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

/** In the mirror: its birth, and one empty file for each pin, whose time is the last use. */
const BIRTH_FILE = "drydock-birth";
const PINS = "drydock-pins";

export function mirrorDirectory(root: string, id: RepositoryId): string {
  return join(root, `${id}.git`);
}

/** Opens the mirror below `directory`, makes an empty one when there is none, and marks it as used. */
export function openPlace(directory: string, now: number): MirrorPlace {
  if (readBirth(directory) === undefined) createPlace(directory);
  const birth = readBirth(directory) ?? "";
  utimesSync(join(directory, BIRTH_FILE), now / 1000, now / 1000);
  return { directory, objectFormat: "sha1", birth };
}

/** Made whole and put in place in one step. A directory without a birth is what is left of a removal. */
function createPlace(directory: string): void {
  removePlace(directory);
  const made = `${directory}.${randomUUID()}.tmp`;
  for (const folder of ["objects/pack", "objects/info", "refs/heads", "info", PINS]) {
    mkdirSync(join(made, folder), { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(made, "config"), CONFIG);
  writeFileSync(join(made, "HEAD"), "ref: refs/heads/drydock\n");
  writeFileSync(join(made, BIRTH_FILE), randomUUID());
  try {
    renameSync(made, directory);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (readBirth(directory) === undefined) throw error; // else another process was first
  }
}

function readBirth(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, BIRTH_FILE), "utf8");
  } catch {
    return undefined;
  }
}

/** Takes the mirror away in one step, then removes it. */
export function removePlace(directory: string): void {
  const aside = `${directory}.${randomUUID()}.tmp`;
  if (existsSync(directory)) renameSync(directory, aside);
  rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
}

export function markPin({ directory }: GitPlace, pin: string, now: number): void {
  const file = join(directory, PINS, pin);
  writeFileSync(file, "");
  utimesSync(file, now / 1000, now / 1000);
}

export function pinsDirectory({ directory }: GitPlace): string {
  return join(directory, PINS);
}

/** Removes what git that was killed leaves behind: locks, and packs and refs that were never finished. Whether any was. */
export function removeLeftovers({ directory }: GitPlace): boolean {
  const left = ROOT_LEFTOVERS.map((name) => join(directory, name)).filter((file) => existsSync(file));
  for (const folder of ["refs", join("objects", "pack"), join("objects", "info")]) {
    for (const entry of readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && /\.lock$|^tmp_|\.tmp-\d+-/u.test(entry.name)) left.push(join(entry.parentPath, entry.name));
    }
  }
  for (const file of left) rmSync(file, { force: true });
  return left.length > 0;
}

const ROOT_LEFTOVERS = ["packed-refs.lock", "packed-refs.new", "HEAD.lock", "config.lock"];
