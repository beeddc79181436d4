import { Fault } from "../model/index.ts";
import type { Actor, CheckState } from "../model/index.ts";
import type { JudgementSummary, KeptJudgement, PageRecords } from "../web/ports.ts";
import { expandText } from "./compress-report.ts";
import { read } from "./connection.ts";
import type { Backend } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { expectedVersion, readVersion } from "./migrate.ts";

const SUMMARY_COLUMNS = "id, head_sha, base_sha, base_ref, state, title, judged_at";
const MOST_SUMMARIES = 200;

interface SummaryRow {
  readonly id: number;
  readonly head_sha: string;
  readonly base_sha: string;
  readonly base_ref: string;
  readonly state: CheckState;
  readonly title: string;
  readonly judged_at: Date;
}

interface KeptRow extends SummaryRow {
  readonly body: Uint8Array | null;
  readonly json: Uint8Array | null;
}

function toSummary(row: SummaryRow): JudgementSummary {
  return {
    id: String(row.id),
    headSha: row.head_sha,
    baseSha: row.base_sha,
    baseRef: row.base_ref,
    state: row.state,
    title: row.title,
    judgedAt: row.judged_at.toISOString(),
  };
}

async function toKept(row: KeptRow | undefined): Promise<KeptJudgement | undefined> {
  if (row === undefined) return undefined;
  return { ...toSummary(row), body: await expandText(row.body), json: await expandText(row.json) };
}

export function createPageRecords(backend: Backend): PageRecords {
  return {
    findRepository: async (owner, name) => {
      // A name can be left by one repository and taken by another: the newest note of it counts.
      const [row] = await read<RepositoryRow>(
        backend,
        `select ${REPOSITORY_COLUMNS} from drydock.repositories r
         left join drydock.installations i on i.id = r.installation_id
         where lower(r.owner) = lower($1) and lower(r.name) = lower($2)
           and coalesce(r.access_lost, '') not in ('uninstalled', 'not-found')
           and not coalesce(i.is_suspended or i.is_gone, false)
         order by r.noted_at desc, r.id desc limit 1`,
        [encodeText(owner), encodeText(name)],
      );
      return row === undefined ? undefined : toRepositoryFacts(row);
    },
    listJudgements: async ({ repositoryId, number }) => {
      const rows = await read<SummaryRow>(
        backend,
        `select ${SUMMARY_COLUMNS} from drydock.judgements
         where repository_id = $1 and number = $2 order by id desc limit ${MOST_SUMMARIES}`,
        [repositoryId, number],
      );
      return rows.map(toSummary);
    },
    readJudgement: async ({ repositoryId, number }, id) => {
      if (id !== undefined && !/^[1-9][0-9]{0,14}$/u.test(id)) return undefined;
      const [row] = await read<KeptRow>(
        backend,
        `select ${SUMMARY_COLUMNS}, body, json from drydock.judgements
         where repository_id = $1 and number = $2 and ($3::bigint is null or id = $3) order by id desc limit 1`,
        [repositoryId, number, id ?? null],
      );
      return toKept(row);
    },
    readGroupJudgement: async (repositoryId, headSha) => {
      const [row] = await read<KeptRow>(
        backend,
        `select ${SUMMARY_COLUMNS}, body, json from drydock.judgements
         where repository_id = $1 and number is null and head_sha = $2 order by id desc limit 1`,
        [repositoryId, encodeText(headSha)],
      );
      return toKept(row);
    },
    ...createSessionRecords(backend),
    ping: async () => {
      const version = await backend.lease(readVersion).catch((cause: unknown) => {
        throw new Fault("the database does not answer", { cause, isRetryable: true });
      });
      if (version !== expectedVersion()) throw new Fault(`the database has schema ${version}`);
    },
  };
}

function createSessionRecords(backend: Backend): Pick<PageRecords, "keepSession" | "readSession" | "dropSession"> {
  return {
    keepSession: async (digest, { actor, expiresAt }) => {
      await read(
        backend,
        `insert into drydock.sessions (digest, actor, expires_at) values ($1, $2::jsonb, to_timestamp($3::float8 / 1000))
         on conflict (digest) do update set actor = excluded.actor, expires_at = excluded.expires_at`,
        [digest, encodeJson(actor), expiresAt],
      );
    },
    readSession: async (digest) => {
      const [row] = await read<{ actor: Actor; expires_at: Date }>(
        backend,
        "select actor, expires_at from drydock.sessions where digest = $1 and expires_at > now()",
        [encodeText(digest)],
      );
      return row === undefined ? undefined : { actor: row.actor, expiresAt: row.expires_at.getTime() };
    },
    dropSession: async (digest) => {
      await read(backend, "delete from drydock.sessions where digest = $1", [encodeText(digest)]);
    },
  };
}
