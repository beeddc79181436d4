import { randomBytes } from "node:crypto";
import { z } from "zod";
import { EVENT_PERMISSIONS } from "../webhooks/index.ts";
import type { Account, App } from "../world/entities.ts";
import { createApp, findAccount, select, type World } from "../world/index.ts";

/** GitHub's own limit. */
const LONGEST_NAME = 34;
/** Milliseconds: GitHub's "within one hour". */
const CODE_LIFE = 3_600_000;
/** GitHub gives it to every App. */
const ALWAYS = "metadata";

const address = z.url({ protocol: /^https?$/u });

/** What GitHub takes as a manifest (docs.github.com, "Registering a GitHub App from a manifest"). */
const manifestSchema = z.strictObject({
  name: z.string().min(1).optional(),
  url: address,
  hook_attributes: z.strictObject({ url: address, active: z.boolean().optional() }).optional(),
  redirect_url: address.optional(),
  callback_urls: z.array(address).max(10).optional(),
  setup_url: address.optional(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  default_events: z.array(z.string()).optional(),
  default_permissions: z.record(z.string(), z.enum(["read", "write", "admin"])).optional(),
  request_oauth_on_install: z.boolean().optional(),
  setup_on_update: z.boolean().optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

/** A manifest, or what GitHub says of it instead. */
export type ManifestReading = { readonly kind: "read"; readonly manifest: Manifest } | Refused;

interface Refused {
  readonly kind: "refused";
  readonly why: string;
}

/** Reads what a form posted as `manifest`. Events need a permission that lets an App have them. */
export function readManifest(text: string): ManifestReading {
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) return { kind: "refused", why: z.prettifyError(parsed.error) };
  const manifest = parsed.data;
  const granted = { [ALWAYS]: "read", ...manifest.default_permissions };
  const unsupported = (manifest.default_events ?? []).filter(
    (event) => EVENT_PERMISSIONS[event]?.some((permission) => Object.hasOwn(granted, permission)) !== true,
  );
  if (unsupported.length === 0) return { kind: "read", manifest };
  return { kind: "refused", why: `Default events unsupported: ${unsupported.join(", ")}` };
}

/**
 * Registers the App of a manifest under the name that somebody chose, and gives where GitHub sends the browser then:
 * the manifest's own page, with a code that is good once and for an hour.
 */
export async function registerApp(
  world: World,
  owner: Account,
  { manifest, name, state }: { readonly manifest: Manifest; readonly name: string; readonly state: string | null },
): Promise<{ readonly kind: "registered"; readonly app: App; readonly location: string } | Refused> {
  if (manifest.redirect_url === undefined) return { kind: "refused", why: "The manifest has no redirect_url." };
  if (name.length === 0 || name.length > LONGEST_NAME) return { kind: "refused", why: "Name is too long or empty." };
  const isTaken =
    select(world, "apps", (app) => app.name === name).length > 0 || findAccount(world, name) !== undefined;
  if (isTaken) return { kind: "refused", why: "Name has already been taken." };
  const app = await createApp(world, owner, name, {
    webhookUrl: manifest.hook_attributes?.url,
    callbackUrls: manifest.callback_urls ?? [],
    permissions: manifest.default_permissions ?? {},
    events: manifest.default_events ?? [],
    isPublic: manifest.public ?? false,
  });
  const code = randomBytes(20).toString("hex");
  world.notes.manifestCodes.set(code, { appId: app.id, expiresAt: world.clock() + CODE_LIFE });
  const location = new URL(manifest.redirect_url);
  location.searchParams.set("code", code);
  if (state !== null) location.searchParams.set("state", state);
  return { kind: "registered", app, location: location.href };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
