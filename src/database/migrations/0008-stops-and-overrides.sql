-- What keeps pull requests from being merged until it is lifted or over, as people and the server said it.
create table drydock.stops (
  id bigint generated always as identity primary key,
  kind text not null,
  said_by text not null,
  -- Null where it is about all of an installation; both null: about everything that this server judges.
  installation_id bigint,
  repository_id bigint,
  -- The pull request of a hold.
  number int,
  -- Null for all environments.
  environment text,
  actor jsonb,
  reason text not null,
  since timestamptz not null,
  until timestamptz,
  -- The comment or review that said it, which says a thing once, however often it is read.
  source text,
  -- The pull request that it was said on.
  said_on int,
  lifted_at timestamptz,
  reminded_at timestamptz,
  -- That it was over is in the audit trail.
  is_end_noted boolean not null default false
);
create index stops_standing on drydock.stops (repository_id) where lifted_at is null;
create unique index stops_by_source on drydock.stops (repository_id, source, kind, coalesce(environment, ''))
  where source is not null;

create table drydock.overrides (
  repository_id bigint not null,
  number int not null,
  source text not null,
  rule text not null,
  actor jsonb not null,
  reason text not null,
  given_at timestamptz not null,
  -- What it was given for: it counts for nothing else.
  head_sha text not null,
  base_ref text not null,
  content jsonb,
  report_digest text,
  primary key (repository_id, number, source, rule)
);
-- Digest of what the report said changes, which overrides are bound to.
alter table drydock.judgements add column report_digest text;
