import assert from "node:assert/strict";
import { it } from "node:test";
import { itemOf } from "../../fakes/fake-publishing.ts";
import { newId } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

onBothBackends(
  "a pace of three writes a second",
  (world) => {
    it("grants those of ten seconds at once, and then one in a third of a second", async () => {
      const { records } = world.database();
      const reaction = itemOf({ kind: "reaction", commentId: 5, content: "eyes" });
      const item = { ...reaction, id: "0", repository: { ...reaction.repository, installationId: newId() } };
      const take = () => records.takeWrite(item, false, true);
      const grants = await Promise.all(Array.from({ length: 30 }, take));
      assert.ok(grants.every(({ kind }) => kind === "granted"));
      const waits: number[] = [];
      for (let more = 0; more < 3; more++) {
        const grant = await take();
        if (grant.kind === "wait") waits.push(grant.until - Date.now());
      }
      assert.ok(waits.length > 0 && waits.every((wait) => wait <= 334), waits.join(" "));
      assert.ok(
        waits.some((wait) => wait > -1000),
        waits.join(" "),
      );
    });
  },
  { writesASecond: 3 },
);
