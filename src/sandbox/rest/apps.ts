import { forbidden, invalid, notFound, Refusal, type Answer } from "../http/answer.ts";
import { appOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer, pageOf } from "../http/pages.ts";
import { shapeApp, shapeInstallation, shapeRepository } from "../shapes/index.ts";
import type { Installation, Permissions, Repository } from "../world/entities.ts";
import {
  findInstallation,
  findRepository,
  issueToken,
  printTime,
  read,
  repositoriesOf,
  select,
  type World,
} from "../world/index.ts";

/** What an App asks about itself, and the tokens it gets. */
export const appHandlers: Handlers = {
  "apps/get-authenticated": (call) => {
    const app = appOf(call);
    const installations = select(call.world, "installations", ({ appId }) => appId === app.id).length;
    return { status: 200, body: { ...shapeApp(call.world, app), installations_count: installations } };
  },
  "apps/list-installations": (call) => {
    const app = appOf(call);
    const installations = select(call.world, "installations", ({ appId }) => appId === app.id);
    return listAnswer(call, installations, (one) => shapeInstallation(call.world, one));
  },
  "apps/get-installation": (call) => ({ status: 200, body: shapeInstallation(call.world, installationOf(call)) }),
  "apps/get-repo-installation": (call) => {
    const app = appOf(call);
    const { owner = "", repo = "" } = call.parameters;
    const found = findRepository(call.world, owner, repo)?.repository;
    const installation = found === undefined ? undefined : findInstallation(call.world, app, found);
    if (installation === undefined) throw notFound();
    return { status: 200, body: shapeInstallation(call.world, installation) };
  },
  "apps/create-installation-access-token": createToken,
  "apps/revoke-installation-access-token": ({ world, caller }) => {
    if (caller.kind !== "installation") throw forbidden();
    world.notes.installationTokens.delete(caller.token.token);
    return { status: 204 };
  },
  "apps/list-repos-accessible-to-installation": (call) => {
    const { caller, world } = call;
    if (caller.kind !== "installation") throw forbidden("You must authenticate with an installation access token");
    const covered = repositoriesOf(world, caller.installation).filter(
      ({ id }) => caller.token.repositories?.includes(id) !== false,
    );
    const { items, headers } = pageOf(call, covered);
    const repositories = items.map((one) => shapeRepository(world, one));
    const selection = caller.installation.repositories === "all" ? "all" : "selected";
    return {
      status: 200,
      body: { total_count: covered.length, repositories, repository_selection: selection },
      headers,
    };
  },
  "apps/create-from-manifest": ({ world, parameters }) => {
    const code = parameters["code"] ?? "";
    const made = world.notes.manifestCodes.get(code);
    if (made === undefined || made.expiresAt <= world.clock()) throw notFound();
    world.notes.manifestCodes.delete(code);
    const app = read(world, "apps", { id: made.appId });
    const secrets = { client_secret: app.clientSecret, webhook_secret: app.webhookSecret, pem: app.privateKey };
    return { status: 201, body: { ...shapeApp(world, app), ...secrets } };
  },
};

function installationOf(call: Call): Installation {
  const app = appOf(call);
  const installation = call.world.installations.get(Number(call.parameters["installation_id"]));
  if (installation?.appId !== app.id) throw notFound();
  return installation;
}

function createToken(call: Call): Answer {
  const { world, body } = call;
  const installation = installationOf(call);
  if (installation.suspendedAt !== undefined) throw forbidden("This installation has been suspended");
  const permissions = body["permissions"] as Permissions | undefined;
  if (permissions !== undefined) checkPermissions(installation, permissions);
  const repositories = narrow(world, installation, body);
  const token = issueToken(world, installation, { repositories: repositories?.map(({ id }) => id), permissions });
  const isAll = repositories === undefined && installation.repositories === "all";
  return {
    status: 201,
    body: {
      token: token.token,
      expires_at: printTime(token.expiresAt),
      permissions: token.permissions,
      repository_selection: isAll ? "all" : "selected",
      ...(repositories === undefined ? {} : { repositories: repositories.map((one) => shapeRepository(world, one)) }),
    },
  };
}

/** A token cannot have more than its installation. */
function checkPermissions(installation: Installation, asked: Permissions): void {
  const rank = ["read", "write", "admin"];
  for (const [name, level] of Object.entries(asked)) {
    const granted = rank.indexOf(installation.permissions[name] ?? "");
    if (granted < rank.indexOf(level)) {
      throw new Refusal(422, "The permissions requested are not granted to this installation.");
    }
  }
}

/** Undefined for a token of everything. */
function narrow(world: World, installation: Installation, body: Call["body"]): Repository[] | undefined {
  const names = body["repositories"] as readonly string[] | undefined;
  const ids = body["repository_ids"] as readonly number[] | undefined;
  if (names === undefined && ids === undefined) return undefined;
  if ((names?.length ?? 0) + (ids?.length ?? 0) > 500) throw invalid("Installation", "repositories", "invalid");
  const covered = repositoriesOf(world, installation);
  const chosen = covered.filter((one) => (names?.includes(one.name) ?? false) || (ids?.includes(one.id) ?? false));
  if (chosen.length < new Set<string | number>(names ?? ids ?? []).size) {
    throw new Refusal(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return chosen;
}
