import { openDatabase } from "../../../src/database/index.ts";

// A process to be killed: takes a task and never ends it.
const [databaseUrl = "", installationId = ""] = process.argv.slice(2);
const database = await openDatabase({ databaseUrl, directory: "unused", checks: 1, onFault: () => undefined });
await database.queue.add([{ kind: "publish", installationId: Number(installationId) }]);
await database.queue.work(
  (task) => {
    if (task.kind !== "publish" || task.installationId !== Number(installationId)) return Promise.resolve();
    process.stdout.write("taken\n");
    return new Promise<void>(() => undefined);
  },
  () => Promise.resolve(),
);
