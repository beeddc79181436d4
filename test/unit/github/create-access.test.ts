import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createAccess } from "../../../src/github/index.ts";
import type { GitHub } from "../../../src/jobs/ports.ts";
import { AccessLostFault, Fault, type Role } from "../../../src/model/index.ts";

const ANN = { id: 5, login: "ann", type: "User" } as const;
const REPOSITORY = {
  installationId: 7,
  repositoryId: 11,
  owner: "acme",
  name: "config",
  defaultBranch: "main",
  isPrivate: true,
  isArchived: false,
};

describe("createAccess", () => {
  const canRead = (readRole: () => Promise<Role>): Promise<boolean> => {
    const gitHub = { repository: () => ({ readRole }) } as unknown as GitHub;
    return createAccess(gitHub).canRead(ANN, REPOSITORY);
  };

  it("lets in whoever may read, and nobody else", async () => {
    assert.equal(await canRead(() => Promise.resolve("read")), true);
    assert.equal(await canRead(() => Promise.resolve("none")), false);
  });

  it("lets nobody in where the App has lost the repository", async () => {
    assert.equal(await canRead(() => Promise.reject(new AccessLostFault("not-found", "gone"))), false);
  });

  it("takes silence for no yes", async () => {
    await assert.rejects(
      canRead(() => Promise.reject(new Fault("away", { isRetryable: true }))),
      /away/u,
    );
  });
});
