import { openDatabase } from "../../../src/database/index.ts";
import { delivery, judge } from "./build-events.ts";

// A process to be killed: receives deliveries without end and says which are acknowledged.
const [directory = "", databaseUrl] = process.argv.slice(2);
const database = await openDatabase({
  directory,
  checks: 1,
  onFault: () => undefined,
  ...(databaseUrl !== undefined && { databaseUrl }),
});
process.stdout.write("open\n");
const repository = { installationId: 1, repositoryId: 2, owner: "acme", name: "deploy" };
for (let round = 0; ; round++) {
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const number = round * 20 + index + 1;
      await database.intake.receive(delivery([judge(repository, number)], `delivery ${number}`));
      process.stdout.write(`${number}\n`);
    }),
  );
}
