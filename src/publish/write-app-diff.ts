import { z } from "zod";
import { nearestName } from "../config/index.ts";
import { fitFolds, type FoldItem } from "../report/markdown/fold.ts";
import { code, fenced, htmlCode, prose } from "../report/markdown/inline.ts";
import { count } from "../report/phrase.ts";
import { shorten } from "../report/visible-text.ts";

/** Code points of an answer: a comment takes 65,536, and what is quoted before it takes some. */
const ANSWER_LIMIT = 60_000;
const DIFF_LINES = 400;
const LINE_LIMIT = 300;
const FIELDS_NAMED = 20;
const APPS_NAMED = 50;

/** What is read of a report that was stored as JSON, maybe by an earlier version; see `schemas/report.schema.json`. */
const storedReport = z.object({
  apps: z.array(
    z.object({
      id: z.string(),
      failure: z.unknown().nullish(),
      changes: z.array(
        z.object({
          action: z.enum(["added", "removed", "changed"]),
          kind: z.string(),
          namespace: z.string().nullish(),
          name: z.string(),
          fields: z.array(
            z.object({
              label: z.string(),
              before: z.unknown(),
              after: z.unknown(),
              sealed: z.boolean().optional(),
              noise: z.string().nullish(),
            }),
          ),
          risk: z.array(z.object({ level: z.string(), message: z.string() })),
          diff: z.string(),
        }),
      ),
    }),
  ),
});
type StoredApp = z.output<typeof storedReport>["apps"][number];
type StoredChange = StoredApp["changes"][number];

export type AppDiff =
  | { readonly kind: "written"; readonly text: string }
  /** `why` is a clause in Markdown. */
  | { readonly kind: "none"; readonly why: string };

/**
 * What a pull request changes in one app, in GitHub Markdown that fits one comment, out of the report as it was stored.
 * Without an id: the app that changes, or a list of those that do. An id counts without its kind where that names one.
 */
export function writeAppDiff(json: string, wanted: string | undefined): AppDiff {
  const parsed = storedReport.safeParse(JSON.parse(json));
  if (!parsed.success) return { kind: "none", why: "the report is of another version of Drydock" };
  const { apps } = parsed.data;
  const changed = apps.filter(({ changes, failure }) => changes.length > 0 || (failure ?? null) !== null);
  if (wanted === undefined) {
    const [only, ...others] = changed;
    if (only === undefined) return { kind: "none", why: "this pull request changes no app" };
    return { kind: "written", text: others.length === 0 ? writeApp(only) : listApps(changed) };
  }
  const found = findApp(apps, wanted);
  if (found !== undefined) return { kind: "written", text: writeApp(found) };
  const ids = changed.map(({ id }) => id);
  const nearest = nearestName(wanted, ids) ?? ids[0];
  const hint = nearest === undefined ? "" : `; one that changes is ${code(nearest)}`;
  return { kind: "none", why: `the report has no app of this id, or several${hint}` };
}

function findApp(apps: readonly StoredApp[], wanted: string): StoredApp | undefined {
  const exact = apps.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  const [named, ...others] = apps.filter(({ id }) => id.slice(id.indexOf(":") + 1) === wanted);
  return others.length === 0 ? named : undefined;
}

function listApps(apps: readonly StoredApp[]): string {
  const rows = apps.slice(0, APPS_NAMED).map(({ id, changes, failure }) => {
    return `- ${code(id)}: ${(failure ?? null) === null ? count(changes.length, "change") : "could not be checked"}`;
  });
  const more = apps.length > APPS_NAMED ? [`- and ${count(apps.length - APPS_NAMED, "more app")}`] : [];
  return [`This changes ${count(apps.length, "app")}; name one for its diff.`, "", ...rows, ...more].join("\n");
}

function writeApp({ id, changes, failure }: StoredApp): string {
  if ((failure ?? null) !== null) return `${code(id)} could not be checked; the check says why.`;
  if (changes.length === 0) return `Nothing changes in ${code(id)}.`;
  const items = changes.map(toItem);
  const fold = {
    summary: `${htmlCode(id)}: ${count(items.length, "change")}`,
    items,
    isList: false,
    noun: "change",
    apps: 1,
  };
  const { text, leftOut } = fitFolds([fold], ANSWER_LIMIT);
  const note = leftOut.details + leftOut.items > 0 ? ["Shortened to fit; the report has the rest."] : [];
  return [...note, text.trimEnd()].join("\n\n");
}

const VERBS: Readonly<Record<StoredChange["action"], string>> = {
  added: "Added",
  removed: "Removed",
  changed: "Changed",
};

function toItem(change: StoredChange): FoldItem {
  const { action, kind, namespace, name } = change;
  const line = `**${VERBS[action]}** ${code([kind, namespace, name].filter((part) => (part ?? "") !== "").join("/"))}`;
  const risks = change.risk.map(({ level, message }) => `- **Risk (${prose(level)})**: ${prose(message)}`).join("\n");
  const detail = change.diff === "" ? writeFields(change.fields) : writeDiff(change.diff);
  return { full: [line, risks, detail].filter((block) => block !== "").join("\n\n"), brief: line };
}

function writeDiff(diff: string): string {
  const lines = diff.replace(/\n$/u, "").split("\n");
  const shown = lines.slice(0, DIFF_LINES).map((line) => shorten(line, LINE_LIMIT));
  const rest = lines.length - shown.length;
  return fenced("diff", shown) + (rest > 0 ? `\n\nAnd ${count(rest, "more line")} of this diff.` : "");
}

function writeFields(fields: StoredChange["fields"]): string {
  const told = fields.filter(({ noise }) => (noise ?? null) === null);
  const rows = told.slice(0, FIELDS_NAMED).map(({ label, before, after, sealed }) => {
    if (sealed === true) return `- ${code(label)}: secret value changed`;
    const print = (value: unknown): string => (value === undefined ? "nothing" : code(JSON.stringify(value)));
    return `- ${code(label)}: ${print(before)} → ${print(after)}`;
  });
  const more = told.length > FIELDS_NAMED ? [`- and ${count(told.length - FIELDS_NAMED, "more field")}`] : [];
  return [...rows, ...more].join("\n");
}
