import { listRefs, readCommit, readFileAt, readRef } from "../git/index.ts";
import { invalid, notFound, type Answer } from "../http/answer.ts";
import { repositoryOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { isProtected, nodeId, repositoryPage, repositoryUrl, shapeCommit } from "../shapes/index.ts";
import type { Repository } from "../world/entities.ts";
import { findProtection } from "../world/index.ts";
import { shapeBriefProtection } from "./protection.ts";

export const commitHandlers: Handlers = {
  "repos/get-branch": async (call) => {
    const repository = repositoryOf(call);
    const name = call.parameters["branch"] ?? "";
    const sha = repository.branches.get(name);
    if (sha === undefined) throw notFound();
    const url = `${repositoryUrl(call.world, repository)}/branches/${encodeURIComponent(name)}`;
    return {
      status: 200,
      body: {
        name,
        commit: shapeCommit(call.world, repository, await readCommit(repository, sha)),
        _links: { self: url, html: `${repositoryPage(call.world, repository)}/tree/${name}` },
        protected: isProtected(call.world, repository, name),
        protection: shapeBriefProtection(findProtection(call.world, repository, name)),
        protection_url: `${url}/protection`,
      },
    };
  },
  "repos/list-branches": (call) => {
    const repository = repositoryOf(call);
    return listAnswer(call, [...repository.branches], ([name, sha]) => ({
      name,
      commit: { sha, url: `${repositoryUrl(call.world, repository)}/commits/${sha}` },
      protected: isProtected(call.world, repository, name),
    }));
  },
  "repos/get-commit": async (call) => {
    const repository = repositoryOf(call);
    const ref = call.parameters["ref"] ?? "";
    const sha = await resolveCommit(repository, ref);
    if (sha === undefined) throw invalid("Commit", "sha", "invalid", `No commit found for SHA: ${ref}`);
    return { status: 200, body: shapeCommit(call.world, repository, await readCommit(repository, sha)) };
  },
  "repos/get-content": getContent,
  "git/get-ref": async (call) => {
    const repository = repositoryOf(call);
    const ref = `refs/${call.parameters["ref"] ?? ""}`;
    const sha = (await listRefs(repository, ref)).get(ref);
    if (sha === undefined) throw notFound();
    const url = repositoryUrl(call.world, repository);
    const object = { type: "commit", sha, url: `${url}/git/commits/${sha}` };
    return {
      status: 200,
      body: { ref, node_id: nodeId("REF", repository.id), url: `${url}/git/${ref}`, object },
    };
  },
};

/** A commit by id, branch or whole ref; undefined when there is none. */
export async function resolveCommit(repository: Repository, ref: string): Promise<string | undefined> {
  const branch = repository.branches.get(ref.replace(/^heads\//u, ""));
  if (branch !== undefined) return branch;
  return await readRef(repository, /^[0-9a-f]{7,40}$/u.test(ref) ? ref : `refs/${ref}`);
}

async function getContent(call: Call): Promise<Answer> {
  const repository = repositoryOf(call);
  const path = call.parameters["path"] ?? "";
  const sha = await resolveCommit(repository, call.query.get("ref") ?? repository.defaultBranch);
  const content = sha === undefined ? undefined : await readFileAt(repository, sha, path);
  if (content === undefined) throw notFound();
  const url = `${repositoryUrl(call.world, repository)}/contents/${path}`;
  const html = `${repositoryPage(call.world, repository)}/blob/${sha ?? ""}/${path}`;
  return {
    status: 200,
    body: {
      type: "file",
      encoding: "base64",
      size: content.length,
      name: path.split("/").at(-1),
      path,
      content: content.toString("base64"),
      sha,
      url,
      git_url: url,
      html_url: html,
      download_url: html,
      _links: { git: url, self: url, html },
    },
  };
}
