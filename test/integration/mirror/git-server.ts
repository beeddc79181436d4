import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFaults, type Faults } from "../../../src/sandbox/faults/index.ts";
import type { FileChanges } from "../../../src/sandbox/git/index.ts";
import { serveGit } from "../../../src/sandbox/git/serve-git.ts";
import { createOrganization, createUser } from "../../../src/sandbox/world/accounts.ts";
import { createApp } from "../../../src/sandbox/world/apps.ts";
import type { Account, Repository } from "../../../src/sandbox/world/entities.ts";
import { installApp } from "../../../src/sandbox/world/installations.ts";
import { pushCommit } from "../../../src/sandbox/world/pushes.ts";
import { createRepository, forkRepository } from "../../../src/sandbox/world/repositories.ts";
import { createWorld, type World } from "../../../src/sandbox/world/store.ts";
import type { RepositoryFacts } from "../../../src/jobs/ports.ts";
import type { RepositoryRef } from "../../../src/model/index.ts";

interface Cleanup {
  after(clean: () => void | Promise<void>): void;
}

/** The git of a GitHub that holds private repositories, which one installation may read. */
export interface GitServer {
  readonly origin: string;
  readonly world: World;
  readonly owner: Account;
  readonly faults: Faults;
  /** Every request: method, address, and its `Authorization` header. */
  readonly requests: { readonly method: string; readonly url: string; readonly authorization: string | undefined }[];
  create(name: string): Promise<ServedRepository>;
  /** A token that reads these repositories, as `fetchToken` of the client gives one. */
  fetchToken(ref: Pick<RepositoryRef, "repositoryId">): Promise<string>;
}

export interface ServedRepository {
  readonly facts: RepositoryFacts;
  readonly entity: Repository;
  /** Lays files over a branch; gives the new head. `from` begins the branch at another commit. */
  push(branch: string, files: FileChanges, from?: string): Promise<string>;
  /** Somebody's fork of it. */
  fork(login: string): Promise<ServedRepository>;
}

const HOUR = 3_600_000;

export async function startGitServer(test: Cleanup): Promise<GitServer> {
  const directory = makeDirectory(test);
  const requests: GitServer["requests"] = [];
  const faults = createFaults();
  const server: Server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    requests.push({ method, url, authorization: request.headers.authorization });
    serveGit(world, faults, request, response).then(
      (isServed) => {
        if (!isServed) response.writeHead(418).end();
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses = { web: origin, api: origin, graphql: `${origin}/graphql` };
  const clock = (): number => Date.parse("2026-03-01T00:00:00Z");
  const world = createWorld({ clock, directory, addresses });
  const owner = createOrganization(world, createUser(world, "ada"), "acme");
  const keys = { privateKey: "unused", publicKey: "unused" };
  const app = await createApp(world, owner, "Drydock", { keys, permissions: { contents: "read" } });
  const installation = installApp(world, owner, app, owner);

  return {
    ...{ origin, world, owner, faults, requests },
    create: async (name) =>
      serveRepository(world, owner, await createRepository(world, owner, name, { isPrivate: true })),
    fetchToken: async ({ repositoryId }) => {
      const token = `ghs_secretTokenOf${repositoryId}`;
      world.notes.installationTokens.set(token, {
        token,
        installationId: installation.id,
        repositories: [repositoryId],
        permissions: { contents: "read" },
        expiresAt: clock() + HOUR,
      });
      return await Promise.resolve(token);
    },
  };
}

function serveRepository(world: World, owner: Account, entity: Repository): ServedRepository {
  return {
    entity,
    facts: {
      ...{ installationId: 1, repositoryId: entity.id, owner: owner.login, name: entity.name },
      ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
    },
    push: (branch, files, from) => pushCommit(world, owner, entity, { branch, files, ...(from && { from }) }),
    fork: async (login) => {
      const user = createUser(world, login);
      return serveRepository(world, user, await forkRepository(world, user, entity));
    },
  };
}

/** A directory of this test alone, gone after it. */
export function makeDirectory(test: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), "drydock-mirror-"));
  test.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** A `git` that runs a few lines of shell first, for this test alone. */
export function wrapGit(test: Cleanup, script: string): string {
  const directory = makeDirectory(test);
  const path = process.env["PATH"] ?? "";
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(directory, "git"), `#!/bin/sh\nhere=${directory}\n${script}\nexec ${real} "$@"\n`);
  chmodSync(join(directory, "git"), 0o755);
  process.env["PATH"] = `${directory}:${path}`;
  test.after(() => void (process.env["PATH"] = path));
  return directory;
}
