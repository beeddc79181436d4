import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { runGit, type GitPlace } from "../git/index.ts";
import type { ObjectId } from "../model/index.ts";
import { pinsDirectory } from "./mirror-place.ts";

/** Refs that keep what checks use: `refs/drydock/<pin>/base` and `head`. */
const PREFIX = "refs/drydock/";
/**
 * What no check has used for so long belongs to a pull request that is closed or rests. That its objects are here does
 * not depend on it: packing keeps what was fetched. Milliseconds: a day.
 */
const KEEP_PINS = 24 * 3600_000;
const MOST_DROPPED = 500;

/** Points refs (named without their prefix) at commits, all of them or none. */
export async function writePins(place: GitPlace, pins: Readonly<Record<string, ObjectId>>): Promise<void> {
  const lines = Object.entries(pins).map(([name, id]) => `update ${PREFIX}${name} ${id}\n`);
  await runGit(place, ["update-ref", "--stdin"], { input: lines.join("") });
}

/** Pins say to GitHub what is here; too many of them make every fetch slow. */
export async function dropOldPins(place: GitPlace, now: number): Promise<void> {
  const directory = pinsDirectory(place);
  const old = readdirSync(directory)
    .filter((pin) => now - (statSync(join(directory, pin), { throwIfNoEntry: false })?.mtimeMs ?? now) > KEEP_PINS)
    .slice(0, MOST_DROPPED);
  if (old.length === 0) return;
  const lines = old.flatMap((pin) => ["base", "head"].map((side) => `delete ${PREFIX}${pin}/${side}\n`));
  await runGit(place, ["update-ref", "--stdin"], { input: lines.join("") });
  for (const pin of old) rmSync(join(directory, pin), { force: true });
}
