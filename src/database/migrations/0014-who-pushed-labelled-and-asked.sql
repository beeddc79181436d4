-- Who pushed what to the branches of pull requests, by GitHub's word: names in git are anybody's to write.
create table drydock.pushers (
  repository_id bigint not null,
  -- The pull request where its own event says so, else 0 and the branch that was pushed to.
  number int not null default 0,
  branch text not null default '',
  -- Empty for a branch that was new, or where it is not told.
  before_sha text not null default '',
  after_sha text not null,
  actor_id bigint not null,
  actor jsonb not null,
  seen_at timestamptz not null default now(),
  primary key (repository_id, after_sha, number, branch, before_sha, actor_id)
);
-- Who set the labels of pull requests last.
create table drydock.labelers (
  repository_id bigint not null,
  number int not null,
  -- In small letters: GitHub has no two labels that differ in case alone.
  label text not null,
  -- Null where it was taken off last, or nobody knows who was last.
  actor jsonb,
  changed_at timestamptz not null,
  primary key (repository_id, number, label)
);
-- Pull requests that Drydock opened, and who asked for them.
create table drydock.openings (
  repository_id bigint not null,
  number int not null,
  kind text,
  requested_by jsonb,
  primary key (repository_id, number)
);
