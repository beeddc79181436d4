-- Who approved which exception of a pull request for which resource: bound to what the exception says, not to a commit.
create table drydock.exception_approvals (
  repository_id bigint not null,
  number int not null,
  -- Digest of rule, resource and exception, which may be longer than an index takes.
  asked_digest text not null,
  rule text not null,
  resource text not null,
  exception text not null,
  -- The review or the comment that it was given by, and the commit that this was about.
  source text not null,
  source_id bigint not null,
  head_sha text not null,
  actor jsonb not null,
  approved_at timestamptz not null default now(),
  primary key (repository_id, number, asked_digest, source, source_id)
);
-- The exceptions that the last judgement needed, and the commit that it was about.
alter table drydock.pull_requests add column asked_exceptions jsonb;
alter table drydock.pull_requests add column asked_sha text;
