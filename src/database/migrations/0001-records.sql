-- Ids are GitHub's own. There are no foreign keys: events come in any order, and tidy removes what belongs to nobody.

create table drydock.installations (
  id bigint primary key,
  account text not null,
  is_suspended boolean not null default false,
  is_gone boolean not null default false,
  permissions jsonb not null default '{}',
  events jsonb not null default '[]',
  created_at timestamptz
);

create table drydock.repositories (
  id bigint primary key,
  installation_id bigint not null,
  owner text not null,
  name text not null,
  default_branch text not null default '',
  is_private boolean not null default true,
  is_archived boolean not null default false,
  access_lost text,
  noted_at timestamptz not null default now()
);
create index repositories_by_installation on drydock.repositories (installation_id);
create index repositories_by_name on drydock.repositories (lower(owner), lower(name));

create table drydock.pull_requests (
  repository_id bigint not null,
  number int not null,
  -- Rises with each wish to judge; a judgement that began under a lower one is outdated.
  generation bigint not null default 0,
  reasons text[] not null default '{}',
  lane text not null default 'people',
  is_open boolean not null default true,
  -- Nobody has pushed, opened or spoken since the App was installed.
  is_quiet boolean not null default true,
  -- A maintainer let it be checked.
  is_released boolean not null default false,
  head_sha text,
  base_ref text,
  base_sha text,
  created_at timestamptz,
  -- When the oldest wish came up that no judgement has answered.
  waiting_since timestamptz,
  judgement_id bigint,
  updated_at timestamptz not null default now(),
  primary key (repository_id, number)
);
create index pull_requests_by_head on drydock.pull_requests (repository_id, head_sha) where is_open;
create index pull_requests_by_base on drydock.pull_requests (repository_id, base_ref) where is_open;
create index pull_requests_waiting on drydock.pull_requests (waiting_since) where waiting_since is not null;

create table drydock.merge_groups (
  repository_id bigint not null,
  head_sha text not null,
  head_ref text not null,
  base_sha text not null,
  base_ref text not null,
  generation bigint not null default 0,
  is_open boolean not null default true,
  waiting_since timestamptz,
  judgement_id bigint,
  updated_at timestamptz not null default now(),
  primary key (repository_id, head_sha)
);

create table drydock.deliveries (
  id text primary key,
  event text not null,
  action text,
  installation_id bigint,
  received_at timestamptz not null default now(),
  intents jsonb not null,
  problem text
);
create index deliveries_by_age on drydock.deliveries (received_at);

create table drydock.commands (
  repository_id bigint not null,
  comment_id bigint not null,
  number int not null,
  actor jsonb not null,
  text text not null,
  head_sha text,
  is_done boolean not null default false,
  received_at timestamptz not null default now(),
  primary key (repository_id, comment_id)
);

create table drydock.judgements (
  id bigint generated always as identity primary key,
  repository_id bigint not null,
  -- Null for a merge group.
  number int,
  head_sha text not null,
  base_sha text not null,
  base_ref text not null,
  state text not null,
  title text not null,
  hash text not null,
  verdict jsonb not null,
  -- The report, gzipped, until its retention is over.
  body bytea,
  json bytea,
  judged_at timestamptz not null default now()
);
create index judgements_by_pull_request on drydock.judgements (repository_id, number, id);
create index judgements_by_age on drydock.judgements (judged_at);

create table drydock.outgoing (
  id bigint generated always as identity primary key,
  repository_id bigint not null,
  installation_id bigint not null,
  kind text not null,
  -- Which one of its kind: commit and check name, pull request and index, …
  slot text not null,
  number int,
  head_sha text,
  wanted jsonb not null,
  wanted_hash text not null,
  wanted_at timestamptz not null default now(),
  published jsonb,
  published_hash text,
  is_pending boolean not null default true,
  is_uncertain boolean not null default false,
  -- It stands but for a rest that did not fit into one request.
  is_partial boolean not null default false,
  refused text,
  -- Times that GitHub failed on it, and when it is tried again.
  failures int not null default 0,
  not_before timestamptz,
  rank smallint not null,
  lane smallint not null,
  unique (repository_id, kind, slot)
);
create index outgoing_pending on drydock.outgoing (installation_id, rank, lane, wanted_at, id) where is_pending;
create index outgoing_postponed on drydock.outgoing (not_before) where is_pending and not_before is not null;
create index outgoing_by_number on drydock.outgoing (repository_id, number);
create index outgoing_by_head on drydock.outgoing (repository_id, head_sha) where head_sha is not null;

create table drydock.write_budgets (
  installation_id bigint primary key,
  tokens double precision not null,
  refilled_at timestamptz not null,
  blocked_until timestamptz,
  -- Milliseconds since the epoch of the content creations of the last hour, oldest first.
  contents bigint[] not null default '{}'
);

create table drydock.sessions (
  digest text primary key,
  actor jsonb not null,
  expires_at timestamptz not null
);
create index sessions_by_age on drydock.sessions (expires_at);

create table drydock.marks (
  name text primary key,
  value text not null
);

create table drydock.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  what text not null,
  installation_id bigint,
  repository_id bigint,
  number int,
  detail jsonb not null default '{}'
);
create index audit_by_pull_request on drydock.audit (repository_id, number, id);
create index audit_by_age on drydock.audit (at);
