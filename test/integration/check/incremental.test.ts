import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { createFileStore, createMemoryStore } from "../../../src/store/index.ts";
import { createRepository, type FakeRepository } from "../../fakes/git-repository.ts";
import { filesOf, START, VARIANTS, type RepositoryState } from "./edited-repository.ts";
import { LOSSES, loseFromStore, type Loss } from "./lose-from-store.ts";
import { makeDirectory, openSharedBench, type SharedBench } from "./open-bench.ts";

/** Paths to put at one of their variants, and whether the crowd moves: what one commit does. */
interface Commit {
  readonly edits: readonly { readonly path: string; readonly variant: number }[];
  readonly movesCrowd: boolean;
  /** Which earlier commit it is checked against: 0 the one before it. */
  readonly baseAge: number;
  /** What the cache has lost before this commit is checked. */
  readonly loses?: Loss;
}

const commit = fc.record<Commit>({
  edits: fc.array(fc.record({ path: fc.constantFrom(...VARIANTS.keys()), variant: fc.nat(9) }), {
    minLength: 1,
    maxLength: 3,
  }),
  movesCrowd: fc.boolean(),
  baseAge: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
});

function applyCommit(state: RepositoryState, { edits, movesCrowd }: Commit): RepositoryState {
  return {
    chosen: new Map([...state.chosen, ...edits.map(({ path, variant }) => [path, variant] as const)]),
    crowd: state.crowd + Number(movesCrowd),
  };
}

/** A seed from the environment repeats a failure; more runs search deeper. */
const RUNS = Number(process.env["FC_RUNS"] ?? "6");
const SEED = process.env["FC_SEED"] === undefined ? {} : { seed: Number(process.env["FC_SEED"]) };

/** Checks each commit against the one before it (or an older one) with one store, and again with an empty one. */
async function checkEach(t: TestContext, commits: readonly Commit[], { repository, bench }: Workplace): Promise<void> {
  const directory = makeDirectory(t);
  const store = createFileStore(directory);
  const history = [await repository.commit(filesOf(START))];
  let state = START;
  for (const [index, made] of commits.entries()) {
    state = applyCommit(state, made);
    const head = await repository.commit(filesOf(state));
    const base = history[Math.max(0, index - made.baseAge)] ?? "main";
    history.push(head);
    if (made.loses !== undefined) loseFromStore(directory, made.loses);
    const isAll = made.baseAge === 2;
    const warm = await bench.check(base, head, store, { isAll });
    const cold = await bench.check(base, head, createMemoryStore(), { isAll });
    assert.equal(warm.json, cold.json);
  }
}

interface Workplace {
  readonly repository: FakeRepository;
  readonly bench: SharedBench;
}

async function openWorkplace(t: TestContext): Promise<Workplace> {
  const repository = await createRepository(t);
  await repository.commit(filesOf(START));
  return { repository, bench: await openSharedBench(t, repository.directory) };
}

function put(path: string, variant: number): Commit {
  return { edits: [{ path, variant }], movesCrowd: false, baseAge: 0 };
}

