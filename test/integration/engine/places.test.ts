import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createEnginePool } from "../../../src/engine/index.ts";
import { openScratch } from "../../../src/git/index.ts";
import { Fault } from "../../../src/model/index.ts";
import { readBundledVersions } from "../../../src/schemas/index.ts";
import { createRepository } from "../../fakes/git-repository.ts";
import { expectRendered } from "./expectations.ts";
import { NO_CRDS, plainApp } from "./render-fixture.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SCHEMAS = join(ROOT, "schemas/kubernetes");

const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: ${value}}\n`;

describe("one pool of engines for many repositories", () => {
  it("T40: reads no object of one repository for another, whatever ids its trees name", async (t) => {
    const secret = await createRepository(t, { branches: { main: { "private.yaml": configMap("confidential") } } });
    const tree = await secret.git(["rev-parse", "main^{tree}"]);
    const blob = await secret.git(["rev-parse", "main:private.yaml"]);
    const hostile = await createRepository(t, { branches: { main: { "own.yaml": configMap("own") } } });
    const stolen = await hostile.git(["mktree", "--missing"], `100644 blob ${blob}\tprivate.yaml\n`);

    const [secretScratch, hostileScratch] = [await openScratch(secret.directory), await openScratch(hostile.directory)];
    const engines = join(ROOT, "engines/dist");
    const pool = createEnginePool({ engines, kubernetesSchemas: SCHEMAS, macKey: "00", jobs: 1 });
    t.after(async () => {
      await pool.close();
      secretScratch.close();
      hostileScratch.close();
    });
    const request = {
      app: plainApp("private.yaml"),
      kubernetes: readBundledVersions(SCHEMAS).at(-1) ?? "",
      crdSet: NO_CRDS.id,
      schemaLocations: [],
      missingSchema: "notice",
      limits: { seconds: 60, outputBytes: 1024 * 1024, files: 100, documents: 100 },
    } as const;
    const [theirs, ours] = [pool.open(hostileScratch.directory), pool.open(secretScratch.directory)];
    theirs.prepare(NO_CRDS);

    // The one worker and the object thread have both seen the blob before the other repository asks for it.
    const { manifests } = expectRendered(await ours.render({ ...request, tree }));
    assert.match(manifests[0]?.json ?? "", /confidential/u);
    assert.equal(stolen, tree);
    await assert.rejects(theirs.render({ ...request, tree: stolen }), Fault);
    await assert.rejects(theirs.render({ ...request, tree, app: plainApp("private.yaml", "own.yaml") }), Fault);

    // Closing one leaves the other as it is.
    await theirs.close();
    await assert.rejects(theirs.render({ ...request, tree }), Fault);
    expectRendered(await ours.render({ ...request, tree }));
  });
});
