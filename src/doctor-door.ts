import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { DoctorRequest } from "./cli/doors.ts";
import { resolveGitHubAddresses } from "./config/github-addresses.ts";
import { readServerConfig } from "./config/read-server-config.ts";
import type { ServerConfig } from "./config/server.ts";
import {
  askOverview,
  askStory,
  callWebhook,
  gatherFacts,
  parsePullUrl,
  writeExamination,
  type Examination,
} from "./doctor/index.ts";
import { createFetch } from "./github/index.ts";
import { UsageError } from "./model/index.ts";
import { openGitHub } from "./serve.ts";
import { wayToApi } from "./ways-to-github.ts";

/** `drydock doctor`. Rejects with a UsageError when there is no configuration to go by, or the request makes no sense. */
export async function examineInstallation(
  environment: Readonly<Record<string, string | undefined>>,
  request: DoctorRequest & { readonly width: number },
): Promise<Examination> {
  const reading = readServerConfig(environment, readText);
  if (reading.kind === "invalid") throw new UsageError(reading.message);
  if (reading.kind === "no-app") {
    throw new UsageError("no GitHub App is configured here; run doctor with the environment that the server has");
  }
  const { config } = reading;
  const addresses = resolveGitHubAddresses(config);
  const name = request.pr === undefined ? undefined : parsePullUrl(request.pr, addresses.web);
  const way = { host: config.METRICS_HOST, port: config.METRICS_PORT, secret: config.WEBHOOK_SECRET, now: Date.now };
  const send = createFetch(wayToApi(config));
  const facts = await gatherFacts({
    github: openGitHub(config),
    askServer: () => askOverview(way),
    readGitVersion,
    callWebhook: (url) => callWebhook(url, send),
    configured: describeConfig(config, addresses.api),
    only: name === undefined ? request.repository : `${name.owner}/${name.name}`,
    now: Date.now,
  });
  const pull = name === undefined ? undefined : { name, answer: await askStory(way, name) };
  return writeExamination(facts, pull, request);
}

function describeConfig(config: ServerConfig, githubApi: string): Parameters<typeof gatherFacts>[0]["configured"] {
  return {
    appId: config.APP_ID,
    githubApi,
    publicUrl: config.PUBLIC_URL,
    webhookPath: config.WEBHOOK_PATH,
    hasSignIn: config.CLIENT_ID !== undefined && config.CLIENT_SECRET !== undefined,
    arePagesPublic: config.DRYDOCK_PUBLIC_PAGES,
  };
}

async function readGitVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["version"], { timeout: 10_000 });
  return stdout.trim();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
