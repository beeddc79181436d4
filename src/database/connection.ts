import { Fault } from "../model/index.ts";

/** One statement with `$1` placeholders, or several without any; gives the rows of all of them. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A statement inside a transaction. What is to be done once it is committed is collected on the way. */
export interface Transaction extends Sql {
  afterCommit(run: () => void): void;
}

/** The two databases behind one interface: everything above it is one code path. */
export interface Backend {
  readonly kind: "pglite" | "postgres";
  /** Lends one connection; nobody else uses it meanwhile. A borrower must not ask for a second one. */
  lease<Result>(use: (connection: Sql) => Promise<Result>): Promise<Result>;
  /** Runs alone among all processes on this database. */
  exclusively(run: () => Promise<void>): Promise<void>;
  /** Makes sure that what was committed outlives a power cut, where the database does not see to it by itself. */
  flush(): Promise<void>;
  /** Calls back when any process has committed new tasks, or may have. Resolves once it listens. */
  listen(onTasks: () => void): Promise<void>;
  /** Work that the database cannot be left to do by itself. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

/** Serialization failure and deadlock: the same transaction succeeds when it is tried again. */
const TRY_AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);
const TRIES = 5;

export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Data exceptions and broken constraints: the content is at fault, not the moment. */
export function isContentError(error: unknown): boolean {
  return /^2[23]...$/u.test(sqlState(error) ?? "");
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = isContentError(error)
    ? "the database refuses this content"
    : "the database did not answer as it should";
  return new Fault(message, { cause: error, isRetryable: !isContentError(error) });
}

/** Drivers put parameters, rows and connections on their errors; what may be logged is the message and its code. */
export function withoutContent(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("the database driver threw no error");
  const plain = new Error(error.message);
  if (error.stack !== undefined) plain.stack = error.stack;
  return Object.assign(plain, { code: sqlState(error) });
}

/** All or nothing. Rejects with a Fault, retryable unless the content itself is refused. */
export async function transact<Result>(
  backend: Backend,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await transactOnce(backend, work);
    } catch (error) {
      if (tries >= TRIES || !TRY_AGAIN.has(sqlState(error) ?? "")) throw asFault(error);
    }
  }
}

async function transactOnce<Result>(
  backend: Backend,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const later: (() => void)[] = [];
  const result = await backend.lease(async (connection) => {
    await connection.query("begin");
    try {
      const done = await work({
        query: (text, values) => connection.query(text, values),
        afterCommit: (run) => void later.push(run),
      });
      await connection.query("commit");
      return done;
    } catch (error) {
      await connection.query("rollback").catch(() => undefined);
      throw error;
    }
  });
  for (const run of later) run();
  return result;
}

/** One statement on its own. Rejects as `transact` does. */
export async function read<Row>(backend: Backend, text: string, values?: readonly unknown[]): Promise<Row[]> {
  try {
    return await backend.lease((connection) => connection.query<Row>(text, values));
  } catch (error) {
    throw asFault(error);
  }
}
