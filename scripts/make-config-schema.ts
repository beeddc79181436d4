// Writes the JSON Schema that editors check .github/drydock.yaml with. With --check it only compares, and fails when
// the committed one is not what the zod schema says.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { repositorySchema } from "../src/config/index.ts";

const target = fileURLToPath(new URL("../schemas/drydock.schema.json", import.meta.url));

const schema = {
  ...z.toJSONSchema(repositorySchema, { io: "input", target: "draft-7" }),
  $comment: "Made by scripts/make-config-schema.ts from src/config/repository-schema.ts; do not edit.",
  title: "Drydock repository configuration (.github/drydock.yaml)",
};
const text = `${JSON.stringify(schema, undefined, 2)}\n`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("schemas/drydock.schema.json is out of date; run: sh scripts/node.sh scripts/make-config-schema.ts");
  process.exitCode = 1;
}
