import { join } from "node:path";
import { read } from "../../src/database/connection.ts";
import { openPglite } from "../../src/database/pglite-backend.ts";
import { openPostgres } from "../../src/database/postgres-backend.ts";

/** The delivery ids that a server's database holds. On PGlite the server has to be stopped. */
export async function readDeliveryIds(directory: string, databaseUrl?: string): Promise<ReadonlySet<string>> {
  const backend =
    databaseUrl === undefined
      ? await openPglite(join(directory, "data", "database"))
      : await openPostgres(databaseUrl, () => undefined);
  try {
    const rows = await read<{ id: string }>(backend, "select id from drydock.deliveries");
    return new Set(rows.map(({ id }) => id));
  } finally {
    await backend.close();
  }
}
