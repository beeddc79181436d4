-- Words for and against changes as they came: reviews by their webhooks, approvals by command. What a review was given on
-- is kept once, when it was submitted.
create table drydock.approvals (
  repository_id bigint not null,
  number int not null,
  source text not null,
  source_id bigint not null,
  -- Empty for all that its author may approve.
  environment text not null default '',
  actor jsonb not null,
  state text not null,
  -- Null where only a later event of a review came.
  head_sha text,
  base_ref text,
  base_sha text,
  given_at timestamptz not null,
  -- What it is bound to, once that was asked for; it outlives the judgement that it was read from.
  content jsonb,
  build text,
  primary key (repository_id, number, source, source_id, environment)
);
-- What the pull request changed, environment by environment, as digests; and what made them.
alter table drydock.judgements add column content jsonb;
alter table drydock.judgements add column build text;
-- An equal judgement renews the last one: since when that has stood.
alter table drydock.judgements add column first_judged_at timestamptz not null default now();
update drydock.judgements set first_judged_at = judged_at;
