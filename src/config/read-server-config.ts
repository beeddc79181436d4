import { createPrivateKey } from "node:crypto";
import { join } from "node:path";
import type { z } from "zod";
import { serverSchema, type ServerReading } from "./server.ts";

/** The file in `DRYDOCK_DATA` that holds the App which the first-run page made. */
export const APP_FILE = "app.json";

/** What an App is known by. When the environment says none of it, the file that the first-run page wrote does. */
const APP_VARIABLES = ["APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET", "CLIENT_ID", "CLIENT_SECRET"];
/** What that file may say; the address is the one that the App was made for. */
const FILE_VARIABLES: ReadonlySet<string> = new Set([...APP_VARIABLES, "PUBLIC_URL"]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The server's configuration from the environment, where the empty string counts as not set, and from the files that
 * it names. `readFile` gives a file's text, or undefined when it cannot be read. Never throws.
 */
export function readServerConfig(env: Environment, readFile: (path: string) => string | undefined): ServerReading {
  const own = withoutEmpty(env);
  const hasApp = APP_VARIABLES.some((name) => own[name] !== undefined);
  const file = hasApp
    ? {}
    : readAppFile(own["DRYDOCK_DATA"] ?? serverSchema.shape.DRYDOCK_DATA.parse(undefined), readFile);
  if (file === undefined) return invalid([`${APP_FILE} in DRYDOCK_DATA is not the file that Drydock wrote`]);
  const values = { ...file, ...own };
  const key = readKey(values, readFile);
  const isApp = hasApp || Object.keys(file).length > 0;
  const parsed = serverSchema.safeParse(values);
  const wrong = parsed.success ? [] : describeIssues(parsed.error.issues);
  const problems = [...(isApp ? findMissing(values, key) : []), ...wrong];
  if (!parsed.success || problems.length > 0) return invalid(problems);
  if (!isApp) return { kind: "no-app", settings: parsed.data };
  const { APP_ID, WEBHOOK_SECRET } = parsed.data;
  if (APP_ID === undefined || WEBHOOK_SECRET === undefined || key.kind !== "read") return invalid(problems);
  return { kind: "loaded", config: { ...parsed.data, APP_ID, WEBHOOK_SECRET, PRIVATE_KEY: key.pem } };
}

function withoutEmpty(env: Environment): Record<string, string> {
  const names = Object.keys(serverSchema.shape);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      return value === undefined || value.trim() === "" ? [] : [[name, value]];
    }),
  );
}

function readAppFile(
  directory: string,
  readFile: (path: string) => string | undefined,
): Record<string, string> | undefined {
  const text = readFile(join(directory, APP_FILE));
  if (text === undefined) return {};
  try {
    const values: unknown = JSON.parse(text);
    const entries = Object.entries(values as object);
    const isOurs = entries.every(([name, value]) => FILE_VARIABLES.has(name) && typeof value === "string");
    return isOurs && entries.length > 0 ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined;
  }
}

/** What an App cannot do without, and pairs of which one half is set. */
function findMissing(values: Readonly<Record<string, string>>, key: KeyReading): readonly string[] {
  const { APP_ID, WEBHOOK_SECRET, CLIENT_ID, CLIENT_SECRET } = values;
  return [
    ...(APP_ID === undefined ? ["APP_ID is missing"] : []),
    ...(key.kind === "problem" ? [key.problem] : []),
    ...(WEBHOOK_SECRET === undefined ? ["WEBHOOK_SECRET is missing"] : []),
    ...(CLIENT_ID !== undefined && CLIENT_SECRET === undefined ? ["CLIENT_SECRET is missing beside CLIENT_ID"] : []),
    ...(CLIENT_ID === undefined && CLIENT_SECRET !== undefined ? ["CLIENT_ID is missing beside CLIENT_SECRET"] : []),
  ];
}

type KeyReading =
  { readonly kind: "read"; readonly pem: string } | { readonly kind: "problem"; readonly problem: string };

function readKey(values: Readonly<Record<string, string>>, readFile: (path: string) => string | undefined): KeyReading {
  const { PRIVATE_KEY: text, PRIVATE_KEY_PATH: path } = values;
  if (text !== undefined) return parseKey(text, "PRIVATE_KEY");
  if (path === undefined) return { kind: "problem", problem: "PRIVATE_KEY or PRIVATE_KEY_PATH is missing" };
  const content = readFile(path);
  if (content === undefined) return { kind: "problem", problem: "the file of PRIVATE_KEY_PATH cannot be read" };
  return parseKey(content, "the file of PRIVATE_KEY_PATH");
}

/** PEM, PEM in one line with `\n` for its line ends, or base64 of PEM: what fits into a variable differs by tool. */
function parseKey(text: string, place: string): KeyReading {
  const isPem = text.includes("-----BEGIN");
  const pem = `${(isPem ? text : Buffer.from(text, "base64").toString("utf8")).replaceAll("\\n", "\n").trim()}\n`;
  try {
    createPrivateKey(pem);
    return { kind: "read", pem };
  } catch {
    return { kind: "problem", problem: `${place} holds no private key in PEM` };
  }
}

function invalid(problems: readonly string[]): ServerReading {
  const list =
    problems.length < 2 ? problems.join("") : `${problems.slice(0, -1).join(", ")} and ${problems.at(-1) ?? ""}`;
  return { kind: "invalid", message: `Drydock cannot start: ${list}.` };
}

type Issue = z.core.$ZodIssue;

/** One phrase for each variable. Its value stands in none, because it may be a secret. */
function describeIssues(issues: readonly Issue[]): readonly string[] {
  const phrases = issues.map((issue) => `${issue.path.map(String).join(".")} must be ${describeExpected(issue)}`);
  return [...new Set(phrases)];
}

function describeExpected(issue: Issue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "string" ? `${issue.minimum} characters or more` : describeLeast(issue);
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    case "invalid_format":
      return issue.format === "url" ? "an http or https address" : `of the form ${issue.pattern ?? issue.format}`;
    case "invalid_type":
      return issue.expected === "number" || issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
    case "custom":
      return issue.message;
    default:
      return "a value that it takes";
  }
}

function describeLeast(issue: Extract<Issue, { code: "too_small" }>): string {
  return issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${issue.minimum}`;
}
