-- What stands in environments that others are promoted from, as it was last seen: `state` names the commit and what was
-- asked of it.
create table drydock.standings (
  repository_id bigint not null,
  branch text not null,
  environment text not null,
  state text not null,
  -- When something there came, went or changed.
  changed_at timestamptz not null,
  primary key (repository_id, branch, environment)
);
-- One row for each thing that stands there. It goes when the thing does: what comes back starts anew.
create table drydock.standing (
  repository_id bigint not null,
  branch text not null,
  environment text not null,
  -- Digest of app, what and value, which may be longer than an index takes.
  digest text not null,
  app text not null,
  what text not null,
  value text not null,
  since timestamptz not null,
  primary key (repository_id, branch, environment, digest)
);
