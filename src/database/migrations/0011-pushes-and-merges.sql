-- Pushes to branches that may hold environments, as they came: the newest row of a branch is where it was seen last.
create table drydock.pushes (
  id bigint generated always as identity primary key,
  repository_id bigint not null,
  branch text not null,
  before_sha text not null,
  after_sha text not null,
  -- Null where nobody was told, such as by the sweep.
  actor jsonb,
  seen_at timestamptz not null default now(),
  -- When it was found out how it came in.
  weighed_at timestamptz,
  is_reported boolean not null default false
);
create unique index pushes_once on drydock.pushes (repository_id, branch, after_sha, before_sha);
create index pushes_newest on drydock.pushes (repository_id, branch, id);
create index pushes_by_commit on drydock.pushes (repository_id, after_sha);
-- Branches that hold environments under rules, as they were read last; null where that has to be read.
alter table drydock.repositories add column guarded text[];
-- Why its verdict was being asked for when it was closed: what stood then was out of date.
alter table drydock.pull_requests add column closed_reasons text[] not null default '{}';
-- The commit that its merge made, once it was found out whether it was let in.
alter table drydock.pull_requests add column weighed_merge text;
