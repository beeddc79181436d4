-- What pull requests really changed when they were merged, by the commit that they were merged as.
create table drydock.merges (
  repository_id bigint not null,
  number int not null,
  merge_sha text not null,
  head_sha text not null,
  environments jsonb not null,
  primary key (repository_id, number)
);

-- Pull requests that somebody wants merged once everything holds. What became of a wish is in the audit trail.
create table drydock.merge_wishes (
  repository_id bigint not null,
  number int not null,
  -- The comment or review that says it.
  source text not null,
  actor jsonb not null,
  given_at timestamptz not null,
  -- What it was given for: another head, another base branch, or a base on which it changes something else ends it.
  head_sha text not null,
  base_ref text not null,
  report_digest text not null,
  primary key (repository_id, number)
);
-- A comment that was read again says nothing a second time.
create table drydock.merge_sayings (
  repository_id bigint not null,
  source text not null,
  primary key (repository_id, source)
);
