/**
 * Takes the descriptions of the webhooks in use out of GitHub's own OpenAPI document and writes them, without prose, to
 * schemas/github/webhooks.json:
 *
 *     node scripts/extract-github-webhooks.ts DIRECTORY_OF_@octokit/openapi-webhooks [OUTPUT]
 *
 * The package is not a dependency of the project; scripts/compare-github-contract.sh fetches the pinned version,
 * makes the file again and compares.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Event → the actions in use; an empty list for an event that has none. */
const IN_USE: Readonly<Record<string, readonly string[]>> = {
  check_run: ["created", "completed", "rerequested", "requested_action"],
  check_suite: ["requested", "rerequested", "completed"],
  installation: ["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"],
  installation_repositories: ["added", "removed"],
  issue_comment: ["created", "edited", "deleted"],
  label: ["created", "edited", "deleted"],
  member: ["added", "edited", "removed"],
  membership: ["added", "removed"],
  merge_group: ["checks_requested", "destroyed"],
  organization: ["member_added", "member_removed"],
  ping: [],
  pull_request: [
    "opened",
    "synchronize",
    "reopened",
    "edited",
    "ready_for_review",
    "converted_to_draft",
    "labeled",
    "unlabeled",
    "locked",
    "unlocked",
    "closed",
    "enqueued",
    "dequeued",
  ],
  pull_request_review: ["submitted", "edited", "dismissed"],
  pull_request_review_comment: ["created", "edited", "deleted"],
  pull_request_review_thread: ["resolved", "unresolved"],
  push: [],
  repository: [
    "created",
    "edited",
    "renamed",
    "transferred",
    "archived",
    "unarchived",
    "privatized",
    "publicized",
    "deleted",
  ],
  status: [],
  team: ["added_to_repository", "deleted", "edited", "removed_from_repository"],
};

/** What describes and does not constrain. */
const PROSE: ReadonlySet<string> = new Set([
  "description",
  "title",
  "example",
  "examples",
  "default",
  "deprecated",
  "externalDocs",
  "readOnly",
]);

interface Document {
  readonly info: { readonly version: string };
  readonly webhooks: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const REFERENCE = "#/components/schemas/";

/** The schema of an event's payload: `pull_request` and `opened` → its name among the components. */
function findSchema(document: Document, event: string, action: string | undefined): string {
  const name = [event, ...(action === undefined ? [] : [action])].join("-").replaceAll("_", "-");
  const text = JSON.stringify(document.webhooks[name] ?? {});
  const [, schema] = /"requestBody":.*?"schema":\{"\$ref":"#\/components\/schemas\/([^"]+)"\}/u.exec(text) ?? [];
  if (schema === undefined) throw new Error(`GitHub describes no webhook ${name}.`);
  return schema;
}

/** The schema without prose; every schema that it names is told to `found`. */
function strip(value: unknown, found: (name: string) => void, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, found));
  if (typeof value !== "object" || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (!isNames && (PROSE.has(key) || key.startsWith("x-"))) continue;
    if (!isNames && key === "$ref" && typeof inner === "string") {
      const name = inner.slice(REFERENCE.length);
      found(name);
      kept.push([key, `#/$defs/${name}`]);
    } else {
      kept.push([key, key === "enum" ? inner : strip(inner, found, !isNames && key === "properties")]);
    }
  }
  return Object.fromEntries(kept);
}

function extract(document: Document): { events: Map<string, string>; schemas: Map<string, unknown> } {
  const events = new Map<string, string>();
  for (const [event, actions] of Object.entries(IN_USE)) {
    if (actions.length === 0) events.set(event, findSchema(document, event, undefined));
    for (const action of actions) events.set(`${event}.${action}`, findSchema(document, event, action));
  }
  const schemas = new Map<string, unknown>();
  const visit = (name: string): void => {
    if (schemas.has(name)) return;
    schemas.set(name, undefined);
    schemas.set(name, strip(document.components.schemas[name], visit));
  };
  for (const name of events.values()) visit(name);
  return { events, schemas };
}

/** One line a schema, in the order of names, so that a new version of the package shows as lines. */
function print(version: string, events: ReadonlyMap<string, string>, schemas: ReadonlyMap<string, unknown>): string {
  const lines = (entries: Iterable<readonly [string, unknown]>): string =>
    [...entries]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return [
    "{",
    `  "$comment": "From @octokit/openapi-webhooks ${version} (MIT). Made by scripts/extract-github-webhooks.ts.",`,
    `  "events": {\n${lines(events)}\n  },`,
    `  "$defs": {\n${lines(schemas)}\n  }`,
    "}\n",
  ].join("\n");
}

const [directory, output = join(import.meta.dirname, "../schemas/github/webhooks.json")] = process.argv.slice(2);
if (directory === undefined) throw new Error("Say where @octokit/openapi-webhooks is.");
const document = JSON.parse(readFileSync(join(directory, "generated/api.github.com.json"), "utf8")) as Document;
const { events, schemas } = extract(document);
writeFileSync(output, print(document.info.version, events, schemas));
