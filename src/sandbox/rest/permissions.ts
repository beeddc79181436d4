import type { OperationId } from "../contract/operation-ids.ts";
import type { Permission } from "../http/call.ts";

const METADATA: readonly Permission[] = [["metadata", "read"]];
const PULLS_READ: readonly Permission[] = [["pull_requests", "read"]];
const PULLS_WRITE: readonly Permission[] = [["pull_requests", "write"]];
const CONTENTS_READ: readonly Permission[] = [["contents", "read"]];
const CHECKS_READ: readonly Permission[] = [["checks", "read"]];
const CHECKS_WRITE: readonly Permission[] = [["checks", "write"]];
const EITHER_READ: readonly Permission[] = [...PULLS_READ, ["issues", "read"]];
const EITHER_WRITE: readonly Permission[] = [...PULLS_WRITE, ["issues", "write"]];

/**
 * What an operation on a repository asks for, any one of it: "Permissions required for GitHub Apps" in GitHub's
 * documentation. Comments and labels look at what they stand on as well.
 */
export const REPOSITORY_PERMISSIONS: Partial<Record<OperationId, readonly Permission[]>> = {
  "repos/get": METADATA,
  "repos/get-collaborator-permission-level": METADATA,
  "repos/get-branch-rules": METADATA,
  "repos/get-repo-rulesets": METADATA,
  "repos/get-repo-ruleset": METADATA,
  "repos/get-branch": CONTENTS_READ,
  "repos/list-branches": CONTENTS_READ,
  "repos/get-commit": CONTENTS_READ,
  "repos/get-content": CONTENTS_READ,
  "git/get-ref": CONTENTS_READ,
  "repos/get-branch-protection": [["administration", "read"]],
  "pulls/list": PULLS_READ,
  "pulls/get": PULLS_READ,
  "pulls/list-files": PULLS_READ,
  "pulls/list-commits": PULLS_READ,
  "pulls/merge": [["contents", "write"]],
  "pulls/create-review": PULLS_WRITE,
  "pulls/list-reviews": PULLS_READ,
  "pulls/get-review": PULLS_READ,
  "pulls/list-comments-for-review": PULLS_READ,
  "pulls/list-review-comments": PULLS_READ,
  "pulls/list-review-comments-for-repo": PULLS_READ,
  "pulls/create-review-comment": PULLS_WRITE,
  "pulls/get-review-comment": PULLS_READ,
  "pulls/update-review-comment": PULLS_WRITE,
  "pulls/delete-review-comment": PULLS_WRITE,
  "pulls/create-reply-for-review-comment": PULLS_WRITE,
  "issues/get": EITHER_READ,
  "issues/get-comment": EITHER_READ,
  "issues/list-comments": EITHER_READ,
  "issues/list-comments-for-repo": EITHER_READ,
  "issues/create-comment": EITHER_WRITE,
  "issues/update-comment": EITHER_WRITE,
  "issues/delete-comment": EITHER_WRITE,
  "issues/create-label": EITHER_WRITE,
  "issues/get-label": EITHER_READ,
  "issues/list-labels-for-repo": EITHER_READ,
  "issues/add-labels": EITHER_WRITE,
  "issues/remove-label": EITHER_WRITE,
  "issues/list-labels-on-issue": EITHER_READ,
  "reactions/create-for-issue-comment": EITHER_WRITE,
  "reactions/create-for-pull-request-review-comment": PULLS_WRITE,
  "reactions/list-for-issue-comment": EITHER_READ,
  "checks/create": CHECKS_WRITE,
  "checks/update": CHECKS_WRITE,
  "checks/get": CHECKS_READ,
  "checks/list-for-ref": CHECKS_READ,
  "checks/list-for-suite": CHECKS_READ,
  "checks/list-annotations": CHECKS_READ,
  "checks/rerequest-run": CHECKS_WRITE,
  "checks/list-suites-for-ref": CHECKS_READ,
  "checks/get-suite": CHECKS_READ,
  "checks/rerequest-suite": CHECKS_WRITE,
  "repos/create-commit-status": [["statuses", "write"]],
  "repos/list-commit-statuses-for-ref": [["statuses", "read"]],
  "repos/get-combined-status-for-ref": [["statuses", "read"]],
  "repos/create-deployment": [["deployments", "write"]],
  "repos/list-deployments": [["deployments", "read"]],
  "repos/create-deployment-status": [["deployments", "write"]],
  "repos/list-deployment-statuses": [["deployments", "read"]],
};
