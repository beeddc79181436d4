import { randomUUID } from "node:crypto";
import type { App, Installation, Ref } from "../world/entities.ts";
import { printTime, read, subscribe, type World } from "../world/store.ts";
import { announce } from "./announce.ts";
import type { Announcement } from "./announcement.ts";
import { packBody, unpackBody, type Attempt } from "./attempts.ts";
import { findAudience } from "./audience.ts";
import { describePing } from "./describe-ping.ts";
import { sendWebhook, signWebhook } from "./send-webhook.ts";
import { nodeId, type Json } from "./shapes/json.ts";
import { takeWebhookFault, waitForWebhook, type WaitingFault, type WebhookFault } from "./webhook-faults.ts";
import { createWebhookContract, type WebhookContract } from "./webhook-contract.ts";

const DAY = 86_400_000;
export interface WebhookOptions {
  /** Told how a payload differs from GitHub's description. */
  readonly report: (violation: string) => void;
  /** As GitHub Enterprise Server: 30 seconds, kept seven days, its own headers. */
  readonly enterpriseVersion?: string | undefined;
  /** Milliseconds that a receiver has; 10,000 on github.com. */
  readonly timeout?: number;
  /** Deliveries that are under way at once (default 32); with one they arrive in the order of what happened. */
  readonly concurrency?: number;
  /** False leaves payloads unchecked: for measuring. */
  readonly isChecked?: boolean;
}

interface Delivery {
  readonly app: App;
  readonly guid: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly installationId: number | undefined;
  readonly repositoryId: number | undefined;
  readonly body: Buffer;
  readonly isRedelivery: boolean;
  readonly throttledAt?: string;
}

interface WebhookState {
  isStopped: boolean;
  /** Senders at work. */
  running: number;
  /** Payloads that are waited for. */
  preparing: number;
  /** Resolves once they are there. */
  tail: Promise<void>;
  readonly idle: Set<() => void>;
}

/** GitHub's sending side: what happens in the world reaches the Apps that hear it. */
export interface Webhooks {
  readonly world: World;
  readonly options: WebhookOptions;
  readonly contract: WebhookContract;
  /** By attempt id. */
  readonly attempts: Map<number, Attempt>;
  readonly faults: WaitingFault[];
  readonly kept: Map<WaitingFault, Delivery[]>;
  readonly waiting: Delivery[];
  readonly timers: Set<NodeJS.Timeout>;
  readonly state: WebhookState;
}

/** Begins to send. `stop` drops what was not sent yet, and resolves once no payload is read from git any more. */
export function startWebhooks(
  world: World,
  options: WebhookOptions,
): { readonly webhooks: Webhooks; readonly stop: () => Promise<void> } {
  const state: WebhookState = {
    isStopped: false,
    running: 0,
    preparing: 0,
    tail: Promise.resolve(),
    idle: new Set(),
  };
  const webhooks: Webhooks = {
    world,
    options,
    contract: options.isChecked === false ? () => [] : createWebhookContract({ isStrict: true }),
    attempts: new Map(),
    faults: [],
    kept: new Map(),
    waiting: [],
    timers: new Set(),
    state,
  };
  const unsubscribe = subscribe(world, (event) => {
    const announcement = announce(world, event);
    if (announcement !== undefined) tell(webhooks, announcement);
  });
  const stop = async (): Promise<void> => {
    unsubscribe();
    state.isStopped = true;
    webhooks.waiting.length = 0;
    for (const timer of webhooks.timers) clearTimeout(timer);
    webhooks.timers.clear();
    await state.tail;
  };
  return { webhooks, stop };
}

export function injectWebhookFault(webhooks: Webhooks, fault: WebhookFault): void {
  webhooks.faults.push(waitForWebhook(fault));
}

/** Resolves once nothing is under way or delayed; webhooks that a reorder keeps back do not count. */
export async function whenDelivered(webhooks: Webhooks): Promise<void> {
  if (isIdle(webhooks)) return;
  await new Promise<void>((resolve) => webhooks.state.idle.add(resolve));
}

/** GitHub's first word to a new webhook. */
export function sendPing(webhooks: Webhooks, ref: Ref): void {
  const app = read(webhooks.world, "apps", ref);
  const heard = { app, event: "ping", action: undefined, installation: undefined, repositoryId: undefined };
  prepare(webhooks, [heard], describePing(webhooks.world, app));
}

/** Tries a webhook of an App again: same GUID, new attempt. False when there is no such attempt (any more). */
export function redeliver(webhooks: Webhooks, app: Ref, attemptId: number): boolean {
  const attempt = listAttempts(webhooks, app).find(({ id }) => id === attemptId);
  if (attempt === undefined) return false;
  const { guid, event, action, installationId, repositoryId } = attempt;
  const body = unpackBody(attempt);
  const current = read(webhooks.world, "apps", app);
  send(webhooks, { app: current, guid, event, action, installationId, repositoryId, body, isRedelivery: true });
  return true;
}

/** An App's attempts as far back as GitHub keeps them. */
export function listAttempts(webhooks: Webhooks, app: Ref): Attempt[] {
  const days = webhooks.options.enterpriseVersion === undefined ? 3 : 7;
  const oldest = printTime(webhooks.world.clock() - days * DAY);
  for (const attempt of webhooks.attempts.values()) {
    if (attempt.deliveredAt < oldest) webhooks.attempts.delete(attempt.id);
  }
  return [...webhooks.attempts.values()].filter(({ appId }) => appId === app.id);
}

interface Heard {
  readonly app: App;
  readonly event: string;
  readonly action: string | undefined;
  readonly installation: Installation | undefined;
  readonly repositoryId: number | undefined;
}

