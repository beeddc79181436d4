import { existsSync } from "node:fs";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { APP_FILE } from "../../config/read-server-config.ts";

/** What is kept of a new App, under the names that the environment has for it. */
export type Credentials = Readonly<
  Record<"APP_ID" | "PRIVATE_KEY" | "WEBHOOK_SECRET" | "CLIENT_ID" | "CLIENT_SECRET" | "PUBLIC_URL", string>
>;

export interface CredentialsPlace {
  /** Writes them once, readable by this user alone; rejects when there are some already. */
  keep(credentials: Credentials): Promise<void>;
  release(): Promise<void>;
}

/**
 * Opens the place for an App's credentials before GitHub is asked for them, because GitHub gives them once: a disk that
 * cannot be written rejects here.
 */
export async function reserveCredentials(directory: string, suffix: string): Promise<CredentialsPlace> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const target = join(directory, APP_FILE);
  if (existsSync(target)) throw new Error(`${APP_FILE} exists already`);
  const path = `${target}.${suffix}`;
  const file = await open(path, "wx", 0o600);
  return {
    keep: async (credentials) => {
      await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
      await file.sync();
      // Fails when there is such a file; renaming would replace it.
      await link(path, target);
    },
    release: async () => {
      await file.close();
      await unlink(path).catch(() => undefined);
    },
  };
}
