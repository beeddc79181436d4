import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { DoctorRequest } from "./cli/doors.ts";
import { resolveGitHubAddresses } from "./config/github-addresses.ts";
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
import { openGitHub } from "./serve.ts";
import { readOwnConfig, wayToServer } from "./server-way.ts";
import { wayToApi } from "./ways-to-github.ts";

/** `drydock doctor`. Rejects with a UsageError when there is no configuration to go by, or the request makes no sense. */
export async function examineInstallation(
  environment: Readonly<Record<string, string | undefined>>,
  request: DoctorRequest & { readonly width: number },
): Promise<Examination> {
  const config = readOwnConfig(environment, "doctor");
  const addresses = resolveGitHubAddresses(config);
  const name = request.pr === undefined ? undefined : parsePullUrl(request.pr, addresses.web);
  const way = wayToServer(config);
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
