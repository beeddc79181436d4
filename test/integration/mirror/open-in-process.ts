// A process of its own that opens the mirror that its first argument describes, says so, and lives until it is killed.
import { createMirrors, type WantedCommits } from "../../../src/mirror/index.ts";
import type { RepositoryRef } from "../../../src/model/index.ts";

export interface Assignment {
  readonly directory: string;
  readonly git: string;
  readonly token: string;
  readonly ref: RepositoryRef;
  readonly wanted: WantedCommits;
  /** Gives it back at once: then it is packed, if it has to be. */
  readonly isClosed: boolean;
}

const { directory, git, token, ref, wanted, isClosed } = JSON.parse(process.argv[2] ?? "") as Assignment;
const mirrors = createMirrors({ directory, way: { git }, fetchToken: () => Promise.resolve(token), now: Date.now });
const mirror = await mirrors.open(ref, wanted);
if (isClosed) mirror.close();
process.stdout.write("open\n");
setInterval(() => mirror, 1000);