describe("a check that remembers", () => {
  it("says what a check without memory says, after any sequence of commits", { timeout: 1_800_000 }, async (t) => {
    const workplace = await openWorkplace(t);
    await fc.assert(
      fc.asyncProperty(fc.array(commit, { minLength: 2, maxLength: 6 }), async (commits) => {
        await checkEach(t, commits, workplace);
      }),
      { numRuns: RUNS, ...SEED },
    );
  });

  it("renders what an app is now when a CRD it once used goes as well", async (t) => {
    const [valuesOnly, noCrd] = [put("plain/b.yaml", 3), put("crds/widget.yaml", 5)];
    await checkEach(t, [valuesOnly, noCrd, put("base/cm.yaml", 1)], await openWorkplace(t));
  });

  it("looks at what was built until now, also where the head is as an older commit was", async (t) => {
    // The crowd makes the tree with the template the remembered one; manifests take its place, and it comes back.
    const template = { ...put("plain/a.yaml", 3), movesCrowd: true };
    await checkEach(
      t,
      [template, put("docs/readme.md", 1), put("plain/a.yaml", 0), put("plain/a.yaml", 3)],
      await openWorkplace(t),
    );
  });

  it("judges by the schemas that the repository has now", async (t) => {
    const located = put(".github/drydock.yaml", 4);
    const commits = [put("crds/widget.yaml", 5), located, put("plain/a.yaml", 2)];
    const schemas = [1, 2, 3, 4, 0, 3].map((variant) => put("schemas/widget.json", variant));
    const referred = [1, 2, 0].map((variant) => put("schemas/other.json", variant));
    await checkEach(t, [...commits, ...schemas, ...referred], await openWorkplace(t));
  });

  it("looks again at what was stopped by a limit", async (t) => {
    // Two documents in plain/ are one too many; then one is left.
    const limited = put(".github/drydock.yaml", 6);
    const crowd = { ...put("docs/readme.md", 1), movesCrowd: true };
    const commits = [limited, put("base/cm.yaml", 1), crowd, put("base/cm.yaml", 2), put("plain/b.yaml", 4)];
    await checkEach(t, [...commits, put("plain/a.yaml", 1), put("plain/b.yaml", 2)], await openWorkplace(t));
  });

  it("keeps to one verdict on a CRD that breaks the app it comes with", async (t) => {
    const broken = put("crds/widget.yaml", 4);
    const commits = [broken, put("plain/a.yaml", 1), put("lib/one.yaml", 1), put("charts/web/crds/widget.yaml", 1)];
    await checkEach(
      t,
      [...commits, put("crds/widget.yaml", 3), broken, put("crds/widget.yaml", 1)],
      await openWorkplace(t),
    );
  });

  it("follows links that come, lead elsewhere and go", async (t) => {
    const file = [1, 2, 5, 8, 6, 7, 4, 3, 9, 1].map((variant) => put("plain/link.yaml", variant));
    await checkEach(t, file, await openWorkplace(t));
  });

  // The crowd makes the tree before it the remembered one; the second time, links stand as they were remembered.
  for (const [memory, crowds] of [
    ["of one tree", 1],
    ["from tree to tree", 2],
  ] as const) {
    const remembered = Array.from({ length: crowds }, (_, index): readonly Commit[] => [
      { ...put("docs/readme.md", index + 1), movesCrowd: true },
      put("base/extra.yaml", index),
    ]).flat();

    it(`looks again at links that it remembers ${memory} when what they lead to changes`, async (t) => {
      const links = [put("plain/link.yaml", 2), put("hop", 1), put("linked/kustomization.yaml", 1)];
      // A manifest no more: its app loses it. And a base of what the other link leads to: no app of its own.
      const content = [put("shared/cm.yaml", 3), put("shared/k.yaml", 4), put("shared/cm.yaml", 2)];
      const way = [put("shared/cm.yaml", 3), put("hop", 3), put("hop", 1)];
      await checkEach(
        t,
        [...links, put("gone/kustomization.yaml", 1), ...remembered, ...content, ...way],
        await openWorkplace(t),
      );
    });

    it(`looks again at links that it remembers ${memory} when a folder on their way becomes a link`, async (t) => {
      const commits = [put("linked/one.yaml", 1), ...remembered, put("lib", 1)];
      await checkEach(t, commits, await openWorkplace(t));
    });
  }

  for (const loses of LOSSES) {
    it(`loses time only when its cache has lost ${loses}`, async (t) => {
      const commits = [
        put("plain/a.yaml", 1),
        { ...put("plain/a.yaml", 2), loses },
        { ...put("crds/widget.yaml", 1), movesCrowd: true, loses },
        // The crowd outdates what is known of the base: it is worked out anew from what the cache has left.
        { ...put("base/cm.yaml", 1), loses },
        put("overlays/prod/patch.yaml", 1),
        put("crds/widget.yaml", 0),
      ];
      await checkEach(t, commits, await openWorkplace(t));
    });
  }
});
