import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Node strips types and compiles on every start; the cache makes the next start take a third of the time.
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "drydock-compile"));

const { runCli } = await import("./cli/program.ts");
const { createDoors } = await import("./doors.ts");

// Whoever reads the output may stop early (`| head`): what was asked for is done all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
// Without a handler a signal ends the process with no "exit" event, which removes the scratch directories.
const SIGNALS = [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const;
// A server ends what it has begun, at the first signal; at the second it is over.
let stopServer: (() => void) | undefined;
for (const [signal, number] of SIGNALS) {
  process.on(signal, () => {
    if (stopServer === undefined) process.exit(128 + number);
    stopServer();
    stopServer = undefined;
  });
}

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isProgressWanted: process.stderr.isTTY && process.env["CI"] === undefined,
    isInteractive: process.stdout.isTTY,
    isColorWanted: isColorWanted(),
    width: process.stdout.isTTY ? Math.max(40, process.stdout.columns) : 80,
  },
  createDoors({
    root: join(import.meta.dirname, ".."),
    cacheDirectory: cacheDirectory(),
    path: process.env["PATH"] ?? "",
    server: {
      environment: process.env,
      untilStopped: () => new Promise((resolve) => (stopServer = resolve)),
    },
    proxies: { https: readProxy("https_proxy"), http: readProxy("http_proxy"), none: readProxy("no_proxy") },
  }),
);

/** NO_COLOR and FORCE_COLOR as no-color.org and Node have them. */
function isColorWanted(): boolean {
  if ((process.env["NO_COLOR"] ?? "") !== "") return false;
  return process.stdout.isTTY || (process.env["FORCE_COLOR"] ?? "0") !== "0";
}

/** `DRYDOCK_CACHE`, else the user's cache directory. Undefined where the environment names none. */
function cacheDirectory(): string | undefined {
  const own = process.env["DRYDOCK_CACHE"];
  if (own !== undefined && own !== "") return own;
  const home = process.env["HOME"];
  const base = process.env["XDG_CACHE_HOME"] ?? (home === undefined ? undefined : join(home, ".cache"));
  return base === undefined ? undefined : join(base, "drydock");
}

/** The small spelling goes before the large one, as in curl. */
function readProxy(name: "https_proxy" | "http_proxy" | "no_proxy"): string | undefined {
  return process.env[name] ?? process.env[name.toUpperCase()];
}
