import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { CallNote } from "../jobs/ports.ts";

/** The queue as it is at one moment. */
export interface QueueFacts {
  readonly waiting: number;
  readonly active: number;
  /** Seconds since the oldest head that waits for its verdict came; undefined when none waits. */
  readonly oldestWaitingHead: number | undefined;
}

export type JobOutcome = "done" | "retried" | "given-up";
export type DeliveryOutcome = "stored" | "refused" | "not-stored" | "failed";

/** What is counted. Labels are words of our own or GitHub's, never names from a repository: each one is kept for ever. */
export interface Metrics {
  job(kind: string, outcome: JobOutcome, seconds: number): void;
  step(name: string, seconds: number): void;
  apps(rendered: number, reused: number): void;
  call(call: CallNote): void;
  /** `event` is undefined for a delivery that is not known to be GitHub's. */
  delivery(event: string | undefined, outcome: DeliveryOutcome, seconds: number): void;
}

/** Seconds. A check in progress is wanted within 0.5 s, a small one done within 3 s. */
const STEP_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300];
/** Seconds. GitHub waits ten of them. */
const WEBHOOK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10];

/** Registers every metric of the server in `registry`. `readQueue` is asked at each scrape. */
export function createMetrics(registry: Registry, readQueue?: () => Promise<QueueFacts>): Metrics {
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  if (readQueue !== undefined) measureQueue(registry, readQueue);
  const jobs = counter(registers, "drydock_jobs_total", "Jobs that ended.", ["kind", "outcome"]);
  const jobSeconds = new Histogram({
    name: "drydock_job_seconds",
    help: "How long jobs took.",
    labelNames: ["kind"],
    buckets: STEP_BUCKETS,
    registers,
  });
  const stepSeconds = new Histogram({
    name: "drydock_step_seconds",
    help: "How long the steps of checks took.",
    labelNames: ["step"],
    buckets: STEP_BUCKETS,
    registers,
  });
  const apps = counter(registers, "drydock_apps_total", "Apps that checks looked at, by work.", ["work"]);
  return {
    job: (kind, outcome, seconds) => {
      jobs.inc({ kind, outcome });
      jobSeconds.observe({ kind }, seconds);
    },
    step: (step, seconds) => stepSeconds.observe({ step }, seconds),
    apps: (rendered, reused) => {
      apps.inc({ work: "rendered" }, rendered);
      apps.inc({ work: "reused" }, reused);
    },
    call: measureCalls(registers),
    delivery: measureDeliveries(registers),
  };
}

function counter<T extends string>(registers: Registry[], name: string, help: string, labelNames: T[]): Counter<T> {
  return new Counter({ name, help, labelNames, registers });
}

function measureCalls(registers: Registry[]): Metrics["call"] {
  const labels = ["method", "route", "status"];
  const calls = counter(registers, "drydock_github_calls_total", "Requests to GitHub's API.", labels);
  const seconds = new Histogram({
    name: "drydock_github_call_seconds",
    help: "How long GitHub's API took to answer.",
    labelNames: ["method", "route"],
    buckets: STEP_BUCKETS,
    registers,
  });
  const remaining = new Gauge({
    name: "drydock_github_limit_remaining",
    help: "Requests left in GitHub's current window, by the last answer.",
    labelNames: ["resource"],
    registers,
  });
  const limit = new Gauge({
    name: "drydock_github_limit",
    help: "Requests that GitHub allows in one window, by the last answer.",
    labelNames: ["resource"],
    registers,
  });
  return (call) => {
    const { method, route, resource = "unknown" } = call;
    calls.inc({ method, route, status: call.status === 0 ? "none" : String(call.status) });
    seconds.observe({ method, route }, call.seconds);
    if (call.remaining !== undefined) remaining.set({ resource }, call.remaining);
    if (call.limit !== undefined) limit.set({ resource }, call.limit);
  };
}

function measureDeliveries(registers: Registry[]): Metrics["delivery"] {
  const deliveries = counter(registers, "drydock_deliveries_total", "Webhook deliveries.", ["event", "outcome"]);
  const seconds = new Histogram({
    name: "drydock_webhook_seconds",
    help: "From the head of a delivery's request to its answer.",
    labelNames: ["outcome"],
    buckets: WEBHOOK_BUCKETS,
    registers,
  });
  return (event = "unverified", outcome, taken) => {
    deliveries.inc({ event, outcome });
    seconds.observe({ outcome }, taken);
  };
}

/** A database that is away shows as a gap, and the other metrics are still told. */
function measureQueue(registry: Registry, readQueue: () => Promise<QueueFacts>): void {
  let asked: Promise<QueueFacts | undefined> | undefined;
  // Both gauges are collected at the same time and share one look.
  const look = (): Promise<QueueFacts | undefined> =>
    (asked ??= readQueue()
      .catch(() => undefined)
      .finally(() => (asked = undefined)));
  const age = new Gauge({
    name: "drydock_oldest_waiting_head_seconds",
    help: "Age of the oldest head that waits for its verdict; 0 when none waits.",
    registers: [registry],
    collect: async () => {
      const facts = await look();
      age.set(facts === undefined ? Number.NaN : (facts.oldestWaitingHead ?? 0));
    },
  });
  const tasks = new Gauge({
    name: "drydock_queue_tasks",
    help: "Tasks in the queue.",
    labelNames: ["state"],
    registers: [registry],
    collect: async () => {
      const facts = await look();
      tasks.reset();
      if (facts === undefined) return;
      tasks.set({ state: "waiting" }, facts.waiting);
      tasks.set({ state: "active" }, facts.active);
    },
  });
}
