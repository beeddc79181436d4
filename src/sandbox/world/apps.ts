import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { App, Permissions, Ref } from "./entities.ts";
import { change, insert, now, type World } from "./store.ts";

/** What an App is made with. */
export interface AppOptions {
  readonly webhookUrl?: string | undefined;
  readonly permissions?: Permissions;
  readonly events?: readonly string[];
  readonly callbackUrls?: readonly string[];
  /** Unless told otherwise. */
  readonly isPublic?: boolean;
  /** PEM pair, to spare making one. */
  readonly keys?: { readonly privateKey: string; readonly publicKey: string };
}

/** Registers a GitHub App with new secrets and a key of its own. */
export async function createApp(world: World, owner: Ref, name: string, options: AppOptions = {}): Promise<App> {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/gu, "-");
  const createdAt = now(world);
  const bot = insert(world, "accounts", { type: "Bot", login: `${slug}[bot]`, createdAt, members: new Map() });
  const { privateKey, publicKey } = options.keys ?? (await makeKeys());
  return insert(world, "apps", {
    slug,
    name,
    ownerId: owner.id,
    botId: bot.id,
    clientId: `Iv23${randomBytes(8).toString("hex")}`,
    clientSecret: randomBytes(20).toString("hex"),
    privateKey,
    publicKey,
    webhookSecret: randomBytes(20).toString("hex"),
    webhookUrl: options.webhookUrl,
    callbackUrls: options.callbackUrls ?? [],
    isPublic: options.isPublic ?? true,
    permissions: { metadata: "read", ...options.permissions },
    events: options.events ?? [],
    createdAt,
  });
}

async function makeKeys(): Promise<{ privateKey: string; publicKey: string }> {
  return await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
}

/** Points an App's webhook somewhere else. */
export function setWebhookUrl(world: World, app: Ref, webhookUrl: string | undefined): App {
  return change(world, "apps", app, { webhookUrl });
}

/** Gives an App's webhook another secret than the server has. */
export function setWebhookSecret(world: World, app: Ref, webhookSecret: string): App {
  return change(world, "apps", app, { webhookSecret });
}