/** Who hears it is decided when it happens. */
function tell(webhooks: Webhooks, announcement: Announcement): void {
  const { world } = webhooks;
  const { event, action, to, payload } = announcement;
  const repositoryId = to.kind === "repository" ? to.id : undefined;
  const hearers = findAudience(world, announcement).map((installation) => {
    return { app: read(world, "apps", { id: installation.appId }), event, action, installation, repositoryId };
  });
  if (hearers.length > 0) prepare(webhooks, hearers, payload);
  else if (payload instanceof Promise) payload.catch(() => undefined); // read for nobody
}

/** Payloads that need git are waited for in turn, so that webhooks leave in the order of what happened. */
function prepare(webhooks: Webhooks, hearers: readonly Heard[], payload: Json | Promise<Json>): void {
  const { state, options } = webhooks;
  state.preparing += 1;
  const ready = Promise.resolve(payload).catch((cause: unknown) => {
    options.report(`webhook ${hearers[0]?.event ?? ""}: its commits could not be read (${String(cause)})`);
    return undefined;
  });
  state.tail = state.tail.then(async () => {
    const parts = await ready;
    state.preparing -= 1;
    if (parts !== undefined) for (const heard of hearers) enqueue(webhooks, heard, parts);
    settle(webhooks);
  });
}

function enqueue(webhooks: Webhooks, heard: Heard, parts: Json): void {
  const { app, event, action, installation, repositoryId } = heard;
  const own = installation === undefined || "installation" in parts ? {} : { installation: brief(installation.id) };
  const payload = { ...parts, ...own };
  for (const violation of webhooks.contract(event, payload)) webhooks.options.report(`webhook ${violation}`);
  if (webhooks.state.isStopped) return;
  const body = Buffer.from(JSON.stringify(payload));
  const installationId = installation?.id;
  const delivery = { app, guid: randomUUID(), event, action, installationId, repositoryId, body, isRedelivery: false };
  const fault = takeWebhookFault(webhooks.faults, event, action);
  if (fault === undefined) send(webhooks, delivery);
  else meetFault(webhooks, fault, delivery);
}

function brief(id: number): Json {
  return { id, node_id: nodeId("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", id) };
}

function meetFault(webhooks: Webhooks, met: WaitingFault, delivery: Delivery): void {
  const { failing } = met.fault;
  switch (failing.kind) {
    case "drop":
      return;
    case "fail":
      keepAttempt(webhooks, delivery, {
        headers: {},
        result: { status: "failed to connect to host", statusCode: 0, seconds: 0, headers: null, text: null },
      });
      return;
    case "duplicate":
      send(webhooks, delivery);
      send(webhooks, delivery);
      return;
    case "delay":
      later(webhooks, failing.milliseconds, delivery);
      return;
    case "throttle":
      later(webhooks, failing.milliseconds, { ...delivery, throttledAt: printTime(webhooks.world.clock()) });
      return;
    case "reorder": {
      const kept = [delivery, ...(webhooks.kept.get(met) ?? [])];
      webhooks.kept.set(met, kept);
      if (met.left > 0) return;
      webhooks.kept.delete(met);
      for (const one of kept) send(webhooks, one);
    }
  }
}

function later(webhooks: Webhooks, milliseconds: number, delivery: Delivery): void {
  const timer = setTimeout(() => {
    webhooks.timers.delete(timer);
    send(webhooks, delivery);
  }, milliseconds);
  webhooks.timers.add(timer);
}

function send(webhooks: Webhooks, delivery: Delivery): void {
  webhooks.waiting.push(delivery);
  if (webhooks.state.running >= (webhooks.options.concurrency ?? 32)) return;
  webhooks.state.running += 1;
  void drain(webhooks);
}

async function drain(webhooks: Webhooks): Promise<void> {
  for (let next = webhooks.waiting.shift(); next !== undefined; next = webhooks.waiting.shift()) {
    await attempt(webhooks, next);
  }
  webhooks.state.running -= 1;
  settle(webhooks);
}

async function attempt(webhooks: Webhooks, delivery: Delivery): Promise<void> {
  const { world, options } = webhooks;
  const { webhookUrl } = read(world, "apps", delivery.app);
  if (webhookUrl === undefined) return;
  const { enterpriseVersion: version } = options;
  const enterprise = version === undefined ? undefined : { version, addresses: world.addresses };
  const app = read(world, "apps", delivery.app);
  const headers = signWebhook({ app, event: delivery.event, guid: delivery.guid, enterprise }, delivery.body);
  const timeout = options.timeout ?? (version === undefined ? 10_000 : 30_000);
  const result = await sendWebhook(webhookUrl, headers, delivery.body, timeout);
  keepAttempt(webhooks, delivery, { headers, result });
}

function keepAttempt(webhooks: Webhooks, delivery: Delivery, sent: Pick<Attempt, "headers" | "result">): void {
  const { world } = webhooks;
  const { app, body, throttledAt, ...rest } = delivery;
  const id = (world.notes.sequence.last += 1);
  const url = read(world, "apps", app).webhookUrl ?? "";
  const endedAt = world.clock();
  const when = { deliveredAt: printTime(endedAt), endedAt };
  webhooks.attempts.set(id, { id, appId: app.id, url, ...when, packed: packBody(body), throttledAt, ...rest, ...sent });
}

function isIdle({ waiting, timers, state }: Webhooks): boolean {
  return waiting.length === 0 && timers.size === 0 && state.running === 0 && state.preparing === 0;
}

function settle(webhooks: Webhooks): void {
  if (!isIdle(webhooks)) return;
  for (const resolve of webhooks.state.idle) resolve();
  webhooks.state.idle.clear();
}
