export { listRefs, readRef, writeRef, type BareRepository, type Person } from "./bare-repository.ts";
export { commitFiles, type FileChanges, type NewCommit } from "./commit-files.ts";
export { mergeCommits, rebaseCommits, squashCommits, type CommitWords, type Merged } from "./merge-commits.ts";
export {
  diffCommits,
  findMergeBase,
  isAncestor,
  listCommits,
  listFiles,
  readCommit,
  readFileAt,
  type ChangedFile,
  type CommitFacts,
} from "./read-commits.ts";
export {
  createRepository,
  forkRepository,
  removeRepository,
  repositoryOf,
  type RepositoryStore,
} from "./repository-store.ts";
