import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { App, Rendering } from "../../../src/model/index.ts";
import { compareApp, type RenderedSide } from "../../../src/pipeline/compare-app.ts";
import { linkMoves } from "../../../src/pipeline/link-moves.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

const CLAIM = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: uploads, namespace: shop}
spec: {resources: {requests: {storage: 10Gi}}}
`;
const KEPT = CLAIM.replace("name: uploads", 'name: uploads, annotations: {"helm.sh/resource-policy": keep}');
const OTHER = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";

/** The YAML of a side, or a word for what is none: `absent`, `failed`. */
type Side = string;
type AppInput = readonly [id: string, base: Side, head: Side, environment?: string];

function describeSide(id: string, text: Side, environment: string | undefined): RenderedSide | undefined {
  if (text === "absent") return undefined;
  const app: App = {
    ...{ id, kind: "plain", path: id, environment, isEnvironmentDeclared: false, guessed: false, declaredIn: id },
    ...{ assumptions: [], isSubstituted: false, files: [] },
  };
  const outcome =
    text === "failed"
      ? { kind: "failed", failure: { kind: "render", message: "broken", location: undefined } }
      : { kind: "rendered", manifests: buildManifests(text) };
  return { app, findings: [], rendering: { ...outcome, findings: [], trace: [] } as unknown as Rendering };
}

/** What is told of each change: action, kind, move, risks and fields. */
async function tell(...apps: readonly AppInput[]): Promise<string[]> {
  const views = [];
  for (const [id, base, head, environment] of apps) {
    const sides = [describeSide(id, base, environment), describeSide(id, head, environment)] as const;
    const compared = await compareApp(...sides, usualListKeys, () => Promise.resolve([]), new Set());
    views.push({ id, record: { app: { environment } }, compared });
  }
  return linkMoves(views, usualListKeys).flatMap(({ id, compared }) =>
    compared.changes.map(({ action, moved, risks, fields }) =>
      [
        `${id}: ${action}`,
        ...(moved === undefined ? [] : [`${moved.direction} ${moved.app}`]),
        ...risks.map((risk) => `${risk.level} ${risk.id}`),
        ...fields.map((field) => field.label),
      ].join(", "),
    ),
  );
}

describe("linkMoves", () => {
  it("tells both ends, and a possible prune instead of a delete", async () => {
    assert.deepEqual(await tell(["a", CLAIM, OTHER], ["b", OTHER, CLAIM]), [
      "a: removed, to b, medium moved-between-apps",
      "a: added, from b",
      "b: removed, to a, medium moved-between-apps",
      "b: added, from a",
    ]);
  });

  it("tells what differs from what the old app had, with its risks", async () => {
    const smaller = CLAIM.replace("10Gi", "5Gi");
    assert.deepEqual(await tell(["a", CLAIM, "absent"], ["b", "absent", smaller]), [
      "a: removed, to b, medium moved-between-apps",
      "b: added, from a, high volume-shrink, spec.resources.requests.storage",
    ]);
  });

  it("warns of nothing where the old app's agent keeps the object", async () => {
    assert.deepEqual(await tell(["a", KEPT, "absent"], ["b", "absent", KEPT]), [
      "a: removed, to b",
      "b: added, from a",
    ]);
  });

  const deletes: readonly (readonly [title: string, apps: readonly AppInput[]])[] = [
    [
      "the new app is in another environment",
      [
        ["a", CLAIM, "", "prod"],
        ["b", "", CLAIM, "staging"],
      ],
    ],
    [
      "the new app names no environment",
      [
        ["a", CLAIM, "", "prod"],
        ["b", "", CLAIM],
      ],
    ],
    [
      "two apps come into question",
      [
        ["a", CLAIM, ""],
        ["b", "", CLAIM],
        ["c", "", CLAIM],
      ],
    ],
    [
      "the new app did not render before",
      [
        ["a", CLAIM, ""],
        ["b", "failed", CLAIM],
      ],
    ],
    [
      "the new app does not render",
      [
        ["a", CLAIM, ""],
        ["b", "", "failed"],
      ],
    ],
    [
      "the new app has it twice",
      [
        ["a", CLAIM, ""],
        ["b", "", `${CLAIM}\n---${CLAIM}`],
      ],
    ],
    [
      "another namespace",
      [
        ["a", CLAIM, ""],
        ["b", "", CLAIM.replace("namespace: shop", "namespace: web")],
      ],
    ],
  ];
  for (const [title, apps] of deletes) {
    it(`stays a delete where ${title}`, async () => {
      assert.equal((await tell(...apps))[0], "a: removed, high prune-data");
    });
  }

  it("groups what moves alike, and keeps apart what moves elsewhere", async () => {
    const views = [];
    const apps: AppInput[] = [
      ["a", `${CLAIM}\n---${CLAIM.replace("uploads", "cache")}`, ""],
      ["b", "", CLAIM],
    ];
    apps.push(["c", "", CLAIM.replace("uploads", "cache")]);
    for (const [id, base, head] of apps) {
      const sides = [describeSide(id, base, undefined), describeSide(id, head, undefined)] as const;
      const compared = await compareApp(...sides, usualListKeys, () => Promise.resolve([]), new Set());
      views.push({ id, record: { app: { environment: undefined } }, compared });
    }
    const [first] = linkMoves(views, usualListKeys);
    const likenesses = new Set(first?.compared.changes.map(({ likeness }) => likeness));
    assert.equal(likenesses.size, 2);
  });
});
