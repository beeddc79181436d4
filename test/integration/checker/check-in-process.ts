// A process of its own that checks what its first argument says, and prints the reports as JSON.
import { createChecker } from "../../../src/checker.ts";
import type { CheckOfPullRequest } from "../../../src/jobs/ports.ts";
import { renderReport } from "../../../src/report/index.ts";

interface Assignment {
  readonly root: string;
  readonly dataDirectory: string;
  readonly git: string;
  readonly token: string;
  readonly requests: readonly CheckOfPullRequest[];
}

const assignment = JSON.parse(process.argv[2] ?? "") as Assignment;
const { root, dataDirectory, git, token, requests } = assignment;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const checker = createChecker({
  ...{ root, dataDirectory, git, log, allowedHosts: [], diskBytes: 2 ** 30, jobs: 1 },
  ...{ fetchToken: () => Promise.resolve(token), now: Date.now, observe: () => undefined },
});
const reports = await Promise.all(
  requests.map(async (request) => {
    const { report } = await checker.check(request);
    return renderReport(report, "json", { text: { width: 80, color: false, showKnown: false } });
  }),
);
await checker.close();
process.stdout.write(JSON.stringify(reports));
